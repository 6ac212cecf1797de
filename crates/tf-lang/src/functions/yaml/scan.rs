//! YAML 1.1 tokens, after the algorithm of libyaml (<https://github.com/yaml/libyaml>, MIT licence) in the state
//! in which Terraform has it: its sentences about what is wrong are Terraform's, and so are its leniencies,
//! which later versions of libyaml and other parsers do not share.
//!
//! A simple key (`a: b`) is only recognised at its colon, so tokens wait in a queue in which a key may still
//! have to be inserted.

use std::collections::VecDeque;

use super::YamlError;
use super::token::{
    Mark, Placed, Style, Token, is_blank, is_blank_or_end, is_break, is_break_or_end, is_word,
};

/// Something that turns out to be a key if a colon follows.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// Whether nothing else may stand there.
    required: bool,
    /// Which token it begins with.
    number: usize,
    mark: Mark,
}

pub(super) struct Scanner {
    /// The text. What lies behind its end reads as NUL, which cannot occur in it.
    text: Vec<char>,
    pub(super) mark: Mark,
    tokens: VecDeque<Placed>,
    /// How many tokens have been taken out of the queue.
    taken: usize,
    ended: bool,
    /// Column of the innermost block collection; -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    /// One for each flow collection that is open, and one for all else.
    simple_keys: Vec<SimpleKey>,
}

/// How deep collections nest.
pub(super) const MAX_DEPTH: usize = 500;

type Result<T> = std::result::Result<T, YamlError>;

impl Scanner {
    pub(super) fn new(text: &str) -> Result<Scanner> {
        let allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
        if !text.chars().all(allowed) {
            return Err(YamlError::plain("control characters are not allowed"));
        }
        Ok(Scanner {
            text: text.strip_prefix('\u{feff}').unwrap_or(text).chars().collect(),
            mark: Mark::default(),
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
        })
    }

    /// The character some places ahead.
    pub(super) fn at(&self, ahead: usize) -> char {
        self.text.get(self.mark.index + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn error<T>(&self, problem: &'static str) -> Result<T> {
        Err(YamlError::scanner(self.mark, problem))
    }

    pub(super) fn skip(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn skip_while(&mut self, test: fn(char) -> bool) {
        while test(self.at(0)) {
            self.skip();
        }
    }

    pub(super) fn read(&mut self, out: &mut String) {
        out.push(self.at(0));
        self.skip();
    }

    /// Takes a line end, which is a single `\n` unless it is one of those that Unicode has added.
    pub(super) fn read_break(&mut self, out: &mut String) {
        match self.at(0) {
            other @ ('\u{2028}' | '\u{2029}') => out.push(other),
            letter if is_break(letter) => out.push('\n'),
            _ => return,
        }
        self.skip_break();
    }

    pub(super) fn skip_break(&mut self) {
        if is_break(self.at(0)) {
            self.mark.index += if self.at(0) == '\r' && self.at(1) == '\n' {
                2
            } else {
                1
            };
            self.mark.column = 0;
            self.mark.line += 1;
        }
    }

    pub(super) fn skip_comment(&mut self) {
        if self.at(0) == '#' {
            self.skip_while(|letter| !is_break_or_end(letter));
        }
    }

    /// Whether blanks and a comment are all that is left of the line; they are taken, and its end.
    pub(super) fn end_of_line(&mut self) -> bool {
        self.skip_while(is_blank);
        self.skip_comment();
        let end = is_break_or_end(self.at(0));
        self.skip_break();
        end
    }

    pub(super) fn in_flow(&self) -> bool {
        self.simple_keys.len() > 1
    }

    /// Whether `---` or `...` begins a line here.
    pub(super) fn at_document_indicator(&self) -> bool {
        let three = |letter| (0..3).all(|ahead| self.at(ahead) == letter);
        self.mark.column == 0 && (three('-') || three('.')) && is_blank_or_end(self.at(3))
    }

    /// The next token, which stays in the queue.
    pub(super) fn peek(&mut self) -> Result<&Placed> {
        loop {
            let wait = match self.tokens.is_empty() {
                true => true,
                false => {
                    self.drop_stale_keys()?;
                    self.simple_keys
                        .iter()
                        .any(|key| key.possible && key.number == self.taken)
                }
            };
            if !wait {
                break;
            }
            self.fetch()?;
        }
        self.tokens
            .front()
            .ok_or_else(|| YamlError::plain("unexpected end"))
    }

    /// Takes the token that was peeked at.
    pub(super) fn take(&mut self) -> Option<Placed> {
        self.taken += 1;
        self.tokens.pop_front()
    }

    fn push(&mut self, token: Token, start: Mark) {
        self.tokens.push_back(Placed {
            token,
            start,
            end: self.mark,
        });
    }

    /// Appends a token of some characters that have not been taken yet.
    fn push_indicator(&mut self, token: Token, length: usize) {
        let start = self.mark;
        (0..length).for_each(|_| self.skip());
        self.push(token, start);
    }

    fn fetch(&mut self) -> Result<()> {
        if self.ended {
            let mark = self.mark;
            self.push(Token::StreamEnd, mark);
            return Ok(());
        }
        self.skip_to_token();
        self.drop_stale_keys()?;
        self.unroll_indent(self.mark.column as isize);
        let (first, second) = (self.at(0), self.at(1));
        let block = !self.in_flow();
        match first {
            '\0' => self.fetch_stream_end(),
            '%' if self.mark.column == 0 => self.fetch_directive(),
            '-' if self.at_document_indicator() => self.fetch_document_indicator(Token::DocumentStart),
            '.' if self.at_document_indicator() => self.fetch_document_indicator(Token::DocumentEnd),
            '[' => self.fetch_flow_start(Token::FlowSequenceStart),
            '{' => self.fetch_flow_start(Token::FlowMappingStart),
            ']' => self.fetch_flow_end(Token::FlowSequenceEnd),
            '}' => self.fetch_flow_end(Token::FlowMappingEnd),
            ',' => self.fetch_flow_entry(),
            '-' if is_blank_or_end(second) => self.fetch_block_entry(),
            '?' if !block || is_blank_or_end(second) => self.fetch_key(),
            ':' if !block || is_blank_or_end(second) => self.fetch_value(),
            '*' => self.fetch_anchor(Token::Alias),
            '&' => self.fetch_anchor(Token::Anchor),
            '!' => self.fetch_tag(),
            '|' | '>' if block => self.fetch_block_scalar(first == '|'),
            '\'' | '"' => self.fetch_scalar(|scanner| scanner.scan_quoted(first)),
            '#' | '|' | '>' | '%' | '@' | '`' | '\t' => {
                self.error("found character that cannot start any token")
            }
            _ => self.fetch_scalar(Scanner::scan_plain),
        }
    }

    fn skip_to_token(&mut self) {
        loop {
            // A second mark of the byte order; elsewhere it is text to Terraform.
            if self.mark.index == 0 && self.at(0) == '\u{feff}' {
                self.skip();
            }
            // A tab may not indent what could be a key.
            while self.at(0) == ' ' || self.at(0) == '\t' && (self.in_flow() || !self.simple_key_allowed) {
                self.skip();
            }
            self.skip_comment();
            if !is_break(self.at(0)) {
                return;
            }
            self.skip_break();
            if !self.in_flow() {
                self.simple_key_allowed = true;
            }
        }
    }

    /// A simple key is at most a line and 1024 characters long.
    fn drop_stale_keys(&mut self) -> Result<()> {
        let mark = self.mark;
        for key in &mut self.simple_keys {
            if key.possible && (key.mark.line < mark.line || key.mark.index + 1024 < mark.index) {
                if key.required {
                    return Err(YamlError::scanner(mark, "could not find expected ':'"));
                }
                key.possible = false;
            }
        }
        Ok(())
    }

    fn save_simple_key(&mut self) -> Result<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let required = !self.in_flow() && self.indent == self.mark.column as isize;
        let number = self.taken + self.tokens.len();
        self.remove_simple_key()?;
        let mark = self.mark;
        if let Some(key) = self.simple_keys.last_mut() {
            *key = SimpleKey {
                possible: true,
                required,
                number,
                mark,
            };
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<()> {
        let mark = self.mark;
        match self.simple_keys.last_mut() {
            Some(key) if key.possible && key.required => {
                Err(YamlError::scanner(mark, "could not find expected ':'"))
            }
            Some(key) => {
                key.possible = false;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Opens a block collection if the column is further in than the one that is open. Its token goes to a
    /// place in the queue, or to the end.
    fn roll_indent(&mut self, column: usize, place: Option<usize>, token: Token, mark: Mark) -> Result<()> {
        let column = column as isize;
        if self.in_flow() || self.indent >= column {
            return Ok(());
        }
        if self.indents.len() >= MAX_DEPTH {
            return Err(YamlError::plain("exceeded max depth"));
        }
        self.indents.push(self.indent);
        self.indent = column;
        let place = place.unwrap_or(self.tokens.len()).min(self.tokens.len());
        self.tokens.insert(
            place,
            Placed {
                token,
                start: mark,
                end: mark,
            },
        );
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            let mark = self.mark;
            self.push(Token::BlockEnd, mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch_stream_end(&mut self) -> Result<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.ended = true;
        let mark = self.mark;
        self.push(Token::StreamEnd, mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let token = self.scan_directive()?;
        self.push(token, start);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, token: Token) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(token, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, token: Token) -> Result<()> {
        self.save_simple_key()?;
        if self.simple_keys.len() > MAX_DEPTH {
            return Err(YamlError::plain("exceeded max depth"));
        }
        self.simple_keys.push(SimpleKey::default());
        self.simple_key_allowed = true;
        self.push_indicator(token, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, token: Token) -> Result<()> {
        self.remove_simple_key()?;
        if self.in_flow() {
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.push_indicator(token, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Token::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<()> {
        // In a flow collection it is the parser that complains.
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return self.error("block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.mark.column, None, Token::BlockSequenceStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Token::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<()> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return self.error("mapping keys are not allowed in this context");
            }
            self.roll_indent(self.mark.column, None, Token::BlockMappingStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = !self.in_flow();
        self.push_indicator(Token::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<()> {
        let key = self.simple_keys.last().copied().unwrap_or_default();
        if key.possible {
            let place = key.number.saturating_sub(self.taken).min(self.tokens.len());
            self.tokens.insert(
                place,
                Placed {
                    token: Token::Key,
                    start: key.mark,
                    end: key.mark,
                },
            );
            self.roll_indent(key.mark.column, Some(place), Token::BlockMappingStart, key.mark)?;
            if let Some(key) = self.simple_keys.last_mut() {
                key.possible = false;
            }
            self.simple_key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.simple_key_allowed {
                    return self.error("mapping values are not allowed in this context");
                }
                self.roll_indent(self.mark.column, None, Token::BlockMappingStart, self.mark)?;
            }
            self.simple_key_allowed = !self.in_flow();
        }
        self.push_indicator(Token::Value, 1);
        Ok(())
    }

    fn fetch_anchor(&mut self, token: fn(String) -> Token) -> Result<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.skip();
        let mut name = String::new();
        while is_word(self.at(0)) {
            self.read(&mut name);
        }
        let next = self.at(0);
        if name.is_empty()
            || !is_blank_or_end(next) && !matches!(next, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`')
        {
            return self.error("did not find expected alphabetic or numeric character");
        }
        self.push(token(name), start);
        Ok(())
    }

    fn fetch_tag(&mut self) -> Result<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let token = self.scan_tag()?;
        self.push(token, start);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Result<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let start = self.mark;
        let value = self.scan_block_scalar(literal)?;
        self.push(
            Token::Scalar {
                value,
                style: Style::Block,
            },
            start,
        );
        Ok(())
    }

    fn fetch_scalar(&mut self, scan: impl FnOnce(&mut Scanner) -> Result<Token>) -> Result<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let token = scan(self)?;
        self.push(token, start);
        Ok(())
    }
}
