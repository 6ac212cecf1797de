//! Text forms that Go's standard library defines and Terraform shows.

use std::fmt::Write as _;

/// Go's `strconv.Quote`: a double-quoted literal in which everything that does not print is escaped.
pub fn quote_go(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            other if is_print(other) => out.push(other),
            other => push_escape(&mut out, other),
        }
    }
    out.push('"');
    out
}

fn push_escape(out: &mut String, character: char) {
    let code = character as u32;
    // Writing to a string cannot fail.
    let _ = match code {
        0..=0x1f | 0x7f => write!(out, "\\x{code:02x}"),
        0x80..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Go's `unicode.IsPrint`, approximated: controls, format characters, private use, line and paragraph
/// separators and every space but U+0020 do not print.
pub fn is_print(character: char) -> bool {
    let code = character as u32;
    match code {
        0x20..=0x7e => true,
        0..=0xa0 | 0xad => false,
        _ => {
            !character.is_whitespace()
                && !matches!(code,
                    0x0600..=0x0605 | 0x061c | 0x06dd | 0x070f | 0x08e2 | 0x180e | 0x200b..=0x200f
                    | 0x2028..=0x202e | 0x2060..=0x206f | 0xd800..=0xf8ff | 0xfeff | 0xfff0..=0xfffb
                    | 0xfffe..=0xffff | 0x110bd | 0x110cd | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
                    | 0xe0000..=0xe00ff | 0xf0000..=0x10ffff)
        }
    }
}

/// The closest of `candidates` to a misspelt `name`, if one is close enough to suggest (HCL's rule: a
/// Levenshtein distance below 3).
pub fn suggestion<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .find(|candidate| distance(name, candidate) < 3)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(
            quote_go("a\"b\\\n\u{1}é\u{200b}😀"),
            "\"a\\\"b\\\\\\n\\x01é\\u200b😀\""
        );
    }

    #[test]
    fn suggests_only_what_is_close() {
        assert_eq!(suggestion("uper", ["lower", "upper"]), Some("upper"));
        assert_eq!(suggestion("frobnicate", ["lower", "upper"]), None);
    }
}
