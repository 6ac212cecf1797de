//! Timestamps in the forms that go-cty-yaml knows, which are those of Go's `time.Parse` with some layouts.

/// The time in RFC 3339, without parts of seconds; `None` if the text is no timestamp.
pub(super) fn parse(text: &str) -> Option<String> {
    let mut rest = text;
    let year = fixed_year(&mut rest)?;
    literal(&mut rest, "-")?;
    let month = one_or_two(&mut rest)?;
    literal(&mut rest, "-")?;
    let day = one_or_two(&mut rest)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(month, year) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let spaced = rest.starts_with(' ');
    if spaced {
        rest = rest.trim_start_matches(' ');
    } else {
        literal(&mut rest, "T").or_else(|| literal(&mut rest, "t"))?;
    }
    let hour = one_or_two(&mut rest)?;
    literal(&mut rest, ":")?;
    let minute = one_or_two(&mut rest)?;
    literal(&mut rest, ":")?;
    let second = one_or_two(&mut rest)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    skip_fraction(&mut rest);
    let zone = if spaced { "Z".to_owned() } else { zone(&mut rest)? };
    rest.is_empty()
        .then(|| format!("{date}T{hour:02}:{minute:02}:{second:02}{zone}"))
}

fn literal(rest: &mut &str, wanted: &str) -> Option<()> {
    *rest = rest.strip_prefix(wanted)?;
    Some(())
}

fn fixed_year(rest: &mut &str) -> Option<u32> {
    let (year, after) = rest.split_at_checked(4)?;
    if !year.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    *rest = after;
    year.parse().ok()
}

fn one_or_two(rest: &mut &str) -> Option<u32> {
    let length = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, after) = rest.split_at_checked(length)?;
    *rest = after;
    digits.parse().ok()
}

fn skip_fraction(rest: &mut &str) {
    if let Some(after) = rest.strip_prefix(['.', ','])
        && after.starts_with(|digit: char| digit.is_ascii_digit())
    {
        *rest = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
}

/// `Z` or `+hh:mm`.
fn zone(rest: &mut &str) -> Option<String> {
    if literal(rest, "Z").is_some() {
        return Some("Z".to_owned());
    }
    let negative = rest.starts_with('-');
    *rest = rest.strip_prefix(['+', '-'])?;
    let two = |rest: &mut &str| -> Option<u32> {
        let (digits, after) = rest.split_at_checked(2)?;
        *rest = after;
        digits
            .bytes()
            .all(|digit| digit.is_ascii_digit())
            .then(|| digits.parse().ok())
            .flatten()
    };
    let hours = two(rest)?;
    literal(rest, ":")?;
    let minutes = two(rest)?;
    if hours > 24 || minutes > 60 {
        return None;
    }
    let total = hours * 60 + minutes;
    let sign = if negative { '-' } else { '+' };
    Some(match total {
        0 => "Z".to_owned(),
        total => format!("{sign}{:02}:{:02}", total / 60, total % 60),
    })
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        for (text, want) in [
            ("2001-12-14", Some("2001-12-14T00:00:00Z")),
            ("2001-1-2", Some("2001-01-02T00:00:00Z")),
            ("2001-12-14t21:59:43.10-05:00", Some("2001-12-14T21:59:43-05:00")),
            ("2001-12-14T1:2:3Z", Some("2001-12-14T01:02:03Z")),
            ("2001-12-14T21:59:43+00:00", Some("2001-12-14T21:59:43Z")),
            ("2001-12-14   21:59:43.1", Some("2001-12-14T21:59:43Z")),
            ("2001-12-14 21:59:43Z", None),
            ("2001-12-14T21:59:43", None),
            ("2001-02-29", None),
            ("2000-02-29", Some("2000-02-29T00:00:00Z")),
            ("2001-13-01", None),
            ("20011-1-1", None),
            ("2001-12-14T24:00:00Z", None),
        ] {
            assert_eq!(parse(text).as_deref(), want, "{text}");
        }
    }
}
