//! One job on a machine of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Map, Value as Json};

use super::expression::{self, Scope};
use super::{Ended, Run, actions};

/// A machine with a job on it.
pub(super) struct Machine<'r> {
    pub(super) run: &'r Run,
    job: &'r Map<String, Json>,
    matrix: Json,
    pub(super) workspace: PathBuf,
    temp: PathBuf,
    pub(super) path: Vec<PathBuf>,
    /// What all further steps have.
    pub(super) environment: BTreeMap<String, String>,
    outputs: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) ended: Ended,
}

impl Scope for Machine<'_> {
    fn path(&self, path: &str) -> Json {
        let parts: Vec<&str> = path.split('.').collect();
        match parts.as_slice() {
            ["matrix", key] => self.matrix.get(*key).cloned().unwrap_or_default(),
            ["steps", id, "outputs", name] => {
                let steps = self.job["steps"].as_array().unwrap();
                assert!(
                    steps.iter().any(|step| step["id"] == **id),
                    "{path}: no such step"
                );
                let outputs = self.outputs.get(*id);
                outputs
                    .and_then(|all| all.get(*name))
                    .cloned()
                    .unwrap_or_default()
                    .into()
            }
            ["runner", "temp"] => self.temp.to_str().unwrap().into(),
            ["secrets", ..] => {
                assert!(
                    self.job.contains_key("environment"),
                    "{path} outside of an environment"
                );
                self.run.path(self.job, path)
            }
            _ => self.run.path(self.job, path),
        }
    }

    fn status(&self, name: &str) -> bool {
        match name {
            "always" => true,
            "cancelled" => false,
            "failure" => self.ended.failed,
            "success" => !self.ended.failed,
            _ => panic!("{name}()"),
        }
    }
}

/// Runs a job, or one of its matrix.
pub(super) fn run(run: &Run, job: &Map<String, Json>, matrix: Json) -> Ended {
    let machine = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let dir = machine.path().join(name);
        fs::create_dir(&dir).unwrap();
        dir
    };
    let (workspace, temp, home) = (make("workspace"), make("temp"), make("home"));
    let mut environment = run.environment.clone();
    for (name, dir) in [
        ("GITHUB_WORKSPACE", &workspace),
        ("RUNNER_TEMP", &temp),
        ("HOME", &home),
    ] {
        environment.insert(name.to_owned(), dir.to_str().unwrap().to_owned());
    }
    let mut machine = Machine {
        run,
        job,
        matrix,
        workspace,
        temp,
        path: vec![run.programs.clone()],
        environment,
        outputs: BTreeMap::new(),
        ended: Ended::default(),
    };
    for of in [run.workflow.get("env"), job.get("env")].into_iter().flatten() {
        let environment = machine.variables(of);
        machine.environment.extend(environment);
    }
    for step in job["steps"].as_array().unwrap() {
        machine.step(step.as_object().unwrap());
    }
    for (name, value) in job.get("outputs").and_then(Json::as_object).into_iter().flatten() {
        let value = expression::text(value.as_str().unwrap(), &machine);
        machine.ended.outputs.insert(name.clone(), value);
    }
    machine.ended.environment = machine.environment;
    machine.ended.path = machine.path;
    machine.ended
}

impl Machine<'_> {
    pub(super) fn permission(&self, name: &str) -> &str {
        self.job["permissions"]
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or("none")
    }

    fn variables(&self, of: &Json) -> BTreeMap<String, String> {
        let variables = of.as_object().unwrap().iter();
        variables
            .map(|(name, value)| (name.clone(), expression::text(&expression::shown(value), self)))
            .collect()
    }

    fn step(&mut self, step: &Map<String, Json>) {
        let known = ["name", "id", "if", "env", "run", "uses", "with"];
        assert!(step.keys().all(|key| known.contains(&&**key)), "{step:?}");
        let wanted = step.get("if").map_or("success()", |text| text.as_str().unwrap());
        if !expression::condition(wanted, self) {
            return;
        }
        let outputs = match (step.get("run"), step.get("uses")) {
            (Some(script), None) => self.script(script.as_str().unwrap(), step.get("env")),
            (None, Some(action)) => {
                let mut with = step.get("with").cloned().unwrap_or_else(|| Map::new().into());
                for value in with.as_object_mut().unwrap().values_mut() {
                    if let Json::String(text) = value {
                        *text = expression::text(text, self);
                    }
                }
                actions::act(self, action.as_str().unwrap(), with.as_object().unwrap());
                Vec::new()
            }
            _ => panic!("{step:?}"),
        };
        if let Some(id) = step.get("id") {
            self.outputs
                .entry(id.as_str().unwrap().to_owned())
                .or_default()
                .extend(outputs);
        }
    }

    /// [As GitHub runs it](https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell).
    fn script(&mut self, script: &str, own: Option<&Json>) -> Vec<(String, String)> {
        assert!(!script.contains("${{"), "a template in a script:\n{script}");
        let file = |name: &str| self.temp.parent().unwrap().join(name);
        let mut environment = self.environment.clone();
        environment.extend(own.map(|own| self.variables(own)).unwrap_or_default());
        for (name, place) in [("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary")] {
            fs::write(file(place), "").unwrap();
            environment.insert(name.to_owned(), file(place).to_str().unwrap().to_owned());
        }
        fs::write(file("script.sh"), script).unwrap();
        let log = File::create(file("log")).unwrap();
        let shell = self
            .run
            .workflow
            .pointer("/defaults/run/shell")
            .and_then(Json::as_str);
        let options: &[&str] = match shell {
            Some("bash") => &["--noprofile", "--norc", "-eo", "pipefail"],
            None => &["-e"],
            Some(other) => panic!("{other}"),
        };
        let status = Command::new("bash")
            .args(options)
            .arg(file("script.sh"))
            .current_dir(&self.workspace)
            .env_clear()
            .envs(environment)
            .env("PATH", std::env::join_paths(&self.path).unwrap())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .status()
            .unwrap();
        self.ended.log += &fs::read_to_string(file("log")).unwrap();
        self.ended.summary += &fs::read_to_string(file("summary")).unwrap();
        self.ended.failed |= !status.success();
        let outputs = fs::read_to_string(file("output")).unwrap();
        let pair = |line: &str| {
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        outputs.lines().map(pair).collect()
    }
}
