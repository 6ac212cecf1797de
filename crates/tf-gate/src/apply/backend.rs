//! Where the state of a root is, as far as it is in S3.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tf_aws::Options;
use tf_aws::signed::Encryption;

/// The backend of a root that is initialised, as Terraform keeps it in `.terraform/terraform.tfstate`; credentials are not read.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Backend {
    /// The settings, where it is S3.
    pub(super) s3: Option<S3>,
}

/// The settings that matter here: <https://developer.hashicorp.com/terraform/language/backend/s3>.
#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct S3 {
    pub(super) bucket: Option<String>,
    pub(super) key: Option<String>,
    pub(super) region: Option<String>,
    profile: Option<String>,
    workspace_key_prefix: Option<String>,
    kms_key_id: Option<String>,
    encrypt: Option<bool>,
    endpoint: Option<String>,
    endpoints: Option<Endpoints>,
    role_arn: Option<String>,
    assume_role: Option<Role>,
}

#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
struct Endpoints {
    s3: Option<String>,
}

#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
struct Role {
    role_arn: Option<String>,
}

#[derive(Deserialize)]
struct File {
    backend: Option<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    ty: String,
    config: serde_json::Value,
}

impl Backend {
    /// That of a root's folder.
    pub(super) fn of(root: &Path) -> Backend {
        let data = std::env::var_os("TF_DATA_DIR").map_or(PathBuf::from(".terraform"), PathBuf::from);
        let text = std::fs::read(root.join(data).join("terraform.tfstate")).unwrap_or_default();
        Backend::read(&text)
    }

    fn read(text: &[u8]) -> Backend {
        let kind = serde_json::from_slice::<File>(text)
            .ok()
            .and_then(|file| file.backend)
            .filter(|kind| kind.ty == "s3");
        Backend {
            s3: kind.and_then(|kind| serde_json::from_value(kind.config).ok()),
        }
    }
}

impl S3 {
    /// The key of a workspace's state.
    pub(super) fn state(&self, workspace: &str) -> Option<String> {
        let key = self.key.as_ref()?;
        Some(match workspace {
            "default" => key.clone(),
            _ => {
                let prefix = self.workspace_key_prefix.as_deref().unwrap_or("env:");
                format!("{prefix}/{workspace}/{key}")
            }
        })
    }

    /// How Terraform encrypts the state.
    pub(super) fn encryption(&self) -> Encryption {
        match (&self.kms_key_id, self.encrypt) {
            (Some(key), _) if !key.is_empty() => Encryption::Kms(Some(key.clone())),
            (_, Some(true)) => Encryption::Aes256,
            _ => Encryption::OfBucket,
        }
    }

    /// How Terraform finds the bucket.
    pub(super) fn options(&self) -> Options {
        let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let role = self.assume_role.as_ref().and_then(|role| some(&role.role_arn));
        let endpoint = self.endpoints.as_ref().and_then(|endpoints| some(&endpoints.s3));
        Options {
            region: some(&self.region),
            endpoint_url: endpoint.or(some(&self.endpoint)),
            profile: some(&self.profile),
            assume_role: role.or(some(&self.role_arn)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_the_backend_are_those_that_terraform_keeps() {
        let text = r#"{"version": 3, "backend": {"type": "s3", "hash": 1, "config": {
            "bucket": "states", "key": "dev/terraform.tfstate", "region": "eu-west-1", "profile": null,
            "kms_key_id": "arn:aws:kms:eu-west-1:1:key/k", "encrypt": true, "access_key": "AKIA",
            "assume_role": {"role_arn": "arn:aws:iam::1:role/r", "duration": null},
            "endpoints": {"s3": "http://127.0.0.1:5000", "dynamodb": null}, "workspace_key_prefix": null}}}"#;
        let s3 = Backend::read(text.as_bytes()).s3.unwrap();
        assert_eq!(s3.state("default").as_deref(), Some("dev/terraform.tfstate"));
        assert_eq!(
            s3.state("blue").as_deref(),
            Some("env:/blue/dev/terraform.tfstate")
        );
        assert_eq!(
            s3.encryption(),
            Encryption::Kms(Some("arn:aws:kms:eu-west-1:1:key/k".to_owned()))
        );
        let options = s3.options();
        assert_eq!(options.assume_role.as_deref(), Some("arn:aws:iam::1:role/r"));
        assert_eq!(options.endpoint_url.as_deref(), Some("http://127.0.0.1:5000"));
        assert_eq!(
            (options.region.as_deref(), options.profile),
            (Some("eu-west-1"), None)
        );
        assert!(!format!("{s3:?}").contains("AKIA"));
    }

    #[test]
    fn other_backends_are_not_in_s3() {
        for text in [
            "",
            "{}",
            "{\"backend\": null}",
            "{\"backend\": {\"type\": \"gcs\", \"config\": {\"bucket\": \"b\"}}}",
        ] {
            assert_eq!(Backend::read(text.as_bytes()), Backend::default(), "{text}");
        }
    }
}
