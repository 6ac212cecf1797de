//! What went wrong in a call, in terms that a person can act on.

use std::fmt;
use std::future::Future;
use std::ops::Deref;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::permission::permission;

/// What kind of failure it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// The caller may not do this, or no credentials are valid.
    AccessDenied,
    /// The credentials were valid once.
    Expired,
    /// What was asked for is not there.
    NotFound,
    /// It is there already, or somebody else is changing it.
    Conflict,
    /// A condition of the call does not hold: `If-Match`, `If-None-Match`, a condition expression.
    PreconditionFailed,
    /// Too many calls, after all retries.
    Throttled,
    /// No connection, or it broke off, after all retries.
    Unreachable,
    /// No answer in time, after all retries.
    Timeout,
    /// Anything else.
    Other,
}

/// A call that failed. Behind a pointer, because results of calls are passed through many hands.
#[derive(Clone, Debug)]
pub struct AwsError(Box<Failure>);

impl Deref for AwsError {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

/// What an [`AwsError`] says.
#[derive(Clone, Debug)]
pub struct Failure {
    /// IAM's prefix of the service: `s3`; empty where no call was made.
    pub service: String,
    /// The operation: `PutBucketVersioning`.
    pub operation: String,
    /// What it was about: `bucket plumbline-state`.
    pub resource: String,
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// The service's code: `BucketAlreadyExists`.
    pub code: Option<String>,
    /// What the service, or the SDK, says.
    pub message: String,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Region in which a bucket is, where S3 says that it is not in ours.
    pub bucket_region: Option<String>,
}

/// Awaits a call and makes its error an [`AwsError`]. `operation` is the service and the operation, `s3:PutBucketVersioning`;
/// `resource` is what it is about, as a person would say it: `bucket plumbline-state`.
///
/// # Errors
/// Where the call fails, after all retries.
pub fn call<'a, T, E>(
    operation: &'a str,
    resource: impl fmt::Display + 'a,
    future: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + 'a,
) -> impl Future<Output = Result<T, AwsError>> + 'a
where
    T: 'a,
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    // The SDK's futures are tens of kilobytes: a few of them side by side, in functions within functions, are a whole stack.
    let future = Box::pin(future);
    async move {
        match future.await {
            Ok(value) => Ok(value),
            Err(error) => Err(AwsError::new(operation, &resource.to_string(), &error)),
        }
    }
}

impl AwsError {
    /// The error of a call; see [`call`] for `operation` and `resource`.
    pub fn new<E>(operation: &str, resource: &str, error: &SdkError<E, HttpResponse>) -> AwsError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let (service, operation) = operation.split_once(':').unwrap_or(("", operation));
        let response = error.raw_response();
        let status = response.map(|response| response.status().as_u16());
        let header = |name: &str| response.and_then(|response| response.headers().get(name));
        let code = error.code().map(str::to_owned);
        let request_id = header("x-amzn-requestid")
            .or_else(|| header("x-amz-request-id"))
            .map(str::to_owned);
        let message = match error.message() {
            Some(message) if !message.is_empty() => message.to_owned(),
            _ => match (&code, status) {
                (Some(code), Some(status)) => format!("{code} (HTTP {status})"),
                // An answer that says nothing, or that the SDK cannot read.
                (None, Some(status)) if matches!(error, SdkError::ServiceError(_)) => {
                    format!("HTTP {status}")
                }
                (None, Some(status)) => format!("HTTP {status}: {}", causes(error)),
                (_, None) => causes(error),
            },
        };
        AwsError(Box::new(Failure {
            service: service.to_owned(),
            operation: operation.to_owned(),
            resource: resource.to_owned(),
            kind: kind(error, code.as_deref(), status),
            code,
            message,
            request_id,
            status,
            bucket_region: header("x-amz-bucket-region").map(str::to_owned),
        }))
    }

    /// Something that went wrong before any call.
    pub(crate) fn local(kind: ErrorKind, message: &str) -> AwsError {
        AwsError(Box::new(Failure {
            service: String::new(),
            operation: String::new(),
            resource: String::new(),
            kind,
            code: None,
            message: message.to_owned(),
            request_id: None,
            status: None,
            bucket_region: None,
        }))
    }

    /// Whether the same call may succeed a little later. Whether it was carried out is not known.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Unreachable | ErrorKind::Timeout | ErrorKind::Throttled
        ) || self.status.is_some_and(|status| status >= 500)
    }

    /// The same with another message.
    pub(crate) fn saying(mut self, message: String) -> AwsError {
        self.0.message = message;
        self
    }

    /// Whether the service answered with this code.
    pub fn is_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The IAM action that was missing, for [`ErrorKind::AccessDenied`]: `s3:PutBucketVersioning`.
    pub fn permission(&self) -> String {
        permission(&format!("{}:{}", self.service, self.operation)).to_owned()
    }
}

fn kind<E>(error: &SdkError<E, HttpResponse>, code: Option<&str>, status: Option<u16>) -> ErrorKind {
    match error {
        SdkError::TimeoutError(_) => return ErrorKind::Timeout,
        SdkError::DispatchFailure(failure) => {
            let credentials = failure
                .as_connector_error()
                .is_some_and(|cause| lacks_credentials(cause));
            return match (failure.is_timeout(), credentials) {
                (true, _) => ErrorKind::Timeout,
                (false, true) => ErrorKind::AccessDenied,
                (false, false) => ErrorKind::Unreachable,
            };
        }
        SdkError::ConstructionFailure(_) => return ErrorKind::Other,
        // It succeeded, and what it says was lost on the way.
        SdkError::ResponseError(_) if status.is_some_and(|status| status < 300) => {
            return ErrorKind::Unreachable;
        }
        _ => {}
    }
    kind_of_answer(code, status)
}

/// The kind of an answer with this code and status.
pub(crate) fn kind_of_answer(code: Option<&str>, status: Option<u16>) -> ErrorKind {
    match code.unwrap_or_default() {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "AuthFailure"
        | "InvalidSignatureException"
        | "AllAccessDisabled"
        | "Forbidden" => ErrorKind::AccessDenied,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => ErrorKind::Expired,
        "PreconditionFailed" | "ConditionalCheckFailedException" => ErrorKind::PreconditionFailed,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "EC2ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceededException"
        | "SlowDown" => ErrorKind::Throttled,
        "NoSuchEntity"
        | "NotFoundException"
        | "ResourceNotFoundException"
        | "TableNotFoundException"
        | "NotFound" => ErrorKind::NotFound,
        "ResourceInUseException"
        | "EntityAlreadyExists"
        | "AlreadyExistsException"
        | "DeleteConflict"
        | "TableInUseException"
        | "OperationAborted" => ErrorKind::Conflict,
        code if code.starts_with("NoSuch")
            || code.ends_with("NotFoundError")
            // EC2's `InvalidVpcID.NotFound`, RDS's `DBInstanceNotFound`, ECS's `ClusterNotFoundException`.
            || code.ends_with("NotFound")
            || code.ends_with("NotFoundException")
            || code.ends_with("NotFoundFault")
            || code.ends_with(".NonExistentQueue") =>
        {
            ErrorKind::NotFound
        }
        _ => match status {
            Some(401 | 403) => ErrorKind::AccessDenied,
            Some(404) => ErrorKind::NotFound,
            Some(409) => ErrorKind::Conflict,
            Some(412) => ErrorKind::PreconditionFailed,
            Some(429 | 503) => ErrorKind::Throttled,
            _ => ErrorKind::Other,
        },
    }
}

/// Whether a call never left because nobody gave credentials for it.
fn lacks_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    chain(error).any(|cause| cause.is::<CredentialsError>())
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// An error with its causes in one line, each said once.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

/// Codes of credentials that are none; the rest of those that are denied are known, and may not.
const UNKNOWN_KEYS: [&str; 6] = [
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

impl From<Failure> for AwsError {
    fn from(failure: Failure) -> AwsError {
        AwsError(Box::new(failure))
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.operation.is_empty() {
            return f.write_str(&self.message);
        }
        let Failure {
            operation,
            resource,
            message,
            ..
        } = &*self.0;
        match self.kind {
            ErrorKind::AccessDenied if self.status.is_none() => {
                write!(
                    f,
                    "{operation} on {resource} was not sent: no valid credentials were found ({message}); \
                     give a profile (--profile), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                )?;
            }
            ErrorKind::AccessDenied
                if self
                    .code
                    .as_deref()
                    .is_some_and(|code| UNKNOWN_KEYS.contains(&code)) =>
            {
                write!(
                    f,
                    "{operation} on {resource}: the credentials are not accepted ({message}); look at the profile, the keys, the \
                     partition, and the clock of this machine"
                )?;
            }
            ErrorKind::Expired => {
                write!(
                    f,
                    "{operation} on {resource}: the credentials have expired ({message}); sign in again, such as with \
                     `aws sso login`, or take new ones"
                )?;
            }
            ErrorKind::AccessDenied => {
                let permission = self.permission();
                write!(
                    f,
                    "access denied: {permission} on {resource} is missing ({message}); allow it to the user or role of this \
                     run, and look for a Deny in its boundary, in organization policies and in the resource's own policy"
                )?;
            }
            ErrorKind::Unreachable => {
                write!(
                    f,
                    "{operation} on {resource}: no connection, or it broke off again and again ({message}); \
                     look at the network, the region's name and --endpoint-url"
                )?;
            }
            ErrorKind::Timeout => {
                write!(
                    f,
                    "{operation} on {resource}: no answer in time, after several attempts ({message}); run it again"
                )?;
            }
            ErrorKind::Throttled => {
                write!(
                    f,
                    "{operation} on {resource}: AWS asks for fewer calls, after several attempts ({message}); run it again later"
                )?;
            }
            _ => write!(f, "{operation} on {resource}: {message}")?,
        }
        if let Some(code) = &self.code
            && !message.contains(code.as_str())
        {
            write!(f, " [{code}]")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for AwsError {}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn failed(status: u16, code: Option<&str>, message: &str) -> AwsError {
        let mut metadata = ErrorMetadata::builder().message(message);
        if let Some(code) = code {
            metadata = metadata.code(code);
        }
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
        response.headers_mut().insert("x-amz-request-id", "R1");
        let error = SdkError::service_error(metadata.build(), response);
        AwsError::new("s3:PutBucketVersioning", "bucket states", &error)
    }

    #[test]
    fn kinds_come_from_codes_and_where_there_is_none_from_the_status() {
        for (status, code, kind) in [
            (403, Some("AccessDenied"), ErrorKind::AccessDenied),
            (400, Some("AccessDeniedException"), ErrorKind::AccessDenied),
            (400, Some("ExpiredTokenException"), ErrorKind::Expired),
            (403, None, ErrorKind::AccessDenied),
            (404, Some("NoSuchBucketPolicy"), ErrorKind::NotFound),
            (
                404,
                Some("ServerSideEncryptionConfigurationNotFoundError"),
                ErrorKind::NotFound,
            ),
            (400, Some("ResourceNotFoundException"), ErrorKind::NotFound),
            (404, None, ErrorKind::NotFound),
            (409, Some("BucketAlreadyExists"), ErrorKind::Conflict),
            (400, Some("ResourceInUseException"), ErrorKind::Conflict),
            (412, None, ErrorKind::PreconditionFailed),
            (
                400,
                Some("ConditionalCheckFailedException"),
                ErrorKind::PreconditionFailed,
            ),
            (400, Some("ThrottlingException"), ErrorKind::Throttled),
            (503, Some("SlowDown"), ErrorKind::Throttled),
            (500, Some("InternalError"), ErrorKind::Other),
            (400, Some("MalformedXML"), ErrorKind::Other),
        ] {
            assert_eq!(failed(status, code, "m").kind, kind, "{status} {code:?}");
        }
        assert!(failed(500, Some("InternalError"), "m").is_transient());
        assert!(!failed(400, Some("MalformedXML"), "m").is_transient());
    }

    #[test]
    fn a_denial_names_the_permission_and_what_to_do() {
        let denied = failed(403, Some("AccessDenied"), "Access Denied").to_string();
        assert_eq!(
            denied,
            "access denied: s3:PutBucketVersioning on bucket states is missing (Access Denied); allow it to the user or role of \
             this run, and look for a Deny in its boundary, in organization policies and in the resource's own policy \
             [AccessDenied] (request R1)"
        );
        let other = failed(400, Some("MalformedXML"), "not well formed").to_string();
        assert_eq!(
            other,
            "PutBucketVersioning on bucket states: not well formed [MalformedXML] (request R1)"
        );
        assert_eq!(failed(404, None, "").message, "HTTP 404");
    }
}
