//! Policies: the language, the pack, the engine that judges a graph, and what suppresses its findings.
//!
//! A policy is a block of HCL whose condition is an expression of Terraform's language; see `pack/README.md`.

mod engine;
mod examples;
mod functions;
pub mod pack;
pub mod policy;
mod scope;
pub mod suppress;

pub use engine::{Judgement, Judgements, Subject, judge};
pub use examples::{ExampleFailure, test_policy};
pub use functions::secrets::looks_secret;
pub use policy::{Example, Expected, Policy};
