//! The little of DER (ITU-T X.690) that keys are made of, with the sentences of Go's `encoding/asn1`.

use num_bigint::BigInt;

/// Tag of an integer.
pub(super) const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// What is wrong with the encoding.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum DerError {
    /// It is no DER.
    #[error("asn1: syntax error: {0}")]
    Syntax(String),
    /// It is DER of something else.
    #[error("asn1: structure error: {0}")]
    Structure(String),
}

fn syntax<T>(why: &str) -> Result<T, DerError> {
    Err(DerError::Syntax(why.to_owned()))
}

fn structure<T>(why: &str) -> Result<T, DerError> {
    Err(DerError::Structure(why.to_owned()))
}

/// Reads one element after the other.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// How many bytes of the element around it come before the rest.
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Reader<'a> {
        Reader { rest, at: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next element.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.at += 1;
        Some(byte)
    }

    fn length(&mut self) -> Result<usize, DerError> {
        const TRUNCATED: &str = "truncated tag or length";
        let Some(first) = self.byte() else {
            return syntax(TRUNCATED);
        };
        if first < 0x80 {
            return Ok(first.into());
        }
        let bytes = first & 0x7f;
        if bytes == 0 {
            return syntax("indefinite length found (not DER)");
        }
        let mut length = 0_usize;
        for _ in 0..bytes {
            let Some(byte) = self.byte() else {
                return syntax(TRUNCATED);
            };
            if length >= 1 << 23 {
                return structure("length too large");
            }
            length = length << 8 | usize::from(byte);
            if length == 0 {
                return structure("superfluous leading zeros in length");
            }
        }
        if length < 0x80 {
            structure("non-minimal length")
        } else {
            Ok(length)
        }
    }

    /// The contents of the next element. `name` is Go's for the type it is read into.
    fn element(&mut self, wanted: u8, name: &str) -> Result<&'a [u8], DerError> {
        let Some(tag) = self.byte() else {
            return syntax("sequence truncated");
        };
        let length = self.length()?;
        if tag != wanted {
            return structure(&format!(
                "tags don't match ({} vs {{class:{} tag:{} length:{length} isCompound:{}}}) {{optional:false \
                 explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 \
                 timeType:0 set:false omitEmpty:false}} {name} @{}",
                wanted & 0x1f,
                tag >> 6,
                tag & 0x1f,
                tag & 0x20 != 0,
                self.at
            ));
        }
        let Some((contents, rest)) = self.rest.split_at_checked(length) else {
            return syntax("data truncated");
        };
        self.rest = rest;
        self.at += length;
        Ok(contents)
    }

    /// A sequence.
    pub(super) fn sequence(&mut self, name: &str) -> Result<Reader<'a>, DerError> {
        Ok(Reader::new(self.element(SEQUENCE, name)?))
    }

    /// An integer.
    pub(super) fn integer(&mut self, name: &str) -> Result<BigInt, DerError> {
        match self.element(INTEGER, name)? {
            [] => structure("empty integer"),
            [0, second, ..] if second & 0x80 == 0 => structure("integer not minimally-encoded"),
            [0xff, second, ..] if second & 0x80 != 0 => structure("integer not minimally-encoded"),
            contents => Ok(BigInt::from_signed_bytes_be(contents)),
        }
    }

    /// Bytes.
    pub(super) fn octets(&mut self) -> Result<&'a [u8], DerError> {
        self.element(OCTETS, "")
    }

    /// An object identifier, with points.
    pub(super) fn object_identifier(&mut self) -> Result<String, DerError> {
        let contents = self.element(OBJECT_IDENTIFIER, "ObjectIdentifier")?;
        let mut arcs: Vec<u64> = Vec::new();
        let mut arc = 0_u64;
        for byte in contents {
            if arc > u64::from(u32::MAX) {
                return structure("base 128 integer too large");
            }
            arc = arc << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                // The first byte holds two.
                match arcs.is_empty() {
                    true => arcs.extend([(arc / 40).min(2), arc - (arc / 40).min(2) * 40]),
                    false => arcs.push(arc),
                }
                arc = 0;
            }
        }
        let arcs: Vec<String> = arcs.iter().map(u64::to_string).collect();
        Ok(arcs.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_keys_are_made_of() {
        let bytes = [
            0x30, 0x12, 2, 2, 0, 0x80, 2, 1, 0xff, 4, 1, 7, 6, 6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
        ];
        let mut outside = Reader::new(&bytes);
        let mut inside = outside.sequence("").unwrap();
        assert!(outside.is_empty());
        assert_eq!(inside.integer("").unwrap(), BigInt::from(128));
        assert_eq!(inside.integer("").unwrap(), BigInt::from(-1));
        assert_eq!(inside.octets().unwrap(), [7]);
        assert_eq!(inside.object_identifier().unwrap(), "1.2.840.113549");
        assert_eq!(inside.integer(""), syntax("sequence truncated"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (bytes, wanted) in [
            ([0x30].as_slice(), syntax("truncated tag or length")),
            (&[0x30, 0x80], syntax("indefinite length found (not DER)")),
            (&[0x30, 0x82, 1], syntax("truncated tag or length")),
            (&[0x30, 0x81, 0], structure("superfluous leading zeros in length")),
            (&[0x30, 0x81, 1], structure("non-minimal length")),
            (&[0x30, 0x85, 1, 0, 0, 0, 0], structure("length too large")),
            (&[0x30, 5, 0], syntax("data truncated")),
        ] {
            assert_eq!(Reader::new(bytes).sequence("x").map(|_| ()), wanted, "{bytes:?}");
        }
        let error = Reader::new(&[0x02, 1, 0])
            .sequence("pkcs1PrivateKey")
            .map(|_| ())
            .unwrap_err();
        assert!(error.to_string().starts_with(
            "asn1: structure error: tags don't match (16 vs {class:0 tag:2 length:1 isCompound:false}) {optional"
        ));
    }
}
