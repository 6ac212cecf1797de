//! The backend as data: what it is to be ([`desired`]), what is there ([`observe`]), and where the two differ ([`item`]).
//! `create` mends the differences, `check` judges them.

pub(crate) mod desired;
pub(crate) mod documents;
#[cfg(test)]
pub(crate) mod documents_tests;
#[cfg(test)]
mod evaluator;
pub(crate) mod item;
pub(crate) mod kind;
pub(crate) mod observe;
pub(crate) mod roots;
pub(crate) mod statements;
