//! The order of instance classes.
//!
//! A class is its size and its family: `db.m7g.large`. A size is twice the one before it
//! (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/apply_ri.html>, normalisation factors), and families have memory in
//! proportion to it: `c` half as much as `m` and `t`, `r` twice, `x` four times as much
//! (<https://aws.amazon.com/ec2/instance-types/>). One class is above another where it has no less of either. Of the same size and
//! memory `t`, which may not use its processors all the time, is below the others, and then an older generation below a newer.

use std::cmp::Ordering;

/// A class, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Class {
    /// `db`, `cache`, or nothing.
    service: String,
    /// In quarters of a `small`.
    size: u32,
    /// In quarters of what an `m.small` would have.
    memory: u32,
    /// Whether its processors can be used all the time.
    steady: bool,
    generation: u32,
}

/// The order of two classes.
///
/// # Errors
/// Why they have none.
pub(super) fn compare(a: &str, b: &str) -> Result<Ordering, String> {
    let (Some(one), Some(other)) = (parse(a), parse(b)) else {
        return Err("they are no numbers, versions or instance classes".to_owned());
    };
    if one.service != other.service {
        return Err("they are instance classes of different services".to_owned());
    }
    match (one.size.cmp(&other.size), one.memory.cmp(&other.memory)) {
        (Ordering::Equal, Ordering::Equal) => Ok(one
            .steady
            .cmp(&other.steady)
            .then(one.generation.cmp(&other.generation))),
        (size, memory) if size == memory || memory == Ordering::Equal => Ok(size),
        (Ordering::Equal, memory) => Ok(memory),
        _ => Err("one has more processors, the other more memory".to_owned()),
    }
}

fn parse(text: &str) -> Option<Class> {
    let parts: Vec<&str> = text.split('.').collect();
    let (service, family, size) = match parts.as_slice() {
        [family, size] => ("", family, size),
        [service @ ("db" | "cache" | "ml" | "kafka" | "mq"), family, size] => (*service, family, size),
        [family, size, service @ ("search" | "elasticsearch")] => (*service, family, size),
        _ => return None,
    };
    let letters: String = family.chars().take_while(char::is_ascii_lowercase).collect();
    let generation: u32 = family
        .chars()
        .skip(letters.len())
        .take_while(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .ok()?;
    let size = size_of(size)?;
    let memory = match letters.as_str() {
        "c" => size / 2,
        "r" | "ra" | "dc" | "z" => size.checked_mul(2)?,
        "x" => size.checked_mul(4)?,
        _ => size,
    };
    Some(Class {
        service: service.to_owned(),
        size,
        memory,
        steady: letters != "t",
        generation,
    })
}

/// In quarters of a `small`.
fn size_of(name: &str) -> Option<u32> {
    Some(match name {
        "nano" => 1,
        "micro" => 2,
        "small" => 4,
        "medium" => 8,
        "large" => 16,
        // Redshift's own: between large and 4xlarge.
        "xlarge" | "xlplus" => 32,
        other => {
            let times: u32 = other.strip_suffix("xlarge")?.parse().ok()?;
            times.checked_mul(32)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ordered_by_what_they_have() {
        for (a, b) in [
            ("t3.micro", "t3.small"),
            ("t3.nano", "t3.micro"),
            ("db.t4g.medium", "db.m7g.large"),
            ("cache.t4g.small", "cache.m7g.large"),
            ("t3.large", "m5.large"),
            ("m6g.large", "m7g.large"),
            ("m7g.large", "r7g.large"),
            ("c7g.large", "m7g.large"),
            ("m5.xlarge", "m5.2xlarge"),
            ("m5.2xlarge", "m5.16xlarge"),
            ("ra3.large", "ra3.xlplus"),
            ("ra3.xlplus", "ra3.4xlarge"),
            ("m5.large", "r5.2xlarge"),
        ] {
            assert_eq!(compare(a, b), Ok(Ordering::Less), "{a} {b}");
            assert_eq!(compare(b, a), Ok(Ordering::Greater), "{b} {a}");
            assert_eq!(compare(a, a), Ok(Ordering::Equal));
        }
    }

    #[test]
    fn some_have_no_order() {
        for (a, b) in [
            ("c7g.xlarge", "r7g.large"),
            ("db.t4g.small", "cache.t4g.small"),
            ("t3.small", "spot"),
            ("a", "b"),
        ] {
            assert!(compare(a, b).is_err(), "{a} {b}");
        }
    }
}
