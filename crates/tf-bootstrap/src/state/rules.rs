//! What holds for the history of a sound state, and what is wrong where it does not.

use std::collections::BTreeMap;

use super::document::{Head, StateError};
use super::lock::LockInfo;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Level {
    /// Worth knowing.
    Note,
    /// Not as it should be, and nothing fails of it now.
    Warning,
    /// Terraform fails, or goes on from a wrong state.
    Error,
}

impl Level {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// Something that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    /// Which rule.
    pub(crate) rule: &'static str,
    /// How bad.
    pub(crate) level: Level,
    /// The version of the object that it is about.
    pub(crate) version: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) remedy: &'static str,
}

/// A version of a state's object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Version {
    /// Its id.
    pub(crate) id: String,
    /// What it holds.
    pub(crate) content: Content,
}

/// What a version holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// A delete marker.
    Deleted,
    /// No state that can be read, and the digest of its bytes.
    Bad(StateError, String),
    /// A state, and the digest of its bytes.
    State(Head, String),
}

impl Content {
    fn digest(&self) -> Option<&str> {
        match self {
            Content::Deleted => None,
            // Terraform takes an empty object for none.
            Content::Bad(StateError::Empty, _) => None,
            Content::Bad(_, digest) | Content::State(_, digest) => Some(digest),
        }
    }
}

/// The locks of a state. The inner `None` is a lock whose information cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Locks {
    /// The item in the table.
    pub(crate) item: Option<Option<LockInfo>>,
    /// The lock file.
    pub(crate) file: Option<Option<LockInfo>>,
    /// Whether the backend takes both kinds, as far as that is known.
    pub(crate) both: bool,
}

impl Locks {
    /// What is wrong where one half is there without the other.
    pub(crate) fn half(&self) -> Option<&'static str> {
        match (&self.item, &self.file) {
            (Some(Some(item)), Some(Some(file))) if item.id != file.id => {
                Some("the item in the table and the lock file belong to different locks")
            }
            (Some(_), None) if self.both => Some("the item in the table is there, its lock file is not"),
            (None, Some(_)) if self.both => Some("the lock file is there, its item in the table is not"),
            _ => None,
        }
    }
}

/// Judges a state by its versions, newest first, the digest in the table, and its locks. `table` says whether the backend
/// keeps digests at all.
pub(crate) fn judge(versions: &[Version], digest: Option<&str>, table: bool, locks: &Locks) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, version) in versions.iter().enumerate() {
        findings.extend(readable(version, index == 0));
    }
    findings.extend(stored_digest(versions.first(), digest, table));
    findings.extend(order(versions));
    findings.extend(halves(locks));
    // The worst first; otherwise as found, which is newest first.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings
}

fn readable(version: &Version, current: bool) -> Option<Finding> {
    let Content::Bad(error, _) = &version.content else {
        return None;
    };
    let rule = match error {
        StateError::Empty => "state-empty",
        StateError::Format(_) => "state-format",
        StateError::Encrypted => "state-encrypted",
        _ => "state-broken",
    };
    let level = match (error, current) {
        (StateError::Encrypted, _) => Level::Note,
        (_, true) => Level::Error,
        (_, false) => Level::Warning,
    };
    Some(Finding {
        rule,
        level,
        version: Some(version.id.clone()),
        message: error.to_string(),
        remedy: match (error, current) {
            (StateError::Encrypted, _) => "nothing to do: OpenTofu reads it",
            (_, true) => "look for the last sound version with `tf-bootstrap history`, and restore it",
            (_, false) => "nothing to do: it cannot be restored",
        },
    })
}

fn stored_digest(current: Option<&Version>, stored: Option<&str>, table: bool) -> Option<Finding> {
    let actual = current.and_then(|version| version.content.digest());
    let finding = |rule, level, message: String, remedy| {
        Some(Finding {
            rule,
            level,
            version: current.map(|version| version.id.clone()),
            message,
            remedy,
        })
    };
    match (stored, actual) {
        (None, Some(_)) if table => finding(
            "digest-missing",
            Level::Note,
            "the table has no digest of this state: a stale read would not be noticed".to_owned(),
            "it is written by the next apply, or now by `tf-bootstrap fsck --repair-digest`",
        ),
        (None, _) => None,
        (Some(stored), _) if stored.len() != 32 || !stored.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            finding(
                "digest-invalid",
                Level::Warning,
                "the digest in the table is no MD5: Terraform ignores it".to_owned(),
                "tf-bootstrap fsck --repair-digest",
            )
        }
        (Some(_), None) => finding(
            "digest-without-state",
            Level::Error,
            "the table has a digest, and there is no state: it was deleted past Terraform, which will fail"
                .to_owned(),
            "restore the last version of the state; if it was deleted on purpose, delete the digest's item",
        ),
        (Some(stored), Some(actual)) if !stored.eq_ignore_ascii_case(actual) => finding(
            "digest-mismatch",
            Level::Error,
            format!(
                "the table has digest {stored}, the state has {actual}: Terraform fails after ten seconds"
            ),
            "if the current version is the right one (`tf-bootstrap history`), run `tf-bootstrap fsck --repair-digest`",
        ),
        (Some(_), Some(_)) => None,
    }
}

/// Serials that rise and a lineage that stays, from the oldest version on.
fn order(versions: &[Version]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut highest: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    let mut lineage: Option<&str> = None;
    let mut deleted = false;
    for (index, version) in versions.iter().enumerate().rev() {
        let (head, digest) = match &version.content {
            Content::State(head, digest) => (head, digest),
            Content::Deleted => {
                deleted = true;
                continue;
            }
            Content::Bad(..) => continue,
        };
        let current = index == 0;
        let mut found = |rule, level, message: String, remedy| {
            findings.push(Finding {
                rule,
                level,
                version: Some(version.id.clone()),
                message,
                remedy,
            });
        };
        match lineage {
            Some(before) if before != head.lineage && deleted => found(
                "lineage-changed",
                Level::Note,
                format!(
                    "a new state ({}) was begun after the old one ({before}) was deleted",
                    head.lineage
                ),
                "nothing to do",
            ),
            Some(before) if before != head.lineage => found(
                "lineage-changed",
                if current { Level::Error } else { Level::Warning },
                format!(
                    "lineage {} was written over lineage {before}: two roots share this key",
                    head.lineage
                ),
                "find out which root wrote it; restore the version of the right one",
            ),
            _ => {}
        }
        match highest.get(&*head.lineage) {
            Some((serial, _)) if head.serial < *serial => found(
                "serial-fell",
                if current { Level::Error } else { Level::Warning },
                format!(
                    "serial {} was written after {serial}: an old state was put over a newer one",
                    head.serial
                ),
                "if it was meant, do it again with `tf-bootstrap restore`, which gives it a new serial",
            ),
            Some((serial, before)) if head.serial == *serial && before != digest => found(
                "serial-repeated",
                Level::Warning,
                format!("two different states have serial {serial}: one of them was written without a lock"),
                "compare the two versions with `tf-bootstrap restore --dry-run`",
            ),
            _ => {}
        }
        let above = highest
            .get(&*head.lineage)
            .is_none_or(|(serial, _)| head.serial >= *serial);
        if above {
            highest.insert(&head.lineage, (head.serial, digest));
        }
        lineage = Some(&head.lineage);
        deleted = false;
    }
    findings.reverse();
    findings
}

fn halves(locks: &Locks) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |rule, level, message: String, remedy| {
        findings.push(Finding {
            rule,
            level,
            version: None,
            message,
            remedy,
        });
    };
    if let Some(half) = locks.half() {
        found(
            "half-lock",
            Level::Warning,
            half.to_owned(),
            "if it stays so for more than some seconds, nobody holds it: `tf-bootstrap locks break ID`",
        );
    }
    for (what, lock) in [("item in the table", &locks.item), ("lock file", &locks.file)] {
        if let Some(None) = lock {
            found(
                "lock-unreadable",
                Level::Warning,
                format!("the {what} holds no information that Terraform understands"),
                "`tf-bootstrap locks break` takes the key in place of the id",
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(id: &str, serial: u64, lineage: &str, digest: char) -> Version {
        Version {
            id: id.to_owned(),
            content: Content::State(
                Head {
                    serial,
                    lineage: lineage.to_owned(),
                    terraform_version: String::new(),
                },
                String::from(digest).repeat(32),
            ),
        }
    }

    fn deleted(id: &str) -> Version {
        Version {
            id: id.to_owned(),
            content: Content::Deleted,
        }
    }

    fn bad(id: &str, error: StateError) -> Version {
        Version {
            id: id.to_owned(),
            content: Content::Bad(error, "b".repeat(32)),
        }
    }

    fn lock(id: &str) -> Option<Option<LockInfo>> {
        Some(Some(LockInfo {
            id: id.to_owned(),
            ..LockInfo::default()
        }))
    }

    fn rules(versions: &[Version], digest: Option<&str>) -> Vec<String> {
        judge(versions, digest, true, &Locks::default())
            .iter()
            .map(|finding| {
                format!(
                    "{} {} {}",
                    finding.level.name(),
                    finding.rule,
                    finding.version.as_deref().unwrap_or("-")
                )
            })
            .collect()
    }

    /// A name, the versions, the stored digest, and what is found.
    type Case<'a> = (&'a str, Vec<Version>, Option<&'a str>, Vec<&'a str>);

    #[test]
    fn histories_are_judged() {
        let (a, b) = ("a".repeat(32), "b".repeat(32));
        let a = Some(&*a);
        let cases: Vec<Case<'_>> = vec![
            (
                "sound",
                vec![state("2", 2, "l", 'a'), state("1", 1, "l", 'c')],
                a,
                vec![],
            ),
            ("nothing", vec![], None, vec![]),
            (
                "digest in capitals",
                vec![state("1", 1, "l", 'a')],
                Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                vec![],
            ),
            (
                "stale digest",
                vec![state("1", 1, "l", 'a')],
                Some(&b),
                vec!["error digest-mismatch 1"],
            ),
            (
                "no digest",
                vec![state("1", 1, "l", 'a')],
                None,
                vec!["note digest-missing 1"],
            ),
            (
                "odd digest",
                vec![state("1", 1, "l", 'a')],
                Some("xyz"),
                vec!["warning digest-invalid 1"],
            ),
            (
                "deleted past Terraform",
                vec![deleted("2"), state("1", 1, "l", 'a')],
                a,
                vec!["error digest-without-state 2"],
            ),
            (
                "deleted by Terraform",
                vec![deleted("2"), state("1", 1, "l", 'a')],
                None,
                vec![],
            ),
            (
                "serial fell",
                vec![
                    state("3", 1, "l", 'a'),
                    state("2", 5, "l", 'b'),
                    state("1", 4, "l", 'c'),
                ],
                a,
                vec!["error serial-fell 3"],
            ),
            (
                "serial fell long ago, and is below the highest since",
                vec![
                    state("4", 6, "l", 'a'),
                    state("3", 3, "l", 'd'),
                    state("2", 2, "l", 'b'),
                    state("1", 5, "l", 'c'),
                ],
                a,
                vec!["warning serial-fell 3", "warning serial-fell 2"],
            ),
            (
                "repeated",
                vec![state("2", 1, "l", 'a'), state("1", 1, "l", 'c')],
                a,
                vec!["warning serial-repeated 2"],
            ),
            (
                "the same bytes twice",
                vec![state("2", 1, "l", 'a'), state("1", 1, "l", 'a')],
                a,
                vec![],
            ),
            (
                "another root",
                vec![state("2", 1, "m", 'a'), state("1", 9, "l", 'c')],
                a,
                vec!["error lineage-changed 2"],
            ),
            (
                "another root, and back",
                vec![
                    state("3", 10, "l", 'a'),
                    state("2", 1, "m", 'b'),
                    state("1", 9, "l", 'c'),
                ],
                a,
                vec!["error lineage-changed 3", "warning lineage-changed 2"],
            ),
            (
                "begun anew",
                vec![state("3", 1, "m", 'a'), deleted("2"), state("1", 9, "l", 'c')],
                a,
                vec!["note lineage-changed 3"],
            ),
            (
                "broken now",
                vec![
                    bad("2", StateError::Shape("x".to_owned())),
                    state("1", 1, "l", 'c'),
                ],
                Some(&b),
                vec!["error state-broken 2"],
            ),
            (
                "broken once",
                vec![state("2", 1, "l", 'a'), bad("1", StateError::Format(3))],
                a,
                vec!["warning state-format 1"],
            ),
            (
                "empty",
                vec![bad("1", StateError::Empty)],
                None,
                vec!["error state-empty 1"],
            ),
            (
                "empty with a digest",
                vec![bad("1", StateError::Empty)],
                Some("d41d8cd98f00b204e9800998ecf8427e"),
                vec!["error state-empty 1", "error digest-without-state 1"],
            ),
            (
                "OpenTofu",
                vec![bad("1", StateError::Encrypted)],
                Some(&b),
                vec!["note state-encrypted 1"],
            ),
        ];
        for (name, versions, digest, expected) in cases {
            assert_eq!(rules(&versions, digest), expected, "{name}");
        }
        let without_table = judge(&[state("1", 1, "l", 'a')], None, false, &Locks::default());
        assert_eq!(without_table, []);
    }

    #[test]
    fn halves_of_locks_are_found() {
        let cases = [
            (lock("1"), lock("1"), true, None),
            (None, None, true, None),
            (lock("1"), None, false, None),
            (None, lock("1"), false, None),
            (lock("1"), None, true, Some("half-lock")),
            (None, lock("1"), true, Some("half-lock")),
            (lock("1"), lock("2"), false, Some("half-lock")),
            (Some(None), None, false, Some("lock-unreadable")),
            (None, Some(None), false, Some("lock-unreadable")),
        ];
        for (item, file, both, rule) in cases {
            let locks = Locks { item, file, both };
            let found = judge(&[], None, true, &locks);
            assert_eq!(found.first().map(|finding| finding.rule), rule, "{locks:?}");
        }
    }
}
