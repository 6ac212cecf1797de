//! `tf-gate plan`

pub(crate) mod folder;
pub(crate) mod judge;
pub(crate) mod run;
pub(crate) mod state;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use tf_cli::args::{OutputArgs, VariableArgs};
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_cli::settings::key::KeyName;
use tf_cli::settings::review::parse_duration;
use tf_cli::steps as progress;
use tf_cli::terraform;
use tf_model::config::files::{display_name, repository};
use tf_report::Report;
use tf_report::render::{Format, Options as Rendering, render};
use tf_review::{COMMENT_LIMIT, TextOptions};
use tf_terraform::{Circle, side_by_side};

use crate::git::Git;
use crate::seal::SigningKey;
use crate::selection::PolicyArgs;

pub(crate) use judge::Fails;
pub(crate) use run::{Job, Reviewed, Shared};

/// How long a review may be applied where nothing else is said.
const EXPIRES_AFTER: Duration = Duration::from_secs(72 * 3_600);

/// What an unknown verdict means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Unknown {
    /// It is shown, with what it waits for
    Show,
    /// It fails the review
    Fail,
}

/// Plan roots, judge what changes, and write a sealed review of each
///
/// Runs init, plan and show of Terraform or OpenTofu, judges the world before and after by all policies, and writes a folder with the
/// plan, review.json, review.md, review.html and review.sarif. Only failures that the change introduces fail the review. Exits with 1
/// where it fails, and with 2 where a root could not be planned; the other roots are reviewed all the same, and the folder of that one says
/// why, unless it holds an older review that can be applied.
#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// Root modules
    #[arg(value_name = "ROOT", required = true)]
    pub(crate) roots: Vec<PathBuf>,
    /// The folder of the review; with several roots, each has one of its name in it. Else .terraform/plumbline/review in the root
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Plan to destroy everything
    #[arg(long)]
    pub(crate) destroy: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Review this plan instead of making one: a plan file, or the output of `terraform show -json`, which cannot be applied
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Judge the configuration alone, without Terraform, providers or credentials: for pull requests of strangers
    #[arg(long = "static", conflicts_with_all = ["plan", "destroy"])]
    pub(crate) without_plan: bool,
    /// With --static: what the change is compared with, a branch, a tag or a commit; without it, every failure counts as introduced
    #[arg(long, value_name = "REV", requires = "without_plan")]
    pub(crate) base: Option<String>,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// Fail on failures that were there before too
    #[arg(long)]
    pub(crate) fail_on_existing: bool,
    /// What verdicts mean that are not known before apply
    #[arg(long, value_enum, default_value = "show")]
    pub(crate) unknown: Unknown,
    /// How long the review may be applied: 90m, 24h, 3d; else what plumbline.hcl says, else 3d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) expires_after: Option<Duration>,
    /// Sign the review with this key: Ed25519 in PEM, or a key in KMS, awskms:///alias/NAME
    #[arg(long, value_name = "KEY", env = "TF_GATE_SIGN_KEY")]
    pub(crate) sign_key: Option<KeyName>,
    /// Who makes the plan; else GITHUB_ACTOR, GITLAB_USER_LOGIN, git's user.email or USER
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How Terraform is run, by `plan` and `apply`.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArgs {
    /// The program: terraform or tofu
    #[arg(long, value_name = "PATH", env = "TF_GATE_TERRAFORM")]
    pub(crate) terraform: Option<OsString>,
    /// Setting of the backend: key=value, or a file; may be given several times
    #[arg(long, value_name = "SETTING")]
    pub(crate) backend_config: Vec<String>,
    /// A folder of providers that roots share
    #[arg(long, value_name = "DIR", env = "TF_PLUGIN_CACHE_DIR")]
    pub(crate) plugin_cache: Option<PathBuf>,
    /// Do not run init: the root is initialised already
    #[arg(long)]
    pub(crate) no_init: bool,
    /// Let init change the lock file of providers; by default only outside of CI
    #[arg(long)]
    pub(crate) update_lock_file: bool,
    /// Do not lock the state while planning
    #[arg(long)]
    pub(crate) no_lock: bool,
    /// How long a lock that somebody else holds is waited for
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
    /// How many roots are worked on at once; else as many as there are cores
    #[arg(long, value_name = "N")]
    pub(crate) parallel: Option<usize>,
    /// The workspace
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE", default_value = "default")]
    pub(crate) workspace: String,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "give a number with s, m, h or d, such as 24h".to_owned())
}

pub(crate) fn run(args: PlanArgs) -> anyhow::Result<Exit> {
    let settings = Settings::find(args.roots.first().map_or(Path::new("."), PathBuf::as_path))?;
    for root in &args.roots {
        if !root.is_dir() {
            bail!("{} is not a folder", root.display());
        }
    }
    if args.plan.is_some() && args.roots.len() > 1 {
        bail!("--plan is the plan of one root: give one ROOT");
    }
    rayon::spawn(tf_policy::prepare);
    let policies = args.policies.select(&settings)?;
    let pricing = tf_cli::pricing::chosen(&settings, args.output.quiet)?;
    let key = args.sign_key.as_ref().map(SigningKey::open).transpose()?;
    let stop = terraform::stop_on_signals()?;
    // A configuration, or a plan in JSON, can be reviewed where Terraform is missing.
    let program = match args.without_plan || args.plan.as_deref().is_some_and(run::is_json) {
        true => None,
        false => Some(terraform::program(args.run.terraform.as_ref())?),
    };
    let base = args
        .base
        .as_deref()
        .map(|base| Base::of(&args, base))
        .transpose()?;
    let shared = Shared {
        args: &args,
        settings: &settings,
        policies: &policies,
        pricing: &pricing,
        fails: Fails {
            from: args.policies.least(&settings),
            existing: args.fail_on_existing,
            unknown: args.unknown == Unknown::Fail,
        },
        expires_after: args
            .expires_after
            .or(settings.gate.reviews.expires_after)
            .unwrap_or(EXPIRES_AFTER),
        key,
        program,
        base,
        stop,
        command_line: std::env::args().collect(),
        progress: progress::Progress::new(args.output.quiet),
        init: std::sync::Mutex::new(()),
    };
    let jobs = jobs(&args)?;
    let after = after(&jobs, &settings)?;
    let bound = args
        .run
        .parallel
        .unwrap_or_else(rayon::current_num_threads)
        .max(1);
    let results = side_by_side(&jobs, &after, bound, tf_model::config::STACK, |_, job| {
        let result = shared.review(job);
        shared.progress.end(&job.name, result.is_err());
        result.map_err(|error| shared.failed(job, error))
    });
    let results = match results {
        Ok(results) => results,
        Err(Circle(at)) => {
            let names: Vec<&str> = at
                .iter()
                .filter_map(|at| Some(jobs.get(*at)?.name.as_str()))
                .collect();
            bail!(
                "in plumbline.hcl, roots come after each other in a circle: {}",
                names.join(" after ")
            );
        }
    };
    shared.progress.clear();
    let mut reviews = Vec::new();
    let mut failed = Vec::new();
    for (job, result) in jobs.iter().zip(results) {
        match result {
            Ok(review) => reviews.push(review),
            Err(error) => failed.push(format!("{}: {error:#}", job.name)),
        }
    }
    print(&args, &reviews)?;
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    let incomplete = reviews.iter().any(|review| review.judged.incomplete);
    let failed = reviews.iter().any(|review| review.file.result == "failed");
    // The program ends now: giving the memory back piece by piece would take a tenth of its time.
    std::mem::forget(reviews);
    match failed {
        _ if incomplete => bail!("not everything could be judged: see the errors of the review"),
        true => Ok(Exit::Findings),
        false => Ok(Exit::Clean),
    }
}

/// The files of the commit that a change is compared with.
pub(crate) struct Base {
    /// They go with this value.
    files: tempfile::TempDir,
}

impl Base {
    /// Those where the histories of a revision and of what is checked out part.
    fn of(args: &PlanArgs, revision: &str) -> anyhow::Result<Base> {
        let git = Git::find(args.roots.first().map_or(Path::new("."), PathBuf::as_path))?;
        let commit = git.merge_base(revision, "HEAD")?;
        let files = tempfile::Builder::new().prefix("plumbline-").tempdir()?;
        git.export(&commit, files.path())?;
        Ok(Base { files })
    }

    /// The folder of a root in it; none where the root is new.
    pub(crate) fn root(&self, dir: &Path) -> Option<PathBuf> {
        let inside = display_name(dir, &repository(dir));
        Some(self.files.path().join(inside)).filter(|dir| dir.is_dir())
    }
}

fn jobs(args: &PlanArgs) -> anyhow::Result<Vec<Job>> {
    let mut jobs: Vec<Job> = Vec::new();
    for root in &args.roots {
        let dir = root.canonicalize()?;
        if jobs.iter().any(|job| job.dir == dir) {
            continue;
        }
        let name = name(&dir);
        let out = match (&args.out, args.roots.len()) {
            (Some(out), 1) => out.clone(),
            (Some(out), _) => out.join(&name),
            (None, _) => dir.join(".terraform/plumbline/review"),
        };
        jobs.push(Job {
            dir,
            name,
            out: std::path::absolute(out)?,
        });
    }
    Ok(jobs)
}

/// A root's name: its folder in the repository. Where it is the repository itself, or in none, the folder's own name.
pub(crate) fn name(dir: &Path) -> String {
    let inside = display_name(dir, &repository(dir));
    match (inside.as_str(), dir.file_name()) {
        (".", Some(own)) => own.to_string_lossy().into_owned(),
        _ => inside,
    }
}

/// For each root the places of those that it comes after.
fn after(jobs: &[Job], settings: &Settings) -> anyhow::Result<Vec<Vec<usize>>> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let mut all = vec![Vec::new(); jobs.len()];
    for rule in &settings.gate.roots {
        if !rule.dir.is_dir() {
            bail!(
                "plumbline.hcl names the root {}, which is not a folder",
                rule.dir.display()
            );
        }
        let Some(at) = jobs.iter().position(|job| job.dir == real(&rule.dir)) else {
            continue;
        };
        for before in &rule.after {
            if !before.is_dir() {
                bail!(
                    "in plumbline.hcl, {} comes after {}, which is not a folder",
                    rule.dir.display(),
                    before.display()
                );
            }
            let before = real(before);
            if let (Some(before), Some(slot)) =
                (jobs.iter().position(|job| job.dir == before), all.get_mut(at))
            {
                slot.push(before);
            }
        }
    }
    Ok(all)
}

fn print(args: &PlanArgs, reviews: &[Reviewed]) -> anyhow::Result<()> {
    for (format, file) in &args.output.reports {
        let options = Rendering {
            width: 100,
            verbose: true,
            ..Rendering::default()
        };
        output::write_file(file, &rendered(args, reviews, *format, &options)?)?;
    }
    let on_terminal = args.output.output.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdout());
    let options = Rendering {
        color: output::use_color(args.output.color, on_terminal),
        width: 100,
        quiet: args.output.quiet,
        verbose: args.output.verbose,
        all: false,
    };
    let text = rendered(args, reviews, args.output.format, &options)?;
    match &args.output.output {
        Some(file) => output::write_file(file, &text),
        None => output::print(&text),
    }
}

fn rendered(
    args: &PlanArgs,
    reviews: &[Reviewed],
    format: Format,
    options: &Rendering,
) -> anyhow::Result<String> {
    let each = |show: &dyn Fn(&Reviewed) -> String| {
        let parts: Vec<String> = reviews.iter().map(show).collect();
        parts.join("\n")
    };
    Ok(match format {
        Format::Text if args.output.quiet => each(&|review| review.line()),
        Format::Text => each(&|review| {
            let text = review.document().text(TextOptions {
                color: options.color,
                all: options.verbose,
            });
            format!("{text}\n{}\n", review.next_step())
        }),
        Format::Markdown => each(&|review| review.document().markdown(COMMENT_LIMIT)),
        Format::Html => match reviews {
            [one] => one.document().html(),
            many => bail!(
                "a page is of one root, and here are {}: each has its own, review.html in its folder",
                many.len()
            ),
        },
        Format::Json => match reviews {
            [one] => serde_json::to_string_pretty(&one.whole())? + "\n",
            many => {
                let files: Vec<_> = many.iter().map(Reviewed::whole).collect();
                let document = serde_json::json!({
                    "schema": "plumbline.reviews/1",
                    "tool": "tf-gate",
                    "version": env!("CARGO_PKG_VERSION"),
                    "reviews": files,
                });
                serde_json::to_string_pretty(&document)? + "\n"
            }
        },
        other => {
            let mut all = Report {
                tool: "tf-gate".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ..Report::default()
            };
            for review in reviews {
                all.absorb(&review.judged.report, &review.file.root);
            }
            render(&all, other, options)
        }
    })
}
