//! Expressions.

use super::{Checked, FrameKind, MAX_HEIGHT, Place, Reducer};
use crate::ast::BinaryOp;
use crate::number::Number;
use crate::parse::lex::{Kind, Token};

const UNTERMINATED_OBJECT: &str = "Unterminated object constructor expression";
const UNTERMINATED_OBJECT_DETAIL: &str = "There is no corresponding closing brace before the end of the file. This \
                                          may be caused by incorrect brace nesting elsewhere in this file.";

impl Reducer<'_> {
    /// Reads a token of an expression; true at the end of the text.
    pub(super) fn expression_token(&mut self, token: Token) -> Checked<bool> {
        if self.top.place != Place::After {
            let fresh = self.top.fresh;
            self.top.fresh = fresh && token.kind == Kind::Newline;
            self.operand(token, fresh)?;
            return Ok(false);
        }
        let callable = std::mem::replace(&mut self.top.callable, false);
        match token.kind {
            Kind::Dot => self.attribute(token)?,
            Kind::OpenBracket => self.index(token)?,
            Kind::OpenParen if callable => self.call(token)?,
            Kind::DoubleColon if callable => self.namespaced_call(token)?,
            Kind::Operator(_) => {
                self.put(token.start, b'+');
                self.next_operand();
                self.top.operators += 1;
                self.check_height(token)?;
            }
            Kind::Question => {
                self.keep(token);
                self.deeper(token)?;
                self.next_operand();
                self.top.conditionals += 1;
                self.top.pending += 1;
            }
            Kind::Colon if self.top.pending > 0 => {
                self.keep(token);
                self.next_operand();
                self.top.pending -= 1;
            }
            _ if self.top.pending > 0 => {
                let detail = "The conditional operator (...?...:...) requires a false expression, delimited by a colon.";
                return Err(self.error("Missing false expression in conditional", detail, token));
            }
            _ => return self.end_of_expression(token),
        }
        Ok(false)
    }

    pub(super) fn begin_expression(&mut self, place: Place) {
        let top = &mut self.top;
        (top.place, top.callable, top.attribute_splat) = (place, false, false);
        top.start = None;
    }

    /// The operand is complete; unary operators and splats belong to it alone.
    fn end_operand(&mut self) {
        let top = &mut self.top;
        self.depth = self.depth.saturating_sub(top.wrappers);
        top.tallest = top.tallest.max(top.operand + top.wrappers);
        (top.operand, top.wrappers, top.attribute_splat) = (0, 0, false);
    }

    fn next_operand(&mut self) {
        self.end_operand();
        self.top.place = Place::Operand;
    }

    fn check_height(&self, token: Token) -> Checked<()> {
        let top = &self.top;
        if top.tallest + top.operators + top.conditionals > MAX_HEIGHT {
            let detail = format!(
                "An expression may chain or nest {MAX_HEIGHT} operators. Split it into several local values."
            );
            return Err(self.error("Expression nested too deeply", detail, token));
        }
        Ok(())
    }

    /// The current expression has ended before `token`.
    pub(super) fn finish_expression(&mut self, token: Token) -> Checked<()> {
        self.end_operand();
        self.check_height(token)?;
        let top = &mut self.top;
        top.height = top.height.max(top.tallest + top.operators + top.conditionals);
        self.depth = self.depth.saturating_sub(top.conditionals);
        (top.tallest, top.operators, top.conditionals) = (0, 0, 0);
        Ok(())
    }

    /// The innermost frame's bracket has closed: its expression is an operand of the frame around it.
    pub(super) fn close_operand(&mut self, token: Token, bracket: u8) {
        self.put(token.end.saturating_sub(1), bracket);
        let height = self.close().height + 1;
        self.operand_read(height);
    }

    pub(super) fn operand_read(&mut self, height: u32) {
        self.top.place = Place::After;
        self.top.callable = false;
        self.top.operand = self.top.operand.max(height);
    }

    fn operand(&mut self, token: Token, fresh: bool) -> Checked<()> {
        self.top.start.get_or_insert(token.start);
        match (token.kind, self.top.place) {
            (Kind::Ident, _) if fresh && self.source(token) == "for" && self.begins_for(token) => Ok(()),
            (Kind::Ident, _) => {
                self.fill(token, b'x');
                self.operand_read(1);
                self.top.callable = true;
                Ok(())
            }
            (Kind::Number, _) => self.number(token),
            (Kind::OpenQuote | Kind::OpenHeredoc, _) => self.open_template(token),
            (Kind::OpenParen, _) => {
                self.keep(token);
                self.open(token, FrameKind::Paren, Place::Operand)
            }
            (Kind::OpenBracket, _) => {
                self.keep(token);
                self.open(token, FrameKind::Tuple, Place::Start)
            }
            (Kind::OpenBrace, _) => {
                self.put(token.start, b'[');
                self.open(token, FrameKind::Object { in_value: false }, Place::Start)
            }
            (Kind::Operator(BinaryOp::Sub) | Kind::Bang, _) => {
                self.keep(token);
                self.deeper(token)?;
                self.top.wrappers += 1;
                self.top.place = Place::Operand;
                Ok(())
            }
            (_, Place::Start) if self.closes_empty(token) => Ok(()),
            (Kind::Eof, _) => {
                let detail = "Expected the start of an expression, but found the end of the file.";
                Err(self.error("Missing expression", detail, token))
            }
            _ => {
                let detail = "Expected the start of an expression, but found an invalid expression token.";
                Err(self.error("Invalid expression", detail, token))
            }
        }
    }

    /// Handles what may stand in a bracket instead of an expression.
    fn closes_empty(&mut self, token: Token) -> bool {
        let bracket = match (&self.top.kind, token.kind) {
            (FrameKind::Object { .. }, Kind::Newline) => return true,
            (FrameKind::Object { .. }, Kind::CloseBrace) | (FrameKind::Tuple, Kind::CloseBracket) => b']',
            (FrameKind::Call, Kind::CloseParen) => b')',
            _ => return false,
        };
        self.close_operand(token, bracket);
        true
    }

    fn number(&mut self, token: Token) -> Checked<()> {
        let source = self.source(token);
        if Number::parse(source).is_none() {
            let detail = "Failed to recognize the value of this number literal.";
            return Err(self.error("Invalid number literal", detail, token));
        }
        if is_plain_index(source) {
            self.fill(token, b'1');
        } else {
            // Longer than two bytes, or it would be a plain one.
            self.put(token.start, b'[');
            self.put(token.end.saturating_sub(1), b']');
        }
        self.operand_read(1);
        Ok(())
    }

    fn attribute(&mut self, dot: Token) -> Checked<()> {
        self.keep(dot);
        let token = self.next()?;
        match token.kind {
            Kind::Ident => self.fill(token, b'x'),
            Kind::Number => self.legacy_index(token)?,
            Kind::Operator(BinaryOp::Mul) if self.top.attribute_splat => {
                let detail =
                    "A splat expression (*) cannot be used inside another attribute-only splat expression.";
                return Err(self.error("Nested splat expression not allowed", detail, token));
            }
            Kind::Operator(BinaryOp::Mul) => {
                self.splat(token)?;
                self.top.attribute_splat = true;
            }
            _ => {
                let detail = "An attribute name is required after a dot.";
                return Err(self.error("Invalid attribute name", detail, token));
            }
        }
        Ok(())
    }

    fn legacy_index(&mut self, token: Token) -> Checked<()> {
        let source = self.source(token);
        if let Some((first, second)) = source.split_once('.') {
            let with_splat = match self.top.attribute_splat {
                true => " with a full splat expression [*]",
                false => "",
            };
            let detail = format!(
                "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper \
                 index syntax{with_splat} instead, like [{first}][{second}].",
            );
            return Err(self.error("Invalid legacy index syntax", detail, token));
        }
        self.fill(token, if is_plain_index(source) { b'1' } else { b'x' });
        Ok(())
    }

    /// A splat holds what it is read from: it nests.
    fn splat(&mut self, star: Token) -> Checked<()> {
        self.keep(star);
        self.deeper(star)?;
        self.top.wrappers += 1;
        Ok(())
    }

    fn index(&mut self, bracket: Token) -> Checked<()> {
        self.keep(bracket);
        self.top.attribute_splat = false;
        let next = self.peek()?;
        if next.kind != Kind::Operator(BinaryOp::Mul) {
            return self.open(bracket, FrameKind::Index, Place::Operand);
        }
        let star = self.next()?;
        self.splat(star)?;
        let close = self.next()?;
        if close.kind != Kind::CloseBracket {
            let detail = "The star for a full splat operator must be immediately followed by a closing bracket (\"]\").";
            return Err(self.error("Missing close bracket on splat index", detail, close));
        }
        self.keep(close);
        Ok(())
    }

    fn call(&mut self, paren: Token) -> Checked<()> {
        self.keep(paren);
        self.open(paren, FrameKind::Call, Place::Start)
    }

    fn namespaced_call(&mut self, colons: Token) -> Checked<()> {
        let mut separator = colons;
        while separator.kind == Kind::DoubleColon {
            self.keep(separator);
            let name = self.next()?;
            if name.kind != Kind::Ident {
                let detail =
                    "Function scope resolution symbol :: must be followed by a function name in this scope.";
                return Err(self.error("Missing function name", detail, name));
            }
            self.fill(name, b'x');
            separator = self.next()?;
        }
        if separator.kind != Kind::OpenParen {
            let detail =
                "Function selector must be followed by an open parenthesis to begin the function call.";
            return Err(self.error("Missing open parenthesis", detail, separator));
        }
        self.call(separator)
    }

    /// A complete expression is followed by a token that cannot continue it.
    fn end_of_expression(&mut self, token: Token) -> Checked<bool> {
        match self.top.kind {
            FrameKind::Body(body) => self.end_of_attribute(body, token)?,
            FrameKind::Whole => {
                if token.kind != Kind::Eof {
                    let detail =
                        "An expression was successfully parsed, but extra characters were found after it.";
                    return Err(self.error("Extra characters after expression", detail, token));
                }
                self.finish_expression(token)?;
                return Ok(true);
            }
            FrameKind::Paren => {
                let detail = "Expected a closing parenthesis to terminate the expression.";
                self.close_with(token, Kind::CloseParen, b')', "Unbalanced parentheses", detail)?;
            }
            FrameKind::Index => {
                let detail = "The index operator must end with a closing bracket (\"]\").";
                self.close_with(
                    token,
                    Kind::CloseBracket,
                    b']',
                    "Missing close bracket on index",
                    detail,
                )?;
            }
            FrameKind::Tuple => self.after_item(token)?,
            FrameKind::Call => self.after_argument(token)?,
            FrameKind::Object { in_value: false } => self.after_key(token)?,
            FrameKind::Object { in_value: true } => self.after_value(token)?,
            FrameKind::Interpolation { strip_before } => self.end_of_interpolation(strip_before, token)?,
            FrameKind::For(_) | FrameKind::Directive(_) | FrameKind::Template(_) => {}
        }
        Ok(false)
    }

    fn close_with(
        &mut self,
        token: Token,
        closer: Kind,
        bracket: u8,
        summary: &str,
        detail: &str,
    ) -> Checked<()> {
        if token.kind != closer {
            return Err(self.error(summary, detail, token));
        }
        self.finish_expression(token)?;
        self.close_operand(token, bracket);
        Ok(())
    }

    fn next_item(&mut self, separator: Token) -> Checked<()> {
        self.put(separator.end.saturating_sub(1), b',');
        self.finish_expression(separator)?;
        self.begin_expression(Place::Start);
        Ok(())
    }

    fn after_item(&mut self, token: Token) -> Checked<()> {
        match token.kind {
            Kind::Comma => self.next_item(token),
            Kind::Eof => {
                let detail = "There is no corresponding closing bracket before the end of the file. This may be \
                              caused by incorrect bracket nesting elsewhere in this file.";
                Err(self.error("Unterminated tuple constructor expression", detail, self.top.open))
            }
            _ => {
                let detail = "Expected a comma to mark the beginning of the next item.";
                self.close_with(token, Kind::CloseBracket, b']', "Missing item separator", detail)
            }
        }
    }

    fn after_argument(&mut self, token: Token) -> Checked<()> {
        match token.kind {
            Kind::Comma => self.next_item(token),
            Kind::Ellipsis => {
                self.keep(token);
                let close = self.next()?;
                if close.kind != Kind::CloseParen {
                    let detail = "An expanded function argument (with ...) must be immediately followed by closing \
                                  parentheses.";
                    return Err(self.error("Missing closing parenthesis", detail, token));
                }
                self.finish_expression(close)?;
                self.close_operand(close, b')');
                Ok(())
            }
            Kind::Eof => {
                let detail = "There is no closing parenthesis for this function call before the end of the file. \
                              This may be caused by incorrect parenthesis nesting elsewhere in this file.";
                Err(self.error("Unterminated function call", detail, self.top.open))
            }
            _ => {
                let detail = "A comma is required to separate each function argument from the next.";
                self.close_with(
                    token,
                    Kind::CloseParen,
                    b')',
                    "Missing argument separator",
                    detail,
                )
            }
        }
    }

    fn after_key(&mut self, token: Token) -> Checked<()> {
        const SEPARATOR: &str = "Missing key/value separator";
        match token.kind {
            Kind::Equals | Kind::Colon => {
                self.next_item(token)?;
                self.top.kind = FrameKind::Object { in_value: true };
                self.top.place = Place::Operand;
                Ok(())
            }
            Kind::Newline | Kind::Comma => {
                let detail = "Expected an attribute value, introduced by an equals sign (\"=\").";
                Err(self.error("Missing attribute value", detail, token))
            }
            Kind::Ident => {
                let detail = "Expected an equals sign (\"=\") to mark the beginning of the attribute value. If you \
                              intended to given an attribute name containing periods or spaces, write the name in \
                              quotes to create a string literal.";
                Err(self.error(SEPARATOR, detail, token))
            }
            Kind::Eof => Err(self.error(UNTERMINATED_OBJECT, UNTERMINATED_OBJECT_DETAIL, self.top.open)),
            _ => {
                let detail = "Expected an equals sign (\"=\") to mark the beginning of the attribute value.";
                Err(self.error(SEPARATOR, detail, token))
            }
        }
    }

    fn after_value(&mut self, token: Token) -> Checked<()> {
        match token.kind {
            Kind::Comma | Kind::Newline => {
                self.next_item(token)?;
                self.top.kind = FrameKind::Object { in_value: false };
                Ok(())
            }
            Kind::Eof => Err(self.error(UNTERMINATED_OBJECT, UNTERMINATED_OBJECT_DETAIL, self.top.open)),
            _ => {
                let detail = "Expected a newline or comma to mark the beginning of the next attribute.";
                self.close_with(
                    token,
                    Kind::CloseBrace,
                    b']',
                    "Missing attribute separator",
                    detail,
                )
            }
        }
    }
}

/// Whether hcl-edit reads as many ones as the number has bytes as a number, wherever one may stand.
fn is_plain_index(source: &str) -> bool {
    source.len() <= 18 && source.bytes().all(|byte| byte.is_ascii_digit())
}
