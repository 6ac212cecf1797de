//! Holding the lock of a state, the way Terraform does: lock file first, then the item in the table; both must succeed.

use std::fmt;

use jiff::Timestamp;
use tf_aws::{AwsError, ErrorKind};

use super::{Condition, Encryption, Interrupt, Store};
use crate::error::Error;
use crate::state::{LockInfo, age, digest, lock_file, lock_id};

/// How often a conditional write is tried that S3 answers with 409: another one was going on at the same moment.
const CONFLICTS: u32 = 5;

/// Which locks are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Locking {
    /// The lock file, and the item where the table exists: nobody gets past both
    Auto,
    /// The lock file and the item in the table
    Both,
    /// The lock file alone
    LockFile,
    /// The item in the table alone
    Table,
}

/// The locks that are taken, and what happens to the digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kinds {
    pub(crate) file: bool,
    pub(crate) item: bool,
    /// Whether a digest is written where there was none. Nobody keeps it up to date in a backend that has only lock files,
    /// and Terraform fails on an old one as soon as the backend is given the table again.
    pub(crate) new_digest: bool,
}

impl Kinds {
    /// What is taken in an account that has a table, or has none.
    ///
    /// # Errors
    /// Where a table is asked for that is not there.
    pub(crate) fn of(locking: Locking, store: &Store, table: bool) -> Result<Kinds, Error> {
        let (file, item, new_digest) = match locking {
            Locking::Auto => (true, table, false),
            Locking::LockFile => (true, false, false),
            Locking::Both => (true, true, true),
            Locking::Table => (false, true, true),
        };
        if item && !table {
            return Err(Error::Usage(format!("there is no lock table {}", store.table)));
        }
        Ok(Kinds {
            file,
            item,
            new_digest,
        })
    }

    /// The kinds by name, for documents.
    pub(crate) fn names(self) -> Vec<&'static str> {
        [(self.file, "lock-file"), (self.item, "table")]
            .iter()
            .filter_map(|(taken, name)| taken.then_some(*name))
            .collect()
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.file, self.item) {
            (true, true) => "lock file and table",
            (true, false) => "lock file",
            (false, _) => "table",
        })
    }
}

/// A lock that is held.
#[derive(Debug)]
pub(crate) struct Lease {
    store: Store,
    key: String,
    info: LockInfo,
    text: String,
    kinds: Kinds,
    /// Entity tag of the lock file, once it is there.
    file: Option<String>,
    /// Whether the item is there.
    item: bool,
    interrupt: Interrupt,
}

impl Lease {
    /// Takes the lock of a state. `operation` and `detail` are what the lock says of itself.
    ///
    /// # Errors
    /// Where somebody else holds it, or a call fails; nothing of ours is left then, or the error names it.
    pub(crate) async fn take(
        store: &Store,
        key: &str,
        operation: &str,
        detail: &str,
        kinds: Kinds,
        encryption: &Encryption,
        interrupt: &Interrupt,
    ) -> Result<Lease, Error> {
        let info = LockInfo {
            id: uuid::Uuid::new_v4().to_string(),
            operation: format!("tf-bootstrap {operation}"),
            info: format!(
                "{detail}, process {}; if it is gone, break this lock and run the same again, which puts everything right",
                std::process::id()
            ),
            who: who(),
            version: format!("tf-bootstrap {}", env!("CARGO_PKG_VERSION")),
            created: Timestamp::now().to_string(),
            path: lock_id(&store.bucket, key),
            ..LockInfo::default()
        };
        let mut lease = Lease {
            text: info.to_json(),
            store: store.clone(),
            key: key.to_owned(),
            info,
            kinds,
            file: None,
            item: false,
            interrupt: interrupt.clone(),
        };
        interrupt.leaves(Some(lease.left()));
        match lease.acquire(encryption).await {
            Ok(()) if interrupt.is_set() => {
                lease.release().await?;
                Err(Error::Interrupted("nothing was changed".to_owned()))
            }
            Ok(()) => Ok(lease),
            Err(error) => match lease.release().await {
                Ok(()) => Err(error),
                Err(left) => Err(Error::Incomplete(format!("{error}; and {left}"))),
            },
        }
    }

    fn left(&self) -> String {
        format!(
            "the lock {} of {} may be left behind; look with `tf-bootstrap locks`, remove it with `tf-bootstrap locks break {}`",
            self.info.id, self.key, self.info.id
        )
    }

    async fn acquire(&mut self, encryption: &Encryption) -> Result<(), Error> {
        if self.kinds.file {
            self.acquire_file(encryption).await?;
        }
        if self.kinds.item {
            self.acquire_item().await?;
        }
        Ok(())
    }

    async fn acquire_file(&mut self, encryption: &Encryption) -> Result<(), Error> {
        let file = lock_file(&self.key);
        for attempt in 1.. {
            let written = self
                .store
                .write(&file, self.text.as_bytes(), &Condition::Absent, encryption)
                .await;
            let error = match written {
                Ok((etag, _)) => {
                    self.file = Some(etag.unwrap_or_default());
                    return Ok(());
                }
                Err(error) => error,
            };
            if !is_open(&error) {
                return Err(error.into());
            }
            // The answer may have been lost, and the refusal be that of a repetition: whose file is it?
            let now = self.store.read(&file, None).await;
            match now.map_err(|more| self.unknown(&error, &more))? {
                Some(body) if body.bytes == self.text.as_bytes() => {
                    self.file = Some(body.etag.unwrap_or_default());
                    return Ok(());
                }
                Some(body) => return Err(self.held("lock file", &String::from_utf8_lossy(&body.bytes))),
                // Released, or written by somebody, in this moment.
                None if error.kind != ErrorKind::Timeout && attempt < CONFLICTS => {}
                None => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn acquire_item(&mut self) -> Result<(), Error> {
        for attempt in 1.. {
            let error = match self.store.write_lock_item(&self.key, &self.text).await {
                Ok(()) => {
                    self.item = true;
                    return Ok(());
                }
                Err(error) => error,
            };
            if !is_open(&error) {
                return Err(error.into());
            }
            let now = self.store.lock_item(&self.key).await;
            match now.map_err(|more| self.unknown(&error, &more.into()))? {
                Some(item) if item.info.as_deref() == Some(&self.text) => {
                    self.item = true;
                    return Ok(());
                }
                Some(item) => return Err(self.held("item in the table", &item.info.unwrap_or_default())),
                None if error.kind != ErrorKind::Timeout && attempt < CONFLICTS => {}
                None => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Neither the write nor the look at what became of it was answered.
    fn unknown(&self, error: &AwsError, more: &Error) -> Error {
        Error::Incomplete(format!("{error}; {more}; {}", self.left()))
    }

    fn held(&self, what: &str, info: &str) -> Error {
        let Some(info) = LockInfo::parse(info) else {
            return Error::Refused(format!(
                "{} is locked: the {what} is there, and says nothing of its holder; see `tf-bootstrap locks`",
                self.key
            ));
        };
        let since = match info.taken() {
            Some(taken) => format!("{} ago", age(Timestamp::now().duration_since(taken))),
            None => info.created.clone(),
        };
        Error::Refused(format!(
            "{} is locked by {} ({}, taken {since}, id {}): wait for it, or, if that process is gone, \
             `tf-bootstrap locks break {}`",
            self.key,
            info.who,
            info.operation(),
            info.id,
            info.id
        ))
    }

    /// Writes the state if it still is what was seen, and its digest; gives the new version's id. `seen` is the digest that
    /// the table had.
    ///
    /// # Errors
    /// Where somebody else wrote meanwhile, or a call fails; the text says what was done.
    pub(crate) async fn write_state(
        &self,
        bytes: &[u8],
        condition: &Condition,
        encryption: &Encryption,
        seen: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let written = self.store.write(&self.key, bytes, condition, encryption).await;
        let version = match written {
            Ok((_, version)) => version,
            Err(error) => {
                // An answer that was lost leaves open whether the state was written.
                let now = match is_open(&error) {
                    true => self.store.read(&self.key, None).await,
                    false => return Err(error.into()),
                };
                match (now, error.kind) {
                    (Ok(Some(body)), _) if body.bytes == bytes => body.version,
                    (Ok(_), ErrorKind::PreconditionFailed | ErrorKind::Conflict) => {
                        return Err(Error::Refused(format!(
                            "{} was written by somebody else in this moment, without the lock: look at it with \
                             `tf-bootstrap history {}`",
                            self.key, self.key
                        )));
                    }
                    (Ok(_), _) => return Err(error.into()),
                    (Err(_), _) => {
                        return Err(Error::Incomplete(format!(
                            "it is not known whether {} was written: {error}; run this again, which puts state and digest right",
                            self.key
                        )));
                    }
                }
            }
        };
        self.write_digest(bytes, seen).await.map_err(|error| {
            Error::Incomplete(format!(
                "{} was written, its digest was not: {error}; Terraform fails until this is run again, or \
                 `tf-bootstrap fsck --repair-digest {}`",
                self.key, self.key
            ))
        })?;
        Ok(version)
    }

    /// Writes the digest of a state as far as this backend keeps digests; gives whether it did.
    pub(crate) async fn write_digest(&self, bytes: &[u8], seen: Option<&str>) -> Result<bool, AwsError> {
        let kept = self.kinds.item && (seen.is_some() || self.kinds.new_digest);
        if kept {
            self.store.write_digest(&self.key, &digest(bytes), seen).await?;
        }
        Ok(kept)
    }

    /// Gives the lock back: exactly ours, and both halves even if one cannot be removed.
    ///
    /// # Errors
    /// Where something of ours is left; the text names it.
    pub(crate) async fn release(mut self) -> Result<(), Error> {
        let mut problems = Vec::new();
        if let Some(etag) = self.file.take()
            && let Err(error) = self.release_file(&etag).await
        {
            problems.push(error.to_string());
        }
        if self.item
            && let Err(error) = self.release_item().await
        {
            problems.push(error.to_string());
        }
        if problems.is_empty() {
            self.interrupt.leaves(None);
            return Ok(());
        }
        Err(Error::Incomplete(format!(
            "{}: {}",
            self.left(),
            problems.join("; ")
        )))
    }

    async fn release_file(&self, etag: &str) -> Result<(), Error> {
        let file = lock_file(&self.key);
        let Err(error) = self.store.delete(&file, etag).await else {
            return Ok(());
        };
        // Gone, or somebody else's: not ours any more.
        match self.store.read(&file, None).await? {
            Some(body) if body.bytes == self.text.as_bytes() => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn release_item(&self) -> Result<(), Error> {
        let Err(error) = self.store.delete_lock_item(&self.key, Some(&self.text)).await else {
            return Ok(());
        };
        match self.store.lock_item(&self.key).await? {
            Some(item) if item.info.as_deref() == Some(&self.text) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Whether the failure leaves open what the object or item is now.
fn is_open(error: &AwsError) -> bool {
    match error.kind {
        ErrorKind::PreconditionFailed
        | ErrorKind::Conflict
        | ErrorKind::Timeout
        | ErrorKind::Unreachable
        | ErrorKind::Throttled => true,
        ErrorKind::Other => error.status.is_none_or(|status| status >= 500),
        ErrorKind::AccessDenied | ErrorKind::Expired | ErrorKind::NotFound => false,
    }
}

/// `user@host`, as Terraform writes it.
fn who() -> String {
    let variable = |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok());
    let file = |path: &str| std::fs::read_to_string(path).ok();
    let user = variable(&["USER", "LOGNAME", "USERNAME"])
        .or_else(user_of_process)
        .unwrap_or_default();
    let host = file("/proc/sys/kernel/hostname")
        .or_else(|| file("/etc/hostname"))
        .or_else(|| variable(&["HOSTNAME", "COMPUTERNAME"]))
        .unwrap_or_default();
    format!("{user}@{}", host.trim())
}

/// The user's name where the environment has none, as in containers.
#[cfg(unix)]
fn user_of_process() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users.lines().map(|line| line.split(':'));
    fields.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
fn user_of_process() -> Option<String> {
    None
}
