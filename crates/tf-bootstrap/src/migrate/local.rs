//! Local states of a root.
//!
//! Source: Terraform's local backend, <https://developer.hashicorp.com/terraform/language/backend/local>.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::error::Error;

const FILE: &str = "terraform.tfstate";
const WORKSPACES: &str = "terraform.tfstate.d";

/// Where a root's local states are.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    /// The state of the default workspace.
    default: PathBuf,
    /// The folder with those of the others.
    workspaces: PathBuf,
    /// Workspaces and their states, those that are there.
    pub(crate) states: Vec<(String, PathBuf)>,
}

impl Local {
    /// Finds the local states of a root.
    ///
    /// # Errors
    /// Where a folder cannot be read.
    pub(crate) fn find(root: &Path, settings: &Settings) -> Result<Local, Error> {
        let is_local = settings.kind() == Some("local");
        if is_local
            && let Some(block) = &settings.block
            && block.has_other_than(&["path", "workspace_dir"])
        {
            return Err(Error::Refused(format!(
                "the backend \"local\" in {} has settings that are not known",
                block.path.display()
            )));
        }
        let of = |name: &str, usual: &str| {
            let setting = settings.text(name).filter(|_| is_local);
            root.join(setting.unwrap_or(usual))
        };
        let mut local = Local {
            default: of("path", FILE),
            workspaces: of("workspace_dir", WORKSPACES),
            states: Vec::new(),
        };
        if local.default.is_file() {
            local.states.push(("default".to_owned(), local.default.clone()));
        }
        let mut names: Vec<String> = match std::fs::read_dir(&local.workspaces) {
            Ok(entries) => entries
                .flatten()
                .filter_map(|entry| entry.file_name().into_string().ok())
                .collect(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(source) => {
                return Err(Error::File {
                    doing: "cannot read",
                    path: local.workspaces,
                    source,
                });
            }
        };
        names.sort();
        for name in names {
            let file = local.file(&name);
            if file.is_file() {
                local.states.push((name, file));
            }
        }
        Ok(local)
    }

    /// The state's file of a workspace.
    pub(crate) fn file(&self, workspace: &str) -> PathBuf {
        match workspace {
            "default" => self.default.clone(),
            workspace => self.workspaces.join(workspace).join(FILE),
        }
    }

    /// Refuses states that Terraform works on at this moment.
    ///
    /// # Errors
    /// Where there is a lock of Terraform beside a state.
    pub(crate) fn is_idle(&self) -> Result<(), Error> {
        for (_, file) in &self.states {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let lock = file.with_file_name(format!(".{name}.lock.info"));
            if lock.exists() {
                return Err(Error::Refused(format!(
                    "Terraform is working on {}: {} is there",
                    file.display(),
                    lock.display()
                )));
            }
        }
        Ok(())
    }
}

/// Terraform's own record of the backend that a root was initialised with.
pub(crate) fn record(root: &Path) -> PathBuf {
    let data = std::env::var_os("TF_DATA_DIR").filter(|dir| !dir.is_empty());
    root.join(data.unwrap_or_else(|| ".terraform".into())).join(FILE)
}

/// Whether that record is there, and is of a backend in S3.
pub(crate) fn is_of_s3(record: &Path) -> bool {
    let record = std::fs::read(record).ok();
    let record = record.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    record.is_some_and(|record| record["backend"]["type"] == "s3")
}

/// The name of a local state that was moved: one that is ignored by Git wherever states are.
pub(crate) fn aside(file: &Path) -> PathBuf {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut to = file.with_file_name(format!("{name}.migrated"));
    for number in 2.. {
        if !to.exists() {
            break;
        }
        to = file.with_file_name(format!("{name}.migrated-{number}"));
    }
    to
}

/// Keeps an older state that is in the way.
///
/// # Errors
/// Where it cannot be renamed.
pub(crate) fn keep_old(file: &Path) -> Result<(), Error> {
    let old = std::fs::metadata(file).is_ok_and(|file| file.len() > 0);
    if !old {
        return Ok(());
    }
    std::fs::rename(file, aside(file)).map_err(|source| Error::File {
        doing: "cannot put aside",
        path: file.to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn states_of_all_workspaces_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::write(root.join(FILE), "{}").unwrap();
        fs::create_dir_all(root.join(WORKSPACES).join("blue")).unwrap();
        fs::create_dir_all(root.join(WORKSPACES).join("empty")).unwrap();
        fs::write(root.join(WORKSPACES).join("blue").join(FILE), "{}").unwrap();
        let local = Local::find(root, &Settings::default()).unwrap();
        let names: Vec<&str> = local.states.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["default", "blue"]);
        local.is_idle().unwrap();
        fs::write(root.join(".terraform.tfstate.lock.info"), "{}").unwrap();
        assert!(local.is_idle().is_err());
    }

    #[test]
    fn what_was_put_aside_before_stays() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        fs::write(&file, "1").unwrap();
        keep_old(&file).unwrap();
        fs::write(&file, "2").unwrap();
        keep_old(&file).unwrap();
        assert_eq!(
            fs::read_to_string(dir.path().join("terraform.tfstate.migrated")).unwrap(),
            "1"
        );
        assert_eq!(
            fs::read_to_string(dir.path().join("terraform.tfstate.migrated-2")).unwrap(),
            "2"
        );
    }
}
