//! `tf-bootstrap restore`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// Go back to a version of a state: as a new version with the next serial, under the lock
#[derive(Args, Clone, Debug)]
pub(crate) struct RestoreArgs {
    /// The state's key: dev/services/terraform.tfstate, or dev/services
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// The version, as `history` prints it
    #[arg(value_name = "VERSION")]
    pub(crate) version: String,
    /// Show which resources would differ, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

pub(crate) async fn run(args: RestoreArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("restore is being built".to_owned()))
}
