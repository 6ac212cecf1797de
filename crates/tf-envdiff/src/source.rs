//! What an argument names: a folder, a plan, a state, a file of variables, or a folder at a commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use tf_model::config::Inputs;

use crate::environment::{Environment, Folder, Origin, Problem, prefix_of};
use crate::git::Git;

/// An environment as it was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The column's name.
    pub name: String,
    /// The argument, without a name before it.
    pub text: String,
}

/// How sources are read.
pub struct Reading {
    /// Values for variables.
    pub inputs: Inputs,
    /// The workspace.
    pub workspace: String,
    /// The root module of files of variables.
    pub root: PathBuf,
    /// The root modules of columns by their names.
    pub roots: BTreeMap<String, PathBuf>,
}

impl Reading {
    /// The root module of a column that is no folder.
    pub fn root_of(&self, name: &str) -> &Path {
        self.roots.get(name).unwrap_or(&self.root)
    }
}

/// The sources of arguments, with names that tell them apart.
pub fn sources(arguments: &[String]) -> Vec<Source> {
    let split: Vec<(Option<&str>, &str)> = arguments
        .iter()
        .map(|argument| match argument.split_once('=') {
            // A path may hold the sign too.
            Some((name, text)) if !name.contains(['/', ':', '.']) && !name.is_empty() => (Some(name), text),
            _ => (None, argument.as_str()),
        })
        .collect();
    let texts: Vec<&str> = split.iter().map(|(_, text)| *text).collect();
    let short = names(&texts);
    let mut used: BTreeSet<String> = BTreeSet::new();
    split
        .into_iter()
        .zip(short)
        .map(|((given, text), short)| {
            let base = given.map_or(short, str::to_owned);
            let mut name = base.clone();
            let mut number = 2;
            while !used.insert(name.clone()) {
                name = format!("{base}-{number}");
                number += 1;
            }
            Source {
                name,
                text: text.to_owned(),
            }
        })
        .collect()
}

/// The parts of a path that tell it from the others.
fn names(texts: &[&str]) -> Vec<String> {
    let mut parts: Vec<(Option<String>, Vec<String>)> = texts
        .iter()
        .map(|text| {
            let (revision, path) = match text.split_once(':') {
                Some((revision, path)) if !Path::new(text).exists() => (Some(revision.to_owned()), path),
                _ => (None, *text),
            };
            let path = match Path::new(path).canonicalize() {
                Ok(real) if path.trim_matches(['.', '/']).is_empty() => real.to_string_lossy().into_owned(),
                _ => path.to_owned(),
            };
            let mut parts: Vec<String> = path
                .split(['/', '\\'])
                .filter(|part| !part.is_empty() && *part != ".")
                .map(str::to_owned)
                .collect();
            if let Some(last) = parts.last_mut() {
                for ending in [".tfvars.json", ".tfvars", ".tfstate", ".json"] {
                    if let Some(stem) = last.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
                        *last = stem.to_owned();
                        break;
                    }
                }
            }
            (revision, parts)
        })
        .collect();
    // environments/dev/data and environments/prod/data are dev and prod.
    let ends_alike = |parts: &[(Option<String>, Vec<String>)]| {
        let ends: BTreeSet<Option<&String>> = parts.iter().map(|(_, parts)| parts.last()).collect();
        ends.len() == 1 && parts.iter().all(|(_, parts)| parts.len() > 1)
    };
    let same: BTreeSet<&Vec<String>> = parts.iter().map(|(_, parts)| parts).collect();
    if same.len() > 1 {
        while ends_alike(&parts) {
            for (_, parts) in &mut parts {
                parts.pop();
            }
        }
    }
    parts
        .iter()
        .map(|(revision, parts)| {
            let last = parts.last().cloned().unwrap_or_else(|| ".".to_owned());
            match revision {
                Some(revision) => format!("{last}@{revision}"),
                None => last,
            }
        })
        .collect()
}

impl Source {
    /// The folder of configurations that it names, where it names one.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn folder(&self, reading: &Reading, git: &mut Option<Git>) -> Result<Option<Folder>, String> {
        let path = Path::new(&self.text);
        if path.is_dir() {
            return Ok(Some(Folder {
                dir: path.to_path_buf(),
                prefix: prefix_of(path),
                var_files: Vec::new(),
                files: None,
            }));
        }
        if path.is_file() {
            let is_variables = self.text.ends_with(".tfvars") || self.text.ends_with(".tfvars.json");
            return Ok(is_variables.then(|| Folder {
                dir: reading.root_of(&self.name).to_path_buf(),
                prefix: prefix_of(reading.root_of(&self.name)),
                var_files: vec![path.to_path_buf()],
                files: None,
            }));
        }
        let Some((revision, path)) = self
            .text
            .split_once(':')
            .filter(|(revision, _)| !revision.is_empty())
        else {
            return Err(format!(
                "{} is not there: give a folder, a plan (terraform show -json), a state, a file of variables, or REV:folder",
                self.text
            ));
        };
        let git = repository(git)?;
        let commit = git.commit(revision).map_err(|error| error.to_string())?;
        let path = git.path(path);
        at_commit(git, &commit, revision, &path).map(Some)
    }

    /// Reads the environment.
    pub fn read(&self, folder: Result<Option<Folder>, String>, reading: &Reading) -> Environment {
        match folder {
            Ok(Some(folder)) => {
                Environment::of_folder(&self.name, &folder, &reading.inputs, &reading.workspace)
            }
            Ok(None) => {
                let mut environment = self.read_file();
                if let Some(dir) = reading.roots.get(&self.name)
                    && let Err(message) = environment.written_in(dir, &reading.inputs, &reading.workspace)
                {
                    environment.problems.push(Problem {
                        environment: Some(self.name.clone()),
                        file: None,
                        lines: None,
                        message: format!("causes cannot be looked for: {message}"),
                    });
                }
                environment
            }
            Err(message) => Environment::broken(&self.name, Origin::Configuration, message),
        }
    }

    fn read_file(&self) -> Environment {
        let broken = |kind, message: String| {
            Environment::broken(&self.name, kind, format!("{}: {message}", self.text))
        };
        let text = match std::fs::read_to_string(&self.text) {
            Ok(text) => text,
            Err(error) => return broken(Origin::Plan, format!("the file cannot be read: {error}")),
        };
        match is_state(&text) {
            Ok(true) => match tf_model::state::load(&text) {
                Ok(graph) => Environment::of_graph(&self.name, Origin::State, graph),
                Err(error) => broken(Origin::State, error.to_string()),
            },
            Ok(false) => match tf_model::plan::load(&text) {
                Ok(graph) => Environment::of_graph(&self.name, Origin::Plan, graph),
                Err(error) => broken(Origin::Plan, error.to_string()),
            },
            Err(error) => broken(
                Origin::Plan,
                format!(
                    "this is neither the JSON of a plan nor a state: {error}; make it with: terraform show -json"
                ),
            ),
        }
    }
}

/// The repository that the program runs in.
///
/// # Errors
/// Where there is none.
pub fn repository(git: &mut Option<Git>) -> Result<&mut Git, String> {
    if git.is_none() {
        *git = Some(Git::find(Path::new(".")).map_err(|error| error.to_string())?);
    }
    git.as_mut()
        .ok_or_else(|| "there is no git repository here".to_owned())
}

/// A folder as it was at a commit.
///
/// # Errors
/// Where the commit cannot be read, or did not have the folder.
pub fn at_commit(git: &mut Git, commit: &str, shown: &str, path: &str) -> Result<Folder, String> {
    let files = git.checkout(commit).map_err(|error| error.to_string())?;
    let dir = files.path().join(path);
    match dir.is_dir() && !path.starts_with("..") {
        true => Ok(Folder {
            dir,
            prefix: format!("{shown}:{path}"),
            var_files: Vec::new(),
            files: Some(files),
        }),
        false => Err(format!("there is no folder {path} at {shown}")),
    }
}

/// Whether a JSON document is a state; else it should be a plan.
fn is_state(text: &str) -> Result<bool, serde_json::Error> {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(default)]
        version: Option<IgnoredAny>,
        #[serde(default)]
        values: Option<IgnoredAny>,
        #[serde(default)]
        planned_values: Option<IgnoredAny>,
        #[serde(default)]
        resource_changes: Option<IgnoredAny>,
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let shape: Shape = serde_json::from_str(text)?;
    let is_plan = shape.planned_values.is_some() || shape.resource_changes.is_some();
    Ok(!is_plan && (shape.values.is_some() || shape.version.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_short_names_that_differ() {
        for (arguments, want) in [
            (
                vec!["environments/dev", "environments/prod/"],
                vec!["dev", "prod"],
            ),
            (
                vec!["environments/dev/data", "environments/prod/data"],
                vec!["dev", "prod"],
            ),
            (vec!["plans/dev.json", "plans/prod.json"], vec!["dev", "prod"]),
            (vec!["vars/dev.tfvars", "vars/prod.tfvars"], vec!["dev", "prod"]),
            (vec!["main:envs/dev", "envs/dev"], vec!["dev@main", "dev"]),
            (vec!["a=x/dev", "b=x/dev"], vec!["a", "b"]),
            (vec!["x/dev", "x/dev"], vec!["dev", "dev-2"]),
        ] {
            let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
            let names: Vec<String> = sources(&arguments)
                .into_iter()
                .map(|source| source.name)
                .collect();
            assert_eq!(names, want, "{arguments:?}");
        }
    }
}
