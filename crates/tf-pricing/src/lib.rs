//! What resources cost: cost models, usage files, estimates.
//!
//! A model is a block of HCL whose quantities and prices are expressions of Terraform's language, evaluated as policies are;
//! see `models/README.md`. An estimate is exact in decimals, and says of every line where its price comes from, or why it has
//! none. [`Pricing`] is the one entry for programs that want a cost.

mod amount;
mod difference;
mod document;
mod engine;
mod environment;
mod estimate;
mod examples;
mod lookups;
pub mod model;
mod models;
pub mod money;
mod pricing;
mod region;
mod reserved;
pub mod savings;
mod scope;
pub mod terms;
mod tiers;
pub mod usage;

pub use amount::Amount;
pub use difference::{Change, ComponentDifference, Difference, ResourceDifference};
pub use document::{
    ComponentDocument, Document, ErrorDocument, ResourceDocument, Root, RootDocument, SourceDocument, Summary,
};
pub use engine::estimate;
pub use environment::environment_of;
pub use estimate::{Estimate, Line, Options, PriceSource, Resource, State, Totals};
pub use examples::{ExampleFailure, test_model};
pub use models::{Models, Standing};
pub use pricing::{Pricing, PricingError, STALE_DAYS, Sources};
pub use terms::Terms;
pub use tf_prices::{Catalogue, Date, Decimal};
pub use usage::{Usage, UsageError};
