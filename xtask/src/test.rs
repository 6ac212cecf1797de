//! `cargo xtask test`: all tests, their programs side by side.
//!
//! `cargo test` runs one program after the other. Many of ours wait for Terraform and its provider most of the time, so they take
//! half as long when two of them share two processors.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::{cargo, succeeds, workspace};

/// What takes a minute or more, the longest first: what is begun last must not be what everything waits for.
const LONGEST: &[&str] = &[
    "environments",
    "bootstrap_states",
    "bootstrap_faults",
    "modules",
    "drift_roots",
    "values",
    "drift_workflow",
    "envdiff",
    "drift",
    "bootstrap_create",
    "plan",
    "drift_unmanaged",
    "apply",
];

/// A program of tests, built.
struct Program {
    /// Package and target, `plumbline-tests::drift`.
    name: String,
    target: String,
    executable: PathBuf,
    /// Where `cargo test` would run it.
    folder: PathBuf,
}

/// How a program ended.
struct Ended {
    name: String,
    passed: bool,
    took: Duration,
    output: PathBuf,
}

/// All tests; with arguments what `cargo test` makes of them.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    if !args.is_empty() {
        return succeeds(cargo().args(["test", "--workspace", "--no-fail-fast"]).args(args));
    }
    let Some(programs) = build()? else {
        return Ok(false);
    };
    let failed = side_by_side(programs)?;
    let examples = succeeds(cargo().args(["test", "--workspace", "--no-fail-fast", "--doc", "--quiet"]))?;
    for program in &failed {
        println!("\n== {} failed\n", program.name);
        // What a test printed need not be text.
        println!("{}", String::from_utf8_lossy(&fs::read(&program.output)?));
    }
    match failed.is_empty() {
        true => println!("every program of tests passed"),
        false => {
            let names: Vec<&str> = failed.iter().map(|program| program.name.as_str()).collect();
            println!("failed: {}", names.join(", "));
        }
    }
    Ok(failed.is_empty() && examples)
}

/// Builds all programs of tests; `None` where one does not build, which cargo has explained.
fn build() -> Result<Option<Vec<Program>>> {
    let output = cargo()
        .args([
            "test",
            "--workspace",
            "--no-run",
            "--message-format",
            "json-render-diagnostics",
        ])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        return Ok(None);
    }
    let mut programs = Vec::new();
    for line in output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let message: Value =
            serde_json::from_slice(line).context("cargo answers with something else than JSON")?;
        if message["reason"] == "compiler-artifact" && message["profile"]["test"] == true {
            programs.extend(program(&message)?);
        }
    }
    if programs.is_empty() {
        bail!("cargo has built no tests");
    }
    programs.sort_by_key(|program| {
        let place = LONGEST.iter().position(|name| *name == program.target);
        (place.unwrap_or(LONGEST.len()), program.name.clone())
    });
    Ok(Some(programs))
}

/// The program that one message of cargo's tells of; `None` where there is nothing to run.
fn program(message: &Value) -> Result<Option<Program>> {
    let Some(executable) = message["executable"].as_str() else {
        return Ok(None);
    };
    let manifest = message["manifest_path"]
        .as_str()
        .context("an artifact without a manifest")?;
    let folder = Path::new(manifest)
        .parent()
        .context("a manifest without a folder")?;
    let target = message["target"]["name"]
        .as_str()
        .context("an artifact without a name")?;
    let package = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = match message["target"]["kind"][0].as_str() {
        Some("bin") => format!("{package} (program)"),
        _ if package.replace('-', "_") == target.replace('-', "_") => package.to_string(),
        _ => format!("{package}::{target}"),
    };
    Ok(Some(Program {
        name,
        target: target.to_owned(),
        executable: executable.into(),
        folder: folder.to_owned(),
    }))
}

/// Runs the programs, as many at a time as there are processors, and returns those that failed.
fn side_by_side(programs: Vec<Program>) -> Result<Vec<Ended>> {
    let outputs = workspace().join("target/tests");
    fs::create_dir_all(&outputs)?;
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let waiting = Mutex::new(programs.into_iter());
    let failed = Mutex::new(Vec::new());
    let next = || waiting.lock().ok().and_then(|mut programs| programs.next());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..processors)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while let Some(program) = next() {
                        let ended = one(program, &outputs)?;
                        let verdict = if ended.passed { "passed" } else { "FAILED" };
                        println!("{verdict} {:>7.1} s  {}", ended.took.as_secs_f64(), ended.name);
                        if let (false, Ok(mut failed)) = (ended.passed, failed.lock()) {
                            failed.push(ended);
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(ended) => ended,
            Err(_) => bail!("a runner of tests panicked"),
        })
    })?;
    failed
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a runner of tests panicked"))
}

/// Runs one program; what it prints goes into a file, because two of them would mix their lines.
fn one(program: Program, outputs: &Path) -> Result<Ended> {
    let output = outputs
        .join(program.name.replace([':', ' ', '(', ')'], "-"))
        .with_extension("log");
    let file = File::create(&output)?;
    let start = Instant::now();
    let status = Command::new(&program.executable)
        .current_dir(&program.folder)
        .env("CARGO_MANIFEST_DIR", &program.folder)
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("cannot start {}", program.executable.display()))?;
    Ok(Ended {
        name: program.name,
        passed: status.success(),
        took: start.elapsed(),
        output,
    })
}
