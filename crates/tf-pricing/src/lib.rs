//! What resources cost: cost models, usage files, estimates.
//!
//! A model is a block of HCL whose quantities and prices are expressions of Terraform's language, evaluated as policies are;
//! see `models/README.md`. An estimate is exact in decimals, and says of every line where its price comes from, or why it has
//! none.

mod amount;
mod difference;
mod document;
mod engine;
mod estimate;
mod examples;
mod lookups;
pub mod model;
mod models;
mod region;
mod scope;
mod tiers;
pub mod usage;

pub use amount::Amount;
pub use difference::{Change, ComponentDifference, Difference, ResourceDifference};
pub use document::{
    ComponentDocument, Document, ErrorDocument, ResourceDocument, RootDocument, SourceDocument, Summary,
};
pub use engine::estimate;
pub use estimate::{Estimate, Line, Options, PriceSource, Resource, State, Totals};
pub use examples::{ExampleFailure, test_model};
pub use models::{Models, Standing};
pub use usage::{Usage, UsageError};
