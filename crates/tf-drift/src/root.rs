//! The scan of one root: init, an ordinary plan, and what it says of drift.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use clap::Args;
use tf_cli::settings::Settings;
use tf_cli::settings::review::RootSettings;
use tf_cli::steps::Progress;
use tf_inventory::States;
use tf_model::config::files::{display_name, repository};
use tf_model::config::{Input, Inputs};
use tf_model::plan::Drift;
use tf_model::{Graph, Options, Project};
use tf_policy::Policy;
use tf_pricing::Pricing;
use tf_review::Mask;
use tf_terraform::{Event, InitOptions, Initialised, PlanOptions, Program, Root, Stop, TerraformError};

use crate::backend::{self, S3};
use crate::classify::{self, Reading};
use crate::finding::RootReport;
use crate::noise::Rules;
use crate::noise::driftignore::Driftignore;
use crate::roots::Job;
use crate::states::Aws;

/// How long Terraform may take to end when it was asked to: it has nothing to put in order, since nothing is changed.
const GRACE: Duration = Duration::from_secs(10);

/// How roots are initialised.
#[derive(Args, Clone, Debug)]
pub(crate) struct InitArgs {
    /// Setting of the backend: key=value, or a file; may be given several times. A root's own backend.hcl is taken without being named
    #[arg(long, value_name = "SETTING")]
    backend_config: Vec<String>,
    /// A folder of providers that roots share
    #[arg(long, value_name = "DIR", env = "TF_PLUGIN_CACHE_DIR")]
    plugin_cache: Option<PathBuf>,
    /// Do not run init: the roots are initialised already
    #[arg(long)]
    no_init: bool,
    /// Let init change the lock files of providers; by default only outside of CI
    #[arg(long)]
    update_lock_file: bool,
}

impl InitArgs {
    /// The options of a root's init.
    fn options(&self, dir: &Path, own: Option<&RootSettings>) -> InitOptions {
        let cache = self.plugin_cache.as_deref();
        let mut options =
            tf_cli::terraform::init_options(&self.backend_config, own, self.update_lock_file, cache);
        let is_settled = own.is_some_and(|own| !own.backend_config.is_empty());
        if !is_settled && backend::has_file(dir) {
            options.backend_config.insert(0, backend::FILE.to_owned());
        }
        options
    }

    /// The options for a folder of ours, which has no backend and no lock file.
    pub(crate) fn bare(&self) -> InitOptions {
        InitOptions {
            plugin_cache: self.plugin_cache.clone(),
            ..InitOptions::default()
        }
    }
}

/// What all roots of a scan share.
pub(crate) struct Shared<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) policies: &'a [Arc<Policy>],
    pub(crate) pricing: &'a Pricing,
    pub(crate) program: Program,
    pub(crate) stop: Stop,
    pub(crate) progress: Progress,
    /// Values for variables, of the command line.
    pub(crate) inputs: Inputs,
    pub(crate) workspace: String,
    /// What the command line says of `init`.
    pub(crate) init: InitArgs,
    /// The state is locked only where this says how long a lock is waited for.
    pub(crate) lock_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) respect_ignore_changes: bool,
    /// Held during an init with a cache of providers, which Terraform does not guard.
    pub(crate) alone: Mutex<()>,
    /// What is in the states of roots, where somebody asks what is in none.
    pub(crate) states: Option<Mutex<States>>,
    /// Where `.driftignore` lies beside that of each root.
    pub(crate) driftignore: &'a Path,
    /// The way to states in S3, where somebody asks for them.
    pub(crate) aws: Option<Aws>,
    /// The account of the credentials, once it was asked for.
    pub(crate) account: OnceLock<Result<String, String>>,
}

impl Shared<'_> {
    /// Scans a root. What goes wrong is its result.
    pub(crate) fn scan(&self, job: &Job) -> RootReport {
        match self.try_scan(job) {
            Ok(report) => report,
            Err(error) => RootReport::failed(&job.name, format!("{error:#}")),
        }
    }

    fn try_scan(&self, job: &Job) -> anyhow::Result<RootReport> {
        if let Some(orphan) = &job.orphan {
            return self.scan_orphan(job, orphan);
        }
        let own = self.settings.gate.root_of(&job.dir);
        let workspace = job.workspace.as_deref().unwrap_or(&self.workspace);
        let inputs = self.inputs(own);
        let shown = match self.plan(job, own, &inputs) {
            Ok(shown) => shown,
            Err(Trouble::Other(error)) => return Err(error),
            Err(Trouble::Terraform(error)) => {
                // Its words may hold what variables hold.
                let text = error.to_string();
                let secrets = match self.written(&job.dir, &inputs, workspace) {
                    Ok(written) => tf_model::plan::secrets_of(written.variables.values()),
                    Err(_) => Default::default(),
                };
                let mask = Mask::new(secrets.iter().map(AsRef::as_ref));
                return Err(anyhow!("{}", mask.text("", &text)));
            }
        };
        self.progress.step(&job.name, "comparing");
        let mut drift = tf_model::plan::drift(&shown).context("the plan cannot be read")?;
        drop(shown);
        if drift.review.errored {
            return Err(anyhow!("the plan ended early, with errors"));
        }
        if let Some(states) = &self.states {
            states
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(&job.name, &drift.review.before);
        }
        let written = self.written(&job.dir, &inputs, workspace)?;
        self.judged(job, &job.dir, &mut drift, &written)
    }

    /// What a plan says, with the configuration in a folder.
    pub(crate) fn judged(
        &self,
        job: &Job,
        dir: &Path,
        drift: &mut Drift,
        written: &Graph,
    ) -> anyhow::Result<RootReport> {
        let mut secrets = tf_model::plan::secrets(&drift.review);
        secrets.extend(tf_model::plan::secrets_of(drift.values()));
        if drift.review.steps.is_empty() {
            let there = &drift.review.before.resources;
            secrets.extend(tf_model::plan::secrets_of(there.iter().map(|it| &it.values)));
        }
        secrets.extend(tf_model::plan::secrets_of(written.variables.values()));
        let mask = Mask::new(secrets.iter().map(AsRef::as_ref));
        let driftignore = [dir, self.driftignore]
            .into_iter()
            .find(|dir| dir.join(".driftignore").is_file())
            .map_or(Ok(Driftignore::default()), Driftignore::find)
            .context(".driftignore cannot be read")?;
        let rules = Rules {
            ignores: &self.settings.drift.ignores,
            driftignore,
            respect_ignore_changes: self.respect_ignore_changes,
        };
        let reading = Reading {
            root: &job.name,
            written,
            policies: self.policies,
            pricing: self.pricing,
            rules: &rules,
            mask: &mask,
            prefix: &display_name(dir, &repository(dir)),
        };
        Ok(classify::report(drift, &reading))
    }

    fn inputs(&self, own: Option<&RootSettings>) -> Inputs {
        let mut inputs = self.inputs.clone();
        let files = own.map(|own| own.var_files.clone()).unwrap_or_default();
        // Those of the command line win.
        inputs.arguments.splice(0..0, files.into_iter().map(Input::File));
        inputs
    }

    /// The configuration, evaluated without Terraform.
    pub(crate) fn written(&self, dir: &Path, inputs: &Inputs, workspace: &str) -> anyhow::Result<Graph> {
        let options = Options {
            inputs: inputs.clone(),
            workspace: workspace.to_owned(),
            ..Options::default()
        };
        let project = Project::load_root(dir, &options)?;
        let root = project.roots().first().context("there are no Terraform files")?;
        Ok(project.graph(root))
    }

    /// What a root's init is made of. Where its folder lies elsewhere, nothing is known of it.
    fn initialised(&self, job: &Job, options: &InitOptions) -> Option<Initialised> {
        let elsewhere = std::env::var_os("TF_DATA_DIR").is_some_and(|dir| !dir.is_empty());
        match elsewhere {
            true => None,
            false => Initialised::of(&job.dir, options, &self.program),
        }
    }

    /// Whether a scan before has initialised the root, and nothing has changed since.
    fn is_ready(&self, job: &Job, options: &InitOptions) -> bool {
        let now = self.initialised(job, options);
        now.is_some_and(|now| now.is_recorded())
    }

    /// The right to run an init that writes into a cache of providers, which is for one at a time.
    pub(crate) fn turn(&self, writes: bool) -> Option<MutexGuard<'_, ()>> {
        writes.then(|| self.alone.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Terraform in a folder, with what is left of the root's time, so that a message names what was given to it as a whole.
    pub(crate) fn terraform(&self, dir: &Path, workspace: &str, begin: Instant) -> Root {
        let root = Root::new(self.program.clone(), dir)
            .stopped_by(self.stop.clone())
            .env("TF_WORKSPACE", workspace);
        match self.timeout {
            Some(limit) => {
                let left = limit
                    .saturating_sub(begin.elapsed())
                    .max(Duration::from_millis(1));
                root.killed_after(left, GRACE)
            }
            None => root,
        }
    }

    /// An error that names what was given to the root as a whole.
    pub(crate) fn timed(&self, error: TerraformError) -> Trouble {
        match (error, self.timeout) {
            (TerraformError::TimedOut { command, .. }, Some(limit)) => {
                Trouble::Terraform(TerraformError::TimedOut { command, limit })
            }
            (error, _) => Trouble::Terraform(error),
        }
    }

    /// The plan as `show -json` prints it. It holds secrets in the clear, and stays in memory; the plan file goes with its folder, which
    /// nobody else may open.
    fn plan(&self, job: &Job, own: Option<&RootSettings>, inputs: &Inputs) -> Result<String, Trouble> {
        let options = self.init.options(&job.dir, own);
        let is_ready = self.init.no_init || self.is_ready(job, &options);
        // Who waits for its turn has not begun. Where nothing is missing in the cache, it is only read.
        let cache = options.plugin_cache.as_ref();
        let alone = !is_ready && cache.is_some_and(|cache| !tf_terraform::is_cached(cache, &job.dir));
        let turn = self.turn(alone);
        let begin = Instant::now();
        let workspace = job.workspace.as_deref().unwrap_or(&self.workspace);
        let root = || self.terraform(&job.dir, workspace, begin);
        let timed = |error: TerraformError| self.timed(error);
        let init = || {
            self.progress.step(&job.name, "init");
            root().init(&options)?;
            if let Some(made) = self.initialised(job, &options) {
                made.record();
            }
            Ok::<(), TerraformError>(())
        };
        if !is_ready {
            match init() {
                // The cache was not what it seemed, and is to be written.
                Err(error @ TerraformError::Failed { .. })
                    if !alone && cache.is_some() && error.to_string().contains("provider") =>
                {
                    let _turn = self.turn(true);
                    init().map_err(timed)?;
                }
                done => done.map_err(timed)?,
            }
        }
        drop(turn);
        self.progress.step(&job.name, "plan");
        let folder = tempfile::Builder::new()
            .prefix("plumbline-")
            .tempdir()
            .context("no temporary folder can be made")
            .map_err(Trouble::Other)?;
        let plan: PathBuf = folder.path().join("plan");
        let options = PlanOptions {
            out: plan.clone(),
            variables: tf_cli::terraform::variable_flags(&inputs.arguments),
            lock: self.lock_timeout.is_some(),
            lock_timeout: self.lock_timeout.unwrap_or_default(),
            destroy: false,
            refresh_only: false,
        };
        let mut read = 0_usize;
        root()
            .plan(&options, &mut |event| {
                if let Event::RefreshComplete(_) = event {
                    read += 1;
                    self.progress.detail(&job.name, &format!("plan: {read} read"));
                }
            })
            .map_err(timed)?;
        let document = root().show(&plan).map_err(timed)?;
        String::from_utf8(document).map_err(|_| Trouble::Other(anyhow!("the plan is not UTF-8")))
    }
}

/// Where the configuration of a root says that its state is, where that is in S3.
pub(crate) fn declared(settings: &Settings, init: &InitArgs, dir: &Path) -> Option<S3> {
    let options = init.options(dir, settings.gate.root_of(dir));
    S3::declared(dir, &options.backend_config)
}

/// What goes wrong with Terraform, whose words may hold secrets, or with anything else.
pub(crate) enum Trouble {
    Terraform(TerraformError),
    Other(anyhow::Error),
}
