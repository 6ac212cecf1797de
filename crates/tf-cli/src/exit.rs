//! Exit codes, the same for all binaries.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Done, and nothing to act on: 0.
    Clean,
    /// Done, and there is something to act on: 1.
    Findings,
    /// Not done, or not all of it: 2.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Clean => ExitCode::SUCCESS,
            Exit::Findings => ExitCode::from(1),
            Exit::Failed => ExitCode::from(2),
        }
    }
}
