//! The `bootstrap` block: where the states of each account are, and how their backend is to be.

use std::collections::BTreeMap;

use tf_lang::Span;
use tf_lang::ast::{Attribute, Block};

use super::{Reader, SettingsError};

/// The `bootstrap` block.
#[derive(Clone, Debug, Default)]
pub struct Bootstrap {
    /// What holds for every account that says nothing else.
    pub defaults: Backend,
    /// `account "name" { … }`, in the file's order.
    pub accounts: Vec<Account>,
}

/// An `account` block.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The name by which it is asked for.
    pub name: String,
    /// The account's twelve digits.
    pub id: String,
    /// What it says of its backend.
    pub backend: Backend,
}

/// What may stand in `bootstrap` and in each `account`; `None` is not said.
#[derive(Clone, Debug, Default)]
pub struct Backend {
    /// First part of names, and a tag.
    pub project: Option<String>,
    /// Region of bucket, key and table.
    pub region: Option<String>,
    /// State bucket.
    pub bucket: Option<String>,
    /// Lock table.
    pub table: Option<String>,
    /// Bucket of the access logs.
    pub log_bucket: Option<String>,
    /// Profile of the shared AWS configuration.
    pub profile: Option<String>,
    /// ARN of a role to assume.
    pub assume_role: Option<String>,
    /// Endpoint of all services, for emulators.
    pub endpoint_url: Option<String>,
    /// Environments, folders of `environments/`, whose states are here; all where none is named.
    pub environments: Option<Vec<String>>,
    /// `kms` or `aes256`.
    pub sse: Option<String>,
    /// How many noncurrent versions are kept whatever their age.
    pub noncurrent_versions: Option<i32>,
    /// After how many days noncurrent versions beyond those are removed.
    pub noncurrent_days: Option<i32>,
    /// Tags on everything.
    pub tags: BTreeMap<String, String>,
    /// A copy in a second region.
    pub replication: Option<Replication>,
    /// Versions that nobody can remove for a time.
    pub object_lock: Option<ObjectLock>,
    /// Roles for GitHub Actions.
    pub github: Option<Github>,
}

/// A `replication` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replication {
    /// The second region.
    pub region: String,
    /// The copy's bucket; named after the first one where it is not said.
    pub bucket: Option<String>,
}

/// An `object_lock` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectLock {
    /// `governance` or `compliance`.
    pub mode: String,
    /// For how many days a version stays.
    pub days: i32,
}

/// A `github` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Github {
    /// `owner/name`.
    pub repository: String,
    /// Whether pull requests may plan.
    pub pull_requests: bool,
    /// Branches whose jobs may plan.
    pub plan_branches: Vec<String>,
    /// GitHub environments whose jobs may apply.
    pub apply_environments: Vec<String>,
}

const KEYS: &str = "project, region, bucket, table, log_bucket, profile, assume_role, endpoint_url, environments, sse, \
                    noncurrent_versions, noncurrent_days, tags, and blocks replication, object_lock, github";

impl Reader {
    pub(super) fn bootstrap(&self, block: &Block) -> Result<Bootstrap, SettingsError> {
        if let Some(label) = block.labels.first() {
            return Err(self.wrong(label.span, "bootstrap has no label: accounts stand inside it"));
        }
        let mut bootstrap = Bootstrap::default();
        for attribute in &block.body.attributes {
            self.backend_attribute(&mut bootstrap.defaults, attribute, "")?;
        }
        for inner in &block.body.blocks {
            if &*inner.kind.name == "account" {
                let account = self.account(inner)?;
                if bootstrap.accounts.iter().any(|other| other.name == account.name) {
                    let message = format!("there is another account \"{}\"", account.name);
                    return Err(self.wrong(inner.header, message));
                }
                bootstrap.accounts.push(account);
            } else {
                self.backend_block(&mut bootstrap.defaults, inner, ", account")?;
            }
        }
        Ok(bootstrap)
    }

    fn account(&self, block: &Block) -> Result<Account, SettingsError> {
        let (Some(name), 1) = (block.label(0), block.labels.len()) else {
            return Err(self.wrong(block.header, "an account has a name: account \"dev\" { … }"));
        };
        let mut account = Account {
            name: name.to_owned(),
            ..Account::default()
        };
        for attribute in &block.body.attributes {
            if &*attribute.name.name == "id" {
                account.id = self.text(attribute)?;
                let digits = account.id.len() == 12 && account.id.bytes().all(|byte| byte.is_ascii_digit());
                if !digits {
                    return Err(self.wrong(
                        attribute.value.span,
                        "id is an account's twelve digits, in quotes",
                    ));
                }
            } else {
                self.backend_attribute(&mut account.backend, attribute, "id, ")?;
            }
        }
        for inner in &block.body.blocks {
            self.backend_block(&mut account.backend, inner, "")?;
        }
        match account.id.is_empty() {
            true => Err(self.wrong(
                block.header,
                "an account needs \"id\": without it nobody can tell whether the credentials are the right ones",
            )),
            false => Ok(account),
        }
    }

    fn backend_attribute(
        &self,
        backend: &mut Backend,
        attribute: &Attribute,
        more: &str,
    ) -> Result<(), SettingsError> {
        match &*attribute.name.name {
            "project" => backend.project = Some(self.text(attribute)?),
            "region" => backend.region = Some(self.text(attribute)?),
            "bucket" => backend.bucket = Some(self.text(attribute)?),
            "table" => backend.table = Some(self.text(attribute)?),
            "log_bucket" => backend.log_bucket = Some(self.text(attribute)?),
            "profile" => backend.profile = Some(self.text(attribute)?),
            "assume_role" => backend.assume_role = Some(self.text(attribute)?),
            "endpoint_url" => backend.endpoint_url = Some(self.text(attribute)?),
            "environments" => backend.environments = Some(self.texts(attribute)?),
            "sse" => backend.sse = Some(self.one_of(attribute, &["kms", "aes256"])?),
            "noncurrent_versions" => backend.noncurrent_versions = Some(self.count(attribute, 1, 100)?),
            "noncurrent_days" => backend.noncurrent_days = Some(self.count(attribute, 1, 36_500)?),
            "tags" => backend.tags = self.pairs(attribute)?,
            _ => return Err(self.unknown(attribute, &format!("{more}{KEYS}"))),
        }
        Ok(())
    }

    fn backend_block(&self, backend: &mut Backend, block: &Block, more: &str) -> Result<(), SettingsError> {
        if let Some(label) = block.labels.first() {
            return Err(self.wrong(label.span, format!("{} has no label", block.kind.name)));
        }
        if let Some(inner) = block.body.blocks.first() {
            let message = format!("there are no blocks inside {}", block.kind.name);
            return Err(self.wrong(inner.header, message));
        }
        let needed =
            |name: &str, span: Span| self.wrong(span, format!("\"{name}\" is needed in {}", block.kind.name));
        match &*block.kind.name {
            "replication" => {
                let (mut region, mut bucket) = (None, None);
                for attribute in &block.body.attributes {
                    match &*attribute.name.name {
                        "region" => region = Some(self.text(attribute)?),
                        "bucket" => bucket = Some(self.text(attribute)?),
                        _ => return Err(self.unknown(attribute, "region, bucket")),
                    }
                }
                let region = region.ok_or_else(|| needed("region", block.header))?;
                backend.replication = Some(Replication { region, bucket });
            }
            "object_lock" => {
                let (mut mode, mut days) = ("governance".to_owned(), None);
                for attribute in &block.body.attributes {
                    match &*attribute.name.name {
                        "mode" => mode = self.one_of(attribute, &["governance", "compliance"])?,
                        "days" => days = Some(self.count(attribute, 1, 36_500)?),
                        _ => return Err(self.unknown(attribute, "mode, days")),
                    }
                }
                let days = days.ok_or_else(|| needed("days", block.header))?;
                backend.object_lock = Some(ObjectLock { mode, days });
            }
            "github" => backend.github = Some(self.github(block)?),
            other => {
                let message = format!(
                    "\"{other}\" is not a setting here: there are blocks replication, object_lock, github{more}"
                );
                return Err(self.wrong(block.header, message));
            }
        }
        Ok(())
    }

    fn github(&self, block: &Block) -> Result<Github, SettingsError> {
        let mut github = Github {
            repository: String::new(),
            pull_requests: false,
            plan_branches: vec!["main".to_owned()],
            apply_environments: Vec::new(),
        };
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "repository" => {
                    github.repository = self.text(attribute)?;
                    if !is_repository(&github.repository) {
                        return Err(self.wrong(
                            attribute.value.span,
                            "repository is of the form owner/name, without wildcards",
                        ));
                    }
                }
                "pull_requests" => github.pull_requests = self.flag(attribute)?,
                "plan_branches" => github.plan_branches = self.names(attribute)?,
                "apply_environments" => github.apply_environments = self.names(attribute)?,
                _ => {
                    return Err(self.unknown(
                        attribute,
                        "repository, pull_requests, plan_branches, apply_environments",
                    ));
                }
            }
        }
        match github.repository.is_empty() {
            true => Err(self.wrong(block.header, "\"repository\" is needed in github")),
            false => Ok(github),
        }
    }

    /// Names that become part of a condition: a wildcard would be compared letter by letter and match nothing, or worse.
    fn names(&self, attribute: &Attribute) -> Result<Vec<String>, SettingsError> {
        let names = self.texts(attribute)?;
        match names.iter().all(|name| is_claim(name)) {
            true => Ok(names),
            false => Err(self.wrong(
                attribute.value.span,
                format!("\"{}\" is a list of names without wildcards", attribute.name.name),
            )),
        }
    }
}

/// Whether it is `owner/name` as GitHub spells it, or `owner@id/name@id` of immutable subject claims.
pub fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
    };
    text.split_once('/')
        .is_some_and(|(owner, name)| part(owner) && part(name))
}

fn is_claim(name: &str) -> bool {
    !name.is_empty() && !name.contains(['*', '?', '$'])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Settings;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::parse("plumbline.hcl", text, Path::new("/x/plumbline.hcl"))
            .map_err(|error| error.to_string())
    }

    const WHOLE: &str = r#"
bootstrap {
  project = "plumbline"
  region  = "eu-west-1"
  tags    = { owner = "platform", "cost-centre" = "engineering" }

  object_lock {
    days = 30
  }

  account "dev" {
    id           = "111122223333"
    environments = ["dev", "staging"]
    sse          = "aes256"

    github {
      repository         = "example/plumbline"
      apply_environments = ["dev"]
    }
  }

  account "dr" {
    id     = "111122223333"
    region = "eu-central-1"
    bucket = "elsewhere"

    replication {
      region = "eu-west-1"
    }
  }
}
"#;

    #[test]
    fn accounts_stand_beside_what_holds_for_all() {
        let bootstrap = read(WHOLE).unwrap().bootstrap;
        assert_eq!(bootstrap.defaults.project.as_deref(), Some("plumbline"));
        assert_eq!(bootstrap.defaults.tags["cost-centre"], "engineering");
        assert_eq!(
            bootstrap.defaults.object_lock.as_ref().unwrap().mode,
            "governance"
        );
        assert_eq!(bootstrap.accounts.len(), 2);
        assert_eq!(
            bootstrap.accounts[0].backend.environments.as_ref().unwrap().len(),
            2
        );
        assert_eq!(
            bootstrap.accounts[0]
                .backend
                .github
                .as_ref()
                .unwrap()
                .plan_branches,
            ["main"]
        );
        assert_eq!(
            bootstrap.accounts[1].backend.replication.as_ref().unwrap().region,
            "eu-west-1"
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (from, to, expected) in [
            (
                "\"111122223333\"\n    environments",
                "\"1111\"\n    environments",
                "twelve digits",
            ),
            ("    id     = \"111122223333\"\n", "", "needs \"id\""),
            ("account \"dr\"", "account \"dev\"", "another account"),
            ("account \"dr\"", "account", "has a name"),
            ("days = 30", "days = 0", "whole number"),
            ("days = 30", "days = \"30\"", "whole number"),
            ("days = 30", "", "\"days\" is needed"),
            (
                "sse          = \"aes256\"",
                "sse = \"none\"",
                "one of kms, aes256",
            ),
            (
                "bucket = \"elsewhere\"",
                "buckets = \"x\"",
                "\"buckets\" is not a setting here: there are id, project",
            ),
            ("example/plumbline", "example/*", "without wildcards"),
            ("[\"dev\"]", "[\"*\"]", "without wildcards"),
            ("github {", "gitlab {", "\"gitlab\" is not a setting here"),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            let error = read(&WHOLE.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(expected), "{from} → {to}: {error}");
            assert!(error.starts_with("plumbline.hcl:"), "{error}");
        }
    }
}
