//! What must not be shown: values that are marked sensitive, the same values elsewhere, and what looks like a secret.

use std::borrow::Cow;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE};
use tf_policy::{looks_secret, names_secret};

/// What stands in place of a secret.
pub(crate) const HIDDEN: &str = "(sensitive value)";

/// The shortest text behind a suspicious name that may be a secret; shorter ones are words and numbers.
const SHORTEST_RANDOM: usize = 12;

/// Bits a character above which a text behind a suspicious name counts as random. English prose has about 4 with its spaces,
/// single words and names below 3.
const RANDOM: f64 = 3.0;

/// Hides secrets in texts. It never shows them in its own debug output.
pub struct Mask {
    /// The secrets of a plan, and the forms in which they may stand in other texts.
    known: Option<AhoCorasick>,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask")
    }
}

impl Mask {
    /// Hides these, wherever they stand, and what looks like a secret.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Mask {
        let mut forms: Vec<String> = Vec::new();
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            forms.push(secret.to_owned());
            // Of a text of several lines, such as a private key, each line alone is one.
            forms.extend(
                secret
                    .lines()
                    .map(str::trim)
                    .filter(|line| line.len() >= 16)
                    .map(str::to_owned),
            );
            let quoted = serde_json::Value::from(secret).to_string();
            forms.push(quoted.trim_matches('"').to_owned());
            forms.push(STANDARD.encode(secret));
            forms.push(URL_SAFE.encode(secret));
            forms.push(percent_encoded(secret));
        }
        forms.sort();
        forms.dedup();
        let known = match forms.is_empty() {
            true => None,
            false => AhoCorasick::builder()
                .match_kind(aho_corasick::MatchKind::LeftmostLongest)
                .build(&forms)
                .ok(),
        };
        Mask { known }
    }

    /// A text with its secrets hidden. `name` is that of the attribute or key whose value it is.
    pub fn text<'t>(&self, name: &str, text: &'t str) -> Cow<'t, str> {
        if looks_secret(text) || (names_secret(name) && is_random(text)) || self.is_encoded(text) {
            return Cow::Borrowed(HIDDEN);
        }
        match &self.known {
            Some(known) if known.is_match(text) => {
                let mut out = String::with_capacity(text.len());
                let mut from = 0;
                for found in known.find_iter(text) {
                    out.push_str(text.get(from..found.start()).unwrap_or_default());
                    out.push_str(HIDDEN);
                    from = found.end();
                }
                out.push_str(text.get(from..).unwrap_or_default());
                Cow::Owned(out)
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// Whether a text is base64 of something that holds a secret, such as user data.
    fn is_encoded(&self, text: &str) -> bool {
        const SHORTEST: usize = 16;
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_\n".contains(&byte);
        if text.len() < SHORTEST || !text.bytes().all(is_base64) {
            return false;
        }
        let compact: Vec<u8> = text
            .bytes()
            .filter(|byte| *byte != b'\n')
            .map(|byte| match byte {
                b'-' => b'+',
                b'_' => b'/',
                other => other,
            })
            .collect();
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let decoded = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient).decode(compact);
        let Ok(decoded) = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) else {
            return false;
        };
        looks_secret(&decoded) || self.known.as_ref().is_some_and(|known| known.is_match(&decoded))
    }
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Whether a text looks drawn at random: one long word of several kinds of characters, none of the ways in which AWS names things.
fn is_random(text: &str) -> bool {
    let names = ["arn:", "http://", "https://", "projects/", "/"];
    if text.len() < SHORTEST_RANDOM
        || text.contains(char::is_whitespace)
        || names.iter().any(|start| text.starts_with(start))
    {
        return false;
    }
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    });
    let total = text.len() as f64;
    let bits: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum();
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    let kinds = [
        has(u8::is_ascii_lowercase),
        has(u8::is_ascii_uppercase),
        has(u8::is_ascii_digit),
        has(u8::is_ascii_punctuation),
    ];
    bits >= RANDOM && kinds.iter().filter(|kind| **kind).count() >= 2 && has(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        let secret = "p@ss \"word\" 1";
        let mask = Mask::new([secret]);
        for (text, shown) in [
            ("p@ss \"word\" 1", HIDDEN.to_owned()),
            (
                "user=a;password=p@ss \"word\" 1;",
                format!("user=a;password={HIDDEN};"),
            ),
            (r#"{"a":"p@ss \"word\" 1"}"#, format!("{{\"a\":\"{HIDDEN}\"}}")),
            ("x?p=p%40ss%20%22word%22%201", format!("x?p={HIDDEN}")),
            ("nothing here", "nothing here".to_owned()),
        ] {
            assert_eq!(mask.text("note", text), shown, "{text}");
        }
        let encoded = STANDARD.encode(format!("#!/bin/sh\nexport P='{secret}'\n"));
        assert_eq!(mask.text("user_data", &encoded), HIDDEN);
        assert_eq!(
            mask.text("user_data", &STANDARD.encode("#!/bin/sh\necho hello\n")),
            STANDARD.encode("#!/bin/sh\necho hello\n")
        );
        assert_eq!(format!("{mask:?}"), "Mask");
    }

    #[test]
    fn what_looks_like_a_secret_is_hidden_and_names_are_not() {
        let mask = Mask::new([]);
        for (name, text, hidden) in [
            ("password", "hK3v9Qw2LmZx7", true),
            ("db_password", "correct-horse-7-battery", true),
            ("name", "hK3v9Qw2LmZx7", false),
            (
                "secret_arn",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCd12",
                false,
            ),
            ("token_url", "https://example.com/oauth2/v1", false),
            ("secret_name", "/shop/dev/api/1", false),
            ("auth_type", "AWS_IAM", false),
            ("manage_master_user_password", "true", false),
            ("note", "-----BEGIN RSA PRIVATE KEY-----\nabc", true),
            ("url", "postgres://app:hunter2x@db.example.com/app", true),
        ] {
            assert_eq!(mask.text(name, text) == HIDDEN, hidden, "{name} = {text}");
        }
    }

    #[test]
    fn lines_of_a_long_secret_are_hidden_one_by_one() {
        let key = "first line of the key 01\nsecond line of the key 02\n";
        let mask = Mask::new([key]);
        assert_eq!(
            mask.text("a", "x second line of the key 02 y"),
            format!("x {HIDDEN} y")
        );
    }
}
