//! From hcl-edit's tree of the [reduced](super::reduce) text to ours.
//!
//! hcl-edit's nodes give the shape and the places; names, numbers, strings and operators are read from the
//! source at those places.

mod template;

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::expr::{Array, Expression, FuncCall, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::structure::Structure;

use crate::ast::{
    Attribute, BinaryOp, Block, Body, Expr, ExprKind, ForExpr, Ident, ObjectKey, Step, UnaryOp,
};
use crate::diagnostic::Diagnostic;
use crate::number::Number;
use crate::parse::literal;
use crate::parse::misread;
use crate::parse::reduce::{Checked, Template};
use crate::source::{FileId, Span};
use crate::value::normalise;

pub(super) use template::TemplateForm;

/// Reads a tree of hcl-edit over its source.
pub(super) struct Lowering<'a> {
    pub(super) file: FileId,
    pub(super) source: &'a str,
    /// See [`super::reduce::Reduced`].
    pub(super) shift: usize,
    pub(super) templates: &'a [Template],
}

impl Lowering<'_> {
    fn range(&self, node: &impl hcl_edit::Span) -> Range<usize> {
        let range = node.span().unwrap_or_default();
        range.start.saturating_sub(self.shift)..range.end.saturating_sub(self.shift)
    }

    fn span(&self, node: &impl hcl_edit::Span) -> Span {
        let range = self.range(node);
        Span::new(self.file, range.start, range.end)
    }

    fn text(&self, range: Range<usize>) -> &str {
        self.source.get(range).unwrap_or_default()
    }

    fn name(&self, start: usize, end: usize) -> Ident {
        Ident {
            name: normalise(self.text(start..end)),
            span: Span::new(self.file, start, end),
        }
    }

    fn ident(&self, node: &impl hcl_edit::Span) -> Ident {
        let range = self.range(node);
        self.name(range.start, range.end)
    }

    pub(super) fn body(&self, body: &hcl_edit::structure::Body, span: Span) -> Checked<Body> {
        let mut lowered = Body {
            span,
            ..Body::default()
        };
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let name = self.ident(&attribute.key);
                    let value = self.expr(&attribute.value)?;
                    let span = name.span.to(value.span);
                    lowered.attributes.push(Attribute { name, value, span });
                }
                Structure::Block(block) => {
                    let kind = self.ident(&block.ident);
                    let labels: Vec<Ident> = block.labels.iter().map(|label| self.label(label)).collect();
                    let header = kind.span.to(labels.last().map_or(kind.span, |label| label.span));
                    let span = self.span(block);
                    // hcl-edit does not say where the brace stands.
                    let open = self.brace(header.end as usize, span.end as usize);
                    let inner = Span::new(self.file, open + 1, (span.end as usize).saturating_sub(1));
                    let body = self.body(&block.body, inner)?;
                    lowered.blocks.push(Block {
                        kind,
                        labels,
                        body,
                        span,
                        header,
                    });
                }
            }
        }
        Ok(lowered)
    }

    /// The opening brace behind a block's header: comments may stand before it.
    fn brace(&self, from: usize, to: usize) -> usize {
        let between = self.text(from..to);
        let mut lexer = crate::parse::lex::Lexer::code(between);
        let token = std::iter::repeat_with(|| lexer.next()).find(|token| {
            matches!(
                token.kind,
                crate::parse::lex::Kind::OpenBrace | crate::parse::lex::Kind::Eof
            )
        });
        from + token.map_or(0, |token| token.start)
    }

    fn label(&self, label: &hcl_edit::structure::BlockLabel) -> Ident {
        let range = match label {
            hcl_edit::structure::BlockLabel::Ident(name) => self.range(name),
            hcl_edit::structure::BlockLabel::String(text) => self.range(text),
        };
        let span = Span::new(self.file, range.start, range.end);
        let source = self.text(range);
        match quoted(source) {
            Some(inner) => Ident {
                name: normalise(&literal::unescape(inner, true)),
                span,
            },
            None => Ident {
                name: normalise(source),
                span,
            },
        }
    }

    pub(super) fn expr(&self, node: &Expression) -> Checked<Expr> {
        let mut span = self.span(node);
        let kind = match node {
            Expression::Variable(_) => self.variable(span),
            Expression::Array(items) => self.tuple(items, span)?,
            Expression::Number(_) => ExprKind::Number(self.number(span)?),
            Expression::Parenthesis(inner) => ExprKind::Paren(Box::new(self.expr(inner.inner())?)),
            Expression::FuncCall(call) => self.call(call)?,
            Expression::Traversal(traversal) => return self.traversal(traversal),
            Expression::BinaryOp(_) => return self.chain(node),
            Expression::UnaryOp(unary) => {
                let operand = self.expr(&unary.expr)?;
                span = span.to(operand.span);
                match (*unary.operator.value(), operand.kind) {
                    (UnaryOperator::Neg, ExprKind::Number(number)) => ExprKind::Number(number.neg()),
                    (operator, kind) => {
                        let operator = match operator {
                            UnaryOperator::Neg => UnaryOp::Neg,
                            UnaryOperator::Not => UnaryOp::Not,
                        };
                        ExprKind::Unary(
                            operator,
                            Box::new(Expr {
                                kind,
                                span: operand.span,
                            }),
                        )
                    }
                }
            }
            Expression::Conditional(conditional) => ExprKind::Conditional(Box::new([
                self.expr(&conditional.cond_expr)?,
                self.expr(&conditional.true_expr)?,
                self.expr(&conditional.false_expr)?,
            ])),
            Expression::ForExpr(each) => ExprKind::For(Box::new(ForExpr {
                key_var: each.intro.key_var.as_ref().map(|name| self.ident(name)),
                value_var: self.ident(&each.intro.value_var),
                collection: self.expr(&each.intro.collection_expr)?,
                key: each.key_expr.as_ref().map(|key| self.expr(key)).transpose()?,
                value: self.expr(&each.value_expr)?,
                group: each.grouping,
                condition: each
                    .cond
                    .as_ref()
                    .map(|condition| self.expr(&condition.expr))
                    .transpose()?,
            })),
            Expression::Null(_)
            | Expression::Bool(_)
            | Expression::String(_)
            | Expression::Object(_)
            | Expression::StringTemplate(_)
            | Expression::HeredocTemplate(_) => {
                return Err(misread(span, "a kind of expression which its copy does not have"));
            }
        };
        Ok(Expr { kind, span })
    }

    fn variable(&self, span: Span) -> ExprKind {
        let name = self.name(span.start as usize, span.end as usize);
        match &*name.name {
            "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            _ => ExprKind::Traversal(name, Vec::new()),
        }
    }

    /// A number with its sign; blanks and comments may stand behind the sign.
    fn number(&self, span: Span) -> Checked<Number> {
        let source = self.text(span.start as usize..span.end as usize);
        let (negative, digits) = match source.rfind(|character: char| !character.is_ascii_digit()) {
            Some(at) if source.starts_with('-') => (true, source.get(at + 1..).unwrap_or_default()),
            _ => (false, source),
        };
        let number = Number::parse(digits).ok_or_else(|| misread(span, "a number"))?;
        Ok(if negative { number.neg() } else { number })
    }

    /// A tuple of the copy stands for several things of the source.
    fn tuple(&self, items: &Array, span: Span) -> Checked<ExprKind> {
        let range = span.start as usize..span.end as usize;
        let source = self.text(range.clone());
        match source.as_bytes().first() {
            Some(b'[') => Ok(ExprKind::Tuple(
                items.iter().map(|item| self.expr(item)).collect::<Checked<_>>()?,
            )),
            Some(b'{') => self.object(items),
            Some(b'"' | b'<') => match self
                .templates
                .binary_search_by_key(&range.start, |record| record.start)
            {
                Ok(index) => {
                    let pieces = self.templates.get(index).map_or(&[][..], |record| &record.pieces);
                    let kind = match source.as_bytes() {
                        [b'<', b'<', b'-', ..] => TemplateForm::Indented,
                        [b'<', ..] => TemplateForm::Lines,
                        _ => TemplateForm::Quoted,
                    };
                    Ok(ExprKind::Template(self.template(pieces, items, kind, span)?))
                }
                Err(_) => Ok(ExprKind::String(string(source))),
            },
            _ => Ok(ExprKind::Number(self.number(span)?)),
        }
    }

    fn object(&self, items: &Array) -> Checked<ExprKind> {
        let mut object = Vec::with_capacity(items.len() / 2);
        let mut items = items.iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let key = match key {
                Expression::Variable(name) => ObjectKey::Name(self.ident(name)),
                other => ObjectKey::Expr(self.expr(other)?),
            };
            object.push((key, self.expr(value)?));
        }
        Ok(ExprKind::Object(object))
    }

    fn call(&self, call: &FuncCall) -> Checked<ExprKind> {
        let mut name = self.ident(&call.name.name);
        if let Some(first) = call.name.namespace.first() {
            let parts: Vec<Arc<str>> = call
                .name
                .namespace
                .iter()
                .map(|part| self.ident(part).name)
                .collect();
            let joined = format!("{}::{}", parts.join("::"), name.name);
            name = Ident {
                name: joined.into(),
                span: self.span(first).to(name.span),
            };
        }
        let args = call
            .args
            .iter()
            .map(|arg| self.expr(arg))
            .collect::<Checked<_>>()?;
        Ok(ExprKind::Call {
            name,
            args,
            expand: call.args.expand_final(),
        })
    }

    fn traversal(&self, traversal: &Traversal) -> Checked<Expr> {
        let mut chain = Chain {
            base: self.expr(&traversal.expr)?,
            splat: None,
            steps: Vec::new(),
        };
        // Within a full splat, behind `.*`.
        let mut attributes_only = false;
        for operator in &traversal.operators {
            let span = self.span(operator);
            match operator.value() {
                TraversalOperator::GetAttr(name) => {
                    let name = self.ident(name);
                    chain.steps.push(
                        match name.name.starts_with(|first: char| first.is_ascii_digit()) {
                            true => Step::Index(self.legacy_index(name.span)?, span),
                            false => Step::Attr(Ident { span, ..name }),
                        },
                    );
                }
                TraversalOperator::LegacyIndex(index) => {
                    chain
                        .steps
                        .push(Step::Index(self.legacy_index(self.span(index))?, span));
                }
                TraversalOperator::Index(_) | TraversalOperator::FullSplat(_) if attributes_only => {
                    return Err(unsupported_splat(span));
                }
                TraversalOperator::Index(key) => {
                    if chain.splat.is_some_and(|(_, full)| !full) {
                        chain = chain.wrap();
                    }
                    chain.steps.push(Step::Index(self.expr(key)?, span));
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let full = matches!(operator.value(), TraversalOperator::FullSplat(_));
                    // What follows a full splat is of each of its elements, and so is another splat.
                    if chain.splat.is_some_and(|(_, full)| full) {
                        chain.steps.push(Step::Splat(span));
                        attributes_only = !full;
                    } else {
                        chain = Chain {
                            splat: Some((span, full)),
                            ..chain.wrap()
                        };
                    }
                }
            }
        }
        Ok(chain.wrap().base)
    }

    fn legacy_index(&self, span: Span) -> Checked<Expr> {
        Ok(Expr {
            kind: ExprKind::Number(self.number(span)?),
            span,
        })
    }

    /// Operators of one chain, all of them `+` in the copy and so nested to the left, put in order by their
    /// precedence; those of equal precedence bind to the left.
    fn chain(&self, node: &Expression) -> Checked<Expr> {
        let mut flat = Vec::new();
        let mut first = node;
        while let Expression::BinaryOp(operation) = first {
            flat.push((self.range(&operation.operator).start, &operation.rhs_expr));
            first = &operation.lhs_expr;
        }
        let mut operands = vec![self.expr(first)?];
        let mut operators: Vec<(BinaryOp, u8)> = Vec::new();
        for (at, operand) in flat.into_iter().rev() {
            let operator = self.operator(at)?;
            let precedence = precedence(operator);
            while operators.last().is_some_and(|(_, before)| *before >= precedence) {
                combine(&mut operands, &mut operators);
            }
            operators.push((operator, precedence));
            operands.push(self.expr(operand)?);
        }
        while !operators.is_empty() {
            combine(&mut operands, &mut operators);
        }
        operands
            .pop()
            .ok_or_else(|| misread(self.span(node), "an operation without operands"))
    }

    fn operator(&self, at: usize) -> Checked<BinaryOp> {
        let source = self.source.as_bytes().get(at..).unwrap_or_default();
        Ok(match source {
            [b'|', ..] => BinaryOp::Or,
            [b'&', ..] => BinaryOp::And,
            [b'=', ..] => BinaryOp::Eq,
            [b'!', ..] => BinaryOp::Ne,
            [b'<', b'=', ..] => BinaryOp::Le,
            [b'<', ..] => BinaryOp::Lt,
            [b'>', b'=', ..] => BinaryOp::Ge,
            [b'>', ..] => BinaryOp::Gt,
            [b'+', ..] => BinaryOp::Add,
            [b'-', ..] => BinaryOp::Sub,
            [b'*', ..] => BinaryOp::Mul,
            [b'/', ..] => BinaryOp::Div,
            [b'%', ..] => BinaryOp::Rem,
            _ => return Err(misread(Span::new(self.file, at, at + 1), "an operator")),
        })
    }
}

/// A traversal in the making.
struct Chain {
    base: Expr,
    /// Marker of the splat whose steps are being read, and whether it is a full one.
    splat: Option<(Span, bool)>,
    steps: Vec<Step>,
}

impl Chain {
    /// What has been read so far becomes the base of what follows.
    fn wrap(self) -> Chain {
        let Chain { base, splat, steps } = self;
        let end = steps
            .last()
            .map(Step::span)
            .or(splat.map(|(marker, _)| marker))
            .unwrap_or(base.span);
        let span = base.span.to(end);
        let kind = match (splat, base.kind) {
            (Some((marker, full)), kind) => {
                let source = Box::new(Expr {
                    kind,
                    span: base.span,
                });
                ExprKind::Splat {
                    source,
                    each: steps,
                    full,
                    marker,
                }
            }
            (None, kind) if steps.is_empty() => kind,
            (None, ExprKind::Traversal(name, none)) if none.is_empty() => ExprKind::Traversal(name, steps),
            (None, kind) => ExprKind::Relative(
                Box::new(Expr {
                    kind,
                    span: base.span,
                }),
                steps,
            ),
        };
        Chain {
            base: Expr { kind, span },
            splat: None,
            steps: Vec::new(),
        }
    }
}

/// An index behind `.*` is of the whole list, but steps behind a splat within a splat are of its elements.
fn unsupported_splat(step: Span) -> Box<Diagnostic> {
    let detail = "Within a [*] splat, an index behind .* is not supported. Write a for expression instead.";
    Box::new(Diagnostic::error("Unsupported splat expression", detail, step))
}

fn precedence(operator: BinaryOp) -> u8 {
    use BinaryOp::{Add, And, Div, Eq, Ge, Gt, Le, Lt, Mul, Ne, Or, Rem, Sub};
    match operator {
        Or => 0,
        And => 1,
        Eq | Ne => 2,
        Gt | Ge | Lt | Le => 3,
        Add | Sub => 4,
        Mul | Div | Rem => 5,
    }
}

fn combine(operands: &mut Vec<Expr>, operators: &mut Vec<(BinaryOp, u8)>) {
    if let (Some((operator, _)), Some(right), Some(left)) = (operators.pop(), operands.pop(), operands.pop())
    {
        let span = left.span.to(right.span);
        operands.push(Expr {
            kind: ExprKind::Binary(Box::new((left, right)), operator),
            span,
        });
    }
}

fn quoted(source: &str) -> Option<&str> {
    source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
}

/// The value of a string or heredoc without sequences.
fn string(source: &str) -> Arc<str> {
    if let Some(inner) = quoted(source) {
        return normalise(&literal::unescape(inner, true));
    }
    let content = match (source.find('\n'), source.rfind('\n')) {
        (Some(first), Some(last)) => source.get(first + 1..=last).unwrap_or_default(),
        _ => "",
    };
    if !source.starts_with("<<-") {
        return normalise(&literal::unescape(content, false));
    }
    let line = |line: &str| Some(literal::unescape(line, false).into_owned());
    let mut lines: Vec<Option<String>> = content.split_inclusive('\n').map(line).collect();
    literal::dedent(&mut lines);
    normalise(&lines.into_iter().flatten().collect::<String>())
}
