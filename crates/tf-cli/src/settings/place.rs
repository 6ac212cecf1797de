//! Places outside of the repository: a folder, or a prefix of a bucket.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A prefix of a bucket: `s3://bucket/some/prefix`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct S3Prefix {
    /// The bucket.
    pub bucket: String,
    /// What keys begin with, as it is written; empty for the whole bucket.
    pub prefix: String,
}

/// Where something is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// In a bucket.
    S3(S3Prefix),
}

/// What is no prefix of a bucket.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0:?} is no place in S3: give it as s3://BUCKET/PREFIX")]
pub struct PlaceError(String);

impl FromStr for S3Prefix {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<S3Prefix, PlaceError> {
        let wrong = || PlaceError(text.to_owned());
        let rest = text.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // Names of buckets: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>; old ones have other letters.
        let allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"-._".contains(&letter);
        match (3..=255).contains(&bucket.len()) && bucket.bytes().all(allowed) && !prefix.starts_with('/') {
            true => Ok(S3Prefix {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
            }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for S3Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl Place {
    /// A folder relative to another one, or a prefix of a bucket.
    ///
    /// # Errors
    /// Where it is a URL of something else.
    pub fn below(dir: &Path, text: &str) -> Result<Place, PlaceError> {
        match text.contains("://") {
            true => text.parse().map(Place::S3),
            false => Ok(Place::Folder(dir.join(text))),
        }
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Place, PlaceError> {
        Place::below(Path::new(""), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_folders_or_in_buckets() {
        for (text, want) in [
            ("s3://states/dev/", Some(("states", "dev/"))),
            ("s3://states", Some(("states", ""))),
            ("s3://states/a b", Some(("states", "a b"))),
            ("s3://", None),
            ("s3:///x", None),
            ("s3://st@tes/x", None),
            ("s3://states//x", None),
            ("gs://states/x", None),
        ] {
            let place: Result<Place, PlaceError> = text.parse();
            match (place, want) {
                (Ok(Place::S3(found)), Some((bucket, prefix))) => {
                    assert_eq!((found.bucket.as_str(), found.prefix.as_str()), (bucket, prefix));
                }
                (Err(error), None) => assert!(error.to_string().contains("s3://BUCKET/PREFIX")),
                (place, want) => panic!("{text}: {place:?}, {want:?}"),
            }
        }
        assert_eq!("a/b".parse(), Ok(Place::Folder("a/b".into())));
        assert_eq!(
            Place::below(Path::new("/x"), "a"),
            Ok(Place::Folder("/x/a".into()))
        );
    }
}
