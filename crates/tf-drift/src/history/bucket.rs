//! A prefix of a bucket as the place of documents.

use futures_util::StreamExt;
use futures_util::stream::iter;
use tf_aws::signed::{Bucket, Condition};
use tf_aws::{AwsError, Blocking, Connection, ErrorKind, Options};
use tf_cli::settings::place::S3Prefix;

use super::store::{Store, StoreError};

/// How many documents are read at once: each takes a round trip, and next to nothing of this machine.
const AT_ONCE: usize = 32;

/// A prefix of a bucket.
#[derive(Debug)]
pub(crate) struct Objects {
    blocking: Blocking,
    bucket: Bucket,
    /// Empty, or with `/` at its end.
    prefix: String,
}

impl Objects {
    /// Finds credentials and region the AWS way; nothing is asked of S3 yet.
    pub(crate) fn open(place: &S3Prefix) -> anyhow::Result<Objects> {
        let blocking = Blocking::new()?;
        let connection = blocking.wait(Connection::open(Options::default()))?;
        Ok(Objects::new(blocking, &connection, place))
    }

    fn new(blocking: Blocking, connection: &Connection, place: &S3Prefix) -> Objects {
        let prefix = match place.prefix.trim_end_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Objects {
            blocking,
            bucket: Bucket::new(connection, &place.bucket),
            prefix,
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn wrong(&self, what: &'static str, name: &str) -> impl Fn(AwsError) -> StoreError {
        let shown = format!("s3://{}/{}", self.bucket.name(), self.key(name));
        move |error| StoreError::new(what, &shown, error)
    }
}

impl Store for Objects {
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let found = self.blocking.wait(self.bucket.list(&self.key(prefix)));
        let found = found.map_err(self.wrong("list", prefix))?;
        let mut names: Vec<String> = found
            .into_iter()
            .filter_map(|object| Some(object.key.strip_prefix(&self.prefix)?.to_owned()))
            .filter(|name| name.ends_with(".json"))
            .collect();
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let object = self.blocking.wait(self.bucket.get(&self.key(name)));
        let object = object.map_err(self.wrong("read", name))?;
        Ok(object.map(|object| object.body))
    }

    fn read_all(&self, names: &[String]) -> Vec<Result<Option<Vec<u8>>, StoreError>> {
        let reads = names.iter().map(|name| async move {
            let object = self.bucket.get(&self.key(name)).await;
            let object = object.map_err(self.wrong("read", name))?;
            Ok::<_, StoreError>(object.map(|object| object.body))
        });
        self.blocking.wait(iter(reads).buffered(AT_ONCE).collect())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let key = self.key(name);
        let put = self.bucket.put(&key, bytes, &Condition::Always);
        self.blocking
            .wait(put)
            .map(drop)
            .map_err(self.wrong("write", name))
    }

    fn create(&self, name: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        let key = self.key(name);
        let put = self.bucket.put(&key, bytes, &Condition::Absent);
        match self.blocking.wait(put) {
            Ok(_) => Ok(true),
            Err(error) if error.kind == ErrorKind::PreconditionFailed => Ok(false),
            Err(error) => Err(self.wrong("write", name)(error)),
        }
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let gone = self.blocking.wait(self.bucket.remove(&self.key(name)));
        gone.map_err(self.wrong("remove", name))
    }
}
