//! Keys in AWS KMS: they sign there, and never leave it.

use std::sync::OnceLock;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use tf_aws::signed::{Request, Service};
use tf_aws::{AwsError, ErrorKind, Options};
use tf_cli::settings::key::KeyName;

use super::key::Signature;
use crate::aws::Aws;

/// What is signed with, the best first; a key has one or a few of them. Each signs the digest of the text that its name says.
const ALGORITHMS: [&str; 4] = [
    "ED25519_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "RSASSA_PSS_SHA_256",
];

/// A key.
#[derive(Clone, Debug)]
pub(crate) struct KmsKey {
    /// Its name as people gave it.
    name: String,
    /// Its id, alias or ARN.
    id: String,
    options: Options,
    /// Opened when it is first needed: who has another key needs no region, and no credentials.
    aws: OnceLock<Aws>,
}

/// A key that signs.
pub(crate) struct KmsSigner {
    key: KmsKey,
    algorithm: &'static str,
    /// `SubjectPublicKeyInfo`, in base64.
    public: String,
}

impl KmsKey {
    /// The way to a key. Nothing is asked of KMS yet.
    pub(crate) fn open(name: &KeyName) -> anyhow::Result<KmsKey> {
        let (endpoint, id) = name.kms().context("this is no key in KMS")?;
        if id.is_empty() {
            bail!("{name} names no key: write awskms:///alias/NAME, awskms:///ID or awskms:///ARN");
        }
        let arn: Vec<&str> = id.split(':').collect();
        let region = match arn.as_slice() {
            ["arn", _, "kms", region, ..] => Some((*region).to_owned()),
            _ => None,
        };
        let options = Options {
            region,
            endpoint_url: endpoint.map(|endpoint| format!("https://{endpoint}")),
            ..Options::default()
        };
        Ok(KmsKey {
            name: name.to_string(),
            id: id.to_owned(),
            options,
            aws: OnceLock::new(),
        })
    }

    fn aws(&self) -> anyhow::Result<&Aws> {
        if let Some(aws) = self.aws.get() {
            return Ok(aws);
        }
        let aws = Aws::open(self.options.clone())
            .with_context(|| format!("the key {} cannot be used", self.name))?;
        Ok(self.aws.get_or_init(|| aws))
    }

    fn call(&self, aws: &Aws, operation: &str, members: Json) -> Result<Json, AwsError> {
        let request = Request::new(Service::KMS, operation, format!("key {}", self.id))
            .parameter("KeyId", self.id.as_str())
            .json(members);
        aws.send(&request)?.json()
    }

    /// What went wrong, with what to do where KMS has its own word for it.
    fn failed(&self, aws: &Aws, error: AwsError) -> anyhow::Error {
        let name = &self.name;
        match error.code.as_deref() {
            _ if is_off(&error) => anyhow::anyhow!(
                "the key {name} is disabled or about to be deleted: enable it, or take another one ({})",
                error.message
            ),
            Some("NotFoundException") => anyhow::anyhow!(
                "there is no key {name} in {}: see its name, the region and the account ({})",
                aws.connection().region(),
                error.message
            ),
            Some("InvalidKeyUsageException" | "UnsupportedOperationException") => anyhow::anyhow!(
                "{name} is no key that signs: make one with `aws kms create-key --key-usage SIGN_VERIFY --key-spec ECC_NIST_P256`"
            ),
            _ => anyhow::Error::new(error).context(format!("the key {name} cannot be used")),
        }
    }

    /// Whether it made a signature of a text, as KMS says.
    pub(crate) fn signed(&self, text: &str, signature: &Signature) -> anyhow::Result<bool> {
        if !ALGORITHMS.contains(&signature.algorithm.as_str()) {
            return Ok(false);
        }
        let members = json!({
            "Message": STANDARD.encode(text),
            "MessageType": "RAW",
            "Signature": signature.value,
            "SigningAlgorithm": signature.algorithm,
        });
        let aws = self.aws()?;
        match self.call(aws, "Verify", members) {
            Ok(answer) => Ok(answer.get("SignatureValid") == Some(&Json::Bool(true))),
            Err(error) => match error.code.as_deref() {
                // Another key's algorithm, or what is no signature at all, is a signature of another key.
                Some("KMSInvalidSignatureException" | "InvalidKeyUsageException" | "ValidationException") => {
                    Ok(false)
                }
                _ => Err(self.failed(aws, error)),
            },
        }
    }
}

/// Whether KMS refuses because of the state that a key is in.
fn is_off(error: &AwsError) -> bool {
    error.kind != ErrorKind::Throttled
        && matches!(
            error.code.as_deref(),
            Some("DisabledException" | "KMSInvalidStateException")
        )
}

impl KmsSigner {
    /// Finds out with what a key signs.
    pub(crate) fn open(key: KmsKey) -> anyhow::Result<KmsSigner> {
        let aws = key.aws()?;
        let answer = key
            .call(aws, "GetPublicKey", json!({}))
            .map_err(|error| key.failed(aws, error))?;
        let text = |name: &str| answer.get(name).and_then(Json::as_str);
        let offered: Vec<&str> = answer
            .get("SigningAlgorithms")
            .and_then(Json::as_array)
            .map(|all| all.iter().filter_map(Json::as_str).collect())
            .unwrap_or_default();
        let spec = text("KeySpec").or(text("CustomerMasterKeySpec")).unwrap_or("?");
        let known = ALGORITHMS.into_iter().find(|name| offered.contains(name));
        // The curve of Bitcoin signs with the same name.
        let Some(algorithm) = known.filter(|_| spec != "ECC_SECG_P256K1") else {
            bail!(
                "{} is a key of {spec}, with which reviews cannot be signed: use ECC_NIST_P256, ECC_NIST_P384, \
                 ECC_NIST_EDWARDS25519 or RSA_2048 and more, for SIGN_VERIFY",
                key.name
            );
        };
        let public = text("PublicKey")
            .with_context(|| format!("KMS gives no public key of {}", key.name))?
            .to_owned();
        Ok(KmsSigner {
            key,
            algorithm,
            public,
        })
    }

    /// Signs a text.
    pub(crate) fn sign(&self, text: &str) -> anyhow::Result<Signature> {
        let members = json!({
            "Message": STANDARD.encode(text),
            "MessageType": "RAW",
            "SigningAlgorithm": self.algorithm,
        });
        let aws = self.key.aws()?;
        let answer = self
            .key
            .call(aws, "Sign", members)
            .map_err(|error| self.key.failed(aws, error))?;
        let value = answer
            .get("Signature")
            .and_then(Json::as_str)
            .with_context(|| format!("KMS gives no signature of {}", self.key.name))?;
        Ok(Signature {
            algorithm: self.algorithm.to_owned(),
            key: self.public.clone(),
            value: value.to_owned(),
        })
    }
}
