//! `tf-bootstrap history`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// List the versions of a state, the newest first
#[derive(Args, Clone, Debug)]
pub(crate) struct HistoryArgs {
    /// The state's key: dev/services/terraform.tfstate, or dev/services
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// At most so many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

pub(crate) async fn run(args: HistoryArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("history is being built".to_owned()))
}
