//! `tf-bootstrap check`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// Judge the backend
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    /// Fail on this severity and above; `none` never fails
    #[arg(long, value_name = "SEVERITY", env = "TF_BOOTSTRAP_FAIL_ON", value_parser = ["critical", "high", "medium", "low", "info", "none"], default_value = "low")]
    pub(crate) fail_on: String,
    /// Report what is right too
    #[arg(long)]
    pub(crate) all: bool,
}

pub(crate) async fn run(args: CheckArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("check is being built".to_owned()))
}
