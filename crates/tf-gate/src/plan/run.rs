//! The review of one root.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use serde_json::value::to_raw_value;
use serde_json::{Value as Json, json};
use tf_cli::settings::Settings;
use tf_cli::settings::review::RootSettings;
use tf_model::config::Inputs;
use tf_model::plan::Review;
use tf_model::{Graph, Options, Project};
use tf_policy::{Policy, Since};
use tf_pricing::Pricing;
use tf_report::Verdict;
use tf_report::render::{Options as Rendering, json, sarif};
use tf_review::{COMMENT_LIMIT, Change, Changes, Document, Finding, Mask, ResourceChange};
use tf_terraform::{Event, InitOptions, PlanOptions, Program, Root, StateId, Stop, TerraformError};

use super::folder::{Elsewhere, Entries, Folder, PLAN, Part, REVIEW, ReviewFile};
use super::judge::{Fails, Judge, Judged};
use super::progress::Progress;
use super::{Base, PlanArgs, RunArgs, state};
use crate::approvals;
use crate::arguments::Arguments;
use crate::configuration::{Files, sha256};
use crate::seal::{Rules, Seal, SigningKey};
use crate::selection::{self, suppressions};

/// A root that is to be reviewed.
pub(crate) struct Job {
    /// Its folder, absolute.
    pub(crate) dir: PathBuf,
    /// Its name in reports.
    pub(crate) name: String,
    /// Where the review goes.
    pub(crate) out: PathBuf,
}

/// What all roots of a run share.
pub(crate) struct Shared<'a> {
    pub(crate) args: &'a PlanArgs,
    pub(crate) settings: &'a Settings,
    pub(crate) policies: &'a [Arc<Policy>],
    pub(crate) pricing: &'a Pricing,
    pub(crate) fails: Fails,
    pub(crate) expires_after: Duration,
    pub(crate) key: Option<SigningKey>,
    /// None where there is none and none is needed.
    pub(crate) program: Option<Program>,
    pub(crate) base: Option<Base>,
    pub(crate) stop: Stop,
    pub(crate) command_line: Vec<String>,
    pub(crate) progress: Progress,
    /// Held during an init with a cache of providers, which Terraform does not guard.
    pub(crate) init: Mutex<()>,
}

/// A root that was reviewed.
pub(crate) struct Reviewed {
    pub(crate) judged: Judged,
    pub(crate) file: ReviewFile<Elsewhere>,
    /// The folder of the review as people may type it.
    folder: String,
    /// Whether there is a plan that can be applied.
    applicable: bool,
}

impl Reviewed {
    /// The review, to be written down.
    pub(crate) fn document(&self) -> Document<'_> {
        shown(&self.judged, &self.file, &self.folder)
    }

    /// `review.json`.
    pub(crate) fn whole(&self) -> ReviewFile<Entries<'_>> {
        self.file.clone().with(lists(&self.judged))
    }

    /// One line.
    pub(crate) fn line(&self) -> String {
        let text = self.document().text(tf_review::TextOptions {
            color: false,
            all: false,
        });
        text.lines().next().unwrap_or_default().to_owned() + "\n"
    }

    /// What to do now.
    pub(crate) fn next_step(&self) -> String {
        match (self.file.result.as_str(), self.applicable) {
            ("failed", _) => format!(
                "The review failed: it cannot be applied. It is in {}",
                self.folder
            ),
            (_, false) => format!("The review is in {}", self.folder),
            _ => format!("Apply it with: tf-gate apply {}", self.folder),
        }
    }
}

/// A review, to be written down; `whole` is where all of it is.
fn shown<'r, P>(judged: &'r Judged, file: &'r ReviewFile<P>, whole: &'r str) -> Document<'r> {
    Document {
        root: &file.root,
        changes: &judged.changes,
        findings: &judged.findings,
        cost: judged.cost.as_ref(),
        whole,
        planned: file.mode == "plan",
    }
}

/// Whether a file is the output of `show -json`: a plan file is a ZIP archive.
pub(crate) fn is_json(plan: &Path) -> bool {
    let mut first = [0_u8; 1];
    let read = fs::File::open(plan).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut first));
    read.is_ok() && first != *b"P"
}

/// The options of `init`.
pub(crate) fn init_options(args: &RunArgs, own: Option<&RootSettings>) -> InitOptions {
    tf_cli::terraform::init_options(
        &args.backend_config,
        own,
        args.update_lock_file,
        args.plugin_cache.as_deref(),
    )
}

impl Shared<'_> {
    /// Reviews a root.
    pub(crate) fn review(&self, job: &Job) -> anyhow::Result<Reviewed> {
        let own = self.settings.gate.root_of(&job.dir);
        let inputs = self.inputs(own);
        let written = written(&job.dir, &inputs, &self.args.run.workspace)?;
        // Until there is a plan, these are the secrets that Terraform's messages may hold.
        let known = tf_model::plan::secrets_of(written.variables.values());
        let mask = Mask::new(known.iter().map(AsRef::as_ref));
        let folder = Folder::begin(&job.out)?;
        if self.args.without_plan {
            return self.offline(job, folder, &written, &inputs);
        }
        let shown = self
            .shown(job, own, &inputs, &folder)
            .map_err(|error| match error {
                TerraformOr::Terraform(error) => anyhow!("{}", mask.text("", &error.to_string())),
                TerraformOr::Other(error) => error,
            })?;
        self.progress.step(&job.name, "judging");
        let review = tf_model::plan::review(shown)
            .with_context(|| format!("the plan of {} cannot be read", job.name))?;
        self.write(job, folder, &written, &inputs, review)
    }

    /// Leaves the error in the folder of the review, so that a comment can tell it. Gives it back, with what else went wrong.
    pub(crate) fn failed(&self, job: &Job, error: anyhow::Error) -> anyhow::Error {
        // Who stops a run wants nothing of it, and a review that can be applied may be needed.
        if self.stop.is_requested() || job.out.join(PLAN).exists() {
            return error;
        }
        let words = format!("{error:#}");
        let mut file = ReviewFile::new(&job.name, if self.args.without_plan { "static" } else { "plan" });
        file.result = "error".to_owned();
        file.error = Some(words.clone());
        let write = || -> anyhow::Result<()> {
            let folder = Folder::begin(&job.out)?;
            folder.write_json(REVIEW, &file)?;
            folder.write("review.md", &tf_review::unplanned(&job.name, &words))?;
            folder.finish()
        };
        match write() {
            Ok(()) => error,
            Err(also) if format!("{also:#}") == words => error,
            Err(also) => anyhow!("{words}\n{also:#}"),
        }
    }

    /// The review of a configuration alone.
    fn offline(
        &self,
        job: &Job,
        folder: Folder,
        written: &Graph,
        inputs: &Inputs,
    ) -> anyhow::Result<Reviewed> {
        self.progress.step(&job.name, "judging the configuration");
        let before = self.base.as_ref().and_then(|base| base.root(&job.dir));
        let before = before
            .map(|dir| self::written(&dir, inputs, &self.args.run.workspace))
            .transpose()?;
        let judge = Judge {
            policies: self.policies,
            written,
            root: &job.dir,
            pricing: self.pricing,
        };
        let baseline = self.settings.gate.baseline.clone();
        let judged = judge.configuration(before.as_ref(), suppressions(self.settings, baseline)?);
        self.keep(job, folder, judged, false, |judged| {
            let mut file = document(&job.name, judged, self.fails)?;
            file.mode = "static".to_owned();
            Ok(file)
        })
    }

    fn inputs(&self, own: Option<&RootSettings>) -> Inputs {
        let mut inputs = self.args.variables.inputs(self.command_line.iter().cloned());
        let files = own.map(|own| own.var_files.clone()).unwrap_or_default();
        // Those of the command line win.
        inputs
            .arguments
            .splice(0..0, files.into_iter().map(tf_model::config::Input::File));
        inputs
    }

    /// The plan as `show -json` prints it. It holds secrets in the clear, and stays in memory.
    fn shown(
        &self,
        job: &Job,
        own: Option<&RootSettings>,
        inputs: &Inputs,
        folder: &Folder,
    ) -> Result<String, TerraformOr> {
        let given = self.args.plan.as_deref();
        if let Some(file) = given.filter(|file| is_json(file)) {
            return tf_cli::input::read_text(file)
                .with_context(|| format!("cannot read the plan {}", file.display()))
                .map_err(TerraformOr::Other);
        }
        let Some(program) = &self.program else {
            return Err(TerraformOr::Other(anyhow!("there is no Terraform")));
        };
        let root = Root::new(program.clone(), &job.dir)
            .stopped_by(self.stop.clone())
            .env("TF_WORKSPACE", &self.args.run.workspace);
        if !self.args.run.no_init {
            self.progress.step(&job.name, "init");
            let options = init_options(&self.args.run, own);
            let _alone = options
                .plugin_cache
                .as_ref()
                .map(|_| self.init.lock().unwrap_or_else(PoisonError::into_inner));
            root.init(&options)?;
        }
        let plan = folder.file(PLAN);
        match given {
            Some(file) => {
                fs::copy(file, &plan)
                    .with_context(|| format!("cannot read the plan {}", file.display()))
                    .map_err(TerraformOr::Other)?;
            }
            None => self.plan(job, &root, inputs, &plan)?,
        }
        let document = root.show(&plan)?;
        String::from_utf8(document).map_err(|_| TerraformOr::Other(anyhow!("the plan is not UTF-8")))
    }

    fn plan(&self, job: &Job, root: &Root, inputs: &Inputs, plan: &Path) -> Result<(), TerraformOr> {
        self.progress.step(&job.name, "plan");
        let options = PlanOptions {
            out: plan.to_owned(),
            variables: tf_cli::terraform::variable_flags(&inputs.arguments),
            lock: !self.args.run.no_lock,
            lock_timeout: self.args.run.lock_timeout,
            destroy: self.args.destroy,
            refresh_only: false,
        };
        let mut read = 0_usize;
        root.plan(&options, &mut |event| {
            if let Event::RefreshComplete(_) = event {
                read += 1;
                self.progress.detail(&job.name, &format!("plan: {read} read"));
            }
        })?;
        Ok(())
    }

    fn write(
        &self,
        job: &Job,
        folder: Folder,
        written: &Graph,
        inputs: &Inputs,
        mut review: Review,
    ) -> anyhow::Result<Reviewed> {
        let plan = folder.file(PLAN);
        let applicable = plan.exists();
        let judge = Judge {
            policies: self.policies,
            written,
            root: &job.dir,
            pricing: self.pricing,
        };
        let terraform = match &self.program {
            Some(program) => format!("{} {}", program.name(), program.version()),
            None => format!("terraform {}", review.terraform_version),
        };
        let baseline = self.settings.gate.baseline.clone();
        let judged = judge.plan(&mut review, suppressions(self.settings, baseline)?);
        self.keep(job, folder, judged, applicable, |judged| {
            // What is written down needs the room.
            drop(review);
            let mut file = document(&job.name, judged, self.fails)?;
            if applicable {
                file.seal = Some(self.seal(job, inputs, judged, &file, &plan, terraform)?);
            }
            Ok(file)
        })
    }

    /// Writes the folder. Its largest file is begun first: it takes as long as all others.
    fn keep(
        &self,
        job: &Job,
        folder: Folder,
        judged: Judged,
        applicable: bool,
        file: impl for<'j> FnOnce(&'j Judged) -> anyhow::Result<ReviewFile<Entries<'j>>> + Send,
    ) -> anyhow::Result<Reviewed> {
        let whole = typed(&job.out);
        let sarif = || {
            let options = Rendering {
                all: true,
                ..Rendering::default()
            };
            folder.write_json("review.sarif", &sarif::log(&judged.report, &options))
        };
        let rest = || -> anyhow::Result<ReviewFile<Elsewhere>> {
            let file = file(&judged)?;
            folder.write_json(REVIEW, &file)?;
            let document = shown(&judged, &file, &whole);
            folder.write("review.md", &document.markdown(COMMENT_LIMIT))?;
            folder.write("review.html", &document.html())?;
            Ok(file.with([Elsewhere; 4]))
        };
        let (file, sarif) = rayon::join(rest, sarif);
        let file = file?;
        sarif?;
        folder.finish()?;
        Ok(Reviewed {
            folder: whole,
            judged,
            file,
            applicable,
        })
    }

    fn seal(
        &self,
        job: &Job,
        inputs: &Inputs,
        judged: &Judged,
        file: &ReviewFile<impl Part>,
        plan: &Path,
        terraform: String,
    ) -> anyhow::Result<Seal> {
        // As they are now: init may have made the lock file.
        let files = Files::of(&job.dir)?;
        let root = files.inside(&job.dir).unwrap_or_default();
        let (configuration, uncommitted) = files.digests(&root, &inputs.arguments);
        // Those of the settings are found there again.
        let settled = self
            .settings
            .gate
            .root_of(&job.dir)
            .map_or(0, |own| own.var_files.len());
        let given = inputs.arguments.get(settled..).unwrap_or_default();
        let arguments = match self.args.plan {
            None => Some(Arguments::of(self.args.destroy, given, &files)),
            Some(_) => None,
        };
        let now = Timestamp::now();
        let stamp = |time: Timestamp| time.strftime("%FT%TZ").to_string();
        let expires = now
            .checked_add(self.expires_after)
            .context("--expires-after is too long")?;
        let needed = approvals::needed(self.settings, &job.dir, &judged.changes);
        let rules = Rules {
            fail_on: self.fails.from.map(|severity| severity.as_str().to_owned()),
            fail_on_existing: self.fails.existing,
            fail_on_unknown: self.fails.unknown,
            only: self.args.policies.only.clone(),
            skip: self.args.policies.skip.clone(),
            policy_dirs: self.args.policies.policy_dirs.clone(),
        };
        let seal = Seal {
            made: stamp(now),
            expires: stamp(expires),
            author: author(self.args.author.as_deref(), &files),
            root: job.name.clone(),
            workspace: self.args.run.workspace.clone(),
            commit: files.commit.clone(),
            uncommitted,
            terraform,
            plan: sha256(fs::read(plan)?),
            configuration,
            arguments,
            variables: judged.variables.clone(),
            state: state::of_plan(plan)?,
            policies: selection::digest(self.policies, &rules, self.settings)?,
            rules,
            verdicts: judged.verdicts.clone(),
            review: file.digest(),
            approvals: needed.iter().map(ToString::to_string).collect(),
            digest: String::new(),
            signature: None,
        };
        seal.close(self.key.as_ref())
    }
}

/// What goes wrong with Terraform, whose words may hold secrets, or with anything else.
enum TerraformOr {
    Terraform(TerraformError),
    Other(anyhow::Error),
}

impl From<TerraformError> for TerraformOr {
    fn from(error: TerraformError) -> TerraformOr {
        TerraformOr::Terraform(error)
    }
}

/// The configuration of a root, as it is evaluated without Terraform.
pub(crate) fn written(dir: &Path, inputs: &Inputs, workspace: &str) -> anyhow::Result<Graph> {
    let options = Options {
        inputs: inputs.clone(),
        workspace: workspace.to_owned(),
        ..Options::default()
    };
    let project = Project::load_root(dir, &options)?;
    let root = project.roots().first().context("there are no Terraform files")?;
    Ok(project.graph(root))
}

/// Who runs this: who was named, else whom the environment or git names.
pub(crate) fn author(named: Option<&str>, files: &Files) -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    named
        .map(str::to_owned)
        .or_else(|| variable("GITHUB_ACTOR"))
        .or_else(|| variable("GITLAB_USER_LOGIN"))
        .or_else(|| files.user.clone())
        .or_else(|| variable("USER"))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// A path as people type it from here.
fn typed(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let shown = path.strip_prefix(&here).unwrap_or(path);
    shown.display().to_string()
}

/// `review.json`, without its seal.
pub(crate) fn document<'j>(
    name: &str,
    judged: &'j Judged,
    fails: Fails,
) -> anyhow::Result<ReviewFile<Entries<'j>>> {
    let mut file = ReviewFile::new(name, "plan").with(lists(judged));
    let counts = judged.changes.counts;
    let of = |since: Since, verdict: Verdict| {
        judged
            .findings
            .iter()
            .filter(|finding| finding.since == since && finding.verdict == verdict)
            .map(Finding::count)
            .sum::<usize>()
    };
    file.result = match fails.of(judged).is_empty() {
        true => "passed",
        false => "failed",
    }
    .to_owned();
    file.summary = json!({
        "add": counts.add,
        "change": counts.change,
        "replace": counts.replace,
        "delete": counts.delete,
        "import": counts.import,
        "move": counts.moved,
        "forget": counts.forget,
        "introduced": of(Since::Introduced, Verdict::Failed),
        "existing": of(Since::Existing, Verdict::Failed),
        "fixed": of(Since::Fixed, Verdict::Failed),
        "unknown": of(Since::Introduced, Verdict::Unknown) + of(Since::Existing, Verdict::Unknown),
    });
    file.cost = serde_json::to_value(&judged.cost)?;
    Ok(file)
}

/// Findings, changes, outputs and warnings.
fn lists(judged: &Judged) -> [Entries<'_>; 4] {
    let (report, changes) = (&judged.report, &judged.changes);
    [
        Entries::of(|| json::findings(report)),
        Entries::of(|| self::changes(changes)),
        Entries::of(|| outputs(changes)),
        Entries::of(|| json::problems(report)),
    ]
}

fn outputs(changes: &Changes) -> impl Iterator<Item = json::Entry> {
    changes.outputs.iter().map(|output| {
        to_raw_value(&json!({
            "name": output.name,
            "actions": output.action.words(),
            "differences": output.differences.iter().map(difference).collect::<Vec<Json>>(),
        }))
    })
}

/// One entry an instance, also where several change alike.
fn changes(changes: &Changes) -> impl Iterator<Item = json::Entry> {
    let of = |change: &ResourceChange, at: usize, address: &String| {
        let mut entry = json!({
            "address": address,
            "type": change.ty,
            "actions": change.action.words(),
            "risk": change.risk.as_str(),
            "forced_by": change.forced_by,
            "differences": change.differences.iter().map(difference).collect::<Vec<Json>>(),
        });
        if let Some(entry) = entry.as_object_mut() {
            if let Some(previous) = change.previous.get(at) {
                entry.insert("previous_address".to_owned(), json!(previous));
            }
            if change.imports {
                entry.insert("import".to_owned(), json!(true));
            }
            if let Some(deposed) = &change.deposed {
                entry.insert("deposed".to_owned(), json!(deposed));
            }
            if let Some(reason) = &change.reason {
                entry.insert("reason".to_owned(), json!(reason));
            }
        }
        to_raw_value(&entry)
    };
    let each = changes.resources.iter();
    each.flat_map(move |change| {
        let addresses = change.addresses.iter().enumerate();
        addresses.map(move |(at, address)| of(change, at, address))
    })
}

fn difference(difference: &tf_review::Difference) -> Json {
    use tf_review::Line;
    let path = &difference.path;
    match &difference.change {
        Change::Added(new) => json!({ "path": path, "after": new.to_string() }),
        Change::Removed(old) => json!({ "path": path, "before": old.to_string() }),
        Change::Changed(old, new) => {
            json!({ "path": path, "before": old.to_string(), "after": new.to_string() })
        }
        Change::Lines(lines) => {
            let lines = lines.iter().map(|line| match line {
                Line::Added(text) => format!("+{text}"),
                Line::Removed(text) => format!("-{text}"),
                Line::Kept(text) => format!(" {text}"),
                Line::Left(count) => format!("… {count} lines"),
            });
            json!({ "path": path, "lines": lines.collect::<Vec<String>>() })
        }
    }
}

/// The state that a root has now; for the check of `apply`.
pub(crate) fn current_state(root: &Root) -> Result<Option<StateId>, TerraformError> {
    Ok(root.state()?.filter(|state| !state.lineage.is_empty()))
}
