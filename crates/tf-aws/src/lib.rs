//! Connections to AWS. No other crate builds an SDK client, so that every call has the same retries, time limits, credentials
//! and errors.

mod connection;
mod emulator;
mod error;
mod permission;
mod retry;

pub use aws_sdk_dynamodb as dynamodb;
pub use aws_sdk_iam as iam;
pub use aws_sdk_kms as kms;
pub use aws_sdk_s3 as s3;
pub use aws_sdk_sts as sts;

pub use connection::{Connection, Options};
pub use error::{AwsError, ErrorKind, Failure, call};
