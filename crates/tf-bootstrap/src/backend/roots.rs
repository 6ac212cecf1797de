//! The Terraform roots under `environments/`, and the keys of their states.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::target::Context;

/// Folder of the roots.
pub(crate) const FOLDER: &str = "environments";

/// A root module.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Root {
    /// `dev/services`, or `account`, with `/` everywhere.
    pub(crate) name: String,
    /// `dev`; none for roots that belong to the account.
    pub(crate) environment: Option<String>,
    /// The state's key.
    pub(crate) key: String,
    /// Its folder.
    pub(crate) dir: PathBuf,
}

impl Root {
    fn new(parts: &[&str], dir: PathBuf) -> Root {
        let name = parts.join("/");
        Root {
            key: key_of(&name),
            environment: (parts.len() > 1).then(|| parts[0].to_owned()),
            name,
            dir,
        }
    }
}

/// The key of a root's state: `dev/services/terraform.tfstate`.
pub(crate) fn key_of(root: &str) -> String {
    format!("{root}/terraform.tfstate")
}

/// The roots whose states are in this account: `environments/<environment>/<stack>`, and `environments/<root>` such as that of
/// the account itself; in order of their names. With `environments` in the settings, only those that it names.
///
/// # Errors
/// Where a folder cannot be read, or an environment of the settings is not there.
pub(crate) fn find(context: &Context) -> Result<Vec<Root>, Error> {
    let folder = context.dir.join(FOLDER);
    let mut roots = Vec::new();
    for (first, dir) in folders(&folder)? {
        if has_terraform(&dir)? {
            roots.push(Root::new(&[&first], dir.clone()));
        }
        for (second, dir) in folders(&dir)? {
            if has_terraform(&dir)? {
                roots.push(Root::new(&[&first, &second], dir));
            }
        }
    }
    if let Some(wanted) = &context.settings.environments {
        for name in wanted {
            if !roots.iter().any(|root| first(root) == name) {
                return Err(Error::Usage(format!(
                    "environments of plumbline.hcl names \"{name}\", and {} has no root in it",
                    folder.join(name).display()
                )));
            }
        }
        roots.retain(|root| wanted.iter().any(|name| name == first(root)));
    }
    roots.sort();
    Ok(roots)
}

fn first(root: &Root) -> &str {
    root.name.split('/').next().unwrap_or_default()
}

fn folders(dir: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut folders: Vec<(String, PathBuf)> = entries(dir)?
        .into_iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path)))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    folders.sort();
    Ok(folders)
}

fn has_terraform(dir: &Path) -> Result<bool, Error> {
    Ok(terraform_files(dir)?.next().is_some())
}

/// The files of a folder that Terraform reads.
///
/// # Errors
/// Where the folder cannot be read.
pub(crate) fn terraform_files(dir: &Path) -> Result<impl Iterator<Item = PathBuf>, Error> {
    let is = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        !name.starts_with('.')
            && [".tf", ".tf.json", ".tofu", ".tofu.json"]
                .iter()
                .any(|end| name.ends_with(end))
    };
    Ok(entries(dir)?.into_iter().filter(is))
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let wrong = |source| Error::File {
        doing: "cannot read",
        path: dir.to_path_buf(),
        source,
    };
    let read = match std::fs::read_dir(dir) {
        Ok(read) => read,
        // Nobody needs to have roots here.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrong(error)),
    };
    read.map(|entry| entry.map(|entry| entry.path()).map_err(wrong))
        .collect()
}
