//! Configuration in JSON syntax, turned into the tree of the native syntax.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/syntax/json>.

use std::sync::Arc;

use tf_lang::ast::{Attribute, Block, Body, Expr, ExprKind, Ident, ObjectKey};
use tf_lang::parse::{self, Json, JsonNode};
use tf_lang::{Diagnostic, FileId, Span, Value};

use crate::schema::{BlockSchema, Kind as SchemaKind, schema};

/// How a property of a body is to be read.
enum Shape<'s> {
    /// As an expression.
    Attribute,
    /// As blocks of its name with that many labels.
    Blocks(usize, Inner<'s>),
}

/// What is known of the contents of a block.
#[derive(Clone, Copy)]
enum Inner<'s> {
    /// A resource's body or a block inside one.
    Schema(Option<&'s BlockSchema>),
    /// One of Terraform's own blocks.
    Meta,
    /// A `variable` block, whose default is taken as it stands.
    Variable,
    /// A `module` block, whose arguments may have any name.
    Module,
    /// A `dynamic` block for blocks of some contents.
    Dynamic(Option<&'s BlockSchema>),
    /// All properties are attributes.
    Plain,
}

/// The blocks of a `.tf.json` file.
///
/// # Errors
/// Where the text is not JSON or has not the shape of a configuration.
pub(crate) fn body(file: FileId, text: &str) -> Result<Body, Vec<Diagnostic>> {
    let node = parse::parse_json_body(file, text).map_err(|problem| {
        let missing = missing_contents(file, text, &problem);
        std::iter::once(*problem).chain(missing).collect::<Vec<_>>()
    })?;
    blocks_of(&node).map_err(|problem| vec![*problem])
}

/// What else Terraform says of an object with a comma behind its last member, where the object is all of a block's
/// contents: to it the contents are not there.
fn missing_contents(file: FileId, text: &str, problem: &Diagnostic) -> Option<Diagnostic> {
    let comma = problem
        .span
        .filter(|_| problem.summary == "Trailing comma in object")?;
    let (before, behind) = (text.get(..comma.start as usize)?, text.get(comma.end as usize..)?);
    let node = parse::parse_json_body(file, &format!("{before} {behind}")).ok()?;
    let holds = |node: &JsonNode| node.span.start < comma.start && comma.end < node.span.end;
    let members = |node: &JsonNode| match &node.value {
        Json::Object(members) => members.clone(),
        _ => Vec::new(),
    };
    let (kind, contents) = members(&node).into_iter().find(|(_, contents)| holds(contents))?;
    let inner = members(&contents);
    if inner.is_empty() || inner.iter().any(|(_, member)| holds(member)) {
        return None;
    }
    let label = match &*kind.name {
        "resource" | "data" | "ephemeral" => Some("type"),
        "variable" | "module" | "output" | "provider" | "check" => Some("name"),
        _ => None,
    };
    let detail = match label {
        Some(label) => format!(
            "Either a JSON object or JSON array of objects is required here, to specify {label} labels for this block."
        ),
        None => format!(
            "Either a JSON object or a JSON array is required, representing the contents of one or more \"{}\" blocks.",
            kind.name
        ),
    };
    Some(Diagnostic::error(
        "Incorrect JSON value type",
        detail,
        Span::new(
            file,
            contents.span.start as usize,
            contents.span.start as usize + 1,
        ),
    ))
}

fn blocks_of(node: &JsonNode) -> Result<Body, Box<Diagnostic>> {
    let mut body = Body {
        span: node.span,
        ..Body::default()
    };
    for (name, value) in each_object(node)? {
        if &*name.name == "//" {
            continue;
        }
        match &*name.name {
            "resource" | "data" | "ephemeral" => resources(name, value, &mut body)?,
            "variable" => blocks(name, value, 1, Inner::Variable, &mut body)?,
            "module" => blocks(name, value, 1, Inner::Module, &mut body)?,
            "output" | "provider" | "check" => {
                blocks(name, value, 1, Inner::Meta, &mut body)?;
            }
            "locals" => blocks(name, value, 0, Inner::Plain, &mut body)?,
            _ => blocks(name, value, 0, Inner::Meta, &mut body)?,
        }
    }
    Ok(body)
}

fn wrong<T>(node: &JsonNode, detail: &str) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::error(
        "Incorrect JSON value type",
        detail,
        node.span,
    )))
}

/// The entries of an object, or of all objects of an array.
fn each_object(node: &JsonNode) -> Result<Vec<(&Ident, &JsonNode)>, Box<Diagnostic>> {
    match &node.value {
        Json::Object(entries) => Ok(entries.iter().map(|(name, value)| (name, value)).collect()),
        Json::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                all.extend(each_object(item)?);
            }
            Ok(all)
        }
        Json::Null => Ok(Vec::new()),
        _ => wrong(
            node,
            "A JSON object is required here, setting the arguments for this block.",
        ),
    }
}

fn resources(kind: &Ident, node: &JsonNode, out: &mut Body) -> Result<(), Box<Diagnostic>> {
    let schema_kind = if &*kind.name == "data" {
        SchemaKind::Data
    } else {
        SchemaKind::Resource
    };
    for (ty, named) in each_object(node)? {
        let known = schema(schema_kind, &ty.name);
        for (name, value) in each_object(named)? {
            push_blocks(
                kind,
                &[ty.clone(), name.clone()],
                value,
                Inner::Schema(known),
                out,
            )?;
        }
    }
    Ok(())
}

fn blocks(
    kind: &Ident,
    node: &JsonNode,
    labels: usize,
    inner: Inner<'_>,
    out: &mut Body,
) -> Result<(), Box<Diagnostic>> {
    if labels == 0 {
        return push_blocks(kind, &[], node, inner, out);
    }
    for (label, value) in each_object(node)? {
        let inner = match (&*kind.name, inner) {
            ("provider", _) => Inner::Schema(schema(SchemaKind::Provider, &label.name)),
            (_, Inner::Dynamic(known)) => {
                let block = known.and_then(|known| known.block(&label.name));
                Inner::Dynamic(block.map(|block| &block.body))
            }
            _ => inner,
        };
        push_blocks(kind, std::slice::from_ref(label), value, inner, out)?;
    }
    Ok(())
}

fn push_blocks(
    kind: &Ident,
    labels: &[Ident],
    node: &JsonNode,
    inner: Inner<'_>,
    out: &mut Body,
) -> Result<(), Box<Diagnostic>> {
    match &node.value {
        Json::Null => Ok(()),
        Json::Array(items) => items
            .iter()
            .try_for_each(|item| push_blocks(kind, labels, item, inner, out)),
        Json::Object(entries) => {
            let header = labels.last().map_or(kind.span, |label| label.span);
            let mut body = Body {
                span: node.span,
                ..Body::default()
            };
            for (name, value) in entries {
                property(name, value, inner, &mut body)?;
            }
            out.blocks.push(Block {
                kind: kind.clone(),
                labels: labels.to_vec(),
                body,
                span: header.to(node.span),
                header,
            });
            Ok(())
        }
        _ => wrong(
            node,
            "A JSON object is required here, setting the arguments for this block.",
        ),
    }
}

fn property(name: &Ident, node: &JsonNode, inner: Inner<'_>, out: &mut Body) -> Result<(), Box<Diagnostic>> {
    if &*name.name == "//" {
        return Ok(());
    }
    match shape(&name.name, inner) {
        Shape::Blocks(labels, inner) => blocks(name, node, labels, inner, out),
        Shape::Attribute => {
            let value = match constraint(&name.name, inner, node)? {
                Some(expr) => expr,
                None => expr(node)?,
            };
            out.attributes.push(Attribute {
                name: name.clone(),
                value,
                span: name.span.to(node.span),
            });
            Ok(())
        }
    }
}

fn shape<'s>(name: &str, inner: Inner<'s>) -> Shape<'s> {
    match (inner, name) {
        (Inner::Plain | Inner::Module, _) => Shape::Attribute,
        (Inner::Dynamic(known), "content") => Shape::Blocks(0, Inner::Schema(known)),
        (Inner::Dynamic(_), _) => Shape::Attribute,
        (_, "lifecycle" | "precondition" | "postcondition" | "connection") => Shape::Blocks(0, Inner::Meta),
        (_, "provisioner") => Shape::Blocks(1, Inner::Meta),
        (Inner::Schema(known), "dynamic") => Shape::Blocks(1, Inner::Dynamic(known)),
        (Inner::Schema(Some(known)), name) => match known.block(name) {
            Some(block) => Shape::Blocks(0, Inner::Schema(Some(&block.body))),
            None => Shape::Attribute,
        },
        (Inner::Schema(None), _) => Shape::Attribute,
        (Inner::Meta | Inner::Variable, "validation" | "assert" | "required_providers" | "provider_meta") => {
            Shape::Blocks(0, Inner::Meta)
        }
        (Inner::Meta, "backend") => Shape::Blocks(1, Inner::Plain),
        (Inner::Meta, "cloud" | "workspaces") => Shape::Blocks(0, Inner::Meta),
        (Inner::Meta, "data") => Shape::Blocks(2, Inner::Schema(None)),
        (Inner::Meta | Inner::Variable, _) => Shape::Attribute,
    }
}

/// Properties that hold no template but a bare expression in a string: types, references.
fn constraint(name: &str, inner: Inner<'_>, node: &JsonNode) -> Result<Option<Expr>, Box<Diagnostic>> {
    let bare = match inner {
        Inner::Meta => {
            matches!(
                name,
                "type"
                    | "from"
                    | "to"
                    | "provider"
                    | "ignore_changes"
                    | "depends_on"
                    | "replace_triggered_by"
            )
        }
        Inner::Variable if name == "default" => return Ok(Some(literal(node))),
        Inner::Variable => name == "type",
        Inner::Module => matches!(name, "providers" | "depends_on"),
        Inner::Dynamic(_) => name == "iterator",
        Inner::Schema(_) => matches!(name, "provider" | "depends_on"),
        Inner::Plain => false,
    };
    if !bare {
        return Ok(None);
    }
    fn bare_expr(node: &JsonNode) -> Result<Expr, Box<Diagnostic>> {
        match &node.value {
            Json::String(text) => {
                let inner = text
                    .strip_prefix("${")
                    .and_then(|text| text.strip_suffix('}'))
                    .unwrap_or(text);
                let parsed = parse::parse_expr(node.span.file, inner);
                // Positions inside the string are not those of the file.
                parsed.map(|expr| expr.with_span(node.span)).map_err(|problem| {
                    Box::new(Diagnostic {
                        span: Some(node.span),
                        ..*problem
                    })
                })
            }
            Json::Array(items) => Ok(Expr {
                kind: ExprKind::Tuple(items.iter().map(bare_expr).collect::<Result<_, _>>()?),
                span: node.span,
            }),
            Json::Object(entries) => Ok(Expr {
                kind: ExprKind::Object(
                    entries
                        .iter()
                        .map(|(name, value)| Ok((ObjectKey::Name(name.clone()), bare_expr(value)?)))
                        .collect::<Result<_, Box<Diagnostic>>>()?,
                ),
                span: node.span,
            }),
            _ => expr(node),
        }
    }
    bare_expr(node).map(Some)
}

/// A JSON value as an expression in which nothing is a template.
fn literal(node: &JsonNode) -> Expr {
    let text = |text: &Arc<str>, span: Span| Expr {
        kind: ExprKind::String(text.clone()),
        span,
    };
    let kind = match &node.value {
        Json::Null => ExprKind::Null,
        Json::Bool(value) => ExprKind::Bool(*value),
        Json::Number(number) => ExprKind::Number(number.clone()),
        Json::String(value) => text(value, node.span).kind,
        Json::Array(items) => ExprKind::Tuple(items.iter().map(literal).collect()),
        Json::Object(entries) => ExprKind::Object(
            entries
                .iter()
                .map(|(name, value)| (ObjectKey::Expr(text(&name.name, name.span)), literal(value)))
                .collect(),
        ),
    };
    Expr {
        kind,
        span: node.span,
    }
}

/// A JSON value as an expression: strings are templates, and so are the keys of objects.
fn expr(node: &JsonNode) -> Result<Expr, Box<Diagnostic>> {
    let kind = match &node.value {
        Json::Null => ExprKind::Null,
        Json::Bool(value) => ExprKind::Bool(*value),
        Json::Number(number) => ExprKind::Number(number.clone()),
        Json::String(text) => template(text, node.span)?.kind,
        Json::Array(items) => ExprKind::Tuple(items.iter().map(expr).collect::<Result<_, _>>()?),
        Json::Object(entries) => {
            let items = entries
                .iter()
                .filter(|(name, _)| &*name.name != "//")
                .map(|(name, value)| Ok((ObjectKey::Expr(template(&name.name, name.span)?), expr(value)?)));
            ExprKind::Object(items.collect::<Result<_, Box<Diagnostic>>>()?)
        }
    };
    Ok(Expr {
        kind,
        span: node.span,
    })
}

fn template(text: &Arc<str>, span: Span) -> Result<Expr, Box<Diagnostic>> {
    if !text.contains("${") && !text.contains("%{") {
        return Ok(Expr {
            kind: ExprKind::String(text.clone()),
            span,
        });
    }
    // The parts keep positions relative to the string; the whole has that of the string in the file.
    match parse::parse_template(span.file, "", text) {
        Ok(expr) => Ok(expr.with_span(span)),
        Err(problem) => Err(Box::new(Diagnostic {
            span: Some(span),
            ..*problem
        })),
    }
}

/// A JSON value as it stands, without templates: for files of variables.
pub(crate) fn plain_value(node: &JsonNode) -> Value {
    match &node.value {
        Json::Null => Value::NULL,
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => Value::from(number.clone()),
        Json::String(text) => Value::from(&**text),
        Json::Array(items) => Value::tuple(items.iter().map(plain_value).collect()),
        Json::Object(entries) => Value::object(
            entries
                .iter()
                .map(|(name, value)| (name.name.clone(), plain_value(value))),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_that_end_with_a_comma_are_not_there() {
        let details = |text: &str| -> Vec<String> {
            let problems = body(FileId(0), text).unwrap_err();
            problems.into_iter().map(|problem| problem.detail).collect()
        };
        let comma = "JSON does not permit a trailing comma after the final property in an object.";
        for (text, said) in [
            (
                r#"{"locals": {"a": 1,}}"#,
                Some(
                    "Either a JSON object or a JSON array is required, representing the contents of one or more \"locals\" blocks.",
                ),
            ),
            (
                r#"{"output": {"a": {"value": 1},}}"#,
                Some(
                    "Either a JSON object or JSON array of objects is required here, to specify name labels for this block.",
                ),
            ),
            (
                r#"{"resource": {"aws_vpc": {},}}"#,
                Some(
                    "Either a JSON object or JSON array of objects is required here, to specify type labels for this block.",
                ),
            ),
            // Deeper down Terraform has more to say, and at the top nothing.
            (r#"{"output": {"a": {"value": 1,}}}"#, None),
            (r#"{"locals": {"a": 1},}"#, None),
        ] {
            let expected: Vec<&str> = std::iter::once(comma).chain(said).collect();
            assert_eq!(details(text), expected, "{text}");
        }
    }
}
