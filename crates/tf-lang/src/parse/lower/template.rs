//! Templates: strip markers, indentation, directives.

use std::sync::Arc;

use hcl_edit::expr::Array;

use super::Lowering;
use crate::ast::{Expr, Ident, TemplatePart};
use crate::parse::reduce::{Checked, Piece, Sequence};
use crate::parse::{literal, misread};
use crate::source::Span;
use crate::value::normalise;

/// How a template is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::parse) enum TemplateForm {
    /// In quotes, with backslash escapes.
    Quoted,
    /// As a heredoc or a whole text.
    Lines,
    /// As a heredoc without its indentation.
    Indented,
}

/// A directive that waits for its end, with the parts before it.
enum OpenPart {
    If(Expr, Option<Vec<TemplatePart>>, Vec<TemplatePart>),
    For(Option<Ident>, Ident, Expr, Vec<TemplatePart>),
}

impl OpenPart {
    fn close(self, inner: Vec<TemplatePart>) -> Vec<TemplatePart> {
        let (part, mut before) = match self {
            OpenPart::If(condition, yes, before) => {
                let (yes, no) = match yes {
                    Some(yes) => (yes, inner),
                    None => (inner, Vec::new()),
                };
                (TemplatePart::If { condition, yes, no }, before)
            }
            OpenPart::For(key_var, value_var, collection, before) => (
                TemplatePart::For {
                    key_var,
                    value_var,
                    collection,
                    body: inner,
                },
                before,
            ),
        };
        before.push(part);
        before
    }
}

fn push_text(parts: &mut Vec<TemplatePart>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(TemplatePart::Text(before)) = parts.last_mut() {
        *before = normalise(&format!("{before}{text}"));
    } else {
        parts.push(TemplatePart::Text(normalise(text)));
    }
}

impl Lowering<'_> {
    /// The parts of a template whose expressions are `items`.
    pub(in crate::parse) fn template(
        &self,
        pieces: &[Piece],
        items: &Array,
        form: TemplateForm,
        span: Span,
    ) -> Checked<Vec<TemplatePart>> {
        let mut literals = self.literals(pieces, form);
        if form == TemplateForm::Indented {
            literal::dedent(&mut literals);
        }
        let missing = || misread(span, "a template with fewer expressions than sequences");
        let mut items = items.iter();
        let mut next = || self.expr(items.next().ok_or_else(missing)?);
        let mut open: Vec<OpenPart> = Vec::new();
        let mut parts = Vec::new();
        for (piece, literal) in pieces.iter().zip(literals) {
            match piece {
                Piece::Literal(..) => push_text(&mut parts, &literal.unwrap_or_default()),
                Piece::Sequence { kind, .. } => match kind {
                    Sequence::Interpolation => parts.push(TemplatePart::Interpolation(next()?)),
                    Sequence::If => {
                        open.push(OpenPart::If(next()?, None, std::mem::take(&mut parts)));
                    }
                    Sequence::For { key, value } => {
                        let key = key.map(|(start, end)| self.name(start, end));
                        let value = self.name(value.0, value.1);
                        open.push(OpenPart::For(key, value, next()?, std::mem::take(&mut parts)));
                    }
                    Sequence::Else => {
                        if let Some(OpenPart::If(_, yes, _)) = open.last_mut() {
                            *yes = Some(std::mem::take(&mut parts));
                        }
                    }
                    Sequence::EndIf | Sequence::EndFor => {
                        let open = open
                            .pop()
                            .ok_or_else(|| misread(span, "a template out of balance"))?;
                        parts = open.close(parts);
                    }
                },
            }
        }
        // A lone interpolation keeps its type; with any literal beside it, even one of which `~` has left
        // nothing, the result is a string.
        if pieces.len() > 1 && matches!(parts.as_slice(), [TemplatePart::Interpolation(_)]) {
            parts.push(TemplatePart::Text(Arc::from("")));
        }
        Ok(parts)
    }

    /// The literals' texts with strip markers applied; `None` for sequences.
    fn literals(&self, pieces: &[Piece], form: TemplateForm) -> Vec<Option<String>> {
        let strips = |index: Option<usize>, before: bool| match index.and_then(|index| pieces.get(index)) {
            Some(Piece::Sequence {
                strip_before,
                strip_after,
                ..
            }) => {
                if before {
                    *strip_before
                } else {
                    *strip_after
                }
            }
            _ => false,
        };
        let literal = |(index, piece): (usize, &Piece)| {
            let Piece::Literal(start, end) = *piece else {
                return None;
            };
            let text = literal::unescape(self.text(start..end), form == TemplateForm::Quoted);
            let mut text: &str = &text;
            if strips(index.checked_sub(1), false) {
                text = text.trim_start();
            }
            if strips(Some(index + 1), true) {
                text = text.trim_end();
            }
            Some(text.to_owned())
        };
        pieces.iter().enumerate().map(literal).collect()
    }
}
