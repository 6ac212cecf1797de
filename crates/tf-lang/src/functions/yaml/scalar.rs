//! How the scanner reads scalars: plain, quoted, and in blocks.

use super::YamlError;
use super::scan::Scanner;
use super::token::{Style, Token, is_blank_or_end, is_break};

type Result<T> = std::result::Result<T, YamlError>;

/// White space inside a scalar, which is only a part of it if something follows.
#[derive(Default)]
struct Gap {
    blanks: String,
    first_break: String,
    other_breaks: String,
    /// Whether there is a line end in it.
    broken: bool,
}

impl Gap {
    /// Takes blanks and line ends.
    fn read(&mut self, scanner: &mut Scanner) {
        if is_break(scanner.at(0)) {
            let breaks = if self.broken {
                &mut self.other_breaks
            } else {
                &mut self.first_break
            };
            scanner.read_break(breaks);
            self.blanks.clear();
            self.broken = true;
        } else if self.broken {
            scanner.skip();
        } else {
            scanner.read(&mut self.blanks);
        }
    }

    /// Appends it: a single line end is folded to a space.
    fn fold_into(&mut self, out: &mut String) {
        if !self.broken {
            out.push_str(&self.blanks);
        } else if !self.first_break.starts_with('\n') {
            out.push_str(&self.first_break);
            out.push_str(&self.other_breaks);
        } else if self.other_breaks.is_empty() {
            out.push(' ');
        } else {
            out.push_str(&self.other_breaks);
        }
        *self = Gap::default();
    }
}

fn at_gap(scanner: &Scanner) -> bool {
    matches!(scanner.at(0), ' ' | '\t') || is_break(scanner.at(0))
}

impl Scanner {
    pub(super) fn scan_plain(&mut self) -> Result<Token> {
        let mut value = String::new();
        let mut gap = Gap::default();
        let indent = self.indent + 1;
        while !self.at_document_indicator() && self.at(0) != '#' {
            while !is_blank_or_end(self.at(0)) && !self.ends_plain() {
                gap.fold_into(&mut value);
                self.read(&mut value);
            }
            if !at_gap(self) {
                break;
            }
            while at_gap(self) {
                if gap.broken && (self.mark.column as isize) < indent && self.at(0) == '\t' {
                    return self.error("found a tab character that violates indentation");
                }
                gap.read(self);
            }
            if !self.in_flow() && (self.mark.column as isize) < indent {
                break;
            }
        }
        if gap.broken {
            // A line end without more text after it: what follows may be a key.
            self.simple_key_allowed = true;
        }
        Ok(Token::Scalar {
            value,
            style: Style::Plain,
        })
    }

    fn ends_plain(&self) -> bool {
        match self.at(0) {
            ':' => is_blank_or_end(self.at(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.in_flow(),
            _ => false,
        }
    }

    pub(super) fn scan_quoted(&mut self, quote: char) -> Result<Token> {
        self.skip();
        let mut value = String::new();
        loop {
            if self.at_document_indicator() {
                return self.error("found unexpected document indicator");
            }
            if self.at(0) == '\0' {
                return self.error("found unexpected end of stream");
            }
            let mut gap = Gap::default();
            while !is_blank_or_end(self.at(0)) && self.at(0) != quote || self.at_doubled(quote) {
                if quote == '"' && self.at(0) == '\\' && is_break(self.at(1)) {
                    // The line end does not count, nor what indents the next line.
                    self.skip();
                    self.skip_break();
                    gap.broken = true;
                    break;
                }
                if quote == '"' && self.at(0) == '\\' {
                    self.scan_escape(&mut value)?;
                } else {
                    if self.at_doubled(quote) {
                        self.skip();
                    }
                    self.read(&mut value);
                }
            }
            if self.at(0) == quote {
                break;
            }
            while at_gap(self) {
                gap.read(self);
            }
            if gap.broken && gap.first_break.is_empty() {
                // After an escaped line end nothing is folded.
                value.push_str(&gap.other_breaks);
            } else {
                gap.fold_into(&mut value);
            }
        }
        self.skip();
        Ok(Token::Scalar {
            value,
            style: Style::Quoted,
        })
    }

    /// Whether a single quote stands for itself here.
    fn at_doubled(&self, quote: char) -> bool {
        quote == '\'' && self.at(0) == '\'' && self.at(1) == '\''
    }

    fn scan_escape(&mut self, out: &mut String) -> Result<()> {
        let digits = match self.at(1) {
            '0' => return self.escaped(out, '\0'),
            'a' => return self.escaped(out, '\x07'),
            'b' => return self.escaped(out, '\x08'),
            't' | '\t' => return self.escaped(out, '\t'),
            'n' => return self.escaped(out, '\n'),
            'v' => return self.escaped(out, '\x0b'),
            'f' => return self.escaped(out, '\x0c'),
            'r' => return self.escaped(out, '\r'),
            'e' => return self.escaped(out, '\x1b'),
            letter @ (' ' | '"' | '\'' | '\\') => return self.escaped(out, letter),
            'N' => return self.escaped(out, '\u{85}'),
            '_' => return self.escaped(out, '\u{a0}'),
            'L' => return self.escaped(out, '\u{2028}'),
            'P' => return self.escaped(out, '\u{2029}'),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return self.error("found unknown escape character"),
        };
        self.skip();
        self.skip();
        let mut code: u32 = 0;
        for ahead in 0..digits {
            let Some(digit) = self.at(ahead).to_digit(16) else {
                return self.error("did not find expected hexdecimal number");
            };
            code = code << 4 | digit;
        }
        let Some(letter) = char::from_u32(code) else {
            return self.error("found invalid Unicode character escape code");
        };
        out.push(letter);
        (0..digits).for_each(|_| self.skip());
        Ok(())
    }

    fn escaped(&mut self, out: &mut String, letter: char) -> Result<()> {
        out.push(letter);
        self.skip();
        self.skip();
        Ok(())
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<String> {
        self.skip();
        let (keep, increment) = self.scan_block_header()?;
        if !self.end_of_line() {
            return self.error("did not find expected comment or line break");
        }
        let mut indent = increment.map_or(0, |increment| self.indent.max(0) as usize + increment);
        let mut value = String::new();
        // The line end before the current line, and those of empty lines after it.
        let mut first_break = String::new();
        let mut breaks = String::new();
        let mut was_blank = false;
        self.scan_block_breaks(&mut indent, &mut breaks)?;
        while self.mark.column == indent && self.at(0) != '\0' {
            let blank = matches!(self.at(0), ' ' | '\t');
            if !literal && first_break.starts_with('\n') && !was_blank && !blank {
                if breaks.is_empty() {
                    value.push(' ');
                }
            } else {
                value.push_str(&first_break);
            }
            first_break.clear();
            value.push_str(&breaks);
            breaks.clear();
            was_blank = blank;
            while !is_break(self.at(0)) && self.at(0) != '\0' {
                self.read(&mut value);
            }
            self.read_break(&mut first_break);
            self.scan_block_breaks(&mut indent, &mut breaks)?;
        }
        if keep != Some(false) {
            value.push_str(&first_break);
        }
        if keep == Some(true) {
            value.push_str(&breaks);
        }
        Ok(value)
    }

    /// The indicators after `|` and `>`: whether the line ends at the end are kept or dropped, and the
    /// indentation.
    fn scan_block_header(&mut self) -> Result<(Option<bool>, Option<usize>)> {
        let (mut keep, mut increment) = (None, None);
        for _ in 0..2 {
            match self.at(0) {
                sign @ ('+' | '-') if keep.is_none() => keep = Some(sign == '+'),
                '0' if increment.is_none() => {
                    return self.error("found an indentation indicator equal to 0");
                }
                digit @ '1'..='9' if increment.is_none() => {
                    increment = digit.to_digit(10).map(|digit| digit as usize);
                }
                _ => break,
            }
            self.skip();
        }
        Ok((keep, increment))
    }

    /// Takes empty lines and the indentation of the next line, which the first one decides.
    fn scan_block_breaks(&mut self, indent: &mut usize, breaks: &mut String) -> Result<()> {
        let mut widest = 0;
        loop {
            while (*indent == 0 || self.mark.column < *indent) && self.at(0) == ' ' {
                self.skip();
            }
            widest = widest.max(self.mark.column);
            if (*indent == 0 || self.mark.column < *indent) && self.at(0) == '\t' {
                return self.error("found a tab character where an indentation space is expected");
            }
            if !is_break(self.at(0)) {
                break;
            }
            self.read_break(breaks);
        }
        if *indent == 0 {
            *indent = widest.max((self.indent + 1).max(1) as usize);
        }
        Ok(())
    }
}
