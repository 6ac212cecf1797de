//! Keys of OpenSSH. Source:
//! <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>.

use num_bigint::BigUint;

use super::{KeyError, Numbers, PrivateKey, other};

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Reads the contents of a block.
pub(super) fn parse(contents: &[u8]) -> Result<PrivateKey, KeyError> {
    let Some(rest) = contents.strip_prefix(MAGIC) else {
        return Err(other("ssh: invalid openssh private key format"));
    };
    let mut file = Reader(rest);
    let mut name = |field: &str| file.name(field, "openSSHEncryptedPrivateKey");
    let (cipher, derivation, options) = (name("CipherName")?, name("KdfName")?, name("KdfOpts")?);
    let count = file.number()?;
    let (_public, private) = (file.string()?, file.string()?);
    if count != 1 {
        return Err(other("ssh: multi-key files are not supported"));
    }
    if cipher != b"none" || derivation != b"none" {
        return Err(other("ssh: this private key is passphrase protected"));
    }
    if !options.is_empty() {
        return Err(other("ssh: invalid openssh private key"));
    }
    let mut key = Reader(private);
    let malformed = || other("ssh: malformed OpenSSH key");
    let checks = (
        key.number().map_err(|_| malformed())?,
        key.number().map_err(|_| malformed())?,
    );
    let kind = key.string().map_err(|_| malformed())?;
    if checks.0 != checks.1 {
        return Err(malformed());
    }
    match kind {
        b"ssh-rsa" => rsa(key),
        b"ssh-ed25519" | b"ecdsa-sha2-nistp256" | b"ecdsa-sha2-nistp384" | b"ecdsa-sha2-nistp521" => {
            Err(KeyError::OtherAlgorithm)
        }
        _ => Err(other("ssh: unhandled key type")),
    }
}

fn rsa(mut key: Reader<'_>) -> Result<PrivateKey, KeyError> {
    let mut number = || key.string().map(BigUint::from_bytes_be);
    let (modulus, public_exponent, exponent) = (number()?, number()?, number()?);
    let _inverse = number()?;
    let primes = vec![number()?, number()?];
    let _comment = key.name("Comment", "openSSHRSAPrivateKey")?;
    // One, two, three, and so on.
    if key
        .0
        .iter()
        .enumerate()
        .any(|(at, &byte)| usize::from(byte) != at + 1)
    {
        return Err(other("ssh: padding not as expected"));
    }
    PrivateKey::from_numbers(&Numbers {
        modulus,
        public_exponent,
        exponent,
        primes,
    })
}

/// Reads the encoding of RFC 4251, section 5.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u32, KeyError> {
        let Some((bytes, rest)) = self.0.split_first_chunk() else {
            return Err(other("ssh: short read"));
        };
        self.0 = rest;
        Ok(u32::from_be_bytes(*bytes))
    }

    /// A string of which Go says what it was for, if it is cut off.
    fn name(&mut self, field: &str, ty: &str) -> Result<&'a [u8], KeyError> {
        let cut_off = || other(&format!("ssh: unmarshal error for field {field} of type {ty}"));
        self.string().map_err(|_| cut_off())
    }

    fn string(&mut self) -> Result<&'a [u8], KeyError> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let Some((string, rest)) = self.0.split_at_checked(length) else {
            return Err(other("ssh: short read"));
        };
        self.0 = rest;
        Ok(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(bytes: &[u8]) -> Vec<u8> {
        [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
    }

    /// A key file with the contents of the private part.
    fn file(cipher: &[u8], private: &[u8]) -> Vec<u8> {
        let parts = [
            string(cipher),
            string(b"none"),
            string(b""),
            vec![0, 0, 0, 1],
            string(b""),
            string(private),
        ];
        [MAGIC, &parts.concat()].concat()
    }

    /// The private part of the key with the primes 3 and 11.
    fn private(padding: &[u8]) -> Vec<u8> {
        let numbers: Vec<u8> = [33, 3, 7, 2, 3, 11]
            .iter()
            .flat_map(|&number| string(&[number]))
            .collect();
        let head = [&[0, 0, 0, 5, 0, 0, 0, 5], string(b"ssh-rsa").as_slice()].concat();
        [head, numbers, string(b"me"), padding.to_vec()].concat()
    }

    #[test]
    fn keys_are_read() {
        let key = parse(&file(b"none", &private(&[1, 2, 3]))).unwrap();
        assert_eq!(
            (key.modulus, key.exponent),
            (BigUint::from(33_u32), BigUint::from(7_u32))
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let whole = file(b"none", &private(&[]));
        for (contents, wanted) in [
            (b"".to_vec(), "ssh: invalid openssh private key format"),
            (
                MAGIC.to_vec(),
                "ssh: unmarshal error for field CipherName of type openSSHEncryptedPrivateKey",
            ),
            (whole[..50].to_vec(), "ssh: short read"),
            (
                file(b"aes256-ctr", &private(&[])),
                "ssh: this private key is passphrase protected",
            ),
            (file(b"none", &private(&[1, 3])), "ssh: padding not as expected"),
            (file(b"none", b""), "ssh: malformed OpenSSH key"),
            (
                file(b"none", &[0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 0]),
                "ssh: malformed OpenSSH key",
            ),
            (
                file(b"none", &[0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 0]),
                "ssh: unhandled key type",
            ),
        ] {
            match parse(&contents).unwrap_err() {
                KeyError::Other(why) => assert_eq!(why, wanted),
                other => panic!("{other:?}"),
            }
        }
    }
}
