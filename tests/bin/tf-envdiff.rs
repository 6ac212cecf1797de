//! The `tf-envdiff` binary, built for this package's tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_envdiff::main().into()
}
