//! What the `gate` block says of plans, reviews and who approves them.

use std::path::PathBuf;
use std::time::Duration;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use tf_lang::ast::{Attribute, Block};

use super::key::KeyName;
use super::{Reader, SettingsError};

/// The risks that an approval may be bound to.
pub const RISKS: [&str; 5] = ["data-loss", "exposure", "privilege", "cost", "rest"];

/// How reviews are made and checked.
#[derive(Clone, Debug, Default)]
pub struct Reviews {
    /// How long a review may be applied.
    pub expires_after: Option<Duration>,
    /// Public keys in PEM, or keys in KMS: where there are any, a review that none of them signed is refused.
    pub signers: Vec<KeyName>,
    /// Where records of what was applied go: a folder, or `s3://bucket/prefix`.
    pub audit: Option<String>,
}

/// A `root` block: what is particular about a root module.
#[derive(Clone, Debug, Default)]
pub struct RootSettings {
    /// Its folder.
    pub dir: PathBuf,
    /// Folders of the roots that come before it.
    pub after: Vec<PathBuf>,
    /// Settings of its backend: `key=value`, or a file relative to the root.
    pub backend_config: Vec<String>,
    /// Files of variables.
    pub var_files: Vec<PathBuf>,
}

/// An `approval` block: who has to approve what.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Its name.
    pub name: String,
    /// Patterns of the roots that need it, relative to the settings file; all where none is given.
    pub patterns: Vec<String>,
    /// The patterns, compiled.
    roots: GlobSet,
    /// The risks that need it; all plans that change something where none is given.
    pub risks: Vec<String>,
    /// How many have to approve.
    pub count: usize,
    /// Who may; every approver where nobody is named.
    pub by: Vec<String>,
    /// Whether who made the plan may approve it too.
    pub own: bool,
}

impl Approval {
    /// Whether a root, relative to the settings file, needs it.
    pub fn is_for(&self, root: &str) -> bool {
        self.patterns.is_empty() || self.roots.is_match(root)
    }
}

/// An `approver` block.
#[derive(Clone, Debug)]
pub struct Approver {
    /// The name.
    pub name: String,
    /// The public key in PEM, or a key in KMS.
    pub key: Option<KeyName>,
    /// The login at GitHub.
    pub github: Option<String>,
}

impl Reader {
    pub(super) fn reviews(&self, block: &Block) -> Result<Reviews, SettingsError> {
        self.no_blocks(block)?;
        let mut reviews = Reviews::default();
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "expires_after" => reviews.expires_after = Some(self.duration(attribute)?),
                "signers" => {
                    let keys = self.texts(attribute)?;
                    reviews.signers = keys.iter().map(|key| KeyName::below(&self.dir, key)).collect();
                }
                "audit" => {
                    let place = self.text(attribute)?;
                    reviews.audit = Some(match place.starts_with("s3://") {
                        true => place,
                        false => self.dir.join(place).to_string_lossy().into_owned(),
                    });
                }
                _ => return Err(self.unknown(attribute, "expires_after, signers, audit")),
            }
        }
        Ok(reviews)
    }

    pub(super) fn root(&self, block: &Block) -> Result<RootSettings, SettingsError> {
        self.no_blocks(block)?;
        let mut root = RootSettings {
            dir: self.dir.join(self.label(block, "a folder")?),
            ..RootSettings::default()
        };
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "after" => root.after = self.paths(attribute)?,
                "backend_config" => root.backend_config = self.texts(attribute)?,
                "var_files" => root.var_files = self.paths(attribute)?,
                _ => return Err(self.unknown(attribute, "after, backend_config, var_files")),
            }
        }
        Ok(root)
    }

    pub(super) fn approval(&self, block: &Block) -> Result<Approval, SettingsError> {
        self.no_blocks(block)?;
        let mut approval = Approval {
            name: self.label(block, "a name")?,
            patterns: Vec::new(),
            roots: GlobSet::empty(),
            risks: Vec::new(),
            count: 1,
            by: Vec::new(),
            own: false,
        };
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "roots" => {
                    approval.patterns = self.texts(attribute)?;
                    approval.roots = self.globs(attribute, &approval.patterns)?;
                }
                "risks" => {
                    approval.risks = self.texts(attribute)?;
                    if let Some(other) = approval.risks.iter().find(|risk| !RISKS.contains(&risk.as_str())) {
                        let message = format!("\"{other}\" is not a risk: there are {}", RISKS.join(", "));
                        return Err(self.wrong(attribute.value.span, message));
                    }
                }
                "count" => approval.count = self.count(attribute, 1, 100)? as usize,
                "by" => approval.by = self.texts(attribute)?,
                "own" => approval.own = self.flag(attribute)?,
                _ => return Err(self.unknown(attribute, "roots, risks, count, by, own")),
            }
        }
        if !approval.by.is_empty() && approval.by.len() < approval.count {
            let message = format!(
                "{} have to approve, but only {} may: it can never be applied",
                approval.count,
                approval.by.len()
            );
            return Err(self.wrong(block.header, message));
        }
        Ok(approval)
    }

    pub(super) fn approver(&self, block: &Block) -> Result<Approver, SettingsError> {
        self.no_blocks(block)?;
        let name = self.label(block, "a name")?;
        let (mut key, mut github) = (None, None);
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "key" => key = Some(KeyName::below(&self.dir, &self.text(attribute)?)),
                "github" => github = Some(self.text(attribute)?),
                _ => return Err(self.unknown(attribute, "key, github")),
            }
        }
        if key.is_none() && github.is_none() {
            let message = "an approver needs \"key\", a file with a public key in PEM or awskms:///alias/…, or \"github\", a login";
            return Err(self.wrong(block.header, message));
        }
        Ok(Approver { name, key, github })
    }

    fn label(&self, block: &Block, what: &str) -> Result<String, SettingsError> {
        match block.labels.as_slice() {
            [label] => Ok(label.name.to_string()),
            _ => {
                let message = format!("{} \"…\" {{ … }} has one label, {what}", block.kind.name);
                Err(self.wrong(block.header, message))
            }
        }
    }

    fn no_blocks(&self, block: &Block) -> Result<(), SettingsError> {
        match block.body.blocks.first() {
            Some(inner) => {
                let message = format!("there are no blocks inside {}", block.kind.name);
                Err(self.wrong(inner.header, message))
            }
            None => Ok(()),
        }
    }

    fn paths(&self, attribute: &Attribute) -> Result<Vec<PathBuf>, SettingsError> {
        let texts = self.texts(attribute)?;
        Ok(texts.into_iter().map(|text| self.dir.join(text)).collect())
    }

    fn globs(&self, attribute: &Attribute, patterns: &[String]) -> Result<GlobSet, SettingsError> {
        let wrong = |error: globset::Error| self.wrong(attribute.value.span, error.to_string());
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(
                GlobBuilder::new(pattern)
                    .literal_separator(true)
                    .build()
                    .map_err(wrong)?,
            );
        }
        set.build().map_err(wrong)
    }

    /// `90m`, `24h`, `3d`.
    fn duration(&self, attribute: &Attribute) -> Result<Duration, SettingsError> {
        let text = self.text(attribute)?;
        parse_duration(&text).ok_or_else(|| {
            let message = format!("\"{}\" is a time such as 90m, 24h or 3d", attribute.name.name);
            self.wrong(attribute.value.span, message)
        })
    }
}

/// A time as people write it in flags and settings: `30s`, `90m`, `24h`, `3d`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Settings;
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::parse("plumbline.hcl", text, Path::new("/x/plumbline.hcl"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_gate_says_of_reviews() {
        let settings = read(
            r#"gate {
  review {
    expires_after = "24h"
    signers       = ["keys/ci.pub", "awskms:///alias/ci"]
    audit         = "audit"
  }
  root "environments/dev/cluster" {
    after = ["environments/dev/data"]
  }
  approval "production" {
    roots = ["environments/prod/**"]
    risks = ["data-loss", "privilege"]
    count = 2
  }
  approver "alice" {
    key = "keys/alice.pub"
  }
}
"#,
        )
        .unwrap();
        let gate = settings.gate;
        assert_eq!(gate.reviews.expires_after, Some(Duration::from_secs(86_400)));
        assert_eq!(
            gate.reviews.signers,
            [
                KeyName::File(PathBuf::from("/x/keys/ci.pub")),
                KeyName::Kms("awskms:///alias/ci".to_owned())
            ]
        );
        assert_eq!(gate.reviews.audit.as_deref(), Some("/x/audit"));
        assert_eq!(gate.roots[0].dir, Path::new("/x/environments/dev/cluster"));
        assert_eq!(gate.roots[0].after, [Path::new("/x/environments/dev/data")]);
        assert!(gate.approvals[0].is_for("environments/prod/data"));
        assert!(!gate.approvals[0].is_for("environments/dev/data"));
        assert_eq!((gate.approvals[0].count, gate.approvals[0].own), (2, false));
        assert_eq!(gate.approvers[0].name, "alice");
    }

    #[test]
    fn what_is_not_right_is_an_error_with_its_place() {
        for (text, error) in [
            (
                "review {\n expires_after = \"soon\"\n}",
                "3,18: \"expires_after\" is a time such as",
            ),
            (
                "approval \"p\" {\n risks = [\"fire\"]\n}",
                "\"fire\" is not a risk: there are data-loss",
            ),
            ("approval \"p\" {\n count = 0\n}", "count"),
            (
                "approval \"p\" {\n count = 2\n by = [\"a\"]\n}",
                "it can never be applied",
            ),
            ("approval {\n}", "has one label, a name"),
            (
                "approver \"a\" {\n}",
                "an approver needs \"key\", a file with a public key in PEM or awskms",
            ),
            (
                "root \"a\" {\n later = []\n}",
                "\"later\" is not a setting here: there are after",
            ),
            (
                "other {\n}",
                "inside gate there are blocks review, root, approval and approver",
            ),
        ] {
            let found = read(&format!("gate {{\n{text}\n}}\n")).unwrap_err();
            assert!(found.contains(error), "{text}: {found}");
        }
    }
}
