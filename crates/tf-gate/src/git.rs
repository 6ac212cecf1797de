//! What the git program says of a repository. Nothing of a person's settings changes the answers, no program that they
//! name is started, and nothing is written or fetched.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tf_model::config::depends::{Kind, Listing};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum GitError {
    /// The program cannot be started.
    NoGit(std::io::Error),
    /// The folder is in no repository.
    NoRepository(String),
    /// There is no such commit.
    Unknown { revision: String, shallow: bool },
    /// Two commits with no common ancestor at hand.
    NoBase {
        base: String,
        head: String,
        shallow: bool,
    },
    /// Anything else that git says.
    Failed { what: &'static str, said: String },
}

impl std::fmt::Display for GitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const FETCH: &str = "this clone is shallow: fetch more history (git fetch --unshallow, or fetch-depth: 0 of \
                             actions/checkout)";
        match self {
            GitError::NoGit(error) => write!(f, "git cannot be started: {error}"),
            GitError::NoRepository(said) => write!(f, "there is no git repository here: {said}"),
            GitError::Unknown { revision, shallow } => {
                write!(f, "there is no commit \"{revision}\" in this repository")?;
                if *shallow { write!(f, "; {FETCH}") } else { Ok(()) }
            }
            GitError::NoBase {
                base,
                head,
                shallow: true,
            } => {
                write!(
                    f,
                    "\"{base}\" and \"{head}\" have no common ancestor here; {FETCH}"
                )
            }
            GitError::NoBase { base, head, .. } => {
                write!(f, "\"{base}\" and \"{head}\" have no common ancestor")
            }
            GitError::Failed { what, said } => write!(f, "git {what} failed: {said}"),
        }
    }
}

impl std::error::Error for GitError {}

/// A repository, or its work tree.
pub(crate) struct Git {
    /// The top folder of the work tree.
    pub(crate) top: PathBuf,
    /// Where the work began, relative to it.
    pub(crate) prefix: String,
}

/// What happened to a file.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The object on the old side, if that is a file.
    old: Option<(Kind, String)>,
    /// The object on the new side; without a name it is only in the work tree.
    new: Option<(Kind, String)>,
}

impl Change {
    /// Whether it is another repository on either side.
    pub(crate) fn is_submodule(&self) -> bool {
        [&self.old, &self.new]
            .into_iter()
            .flatten()
            .any(|(kind, _)| *kind == Kind::Submodule)
    }
}

/// The files of one side.
#[derive(Default)]
pub(crate) struct Side {
    pub(crate) listing: Listing,
    /// Objects by path.
    objects: BTreeMap<String, String>,
    /// Contents that are not on the disk.
    contents: BTreeMap<String, Vec<u8>>,
    /// Paths that are not Unicode.
    raw: BTreeMap<String, Vec<u8>>,
    /// The work tree, where this side is that.
    disk: Option<PathBuf>,
}

/// Both sides of a change.
pub(crate) struct Sides {
    pub(crate) old: Side,
    pub(crate) new: Side,
    pub(crate) changes: BTreeMap<String, Change>,
}

/// A path as text; bytes that are not Unicode are written as `\xNN`.
fn text(raw: &[u8]) -> String {
    let mut out = String::new();
    for chunk in raw.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02X}"));
        }
    }
    out
}

fn kind(mode: &[u8]) -> Option<Kind> {
    match mode {
        b"000000" => None,
        b"160000" => Some(Kind::Submodule),
        b"120000" => Some(Kind::Link(String::new())),
        _ => Some(Kind::File),
    }
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(dir)
        .arg("--no-pager")
        .arg("--literal-pathspecs");
    for setting in [
        "core.quotepath=off",
        // Both name programs that git would start.
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "diff.autoRefreshIndex=true",
        "diff.suppressBlankEmpty=false",
    ] {
        command.args(["-c", setting]);
    }
    // Of a hook, or of a person: they would name another repository, or change what is shown.
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_EXTERNAL_DIFF",
        "GIT_DIFF_OPTS",
        "GIT_TRACE",
        "GIT_GLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
    ] {
        command.env_remove(name);
    }
    command
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

fn output(dir: &Path, args: &[&str]) -> Result<Output, GitError> {
    command(dir).args(args).output().map_err(GitError::NoGit)
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.trim().trim_start_matches("fatal: ").to_owned()
}

fn line(output: &Output) -> String {
    text(output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout))
}

impl Git {
    /// The repository that a folder is in.
    pub(crate) fn find(dir: &Path) -> Result<Git, GitError> {
        let top = output(dir, &["rev-parse", "--show-toplevel"])?;
        if !top.status.success() {
            return Err(GitError::NoRepository(said(&top)));
        }
        let prefix = output(dir, &["rev-parse", "--show-prefix"])?;
        Ok(Git {
            top: PathBuf::from(line(&top)),
            prefix: line(&prefix).trim_end_matches('/').to_owned(),
        })
    }

    fn run(&self, what: &'static str, args: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = output(&self.top, args)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(GitError::Failed {
                what,
                said: said(&output),
            }),
        }
    }

    /// Writes the files of a commit into a folder, which is left without a trace in the repository.
    pub(crate) fn export(&self, commit: &str, to: &Path) -> Result<(), GitError> {
        let index = to.join(".git-index");
        let prefix = format!("--prefix={}/", to.display());
        for args in [
            vec!["read-tree", commit],
            vec!["checkout-index", "--all", "--force", &prefix],
        ] {
            let done = command(&self.top)
                .env("GIT_INDEX_FILE", &index)
                .args(&args)
                .output()
                .map_err(GitError::NoGit)?;
            if !done.status.success() {
                return Err(GitError::Failed {
                    what: "checkout-index",
                    said: said(&done),
                });
            }
        }
        let _ = std::fs::remove_file(index);
        // It is a repository's top: modules beside a root are read as they are in the repository.
        std::fs::create_dir_all(to.join(".git")).map_err(GitError::NoGit)
    }

    /// Who commits here.
    pub(crate) fn user(&self) -> Option<String> {
        let found = output(&self.top, &["config", "--get", "user.email"]).ok()?;
        Some(line(&found)).filter(|user| found.status.success() && !user.is_empty())
    }

    fn is_shallow(&self) -> bool {
        output(&self.top, &["rev-parse", "--is-shallow-repository"])
            .is_ok_and(|output| line(&output) == "true")
    }

    /// The commit that a revision names.
    pub(crate) fn commit(&self, revision: &str) -> Result<String, GitError> {
        let wanted = format!("{revision}^{{commit}}");
        let found = output(
            &self.top,
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted],
        )?;
        match found.status.success() && !revision.is_empty() {
            true => Ok(line(&found)),
            false => Err(GitError::Unknown {
                revision: revision.to_owned(),
                shallow: self.is_shallow(),
            }),
        }
    }

    /// Where the histories of two revisions part.
    pub(crate) fn merge_base(&self, base: &str, head: &str) -> Result<String, GitError> {
        let (one, other) = (self.commit(base)?, self.commit(head)?);
        let found = output(&self.top, &["merge-base", &one, &other])?;
        match found.status.success() {
            true => Ok(line(&found)),
            false => Err(GitError::NoBase {
                base: base.to_owned(),
                head: head.to_owned(),
                shallow: self.is_shallow(),
            }),
        }
    }

    /// The files of a commit, those of another one or of the work tree, and what differs.
    pub(crate) fn sides(&self, old: &str, head: Option<&str>) -> Result<Sides, GitError> {
        let tree = self.run("ls-tree", &["ls-tree", "-r", "-z", "--full-tree", old])?;
        let mut sides = Sides {
            old: Side::default(),
            new: Side::default(),
            changes: BTreeMap::new(),
        };
        for record in tree.split(|byte| *byte == 0) {
            let Some(tab) = record.iter().position(|byte| *byte == b'\t') else {
                continue;
            };
            let (about, path) = record.split_at(tab);
            let mut about = about.split(|byte| *byte == b' ');
            let (Some(mode), _, Some(object)) = (about.next(), about.next(), about.next()) else {
                continue;
            };
            if let (Some(kind), Some(raw)) = (kind(mode), path.get(1..)) {
                let object = text(object);
                sides.old.put(raw, kind, object);
            }
        }
        let mut args = vec![
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-relative",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--ignore-submodules=none",
            old,
        ];
        args.extend(head);
        args.push("--");
        let diff = self.run("diff", &args)?;
        sides.new.listing.clone_from(&sides.old.listing);
        sides.new.objects.clone_from(&sides.old.objects);
        sides.new.raw.clone_from(&sides.old.raw);
        let mut records = diff.split(|byte| *byte == 0);
        while let (Some(about), Some(path)) = (records.next(), records.next()) {
            let parts: Vec<&[u8]> = about.split(|byte| *byte == b' ').collect();
            let [old_mode, new_mode, old_object, new_object, _] = parts.as_slice() else {
                continue;
            };
            let change = Change {
                old: kind(old_mode.strip_prefix(b":").unwrap_or(old_mode))
                    .map(|kind| (kind, text(old_object))),
                new: kind(new_mode).map(|kind| (kind, text(new_object))),
            };
            match &change.new {
                Some((kind, object)) => sides.new.put(path, kind.clone(), object.clone()),
                None => sides.new.remove(path),
            }
            sides.changes.insert(text(path), change);
        }
        if head.is_none() {
            sides.new.disk = Some(self.top.clone());
            sides.old.disk = Some(self.top.clone());
            self.others(&mut sides)?;
        }
        self.fill(&mut sides)?;
        Ok(sides)
    }

    /// Files that git does not track: new ones are changes; of ignored ones nobody knows, but they are read.
    fn others(&self, sides: &mut Sides) -> Result<(), GitError> {
        let own = ["ls-files", "--others", "-z", "--full-name"];
        let fresh = self.run("ls-files", &[&own[..], &["--exclude-standard"]].concat())?;
        for raw in fresh.split(|byte| *byte == 0).filter(|raw| !raw.is_empty()) {
            // A folder is another repository.
            let (raw, kind) = match raw.strip_suffix(b"/") {
                Some(raw) => (raw, Kind::Submodule),
                None => (raw, self.kind_on_disk(raw)),
            };
            sides.new.put(raw, kind.clone(), String::new());
            let change = sides
                .changes
                .entry(text(raw))
                .or_insert(Change { old: None, new: None });
            change.new = Some((kind, String::new()));
        }
        let excluded = [
            "-x",
            ".terraform",
            "-x",
            ".terragrunt-cache",
            "-x",
            "node_modules",
            "-x",
            ".venv",
        ];
        let all = self.run("ls-files", &[&own[..], &excluded].concat())?;
        for raw in all.split(|byte| *byte == 0).filter(|raw| !raw.is_empty()) {
            let name = text(raw);
            if !raw.ends_with(b"/")
                && !sides.changes.contains_key(&name)
                && !sides.new.listing.contains_key(&name)
            {
                let kind = self.kind_on_disk(raw);
                sides.new.put(raw, kind.clone(), String::new());
                sides.old.put(raw, kind, String::new());
            }
        }
        Ok(())
    }

    fn kind_on_disk(&self, raw: &[u8]) -> Kind {
        let about = on_disk(&self.top, raw).symlink_metadata();
        match about.is_ok_and(|about| about.is_symlink()) {
            true => Kind::Link(String::new()),
            false => Kind::File,
        }
    }

    /// Reads what is not on the disk: where links lead, and on the sides that are commits all that is read later.
    fn fill(&self, sides: &mut Sides) -> Result<(), GitError> {
        let mut wanted: Vec<String> = Vec::new();
        for side in [&sides.old, &sides.new] {
            for (path, object) in &side.objects {
                let link = matches!(side.listing.get(path), Some(Kind::Link(_)));
                let is_object = !object.is_empty() && !object.bytes().all(|byte| byte == b'0');
                let on_disk = side.disk.is_some() && !sides.changes.contains_key(path);
                let absent = || {
                    side.disk
                        .as_ref()
                        .is_some_and(|top| side.place(top, path).symlink_metadata().is_err())
                };
                if is_object && (link || is_read(path) && (!on_disk || absent())) {
                    wanted.push(object.clone());
                }
            }
        }
        wanted.sort();
        wanted.dedup();
        let objects = self.objects(&wanted)?;
        let Sides { old, new, changes } = sides;
        for (side, is_old) in [(old, true), (new, false)] {
            let mut links = Vec::new();
            for (path, object) in &side.objects {
                let from_disk = !is_old || !changes.contains_key(path);
                let disk = side
                    .disk
                    .as_ref()
                    .filter(|_| from_disk)
                    .map(|top| side.place(top, path));
                if matches!(side.listing.get(path), Some(Kind::Link(_))) {
                    let target = match disk.and_then(|place| std::fs::read_link(place).ok()) {
                        Some(target) => target.to_string_lossy().into_owned(),
                        None => objects.get(object).map(|bytes| text(bytes)).unwrap_or_default(),
                    };
                    links.push((path.clone(), target));
                } else if disk.is_none_or(|place| !is_read(path) || place.symlink_metadata().is_err())
                    && let Some(bytes) = objects.get(object)
                {
                    side.contents.insert(path.clone(), bytes.clone());
                }
            }
            for (path, target) in links {
                side.listing.insert(path, Kind::Link(target));
            }
        }
        Ok(())
    }

    /// Several objects at once.
    fn objects(&self, names: &[String]) -> Result<BTreeMap<String, Vec<u8>>, GitError> {
        let mut found = BTreeMap::new();
        if names.is_empty() {
            return Ok(found);
        }
        let mut child = command(&self.top)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(GitError::NoGit)?;
        let input = child.stdin.take();
        let asked = names.join("\n") + "\n";
        // Written from beside: git answers while it still reads.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || input.map(|mut input| input.write_all(asked.as_bytes())));
            child.wait_with_output()
        })
        .map_err(GitError::NoGit)?;
        let mut rest = output.stdout.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let head = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
            rest = rest.get(end + 1..).unwrap_or_default();
            let mut parts = head.split(' ');
            let (Some(name), _, Some(Ok(size))) =
                (parts.next(), parts.next(), parts.next().map(str::parse::<usize>))
            else {
                continue;
            };
            if let Some(bytes) = rest.get(..size) {
                found.insert(name.to_owned(), bytes.to_vec());
            }
            rest = rest.get(size + 1..).unwrap_or_default();
        }
        match output.status.success() {
            true => Ok(found),
            false => Err(GitError::Failed {
                what: "cat-file",
                said: said(&output),
            }),
        }
    }
}

/// Files that may be read: configuration and variables. Templates of commits are not, as few of them read files.
fn is_read(path: &str) -> bool {
    [
        ".tf",
        ".tofu",
        ".tf.json",
        ".tofu.json",
        ".tfvars",
        ".tfvars.json",
        ".tftpl",
        ".tpl",
        ".tmpl",
    ]
    .iter()
    .any(|ending| path.ends_with(ending))
}

#[cfg(unix)]
fn on_disk(top: &Path, raw: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    top.join(std::ffi::OsStr::from_bytes(raw))
}

#[cfg(not(unix))]
fn on_disk(top: &Path, raw: &[u8]) -> PathBuf {
    top.join(String::from_utf8_lossy(raw).as_ref())
}

impl Side {
    fn put(&mut self, raw: &[u8], kind: Kind, object: String) {
        let path = text(raw);
        if std::str::from_utf8(raw).is_err() {
            self.raw.insert(path.clone(), raw.to_vec());
        }
        self.objects.insert(path.clone(), object);
        self.listing.insert(path, kind);
    }

    fn remove(&mut self, raw: &[u8]) {
        let path = text(raw);
        self.objects.remove(&path);
        self.listing.remove(&path);
    }

    fn place(&self, top: &Path, path: &str) -> PathBuf {
        on_disk(top, self.raw.get(path).map_or(path.as_bytes(), Vec::as_slice))
    }

    /// The contents of a file.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        /// As large as a file of configuration may be.
        const MAX: u64 = 64 << 20;
        if let Some(bytes) = self.contents.get(path) {
            return Ok(bytes.clone());
        }
        let Some(top) = &self.disk else {
            return Err("The file is not in the repository.".to_owned());
        };
        let place = self.place(top, path);
        let about =
            std::fs::metadata(&place).map_err(|error| format!("The file cannot be read: {error}."))?;
        if !about.is_file() || about.len() > MAX {
            return Err("It is no file, or larger than 64 MB.".to_owned());
        }
        std::fs::read(&place).map_err(|error| format!("The file cannot be read: {error}."))
    }
}
