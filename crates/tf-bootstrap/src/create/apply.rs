//! Making and mending. Every call may be the last one of this run, and every one may have been made by another run meanwhile:
//! what is there already is looked at and mended, never taken for a failure.
//!
//! This is the frame; each kind of thing has a file of its own.

mod bucket;
mod key;
mod role;
mod table;
mod wait;

pub(crate) use self::key::key_id;
pub(crate) use self::table::{LOCK_ID, LOCK_SCHEMA, wrong_table};
pub(super) use self::wait::Wait;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::Value;
use tf_aws::{AwsError, Connection, ErrorKind};

use crate::backend::desired::Desired;
use crate::backend::item::{Item, Status, items};
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::Observed;
use crate::error::Error;

/// For calls that we repeat ourselves, as long as the SDK would.
const UNANSWERED: Duration = Duration::from_secs(60);

/// Makes and mends what [`items`] finds missing or different.
pub(crate) struct Apply<'a> {
    desired: &'a Desired,
    connection: &'a Connection,
    second: Connection,
    observed: RefCell<Observed>,
    progress: &'a ProgressBar,
    done: RefCell<Vec<String>>,
    /// Made by this run.
    fresh: RefCell<BTreeSet<Place>>,
}

impl<'a> Apply<'a> {
    pub(crate) fn new(
        desired: &'a Desired,
        connection: &'a Connection,
        observed: Observed,
        progress: &'a ProgressBar,
    ) -> Apply<'a> {
        let second = desired.replica.as_ref().map_or_else(
            || connection.clone(),
            |replica| connection.in_region(&replica.region),
        );
        Apply {
            desired,
            connection,
            second,
            observed: RefCell::new(observed),
            progress,
            done: RefCell::default(),
            fresh: RefCell::default(),
        }
    }

    /// What was done so far, in the order in which it was.
    pub(crate) fn done(&self) -> Vec<String> {
        self.done.borrow().clone()
    }

    /// Everything.
    ///
    /// # Errors
    /// Where a call fails; what was done stays.
    pub(crate) async fn all(&self) -> Result<(), Error> {
        let buckets_and_roles = async {
            tokio::try_join!(self.key(Place::Key), self.key(Place::ReplicaKey), self.provider())?;
            tokio::try_join!(
                self.buckets(),
                self.role(Place::PlanRole),
                self.role(Place::ApplyRole)
            )?;
            Ok::<(), Error>(())
        };
        tokio::try_join!(self.table(), buckets_and_roles)?;
        Ok(())
    }

    fn connection(&self, place: Place) -> &Connection {
        match place {
            Place::Replica | Place::ReplicaKey => &self.second,
            _ => self.connection,
        }
    }

    /// The item, where something is to be done for it.
    fn to_do(&self, place: Place, kind: Kind) -> Option<Item> {
        items(self.desired, &self.observed.borrow())
            .into_iter()
            .find(|item| item.place == place && item.kind == kind)
            .filter(|item| item.status() != Status::Right)
    }

    fn fact(&self, place: Place, kind: Kind) -> Option<Value> {
        self.observed.borrow().fact(place, kind).cloned()
    }

    fn know(&self, place: Place, kind: Kind, value: Value) {
        self.observed.borrow_mut().facts.insert((place, kind), value);
    }

    /// Does the work of an item, if there is any. What has only just been made is not yet known everywhere in AWS: then it is
    /// tried again for a while.
    async fn step<F>(&self, place: Place, kind: Kind, work: impl Fn(Item) -> F) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>>,
    {
        let Some(item) = self.to_do(place, kind) else {
            return Ok(());
        };
        let shown = format!("{}: {}", item.subject, item.name());
        self.progress.set_message(shown.clone());
        let wait = Wait::new();
        loop {
            match Box::pin(work(item.clone())).await {
                Err(Error::Aws(error)) if self.is_too_early(place, &error) => {
                    wait.no_longer_than(UNANSWERED, error).await?;
                }
                done => break done?,
            }
        }
        if kind == Kind::Exists {
            self.fresh.borrow_mut().insert(place);
        }
        self.progress.inc(1);
        self.done.borrow_mut().push(shown);
        Ok(())
    }

    fn is_too_early(&self, place: Place, error: &AwsError) -> bool {
        let unknown = error.kind == ErrorKind::NotFound && self.fresh.borrow().contains(&place);
        // Of versioning that this run has switched on a moment ago.
        let unversioned = ["InvalidRequest", "InvalidBucketState"]
            .iter()
            .any(|code| error.is_code(code))
            && error.message.contains("ersioning must be");
        // Another run changes the table: one change at a time.
        let busy = place == Place::Table
            && ["ResourceInUseException", "LimitExceededException"]
                .iter()
                .any(|code| error.is_code(code));
        unknown || unversioned || busy
    }

    fn tags<T, E: std::fmt::Display>(
        &self,
        tag: impl Fn(&str, &str) -> Result<T, E>,
    ) -> Result<Vec<T>, Error> {
        self.desired
            .tags
            .iter()
            .map(|(key, value)| tag(key, value).map_err(unbuilt))
            .collect()
    }

    /// What was done, for messages of runs that do not end.
    pub(crate) fn so_far(&self) -> String {
        match self.done.borrow().len() {
            0 => "nothing was changed".to_owned(),
            1 => "1 step was done, and stays; run it again and it goes on from there".to_owned(),
            count => format!("{count} steps were done, and stay; run it again and it goes on from there"),
        }
    }
}

/// A request that the SDK finds incomplete: our own mistake.
fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::Incomplete(format!(
        "{error}: this is a bug of tf-bootstrap, please report it"
    ))
}
