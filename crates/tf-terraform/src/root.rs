//! What is done with a root: `init`, `plan`, `show`, `apply`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use crate::error::TerraformError;
use crate::events::{Diagnostic, Event};
use crate::process::{self, Finished, Limit, Lines, Stop, Way};
use crate::program::Program;

/// A root and the program that works on it.
#[derive(Clone, Debug)]
pub struct Root {
    program: Program,
    dir: PathBuf,
    /// Beside our own environment.
    environment: Vec<(OsString, OsString)>,
    stop: Stop,
    limit: Option<Limit>,
}

/// How a root is initialised.
#[derive(Clone, Default, Debug)]
pub struct InitOptions {
    /// Settings of the backend: `key=value`, or a file.
    pub backend_config: Vec<String>,
    /// Without backend: for what needs providers only.
    pub no_backend: bool,
    /// Whether the lock file may be changed. In CI a provider that it does not name is an error.
    pub readonly_lock_file: bool,
    /// A folder of providers shared by roots. Terraform does not guard it: one root at a time may be initialised.
    pub plugin_cache: Option<PathBuf>,
}

/// How a plan is made.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// The file that it is written to.
    pub out: PathBuf,
    /// `-var` and `-var-file`, in the order of the command line: each whole.
    pub variables: Vec<String>,
    /// Whether the state is locked; `false` for those who only look.
    pub lock: bool,
    /// How long a lock that somebody else holds is waited for.
    pub lock_timeout: Duration,
    /// A plan that destroys everything.
    pub destroy: bool,
    /// A plan that only reads.
    pub refresh_only: bool,
}

/// How a plan is applied.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// The plan.
    pub plan: PathBuf,
    /// How long a lock that somebody else holds is waited for.
    pub lock_timeout: Duration,
}

/// Which state it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, Deserialize)]
pub struct StateId {
    /// Given to a state when it is made, and never changed.
    pub lineage: String,
    /// Counts its changes.
    pub serial: u64,
}

/// A plan that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned {
    /// Whether it changes anything.
    pub changes: bool,
    /// Its warnings.
    pub warnings: Vec<Diagnostic>,
}

impl Root {
    /// A root in a folder.
    pub fn new(program: Program, dir: impl Into<PathBuf>) -> Root {
        Root {
            program,
            dir: dir.into(),
            environment: Vec::new(),
            stop: Stop::new(),
            limit: None,
        }
    }

    /// Stops with others.
    #[must_use]
    pub fn stopped_by(mut self, stop: Stop) -> Root {
        self.stop = stop;
        self
    }

    /// Each command may take so long.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Root {
        self.limit = Some(limit.into());
        self
    }

    /// Each command may take so long, and is killed where it has not ended so long after it was asked to: for those who only look,
    /// and have no state to put in order.
    #[must_use]
    pub fn killed_after(mut self, time: Duration, grace: Duration) -> Root {
        self.limit = Some(Limit { time, grace });
        self
    }

    /// A further environment variable for the child.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Root {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// `init`.
    ///
    /// # Errors
    /// Where it fails; the text has Terraform's own errors.
    pub fn init(&self, options: &InitOptions) -> Result<(), TerraformError> {
        let mut command = self.command("init");
        command.args(["-input=false", "-no-color"]);
        if options.no_backend {
            command.arg("-backend=false");
        }
        for setting in &options.backend_config {
            command.arg(format!("-backend-config={setting}"));
        }
        if options.readonly_lock_file {
            command.arg("-lockfile=readonly");
        }
        if let Some(cache) = &options.plugin_cache {
            command.env("TF_PLUGIN_CACHE_DIR", cache);
        }
        self.run("init", &mut command, &mut |_| ()).map(drop)
    }

    /// `plan`; `event` gets what happens meanwhile.
    ///
    /// # Errors
    /// Where it fails; the text has Terraform's own errors.
    pub fn plan(
        &self,
        options: &PlanOptions,
        event: &mut dyn FnMut(&Event),
    ) -> Result<Planned, TerraformError> {
        let mut command = self.command("plan");
        command.args(["-json", "-input=false", "-detailed-exitcode"]);
        let mut out = OsString::from("-out=");
        out.push(&options.out);
        command.arg(out);
        command.arg(format!("-lock={}", options.lock));
        command.arg(format!("-lock-timeout={}s", options.lock_timeout.as_secs()));
        if options.destroy {
            command.arg("-destroy");
        }
        if options.refresh_only {
            command.arg("-refresh-only");
        }
        command.args(&options.variables);
        let mut warnings = Vec::new();
        let code = self.run("plan", &mut command, &mut |seen| {
            if let Event::Diagnostic(diagnostic) = seen {
                warnings.push(diagnostic.clone());
            }
            event(seen);
        })?;
        Ok(Planned {
            changes: code == 2,
            warnings,
        })
    }

    /// `show -json` of a plan file: the bytes of the document, which hold sensitive values in the clear.
    ///
    /// # Errors
    /// Where it fails, or prints something else.
    pub fn show(&self, plan: &Path) -> Result<Vec<u8>, TerraformError> {
        let mut command = self.command("show");
        command.args(["-json", "-no-color"]).arg(plan);
        let mut document = Vec::new();
        let finished = self.finish("show", &mut command, Way::Pipes, |piece| {
            document.extend_from_slice(piece);
        })?;
        match (finished.status.code(), document.first()) {
            (Some(0), Some(b'{')) => Ok(document),
            (Some(0), _) => Err(TerraformError::Unreadable {
                command: self.title("show"),
                reason: "it is no JSON document".to_owned(),
            }),
            _ => Err(self.failed("show", Vec::new(), finished.stderr)),
        }
    }

    /// `apply` of a plan file; `event` gets what happens meanwhile.
    ///
    /// # Errors
    /// Where it fails; what was done until then is in the state.
    pub fn apply(&self, options: &ApplyOptions, event: &mut dyn FnMut(&Event)) -> Result<(), TerraformError> {
        let mut command = self.command("apply");
        command.args(["-json", "-input=false"]);
        command.arg(format!("-lock-timeout={}s", options.lock_timeout.as_secs()));
        command.arg(&options.plan);
        self.run("apply", &mut command, &mut |seen| event(seen)).map(drop)
    }

    /// The state that is there now, by `state pull`; `None` where there is none yet. Of its content nothing is kept.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn state(&self) -> Result<Option<StateId>, TerraformError> {
        let mut command = self.command("state");
        command.arg("pull");
        let mut text = Vec::new();
        let finished = self.finish("state pull", &mut command, Way::Pipes, |piece| {
            text.extend_from_slice(piece);
        })?;
        if finished.status.code() != Some(0) {
            return Err(self.failed("state pull", Vec::new(), finished.stderr));
        }
        if text.trim_ascii().is_empty() {
            return Ok(None);
        }
        let state = serde_json::from_slice(&text).map_err(|error| TerraformError::Unreadable {
            command: self.title("state pull"),
            reason: format!("it is no state: line {}, column {}", error.line(), error.column()),
        })?;
        Ok(Some(state))
    }

    /// The outputs: the document of `output -json`, which holds sensitive values in the clear.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn outputs(&self) -> Result<Vec<u8>, TerraformError> {
        let mut command = self.command("output");
        command.args(["-json", "-no-color"]);
        let mut document = Vec::new();
        let finished = self.finish("output", &mut command, Way::Pipes, |piece| {
            document.extend_from_slice(piece);
        })?;
        match finished.status.code() {
            Some(0) => Ok(document),
            _ => Err(self.failed("output", Vec::new(), finished.stderr)),
        }
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = self.program.command(&self.dir);
        command.arg(subcommand);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn title(&self, subcommand: &str) -> String {
        format!("{} {subcommand} in {}", self.program.name(), self.dir.display())
    }

    fn failed(&self, subcommand: &str, diagnostics: Vec<Diagnostic>, output: String) -> TerraformError {
        TerraformError::Failed {
            command: self.title(subcommand),
            diagnostics,
            output,
        }
    }

    /// Runs to the end. The code is 0, or 2 for a plan with changes.
    fn run(
        &self,
        subcommand: &str,
        command: &mut Command,
        event: &mut dyn FnMut(&Event),
    ) -> Result<i32, TerraformError> {
        let mut diagnostics = Vec::new();
        let mut line = |line: &[u8]| {
            let seen = Event::parse(&String::from_utf8_lossy(line));
            if let Event::Diagnostic(diagnostic) = &seen {
                diagnostics.push(diagnostic.clone());
            }
            event(&seen);
        };
        let mut lines = Lines::default();
        let finished = self.finish(subcommand, command, Way::Files, |piece| {
            lines.add(piece, &mut line);
        })?;
        lines.finish(&mut line);
        match finished.status.code() {
            Some(0) => Ok(0),
            Some(2) if subcommand == "plan" => Ok(2),
            _ => Err(self.failed(subcommand, diagnostics, finished.stderr)),
        }
    }

    fn finish(
        &self,
        subcommand: &str,
        command: &mut Command,
        way: Way,
        piece: impl FnMut(&[u8]),
    ) -> Result<Finished, TerraformError> {
        let finished = process::run(command, &self.stop, self.limit, way, piece);
        let finished = finished.map_err(|source| match source.kind() {
            std::io::ErrorKind::Interrupted => TerraformError::Stopped {
                command: self.title(subcommand),
                output: String::new(),
            },
            _ => TerraformError::Start {
                program: self.program.path().to_owned(),
                source,
            },
        })?;
        match (finished.timed_out, self.limit) {
            (true, Some(limit)) => Err(TerraformError::TimedOut {
                command: self.title(subcommand),
                limit: limit.time,
            }),
            _ if self.stop.is_requested() && !finished.status.success() => Err(TerraformError::Stopped {
                command: self.title(subcommand),
                output: finished.stderr,
            }),
            _ => Ok(finished),
        }
    }
}
