//! Which policies judge, and what is accepted.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use tf_cli::settings::Settings;
use tf_cli::{policies, today};
use tf_policy::suppress::{Baseline, Suppressions};
use tf_policy::{Policy, pack};
use tf_report::Severity;

use crate::configuration::sha256;
use crate::seal::Rules;

/// Flags that select policies.
#[derive(Args, Clone, Debug)]
pub(crate) struct PolicyArgs {
    /// Fail on this severity and above; `none` never fails
    #[arg(long, value_name = "SEVERITY", env = "TF_GATE_FAIL_ON", value_parser = ["critical", "high", "medium", "low", "info", "none"])]
    pub(crate) fail_on: Option<String>,
    /// Run only these policies: ids, or ids of Checkov; may be given several times or as a list with commas
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Do not run these policies
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// Add the policies of a folder
    #[arg(long = "policy-dir", value_name = "DIR", env = "TF_GATE_POLICY_DIR")]
    pub(crate) policy_dirs: Vec<PathBuf>,
}

impl PolicyArgs {
    /// The least severity that fails. Flags win over the environment, which wins over the file; everything but `info` where nothing
    /// is said.
    pub(crate) fn least(&self, settings: &Settings) -> Option<Severity> {
        let named = self.fail_on.as_deref().or(settings.gate.fail_on.as_deref());
        Severity::parse(named.unwrap_or("low"))
    }

    /// The policies, in order of their ids.
    pub(crate) fn select(&self, settings: &Settings) -> anyhow::Result<Vec<Arc<Policy>>> {
        let dirs = self.policy_dirs.iter().chain(&settings.gate.policy_dirs);
        let mut policies = policies::all(dirs).map_err(|(_, error)| error)?;
        for id in self.only.iter().chain(&self.skip) {
            if !policies.iter().any(|policy| policies::is(policy, id)) {
                bail!("there is no policy \"{id}\"; see: tf-gate policies list");
            }
        }
        let only = if self.only.is_empty() {
            &settings.gate.only
        } else {
            &self.only
        };
        policies::keep(&mut policies, only, self.skip.iter().chain(&settings.gate.skip));
        Ok(policies)
    }
}

/// What is accepted, by waivers and by a baseline of Checkov.
pub(crate) fn suppressions(settings: &Settings, baseline: Option<PathBuf>) -> anyhow::Result<Suppressions> {
    let mut suppressions = Suppressions::new(today::today());
    suppressions.waivers.clone_from(&settings.waivers);
    suppressions.baseline = read_baseline(baseline)?;
    suppressions
        .forbid_inline
        .clone_from(&settings.gate.forbid_inline);
    Ok(suppressions)
}

fn read_baseline(file: Option<PathBuf>) -> anyhow::Result<Baseline> {
    let Some(file) = file else {
        return Ok(Baseline::default());
    };
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read the baseline {}", file.display()))?;
    Baseline::parse(&text).with_context(|| format!("{} is not a baseline of Checkov", file.display()))
}

/// The digest of everything that decides a verdict beside the plan: this version's policies, a team's own, which of them run, and
/// the settings with their waivers.
pub(crate) fn digest(policies: &[Arc<Policy>], rules: &Rules, settings: &Settings) -> anyhow::Result<String> {
    let mut text = format!("{}\n{}\n", env!("CARGO_PKG_VERSION"), sha256(pack::bytes()));
    for policy in policies {
        text.push_str(&format!("{}\n", policy.id));
    }
    text.push_str(&serde_json::to_string(rules)?);
    for dir in rules.policy_dirs.iter().chain(&settings.gate.policy_dirs) {
        let files = std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
        let mut files: Vec<PathBuf> = files.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            text.push_str(&format!("{}\n", sha256(std::fs::read(file)?)));
        }
    }
    for file in settings.file.iter().chain(&settings.gate.baseline) {
        text.push_str(&format!("{}\n", sha256(std::fs::read(file)?)));
    }
    Ok(sha256(text))
}
