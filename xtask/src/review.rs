//! `cargo xtask review`

use std::process::Command;

use anyhow::Result;

use crate::shell;

/// Judges the first environment, or the given folders.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let mut command = Command::new(shell::tf_gate()?);
    command.current_dir(shell::workspace()).arg("check");
    match args.is_empty() {
        true => command.arg("environments/dev/services"),
        false => command.args(args),
    };
    // Findings are what a review is for; only what could not be done is a failure of the command.
    let status = command.status()?;
    Ok(matches!(status.code(), Some(0 | 1)))
}
