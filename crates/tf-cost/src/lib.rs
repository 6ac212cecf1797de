//! `tf-cost`: what Terraform costs a month. One file a subcommand.

mod budget;
mod diff;
mod estimate;
mod explain;
mod input;
mod money;
mod render;
mod usage;

use std::io::Write;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::{output, stack};

/// What Terraform and OpenTofu configurations, plans and states cost a month: offline, exact, with the source of every figure
#[derive(Parser, Debug)]
#[command(name = "tf-cost", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Estimate what root modules, a plan or a state cost a month
    Estimate(estimate::EstimateArgs),
    /// Compare what two configurations, plans, states or saved estimates cost
    Diff(diff::DiffArgs),
    /// Say where the figures of a resource come from
    Explain(explain::ExplainArgs),
    /// Usage files: how much of what is billed by use
    Usage(usage::UsageArgs),
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
        Command::Estimate(args) => deep(move || estimate::run(args)),
        Command::Diff(args) => deep(move || diff::run(args)),
        Command::Usage(args) => deep(move || usage::run(args)),
        Command::Explain(args) => deep(move || explain::run(args)),
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
    clap_complete::generate(shell, &mut Cli::command(), "tf-cost", &mut script);
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
