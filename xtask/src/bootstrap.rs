//! `cargo xtask bootstrap`

use std::process::Command;

use anyhow::Result;
use xtask::emulator::{self, Emulator};

use crate::shell::{succeeds, tf_bootstrap, workspace};

const LOCAL: &str = "--local";

/// Makes or completes the backend of the account whose credentials are at hand; arguments go to `tf-bootstrap create`. With
/// `--local` the account is an emulated one, which ends with the command.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let program = tf_bootstrap()?;
    let (local, args): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| *arg == LOCAL);
    if local.is_empty() {
        let mut create = Command::new(program);
        return succeeds(create.current_dir(workspace()).arg("create").args(args));
    }
    let emulator = Emulator::start()?;
    println!("an emulated AWS account at {}", emulator.url());
    for (command, flags) in [
        // The files would point the roots to an account that is gone in a moment.
        ("create", vec!["--yes", "--no-files", "--no-bucket-policy"]),
        ("check", vec!["--no-bucket-policy"]),
    ] {
        let mut step = Command::new(&program);
        // Away from plumbline.hcl: its accounts are not this one.
        step.current_dir(std::env::temp_dir())
            .arg(command)
            .args(flags)
            .args(args.iter().filter(|_| command == "create"))
            .args(["--endpoint-url", emulator.url()])
            .envs(emulator::environment(emulator.url()))
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN");
        if !succeeds(&mut step)? {
            return Ok(false);
        }
    }
    Ok(true)
}
