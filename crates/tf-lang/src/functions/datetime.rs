//! Functions over dates and times. Sources: `cty/function/stdlib/datetime.go` of cty v1.16.0 for `formatdate`
//! and `timeadd`, `internal/lang/funcs/datetime.go` of Terraform 1.11 for the others. They read timestamps by
//! different rules: see [`rfc3339`].

mod duration;
mod rfc3339;
mod timestamp;

use std::fmt::Write as _;

use self::timestamp::Timestamp;
use super::{CallError, CallResult, Function, Host, Param, Ty, text};
use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Reason, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "formatdate",
        &[Param::new("format", Ty::String), Param::new("time", Ty::String)],
        Ty::String,
        formatdate,
    ),
    Function::new("plantimestamp", &[], Ty::String, plantimestamp),
    Function::new(
        "timeadd",
        &[
            Param::new("timestamp", Ty::String),
            Param::new("duration", Ty::String),
        ],
        Ty::String,
        timeadd,
    )
    .maybe_null(),
    Function::new(
        "timecmp",
        &[
            Param::new("timestamp_a", Ty::String),
            Param::new("timestamp_b", Ty::String),
        ],
        Ty::Number,
        timecmp,
    ),
    Function::new("timestamp", &[], Ty::String, timestamp),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

fn plantimestamp(_: &mut dyn Host, _: &[Value]) -> CallResult {
    Ok(Value::unknown(Type::String, Reason::Impure("plantimestamp".into())).not_null())
}

fn timestamp(_: &mut dyn Host, _: &[Value]) -> CallResult {
    Ok(Value::unknown(Type::String, Reason::Impure("timestamp".into())).not_null())
}

fn timeadd(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let timestamp = rfc3339::parse_strict(text(args, 0)).map_err(CallError::new)?;
    let duration = duration::parse(text(args, 1)).map_err(CallError::new)?;
    Ok(timestamp.plus(duration).to_string().into())
}

fn timecmp(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let instant = |index: usize| match rfc3339::parse_lenient(text(args, index)) {
        Ok(timestamp) => Ok(timestamp.instant()),
        Err(message) => Err(CallError::arg(index, message)),
    };
    Ok(match instant(0)?.cmp(&instant(1)?) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    }
    .into())
}

fn formatdate(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let timestamp = rfc3339::parse_strict(text(args, 1)).map_err(|message| CallError::arg(1, message))?;
    formatted(text(args, 0), &timestamp)
        .map(Value::from)
        .map_err(|message| CallError::arg(0, message))
}

fn formatted(format: &str, timestamp: &Timestamp) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted_length(rest),
            'a'..='z' | 'A'..='Z' => rest.chars().take_while(|&char| char == first).count(),
            _ => rest
                .find(|char: char| char == '\'' || char.is_ascii_alphabetic())
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        match first {
            '\'' => push_quoted(token, &mut out)?,
            'a'..='z' | 'A'..='Z' => push_verb(token, timestamp, &mut out)?,
            _ => out.push_str(token),
        }
        rest = after;
    }
    Ok(out)
}

/// The length of the quoted text that a text starts with. Two quotes are an empty one wherever they stand;
/// inside a longer one they are a quote.
fn quoted_length(text: &str) -> usize {
    let inside = text.get(1..).unwrap_or_default();
    if inside.starts_with('\'') {
        return 2;
    }
    let mut quotes = inside.match_indices('\'').map(|(at, _)| at).peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&(at + 1)).is_none() {
            return at + 2;
        }
    }
    text.len()
}

fn push_quoted(token: &str, out: &mut String) -> Result<(), String> {
    let inside = token
        .strip_prefix('\'')
        .and_then(|token| token.strip_suffix('\''));
    match inside {
        None => Err("unterminated literal '".to_owned()),
        Some("") => {
            out.push('\'');
            Ok(())
        }
        Some(inside) => {
            // A quote takes whatever follows it for its double, as in cty.
            let mut chars = inside.chars();
            while let Some(char) = chars.next() {
                out.push(char);
                if char == '\'' {
                    chars.next();
                }
            }
            Ok(())
        }
    }
}

fn push_verb(token: &str, timestamp: &Timestamp, out: &mut String) -> Result<(), String> {
    let length = token.len();
    let invalid = |why: &str| Err(format!("invalid date format verb {}{why}", quote_go(token)));
    let hour12 = match timestamp.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let letter = token.chars().next().unwrap_or_default();
    let (number, padded) = match (letter, length) {
        ('Y', 2) => ((timestamp.year.unsigned_abs() % 100) as u32, true),
        ('Y', 4) => {
            timestamp::push_year(timestamp.year, out);
            return Ok(());
        }
        ('Y', _) => return invalid(": year must either be \"YY\" or \"YYYY\""),
        ('M', 1 | 2) => (timestamp.month, length == 2),
        ('M', 3 | 4) => {
            out.push_str(name(&MONTHS, timestamp.month.saturating_sub(1), length == 3));
            return Ok(());
        }
        ('M', _) => return invalid(": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\""),
        ('D', 1 | 2) => (timestamp.day, length == 2),
        ('D', _) => return invalid(": day of month must either be \"D\" or \"DD\""),
        ('E', 3 | 4) => {
            out.push_str(name(&WEEKDAYS, timestamp.weekday(), length == 3));
            return Ok(());
        }
        ('E', _) => return invalid(": day of week must either be \"EEE\" or \"EEEE\""),
        ('h', 1 | 2) => (timestamp.hour, length == 2),
        ('h', _) => return invalid(": 24-hour must either be \"h\" or \"hh\""),
        ('H', 1 | 2) => (hour12, length == 2),
        ('H', _) => return invalid(": 12-hour must either be \"H\" or \"HH\""),
        ('A', 2) => {
            out.push_str(if timestamp.hour < 12 { "AM" } else { "PM" });
            return Ok(());
        }
        ('a', 2) => {
            out.push_str(if timestamp.hour < 12 { "am" } else { "pm" });
            return Ok(());
        }
        ('A' | 'a', _) => return invalid(&format!(": must be \"{letter}{letter}\"")),
        ('m', 1 | 2) => (timestamp.minute, length == 2),
        ('m', _) => return invalid(": minute must either be \"m\" or \"mm\""),
        ('s', 1 | 2) => (timestamp.second, length == 2),
        ('s', _) => return invalid(": second must either be \"s\" or \"ss\""),
        ('Z', 1 | 3 | 4 | 5) => {
            push_offset(length, timestamp.offset, out);
            return Ok(());
        }
        ('Z', _) => return invalid(": timezone must be Z, ZZZZ, or ZZZZZ"),
        _ => return invalid(""),
    };
    // Writing to a string cannot fail.
    let _ = if padded {
        write!(out, "{number:02}")
    } else {
        write!(out, "{number}")
    };
    Ok(())
}

fn name(names: &[&'static str], index: u32, short: bool) -> &'static str {
    let name = names.get(index as usize).copied().unwrap_or_default();
    if short {
        name.get(..3).unwrap_or(name)
    } else {
        name
    }
}

fn push_offset(length: usize, offset: i32, out: &mut String) {
    match (length, offset) {
        (1, 0) => out.push('Z'),
        (3, 0) => out.push_str("UTC"),
        (1 | 5, _) => timestamp::push_offset(offset, ":", out),
        _ => timestamp::push_offset(offset, "", out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_format_as_in_terraform() {
        let all = "EEE EEEE D DD M MM MMM MMMM YY YYYY h hh H HH AA aa m mm s ss Z ZZZ ZZZZ ZZZZZ";
        for (format, timestamp, wanted) in [
            (
                all,
                "2018-01-02T03:02:01.123+05:30",
                "Tue Tuesday 2 02 1 01 Jan January 18 2018 3 03 3 03 AM am 2 02 1 01 +05:30 +0530 +0530 +05:30",
            ),
            (
                all,
                "0000-12-31T00:00:00Z",
                "Sun Sunday 31 31 12 12 Dec December 00 0000 0 00 12 12 AM am 0 00 0 00 Z UTC +0000 +00:00",
            ),
            ("Z ZZZ", "2018-01-02T23:12:01-00:00", "Z UTC"),
            ("AAaa H", "2018-01-02T12:12:01Z", "PMpm 12"),
            ("''", "2018-01-02T23:12:01Z", "'"),
            ("''''", "2018-01-02T23:12:01Z", "''"),
            ("'''a'", "2018-01-02T23:12:01Z", "'a"),
            ("'a''b'", "2018-01-02T23:12:01Z", "a'b"),
            ("'a''", "2018-01-02T23:12:01Z", "a'"),
            ("é YYYY'T'", "2018-01-02T23:12:01Z", "é 2018T"),
            ("'''", "2018-01-02T23:12:01Z", "unterminated literal '"),
            ("'", "2018-01-02T23:12:01Z", "unterminated literal '"),
            ("'abc", "2018-01-02T23:12:01Z", "unterminated literal '"),
            (
                "ZZ",
                "2018-01-02T23:12:01Z",
                "invalid date format verb \"ZZ\": timezone must be Z, ZZZZ, or ZZZZZ",
            ),
            (
                "aaa",
                "2018-01-02T23:12:01Z",
                "invalid date format verb \"aaa\": must be \"aa\"",
            ),
            ("Q", "2018-01-02T23:12:01Z", "invalid date format verb \"Q\""),
        ] {
            let timestamp = rfc3339::parse_strict(timestamp).unwrap();
            let shown = formatted(format, &timestamp).unwrap_or_else(|error| error);
            assert_eq!(shown, wanted, "{format}");
        }
    }
}
