//! Programs that are measured on an emulated account.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use xtask::emulator::{self, Emulator};

use crate::shell;

/// An emulator that has loaded the services: its first answers take seconds, and would be counted for whoever asks first.
pub(super) fn warm() -> Result<Emulator> {
    let emulator = Emulator::start()?;
    let asks = "import boto3, os, urllib.request\n\
                for service, ask in [('s3', 'list_buckets'), ('kms', 'list_keys'), ('dynamodb', 'list_tables'), ('iam', 'list_roles'),\n\
                \x20                    ('sts', 'get_caller_identity')]:\n\
                \x20   getattr(boto3.client(service), ask)()\n";
    let mut python = Command::new(emulator::programs()?.join("python"));
    python
        .args(["-c", asks])
        .envs(emulator::environment(emulator.url()));
    python.env("AWS_DEFAULT_REGION", emulator::REGION);
    ensure!(shell::succeeds(&mut python)?, "the emulator does not answer");
    Ok(emulator)
}

/// A program in a folder, with the emulator's environment and nothing else of AWS or Terraform.
pub(super) fn program(program: &Path, dir: &Path, emulator: &Emulator) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let bytes = name.as_encoded_bytes();
        if bytes.starts_with(b"AWS_") || bytes.starts_with(b"TF_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(dir)
        .envs(emulator::environment(emulator.url()));
    command
}

pub(super) fn timed(command: &mut Command) -> Result<Duration> {
    let shown = format!("{command:?}");
    let run = shell::measure(command)?;
    ensure!(run.code == Some(0), "{shown} fails: {}", run.output);
    Ok(run.time)
}

pub(super) fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
