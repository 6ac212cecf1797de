//! Reading parts of values: attributes, indices, splats.

use crate::ast::{Expr, Step};
use crate::convert::{convert, unify};
use crate::eval::{Evaluator, failed};
use crate::number::Number;
use crate::source::Span;
use crate::types::Type;
use crate::value::{Kind, Marks, Reason, Value};

/// Why a part cannot be read, in Terraform's words.
pub struct AccessError {
    /// Kind of problem.
    pub summary: &'static str,
    /// The problem in a sentence.
    pub detail: String,
}

fn error<T>(summary: &'static str, detail: impl Into<String>) -> Result<T, AccessError> {
    Err(AccessError {
        summary,
        detail: detail.into(),
    })
}

const NO_ELEMENT: &str = "The given key does not identify an element in this collection value";

/// An unknown part of an unknown value.
fn part_of_unknown(whole: &Value, ty: Type) -> Value {
    Value::unknown_because(ty, whole.reasons()).with_marks(whole.marks())
}

/// `object.name`, as HCL has it.
///
/// # Errors
/// Where the value has no such attribute.
pub fn get_attr(value: &Value, name: &str) -> Result<Value, AccessError> {
    const UNSUPPORTED: &str = "Unsupported attribute";
    if value.is_null() {
        return error(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        );
    }
    match value.kind() {
        Kind::Object(entries) => match (entries.get(name), entries.beyond()) {
            (Some(found), _) => Ok(found.clone().with_marks(value.marks())),
            (None, Some(beyond)) => {
                Ok(Value::unknown(Type::Any, beyond.of_attribute(name)).with_marks(value.marks()))
            }
            (None, None) => error(
                UNSUPPORTED,
                format!("This object does not have an attribute named \"{name}\"."),
            ),
        },
        Kind::Map(_, entries) => match entries.get(name) {
            Some(found) => Ok(found.clone().with_marks(value.marks())),
            None => error(
                "Missing map element",
                format!("This map does not have an element with the key \"{name}\"."),
            ),
        },
        Kind::Unknown(unknown) => match &unknown.ty {
            Type::Any => Ok(part_of_unknown(value, Type::Any)),
            Type::Map(element) => Ok(part_of_unknown(value, (**element).clone())),
            ty @ Type::Object(_) => match ty.attr(name) {
                Some(attr) => Ok(part_of_unknown(value, attr.ty.clone())),
                // The provider may be newer than the schema that the type is of.
                None if unknown.reasons.iter().any(Reason::is_provider) => {
                    Ok(part_of_unknown(value, Type::Any))
                }
                None => error(
                    UNSUPPORTED,
                    format!("This object does not have an attribute named \"{name}\"."),
                ),
            },
            ty => no_attributes(ty, name),
        },
        _ => no_attributes(&value.ty(), name),
    }
}

fn no_attributes(ty: &Type, name: &str) -> Result<Value, AccessError> {
    let detail = match ty {
        Type::List(element) if matches!(**element, Type::Object(_)) => match element.attr(name) {
            Some(_) => format!(
                "Can't access attributes on a list of objects. Did you mean to access attribute \"{name}\" for a \
                 specific element of the list, or across all elements of the list?"
            ),
            None => {
                "Can't access attributes on a list of objects. Did you mean to access an attribute for a \
                     specific element of the list, or across all elements of the list?"
                    .to_owned()
            }
        },
        Type::Set(element) if matches!(**element, Type::Object(_)) => {
            "Can't access attributes on a set of objects. Did you mean to access an attribute across all \
             elements of the set?"
                .to_owned()
        }
        ty if ty.is_primitive() => {
            format!(
                "Can't access attributes on a primitive-typed value ({}).",
                ty.friendly_name()
            )
        }
        _ => "This value does not have any attributes.".to_owned(),
    };
    error("Unsupported attribute", detail)
}

/// `collection[key]`, as HCL has it.
///
/// # Errors
/// Where the key does not fit the collection or identifies nothing in it.
pub fn index(collection: &Value, key: &Value) -> Result<Value, AccessError> {
    const INVALID: &str = "Invalid index";
    if collection.is_null() {
        return error(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        );
    }
    if key.is_null() {
        return error(INVALID, "Can't use a null value as an indexing key.");
    }
    let ty = collection.ty();
    if ty == Type::Any || key.ty() == Type::Any {
        let mut reasons = collection.reasons();
        reasons.extend(key.reasons());
        return Ok(Value::unknown_because(Type::Any, reasons).with_marks(collection.marks()));
    }
    let converted = |want: &Type| match convert(key, want) {
        Ok(key) => Ok(key),
        Err(reason) => error(INVALID, format!("{NO_ELEMENT}: {reason}.")),
    };
    // As in HCL the key's own marks go to the result of collections, not of objects.
    match &ty {
        Type::List(_) | Type::Tuple(_) => {
            let key = converted(&Type::Number)?;
            let element = ty.element().cloned().unwrap_or(Type::Any);
            let Some(items) = collection.as_items().filter(|_| key.is_known()) else {
                return unknown_element(collection, &key, element, &ty);
            };
            match element_at(items, &key) {
                Ok(found) => Ok(found.with_marks(collection.marks()).with_marks(key.marks())),
                Err(detail) => error(INVALID, detail),
            }
        }
        Type::Map(element) => {
            let key = converted(&Type::String)?;
            let Some(entries) = collection.as_entries().filter(|_| key.is_known()) else {
                return unknown_element(collection, &key, (**element).clone(), &ty);
            };
            match key.as_str().and_then(|name| entries.get(name)) {
                Some(found) => Ok(found
                    .clone()
                    .with_marks(collection.marks())
                    .with_marks(key.marks())),
                None => error(INVALID, format!("{NO_ELEMENT}.")),
            }
        }
        Type::Object(_) => {
            let was_number = key.ty() == Type::Number;
            let key = converted(&Type::String)?;
            let Some(name) = key.as_str() else {
                let mut reasons = collection.reasons();
                reasons.extend(key.reasons());
                return Ok(Value::unknown_because(Type::Any, reasons).with_marks(collection.marks()));
            };
            match get_attr(collection, name) {
                Ok(found) => Ok(found),
                Err(_) if was_number => error(
                    INVALID,
                    format!(
                        "{NO_ELEMENT}. An object only supports looking up attributes by name, not by numeric \
                         index."
                    ),
                ),
                Err(_) => error(INVALID, format!("{NO_ELEMENT}.")),
            }
        }
        Type::Set(_) => error(
            INVALID,
            "Elements of a set are identified only by their value and don't have any separate index or key to \
             select with, so it's only possible to perform operations across all elements of the set.",
        ),
        _ => error(INVALID, "This value does not have any indices."),
    }
}

fn unknown_element(collection: &Value, key: &Value, element: Type, ty: &Type) -> Result<Value, AccessError> {
    // The type of a tuple's element depends on which it is.
    let element = match (ty, key.as_number()) {
        (Type::Tuple(types), Some(number)) => match position(number) {
            Ok(Some(at)) if at < types.len() => types.get(at).cloned().unwrap_or(Type::Any),
            Ok(_) => return error("Invalid index", format!("{NO_ELEMENT}.")),
            Err(detail) => return error("Invalid index", detail),
        },
        _ => element,
    };
    let mut reasons = collection.reasons();
    if key.as_unknown().is_some() {
        reasons = key.reasons();
    }
    let value = Value::unknown_because(element, reasons);
    Ok(value.with_marks(collection.marks()))
}

/// Which element a number means; none where it is greater than a machine integer.
fn position(number: &Number) -> Result<Option<usize>, String> {
    // An infinity is said to have a fraction too.
    if !number.is_integer() {
        return Err(format!(
            "{NO_ELEMENT}: indexing a sequence requires a whole number, but the given index has a fractional part."
        ));
    }
    if number.signum() < 0 {
        return Err(format!(
            "{NO_ELEMENT}: a negative number is not a valid index for a sequence."
        ));
    }
    Ok(number.to_i64().and_then(|at| usize::try_from(at).ok()))
}

fn element_at(items: &[Value], key: &Value) -> Result<Value, String> {
    let Some(number) = key.as_number() else {
        return Err(format!("{NO_ELEMENT}."));
    };
    let at = position(number)?;
    let found = at.and_then(|at| items.get(at));
    // HCL is specific only up to the length itself.
    let near = at.is_some_and(|at| at <= items.len());
    found.cloned().ok_or_else(|| match (near, items.is_empty()) {
        (true, true) => format!("{NO_ELEMENT}: the collection has no elements."),
        (true, false) => {
            format!("{NO_ELEMENT}: the given index is greater than or equal to the length of the collection.")
        }
        (false, _) => format!("{NO_ELEMENT}."),
    })
}

impl Evaluator<'_> {
    pub(super) fn step(&mut self, value: Value, step: &Step) -> Value {
        if let Step::Splat(span) = step {
            return self.splat_of(value, &[], *span);
        }
        if let Kind::Handle(handle) = value.kind() {
            let handle = *handle;
            return match step {
                Step::Attr(name) => self.scope.handle_attr(handle, &name.name),
                Step::Index(key, _) => match self.eval(key).as_str() {
                    Some(name) => self.scope.handle_attr(handle, name),
                    None => Value::NULL,
                },
                Step::Splat(_) => value,
            };
        }
        let (result, span) = match step {
            Step::Attr(name) if self.lenient => return self.lenient_attr(value, &name.name),
            Step::Attr(name) => (get_attr(&value, &name.name), name.span),
            Step::Splat(_) => return value,
            Step::Index(key, span) => {
                let key = self.eval(key);
                if self.lenient {
                    return lenient_index(&value, &key);
                }
                (index(&value, &key), *span)
            }
        };
        result.unwrap_or_else(|error| self.fail(error.summary, error.detail, span))
    }

    /// Policies: an attribute of a list of blocks is that of its first block, and what is missing is null.
    fn lenient_attr(&mut self, value: Value, name: &str) -> Value {
        match value.kind() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => match items.first() {
                Some(first) => {
                    let first = first.clone().with_marks(value.marks());
                    match first.kind() {
                        Kind::Handle(handle) => self.scope.handle_attr(*handle, name),
                        _ => self.lenient_attr(first, name),
                    }
                }
                None => Value::NULL,
            },
            Kind::Unknown(_) => part_of_unknown(&value, Type::Any),
            // What is beyond the schema is missing, too.
            Kind::Object(entries) => match entries.get(name) {
                Some(found) => found.clone().with_marks(value.marks()),
                None => Value::NULL,
            },
            _ => get_attr(&value, name).unwrap_or(Value::NULL),
        }
    }

    pub(super) fn splat(&mut self, source: &Expr, each: &[Step], marker: Span) -> Value {
        let errors = self.diagnostics.len();
        let value = self.eval(source);
        if self
            .diagnostics
            .iter()
            .skip(errors)
            .any(crate::Diagnostic::is_error)
        {
            return failed("the collection of a splat expression");
        }
        self.splat_of(value, each, source.span.to(marker))
    }

    /// A splat of a value; `place` is what is wrong where it cannot be.
    pub(super) fn splat_of(&mut self, value: Value, each: &[Step], place: Span) -> Value {
        let (value, marks) = value.unmark();
        let ty = value.ty();
        let sequence = matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_));
        if value.is_null() {
            if sequence && !self.lenient {
                let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
                return self.fail("Splat of null value", detail, place);
            }
            return Value::tuple(Vec::new()).with_marks(marks);
        }
        if let Some(unknown) = value.as_unknown() {
            return self
                .unknown_splat(&value, &ty, sequence, unknown.not_null, each)
                .with_marks(marks);
        }
        if !sequence {
            let item = self.steps(value, each);
            return Value::tuple(vec![item]).with_marks(marks);
        }
        let items = value.as_items().unwrap_or_default();
        let results: Vec<Value> = items.iter().map(|item| self.steps(item.clone(), each)).collect();
        if matches!(value.kind(), Kind::Tuple(_)) {
            return Value::tuple(results).with_marks(marks);
        }
        let element = match results.is_empty() {
            true => self.splat_type(ty.element().cloned().unwrap_or(Type::Any), each),
            false => {
                let types: Vec<Type> = results.iter().map(Value::ty).collect();
                unify(&types, true).unwrap_or(Type::Any)
            }
        };
        Value::list(element, results).with_marks(marks)
    }

    fn unknown_splat(
        &mut self,
        value: &Value,
        ty: &Type,
        sequence: bool,
        not_null: bool,
        each: &[Step],
    ) -> Value {
        let reasons = value.reasons();
        match ty {
            Type::List(element) | Type::Set(element) => {
                let element = self.splat_type((**element).clone(), each);
                let list = Value::unknown_because(Type::list(element), reasons).not_null();
                list.with_bounds(value.bounds())
            }
            Type::Tuple(elements) => {
                let elements: Vec<Type> = elements
                    .iter()
                    .map(|element| self.splat_type(element.clone(), each))
                    .collect();
                Value::unknown_because(Type::tuple(elements), reasons).not_null()
            }
            _ if !sequence && *ty != Type::Any && not_null => {
                let item = self.steps(value.clone(), each);
                Value::tuple(vec![item])
            }
            _ => Value::unknown_because(Type::Any, reasons),
        }
    }

    fn splat_type(&mut self, element: Type, each: &[Step]) -> Type {
        let probe = Value::unknown_because(element, []);
        self.steps(probe, each).ty()
    }
}

fn lenient_index(value: &Value, key: &Value) -> Value {
    if value.is_null() {
        return Value::NULL;
    }
    match (value.kind(), key.as_str()) {
        (Kind::Object(entries), Some(name)) if entries.get(name).is_none() => Value::NULL,
        _ => index(value, key).unwrap_or(Value::NULL),
    }
}

/// All marks of some values.
pub(super) fn marks_of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Marks {
    values
        .into_iter()
        .fold(Marks::NONE, |marks, value| marks.union(value.marks()))
}
