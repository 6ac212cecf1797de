//! The policies that are built in, and those of a team's folder.

use std::path::Path;
use std::sync::Arc;

use tf_lang::{Diagnostic, SourceFile, SourceMap, Span};

use crate::policy::{self, Policy};

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pack.bin"));

/// The compiled pack: other bytes are other policies.
pub fn bytes() -> &'static [u8] {
    BLOB
}

/// The built-in policies, in order of their ids. Compiled by the build script: starting a program parses
/// no text.
pub fn builtin() -> Vec<Arc<Policy>> {
    // The build script has written it and read it back.
    postcard::from_bytes::<Vec<Policy>>(BLOB)
        .unwrap_or_default()
        .into_iter()
        .map(Arc::new)
        .collect()
}

/// Types of resources that hold what cannot be made again, or without which other data cannot be read; in order. The build script
/// takes them from the built-in policies whose ids end in `-kept`.
static HOLDS_DATA: &[&str] = include!(concat!(env!("OUT_DIR"), "/holds_data.rs"));

/// Whether the deletion of a resource of a type loses what cannot be made again, or makes other data unreadable.
pub fn holds_data(ty: &str) -> bool {
    HOLDS_DATA.binary_search(&ty).is_ok()
}

/// A folder of policies that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyDirError {
    /// The folder cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, std::io::Error),
    /// A file is wrong.
    #[error("{file}:{line},{column}: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u32,
        /// Column, from 1.
        column: u32,
        /// What is wrong.
        message: String,
    },
    /// Two policies have one id.
    #[error("{file}:{line}: a policy \"{id}\" is already there; ids are unique")]
    Doubled {
        /// The second one's file.
        file: String,
        /// Its line.
        line: u32,
        /// The id.
        id: String,
    },
    /// There is no policy in it.
    #[error("{0} holds no policies: they are \"policy\" blocks in files that end in .hcl")]
    Empty(String),
}

/// Reads the `.hcl` files of a folder and of those below it.
///
/// # Errors
/// Where a file cannot be read or is wrong: no policy of the folder is used then.
pub fn read_dir(dir: &Path) -> Result<Vec<Arc<Policy>>, PolicyDirError> {
    let mut sources = SourceMap::new();
    let mut policies: Vec<Policy> = Vec::new();
    for path in hcl_files(dir)? {
        let shown = tf_model::config::files::display_name(&path, dir);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| PolicyDirError::Unreadable(path.display().to_string(), error))?;
        let text: Arc<str> = text.into();
        let file = sources.add(SourceFile::new(shown, text.clone()));
        let read = tf_lang::parse::parse_body(file, &text)
            .and_then(|body| policy::read(&body.blocks, &sources))
            .map_err(|problem| invalid(&problem, &sources, file))?;
        for policy in read {
            if policies.iter().any(|other| other.id == policy.id) {
                let (file, line) = policy.place;
                return Err(PolicyDirError::Doubled {
                    file,
                    line,
                    id: policy.id.to_string(),
                });
            }
            policies.push(policy);
        }
    }
    if policies.is_empty() {
        return Err(PolicyDirError::Empty(dir.display().to_string()));
    }
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(policies.into_iter().map(Arc::new).collect())
}

fn invalid(problem: &Diagnostic, sources: &SourceMap, file: tf_lang::FileId) -> PolicyDirError {
    let span = problem.span.unwrap_or(Span::new(file, 0, 0));
    let position = sources.get(span.file).map(|source| source.position(span.start));
    PolicyDirError::Invalid {
        file: sources.name(span.file).to_owned(),
        line: position.map_or(0, |position| position.line),
        column: position.map_or(0, |position| position.column),
        message: problem.to_string(),
    }
}

fn hcl_files(dir: &Path) -> Result<Vec<std::path::PathBuf>, PolicyDirError> {
    let unreadable = |error| PolicyDirError::Unreadable(dir.display().to_string(), error);
    if dir.is_file() {
        return Ok(vec![dir.to_path_buf()]);
    }
    let mut files = Vec::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            // Links to folders are not followed: they may lead back.
            if entry.file_type().map_err(unreadable)?.is_dir() {
                pending.push(entry.path());
            } else if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "hcl")
            {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type that a typing error makes unknown would be protected by nobody.
    #[test]
    fn types_that_hold_data_exist() {
        assert!(HOLDS_DATA.len() >= 50, "only {}", HOLDS_DATA.len());
        for ty in HOLDS_DATA {
            let known = tf_model::schema::schema(tf_model::schema::Kind::Resource, ty);
            assert!(known.is_some(), "the provider has no {ty}");
        }
        for (ty, holds) in [
            ("aws_db_instance", true),
            ("aws_kms_key", true),
            ("aws_s3_bucket", true),
            ("aws_workspaces_workspace", true),
            ("aws_instance", false),
            ("aws_s3_bucket_policy", false),
        ] {
            assert_eq!(holds_data(ty), holds, "{ty}");
        }
    }

    /// Every type is judged whatever its attributes say: the policies of one type differ only in what is lost.
    #[test]
    fn what_holds_data_is_judged_by_policies_of_changes() {
        let kept: Vec<Arc<Policy>> = builtin()
            .into_iter()
            .filter(|policy| policy.id.ends_with("-kept"))
            .collect();
        assert!(kept.iter().all(|policy| policy.judges_changes));
        for ty in HOLDS_DATA {
            let judging = kept
                .iter()
                .filter(|policy| policy.subjects.resource.iter().any(|of| **of == **ty));
            assert!(judging.count() >= 1, "{ty}");
        }
    }
}
