//! The `tf-envdiff` binary; see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_envdiff::main().into()
}
