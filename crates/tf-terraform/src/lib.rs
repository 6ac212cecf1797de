//! Starting Terraform or OpenTofu: finding the program, running it so that it can be stopped as a person would stop it, reading
//! what it reports, with providers from a local mirror where there is one.

mod error;
mod events;
mod initialised;
mod mirror;
mod order;
mod process;
mod program;
mod root;

pub use error::TerraformError;
pub use events::{Diagnostic, Event, Snippet};
pub use initialised::{Initialised, is_cached};
pub use mirror::{CliConfiguration, Mirror, MirrorError, Surroundings};
pub use order::{Circle, side_by_side};
pub use process::{Finished, Stop};
pub use program::{Product, Program, Version};
pub use root::{ApplyOptions, InitOptions, PlanOptions, Planned, Root, StateId};
