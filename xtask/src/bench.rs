//! `cargo xtask bench PATH...`: wall time and peak memory on release builds, beside Checkov and beside the bare parse of the same
//! files in the same run; then a large plan, and the list of policies. `cargo xtask bench --bootstrap`: a backend, beside Terraform.
//! `cargo xtask bench --review`: reviews of plans, beside Terraform's own work on them; with `large`, those of large plans alone.
//! `cargo xtask bench --envdiff`: three large environments side by side.
//! `cargo xtask bench --drift [ROOTS]`: scans beside Terraform's own work, side by side, and a report of a thousand roots.
//! `cargo xtask bench --cost`: an estimate, and a price catalogue made of files of AWS's shape.

mod account;
mod backend;
mod cost;
mod drift;
mod envdiff;
mod plan;
mod review;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tabled::builder::Builder;
use tabled::settings::Style;

use crate::parity::run_checkov;
use crate::shell::{self, Measured};

/// Our runs are short: the best of this many is taken. Checkov runs once.
const RUNS: usize = 7;

pub(crate) fn run(args: &[String]) -> Result<bool> {
    match args {
        [what] if what == "--bootstrap" => return backend::run(),
        [what] if what == "--cost" => return cost::run(),
        [what, more @ ..] if what == "--drift" && more.len() < 2 => return drift::run(more),
        [what] if what == "--envdiff" => return envdiff::run(),
        [what] if what == "--review" => return review::run(),
        [what, which] if what == "--review" && which == "large" => return review::large(),
        [] => bail!(
            "usage: cargo xtask bench PATH... (repositories with Terraform; name several), or cargo xtask bench --bootstrap, --cost, --drift, --envdiff or --review"
        ),
        _ => {}
    }
    let checkov = shell::checkov()?;
    let tf_gate = shell::tf_gate()?;
    let parser = shell::parser()?;
    let mut table = Builder::default();
    table.push_record([
        "repository",
        "lines",
        "Checkov s",
        "tf-gate s",
        "times faster",
        "Checkov MB",
        "tf-gate MB",
        "memory",
        "bare parse s",
        "times bare parse",
    ]);
    for path in args {
        let path = Path::new(path)
            .canonicalize()
            .with_context(|| format!("{path} is not there"))?;
        let theirs = run_checkov(&checkov, &path)?;
        let ours = best(|| {
            let mut command = Command::new(&tf_gate);
            command
                .args(["check", "--format", "json", "--allow-missing-modules"])
                .arg(&path);
            command
        })?;
        let parse = best(|| {
            let mut command = Command::new(&parser);
            command.arg(&path);
            command
        })?;
        let parse = parse.time.as_secs_f64();
        let (a, b) = (theirs.time.as_secs_f64(), ours.time.as_secs_f64());
        table.push_record([
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            lines(&path).to_string(),
            format!("{a:.2}"),
            format!("{b:.4}"),
            format!("{:.0}", a / b),
            (theirs.peak / 1024).to_string(),
            (ours.peak / 1024).to_string(),
            format!("1/{:.0}", theirs.peak as f64 / ours.peak.max(1) as f64),
            format!("{parse:.4}"),
            format!("{:.1}", b / parse),
        ]);
    }
    println!("{}", table.build().with(Style::sharp()));
    let large = shell::workspace().join("target/bench-plan.json");
    plan::write(&large)?;
    let judged = best(|| {
        let mut command = Command::new(&tf_gate);
        command.args(["check", "--format", "json", "--plan"]).arg(&large);
        command
    })?;
    println!(
        "a plan of {} MB: {:.2} s, {} MB",
        plan::SIZE >> 20,
        judged.time.as_secs_f64(),
        judged.peak / 1024
    );
    let listed = best(|| {
        let mut command = Command::new(&tf_gate);
        command.args(["policies", "list"]);
        command
    })?;
    println!("policies list: {:.1} ms", listed.time.as_secs_f64() * 1000.0);
    Ok(true)
}

/// The fastest of several runs.
fn best(command: impl Fn() -> Command) -> Result<Measured> {
    let mut best: Option<Measured> = None;
    for _ in 0..RUNS {
        let run = shell::measure(&mut command())?;
        if run.code.is_none() {
            bail!("the program was killed");
        }
        let fastest = best.as_ref().map_or(Duration::MAX, |best| best.time);
        let peak = best.as_ref().map_or(0, |best| best.peak).max(run.peak);
        if run.time < fastest {
            best = Some(run);
        }
        if let Some(best) = &mut best {
            best.peak = peak;
        }
    }
    best.context("no run")
}

/// Lines of the `.tf` files below a folder.
fn lines(path: &Path) -> usize {
    let mut count = 0;
    let mut pending = vec![path.to_path_buf()];
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tf") {
                count += std::fs::read(&path)
                    .map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count());
            }
        }
    }
    count
}
