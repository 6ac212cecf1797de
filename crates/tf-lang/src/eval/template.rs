//! String templates.

use crate::ast::{Expr, Ident, TemplatePart};
use crate::convert::convert;
use crate::eval::Evaluator;
use crate::eval::structural::{bind, elements};
use crate::functions::safe_prefix;
use crate::source::Span;
use crate::types::Type;
use crate::value::{Marks, Reason, Value};

/// Terraform keeps no longer prefix of a string that is unknown further on.
const MAX_PREFIX: usize = 128;

/// Stands for an unknown part in the structure of a text that is unknown: a noncharacter, which no text of
/// a configuration contains.
pub const UNKNOWN_PART: char = '\u{fdd0}';

/// A string in the making.
#[derive(Default)]
struct Output {
    text: String,
    /// The text with [`UNKNOWN_PART`] for what is unknown, from the first such part on.
    outline: String,
    marks: Marks,
    unknown: Option<Vec<Reason>>,
    failed: bool,
}

impl Output {
    fn push(&mut self, text: &str) {
        if self.failed {
            return;
        }
        match self.unknown {
            None => self.text.push_str(text),
            Some(_) => self.outline.push_str(text),
        }
    }

    fn push_unknown(&mut self, reasons: Vec<Reason>) {
        self.unknown.get_or_insert_default().extend(reasons);
        self.outline.push(UNKNOWN_PART);
    }
}

impl Evaluator<'_> {
    pub(super) fn template(&mut self, parts: &[TemplatePart], span: Span) -> Value {
        if let [TemplatePart::Interpolation(only)] = parts {
            return self.eval(only);
        }
        let mut out = Output::default();
        self.template_parts(parts, &mut out, span);
        let value = match out.unknown {
            None => Value::from(out.text),
            Some(reasons) => {
                let unknown = Value::unknown_because(Type::String, reasons).not_null();
                match out.failed {
                    true => unknown,
                    // Only texts that look like JSON are worth being kept.
                    false if out.text.trim_start().starts_with('{') => {
                        let outline = format!("{}{}", out.text, out.outline);
                        unknown
                            .with_prefix(prefix(&out.text))
                            .with_source(Value::from(outline))
                    }
                    false => unknown.with_prefix(prefix(&out.text)),
                }
            }
        };
        value.with_marks(out.marks)
    }

    fn template_parts(&mut self, parts: &[TemplatePart], out: &mut Output, span: Span) {
        for part in parts {
            match part {
                TemplatePart::Text(text) => out.push(text),
                TemplatePart::Interpolation(expr) => {
                    let value = self.eval(expr);
                    self.interpolate(value, expr.span, out);
                }
                TemplatePart::If { condition, yes, no } => self.template_if(condition, yes, no, out, span),
                TemplatePart::For {
                    key_var,
                    value_var,
                    collection,
                    body,
                } => {
                    self.template_for(key_var, value_var, collection, body, out, span);
                }
            }
            if (out.text.len() + out.outline.len()) as u64 / 64 > super::MAX_WEIGHT {
                out.failed = true;
                self.too_large("The string is longer than 256 MB.", span);
                return;
            }
        }
    }

    fn interpolate(&mut self, value: Value, span: Span, out: &mut Output) {
        const INVALID: &str = "Invalid template interpolation value";
        let (value, marks) = value.unmark();
        out.marks = out.marks.union(marks);
        if value.is_null() {
            if self.lenient {
                return out.push("null");
            }
            out.failed = true;
            let detail = "The expression result is null. Cannot include a null value in a string template.";
            self.fail(INVALID, detail, span);
        } else if let Some(unknown) = value.as_unknown() {
            // What it begins with is known of the whole too: a policy's "${aws_s3_bucket.a.arn}/*" is an ARN.
            out.push(unknown.prefix.as_deref().unwrap_or_default());
            out.push_unknown(value.reasons());
        } else {
            match convert(&value, &Type::String) {
                Ok(text) => out.push(text.as_str().unwrap_or_default()),
                Err(_) if self.lenient => {
                    out.marks = out.marks.union(value.marks_deep());
                    out.push(&crate::console::format_value(&value));
                }
                Err(reason) => {
                    out.failed = true;
                    let detail = format!("Cannot include the given value in a string template: {reason}.");
                    self.fail(INVALID, detail, span);
                }
            }
        }
    }

    fn template_if(
        &mut self,
        condition: &Expr,
        yes: &[TemplatePart],
        no: &[TemplatePart],
        out: &mut Output,
        span: Span,
    ) {
        let (test, marks) = self.eval(condition).unmark();
        out.marks = out.marks.union(marks);
        if test.is_null() && !self.lenient {
            out.failed = true;
            let detail = "The condition value is null. Conditions must either be true or false.";
            self.fail("Null condition", detail, condition.span);
            return;
        }
        match convert(&test, &Type::Bool) {
            Ok(test) => match test.as_bool() {
                Some(true) => self.template_parts(yes, out, span),
                Some(false) => self.template_parts(no, out, span),
                None if test.is_null() => self.template_parts(no, out, span),
                None => out.push_unknown(test.reasons()),
            },
            Err(_) => {
                out.failed = true;
                let detail = "The condition expression must be of type bool.";
                self.fail("Incorrect condition type", detail, condition.span);
            }
        }
    }

    fn template_for(
        &mut self,
        key_var: &Option<Ident>,
        value_var: &Ident,
        collection: &Expr,
        body: &[TemplatePart],
        out: &mut Output,
        span: Span,
    ) {
        let (value, marks) = self.eval(collection).unmark();
        out.marks = out.marks.union(marks);
        if value.is_null() {
            if self.lenient {
                return;
            }
            out.failed = true;
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            self.fail("Iteration over null value", detail, collection.span);
            return;
        }
        match elements(&value) {
            Some(elements) => {
                for (key, value) in elements {
                    let names = bind(key_var, value_var, key, value);
                    self.with_bound(names, |evaluator| evaluator.template_parts(body, out, span));
                }
            }
            None if !value.is_known() => out.push_unknown(value.reasons()),
            None => {
                out.failed = true;
                let detail = format!(
                    "A value of type {} cannot be used as the collection in a 'for' expression.",
                    value.ty().friendly_name()
                );
                self.fail("Iteration over non-iterable value", detail, collection.span);
            }
        }
    }
}

/// The part of a known beginning that Terraform keeps: at most [`MAX_PREFIX`] bytes.
fn prefix(text: &str) -> &str {
    let mut end = text.len().min(MAX_PREFIX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    safe_prefix(text.get(..end).unwrap_or_default())
}
