//! What a root is made of, so that a change of it is noticed: the digest of each file that it depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tf_model::config::Input;
use tf_model::config::depends::{Given, Kind, Listing, Repository, is_below, locate};
use tf_model::config::files;

use crate::git::{Git, Side};

/// Files by path, relative to the repository, with their SHA-256.
pub(crate) type Digests = BTreeMap<String, String>;

/// SHA-256 as it stands in a seal.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    digest_text(Sha256::new_with_prefix(bytes))
}

/// The same of what was hashed part by part.
pub(crate) fn digest_text(digest: Sha256) -> String {
    let mut out = String::from("sha256:");
    for byte in digest.finalize() {
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// The files of a repository as they are now.
pub(crate) struct Files {
    /// Its top folder.
    top: PathBuf,
    side: Option<Side>,
    listing: Listing,
    /// What is checked out.
    pub(crate) commit: Option<String>,
    /// Files that differ from that.
    changed: BTreeSet<String>,
    /// Who makes plans here: git's `user.email`.
    pub(crate) user: Option<String>,
}

impl Files {
    /// The repository that a folder is in; outside of one, the folder and what lies beside it.
    pub(crate) fn of(dir: &Path) -> anyhow::Result<Files> {
        if let Ok(git) = Git::find(dir)
            && let Ok(commit) = git.commit("HEAD")
        {
            let sides = git.sides("HEAD", None)?;
            return Ok(Files {
                top: git.top.canonicalize().unwrap_or_else(|_| git.top.clone()),
                listing: sides.new.listing.clone(),
                side: Some(sides.new),
                commit: Some(commit),
                changed: sides.changes.into_keys().collect(),
                user: git.user(),
            });
        }
        let dir = dir.canonicalize()?;
        let top = match dir.ancestors().find(|folder| folder.join(".git").exists()) {
            Some(top) => top.to_path_buf(),
            // Modules lie beside environments more often than below them.
            None => dir.ancestors().nth(2).map_or(dir.clone(), Path::to_path_buf),
        };
        Ok(Files {
            listing: walk(&top),
            top,
            side: None,
            commit: None,
            changed: BTreeSet::new(),
            user: None,
        })
    }

    /// The top folder.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// A file's path, relative to the top; absolute where it lies outside.
    pub(crate) fn name(&self, file: &Path) -> String {
        let file = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let below = file.strip_prefix(&self.top).ok();
        below
            .and_then(|below| locate("", &below.to_string_lossy()))
            .unwrap_or_else(|| file.to_string_lossy().into_owned())
    }

    /// A root's folder, relative to the top.
    pub(crate) fn inside(&self, dir: &Path) -> Option<String> {
        let dir = dir.canonicalize().ok()?;
        locate("", &dir.strip_prefix(&self.top).ok()?.to_string_lossy())
    }

    /// The digests of the files that a root depends on, and which of them are not committed.
    ///
    /// The values of variables are left aside: `apply` does not know them before it has read the plan. Where a file's name depends on one,
    /// all that it may be are files of the root.
    pub(crate) fn digests(&self, root: &str, inputs: &[Input]) -> (Digests, Vec<String>) {
        let read = |path: &str| self.read(path);
        let mut given = Given::default();
        let mut digests = Digests::new();
        for input in inputs {
            let Input::File(file) = input else { continue };
            let name = self.name(file);
            if !Path::new(&name).is_absolute() {
                given.files.push(name);
            } else if let Ok(bytes) = std::fs::read(file) {
                digests.insert(name, sha256(bytes));
            }
        }
        let repository = Repository::load(&self.listing, &read);
        let found = repository.dependencies(root, &given, &read);
        let mut uncommitted = Vec::new();
        for path in self.listing.keys() {
            if !found.all.iter().any(|dependency| dependency.what.covers(path)) {
                continue;
            }
            // What is gone is not there; what cannot be read is an error of Terraform.
            if let Ok(bytes) = self.read(path) {
                digests.insert(path.clone(), sha256(bytes));
            }
            if self.changed.contains(path) {
                uncommitted.push(path.clone());
            }
        }
        let gone = self
            .changed
            .iter()
            .filter(|path| !self.listing.contains_key(*path) && is_below(path, root));
        uncommitted.extend(gone.cloned());
        (digests, uncommitted)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match &self.side {
            Some(side) => side.read(path),
            None => std::fs::read(self.top.join(path))
                .map_err(|error| format!("The file cannot be read: {error}.")),
        }
    }
}

/// Files below a folder that is in no repository.
fn walk(top: &Path) -> Listing {
    /// A folder that is no repository may be a home folder: nobody's configuration is larger than this.
    const MOST: usize = 100_000;
    let mut listing = Listing::new();
    let mut folders = vec![top.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if listing.len() >= MOST {
                return listing;
            }
            // Links to folders are not followed: they may lead in a circle.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    if !files::SKIPPED.contains(&name.as_str()) {
                        folders.push(path);
                    }
                }
                Ok(_) => {
                    listing.insert(files::display_name(&path, top), Kind::File);
                }
                Err(_) => {}
            }
        }
    }
    listing
}
