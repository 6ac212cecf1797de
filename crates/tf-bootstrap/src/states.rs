//! `tf-bootstrap states`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// List the states: size, serial, lineage, resources, age, last writer
#[derive(Args, Clone, Debug)]
pub(crate) struct StatesArgs {
    /// Only keys that begin so
    #[arg(value_name = "PREFIX", default_value = "")]
    pub(crate) prefix: String,
}

pub(crate) async fn run(args: StatesArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("states is being built".to_owned()))
}
