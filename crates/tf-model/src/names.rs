//! Names that stand in a plan or a state thousands of times.

use std::cell::RefCell;
use std::sync::Arc;

use foldhash::HashSet;

/// Names that are kept, and their length at most: attributes, types and the like, not the keys of everybody's maps.
const MOST_NAMES: usize = 8192;
const LONGEST_NAME: usize = 40;

thread_local! {
    /// They are in memory once for each thread.
    static NAMES: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

/// A name, which is in memory but once.
pub(crate) fn shared(name: &str) -> Arc<str> {
    if name.len() > LONGEST_NAME {
        return name.into();
    }
    NAMES.with_borrow_mut(|names| match names.get(name) {
        Some(known) => known.clone(),
        None => {
            let new: Arc<str> = name.into();
            if names.len() < MOST_NAMES {
                names.insert(new.clone());
            }
            new
        }
    })
}
