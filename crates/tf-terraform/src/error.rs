//! What can go wrong with a child Terraform.

use std::path::PathBuf;
use std::time::Duration;

use crate::events::Diagnostic;
use crate::mirror::MirrorError;

/// A Terraform that cannot be found, cannot be run, or fails.
#[derive(Debug, thiserror::Error)]
pub enum TerraformError {
    /// No program of that name.
    #[error("{name} is not on the PATH: install Terraform or OpenTofu, or name the program with --terraform")]
    NotFound {
        /// What was looked for.
        name: String,
    },
    /// It does not say which version it is.
    #[error("{} is neither Terraform nor OpenTofu: `version -json` gives no version", program.display())]
    NotTerraform {
        /// The program.
        program: PathBuf,
    },
    /// It is too old.
    #[error("{} is version {version}, and {least} is the oldest that is understood", program.display())]
    TooOld {
        /// The program.
        program: PathBuf,
        /// What it is.
        version: String,
        /// What it must be.
        least: &'static str,
    },
    /// It cannot be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It ended with an error. Its own words are in `diagnostics`, and what it said beside them in `output`.
    #[error("{command} fails{}", said(diagnostics, output))]
    Failed {
        /// `terraform plan`, for example.
        command: String,
        /// Its errors, and warnings that may explain them.
        diagnostics: Vec<Diagnostic>,
        /// The rest of what it wrote.
        output: String,
    },
    /// It was stopped because somebody asked for it.
    #[error("{command} was stopped{}", said(&[], output))]
    Stopped {
        /// `terraform plan`, for example.
        command: String,
        /// What it wrote to standard error.
        output: String,
    },
    /// It took longer than it was given.
    #[error("{command} took longer than {} s and was stopped", limit.as_secs())]
    TimedOut {
        /// `terraform plan`, for example.
        command: String,
        /// What it was given.
        limit: Duration,
    },
    /// What it printed is not what was expected of it.
    #[error("{command} prints something that cannot be read: {reason}")]
    Unreadable {
        /// `terraform show`, for example.
        command: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The mirror of providers.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

/// Its errors as it shows them, below the line that says that it failed.
fn said(diagnostics: &[Diagnostic], output: &str) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str("\n\n");
        text.push_str(diagnostic.to_string().trim_end());
    }
    if !output.trim().is_empty() {
        text.push_str("\n\n");
        text.push_str(output.trim());
    }
    match text.is_empty() {
        true => String::new(),
        false => format!(":{text}"),
    }
}
