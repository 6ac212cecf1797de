//! The `tf-bootstrap` binary, built for this package's tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    tf_bootstrap::main().into()
}
