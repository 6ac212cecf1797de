//! The common type of several.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::convertible;
use crate::types::{ObjectAttr, Type};

/// The one type to which values of all these types convert, as for the elements of a list or the branches
/// of a conditional; `None` where there is none.
pub fn unify(types: &[Type], unsafe_too: bool) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let count = |test: fn(&Type) -> bool| types.iter().filter(|ty| test(ty)).count();
    let any = count(|ty| *ty == Type::Any);
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let all = types.len();
    let or_any = |unified: fn(&[Type], bool) -> Option<Type>| match any {
        0 => unified(types, unsafe_too),
        _ => Some(Type::Any),
    };
    if maps > 0 && maps + any == all {
        return or_any(|types, safe| unify_elements(types, safe, Type::map));
    }
    if maps > 0 && maps + objects + any == all {
        let unified = unify_as(
            types,
            unsafe_too,
            |ty| matches!(ty, Type::Object(_)),
            objects_to_map,
        );
        if let Some(unified @ Type::Map(_)) = unified {
            return Some(unified);
        }
    } else if lists > 0 && lists + any == all {
        return or_any(|types, safe| unify_elements(types, safe, Type::list));
    } else if lists > 0 && lists + tuples + any == all {
        let unified = unify_as(
            types,
            unsafe_too,
            |ty| matches!(ty, Type::Tuple(_)),
            tuples_to_list,
        );
        if let Some(unified @ Type::List(_)) = unified {
            return Some(unified);
        }
    } else if sets > 0 && sets + any == all {
        return or_any(|types, safe| unify_elements(types, safe, Type::set));
    } else if objects > 0 && objects + any == all {
        return or_any(unify_objects);
    } else if tuples > 0 && tuples + any == all {
        return or_any(unify_tuples);
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    // The most general of the given types that all others convert to.
    let mut candidates: Vec<&Type> = types.iter().collect();
    candidates.sort_by_key(|ty| generality(ty));
    candidates
        .into_iter()
        .find(|want| {
            types
                .iter()
                .all(|ty| ty == *want || convertible(ty, want, unsafe_too))
        })
        .cloned()
}

/// cty prefers the type that others convert to safely; what is not known yet is hoped to be like the rest.
fn generality(ty: &Type) -> u8 {
    match ty {
        Type::Any => 9,
        Type::String => 1,
        Type::Set(_) => 3,
        Type::List(_) => 2,
        Type::Map(_) => 2,
        Type::Tuple(_) | Type::Object(_) => 4,
        Type::Number | Type::Bool | Type::Type => 5,
    }
}

fn unify_elements(types: &[Type], unsafe_too: bool, wrap: fn(Type) -> Type) -> Option<Type> {
    let elements: Vec<Type> = types.iter().filter_map(Type::element).cloned().collect();
    unify(&elements, unsafe_too).map(wrap)
}

fn unify_as(
    types: &[Type],
    unsafe_too: bool,
    structural: fn(&Type) -> bool,
    to_collection: fn(&[Type], bool) -> Option<Type>,
) -> Option<Type> {
    let those: Vec<Type> = types.iter().filter(|ty| structural(ty)).cloned().collect();
    let collection = to_collection(&those, unsafe_too)?;
    let replaced: Vec<Type> = types
        .iter()
        .map(|ty| {
            if structural(ty) {
                collection.clone()
            } else {
                ty.clone()
            }
        })
        .collect();
    unify(&replaced, unsafe_too)
}

fn objects_to_map(types: &[Type], unsafe_too: bool) -> Option<Type> {
    let mut inner = Vec::new();
    for ty in types {
        if let Type::Object(attrs) = ty {
            inner.extend(attrs.iter().map(|attr| attr.ty.clone()));
        }
    }
    unify(&inner, unsafe_too).map(Type::map)
}

fn tuples_to_list(types: &[Type], unsafe_too: bool) -> Option<Type> {
    let mut inner = Vec::new();
    for ty in types {
        if let Type::Tuple(elements) = ty {
            inner.extend(elements.iter().cloned());
        }
    }
    unify(&inner, unsafe_too).map(Type::list)
}

fn unify_objects(types: &[Type], unsafe_too: bool) -> Option<Type> {
    let names = |ty: &Type| -> BTreeSet<Arc<str>> {
        match ty {
            Type::Object(attrs) => attrs.iter().map(|attr| attr.name.clone()).collect(),
            _ => BTreeSet::new(),
        }
    };
    let wanted = names(types.first()?);
    if types.iter().any(|ty| names(ty) != wanted) {
        return objects_to_map(types, unsafe_too);
    }
    let mut attrs = Vec::new();
    for name in wanted {
        let across: Vec<Type> = types
            .iter()
            .filter_map(|ty| ty.attr(&name))
            .map(|attr| attr.ty.clone())
            .collect();
        attrs.push(ObjectAttr {
            ty: unify(&across, unsafe_too)?,
            name,
            optional: false,
        });
    }
    let unified = Type::object(attrs);
    match types.iter().all(|ty| convertible(ty, &unified, unsafe_too)) {
        true => Some(unified),
        false => objects_to_map(types, unsafe_too),
    }
}

fn unify_tuples(types: &[Type], unsafe_too: bool) -> Option<Type> {
    let lengths: BTreeSet<usize> = types
        .iter()
        .filter_map(|ty| {
            if let Type::Tuple(elements) = ty {
                Some(elements.len())
            } else {
                None
            }
        })
        .collect();
    if lengths.len() != 1 {
        return tuples_to_list(types, unsafe_too);
    }
    let mut elements = Vec::new();
    for index in 0..lengths.first().copied().unwrap_or_default() {
        let across: Vec<Type> = types
            .iter()
            .filter_map(|ty| {
                if let Type::Tuple(elements) = ty {
                    elements.get(index).cloned()
                } else {
                    None
                }
            })
            .collect();
        elements.push(unify(&across, unsafe_too)?);
    }
    let unified = Type::tuple(elements);
    match types.iter().all(|ty| convertible(ty, &unified, unsafe_too)) {
        true => Some(unified),
        false => tuples_to_list(types, unsafe_too),
    }
}
