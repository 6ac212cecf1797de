//! Tools from PyPI, each in a virtual environment of the checkout.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The folder with the programs of `.venv/<name>`, made of the requirements where it is not there yet.
///
/// # Errors
/// Where Python has no `venv`, or pip cannot install.
pub fn programs(name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let folder = workspace().join(".venv");
    let venv = folder.join(name);
    let complete = venv.join("complete");
    let asked = requirements.join("\n");
    fs::create_dir_all(&folder)?;
    // Tests run side by side, and only one of them may install.
    let lock = File::create(folder.join(format!("{name}.lock")))?;
    lock.lock()?;
    if !fs::read_to_string(&complete).is_ok_and(|installed| installed == asked) {
        // What a link leads to is not ours to empty.
        if venv.is_symlink() {
            bail!(
                "{} is a link: remove it, and it is installed anew",
                venv.display()
            );
        }
        let mut python = Command::new("python3");
        run(
            python.args(["-m", "venv", "--clear"]).arg(&venv),
            "python3 -m venv fails: install python3-venv",
        )?;
        run(
            Command::new(venv.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .args(requirements),
            &format!("pip cannot install {}", requirements.join(" ")),
        )?;
        fs::write(complete, asked)?;
    }
    Ok(venv.join("bin"))
}

fn run(command: &mut Command, failed: &str) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    match status.with_context(|| format!("cannot start {shown}"))?.success() {
        true => Ok(()),
        false => bail!("{failed}"),
    }
}
