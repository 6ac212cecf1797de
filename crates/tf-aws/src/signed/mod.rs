//! Requests that are put together by hand, signed and sent: for programs that call a few operations of many services, and would
//! otherwise compile an SDK crate for each.
//!
//! [`Request`] is what is asked, [`Connection::send`] asks it, [`Answer`] is what comes back, and [`Pages`] are answers that come in
//! parts.

mod answer;
mod endpoint;
mod objects;
mod pages;
mod request;
mod service;
#[cfg(test)]
mod tests;
mod xml;

use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_types::service_config::ServiceConfigKey;

pub use answer::Answer;
pub use endpoint::{global_region_of, partition_of};
pub use objects::{Bucket, Condition, Encryption, Listed, Object};
pub use pages::{Pages, Paging};
pub use request::Request;
pub use service::{Protocol, Service};
pub use xml::Element;

use crate::connection::Connection;
use crate::error::{AwsError, ErrorKind, Failure, causes};
use answer::failure;
use endpoint::{Endpoint, Wanted};
use request::Prepared;

/// Codes that say "come back", whatever their status is. The SDK's list, and S3's and IAM's for "somebody else changes this".
const AGAIN: [&str; 8] = [
    "RequestTimeout",
    "RequestTimeoutException",
    "InternalError",
    "InternalFailure",
    "OperationAborted",
    "ConcurrentModification",
    "PriorRequestNotComplete",
    "ConditionalRequestConflict",
];

/// From here on a message of a signature that does not match holds what was signed, with the token of the session in it.
const CANONICAL: &str = "The Canonical String";

impl Connection {
    /// Sends a request, again where that may help: throttling, 5xx, connections that break off or do not answer in time.
    ///
    /// # Errors
    /// Where it fails, after all retries. An error holds no credentials.
    pub async fn send(&self, request: &Request) -> Result<Answer, AwsError> {
        let retries = *self.retries();
        let begun = Instant::now();
        let mut renewed = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let credentials = self.credentials().get().await.map_err(|error| {
                AwsError::from(Failure {
                    kind: ErrorKind::AccessDenied,
                    message: causes(&error),
                    ..failure(request)
                })
            })?;
            let once = tokio::time::timeout(retries.per_attempt, self.once(request, &credentials));
            let result = once.await.unwrap_or_else(|_| {
                let message = format!("nothing within {:?}", retries.per_attempt);
                Err((failed(request, ErrorKind::Timeout, message), None))
            });
            let (error, pause) = match result {
                Ok(answer) => return Ok(answer),
                Err((error, pause)) => (without(error, &credentials), pause),
            };
            if error.kind == ErrorKind::Expired && !renewed {
                // They may have ended a moment ago, or somebody signed in again meanwhile.
                renewed = true;
                self.credentials().forget(credentials.access_key_id()).await;
                continue;
            }
            let longest = retries.first_backoff * 2_u32.saturating_pow(attempt - 1);
            let pause = pause
                .unwrap_or_else(|| longest.min(retries.longest_backoff).mul_f64(fastrand::f64()))
                .min(retries.longest_backoff);
            if !may_help(&error)
                || attempt >= retries.attempts
                || begun.elapsed() + pause > retries.per_operation
            {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// One attempt; an error comes with the pause that the service asks for.
    async fn once(
        &self,
        request: &Request,
        credentials: &Credentials,
    ) -> Result<Answer, (AwsError, Option<Duration>)> {
        let wrong = |reason: String| (failed(request, ErrorKind::Other, reason), None);
        let endpoint = self.endpoint_of(&request.service);
        let signed = signed(request, &endpoint, credentials, SystemTime::now()).map_err(wrong)?;
        let broken = |error: ConnectorError| {
            let kind = match () {
                () if error.is_timeout() => ErrorKind::Timeout,
                () if error.is_user() => ErrorKind::Other,
                () => ErrorKind::Unreachable,
            };
            (failed(request, kind, causes(&error)), None)
        };
        let mut response = self.connector().call(signed).await.map_err(broken)?;
        let body = std::mem::replace(response.body_mut(), SdkBody::taken());
        let body = ByteStream::new(body)
            .collect()
            .await
            .map_err(|error| (failed(request, ErrorKind::Unreachable, causes(&error)), None))?;
        let answer = Answer {
            about: Box::new(request.clone()),
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: body.to_vec(),
        };
        match answer.status {
            200..300 => Ok(answer),
            _ => Err((answer.error(), pause(&answer))),
        }
    }

    fn endpoint_of(&self, service: &Service) -> Endpoint {
        let config = self.config();
        // The environment and the profile may give an endpoint for a service; one that the caller gave for all was put in the place of
        // `AWS_ENDPOINT_URL` already.
        let own = self.given_endpoint().is_none().then(|| {
            let id = service.id.to_ascii_lowercase();
            let variable = format!("AWS_ENDPOINT_URL_{}", service.id);
            let key = ServiceConfigKey::builder()
                .service_id(&id)
                .profile("endpoint_url")
                .env(&variable)
                .build()
                .ok()?;
            config.service_config()?.load_config(key)
        });
        let own = own.flatten();
        endpoint::resolve(
            service,
            Wanted {
                region: self.region(),
                url: own.as_deref().or(self.endpoint_url()),
                dual_stack: config.use_dual_stack().unwrap_or(false),
                fips: config.use_fips().unwrap_or(false),
            },
        )
    }
}

fn failed(request: &Request, kind: ErrorKind, message: String) -> AwsError {
    AwsError::from(Failure {
        kind,
        message,
        ..failure(request)
    })
}

/// Whether the same request may be answered otherwise a little later.
fn may_help(error: &AwsError) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    matches!(
        error.kind,
        ErrorKind::Unreachable | ErrorKind::Timeout | ErrorKind::Throttled
    ) || matches!(error.status, Some(500 | 502 | 503 | 504))
        || AGAIN.contains(&code)
}

/// What a service asks to be waited for.
fn pause(answer: &Answer) -> Option<Duration> {
    let number = |name: &str| answer.header(name)?.trim().parse::<u64>().ok();
    number("x-amz-retry-after")
        .map(Duration::from_millis)
        .or(number("retry-after").map(Duration::from_secs))
}

/// The error, without anything of the credentials that a service may have repeated.
fn without(error: AwsError, credentials: &Credentials) -> AwsError {
    let mut message = error.message.clone();
    if let Some(at) = message.find(CANONICAL) {
        message.truncate(at);
        message.truncate(message.trim_end().len());
    }
    let secrets = [Some(credentials.secret_access_key()), credentials.session_token()];
    for secret in secrets.into_iter().flatten().filter(|secret| secret.len() > 4) {
        message = message.replace(secret, "(hidden)");
    }
    error.saying(message)
}

fn signed(
    request: &Request,
    endpoint: &Endpoint,
    credentials: &Credentials,
    time: SystemTime,
) -> Result<HttpRequest, String> {
    let Prepared {
        method,
        url,
        headers,
        body,
    } = request.prepare(endpoint);
    let identity = credentials.clone().into();
    let mut settings = SigningSettings::default();
    if request.service.signing == "s3" {
        // A key is signed as it is, dots and double slashes included.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(&endpoint.region)
        .name(request.service.signing)
        .time(time)
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let given = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(method, url.as_str(), given, SignableBody::Bytes(&body))
        .map_err(|error| error.to_string())?;
    let (signature, _) = sign(signable, &parameters)
        .map_err(|error| causes(&error))?
        .into_parts();
    let mut built = ::http::Request::builder().method(method).uri(&url);
    for (name, value) in &headers {
        built = built.header(name, value);
    }
    let user_agent = concat!("plumbline/", env!("CARGO_PKG_VERSION"));
    let mut built = built
        .header("user-agent", user_agent)
        .body(SdkBody::from(body))
        .map_err(|error| error.to_string())?;
    signature.apply_to_request_http1x(&mut built);
    HttpRequest::try_from(built).map_err(|error| error.to_string())
}
