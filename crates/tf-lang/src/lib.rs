//! Terraform's language, read and evaluated without Terraform.
//!
//! [`parse`] gives a syntax tree with the place of every node, [`Evaluator`] turns expressions into
//! [`Value`]s, and a [`Scope`] says what names stand for. There are three truth values: an unknown value
//! carries its [`Reason`](value::Reason).

pub mod ast;
pub mod console;
pub mod convert;
pub mod diagnostic;
pub mod eval;
pub mod functions;
mod gzip;
mod late;
pub mod number;
pub mod parse;
pub mod path;
pub mod source;
pub mod text;
pub mod types;
pub mod value;

pub use ast::{Body, Expr};
pub use diagnostic::{Diagnostic, Severity};
pub use eval::{Evaluator, Scope};
pub use late::Late;
pub use number::Number;
pub use source::{FileId, SourceFile, SourceMap, Span};
pub use types::Type;
pub use value::Value;
