//! `tf-gate check`

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use rayon::prelude::*;
use tf_cli::args::{OutputArgs, VariableArgs};
use tf_cli::exit::Exit;
use tf_cli::settings::Settings;
use tf_cli::{input, output, progress};
use tf_lang::Span;
use tf_model::config::files::display_name;
use tf_model::{Graph, Options, Project};
use tf_policy::suppress::Suppressions;
use tf_policy::{Judgements, Policy, judge, judge_changes};
use tf_report::{Report, Severity, Verdict};

use crate::report::Collector;
use crate::selection::{PolicyArgs, suppressions};

/// Judge configurations, or a plan, by policies
///
/// Reads all Terraform files below each PATH, finds the root modules among them, evaluates them with their modules, and judges
/// every resource. Nothing is started and nothing is asked over the network. Exits with 1 where a policy of at least the severity
/// of --fail-on fails, and with 2 where something could not be read.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// Folders or files to judge
    #[arg(value_name = "PATH", default_value = ".", conflicts_with = "plan")]
    paths: Vec<PathBuf>,
    /// Judge a plan instead: the output of `terraform show -json`, `-` for standard input
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    variables: VariableArgs,
    #[command(flatten)]
    policies: PolicyArgs,
    /// Fail on unknown verdicts too
    #[arg(long)]
    fail_on_unknown: bool,
    /// Report passed and skipped verdicts too
    #[arg(long)]
    all: bool,
    /// Report the controls of a framework: cis_aws, gdpr, hipaa, iso27001, nist_800_53, pci_dss, soc2
    #[arg(long = "framework", value_name = "NAME", value_delimiter = ',')]
    frameworks: Vec<String>,
    /// A baseline of Checkov; `.checkov.baseline` in PATH is found by itself
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Judge modules that others call as roots of their own too
    #[arg(long)]
    each_module: bool,
    /// Do not exit with 2 because a module is not installed
    #[arg(long)]
    allow_missing_modules: bool,
    /// The workspace that terraform.workspace names
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE", default_value = "default")]
    workspace: String,
}

pub(crate) fn run(args: CheckArgs) -> anyhow::Result<Exit> {
    let settings = Settings::find(Path::new("."))?;
    rayon::spawn(tf_policy::prepare);
    let policies = args.policies.select(&settings)?;
    for framework in &args.frameworks {
        if !tf_policy::policy::FRAMEWORKS.contains(&framework.as_str()) {
            bail!(
                "there is no framework \"{framework}\": it is one of {}",
                tf_policy::policy::FRAMEWORKS.join(", ")
            );
        }
    }
    let mut collector = Collector::new(&policies, args.all);
    let fail_on = args.policies.least(&settings);
    if args.plan.is_none()
        && !args.policies.only.is_empty()
        && policies.iter().all(|policy| policy.judges_changes)
    {
        bail!(
            "{} judges what a plan does, and there is none: give one with --plan FILE",
            args.policies.only.join(", ")
        );
    }
    let suppressions = |baseline| -> anyhow::Result<Suppressions> {
        let mut suppressions = suppressions(&settings, baseline)?;
        if args.plan.is_none() {
            let of_changes = policies.iter().filter(|policy| policy.judges_changes);
            suppressions.judged_elsewhere = of_changes.cloned().collect();
        }
        Ok(suppressions)
    };
    let given_baseline = args.baseline.clone().or_else(|| settings.gate.baseline.clone());
    match &args.plan {
        Some(plan) => {
            let mut suppressions = suppressions(given_baseline)?;
            let text = read_plan(plan)?;
            let review = tf_model::plan::changes(&text)
                .with_context(|| format!("cannot read the plan {}", plan.display()))?;
            let mut judgements = judge(&review.after, &policies);
            judgements.merge(judge_changes(&review, &policies));
            collector.with_changes();
            collector.add(&review.after, judgements, &mut suppressions);
            collector.finish_path(&review.after, &suppressions, settings.file.as_deref());
            // The program ends soon: giving the memory back value by value would be a tenth of its time.
            std::mem::forget((review, text));
        }
        None => {
            for path in &args.paths {
                let found = path.join(".checkov.baseline");
                let baseline = given_baseline
                    .clone()
                    .or_else(|| found.is_file().then_some(found));
                check_path(
                    path,
                    &args,
                    &settings,
                    &policies,
                    suppressions(baseline)?,
                    &mut collector,
                )?;
            }
        }
    }
    let allow_missing = args.allow_missing_modules || settings.gate.allow_missing_modules.unwrap_or_default();
    let incomplete = collector.is_incomplete(allow_missing);
    let report = collector.finish(&args.frameworks);
    output::write_report(&report, &args.output, args.all)?;
    Ok(exit(&report, fail_on, args.fail_on_unknown, incomplete))
}

fn exit(report: &Report, fail_on: Option<Severity>, fail_on_unknown: bool, incomplete: bool) -> Exit {
    if incomplete {
        return Exit::Failed;
    }
    let counts = |verdict: Verdict| match verdict {
        Verdict::Failed => true,
        Verdict::Unknown => fail_on_unknown,
        _ => false,
    };
    let Some(least) = fail_on else { return Exit::Clean };
    let acts = report
        .findings
        .iter()
        .any(|finding| counts(finding.result) && finding.severity >= least);
    if acts { Exit::Findings } else { Exit::Clean }
}

fn read_plan(file: &Path) -> anyhow::Result<String> {
    input::read_text(file).with_context(|| match file == Path::new("-") {
        true => "cannot read the plan from standard input".to_owned(),
        false => format!("cannot read the plan {}", file.display()),
    })
}

fn check_path(
    path: &Path,
    args: &CheckArgs,
    settings: &Settings,
    policies: &[Arc<Policy>],
    mut suppressions: Suppressions,
    collector: &mut Collector,
) -> anyhow::Result<()> {
    let options = Options {
        inputs: args.variables.inputs(std::env::args()),
        workspace: args.workspace.clone(),
        each_module: args.each_module || settings.gate.each_module.unwrap_or_default(),
        strict_files: false,
    };
    let project = Project::load(path, &options)?;
    collector.begin(path, args.paths.len() > 1);
    if project.roots().is_empty() {
        bail!(
            "there are no Terraform files (.tf, .tf.json, .tofu) in {}",
            display_name(path, Path::new(""))
        );
    }
    suppressions.read_comments(project.sources());
    let bar = progress::bar(project.roots().len() as u64, args.output.quiet);
    let mut judged: Vec<(usize, Graph, Judgements)> = in_order_of_work(&project)
        .into_par_iter()
        .with_max_len(1)
        .map(|(at, root)| {
            let graph = project.graph(root);
            let judgements = judge(&graph, policies);
            bar.inc(1);
            (at, graph, judgements)
        })
        .collect();
    judged.sort_unstable_by_key(|(at, ..)| *at);
    bar.finish_and_clear();
    let unread: BTreeSet<&str> = project
        .modules()
        .flat_map(|module| module.unread.iter())
        .map(|file| project.sources().name(*file))
        .collect();
    collector.add_files(
        project.modules().map(|module| module.files.len()).sum(),
        unread.len(),
    );
    for (_, graph, judgements) in &mut judged {
        collector.add(graph, std::mem::take(judgements), &mut suppressions);
    }
    let resources = judged.iter().flat_map(|(_, graph, _)| &graph.resources);
    let mut built: HashSet<Span> = HashSet::new();
    for declaration in resources.filter_map(|resource| resource.declaration.as_ref()) {
        built.insert(declaration.block.span);
        built.extend(declaration.called_from.iter());
    }
    for module in project.modules() {
        let resources = module.resources.values().map(|block| (block.span, false));
        let calls = module.calls.values().map(|block| (block.span, true));
        for (span, is_call) in resources.chain(calls) {
            if !built.contains(&span) {
                suppressions.excuse(project.sources(), span, is_call);
            }
        }
    }
    if let Some((_, graph, _)) = judged.first() {
        collector.finish_path(graph, &suppressions, settings.file.as_deref());
    }
    // As with a plan.
    std::mem::forget((project, judged));
    Ok(())
}

/// The root modules with their places, those first that probably take the longest: else one of them would begin when
/// all others have ended.
fn in_order_of_work(project: &Project) -> Vec<(usize, &PathBuf)> {
    let work = |root: &PathBuf| {
        let module = project.module(root);
        module.map_or(0, |module| module.resources.len() + 4 * module.calls.len())
    };
    let mut roots: Vec<(usize, &PathBuf)> = project.roots().iter().enumerate().collect();
    roots.sort_by_key(|(_, root)| std::cmp::Reverse(work(root)));
    roots
}
