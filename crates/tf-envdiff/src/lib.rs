//! `tf-envdiff`: environments side by side, and what was not meant to differ.
//!
//! [`environment`] reads what is compared: configurations, which are evaluated, plans and states. [`layers::compare`] finds what
//! differs in any two of them, once what only names an environment is taken out ([`normalise`]), and traces it to what is
//! written differently ([`cause`]). [`rules`] say what is meant, and [`report::report`] puts everything that has one cause into
//! one row.

pub mod cause;
mod compare;
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

use std::io::Write;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::{output, stack};

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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let exit = if error.use_stderr() {
                Exit::Failed
            } else {
                Exit::Clean
            };
            let _ = error.print();
            return exit;
        }
    };
    let result = match cli.command {
        Some(Command::Completions { shell }) => completions(shell),
        Some(Command::Man { dir }) => man(dir),
        Some(Command::Init(args)) => deep(move || init::run(*args)),
        None => deep(move || run::run(cli.compare)),
    };
    match result {
        Ok(exit) => exit,
        Err(error) => {
            let mut text = format!("error: {error}\n");
            for cause in error.chain().skip(1) {
                text.push_str(&format!("  because {cause}\n"));
            }
            let _ = std::io::stderr().write_all(text.as_bytes());
            Exit::Failed
        }
    }
}

fn deep(work: impl FnOnce() -> anyhow::Result<Exit> + Send) -> anyhow::Result<Exit> {
    stack::deep(work)?
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tf-envdiff", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}

fn man(dir: Option<PathBuf>) -> anyhow::Result<Exit> {
    match dir {
        Some(dir) => {
            std::fs::create_dir_all(&dir)?;
            clap_mangen::generate_to(Cli::command(), dir)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            output::print(&String::from_utf8_lossy(&page))?;
        }
    }
    Ok(Exit::Clean)
}
