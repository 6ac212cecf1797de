//! Items of the lock table: locks and digests.

use std::collections::HashMap;

use tf_aws::dynamodb::types::AttributeValue;
use tf_aws::{AwsError, ErrorKind, call};

use super::Store;
use crate::error::Error;
use crate::state::{digest_id, lock_id};

const ID: &str = "LockID";
const INFO: &str = "Info";
const DIGEST: &str = "Digest";

/// An item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item {
    /// `<bucket>/<key>`, or `<bucket>/<key>-md5`.
    pub(crate) id: String,
    /// A lock's information.
    pub(crate) info: Option<String>,
    /// A state's digest.
    pub(crate) digest: Option<String>,
}

/// What the table holds of one bucket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items {
    /// Locks, by the state's key.
    pub(crate) locks: Vec<(String, Item)>,
    /// Digests, by the state's key.
    pub(crate) digests: HashMap<String, String>,
    /// Items of other buckets.
    pub(crate) others: usize,
}

fn item(attributes: &HashMap<String, AttributeValue>) -> Item {
    let text = |name: &str| attributes.get(name).and_then(|value| value.as_s().ok()).cloned();
    Item {
        id: text(ID).unwrap_or_default(),
        info: text(INFO),
        digest: text(DIGEST),
    }
}

impl Store {
    fn table_name(&self) -> String {
        format!("table {}", self.table)
    }

    /// All items; `None` where there is no such table.
    pub(crate) async fn items(&self) -> Result<Option<Items>, Error> {
        let mut items = Items::default();
        let prefix = format!("{}/", self.bucket);
        let mut from: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let request = self
                .dynamodb
                .scan()
                .table_name(&self.table)
                .consistent_read(true)
                .set_exclusive_start_key(from);
            let page = match call("dynamodb:Scan", self.table_name(), request.send()).await {
                Ok(page) => page,
                Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            for item in page.items().iter().map(item) {
                let Some(key) = item.id.strip_prefix(&prefix).map(str::to_owned) else {
                    items.others += 1;
                    continue;
                };
                match (&item.digest, key.strip_suffix("-md5")) {
                    (Some(digest), Some(state)) => {
                        items.digests.insert(state.to_owned(), digest.clone());
                    }
                    _ => items.locks.push((key, item)),
                }
            }
            from = page.last_evaluated_key().cloned();
            if from.as_ref().is_none_or(HashMap::is_empty) {
                items.locks.sort_by(|one, other| one.0.cmp(&other.0));
                return Ok(Some(items));
            }
        }
    }

    async fn item(&self, id: &str) -> Result<Option<Item>, AwsError> {
        let request = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .key(ID, AttributeValue::S(id.to_owned()))
            .consistent_read(true);
        let output = call("dynamodb:GetItem", self.table_name(), request.send()).await?;
        Ok(output.item().map(item))
    }

    /// Whether there is a lock table, and the digest of a state in it.
    pub(crate) async fn digest(&self, key: &str) -> Result<(bool, Option<String>), Error> {
        match self.item(&digest_id(&self.bucket, key)).await {
            Ok(item) => Ok((true, item.and_then(|item| item.digest))),
            Err(error) if error.kind == ErrorKind::NotFound => Ok((false, None)),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the digest of a state, if it is still what was seen.
    pub(crate) async fn write_digest(
        &self,
        key: &str,
        digest: &str,
        seen: Option<&str>,
    ) -> Result<(), AwsError> {
        let id = digest_id(&self.bucket, key);
        let request = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .item(ID, AttributeValue::S(id.clone()))
            .item(DIGEST, AttributeValue::S(digest.to_owned()));
        // After a lost answer the digest is already the new one.
        let request = match seen {
            Some(seen) => request
                .condition_expression("Digest = :seen OR Digest = :new")
                .expression_attribute_values(":seen", AttributeValue::S(seen.to_owned())),
            None => request.condition_expression("attribute_not_exists(LockID) OR Digest = :new"),
        };
        let request = request.expression_attribute_values(":new", AttributeValue::S(digest.to_owned()));
        call("dynamodb:PutItem", self.table_name(), request.send()).await?;
        Ok(())
    }

    /// Removes the digest of a state, if it is still what was seen.
    pub(crate) async fn delete_digest(&self, key: &str, seen: &str) -> Result<(), AwsError> {
        let request = self
            .dynamodb
            .delete_item()
            .table_name(&self.table)
            .key(ID, AttributeValue::S(digest_id(&self.bucket, key)))
            .condition_expression("attribute_not_exists(LockID) OR Digest = :seen")
            .expression_attribute_values(":seen", AttributeValue::S(seen.to_owned()));
        call("dynamodb:DeleteItem", self.table_name(), request.send()).await?;
        Ok(())
    }

    /// The lock's item of a state.
    pub(crate) async fn lock_item(&self, key: &str) -> Result<Option<Item>, AwsError> {
        self.item(&lock_id(&self.bucket, key)).await
    }

    /// Writes the lock's item of a state, if there is none.
    pub(crate) async fn write_lock_item(&self, key: &str, info: &str) -> Result<(), AwsError> {
        let request = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .item(ID, AttributeValue::S(lock_id(&self.bucket, key)))
            .item(INFO, AttributeValue::S(info.to_owned()))
            .condition_expression("attribute_not_exists(LockID)");
        call("dynamodb:PutItem", self.table_name(), request.send()).await?;
        Ok(())
    }

    /// Removes the lock's item of a state, if it is still what was seen. `None` is an item without information.
    pub(crate) async fn delete_lock_item(&self, key: &str, seen: Option<&str>) -> Result<(), AwsError> {
        let request = self
            .dynamodb
            .delete_item()
            .table_name(&self.table)
            .key(ID, AttributeValue::S(lock_id(&self.bucket, key)));
        let request = match seen {
            Some(seen) => request
                .condition_expression("Info = :seen")
                .expression_attribute_values(":seen", AttributeValue::S(seen.to_owned())),
            None => request.condition_expression("attribute_exists(LockID) AND attribute_not_exists(Info)"),
        };
        call("dynamodb:DeleteItem", self.table_name(), request.send()).await?;
        Ok(())
    }
}
