//! Changes of files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A change of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Edit {
    pub(crate) path: PathBuf,
    /// `None` where there is no file yet.
    pub(crate) before: Option<String>,
    pub(crate) after: String,
}

impl Edit {
    /// The lines that change, with signs. Lines that stay are not shown: they may hold secrets.
    pub(crate) fn lines(&self) -> Vec<String> {
        let before: Vec<&str> = self.before.iter().flat_map(|text| text.lines()).collect();
        let after: Vec<&str> = self.after.lines().collect();
        let same = before
            .iter()
            .zip(&after)
            .take_while(|(one, other)| one == other)
            .count();
        let rest = before.len().min(after.len()) - same;
        let tail = before
            .iter()
            .rev()
            .zip(after.iter().rev())
            .take(rest)
            .take_while(|(one, other)| one == other)
            .count();
        let part = |lines: &[&str], sign: &str| -> Vec<String> {
            let changed = lines.get(same..lines.len() - tail).unwrap_or_default();
            changed
                .iter()
                .map(|line| format!("{sign} {}", without_secret(line)))
                .collect()
        };
        let (old, new) = (part(&before, "-"), part(&after, "+"));
        // What stands between two changes stays, and is not shown.
        let stays = |line: &String, other: &[String]| other.iter().any(|one| one.get(1..) == line.get(1..));
        let shown = old.iter().filter(|line| !stays(line, &new));
        shown
            .chain(new.iter().filter(|line| !stays(line, &old)))
            .cloned()
            .collect()
    }

    /// Writes the file: whole or not at all, if it is still what was read.
    ///
    /// # Errors
    /// Where it cannot be written, or somebody else wrote it.
    pub(crate) fn write(&self) -> Result<(), Error> {
        let now = fs::read_to_string(&self.path).ok();
        if now != self.before {
            return Err(Error::Refused(format!(
                "{} was changed by somebody else meanwhile",
                self.path.display()
            )));
        }
        write_whole(&self.path, self.after.as_bytes(), false)
    }
}

/// A line of settings without the value of one that is a secret.
fn without_secret(line: &str) -> String {
    let named = line.contains('"') && (tf_policy::names_secret(line) || line.contains("sse_customer_key"));
    match line.split_once('=') {
        Some((name, _)) if named || tf_policy::looks_secret(line) => format!("{name}= (not shown)"),
        None if named => "(not shown)".to_owned(),
        _ => line.to_owned(),
    }
}

/// Writes a file whole or not at all. A secret file is for its owner alone; otherwise permissions stay what they were.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], secret: bool) -> Result<(), Error> {
    let wrong = |source| Error::File {
        doing: "cannot write",
        path: path.to_path_buf(),
        source,
    };
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // Temporary files are for their owner alone from the beginning.
    let mut file = tempfile::Builder::new()
        .prefix(".plumbline-")
        .tempfile_in(dir)
        .map_err(wrong)?;
    file.write_all(bytes).map_err(wrong)?;
    file.as_file().sync_all().map_err(wrong)?;
    if !secret {
        match fs::metadata(path) {
            Ok(old) => file.as_file().set_permissions(old.permissions()).map_err(wrong)?,
            Err(_) => readable(file.as_file()).map_err(wrong)?,
        }
    }
    file.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}
