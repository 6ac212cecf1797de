//! Terraform's type system.

use std::fmt;
use std::sync::Arc;

/// A type, or as a constraint what a value may be converted to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// Not known yet, or as a constraint: anything (`any`).
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Arc<Type>),
    /// `set(T)`
    Set(Arc<Type>),
    /// `map(T)`
    Map(Arc<Type>),
    /// `tuple([…])`
    Tuple(Arc<[Type]>),
    /// `object({…})`, attributes in order of their names
    Object(Arc<[ObjectAttr]>),
    /// The type of types: of what the console's `type()` returns.
    Type,
}

/// An attribute of an object type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ObjectAttr {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Whether a conversion may supply null for it (`optional(…)`).
    pub optional: bool,
}

impl Type {
    /// `list(element)`
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    /// `set(element)`
    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }

    /// `map(element)`
    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }

    /// `tuple(elements)`
    pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(elements.into_iter().collect())
    }

    /// An object type; of attributes with one name the last wins.
    pub fn object(attrs: impl IntoIterator<Item = ObjectAttr>) -> Type {
        let by_name: std::collections::BTreeMap<Arc<str>, ObjectAttr> =
            attrs.into_iter().map(|attr| (attr.name.clone(), attr)).collect();
        Type::Object(by_name.into_values().collect())
    }

    /// `bool`, `number` or `string`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// `list`, `set` or `map`.
    pub fn is_collection(&self) -> bool {
        matches!(self, Type::List(_) | Type::Set(_) | Type::Map(_))
    }

    /// The element type of a collection.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
            _ => None,
        }
    }

    /// The attribute of an object type.
    pub fn attr(&self, name: &str) -> Option<&ObjectAttr> {
        match self {
            Type::Object(attrs) => attrs
                .binary_search_by(|attr| (*attr.name).cmp(name))
                .ok()
                .and_then(|at| attrs.get(at)),
            _ => None,
        }
    }

    /// Whether [`Type::Any`] occurs anywhere in it.
    pub fn has_any(&self) -> bool {
        match self {
            Type::Any => true,
            Type::Bool | Type::Number | Type::String | Type::Type => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_any(),
            Type::Tuple(elements) => elements.iter().any(Type::has_any),
            Type::Object(attrs) => attrs.iter().any(|attr| attr.ty.has_any()),
        }
    }

    /// Whether a type could turn out to be the wanted one, once what is not known of that is known.
    pub fn conforms(&self, want: &Type) -> bool {
        match (self, want) {
            (_, Type::Any) => true,
            (Type::List(have), Type::List(want))
            | (Type::Set(have), Type::Set(want))
            | (Type::Map(have), Type::Map(want)) => have.conforms(want),
            (Type::Tuple(have), Type::Tuple(want)) => {
                have.len() == want.len()
                    && have
                        .iter()
                        .zip(want.iter())
                        .all(|(have, want)| have.conforms(want))
            }
            (Type::Object(have), Type::Object(want)) => {
                have.len() == want.len()
                    && have
                        .iter()
                        .zip(want.iter())
                        .all(|(have, want)| have.name == want.name && have.ty.conforms(&want.ty))
            }
            _ => self == want,
        }
    }

    /// The same type with no attribute optional: the type that a value may have.
    pub fn without_optional(&self) -> Type {
        match self {
            Type::Any | Type::Bool | Type::Number | Type::String | Type::Type => self.clone(),
            Type::List(element) => Type::list(element.without_optional()),
            Type::Set(element) => Type::set(element.without_optional()),
            Type::Map(element) => Type::map(element.without_optional()),
            Type::Tuple(elements) => Type::tuple(elements.iter().map(Type::without_optional)),
            Type::Object(attrs) => Type::Object(
                attrs
                    .iter()
                    .map(|attr| ObjectAttr {
                        name: attr.name.clone(),
                        ty: attr.ty.without_optional(),
                        optional: false,
                    })
                    .collect(),
            ),
        }
    }

    /// Terraform's English name: `list of string`, `object`, `dynamic`.
    pub fn friendly_name(&self) -> String {
        self.friendly("dynamic")
    }

    /// The English name where a constraint is meant: `any type` stands for [`Type::Any`].
    pub fn friendly_constraint(&self) -> String {
        self.friendly("any type")
    }

    fn friendly(&self, any: &str) -> String {
        let of = |kind: &str, element: &Type| match element {
            // As cty words it: the constraint form of "any" inside a collection.
            Type::Any if any == "any type" => format!("{kind} of any single type"),
            _ => format!("{kind} of {}", element.friendly(any)),
        };
        match self {
            Type::Any => any.to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Number => "number".to_owned(),
            Type::String => "string".to_owned(),
            Type::List(element) => of("list", element),
            Type::Set(element) => of("set", element),
            Type::Map(element) => of("map", element),
            Type::Tuple(_) => "tuple".to_owned(),
            Type::Object(_) => "object".to_owned(),
            Type::Type => "type".to_owned(),
        }
    }
}

/// Prints the type as a constraint in Terraform's syntax.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => f.write_str("any"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::Type => f.write_str("type"),
            Type::List(element) => write!(f, "list({element})"),
            Type::Set(element) => write!(f, "set({element})"),
            Type::Map(element) => write!(f, "map({element})"),
            Type::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (index, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("])")
            }
            Type::Object(attrs) => {
                f.write_str("object({")?;
                for (index, attr) in attrs.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    match attr.optional {
                        true => write!(f, "{comma}{} = optional({})", attr.name, attr.ty)?,
                        false => write!(f, "{comma}{} = {}", attr.name, attr.ty)?,
                    }
                }
                f.write_str("})")
            }
        }
    }
}
