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
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::emulator::Renaming;
use crate::error::{AwsError, ErrorKind};
use crate::retry::Contention;

/// Enough for a minute of throttling; a call that never succeeds is given up after [`PER_OPERATION`].
const ATTEMPTS: u32 = 8;
const CONNECT: Duration = Duration::from_secs(5);
const PER_ATTEMPT: Duration = Duration::from_secs(20);
const PER_OPERATION: Duration = Duration::from_secs(90);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

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

/// Clients of the services, in one region, with one set of credentials. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Connection {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SdkConfig,
    region: String,
    path_style: bool,
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    kms: aws_sdk_kms::Client,
    iam: aws_sdk_iam::Client,
    sts: aws_sdk_sts::Client,
}

impl Connection {
    /// Finds region and credentials, and builds the clients. Nothing is asked of AWS yet, but for the region of a profile.
    ///
    /// # Errors
    /// Where no region is to be found.
    pub async fn open(options: Options) -> Result<Connection, AwsError> {
        let client = HttpBuilder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(client.clone())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_max_backoff(LONGEST_BACKOFF),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(PER_ATTEMPT)
                    .operation_timeout(PER_OPERATION)
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
        let Some(region) = config.region().map(|region| region.as_ref().to_owned()) else {
            return Err(AwsError::local(
                ErrorKind::Other,
                "no region is given: use --region, AWS_REGION, or region in plumbline.hcl",
            ));
        };
        if let Some(profile) = &options.profile {
            // Who names a profile means it, whatever keys are in the environment.
            let provider = ProviderConfig::without_region()
                .with_http_client(client)
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
        let path_style = config.endpoint_url().is_some();
        Ok(Connection::build(config, region, path_style))
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
        Connection::build(config, region.to_owned(), self.inner.path_style)
    }

    fn build(config: SdkConfig, region: String, path_style: bool) -> Connection {
        let mut s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(path_style)
            .retry_classifier(Contention);
        if let (true, Some(client)) = (path_style, config.http_client()) {
            s3.set_http_client(Some(SharedHttpClient::new(Renaming(client))));
        }
        let s3 = s3.build();
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(&config)
            .retry_classifier(Contention)
            .build();
        let kms = aws_sdk_kms::config::Builder::from(&config)
            .retry_classifier(Contention)
            .build();
        let iam = aws_sdk_iam::config::Builder::from(&config)
            .retry_classifier(Contention)
            .build();
        let inner = Inner {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
            kms: aws_sdk_kms::Client::from_conf(kms),
            iam: aws_sdk_iam::Client::from_conf(iam),
            sts: aws_sdk_sts::Client::new(&config),
            config,
            region,
            path_style,
        };
        Connection {
            inner: Arc::new(inner),
        }
    }

    /// Region of the clients.
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// Endpoint of all services, where one was given, by an option or by `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(&self) -> Option<&str> {
        self.inner.config.endpoint_url()
    }

    /// S3.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.inner.s3
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.inner.dynamodb
    }

    /// KMS.
    pub fn kms(&self) -> &aws_sdk_kms::Client {
        &self.inner.kms
    }

    /// IAM.
    pub fn iam(&self) -> &aws_sdk_iam::Client {
        &self.inner.iam
    }

    /// STS.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        &self.inner.sts
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
