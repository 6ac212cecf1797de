//! `tf-envdiff`: environments side by side, and what was not meant to differ.
//!
//! [`environment`] reads what is compared: configurations, which are evaluated, plans and states. [`layers::compare`] finds what
//! differs in any two of them, once what only names an environment is taken out ([`normalise`]), and traces it to what is
//! written differently ([`cause`]). [`rules`] say what is meant, and [`report::report`] puts everything that has one cause into
//! one row.

pub mod cause;
mod compare;
pub mod cost;
pub mod environment;
pub mod finding;
pub mod git;
mod init;
pub mod layers;
pub mod lock;
pub mod normalise;
mod promote;
mod render;
pub mod report;
pub mod rules;
mod run;
pub mod source;
pub mod value;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::program;

pub use compare::Part;

/// Environments side by side, and what was not meant to differ
///
/// An ENV is a folder that is a root module or holds several (environments/dev), a plan or a state (the output of terraform show
/// -json, or a state file), REV:FOLDER for a folder at a commit, or a file of variables for the root module of --root. NAME=ENV
/// names its column. Exits with 1 where something differs that no rule in plumbline.hcl expects, and with 2 where something could
/// not be read; the others are compared all the same.
#[derive(Parser, Debug)]
#[command(
    name = "tf-envdiff",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Cli {
    #[command(flatten)]
    compare: run::CompareArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Propose rules for what differs today
    Init(Box<init::InitArgs>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write one page for each subcommand into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// Runs the program on the process's own arguments.
pub fn main() -> Exit {
    let cli: Cli = match program::arguments() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let result = match cli.command {
        Some(Command::Completions { shell }) => program::completions::<Cli>(shell),
        Some(Command::Man { dir }) => program::man::<Cli>(dir.as_deref()),
        Some(Command::Init(args)) => program::deep(move || init::run(*args)),
        None => program::deep(move || run::run(cli.compare)),
    };
    program::end(result)
}
