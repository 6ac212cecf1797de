//! `tf-gate policies`

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use rayon::prelude::*;
use serde_json::json;
use tf_cli::exit::Exit;
use tf_cli::{output, stack};
use tf_policy::{Expected, Policy, pack, test_policy};

/// List, show and test policies
#[derive(Args, Debug)]
pub(crate) struct PoliciesArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List policies: id, severity, what others call them, title
    List {
        /// Only those that judge this resource type
        #[arg(long, value_name = "TYPE")]
        resource: Option<String>,
        /// Add the policies of a folder
        #[arg(long = "policy-dir", value_name = "DIR")]
        policy_dirs: Vec<PathBuf>,
        /// Format
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Show a policy with its reason, remedy and examples
    Show {
        /// Its id, or that of Checkov
        id: String,
        /// Add the policies of a folder
        #[arg(long = "policy-dir", value_name = "DIR")]
        policy_dirs: Vec<PathBuf>,
        /// Format
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Run the examples of a folder's policies
    Test {
        /// The folder, or one file
        dir: PathBuf,
    },
}

pub(crate) fn run(args: PoliciesArgs) -> anyhow::Result<Exit> {
    match args.command {
        Command::List {
            resource,
            policy_dirs,
            format,
        } => list(resource.as_deref(), &policy_dirs, format),
        Command::Show {
            id,
            policy_dirs,
            format,
        } => show(&id, &policy_dirs, format),
        Command::Test { dir } => stack::deep(move || test(&dir))?,
    }
}

fn all(policy_dirs: &[PathBuf]) -> anyhow::Result<Vec<Arc<Policy>>> {
    let mut policies = pack::builtin();
    if !policy_dirs.is_empty() {
        policies = stack::deep(|| -> anyhow::Result<_> {
            for dir in policy_dirs {
                for policy in pack::read_dir(dir)? {
                    policies.retain(|other| other.id != policy.id);
                    policies.push(policy);
                }
            }
            Ok(policies)
        })??;
    }
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(policies)
}

fn policy_json(policy: &Policy) -> serde_json::Value {
    json!({
        "policy": &*policy.id,
        "title": policy.title,
        "severity": policy.severity,
        "resource": policy.subjects.resource,
        "data": policy.subjects.data,
        "provider": policy.subjects.provider,
        "module": policy.subjects.module,
        "judges": if policy.judges_changes { "changes" } else { "configuration" },
        "checkov": policy.checkov,
        "frameworks": policy.frameworks,
        "why": policy.why,
        "fix": policy.fix,
    })
}

fn list(resource: Option<&str>, policy_dirs: &[PathBuf], format: Format) -> anyhow::Result<Exit> {
    let mut policies = all(policy_dirs)?;
    if let Some(ty) = resource {
        policies.retain(|policy| {
            policy
                .subjects
                .resource
                .iter()
                .chain(&policy.subjects.data)
                .any(|of| **of == *ty)
        });
    }
    let text = match format {
        Format::Json => {
            let policies: Vec<_> = policies.iter().map(|policy| policy_json(policy)).collect();
            let document = json!({
                "schema": "plumbline.policies/1",
                "tool": "tf-gate",
                "version": env!("CARGO_PKG_VERSION"),
                "policies": policies,
            });
            format!("{}\n", serde_json::to_string_pretty(&document)?)
        }
        Format::Text => {
            let widest = policies
                .iter()
                .map(|policy| policy.id.len())
                .max()
                .unwrap_or_default();
            let mut text = String::new();
            for policy in &policies {
                let known = policy.checkov.join(" ");
                let known = if known.is_empty() {
                    known
                } else {
                    format!("({known})")
                };
                let mark = if policy.judges_changes {
                    "[plans only] "
                } else {
                    ""
                };
                text.push_str(&format!(
                    "{:widest$}  {:8}  {} {mark}{known}\n",
                    policy.id, policy.severity, policy.title,
                ));
            }
            text.push_str(&format!("{} policies\n", policies.len()));
            text
        }
    };
    output::print(&text)?;
    Ok(Exit::Clean)
}

fn show(id: &str, policy_dirs: &[PathBuf], format: Format) -> anyhow::Result<Exit> {
    let policies = all(policy_dirs)?;
    let found: Vec<&Arc<Policy>> = policies
        .iter()
        .filter(|policy| {
            *policy.id == *id || policy.checkov.iter().any(|other| other.eq_ignore_ascii_case(id))
        })
        .collect();
    if found.is_empty() {
        let near = tf_lang::text::suggestion(id, policies.iter().map(|policy| &*policy.id));
        let hint = near
            .map(|near| format!("; did you mean {near}?"))
            .unwrap_or_default();
        bail!("there is no policy \"{id}\"{hint}");
    }
    let text = match format {
        Format::Json => {
            let document: Vec<_> = found.iter().map(|policy| policy_json(policy)).collect();
            format!("{}\n", serde_json::to_string_pretty(&document)?)
        }
        Format::Text => found
            .iter()
            .map(|policy| describe(policy))
            .collect::<Vec<_>>()
            .join("\n"),
    };
    output::print(&text)?;
    Ok(Exit::Clean)
}

fn describe(policy: &Policy) -> String {
    let mut text = format!("{} ({})\n{}\n\n", policy.id, policy.severity, policy.title);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("{name:12}{value}\n"));
        }
    };
    let subjects = &policy.subjects;
    let mut judges: Vec<String> = subjects.resource.iter().map(ToString::to_string).collect();
    judges.extend(subjects.data.iter().map(|ty| format!("data.{ty}")));
    judges.extend(subjects.provider.iter().map(|name| format!("provider {name}")));
    if subjects.module {
        judges.push("modules".to_owned());
    }
    let whats = if policy.judges_changes {
        "what a plan does to "
    } else {
        ""
    };
    line("judges", format!("{whats}{}", judges.join(", ")));
    line("Checkov", policy.checkov.join(", "));
    for (framework, controls) in &policy.frameworks {
        line(framework, controls.join(", "));
    }
    line("why", policy.why.clone());
    line("fix", policy.fix.clone());
    for example in policy.examples.iter() {
        let heading = match example.expected {
            Expected::Pass => "passes",
            Expected::Fail => "fails",
            Expected::Unknown => "is unknown",
        };
        text.push_str(&format!("\n{heading}:\n\n"));
        for line in example.source.lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

fn test(dir: &std::path::Path) -> anyhow::Result<Exit> {
    let policies = pack::read_dir(dir)?;
    let failures: Vec<_> = policies.par_iter().flat_map_iter(test_policy).collect();
    let mut text = String::new();
    for failure in &failures {
        text.push_str(&format!(
            "{}: {}: {}\n",
            failure.policy, failure.example, failure.message
        ));
    }
    let untested: Vec<&Arc<Policy>> = policies
        .iter()
        .filter(|policy| {
            [Expected::Pass, Expected::Fail].iter().any(|expected| {
                !policy
                    .examples
                    .iter()
                    .any(|example| example.expected == *expected)
            })
        })
        .collect();
    for policy in &untested {
        text.push_str(&format!("{}: has no pass or no fail example\n", policy.id));
    }
    let examples: usize = policies.iter().map(|policy| policy.examples.len()).sum();
    text.push_str(&format!(
        "{} policies, {examples} examples: {} failed\n",
        policies.len(),
        failures.len() + untested.len()
    ));
    output::print(&text)?;
    Ok(if failures.is_empty() && untested.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}
