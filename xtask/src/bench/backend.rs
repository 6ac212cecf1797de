//! `tf-bootstrap create` beside `terraform init && terraform apply` of the same resources, each on an emulated account of its own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use tabled::builder::Builder;
use tabled::settings::Style;
use tf_terraform::{CliConfiguration, Mirror, Surroundings};

use super::account::{median, program, timed, warm};
use crate::shell;

/// Our runs are short: the median of this many is taken. Terraform runs once.
const RUNS: usize = 3;
const SETTINGS: &str = r#"bootstrap {
  bucket = "plumbline-bench-state"
  table  = "plumbline-bench-locks"

  replication {
    region = "eu-central-1"
  }

  object_lock {
    mode = "governance"
    days = 2
  }

  github {
    repository = "acme/infra"
  }
}
"#;

pub(super) fn run() -> Result<bool> {
    let tf_bootstrap = shell::tf_bootstrap()?;
    let scratch = shell::workspace().join("target/bench-backend");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    let (ours, theirs) = (scratch.join("ours"), scratch.join("theirs"));
    let root = ours.join("environments/dev/app");
    fs::create_dir_all(&root)?;
    fs::create_dir_all(&theirs)?;
    fs::write(ours.join("plumbline.hcl"), SETTINGS)?;
    fs::write(root.join("main.tf"), "variable \"size\" {\n  type = number\n}\n")?;
    fs::copy(
        shell::workspace().join("tests/emulated/backend/main.tf"),
        theirs.join("main.tf"),
    )?;

    let (mut made, mut again) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        for file in ["backend.tf", "backend.hcl"] {
            let _ = fs::remove_file(root.join(file));
        }
        let emulator = warm()?;
        let create = || timed(program(&tf_bootstrap, &ours, &emulator).args(["create", "--yes", "--quiet"]));
        made.push(create()?);
        again.push(create()?);
    }

    let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let configuration = CliConfiguration::new(Mirror::find(&surroundings)?.as_ref())?;
    let emulator = warm()?;
    let terraform = |args: &[&str]| {
        let mut command = program(Path::new("terraform"), &theirs, &emulator);
        timed(
            command
                .args(args)
                .arg("-no-color")
                .env("TF_CLI_CONFIG_FILE", configuration.path()),
        )
    };
    let init = terraform(&["init", "-input=false"])?;
    let apply = terraform(&["apply", "-input=false", "-auto-approve"])?;
    let plan = terraform(&["plan", "-input=false"])?;

    let (made, again) = (median(&mut made), median(&mut again));
    let seconds = |time: Duration| format!("{:.2}", time.as_secs_f64());
    let times =
        |theirs: Duration, ours: Duration| format!("{:.0}", theirs.as_secs_f64() / ours.as_secs_f64());
    let mut table = Builder::default();
    table.push_record(["a whole backend", "Terraform s", "tf-bootstrap s", "times faster"]);
    table.push_record([
        "made (init and apply; create)",
        &seconds(init + apply),
        &seconds(made),
        &times(init + apply, made),
    ]);
    table.push_record([
        "looked at again (plan; create)",
        &seconds(plan),
        &seconds(again),
        &times(plan, again),
    ]);
    println!("{}", table.build().with(Style::sharp()));
    Ok(true)
}
