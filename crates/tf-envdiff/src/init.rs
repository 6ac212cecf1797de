//! `tf-envdiff init`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use tf_cli::exit::Exit;
use tf_cli::settings::envdiff::Envdiff;
use tf_cli::{output, today};
use tf_lang::text::quote_go;

use crate::finding::{Detail, Finding};
use crate::layers;
use crate::render;
use crate::report::{About, Judging, Report, Row, report};
use crate::rules::{Verdict, identifier, rises};
use crate::run::{InputArgs, With, normaliser};

/// Propose rules for what differs today
///
/// Prints the envdiff block of a plumbline.hcl: one rule for each variable or literal that makes environments differ, ordered
/// where the values rise from the first environment to the last. Reasons and owners are left to you: every rule says TODO until you
/// have written them.
#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Who answers for the rules
    #[arg(long, value_name = "NAME", default_value = "TODO")]
    owner: String,
    /// Write to a file instead of standard output; one that is there is not overwritten
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: InitArgs) -> anyhow::Result<Exit> {
    if let Some(file) = args.output.as_ref().filter(|file| file.exists()) {
        anyhow::bail!(
            "{} is there already: print the rules, and put those that you want into it",
            file.display()
        );
    }
    let layers = args.input.layers();
    let read = args.input.read()?;
    let with = With::new(&layers, &read.settings, true)?;
    let comparing = with.comparing(layers);
    let normaliser = normaliser(&read.environments, &read.settings.envdiff);
    let findings = layers::compare(&read.environments, &normaliser, &comparing);
    // What is expected already needs no rule.
    let judging = Judging {
        settings: &read.settings.envdiff,
        today: today::today(),
        whole: false,
    };
    let report = report(&read.environments, findings, &judging, About::All);
    let text = propose(&report, &read.settings.envdiff, &args.owner);
    match &args.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    if report.problems.is_empty() {
        return Ok(Exit::Clean);
    }
    let problems: Vec<String> = report.problems.iter().map(render::problem).collect();
    anyhow::bail!("not everything could be read:\n  {}", problems.join("\n  "))
}

/// A rule in the making.
struct Proposal<'r> {
    label: String,
    rows: Vec<&'r Row>,
}

fn propose(report: &Report, settings: &Envdiff, owner: &str) -> String {
    let order: Vec<String> = match settings.order.is_empty() {
        true => report.environments.clone(),
        false => settings.order.clone(),
    };
    let mut proposals: BTreeMap<(bool, String), Proposal<'_>> = BTreeMap::new();
    for row in report.rows.iter().filter(|row| row.verdict != Verdict::Expected) {
        // What comes of variables is expected with them.
        // What it costs is as expected as what makes it.
        let made =
            |finding: &Finding| matches!(&finding.detail, Detail::Cost(detail) if !detail.sources.is_empty());
        if row.is_effect() || row.members.iter().all(made) {
            continue;
        }
        let label = label(row);
        let policy = row.layer == crate::finding::Layer::Policies;
        proposals
            .entry((policy, label.clone()))
            .or_insert_with(|| Proposal {
                label,
                rows: Vec::new(),
            })
            .rows
            .push(row);
    }
    let names: Vec<String> = order.iter().map(|name| quote_go(name)).collect();
    let mut out = format!("envdiff {{\n  order = [{}]\n", names.join(", "));
    for proposal in proposals.values() {
        let ordered = proposal.rows.iter().all(|row| {
            row.layer == crate::finding::Layer::Variables && rises(&order, &report.environments, &row.values)
        });
        let kind = if ordered { "ordered" } else { "expect" };
        out.push('\n');
        for row in &proposal.rows {
            let values: Vec<String> = report
                .environments
                .iter()
                .zip(render::cells(row.layer, &row.values))
                .map(|(name, cell)| format!("{name} {}", short(&cell)))
                .collect();
            out.push_str(&format!("  # {}: {}\n", row.stack, values.join(", ")));
        }
        out.push_str(&format!("  {kind} {} {{\n", quote_go(&glob(&proposal.label))));
        if ordered {
            let chain: Vec<String> = order.iter().rev().map(|name| identifier(name)).collect();
            out.push_str(&format!("    order  = {}\n", chain.join(" >= ")));
        }
        out.push_str(&format!(
            "    reason = \"TODO: why\"\n    owner  = {}\n  }}\n",
            quote_go(owner)
        ));
    }
    out.push_str("}\n");
    out
}

/// What a rule about a row is called: the variable, the cause that is written, or the thing itself.
fn label(row: &Row) -> String {
    match row.layer {
        crate::finding::Layer::Policies => row.attribute.clone().unwrap_or_else(|| row.name()),
        _ => match row.causes.as_slice() {
            [cause] => cause.name.clone(),
            _ => row.name(),
        },
    }
}

/// Stars and question marks of keys are letters here.
fn glob(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('*', "\\*")
        .replace('?', "\\?")
}

fn short(cell: &str) -> String {
    match cell.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell.to_owned(),
    }
}
