//! A review folder, as far as a comment needs it.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

const SCHEMA: &str = "plumbline.review/1";

/// A review to be written down as a comment.
#[derive(Debug)]
pub(super) struct Review {
    pub(super) folder: PathBuf,
    /// The root's folder in its repository.
    pub(super) root: String,
    /// The first line of its comment.
    pub(super) marker: String,
    /// The comment.
    pub(super) body: String,
}

#[derive(Deserialize)]
struct Document {
    schema: String,
    root: Option<String>,
}

impl Review {
    pub(super) fn read(folder: &Path) -> anyhow::Result<Review> {
        let again = "run `tf-gate plan` again";
        let read = |name: &str| -> anyhow::Result<String> {
            let file = folder.join(name);
            std::fs::read_to_string(&file).with_context(|| {
                format!(
                    "cannot read {}: is it a folder of `tf-gate plan --out`?",
                    file.display()
                )
            })
        };
        let json = folder.join("review.json");
        let document: Document = serde_json::from_str(&read("review.json")?)
            .with_context(|| format!("{} is not a whole review: {again}", json.display()))?;
        if document.schema != SCHEMA {
            bail!(
                "{} is of the schema \"{}\", and this tf-gate reads \"{SCHEMA}\": use the one that wrote it, or {again}",
                json.display(),
                document.schema
            );
        }
        let Some(root) = document.root else {
            bail!("{} names no root: {again}", json.display());
        };
        let body = read("review.md")?;
        let markdown = folder.join("review.md");
        let marker = tf_review::marker(&root);
        if body.lines().next() != Some(&*marker) {
            bail!(
                "{} does not begin with the line that marks a review of {root}: it is cut off, or of another review; {again}",
                markdown.display()
            );
        }
        if !body.ends_with('\n') || body.trim_end() == marker {
            bail!("{} is cut off: {again}", markdown.display());
        }
        Ok(Review {
            folder: folder.to_owned(),
            root,
            marker,
            body,
        })
    }
}
