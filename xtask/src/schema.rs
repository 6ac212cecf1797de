//! `cargo xtask schema`: asks the real Terraform what the AWS provider's resources look like and what it plans by
//! itself, and writes both down for the static reader of configurations, in `crates/tf-model/schema/`:
//!
//! - `aws.txt`, the schema, from `terraform providers schema -json`, without its descriptions and its repetitions;
//! - `aws-defaults.txt`, what no schema says: the values that a plan has where a configuration has none. They are found
//!   by planning probes, which are made from the schema and from what is in `probe/`. Nothing of that calls AWS:
//!   planning to create something asks the provider alone.
//!
//! Each file begins with its own grammar, whose texts are in `head/`. The provider's release is the one that
//! `probe/provider.tf` pins. With `--check` nothing is written, and a difference is an error.

mod batch;
mod body;
mod defaults;
mod json;
mod message;
mod probe;
mod terraform;
mod text;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use terraform::Terraform;

/// Remakes the files; with `--check` in `args`, only compares them.
///
/// # Errors
///
/// If Terraform or the provider is missing or fails, or if a file cannot be read or written; with `--check`, also if a
/// file is not what it should be.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("usage: cargo xtask schema [--check]"),
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask has no workspace")?;
    let folder = workspace.join("crates/tf-model/schema");
    let probes = folder.join("probe");

    let terraform = Terraform::new(&probes.join("provider.tf"), &workspace.join("target/schema"))?;
    let schema = terraform.schema()?;
    let by_hand = probes.join("by-hand.json");
    let by_hand = fs::read(&by_hand).with_context(|| format!("reading {}", by_hand.display()))?;
    let by_hand: Value = serde_json::from_slice(&by_hand).context("in by-hand.json")?;
    let head = |name: &str| head(&folder, name);
    let made = [
        (
            "aws.txt",
            text::text(&head("aws.txt")?, &terraform.release()?, &schema)?,
        ),
        (
            "aws-defaults.txt",
            defaults::text(&head("aws-defaults.txt")?, &terraform, &schema, &by_hand)?,
        ),
    ];
    for (name, text) in made {
        let path = folder.join(name);
        if check {
            compare(&path, &text)?;
        } else {
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}

/// The head of a file, as comment lines.
fn head(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join("head").join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let lines = text
        .lines()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    Ok(lines.collect())
}

/// Fails at the first line in which a file is not what it should be.
fn compare(path: &Path, text: &str) -> Result<()> {
    let old = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    if old == text {
        return Ok(());
    }
    let pairs = old
        .lines()
        .map(Some)
        .chain([None])
        .zip(text.lines().map(Some).chain([None]));
    let same = pairs.take_while(|(old, new)| old == new).count();
    bail!(
        "{}:{}: the file has `{}`, and terraform's answer makes it `{}`: run `cargo xtask schema` and read the difference",
        path.display(),
        same + 1,
        old.lines().nth(same).unwrap_or_default(),
        text.lines().nth(same).unwrap_or_default(),
    )
}
