//! Lock files: the providers' versions that `terraform init` chose.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tf_lang::ast::ExprKind;
use tf_lang::{SourceFile, SourceMap};

use crate::environment::{Location, Problem};

/// Providers of a lock file by their sources.
pub type Locked = BTreeMap<String, LockedProvider>;

/// A provider of a lock file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LockedProvider {
    /// The version.
    pub version: String,
    /// Checksums, sorted.
    pub hashes: Vec<String>,
    /// The version's line.
    pub place: Location,
}

/// Reads the lock file of a root module; there need not be one.
pub fn read(root: &Path, shown: &str) -> (Locked, Option<Problem>) {
    const NAME: &str = ".terraform.lock.hcl";
    let path = root.join(NAME);
    let file = tf_lang::path::join(&[shown, NAME]);
    let problem = |lines, message| Problem {
        environment: None,
        file: Some(file.clone()),
        lines,
        message,
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Locked::new(), None),
        Err(error) => {
            return (
                Locked::new(),
                Some(problem(None, format!("the file cannot be read: {error}"))),
            );
        }
    };
    let text: Arc<str> = text.into();
    let mut sources = SourceMap::new();
    let id = sources.add(SourceFile::new(file.clone(), text.clone()));
    let body = match tf_lang::parse::parse_body(id, &text) {
        Ok(body) => body,
        Err(error) => {
            let lines = error.span.map(|span| sources.lines(span));
            return (Locked::new(), Some(problem(lines, error.to_string())));
        }
    };
    let mut locked = Locked::new();
    for block in body.blocks_of("provider") {
        let (Some(name), Some(version)) = (block.label(0), block.body.attribute("version")) else {
            continue;
        };
        let ExprKind::String(text) = &version.value.kind else {
            continue;
        };
        let mut hashes: Vec<String> = match block.body.attribute("hashes").map(|hashes| &hashes.value.kind) {
            Some(ExprKind::Tuple(items)) => items
                .iter()
                .filter_map(|item| match &item.kind {
                    ExprKind::String(hash) => Some(hash.to_string()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        hashes.sort();
        let (first, last) = sources.lines(version.span);
        let place = Location {
            file: file.clone(),
            first,
            last,
        };
        let provider = LockedProvider {
            version: text.to_string(),
            hashes,
            place,
        };
        locked.insert(name.to_owned(), provider);
    }
    (locked, None)
}
