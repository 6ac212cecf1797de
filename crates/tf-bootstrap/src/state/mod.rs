//! What is known of state files without asking anybody: reading them, giving them a new serial, comparing them,
//! their digests, the information in locks, and the rules that a history of versions keeps.
//!
//! Nothing here calls AWS, and nothing here gives out a value of a state: states are full of secrets.

mod difference;
mod digest;
mod document;
mod key;
mod lock;
mod rules;

pub(crate) use difference::{Difference, difference};
pub(crate) use digest::digest;
pub(crate) use document::{Head, StateError, Summary, head, summary, with_serial};
pub(crate) use key::{LOCK_SUFFIX, digest_id, is_record, lock_file, lock_id, workspace};
pub(crate) use lock::{LockInfo, age};
pub(crate) use rules::{Content, Finding, Level, Locks, Version, judge};
