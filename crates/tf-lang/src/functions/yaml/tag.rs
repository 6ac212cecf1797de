//! How the scanner reads directives and tags.

use super::YamlError;
use super::scan::Scanner;
use super::token::{Token, is_blank, is_blank_or_end, is_break_or_end, is_word};

type Result<T> = std::result::Result<T, YamlError>;

impl Scanner {
    /// `%YAML 1.1` or `%TAG !x! prefix`.
    pub(super) fn scan_directive(&mut self) -> Result<Token> {
        self.skip();
        let mut name = String::new();
        while is_word(self.at(0)) {
            self.read(&mut name);
        }
        if name.is_empty() {
            return self.error("could not find expected directive name");
        }
        if !is_blank_or_end(self.at(0)) {
            return self.error("found unexpected non-alphabetical character");
        }
        let token = match name.as_str() {
            "YAML" => {
                self.skip_while(is_blank);
                let major = self.scan_version_number()?;
                if self.at(0) != '.' {
                    return self.error("did not find expected digit or '.' character");
                }
                self.skip();
                Token::Version(major, self.scan_version_number()?)
            }
            "TAG" => self.scan_tag_directive()?,
            _ => return self.error("found unknown directive name"),
        };
        self.skip_while(is_blank);
        self.skip_comment();
        if !is_break_or_end(self.at(0)) {
            return self.error("did not find expected comment or line break");
        }
        self.skip_break();
        Ok(token)
    }

    fn scan_version_number(&mut self) -> Result<u8> {
        let mut digits = String::new();
        while self.at(0).is_ascii_digit() {
            if digits.len() >= 2 {
                return self.error("found extremely long version number");
            }
            self.read(&mut digits);
        }
        digits
            .parse()
            .or_else(|_| self.error("did not find expected version number"))
    }

    fn scan_tag_directive(&mut self) -> Result<Token> {
        self.skip_while(is_blank);
        let handle = self.scan_tag_handle(true)?;
        if !is_blank(self.at(0)) {
            return self.error("did not find expected whitespace");
        }
        self.skip_while(is_blank);
        let prefix = self.scan_tag_uri(None)?;
        if !is_blank_or_end(self.at(0)) {
            return self.error("did not find expected whitespace or line break");
        }
        Ok(Token::TagDirective { handle, prefix })
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token> {
        let (handle, suffix) = if self.at(1) == '<' {
            self.skip();
            self.skip();
            let suffix = self.scan_tag_uri(None)?;
            if self.at(0) != '>' {
                return self.error("did not find the expected '>'");
            }
            self.skip();
            (String::new(), suffix)
        } else {
            let handle = self.scan_tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.scan_tag_uri(None)?)
            } else {
                // It was the beginning of a suffix to the handle `!`.
                match self.scan_tag_uri(Some(&handle))? {
                    suffix if suffix.is_empty() => (String::new(), "!".to_owned()),
                    suffix => ("!".to_owned(), suffix),
                }
            }
        };
        if !is_blank_or_end(self.at(0)) {
            return self.error("did not find expected whitespace or line break");
        }
        Ok(Token::Tag { handle, suffix })
    }

    fn scan_tag_handle(&mut self, directive: bool) -> Result<String> {
        if self.at(0) != '!' {
            return self.error("did not find expected '!'");
        }
        let mut handle = String::new();
        self.read(&mut handle);
        while is_word(self.at(0)) {
            self.read(&mut handle);
        }
        if self.at(0) == '!' {
            self.read(&mut handle);
        } else if directive && handle != "!" {
            return self.error("did not find expected '!'");
        }
        Ok(handle)
    }

    /// The rest of a tag; `head` is what has been taken of it, with the `!` that does not count.
    fn scan_tag_uri(&mut self, head: Option<&str>) -> Result<String> {
        let mut bytes = head
            .and_then(|head| head.get(1..))
            .unwrap_or_default()
            .as_bytes()
            .to_vec();
        let mut found = head.is_some();
        loop {
            match self.at(0) {
                '%' => self.scan_escaped_octets(&mut bytes)?,
                letter if is_word(letter) || ";/?:@&=+$,.!~*'()[]".contains(letter) => {
                    bytes.push(letter as u8);
                    self.skip();
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return self.error("did not find expected tag URI");
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The octets `%xx` of one character.
    fn scan_escaped_octets(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let mut left: Option<u32> = None;
        while left != Some(0) {
            let digits = (self.at(1).to_digit(16), self.at(2).to_digit(16));
            let ('%', (Some(high), Some(low))) = (self.at(0), digits) else {
                return self.error("did not find URI escaped octet");
            };
            let octet = (high << 4 | low) as u8;
            left = match (left, octet.leading_ones()) {
                (None, 0) => Some(0),
                (None, ones @ 2..=4) => Some(ones - 1),
                (None, _) => return self.error("found an incorrect leading UTF-8 octet"),
                (Some(left), 1) => Some(left - 1),
                (Some(_), _) => return self.error("found an incorrect trailing UTF-8 octet"),
            };
            out.push(octet);
            (0..3).for_each(|_| self.skip());
        }
        Ok(())
    }
}
