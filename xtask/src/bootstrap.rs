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
    let dry = args.iter().any(|arg| *arg == "--dry-run");
    let same: Vec<&&String> = args
        .iter()
        .filter(|arg| !["--dry-run", "--yes", "-y", "--adopt", "--no-files"].contains(&arg.as_str()))
        .collect();
    // The files would point the roots to an account that is gone in a moment.
    let mut steps = vec![(
        "create",
        vec!["--no-files", if dry { "--dry-run" } else { "--yes" }],
    )];
    if !dry {
        steps.push(("check", Vec::new()));
    }
    for (command, flags) in steps {
        let mut step = Command::new(&program);
        // Away from plumbline.hcl: its accounts are not this one.
        step.current_dir(std::env::temp_dir())
            .arg(command)
            .args(flags)
            .arg("--no-bucket-policy")
            .args(&same)
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
