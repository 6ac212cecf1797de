//! Functions over lists, sets, tuples, maps and objects.

mod elements;
mod graphemes;
mod lists;
mod maps;
pub(super) mod support;

use super::{Function, Param, Ty};

/// A parameter of any type whose unknown and marked values the function itself deals with.
const fn open(name: &'static str) -> Param {
    Param::new(name, Ty::Any).or_unknown().or_marked()
}

/// The same, but marks are taken off and put on the result.
const fn plain(name: &'static str) -> Param {
    Param::new(name, Ty::Any).or_unknown()
}

const STRINGS: Ty = Ty::List(&Ty::String);
const ANY_LIST: Ty = Ty::List(&Ty::Any);

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "alltrue",
        &[Param::new("list", Ty::List(&Ty::Bool)).or_unknown()],
        Ty::Bool,
        elements::alltrue,
    ),
    Function::new(
        "anytrue",
        &[Param::new("list", Ty::List(&Ty::Bool)).or_unknown()],
        Ty::Bool,
        elements::anytrue,
    ),
    Function::new(
        "chunklist",
        &[
            Param::new("list", ANY_LIST).or_unknown().or_marked(),
            Param::new("size", Ty::Number).or_unknown().or_marked(),
        ],
        Ty::List(&ANY_LIST),
        lists::chunklist,
    ),
    Function::new("coalesce", &[], Ty::Any, elements::coalesce).with_rest(plain("vals").or_null()),
    Function::new("coalescelist", &[], Ty::Any, elements::coalescelist).with_rest(plain("vals").or_null()),
    Function::new("compact", &[Param::new("list", STRINGS)], STRINGS, lists::compact),
    Function::new("concat", &[], Ty::Any, lists::concat).with_rest(open("seqs")),
    Function::new(
        "contains",
        &[plain("list"), plain("value")],
        Ty::Bool,
        elements::contains,
    ),
    Function::new(
        "distinct",
        &[Param::new("list", ANY_LIST).or_unknown()],
        ANY_LIST,
        lists::distinct,
    ),
    Function::new(
        "element",
        &[open("list"), Param::new("index", Ty::Number).or_unknown()],
        Ty::Any,
        elements::element,
    )
    .maybe_null(),
    Function::new("flatten", &[open("list")], Ty::Any, lists::flatten),
    Function::new(
        "index",
        &[plain("list"), plain("value")],
        Ty::Number,
        elements::index,
    ),
    Function::new("keys", &[open("inputMap")], Ty::Any, maps::keys),
    Function::new("length", &[open("value")], Ty::Number, elements::length),
    Function::new("list", &[], Ty::Any, lists::list).with_rest(open("vals").or_null()),
    Function::new("map", &[], Ty::Any, maps::map).with_rest(open("vals").or_null()),
    Function::new(
        "lookup",
        &[
            open("inputMap"),
            Param::new("key", Ty::String).or_unknown().or_marked(),
        ],
        Ty::Any,
        elements::lookup,
    )
    .with_rest(open("default").or_null())
    .maybe_null(),
    Function::new(
        "matchkeys",
        &[
            Param::new("values", ANY_LIST).or_unknown(),
            Param::new("keys", ANY_LIST).or_unknown(),
            Param::new("searchset", ANY_LIST).or_unknown(),
        ],
        ANY_LIST,
        lists::matchkeys,
    ),
    Function::new("merge", &[], Ty::Any, maps::merge).with_rest(open("maps").or_null()),
    Function::new("one", &[plain("list")], Ty::Any, elements::one).maybe_null(),
    Function::new(
        "transpose",
        &[Param::new("values", Ty::Map(&STRINGS))],
        Ty::Map(&STRINGS),
        maps::transpose,
    ),
    Function::new("values", &[open("mapping")], Ty::Any, maps::values),
    Function::new(
        "zipmap",
        &[
            Param::new("keys", STRINGS).or_unknown().or_marked(),
            open("values"),
        ],
        Ty::Any,
        maps::zipmap,
    ),
];

#[cfg(test)]
mod tests;
