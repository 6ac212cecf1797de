//! Tokens, cut exactly as Terraform's own scanner cuts them (`hclsyntax/scan_tokens.rl` in HCL's sources).
//!
//! The lexer knows which of HCL's four modes it is in: code, a quoted template, a heredoc, or a bare template.
//! It never fails and never recurses: what belongs to no token is [`Kind::Invalid`].

use crate::ast::BinaryOp;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The end of the text.
    Eof,
    /// A line ending, `\r\n` included.
    Newline,
    /// A comment, without the line ending behind it.
    Comment,
    /// A name or a keyword.
    Ident,
    /// A number.
    Number,
    /// `"` that opens a quoted template.
    OpenQuote,
    /// `"` that closes it.
    CloseQuote,
    /// `<<EOT` or `<<-EOT` with its line ending.
    OpenHeredoc,
    /// The line that closes it, from its start to the end of the marker.
    CloseHeredoc,
    /// Literal text in a template. A line ending, `$` and `%` end one, because strip markers reach no further.
    Literal,
    /// Line endings in a quoted template, where they are not allowed.
    QuotedNewline,
    /// `${` or `${~`.
    OpenInterpolation,
    /// `%{` or `%{~`.
    OpenDirective,
    /// `}` or `~}` that closes one of the two.
    CloseSequence,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `=`
    Equals,
    /// `=>`
    Arrow,
    /// `?`
    Question,
    /// `!`
    Bang,
    /// An operator that stands between two operands; `-` and `*` have other uses too.
    Operator(BinaryOp),
    /// What Terraform's language has no use for.
    Invalid,
}

/// A token with its bytes' range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug)]
enum Mode {
    /// Between the braces of a sequence, or at the outermost level; counts the braces opened in it.
    Code {
        braces: u32,
    },
    Quote,
    Heredoc {
        marker: (usize, usize),
        at_line_start: bool,
    },
    /// A whole text that is a template.
    Bare,
}

/// Cuts a text into tokens.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    mode: Mode,
    outer: Vec<Mode>,
}

impl<'a> Lexer<'a> {
    /// A lexer for a body or an expression. A byte-order mark is skipped.
    pub(super) fn code(text: &'a str) -> Lexer<'a> {
        Lexer::new(text, Mode::Code { braces: 0 })
    }

    /// A lexer for a text that is a template as a whole. A byte-order mark is skipped.
    pub(super) fn template(text: &'a str) -> Lexer<'a> {
        Lexer::new(text, Mode::Bare)
    }

    fn new(text: &'a str, mode: Mode) -> Lexer<'a> {
        let pos = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Lexer {
            text,
            bytes: text.as_bytes(),
            pos,
            mode,
            outer: Vec::new(),
        }
    }

    /// Moves on to the next byte that can begin a string, a heredoc, a comment or a brace, if only those
    /// matter to the caller.
    pub(super) fn skip_plain_code(&mut self) {
        if matches!(self.mode, Mode::Code { .. }) {
            self.skip_while(|byte| !matches!(byte, b'"' | b'<' | b'#' | b'/' | b'{' | b'}'));
        }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Token {
        match &self.mode {
            Mode::Code { .. } => self.next_in_code(),
            Mode::Quote => self.next_in_quote(),
            Mode::Heredoc { .. } | Mode::Bare => self.next_in_lines(),
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or_default()
    }

    fn in_lines(&self) -> bool {
        matches!(self.mode, Mode::Heredoc { .. } | Mode::Bare)
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        self.pos += rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
    }

    fn enter(&mut self, mode: Mode) {
        self.outer.push(std::mem::replace(&mut self.mode, mode));
    }

    fn leave(&mut self) {
        if let Some(mode) = self.outer.pop() {
            self.mode = mode;
        }
    }

    fn token(&mut self, kind: Kind, length: usize) -> Token {
        let start = self.pos;
        self.pos += length;
        Token {
            kind,
            start,
            end: self.pos,
        }
    }

    fn character(&self) -> Option<char> {
        self.text.get(self.pos..).and_then(|rest| rest.chars().next())
    }

    fn next_in_code(&mut self) -> Token {
        self.skip_while(|byte| byte == b' ' || byte == b'\t');
        let Some(byte) = self.bytes.get(self.pos).copied() else {
            return self.token(Kind::Eof, 0);
        };
        use BinaryOp::{Add, And, Div, Eq, Ge, Gt, Le, Lt, Mul, Ne, Or, Rem, Sub};
        match (byte, self.peek(1)) {
            (b'a'..=b'z' | b'A'..=b'Z' | b'_', _) => self.ident(),
            (b'0'..=b'9', _) => self.number(),
            (b'\n', _) => self.token(Kind::Newline, 1),
            (b'\r', b'\n') => self.token(Kind::Newline, 2),
            (b'#', _) | (b'/', b'/') => self.line_comment(),
            (b'/', b'*') => self.block_comment(),
            (b'"', _) => {
                self.enter(Mode::Quote);
                self.token(Kind::OpenQuote, 1)
            }
            (b'{', _) => {
                if let Mode::Code { braces } = &mut self.mode {
                    *braces += 1;
                }
                self.token(Kind::OpenBrace, 1)
            }
            (b'}', _) => self.close_brace(1),
            (b'~', b'}') => self.close_brace(2),
            (b'[', _) => self.token(Kind::OpenBracket, 1),
            (b']', _) => self.token(Kind::CloseBracket, 1),
            (b'(', _) => self.token(Kind::OpenParen, 1),
            (b')', _) => self.token(Kind::CloseParen, 1),
            (b'.', b'.') if self.peek(2) == b'.' => self.token(Kind::Ellipsis, 3),
            (b'.', _) => self.token(Kind::Dot, 1),
            (b',', _) => self.token(Kind::Comma, 1),
            (b':', b':') => self.token(Kind::DoubleColon, 2),
            (b':', _) => self.token(Kind::Colon, 1),
            (b'=', b'=') => self.token(Kind::Operator(Eq), 2),
            (b'=', b'>') => self.token(Kind::Arrow, 2),
            (b'=', _) => self.token(Kind::Equals, 1),
            (b'?', _) => self.token(Kind::Question, 1),
            (b'!', b'=') => self.token(Kind::Operator(Ne), 2),
            (b'!', _) => self.token(Kind::Bang, 1),
            (b'&', b'&') => self.token(Kind::Operator(And), 2),
            (b'|', b'|') => self.token(Kind::Operator(Or), 2),
            (b'<', b'=') => self.token(Kind::Operator(Le), 2),
            (b'<', b'<') => self.heredoc(),
            (b'<', _) => self.token(Kind::Operator(Lt), 1),
            (b'>', b'=') => self.token(Kind::Operator(Ge), 2),
            (b'>', _) => self.token(Kind::Operator(Gt), 1),
            (b'+', _) => self.token(Kind::Operator(Add), 1),
            (b'-', _) => self.token(Kind::Operator(Sub), 1),
            (b'*', _) => self.token(Kind::Operator(Mul), 1),
            (b'/', _) => self.token(Kind::Operator(Div), 1),
            (b'%', _) => self.token(Kind::Operator(Rem), 1),
            (0x80.., _) if self.character().is_some_and(starts_name) => self.ident(),
            _ => self.invalid(),
        }
    }

    fn invalid(&mut self) -> Token {
        let length = self.character().map_or(1, char::len_utf8);
        self.token(Kind::Invalid, length)
    }

    fn ident(&mut self) -> Token {
        let start = self.pos;
        loop {
            self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
            match self.character() {
                Some(other) if !other.is_ascii() && continues_name(other) => self.pos += other.len_utf8(),
                _ => {
                    return Token {
                        kind: Kind::Ident,
                        start,
                        end: self.pos,
                    };
                }
            }
        }
    }

    /// HCL lets a number hold any points and exponents (`1.2.3`), but not end with a point, so that `1...`
    /// and `a.0.b` work; whether it is a number is found out later.
    fn number(&mut self) -> Token {
        let start = self.pos;
        let mut end = self.pos;
        loop {
            match (self.peek(0), self.peek(1), self.peek(2)) {
                (b'0'..=b'9', ..) => self.pos += 1,
                (b'.', ..) => {
                    self.pos += 1;
                    continue;
                }
                (b'e' | b'E', b'0'..=b'9', _) => self.pos += 2,
                (b'e' | b'E', b'+' | b'-', b'0'..=b'9') => self.pos += 3,
                _ => break,
            }
            end = self.pos;
        }
        self.pos = end;
        Token {
            kind: Kind::Number,
            start,
            end,
        }
    }

    fn line_comment(&mut self) -> Token {
        let start = self.pos;
        self.skip_while(|byte| byte != b'\n');
        if self.pos < self.bytes.len() && self.bytes.get(self.pos - 1) == Some(&b'\r') {
            self.pos -= 1;
        }
        Token {
            kind: Kind::Comment,
            start,
            end: self.pos,
        }
    }

    fn block_comment(&mut self) -> Token {
        let start = self.pos;
        let inside = self.text.get(start + 2..).unwrap_or_default();
        let (kind, length) = match inside.find("*/") {
            Some(at) => (Kind::Comment, at + 4),
            // Terraform's scanner gives one invalid token up to the end.
            None => (Kind::Invalid, self.bytes.len() - start),
        };
        self.token(kind, length)
    }

    fn heredoc(&mut self) -> Token {
        let start = self.pos;
        self.pos += if self.peek(2) == b'-' { 3 } else { 2 };
        let marker_start = self.pos;
        if self.character().is_some_and(starts_name) {
            self.ident();
        }
        let marker = (marker_start, self.pos);
        let line_ending = match (self.peek(0), self.peek(1)) {
            (b'\n', _) => 1,
            (b'\r', b'\n') => 2,
            _ => 0,
        };
        if marker.0 == marker.1 || line_ending == 0 {
            self.pos = start;
            return self.token(Kind::Operator(BinaryOp::Lt), 1);
        }
        self.pos += line_ending;
        self.enter(Mode::Heredoc {
            marker,
            at_line_start: true,
        });
        Token {
            kind: Kind::OpenHeredoc,
            start,
            end: self.pos,
        }
    }

    fn close_brace(&mut self, length: usize) -> Token {
        let nested = !self.outer.is_empty();
        match &mut self.mode {
            Mode::Code { braces: 0 } if nested => {
                self.leave();
                self.token(Kind::CloseSequence, length)
            }
            Mode::Code { braces } => {
                *braces = braces.saturating_sub(1);
                self.token(
                    if length == 1 {
                        Kind::CloseBrace
                    } else {
                        Kind::CloseSequence
                    },
                    length,
                )
            }
            _ => self.token(Kind::CloseBrace, length),
        }
    }

    /// `${`, `%{`, an escape of one of them, or a `$` or `%` that is just itself.
    fn sequence(&mut self) -> Token {
        let first = self.peek(0);
        match (self.peek(1), self.peek(2)) {
            (b'{', strip) => {
                self.enter(Mode::Code { braces: 0 });
                let kind = if first == b'$' {
                    Kind::OpenInterpolation
                } else {
                    Kind::OpenDirective
                };
                self.token(kind, if strip == b'~' { 3 } else { 2 })
            }
            (second, b'{') if second == first => self.token(Kind::Literal, 3),
            // At the end of a line HCL's scanner takes one byte along, which a strip marker behind the line
            // ending then does not reach.
            (second, b'\n') if self.in_lines() && second != b'\n' && second.is_ascii() => {
                self.token(Kind::Literal, 2)
            }
            (second, b'\r') if self.in_lines() && self.peek(3) == b'\n' && second.is_ascii() => {
                self.token(Kind::Literal, 2)
            }
            _ => self.token(Kind::Literal, 1),
        }
    }

    fn next_in_quote(&mut self) -> Token {
        match self.peek(0) {
            0 if self.pos == self.bytes.len() => self.token(Kind::Eof, 0),
            b'"' => {
                self.leave();
                self.token(Kind::CloseQuote, 1)
            }
            b'$' | b'%' => self.sequence(),
            b'\r' | b'\n' => {
                let start = self.pos;
                self.skip_while(|byte| byte == b'\r' || byte == b'\n');
                Token {
                    kind: Kind::QuotedNewline,
                    start,
                    end: self.pos,
                }
            }
            _ => {
                let start = self.pos;
                loop {
                    self.skip_while(|byte| !matches!(byte, b'$' | b'%' | b'"' | b'\\' | b'\r' | b'\n'));
                    if self.peek(0) != b'\\' || matches!(self.peek(1), b'\r' | b'\n') {
                        break;
                    }
                    // What is escaped may be a character of several bytes; the last ones are skipped above.
                    self.pos = (self.pos + 2).min(self.bytes.len());
                }
                if self.pos == start {
                    return self.invalid();
                }
                Token {
                    kind: Kind::Literal,
                    start,
                    end: self.pos,
                }
            }
        }
    }

    /// Moves behind the line ending, or to a sequence, or in a heredoc to a `\r` that is no part of a line
    /// ending, which Terraform does not take there.
    fn skip_to_line_end(&mut self) {
        loop {
            self.skip_while(|byte| !matches!(byte, b'$' | b'%' | b'\n' | b'\r'));
            match (self.peek(0), self.peek(1)) {
                (b'\n', _) => return self.pos += 1,
                (b'\r', b'\n') => return self.pos += 2,
                (b'\r', _) if matches!(self.mode, Mode::Bare) => self.pos += 1,
                _ => return,
            }
        }
    }

    /// A heredoc or a bare template: a literal token ends with its line.
    fn next_in_lines(&mut self) -> Token {
        let start = self.pos;
        let token = match self.peek(0) {
            0 if self.pos == self.bytes.len() => return self.token(Kind::Eof, 0),
            b'$' | b'%' => {
                if let Mode::Heredoc { at_line_start, .. } = &mut self.mode {
                    *at_line_start = false;
                }
                return self.sequence();
            }
            _ => {
                self.skip_to_line_end();
                if self.pos == start {
                    return self.invalid();
                }
                Token {
                    kind: Kind::Literal,
                    start,
                    end: self.pos,
                }
            }
        };
        let line = self.text.get(start..self.pos).unwrap_or_default();
        let Mode::Heredoc {
            marker,
            at_line_start,
        } = &mut self.mode
        else {
            return token;
        };
        let whole_line = *at_line_start && line.ends_with('\n');
        *at_line_start = line.ends_with('\n');
        if whole_line && Some(line.trim()) == self.text.get(marker.0..marker.1) {
            // The line ending is a token of its own: it ends the argument.
            let end = start + line.trim_end().len();
            self.pos = end;
            self.leave();
            return Token {
                kind: Kind::CloseHeredoc,
                start,
                end,
            };
        }
        token
    }
}

/// Whether a name may begin with it.
fn starts_name(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '_' => true,
        _ if character.is_ascii() => false,
        _ => hcl_edit::Ident::try_new(character.to_string()).is_ok(),
    }
}

/// Whether a name that is not ASCII may go on with it. Unicode has made four characters part of names since
/// the version that HCL uses.
fn continues_name(character: char) -> bool {
    !matches!(character, '\u{200c}' | '\u{200d}' | '\u{30fb}' | '\u{ff65}')
        && hcl_edit::Ident::try_new(format!("a{character}")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(Kind, &str)> {
        let mut lexer = Lexer::code(text);
        std::iter::repeat_with(|| lexer.next())
            .take_while(|token| token.kind != Kind::Eof)
            .map(|token| (token.kind, &text[token.start..token.end]))
            .collect()
    }

    fn cuts(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn tokens_are_cut_as_in_terraform() {
        for (text, expected) in [
            ("a-b_1 é9 -c", &["a-b_1", "é9", "-", "c"][..]),
            (
                "1.5e-3 1... 1.2.3 1.e5 1e a.0.b",
                &[
                    "1.5e-3", "1", "...", "1.2.3", "1.e5", "1", "e", "a", ".", "0", ".", "b",
                ],
            ),
            (
                "a::b:c=>d==e=f",
                &["a", "::", "b", ":", "c", "=>", "d", "==", "e", "=", "f"],
            ),
            (
                "a # b\r\nc // d\n/* e\n */f/g",
                &["a", "# b", "\r\n", "c", "// d", "\n", "/* e\n */", "f", "/", "g"],
            ),
            (
                r#""a${b}c$${d}%%{e}$f%{g}\"h""#,
                &[
                    "\"", "a", "${", "b", "}", "c", "$${", "d}", "%%{", "e}", "$", "f", "%{", "g", "}",
                    "\\\"h", "\"",
                ],
            ),
            (
                r#""${~ {a={}} ~}""#,
                &["\"", "${~", "{", "a", "=", "{", "}", "}", "~}", "\""],
            ),
            ("<<E\na\n E \nb", &["<<E\n", "a\n", " E", "\n", "b"]),
            ("<<-E\r\nE2\r\nE\r\n", &["<<-E\r\n", "E2\r\n", "E", "\r\n"]),
            ("<<E\n${x}E\nE\n", &["<<E\n", "${", "x", "}", "E\n", "E", "\n"]),
            ("<<\"E\" <<E x", &["<", "<", "\"", "E", "\"", "<", "<", "E", "x"]),
            (
                "<<E\n$ \n$$\r\n$x\nE\n",
                &["<<E\n", "$ ", "\n", "$$", "\r\n", "$x", "\n", "E", "\n"],
            ),
            ("a\r \u{200d}", &["a", "\r", "\u{200d}"]),
        ] {
            assert_eq!(cuts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn braces_close_what_they_opened() {
        let kinds = |text| tokens(text).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!(kinds("}"), [Kind::CloseBrace]);
        assert_eq!(kinds("~}"), [Kind::CloseSequence]);
        let expected = [
            Kind::OpenQuote,
            Kind::OpenInterpolation,
            Kind::OpenBrace,
            Kind::CloseBrace,
            Kind::CloseSequence,
        ];
        assert_eq!(kinds("\"${{}}"), expected);
        assert_eq!(kinds("/* a"), [Kind::Invalid]);
        assert_eq!(kinds("\"\n"), [Kind::OpenQuote, Kind::QuotedNewline]);
    }

    #[test]
    fn a_bare_template_has_no_closing_marker() {
        let text = "\u{feff}a \"\n\r$";
        let mut lexer = Lexer::template(text);
        let cuts: Vec<_> = std::iter::repeat_with(|| lexer.next())
            .take_while(|token| token.kind != Kind::Eof)
            .map(|token| &text[token.start..token.end])
            .collect();
        assert_eq!(cuts, ["a \"\n", "\r", "$"]);
    }
}
