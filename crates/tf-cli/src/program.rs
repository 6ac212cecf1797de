//! What every binary does around its subcommands: reading arguments, telling how it ended, completions and manual pages.

use std::io::Write;
use std::path::Path;

use clap::{CommandFactory, Parser};

use crate::exit::Exit;
use crate::{output, stack};

/// Reads the process's own arguments.
///
/// # Errors
/// Where they are wrong, or ask for help or the version; all is said already, and this is how the program ends.
pub fn arguments<C: Parser>() -> Result<C, Exit> {
    C::try_parse().map_err(|error| {
        let _ = error.print();
        // Help and version go to standard output and are no failure.
        match error.use_stderr() {
            true => Exit::Failed,
            false => Exit::Clean,
        }
    })
}

/// Tells how a subcommand ended: an error goes to standard error, with what caused it.
pub fn end(result: anyhow::Result<Exit>) -> Exit {
    result.unwrap_or_else(|error| {
        let mut said = error.to_string();
        let mut text = format!("error: {said}\n");
        for cause in error.chain().skip(1).map(ToString::to_string) {
            // Some errors say themselves what caused them.
            if !said.contains(&cause) {
                text.push_str(&format!("  because {cause}\n"));
            }
            said = cause;
        }
        let _ = std::io::stderr().write_all(text.as_bytes());
        Exit::Failed
    })
}

/// Runs a subcommand that evaluates configurations, on a deep stack.
///
/// # Errors
/// Where threads cannot be started, and those of the subcommand.
pub fn deep(work: impl FnOnce() -> anyhow::Result<Exit> + Send) -> anyhow::Result<Exit> {
    stack::deep(work)?
}

/// Prints a completion script for a shell.
///
/// # Errors
/// Where standard output cannot be written.
pub fn completions<C: CommandFactory>(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut command = C::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}

/// Prints the manual page, or writes one page for each subcommand into a folder.
///
/// # Errors
/// Where they cannot be written.
pub fn man<C: CommandFactory>(dir: Option<&Path>) -> anyhow::Result<Exit> {
    match dir {
        Some(dir) => {
            std::fs::create_dir_all(dir)?;
            clap_mangen::generate_to(C::command(), dir)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(C::command()).render(&mut page)?;
            output::print(&String::from_utf8_lossy(&page))?;
        }
    }
    Ok(Exit::Clean)
}
