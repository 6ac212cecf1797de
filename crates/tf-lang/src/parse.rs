//! From text to syntax trees.
//!
//! Terraform's language is parsed by hcl-edit, which no other module names. Terraform is the judge of what is
//! right, so hcl-edit is not given the text itself: [`reduce`] checks it as Terraform's scanner and parser do,
//! bounds its nesting, and writes a copy that holds only what both read alike; [`lower`] makes our tree of
//! hcl-edit's tree of the copy, and of the source.
//!
//! Trees are at most 500 nestings deep and 10,000 operators high; parse and drop them on a thread with a
//! stack of 256 MB, as all that recurses over them.
//!
//! A splat over a full splat, as in `a[*].b[*].c`, belongs to each element of the inner one: HCL reads all
//! that follows `[*]` for each element. In parentheses, `(a[*].b)[*].c`, it applies to the whole list.

mod comment;
mod json;
mod lex;
mod literal;
mod lower;
mod reduce;

use crate::ast::{Body, Expr, ExprKind};
use crate::diagnostic::Diagnostic;
use crate::parse::lower::{Lowering, TemplateForm};
use crate::parse::reduce::{Form, Reduced};
use crate::source::{FileId, Span};
use crate::value::normalise;

pub use comment::{Comment, comments};
pub use json::{Json, JsonNode, parse_json_body};

/// Parses a `.tf` or `.tfvars` file, or any other body of attributes and blocks.
///
/// The text may begin with a byte-order mark; spans count it.
///
/// # Errors
/// The first thing that Terraform would not accept, or that nests too deeply.
pub fn parse_body(file: FileId, text: &str) -> Result<Body, Box<Diagnostic>> {
    let reduced = reduce::reduce(file, text, Form::Body)?;
    let body =
        hcl_edit::parser::parse_body(&reduced.text).map_err(|error| refused(file, &reduced, &error))?;
    lowering(file, text, &reduced).body(&body, Span::new(file, 0, text.len()))
}

/// Parses a text that is one expression. Line endings do not matter in it.
///
/// # Errors
/// The first thing that Terraform would not accept, or that nests too deeply.
pub fn parse_expr(file: FileId, text: &str) -> Result<Expr, Box<Diagnostic>> {
    let reduced = reduce::reduce(file, text, Form::Expression)?;
    let expr =
        hcl_edit::parser::parse_expr(&reduced.text).map_err(|error| refused(file, &reduced, &error))?;
    match expr {
        hcl_edit::expr::Expression::Parenthesis(inner) => lowering(file, text, &reduced).expr(inner.inner()),
        _ => Err(misread(
            Span::new(file, 0, text.len()),
            "an expression without its parentheses",
        )),
    }
}

/// Parses a text that is a template as a whole: a file for `templatefile`, or a string in a `.tf.json` file.
/// Without sequences it gives [`ExprKind::String`], otherwise [`ExprKind::Template`].
///
/// # Errors
/// The first thing that Terraform would not accept, or that nests too deeply.
pub fn parse_template(file: FileId, text: &str) -> Result<Expr, Box<Diagnostic>> {
    let reduced = reduce::reduce(file, text, Form::Template)?;
    let span = Span::new(file, 0, text.len());
    let Some(template) = reduced.templates.first() else {
        let content = text.strip_prefix('\u{feff}').unwrap_or(text);
        return Ok(Expr {
            kind: ExprKind::String(normalise(&literal::unescape(content, false))),
            span,
        });
    };
    let expr =
        hcl_edit::parser::parse_expr(&reduced.text).map_err(|error| refused(file, &reduced, &error))?;
    let hcl_edit::expr::Expression::Array(items) = expr else {
        return Err(misread(span, "a template without its brackets"));
    };
    let lowering = lowering(file, text, &reduced);
    let parts = lowering.template(&template.pieces, &items, TemplateForm::Lines, span)?;
    Ok(Expr {
        kind: ExprKind::Template(parts),
        span,
    })
}

fn lowering<'a>(file: FileId, source: &'a str, reduced: &'a Reduced) -> Lowering<'a> {
    Lowering {
        file,
        source,
        shift: reduced.shift,
        templates: &reduced.templates,
    }
}

/// hcl-edit has refused what the check before it accepts.
fn refused(file: FileId, reduced: &Reduced, error: &hcl_edit::parser::Error) -> Box<Diagnostic> {
    let at = error.location().offset().saturating_sub(reduced.shift);
    misread(Span::new(file, at, at + 1), error.message())
}

/// The diagnostic for a fault of ours.
fn misread(span: Span, what: &str) -> Box<Diagnostic> {
    let detail = format!(
        "This text seems to be right, but Plumbline could not read it (the parser says: {what}). This is a bug in \
         Plumbline; please report it with the text.",
    );
    Box::new(Diagnostic::error("Unreadable text", detail, span))
}

// BENCH-BEGIN
#[doc(hidden)]
pub fn bench_reduce(text: &str) -> usize {
    reduce::reduce(FileId(0), text, Form::Body).map_or(0, |r| r.text.len())
}
#[doc(hidden)]
pub fn bench_reduce_parse(text: &str) -> usize {
    reduce::reduce(FileId(0), text, Form::Body).map_or(0, |r| {
        hcl_edit::parser::parse_body(&r.text).map_or(0, |b| b.len())
    })
}
// BENCH-END
