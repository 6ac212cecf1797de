//! What buckets are like.

use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tf_aws::s3::types::{LifecycleRule, LifecycleRuleFilter, ReplicationConfiguration};
use tf_aws::{AwsError, Connection, ErrorKind, call};

use super::{Facts, Reading, or_null, parsed};
use crate::backend::desired::Desired;
use crate::backend::kind::Kind;
use crate::error::Error;

/// Whether a bucket is there, and ours.
///
/// # Errors
/// Where the name is somebody else's, the bucket is in another region, or we may not know.
pub(crate) async fn bucket_exists(
    desired: &Desired,
    connection: &Connection,
    name: &str,
    region: &str,
) -> Result<bool, Error> {
    let head = call(
        "s3:HeadBucket",
        format!("bucket {name}"),
        connection
            .s3()
            .head_bucket()
            .bucket(name)
            .expected_bucket_owner(&desired.account)
            .send(),
    )
    .await;
    let elsewhere = |other: &str| {
        Error::Refused(format!(
            "bucket {name} is in {other}, and {region} was meant: give --region {other}, or another name"
        ))
    };
    match head {
        Ok(head) => {
            if let Some(other) = head.bucket_region().filter(|other| *other != region) {
                return Err(elsewhere(other));
            }
            // Emulators do not look at whose bucket it is.
            match desired.emulated && !is_listed(connection, name).await? {
                true => Err(foreign(name)),
                false => Ok(true),
            }
        }
        Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
        Err(error) if error.status == Some(301) => Err(elsewhere(
            error.bucket_region.as_deref().unwrap_or("another region"),
        )),
        // Somebody else's, or ours and we may not look: not the same.
        Err(error) if error.kind == ErrorKind::AccessDenied && error.status.is_some() => {
            match is_listed(connection, name).await {
                Ok(true) => Err(error.into()),
                Ok(false) => Err(foreign(name)),
                Err(_) => Err(Error::Refused(format!(
                    "bucket {name} exists, and is either another account's or closed to us: {error}. With s3:ListAllMyBuckets \
                     the two can be told apart"
                ))),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// What to say of a name that another account has.
pub(crate) fn foreign(name: &str) -> Error {
    Error::Refused(format!(
        "bucket {name} is another account's: names of buckets are the whole world's, choose another one (--bucket)"
    ))
}

async fn is_listed(connection: &Connection, name: &str) -> Result<bool, AwsError> {
    let mut next: Option<String> = None;
    loop {
        let page = call(
            "s3:ListBuckets",
            "the account's buckets",
            connection
                .s3()
                .list_buckets()
                .prefix(name)
                .set_continuation_token(next)
                .send(),
        )
        .await?;
        if page.buckets().iter().any(|bucket| bucket.name() == Some(name)) {
            return Ok(true);
        }
        next = page.continuation_token().map(str::to_owned);
        if next.is_none() {
            return Ok(false);
        }
    }
}

pub(super) async fn bucket(
    desired: &Desired,
    connection: &Connection,
    name: &str,
    region: &str,
) -> Result<Facts, Error> {
    if !bucket_exists(desired, connection, name, region).await? {
        return Ok(Vec::new());
    }
    let (s3, owner) = (connection.s3(), desired.account.as_str());
    let what = format!("bucket {name}");
    let what = what.as_str();
    let mut readings: Vec<Reading<'_>> = vec![
        Box::pin(async move {
            let list = s3
                .list_object_versions()
                .bucket(name)
                .max_keys(1)
                .expected_bucket_owner(owner);
            let read = call("s3:ListObjectVersions", what, list.send()).await;
            let exists = read.map(
                |page| json!({ "empty": page.versions().is_empty() && page.delete_markers().is_empty() }),
            );
            (Kind::Exists, exists)
        }),
        Box::pin(async move {
            let get = s3.get_bucket_tagging().bucket(name).expected_bucket_owner(owner);
            let read = call("s3:GetBucketTagging", what, get.send()).await;
            let tags = or_null(read, |tags| {
                tags.tag_set()
                    .iter()
                    .map(|tag| (tag.key().to_owned(), Value::from(tag.value())))
                    .collect::<Map<_, _>>()
                    .into()
            });
            (Kind::Tags, tags)
        }),
        Box::pin(async move {
            let get = s3
                .get_bucket_ownership_controls()
                .bucket(name)
                .expected_bucket_owner(owner);
            let read = call("s3:GetBucketOwnershipControls", what, get.send()).await;
            let ownership = or_null(read, |controls| {
                let rule = controls
                    .ownership_controls()
                    .and_then(|controls| controls.rules().first());
                rule.map_or(Value::Null, |rule| rule.object_ownership().as_str().into())
            });
            (Kind::Ownership, ownership)
        }),
        Box::pin(async move {
            let get = s3
                .get_public_access_block()
                .bucket(name)
                .expected_bucket_owner(owner);
            let read = call("s3:GetPublicAccessBlock", what, get.send()).await;
            let blocks = or_null(read, |block| match block.public_access_block_configuration() {
                None => Value::Null,
                Some(block) => json!({
                    "block_public_acls": block.block_public_acls().unwrap_or_default(),
                    "ignore_public_acls": block.ignore_public_acls().unwrap_or_default(),
                    "block_public_policy": block.block_public_policy().unwrap_or_default(),
                    "restrict_public_buckets": block.restrict_public_buckets().unwrap_or_default(),
                }),
            });
            (Kind::PublicAccess, blocks)
        }),
        Box::pin(async move {
            let get = s3
                .get_bucket_versioning()
                .bucket(name)
                .expected_bucket_owner(owner);
            let read = call("s3:GetBucketVersioning", what, get.send()).await;
            let status = read.map(|versioning| match versioning.status() {
                Some(status) => status.as_str().into(),
                None => Value::Null,
            });
            (Kind::Versioning, status)
        }),
        Box::pin(async move {
            let get = s3
                .get_bucket_encryption()
                .bucket(name)
                .expected_bucket_owner(owner);
            let read = call("s3:GetBucketEncryption", what, get.send()).await;
            let encryption = or_null(read, |encryption| {
                let configuration = encryption.server_side_encryption_configuration();
                let rule = configuration.and_then(|configuration| configuration.rules().first());
                let by_default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default());
                json!({
                    "algorithm": by_default.map(|by_default| by_default.sse_algorithm().as_str()),
                    "key": by_default.and_then(|by_default| by_default.kms_master_key_id()),
                    "bucket_key": rule.and_then(|rule| rule.bucket_key_enabled()).unwrap_or_default(),
                })
            });
            (Kind::Encryption, encryption)
        }),
        Box::pin(async move {
            let get = s3.get_bucket_policy().bucket(name).expected_bucket_owner(owner);
            let read = call("s3:GetBucketPolicy", what, get.send()).await;
            (
                Kind::Policy,
                or_null(read, |policy| parsed(policy.policy().unwrap_or_default())),
            )
        }),
        Box::pin(async move {
            let get = s3
                .get_bucket_lifecycle_configuration()
                .bucket(name)
                .expected_bucket_owner(owner);
            let read = call("s3:GetBucketLifecycleConfiguration", what, get.send()).await;
            (
                Kind::Lifecycle,
                or_null(read, |lifecycle| lifecycle.rules().iter().map(rule).collect()),
            )
        }),
    ];
    if name == desired.bucket {
        readings.push(Box::pin(async move {
            let get = s3.get_bucket_logging().bucket(name).expected_bucket_owner(owner);
            let read = call("s3:GetBucketLogging", what, get.send()).await;
            let logging = read.map(|logging| match logging.logging_enabled() {
                Some(logging) => {
                    json!({ "bucket": logging.target_bucket(), "prefix": logging.target_prefix() })
                }
                None => Value::Null,
            });
            (Kind::Logging, logging)
        }));
    }
    let with_replica = desired.replica.as_ref();
    if name == desired.bucket && with_replica.is_some() {
        readings.push(Box::pin(async move {
            let get = s3
                .get_bucket_replication()
                .bucket(name)
                .expected_bucket_owner(owner);
            let read = call("s3:GetBucketReplication", what, get.send()).await;
            let replication = or_null(read, |found| {
                found.replication_configuration().map_or(Value::Null, replication)
            });
            (Kind::Replication, replication)
        }));
    }
    if desired.object_lock.is_some() && name != desired.log_bucket {
        readings.push(Box::pin(async move {
            let get = s3
                .get_object_lock_configuration()
                .bucket(name)
                .expected_bucket_owner(owner);
            let read = call("s3:GetObjectLockConfiguration", what, get.send()).await;
            let lock = or_null(read, |lock| {
                let configuration = lock.object_lock_configuration();
                let retention = configuration
                    .and_then(|configuration| configuration.rule())
                    .and_then(|rule| rule.default_retention());
                retention.map_or(Value::Null, |retention| {
                    json!({
                        "mode": retention.mode().map(|mode| mode.as_str().to_ascii_lowercase()),
                        "days": retention.days().or(retention.years().map(|years| years * 365)),
                    })
                })
            });
            (Kind::ObjectLock, lock)
        }));
    }
    Ok(join_all(readings).await)
}

/// A lifecycle rule in the form in which it is compared.
pub(crate) fn rule(rule: &LifecycleRule) -> Value {
    let mut shape = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            shape.insert(name.to_owned(), value);
        }
    };
    put("id", rule.id().map(Value::from));
    put("status", Some(rule.status().as_str().into()));
    #[allow(deprecated)] // Rules that others have written may still have it.
    let old_prefix = rule.prefix();
    let filter = rule.filter();
    let prefix = filter.and_then(LifecycleRuleFilter::prefix).or(old_prefix);
    put(
        "prefix",
        prefix.filter(|prefix| !prefix.is_empty()).map(Value::from),
    );
    put(
        "smaller_than_bytes",
        filter
            .and_then(|filter| filter.object_size_less_than())
            .map(Value::from),
    );
    // What we do not write ourselves is not spelled out, but is seen to be there.
    if filter.is_some_and(|filter| {
        filter.tag().is_some() || filter.and().is_some() || filter.object_size_greater_than().is_some()
    }) {
        put("narrowed", Some(true.into()));
    }
    if let Some(expiration) = rule.expiration() {
        put(
            "expire_days",
            expiration.days().filter(|days| *days > 0).map(Value::from),
        );
        put(
            "expire_date",
            expiration.date().map(|date| date.to_string().into()),
        );
        put(
            "remove_delete_markers",
            expiration
                .expired_object_delete_marker()
                .filter(|on| *on)
                .map(Value::from),
        );
    }
    if let Some(noncurrent) = rule.noncurrent_version_expiration() {
        put("noncurrent_days", noncurrent.noncurrent_days().map(Value::from));
        put(
            "noncurrent_versions_kept",
            noncurrent.newer_noncurrent_versions().map(Value::from),
        );
    }
    let multipart = rule.abort_incomplete_multipart_upload();
    put(
        "abort_uploads_days",
        multipart
            .and_then(|multipart| multipart.days_after_initiation())
            .map(Value::from),
    );
    if !rule.transitions().is_empty() || !rule.noncurrent_version_transitions().is_empty() {
        put("transitions", Some(true.into()));
    }
    shape.into()
}

fn replication(configuration: &ReplicationConfiguration) -> Value {
    let rules: Vec<Value> = configuration
        .rules()
        .iter()
        .map(|rule| {
            let destination = rule.destination();
            let encryption = destination.and_then(|destination| destination.encryption_configuration());
            let selection = rule.source_selection_criteria();
            let encrypted = selection.and_then(|selection| selection.sse_kms_encrypted_objects());
            let markers = rule.delete_marker_replication();
            json!({
                "id": rule.id(),
                "status": rule.status().as_str(),
                "bucket": destination.map(|destination| destination.bucket()),
                "key": encryption.and_then(|encryption| encryption.replica_kms_key_id()),
                "encrypted_objects": encrypted.map(|encrypted| encrypted.status().as_str() == "Enabled"),
                "delete_markers": markers
                    .and_then(|markers| markers.status())
                    .is_some_and(|status| status.as_str() == "Enabled"),
            })
        })
        .collect();
    json!({ "role": configuration.role(), "rules": rules })
}
