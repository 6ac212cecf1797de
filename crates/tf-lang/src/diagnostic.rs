//! What is wrong with an input, where, and what to do about it.

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The input was understood, but somebody should look at it.
    Warning,
    /// Part of the input was not understood.
    Error,
}

/// One problem, in Terraform's two parts: a summary that names its kind and a detail that explains it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Kind of problem, as Terraform words it: `Invalid function argument`.
    pub summary: String,
    /// The problem in whole sentences.
    pub detail: String,
    /// Where it is.
    pub span: Option<Span>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            span: Some(span),
        }
    }

    /// A warning at a place.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(summary, detail, span)
        }
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.summary.as_str(), self.detail.as_str()) {
            (summary, "") => f.write_str(summary),
            (summary, detail) => write!(f, "{summary}: {detail}"),
        }
    }
}
