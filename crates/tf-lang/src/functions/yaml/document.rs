//! What stands around the value of a YAML text: directives, and the signs where documents begin and end.

use super::YamlError;
use super::parse::{Head, LONG_TAG, Parser};
use super::token::{Placed, Token};
use crate::value::Value;

type Result<T> = std::result::Result<T, YamlError>;

impl Parser {
    pub(super) fn document(&mut self) -> Result<Value> {
        let explicit = matches!(
            self.peek()?.token,
            Token::Version(..) | Token::TagDirective { .. } | Token::DocumentStart
        );
        let empty = match (explicit, self.next_is(&[Token::StreamEnd])?) {
            (true, _) => {
                self.document_start()?;
                matches!(
                    self.peek()?.token,
                    Token::Version(..)
                        | Token::TagDirective { .. }
                        | Token::DocumentStart
                        | Token::DocumentEnd
                        | Token::StreamEnd
                )
            }
            (false, true) => {
                let mark = self.here()?;
                return Err(YamlError::parser(mark, "missing start of document"));
            }
            (false, false) => {
                self.process_directives()?;
                false
            }
        };
        let head = if empty {
            Head::empty(self.here()?)
        } else {
            self.node(true, false)?
        };
        let value = self.content(head)?;
        self.end()?;
        Ok(value)
    }

    /// What may follow a document: nothing but its end.
    fn end(&mut self) -> Result<()> {
        self.directives.clear();
        while self.next_is(&[Token::DocumentEnd])? {
            self.skip()?;
        }
        if self.next_is(&[Token::StreamEnd])? {
            return Ok(());
        }
        let start = self.here()?;
        self.document_start()?;
        Err(YamlError::parser(start, "unexpected extra content after value"))
    }

    fn document_start(&mut self) -> Result<()> {
        self.process_directives()?;
        if !self.next_is(&[Token::DocumentStart])? {
            return self.unexpected("did not find expected <document start>");
        }
        self.skip()?;
        Ok(())
    }

    fn process_directives(&mut self) -> Result<()> {
        let mut version_seen = false;
        loop {
            let Placed { token, start, .. } = self.peek()?.clone();
            match token {
                Token::Version(..) if version_seen => {
                    return Err(YamlError::parser(start, "found duplicate %YAML directive"));
                }
                Token::Version(1, 1) => version_seen = true,
                Token::Version(..) => {
                    return Err(YamlError::parser(start, "found incompatible YAML document"));
                }
                Token::TagDirective { handle, .. } if self.directives.iter().any(|(h, _)| *h == handle) => {
                    return Err(YamlError::parser(start, "found duplicate %TAG directive"));
                }
                Token::TagDirective { handle, prefix } => self.directives.push((handle, prefix)),
                _ => break,
            }
            self.skip()?;
        }
        for (handle, prefix) in [("!", "!"), ("!!", LONG_TAG)] {
            if !self.directives.iter().any(|(known, _)| known == handle) {
                self.directives.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }
}
