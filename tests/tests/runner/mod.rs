//! As much of a runner of GitHub Actions as our workflows need. Jobs are read from the YAML; their conditions are evaluated and their
//! shell steps run as GitHub does it, in an environment that has nothing but what a runner has. Actions have stand-ins, and what comes
//! from outside of the workflow is a table: whatever is in neither fails the test.

mod actions;
mod expression;
mod job;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use tempfile::TempDir;

use expression::Scope;

/// Programs that scripts may call, beside Terraform.
const PROGRAMS: &[&str] = &[
    "bash",
    "cat",
    "chmod",
    "cp",
    "curl",
    "cut",
    "date",
    "git",
    "jq",
    "mkdir",
    "openssl",
    "rm",
    "sha256sum",
    "tar",
];

/// What a job left.
#[derive(Clone, Default, Debug)]
pub(crate) struct Ended {
    pub(crate) failed: bool,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) log: String,
    pub(crate) summary: String,
    /// Signed in as.
    pub(crate) roles: Vec<String>,
    /// What its steps had in their environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where they found programs.
    pub(crate) path: Vec<PathBuf>,
    /// Findings that were uploaded, with their category.
    pub(crate) sarif: Vec<(String, Json)>,
}

/// How a job went: `success`, `failure` or `skipped`, and each of its matrix.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) result: &'static str,
    pub(crate) each: Vec<Ended>,
}

impl Job {
    /// A job without a matrix that ended so.
    #[track_caller]
    pub(crate) fn with(&self, result: &str) -> Ended {
        let logs: Vec<&str> = self.each.iter().map(|one| &*one.log).collect();
        assert_eq!(self.result, result, "{}", logs.join("\n"));
        self.each.first().cloned().unwrap_or_default()
    }
}

/// A run of a workflow.
pub(crate) struct Run {
    workflow: Json,
    jobs: BTreeMap<String, Job>,
    /// What is checked out, and where it comes from.
    pub(crate) repository: PathBuf,
    pub(crate) commit: String,
    /// What expressions mean that neither a job nor a step computes.
    pub(crate) values: BTreeMap<&'static str, String>,
    /// What every machine has in its environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// What signing in adds.
    pub(crate) account: Vec<(String, String)>,
    pub(crate) artifacts: TempDir,
    /// What `actions/cache/save` keeps for later runs; nothing where there is none.
    pub(crate) cache: Option<PathBuf>,
    programs: PathBuf,
    terraform: PathBuf,
    _tools: TempDir,
}

impl Run {
    /// A run of a workflow of ours.
    pub(crate) fn of(workflow: &str) -> Run {
        let file = xtask::workspace().join(".github/workflows").join(workflow);
        let tools = tempfile::tempdir().unwrap();
        let (programs, terraform) = (tools.path().join("bin"), tools.path().join("terraform"));
        link(PROGRAMS, &programs);
        link(&["terraform"], &terraform);
        // It stands for the build of the very program that the tests have built.
        let cargo = format!(
            "#!/bin/bash\nset -e\necho \"$PWD: cargo $*\"\nmkdir -p target/release\n\
             printf '#!/bin/bash\\nexec {} \"$@\"\\n' > target/release/tf-gate\n\
             printf '#!/bin/bash\\nexec {} \"$@\"\\n' > target/release/tf-drift\n\
             chmod +x target/release/tf-gate target/release/tf-drift\n",
            env!("CARGO_BIN_EXE_tf-gate"),
            env!("CARGO_BIN_EXE_tf-drift")
        );
        fs::write(programs.join("cargo"), cargo).unwrap();
        let mut permissions = fs::metadata(programs.join("cargo")).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        fs::set_permissions(programs.join("cargo"), permissions).unwrap();
        Run {
            workflow: serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap(),
            jobs: BTreeMap::new(),
            repository: PathBuf::new(),
            commit: String::new(),
            values: BTreeMap::new(),
            environment: BTreeMap::new(),
            account: Vec::new(),
            artifacts: tempfile::tempdir().unwrap(),
            cache: None,
            programs,
            terraform,
            _tools: tools,
        }
    }

    /// Runs all jobs, each after those that it needs, which stand before it.
    pub(crate) fn all(&mut self) {
        let names: Vec<String> = self.workflow["jobs"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        for name in names {
            self.again(&name);
        }
    }

    /// How a job went.
    #[track_caller]
    pub(crate) fn job(&self, name: &str) -> &Job {
        &self.jobs[name]
    }

    /// Runs one job, once more where it ran already.
    pub(crate) fn again(&mut self, name: &str) -> &Job {
        let job = self.workflow["jobs"][name].as_object().unwrap().clone();
        let scope = JobScope { run: self, job: &job };
        let wanted = job.get("if").map_or("success()", |text| text.as_str().unwrap());
        let each = match expression::condition(wanted, &scope) {
            false => Vec::new(),
            true => {
                let matrix = job.get("strategy").map(|strategy| {
                    let text = strategy["matrix"].as_str().unwrap();
                    let inside = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
                    expression::value(inside.unwrap(), &scope)
                });
                let points = match &matrix {
                    Some(matrix) => matrix["include"].as_array().unwrap().clone(),
                    None => vec![Json::Null],
                };
                assert!(!points.is_empty(), "GitHub fails on an empty matrix");
                points
                    .into_iter()
                    .map(|point| job::run(self, &job, point))
                    .collect()
            }
        };
        let result = match (each.is_empty(), each.iter().any(|one| one.failed)) {
            (true, _) => "skipped",
            (_, true) => "failure",
            _ => "success",
        };
        self.jobs.insert(name.to_owned(), Job { result, each });
        &self.jobs[name]
    }

    fn needs(job: &Map<String, Json>) -> Vec<String> {
        match job.get("needs") {
            None => Vec::new(),
            Some(Json::String(one)) => vec![one.clone()],
            Some(many) => serde_json::from_value(many.clone()).unwrap(),
        }
    }

    /// The value of a path as a job sees it.
    fn path(&self, job: &Map<String, Json>, path: &str) -> Json {
        let parts: Vec<&str> = path.split('.').collect();
        if let ["needs", name, rest @ ..] = parts.as_slice() {
            assert!(
                Run::needs(job).iter().any(|need| need == name),
                "{path}: it does not need {name}"
            );
            let needed = self.job(name);
            return match rest {
                ["result"] => needed.result.into(),
                ["outputs", output] => {
                    let declared = &self.workflow["jobs"][*name]["outputs"];
                    assert!(declared.get(*output).is_some(), "{path}: there is no such output");
                    let ended = needed.each.first();
                    ended
                        .and_then(|ended| ended.outputs.get(*output))
                        .cloned()
                        .unwrap_or_default()
                        .into()
                }
                _ => panic!("{path}"),
            };
        }
        match self.values.get(path) {
            Some(value) => value.clone().into(),
            None => panic!("{path} has no value in this test"),
        }
    }

    /// All that others may see: logs, summaries, and the files of artifacts.
    pub(crate) fn visible(&self) -> Vec<Vec<u8>> {
        let ended = self.jobs.values().flat_map(|job| &job.each);
        let texts = ended.flat_map(|one| [one.log.clone().into_bytes(), one.summary.clone().into_bytes()]);
        let artifacts = files(self.artifacts.path());
        texts
            .chain(artifacts.into_iter().map(|file| fs::read(file).unwrap()))
            .collect()
    }

    /// A file of an artifact.
    #[track_caller]
    pub(crate) fn artifact(&self, file: &str) -> Json {
        serde_json::from_str(&fs::read_to_string(self.artifacts.path().join(file)).unwrap()).unwrap()
    }

    /// The files of all artifacts, sorted.
    pub(crate) fn artifacts(&self) -> Vec<String> {
        let base = self.artifacts.path();
        let name = |file: PathBuf| file.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
        files(base).into_iter().map(name).collect()
    }
}

struct JobScope<'a> {
    run: &'a Run,
    job: &'a Map<String, Json>,
}

impl Scope for JobScope<'_> {
    fn path(&self, path: &str) -> Json {
        self.run.path(self.job, path)
    }

    fn status(&self, name: &str) -> bool {
        // Of all that come before, not only of those that are needed at once.
        let mut pending = Run::needs(self.job);
        let mut results = Vec::new();
        while let Some(name) = pending.pop() {
            results.push(self.run.job(&name).result);
            pending.extend(Run::needs(self.run.workflow["jobs"][&name].as_object().unwrap()));
        }
        match name {
            "always" => true,
            "cancelled" => false,
            "failure" => results.contains(&"failure"),
            "success" => results.iter().all(|result| *result == "success"),
            _ => panic!("{name}()"),
        }
    }
}

/// A folder with links to these programs and nothing else.
fn link(programs: &[&str], folder: &Path) {
    fs::create_dir(folder).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    for program in programs {
        let mut places = std::env::split_paths(&path).map(|dir| dir.join(program));
        let place = places
            .find(|place| place.is_file())
            .unwrap_or_else(|| panic!("no {program}"));
        std::os::unix::fs::symlink(place, folder.join(program)).unwrap();
    }
}

/// All files below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => pending.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found.sort();
    found
}
