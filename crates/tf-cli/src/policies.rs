//! Which policies judge where no flag says otherwise.

use std::sync::Arc;

use anyhow::Context;
use tf_policy::{Policy, pack};

use crate::settings::Settings;

/// The pack's policies and a team's own, as the `gate` block chooses them, in order of their ids.
///
/// # Errors
/// Where a folder of policies cannot be read.
pub fn chosen(settings: &Settings) -> anyhow::Result<Vec<Arc<Policy>>> {
    let mut policies = pack::builtin();
    for dir in &settings.gate.policy_dirs {
        let own = pack::read_dir(dir)
            .with_context(|| format!("the policies in {} cannot be used", dir.display()))?;
        for policy in own {
            // A team's policy takes the place of a built-in one of its id.
            policies.retain(|other| other.id != policy.id);
            policies.push(policy);
        }
    }
    let is = |policy: &Policy, id: &String| {
        *policy.id == **id || policy.checkov.iter().any(|other| other.eq_ignore_ascii_case(id))
    };
    let (only, skip) = (&settings.gate.only, &settings.gate.skip);
    policies.retain(|policy| only.is_empty() || only.iter().any(|id| is(policy, id)));
    policies.retain(|policy| !skip.iter().any(|id| is(policy, id)));
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(policies)
}
