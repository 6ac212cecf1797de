//! How keys are named that sign and verify.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The beginning of a key in KMS, as cosign writes it: `awskms://[ENDPOINT]/KEY`.
const SCHEME: &str = "awskms://";

/// A key: a file in PEM, or a key in AWS KMS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyName {
    /// A file.
    File(PathBuf),
    /// `awskms:///alias/…`, `awskms:///ID`, `awskms:///ARN`, or an ARN alone.
    Kms(String),
}

impl KeyName {
    /// A key as settings name it: files are relative to a folder.
    pub fn below(dir: &Path, text: &str) -> KeyName {
        match text.parse() {
            Ok(KeyName::File(file)) => KeyName::File(dir.join(file)),
            Ok(key) => key,
            Err(never) => match never {},
        }
    }

    /// For a key in KMS: its endpoint, where one is named, and its id, alias or ARN.
    pub fn kms(&self) -> Option<(Option<&str>, &str)> {
        match self {
            KeyName::File(_) => None,
            KeyName::Kms(text) => Some(match text.strip_prefix(SCHEME) {
                None => (None, text),
                Some(rest) => match rest.split_once('/') {
                    Some(("", id)) => (None, id),
                    Some((endpoint, id)) => (Some(endpoint), id),
                    None => (None, rest),
                },
            }),
        }
    }
}

impl FromStr for KeyName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<KeyName, Infallible> {
        let is_arn = text.starts_with("arn:") && text.split(':').nth(2) == Some("kms");
        Ok(match text.starts_with(SCHEME) || is_arn {
            true => KeyName::Kms(text.to_owned()),
            false => KeyName::File(PathBuf::from(text)),
        })
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyName::File(file) => file.display().fmt(f),
            KeyName::Kms(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_files_or_in_kms() {
        for (text, kms) in [
            ("keys/ci.pub", None),
            ("arn.pem", None),
            ("awskms:///alias/ci", Some((None, "alias/ci"))),
            (
                "awskms:///1234abcd-12ab-34cd-56ef-1234567890ab",
                Some((None, "1234abcd-12ab-34cd-56ef-1234567890ab")),
            ),
            (
                "awskms://localhost:4566/alias/ci",
                Some((Some("localhost:4566"), "alias/ci")),
            ),
            (
                "awskms:///arn:aws:kms:eu-west-1:111122223333:alias/ci",
                Some((None, "arn:aws:kms:eu-west-1:111122223333:alias/ci")),
            ),
            (
                "arn:aws-cn:kms:cn-north-1:111122223333:key/1234",
                Some((None, "arn:aws-cn:kms:cn-north-1:111122223333:key/1234")),
            ),
        ] {
            let key = KeyName::below(Path::new("/x"), text);
            assert_eq!(key.kms(), kms, "{text}");
            assert!(kms.is_some() || key == KeyName::File(Path::new("/x").join(text)));
        }
    }
}
