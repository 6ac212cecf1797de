//! Addresses, resources and the graph; loaders of configurations, plans and states.
//!
//! Whatever comes in, a folder of configurations, a plan or a state, becomes the same [`Graph`].

pub mod address;
pub mod config;
pub mod graph;
mod names;
pub mod plan;
pub mod schema;
pub mod state;

pub use address::{Address, Key, Mode, ModulePath};
pub use config::{Options, Project};
pub use graph::{Graph, Resource};
