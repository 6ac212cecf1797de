//! Go's durations. Source: `ParseDuration` in <https://go.dev/src/time/format.go>.

/// Reads a duration such as `-1h30m` as nanoseconds.
///
/// # Errors
/// Go's sentence, if the text is no duration or the duration is too long.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => split_digits(after),
            None => ("", after),
        };
        let unit_end = after
            .find(|char: char| char == '.' || char.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit_end).unwrap_or((after, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let whole = leading_integer(whole).ok_or_else(invalid)?;
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let Some(nanoseconds) = nanoseconds(unit) else {
            return Err(format!(
                "time: unknown unit {} in duration {}",
                quote(unit),
                quote(text)
            ));
        };
        let part = whole
            .checked_mul(nanoseconds)
            .and_then(|part| part.checked_add(fraction_of(fraction, nanoseconds)))
            .filter(|&part| part <= LIMIT)
            .ok_or_else(invalid)?;
        total = total
            .checked_add(part)
            .filter(|&total| total <= LIMIT)
            .ok_or_else(invalid)?;
        rest = after;
    }
    match negative {
        true => Ok(0_i64.wrapping_sub_unsigned(total)),
        false => i64::try_from(total).map_err(|_| invalid()),
    }
}

/// The magnitude of the longest duration, which is a negative one.
const LIMIT: u64 = 1 << 63;

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn leading_integer(digits: &str) -> Option<u64> {
    digits.bytes().try_fold(0_u64, |value, digit| {
        let value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit.wrapping_sub(b'0')))?;
        (value <= LIMIT).then_some(value)
    })
}

/// Digits after the point; those that do not fit any more are cut off.
fn fraction_of(digits: &str, nanoseconds: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0_f64);
    for digit in digits.bytes() {
        if value > (LIMIT - 1) / 10 {
            break;
        }
        let next = value * 10 + u64::from(digit.wrapping_sub(b'0'));
        if next > LIMIT {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (nanoseconds as f64 / scale)) as u64
}

fn nanoseconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        // The micro sign and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// The quotes of Go's `time`, which escape everything but ASCII, byte by byte.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            0x20..=0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_in_go() {
        for (text, wanted) in [
            ("1h30m", Ok(5_400_000_000_000)),
            ("-1.5h", Ok(-5_400_000_000_000)),
            ("+0", Ok(0)),
            ("-0", Ok(0)),
            ("1µs1μs1us1ns", Ok(3001)),
            (".5s", Ok(500_000_000)),
            ("1.s", Ok(1_000_000_000)),
            ("0.3333333333333333333333333h", Ok(1_200_000_000_000)),
            ("-9223372036854775808ns", Ok(i64::MIN)),
            ("9223372036854775807ns", Ok(i64::MAX)),
            (
                "9223372036854775808ns",
                Err("time: invalid duration \"9223372036854775808ns\""),
            ),
            (
                "99999999999999999999ns",
                Err("time: invalid duration \"99999999999999999999ns\""),
            ),
            ("2562048h", Err("time: invalid duration \"2562048h\"")),
            ("", Err("time: invalid duration \"\"")),
            ("-", Err("time: invalid duration \"-\"")),
            (".h", Err("time: invalid duration \".h\"")),
            ("h", Err("time: invalid duration \"h\"")),
            ("1", Err("time: missing unit in duration \"1\"")),
            ("1.5.5h", Err("time: missing unit in duration \"1.5.5h\"")),
            ("1d", Err("time: unknown unit \"d\" in duration \"1d\"")),
            ("1h 30m", Err("time: unknown unit \"h \" in duration \"1h 30m\"")),
            (
                "1é\"",
                Err("time: unknown unit \"\\xc3\\xa9\\\"\" in duration \"1\\xc3\\xa9\\\"\""),
            ),
        ] {
            assert_eq!(parse(text), wanted.map_err(str::to_owned), "{text}");
        }
    }
}
