//! Which policies judge: the pack's and a team's own, less those that are not wanted.

use std::path::PathBuf;
use std::sync::Arc;

use tf_policy::pack::PolicyDirError;
use tf_policy::{Policy, pack};

use crate::settings::Settings;

/// The policies where no flag says otherwise, as the `gate` block chooses them, in order of their ids.
///
/// # Errors
/// Where a folder of policies cannot be read.
pub fn chosen(settings: &Settings) -> anyhow::Result<Vec<Arc<Policy>>> {
    let mut policies = all(&settings.gate.policy_dirs).map_err(|(dir, error)| {
        let context = format!("the policies in {} cannot be used", dir.display());
        anyhow::Error::new(error).context(context)
    })?;
    keep(&mut policies, &settings.gate.only, &settings.gate.skip);
    Ok(policies)
}

/// The pack's policies and those of folders, in order of their ids. A team's policy takes the place of a built-in one of its id.
///
/// # Errors
/// The folder that cannot be used, and why.
pub fn all<'d>(
    dirs: impl IntoIterator<Item = &'d PathBuf>,
) -> Result<Vec<Arc<Policy>>, (&'d PathBuf, PolicyDirError)> {
    let mut policies = pack::builtin();
    for dir in dirs {
        for policy in pack::read_dir(dir).map_err(|error| (dir, error))? {
            policies.retain(|other| other.id != policy.id);
            policies.push(policy);
        }
    }
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(policies)
}

/// Whether a policy has an id, or is what Checkov calls so.
pub fn is(policy: &Policy, id: &str) -> bool {
    *policy.id == *id || policy.checkov.iter().any(|other| other.eq_ignore_ascii_case(id))
}

/// Takes out what is not wanted: where some are named, all others, and what is skipped.
pub fn keep<'i>(
    policies: &mut Vec<Arc<Policy>>,
    only: &[String],
    skip: impl IntoIterator<Item = &'i String>,
) {
    let skip: Vec<&String> = skip.into_iter().collect();
    policies.retain(|policy| only.is_empty() || only.iter().any(|id| is(policy, id)));
    policies.retain(|policy| !skip.iter().any(|id| is(policy, id)));
}
