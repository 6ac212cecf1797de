//! The syntax tree of Terraform's language.
//!
//! It is this project's own: nothing outside `parse` names the HCL parser, and a tree can be stored
//! (policies are compiled at build time), because it owns all it holds.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::number::Number;
use crate::source::Span;

/// A name with its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ident {
    /// The name.
    pub name: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// The contents of a file or of a block: attributes and blocks in the order of the source.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Body {
    /// `name = expression`.
    pub attributes: Vec<Attribute>,
    /// `type "label" { … }`.
    pub blocks: Vec<Block>,
    /// The whole body, without its braces.
    pub span: Span,
}

impl Body {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| &*attribute.name.name == name)
    }

    /// The blocks of that type, in order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind.name == kind)
    }
}

/// `name = expression`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// The expression.
    pub value: Expr,
    /// From the name to the end of the expression.
    pub span: Span,
}

/// `kind "label" … { body }`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Block {
    /// The block's type: `resource`.
    pub kind: Ident,
    /// The labels, unquoted.
    pub labels: Vec<Ident>,
    /// What stands between the braces.
    pub body: Body,
    /// From the type to the closing brace.
    pub span: Span,
    /// The type and the labels only.
    pub header: Span,
}

impl Block {
    /// The label of that index.
    pub fn label(&self, index: usize) -> Option<&str> {
        self.labels.get(index).map(|label| &*label.name)
    }
}

/// An expression with its place.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

impl Expr {
    /// The same expression with one span on every node: for texts whose inner positions are not those of a
    /// file, such as strings in JSON.
    #[must_use]
    pub fn with_span(mut self, span: Span) -> Expr {
        respan(&mut self, span);
        self
    }
}

fn respan(expr: &mut Expr, span: Span) {
    expr.span = span;
    let ident = |ident: &mut Ident| ident.span = span;
    match &mut expr.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => {}
        ExprKind::Template(parts) => respan_parts(parts, span),
        ExprKind::Traversal(root, steps) => {
            ident(root);
            respan_steps(steps, span);
        }
        ExprKind::Relative(source, steps) => {
            respan(source, span);
            respan_steps(steps, span);
        }
        ExprKind::Splat {
            source, each, marker, ..
        } => {
            *marker = span;
            respan(source, span);
            respan_steps(each, span);
        }
        ExprKind::Call { name, args, .. } => {
            ident(name);
            args.iter_mut().for_each(|arg| respan(arg, span));
        }
        ExprKind::Tuple(items) => items.iter_mut().for_each(|item| respan(item, span)),
        ExprKind::Object(items) => {
            for (key, value) in items {
                match key {
                    ObjectKey::Name(name) => ident(name),
                    ObjectKey::Expr(key) => respan(key, span),
                }
                respan(value, span);
            }
        }
        ExprKind::For(each) => {
            each.key_var.iter_mut().for_each(ident);
            ident(&mut each.value_var);
            respan(&mut each.collection, span);
            each.key
                .iter_mut()
                .chain(&mut each.condition)
                .for_each(|part| respan(part, span));
            respan(&mut each.value, span);
        }
        ExprKind::Conditional(parts) => parts.iter_mut().for_each(|part| respan(part, span)),
        ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => respan(inner, span),
        ExprKind::Binary(operands, _) => {
            respan(&mut operands.0, span);
            respan(&mut operands.1, span);
        }
    }
}

fn respan_steps(steps: &mut [Step], span: Span) {
    for step in steps {
        match step {
            Step::Attr(name) => name.span = span,
            Step::Splat(at) => *at = span,
            Step::Index(key, at) => {
                *at = span;
                respan(key, span);
            }
        }
    }
}

fn respan_parts(parts: &mut [TemplatePart], span: Span) {
    for part in parts {
        match part {
            TemplatePart::Text(_) => {}
            TemplatePart::Interpolation(expr) => respan(expr, span),
            TemplatePart::If { condition, yes, no } => {
                respan(condition, span);
                respan_parts(yes, span);
                respan_parts(no, span);
            }
            TemplatePart::For {
                key_var,
                value_var,
                collection,
                body,
            } => {
                key_var
                    .iter_mut()
                    .chain([value_var])
                    .for_each(|name| name.span = span);
                respan(collection, span);
                respan_parts(body, span);
            }
        }
    }
}

/// The kinds of expression.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string without interpolation, escapes resolved, in Unicode normal form C.
    String(Arc<str>),
    /// A quoted string or a heredoc with interpolations or directives.
    Template(Vec<TemplatePart>),
    /// A variable's name, and what is read from it: `aws_vpc.main.id`, `var.zones[0]`.
    Traversal(Ident, Vec<Step>),
    /// Reads from what is not a plain variable: `f(x).y`, `(a).b`, `[1, 2][0]`.
    Relative(Box<Expr>, Vec<Step>),
    /// `source.*.each` (`full: false`) or `source[*].each` (`full: true`).
    Splat {
        /// What is spread.
        source: Box<Expr>,
        /// What is read of each element.
        each: Vec<Step>,
        /// Whether it is written `[*]`, where index steps belong to each element.
        full: bool,
        /// The star with its dot or brackets.
        marker: Span,
    },
    /// `name(arguments…)`; `name` holds its namespace too: `core::upper`.
    Call {
        /// The function.
        name: Ident,
        /// The arguments.
        args: Vec<Expr>,
        /// Whether the last argument is followed by `...`.
        expand: bool,
    },
    /// `[a, b]`.
    Tuple(Vec<Expr>),
    /// `{ k = v }`; keys may repeat, the last one wins.
    Object(Vec<(ObjectKey, Expr)>),
    /// `[for …]` or `{for …}`.
    For(Box<ForExpr>),
    /// `condition ? yes : no`.
    Conditional(Box<[Expr; 3]>),
    /// `-a`, `!a`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`.
    Binary(Box<(Expr, Expr)>, BinaryOp),
    /// `(a)`.
    Paren(Box<Expr>),
}

/// One step of a traversal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Step {
    /// `.name`; the span covers the dot too.
    Attr(Ident),
    /// `[expression]`, or the legacy `.0`; the span covers the brackets.
    Index(Expr, Span),
    /// `[*]` in what follows another one: the steps behind it are taken of each element of each element.
    Splat(Span),
}

impl Step {
    /// Where the step stands, with its dot or brackets.
    pub fn span(&self) -> Span {
        match self {
            Step::Attr(name) => name.span,
            Step::Index(_, span) | Step::Splat(span) => *span,
        }
    }
}

/// Key of an object's item.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ObjectKey {
    /// A bare name, which stands for itself.
    Name(Ident),
    /// Any other expression; `(name)` among them.
    Expr(Expr),
}

impl ObjectKey {
    /// Where the key stands.
    pub fn span(&self) -> Span {
        match self {
            ObjectKey::Name(name) => name.span,
            ObjectKey::Expr(expr) => expr.span,
        }
    }
}

/// `[for key, value in collection : result if condition]` and its object form.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ForExpr {
    /// The first of two names.
    pub key_var: Option<Ident>,
    /// The only, or the second name.
    pub value_var: Ident,
    /// What is iterated.
    pub collection: Expr,
    /// The key's expression in the object form.
    pub key: Option<Expr>,
    /// The element's expression.
    pub value: Expr,
    /// Whether values of equal keys are grouped (`...`).
    pub group: bool,
    /// `if condition`.
    pub condition: Option<Expr>,
}

/// A part of a template.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum TemplatePart {
    /// Literal text, escapes resolved and strip markers applied.
    Text(Arc<str>),
    /// `${expression}`.
    Interpolation(Expr),
    /// `%{if}`.
    If {
        /// The condition.
        condition: Expr,
        /// Parts of the first branch.
        yes: Vec<TemplatePart>,
        /// Parts of the second branch.
        no: Vec<TemplatePart>,
    },
    /// `%{for}`.
    For {
        /// The first of two names.
        key_var: Option<Ident>,
        /// The only, or the second name.
        value_var: Ident,
        /// What is iterated.
        collection: Expr,
        /// The parts repeated.
        body: Vec<TemplatePart>,
    },
}

/// Operators before one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `-`.
    Neg,
    /// `!`.
    Not,
}

/// Operators between two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}
