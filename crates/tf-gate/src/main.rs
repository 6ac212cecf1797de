//! The `tf-gate` binary; see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_gate::main().into()
}
