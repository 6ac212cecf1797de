//! Type constraints of variables, with the defaults of optional attributes.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/type-constraints>.

use std::collections::BTreeMap;
use std::sync::Arc;

use tf_lang::ast::{Expr, ExprKind, ObjectKey};
use tf_lang::convert::convert;
use tf_lang::types::ObjectAttr;
use tf_lang::value::Kind;
use tf_lang::{Diagnostic, Type, Value};

/// A type constraint.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeSpec {
    /// The type.
    pub ty: Type,
    defaults: Option<Arc<Defaults>>,
}

/// Defaults of optional attributes, along the structure of a type.
#[derive(PartialEq, Debug, Default)]
struct Defaults {
    /// Of the attributes of an object.
    values: BTreeMap<Arc<str>, Value>,
    /// Inside attributes, tuple elements (by number) or the elements of a collection (`""`).
    children: BTreeMap<Arc<str>, Arc<Defaults>>,
}

impl Defaults {
    fn some(self) -> Option<Arc<Defaults>> {
        (!self.values.is_empty() || !self.children.is_empty()).then(|| Arc::new(self))
    }
}

impl TypeSpec {
    /// No constraint.
    pub const ANY: TypeSpec = TypeSpec {
        ty: Type::Any,
        defaults: None,
    };

    /// Reads a constraint from its expression.
    ///
    /// # Errors
    /// Terraform's own diagnostic.
    pub fn parse(expr: &Expr) -> Result<TypeSpec, Box<Diagnostic>> {
        let (ty, defaults) = parse(expr)?;
        Ok(TypeSpec { ty, defaults })
    }

    /// Fills in the defaults of optional attributes, before a conversion to the type.
    pub fn apply_defaults(&self, value: Value) -> Value {
        match &self.defaults {
            Some(defaults) => apply(value, defaults),
            None => value,
        }
    }
}

fn apply(value: Value, defaults: &Defaults) -> Value {
    let (value, marks) = value.unmark();
    let element = defaults.children.get("");
    let each = |value: &Value, key: &str| match defaults.children.get(key).or(element) {
        Some(child) => apply(value.clone(), child),
        None => value.clone(),
    };
    let changed = match value.kind() {
        Kind::Object(entries) | Kind::Map(_, entries) if element.is_none() => {
            let mut all: BTreeMap<Arc<str>, Value> = entries
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            for (name, default) in &defaults.values {
                let slot = all.entry(name.clone()).or_insert(Value::NULL);
                if slot.is_null() {
                    *slot = default.clone();
                }
            }
            Value::object(all.into_iter().map(|(name, value)| {
                let value = if value.is_null() {
                    value
                } else {
                    each(&value, &name)
                };
                (name, value)
            }))
        }
        Kind::Object(entries) | Kind::Map(_, entries) => Value::object(
            entries
                .iter()
                .map(|(name, value)| (name.clone(), each(value, name))),
        ),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            let filled: Vec<Value> = items
                .iter()
                .enumerate()
                .map(|(at, item)| each(item, &at.to_string()))
                .collect();
            Value::tuple(filled)
        }
        _ => value,
    };
    changed.with_marks(marks)
}

type Parsed = (Type, Option<Arc<Defaults>>);

fn problem<T>(expr: &Expr, detail: impl Into<String>) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::error(
        "Invalid type specification",
        detail,
        expr.span,
    )))
}

fn parse(expr: &Expr) -> Result<Parsed, Box<Diagnostic>> {
    match &expr.kind {
        ExprKind::Paren(inner) => parse(inner),
        ExprKind::Traversal(root, steps) if steps.is_empty() => keyword(expr, &root.name),
        // Terraform 0.11 wrote types as strings, and still accepts these three.
        ExprKind::String(text) => match &**text {
            "string" => Ok((Type::String, None)),
            "list" => Ok((Type::list(Type::Any), None)),
            "map" => Ok((Type::map(Type::Any), None)),
            _ => problem(
                expr,
                "A type specification is either a primitive type keyword (bool, number, string), \
                 complex type constructor call, or the any keyword.",
            ),
        },
        ExprKind::Call { name, args, .. } => constructor(expr, &name.name, args),
        _ => problem(
            expr,
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type \
             constructor call, like list(string).",
        ),
    }
}

fn keyword(expr: &Expr, name: &str) -> Result<Parsed, Box<Diagnostic>> {
    let ty = match name {
        "bool" => Type::Bool,
        "string" => Type::String,
        "number" => Type::Number,
        "any" => Type::Any,
        "list" => Type::list(Type::Any),
        "map" => Type::map(Type::Any),
        "set" => Type::set(Type::Any),
        "object" => {
            return problem(
                expr,
                "The object type constructor requires one argument specifying the attribute types and values as \
                 a map.",
            );
        }
        "tuple" => {
            return problem(
                expr,
                "The tuple type constructor requires one argument specifying the element types as a list.",
            );
        }
        _ => {
            return problem(
                expr,
                format!("The keyword \"{name}\" is not a valid type specification."),
            );
        }
    };
    Ok((ty, None))
}

fn constructor(expr: &Expr, name: &str, args: &[Expr]) -> Result<Parsed, Box<Diagnostic>> {
    let [arg] = args else {
        return problem(
            expr,
            format!("The {name} type constructor requires one argument."),
        );
    };
    let collection = |wrap: fn(Type) -> Type| {
        let (element, defaults) = parse(arg)?;
        let children = defaults
            .map(|defaults| ("".into(), defaults))
            .into_iter()
            .collect();
        Ok((
            wrap(element),
            Defaults {
                children,
                ..Defaults::default()
            }
            .some(),
        ))
    };
    match name {
        "list" => collection(Type::list),
        "set" => collection(Type::set),
        "map" => collection(Type::map),
        "object" => object(arg),
        "tuple" => tuple(arg),
        "optional" => problem(
            expr,
            "Keyword \"optional\" is valid only as a modifier for object type attributes.",
        ),
        _ => problem(
            expr,
            format!("Keyword \"{name}\" is not a valid type constructor."),
        ),
    }
}

fn tuple(arg: &Expr) -> Result<Parsed, Box<Diagnostic>> {
    let ExprKind::Tuple(items) = &arg.kind else {
        return problem(arg, "Tuple type constructor requires a list of element types.");
    };
    let mut types = Vec::new();
    let mut defaults = Defaults::default();
    for (at, item) in items.iter().enumerate() {
        let (ty, inner) = parse(item)?;
        types.push(ty);
        if let Some(inner) = inner {
            defaults.children.insert(at.to_string().into(), inner);
        }
    }
    Ok((Type::tuple(types), defaults.some()))
}

fn object(arg: &Expr) -> Result<Parsed, Box<Diagnostic>> {
    let ExprKind::Object(items) = &arg.kind else {
        return problem(
            arg,
            "Object type constructor requires a map whose keys are attribute names and whose values are the \
             corresponding attribute types.",
        );
    };
    let mut attrs = Vec::new();
    let mut defaults = Defaults::default();
    for (key, value) in items {
        let name: Arc<str> = match key {
            ObjectKey::Name(name) => name.name.clone(),
            ObjectKey::Expr(Expr {
                kind: ExprKind::String(name),
                ..
            }) => name.clone(),
            ObjectKey::Expr(expr) => {
                return problem(expr, "Object constructor map keys must be attribute names.");
            }
        };
        let (ty, inner, optional) = attribute(value)?;
        if let Some(default) = default_of(value)? {
            let converted = convert(&default, &ty).map_err(|error| {
                Box::new(Diagnostic::error(
                    "Invalid default value for optional attribute",
                    format!(
                        "This default value is not compatible with the attribute's type constraint: {error}."
                    ),
                    value.span,
                ))
            })?;
            let filled = inner
                .as_ref()
                .map_or(converted.clone(), |inner| apply(converted, inner));
            defaults.values.insert(name.clone(), filled);
        }
        if let Some(inner) = inner {
            defaults.children.insert(name.clone(), inner);
        }
        attrs.push(ObjectAttr { name, ty, optional });
    }
    Ok((Type::object(attrs), defaults.some()))
}

/// The type of an attribute, the defaults inside it, and whether it is optional.
type ParsedAttribute = (Type, Option<Arc<Defaults>>, bool);

fn attribute(value: &Expr) -> Result<ParsedAttribute, Box<Diagnostic>> {
    match &value.kind {
        ExprKind::Call { name, args, .. } if &*name.name == "optional" => match args.as_slice() {
            [ty] | [ty, _] => parse(ty).map(|(ty, defaults)| (ty, defaults, true)),
            _ => problem(
                value,
                "Optional attribute modifier expects at most two arguments.",
            ),
        },
        _ => parse(value).map(|(ty, defaults)| (ty, defaults, false)),
    }
}

/// The default that `optional(type, default)` names; it must be a constant.
fn default_of(value: &Expr) -> Result<Option<Value>, Box<Diagnostic>> {
    let ExprKind::Call { args, .. } = &value.kind else {
        return Ok(None);
    };
    match value.kind {
        ExprKind::Call { ref name, .. } if &*name.name == "optional" => {}
        _ => return Ok(None),
    }
    match args.get(1) {
        Some(default) => super::constant(default).map(Some),
        None => Ok(None),
    }
}
