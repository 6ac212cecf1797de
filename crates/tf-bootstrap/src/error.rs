//! Why a run was not done.

use std::path::PathBuf;

use tf_aws::AwsError;
use tf_cli::settings::SettingsError;

/// What ends a subcommand.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A call to AWS failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The settings file is not right.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Flags, environment and settings do not say what is needed, or contradict each other.
    #[error("{0}")]
    Usage(String),
    /// It could be done, and is not: nothing was changed.
    #[error("refused, and nothing was changed: {0}")]
    Refused(String),
    /// It was begun and not ended; the text says what was done and what to do next.
    #[error("{0}")]
    Incomplete(String),
    /// A file cannot be read or written.
    #[error("{doing} {}: {source}", path.display())]
    File {
        /// `cannot read`, `cannot write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Standard input or output fail.
    #[error("the terminal: {0}")]
    Terminal(std::io::Error),
    /// Somebody pressed Ctrl-C.
    #[error("interrupted; {0}")]
    Interrupted(String),
}
