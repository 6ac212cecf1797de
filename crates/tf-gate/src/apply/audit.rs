//! The record of what was applied.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;

use crate::configuration::Files;
use crate::plan::folder::ReviewFile;
use crate::plan::run::author;
use crate::seal::Seal;

/// `plumbline.audit/1`.
#[derive(Clone, Serialize)]
pub(super) struct Record {
    schema: &'static str,
    tool: &'static str,
    version: &'static str,
    root: String,
    workspace: String,
    /// Who applied it.
    applied_by: String,
    /// Who made the plan.
    planned_by: String,
    approved_by: Vec<String>,
    begun: String,
    ended: Option<String>,
    /// `started`, `applied`, `failed` or `interrupted`.
    result: &'static str,
    error: Option<String>,
    commit: Option<String>,
    terraform: String,
    /// The digest of the seal.
    seal: String,
    /// How much changed, and the verdicts.
    summary: Json,
    cost: Json,
    /// Names only.
    outputs: Vec<String>,
}

impl Record {
    /// Begins one: it is written before anything is changed, so that an apply that is killed has left one too.
    pub(super) fn begin(seal: &Seal, file: &ReviewFile, files: &Files, approved_by: Vec<String>) -> Record {
        Record {
            schema: "plumbline.audit/1",
            tool: "tf-gate",
            version: env!("CARGO_PKG_VERSION"),
            root: seal.root.clone(),
            workspace: seal.workspace.clone(),
            applied_by: author(None, files),
            planned_by: seal.author.clone(),
            approved_by,
            begun: now(),
            ended: None,
            result: "started",
            error: None,
            commit: seal.commit.clone(),
            terraform: seal.terraform.clone(),
            seal: seal.digest.clone(),
            summary: file.summary.clone(),
            cost: file.cost.clone(),
            outputs: Vec::new(),
        }
    }

    /// The same, at its end. The error is masked already.
    pub(super) fn end(&self, result: &Result<(), (&'static str, String)>, outputs: Option<&Json>) -> Record {
        Record {
            ended: Some(now()),
            result: match result {
                Ok(()) => "applied",
                Err((how, _)) => how,
            },
            error: result.as_ref().err().map(|(_, error)| error.clone()),
            outputs: outputs
                .and_then(Json::as_object)
                .map(|outputs| outputs.keys().cloned().collect())
                .unwrap_or_default(),
            ..self.clone()
        }
    }

    /// The file of it.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The root that was applied.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// Its workspace.
    pub(super) fn workspace(&self) -> &str {
        &self.workspace
    }

    /// Sorts by time, and is the same at the beginning and the end of an apply.
    pub(super) fn name(&self) -> String {
        let digest = self.seal.trim_start_matches("sha256:");
        format!(
            "{}-{}.json",
            self.begun.replace(':', ""),
            digest.get(..12).unwrap_or(digest)
        )
    }
}

fn now() -> String {
    Timestamp::now().strftime("%FT%TZ").to_string()
}
