//! The seal of a review: what the plan was made of, so that `apply` can tell whether any of it moved.
//!
//! Without a key a seal guards against accidents: whoever can write the folder can make a new seal. With a key it guards against
//! people. In either case `apply` judges the plan again, so that a verdict cannot be forged.

mod key;
mod kms;
mod public;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tf_terraform::StateId;

pub(crate) use key::{Signature, SigningKey, VerifyingKey, any_signed};

use crate::arguments::Arguments;
use crate::configuration::{Digests, sha256};

/// By what a review was judged, as far as the command line said it.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Rules {
    /// The least severity that fails; none fails nothing.
    pub(crate) fail_on: Option<String>,
    /// Whether failures that were there before fail too.
    pub(crate) fail_on_existing: bool,
    /// Whether what is not known fails too.
    pub(crate) fail_on_unknown: bool,
    /// Policies that were selected.
    pub(crate) only: Vec<String>,
    /// Policies that were left out.
    pub(crate) skip: Vec<String>,
    /// Folders of further policies.
    pub(crate) policy_dirs: Vec<PathBuf>,
}

/// What a review was made of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Seal {
    /// When it was made: RFC 3339, UTC.
    pub(crate) made: String,
    /// Until when it may be applied.
    pub(crate) expires: String,
    /// Who made it.
    pub(crate) author: String,
    /// The root's folder in its repository.
    pub(crate) root: String,
    /// Terraform's workspace.
    pub(crate) workspace: String,
    /// What was checked out.
    pub(crate) commit: Option<String>,
    /// Files of the root that were not committed.
    pub(crate) uncommitted: Vec<String>,
    /// `terraform 1.11.4`.
    pub(crate) terraform: String,
    /// SHA-256 of the plan file.
    pub(crate) plan: String,
    /// SHA-256 of each file that the root depends on, its lock file and variables included.
    pub(crate) configuration: Digests,
    /// What the command line gave to the plan; none where the plan was made elsewhere.
    pub(crate) arguments: Option<Arguments>,
    /// SHA-256 of the values of variables that are not sensitive.
    pub(crate) variables: String,
    /// The state that the plan changes; none where there is none yet.
    pub(crate) state: Option<StateId>,
    /// By what it was judged.
    pub(crate) rules: Rules,
    /// SHA-256 of policies and settings.
    pub(crate) policies: String,
    /// SHA-256 of all verdicts.
    pub(crate) verdicts: String,
    /// SHA-256 of the review without its seal.
    pub(crate) review: String,
    /// The approvals that it needs, in words.
    pub(crate) approvals: Vec<String>,
    /// SHA-256 of all of the above.
    #[serde(default)]
    pub(crate) digest: String,
    /// Who vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<Signature>,
}

impl Seal {
    /// The digest of what is sealed.
    pub(crate) fn own_digest(&self) -> String {
        let sealed = Seal {
            digest: String::new(),
            signature: None,
            ..self.clone()
        };
        // Field order is the order of the struct, and maps are sorted: the same seal is the same text.
        sha256(serde_json::to_vec(&sealed).unwrap_or_default())
    }

    /// Closes it.
    pub(crate) fn close(mut self, key: Option<&SigningKey>) -> anyhow::Result<Seal> {
        self.digest = self.own_digest();
        self.signature = key.map(|key| key.sign(&self.digest)).transpose()?;
        Ok(self)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A seal for tests.
    pub(crate) fn seal() -> Seal {
        Seal {
            made: "2026-11-21T20:00:00Z".to_owned(),
            expires: "2026-11-22T20:00:00Z".to_owned(),
            author: "alice@example.com".to_owned(),
            root: "environments/dev/data".to_owned(),
            workspace: "default".to_owned(),
            commit: Some("c0ffee".to_owned()),
            uncommitted: Vec::new(),
            terraform: "terraform 1.11.4".to_owned(),
            plan: sha256("plan"),
            configuration: Digests::from([("main.tf".to_owned(), sha256("main"))]),
            arguments: Some(Arguments::default()),
            variables: sha256("variables"),
            state: Some(StateId {
                lineage: "l".to_owned(),
                serial: 3,
            }),
            rules: Rules::default(),
            policies: sha256("policies"),
            verdicts: sha256("verdicts"),
            review: sha256("review"),
            approvals: Vec::new(),
            digest: String::new(),
            signature: None,
        }
    }

    #[test]
    fn every_field_is_under_the_digest() {
        let closed = seal().close(None).unwrap();
        assert_eq!(closed.digest, closed.own_digest());
        let json = serde_json::to_value(&closed).unwrap();
        for field in json.as_object().unwrap().keys().filter(|name| *name != "digest") {
            let mut other = json.clone();
            let slot = &mut other[field];
            *slot = match &*slot {
                serde_json::Value::String(text) => format!("{text}x").into(),
                serde_json::Value::Array(_) => serde_json::json!(["x"]),
                serde_json::Value::Object(_) if field == "state" => {
                    serde_json::json!({"lineage": "l", "serial": 4})
                }
                serde_json::Value::Object(_) if field == "arguments" => {
                    serde_json::json!({"destroy": true, "variables": []})
                }
                serde_json::Value::Object(_) if field == "rules" => {
                    let mut rules = seal().rules;
                    rules.skip.push("x".to_owned());
                    serde_json::to_value(rules).unwrap()
                }
                serde_json::Value::Object(_) => serde_json::json!({"main.tf": "x"}),
                other => panic!("{field}: {other}"),
            };
            let moved: Seal = serde_json::from_value(other).unwrap();
            assert_ne!(moved.own_digest(), closed.digest, "{field}");
        }
    }
}
