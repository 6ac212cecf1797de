//! The `tf-drift` binary; see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_drift::main().into()
}
