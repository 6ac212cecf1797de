//! The [`Report`] and its renderers.

pub mod render;
pub mod report;

pub use report::*;
