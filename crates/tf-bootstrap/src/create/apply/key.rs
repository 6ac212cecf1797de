//! The KMS keys and their aliases.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tf_aws::kms::types::{KeyState, Tag as KmsTag};
use tf_aws::{Connection, ErrorKind, call, kms};

use super::{Apply, UNANSWERED, Wait};
use crate::backend::desired::MARK;
use crate::backend::documents;
use crate::backend::kind::{Kind, Place};
use crate::backend::observe;
use crate::backend::statements;
use crate::error::Error;

impl Apply<'_> {
    pub(super) async fn key(&self, place: Place) -> Result<(), Error> {
        let Some(alias) = self.desired.alias_at(place) else {
            return Ok(());
        };
        let kms = self.connection(place).kms();
        self.step(place, Kind::Exists, |_| self.make_key(place, &alias))
            .await?;
        let Some(arn) = self.observed.borrow().keys.get(&place).cloned() else {
            return Ok(());
        };
        let arn = key_id(&arn);
        let what = format!("key {alias}");
        let what = what.as_str();
        self.step(place, Kind::KeyState, |item| async move {
            if item.seen.as_ref().and_then(Value::as_str) == Some("PendingDeletion") {
                call(
                    "kms:CancelKeyDeletion",
                    what,
                    kms.cancel_key_deletion().key_id(arn).send(),
                )
                .await?;
            }
            call("kms:EnableKey", what, kms.enable_key().key_id(arn).send()).await?;
            Ok(())
        })
        .await?;
        tokio::try_join!(
            self.step(place, Kind::Rotation, |_| async move {
                call(
                    "kms:EnableKeyRotation",
                    what,
                    kms.enable_key_rotation().key_id(arn).send(),
                )
                .await?;
                Ok(())
            }),
            self.step(place, Kind::Policy, |_| async move {
                let document = statements::merge(
                    &documents::key(self.desired),
                    self.fact(place, Kind::Policy).as_ref(),
                );
                let put = kms
                    .put_key_policy()
                    .key_id(arn)
                    .policy_name("default")
                    .policy(document.to_string());
                call("kms:PutKeyPolicy", what, put.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Tags, |_| async move {
                let put = kms.tag_resource().key_id(arn).set_tags(Some(self.kms_tags()?));
                call("kms:TagResource", what, put.send()).await?;
                Ok(())
            }),
        )?;
        Ok(())
    }

    fn kms_tags(&self) -> Result<Vec<KmsTag>, Error> {
        self.tags(|key, value| KmsTag::builder().tag_key(key).tag_value(value).build())
    }

    /// Makes the key and its alias. A key without alias is what a run leaves that breaks off in between: it is taken.
    async fn make_key(&self, place: Place, alias: &str) -> Result<(), Error> {
        let connection = self.connection(place);
        let client = connection.kms();
        let wait = Wait::new();
        let (arn, made) = loop {
            if let Some(arn) = self.stray_key(connection).await? {
                break (arn, false);
            }
            let create = client
                .create_key()
                .description(format!("Terraform states in {}", self.desired.bucket))
                .policy(documents::key(self.desired).to_string())
                .set_tags(Some(self.kms_tags()?))
                // A second attempt would make a second key where only the answer to the first was lost: we look first.
                .customize()
                .config_override(
                    kms::Config::builder().retry_config(kms::config::retry::RetryConfig::disabled()),
                );
            match call("kms:CreateKey", format!("key {alias}"), create.send()).await {
                Ok(output) => {
                    let arn = output.key_metadata.and_then(|metadata| metadata.arn);
                    break (arn.unwrap_or_default(), true);
                }
                Err(error) if error.is_transient() => {
                    wait.no_longer_than(UNANSWERED, error).await?;
                }
                Err(error) => return Err(error.into()),
            }
        };
        let create = client.create_alias().alias_name(alias).target_key_id(&arn);
        let winner = match call("kms:CreateAlias", format!("key {alias}"), create.send()).await {
            Ok(_) => arn.clone(),
            // Another run was faster, or our own first attempt: there is one alias, and its key is the one.
            Err(error) if error.kind == ErrorKind::Conflict => self.key_of_alias(client, alias).await?,
            Err(error) => return Err(error.into()),
        };
        if winner != arn && made {
            // Nothing can be encrypted with a key that only this run has known, and only for a moment.
            let schedule = client
                .schedule_key_deletion()
                .key_id(key_id(&arn))
                .pending_window_in_days(7);
            call("kms:ScheduleKeyDeletion", format!("key {arn}"), schedule.send()).await?;
        }
        let fresh = made && winner == arn;
        // Both are: a key is usable when it is made, and one that is not is not adopted.
        self.know(place, Kind::KeyState, "Enabled".into());
        self.know(place, Kind::Exists, json!({ "key": winner }));
        self.know(place, Kind::Alias, alias.into());
        self.observed.borrow_mut().keys.insert(place, winner.clone());
        if fresh {
            // As it was created.
            self.know(place, Kind::Policy, documents::key(self.desired));
            self.know(place, Kind::Tags, json!(self.desired.tags));
        } else {
            let (policy, tags) = tokio::join!(
                call(
                    "kms:GetKeyPolicy",
                    format!("key {winner}"),
                    client
                        .get_key_policy()
                        .key_id(&winner)
                        .policy_name("default")
                        .send()
                ),
                observe::key_tags(connection, &winner),
            );
            let policy = policy?.policy.unwrap_or_default();
            self.know(
                place,
                Kind::Policy,
                serde_json::from_str(&policy).unwrap_or_default(),
            );
            self.know(place, Kind::Tags, tags?);
        }
        Ok(())
    }

    /// The key to which an alias points that somebody has just made.
    async fn key_of_alias(&self, client: &kms::Client, alias: &str) -> Result<String, Error> {
        let wait = Wait::new();
        loop {
            let describe = client.describe_key().key_id(alias);
            match call("kms:DescribeKey", format!("key {alias}"), describe.send()).await {
                Ok(output) => {
                    let arn = output.key_metadata.and_then(|metadata| metadata.arn);
                    return Ok(arn.unwrap_or_default());
                }
                Err(error) if error.kind == ErrorKind::NotFound => {
                    wait.no_longer_than(UNANSWERED, error).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The oldest key that carries this backend's mark and can be used.
    async fn stray_key(&self, connection: &Connection) -> Result<Option<String>, Error> {
        let kms = connection.kms();
        let mut strays: Vec<(i64, String)> = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let list = kms.list_keys().set_marker(next);
            let page = call("kms:ListKeys", "the account's keys", list.send()).await?;
            let keys: Vec<&str> = page.keys().iter().filter_map(|key| key.key_arn()).collect();
            for few in keys.chunks(8) {
                let marks = join_all(few.iter().map(|key| observe::key_tags(connection, key))).await;
                for (key, tags) in few.iter().zip(marks) {
                    match tags {
                        Ok(tags) if tags.get(MARK).and_then(Value::as_str) == Some(&self.desired.bucket) => {
                            let describe = kms.describe_key().key_id(*key);
                            let output =
                                call("kms:DescribeKey", format!("key {key}"), describe.send()).await?;
                            let metadata = output.key_metadata;
                            let usable = |metadata: &tf_aws::kms::types::KeyMetadata| {
                                metadata.key_state() == Some(&KeyState::Enabled)
                            };
                            if let Some(metadata) = metadata.filter(usable) {
                                let made = metadata.creation_date().map_or(i64::MAX, |date| date.secs());
                                strays.push((made, (*key).to_owned()));
                            }
                        }
                        Ok(_) => {}
                        // Keys of others may be closed to us, or go away while we look.
                        Err(error)
                            if matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::NotFound)
                                && error.status.is_some() => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            next = page.next_marker().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        strays.sort();
        Ok(strays.into_iter().next().map(|(_, arn)| arn))
    }
}

/// A key's id. AWS takes the ARN too, and emulators not everywhere.
pub(crate) fn key_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
