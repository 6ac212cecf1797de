//! Decryption with RSA keys as Terraform reads them: PKCS #1, PKCS #8 and OpenSSH, in PEM. Sources: RFC 8017,
//! RFC 5208, OpenSSH's `PROTOCOL.key`; `crypto/rsa`, `crypto/x509` and `golang.org/x/crypto/ssh` of Go for the
//! sentences.
//!
//! It is only ever used to show somebody a password with their own key, so nothing is done to hide how long it
//! takes.

mod der;
mod pem;
mod ssh;

use num_bigint::{BigInt, BigUint, Sign};

use self::der::{DerError, INTEGER, Reader};
use crate::text::quote_go;

/// What the key of another algorithm is refused with. Terraform prints the key.
const OTHER_ALGORITHM: &str = "invalid private key type: an RSA key is required";
/// Keys that are longer are refused.
const MAX_BITS: u64 = 8192;

/// A private key.
#[derive(Debug)]
pub(super) struct PrivateKey {
    modulus: BigUint,
    exponent: BigUint,
}

impl PrivateKey {
    /// Reads a key.
    ///
    /// # Errors
    /// Terraform's sentence.
    pub(super) fn parse(text: &str) -> Result<PrivateKey, String> {
        let invalid = |why: &str| format!("invalid private key: {why}");
        let Some(block) = pem::decode(text.as_bytes()) else {
            return Err(invalid("ssh: no key found"));
        };
        if block
            .header("Proc-Type")
            .is_some_and(|kind| kind.contains("ENCRYPTED"))
        {
            return Err(invalid("ssh: this private key is passphrase protected"));
        }
        let key = match block.kind.as_str() {
            "RSA PRIVATE KEY" => pkcs1(&block.contents),
            "PRIVATE KEY" => pkcs8(&block.contents),
            "OPENSSH PRIVATE KEY" => ssh::parse(&block.contents),
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" => Err(KeyError::OtherAlgorithm),
            other => Err(KeyError::Other(format!(
                "ssh: unsupported key type {}",
                quote_go(other)
            ))),
        };
        key.map_err(|error| match error {
            KeyError::Der(DerError::Syntax(why)) => {
                format!("invalid ASN1 data in the given private key: {why}")
            }
            KeyError::Der(why @ DerError::Structure(_)) => why.to_string(),
            KeyError::OtherAlgorithm => OTHER_ALGORITHM.to_owned(),
            KeyError::Other(why) => invalid(&why),
        })
    }

    /// Decrypts what was encrypted with the padding of PKCS #1 version 1.5.
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let number = BigUint::from_bytes_be(ciphertext);
        let length = usize::try_from(self.modulus.bits().div_ceil(8)).ok()?;
        if number >= self.modulus || length < 11 {
            return None;
        }
        let padded = number.modpow(&self.exponent, &self.modulus).to_bytes_be();
        // Zero, two, at least eight bytes that are not zero, zero, and then the message. The first zero is
        // not among the bytes of the number.
        let (&kind, rest) = padded.split_first()?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        let message = rest.get(end + 1..)?;
        (kind == 2 && padded.len() == length - 1 && end >= 8).then(|| message.to_vec())
    }

    /// A key from its numbers, which must belong together.
    fn from_numbers(numbers: &Numbers) -> Result<PrivateKey, KeyError> {
        let refuse = |why: &str| Err(KeyError::Other(why.to_owned()));
        let one = BigUint::from(1_u32);
        if numbers.modulus.bits() > MAX_BITS {
            return refuse("ssh: rsa modulus too large");
        }
        if numbers.public_exponent < BigUint::from(2_u32) {
            return refuse("crypto/rsa: public exponent too small");
        }
        if numbers.public_exponent.bits() > 31 {
            return refuse("crypto/rsa: public exponent too large");
        }
        if numbers.primes.iter().any(|prime| *prime <= one) {
            return refuse("crypto/rsa: invalid prime value");
        }
        if numbers.primes.iter().product::<BigUint>() != numbers.modulus {
            return refuse("crypto/rsa: invalid modulus");
        }
        let both = &numbers.public_exponent * &numbers.exponent;
        if numbers.primes.iter().any(|prime| &both % (prime - &one) != one) {
            return refuse("crypto/rsa: invalid exponents");
        }
        Ok(PrivateKey {
            modulus: numbers.modulus.clone(),
            exponent: numbers.exponent.clone(),
        })
    }
}

/// The numbers of a key.
struct Numbers {
    modulus: BigUint,
    public_exponent: BigUint,
    exponent: BigUint,
    primes: Vec<BigUint>,
}

/// Why there is no key in a block.
#[derive(Debug)]
enum KeyError {
    Der(DerError),
    OtherAlgorithm,
    Other(String),
}

impl From<DerError> for KeyError {
    fn from(error: DerError) -> KeyError {
        KeyError::Der(error)
    }
}

fn other(why: &str) -> KeyError {
    KeyError::Other(why.to_owned())
}

fn positive(number: BigInt) -> Result<BigUint, KeyError> {
    match number.into_parts() {
        (Sign::Plus, magnitude) => Ok(magnitude),
        _ => Err(other("x509: private key contains zero or negative value")),
    }
}

/// PKCS #1, RFC 8017 appendix A.1.2.
fn pkcs1(contents: &[u8]) -> Result<PrivateKey, KeyError> {
    let parsed = pkcs1_numbers(contents);
    if matches!(parsed, Err(KeyError::Der(_))) && pkcs8_parts(contents).is_ok() {
        return Err(other(
            "x509: failed to parse private key (use ParsePKCS8PrivateKey instead for this key format)",
        ));
    }
    PrivateKey::from_numbers(&parsed?)
}

fn pkcs1_numbers(contents: &[u8]) -> Result<Numbers, KeyError> {
    let mut outside = Reader::new(contents);
    let mut key = outside.sequence("pkcs1PrivateKey")?;
    let version = key.integer("int")?;
    let modulus = key.integer("")?;
    let public_exponent = key.integer("int")?;
    let exponent = key.integer("")?;
    let mut primes = vec![key.integer("")?, key.integer("")?];
    // Three numbers follow that can be computed from these, and in keys of version one more primes.
    while !key.is_empty() && key.peek() == Some(INTEGER) {
        key.integer("")?;
    }
    if !key.is_empty() {
        let mut others = key.sequence("")?;
        while !others.is_empty() {
            primes.push(others.sequence("pkcs1AdditionalRSAPrime")?.integer("")?);
        }
    }
    if !outside.is_empty() {
        return Err(DerError::Syntax("trailing data".to_owned()).into());
    }
    if version > BigInt::from(1) {
        return Err(other("x509: unsupported private key version"));
    }
    Ok(Numbers {
        modulus: positive(modulus)?,
        public_exponent: public_exponent.to_biguint().unwrap_or_default(),
        exponent: positive(exponent)?,
        primes: primes.into_iter().map(positive).collect::<Result<_, _>>()?,
    })
}

/// PKCS #8, RFC 5208.
fn pkcs8(contents: &[u8]) -> Result<PrivateKey, KeyError> {
    let (algorithm, key) = match pkcs8_parts(contents) {
        Err(_) if pkcs1_numbers(contents).is_ok() => {
            return Err(other(
                "x509: failed to parse private key (use ParsePKCS1PrivateKey instead for this key format)",
            ));
        }
        parts => parts?,
    };
    match algorithm.as_str() {
        "1.2.840.113549.1.1.1" => pkcs1(key).map_err(|error| match error {
            KeyError::Other(why) => KeyError::Other(format!(
                "x509: failed to parse RSA private key embedded in PKCS#8: {why}"
            )),
            KeyError::Der(why) => KeyError::Other(format!(
                "x509: failed to parse RSA private key embedded in PKCS#8: {why}"
            )),
            error @ KeyError::OtherAlgorithm => error,
        }),
        // Elliptic curves: ECDSA, X25519, Ed25519.
        "1.2.840.10045.2.1" | "1.3.101.110" | "1.3.101.112" => Err(KeyError::OtherAlgorithm),
        algorithm => Err(KeyError::Other(format!(
            "x509: PKCS#8 wrapping contained private key with unknown algorithm: {algorithm}"
        ))),
    }
}

/// The algorithm, as an object identifier, and the key.
fn pkcs8_parts(contents: &[u8]) -> Result<(String, &[u8]), DerError> {
    let mut key = Reader::new(contents).sequence("pkcs8")?;
    key.integer("int")?;
    let algorithm = key.sequence("AlgorithmIdentifier")?.object_identifier()?;
    Ok((algorithm, key.octets()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_refused_in_terraforms_words() {
        let pem = |kind: &str, body: &str| format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n");
        for (text, wanted) in [
            (String::new(), "invalid private key: ssh: no key found"),
            (
                pem("FOO", "AAAA"),
                "invalid private key: ssh: unsupported key type \"FOO\"",
            ),
            (
                pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA"),
                "invalid private key: ssh: this private key is passphrase protected",
            ),
            (
                pem("RSA PRIVATE KEY", ""),
                "invalid ASN1 data in the given private key: sequence truncated",
            ),
            (
                pem("RSA PRIVATE KEY", "MAo="),
                "invalid ASN1 data in the given private key: data truncated",
            ),
            (
                pem("OPENSSH PRIVATE KEY", "AAAA"),
                "invalid private key: ssh: invalid openssh private key format",
            ),
            (pem("EC PRIVATE KEY", "AAAA"), OTHER_ALGORITHM),
            // Version 0, modulus 1 and so on.
            (
                pem("RSA PRIVATE KEY", "MBsCAQACAQECAQMCAQECAQMCAQUCAQECAQECAQE="),
                "invalid private key: crypto/rsa: invalid modulus",
            ),
        ] {
            assert_eq!(PrivateKey::parse(&text).unwrap_err(), wanted, "{text}");
        }
    }

    #[test]
    fn decrypts_what_is_padded_rightly() {
        // n = p q with two primes just below 2^64, e = 65537.
        let [p, q] = [18_446_744_073_709_551_557_u64, 18_446_744_073_709_551_533].map(BigUint::from);
        let (one, e) = (BigUint::from(1_u32), BigUint::from(65_537_u32));
        let totient = (&p - &one) * (&q - &one);
        let exponent = e.modinv(&totient).unwrap();
        let modulus = &p * &q;
        let key = PrivateKey::from_numbers(&Numbers {
            modulus: modulus.clone(),
            public_exponent: e.clone(),
            exponent,
            primes: vec![p, q],
        })
        .unwrap();
        let encrypt = |padded: &[u8]| BigUint::from_bytes_be(padded).modpow(&e, &modulus).to_bytes_be();
        let right = b"\x00\x02\x01\x02\x03\x04\x05\x06\x07\x08\x00hello";
        assert_eq!(key.decrypt(&encrypt(right)).as_deref(), Some(b"hello".as_slice()));
        for wrong in [
            b"\x00\x01\x01\x02\x03\x04\x05\x06\x07\x08\x00hello".as_slice(),
            b"\x00\x02\x01\x02\x03\x04\x05\x06\x07\x00hello!",
            b"\x00\x02\x01\x02\x03\x04\x05\x06\x07\x08\x09hello",
            b"\x02\x01\x02\x03\x04\x05\x06\x07\x08\x00hell",
            b"",
        ] {
            assert_eq!(key.decrypt(&encrypt(wrong)), None);
        }
        assert_eq!(key.decrypt(&modulus.to_bytes_be()), None);
    }
}
