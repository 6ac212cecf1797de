//! Which state a plan file changes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use tf_terraform::StateId;

/// The state that a plan was made of, as Terraform keeps it inside the plan file, which is a ZIP archive; `None` where there was
/// none yet.
pub(crate) fn of_plan(plan: &Path) -> anyhow::Result<Option<StateId>> {
    let unreadable = || format!("{} is no plan file of Terraform", plan.display());
    let file = File::open(plan).with_context(|| format!("cannot read the plan {}", plan.display()))?;
    let mut archive = zip::ZipArchive::new(file).with_context(unreadable)?;
    // Only the two numbers are taken: the rest is full of secrets.
    let mut text = Vec::new();
    archive
        .by_name("tfstate")
        .with_context(unreadable)?
        .read_to_end(&mut text)
        .with_context(unreadable)?;
    let state: StateId = serde_json::from_slice(&text).with_context(unreadable)?;
    Ok((!state.lineage.is_empty()).then_some(state))
}
