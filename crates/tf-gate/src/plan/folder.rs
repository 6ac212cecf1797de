//! The folder of a review. It is made beside its place and then moved there: what is in place is whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::configuration::sha256;
use crate::seal::Seal;

/// The plan.
pub(crate) const PLAN: &str = "plan.tfplan";
/// The review, for programs.
pub(crate) const REVIEW: &str = "review.json";
/// Approvals, each signed.
pub(crate) const APPROVALS: &str = "approvals.json";

/// Name and version of the document's shape.
const SCHEMA: &str = "plumbline.review/1";

/// `review.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReviewFile {
    pub(crate) schema: String,
    pub(crate) tool: String,
    pub(crate) version: String,
    /// The root's folder in its repository.
    pub(crate) root: String,
    /// `plan`, or `static` for one without a plan.
    pub(crate) mode: String,
    /// `passed`, `failed`, or `error` where it could not be planned.
    pub(crate) result: String,
    /// Why not, with secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    pub(crate) summary: Json,
    /// These may be large, and are never looked into here.
    pub(crate) findings: Box<RawValue>,
    pub(crate) changes: Box<RawValue>,
    pub(crate) outputs: Box<RawValue>,
    pub(crate) warnings: Box<RawValue>,
    /// None until prices are known.
    pub(crate) cost: Json,
    /// None where there is nothing to apply.
    pub(crate) seal: Option<Seal>,
}

impl ReviewFile {
    /// One with the names that never change.
    pub(crate) fn new(root: &str, mode: &str) -> ReviewFile {
        ReviewFile {
            schema: SCHEMA.to_owned(),
            tool: "tf-gate".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            root: root.to_owned(),
            mode: mode.to_owned(),
            result: String::new(),
            error: None,
            summary: Json::Null,
            findings: empty(),
            changes: empty(),
            outputs: empty(),
            warnings: empty(),
            cost: Json::Null,
            seal: None,
        }
    }

    /// The digest of all but the seal. How the document is indented does not matter.
    pub(crate) fn digest(&self) -> String {
        let mut text = Vec::new();
        let short = (
            &self.schema,
            &self.root,
            &self.mode,
            &self.result,
            &self.summary,
            &self.cost,
        );
        let _ = serde_json::to_writer(&mut text, &short);
        for part in [&self.findings, &self.changes, &self.outputs, &self.warnings] {
            let mut from = serde_json::Deserializer::from_str(part.get());
            let _ = serde_transcode::transcode(&mut from, &mut serde_json::Serializer::new(&mut text));
        }
        sha256(text)
    }

    /// Reads the review of a folder.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<ReviewFile> {
        let file = folder.join(REVIEW);
        let text = fs::read_to_string(&file).with_context(|| {
            format!(
                "{} is no review: {REVIEW} cannot be read; make one with `tf-gate plan`",
                folder.display()
            )
        })?;
        let document: Schema = serde_json::from_str(&text)
            .with_context(|| format!("{} is not whole: review the plan again", file.display()))?;
        match document.schema.as_deref() {
            Some(SCHEMA) => {}
            other => bail!(
                "{} is \"{}\" and not {SCHEMA}: review the plan again with this version of tf-gate",
                file.display(),
                other.unwrap_or("something else")
            ),
        }
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no whole {SCHEMA}: review the plan again", file.display()))
    }
}

/// What says which document it is.
#[derive(Deserialize)]
struct Schema {
    #[serde(default)]
    schema: Option<String>,
}

fn empty() -> Box<RawValue> {
    serde_json::value::to_raw_value(&[(); 0]).unwrap_or_default()
}

/// A folder that is being made.
pub(crate) struct Folder {
    place: PathBuf,
    made: tempfile::TempDir,
}

impl Folder {
    /// Begins a folder for a place. Nobody else can look into it.
    pub(crate) fn begin(place: &Path) -> anyhow::Result<Folder> {
        let place = std::path::absolute(place)?;
        check_place(&place)?;
        let parent = place.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        // A folder of the same parent can be moved in one step.
        let made = tempfile::Builder::new()
            .prefix(".review-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(parent)
            .with_context(|| format!("cannot write in the folder {}", parent.display()))?;
        Ok(Folder { place, made })
    }

    /// Where a file is while the folder is being made.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.made.path().join(name)
    }

    /// Makes a file that only its owner can read. It is not forced onto the disk: the seal and the shape of the documents tell whether they
    /// are whole, and a review is made again in seconds.
    fn make(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let file = self.file(name);
        let make = || {
            let mut made = OpenOptions::new();
            let made = made.write(true).create_new(true).mode(0o600).open(&file)?;
            let mut out = BufWriter::with_capacity(1 << 18, made);
            write(&mut out)?;
            out.flush()
        };
        make().with_context(|| format!("cannot write {}", file.display()))
    }

    /// Writes a text.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        self.make(name, |out| out.write_all(text.as_bytes()))
    }

    /// Writes a document of JSON without holding its text.
    pub(crate) fn write_json(&self, name: &str, document: &impl Serialize) -> anyhow::Result<()> {
        self.make(name, |out| {
            serde_json::to_writer_pretty(&mut *out, document)?;
            out.write_all(b"\n")
        })
    }

    /// Puts the folder in its place, and takes away what was there.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        for entry in fs::read_dir(self.made.path())?.flatten() {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o600))?;
        }
        let Folder { place, made } = self;
        let cannot = || format!("cannot put the review into {}", place.display());
        check_place(&place)?;
        let old = place.parent().unwrap_or(Path::new("/")).join(format!(
            ".{}-old-{}",
            place
                .file_name()
                .map(|name| name.to_string_lossy())
                .unwrap_or_default(),
            std::process::id()
        ));
        if place.exists() {
            fs::rename(&place, &old).with_context(cannot)?;
        }
        let made = made.keep();
        if let Err(error) = fs::rename(&made, &place) {
            // What was there is put back.
            let _ = fs::rename(&old, &place);
            let _ = fs::remove_dir_all(&made);
            return Err(error).with_context(cannot);
        }
        match fs::remove_dir_all(&old) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", old.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Only an older review is ever replaced: a mistyped folder keeps what it has.
fn check_place(place: &Path) -> anyhow::Result<()> {
    let known = [
        PLAN,
        REVIEW,
        APPROVALS,
        "review.md",
        "review.html",
        "review.sarif",
        "outputs.json",
        "audit.json",
    ];
    let entries = match fs::read_dir(place) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("cannot look into {}", place.display()))?,
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !known.iter().any(|known| name == *known) {
            bail!(
                "{} holds {}, which no review has: give --out a folder of its own",
                place.display(),
                name.to_string_lossy()
            );
        }
    }
    Ok(())
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    let parent = file.parent().unwrap_or(Path::new("."));
    if !parent.exists() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .with_context(cannot)?;
    }
    let beside = parent.join(format!(
        ".{}-{}",
        file.file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default(),
        std::process::id()
    ));
    let write = || -> std::io::Result<()> {
        let mut out = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        fs::rename(&beside, file)
    };
    write()
        .inspect_err(|_| {
            let _ = fs::remove_file(&beside);
        })
        .with_context(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_review_takes_the_place_of_an_older_one_only() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("a/review");
        for text in ["one", "two"] {
            let folder = Folder::begin(&place).unwrap();
            folder.write(REVIEW, text).unwrap();
            // As Terraform writes its plan.
            fs::write(folder.file(PLAN), "plan").unwrap();
            folder.finish().unwrap();
            assert_eq!(fs::read_to_string(place.join(REVIEW)).unwrap(), text);
        }
        assert_eq!(mode(&place), 0o700);
        assert_eq!(mode(&place.join(REVIEW)), 0o600);
        assert_eq!(mode(&place.join(PLAN)), 0o600);
        let beside: Vec<_> = fs::read_dir(dir.path().join("a")).unwrap().collect();
        assert_eq!(beside.len(), 1, "{beside:?}");
        fs::write(place.join("thesis.doc"), "x").unwrap();
        let error = Folder::begin(&place).err().unwrap().to_string();
        assert!(error.contains("thesis.doc"), "{error}");
    }

    #[test]
    fn what_is_no_review_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let read = || format!("{:#}", ReviewFile::read(dir.path()).unwrap_err());
        assert!(read().contains("is no review"));
        let whole = serde_json::to_string(&ReviewFile::new("a", "plan")).unwrap();
        for (text, error) in [
            (&whole[..40], "is not whole"),
            (
                "{\"schema\": \"plumbline.review/2\"}",
                "\"plumbline.review/2\" and not plumbline.review/1",
            ),
            (
                "{\"schema\": \"plumbline.review/1\"}",
                "is no whole plumbline.review/1",
            ),
        ] {
            fs::write(dir.path().join(REVIEW), text).unwrap();
            assert!(read().contains(error), "{}", read());
        }
        fs::write(dir.path().join(REVIEW), &whole).unwrap();
        let found = ReviewFile::read(dir.path()).unwrap();
        assert_eq!(found.digest(), ReviewFile::new("a", "plan").digest());
        // Indented otherwise, it is the same still.
        let value: Json = serde_json::from_str(&whole).unwrap();
        fs::write(
            dir.path().join(REVIEW),
            serde_json::to_string_pretty(&value).unwrap(),
        )
        .unwrap();
        assert_eq!(ReviewFile::read(dir.path()).unwrap().digest(), found.digest());
    }
}
