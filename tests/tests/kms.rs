//! Reviews that are signed in KMS: by the emulator's, and by a double of KMS that signs as AWS does and fails as AWS does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
mod workshop;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use workshop::{Ended, Workshop};

const REVIEW: &str = "environments/dev/.terraform/plumbline/review";

fn settings(workshop: &Workshop, signer: &str) {
    workshop.write(
        "plumbline.hcl",
        &format!(
            "gate {{\n  policy_dirs = [\"policies\"]\n  review {{\n    signers = [\"{signer}\"]\n  }}\n}}\n"
        ),
    );
    workshop.commit("signers");
}

fn review(workshop: &Workshop) -> Json {
    let file = workshop.path().join(REVIEW).join("review.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Changes the seal's signature.
fn tamper(workshop: &Workshop, change: impl FnOnce(&mut Json)) {
    let mut review = review(workshop);
    change(&mut review["seal"]["signature"]);
    let file = workshop.path().join(REVIEW).join("review.json");
    fs::write(file, serde_json::to_string_pretty(&review).unwrap()).unwrap();
}

#[test]
fn a_review_is_signed_and_checked_by_kms() {
    let workshop = Workshop::with(&["dev"]);
    let arn = workshop.boto(
        "kms = boto3.client('kms')\n\
         for name, spec in (('ci', 'ECC_NIST_P256'), ('other', 'ECC_NIST_P256'), ('rsa', 'RSA_2048')):\n\
         \x20 key = kms.create_key(KeySpec=spec, KeyUsage='SIGN_VERIFY')['KeyMetadata']\n\
         \x20 kms.create_alias(AliasName='alias/' + name, TargetKeyId=key['KeyId'])\n\
         \x20 result = result or key['Arn']",
    );
    settings(&workshop, "awskms:///alias/ci");
    let sign = |key: &str| {
        workshop
            .gate(&["plan", "environments/dev", "-q", "--sign-key", key])
            .with(0)
    };
    let refused = |says: &str| {
        let ended = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
        assert!(ended.err.contains(says), "{}", ended.err);
    };
    let none = "the signature of the review is of none of the keys that may sign";
    sign("awskms:///alias/other");
    refused(none);
    sign("awskms:///alias/rsa");
    assert_eq!(
        review(&workshop)["seal"]["signature"]["algorithm"],
        "RSASSA_PSS_SHA_256"
    );
    refused(none);
    sign(arn.as_str().unwrap());
    let good = review(&workshop)["seal"]["signature"].clone();
    assert_eq!(good["algorithm"], "ECDSA_SHA_256");
    for change in [
        ("value", json!("MEUCIQDAAAAA")),
        ("value", json!("no base64")),
        ("algorithm", json!("ECDSA_SHA_384")),
        ("algorithm", json!("none")),
    ] {
        tamper(&workshop, |signature| signature[change.0] = change.1.clone());
        refused(none);
        tamper(&workshop, |signature| *signature = good.clone());
    }
    workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(0);
}

/// How a double of KMS behaves.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Good,
    /// Fails with this code at this operation.
    Fails(&'static str, &'static str),
}

/// A double of KMS with one key, which `openssl` has made.
struct Kms {
    url: String,
    mood: Arc<Mutex<Mood>>,
}

impl Kms {
    fn new(key: PathBuf, spec: &'static str, algorithm: &'static str) -> Kms {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mood = Arc::new(Mutex::new(Mood::Good));
        let kept = mood.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (operation, asked) = read(&stream);
                let mood = *kept.lock().unwrap();
                let (status, answer) = match mood {
                    Mood::Fails(at, code) if at == operation => {
                        (400, json!({"__type": code, "message": "so says KMS"}))
                    }
                    _ => (200, answer(&key, spec, algorithm, &operation, &asked)),
                };
                let body = answer.to_string();
                let text = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(text.as_bytes());
            }
        });
        Kms { url, mood }
    }

    fn gate(&self, workshop: &Workshop, args: &[&str]) -> Ended {
        let mut command = workshop.command(workshop.path(), args);
        Ended::of(command.env("AWS_ENDPOINT_URL_KMS", &self.url).output().unwrap())
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

/// The operation of a request, and its body.
fn read(stream: &TcpStream) -> (String, Json) {
    let mut reader = BufReader::new(stream);
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => operation = value.trim().trim_start_matches("TrentService.").to_owned(),
            "content-length" => length = value.trim().parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (operation, serde_json::from_slice(&body).unwrap())
}

fn answer(key: &Path, spec: &str, algorithm: &str, operation: &str, asked: &Json) -> Json {
    assert_eq!(asked["KeyId"], "alias/ci");
    match operation {
        "GetPublicKey" => {
            let der = openssl(&["pkey", "-pubout", "-outform", "DER", "-in", key.to_str().unwrap()]);
            json!({"KeySpec": spec, "PublicKey": STANDARD.encode(der), "SigningAlgorithms": [algorithm]})
        }
        "Sign" => {
            assert_eq!(
                (&asked["MessageType"], &asked["SigningAlgorithm"]),
                (&json!("RAW"), &json!(algorithm))
            );
            let dir = tempfile::tempdir().unwrap();
            let message = dir.path().join("message");
            fs::write(
                &message,
                STANDARD.decode(asked["Message"].as_str().unwrap()).unwrap(),
            )
            .unwrap();
            let digest = if algorithm.ends_with("384") {
                "-sha384"
            } else {
                "-sha256"
            };
            let mut args = vec!["dgst", digest, "-sign", key.to_str().unwrap()];
            if algorithm.starts_with("RSASSA_PSS") {
                args.extend([
                    "-sigopt",
                    "rsa_padding_mode:pss",
                    "-sigopt",
                    "rsa_pss_saltlen:digest",
                ]);
            }
            args.push(message.to_str().unwrap());
            json!({"Signature": STANDARD.encode(openssl(&args)), "SigningAlgorithm": algorithm})
        }
        other => panic!("{other} is not expected"),
    }
}

fn openssl(args: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(args).output().unwrap();
    assert!(
        output.status.success(),
        "openssl {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Makes a key pair outside of the repository, and puts the public key into it.
fn key(workshop: &Workshop, dir: &Path, name: &str, options: &[&str]) -> PathBuf {
    let private = dir.join(name);
    let mut args = vec!["genpkey", "-out", private.to_str().unwrap()];
    args.extend(options);
    openssl(&args);
    let public = workshop.path().join(format!("{name}.pub"));
    openssl(&[
        "pkey",
        "-pubout",
        "-in",
        private.to_str().unwrap(),
        "-out",
        public.to_str().unwrap(),
    ]);
    private
}

#[test]
fn what_kms_signed_is_checked_without_it() {
    let keys = tempfile::tempdir().unwrap();
    let workshop = Workshop::with(&["dev"]);
    for (name, options, spec, algorithm) in [
        (
            "p256",
            ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "ECC_NIST_P256",
            "ECDSA_SHA_256",
        ),
        (
            "p384",
            ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            "ECC_NIST_P384",
            "ECDSA_SHA_384",
        ),
        (
            "rsa",
            ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            "RSA_2048",
            "RSASSA_PSS_SHA_256",
        ),
    ] {
        let private = key(&workshop, keys.path(), name, &options);
        key(&workshop, keys.path(), "stranger", &options);
        let kms = Kms::new(private, spec, algorithm);
        let sign = [
            "plan",
            "environments/dev",
            "-q",
            "--sign-key",
            "awskms:///alias/ci",
        ];
        settings(&workshop, "stranger.pub");
        kms.gate(&workshop, &sign).with(0);
        // Whoever checks needs no access to KMS.
        let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
        assert!(
            refused.err.contains("is of none of the keys"),
            "{name}: {}",
            refused.err
        );
        settings(&workshop, &format!("{name}.pub"));
        kms.gate(&workshop, &sign).with(0);
        tamper(&workshop, |signature| {
            let mut bytes = STANDARD.decode(signature["value"].as_str().unwrap()).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            signature["value"] = json!(STANDARD.encode(bytes));
        });
        let refused = workshop.gate(&["apply", REVIEW, "--yes"]).with(1);
        assert!(
            refused.err.contains("is of none of the keys"),
            "{name}: {}",
            refused.err
        );
        kms.gate(&workshop, &sign).with(0);
        // Nothing is changed the second time, but it is checked all the same.
        workshop.gate(&["apply", REVIEW, "--yes", "-q"]).with(0);
    }
}

#[test]
fn what_goes_wrong_in_kms_is_told_apart() {
    let keys = tempfile::tempdir().unwrap();
    let workshop = Workshop::with(&["dev"]);
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let private = key(&workshop, keys.path(), "ci", &curve);
    let kms = Kms::new(private.clone(), "ECC_NIST_P256", "ECDSA_SHA_256");
    let sign = [
        "plan",
        "environments/dev",
        "-q",
        "--sign-key",
        "awskms:///alias/ci",
    ];
    for (operation, code, says) in [
        (
            "Sign",
            "DisabledException",
            "the key awskms:///alias/ci is disabled or about to be deleted",
        ),
        (
            "Sign",
            "KMSInvalidStateException",
            "the key awskms:///alias/ci is disabled or about to be deleted",
        ),
        (
            "Sign",
            "AccessDeniedException",
            "access denied: kms:Sign on key alias/ci is missing",
        ),
        (
            "GetPublicKey",
            "AccessDeniedException",
            "access denied: kms:GetPublicKey on key alias/ci is missing",
        ),
        (
            "GetPublicKey",
            "NotFoundException",
            "there is no key awskms:///alias/ci in eu-west-1",
        ),
        (
            "GetPublicKey",
            "UnsupportedOperationException",
            "awskms:///alias/ci is no key that signs",
        ),
        (
            "GetPublicKey",
            "ExpiredTokenException",
            "the credentials have expired",
        ),
    ] {
        kms.is(Mood::Fails(operation, code));
        let failed = kms.gate(&workshop, &sign).with(2);
        assert!(failed.err.contains(says), "{code}: {}", failed.err);
    }
    kms.is(Mood::Good);
    settings(&workshop, "awskms:///alias/ci");
    kms.gate(&workshop, &sign).with(0);
    let apply = ["apply", REVIEW, "--yes"];
    for (code, exit, says) in [
        (
            "DisabledException",
            2,
            "the key awskms:///alias/ci is disabled or about to be deleted",
        ),
        (
            "AccessDeniedException",
            2,
            "access denied: kms:Verify on key alias/ci is missing",
        ),
        (
            "NotFoundException",
            2,
            "there is no key awskms:///alias/ci in eu-west-1",
        ),
        (
            "KMSInvalidSignatureException",
            1,
            "is of none of the keys that may sign",
        ),
    ] {
        kms.is(Mood::Fails("Verify", code));
        let failed = kms.gate(&workshop, &apply).with(exit);
        assert!(failed.err.contains(says), "{code}: {}", failed.err);
        assert_eq!(workshop.objects(), json!({}), "{code}");
    }
    let wrong = Kms::new(private, "ECC_SECG_P256K1", "ECDSA_SHA_256");
    let failed = wrong.gate(&workshop, &sign).with(2);
    assert!(
        failed.err.contains("is a key of ECC_SECG_P256K1"),
        "{}",
        failed.err
    );
}

#[test]
fn the_proxy_of_the_environment_is_used_but_not_for_this_machine() {
    let keys = tempfile::tempdir().unwrap();
    let workshop = Workshop::with(&["dev"]);
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let private = key(&workshop, keys.path(), "ci", &curve);
    // It takes a proxy's requests as it takes others, and knows no operation of S3.
    let proxy = Kms::new(private, "ECC_NIST_P256", "ECDSA_SHA_256");
    settings(&workshop, "ci.pub");
    for args in [
        &[
            "plan",
            "environments/dev",
            "-q",
            "--sign-key",
            "awskms:///alias/ci",
        ][..],
        &["apply", REVIEW, "--yes", "-q"],
    ] {
        let mut command = workshop.command(workshop.path(), args);
        command
            .env("AWS_ENDPOINT_URL_KMS", "http://kms.example.invalid")
            .env("HTTP_PROXY", &proxy.url)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        let ended = Ended::of(command.output().unwrap()).with(0);
        assert!(!ended.err.contains("warning"), "{}", ended.err);
    }
}
