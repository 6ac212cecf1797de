//! `tf-bootstrap locks`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// List the locks: items of the table and lock files, since when, whose; halves of a lock that has two
#[derive(Args, Clone, Debug)]
pub(crate) struct LocksArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LocksCommand>,
}

#[derive(clap::Subcommand, Clone, Debug)]
pub(crate) enum LocksCommand {
    /// Remove a lock whose holder is gone: exactly the one that was seen, or none
    Break {
        /// The lock's id, as `locks` and Terraform print it
        #[arg(value_name = "ID")]
        id: String,
        /// Break it even if it is young
        #[arg(long)]
        force: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

pub(crate) async fn run(args: LocksArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("locks is being built".to_owned()))
}
