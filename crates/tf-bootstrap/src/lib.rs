//! `tf-bootstrap`: the remote state of an AWS account, made once and looked after. One file or folder a subcommand.

mod backend;
mod backend_config;
mod check;
mod create;
mod destroy;
mod error;
mod fsck;
mod history;
mod locks;
mod migrate;
mod output;
mod restore;
mod state;
mod states;
mod store;
mod target;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use tf_cli::exit::Exit;
use tf_cli::program;
use tf_cli::settings::Settings;

use crate::error::Error;
use crate::output::{Output, OutputArgs};
use crate::target::{Context, TargetArgs};

/// The remote state of an AWS account: made once, and looked after
#[derive(Parser, Debug)]
#[command(name = "tf-bootstrap", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten, next_help_heading = "Backend")]
    target: TargetArgs,
    #[command(flatten, next_help_heading = "Output")]
    output: OutputArgs,
}

#[derive(Subcommand, Clone, Debug)]
enum Command {
    /// Make the backend, or complete and repair it
    Create(create::CreateArgs),
    /// Judge the backend: what is weak, and how it is mended
    Check(check::CheckArgs),
    /// Print or write the backend settings of a root
    BackendConfig(backend_config::BackendConfigArgs),
    /// List the states: size, serial, lineage, resources, age, last writer
    States(states::StatesArgs),
    /// List the locks and who holds them, or break one
    Locks(locks::LocksArgs),
    /// List the versions of a state
    History(history::HistoryArgs),
    /// Go back to a version of a state
    Restore(restore::RestoreArgs),
    /// Look for damage: states, digests, serials, lineages, locks
    Fsck(fsck::FsckArgs),
    /// Move a root's state to S3, or from one kind of lock to another
    Migrate(migrate::MigrateArgs),
    /// Remove the backend, once it holds nothing
    Destroy(destroy::DestroyArgs),
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
    let result = match &cli.command {
        Command::Completions { shell } => program::completions::<Cli>(*shell),
        Command::Man { dir } => program::man::<Cli>(dir.as_deref()),
        _ => start(cli),
    };
    program::end(result)
}

/// Runs a subcommand on each account that was asked for. The worst exit is the run's.
fn start(cli: Cli) -> anyhow::Result<Exit> {
    let settings = Settings::find(Path::new("."))?;
    let targets = target::targets(&cli.target, &settings)?;
    let dir = settings
        .file
        .as_deref()
        .and_then(Path::parent)
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let output = Output::new(cli.output);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let several = targets.len() > 1;
    let mut worst = Exit::Clean;
    for (target, backend) in targets {
        let shown = target.name.clone().or_else(|| target.account.clone());
        let one = async {
            let context = target::connect(target, backend, dir.clone(), output.clone()).await?;
            dispatch(&cli.command, &context).await
        };
        let exit = match runtime.block_on(one) {
            Ok(exit) => exit,
            // What the accounts before have to say is still said, and the ones after are still done.
            Err(error) if several && !matches!(error, Error::Interrupted(_)) => {
                output.warn(&format!("error: {}: {error}", shown.unwrap_or_default()));
                Exit::Failed
            }
            Err(error) => {
                output.flush()?;
                return Err(error.into());
            }
        };
        worst = worst.max(exit);
    }
    output.flush()?;
    Ok(worst)
}

async fn dispatch(command: &Command, context: &Context) -> Result<Exit, Error> {
    let work = async {
        match command.clone() {
            Command::Create(args) => create::run(args, context).await,
            Command::Check(args) => check::run(args, context).await,
            Command::BackendConfig(args) => backend_config::run(args, context).await,
            Command::States(args) => states::run(args, context).await,
            Command::Locks(args) => locks::run(args, context).await,
            Command::History(args) => history::run(args, context).await,
            Command::Restore(args) => restore::run(args, context).await,
            Command::Fsck(args) => fsck::run(args, context).await,
            Command::Migrate(args) => migrate::run(args, context).await,
            Command::Destroy(args) => destroy::run(args, context).await,
            Command::Completions { .. } | Command::Man { .. } => Ok(Exit::Clean),
        }
    };
    // These change several things in order and must put things right themselves before they end.
    if matches!(
        command,
        Command::Create(_)
            | Command::Locks(_)
            | Command::Restore(_)
            | Command::Fsck(_)
            | Command::Migrate(_)
            | Command::Destroy(_)
    ) {
        return work.await;
    }
    tokio::select! {
        result = work => result,
        _ = tokio::signal::ctrl_c() => Err(Error::Interrupted("nothing was changed".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn flags_do_not_contradict_each_other() {
        super::Cli::command().debug_assert();
    }
}
