//! The Terraform that binaries run, and how Ctrl-C reaches it.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tf_model::config::Input;
use tf_terraform::{InitOptions, Mirror, Program, Stop, Surroundings};

use crate::settings::review::RootSettings;

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

/// The options of `init`: what the settings say of a root's backend, and then what flags say, which wins. In CI the lock file of
/// providers stays as it is, unless somebody wants it changed.
pub fn init_options(
    backend_config: &[String],
    own: Option<&RootSettings>,
    update_lock_file: bool,
    plugin_cache: Option<&Path>,
) -> InitOptions {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    let given = backend_config.iter().map(|setting| {
        // A file is meant as seen from here.
        match setting.contains('=') {
            true => setting.clone(),
            false => std::path::absolute(setting)
                .map_or_else(|_| setting.clone(), |file| file.to_string_lossy().into_owned()),
        }
    });
    let settled = own.map(|own| own.backend_config.clone()).unwrap_or_default();
    InitOptions {
        backend_config: settled.into_iter().chain(given).collect(),
        no_backend: false,
        readonly_lock_file: in_ci && !update_lock_file,
        plugin_cache: plugin_cache.map(Path::to_path_buf),
    }
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
