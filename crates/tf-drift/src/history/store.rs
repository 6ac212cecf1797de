//! Where the results of scans are kept.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

/// A place that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} {name}: {problem}")]
pub(crate) struct StoreError {
    what: &'static str,
    name: String,
    problem: String,
}

impl StoreError {
    /// `what` is a verb: `read`, `write`.
    pub(crate) fn new(what: &'static str, name: &str, problem: impl ToString) -> StoreError {
        StoreError {
            what,
            name: name.to_owned(),
            problem: problem.to_string(),
        }
    }
}

/// Named documents. A name is a path with `/`, without `..`.
pub(crate) trait Store: Sync {
    /// The names that begin with a prefix, which ends in `/` or is empty; in order.
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError>;
    /// A document; `None` where there is none: another scan may have removed it since it was listed.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Several documents, in the order of their names.
    fn read_all(&self, names: &[String]) -> Vec<Result<Option<Vec<u8>>, StoreError>> {
        names.par_iter().map(|name| self.read(name)).collect()
    }
    /// Writes a document as a whole: nobody ever sees a part of it.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;
    /// Writes a document as a whole if there is none of that name; says whether it did.
    fn create(&self, name: &str, bytes: &[u8]) -> Result<bool, StoreError>;
    /// Removes a document. One that is not there is no error.
    fn remove(&self, name: &str) -> Result<(), StoreError>;
}

/// A folder.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// It is made when something is written to it.
    pub(crate) fn new(dir: impl Into<PathBuf>) -> Folder {
        Folder { dir: dir.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A document that has no name yet.
    fn part(&self, name: &str, bytes: &[u8]) -> Result<tempfile::NamedTempFile, StoreError> {
        let path = self.path(name);
        let wrong = |error: std::io::Error| StoreError::new("write", &self.shown(name), error);
        let dir = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir).map_err(wrong)?;
        let mut file = tempfile::Builder::new()
            .prefix(".")
            .suffix(".part")
            .tempfile_in(dir)
            .map_err(wrong)?;
        file.write_all(bytes).map_err(wrong)?;
        file.as_file().sync_all().map_err(wrong)?;
        Ok(file)
    }
}

impl Store for Folder {
    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let dir = self.path(prefix);
        let wrong = |error| StoreError::new("read", &self.shown(prefix), error);
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(wrong(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(wrong)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type().map_err(wrong)?.is_dir() {
                true => names.extend(self.list(&format!("{prefix}{name}/"))?),
                // What is still being written has no such name.
                false if name.ends_with(".json") => names.push(format!("{prefix}{name}")),
                false => {}
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::new("read", &self.shown(name), error)),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.part(name, bytes)?;
        let wrong = |error: std::io::Error| StoreError::new("write", &self.shown(name), error);
        file.persist(self.path(name))
            .map_err(|error| wrong(error.error))?;
        Ok(())
    }

    fn create(&self, name: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        let file = self.part(name, bytes)?;
        match file.persist_noclobber(self.path(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(StoreError::new("write", &self.shown(name), error.error)),
        }
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::new("remove", &self.shown(name), error))
            }
            _ => {
                // The folder of a run goes with its last document; one that holds others stays.
                if let Some(dir) = self.path(name).parent().filter(|dir| **dir != *self.dir) {
                    let _ = fs::remove_dir(dir);
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_written_whole_and_listed_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let store = Folder::new(dir.path().join("history"));
        assert!(store.list("").unwrap().is_empty());
        for name in ["results/b.json", "results/a.json", "running/1/x.json"] {
            store.write(name, name.as_bytes()).unwrap();
        }
        fs::write(dir.path().join("history/results/.x.part"), "half").unwrap();
        assert_eq!(
            store.list("results/").unwrap(),
            ["results/a.json", "results/b.json"]
        );
        let read = |name: &str| store.read(name).unwrap().unwrap();
        assert_eq!(read("results/a.json"), b"results/a.json");
        store.write("results/a.json", b"new").unwrap();
        assert_eq!(read("results/a.json"), b"new");
        // What is there stays where something new was meant.
        assert!(!store.create("results/a.json", b"newer").unwrap());
        assert!(store.create("results/d.json", b"d").unwrap());
        assert_eq!(read("results/a.json"), b"new");
        store.remove("running/1/x.json").unwrap();
        store.remove("running/1/x.json").unwrap();
        assert!(!dir.path().join("history/running/1").exists());
        assert_eq!(store.read("results/c.json").unwrap(), None);
        let error = store.read("results").unwrap_err().to_string();
        assert!(
            error.contains("cannot read") && error.contains("results"),
            "{error}"
        );
    }
}
