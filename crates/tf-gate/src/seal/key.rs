//! Keys that sign seals and approvals: Ed25519, in PEM as `openssl genpkey -algorithm ed25519` makes them.

use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{Signer as _, Verifier as _};
use serde::{Deserialize, Serialize};

/// A signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Signature {
    /// `ed25519`.
    pub(crate) algorithm: String,
    /// The public key, in base64: which key it was, not a reason to trust it.
    pub(crate) key: String,
    /// The signature, in base64.
    pub(crate) value: String,
}

/// A private key. It is never shown.
pub(crate) struct SigningKey(ed25519_dalek::SigningKey);

/// A public key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl SigningKey {
    /// Reads a key in PEM (PKCS #8).
    pub(crate) fn read(file: &Path) -> anyhow::Result<SigningKey> {
        let pem = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the key {}", file.display()))?;
        match ed25519_dalek::SigningKey::from_pkcs8_pem(pem.trim()) {
            Ok(key) => Ok(SigningKey(key)),
            // The error of the library is left out: it may show what it read.
            Err(_) => bail!(
                "{} is no private key of Ed25519 in PEM: make one with `openssl genpkey -algorithm ed25519`",
                file.display()
            ),
        }
    }

    /// Signs a text.
    pub(crate) fn sign(&self, text: &str) -> Signature {
        Signature {
            algorithm: "ed25519".to_owned(),
            key: STANDARD.encode(self.0.verifying_key().as_bytes()),
            value: STANDARD.encode(self.0.sign(text.as_bytes()).to_bytes()),
        }
    }
}

impl VerifyingKey {
    /// Reads a key in PEM.
    pub(crate) fn read(file: &Path) -> anyhow::Result<VerifyingKey> {
        let pem = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the public key {}", file.display()))?;
        match ed25519_dalek::VerifyingKey::from_public_key_pem(pem.trim()) {
            Ok(key) => Ok(VerifyingKey(key)),
            Err(_) => bail!(
                "{} is no public key of Ed25519 in PEM: make it with `openssl pkey -in KEY -pubout`",
                file.display()
            ),
        }
    }

    /// Whether this key signed a text.
    pub(crate) fn signed(&self, text: &str, signature: &Signature) -> bool {
        let value = STANDARD.decode(&signature.value).ok();
        let value = value.and_then(|bytes| ed25519_dalek::Signature::from_slice(&bytes).ok());
        signature.algorithm == "ed25519"
            && value.is_some_and(|value| self.0.verify(text.as_bytes(), &value).is_ok())
    }
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
        let signature = key.sign("text");
        assert!(public.signed("text", &signature));
        assert!(!public.signed("texts", &signature));
        let mut broken = signature.clone();
        broken.value.replace_range(
            3..4,
            if broken.value.get(3..4) == Some("A") {
                "B"
            } else {
                "A"
            },
        );
        assert!(!public.signed("text", &broken));
        let error = SigningKey::read(&wrong).err().unwrap().to_string();
        assert!(error.contains("openssl genpkey"), "{error}");
    }
}
