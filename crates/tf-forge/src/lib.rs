//! Where pull requests live: GitHub and GitLab, as far as Plumbline writes to them.
//!
//! [`client`] sends requests: it waits out rate limits, tries again where that cannot do a thing twice, and gives the token to
//! one host only. [`github`] and [`gitlab`] say what to ask. [`thread`] keeps one comment for each marker,
//! [`github::issues`] one issue. [`webhook`] sends messages to addresses that are secrets themselves.

pub mod client;
mod clock;
mod error;
pub mod github;
pub mod gitlab;
pub mod surroundings;
pub mod thread;
mod token;
pub mod webhook;

pub use clock::{Clock, SystemClock};
pub use error::Error;
pub use token::Token;
