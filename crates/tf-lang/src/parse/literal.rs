//! Literal text of strings and templates.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// An escape that does not exist, with its byte range in the literal.
#[derive(Debug)]
pub(super) struct EscapeError {
    pub(super) detail: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Checks the backslash sequences of a quoted string's literal.
///
/// # Errors
/// The first that Terraform does not know.
pub(super) fn check_escapes(literal: &str) -> Result<(), EscapeError> {
    let mut at = 0;
    while let Some(found) = literal.get(at..).and_then(|rest| rest.find('\\')) {
        let start = at + found;
        match escape(literal.get(start..).unwrap_or_default()) {
            Ok((_, length)) => at = start + length,
            Err((detail, length)) => {
                return Err(EscapeError {
                    detail,
                    start,
                    end: start + length,
                });
            }
        }
    }
    Ok(())
}

/// What the backslash sequence that `text` begins with stands for, and its length; or what is wrong with it.
fn escape(text: &str) -> Result<(char, usize), (String, usize)> {
    let Some(selector) = text.get(1..).and_then(|rest| rest.chars().next()) else {
        return Err((
            "Backslash must be followed by an escape sequence selector character.".to_owned(),
            1,
        ));
    };
    let (wanted, word) = match selector {
        'n' => return Ok(('\n', 2)),
        'r' => return Ok(('\r', 2)),
        't' => return Ok(('\t', 2)),
        '"' | '\\' => return Ok((selector, 2)),
        'u' => (4, "four"),
        'U' => (8, "eight"),
        _ => {
            let quoted = crate::text::quote_go(selector.encode_utf8(&mut [0; 4]));
            let detail = format!("The symbol {quoted} is not a valid escape sequence selector.");
            return Err((detail, 1 + selector.len_utf8()));
        }
    };
    let digits = text.get(2..).unwrap_or_default();
    let given = digits
        .bytes()
        .take(wanted)
        .take_while(u8::is_ascii_hexdigit)
        .count();
    if given < wanted {
        let detail =
            format!("The \\{selector} escape sequence must be followed by {word} hexadecimal digits.");
        return Err((detail, 2 + given));
    }
    let code = u32::from_str_radix(digits.get(..wanted).unwrap_or_default(), 16).unwrap_or(u32::MAX);
    let unknown = || {
        (
            format!("Cannot encode character U+{code:04x} in UTF-8."),
            2 + wanted,
        )
    };
    char::from_u32(code)
        .map(|character| (character, 2 + wanted))
        .ok_or_else(unknown)
}

/// What a literal stands for: `$${` and `%%{` are unescaped, and in quoted strings backslash sequences too.
pub(super) fn unescape(literal: &str, quoted: bool) -> Cow<'_, str> {
    let special = |byte: u8| byte == b'$' || byte == b'%' || quoted && byte == b'\\';
    if !literal.bytes().any(special) {
        return Cow::Borrowed(literal);
    }
    let mut text = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some(at) = rest.bytes().position(special) {
        text.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let length = match rest.as_bytes() {
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => {
                text.push_str(rest.get(1..3).unwrap_or_default());
                3
            }
            [b'\\', ..] => match escape(rest) {
                Ok((character, length)) => {
                    text.push(character);
                    length
                }
                // Refused before; what stands there is as good as anything.
                Err((_, length)) => length,
            },
            _ => {
                text.push_str(rest.get(..1).unwrap_or_default());
                1
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Takes the common indentation from the literals of a `<<-` heredoc, as HCL's `flushHeredocTemplateParts` does.
///
/// The parts are those of the template in order, `None` for a sequence, a literal for each line at least.
/// A line that begins with a sequence has no indentation; a line that is blank does not count and stays.
pub(super) fn dedent(parts: &mut [Option<String>]) {
    let mut smallest = usize::MAX;
    let mut indented = Vec::new();
    let mut line_start = true;
    for (index, part) in parts.iter().enumerate() {
        let Some(literal) = part else {
            if line_start {
                smallest = 0;
            }
            line_start = false;
            continue;
        };
        if line_start {
            let space = literal.len() - literal.trim_start().len();
            let blank = space == literal.len() && literal.ends_with('\n');
            if !blank {
                smallest = smallest.min(literal.get(..space).unwrap_or_default().graphemes(true).count());
                indented.push(index);
            }
        }
        line_start = literal.ends_with('\n');
    }
    for index in indented {
        if let Some(Some(literal)) = parts.get_mut(index) {
            let length = literal
                .graphemes(true)
                .take(smallest)
                .map(str::len)
                .sum::<usize>();
            literal.drain(..length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (literal, quoted, text) in [
            (r#"a\n\r\t\"\\b"#, true, "a\n\r\t\"\\b"),
            (r"\u00e9\U0001F600", true, "é😀"),
            (r"a\nb", false, r"a\nb"),
            ("$${a} %%{b} $$ %% $$$${", true, "${a} %{b} $$ %% $$${"),
            (r"\\$${x}", true, r"\${x}"),
        ] {
            assert_eq!(unescape(literal, quoted), text, "{literal}");
            assert!(!quoted || check_escapes(literal).is_ok(), "{literal}");
        }
    }

    #[test]
    fn wrong_escapes_are_pointed_at() {
        for (literal, start, end, detail) in [
            (
                r"ab\q",
                2,
                4,
                "The symbol \"q\" is not a valid escape sequence selector.",
            ),
            (
                r"\/",
                0,
                2,
                "The symbol \"/\" is not a valid escape sequence selector.",
            ),
            (
                r"é\é",
                2,
                5,
                "The symbol \"é\" is not a valid escape sequence selector.",
            ),
            (
                r"\u12x",
                0,
                4,
                "The \\u escape sequence must be followed by four hexadecimal digits.",
            ),
            (
                r"\U0001F60",
                0,
                9,
                "The \\U escape sequence must be followed by eight hexadecimal digits.",
            ),
            (r"\ud800", 0, 6, "Cannot encode character U+d800 in UTF-8."),
            (
                r"\\\",
                2,
                3,
                "Backslash must be followed by an escape sequence selector character.",
            ),
        ] {
            let error = check_escapes(literal).expect_err(literal);
            assert_eq!(
                (error.start, error.end, error.detail.as_str()),
                (start, end, detail)
            );
        }
    }

    #[test]
    fn indentation() {
        type Parts = &'static [Option<&'static str>];
        let cases: [(Parts, Parts); 5] = [
            (&[Some("  a\n"), Some("    b\n")], &[Some("a\n"), Some("  b\n")]),
            (
                &[Some("  a\n"), Some(" \n"), Some("\n"), Some("  b\n")],
                &[Some("a\n"), Some(" \n"), Some("\n"), Some("b\n")],
            ),
            (
                &[Some("  "), None, Some(" x\n"), Some("   b\n")],
                &[Some(""), None, Some(" x\n"), Some(" b\n")],
            ),
            (
                &[None, Some("\n"), Some("  b\n")],
                &[None, Some("\n"), Some("  b\n")],
            ),
            (&[Some("\t\ta\n"), Some(" b\n")], &[Some("\ta\n"), Some("b\n")]),
        ];
        for (parts, expected) in cases {
            let owned = |parts: &[Option<&str>]| {
                parts
                    .iter()
                    .map(|part| part.map(str::to_owned))
                    .collect::<Vec<_>>()
            };
            let mut parts = owned(parts);
            dedent(&mut parts);
            assert_eq!(parts, owned(expected));
        }
    }
}
