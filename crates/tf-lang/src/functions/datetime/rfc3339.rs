//! Timestamps of RFC 3339, and what Terraform says of texts that are none.
//!
//! There are two readers. `timecmp` uses Go's `time.Parse`, which takes more than RFC 3339 allows: an hour of
//! one digit, a comma before the fraction, an offset of 24 hours or 60 minutes. cty refuses those. Both word
//! what `time.Parse` complains about, each in its way. Sources: `parse` in <https://go.dev/src/time/format.go>,
//! `datetime.go` and `datetime_rfc3339.go` in `cty/function/stdlib`, `internal/lang/funcs/datetime.go`.

use super::timestamp::Timestamp;
use crate::text::quote_go;

/// What `time.Parse` says of a text: which part of the layout was expected where, unless there is a message.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Complaint<'a> {
    expected: &'static str,
    found: &'a [u8],
    message: Option<&'static str>,
}

/// Reads a timestamp as cty does.
///
/// # Errors
/// cty's sentence.
pub(super) fn parse_strict(text: &str) -> Result<Timestamp, String> {
    let complaint = match parse(text.as_bytes()) {
        Err(complaint) => complaint,
        Ok(timestamp) => match beyond_rfc3339(text.as_bytes()) {
            None => return Ok(timestamp),
            Some(complaint) => complaint,
        },
    };
    let what = match complaint.expected {
        _ if complaint.found.is_empty() => "",
        "15" if complaint.found.contains(&b':') => "hour must be between 0 and 23 inclusive",
        "15" if complaint.found.len() != 2 => "hour must have exactly two digits",
        "04" if complaint.found.len() != 2 => "minute must have exactly two digits",
        _ => "",
    };
    Err(match what {
        "" => sentence(&complaint),
        what => format!("not a valid RFC3339 timestamp: {what}"),
    })
}

/// Reads a timestamp as `timecmp` does.
///
/// # Errors
/// Terraform's sentence.
pub(super) fn parse_lenient(text: &str) -> Result<Timestamp, String> {
    parse(text.as_bytes()).map_err(|complaint| sentence(&complaint))
}

fn sentence(complaint: &Complaint<'_>) -> String {
    let found = complaint.found;
    let text = match (complaint.expected, complaint.message) {
        ("", Some(message)) if found.is_empty() => format!(": {message}"),
        ("T", _) => ": missing required time introducer 'T'".to_owned(),
        (expected @ (":" | "-"), _) if found.is_empty() => {
            format!(": end of string where \"{expected}\" is expected")
        }
        (expected @ (":" | "-"), _) => {
            format!(": found {} where \"{expected}\" is expected", quote_bytes(found))
        }
        (expected, _) => {
            let what = match expected {
                "2006" => "year",
                "01" => "month",
                "02" => "day of month",
                "15" => "hour",
                "04" => "minute",
                "05" => "second",
                "Z07:00" => "UTC offset",
                _ => "timestamp segment",
            };
            match found.is_empty() {
                true => format!(": end of string before {what}"),
                false => format!(": cannot use {} as {what}", quote_bytes(found)),
            }
        }
    };
    format!("not a valid RFC3339 timestamp{text}")
}

/// Go's quotes around what may be half a character.
fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let quoted = quote_go(chunk.valid());
        out.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
        chunk
            .invalid()
            .iter()
            .for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out.push('"');
    out
}

/// What RFC 3339 does not allow of what `time.Parse` takes.
fn beyond_rfc3339(text: &[u8]) -> Option<Complaint<'_>> {
    let complain = |expected, found| {
        Some(Complaint {
            expected,
            found,
            message: None,
        })
    };
    if text.get(12) == Some(&b':') {
        return complain("15", text.get(11..12)?);
    }
    if text.get(19) == Some(&b',') {
        return complain(".", text.get(19..20)?);
    }
    if text.ends_with(b"Z") {
        return None;
    }
    let offset = text.get(text.len().checked_sub(6)?..)?;
    let (hours, _) = number(offset.get(1..)?, true)?;
    let (minutes, _) = number(offset.get(4..)?, true)?;
    if hours >= 24 || minutes >= 60 {
        complain("Z07:00", offset)
    } else {
        None
    }
}

/// Reads along a timestamp as `time.Parse` does.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn literal(&mut self, expected: &'static str) -> Result<(), Complaint<'a>> {
        match self.rest.strip_prefix(expected.as_bytes()) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(Complaint {
                expected,
                found: self.rest,
                message: None,
            }),
        }
    }

    fn number(&mut self, expected: &'static str, two_digits: bool) -> Result<u32, Complaint<'a>> {
        match number(self.rest, two_digits) {
            Some((value, rest)) => {
                self.rest = rest;
                Ok(value)
            }
            None => Err(Complaint {
                expected,
                found: self.rest,
                message: None,
            }),
        }
    }

    /// Complains about a value that was read but is out of range: of that, Go shows what comes after it.
    fn in_range(&self, expected: &'static str, fits: bool) -> Result<(), Complaint<'a>> {
        match fits {
            true => Ok(()),
            false => Err(Complaint {
                expected,
                found: self.rest,
                message: Some("out of range"),
            }),
        }
    }

    fn year(&mut self) -> Result<i64, Complaint<'a>> {
        let digits = self
            .rest
            .get(..4)
            .filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let Some(digits) = digits else {
            return Err(Complaint {
                expected: "2006",
                found: self.rest,
                message: None,
            });
        };
        self.rest = self.rest.get(4..).unwrap_or_default();
        Ok(digits
            .iter()
            .fold(0, |year, digit| year * 10 + i64::from(digit - b'0')))
    }

    /// A fraction of a second, if there is one; digits after the ninth do not count.
    fn fraction(&mut self) -> u32 {
        let Some(rest) = self
            .rest
            .strip_prefix(b".")
            .or_else(|| self.rest.strip_prefix(b","))
        else {
            return 0;
        };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return 0;
        }
        let (digits, rest) = rest.split_at_checked(digits).unwrap_or_default();
        self.rest = rest;
        let digits = digits
            .iter()
            .map(|digit| u32::from(digit - b'0'))
            .chain(std::iter::repeat(0));
        digits.take(9).fold(0, |value, digit| value * 10 + digit)
    }

    fn offset(&mut self) -> Result<i32, Complaint<'a>> {
        if let Some(rest) = self.rest.strip_prefix(b"Z") {
            self.rest = rest;
            return Ok(0);
        }
        let complaint = Complaint {
            expected: "Z07:00",
            found: self.rest,
            message: None,
        };
        let Some((offset, rest)) = self
            .rest
            .split_at_checked(6)
            .filter(|(offset, _)| offset.get(3) == Some(&b':'))
        else {
            return Err(complaint);
        };
        self.rest = rest;
        let part = |from: usize| number(offset.get(from..).unwrap_or_default(), true).map(|(value, _)| value);
        let (hours, minutes) = (part(1), part(4));
        // As in Go, 24 hours and 60 minutes are allowed, and the range is looked at even if the rest is wrong.
        let minutes_in_range = hours.is_none() || minutes.is_none_or(|minutes| minutes <= 60);
        self.in_range(
            "Z07:00",
            hours.is_none_or(|hours| hours <= 24) && minutes_in_range,
        )?;
        let seconds = hours
            .zip(minutes)
            .and_then(|(hours, minutes)| i32::try_from((hours * 60 + minutes) * 60).ok());
        match (offset.first(), seconds) {
            (Some(b'+'), Some(seconds)) => Ok(seconds),
            (Some(b'-'), Some(seconds)) => Ok(-seconds),
            _ => Err(complaint),
        }
    }
}

/// A number of two digits, or of one if that is allowed, and what follows it.
fn number(text: &[u8], two_digits: bool) -> Option<(u32, &[u8])> {
    let digit = |at: usize| {
        text.get(at)
            .filter(|byte| byte.is_ascii_digit())
            .map(|byte| u32::from(byte - b'0'))
    };
    match (digit(0)?, digit(1)) {
        (tens, Some(ones)) => Some((tens * 10 + ones, text.get(2..)?)),
        (ones, None) if !two_digits => Some((ones, text.get(1..)?)),
        _ => None,
    }
}

/// `time.Parse` with the layout `2006-01-02T15:04:05Z07:00`.
fn parse(text: &[u8]) -> Result<Timestamp, Complaint<'_>> {
    let mut reader = Reader { rest: text };
    let year = reader.year()?;
    reader.literal("-")?;
    let month = reader.number("01", true)?;
    reader.in_range("01", (1..=12).contains(&month))?;
    reader.literal("-")?;
    let day = reader.number("02", true)?;
    reader.literal("T")?;
    let hour = reader.number("15", false)?;
    reader.in_range("15", hour < 24)?;
    reader.literal(":")?;
    let minute = reader.number("04", true)?;
    reader.in_range("04", minute < 60)?;
    reader.literal(":")?;
    let second = reader.number("05", true)?;
    reader.in_range("05", second < 60)?;
    let nanosecond = reader.fraction();
    let offset = reader.offset()?;
    if !reader.rest.is_empty() {
        return Err(Complaint {
            expected: "",
            found: reader.rest,
            message: Some("extra text"),
        });
    }
    if !(1..=days_in(month, year)).contains(&day) {
        return Err(Complaint {
            expected: "",
            found: b"",
            message: Some("day out of range"),
        });
    }
    Ok(Timestamp {
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanosecond,
        offset,
    })
}

pub(super) fn days_in(month: u32, year: i64) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_terraforms() {
        for (text, wanted) in [
            ("", "end of string before year"),
            ("2018", "end of string where \"-\" is expected"),
            ("2018-", "end of string before month"),
            ("2018-1-02", "cannot use \"1-02\" as month"),
            ("2018-13-02T00:00:00Z", "cannot use \"-02T00:00:00Z\" as month"),
            ("2018-02-30T00:00:00Z", "day out of range"),
            ("2018-02-03 00:00:00Z", "missing required time introducer 'T'"),
            ("2018-02-03T24:00:00Z", "hour must be between 0 and 23 inclusive"),
            ("2018-02-03T1:00:00Z", "hour must have exactly two digits"),
            ("2018-02-03T10:60:00Z", "minute must have exactly two digits"),
            ("2018-02-03T10:10:1", "cannot use \"1\" as second"),
            ("2018-02-03T10:10:60Z", "cannot use \"Z\" as second"),
            ("2018-02-03T10:10:10", "end of string before UTC offset"),
            ("2018-02-03T10:10:10.", "cannot use \".\" as UTC offset"),
            ("2018-02-03T10:10:10,5Z", "cannot use \",\" as timestamp segment"),
            ("2018-02-03T10:10:10+24:00", "cannot use \"+24:00\" as UTC offset"),
            ("2018-02-03T10:10:10+25:00", "end of string before UTC offset"),
            ("2018-02-03T10:10:10+ab:99", "cannot use \"+ab:99\" as UTC offset"),
            ("2018-02-03T10:10:10+25:0é", "cannot use \"\\xa9\" as UTC offset"),
            ("2018-02-03T10:10:10Zé", "cannot use \"é\" as timestamp segment"),
            (
                "12018-02-03T10:10:10Z",
                "found \"8-02-03T10:10:10Z\" where \"-\" is expected",
            ),
        ] {
            let wanted = format!("not a valid RFC3339 timestamp: {wanted}");
            assert_eq!(parse_strict(text).unwrap_err(), wanted, "{text}");
        }
        for (text, wanted) in [
            ("2018-02-03T24:10:10Z", "cannot use \":10:10Z\" as hour"),
            ("2018-02-03T10:1:10Z", "cannot use \"1:10Z\" as minute"),
        ] {
            let wanted = format!("not a valid RFC3339 timestamp: {wanted}");
            assert_eq!(parse_lenient(text).unwrap_err(), wanted, "{text}");
        }
        for (a, b) in [
            ("2018-02-03T1:00:00Z", "2018-02-03T01:00:00Z"),
            ("2018-02-03T10:10:10,5Z", "2018-02-03T12:10:10.50+02:00"),
            ("2018-02-03T10:10:10+24:00", "2018-02-02T10:10:10Z"),
            (
                "2018-02-03T10:10:10.1234567891Z",
                "2018-02-03T10:10:10.123456789Z",
            ),
        ] {
            assert_eq!(
                parse_lenient(a).unwrap().instant(),
                parse_lenient(b).unwrap().instant()
            );
        }
    }
}
