//! The `tf-drift` binary, built for this package's tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_drift::main().into()
}
