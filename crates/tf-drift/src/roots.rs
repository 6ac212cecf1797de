//! Which root modules are scanned.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tf_cli::settings::Settings;
use tf_model::config::files::{display_name, repository};
use tf_model::{Options, Project};

use crate::states::Orphan;

/// Where roots are looked for when nobody names one.
pub(crate) const DEFAULT: &str = "environments";

/// A root module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Job {
    /// Its folder.
    pub(crate) dir: PathBuf,
    /// Its name in reports: the folder in its repository.
    pub(crate) name: String,
    /// The workspace, where it is not that of the command line.
    pub(crate) workspace: Option<String>,
    /// A state that has no root here: there is no folder.
    pub(crate) orphan: Option<Orphan>,
}

/// The roots of what was named: a root module, or a folder that holds some. In order of their names.
pub(crate) fn find(named: &[PathBuf], settings: &Settings) -> anyhow::Result<Vec<Job>> {
    let folders: Vec<PathBuf> = match (named.is_empty(), settings.drift.roots.is_empty()) {
        (false, _) => named.to_vec(),
        (true, false) => settings.drift.roots.clone(),
        (true, true) => match Path::new(DEFAULT).is_dir() {
            true => vec![PathBuf::from(DEFAULT)],
            false => bail!("give a ROOT: there is no folder {DEFAULT} here"),
        },
    };
    let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
    for folder in &folders {
        if !folder.is_dir() {
            bail!("{} is not a folder", folder.display());
        }
        let dir = folder
            .canonicalize()
            .with_context(|| format!("{} cannot be read", folder.display()))?;
        for dir in below(&dir)? {
            let name = name(&dir);
            let job = Job {
                dir,
                name: name.clone(),
                workspace: None,
                orphan: None,
            };
            jobs.insert(name, job);
        }
    }
    match jobs.is_empty() {
        true => bail!(
            "there is no root module in {}",
            folders
                .iter()
                .map(|folder| folder.display().to_string())
                .collect::<Vec<String>>()
                .join(", ")
        ),
        false => Ok(jobs.into_values().collect()),
    }
}

/// A folder that has files of Terraform itself is a root; else those below it that nobody calls as modules.
fn below(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let is_configuration = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| {
            let endings = [".tf", ".tf.json", ".tofu", ".tofu.json"];
            !name.starts_with('.') && endings.iter().any(|ending| name.ends_with(ending))
        })
    };
    let entries = std::fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    if entries.flatten().any(|entry| is_configuration(&entry.path())) {
        return Ok(vec![dir.to_path_buf()]);
    }
    Ok(Project::load(dir, &Options::default())?.roots().to_vec())
}

/// The folder in its repository; outside of one, as seen from here.
fn name(dir: &Path) -> String {
    let top = repository(dir);
    if top.join(".git").exists() {
        return match (display_name(dir, &top).as_str(), dir.file_name()) {
            (".", Some(own)) => own.to_string_lossy().into_owned(),
            (inside, _) => inside.to_owned(),
        };
    }
    let here = std::env::current_dir()
        .and_then(|here| here.canonicalize())
        .unwrap_or_default();
    let below = dir
        .strip_prefix(&here)
        .ok()
        .filter(|below| !below.as_os_str().is_empty());
    match (below, dir.file_name()) {
        (Some(below), _) => below.to_string_lossy().replace('\\', "/"),
        (None, Some(own)) => own.to_string_lossy().into_owned(),
        (None, None) => ".".to_owned(),
    }
}
