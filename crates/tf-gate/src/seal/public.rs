//! Public keys, and what they say of signatures, without anybody being asked.

use ed25519_dalek::pkcs8::spki::SubjectPublicKeyInfoRef;
use ed25519_dalek::pkcs8::{Document, ObjectIdentifier};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};

/// What a key is. Source of the identifiers: RFC 8410, RFC 5480, RFC 3279.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Ed25519,
    P256,
    P384,
    Rsa,
}

const ED25519_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const EC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A public key of a kind that signs reviews.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PublicKey {
    kind: Kind,
    /// As its algorithm has it: 32 bytes, a point, or an `RSAPublicKey` of RFC 8017.
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Reads a key in PEM; `None` where it is none that is known here.
    pub(crate) fn from_pem(pem: &str) -> Option<PublicKey> {
        let (label, document) = Document::from_pem(pem.trim()).ok()?;
        match label {
            "PUBLIC KEY" => PublicKey::from_der(document.as_bytes()),
            _ => None,
        }
    }

    /// Reads a `SubjectPublicKeyInfo`.
    pub(crate) fn from_der(der: &[u8]) -> Option<PublicKey> {
        let info = SubjectPublicKeyInfoRef::try_from(der).ok()?;
        let algorithm = info.algorithm;
        let curve = || algorithm.parameters_oid().ok();
        let kind = match algorithm.oid {
            ED25519_KEY => Kind::Ed25519,
            RSA_KEY => Kind::Rsa,
            EC_KEY if curve() == Some(P256) => Kind::P256,
            EC_KEY if curve() == Some(P384) => Kind::P384,
            _ => return None,
        };
        Some(PublicKey {
            kind,
            bytes: info.subject_public_key.as_bytes()?.to_vec(),
        })
    }

    /// Whether it made a signature of a text. `algorithm` is `ed25519`, or KMS's name.
    pub(crate) fn signed(&self, text: &str, algorithm: &str, signature: &[u8]) -> bool {
        let verification: &dyn VerificationAlgorithm = match (self.kind, algorithm) {
            (Kind::Ed25519, "ed25519" | "ED25519_SHA_512") => &ED25519,
            (Kind::P256, "ECDSA_SHA_256") => &ECDSA_P256_SHA256_ASN1,
            (Kind::P384, "ECDSA_SHA_384") => &ECDSA_P384_SHA384_ASN1,
            (Kind::Rsa, "RSASSA_PSS_SHA_256") => &RSA_PSS_2048_8192_SHA256,
            _ => return false,
        };
        UnparsedPublicKey::new(verification, &self.bytes)
            .verify(text.as_bytes(), signature)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        Ed25519KeyPair, KeyPair,
    };

    use super::*;

    /// What stands before the point of a key in a `SubjectPublicKeyInfo`.
    const P256_BEFORE: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    const P384_BEFORE: &str = "3076301006072a8648ce3d020106052b81040022036200";
    const ED25519_BEFORE: &str = "302a300506032b6570032100";

    fn key(before: &str, point: &[u8]) -> PublicKey {
        let mut der: Vec<u8> = (0..before.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&before[at..at + 2], 16).unwrap())
            .collect();
        der.extend(point);
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD
                .encode(der)
                .as_bytes()
                .chunks(64)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect::<Vec<_>>()
                .join("\n")
        );
        PublicKey::from_pem(&pem).unwrap()
    }

    /// A public key, and its signature of "text".
    fn signed(algorithm: &'static EcdsaSigningAlgorithm, before: &str) -> (PublicKey, Vec<u8>) {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let signature = pair.sign(&random, b"text").unwrap();
        (
            key(before, pair.public_key().as_ref()),
            signature.as_ref().to_vec(),
        )
    }

    #[test]
    fn a_signature_holds_for_its_key_its_algorithm_and_its_text() {
        let (p256, of_p256) = signed(&ECDSA_P256_SHA256_ASN1_SIGNING, P256_BEFORE);
        let (other, _) = signed(&ECDSA_P256_SHA256_ASN1_SIGNING, P256_BEFORE);
        let (p384, of_p384) = signed(&ECDSA_P384_SHA384_ASN1_SIGNING, P384_BEFORE);
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let ed25519 = key(ED25519_BEFORE, pair.public_key().as_ref());
        let of_ed25519 = pair.sign(b"text").as_ref().to_vec();
        let mut broken = of_p256.clone();
        if let Some(last) = broken.last_mut() {
            *last ^= 1;
        }
        for (key, algorithm, signature, holds) in [
            (&p256, "ECDSA_SHA_256", &of_p256, true),
            (&p256, "ECDSA_SHA_384", &of_p256, false),
            (&p256, "ECDSA_SHA_256", &broken, false),
            (&p256, "ed25519", &of_p256, false),
            (&other, "ECDSA_SHA_256", &of_p256, false),
            (&p384, "ECDSA_SHA_384", &of_p384, true),
            (&p384, "ECDSA_SHA_256", &of_p384, false),
            (&ed25519, "ed25519", &of_ed25519, true),
            (&ed25519, "ED25519_SHA_512", &of_ed25519, true),
            (&ed25519, "ECDSA_SHA_256", &of_ed25519, false),
        ] {
            assert_eq!(
                key.signed("text", algorithm, signature),
                holds,
                "{key:?} {algorithm}"
            );
            assert!(!key.signed("texts", algorithm, signature));
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        for pem in [
            "",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(PublicKey::from_pem(pem), None, "{pem}");
        }
    }
}
