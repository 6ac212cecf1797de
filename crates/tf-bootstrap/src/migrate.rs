//! `tf-bootstrap migrate`

use clap::Args;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::target::Context;

/// Move a root's state to S3, or from one kind of lock to another, and prove that nothing changed
#[derive(Args, Clone, Debug)]
pub(crate) struct MigrateArgs {
    /// The root module's folder
    #[arg(value_name = "ROOT", default_value = ".")]
    pub(crate) root: std::path::PathBuf,
    /// Where to: `s3` from a local state, `both` locks, the `lock-file` alone, the `table` alone, or back to `local`
    #[arg(long, value_enum)]
    pub(crate) to: Destination,
    /// The state's key; <environment>/<stack>/terraform.tfstate of the root where it is not given
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// The terraform or tofu to run
    #[arg(
        long,
        value_name = "PATH",
        env = "TF_BOOTSTRAP_TERRAFORM",
        default_value = "terraform"
    )]
    pub(crate) terraform: std::path::PathBuf,
}

/// Where a state, or its lock, goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Destination {
    S3,
    Both,
    LockFile,
    Table,
    Local,
}

pub(crate) async fn run(args: MigrateArgs, context: &Context) -> Result<Exit, Error> {
    let _ = (args, context);
    Err(Error::Usage("migrate is being built".to_owned()))
}
