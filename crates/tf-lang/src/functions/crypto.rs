//! Functions that hash and decrypt. Source: `internal/lang/funcs/crypto.go` of Terraform 1.11.

mod rsa;
mod uuid;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::number::integer;
use super::{CallError, CallResult, FileError, Function, Host, Param, Ty, text};
use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Reason, Value};

const STR: Param = Param::new("str", Ty::String);
const PATH: Param = Param::new("path", Ty::String);

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("base64sha256", &[STR], Ty::String, hash::<Sha256, AsBase64>),
    Function::new("base64sha512", &[STR], Ty::String, hash::<Sha512, AsBase64>),
    Function::new("bcrypt", &[STR], Ty::String, bcrypt).with_rest(Param::new("cost", Ty::Number)),
    Function::new(
        "filebase64sha256",
        &[PATH],
        Ty::String,
        hash_file::<Sha256, AsBase64>,
    ),
    Function::new(
        "filebase64sha512",
        &[PATH],
        Ty::String,
        hash_file::<Sha512, AsBase64>,
    ),
    Function::new("filemd5", &[PATH], Ty::String, hash_file::<Md5, AsHexadecimal>),
    Function::new("filesha1", &[PATH], Ty::String, hash_file::<Sha1, AsHexadecimal>),
    Function::new(
        "filesha256",
        &[PATH],
        Ty::String,
        hash_file::<Sha256, AsHexadecimal>,
    ),
    Function::new(
        "filesha512",
        &[PATH],
        Ty::String,
        hash_file::<Sha512, AsHexadecimal>,
    ),
    Function::new("md5", &[STR], Ty::String, hash::<Md5, AsHexadecimal>),
    Function::new(
        "rsadecrypt",
        &[
            Param::new("ciphertext", Ty::String),
            Param::new("privatekey", Ty::String),
        ],
        Ty::String,
        rsadecrypt,
    ),
    Function::new("sha1", &[STR], Ty::String, hash::<Sha1, AsHexadecimal>),
    Function::new("sha256", &[STR], Ty::String, hash::<Sha256, AsHexadecimal>),
    Function::new("sha512", &[STR], Ty::String, hash::<Sha512, AsHexadecimal>),
    Function::new("uuid", &[], Ty::String, uuid4),
    Function::new(
        "uuidv5",
        &[
            Param::new("namespace", Ty::String),
            Param::new("name", Ty::String),
        ],
        Ty::String,
        uuidv5,
    ),
];

/// Base64 as Go's `base64.StdEncoding` reads it: padding is required, bits that do not count may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Decodes base64 as Go does, which ignores line breaks.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let joined: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    BASE64.decode(joined).ok()
}

/// How a hash is written.
trait Notation {
    fn write(hash: &[u8]) -> String;
}

struct AsBase64;
struct AsHexadecimal;

impl Notation for AsBase64 {
    fn write(hash: &[u8]) -> String {
        BASE64.encode(hash)
    }
}

impl Notation for AsHexadecimal {
    fn write(hash: &[u8]) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn hash<D: Digest, N: Notation>(_: &mut dyn Host, args: &[Value]) -> CallResult {
    Ok(N::write(&D::digest(text(args, 0))).into())
}

fn hash_file<D: Digest, N: Notation>(host: &mut dyn Host, args: &[Value]) -> CallResult {
    match host.files().read(text(args, 0)) {
        Ok(contents) => Ok(N::write(&D::digest(contents)).into()),
        Err(error) => Err(file_error(error)),
    }
}

/// These functions open files themselves, so Terraform passes on what the system says.
fn file_error(error: FileError) -> CallError {
    let message = match &error {
        FileError::Missing(path) => Some(format!("open {}: no such file or directory", plain_path(path))),
        FileError::Directory(path) => Some(format!("read {}: is a directory", plain_path(path))),
        _ => None,
    };
    let general = error.into_call_error(0);
    CallError {
        arg: None,
        message: message.unwrap_or(general.message),
        missing_file: general.missing_file,
    }
}

/// A path as Go cleans it before it opens the file.
fn plain_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(&last)) if last != ".." => drop(parts.pop()),
            ("..", None) if path.starts_with('/') => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (path.starts_with('/'), joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn bcrypt(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let cost = if args.len() > 1 {
        integer(args, 1).map_err(CallError::new)?
    } else {
        10
    };
    if args.len() > 2 {
        return Err(CallError::new("bcrypt() takes no more than two arguments"));
    }
    let failed = |why: &str| Err(CallError::new(format!("error occured generating password {why}")));
    if text(args, 0).len() > 72 {
        return failed("bcrypt: password length exceeds 72 bytes");
    }
    if cost > 31 {
        return failed(&format!(
            "crypto/bcrypt: cost {cost} is outside allowed range (4,31)"
        ));
    }
    Ok(Value::unknown(Type::String, Reason::Impure("bcrypt".into())).not_null())
}

fn uuid4(_: &mut dyn Host, _: &[Value]) -> CallResult {
    Ok(Value::unknown(Type::String, Reason::Impure("uuid".into())).not_null())
}

fn uuidv5(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let namespace = text(args, 0);
    match uuid::namespace(namespace) {
        Ok(bytes) => Ok(uuid::version5(bytes, text(args, 1).as_bytes()).into()),
        Err(why) => Err(CallError::new(format!(
            "uuidv5() doesn't support namespace {namespace} ({why})"
        ))),
    }
}

fn rsadecrypt(_: &mut dyn Host, args: &[Value]) -> CallResult {
    let encoded = text(args, 0);
    let Some(ciphertext) = decode_base64(encoded.as_bytes()) else {
        return Err(CallError::arg(
            0,
            format!(
                "failed to decode input {}: cipher text must be base64-encoded",
                quote_go(encoded)
            ),
        ));
    };
    let key = rsa::PrivateKey::parse(text(args, 1)).map_err(|message| CallError::arg(1, message))?;
    let plain = key
        .decrypt(&ciphertext)
        .ok_or_else(|| CallError::new("failed to decrypt: crypto/rsa: decryption error"))?;
    match String::from_utf8(plain) {
        Ok(plain) => Ok(plain.into()),
        // Terraform makes a string of any bytes, but here a string is text.
        Err(_) => {
            let reason = Reason::Unsupported("rsadecrypt() of bytes that are no text".into());
            Ok(Value::unknown(Type::String, reason).not_null())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_in_two_ways() {
        assert_eq!(
            AsHexadecimal::write(&Md5::digest("hello")),
            "5d41402abc4b2a76b9719d911017c592"
        );
        assert_eq!(
            AsBase64::write(&Sha256::digest("hello")),
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
        );
    }

    #[test]
    fn base64_reads_as_in_go() {
        for (text, wanted) in [
            ("aGVs\r\nbG8=", Some("hello")),
            ("aGVsbG9=", Some("hello")),
            ("aGVsbG8", None),
            ("aGVsbG8=x", None),
            ("", Some("")),
        ] {
            assert_eq!(
                decode_base64(text.as_bytes()).as_deref(),
                wanted.map(str::as_bytes),
                "{text}"
            );
        }
    }

    #[test]
    fn paths_are_shown_clean() {
        for (path, wanted) in [
            ("a//b/./../c", "a/c"),
            ("", "."),
            ("../a/..", ".."),
            ("/..//a", "/a"),
            ("/", "/"),
        ] {
            assert_eq!(plain_path(path), wanted);
        }
    }
}
