//! The Terraform that binaries run, and how Ctrl-C reaches it.

use std::ffi::OsString;
use std::io::Write;

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tf_model::config::Input;
use tf_terraform::{Mirror, Program, Stop, Surroundings};

/// Finds the program that was named, else `terraform`, else `tofu`, with a mirror of providers where there is one.
///
/// # Errors
/// Where there is none, or one that is too old.
pub fn program(named: Option<&OsString>) -> anyhow::Result<Program> {
    let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir())
        .keeping_the_users(std::env::var_os("TF_CLI_CONFIG_FILE"));
    let mirror = Mirror::find(&surroundings)?;
    Ok(Program::find(
        named.map(OsString::as_os_str),
        std::env::var_os("PATH").as_deref(),
        mirror.as_ref(),
    )?)
}

/// Passes Ctrl-C and requests to end on: the first asks all children to stop as Terraform does, the next ones more urgently.
///
/// # Errors
/// Where the system does not let us receive signals.
pub fn stop_on_signals() -> anyhow::Result<Stop> {
    let stop = Stop::new();
    let passed_on = stop.clone();
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals of the system cannot be received")?;
    std::thread::spawn(move || {
        for (at, _) in signals.forever().enumerate() {
            let text: &[u8] = match at {
                0 => b"\nStopping: Terraform ends what it is doing and gives its lock back. Once more to hurry it.\n",
                1 => b"\nStopping at once. Once more to kill Terraform: its state and its lock may then be left behind.\n",
                _ => b"\nKilled.\n",
            };
            let _ = std::io::stderr().write_all(text);
            passed_on.request();
        }
    });
    Ok(stop)
}

/// Values of variables as Terraform's own flags, in their order; a file is meant as seen from here.
pub fn variable_flags(inputs: &[Input]) -> Vec<String> {
    let flag = |input: &Input| match input {
        Input::Var(name, value) => format!("-var={name}={value}"),
        Input::File(file) => {
            let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            format!("-var-file={}", file.display())
        }
    };
    inputs.iter().map(flag).collect()
}
