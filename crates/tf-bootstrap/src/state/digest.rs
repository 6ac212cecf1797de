//! The digest of a state that Terraform keeps in the lock table.

use md5::{Digest, Md5};

/// The MD5 of a state's bytes in lower-case hexadecimal, as the `Digest` of the item `<bucket>/<key>-md5`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let sum = Md5::digest(bytes);
    let mut text = String::with_capacity(32);
    for byte in sum {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn digests_are_lower_case_hexadecimal() {
        // RFC 1321, A.5.
        assert_eq!(digest(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(digest(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }
}
