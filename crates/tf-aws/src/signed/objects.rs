//! Objects of S3: read, written on conditions, listed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{Answer, Paging, Request, Service};
use crate::connection::Connection;
use crate::error::{AwsError, ErrorKind};

/// How S3 encrypts an object.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub enum Encryption {
    /// As the bucket says.
    #[default]
    OfBucket,
    /// With keys of S3's own.
    Aes256,
    /// With a KMS key, by its ARN, id or alias; the account's `aws/s3` key where none is given.
    Kms(Option<String>),
}

/// On what an object is written.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Whatever is there.
    #[default]
    Always,
    /// Only if there is none.
    Absent,
    /// Only if this is the `ETag` of what is there.
    Matches(String),
}

/// A bucket, and how its objects are written.
#[derive(Clone, Debug)]
pub struct Bucket {
    connection: Connection,
    name: String,
    /// The account that the bucket has to be of, where it is known: a bucket of the same name that somebody else made is refused.
    owner: Option<String>,
    encryption: Encryption,
}

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    /// The content.
    pub body: Vec<u8>,
    /// Its `ETag`, with its quotes.
    pub etag: Option<String>,
    /// Its version, where the bucket keeps versions.
    pub version: Option<String>,
}

/// What a list says of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// The `ETag`, with its quotes.
    pub etag: String,
    /// When it was written: RFC 3339.
    pub modified: String,
}

impl Bucket {
    /// A bucket, in whatever region it is.
    pub fn new(connection: &Connection, name: &str) -> Bucket {
        Bucket {
            connection: connection.clone(),
            name: name.to_owned(),
            owner: None,
            encryption: Encryption::OfBucket,
        }
    }

    /// The account that it has to be of.
    pub fn owned_by(mut self, account: &str) -> Bucket {
        self.owner = Some(account.to_owned());
        self
    }

    /// How objects are encrypted that are written.
    pub fn encrypted(mut self, encryption: Encryption) -> Bucket {
        self.encryption = encryption;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads an object; `None` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read, or the bucket is not there.
    pub async fn get(&self, key: &str) -> Result<Option<Object>, AwsError> {
        match self.send(self.request("GetObject", key)).await {
            Ok(answer) => Ok(Some(Object {
                etag: answer.header("etag").map(str::to_owned),
                version: version(&answer),
                body: answer.into_body(),
            })),
            Err(error) if error.is_code("NoSuchKey") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads at most so many bytes from the beginning of an object; `None` where there is none.
    ///
    /// # Errors
    /// As [`Bucket::get`].
    pub async fn first(&self, key: &str, bytes: u64) -> Result<Option<Vec<u8>>, AwsError> {
        let range = format!("bytes=0-{}", bytes.saturating_sub(1));
        match self
            .send(self.request("GetObject", key).header("range", &range))
            .await
        {
            Ok(answer) => Ok(Some(answer.into_body())),
            Err(error) if error.is_code("NoSuchKey") => Ok(None),
            // An empty object has no such range.
            Err(error) if error.is_code("InvalidRange") => Ok(Some(Vec::new())),
            Err(error) => Err(error),
        }
    }

    /// Deletes an object. One that is not there is no error.
    ///
    /// # Errors
    /// Where it cannot be deleted.
    pub async fn remove(&self, key: &str) -> Result<(), AwsError> {
        match self
            .send(self.request("DeleteObject", key).method("DELETE"))
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if error.is_code("NoSuchKey") => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes an object, and says its `ETag`.
    ///
    /// # Errors
    /// Where it cannot be written; [`ErrorKind::PreconditionFailed`] where the condition does not hold.
    pub async fn put(
        &self,
        key: &str,
        body: &[u8],
        condition: &Condition,
    ) -> Result<Option<String>, AwsError> {
        let mut request = self
            .request("PutObject", key)
            .method("PUT")
            // Buckets with object locks take nothing without one.
            .header("x-amz-checksum-sha256", &STANDARD.encode(Sha256::digest(body)))
            .body(body.to_vec());
        request = match condition {
            Condition::Always => request,
            Condition::Absent => request.header("if-none-match", "*"),
            Condition::Matches(etag) => request.header("if-match", etag),
        };
        request = match &self.encryption {
            Encryption::OfBucket => request,
            Encryption::Aes256 => request.header("x-amz-server-side-encryption", "AES256"),
            Encryption::Kms(key) => {
                let request = request.header("x-amz-server-side-encryption", "aws:kms");
                match key {
                    Some(key) => request.header("x-amz-server-side-encryption-aws-kms-key-id", key),
                    None => request,
                }
            }
        };
        match self.send(request).await {
            Ok(answer) => Ok(answer.header("etag").map(str::to_owned)),
            // An attempt whose answer was lost may have written it.
            Err(error) if error.kind == ErrorKind::PreconditionFailed => match self.get(key).await {
                Ok(Some(object)) if object.body == body => Ok(object.etag),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The objects whose keys begin so, in the order of their keys.
    ///
    /// # Errors
    /// Where they cannot be listed.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Listed>, AwsError> {
        let request = self
            .about("ListObjectsV2", &Of::Bucket(&self.name))
            .object(&self.name, "")
            .parameter("list-type", "2")
            .parameter("prefix", prefix);
        match list(&self.connection, request.clone()).await {
            Err(error) => match self.moved(&error) {
                Some(there) => list(&there, request).await,
                None => Err(error),
            },
            found => found,
        }
    }

    fn request(&self, operation: &str, key: &str) -> Request {
        self.about(operation, &Of::Object(&self.name, key))
            .object(&self.name, key)
    }

    fn about(&self, operation: &str, what: &Of<'_>) -> Request {
        let request = Request::new(Service::S3, operation, what);
        match &self.owner {
            Some(owner) => request.header("x-amz-expected-bucket-owner", owner),
            None => request,
        }
    }

    /// Sends a request, to the bucket's own region where S3 says that it is in another one.
    async fn send(&self, request: Request) -> Result<Answer, AwsError> {
        match self.connection.send(&request).await {
            Err(error) => match self.moved(&error) {
                Some(there) => there.send(&request).await,
                None => Err(error),
            },
            answer => answer,
        }
    }

    /// The connection to the region in which a bucket is, where it is not in ours.
    fn moved(&self, error: &AwsError) -> Option<Connection> {
        let region = error.bucket_region.as_deref()?;
        let says_so = matches!(error.status, Some(301 | 307 | 400));
        (says_so && region != self.connection.region()).then(|| self.connection.in_region(region))
    }
}

async fn list(connection: &Connection, request: Request) -> Result<Vec<Listed>, AwsError> {
    let mut found = Vec::new();
    let mut pages = connection.pages(request, Paging::OBJECTS);
    while let Some(page) = pages.next().await? {
        let page = page.xml()?;
        for object in page.all("Contents") {
            let text = |name: &str| object.text_at(name).unwrap_or_default().to_owned();
            found.push(Listed {
                key: text("Key"),
                size: text("Size").parse().unwrap_or_default(),
                etag: text("ETag"),
                modified: text("LastModified"),
            });
        }
    }
    Ok(found)
}

fn version(answer: &Answer) -> Option<String> {
    let version = answer.header("x-amz-version-id")?;
    (version != "null").then(|| version.to_owned())
}

/// What a call is about, as a person would say it.
enum Of<'a> {
    Bucket(&'a str),
    Object(&'a str, &'a str),
}

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Of::Bucket(bucket) => write!(f, "bucket {bucket}"),
            Of::Object(bucket, key) => write!(f, "s3://{bucket}/{key}"),
        }
    }
}
