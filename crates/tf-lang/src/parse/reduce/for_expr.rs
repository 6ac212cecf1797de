//! `for` expressions.

use super::{Checked, FrameKind, Place, Reducer};
use crate::parse::lex::{Kind, Token};

/// State of a `for` expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForFrame {
    /// Whether it stands in braces.
    object: bool,
    stage: ForStage,
    /// The key's expression, if there is one.
    key: Option<(usize, usize)>,
    /// The value's expression.
    value: (usize, usize),
    ellipsis: Option<Token>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ForStage {
    FirstName,
    AfterFirstName,
    SecondName,
    AfterSecondName,
    Collection,
    /// The value, or the key if `=>` follows.
    First,
    /// The value behind `=>`.
    Value,
    /// Behind `...`.
    Grouped,
    Condition,
}

const INVALID_FOR: &str = "Invalid 'for' expression";

impl Reducer<'_> {
    /// `for` right behind a bracket makes a `for` expression of it.
    pub(super) fn begins_for(&mut self, token: Token) -> bool {
        let object = match self.top.kind {
            FrameKind::Tuple => false,
            FrameKind::Object { .. } => true,
            _ => return false,
        };
        self.put(self.top.open.start, if object { b'{' } else { b'[' });
        self.keep(token);
        self.top.kind = FrameKind::For(ForFrame {
            object,
            stage: ForStage::FirstName,
            key: None,
            value: (token.end, token.end),
            ellipsis: None,
        });
        true
    }

    /// Reads a token of a `for` expression; true never: the text cannot end in it.
    pub(super) fn for_token(&mut self, token: Token) -> Checked<bool> {
        let FrameKind::For(mut each) = self.top.kind else {
            return Ok(false);
        };
        let is_in = token.kind == Kind::Ident && self.source(token) == "in";
        match (each.stage, token.kind) {
            (ForStage::FirstName, Kind::Ident) => {
                self.fill(token, b'x');
                each.stage = ForStage::AfterFirstName;
            }
            (ForStage::FirstName, _) => {
                let detail = "For expression requires variable name after 'for'.";
                return Err(self.error(INVALID_FOR, detail, token));
            }
            (ForStage::AfterFirstName, Kind::Comma) => {
                self.keep(token);
                each.stage = ForStage::SecondName;
            }
            (ForStage::SecondName, Kind::Ident) => {
                self.fill(token, b'x');
                each.stage = ForStage::AfterSecondName;
            }
            (ForStage::SecondName, _) => {
                let detail = "For expression requires value variable name after comma.";
                return Err(self.error(INVALID_FOR, detail, token));
            }
            (ForStage::AfterFirstName | ForStage::AfterSecondName, _) if is_in => {
                self.keep(token);
                self.begin_expression(Place::Operand);
                each.stage = ForStage::Collection;
            }
            (ForStage::AfterFirstName | ForStage::AfterSecondName, _) => {
                let detail = "For expression requires the 'in' keyword after its name declarations.";
                return Err(self.error(INVALID_FOR, detail, token));
            }
            (ForStage::Grouped, _) => return self.end_of_for_part(each, token),
            _ if self.top.place == Place::After && self.ends_for_part(token) => {
                return self.end_of_for_part(each, token);
            }
            _ => return self.expression_token(token),
        }
        self.top.kind = FrameKind::For(each);
        Ok(false)
    }

    /// Whether a token behind an operand does not continue the expression.
    pub(super) fn ends_for_part(&self, token: Token) -> bool {
        match token.kind {
            Kind::Dot | Kind::OpenBracket | Kind::Operator(_) | Kind::Question => false,
            Kind::OpenParen | Kind::DoubleColon => !self.top.callable,
            _ => self.top.pending == 0,
        }
    }

    fn end_of_for_part(&mut self, mut each: ForFrame, token: Token) -> Checked<bool> {
        let part = (self.top.start.unwrap_or(self.previous_end), self.previous_end);
        let is_if = token.kind == Kind::Ident && self.source(token) == "if";
        if matches!(each.stage, ForStage::First | ForStage::Value) {
            each.value = part;
        }
        match (each.stage, token.kind) {
            (ForStage::Collection, Kind::Colon) => each.stage = ForStage::First,
            (ForStage::Collection, _) => {
                let detail = "For expression requires a colon after the collection expression.";
                return Err(self.error(INVALID_FOR, detail, token));
            }
            (ForStage::First, Kind::Arrow) => {
                each.key = Some(part);
                each.stage = ForStage::Value;
            }
            (ForStage::First | ForStage::Value, Kind::Ellipsis) => {
                each.ellipsis = Some(token);
                each.stage = ForStage::Grouped;
            }
            (ForStage::First | ForStage::Value | ForStage::Grouped, _) if is_if => {
                each.stage = ForStage::Condition;
            }
            _ => return self.close_for(each, token),
        }
        self.keep(token);
        self.finish_expression(token)?;
        let place = if each.stage == ForStage::Grouped {
            Place::After
        } else {
            Place::Operand
        };
        self.begin_expression(place);
        self.top.kind = FrameKind::For(each);
        Ok(false)
    }

    fn close_for(&mut self, each: ForFrame, token: Token) -> Checked<bool> {
        let closer = if each.object {
            Kind::CloseBrace
        } else {
            Kind::CloseBracket
        };
        if token.kind != closer {
            let detail = "Extra characters after the end of the 'for' expression.";
            return Err(self.error(INVALID_FOR, detail, token));
        }
        let wrong = match (each.object, each.key, each.ellipsis) {
            (false, Some(key), _) => Some((key, "Key expression is not valid when building a tuple.")),
            (false, None, Some(token)) => Some((
                (token.start, token.end),
                "Grouping ellipsis (...) cannot be used when building a tuple.",
            )),
            (true, None, _) => Some((each.value, "Key expression is required when building an object.")),
            _ => None,
        };
        if let Some(((start, end), detail)) = wrong {
            return Err(self.error_over(INVALID_FOR, detail, start, end));
        }
        self.finish_expression(token)?;
        self.close_operand(token, if each.object { b'}' } else { b']' });
        Ok(false)
    }
}
