//! `tf-bootstrap fsck`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// Look for damage: JSON, format, digest, serials rising, lineage constant, half-locks
#[derive(Args, Clone, Debug)]
pub(crate) struct FsckArgs {
    /// Only these states; all where none is given
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
}

pub(crate) async fn run(args: FsckArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("fsck is being built".to_owned()))
}
