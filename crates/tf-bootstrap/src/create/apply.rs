//! Making and mending. Every call may be the last one of this run, and every one may have been made by another run meanwhile:
//! what is there already is looked at and mended, never taken for a failure.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use indicatif::ProgressBar;
use serde_json::{Map, Value, json};
use tf_aws::dynamodb::types as dynamodb;
use tf_aws::iam::types::Tag as IamTag;
use tf_aws::kms::types::{KeyState, Tag as KmsTag};
use tf_aws::s3::types as s3;
use tf_aws::{AwsError, Connection, ErrorKind, call, kms};

use crate::backend::desired::{Desired, MARK};
use crate::backend::documents::{self, ISSUER};
use crate::backend::item::{self, Item, REPLICATION_RULE, RULES, Status, items};
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::{self, Observed, ROLE_POLICY, bucket_exists, optional};
use crate::backend::statements;
use crate::error::Error;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(300);
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

    async fn key(&self, place: Place) -> Result<(), Error> {
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

    async fn buckets(&self) -> Result<(), Error> {
        tokio::try_join!(
            self.make_bucket(Place::State),
            self.make_bucket(Place::Logs),
            self.make_bucket(Place::Replica),
            self.role(Place::ReplicationRole),
        )?;
        tokio::try_join!(
            self.harden_bucket(Place::State),
            self.harden_bucket(Place::Logs),
            self.harden_bucket(Place::Replica),
        )?;
        // These need the other bucket as it is to be.
        tokio::try_join!(self.logging(), self.replication())?;
        Ok(())
    }

    /// Makes a bucket, and closes it before anything else is done.
    async fn make_bucket(&self, place: Place) -> Result<(), Error> {
        let Some(name) = self.desired.bucket_at(place) else {
            return Ok(());
        };
        let what = format!("bucket {name}");
        let what = what.as_str();
        let client = self.connection(place).s3();
        let owner = self.desired.account.as_str();
        self.step(place, Kind::Exists, |_| self.create_bucket(place, name))
            .await?;
        self.step(place, Kind::Tags, |_| async move {
            // What is written takes the place of all tags: those of others are kept.
            let mut all: Map<String, Value> = self
                .fact(place, Kind::Tags)
                .and_then(|tags| tags.as_object().cloned())
                .unwrap_or_default();
            for (key, value) in &self.desired.tags {
                all.insert(key.clone(), value.as_str().into());
            }
            let tags = all
                .iter()
                .map(|(key, value)| {
                    s3::Tag::builder()
                        .key(key)
                        .value(value.as_str().unwrap_or_default())
                        .build()
                        .map_err(unbuilt)
                })
                .collect::<Result<Vec<_>, _>>()?;
            let tagging = s3::Tagging::builder()
                .set_tag_set(Some(tags))
                .build()
                .map_err(unbuilt)?;
            let put = client
                .put_bucket_tagging()
                .bucket(name)
                .tagging(tagging)
                .expected_bucket_owner(owner);
            call("s3:PutBucketTagging", what, put.send()).await?;
            Ok(())
        })
        .await?;
        self.step(place, Kind::PublicAccess, |_| async move {
            let blocks = s3::PublicAccessBlockConfiguration::builder()
                .block_public_acls(true)
                .ignore_public_acls(true)
                .block_public_policy(true)
                .restrict_public_buckets(true)
                .build();
            let put = client
                .put_public_access_block()
                .bucket(name)
                .public_access_block_configuration(blocks)
                .expected_bucket_owner(owner);
            call("s3:PutPublicAccessBlock", what, put.send()).await?;
            Ok(())
        })
        .await
    }

    async fn create_bucket(&self, place: Place, name: &str) -> Result<(), Error> {
        let connection = self.connection(place);
        let region = connection.region();
        let tags = self.tags(|key, value| s3::Tag::builder().key(key).value(value).build())?;
        let configuration = s3::CreateBucketConfiguration::builder()
            .set_tags(Some(tags))
            // us-east-1 is where buckets are that have no location, and is refused as one.
            .set_location_constraint(
                (region != "us-east-1").then(|| s3::BucketLocationConstraint::from(region)),
            )
            .build();
        let locked = place != Place::Logs && self.desired.object_lock.is_some();
        let create = connection
            .s3()
            .create_bucket()
            .bucket(name)
            .object_ownership(s3::ObjectOwnership::BucketOwnerEnforced)
            .set_object_lock_enabled_for_bucket(locked.then_some(true))
            .create_bucket_configuration(configuration);
        match call("s3:CreateBucket", format!("bucket {name}"), create.send()).await {
            Ok(_) => {}
            // Another run was faster.
            Err(error) if error.is_code("BucketAlreadyOwnedByYou") => {}
            Err(error) if error.is_code("BucketAlreadyExists") => {
                return Err(Error::Incomplete(format!(
                    "bucket {name} was taken by another account a moment ago: choose another name (--bucket). {}",
                    self.so_far()
                )));
            }
            Err(error) => return Err(error.into()),
        }
        let wait = Wait::new();
        while !bucket_exists(self.desired, connection, name, region).await? {
            wait.more(&format!("bucket {name} does not appear")).await?;
        }
        self.know(place, Kind::Exists, json!({ "empty": true }));
        let get = connection
            .s3()
            .get_bucket_tagging()
            .bucket(name)
            .expected_bucket_owner(&self.desired.account);
        let read = call("s3:GetBucketTagging", format!("bucket {name}"), get.send()).await;
        let tags: Map<String, Value> = optional(read)?.map_or_else(Map::new, |tags| {
            tags.tag_set()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().into()))
                .collect()
        });
        self.know(place, Kind::Tags, tags.into());
        Ok(())
    }

    async fn harden_bucket(&self, place: Place) -> Result<(), Error> {
        let Some(name) = self.desired.bucket_at(place) else {
            return Ok(());
        };
        let what = format!("bucket {name}");
        let what = what.as_str();
        let client = self.connection(place).s3();
        let owner = self.desired.account.as_str();
        tokio::try_join!(
            self.step(place, Kind::Ownership, |_| async move {
                let rule = s3::OwnershipControlsRule::builder()
                    .object_ownership(s3::ObjectOwnership::BucketOwnerEnforced)
                    .build()
                    .map_err(unbuilt)?;
                let controls = s3::OwnershipControls::builder()
                    .rules(rule)
                    .build()
                    .map_err(unbuilt)?;
                let put = client
                    .put_bucket_ownership_controls()
                    .bucket(name)
                    .ownership_controls(controls)
                    .expected_bucket_owner(owner);
                call("s3:PutBucketOwnershipControls", what, put.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Versioning, |_| async move {
                let versioning = s3::VersioningConfiguration::builder()
                    .status(s3::BucketVersioningStatus::Enabled)
                    .build();
                let put = client
                    .put_bucket_versioning()
                    .bucket(name)
                    .versioning_configuration(versioning)
                    .expected_bucket_owner(owner);
                call("s3:PutBucketVersioning", what, put.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Encryption, |item| async move {
                let key = item.wanted["key"].as_str();
                let algorithm =
                    s3::ServerSideEncryption::from(item.wanted["algorithm"].as_str().unwrap_or_default());
                let by_default = s3::ServerSideEncryptionByDefault::builder()
                    .sse_algorithm(algorithm)
                    .set_kms_master_key_id(key.map(str::to_owned))
                    .build()
                    .map_err(unbuilt)?;
                let rule = s3::ServerSideEncryptionRule::builder()
                    .apply_server_side_encryption_by_default(by_default)
                    .set_bucket_key_enabled(key.map(|_| true))
                    .build();
                let configuration = s3::ServerSideEncryptionConfiguration::builder()
                    .rules(rule)
                    .build()
                    .map_err(unbuilt)?;
                let put = client
                    .put_bucket_encryption()
                    .bucket(name)
                    .server_side_encryption_configuration(configuration)
                    .expected_bucket_owner(owner);
                call("s3:PutBucketEncryption", what, put.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Lifecycle, |_| self.lifecycle(place, name)),
            self.step(place, Kind::Policy, |_| async move {
                let wanted = item::bucket_policy(self.desired, &self.observed.borrow(), place, name);
                let document = statements::merge(&wanted, self.fact(place, Kind::Policy).as_ref());
                let put = client
                    .put_bucket_policy()
                    .bucket(name)
                    .policy(document.to_string())
                    .expected_bucket_owner(owner);
                call("s3:PutBucketPolicy", what, put.send()).await?;
                Ok(())
            }),
        )?;
        // Of a bucket whose versions are kept already.
        self.step(place, Kind::ObjectLock, |_| async move {
            let Some(lock) = &self.desired.object_lock else {
                return Ok(());
            };
            let retention = s3::DefaultRetention::builder()
                .mode(s3::ObjectLockRetentionMode::from(
                    lock.mode.to_ascii_uppercase().as_str(),
                ))
                .days(lock.days)
                .build();
            let configuration = s3::ObjectLockConfiguration::builder()
                .object_lock_enabled(s3::ObjectLockEnabled::Enabled)
                .rule(s3::ObjectLockRule::builder().default_retention(retention).build())
                .build();
            let put = client
                .put_object_lock_configuration()
                .bucket(name)
                .object_lock_configuration(configuration)
                .expected_bucket_owner(owner);
            call("s3:PutObjectLockConfiguration", what, put.send()).await?;
            Ok(())
        })
        .await
    }

    /// Writes our rules beside those of others: what is written takes the place of all.
    async fn lifecycle(&self, place: Place, name: &str) -> Result<(), Error> {
        let what = format!("bucket {name}");
        let client = self.connection(place).s3();
        let get = client
            .get_bucket_lifecycle_configuration()
            .bucket(name)
            .expected_bucket_owner(&self.desired.account);
        let found = optional(call("s3:GetBucketLifecycleConfiguration", &what, get.send()).await)?;
        let mut rules: Vec<s3::LifecycleRule> = found.and_then(|found| found.rules).unwrap_or_default();
        rules.retain(|rule| !rule.id().unwrap_or_default().starts_with(RULES));
        for rule in item::rules(self.desired, place) {
            rules.push(lifecycle_rule(&rule)?);
        }
        let configuration = s3::BucketLifecycleConfiguration::builder()
            .set_rules(Some(rules))
            .build()
            .map_err(unbuilt)?;
        let put = client
            .put_bucket_lifecycle_configuration()
            .bucket(name)
            .lifecycle_configuration(configuration)
            .expected_bucket_owner(&self.desired.account);
        call("s3:PutBucketLifecycleConfiguration", &what, put.send()).await?;
        Ok(())
    }

    async fn logging(&self) -> Result<(), Error> {
        let name = self.desired.bucket.as_str();
        self.step(Place::State, Kind::Logging, |item| async move {
            let target = s3::LoggingEnabled::builder()
                .target_bucket(item.wanted["bucket"].as_str().unwrap_or_default())
                .target_prefix(item.wanted["prefix"].as_str().unwrap_or_default())
                .build()
                .map_err(unbuilt)?;
            let put = self
                .connection
                .s3()
                .put_bucket_logging()
                .bucket(name)
                .bucket_logging_status(s3::BucketLoggingStatus::builder().logging_enabled(target).build())
                .expected_bucket_owner(&self.desired.account);
            call("s3:PutBucketLogging", format!("bucket {name}"), put.send()).await?;
            Ok(())
        })
        .await
    }

    async fn replication(&self) -> Result<(), Error> {
        let name = self.desired.bucket.as_str();
        self.step(Place::State, Kind::Replication, |item| async move {
            let wanted = &item.wanted;
            let text = |field: &str| wanted[field].as_str().unwrap_or_default();
            let key = wanted["key"].as_str();
            let encryption = key.map(|key| {
                s3::EncryptionConfiguration::builder()
                    .replica_kms_key_id(key)
                    .build()
            });
            let destination = s3::Destination::builder()
                .bucket(text("bucket"))
                .set_encryption_configuration(encryption)
                .build()
                .map_err(unbuilt)?;
            let encrypted = s3::SseKmsEncryptedObjects::builder()
                .status(s3::SseKmsEncryptedObjectsStatus::Enabled)
                .build()
                .map_err(unbuilt)?;
            let selection = key.map(|_| {
                s3::SourceSelectionCriteria::builder()
                    .sse_kms_encrypted_objects(encrypted)
                    .build()
            });
            let rule = s3::ReplicationRule::builder()
                .id(REPLICATION_RULE)
                .priority(1)
                .status(s3::ReplicationRuleStatus::Enabled)
                .filter(s3::ReplicationRuleFilter::builder().prefix("").build())
                .set_source_selection_criteria(selection)
                // Who deletes a state here does not delete the copy.
                .delete_marker_replication(
                    s3::DeleteMarkerReplication::builder()
                        .status(s3::DeleteMarkerReplicationStatus::Disabled)
                        .build(),
                )
                .destination(destination)
                .build()
                .map_err(unbuilt)?;
            let configuration = s3::ReplicationConfiguration::builder()
                .role(text("role"))
                .rules(rule)
                .build()
                .map_err(unbuilt)?;
            let put = self
                .connection
                .s3()
                .put_bucket_replication()
                .bucket(name)
                .replication_configuration(configuration)
                .expected_bucket_owner(&self.desired.account);
            call("s3:PutBucketReplication", format!("bucket {name}"), put.send()).await?;
            Ok(())
        })
        .await
    }

    async fn table(&self) -> Result<(), Error> {
        let Some(name) = &self.desired.table else {
            return Ok(());
        };
        let what = format!("table {name}");
        let what = what.as_str();
        let client = self.connection.dynamodb();
        self.step(Place::Table, Kind::Exists, |_| self.make_table(name))
            .await?;
        // A table is changed in one respect at a time, and is to be ACTIVE in between.
        self.step(Place::Table, Kind::DeletionProtection, |_| async move {
            let update = client
                .update_table()
                .table_name(name)
                .deletion_protection_enabled(true);
            call("dynamodb:UpdateTable", what, update.send()).await?;
            self.table_active(name).await
        })
        .await?;
        self.step(Place::Table, Kind::Billing, |_| async move {
            let update = client
                .update_table()
                .table_name(name)
                .billing_mode(dynamodb::BillingMode::PayPerRequest);
            call("dynamodb:UpdateTable", what, update.send()).await?;
            self.table_active(name).await
        })
        .await?;
        self.step(Place::Table, Kind::Encryption, |_| async move {
            let update = client
                .update_table()
                .table_name(name)
                .sse_specification(table_encryption());
            call("dynamodb:UpdateTable", what, update.send()).await?;
            self.table_active(name).await
        })
        .await?;
        let recovery = self.step(Place::Table, Kind::Recovery, |_| async move {
            let on = dynamodb::PointInTimeRecoverySpecification::builder()
                .point_in_time_recovery_enabled(true)
                .build()
                .map_err(unbuilt)?;
            let wait = Wait::new();
            loop {
                let update = client
                    .update_continuous_backups()
                    .table_name(name)
                    .point_in_time_recovery_specification(on.clone());
                match call("dynamodb:UpdateContinuousBackups", what, update.send()).await {
                    Ok(_) => return Ok(()),
                    // Backups begin a little after the table.
                    Err(error) if error.is_code("ContinuousBackupsUnavailableException") => {
                        wait.more(&format!("recovery of table {name} cannot be switched on yet"))
                            .await?;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        });
        let tags = self.step(Place::Table, Kind::Tags, |_| async move {
            let tags = self.tags(|key, value| dynamodb::Tag::builder().key(key).value(value).build())?;
            let put = client
                .tag_resource()
                .resource_arn(self.desired.table_arn(name))
                .set_tags(Some(tags));
            call("dynamodb:TagResource", what, put.send()).await?;
            Ok(())
        });
        tokio::try_join!(recovery, tags)?;
        Ok(())
    }

    async fn make_table(&self, name: &str) -> Result<(), Error> {
        let key = dynamodb::KeySchemaElement::builder()
            .attribute_name(LOCK_ID)
            .key_type(dynamodb::KeyType::Hash)
            .build()
            .map_err(unbuilt)?;
        let attribute = dynamodb::AttributeDefinition::builder()
            .attribute_name(LOCK_ID)
            .attribute_type(dynamodb::ScalarAttributeType::S)
            .build()
            .map_err(unbuilt)?;
        let tags = self.tags(|key, value| dynamodb::Tag::builder().key(key).value(value).build())?;
        let create = self
            .connection
            .dynamodb()
            .create_table()
            .table_name(name)
            .key_schema(key)
            .attribute_definitions(attribute)
            .billing_mode(dynamodb::BillingMode::PayPerRequest)
            .sse_specification(table_encryption())
            .deletion_protection_enabled(true)
            .set_tags(Some(tags));
        let made = match call("dynamodb:CreateTable", format!("table {name}"), create.send()).await {
            Ok(_) => true,
            // Another run was faster, or our own first attempt, whose answer was lost.
            Err(error) if error.is_code("ResourceInUseException") => false,
            Err(error) => return Err(error.into()),
        };
        self.table_active(name).await?;
        self.know(Place::Table, Kind::Exists, json!({}));
        if made {
            self.know(Place::Table, Kind::Billing, "PAY_PER_REQUEST".into());
            self.know(Place::Table, Kind::Encryption, "KMS".into());
            self.know(Place::Table, Kind::DeletionProtection, true.into());
            self.know(Place::Table, Kind::Tags, json!(self.desired.tags));
        } else {
            for (kind, value) in observe::table(self.desired, self.connection).await {
                self.know(Place::Table, kind, value?);
            }
            let schema = self.fact(Place::Table, Kind::Exists).unwrap_or_default();
            if schema["schema"] != LOCK_SCHEMA {
                return Err(Error::Incomplete(wrong_table(name, &schema["schema"])));
            }
        }
        Ok(())
    }

    async fn table_active(&self, name: &str) -> Result<(), Error> {
        let wait = Wait::new();
        loop {
            let describe = self.connection.dynamodb().describe_table().table_name(name);
            let read = call("dynamodb:DescribeTable", format!("table {name}"), describe.send()).await;
            let status = optional(read)?
                .and_then(|output| output.table)
                .and_then(|table| table.table_status);
            if status == Some(dynamodb::TableStatus::Active) {
                return Ok(());
            }
            wait.more(&format!("table {name} does not become ACTIVE")).await?;
        }
    }

    async fn provider(&self) -> Result<(), Error> {
        if self.desired.github.is_none() {
            return Ok(());
        }
        let iam = self.connection.iam();
        let arn = self.desired.provider_arn();
        let arn = arn.as_str();
        self.step(Place::Provider, Kind::Exists, |_| async move {
            // Without thumbprints: AWS checks GitHub's certificate against its own list of authorities.
            let create = iam
                .create_open_id_connect_provider()
                .url(format!("https://{ISSUER}"))
                .client_id_list(self.desired.audience())
                .set_tags(Some(self.iam_tags()?));
            match call(
                "iam:CreateOpenIDConnectProvider",
                format!("provider {ISSUER}"),
                create.send(),
            )
            .await
            {
                Ok(_) => {
                    self.know(
                        Place::Provider,
                        Kind::Audience,
                        vec![self.desired.audience()].into(),
                    );
                    Ok(())
                }
                // Another run was faster, or our own first attempt.
                Err(error) if error.is_code("EntityAlreadyExists") => {
                    let get = iam
                        .get_open_id_connect_provider()
                        .open_id_connect_provider_arn(arn);
                    let found = call(
                        "iam:GetOpenIDConnectProvider",
                        format!("provider {ISSUER}"),
                        get.send(),
                    )
                    .await?;
                    self.know(
                        Place::Provider,
                        Kind::Audience,
                        found.client_id_list().to_vec().into(),
                    );
                    Ok(())
                }
                Err(error) => Err(error.into()),
            }
        })
        .await?;
        self.step(Place::Provider, Kind::Audience, |_| async move {
            let add = iam
                .add_client_id_to_open_id_connect_provider()
                .open_id_connect_provider_arn(arn)
                .client_id(self.desired.audience());
            call(
                "iam:AddClientIDToOpenIDConnectProvider",
                format!("provider {ISSUER}"),
                add.send(),
            )
            .await?;
            Ok(())
        })
        .await
    }

    fn iam_tags(&self) -> Result<Vec<IamTag>, Error> {
        self.tags(|key, value| IamTag::builder().key(key).value(value).build())
    }

    async fn role(&self, place: Place) -> Result<(), Error> {
        let Some(name) = self.desired.role_at(place) else {
            return Ok(());
        };
        let Some((trust, policy)) = item::role_documents(self.desired, &self.observed.borrow(), place) else {
            return Ok(());
        };
        let iam = self.connection.iam();
        let what = format!("role {name}");
        let (name, what, trust, policy) = (name.as_str(), what.as_str(), &trust, &policy);
        self.step(place, Kind::Exists, |_| async move {
            let create = iam
                .create_role()
                .role_name(name)
                .description(match place {
                    Place::PlanRole => "Terraform plans by GitHub Actions: reads and locks the states",
                    Place::ApplyRole => "Terraform applies by GitHub Actions: writes the states",
                    _ => "S3 copies the Terraform states to a second region",
                })
                .assume_role_policy_document(trust.to_string())
                .set_tags(Some(self.iam_tags()?));
            match call("iam:CreateRole", what, create.send()).await {
                Ok(_) => {
                    self.know(place, Kind::Trust, trust.clone());
                    self.know(place, Kind::Tags, json!(self.desired.tags));
                    Ok(())
                }
                Err(error) if error.is_code("EntityAlreadyExists") => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
        tokio::try_join!(
            self.step(place, Kind::Trust, |_| async move {
                let update = iam
                    .update_assume_role_policy()
                    .role_name(name)
                    .policy_document(trust.to_string());
                call("iam:UpdateAssumeRolePolicy", what, update.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Policy, |_| async move {
                let put = iam
                    .put_role_policy()
                    .role_name(name)
                    .policy_name(ROLE_POLICY)
                    .policy_document(policy.to_string());
                call("iam:PutRolePolicy", what, put.send()).await?;
                Ok(())
            }),
            self.step(place, Kind::Tags, |_| async move {
                let tag = iam.tag_role().role_name(name).set_tags(Some(self.iam_tags()?));
                call("iam:TagRole", what, tag.send()).await?;
                Ok(())
            }),
        )?;
        Ok(())
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

/// The one attribute by which Terraform finds a lock.
pub(crate) const LOCK_ID: &str = "LockID";
/// The key schema that Terraform needs, as the observation spells it.
pub(crate) const LOCK_SCHEMA: &str = "LockID S HASH";

/// What to say of a table that Terraform could not lock by.
pub(crate) fn wrong_table(name: &str, schema: &Value) -> String {
    format!(
        "table {name} exists with another key ({}), and Terraform needs {LOCK_SCHEMA}; a table's key cannot be changed: choose \
         another name (--table)",
        schema.as_str().unwrap_or("unknown")
    )
}

/// A key's id. AWS takes the ARN too, and emulators not everywhere.
pub(crate) fn key_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// With the account's key for DynamoDB: a key of our own would have to be allowed to everybody who locks, and locks hold no
/// secrets.
fn table_encryption() -> dynamodb::SseSpecification {
    dynamodb::SseSpecification::builder()
        .enabled(true)
        .sse_type(dynamodb::SseType::Kms)
        .build()
}

fn lifecycle_rule(rule: &Value) -> Result<s3::LifecycleRule, Error> {
    let number = |field: &str| rule.get(field).and_then(Value::as_i64);
    let days = |field: &str| number(field).and_then(|days| i32::try_from(days).ok());
    let filter = match number("smaller_than_bytes") {
        Some(bytes) => s3::LifecycleRuleFilter::builder()
            .object_size_less_than(bytes)
            .build(),
        None => s3::LifecycleRuleFilter::builder().prefix("").build(),
    };
    let markers = rule.get("remove_delete_markers").and_then(Value::as_bool);
    let expiration = (markers.is_some() || days("expire_days").is_some()).then(|| {
        s3::LifecycleExpiration::builder()
            .set_days(days("expire_days"))
            .set_expired_object_delete_marker(markers)
            .build()
    });
    let noncurrent = days("noncurrent_days").map(|after| {
        s3::NoncurrentVersionExpiration::builder()
            .noncurrent_days(after)
            .set_newer_noncurrent_versions(days("noncurrent_versions_kept"))
            .build()
    });
    let uploads = days("abort_uploads_days").map(|after| {
        s3::AbortIncompleteMultipartUpload::builder()
            .days_after_initiation(after)
            .build()
    });
    s3::LifecycleRule::builder()
        .id(rule.get("id").and_then(Value::as_str).unwrap_or_default())
        .status(s3::ExpirationStatus::Enabled)
        .filter(filter)
        .set_expiration(expiration)
        .set_noncurrent_version_expiration(noncurrent)
        .set_abort_incomplete_multipart_upload(uploads)
        .build()
        .map_err(unbuilt)
}

/// A request that the SDK finds incomplete: our own mistake.
fn unbuilt(error: impl std::fmt::Display) -> Error {
    Error::Incomplete(format!(
        "{error}: this is a bug of tf-bootstrap, please report it"
    ))
}

/// Waiting with growing pauses, and not for ever.
pub(super) struct Wait {
    began: Instant,
    pause: RefCell<Duration>,
}

impl Wait {
    pub(super) fn new() -> Wait {
        Wait {
            began: Instant::now(),
            pause: RefCell::new(FIRST_WAIT),
        }
    }

    async fn more(&self, what: &str) -> Result<(), Error> {
        if self.began.elapsed() > PATIENCE {
            return Err(Error::Incomplete(format!(
                "{what} after {} seconds: run it again later and it goes on from there",
                PATIENCE.as_secs()
            )));
        }
        self.pause().await;
        Ok(())
    }

    /// Whether so much time is up.
    pub(super) fn is_over(&self, limit: Duration) -> bool {
        self.began.elapsed() > limit
    }

    /// The error, once time is up.
    async fn no_longer_than(&self, limit: Duration, error: AwsError) -> Result<(), Error> {
        if self.began.elapsed() > limit {
            return Err(error.into());
        }
        self.pause().await;
        Ok(())
    }

    pub(super) async fn pause(&self) {
        let pause = *self.pause.borrow();
        *self.pause.borrow_mut() = (pause * 2).min(LONGEST_WAIT);
        tokio::time::sleep(pause).await;
    }
}
