//! What is open while a text is read: brackets, bodies and templates.

use super::{body, for_expr, template};
use crate::parse::lex::Token;

/// Something open.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// The token that opened it.
    pub(super) open: Token,
    pub(super) place: Place,
    /// Nothing has been read in it yet.
    pub(super) fresh: bool,
    /// The last token is a bare name, so that `(` makes it a call.
    pub(super) callable: bool,
    /// The expression ends in `.*` and attributes, where Terraform takes no second `.*`.
    pub(super) attribute_splat: bool,
    /// How many `?` wait for their `:`.
    pub(super) pending: u32,
    /// Of the current expression: what nests to its right.
    pub(super) conditionals: u32,
    /// Of the current operand: unary operators and splats.
    pub(super) wrappers: u32,
    /// Of the current expression: operators between operands.
    pub(super) operators: u32,
    /// Height of the current operand, without what wraps it.
    pub(super) operand: u32,
    /// Of the current expression: its highest operand.
    pub(super) tallest: u32,
    /// The highest expression so far.
    pub(super) height: u32,
    /// Where the current expression starts, once it has.
    pub(super) start: Option<usize>,
}

#[derive(Debug)]
pub(super) enum FrameKind {
    Body(body::BodyFrame),
    /// A whole text that is one expression.
    Whole,
    Paren,
    Index,
    Tuple,
    Object {
        in_value: bool,
    },
    For(for_expr::ForFrame),
    Call,
    Template(template::TemplateFrame),
    Interpolation {
        strip_before: bool,
    },
    Directive(template::DirectiveFrame),
}

impl FrameKind {
    /// A sequence nests no deeper than its template.
    pub(super) fn nests(&self) -> bool {
        !matches!(self, FrameKind::Interpolation { .. } | FrameKind::Directive(_))
    }
}

/// Where in an expression the next token stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// At a place for an expression, where the bracket may close too.
    Start,
    /// Behind an operator or whatever else must be followed by an operand.
    Operand,
    /// Behind an operand.
    After,
}

impl Frame {
    pub(super) fn new(kind: FrameKind, open: Token, place: Place) -> Frame {
        Frame {
            kind,
            open,
            place,
            fresh: true,
            callable: false,
            attribute_splat: false,
            pending: 0,
            conditionals: 0,
            wrappers: 0,
            operators: 0,
            operand: 0,
            tallest: 0,
            height: 0,
            start: None,
        }
    }

    pub(super) fn newlines_matter(&self) -> bool {
        matches!(self.kind, FrameKind::Body(_) | FrameKind::Object { .. })
    }
}
