//! Who wrote a version of a state: whoever held the lock file at that time.
//!
//! Neither S3 nor the table remember who wrote a state. A lock file's versions do, until the lifecycle removes them: each
//! begins when a lock was taken, and the delete marker after it is the release.

use jiff::Timestamp;

use super::Store;
use super::objects::Version;
use crate::error::Error;
use crate::state::{LockInfo, lock_file};

/// Who wrote a version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Writer {
    /// What the lock said.
    pub(crate) lock: LockInfo,
}

impl Writer {
    /// Whether the one who wrote takes lock files because the backend's settings say so: we take them in any case.
    pub(crate) fn shows_settings(&self) -> bool {
        !self.lock.operation.starts_with("tf-bootstrap")
    }
}

impl Store {
    /// Who wrote a state at that time, of all versions of its lock file.
    pub(crate) async fn writer(
        &self,
        lock_files: &[Version],
        written: Timestamp,
    ) -> Result<Option<Writer>, Error> {
        let Some(version) = writer_of(lock_files, written) else {
            return Ok(None);
        };
        let body = self.read(&version.key, Some(&version.id)).await?;
        let lock = body.and_then(|body| LockInfo::parse(&String::from_utf8_lossy(&body.bytes)));
        Ok(lock.map(|lock| Writer { lock }))
    }

    /// Who wrote the current state of a key.
    pub(crate) async fn last_writer(&self, key: &str, written: Timestamp) -> Result<Option<Writer>, Error> {
        let lock_files = self.versions_of(&lock_file(key)).await?;
        self.writer(&lock_files, written).await
    }
}

/// The version of a lock file, of all its versions, that was there when a state was written. Where one lock was released in the second
/// of the writing and the next one taken, it is the first: a state is written last under a lock.
pub(crate) fn writer_of(lock_files: &[Version], written: Timestamp) -> Option<&Version> {
    let was_held = |hold: &Hold<'_>| {
        hold.taken.modified <= written && hold.released.is_none_or(|released| released >= written)
    };
    let first = holds(lock_files).into_iter().find(was_held);
    first.map(|hold| hold.taken)
}

/// A lock that was taken, and when it was released.
struct Hold<'v> {
    taken: &'v Version,
    released: Option<Timestamp>,
}

/// All locks, in their order. Times are whole seconds: of what happened in one of them, taking and releasing took turns.
fn holds(lock_files: &[Version]) -> Vec<Hold<'_>> {
    // They come newest first.
    let mut events: Vec<&Version> = lock_files.iter().rev().collect();
    events.sort_by_key(|version| version.modified);
    let mut holds: Vec<Hold<'_>> = Vec::new();
    for second in events.chunk_by(|a, b| a.modified == b.modified) {
        let mut second = second.to_vec();
        while !second.is_empty() {
            let open = holds.last_mut().filter(|hold| hold.released.is_none());
            let is_next = |version: &&Version| version.deleted == open.is_some();
            let version = second.remove(second.iter().position(is_next).unwrap_or_default());
            if let Some(hold) = open {
                hold.released = Some(version.modified);
            }
            if !version.deleted {
                holds.push(Hold {
                    taken: version,
                    released: None,
                });
            }
        }
    }
    holds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: &str, second: i64, deleted: bool) -> Version {
        Version {
            key: "k.tflock".to_owned(),
            id: id.to_owned(),
            latest: false,
            deleted,
            modified: Timestamp::from_second(second).unwrap(),
            size: 0,
            etag: None,
        }
    }

    #[test]
    fn the_holder_of_the_lock_is_the_writer() {
        let files = [
            version("m2", 30, true),
            version("b", 20, false),
            version("m1", 14, true),
            version("a", 10, false),
        ];
        let writer = |second| {
            let written = Timestamp::from_second(second).unwrap();
            writer_of(&files, written).map(|version| version.id.as_str())
        };
        let cases = [
            (9, None),
            (10, Some("a")),
            (14, Some("a")),
            (15, None),
            (20, Some("b")),
            (30, Some("b")),
            (31, None),
        ];
        for (second, expected) in cases {
            assert_eq!(writer(second), expected, "{second}");
        }
        // Two runs, one after the other, that meet in a second; the states are written a second after the locks are taken.
        let met = [
            version("m3", 22, true),
            version("c", 21, false),
            version("m2", 21, true),
            version("b", 19, false),
            version("m1", 19, true),
            version("a", 17, false),
        ];
        let versions_then_markers: Vec<Version> = met
            .iter()
            .filter(|it| !it.deleted)
            .chain(met.iter().filter(|it| it.deleted))
            .cloned()
            .collect();
        for files in [&met[..], &versions_then_markers] {
            for (second, expected) in [(18, "a"), (19, "a"), (20, "b"), (21, "b"), (22, "c")] {
                let written = Timestamp::from_second(second).unwrap();
                let found = writer_of(files, written).map(|version| version.id.as_str());
                assert_eq!(found, Some(expected), "{second}");
            }
        }
        // A lock that is still held.
        let held = [version("c", 40, false)];
        assert!(writer_of(&held, Timestamp::from_second(99).unwrap()).is_some());
    }
}
