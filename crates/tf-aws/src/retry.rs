//! What the SDK's standard retries leave out.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Answers that say "somebody else is changing this, come back": S3's 409 `OperationAborted` on buckets, and IAM's
/// `ConcurrentModification`. The SDK's own classifiers take them for final.
#[derive(Debug)]
pub(crate) struct Contention;

const CODES: [&str; 2] = ["OperationAborted", "ConcurrentModification"];

impl ClassifyRetry for Contention {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else {
            return RetryAction::NoActionIndicated;
        };
        if response.status().as_u16() != 409 {
            return RetryAction::NoActionIndicated;
        }
        let body = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
        // An answer to HEAD has no body to say which conflict it is.
        match body.is_empty() || CODES.iter().any(|code| body.contains(&format!("<Code>{code}"))) {
            true => RetryAction::throttling_error(),
            false => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "contention"
    }
}
