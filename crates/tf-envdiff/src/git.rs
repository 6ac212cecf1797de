//! Configurations of a commit, taken out of a repository into a folder that nobody else can read.
//!
//! Nothing of a person's settings changes the answers, no program that they name is started, and nothing of the repository is
//! written.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

/// Larger files are no configuration, and nothing that one reads.
const MAX_FILE: u64 = 8 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program cannot be started.
    #[error("git cannot be started: {0}")]
    NoGit(std::io::Error),
    /// The folder is in no repository.
    #[error("there is no git repository here: {0}")]
    NoRepository(String),
    /// There is no such commit.
    #[error("there is no commit \"{0}\" in this repository; of a shallow clone fetch more history")]
    Unknown(String),
    /// Anything else that git says.
    #[error("git {0} failed: {1}")]
    Failed(&'static str, String),
    /// Files cannot be written.
    #[error("the files of the commit cannot be written: {0}")]
    Unwritable(std::io::Error),
}

/// A repository, and the commits that have been taken out of it.
pub struct Git {
    /// The top folder of the work tree.
    pub top: PathBuf,
    prefix: String,
    commits: BTreeMap<String, Arc<TempDir>>,
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(dir)
        .args([
            "--no-pager",
            "--no-optional-locks",
            "--no-replace-objects",
            "-c",
            "core.fsmonitor=false",
        ])
        // Of a hook, or of a person: they would name another repository.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_PREFIX")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().next().unwrap_or_default().trim().to_owned()
}

impl Git {
    /// The repository that a folder is in.
    ///
    /// # Errors
    /// Where there is none.
    pub fn find(dir: &Path) -> Result<Git, GitError> {
        let output = command(dir)
            .args(["rev-parse", "--show-toplevel", "--show-prefix"])
            .output()
            .map_err(GitError::NoGit)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.lines();
        match (output.status.success(), lines.next()) {
            (true, Some(top)) => Ok(Git {
                top: PathBuf::from(top),
                prefix: lines.next().unwrap_or_default().to_owned(),
                commits: BTreeMap::new(),
            }),
            _ => Err(GitError::NoRepository(said(&output))),
        }
    }

    fn run(&self, what: &'static str, args: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = command(&self.top).args(args).output().map_err(GitError::NoGit)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(GitError::Failed(what, said(&output))),
        }
    }

    /// The commit of a name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let name = format!("{revision}^{{commit}}");
        self.run(
            "rev-parse",
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &name],
        )
        .map(|out| String::from_utf8_lossy(&out).trim().to_owned())
        .map_err(|_| GitError::Unknown(revision.to_owned()))
    }

    /// Where the work tree's commit and another one part.
    ///
    /// # Errors
    /// Where there is no such commit.
    pub fn merge_base(&self, revision: &str) -> Result<String, GitError> {
        let commit = self.commit(revision)?;
        match self.run("merge-base", &["merge-base", &commit, "HEAD"]) {
            Ok(out) => Ok(String::from_utf8_lossy(&out).trim().to_owned()),
            // Without a common ancestor the commit itself is what is compared with.
            Err(_) => Ok(commit),
        }
    }

    /// A path as `git show REV:path` takes it: from the top, or with `./` from here.
    pub fn path(&self, path: &str) -> String {
        match path.strip_prefix("./").or((path == ".").then_some("")) {
            Some(below) => tf_lang::path::join(&[&self.prefix, below]),
            None => tf_lang::path::clean(path),
        }
    }

    /// A folder with all files of a commit that a configuration could need.
    ///
    /// # Errors
    /// Where the commit cannot be read, or files cannot be written.
    pub fn checkout(&mut self, commit: &str) -> Result<Arc<TempDir>, GitError> {
        if let Some(dir) = self.commits.get(commit) {
            return Ok(dir.clone());
        }
        let dir = tempfile::Builder::new()
            .prefix("tf-envdiff-")
            .tempdir()
            .map_err(GitError::Unwritable)?;
        // What marks a repository: nothing outside of it is read.
        std::fs::create_dir(dir.path().join(".git")).map_err(GitError::Unwritable)?;
        let listing = self.run("ls-tree", &["ls-tree", "-r", "-z", "-l", "--full-tree", commit])?;
        let mut wanted: Vec<(String, PathBuf, bool)> = Vec::new();
        for entry in listing.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let text = String::from_utf8_lossy(entry);
            let Some((about, path)) = text.split_once('\t') else {
                continue;
            };
            let words: Vec<&str> = about.split_whitespace().collect();
            let [mode, "blob", object, size] = words.as_slice() else {
                continue;
            };
            let is_small = size.parse::<u64>().is_ok_and(|size| size <= MAX_FILE);
            let is_inside = Path::new(path)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)));
            if is_small && is_inside && !path.split('/').any(|part| part == ".git") {
                wanted.push(((*object).to_owned(), dir.path().join(path), *mode == "120000"));
            }
        }
        self.write(dir.path(), &wanted)?;
        let dir = Arc::new(dir);
        self.commits.insert(commit.to_owned(), dir.clone());
        Ok(dir)
    }

    fn write(&self, dir: &Path, wanted: &[(String, PathBuf, bool)]) -> Result<(), GitError> {
        let mut child = command(&self.top)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(GitError::NoGit)?;
        let input = child.stdin.take();
        let asked: String = wanted.iter().map(|(object, ..)| format!("{object}\n")).collect();
        // Written from beside: git answers while it still reads.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || input.map(|mut input| input.write_all(asked.as_bytes())));
            child.wait_with_output()
        })
        .map_err(GitError::NoGit)?;
        let mut rest = output.stdout.as_slice();
        for (_, path, is_link) in wanted {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                return Err(GitError::Failed("cat-file", said(&output)));
            };
            let head = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
            let size = head.split(' ').nth(2).and_then(|size| size.parse::<usize>().ok());
            let Some(bytes) = size.and_then(|size| rest.get(end + 1..end + 1 + size)) else {
                return Err(GitError::Failed("cat-file", head));
            };
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(GitError::Unwritable)?;
            }
            place(dir, path, bytes, *is_link).map_err(GitError::Unwritable)?;
            rest = rest.get(end + 2 + bytes.len()..).unwrap_or_default();
        }
        Ok(())
    }
}

/// A link that leads elsewhere is left out: what is outside of the commit is not the commit's.
fn place(dir: &Path, path: &Path, bytes: &[u8], is_link: bool) -> std::io::Result<()> {
    if !is_link {
        return std::fs::write(path, bytes);
    }
    #[cfg(unix)]
    {
        let target = String::from_utf8_lossy(bytes);
        let parent = path.parent().unwrap_or(dir).to_string_lossy().into_owned();
        let led = tf_lang::path::join(&[&parent, &target]);
        if !target.starts_with('/') && Path::new(&led).starts_with(dir) {
            return std::os::unix::fs::symlink(&*target, path);
        }
    }
    Ok(())
}
