//! Approvals: which ones a review needs, and which ones it has.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tf_cli::settings::Settings;
use tf_cli::settings::review::Approver;
use tf_model::config::files::display_name;
use tf_review::Changes;

use crate::plan::folder::{APPROVALS, write_private};
use crate::seal::{Seal, Signature, SigningKey, VerifyingKey};

/// An approval that a review needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Needed {
    /// The name of the rule.
    pub(crate) rule: String,
    /// The risks of the plan because of which it is needed; none where it is needed for every change.
    risks: Vec<String>,
    pub(crate) count: usize,
    /// Who may.
    by: Vec<String>,
    own: bool,
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of {}", self.rule, self.count, self.by.join(", "))?;
        if !self.own {
            f.write_str(", not who made the plan")?;
        }
        if !self.risks.is_empty() {
            write!(f, ", because of {}", self.risks.join(", "))?;
        }
        Ok(())
    }
}

/// The approvals that a plan needs.
pub(crate) fn needed(settings: &Settings, root: &Path, changes: &Changes) -> Vec<Needed> {
    if changes.is_empty() {
        return Vec::new();
    }
    let base = settings
        .file
        .as_deref()
        .and_then(Path::parent)
        .unwrap_or(Path::new(""));
    let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let shown = display_name(&absolute(root), &absolute(base));
    let present: BTreeSet<&str> = changes
        .resources
        .iter()
        .map(|change| change.risk.as_str())
        .collect();
    let everyone: Vec<String> = settings
        .gate
        .approvers
        .iter()
        .map(|approver| approver.name.clone())
        .collect();
    let rules = settings.gate.approvals.iter().filter(|rule| rule.is_for(&shown));
    rules
        .filter_map(|rule| {
            let risks: Vec<String> = rule
                .risks
                .iter()
                .filter(|risk| present.contains(risk.as_str()))
                .cloned()
                .collect();
            (rule.risks.is_empty() || !risks.is_empty()).then(|| Needed {
                rule: rule.name.clone(),
                risks,
                count: rule.count,
                by: match rule.by.is_empty() {
                    true => everyone.clone(),
                    false => rule.by.clone(),
                },
                own: rule.own,
            })
        })
        .collect()
}

/// An approval that was given.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Approval {
    /// Who gave it.
    pub(crate) approver: String,
    /// When: RFC 3339, UTC.
    pub(crate) at: String,
    /// The digest of the seal that it is for.
    pub(crate) seal: String,
    /// Their signature.
    pub(crate) signature: Signature,
}

impl Approval {
    /// Approves a seal.
    pub(crate) fn give(
        approver: &str,
        seal: &Seal,
        now: Timestamp,
        key: &SigningKey,
    ) -> anyhow::Result<Approval> {
        let at = now.strftime("%FT%TZ").to_string();
        Ok(Approval {
            signature: key.sign(&signed(approver, &at, &seal.digest))?,
            approver: approver.to_owned(),
            at,
            seal: seal.digest.clone(),
        })
    }
}

/// What is signed. None of the parts holds a line feed but perhaps a name, which comes last.
fn signed(approver: &str, at: &str, seal: &str) -> String {
    format!("plumbline approval\n{seal}\n{at}\n{approver}")
}

/// The approvals beside a review.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Approval>> {
    let file = folder.join(APPROVALS);
    match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("{} is not whole", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// Adds one; a second one of the same approver takes the place of the first.
pub(crate) fn add(folder: &Path, approval: Approval) -> anyhow::Result<()> {
    let mut all = read(folder)?;
    all.retain(|other| other.approver != approval.approver);
    all.push(approval);
    all.sort_by(|a, b| a.approver.cmp(&b.approver));
    let text = serde_json::to_string_pretty(&all)? + "\n";
    write_private(&folder.join(APPROVALS), text.as_bytes())
}

/// What is missing, in sentences, and who approved: by a signature beside the review, or in GitHub, which names logins.
pub(crate) fn check(
    needed: &[Needed],
    given: &[Approval],
    logins: &[String],
    seal: &Seal,
    settings: &Settings,
) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let mut missing = Vec::new();
    let has_login = |approver: &Approver, login: &str| {
        // GitHub's logins are the same in capitals.
        let own = approver.github.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(login))
    };
    let approvers = &settings.gate.approvers;
    let in_github = |approver: &&Approver| logins.iter().any(|login| has_login(approver, login));
    let mut valid: BTreeSet<&str> = approvers
        .iter()
        .filter(in_github)
        .map(|approver| approver.name.as_str())
        .collect();
    // One person has a name here and a login there.
    let author = approvers
        .iter()
        .find(|approver| approver.name == seal.author || has_login(approver, &seal.author))
        .map_or(seal.author.as_str(), |approver| approver.name.as_str());
    for approval in given {
        let known = settings
            .gate
            .approvers
            .iter()
            .find(|approver| approver.name == approval.approver);
        let Some(known) = known else {
            missing.push(format!(
                "the approval of {} does not count: plumbline.hcl has no approver of that name",
                approval.approver
            ));
            continue;
        };
        let Some(named) = &known.key else {
            missing.push(format!(
                "the approval of {} does not count: plumbline.hcl has no key of theirs",
                approval.approver
            ));
            continue;
        };
        let key = VerifyingKey::open(named)?;
        if approval.seal != seal.digest {
            missing.push(format!(
                "the approval of {} is for another review: it has to be given again",
                approval.approver
            ));
        } else if !key.signed(
            &signed(&approval.approver, &approval.at, &approval.seal),
            &approval.signature,
        )? {
            missing.push(format!(
                "the approval of {} is not signed with the key of {}",
                approval.approver, named
            ));
        } else {
            valid.insert(&known.name);
        }
    }
    for rule in needed {
        let counted = valid
            .iter()
            .filter(|name| rule.by.iter().any(|by| by == **name) && (rule.own || **name != author))
            .count();
        if counted < rule.count {
            let own = match !rule.own && valid.contains(author) {
                true => format!(" ({author} made the plan and cannot approve it)"),
                false => String::new(),
            };
            missing.push(format!("it lacks an approval: it has {counted} for {rule}{own}"));
        }
    }
    Ok((missing, valid.into_iter().map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
    use ed25519_dalek::pkcs8::{EncodePrivateKey, EncodePublicKey};
    use tf_cli::settings::key::KeyName;
    use tf_model::plan::Action;
    use tf_review::{ResourceChange, Risk};

    use super::*;
    use crate::seal::tests::seal;

    fn keys(dir: &Path, name: &str, seed: u8) -> PathBuf {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let private = dir.join(name);
        std::fs::write(&private, key.to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap();
        let public = key.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
        std::fs::write(dir.join(format!("{name}.pub")), public).unwrap();
        private
    }

    fn changes(risk: Risk) -> Changes {
        Changes {
            resources: vec![ResourceChange {
                addresses: vec!["aws_db_instance.a".to_owned()],
                ty: "aws_db_instance".to_owned(),
                action: Action::Delete,
                risk,
                forced_by: Vec::new(),
                previous: Vec::new(),
                imports: false,
                deposed: None,
                reason: None,
                differences: Vec::new(),
                cost: None,
            }],
            ..Changes::default()
        }
    }

    #[test]
    fn who_has_to_approve_what() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("environments/prod/data");
        std::fs::create_dir_all(&root).unwrap();
        let file = dir.path().join("plumbline.hcl");
        let text = r#"gate {
  approval "production" {
    roots = ["environments/prod/**"]
    risks = ["data-loss"]
    count = 2
  }
  approver "alice" { key = "alice.pub" }
  approver "bob" { key = "bob.pub" }
  approver "carol" { key = "carol.pub"
 github = "carol-at-work"
 }
  approver "dave" { key = "dave.pub" }
}
"#
        .replace("{ key", "{\n key")
        .replace("pub\" }", "pub\"\n}")
        .replace("key = \"dave.pub\"", "github = \"dave\"");
        std::fs::write(&file, text).unwrap();
        let settings = Settings::read(&file).unwrap();
        assert_eq!(needed(&settings, &root, &changes(Risk::Rest)), []);
        assert_eq!(needed(&settings, dir.path(), &changes(Risk::DataLoss)), []);
        assert_eq!(needed(&settings, &root, &Changes::default()), []);
        let rules = needed(&settings, &root, &changes(Risk::DataLoss));
        assert_eq!(
            rules[0].to_string(),
            "production: 2 of alice, bob, carol, dave, not who made the plan, because of data-loss"
        );

        let seal = Seal {
            author: "alice".to_owned(),
            ..seal()
        }
        .close(None)
        .unwrap();
        let now: Timestamp = "2026-11-21T21:00:00Z".parse().unwrap();
        let give = |name: &str, key: &Path| {
            let key = SigningKey::open(&KeyName::File(key.to_owned())).unwrap();
            Approval::give(name, &seal, now, &key).unwrap()
        };
        let alice = give("alice", &keys(dir.path(), "alice", 1));
        let bob = give("bob", &keys(dir.path(), "bob", 2));
        let carol = give("carol", &keys(dir.path(), "carol", 3));
        let told = |given: &[Approval]| check(&rules, given, &[], &seal, &settings).unwrap().0.join("; ");
        assert_eq!(told(&[bob.clone(), carol.clone()]), "");
        assert!(told(&[]).contains("it has 0 for production: 2 of alice, bob, carol, dave"));
        assert!(told(std::slice::from_ref(&bob)).contains("it has 1 for"));
        assert!(told(&[alice, bob.clone()]).contains("alice made the plan and cannot approve it"));
        let forged = Approval {
            approver: "carol".to_owned(),
            ..bob.clone()
        };
        assert!(told(&[bob.clone(), forged]).contains("carol is not signed with the key of"));
        let stale = Approval {
            seal: "sha256:other".to_owned(),
            ..carol.clone()
        };
        assert!(told(&[bob.clone(), stale]).contains("carol is for another review"));
        // In GitHub, and both ways together; who approves twice is one person.
        let logins = |names: &[&str], given: &[Approval]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            check(&rules, given, &names, &seal, &settings).unwrap()
        };
        let both = logins(&["Carol-at-work", "dave", "mallory"], &[]);
        assert_eq!(both, (Vec::new(), vec!["carol".to_owned(), "dave".to_owned()]));
        assert!(logins(&["carol-at-work"], std::slice::from_ref(&carol)).0[0].contains("it has 1 for"));
        assert_eq!(logins(&["dave"], std::slice::from_ref(&bob)).0, [""; 0]);
        let own = Seal {
            author: "CAROL-at-work".to_owned(),
            ..seal.clone()
        };
        let names = ["carol-at-work".to_owned(), "dave".to_owned()];
        let told_own = check(&rules, &[], &names, &own, &settings).unwrap().0;
        assert!(
            told_own[0].contains("carol made the plan and cannot approve it"),
            "{told_own:?}"
        );
        let unsigned = Approval {
            approver: "dave".to_owned(),
            ..bob.clone()
        };
        assert!(told(&[unsigned]).contains("plumbline.hcl has no key of theirs"));
        let stranger = Approval {
            approver: "mallory".to_owned(),
            ..bob
        };
        assert!(told(&[stranger]).contains("no approver of that name"));
    }
}
