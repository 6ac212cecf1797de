//! `tf-drift merge`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use tf_cli::exit::Exit;
use tf_cli::settings::Settings;
use tf_cli::settings::place::Place;

use crate::acknowledge;
use crate::finding::{Document, RootReport, SCHEMA};
use crate::history::{self, Store};
use crate::notify::NotifyArgs;
use crate::output::OutputArgs;
use crate::scan::{exit, run_of_ci};
use crate::trend::Trend;

/// Put the results of shards together
///
/// Takes the JSON reports of the shards, or what they left in the history, and makes one report: the same that one process would have
/// made. Exits as scan does, and with 2 where a shard left no result.
#[derive(Args, Debug)]
pub(crate) struct MergeArgs {
    /// JSON reports of shards; without them, the results in the history are taken
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where results are kept: a folder, or s3://BUCKET/PREFIX; else what plumbline.hcl says
    #[arg(long, value_name = "PLACE", env = "TF_DRIFT_HISTORY")]
    history: Option<Place>,
    /// Which scan; else what CI calls the run, else the latest
    #[arg(long, value_name = "NAME", env = "TF_DRIFT_RUN")]
    run: Option<String>,
    /// List what differs and is no drift, with the reason
    #[arg(long)]
    show_ignored: bool,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: MergeArgs) -> anyhow::Result<Exit> {
    let settings = Settings::find(Path::new("."))?;
    let store = history::open(args.history.as_ref(), &settings)?;
    let store = store.as_deref();
    let document = match (args.files.is_empty(), store) {
        (false, _) => of_reports(&args.files, args.show_ignored)?,
        (true, Some(store)) => {
            let run = args.run.clone().or_else(run_of_ci);
            of_history(store, run.as_deref(), &settings, args.show_ignored)?
        }
        (true, None) => bail!("give the JSON reports of the shards, or --history"),
    };
    let trend = match store.filter(|_| args.output.wants_trend()) {
        Some(store) => Trend::read(store)?,
        None => Trend::of(&document),
    };
    args.output.print(&document, &trend)?;
    args.notify.tell(&document)?;
    Ok(exit(&document, args.output.least(&settings)))
}

fn of_reports(files: &[PathBuf], show_ignored: bool) -> anyhow::Result<Document> {
    let mut roots: BTreeMap<String, RootReport> = BTreeMap::new();
    let (mut runs, mut at) = (Vec::new(), None::<String>);
    let (mut warnings, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let part: Document = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no report of tf-drift in JSON", file.display()))?;
        if part.schema != SCHEMA {
            bail!(
                "{} is {:?}, and should be {SCHEMA:?}",
                file.display(),
                part.schema
            );
        }
        for mut root in part.roots {
            if !show_ignored {
                root.ignored_changes.clear();
            }
            if let Some(twice) = roots.insert(root.root.clone(), root) {
                bail!(
                    "{} has the root {}, which another file has too",
                    file.display(),
                    twice.root
                );
            }
        }
        if !runs.contains(&part.run) {
            runs.push(part.run);
        }
        at = Some(match at {
            Some(at) => at.min(part.at),
            None => part.at,
        });
        warnings.extend(part.warnings);
        errors.extend(part.errors);
    }
    if let [one, other, ..] = runs.as_slice() {
        bail!("the reports are of different scans: {one} and {other}; give the shards of one --run");
    }
    let run = runs.pop().unwrap_or_default();
    let mut document = Document::new(
        run,
        at.unwrap_or_default(),
        roots.into_values().collect(),
        warnings,
    );
    document.warnings.sort();
    document.errors = errors;
    Ok(document)
}

/// A scan whose results are kept.
pub(crate) fn of_history(
    store: &dyn Store,
    run: Option<&str>,
    settings: &Settings,
    show_ignored: bool,
) -> anyhow::Result<Document> {
    let results = history::results_of(store, run).context("the history cannot be used")?;
    let Some(first) = results.first() else {
        match run {
            Some(run) => bail!("the history has no result of the scan {run}"),
            None => bail!("the history has no results yet: run tf-drift scan --history"),
        }
    };
    let at = results
        .iter()
        .map(|result| &result.at)
        .min()
        .cloned()
        .unwrap_or_default();
    let (run, whole) = (first.run.clone(), first.whole);
    let mut errors = Vec::new();
    let count: usize = first
        .shard
        .split_once('/')
        .and_then(|(_, count)| count.parse().ok())
        .unwrap_or(1);
    for index in 1..=count {
        let shard = format!("{index}/{count}");
        if !results.iter().any(|result| result.shard == shard) {
            errors.push(format!(
                "shard {shard} left no result: its roots are missing here"
            ));
        }
    }
    // A shard that ran twice: the later result counts.
    let mut roots: BTreeMap<String, RootReport> = BTreeMap::new();
    for result in results {
        for entry in result.roots {
            roots.insert(entry.root, entry.report);
        }
    }
    let mut roots: Vec<RootReport> = roots.into_values().collect();
    let warnings = {
        let mut roots: Vec<&mut RootReport> = roots.iter_mut().collect();
        let whole = whole && errors.is_empty();
        acknowledge::apply(&mut roots, &settings.drift.acknowledgements, &at, whole)
    };
    if !show_ignored {
        for root in &mut roots {
            root.ignored_changes.clear();
        }
    }
    let mut document = Document::new(run, at, roots, warnings);
    document.errors = errors;
    Ok(document)
}
