//! `tf-bootstrap destroy`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// Remove the backend, once it holds nothing
#[derive(Args, Clone, Debug)]
pub(crate) struct DestroyArgs {
    /// The bucket's name, typed again, for scripts
    #[arg(long, value_name = "BUCKET")]
    pub(crate) confirm: Option<String>,
}

pub(crate) async fn run(args: DestroyArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("destroy is being built".to_owned()))
}
