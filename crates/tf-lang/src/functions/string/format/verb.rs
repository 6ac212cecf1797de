//! The verbs of a format string.

use crate::text::quote_go;

/// A verb, such as `%-5.2[1]f`. Numbers overflow as they do in Terraform.
#[derive(Debug)]
pub(super) struct Verb<'a> {
    /// As written.
    pub(super) raw: &'a str,
    /// Where it stands, in bytes.
    pub(super) offset: usize,
    /// Which argument it shows, from one.
    pub(super) argument: i64,
    /// Its letter.
    pub(super) mode: char,
    /// `0`
    pub(super) zero: bool,
    /// `#`
    pub(super) sharp: bool,
    /// `+`
    pub(super) plus: bool,
    /// `-`
    pub(super) minus: bool,
    /// A space.
    pub(super) space: bool,
    /// The width.
    pub(super) width: Option<i64>,
    /// The precision; a point without digits is a precision of zero.
    pub(super) precision: Option<i64>,
    /// The digits of the width.
    pub(super) width_digits: &'a str,
    /// The digits of the precision.
    pub(super) precision_digits: &'a str,
}

/// Reads along a verb.
struct Scanner<'a> {
    template: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.template.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        let found = self.peek().filter(|&byte| wanted(byte))?;
        self.at += 1;
        Some(found)
    }

    fn digits(&mut self) -> &'a str {
        let start = self.at;
        while self.take(|byte| byte.is_ascii_digit()).is_some() {}
        self.template.get(start..self.at).unwrap_or_default()
    }

    /// What is wrong with the character that comes next.
    fn error(&self) -> String {
        match self.template.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(char) => format!(
                "unrecognized format character {} at offset {}",
                quote_char(char),
                self.at
            ),
            None => format!("invalid format string starting at offset {}", self.at),
        }
    }
}

impl<'a> Verb<'a> {
    /// Reads the verb whose `%` stands at an offset.
    ///
    /// # Errors
    /// Terraform's sentence, if the verb is not well-formed.
    pub(super) fn scan(template: &'a str, offset: usize, next_argument: i64) -> Result<Verb<'a>, String> {
        let mut scanner = Scanner {
            template,
            at: offset + 1,
        };
        let mut verb = Verb {
            raw: "",
            offset,
            argument: next_argument,
            mode: ' ',
            zero: false,
            sharp: false,
            plus: false,
            minus: false,
            space: false,
            width: None,
            precision: None,
            width_digits: "",
            precision_digits: "",
        };
        while let Some(flag) = scanner.take(|byte| b"0#-+ ".contains(&byte)) {
            match flag {
                b'0' => verb.zero = true,
                b'#' => verb.sharp = true,
                b'-' => verb.minus = true,
                b'+' => verb.plus = true,
                _ => verb.space = true,
            }
        }
        // Zeros at the front were taken for flags.
        verb.width_digits = scanner.digits();
        verb.width = (!verb.width_digits.is_empty()).then(|| number(verb.width_digits));
        if scanner.take(|byte| byte == b'.').is_some() {
            verb.precision_digits = scanner.digits();
            verb.precision = Some(number(verb.precision_digits));
        }
        if scanner.take(|byte| byte == b'[').is_some() {
            if !scanner.peek().is_some_and(|byte| matches!(byte, b'1'..=b'9')) {
                return Err(scanner.error());
            }
            verb.argument = number(scanner.digits());
            scanner.take(|byte| byte == b']').ok_or_else(|| scanner.error())?;
        }
        let mode = scanner
            .take(|byte| byte.is_ascii_alphabetic())
            .ok_or_else(|| scanner.error())?;
        verb.mode = char::from(mode);
        verb.raw = template.get(offset..scanner.at).unwrap_or_default();
        Ok(verb)
    }
}

fn number(digits: &str) -> i64 {
    digits.bytes().fold(0_i64, |number, digit| {
        number
            .wrapping_mul(10)
            .wrapping_add(i64::from(digit.wrapping_sub(b'0')))
    })
}

/// Go's `strconv.QuoteRune`.
pub(super) fn quote_char(char: char) -> String {
    match char {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        _ => {
            let quoted = quote_go(char.encode_utf8(&mut [0; 4]));
            format!("'{}'", quoted.trim_matches('"'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_have_flags_width_precision_argument_and_letter() {
        let verb = Verb::scan("ab%-05.2[3]fxy", 2, 1).unwrap();
        assert_eq!(
            (verb.raw, verb.offset, verb.argument, verb.mode),
            ("%-05.2[3]f", 2, 3, 'f')
        );
        assert_eq!((verb.width, verb.precision), (Some(5), Some(2)));
        assert!(verb.minus && verb.zero && !verb.plus && !verb.space && !verb.sharp);
        let verb = Verb::scan("%.d", 0, 7).unwrap();
        assert_eq!((verb.argument, verb.width, verb.precision), (7, None, Some(0)));
        let verb = Verb::scan("%[99999999999999999999]d", 0, 1).unwrap();
        assert_eq!(verb.argument, 7_766_279_631_452_241_919);
    }

    #[test]
    fn errors_say_where() {
        for (template, wanted) in [
            ("%", "invalid format string starting at offset 1"),
            ("%5", "invalid format string starting at offset 2"),
            ("%[", "invalid format string starting at offset 2"),
            ("%[1", "invalid format string starting at offset 3"),
            ("%[1]", "invalid format string starting at offset 4"),
            ("%é", "unrecognized format character 'é' at offset 1"),
            ("%5%", "unrecognized format character '%' at offset 2"),
            ("%[0]d", "unrecognized format character '0' at offset 2"),
            ("%'", "unrecognized format character '\\'' at offset 1"),
            ("%\"", "unrecognized format character '\"' at offset 1"),
            ("%\n", "unrecognized format character '\\n' at offset 1"),
        ] {
            assert_eq!(Verb::scan(template, 0, 1).unwrap_err(), wanted);
        }
    }
}
