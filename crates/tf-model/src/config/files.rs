//! Finding and reading configuration files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Files larger than this are refused: no person wrote them, and their tree would not fit in memory.
const MAX_FILE: u64 = 64 << 20;
/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;
/// Folders that hold no configuration of their own.
pub const SKIPPED: [&str; 5] = [".git", ".terraform", ".terragrunt-cache", "node_modules", ".venv"];

/// The configuration files of one folder, in the order in which Terraform reads them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ConfigFiles {
    /// Files that declare.
    pub(crate) primary: Vec<PathBuf>,
    /// Files that override what others declare.
    pub(crate) overrides: Vec<PathBuf>,
}

impl ConfigFiles {
    pub(crate) fn is_empty(&self) -> bool {
        self.primary.is_empty() && self.overrides.is_empty()
    }

    pub(crate) fn from_names(dir: &Path, mut names: Vec<String>) -> ConfigFiles {
        names.sort();
        // OpenTofu: a .tofu file takes the place of the .tf file of its name.
        let shadowed = |name: &str| {
            let tofu = match name.strip_suffix(".tf.json") {
                Some(stem) => format!("{stem}.tofu.json"),
                None => match name.strip_suffix(".tf") {
                    Some(stem) => format!("{stem}.tofu"),
                    None => return false,
                },
            };
            names.contains(&tofu)
        };
        let mut files = ConfigFiles::default();
        for name in names.iter().filter(|name| !shadowed(name)) {
            let stem = stem(name).unwrap_or(name);
            match stem == "override" || stem.ends_with("_override") {
                true => files.overrides.push(dir.join(name)),
                false => files.primary.push(dir.join(name)),
            }
        }
        files
    }
}

/// The name without the ending of a configuration file; `None` for other files and for those that editors
/// leave behind.
pub(crate) fn stem(name: &str) -> Option<&str> {
    if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
        return None;
    }
    [".tf.json", ".tofu.json", ".tf", ".tofu"]
        .into_iter()
        .find_map(|ending| name.strip_suffix(ending))
}

/// The configuration files of a folder; none where it cannot be read.
pub(crate) fn in_folder(dir: &Path) -> ConfigFiles {
    let names = fs::read_dir(dir).into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        (stem(&name).is_some() && entry.path().is_file()).then_some(name)
    });
    ConfigFiles::from_names(dir, names.collect())
}

/// All folders with configuration files below a folder, without following links to folders: a link that
/// leads back upwards would never end.
pub(crate) fn below(root: &Path) -> BTreeMap<PathBuf, ConfigFiles> {
    let mut found = BTreeMap::new();
    let mut pending = vec![(root.to_path_buf(), 0)];
    while let Some((dir, depth)) = pending.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        let mut names = Vec::new();
        for entry in entries.flatten() {
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
                continue;
            };
            if kind.is_dir() {
                if depth < MAX_DEPTH && !SKIPPED.contains(&name.as_str()) {
                    pending.push((dir.join(name), depth + 1));
                }
            } else if stem(&name).is_some() && (kind.is_file() || dir.join(&name).is_file()) {
                names.push(name);
            }
        }
        let files = ConfigFiles::from_names(&dir, names);
        if !files.is_empty() {
            found.insert(dir, files);
        }
    }
    found
}

/// The text of a file.
///
/// # Errors
/// A sentence that says why there is none: it is not there, too large, or not UTF-8 (with the line).
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path)
        .map_err(|error| format!("The file could not be read: {error}."))?
        .len();
    if size > MAX_FILE {
        return Err(format!(
            "The file has {} MB; files of more than {} MB are not read.",
            size >> 20,
            MAX_FILE >> 20
        ));
    }
    let bytes = fs::read(path).map_err(|error| format!("The file could not be read: {error}."))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error
            .as_bytes()
            .iter()
            .take(valid)
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        format!("The file is not UTF-8: line {line} has a byte that cannot be decoded. Save it as UTF-8.")
    })
}

/// The path as people see it: relative to a folder, with `/` in between and `..` where it lies outside.
pub fn display_name(path: &Path, base: &Path) -> String {
    for (up, ancestor) in base.ancestors().enumerate() {
        if ancestor.as_os_str().is_empty() {
            break;
        }
        if let Ok(below) = path.strip_prefix(ancestor) {
            let parts = below
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned());
            let shown: Vec<String> = std::iter::repeat_n("..".to_owned(), up).chain(parts).collect();
            return if shown.is_empty() {
                ".".to_owned()
            } else {
                shown.join("/")
            };
        }
    }
    path.to_string_lossy().into_owned()
}

/// The path without `.` and `..`, as text: what it would be if no part were a link.
pub(crate) fn normalise(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// The repository that a folder is part of: the nearest one upwards with `.git`, else the folder itself.
pub fn repository(dir: &Path) -> PathBuf {
    dir.ancestors()
        .find(|folder| folder.join(".git").exists())
        .unwrap_or(dir)
        .to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_and_tofu_files_are_told_apart() {
        let names = [
            "b.tf",
            "a.tf",
            "override.tf",
            "x_override.tf.json",
            "b.tofu",
            ".hidden.tf",
            "x.tf~",
            "x.txt",
        ];
        let names = names
            .into_iter()
            .filter(|name| stem(name).is_some())
            .map(str::to_owned)
            .collect();
        let files = ConfigFiles::from_names(Path::new("d"), names);
        assert_eq!(files.primary, [Path::new("d/a.tf"), Path::new("d/b.tofu")]);
        assert_eq!(
            files.overrides,
            [Path::new("d/override.tf"), Path::new("d/x_override.tf.json")]
        );
    }

    #[test]
    fn paths_are_shown_relative_to_what_was_scanned() {
        assert_eq!(display_name(Path::new("/a/b/c.tf"), Path::new("/a")), "b/c.tf");
        assert_eq!(display_name(Path::new("/a"), Path::new("/a")), ".");
        assert_eq!(
            display_name(Path::new("/a/m/x.tf"), Path::new("/a/b/c")),
            "../../m/x.tf"
        );
    }
}
