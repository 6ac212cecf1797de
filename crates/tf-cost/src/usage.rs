//! `tf-cost usage`

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_model::Address;
use tf_pricing::Models;
use tf_pricing::model::UsageKey;

use crate::estimate;
use crate::input::{self, InputArgs};

/// Usage files: how much of what is billed by use
#[derive(Args, Debug)]
pub(crate) struct UsageArgs {
    #[command(subcommand)]
    command: UsageCommand,
}

#[derive(Subcommand, Debug)]
enum UsageCommand {
    /// Write a usage file for a root, a plan or a state, with every key that it could use
    Init(InitArgs),
}

/// Write a usage file for a root, a plan or a state, with every key that it could use
///
/// The keys are there without values, with what each means: fill in those that matter. Instances of one block share an entry.
#[derive(Args, Debug)]
struct InitArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Write to a file instead of standard output; one that is there already is left alone
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: UsageArgs) -> anyhow::Result<Exit> {
    let UsageCommand::Init(args) = args.command;
    let inputs = input::read(&args.input)?;
    estimate::warn(&inputs, false);
    let mut entries: BTreeMap<String, &[UsageKey]> = BTreeMap::new();
    for root in &inputs.roots {
        for resource in &root.estimate.resources {
            let Some(model) = Models::builtin().of(&resource.ty) else {
                continue;
            };
            let declared = root.graph.resources.get(resource.index);
            if let Some(declared) = declared.filter(|_| !model.usage.is_empty()) {
                entries.insert(pattern(&declared.address), &model.usage);
            }
        }
    }
    let text = file(&entries);
    match &args.output {
        Some(file) if file.exists() => bail!("{} is there already; give another name", file.display()),
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    Ok(match inputs.incomplete {
        true => Exit::Failed,
        false => Exit::Clean,
    })
}

/// An address with `[*]` instead of its keys.
fn pattern(address: &Address) -> String {
    let mut text = String::new();
    for step in &address.module.0 {
        let key = if step.key.is_some() { "[*]" } else { "" };
        text.push_str(&format!("module.{}{key}.", step.name));
    }
    let key = if address.key.is_some() { "[*]" } else { "" };
    format!("{text}{}{key}", address.local())
}

fn file(entries: &BTreeMap<String, &[UsageKey]>) -> String {
    let mut out = String::from(
        "# How much is used of what is billed by use, a month. Keys without a value count as not given. A range is written 100..200.\n\
         # An entry of resource_usage wins over one with [*], and that over its type's in resource_type_default_usage.\n\
         version: 0.1\n",
    );
    if entries.is_empty() {
        out.push_str("# Nothing here is billed by use.\n");
        return out;
    }
    out.push_str("resource_usage:\n");
    for (address, keys) in entries {
        out.push_str(&format!("  {address}:\n"));
        let mut path: Vec<&str> = Vec::new();
        for key in *keys {
            let Some((name, groups)) = key.path.split_last() else {
                continue;
            };
            for (depth, group) in groups.iter().enumerate() {
                if path.get(depth) != Some(&&**group) {
                    out.push_str(&format!("{}{group}:\n", "  ".repeat(depth + 2)));
                    path.truncate(depth);
                    path.push(group);
                }
            }
            path.truncate(groups.len());
            let words = match key.words.as_slice() {
                [] => String::new(),
                words if words.iter().any(|word| word == "*") => String::new(),
                words => format!(": {}", words.join(", ")),
            };
            let indent = "  ".repeat(groups.len() + 2);
            out.push_str(&format!("{indent}{name}: # {}{words}\n", key.description));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_pricing::Usage;

    #[test]
    fn what_is_written_is_read_again() {
        let models = Models::builtin();
        let entries: BTreeMap<String, &[UsageKey]> = models
            .all()
            .iter()
            .filter(|model| !model.usage.is_empty())
            .map(|model| (format!("{}.main[*]", model.types[0]), model.usage.as_slice()))
            .collect();
        assert!(entries.len() > 60);
        let text = file(&entries);
        let usage = Usage::read("usage.yml", &text, models).unwrap();
        assert_eq!(usage.warnings, [""; 0]);
    }

    #[test]
    fn instances_share_an_entry() {
        let address: Address = "module.a[\"k\"].aws_sqs_queue.jobs[0]".parse().unwrap();
        assert_eq!(pattern(&address), "module.a[*].aws_sqs_queue.jobs[*]");
    }
}
