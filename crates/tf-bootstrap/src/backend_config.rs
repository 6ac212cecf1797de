//! `tf-bootstrap backend-config`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// Print or write the backend settings of a root
#[derive(Args, Clone, Debug)]
pub(crate) struct BackendConfigArgs {
    /// The root: ENV/STACK
    #[arg(value_name = "ENV/STACK")]
    pub(crate) root: String,
}

pub(crate) async fn run(args: BackendConfigArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("backend-config is being built".to_owned()))
}
