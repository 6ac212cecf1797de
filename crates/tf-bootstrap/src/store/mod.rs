//! The bucket and the lock table as the commands that look after states see them: objects and their versions, digests,
//! locks. All lists are read to their end, and few calls go out at a time.

mod concurrent;
mod interrupt;
mod lease;
mod objects;
mod table;
mod writers;

pub(crate) use concurrent::{READS, side_by_side};
pub(crate) use interrupt::Interrupt;
pub(crate) use lease::{Kinds, Lease, Locking};
pub(crate) use objects::{Body, Condition, Encryption, Object, Version};
pub(crate) use table::{Item, Items};
pub(crate) use writers::Writer;

use crate::error::Error;
use crate::target::Context;

/// What a key without the name of a file means.
const FILE: &str = "terraform.tfstate";

/// A bucket of states and its lock table.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    s3: tf_aws::s3::Client,
    dynamodb: tf_aws::dynamodb::Client,
    /// Whose bucket it has to be: a bucket of the same name in another account must never get a state.
    owner: String,
    pub(crate) bucket: String,
    pub(crate) table: String,
}

impl Store {
    pub(crate) fn new(context: &Context) -> Store {
        Store {
            s3: context.connection.s3().clone(),
            dynamodb: context.connection.dynamodb().clone(),
            owner: context.account.clone(),
            bucket: context.bucket.clone(),
            table: context.table.clone(),
        }
    }

    /// The key that a person means, and its versions, newest first: the key itself, or the folder that a state is in.
    ///
    /// # Errors
    /// Where there is no such state and never was.
    pub(crate) async fn find(&self, key: &str) -> Result<(String, Vec<Version>), Error> {
        let versions = self.versions_of(key).await?;
        if !versions.is_empty() {
            return Ok((key.to_owned(), versions));
        }
        let inside = format!("{}/{FILE}", key.trim_end_matches('/'));
        let versions = self.versions_of(&inside).await?;
        match versions.is_empty() {
            false => Ok((inside, versions)),
            true => Err(Error::Usage(format!(
                "there is no state {key} in bucket {}, and there never was: `tf-bootstrap states` lists them",
                self.bucket
            ))),
        }
    }
}
