//! The buckets: of states, of access logs, and the copy.

use serde_json::{Map, Value, json};
use tf_aws::call;
use tf_aws::s3::types as s3;

use super::{Apply, Wait, unbuilt};
use crate::backend::item::{self, REPLICATION_RULE, RULES};
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::{bucket_exists, optional};
use crate::backend::statements;
use crate::error::Error;

impl Apply<'_> {
    pub(super) async fn buckets(&self) -> Result<(), Error> {
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
