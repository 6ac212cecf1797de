//! `tf-gate`: policy checks for Terraform. One file a subcommand.

mod apply;
mod approvals;
mod approve;
mod arguments;
mod aws;
mod changed;
mod check;
mod comment;
mod configuration;
mod console;
mod git;
mod graph;
mod plan;
mod policies;
mod report;
mod seal;
mod selection;

use std::io::Write;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::program;

/// Policy checks for Terraform and OpenTofu: offline, with reasons, in a tenth of a second
#[derive(Parser, Debug)]
#[command(name = "tf-gate", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Apply exactly what was reviewed
    Apply(Box<apply::ApplyArgs>),
    /// Approve a review, with a key
    Approve(approve::ApproveArgs),
    /// Print the root modules that a change touches
    Changed(changed::ChangedArgs),
    /// Judge configurations, or a plan, by policies
    Check(check::CheckArgs),
    /// Write reviews as comments on the pull request
    Comment(comment::CommentArgs),
    /// Evaluate expressions read from standard input, one a line, as `terraform console` would
    Console(console::ConsoleArgs),
    /// Print the evaluated graph of a root module
    Graph(graph::GraphArgs),
    /// Plan roots, judge what changes, and write a sealed review of each
    Plan(Box<plan::PlanArgs>),
    /// List, show and test policies
    Policies(policies::PoliciesArgs),
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
        // Listing policies reads no configuration and needs no threads.
        Command::Policies(args) => policies::run(args),
        Command::Apply(args) => program::deep(move || apply::run(*args)),
        Command::Approve(args) => approve::run(args),
        Command::Comment(args) => comment::run(args),
        Command::Changed(args) => program::deep(move || changed::run(args)),
        Command::Check(args) => program::deep(move || check::run(args)),
        Command::Console(args) => program::deep(move || console::run(args)),
        Command::Graph(args) => program::deep(move || graph::run(args)),
        Command::Plan(args) => program::deep(move || plan::run(*args)),
    };
    match result {
        Err(error) if error.is::<apply::Refused>() => {
            let _ = std::io::stderr().write_all(
                format!(
                    "{error}
"
                )
                .as_bytes(),
            );
            Exit::Findings
        }
        result => program::end(result),
    }
}
