//! One set-up for all services.

use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

#[cfg(feature = "sdk")]
use crate::clients::Clients;
use crate::credentials::Credentials;
use crate::error::{AwsError, ErrorKind};
use crate::http::Http;

const CONNECT: Duration = Duration::from_secs(5);

/// How long, and how often, a call is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retries {
    /// Enough for a minute of throttling; a call that never succeeds is given up after `per_operation`.
    pub(crate) attempts: u32,
    pub(crate) per_attempt: Duration,
    pub(crate) per_operation: Duration,
    pub(crate) first_backoff: Duration,
    pub(crate) longest_backoff: Duration,
}

const RETRIES: Retries = Retries {
    attempts: 8,
    per_attempt: Duration::from_secs(20),
    per_operation: Duration::from_secs(90),
    first_backoff: Duration::from_secs(1),
    longest_backoff: Duration::from_secs(10),
};

/// What is asked of a connection. What is not given comes the AWS way: `AWS_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL`, the
/// shared configuration, the metadata of the machine.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Region, such as `eu-west-1`.
    pub region: Option<String>,
    /// Endpoint of all services, for emulators; buckets are then addressed by path.
    pub endpoint_url: Option<String>,
    /// Profile of the shared configuration.
    pub profile: Option<String>,
    /// ARN of a role to assume with the credentials found.
    pub assume_role: Option<String>,
}

/// A way to the services, in one region, with one set of credentials. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Connection {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SdkConfig,
    region: String,
    http: Http,
    credentials: Arc<Credentials>,
    /// The endpoint that the caller gave, and not the environment.
    given_endpoint: Option<String>,
    retries: Retries,
    #[cfg(feature = "sdk")]
    clients: Clients,
}

impl Connection {
    /// Finds region and credentials. Nothing is asked of AWS yet, but for the region of a profile.
    ///
    /// # Errors
    /// Where no region is to be found.
    pub async fn open(options: Options) -> Result<Connection, AwsError> {
        let http = Http::default();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(RETRIES.attempts)
                    .with_max_backoff(RETRIES.longest_backoff),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(RETRIES.per_attempt)
                    .operation_timeout(RETRIES.per_operation)
                    .build(),
            );
        if let Some(region) = &options.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        let mut config = loader.load().await;
        if config.region().is_none() {
            return Err(AwsError::local(
                ErrorKind::Other,
                "no region is given: use --region, AWS_REGION, or region in plumbline.hcl",
            ));
        }
        if let Some(profile) = &options.profile {
            // Who names a profile means it, whatever keys are in the environment.
            let provider = ProviderConfig::without_region()
                .with_http_client(http.clone())
                .with_region(config.region().cloned());
            let credentials = ProfileFileCredentialsProvider::builder()
                .configure(&provider)
                .profile_name(profile)
                .build();
            config = with_credentials(config, SharedCredentialsProvider::new(credentials));
        }
        if let Some(role) = options.assume_role {
            let provider = aws_config::sts::AssumeRoleProvider::builder(role)
                .session_name("plumbline")
                .configure(&config)
                .build()
                .await;
            config = with_credentials(config, SharedCredentialsProvider::new(provider));
        }
        let credentials = Credentials::of(config.credentials_provider());
        Ok(Connection::build(
            http,
            config,
            Arc::new(credentials),
            options.endpoint_url,
            RETRIES,
        ))
    }

    /// The same credentials in another region.
    pub fn in_region(&self, region: &str) -> Connection {
        let config = self
            .inner
            .config
            .clone()
            .into_builder()
            .region(Region::new(region.to_owned()))
            .build();
        Connection::build(
            self.inner.http.clone(),
            config,
            self.inner.credentials.clone(),
            self.inner.given_endpoint.clone(),
            self.inner.retries,
        )
    }

    fn build(
        http: Http,
        config: SdkConfig,
        credentials: Arc<Credentials>,
        given_endpoint: Option<String>,
        retries: Retries,
    ) -> Connection {
        let inner = Inner {
            #[cfg(feature = "sdk")]
            clients: Clients::build(&config, config.endpoint_url().is_some()),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            http,
            config,
            credentials,
            given_endpoint,
            retries,
        };
        Connection {
            inner: Arc::new(inner),
        }
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// Endpoint of all services, where one was given, by an option or by `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(&self) -> Option<&str> {
        self.inner.config.endpoint_url()
    }

    #[cfg(feature = "sdk")]
    pub(crate) fn clients(&self) -> &Clients {
        &self.inner.clients
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.inner.config
    }

    pub(crate) fn given_endpoint(&self) -> Option<&str> {
        self.inner.given_endpoint.as_deref()
    }

    pub(crate) fn retries(&self) -> &Retries {
        &self.inner.retries
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    /// One to an emulator or a double of services at this URL, with keys that mean nothing. It looks neither at the environment nor at
    /// files, and tries again after a moment, not after seconds.
    pub fn to_emulator(url: &str, region: &str) -> Connection {
        let keys = aws_credential_types::Credentials::new("x", "x", None, None, "emulator");
        Connection::apart(
            Some(url),
            region,
            SharedCredentialsProvider::new(keys),
            RETRIES.per_attempt,
        )
    }

    /// One to an emulator with these credentials.
    #[cfg(test)]
    pub(crate) fn for_tests(url: Option<&str>, credentials: SharedCredentialsProvider) -> Connection {
        Connection::apart(url, "eu-west-1", credentials, Duration::from_secs(3))
    }

    fn apart(
        url: Option<&str>,
        region: &str,
        credentials: SharedCredentialsProvider,
        per_attempt: Duration,
    ) -> Connection {
        let mut config = SdkConfig::builder();
        config.set_endpoint_url(url.map(str::to_owned));
        let config = config
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials.clone())
            .build();
        let retries = Retries {
            attempts: 3,
            per_attempt,
            first_backoff: Duration::from_millis(1),
            longest_backoff: Duration::from_millis(5),
            ..RETRIES
        };
        let credentials = Arc::new(Credentials::of(Some(credentials)));
        Connection::build(Http::default(), config, credentials, None, retries)
    }

    /// Where requests go out.
    pub(crate) fn connector(&self) -> SharedHttpConnector {
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
        self.inner.http.connector(&settings)
    }
}

fn with_credentials(config: SdkConfig, credentials: SharedCredentialsProvider) -> SdkConfig {
    config
        .into_builder()
        .credentials_provider(credentials)
        // A cache keeps what is taken from one provider apart from others by this.
        .identity_cache(IdentityCache::lazy().build())
        .build()
}
