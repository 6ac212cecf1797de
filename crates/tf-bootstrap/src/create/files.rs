//! `backend.hcl` for each root: what `terraform init -backend-config=backend.hcl` needs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tf_lang::ast::Body;
use tf_lang::{SourceFile, SourceMap};

use crate::backend::desired::{Desired, Encryption};
use crate::backend::kind::Place;
use crate::backend::observe::Observed;
use crate::backend::roots::{Root, terraform_files};
use crate::backend_config::{HEADING, Locking, Settings};
use crate::error::Error;
use crate::target::Context;

/// Name of the file of settings.
pub(crate) const FILE: &str = "backend.hcl";
const BLOCK: &str = "# Bucket, key, region and locking come at init: terraform init -backend-config=backend.hcl\nterraform {\n  backend \"s3\" {}\n}\n";

/// A file that a root needs.
#[derive(Clone, Debug)]
pub(super) struct BackendFile {
    path: PathBuf,
    shown: String,
    wanted: String,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Right,
    Differs,
    /// Somebody else has written it, and it says something else.
    Foreign,
    Missing,
}

impl BackendFile {
    fn new(context: &Context, path: PathBuf, wanted: String) -> Result<BackendFile, Error> {
        let state = match std::fs::read_to_string(&path) {
            Ok(text) if text == wanted => State::Right,
            Ok(text) if text.starts_with(HEADING) => State::Differs,
            Ok(_) => State::Foreign,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => State::Missing,
            Err(source) => {
                return Err(Error::File {
                    doing: "cannot read",
                    path,
                    source,
                });
            }
        };
        let shown = path
            .strip_prefix(&context.dir)
            .unwrap_or(&path)
            .display()
            .to_string();
        Ok(BackendFile {
            path,
            shown,
            wanted,
            state,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.shown
    }

    /// Whether it is to be written.
    pub(super) fn is_to_do(&self, adopt: bool) -> bool {
        match self.state {
            State::Right => false,
            State::Foreign => adopt,
            State::Differs | State::Missing => true,
        }
    }

    /// A sign and words for the table of steps.
    pub(super) fn shown(&self, adopt: bool) -> (&'static str, &'static str) {
        match (self.state, adopt) {
            (State::Right, _) => ("=", "right"),
            (State::Missing, _) => ("+", "is written"),
            (State::Differs, _) => ("~", "is written again"),
            (State::Foreign, true) => ("!", "was not written by tf-bootstrap, and is written again"),
            (State::Foreign, false) => (
                "!",
                "was not written by tf-bootstrap and differs: it is kept (--adopt)",
            ),
        }
    }

    pub(super) fn json(&self, adopt: bool) -> Value {
        let status = match self.state {
            State::Right => "right",
            State::Missing => "missing",
            State::Differs => "differs",
            State::Foreign => "foreign",
        };
        json!({ "file": self.shown, "status": status, "written": self.is_to_do(adopt) })
    }

    pub(super) fn write(&self) -> Result<(), Error> {
        std::fs::write(&self.path, &self.wanted).map_err(|source| Error::File {
            doing: "cannot write",
            path: self.path.clone(),
            source,
        })
    }
}

/// The files of the roots: settings for each, and the block for those that have none.
pub(super) fn plan(
    context: &Context,
    desired: &Desired,
    observed: &Observed,
    roots: &[Root],
) -> Result<Vec<BackendFile>, Error> {
    let mut files = Vec::new();
    for root in roots {
        match has_backend(&root.dir)? {
            Some(kind) if kind != "s3" => continue, // Somebody keeps this state elsewhere, and means it.
            Some(_) => {}
            None => files.push(BackendFile::new(
                context,
                root.dir.join("backend.tf"),
                BLOCK.to_owned(),
            )?),
        }
        let key = match desired.encryption {
            Encryption::Aes256 => None,
            Encryption::Kms => Some(
                observed
                    .keys
                    .get(&Place::Key)
                    .map_or("the key that is made", String::as_str),
            ),
        };
        let settings = Settings {
            context,
            key: &root.key,
            kms_key: key,
            locking: match desired.table {
                Some(_) => Locking::Both,
                None => Locking::File,
            },
        };
        files.push(BackendFile::new(context, root.dir.join(FILE), settings.file())?);
    }
    Ok(files)
}

/// The kind of backend that a root has: `s3`, or `cloud` for HCP Terraform.
fn has_backend(dir: &Path) -> Result<Option<String>, Error> {
    for file in terraform_files(dir)? {
        let text = std::fs::read_to_string(&file).map_err(|source| Error::File {
            doing: "cannot read",
            path: file.clone(),
            source,
        })?;
        let found = match file.extension().is_some_and(|extension| extension == "json") {
            true => backend_of_json(&text),
            false => parse(&text).and_then(|body| backend_of(&body)),
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn parse(text: &str) -> Option<Body> {
    let mut sources = SourceMap::new();
    let id = sources.add(SourceFile::new("root", text));
    tf_lang::parse::parse_body(id, text).ok()
}

fn backend_of(body: &Body) -> Option<String> {
    let terraform = body
        .blocks
        .iter()
        .filter(|block| &*block.kind.name == "terraform");
    terraform
        .flat_map(|block| &block.body.blocks)
        .find_map(|block| match &*block.kind.name {
            "backend" => block.label(0).map(str::to_owned),
            "cloud" => Some("cloud".to_owned()),
            _ => None,
        })
}

fn backend_of_json(text: &str) -> Option<String> {
    let body: Value = serde_json::from_str(text).ok()?;
    let terraform = body.get("terraform")?;
    let terraform = terraform.get(0).unwrap_or(terraform);
    if terraform.get("cloud").is_some() {
        return Some("cloud".to_owned());
    }
    let backend = terraform.get("backend")?;
    let backend = backend.get(0).unwrap_or(backend);
    backend.as_object()?.keys().next().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backend_of_a_root_is_found_in_blocks_and_not_in_comments() {
        for (text, expected) in [
            ("terraform {\n  backend \"s3\" {}\n}\n", Some("s3")),
            (
                "terraform {\n  required_version = \">= 1\"\n}\nterraform {\n  backend \"local\" {}\n}\n",
                Some("local"),
            ),
            ("terraform {\n  cloud {\n  }\n}\n", Some("cloud")),
            ("# terraform { backend \"s3\" {} }\n", None),
            ("resource \"a\" \"b\" {\n  backend \"s3\" {}\n}\n", None),
        ] {
            assert_eq!(
                parse(text).and_then(|body| backend_of(&body)).as_deref(),
                expected,
                "{text}"
            );
        }
        assert_eq!(
            backend_of_json("{\"terraform\": [{\"backend\": {\"s3\": {}}}]}").as_deref(),
            Some("s3")
        );
        assert_eq!(backend_of_json("{\"resource\": {}}"), None);
    }

    #[test]
    fn the_block_that_is_written_is_a_backend() {
        assert_eq!(
            parse(BLOCK).and_then(|body| backend_of(&body)).as_deref(),
            Some("s3")
        );
    }
}
