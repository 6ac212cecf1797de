//! The SDK's clients, where they are compiled in.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::connection::Connection;
use crate::emulator::Renaming;
use crate::retry::Contention;

/// Clients with the same settings.
#[derive(Debug)]
pub(crate) struct Clients {
    s3: aws_sdk_s3::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    kms: aws_sdk_kms::Client,
    iam: aws_sdk_iam::Client,
    sts: aws_sdk_sts::Client,
}

impl Clients {
    pub(crate) fn build(config: &SdkConfig, path_style: bool) -> Clients {
        let mut s3 = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(path_style)
            .retry_classifier(Contention);
        if let (true, Some(client)) = (path_style, config.http_client()) {
            s3.set_http_client(Some(SharedHttpClient::new(Renaming(client))));
        }
        let s3 = s3.build();
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(config)
            .retry_classifier(Contention)
            .build();
        let kms = aws_sdk_kms::config::Builder::from(config)
            .retry_classifier(Contention)
            .build();
        let iam = aws_sdk_iam::config::Builder::from(config)
            .retry_classifier(Contention)
            .build();
        Clients {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
            kms: aws_sdk_kms::Client::from_conf(kms),
            iam: aws_sdk_iam::Client::from_conf(iam),
            sts: aws_sdk_sts::Client::new(config),
        }
    }
}

impl Connection {
    /// S3.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.clients().s3
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.clients().dynamodb
    }

    /// KMS.
    pub fn kms(&self) -> &aws_sdk_kms::Client {
        &self.clients().kms
    }

    /// IAM.
    pub fn iam(&self) -> &aws_sdk_iam::Client {
        &self.clients().iam
    }

    /// STS.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        &self.clients().sts
    }
}
