//! `tf-drift scan`

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use tf_aws::Options as AwsOptions;
use tf_cli::args::VariableArgs;
use tf_cli::exit::Exit;
use tf_cli::settings::Settings;
use tf_cli::settings::place::{Place, S3Prefix};
use tf_cli::settings::review::parse_duration;
use tf_cli::steps::{Progress, say};
use tf_cli::terraform;
use tf_terraform::side_by_side;

use crate::acknowledge;
use crate::finding::{Document, RootReport, Status};
use crate::history::finished::Done;
use crate::history::{self, Entry, Past, Store, finished};
use crate::notify::NotifyArgs;
use crate::output::OutputArgs;
use crate::root::{self, InitArgs, Shared};
use crate::roots::{self, Job};
use crate::shard::Shard;
use crate::states::{self, Aws, Claim, Found};
use crate::trend::Trend;
use crate::unmanaged::{self, UnmanagedArgs};
use crate::who;

/// Look for drift in roots, side by side
///
/// Makes an ordinary plan of each root, without locking or writing its state, and reports what somebody changed outside of Terraform:
/// what the next apply takes back, what it takes into the state, and what is gone. What differs and is no drift is left out with a
/// reason. Exits with 1 where there is drift that nobody acknowledged, and with 2 where a root could not be read; the other roots are
/// reported all the same.
#[derive(Args, Debug)]
pub(crate) struct ScanArgs {
    /// Root modules, or folders that hold some; else all in `environments`
    #[arg(value_name = "ROOT")]
    roots: Vec<PathBuf>,
    /// Scan the states in a bucket, s3://BUCKET/PREFIX; may be given several times. Each is planned in the root whose backend it is; of one
    /// that no root has, what was changed outside is told without a configuration
    #[arg(long = "state", value_name = "S3_PREFIX")]
    states: Vec<S3Prefix>,
    /// The program: terraform or tofu
    #[arg(long, value_name = "PATH", env = "TF_DRIFT_TERRAFORM")]
    terraform: Option<OsString>,
    #[command(flatten)]
    init: InitArgs,
    /// Lock the state while planning, and wait so long for a lock that somebody else holds; else nothing is locked
    #[arg(long, value_name = "TIME", value_parser = duration)]
    lock_timeout: Option<Duration>,
    /// How long a root may take: 90s, 20m; else what plumbline.hcl says, else 30m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// How many roots are worked on at once; else as many as there are cores
    #[arg(long, value_name = "N")]
    parallel: Option<usize>,
    /// The workspace
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE", default_value = "default")]
    workspace: String,
    #[command(flatten)]
    variables: VariableArgs,
    /// List what differs and is no drift, with the reason
    #[arg(long)]
    show_ignored: bool,
    /// Leave out attributes under `ignore_changes`
    #[arg(long)]
    respect_ignore_changes: bool,
    /// Where results are kept, so that findings have an age: a folder, or s3://BUCKET/PREFIX
    #[arg(long, value_name = "PLACE", env = "TF_DRIFT_HISTORY")]
    history: Option<Place>,
    /// Scan one part of the roots, I/N; `auto` takes it from the variables of GitLab, Kubernetes, AWS Batch, or TF_DRIFT_SHARD_INDEX and
    /// TF_DRIFT_SHARD_TOTAL
    #[arg(long, value_name = "I/N", env = "TF_DRIFT_SHARD")]
    shard: Option<String>,
    /// What the shards of one scan share; else what CI calls the run
    #[arg(long, value_name = "NAME", env = "TF_DRIFT_RUN")]
    run: Option<String>,
    /// Go on with a scan that was stopped: roots that it finished are not planned again
    #[arg(long)]
    resume: bool,
    /// The time of the scan, as RFC 3339; else now
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// Ask CloudTrail who changed what drifted, when, by which call and from where
    #[arg(long)]
    who: bool,
    #[command(flatten)]
    unmanaged: UnmanagedArgs,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "give a number with s, m, h or d, such as 20m".to_owned())
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "give it as 2026-01-31T06:00:00Z".to_owned())
}

/// How long a root may take where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// What scans of one run share, and what they leave behind.
struct Run {
    name: String,
    at: String,
    shard: Shard,
    /// How long is remembered what is gone.
    kept: SignedDuration,
}

pub(crate) fn run(args: ScanArgs) -> anyhow::Result<Exit> {
    let settings = Settings::find(args.roots.first().map_or(Path::new("."), PathBuf::as_path))?;
    rayon::spawn(tf_policy::prepare);
    let least = args.output.least(&settings);
    let shard = shard(args.shard.as_deref())?;
    let store = history::open(args.history.as_ref(), &settings)?;
    let store = store.as_deref();
    if shard != Shard::WHOLE && args.notify.is_asked_for() {
        bail!("one shard knows nothing of the others: give --issue and --webhook to tf-drift merge");
    }
    if args.resume && store.is_none() {
        bail!("--resume needs --history, where roots that are done are kept");
    }
    if args.unmanaged.unmanaged && (shard != Shard::WHOLE || args.resume) {
        bail!("--unmanaged needs the states of all roots: not with --shard, and not with --resume");
    }
    let (jobs, found) = jobs(&args, &settings)?;
    let named = args.run.clone().or_else(run_of_ci);
    let (run, mut done) = begun(&args, named, shard, store, history::kept(&settings))?;
    let all: Vec<String> = jobs.iter().map(|job| job.name.clone()).collect();
    let past = match store {
        Some(store) => history::past(
            store,
            &run.name,
            &all.iter()
                .cloned()
                .chain([unmanaged::ENTRY.to_owned()])
                .collect::<BTreeSet<String>>(),
        )
        .context("the history cannot be used")?,
        None => Past::default(),
    };
    let picked = shard.pick(&all, &past.seconds);
    let jobs: Vec<Job> = jobs
        .into_iter()
        .zip(picked)
        .filter_map(|(job, is)| is.then_some(job))
        .collect();
    done.retain(|entry| {
        entry.report.status != Status::Failed && jobs.iter().any(|job| job.name == entry.root)
    });
    let open: Vec<&Job> = jobs
        .iter()
        .filter(|job| !done.iter().any(|entry| entry.root == job.name))
        .collect();
    if args.resume && !args.output.quiet {
        say(&format!(
            "{} of {} roots are done already",
            done.len(),
            jobs.len()
        ));
    }
    let stop = terraform::stop_on_signals()?;
    let shared = Shared {
        settings: &settings,
        policies: &tf_cli::policies::chosen(&settings)?,
        pricing: &tf_cli::pricing::chosen(&settings, args.output.quiet)?,
        program: terraform::program(args.terraform.as_ref())?,
        stop: stop.clone(),
        progress: Progress::new(args.output.quiet),
        inputs: args.variables.inputs(std::env::args()),
        workspace: args.workspace.clone(),
        init: args.init.clone(),
        lock_timeout: args.lock_timeout,
        timeout: Some(args.timeout.or(settings.drift.timeout).unwrap_or(TIMEOUT)),
        respect_ignore_changes: args.respect_ignore_changes
            || settings.drift.respect_ignore_changes.unwrap_or(false),
        alone: Mutex::new(()),
        // Where states are read anyway, what is in them does not depend on plans.
        states: (args.unmanaged.unmanaged && found.is_none()).then(Mutex::default),
        driftignore: Path::new("."),
        aws: found.as_ref().map(|(aws, _)| aws.clone()),
        account: OnceLock::new(),
    };
    let bound = args.parallel.unwrap_or_else(rayon::current_num_threads).max(1);
    let scanned = side_by_side(
        &open,
        &one_after_another(&open),
        bound,
        tf_model::config::STACK,
        |_, job| {
            let entry = scan_one(&shared, job, &past, &run);
            shared
                .progress
                .end(&job.name, entry.report.status == Status::Failed);
            // Who was stopped is not done.
            let keep = !stop.is_requested() || entry.report.status != Status::Failed;
            let kept = match store.filter(|_| keep) {
                Some(store) => finished::keep(store, &run.done(&entry)),
                None => Ok(()),
            };
            kept.map(|()| entry)
        },
    );
    shared.progress.clear();
    let scanned = scanned.map_err(|_| anyhow::anyhow!("roots wait for each other"))?;
    let mut entries = done;
    for entry in scanned {
        entries.push(entry?);
    }
    if args.unmanaged.unmanaged && !stop.is_requested() {
        let (states, failed) = match (&found, shared.states) {
            (Some((aws, found)), _) => states::contents(aws, found),
            (None, states) => {
                let states = states.unwrap_or_default().into_inner();
                let failed = entries
                    .iter()
                    .filter(|entry| entry.report.status == Status::Failed)
                    .count();
                (states.unwrap_or_else(PoisonError::into_inner), failed)
            }
        };
        let begin = Instant::now();
        let report = args.unmanaged.report(&states, failed, &settings, Path::new("."));
        entries.push(entry_of(report, unmanaged::ENTRY, begin, &past, &run));
    }
    entries.sort_by(|a, b| a.root.cmp(&b.root));
    if args.who && !stop.is_requested() {
        who::add(&jobs, &mut entries, &args.workspace, Timestamp::now());
    }
    let whole = args.roots.is_empty() && args.states.is_empty();
    let warnings = {
        let mut reports: Vec<&mut RootReport> = entries.iter_mut().map(|entry| &mut entry.report).collect();
        let whole = whole && shard == Shard::WHOLE;
        acknowledge::apply(&mut reports, &settings.drift.acknowledgements, &run.at, whole)
    };
    let stopped = stop.is_requested();
    if let Some(store) = store.filter(|_| !stopped) {
        keep(store, &run, whole, &entries)?;
        // An old result that stays harms nobody.
        if let Err(error) = history::prune(store, &run.name, &run.at, Timestamp::now(), run.kept) {
            say(&format!("old results stay in the history: {error}"));
        }
    }
    let mut reports: Vec<RootReport> = entries.into_iter().map(|entry| entry.report).collect();
    if !args.show_ignored {
        for report in &mut reports {
            report.ignored_changes.clear();
        }
    }
    let document = Document::new(run.name.clone(), run.at.clone(), reports, warnings);
    let trend = match store.filter(|_| args.output.wants_trend()) {
        Some(store) => Trend::read(store)?,
        None => Trend::of(&document),
    };
    args.output.print(&document, &trend)?;
    if stopped {
        bail!(
            "stopped: {} of {} roots were not scanned{}",
            document.summary.failed,
            document.summary.roots,
            match store {
                Some(_) => "; go on with --resume",
                None => "",
            }
        );
    }
    args.notify.tell(&document)?;
    Ok(exit(&document, least))
}

/// The exit code of a document.
pub(crate) fn exit(document: &Document, least: Option<tf_report::Severity>) -> Exit {
    match (document.is_incomplete(), document.acts(least)) {
        (true, _) => Exit::Failed,
        (_, true) => Exit::Findings,
        _ => Exit::Clean,
    }
}

impl Run {
    fn done(&self, entry: &Entry) -> Done {
        Done {
            run: self.name.clone(),
            at: self.at.clone(),
            shard: self.shard.to_string(),
            entry: entry.clone(),
        }
    }
}

fn shard(named: Option<&str>) -> anyhow::Result<Shard> {
    Ok(match named {
        None => Shard::WHOLE,
        Some("auto") => Shard::of_environment(|name| std::env::var(name).ok())?,
        Some(text) => text.parse()?,
    })
}

/// What a system of continuous integration calls the run.
pub(crate) fn run_of_ci() -> Option<String> {
    ["GITHUB_RUN_ID", "CI_PIPELINE_ID"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The run, with what it has done already where it is gone on with.
fn begun(
    args: &ScanArgs,
    named: Option<String>,
    shard: Shard,
    store: Option<&dyn Store>,
    kept: SignedDuration,
) -> anyhow::Result<(Run, Vec<Entry>)> {
    let now = args
        .at
        .unwrap_or_else(Timestamp::now)
        .strftime("%FT%TZ")
        .to_string();
    let done = match store.filter(|_| args.resume) {
        Some(store) => finished::of(store, named.as_deref(), &shard.to_string())?,
        None => Vec::new(),
    };
    let earlier = done.first().map(|done| (done.run.clone(), done.at.clone()));
    let (name, at) = match earlier {
        Some((name, at)) => (name, args.at.map_or(at, |_| now.clone())),
        None => (
            named.unwrap_or_else(|| {
                now.chars()
                    .filter(|letter| !matches!(letter, '-' | ':'))
                    .collect()
            }),
            now,
        ),
    };
    let run = Run {
        name,
        at,
        shard,
        kept,
    };
    Ok((run, done.into_iter().map(|done| done.entry).collect()))
}

/// The states of buckets, with the way to them.
type Bucketed = Option<(Aws, Vec<Found>)>;

/// What is scanned, in order of names.
fn jobs(args: &ScanArgs, settings: &Settings) -> anyhow::Result<(Vec<Job>, Bucketed)> {
    if args.states.is_empty() {
        return Ok((roots::find(&args.roots, settings)?, None));
    }
    if args.workspace != "default" {
        bail!("--state scans the states of all workspaces: not with --workspace, and not with TF_WORKSPACE");
    }
    // Nobody needs to have roots here.
    let named = !(args.roots.is_empty() && settings.drift.roots.is_empty());
    let roots = match named || Path::new(roots::DEFAULT).is_dir() {
        true => roots::find(&args.roots, settings)?,
        false => Vec::new(),
    };
    let claims: Vec<Claim> = roots
        .into_iter()
        .filter_map(|job| {
            let s3 = root::declared(settings, &args.init, &job.dir)?;
            Some(Claim { job, s3 })
        })
        .collect();
    let aws = Aws::open(AwsOptions::default())?;
    let found = states::find(&aws, &args.states, &claims)?;
    let jobs = found.iter().map(|found| found.job.clone()).collect();
    Ok((jobs, Some((aws, found))))
}

/// Which jobs wait for which: those of one folder are not initialised at the same time.
fn one_after_another(jobs: &[&Job]) -> Vec<Vec<usize>> {
    let mut last: BTreeMap<&Path, usize> = BTreeMap::new();
    jobs.iter()
        .enumerate()
        .map(|(at, job)| match job.orphan {
            Some(_) => Vec::new(),
            None => last.insert(&job.dir, at).into_iter().collect(),
        })
        .collect()
}

fn scan_one(shared: &Shared<'_>, job: &Job, past: &Past, run: &Run) -> Entry {
    let begin = Instant::now();
    let report = shared.scan(job);
    if let Some(error) = &report.error {
        let first = error.lines().next().unwrap_or_default();
        say(&format!("{}: FAILED: {first}", job.name));
    }
    entry_of(report, &job.name, begin, past, run)
}

/// A report with what earlier scans remember of it.
fn entry_of(mut report: RootReport, name: &str, begin: Instant, past: &Past, run: &Run) -> Entry {
    let before = past.remembered.get(name).map(Vec::as_slice).unwrap_or_default();
    let remembered = history::compare(&mut report, before, &run.at, run.kept);
    Entry {
        root: name.to_owned(),
        seconds: (begin.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        remembered,
        report,
    }
}

/// Leaves the result of the run behind, and takes away what was kept meanwhile.
fn keep(store: &dyn Store, run: &Run, whole: bool, entries: &[Entry]) -> anyhow::Result<()> {
    let result = history::Result::new(
        &run.name,
        &run.shard.to_string(),
        &run.at,
        whole,
        entries.to_vec(),
    );
    history::leave(store, &result)?;
    let roots: Vec<String> = entries.iter().map(|entry| entry.root.clone()).collect();
    finished::forget(store, &run.name, &roots)?;
    Ok(())
}
