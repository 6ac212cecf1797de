//! What functions may see of the disk.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::CallError;
use super::glob;
use crate::path;

/// Files that are larger are refused.
const MAX_SIZE: u64 = 64 << 20;

/// Why a file, folder or pattern gives nothing. Paths are as Terraform shows them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileError {
    /// There is nothing at the path, which is given as it was written.
    Missing(String),
    /// The path starts with `~`: the home folder is no part of what is evaluated.
    Home(String),
    /// The path leads out of the repository.
    Outside(String),
    /// A folder stands where a file is wanted.
    Directory(String),
    /// Something else than a file or folder; what it is.
    Irregular(String, &'static str),
    /// The file is too large to be read.
    TooLarge(String),
    /// Files are not to be had here at all.
    Refused(String),
    /// More entries would have to be looked at than is sensible.
    TooMany(String),
    /// A pattern that does not follow the syntax.
    BadPattern(String),
    /// What the system says: the path, and the sentence.
    Io(String, String),
}

impl FileError {
    /// The error of a function that reads the file its argument names.
    pub fn into_call_error(self, arg: usize) -> CallError {
        self.call_error(arg, None)
    }

    /// The same, but the path stays secret.
    pub(super) fn into_call_error_redacted(self, arg: usize) -> CallError {
        self.call_error(arg, Some("(sensitive value)"))
    }

    fn call_error(self, arg: usize, shown: Option<&str>) -> CallError {
        let message = self.sentence(shown);
        let missing_file = match self {
            FileError::Missing(path) | FileError::Home(path) => Some(Arc::from(shown.unwrap_or(&path))),
            _ => None,
        };
        CallError {
            arg: Some(arg),
            message,
            missing_file,
        }
    }

    /// Terraform's sentence; `shown` stands instead of the path where that is secret.
    fn sentence(&self, shown: Option<&str>) -> String {
        let quoted = |path: &str| shown.map_or_else(|| crate::text::quote_go(path), str::to_owned);
        let plain = |path: &str| shown.unwrap_or(path).to_owned();
        match self {
            FileError::Missing(path) | FileError::Home(path) => format!(
                "no file exists at {}; this function works only with files that are distributed as part of \
                 the configuration source code, so if this file will be created by a resource in this \
                 configuration you must instead obtain this result from an attribute of that resource",
                quoted(path)
            ),
            FileError::Outside(path) => format!("{} leads out of the repository", quoted(path)),
            FileError::Directory(path) => {
                format!("failed to read file: read {}: is a directory", plain(path))
            }
            FileError::Irregular(path, what) => format!("{} is {what}", quoted(path)),
            FileError::TooLarge(path) => format!("{} is larger than 64 MB", quoted(path)),
            FileError::Refused(path) => format!("{} cannot be read: no files are at hand here", quoted(path)),
            FileError::TooMany(path) => {
                format!(
                    "failed to glob pattern {}: more than 100000 entries",
                    quoted(path)
                )
            }
            FileError::BadPattern(path) => {
                format!("failed to glob pattern {}: syntax error in pattern", quoted(path))
            }
            FileError::Io(path, why) => format!("open {}: {why}", plain(path)),
        }
    }
}

/// Access to files, by paths as a configuration writes them.
pub trait Files {
    /// The contents of a file.
    ///
    /// # Errors
    /// Where it is not there, or is not to be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;

    /// Whether a regular file is there.
    ///
    /// # Errors
    /// Where something else is there, or it is not to be looked at.
    fn exists(&self, path: &str) -> Result<bool, FileError>;

    /// Regular files below a folder whose path matches a pattern, relative to the folder.
    ///
    /// # Errors
    /// Where the pattern is wrong, or the folder is not to be looked at.
    fn glob(&self, dir: &str, pattern: &str) -> Result<Vec<String>, FileError>;

    /// The path from the root of the file system.
    ///
    /// # Errors
    /// Where there is no file system.
    fn absolute(&self, path: &str) -> Result<String, FileError>;
}

/// No files at all.
#[derive(Clone, Copy, Default, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        Err(FileError::Refused(path.to_owned()))
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        Err(FileError::Refused(path.to_owned()))
    }

    fn glob(&self, dir: &str, _: &str) -> Result<Vec<String>, FileError> {
        Err(FileError::Refused(dir.to_owned()))
    }

    fn absolute(&self, path: &str) -> Result<String, FileError> {
        Err(FileError::Refused(path.to_owned()))
    }
}

/// The files of a repository, seen from one folder in it.
#[derive(Clone, Debug)]
pub struct RootFiles {
    /// Where relative paths start.
    base: PathBuf,
    /// Below it alone files are read; without symbolic links. `None` if it is not there: nothing is read.
    boundary: Option<PathBuf>,
}

impl RootFiles {
    /// Files below `boundary`, by paths relative to `base`.
    pub fn new(base: &Path, boundary: &Path) -> RootFiles {
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_owned());
        RootFiles {
            base,
            boundary: boundary.canonicalize().ok(),
        }
    }

    /// The real place of a path as Terraform cleans it, and how Terraform shows it.
    fn locate(&self, written: &str) -> Result<(PathBuf, String), FileError> {
        if written.starts_with('~') {
            return Err(FileError::Home(written.to_owned()));
        }
        if written.contains('\0') {
            return Err(FileError::Io(written.to_owned(), "invalid argument".to_owned()));
        }
        // Terraform takes the text apart before the disk is asked: `link/..` is no detour.
        let shown = path::clean(written);
        match self.base.join(&shown).canonicalize() {
            Ok(place) if self.within(&place) => Ok((place, shown)),
            Ok(_) => Err(FileError::Outside(written.to_owned())),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound) => Err(self.missing(written, &shown)),
            Err(error) => Err(io_error(&shown, &error)),
        }
    }

    /// Whether something is there must not be told of places outside.
    fn missing(&self, written: &str, shown: &str) -> FileError {
        let full = PathBuf::from(path::clean(&self.base.join(shown).to_string_lossy()));
        let nearest = full.ancestors().find_map(|above| above.canonicalize().ok());
        match nearest.is_some_and(|place| self.within(&place)) {
            true => FileError::Missing(written.to_owned()),
            false => FileError::Outside(written.to_owned()),
        }
    }

    fn within(&self, place: &Path) -> bool {
        self.boundary
            .as_ref()
            .is_some_and(|boundary| place.starts_with(boundary))
    }
}

impl Files for RootFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let (place, shown) = self.locate(path)?;
        let failed = |error: &std::io::Error| io_error(&shown, error);
        let about = std::fs::metadata(&place).map_err(|error| failed(&error))?;
        if about.is_dir() {
            return Err(FileError::Directory(shown));
        }
        if !about.is_file() {
            // Reading a pipe would wait for a writer.
            return Err(FileError::Irregular(shown, irregular(about.file_type())));
        }
        let file = std::fs::File::open(&place).map_err(|error| failed(&error))?;
        let mut bytes = Vec::new();
        file.take(MAX_SIZE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(&error))?;
        match bytes.len() as u64 > MAX_SIZE {
            true => Err(FileError::TooLarge(shown)),
            false => Ok(bytes),
        }
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        let (place, shown) = match self.locate(path) {
            Ok(found) => found,
            Err(FileError::Missing(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let about = std::fs::metadata(&place).map_err(|error| io_error(&shown, &error))?;
        match (about.is_file(), about.is_dir()) {
            (true, _) => Ok(true),
            (false, true) => Err(FileError::Directory(shown)),
            (false, false) => Err(FileError::Irregular(shown, irregular(about.file_type()))),
        }
    }

    fn glob(&self, dir: &str, pattern: &str) -> Result<Vec<String>, FileError> {
        glob::files(&self.base, self.boundary.as_deref(), dir, pattern)
    }

    fn absolute(&self, path: &str) -> Result<String, FileError> {
        let base = self.base.to_string_lossy();
        Ok(if path::is_absolute(path) {
            path::clean(path)
        } else {
            path::clean(&format!("{base}/{path}"))
        })
    }
}

/// What a thing is that is neither file nor folder, as Terraform names it.
#[cfg(unix)]
fn irregular(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match () {
        () if kind.is_block_device() || kind.is_char_device() => "a device node, not a regular file",
        () if kind.is_fifo() => "a named pipe, not a regular file",
        () if kind.is_socket() => "a unix domain socket, not a regular file",
        () => "not a regular file",
    }
}

#[cfg(not(unix))]
fn irregular(_: std::fs::FileType) -> &'static str {
    "not a regular file"
}

/// The error in Go's words: lower case, without the number.
fn io_error(path: &str, error: &std::io::Error) -> FileError {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .map(|letter| letter.to_lowercase().collect())
        .unwrap_or_default();
    FileError::Io(path.to_owned(), first + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that goes away with it.
    struct Folder(PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// `repository/` with files, and `secret.txt` beside it.
    fn folder(name: &str) -> Folder {
        let root = std::env::temp_dir().join(format!("plumbline-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        for file in [
            "secret.txt",
            "repository/a.txt",
            "repository/m/b.txt",
            "repository/m/n/c.md",
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        Folder(root)
    }

    fn files(folder: &Folder) -> RootFiles {
        RootFiles::new(&folder.0.join("repository/m"), &folder.0.join("repository"))
    }

    #[test]
    fn reads_only_below_the_boundary() {
        let folder = folder("boundary");
        let files = files(&folder);
        assert_eq!(files.read("./n/../b.txt").unwrap(), b"repository/m/b.txt");
        assert_eq!(files.read("../a.txt").unwrap(), b"repository/a.txt");
        for path in ["../../secret.txt", "../../nosuch", "/etc/passwd", "/nosuch"] {
            assert_eq!(
                files.read(path),
                Err(FileError::Outside(path.to_owned())),
                "{path}"
            );
            assert_eq!(
                files.exists(path),
                Err(FileError::Outside(path.to_owned())),
                "{path}"
            );
        }
        assert_eq!(
            files.read("nosuch/x"),
            Err(FileError::Missing("nosuch/x".to_owned()))
        );
        assert_eq!(files.read("~/x"), Err(FileError::Home("~/x".to_owned())));
        assert_eq!(files.read("./n"), Err(FileError::Directory("n".to_owned())));
        assert_eq!((files.exists("b.txt"), files.exists("x")), (Ok(true), Ok(false)));
        let nowhere = RootFiles::new(&folder.0, &folder.0.join("nosuch"));
        assert!(matches!(nowhere.read("secret.txt"), Err(FileError::Outside(_))));
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_neither_out_nor_in_circles() {
        use std::os::unix::fs::symlink;
        let folder = folder("links");
        let here = folder.0.join("repository/m");
        symlink(folder.0.join("secret.txt"), here.join("out.txt")).unwrap();
        symlink(&folder.0, here.join("out")).unwrap();
        symlink("loop", here.join("loop")).unwrap();
        symlink("..", here.join("n/up")).unwrap();
        symlink("b.txt", here.join("in.txt")).unwrap();
        let files = files(&folder);
        assert_eq!(
            files.read("out.txt"),
            Err(FileError::Outside("out.txt".to_owned()))
        );
        assert_eq!(
            files.read("out/secret.txt"),
            Err(FileError::Outside("out/secret.txt".to_owned()))
        );
        assert!(matches!(files.read("loop"), Err(FileError::Io(..))));
        assert!(files.read("in.txt").is_ok());
        assert_eq!(files.glob(".", "**").unwrap(), ["b.txt", "in.txt", "n/c.md"]);
        assert_eq!(files.glob(".", "*/*.txt").unwrap(), Vec::<String>::new());
        assert!(matches!(files.glob("out", "*"), Err(FileError::Outside(_))));
        assert!(matches!(files.glob("../..", "*"), Err(FileError::Outside(_))));
    }

    #[test]
    fn patterns() {
        let folder = folder("patterns");
        let files = files(&folder);
        for (dir, pattern, want) in [
            (".", "*", vec!["b.txt"]),
            ("..", "**/*.{txt,md}", vec!["a.txt", "m/b.txt", "m/n/c.md"]),
            ("..", "m/**", vec!["m/b.txt", "m/n/c.md"]),
            ("n", "../b.txt", vec!["../b.txt"]),
            ("nosuch", "*", vec![]),
            (".", "[a-c].*", vec!["b.txt"]),
        ] {
            assert_eq!(files.glob(dir, pattern).unwrap(), want, "{dir} {pattern}");
        }
        assert_eq!(files.glob(".", "["), Err(FileError::BadPattern("[".to_owned())));
    }

    #[test]
    fn sentences() {
        let missing = FileError::Missing("a".to_owned()).into_call_error(0);
        assert!(
            missing
                .message
                .starts_with("no file exists at \"a\"; this function works only with files")
        );
        assert_eq!(missing.missing_file.as_deref(), Some("a"));
        let hidden = FileError::Missing("a".to_owned()).into_call_error_redacted(0);
        assert!(hidden.message.starts_with("no file exists at (sensitive value);"));
        assert_eq!(hidden.missing_file.as_deref(), Some("(sensitive value)"));
        let folder = FileError::Directory("a".to_owned()).into_call_error(0);
        assert_eq!(folder.message, "failed to read file: read a: is a directory");
        assert!(NoFiles.read("a").is_err());
    }
}
