//! UUIDs of version 5. Sources: RFC 9562, and `github.com/google/uuid` v1.6.0 for which texts are UUIDs.

use sha1::{Digest as _, Sha1};

use crate::text::quote_go;

/// The bytes of a namespace: one of those that have a name, or any UUID.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn namespace(text: &str) -> Result<[u8; 16], String> {
    let well_known = |last: u8| {
        Ok([
            0x6b, 0xa7, 0xb8, last, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
        ])
    };
    match text {
        "dns" => well_known(0x10),
        "url" => well_known(0x11),
        "oid" => well_known(0x12),
        "x500" => well_known(0x14),
        _ => parse(text.as_bytes()),
    }
}

/// The usual form, also after `urn:uuid:` or in braces, or bare digits.
fn parse(text: &[u8]) -> Result<[u8; 16], String> {
    let invalid = || "invalid UUID format".to_owned();
    let usual = match text.len() {
        32 => return hexadecimal(text).ok_or_else(invalid),
        36 => text,
        // Whatever stands around it.
        38 => text.get(1..37).unwrap_or_default(),
        45 => {
            let (prefix, usual) = text.split_at_checked(9).unwrap_or_default();
            if !prefix.eq_ignore_ascii_case(b"urn:uuid:") {
                let prefix = String::from_utf8_lossy(prefix);
                return Err(format!("invalid urn prefix: {}", quote_go(&prefix)));
            }
            usual
        }
        length => return Err(format!("invalid UUID length: {length}")),
    };
    let is_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    if usual
        .iter()
        .enumerate()
        .any(|(at, &byte)| is_hyphen(at) && byte != b'-')
    {
        return Err(invalid());
    }
    let digits: Vec<u8> = usual
        .iter()
        .enumerate()
        .filter(|(at, _)| !is_hyphen(*at))
        .map(|(_, &byte)| byte)
        .collect();
    hexadecimal(&digits).ok_or_else(invalid)
}

fn hexadecimal(digits: &[u8]) -> Option<[u8; 16]> {
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let bytes: Option<Vec<u8>> = digits
        .chunks_exact(2)
        .map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.last()?)?))
        .collect();
    bytes?.try_into().ok()
}

/// The UUID of a name in a namespace.
pub(super) fn version5(namespace: [u8; 16], name: &[u8]) -> String {
    let hash = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut out = String::with_capacity(36);
    for (at, &byte) in hash.iter().take(16).enumerate() {
        let byte = match at {
            6 => byte & 0x0f | 0x50,
            8 => byte & 0x3f | 0x80,
            _ => byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_uuids_in_namespaces() {
        for (space, name, wanted) in [
            ("dns", "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"),
            ("url", "https://x", "48d34be5-10a3-5c30-96ef-9cf9a60110f2"),
            ("oid", "1.3.6", "bc8acacf-ab10-5568-8dca-bd10287208ae"),
            ("x500", "CN=Example", "fc36744a-3783-5ebd-aac6-5c7766b1e223"),
            (
                "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                "a",
                "4f3f2898-69e3-5a0d-820a-c4e87987dbce",
            ),
            (
                "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
                "a",
                "4f3f2898-69e3-5a0d-820a-c4e87987dbce",
            ),
            (
                "URN:uuid:6BA7b810-9dad-11d1-80b4-00c04fd430c8",
                "a",
                "4f3f2898-69e3-5a0d-820a-c4e87987dbce",
            ),
            (
                "6ba7b8109dad11d180b400c04fd430c8",
                "a",
                "4f3f2898-69e3-5a0d-820a-c4e87987dbce",
            ),
        ] {
            assert_eq!(
                version5(namespace(space).unwrap(), name.as_bytes()),
                wanted,
                "{space}"
            );
        }
    }

    #[test]
    fn other_texts_are_no_namespaces() {
        for (text, wanted) in [
            ("", "invalid UUID length: 0"),
            ("é", "invalid UUID length: 2"),
            (
                "urm:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                "invalid urn prefix: \"urm:uuid:\"",
            ),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430cx", "invalid UUID format"),
            ("6ba7b810x9dad-11d1-80b4-00c04fd430c8", "invalid UUID format"),
            ("6ba7b8109dad11d180b400c04fd430cx", "invalid UUID format"),
        ] {
            assert_eq!(namespace(text).unwrap_err(), wanted, "{text}");
        }
    }
}
