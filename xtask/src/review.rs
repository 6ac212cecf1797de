//! `cargo xtask review`

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tf_terraform::{Mirror, Program, Surroundings, TerraformError};
use xtask::emulator::{self, Emulator, REGION};

use crate::shell;

/// What is reviewed where nothing is named.
const ROOT: &str = "environments/dev/services";

/// Reviews the plan of a root of `environments/dev` in an emulated account; without Terraform, and for any other folder, its
/// configuration.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let tf_gate = shell::tf_gate()?;
    let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let mirror = Mirror::find(&surroundings)?;
    let terraform = Program::find(None, std::env::var_os("PATH").as_deref(), mirror.as_ref());
    let mut command = Command::new(tf_gate);
    command.current_dir(shell::workspace()).arg("plan");
    let status = match (args, terraform) {
        ([], Ok(terraform)) => return planned(&mut command, ROOT, &terraform),
        ([root], Ok(terraform)) if is_of_dev(root) => return planned(&mut command, root, &terraform),
        ([], Err(error @ TerraformError::NotFound { .. })) => {
            eprintln!("{error}: the configuration is reviewed without a plan");
            command.args(["--static", ROOT]).status()?
        }
        ([], Err(error)) => return Err(error.into()),
        (roots, _) => command.arg("--static").args(roots).status()?,
    };
    // Findings are what a review is for; only what could not be done is a failure of the command.
    Ok(matches!(status.code(), Some(0 | 1)))
}

fn is_of_dev(root: &str) -> bool {
    let dev = shell::workspace().join("environments/dev");
    shell::workspace()
        .join(root)
        .canonicalize()
        .is_ok_and(|root| root.starts_with(dev))
}

fn planned(command: &mut Command, root: &str, terraform: &Program) -> Result<bool> {
    let scratch = shell::workspace().join("target/review");
    let emulator = Emulator::start()?;
    let zone = prepare(&emulator, terraform, &scratch)?;
    let dir = shell::workspace().join(root);
    // Terraform notes the providers of this machine in the root: what was not there goes again.
    let lock_file = dir.join(".terraform.lock.hcl");
    let had_lock_file = lock_file.exists();
    command
        .envs(emulator::environment(emulator.url()))
        .env("TF_DATA_DIR", scratch.join("data"))
        .arg(root)
        .arg("--out")
        .arg(scratch.join("result"));
    for setting in [
        "bucket=plumbline-review",
        "key=review.tfstate",
        &format!("region={REGION}"),
        "use_path_style=true",
        "skip_credentials_validation=true",
        "skip_metadata_api_check=true",
        "skip_requesting_account_id=true",
    ] {
        command.arg("--backend-config").arg(setting);
    }
    if fs::read_to_string(dir.join("variables.tf"))?.contains("variable \"domain\"") {
        let domain = format!("domain={{name=\"dev.example.com\",zone_id=\"{zone}\"}}");
        command.arg("--var").arg(domain);
    }
    let status = command.status();
    if !had_lock_file {
        let _ = fs::remove_file(lock_file);
    }
    Ok(matches!(status?.code(), Some(0 | 1)))
}

/// Makes what the roots expect of their account; gives the id of its zone.
fn prepare(emulator: &Emulator, terraform: &Program, scratch: &Path) -> Result<String> {
    let dir: PathBuf = scratch.join("prerequisites");
    if scratch.exists() {
        fs::remove_dir_all(scratch)?;
    }
    fs::create_dir_all(&dir)?;
    let source = shell::workspace().join("tests/emulated/prerequisites/main.tf");
    fs::copy(source, dir.join("main.tf"))?;
    let script = format!(
        "import boto3; boto3.client('s3').create_bucket(Bucket='plumbline-review', CreateBucketConfiguration={{'LocationConstraint': '{REGION}'}})"
    );
    let status = Command::new(emulator::programs()?.join("python"))
        .args(["-c", &script])
        .envs(emulator::environment(emulator.url()))
        .env("AWS_DEFAULT_REGION", REGION)
        .status()?;
    ensure!(status.success(), "the bucket of the state cannot be made");
    let run = |args: &[&str]| -> Result<String> {
        let output = terraform
            .command(&dir)
            .args(args.iter().map(OsStr::new))
            .envs(emulator::environment(emulator.url()))
            .output()?;
        ensure!(
            output.status.success(),
            "terraform {} fails:\n{}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    run(&["init", "-input=false"])?;
    run(&["apply", "-auto-approve", "-input=false"])?;
    run(&["output", "-raw", "zone_id"]).context("the zone has no id")
}
