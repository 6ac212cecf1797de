//! Policies: the language, the pack, the engine that judges a graph, and what suppresses its findings.
//!
//! A policy is a block of HCL whose condition is an expression of Terraform's language; see `pack/README.md`.

mod asked;
mod both;
mod changes;
mod compare;
mod engine;
mod examples;
mod functions;
pub mod pack;
pub mod policy;
mod relations;
mod scope;
pub mod suppress;
mod view;
mod worlds;

pub use asked::{Asked, Found, Recent, Trace};
pub use both::{Both, Twin, Worlds, judge_both};
pub use changes::{judge_changes, judge_steps};
pub use compare::{AllCompared, Compared, Since, compare};
pub use engine::{Judgement, Judgements, Passed, Subject, judge, judge_related};
pub use examples::{ExampleFailure, test_policy};
pub use functions::secrets::{looks_secret, names_secret};
pub use pack::holds_data;
pub use policy::{Example, Expected, Policy};
pub use relations::Relations;
pub use view::View;

/// Reads the provider's schema and compiles patterns that nearly every run needs, which a second thread can do while the first
/// reads files.
pub fn prepare() {
    tf_model::schema::schema(tf_model::schema::Kind::Provider, "aws");
    looks_secret("");
}
