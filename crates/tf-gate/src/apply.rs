//! `tf-gate apply`

mod audit;
mod backend;
mod github;
mod records;
mod refusals;
mod terminal;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_cli::settings::key::KeyName;
use tf_cli::terraform;
use tf_model::config::files::repository;
use tf_model::config::{Input, Inputs};
use tf_model::plan::Review;
use tf_policy::Policy;
use tf_pricing::Pricing;
use tf_report::Severity;
use tf_review::{Document, Mask, TextOptions};
use tf_terraform::{ApplyOptions, PlanOptions, Program, Root, Stop, TerraformError};

use crate::approvals;
use crate::configuration::Files;
use crate::plan::folder::{self, PLAN, ReviewFile};
use crate::plan::judge::{Fails, Judge, Judged};
use crate::plan::run::{current_state, document, init_options, written};
use crate::plan::{RunArgs, name};
use crate::seal::{Seal, VerifyingKey};
use crate::selection::{self, PolicyArgs, suppressions};
use records::Records;
use refusals::{Now, Refusal, Refusals};

/// Apply exactly what was reviewed
///
/// Compares what the review was made of with what is there now: the plan, the configuration, the lock file, the variables, the state,
/// Terraform, the commit, the policies, the verdicts and the approvals. Where any of it moved, where the review failed or has expired,
/// or where an approval is missing, nothing is applied, it says which, and exits with 1.
#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    /// The folder of the review
    #[arg(value_name = "REVIEW")]
    review: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Where the plan cannot be applied any more because something moved, make a new one, and go on if it changes the same
    #[arg(long)]
    replan: bool,
    /// Another commit may be checked out, such as the one that a merge made, as long as all files of the root are the same
    #[arg(long)]
    any_commit: bool,
    /// The root's folder; else the one that the review names, in this repository
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// A public key in PEM that may have signed the review, or a key in KMS, awskms:///alias/NAME, beside those of plumbline.hcl; may
    /// be given several times
    #[arg(long, value_name = "KEY")]
    verify_key: Vec<KeyName>,
    /// Count those who let this workflow's run into the environment of this name in GitHub, as approvers with their logins; the token in
    /// GITHUB_TOKEN needs `actions: read`
    #[arg(long, value_name = "NAME")]
    github_environment: Option<String>,
    /// Where the record of what was applied goes: a folder, or s3://bucket/prefix; else what plumbline.hcl says, else beside the state
    /// where that is in S3, in KEY.audit/, else the review
    ///
    /// A place that is asked for has to take the record before anything is applied. Where nobody asked for one, and the record cannot
    /// be written beside the state, it is kept in the review, with a warning.
    #[arg(long, value_name = "PLACE")]
    audit: Option<String>,
    #[command(flatten)]
    run: RunArgs,
    /// Print only what goes wrong
    #[arg(long, short)]
    quiet: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", env = "TF_GATE_COLOR")]
    color: tf_cli::args::Color,
}

/// Everything that is known before Terraform is asked.
struct Apply<'a> {
    args: &'a ApplyArgs,
    settings: Settings,
    file: ReviewFile,
    seal: Seal,
    /// The root's folder.
    dir: PathBuf,
    files: Files,
    policies: Vec<Arc<Policy>>,
    pricing: Pricing,
    program: Program,
    stop: Stop,
}

pub(crate) fn run(args: ApplyArgs) -> anyhow::Result<Exit> {
    let file = ReviewFile::read(&args.review)?;
    if let Some(error) = &file.error {
        bail!(
            "{} could not be planned, so that there is nothing to apply: {error}",
            file.root
        );
    }
    let seal = file.seal.clone().context(
        "the review has no seal: it was made without a plan file, so that there is nothing to apply",
    )?;
    let dir = root(&args, &seal)?;
    let settings = Settings::find(&dir)?;
    let rules = &seal.rules;
    let policies = PolicyArgs {
        fail_on: None,
        only: rules.only.clone(),
        skip: rules.skip.clone(),
        policy_dirs: rules.policy_dirs.clone(),
    }
    .select(&settings)
    .context("the policies of the review cannot be read")?;
    let pricing = tf_cli::pricing::chosen(&settings, args.quiet)?;
    let program = terraform::program(args.run.terraform.as_ref())?;
    let apply = Apply {
        files: Files::of(&dir)?,
        stop: terraform::stop_on_signals()?,
        args: &args,
        settings,
        file,
        seal,
        dir,
        policies,
        pricing,
        program,
    };
    apply.run()
}

/// The folder of the root that a review is of.
fn root(args: &ApplyArgs, seal: &Seal) -> anyhow::Result<PathBuf> {
    let review = args.review.canonicalize()?;
    // A review in the root's own folder belongs to that root, whatever it says.
    let holder = review
        .parent()
        .filter(|parent| parent.ends_with(".terraform/plumbline"))
        .and_then(|parent| parent.parent()?.parent());
    let here = std::env::current_dir()?;
    let named = match (&args.root, holder) {
        (Some(root), _) => root.clone(),
        (None, Some(holder)) => holder.to_path_buf(),
        (None, None) => repository(&here).join(&seal.root),
    };
    let dir = named
        .canonicalize()
        .ok()
        .filter(|dir| dir.is_dir())
        .with_context(|| {
            format!(
                "the review is of {}, which is not here: run it in its repository, or name the folder with --root",
                seal.root
            )
        })?;
    let its = name(&dir);
    if its != seal.root {
        bail!(Refused(vec![format!(
            "the review is of {}, not of {its}",
            seal.root
        )]));
    }
    Ok(dir)
}

/// Nothing was applied, and why.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Vec<String>);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused, and nothing was applied:")?;
        self.0.iter().try_for_each(|reason| write!(f, "\n  - {reason}"))
    }
}

impl std::error::Error for Refused {}

impl Apply<'_> {
    fn run(&self) -> anyhow::Result<Exit> {
        let plan = std::path::absolute(self.args.review.join(PLAN))?;
        let keys: Vec<VerifyingKey> = self
            .settings
            .gate
            .reviews
            .signers
            .iter()
            .chain(&self.args.verify_key)
            .map(VerifyingKey::open)
            .collect::<anyhow::Result<_>>()?;
        let inputs = self.inputs();
        let (configuration, _) = self.files.digests(
            &self.files.inside(&self.dir).unwrap_or_default(),
            &inputs.arguments,
        );
        let mut refusals = Refusals::new(&self.seal, self.args.any_commit);
        refusals.whole(&self.file, &plan, &keys)?;
        refusals.moved(&Now {
            time: Timestamp::now(),
            commit: self.files.commit.clone(),
            terraform: format!("{} {}", self.program.name(), self.program.version()),
            configuration,
            policies: selection::digest(&self.policies, &self.seal.rules, &self.settings)?,
        });
        self.stop_at(&refusals)?;

        let mut root = Root::new(self.program.clone(), &self.dir)
            .stopped_by(self.stop.clone())
            .env("TF_WORKSPACE", &self.seal.workspace);
        let mut known = written(&self.dir, &inputs, &self.seal.workspace)?;
        let secrets = tf_model::plan::secrets_of(known.variables.values());
        let early = Mask::new(secrets.iter().map(AsRef::as_ref));
        let hidden = |error: TerraformError| anyhow::anyhow!("{}", early.text("", &error.to_string()));
        if !self.args.run.no_init {
            self.say("init");
            let options = init_options(&self.args.run, self.settings.gate.root_of(&self.dir));
            root.init(&options).map_err(hidden)?;
        }
        self.say("comparing the plan with what is there");
        let mut review = shown(&root, &plan).map_err(hidden)?;
        refusals.state(current_state(&root).map_err(hidden)?);
        // The folder goes with this value: values of variables and a plan that is made anew may hold secrets.
        let fresh = tempfile::Builder::new().prefix("plumbline-").tempdir()?;
        let inputs = self.planned_inputs(&review, fresh.path())?;
        if let Some(inputs) = &inputs {
            known = written(&self.dir, inputs, &self.seal.workspace)?;
        }
        let mut judged = self.judge(&known, &mut review)?;
        refusals.judged(&judged.verdicts, &judged.variables);
        let needed = approvals::needed(&self.settings, &self.dir, &judged.changes);
        let given = approvals::read(&self.args.review)?;
        let logins = match &self.args.github_environment {
            Some(environment) if !needed.is_empty() => github::approved(environment)?,
            _ => Vec::new(),
        };
        let (missing, approvers) = approvals::check(&needed, &given, &logins, &self.seal, &self.settings)?;
        refusals.approvals(&needed, missing);
        self.stop_at(&refusals)?;

        let mut plan = plan;
        if !refusals.all().is_empty() {
            let inputs = inputs.context(
                "the plan was made elsewhere, so that nobody knows how to make it anew: review it again",
            )?;
            self.say("planning anew");
            plan = fresh.path().join(PLAN);
            judged = self.replan(&root, &known, &inputs, &plan, &review, &judged.mask)?;
        }
        if !self.confirm(&judged)? {
            bail!("not confirmed, and nothing was applied");
        }
        let record = audit::Record::begin(&self.seal, &self.file, &self.files, approvers);
        let asked = self
            .args
            .audit
            .as_ref()
            .or(self.settings.gate.reviews.audit.as_ref());
        let records = Records::begin(
            asked.map(String::as_str),
            &self.args.review,
            &backend::Backend::of(&self.dir),
            &record,
        )?;
        let shown = terminal::Terminal::new(self.args.quiet, &judged.mask);
        root = root.stopped_by(self.stop.clone());
        let options = ApplyOptions {
            plan,
            lock_timeout: self.args.run.lock_timeout,
        };
        let result = root.apply(&options, &mut |event| shown.event(event));
        shown.clear();
        let result = result.map_err(|error| {
            let how = match error {
                TerraformError::Stopped { .. } => "interrupted",
                _ => "failed",
            };
            (how, judged.mask.text("", &error.to_string()).into_owned())
        });
        let outputs = result.is_ok().then(|| self.outputs(&root, &judged.mask));
        let kept = records.end(&record.end(&result, outputs.as_ref().and_then(|known| known.as_ref().ok())));
        match result {
            Ok(()) => {
                if !self.args.quiet {
                    output::print(&format!("Applied {}: {}\n", self.seal.root, shown.counts()))?;
                }
                kept.and(outputs.transpose())?;
                Ok(Exit::Clean)
            }
            Err((_, text)) => {
                let kept = kept
                    .err()
                    .map(|error| format!("\n\n{error:#}"))
                    .unwrap_or_default();
                bail!("{text}\n\nWhat was done until then is in the state; plan again.{kept}")
            }
        }
    }

    /// Stops where something is not right that a new plan cannot mend.
    fn stop_at(&self, refusals: &Refusals<'_>) -> anyhow::Result<()> {
        let counts = |refusal: &&Refusal| !(self.args.replan && refusal.moved);
        let reasons: Vec<String> = refusals
            .all()
            .iter()
            .filter(counts)
            .map(|refusal| refusal.reason.clone())
            .collect();
        match reasons.is_empty() {
            true => Ok(()),
            false => bail!(Refused(reasons)),
        }
    }

    /// Files of variables: those that the settings name, and those that the plan was given.
    fn inputs(&self) -> Inputs {
        let given = self.seal.arguments.iter();
        self.with_settled(given.flat_map(|arguments| arguments.files(&self.files)))
    }

    /// All that the plan was given, with the values of variables; none where it was made elsewhere.
    fn planned_inputs(&self, review: &Review, folder: &Path) -> anyhow::Result<Option<Inputs>> {
        let Some(arguments) = &self.seal.arguments else {
            return Ok(None);
        };
        let given = arguments.all(&self.files, &review.after.variables, folder)?;
        Ok(Some(self.with_settled(given)))
    }

    /// The files that the settings name, and then these.
    fn with_settled(&self, given: impl IntoIterator<Item = Input>) -> Inputs {
        let own = self.settings.gate.root_of(&self.dir);
        let files = own.map(|own| own.var_files.clone()).unwrap_or_default();
        Inputs {
            arguments: files.into_iter().map(Input::File).chain(given).collect(),
            ..Inputs::default()
        }
    }

    fn judge(&self, known: &tf_model::Graph, review: &mut Review) -> anyhow::Result<Judged> {
        let judge = Judge {
            policies: &self.policies,
            written: known,
            root: &self.dir,
            pricing: &self.pricing,
        };
        let baseline = self.settings.gate.baseline.clone();
        Ok(judge.plan(review, suppressions(&self.settings, baseline)?))
    }

    fn replan(
        &self,
        root: &Root,
        known: &tf_model::Graph,
        inputs: &Inputs,
        plan: &Path,
        reviewed: &Review,
        mask: &Mask,
    ) -> anyhow::Result<Judged> {
        let hidden = |error: TerraformError| anyhow::anyhow!("{}", mask.text("", &error.to_string()));
        let options = PlanOptions {
            out: plan.to_owned(),
            variables: tf_cli::terraform::variable_flags(&inputs.arguments),
            lock: !self.args.run.no_lock,
            lock_timeout: self.args.run.lock_timeout,
            destroy: self
                .seal
                .arguments
                .as_ref()
                .is_some_and(|arguments| arguments.destroy),
            refresh_only: false,
        };
        root.plan(&options, &mut |_| ()).map_err(hidden)?;
        let mut fresh = shown(root, plan).map_err(hidden)?;
        let differ = refusals::differences(reviewed, &fresh);
        if !differ.is_empty() {
            bail!(Refused(
                differ
                    .into_iter()
                    .map(|what| format!("the new plan is not what was reviewed: {what}"))
                    .collect()
            ));
        }
        let judged = self.judge(known, &mut fresh)?;
        let rules = &self.seal.rules;
        let fails = Fails {
            from: rules.fail_on.as_deref().and_then(Severity::parse),
            existing: rules.fail_on_existing,
            unknown: rules.fail_on_unknown,
        };
        if document(&self.seal.root, &judged, fails)?.result == "failed" {
            let failed = fails.of(&judged).into_iter();
            bail!(Refused(
                failed
                    .map(|finding| format!("the new plan fails {} at {}", finding.policy, finding.address))
                    .collect()
            ));
        }
        Ok(judged)
    }

    /// Shows what would be done, and asks.
    fn confirm(&self, judged: &Judged) -> anyhow::Result<bool> {
        let document = Document {
            root: &self.seal.root,
            changes: &judged.changes,
            findings: &judged.findings,
            cost: judged.cost.as_ref(),
            whole: "",
            planned: true,
        };
        if !self.args.quiet {
            let color = output::use_color(self.args.color, std::io::stdout().is_terminal());
            output::print(&document.text(TextOptions { color, all: false }))?;
        }
        if self.args.yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            bail!("there is nobody to ask: confirm with --yes");
        }
        let _ = write!(std::io::stderr(), "\nApply this? Only \"yes\" is yes: ");
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(answer.trim() == "yes" && !self.stop.is_requested())
    }

    /// Keeps the outputs that are not sensitive in the folder of the review.
    fn outputs(&self, root: &Root, mask: &Mask) -> anyhow::Result<Json> {
        let document = root
            .outputs()
            .map_err(|error| anyhow::anyhow!("{}", mask.text("", &error.to_string())))?;
        let mut outputs: Json = serde_json::from_slice(&document).context("the outputs are no JSON")?;
        for (name, output) in outputs.as_object_mut().into_iter().flatten() {
            let is_open = output.get("sensitive") == Some(&Json::Bool(false));
            // One that holds a secret of something else is one too, whatever it is called.
            if !is_open
                || output
                    .get("value")
                    .is_some_and(|value| holds_secret(name, value, mask))
            {
                *output = json!({ "sensitive": true, "value": null });
            }
        }
        let text = serde_json::to_string_pretty(&outputs)? + "\n";
        folder::write_private(&self.args.review.join("outputs.json"), text.as_bytes())?;
        Ok(outputs)
    }

    fn say(&self, what: &str) {
        if !self.args.quiet {
            let _ = writeln!(std::io::stderr(), "{}: {what}", self.seal.root);
        }
    }
}

fn holds_secret(name: &str, value: &Json, mask: &Mask) -> bool {
    match value {
        Json::String(text) => mask.text(name, text) != text.as_str(),
        Json::Number(number) => {
            let text = number.to_string();
            mask.text(name, &text) != text.as_str()
        }
        Json::Array(items) => items.iter().any(|item| holds_secret(name, item, mask)),
        Json::Object(entries) => entries.iter().any(|(key, item)| holds_secret(key, item, mask)),
        Json::Null | Json::Bool(_) => false,
    }
}

/// A plan as Terraform shows it.
fn shown(root: &Root, plan: &Path) -> Result<Review, TerraformError> {
    let unreadable = |reason: String| TerraformError::Unreadable {
        command: format!("show of {}", plan.display()),
        reason,
    };
    let document = root.show(plan)?;
    let text = String::from_utf8(document).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    tf_model::plan::review(text).map_err(|error| unreadable(error.to_string()))
}
