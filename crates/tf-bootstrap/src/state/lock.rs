//! What a lock says of itself.
//!
//! Source: `LockInfo` in Terraform's `internal/states/statemgr/locker.go`: a lock file and the `Info` of a lock item hold
//! the same JSON.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The information in a lock. Members that are not known are kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct LockInfo {
    /// What `force-unlock` and `locks break` ask for.
    #[serde(rename = "ID")]
    pub(crate) id: String,
    /// What is being done: `OperationTypeApply`.
    pub(crate) operation: String,
    /// More, of whoever took it.
    pub(crate) info: String,
    /// `user@host`.
    pub(crate) who: String,
    /// The version of Terraform.
    pub(crate) version: String,
    /// When it was taken: RFC 3339.
    pub(crate) created: String,
    /// `<bucket>/<key>`.
    pub(crate) path: String,
    /// What others add.
    #[serde(flatten)]
    pub(crate) more: Map<String, Value>,
}

impl LockInfo {
    /// Reads the information; `None` where it is none, which is no reason not to show the lock.
    pub(crate) fn parse(text: &str) -> Option<LockInfo> {
        serde_json::from_str(text)
            .ok()
            .filter(|info: &LockInfo| !info.id.is_empty())
    }

    /// The information as it is written.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// When it was taken.
    pub(crate) fn taken(&self) -> Option<Timestamp> {
        self.created.parse().ok()
    }

    /// The operation as one says it: `apply`.
    pub(crate) fn operation(&self) -> String {
        match self.operation.strip_prefix("OperationType") {
            Some(kind) => kind.to_lowercase(),
            None => self.operation.clone(),
        }
    }
}

/// A time span as one says it: the two largest units.
pub(crate) fn age(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {minutes}m"),
        (1..14, _, _) => format!("{days}d {hours}h"),
        _ => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = r#"{"ID":"2f1f","Operation":"OperationTypeApply","Info":"","Who":"ci@runner","Version":"1.11.4","Created":"2026-11-21T16:00:00.123456789Z","Path":"b/k"}"#;

    #[test]
    fn what_terraform_writes_comes_back_byte_by_byte() {
        let info = LockInfo::parse(INFO).unwrap();
        assert_eq!(info.to_json(), INFO);
        assert_eq!(info.operation(), "apply");
        let now: Timestamp = "2026-11-21T16:01:02.2Z".parse().unwrap();
        assert_eq!(age(now.duration_since(info.taken().unwrap())), "1m 2s");
    }

    #[test]
    fn members_that_are_not_known_are_kept() {
        let text = INFO.replace("\"Path\"", "\"Extra\":{\"a\":[1]},\"Path\"");
        let info = LockInfo::parse(&text).unwrap();
        assert_eq!(info.more["Extra"]["a"][0], 1);
        assert!(info.to_json().ends_with(r#","Extra":{"a":[1]}}"#));
    }

    #[test]
    fn what_is_no_information_is_none() {
        for text in ["", "x", "[]", "{}", "{\"ID\": 3}", "{\"ID\": \"\"}"] {
            assert_eq!(LockInfo::parse(text), None, "{text}");
        }
        assert_eq!(
            LockInfo::parse("{\"ID\":\"a\",\"Created\":\"soon\"}")
                .unwrap()
                .taken(),
            None
        );
    }

    #[test]
    fn ages_have_two_units() {
        let cases = [
            (-5, "0s"),
            (59, "59s"),
            (61, "1m 1s"),
            (3_661, "1h 1m"),
            (90_000, "1d 1h"),
            (5_000_000, "57d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(age(SignedDuration::from_secs(seconds)), text);
        }
    }
}
