//! Objects and their versions.

use std::time::Duration;

use jiff::Timestamp;
use tf_aws::s3::operation::get_object::GetObjectOutput;
use tf_aws::s3::primitives::{ByteStream, DateTime};
use tf_aws::s3::types::ServerSideEncryption;
use tf_aws::{AwsError, ErrorKind, call};

use super::Store;
use crate::error::Error;
use crate::state::{Head, head};

/// Enough for what Terraform writes before outputs and resources.
const HEAD_BYTES: u64 = 4_096;
/// How often an object is read whose bytes stop coming; opening it has the SDK's own retries.
const BODY_ATTEMPTS: u32 = 4;
/// What a state is written at, at the least.
const BYTES_A_SECOND: u64 = 100_000;

/// An object as a list shows it.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) modified: Timestamp,
}

/// A version of an object as a list shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Version {
    pub(crate) key: String,
    /// `null` in buckets that never had versioning.
    pub(crate) id: String,
    /// Whether it is the current one.
    pub(crate) latest: bool,
    /// Whether it is a delete marker.
    pub(crate) deleted: bool,
    pub(crate) modified: Timestamp,
    pub(crate) size: u64,
    pub(crate) etag: Option<String>,
}

/// What encrypts an object. Requests say it, since a bucket's policy may refuse those that do not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encryption {
    kind: Option<ServerSideEncryption>,
    key: Option<String>,
    bucket_key: Option<bool>,
}

impl Encryption {
    /// The KMS key, where it is one of the account's own.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

/// An object's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) version: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) encryption: Encryption,
}

/// What has to hold for an object to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Condition {
    /// It is not there.
    Absent,
    /// It has this entity tag.
    Is(String),
}

fn timestamp(time: Option<&DateTime>) -> Timestamp {
    time.and_then(|time| Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).unwrap_or(0)).ok())
        .unwrap_or_default()
}

fn unsigned(number: Option<i64>) -> u64 {
    number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
}

impl Store {
    fn object(&self, key: &str) -> String {
        format!("arn:aws:s3:::{}/{key}", self.bucket)
    }

    /// All objects whose keys begin so, in the order of keys.
    pub(crate) async fn objects(&self, prefix: &str) -> Result<Vec<Object>, Error> {
        let mut objects = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let request = self
                .s3
                .list_objects_v2()
                .bucket(&self.bucket)
                .expected_bucket_owner(&self.owner)
                .prefix(prefix)
                .set_continuation_token(token);
            let page = call(
                "s3:ListObjectsV2",
                format!("bucket {}", self.bucket),
                request.send(),
            )
            .await?;
            objects.extend(page.contents().iter().map(|object| Object {
                key: object.key().unwrap_or_default().to_owned(),
                size: unsigned(object.size()),
                modified: timestamp(object.last_modified()),
            }));
            token = page.next_continuation_token().map(str::to_owned);
            if token.is_none() || page.is_truncated() != Some(true) {
                return Ok(objects);
            }
        }
    }

    /// All versions of all objects whose keys begin so: by key, and newest first.
    pub(crate) async fn versions(&self, prefix: &str) -> Result<Vec<Version>, Error> {
        self.list_versions(prefix, None).await
    }

    /// All versions of one object, newest first; none where it never was.
    pub(crate) async fn versions_of(&self, key: &str) -> Result<Vec<Version>, Error> {
        self.list_versions(key, Some(key)).await
    }

    async fn list_versions(&self, prefix: &str, only: Option<&str>) -> Result<Vec<Version>, Error> {
        let mut versions = Vec::new();
        let mut from: (Option<String>, Option<String>) = (None, None);
        loop {
            let request = self
                .s3
                .list_object_versions()
                .bucket(&self.bucket)
                .expected_bucket_owner(&self.owner)
                .prefix(prefix)
                .set_key_marker(from.0)
                .set_version_id_marker(from.1);
            let page = call(
                "s3:ListObjectVersions",
                format!("bucket {}", self.bucket),
                request.send(),
            )
            .await?;
            versions.extend(page.versions().iter().map(|version| Version {
                key: version.key().unwrap_or_default().to_owned(),
                id: version.version_id().unwrap_or("null").to_owned(),
                latest: version.is_latest() == Some(true),
                deleted: false,
                modified: timestamp(version.last_modified()),
                size: unsigned(version.size()),
                etag: version.e_tag().map(str::to_owned),
            }));
            versions.extend(page.delete_markers().iter().map(|marker| Version {
                key: marker.key().unwrap_or_default().to_owned(),
                id: marker.version_id().unwrap_or("null").to_owned(),
                latest: marker.is_latest() == Some(true),
                deleted: true,
                modified: timestamp(marker.last_modified()),
                size: 0,
                etag: None,
            }));
            from = (
                page.next_key_marker().map(str::to_owned),
                page.next_version_id_marker().map(str::to_owned),
            );
            // Keys come in order: behind the one that is looked for there are only others.
            let past = match (only, &from.0) {
                (Some(only), Some(next)) => next.as_str() > only,
                _ => false,
            };
            if past || page.is_truncated() != Some(true) || from.0.is_none() {
                break;
            }
        }
        if let Some(only) = only {
            versions.retain(|version| version.key == only);
        }
        // Versions and delete markers come in two lists; each keeps its order where times are the same.
        versions.sort_by(|one, other| {
            one.key
                .cmp(&other.key)
                .then(other.latest.cmp(&one.latest))
                .then(other.modified.cmp(&one.modified))
        });
        Ok(versions)
    }

    /// An object, or a version of it; `None` where it is not there.
    pub(crate) async fn read(&self, key: &str, version: Option<&str>) -> Result<Option<Body>, Error> {
        self.read_range(key, version, None).await
    }

    /// The head of a state's version; `None` where it is no state. The whole is read only where its head is not at its
    /// beginning.
    pub(crate) async fn head(&self, version: &Version) -> Result<Option<Head>, Error> {
        if version.size == 0 || version.deleted {
            return Ok(None);
        }
        let short = version.size > HEAD_BYTES;
        let range = short.then_some(HEAD_BYTES);
        let body = self.read_range(&version.key, Some(&version.id), range).await?;
        if let Some(body) = body {
            if let Some(head) = head(&body.bytes) {
                return Ok(Some(head));
            }
            let whole = match short {
                true => self.read(&version.key, Some(&version.id)).await?,
                false => Some(body),
            };
            return Ok(whole.and_then(|body| {
                crate::state::summary(&body.bytes)
                    .ok()
                    .map(|summary| summary.head)
            }));
        }
        Ok(None)
    }

    /// The first bytes of an object, or all of it.
    pub(crate) async fn read_range(
        &self,
        key: &str,
        version: Option<&str>,
        first: Option<u64>,
    ) -> Result<Option<Body>, Error> {
        let mut attempt = 1;
        loop {
            let request = self
                .s3
                .get_object()
                .bucket(&self.bucket)
                .expected_bucket_owner(&self.owner)
                .key(key)
                .set_version_id(version.map(str::to_owned))
                .set_range(first.map(|bytes| format!("bytes=0-{}", bytes.saturating_sub(1))));
            let operation = match version {
                Some(_) => "s3:GetObjectVersion",
                None => "s3:GetObject",
            };
            let output = match call(operation, self.object(key), request.send()).await {
                Ok(output) => output,
                Err(error) if error.kind == ErrorKind::NotFound && !error.is_code("NoSuchBucket") => {
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            };
            match body(output).await {
                Ok(body) => return Ok(Some(body)),
                Err(_) if attempt < BODY_ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
                    attempt += 1;
                }
                Err(error) => {
                    return Err(Error::Incomplete(format!(
                        "{} was not read to its end, in {BODY_ATTEMPTS} attempts: {error}",
                        self.object(key)
                    )));
                }
            }
        }
    }

    /// How new objects are to be encrypted: as the bucket wants it, or, where that may not be read, as the version before.
    pub(crate) async fn encryption(&self, before: Option<&Encryption>) -> Result<Encryption, Error> {
        let request = self
            .s3
            .get_bucket_encryption()
            .bucket(&self.bucket)
            .expected_bucket_owner(&self.owner);
        let read = call(
            "s3:GetBucketEncryption",
            format!("bucket {}", self.bucket),
            request.send(),
        )
        .await;
        let output = match read {
            Ok(output) => output,
            Err(error)
                if matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::NotFound)
                    && !error.is_code("NoSuchBucket") =>
            {
                return Ok(before.cloned().unwrap_or_default());
            }
            Err(error) => return Err(error.into()),
        };
        let rules = output
            .server_side_encryption_configuration()
            .map(|all| all.rules())
            .unwrap_or_default();
        let wanted = rules.iter().find_map(|rule| {
            let wanted = rule.apply_server_side_encryption_by_default()?;
            Some(Encryption {
                kind: Some(wanted.sse_algorithm().clone()),
                key: wanted.kms_master_key_id().map(str::to_owned),
                bucket_key: rule.bucket_key_enabled(),
            })
        });
        Ok(wanted.or_else(|| before.cloned()).unwrap_or_default())
    }

    /// Writes an object if the condition holds; gives its entity tag and its version.
    pub(crate) async fn write(
        &self,
        key: &str,
        bytes: &[u8],
        condition: &Condition,
        encryption: &Encryption,
    ) -> Result<(Option<String>, Option<String>), AwsError> {
        let (absent, is) = match condition {
            Condition::Absent => (Some("*".to_owned()), None),
            Condition::Is(etag) => (None, Some(etag.clone())),
        };
        // The time limit of an attempt is made for small answers; a state may be large and the line slow.
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let attempt = Duration::from_secs(20 + size / BYTES_A_SECOND);
        let limits = tf_aws::s3::config::timeout::TimeoutConfig::builder()
            .operation_attempt_timeout(attempt)
            .operation_timeout(attempt * 4)
            .build();
        let request = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .expected_bucket_owner(&self.owner)
            .key(key)
            .content_type("application/json")
            .set_if_none_match(absent)
            .set_if_match(is)
            .set_server_side_encryption(encryption.kind.clone())
            .set_ssekms_key_id(encryption.key.clone())
            .set_bucket_key_enabled(encryption.bucket_key)
            .body(ByteStream::from(bytes.to_vec()))
            .customize()
            .config_override(tf_aws::s3::config::Builder::new().timeout_config(limits));
        let output = call("s3:PutObject", self.object(key), request.send()).await?;
        Ok((
            output.e_tag().map(str::to_owned),
            output.version_id().map(str::to_owned),
        ))
    }

    /// Deletes an object if it still has this entity tag; its versions stay.
    pub(crate) async fn delete(&self, key: &str, etag: &str) -> Result<(), AwsError> {
        let request = self
            .s3
            .delete_object()
            .bucket(&self.bucket)
            .expected_bucket_owner(&self.owner)
            .key(key)
            .if_match(etag);
        call("s3:DeleteObject", self.object(key), request.send()).await?;
        Ok(())
    }
}

async fn body(output: GetObjectOutput) -> Result<Body, String> {
    let encryption = Encryption {
        kind: output.server_side_encryption().cloned(),
        key: output.ssekms_key_id().map(str::to_owned),
        bucket_key: output.bucket_key_enabled(),
    };
    let version = output.version_id().map(str::to_owned);
    let etag = output.e_tag().map(str::to_owned);
    let bytes = output.body.collect().await.map_err(|error| error.to_string())?;
    Ok(Body {
        bytes: bytes.into_bytes().to_vec(),
        version,
        etag,
        encryption,
    })
}
