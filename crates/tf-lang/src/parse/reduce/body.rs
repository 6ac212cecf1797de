//! Bodies: attributes and blocks.

use super::{Checked, Frame, FrameKind, Place, Reducer};
use crate::parse::lex::{Kind, Token};

/// A body's state.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyFrame {
    /// Whether it stands in braces.
    in_block: bool,
    /// `kind { name = value }` on one line.
    one_line: bool,
    stage: Stage,
    /// How many names of attributes belong to the bodies around it.
    first_name: usize,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Before an attribute or block.
    Item,
    /// Behind the name that begins one.
    Name(Token),
    /// Behind a block's type and perhaps labels.
    Labels,
    /// In an attribute's expression.
    Value,
    /// Behind a block.
    Closed,
}

const REQUIRED: &str = "Argument or block definition required";
const UNCLOSED: &str = "Unclosed configuration block";
const UNCLOSED_DETAIL: &str = "There is no closing brace for this block before the end of the file. This may be \
                               caused by incorrect brace nesting elsewhere in this file.";
const ONE_ARGUMENT: &str = "Invalid single-argument block definition";
const INVALID_BLOCK: &str = "Invalid block definition";

impl BodyFrame {
    /// The body of a file.
    pub(super) fn root() -> BodyFrame {
        BodyFrame {
            in_block: false,
            one_line: false,
            stage: Stage::Item,
            first_name: 0,
        }
    }
}

impl Reducer<'_> {
    /// Reads a token of a body; true at the end of the text.
    pub(super) fn body_token(&mut self, token: Token) -> Checked<bool> {
        let FrameKind::Body(body) = self.top.kind else {
            return Ok(false);
        };
        match body.stage {
            Stage::Item => return self.item(body, token),
            Stage::Name(name) => self.after_name(body, name, token)?,
            Stage::Labels => self.label(body, token)?,
            Stage::Value => return self.expression_token(token),
            Stage::Closed => match token.kind {
                Kind::Newline => {
                    self.end_line(token);
                    self.set_stage(Stage::Item);
                }
                Kind::Eof => self.set_stage(Stage::Item),
                _ => {
                    let detail = "A block definition must end with a newline.";
                    return Err(self.error("Missing newline after block definition", detail, token));
                }
            },
        }
        Ok(false)
    }

    fn set_stage(&mut self, next: Stage) {
        if let FrameKind::Body(body) = &mut self.top.kind {
            body.stage = next;
        }
    }

    fn end_line(&mut self, token: Token) {
        self.put(token.end.saturating_sub(1), b'\n');
    }

    fn item(&mut self, body: BodyFrame, token: Token) -> Checked<bool> {
        match token.kind {
            Kind::Ident => {
                self.keep(token);
                self.set_stage(Stage::Name(token));
            }
            Kind::Newline if !body.one_line => self.end_line(token),
            Kind::CloseBrace if body.in_block && !body.one_line => self.close_body(token)?,
            Kind::Eof if !body.in_block => {
                self.check_names(body.first_name)?;
                return Ok(true);
            }
            Kind::Eof => return Err(self.error(UNCLOSED, UNCLOSED_DETAIL, self.top.open)),
            Kind::OpenQuote if !body.one_line => {
                return Err(self.error(
                    "Invalid argument name",
                    "Argument names must not be quoted.",
                    token,
                ));
            }
            _ => {
                return Err(self.error(
                    REQUIRED,
                    "An argument or block definition is required here.",
                    token,
                ));
            }
        }
        Ok(false)
    }

    fn after_name(&mut self, body: BodyFrame, name: Token, token: Token) -> Checked<()> {
        match token.kind {
            Kind::Equals => {
                self.keep(token);
                self.names.push((name.start, name.end));
                self.set_stage(Stage::Value);
                self.begin_expression(Place::Operand);
                Ok(())
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident if body.one_line => {
                let detail = format!(
                    "A single-line block definition can contain only a single argument. If you meant to define \
                     argument \"{}\", use an equals sign to assign it a value. To define a nested block, place it \
                     on a line of its own within its parent block.",
                    self.source(name),
                );
                Err(self.error_over("Argument definition required", detail, name.start, token.end))
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident => {
                self.set_stage(Stage::Labels);
                self.label(body, token)
            }
            _ => {
                let detail = "An argument or block definition is required here. To set an argument, use the equals \
                              sign \"=\" to introduce the argument value.";
                Err(self.error(REQUIRED, detail, name))
            }
        }
    }

    fn label(&mut self, body: BodyFrame, token: Token) -> Checked<()> {
        let detail = match token.kind {
            Kind::Ident => {
                self.keep(token);
                return Ok(());
            }
            Kind::OpenQuote => return self.quoted_label(token),
            Kind::OpenBrace => return self.open_body(token),
            Kind::Equals => {
                "The equals sign \"=\" indicates an argument definition, and must not be used when defining a block."
            }
            Kind::Newline => {
                "A block definition must have block content delimited by \"{\" and \"}\", starting on the same line \
                 as the block header."
            }
            _ => "Either a quoted string block label or an opening brace (\"{\") is expected here.",
        };
        debug_assert!(!body.one_line);
        Err(self.error(INVALID_BLOCK, detail, token))
    }

    /// A label stays a string of blanks: as a name it could run into the name beside it.
    fn quoted_label(&mut self, open: Token) -> Checked<()> {
        self.put(open.start, b'"');
        loop {
            let token = self.next()?;
            match token.kind {
                Kind::Literal => self.check_escapes(token)?,
                Kind::CloseQuote => {
                    self.put(token.start, b'"');
                    return Ok(());
                }
                Kind::OpenInterpolation | Kind::OpenDirective => {
                    let which = if token.kind == Kind::OpenInterpolation {
                        '$'
                    } else {
                        '%'
                    };
                    let detail = format!(
                        "Template sequences are not allowed in this string. To include a literal \"{which}\", \
                         double it (as \"{which}{which}\") to escape it.",
                    );
                    return Err(self.error("Invalid string literal", detail, token));
                }
                _ => {
                    let detail = "Unable to find the closing quote mark before the end of the file.";
                    return Err(self.error("Unterminated string literal", detail, open));
                }
            }
        }
    }

    fn open_body(&mut self, brace: Token) -> Checked<()> {
        self.keep(brace);
        self.set_stage(Stage::Closed);
        let mut body = BodyFrame {
            in_block: true,
            first_name: self.names.len(),
            ..BodyFrame::root()
        };
        self.open(brace, FrameKind::Body(body), Place::Operand)?;
        let next = self.peek()?;
        body.one_line = !matches!(next.kind, Kind::Newline | Kind::Eof | Kind::CloseBrace);
        self.top.kind = FrameKind::Body(body);
        Ok(())
    }

    fn close_body(&mut self, brace: Token) -> Checked<()> {
        self.keep(brace);
        if let Frame {
            kind: FrameKind::Body(body),
            ..
        } = self.close()
        {
            self.check_names(body.first_name)?;
        }
        Ok(())
    }

    /// An attribute's expression has ended before `token`.
    pub(super) fn end_of_attribute(&mut self, body: BodyFrame, token: Token) -> Checked<()> {
        self.finish_expression(token)?;
        let (summary, detail) = match (token.kind, body.one_line) {
            (Kind::CloseBrace, true) => return self.close_body(token),
            (Kind::Newline, false) => {
                self.end_line(token);
                self.set_stage(Stage::Item);
                return Ok(());
            }
            (Kind::Eof, false) => {
                self.set_stage(Stage::Item);
                return Ok(());
            }
            (Kind::Eof, true) => return Err(self.error(UNCLOSED, UNCLOSED_DETAIL, self.top.open)),
            (Kind::Comma, true) => (
                ONE_ARGUMENT,
                "Single-line block syntax can include only one argument definition. To define multiple arguments, \
                 use the multi-line block syntax with one argument definition per line.",
            ),
            (Kind::Newline, true) => (
                ONE_ARGUMENT,
                "An argument definition on the same line as its containing block creates a single-line block \
                 definition, which must also be closed on the same line. Place the block's closing brace \
                 immediately after the argument definition.",
            ),
            (_, true) => (
                ONE_ARGUMENT,
                "A single-line block definition must end with a closing brace immediately after its single argument \
                 definition.",
            ),
            (Kind::Comma, false) => (
                "Unexpected comma after argument",
                "Argument definitions must be separated by newlines, not commas. An argument definition must end \
                 with a newline.",
            ),
            _ => (
                "Missing newline after argument",
                "An argument definition must end with a newline.",
            ),
        };
        Err(self.error(summary, detail, token))
    }

    /// Refuses a name that is set twice, and forgets the names of the body that ends.
    fn check_names(&mut self, first: usize) -> Checked<()> {
        let mut names: Vec<(&str, usize)> = self
            .names
            .drain(first.min(self.names.len())..)
            .map(|(start, end)| (self.text.get(start..end).unwrap_or_default(), start))
            .collect();
        names.sort_unstable();
        let twice = names.windows(2).filter_map(|pair| match pair {
            [(earlier, first), (later, again)] if earlier == later => Some((*later, *first, *again)),
            _ => None,
        });
        match twice.min_by_key(|(_, _, again)| *again) {
            None => Ok(()),
            Some((name, first, again)) => {
                let detail = format!(
                    "The argument \"{name}\" was already set at {}. Each argument may be set only once.",
                    self.place(first, first + name.len()),
                );
                Err(self.error_over("Attribute redefined", detail, again, again + name.len()))
            }
        }
    }
}
