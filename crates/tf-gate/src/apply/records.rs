//! Where records of what was applied go.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tf_aws::signed::{Bucket, Condition};
use tf_aws::{ErrorKind, Options};

use super::audit::Record;
use super::backend::Backend;
use crate::aws::Aws;
use crate::plan::folder::write_private;

/// The place of one record, which has taken its beginning already.
pub(super) struct Records {
    /// The file in the folder of the review.
    local: PathBuf,
    place: Place,
}

enum Place {
    Review,
    File(PathBuf),
    Object(Box<Object>),
}

/// An object that nobody else writes: it was not there before.
struct Object {
    aws: Aws,
    bucket: Bucket,
    key: String,
    /// The `ETag` of the record's beginning.
    etag: Option<String>,
}

impl Object {
    fn put(&self, text: &str, condition: &Condition) -> Result<Option<String>, tf_aws::AwsError> {
        self.aws
            .wait(self.bucket.put(&self.key, text.as_bytes(), condition))
    }

    fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket.name(), self.key)
    }
}

impl Records {
    /// Writes the beginning of a record, before anything is applied: into the place that is asked for, else beside the state where
    /// that is in S3, else into the review.
    pub(super) fn begin(
        asked: Option<&str>,
        review: &Path,
        backend: &Backend,
        record: &Record,
    ) -> anyhow::Result<Records> {
        let local = review.join("audit.json");
        let text = record.text()?;
        let place = match asked {
            Some(url) if url.starts_with("s3://") => {
                let place = named(url, backend, record)?;
                let told = "and nothing was applied: the record of this apply cannot be written";
                Place::Object(Box::new(begun(place, &text).context(told)?))
            }
            Some(folder) => Place::File(PathBuf::from(folder).join(record.root()).join(record.name())),
            None => match beside(backend, record).map(|place| begun(place?, &text)) {
                Some(Ok(object)) => Place::Object(Box::new(object)),
                Some(Err(error)) => {
                    let _ = writeln!(
                        std::io::stderr(),
                        "warning: the record of this apply is kept in {} only, because it cannot be written beside the state: \
                         {error:#}; say with --audit, or with audit in plumbline.hcl, where records go",
                        local.display()
                    );
                    Place::Review
                }
                None => Place::Review,
            },
        };
        let records = Records { local, place };
        records.keep(&text)?;
        Ok(records)
    }

    /// Writes the end of it.
    pub(super) fn end(self, record: &Record) -> anyhow::Result<()> {
        let text = record.text()?;
        let kept = self.keep(&text);
        match &self.place {
            Place::Review => kept,
            Place::File(_) => kept.or_else(|error| self.instead(&text, &error)),
            Place::Object(object) => {
                let condition = object.etag.clone().map_or(Condition::Always, Condition::Matches);
                match object.put(&text, &condition) {
                    Ok(_) => kept,
                    Err(error) => self.instead(&text, &anyhow::Error::new(error).context(object.url())),
                }
            }
        }
    }

    /// Writes the file, where there is one.
    fn keep(&self, text: &str) -> anyhow::Result<()> {
        let file = match &self.place {
            Place::File(file) => file,
            Place::Review | Place::Object(_) => &self.local,
        };
        write_private(file, text.as_bytes()).context("the record of this apply cannot be kept")
    }

    /// What remains where the place does not take the end.
    fn instead(&self, text: &str, error: &anyhow::Error) -> anyhow::Result<()> {
        write_private(&self.local, text.as_bytes())
            .with_context(|| format!("the record of this apply cannot be written ({error:#}), nor kept"))?;
        bail!(
            "the end of the record of this apply cannot be written; it is kept in {}, put it there by hand: {error:#}",
            self.local.display()
        )
    }
}

/// An object that is to be written first.
fn begun(object: Object, text: &str) -> anyhow::Result<Object> {
    match object.put(text, &Condition::Absent) {
        Ok(etag) => Ok(Object { etag, ..object }),
        Err(error) if error.kind == ErrorKind::PreconditionFailed => {
            bail!(
                "{} is there already: somebody applies this review at the same time",
                object.url()
            )
        }
        Err(error) => Err(error.into()),
    }
}

/// The place that `s3://bucket/prefix` is. In the bucket of the states, it is written as the state is.
fn named(url: &str, backend: &Backend, record: &Record) -> anyhow::Result<Object> {
    let rest = url.trim_start_matches("s3://");
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        bail!("{url} names no bucket: write s3://bucket/prefix");
    }
    let parts = [prefix.trim_matches('/'), record.root(), &record.name()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let key = parts.join("/");
    let states = backend.s3.as_ref();
    if let Some(s3) = states.filter(|s3| s3.bucket.as_deref() == Some(bucket)) {
        let aws = Aws::open(s3.options())?;
        let bucket = Bucket::new(aws.connection(), bucket).encrypted(s3.encryption());
        return Ok(Object::new(aws, bucket, key));
    }
    let aws = Aws::open(Options::default()).or_else(|error| {
        let region = states.and_then(|s3| s3.region.clone());
        match region {
            // S3 says which region it really is.
            Some(region) => Aws::open(Options {
                region: Some(region),
                ..Options::default()
            }),
            None => Err(error),
        }
    })?;
    let bucket = Bucket::new(aws.connection(), bucket);
    Ok(Object::new(aws, bucket, key))
}

/// The place beside the state: `KEY.audit/`. None where it is not in S3.
fn beside(backend: &Backend, record: &Record) -> Option<anyhow::Result<Object>> {
    let s3 = backend.s3.as_ref()?;
    let bucket = s3.bucket.as_deref()?;
    let key = format!("{}.audit/{}", s3.state(record.workspace())?, record.name());
    Some(Aws::open(s3.options()).map(|aws| {
        let bucket = Bucket::new(aws.connection(), bucket).encrypted(s3.encryption());
        Object::new(aws, bucket, key)
    }))
}

impl Object {
    fn new(aws: Aws, bucket: Bucket, key: String) -> Object {
        Object {
            aws,
            bucket,
            key,
            etag: None,
        }
    }
}
