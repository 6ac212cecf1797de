//! `tf-drift`: what somebody changed outside of Terraform.
//!
//! `scan` plans roots side by side (`root.rs`) and `classify` reads each plan: what was changed and is changed back, what is taken
//! into the state, what is gone. `noise` takes out what is no drift and says why; `severity` asks the policies; `remedy` says
//! what to do. `history` knows since when. One `finding::Document` goes to every renderer in `render`.

mod acknowledge;
mod backend;
mod classify;
mod cost;
pub mod finding;
mod history;
mod merge;
mod noise;
mod notify;
mod orphan;
mod output;
mod remedy;
mod render;
mod report;
mod root;
mod roots;
mod scan;
mod severity;
mod shard;
mod states;
mod trend;
mod unmanaged;
mod who;
mod worlds;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::program;

/// What somebody changed outside of Terraform: how bad it is, since when, and nothing else
#[derive(Parser, Debug)]
#[command(name = "tf-drift", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Look for drift in roots, side by side
    Scan(Box<scan::ScanArgs>),
    /// Put the results of shards together
    Merge(Box<merge::MergeArgs>),
    /// Print what the last scan found, and the trend over past scans
    Report(Box<report::ReportArgs>),
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
        Command::Completions { shell } => program::completions::<Cli>(shell),
        Command::Man { dir } => program::man::<Cli>(dir.as_deref()),
        Command::Scan(args) => program::deep(move || scan::run(*args)),
        Command::Merge(args) => merge::run(*args),
        Command::Report(args) => report::run(*args),
    };
    program::end(result)
}
