//! `tf-gate`: policy checks for Terraform. One file a subcommand.

mod apply;
mod approvals;
mod approve;
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
mod terraform;

use std::io::Write;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::{output, stack};

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
        Command::Completions { shell } => completions(shell),
        Command::Man { dir } => man(dir),
        // Listing policies reads no configuration and needs no threads.
        Command::Policies(args) => policies::run(args),
        Command::Apply(args) => deep(move || apply::run(*args)),
        Command::Approve(args) => approve::run(args),
        Command::Comment(args) => comment::run(args),
        Command::Changed(args) => deep(move || changed::run(args)),
        Command::Check(args) => deep(move || check::run(args)),
        Command::Console(args) => deep(move || console::run(args)),
        Command::Graph(args) => deep(move || graph::run(args)),
        Command::Plan(args) => deep(move || plan::run(*args)),
    };
    match result {
        Ok(exit) => exit,
        Err(error) if error.is::<apply::Refused>() => {
            let _ = std::io::stderr().write_all(format!("{error}\n").as_bytes());
            Exit::Findings
        }
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
    clap_complete::generate(shell, &mut Cli::command(), "tf-gate", &mut script);
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
