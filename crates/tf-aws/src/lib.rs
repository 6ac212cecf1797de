//! Connections to AWS. No other crate builds an SDK client or signs a request, so that every call has the same retries, time
//! limits, credentials and errors.
//!
//! There are two ways to call a service. [`Connection::send`] sends a [`signed::Request`] that the caller puts together: nothing
//! is compiled for it but what signs it. The SDK's clients, for what calls many operations, come with the feature `sdk`.

mod blocking;
#[cfg(feature = "sdk")]
mod clients;
mod connection;
mod credentials;
#[cfg(feature = "sdk")]
mod emulator;
mod error;
mod http;
mod permission;
#[cfg(feature = "sdk")]
mod retry;
pub mod signed;

#[cfg(feature = "sdk")]
pub use aws_sdk_dynamodb as dynamodb;
#[cfg(feature = "sdk")]
pub use aws_sdk_iam as iam;
#[cfg(feature = "sdk")]
pub use aws_sdk_kms as kms;
#[cfg(feature = "sdk")]
pub use aws_sdk_s3 as s3;
#[cfg(feature = "sdk")]
pub use aws_sdk_sts as sts;

pub use blocking::Blocking;
pub use connection::{Connection, Options};
pub use error::{AwsError, ErrorKind, Failure, call};
