//! `tf-bootstrap create`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// Make the backend, or complete and repair it
#[derive(Args, Clone, Debug)]
pub(crate) struct CreateArgs {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Show the steps, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

pub(crate) async fn run(args: CreateArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("create is being built".to_owned()))
}
