//! The folder of a review. It is made beside its place and then moved there: what is in place is whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::ser::{Error as _, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tf_report::render::json::Entry;

use crate::configuration::digest_text;
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
pub(crate) struct ReviewFile<P = Box<RawValue>> {
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
    findings: P,
    changes: P,
    outputs: P,
    warnings: P,
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
}

impl<P> ReviewFile<P> {
    /// The same with findings, changes, outputs and warnings.
    pub(crate) fn with<Q>(self, [findings, changes, outputs, warnings]: [Q; 4]) -> ReviewFile<Q> {
        ReviewFile {
            schema: self.schema,
            tool: self.tool,
            version: self.version,
            root: self.root,
            mode: self.mode,
            result: self.result,
            error: self.error,
            summary: self.summary,
            findings,
            changes,
            outputs,
            warnings,
            cost: self.cost,
            seal: self.seal,
        }
    }
}

impl<P: Part> ReviewFile<P> {
    /// The digest of all but the seal. How the document is indented does not matter.
    pub(crate) fn digest(&self) -> String {
        let mut text = BufWriter::new(Sha256::new());
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
            let _ = part.compact(&mut text);
        }
        let _ = text.flush();
        digest_text(text.into_parts().0)
    }
}

impl ReviewFile {
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

/// A part of the document that may be large.
pub(crate) trait Part {
    /// Its JSON without what indents it.
    fn compact(&self, out: &mut dyn Write) -> serde_json::Result<()>;
}

impl Part for Box<RawValue> {
    fn compact(&self, out: &mut dyn Write) -> serde_json::Result<()> {
        let mut from = serde_json::Deserializer::from_str(self.get());
        serde_transcode::transcode(&mut from, &mut serde_json::Serializer::new(out))
    }
}

/// A list that was written and is not at hand: a document with it cannot be written again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elsewhere;

/// Entries of a list, made one after the other.
type Made<'a> = Box<dyn Iterator<Item = Entry> + 'a>;

/// A list to be written, an entry a line. Its text, tens of megabytes for a large plan, is never held as a whole.
pub(crate) struct Entries<'a>(Box<dyn Fn() -> Made<'a> + 'a>);

impl<'a> Entries<'a> {
    /// What makes the entries, each time that they are asked for.
    pub(crate) fn of<I>(make: impl Fn() -> I + 'a) -> Entries<'a>
    where
        I: Iterator<Item = Entry> + 'a,
    {
        Entries(Box::new(move || Box::new(make())))
    }
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for entry in (self.0)() {
            list.serialize_element(&entry.map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

impl Part for Entries<'_> {
    fn compact(&self, out: &mut dyn Write) -> serde_json::Result<()> {
        out.write_all(b"[").map_err(serde_json::Error::io)?;
        for (at, entry) in (self.0)().enumerate() {
            if at > 0 {
                out.write_all(b",").map_err(serde_json::Error::io)?;
            }
            // An entry is made without anything that indents it.
            out.write_all(entry?.get().as_bytes())
                .map_err(serde_json::Error::io)?;
        }
        out.write_all(b"]").map_err(serde_json::Error::io)
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
    use serde_json::json;
    use serde_json::value::to_raw_value;

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
    fn what_is_written_entry_by_entry_has_the_digest_of_what_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("review");
        let entries = || {
            Entries::of(|| {
                let values = [json!({ "a": [1, 2.50, "\u{e4}\n\u{1b}"], "b": {} }), json!(null)];
                values.into_iter().map(|value| to_raw_value(&value))
            })
        };
        let file = ReviewFile::new("a", "plan").with([
            entries(),
            entries(),
            Entries::of(std::iter::empty),
            entries(),
        ]);
        let folder = Folder::begin(&place).unwrap();
        folder.write_json(REVIEW, &file).unwrap();
        folder.finish().unwrap();
        let read = ReviewFile::read(&place).unwrap();
        assert_eq!(read.digest(), file.digest());
        assert_eq!(read.outputs.get(), "[]");
        let line = "    {\"a\":[1,2.5,\"\u{e4}\\n\\u001b\"],\"b\":{}},\n";
        assert!(fs::read_to_string(place.join(REVIEW)).unwrap().contains(line));
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
