//! `tf-cost`: what Terraform costs a month. One file a subcommand.

mod budget;
mod diff;
mod estimate;
mod explain;
mod input;
mod prices;
mod render;
mod usage;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::program;

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
    /// The price catalogue: its age and coverage, downloading AWS's files, making one of them
    Prices(prices::PricesArgs),
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
    let cli: Cli = match program::arguments() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let result = match cli.command {
        Command::Completions { shell } => program::completions::<Cli>(shell),
        Command::Man { dir } => program::man::<Cli>(dir.as_deref()),
        Command::Estimate(args) => program::deep(move || estimate::run(args)),
        Command::Diff(args) => program::deep(move || diff::run(args)),
        Command::Prices(args) => prices::run(args),
        Command::Usage(args) => program::deep(move || usage::run(args)),
        Command::Explain(args) => program::deep(move || explain::run(args)),
    };
    program::end(result)
}
