//! The `tf-gate` binary, built for this package's tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_gate::main().into()
}
