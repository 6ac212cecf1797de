//! `tf-drift scan` beside Terraform's own work on the same root; forty small roots side by side and one after another; and a report of a
//! thousand roots' stored results. On an emulated account.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};
use tabled::builder::Builder;
use tabled::settings::Style;
use tf_terraform::{CliConfiguration, Mirror, Surroundings};
use xtask::emulator::Emulator;

use super::account::{median, program, warm};
use super::best;
use crate::shell::{self, Measured};

/// Resources of the large root.
const RESOURCES: usize = 400;
/// Terraform's times differ by some tenths of a second from run to run, always upwards: the fastest of this many is taken.
const RUNS: usize = 8;
/// Small roots.
const ROOTS: usize = 40;
/// How often the small roots are scanned in each way.
const ROUNDS: usize = 2;
/// Roots and scans of the history that is reported.
const STORED: usize = 1_000;
const SCANS: usize = 30;

/// What may be added to Terraform's own time, in per cent; how many times faster side by side is; how long a report takes.
const ADDED: f64 = 2.0;
const FASTER: f64 = 1.7;
const REPORT: f64 = 1.0;

/// A root with so many resources of each of four kinds.
fn configuration(each: usize) -> String {
    format!(
        r#"terraform {{
  required_providers {{
    aws = {{
      source = "hashicorp/aws"
    }}
  }}
}}

provider "aws" {{
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
}}

resource "aws_sns_topic" "this" {{
  count = {each}
  name  = "bench-{each}-${{count.index}}"
}}

resource "aws_iam_user" "this" {{
  count = {each}
  name  = "bench-{each}-${{count.index}}"
}}

resource "aws_ssm_parameter" "this" {{
  count = {each}
  name  = "/bench/{each}/${{count.index}}"
  type  = "String"
  value = "x"
}}

resource "aws_cloudwatch_log_group" "this" {{
  count = {each}
  name  = "/bench/{each}/${{count.index}}"
}}
"#
    )
}

struct Bench {
    tf_drift: PathBuf,
    emulator: Emulator,
    configuration: CliConfiguration,
    dir: PathBuf,
}

pub(super) fn run(args: &[String]) -> Result<bool> {
    let roots = match args {
        [count] => count.parse().context("how many small roots? give a number")?,
        _ => ROOTS,
    };
    let dir = shell::workspace().join("target/bench-drift");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    // Names of roots are seen from here.
    fs::create_dir_all(dir.join(".git"))?;
    let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let bench = Bench {
        tf_drift: shell::tf_drift()?,
        emulator: warm()?,
        configuration: CliConfiguration::new(Mirror::find(&surroundings)?.as_ref())?,
        dir,
    };
    let added = bench.beside_terraform()?;
    let faster = bench.side_by_side(roots)?;
    let report = bench.report()?;
    Ok(added && faster && report)
}

impl Bench {
    fn terraform(&self, root: &Path, args: &[&str]) -> Result<Duration> {
        let mut command = program(Path::new("terraform"), root, &self.emulator);
        command
            .args(args)
            .env("TF_CLI_CONFIG_FILE", self.configuration.path());
        // A plan with changes ends with 2.
        let run = shell::measure(&mut command)?;
        ensure!(
            matches!(run.code, Some(0 | 2)),
            "terraform {args:?} fails: {}",
            run.output
        );
        Ok(run.time)
    }

    fn scan(&self, args: &[&str]) -> Result<Measured> {
        let mut command = program(&self.tf_drift, &self.dir, &self.emulator);
        let run = shell::measure(
            command
                .arg("scan")
                .args(args)
                .args(["--quiet", "--fail-on", "none"]),
        )?;
        ensure!(
            run.code == Some(0),
            "tf-drift scan {args:?} fails: {}",
            run.output
        );
        Ok(run)
    }

    /// A root that is applied.
    fn applied(&self, name: &str, each: usize) -> Result<PathBuf> {
        let root = self.dir.join(name);
        fs::create_dir_all(&root)?;
        fs::write(root.join("main.tf"), configuration(each))?;
        self.terraform(&root, &["init", "-input=false"])?;
        self.terraform(
            &root,
            &["apply", "-auto-approve", "-input=false", "-parallelism=20"],
        )?;
        Ok(root)
    }

    /// The same root, planned with the same flags by both in turns, so that what else the machine does is in both.
    fn beside_terraform(&self) -> Result<bool> {
        let root = self.applied("large", RESOURCES / 4)?;
        let (mut theirs, mut ours, mut own) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let plan = ["plan", "-json", "-input=false", "-detailed-exitcode"];
            let flags = ["-out=bench.tfplan", "-lock=false", "-lock-timeout=0s"];
            let planned = self.terraform(&root, &[&plan[..], &flags[..]].concat())?;
            let shown = self.terraform(&root, &["show", "-json", "-no-color", "bench.tfplan"])?;
            theirs.push(planned + shown);
            let scanned = self.scan(&["large", "--no-init"])?;
            ours.push(scanned.time);
            own.push(scanned.cpu);
        }
        let fastest = |times: Vec<Duration>| times.into_iter().min().unwrap_or_default();
        let (theirs, ours, own) = (fastest(theirs), fastest(ours), fastest(own));
        let percent = |time: Duration| 100.0 * time.as_secs_f64() / theirs.as_secs_f64();
        let added = percent(ours) - 100.0;
        let mut table = Builder::default();
        table.push_record([
            "resources",
            "terraform plan and show s",
            "tf-drift scan s",
            "added %",
            "tf-drift's own processor time ms",
            "of terraform's time %",
        ]);
        table.push_record([
            RESOURCES.to_string(),
            format!("{:.2}", theirs.as_secs_f64()),
            format!("{:.2}", ours.as_secs_f64()),
            format!("{added:.1}"),
            own.as_millis().to_string(),
            format!("{:.1}", percent(own)),
        ]);
        println!("{}", table.build().with(Style::sharp()));
        Ok(added < ADDED)
    }

    /// Small roots, without Terraform's folders and then with them, one after another and two at a time.
    fn side_by_side(&self, count: usize) -> Result<bool> {
        let first = self.applied("small", 1)?;
        let names: Vec<String> = (0..count).map(|at| format!("roots/r{at:02}")).collect();
        for name in &names {
            let root = self.dir.join(name);
            fs::create_dir_all(&root)?;
            // All of them are of the same resources: what is measured is looking at them.
            for file in ["main.tf", "terraform.tfstate", ".terraform.lock.hcl"] {
                fs::copy(first.join(file), root.join(file))?;
            }
        }
        let cache = self.dir.join("cache");
        fs::create_dir_all(&cache)?;
        let cache = cache.display().to_string();
        let fresh = || -> Result<()> {
            for name in &names {
                let data = self.dir.join(name).join(".terraform");
                if data.exists() {
                    fs::remove_dir_all(data)?;
                }
            }
            Ok(())
        };
        let scan = |parallel: &str| -> Result<Duration> {
            let args = [
                "roots",
                "--plugin-cache",
                &cache,
                "--parallel",
                parallel,
                "--history",
                "history",
            ];
            Ok(self.scan(&args)?.time)
        };
        // The cache has the provider after the first root.
        self.scan(&["roots/r00", "--plugin-cache", &cache])?;
        let mut times = [(); 4].map(|()| Vec::new());
        for _ in 0..ROUNDS {
            for (at, parallel) in ["1", "2"].into_iter().enumerate() {
                fresh()?;
                for when in [0, 2] {
                    let time = scan(parallel)?;
                    if let Some(times) = times.get_mut(when + at) {
                        times.push(time);
                    }
                }
            }
        }
        let [one, two, one_again, two_again] = times.each_mut().map(|times| median(times));
        let times_faster = |one: Duration, two: Duration| one.as_secs_f64() / two.as_secs_f64();
        let mut table = Builder::default();
        table.push_record([
            "small roots",
            "one after another s",
            "two at a time s",
            "times faster",
        ]);
        for (what, one, two) in [
            ("not initialised", one, two),
            ("scanned before", one_again, two_again),
        ] {
            table.push_record([
                format!("{count}, {what}"),
                format!("{:.1}", one.as_secs_f64()),
                format!("{:.1}", two.as_secs_f64()),
                format!("{:.2}", times_faster(one, two)),
            ]);
        }
        println!("{}", table.build().with(Style::sharp()));
        Ok(times_faster(one, two) >= FASTER)
    }

    /// What the scans of the small roots left, with findings, as if it were of a thousand roots and thirty days.
    fn report(&self) -> Result<bool> {
        let history = self.dir.join("history/results");
        let mut files: Vec<PathBuf> = fs::read_dir(&history)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        files.sort();
        let last = files.last().context("the scans left nothing")?;
        let result: Json = serde_json::from_slice(&fs::read(last)?)?;
        let stored = self.dir.join("stored");
        fs::create_dir_all(stored.join("results"))?;
        let entry = result.pointer("/roots/0").context("the scan has no root")?;
        for day in 1..=SCANS {
            let at = format!("2026-01-{day:02}T06:00:00Z");
            let mut result = result.clone();
            let entries: Vec<Json> = (0..STORED).map(|at| root(entry, at)).collect();
            result["roots"] = Json::from(entries);
            result["at"] = json!(at);
            result["run"] = json!(format!("day-{day:02}"));
            let name = format!("results/202601{day:02}T060000Z_day-{day:02}_1-of-1.json");
            fs::write(stored.join(name), serde_json::to_vec(&result)?)?;
        }
        let mut table = Builder::default();
        table.push_record(["report", "scans", "roots", "s", "MB"]);
        let mut is_fast = true;
        for format in ["text", "json", "html"] {
            let run = best(|| {
                let mut command = Command::new(&self.tf_drift);
                command
                    .args([
                        "report",
                        "--history",
                        "stored",
                        "--format",
                        format,
                        "--fail-on",
                        "none",
                    ])
                    .current_dir(&self.dir);
                command
            })?;
            ensure!(run.code == Some(0), "the report fails: {}", run.output);
            is_fast &= run.time.as_secs_f64() < REPORT;
            table.push_record([
                format.to_owned(),
                SCANS.to_string(),
                STORED.to_string(),
                format!("{:.3}", run.time.as_secs_f64()),
                (run.peak >> 10).to_string(),
            ]);
        }
        println!("{}", table.build().with(Style::sharp()));
        Ok(is_fast)
    }
}

/// A root of a result with ten findings, under another name.
fn root(entry: &Json, at: usize) -> Json {
    let name = format!("environments/e{:02}/stack-{:02}", at / 40, at % 40);
    let findings: Vec<Json> = (0..10)
        .map(|place| {
            json!({
                "address": format!("module.service[\"{place}\"].aws_security_group.this"), "type": "aws_security_group",
                "class": "reverted", "severity": if place % 3 == 0 { "high" } else { "low" },
                "why": "aws-vpc-security-group-no-public-ssh fails: port 22 is open to everybody",
                "attributes": [{ "path": "ingress[0].cidr_blocks[0]", "before": null, "after": "0.0.0.0/0" }],
                "policies": ["aws-vpc-security-group-no-public-ssh"],
                "fingerprint": format!("{at:08x}{place:08x}"), "subject": format!("{at:08x}{place:08x}"),
                "first_seen": "2026-01-01T06:00:00Z", "last_seen": "2026-01-02T06:00:00Z", "state": "ongoing",
                "file": format!("{name}/main.tf"), "lines": [10, 30],
                "remedy": { "accept": "In main.tf, lines 10 to 30:\n\n-   a = 1\n+   a = 2", "revert": "Take it back:\n\nterraform apply" },
            })
        })
        .collect();
    let mut entry = entry.clone();
    entry["root"] = json!(name);
    entry["report"]["root"] = json!(name);
    entry["report"]["status"] = json!("drifted");
    entry["report"]["findings"] = Json::from(findings);
    entry
}
