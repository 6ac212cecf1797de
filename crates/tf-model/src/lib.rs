//! Addresses, resources and the graph; loaders of configurations and plans.
//!
//! Whatever comes in, a folder of configurations or a plan, becomes the same [`Graph`].

pub mod address;
pub mod config;
pub mod graph;
pub mod plan;
pub mod schema;

pub use address::{Address, Key, Mode, ModulePath};
pub use config::{Options, Project};
pub use graph::{Graph, Resource};
