//! Keys that sign seals and approvals: Ed25519 in PEM, as `openssl genpkey -algorithm ed25519` makes them, or keys in AWS KMS.

use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use serde::{Deserialize, Serialize};
use tf_cli::settings::key::KeyName;

use super::kms::{KmsKey, KmsSigner};
use super::public::PublicKey;

/// A signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Signature {
    /// `ed25519`, or the name that KMS has for it: `ECDSA_SHA_256`.
    pub(crate) algorithm: String,
    /// The public key, in base64: which key it was, not a reason to trust it.
    pub(crate) key: String,
    /// The signature, in base64.
    pub(crate) value: String,
}

/// A private key. It is never shown.
pub(crate) enum SigningKey {
    /// One that is here.
    Local(Box<ed25519_dalek::SigningKey>),
    /// One in KMS.
    Kms(Box<KmsSigner>),
}

/// A key that says whether it made a signature.
#[derive(Clone, Debug)]
pub(crate) enum VerifyingKey {
    /// One that is here.
    Public(PublicKey),
    /// One in KMS, which is asked.
    Kms(KmsKey),
}

impl SigningKey {
    /// Finds a key. One in KMS is asked what it signs with.
    pub(crate) fn open(name: &KeyName) -> anyhow::Result<SigningKey> {
        match name {
            KeyName::File(file) => SigningKey::read(file),
            KeyName::Kms(_) => Ok(SigningKey::Kms(Box::new(KmsSigner::open(KmsKey::open(name)?)?))),
        }
    }

    /// Reads a key in PEM (PKCS #8).
    fn read(file: &Path) -> anyhow::Result<SigningKey> {
        let pem = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the key {}", file.display()))?;
        match ed25519_dalek::SigningKey::from_pkcs8_pem(pem.trim()) {
            Ok(key) => Ok(SigningKey::Local(Box::new(key))),
            // The error of the library is left out: it may show what it read.
            Err(_) => bail!(
                "{} is no private key of Ed25519 in PEM: make one with `openssl genpkey -algorithm ed25519`",
                file.display()
            ),
        }
    }

    /// Signs a text.
    pub(crate) fn sign(&self, text: &str) -> anyhow::Result<Signature> {
        match self {
            SigningKey::Local(key) => Ok(Signature {
                algorithm: "ed25519".to_owned(),
                key: STANDARD.encode(key.verifying_key().as_bytes()),
                value: STANDARD.encode(key.sign(text.as_bytes()).to_bytes()),
            }),
            SigningKey::Kms(key) => key.sign(text),
        }
    }
}

impl VerifyingKey {
    /// Finds a key. Nothing is asked of KMS yet.
    pub(crate) fn open(name: &KeyName) -> anyhow::Result<VerifyingKey> {
        match name {
            KeyName::File(file) => VerifyingKey::read(file),
            KeyName::Kms(_) => Ok(VerifyingKey::Kms(KmsKey::open(name)?)),
        }
    }

    /// Reads a key in PEM.
    fn read(file: &Path) -> anyhow::Result<VerifyingKey> {
        let pem = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the public key {}", file.display()))?;
        let key = PublicKey::from_pem(&pem).with_context(|| {
            format!(
                "{} is no public key of Ed25519, P-256, P-384 or RSA in PEM: make it with `openssl pkey -in KEY -pubout`, or with \
                 `aws kms get-public-key`",
                file.display()
            )
        })?;
        Ok(VerifyingKey::Public(key))
    }

    /// Whether this key signed a text.
    ///
    /// # Errors
    /// Where KMS does not say.
    pub(crate) fn signed(&self, text: &str, signature: &Signature) -> anyhow::Result<bool> {
        match self {
            VerifyingKey::Public(key) => Ok(STANDARD
                .decode(&signature.value)
                .is_ok_and(|value| key.signed(text, &signature.algorithm, &value))),
            VerifyingKey::Kms(key) => key.signed(text, signature),
        }
    }
}

/// Whether one of several keys signed a text. Those that are here are asked first, and what is wrong with one does not matter where
/// another one signed it.
pub(crate) fn any_signed(keys: &[VerifyingKey], text: &str, signature: &Signature) -> anyhow::Result<bool> {
    let (here, there): (Vec<_>, Vec<_>) = keys
        .iter()
        .partition(|key| matches!(key, VerifyingKey::Public(_)));
    let mut wrong = None;
    for key in here.into_iter().chain(there) {
        match key.signed(text, signature) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    wrong.map_or(Ok(false), Err)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
    use ed25519_dalek::pkcs8::{EncodePrivateKey, EncodePublicKey};

    use super::*;

    #[test]
    fn a_signature_holds_for_its_text_and_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let made = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let private = made.to_pkcs8_pem(LineEnding::LF).unwrap();
        let public = made.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
        let key = SigningKey::read(&file("key", &private)).unwrap();
        let wrong = file("other", &public);
        let public = VerifyingKey::read(&wrong).unwrap();
        let signature = key.sign("text").unwrap();
        assert!(public.signed("text", &signature).unwrap());
        assert!(!public.signed("texts", &signature).unwrap());
        let mut broken = signature.clone();
        broken.value.replace_range(
            3..4,
            if broken.value.get(3..4) == Some("A") {
                "B"
            } else {
                "A"
            },
        );
        assert!(!public.signed("text", &broken).unwrap());
        let error = SigningKey::read(&wrong).err().unwrap().to_string();
        assert!(error.contains("openssl genpkey"), "{error}");
    }
}
