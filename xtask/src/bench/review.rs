//! `tf-gate plan` beside `terraform plan` and `terraform show -json` of the same root, on an emulated account; and the review of a large
//! plan that is there already.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use tabled::builder::Builder;
use tabled::settings::Style;
use tf_terraform::{CliConfiguration, Mirror, Surroundings};

use super::account::{median, program, timed, warm};
use super::{best, plan};
use crate::shell;

/// Resources of the root.
const RESOURCES: usize = 1_000;
/// Terraform's times differ by some tenths of a second from run to run: the median of this many is taken.
const RUNS: usize = 5;

const ROOT: &str = r#"terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
}

resource "aws_sqs_queue" "this" {
  count = 250
  name  = "bench-${count.index}"
}

resource "aws_ebs_volume" "this" {
  count             = 250
  availability_zone = "eu-west-1a"
  size              = count.index + 1
}

resource "aws_ssm_parameter" "this" {
  count = 250
  name  = "/bench/${count.index}"
  type  = "String"
  value = "x"
}

resource "aws_cloudwatch_log_group" "this" {
  count = 250
  name  = "/bench/${count.index}"
}
"#;

pub(super) fn run() -> Result<bool> {
    let tf_gate = shell::tf_gate()?;
    let root = shell::workspace().join("target/bench-review");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(&root)?;
    fs::write(root.join("main.tf"), ROOT)?;
    let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let configuration = CliConfiguration::new(Mirror::find(&surroundings)?.as_ref())?;
    let emulator = warm()?;
    let terraform = |args: &[&str]| {
        let mut command = program(Path::new("terraform"), &root, &emulator);
        timed(
            command
                .args(args)
                .arg("-no-color")
                .env("TF_CLI_CONFIG_FILE", configuration.path()),
        )
    };
    terraform(&["init", "-input=false"])?;
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    // In turns, so that what else the machine does is in both.
    for _ in 0..RUNS {
        let planned = terraform(&["plan", "-input=false", "-out=bench.tfplan"])?;
        let shown = {
            let mut command = program(Path::new("terraform"), &root, &emulator);
            timed(command.args(["show", "-json", "bench.tfplan"]))?
        };
        theirs.push(planned + shown);
        let mut command = program(&tf_gate, &root, &emulator);
        ours.push(timed(command.args([
            "plan",
            ".",
            "--no-init",
            "--out",
            "review",
            "--fail-on",
            "none",
            "-q",
        ]))?);
    }
    let (theirs, ours) = (median(&mut theirs), median(&mut ours));
    let added = ours.saturating_sub(theirs);
    let mut table = Builder::default();
    table.push_record([
        "resources",
        "terraform plan and show s",
        "tf-gate plan s",
        "added ms",
        "added %",
    ]);
    table.push_record([
        RESOURCES.to_string(),
        format!("{:.2}", theirs.as_secs_f64()),
        format!("{:.2}", ours.as_secs_f64()),
        added.as_millis().to_string(),
        format!("{:.1}", 100.0 * added.as_secs_f64() / theirs.as_secs_f64()),
    ]);
    println!("{}", table.build().with(Style::sharp()));
    large()
}

/// The reviews of large plans, whole: judged before and after, priced, and written in all their forms.
pub(super) fn large() -> Result<bool> {
    let tf_gate = shell::tf_gate()?;
    let target = shell::workspace().join("target");
    let empty = target.join("bench-review/empty");
    fs::create_dir_all(&empty)?;
    fs::write(empty.join("main.tf"), "")?;
    let (kept, changed) = (
        target.join("bench-plan.json"),
        target.join("bench-plan-changed.json"),
    );
    plan::write(&kept)?;
    plan::write_changed(&changed)?;
    for (what, file) in [("three quarters stay", kept), ("all 20,000 change", changed)] {
        let size = fs::metadata(&file)?.len();
        let run = best(|| {
            let mut command = Command::new(&tf_gate);
            command.arg("plan").arg(&empty).arg("--plan").arg(&file);
            command.args(["--fail-on", "none", "-q", "--out"]);
            command.arg(target.join("bench-review/large"));
            command
        })?;
        ensure!(
            run.code == Some(0) && run.time > Duration::ZERO,
            "the review of the large plan fails: {}",
            run.output
        );
        println!(
            "a plan of {} MB, {what}: {:.2} s, {} MB ({:.1} times the file)",
            size >> 20,
            run.time.as_secs_f64(),
            run.peak >> 10,
            (run.peak << 10) as f64 / size as f64
        );
    }
    Ok(true)
}
