//! Starting Terraform or OpenTofu, with providers from a local mirror where there is one.

mod mirror;

pub use mirror::{CliConfiguration, Mirror, MirrorError, Surroundings};
