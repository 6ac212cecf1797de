//! Running other programs.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

pub(crate) use xtask::workspace;

/// The cargo that runs us, without what it says of this package: build scripts that look at it would run again each time.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command with our own terminal; `false` where it fails.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let shown = format!("{command:?}");
    Ok(command
        .status()
        .with_context(|| format!("cannot start {shown}"))?
        .success())
}

/// Builds the release `tf-gate` and returns its path.
pub(crate) fn tf_gate() -> Result<PathBuf> {
    build(
        "release",
        &["--package", "tf-gate", "--bin", "tf-gate"],
        "tf-gate",
    )
}

/// Builds the release `tf-cost` and returns its path.
pub(crate) fn tf_cost() -> Result<PathBuf> {
    build(
        "release",
        &["--package", "tf-cost", "--bin", "tf-cost"],
        "tf-cost",
    )
}

/// Builds `tf-envdiff` and returns its path.
pub(crate) fn tf_envdiff() -> Result<PathBuf> {
    build(
        "release",
        &["--package", "tf-envdiff", "--bin", "tf-envdiff"],
        "tf-envdiff",
    )
}

/// Builds `tf-drift` and returns its path.
pub(crate) fn tf_drift() -> Result<PathBuf> {
    build(
        "client",
        &["--package", "tf-drift", "--bin", "tf-drift"],
        "tf-drift",
    )
}

/// Builds `tf-bootstrap` and returns its path.
pub(crate) fn tf_bootstrap() -> Result<PathBuf> {
    build(
        "client",
        &["--package", "tf-bootstrap", "--bin", "tf-bootstrap"],
        "tf-bootstrap",
    )
}

/// Builds the program that does nothing but parse, and returns its path.
pub(crate) fn parser() -> Result<PathBuf> {
    build(
        "release",
        &["--package", "tf-lang", "--example", "parse"],
        "examples/parse",
    )
}

fn build(profile: &str, what: &[&str], path: &str) -> Result<PathBuf> {
    if !succeeds(
        cargo()
            .args(["build", "--quiet", "--profile", profile])
            .args(what),
    )? {
        bail!("{path} does not build");
    }
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => workspace().join(dir),
        None => workspace().join("target"),
    };
    Ok(target.join(profile).join(path))
}

/// Checkov, from PyPI.
pub(crate) fn checkov() -> Result<PathBuf> {
    Ok(xtask::python::programs("checkov", &["checkov>=3.2,<4"])?.join("checkov"))
}

/// What a finished run took.
pub(crate) struct Measured {
    /// Standard output.
    pub(crate) output: String,
    /// Wall time.
    pub(crate) time: Duration,
    /// Largest resident set, in KiB.
    pub(crate) peak: u64,
    /// Processor time of the program itself, without that of its children, to some hundredths of a second.
    pub(crate) cpu: Duration,
    /// Exit code.
    pub(crate) code: Option<i32>,
}

/// Runs a command and measures its wall time and peak memory.
pub(crate) fn measure(command: &mut Command) -> Result<Measured> {
    use std::io::Read;
    use std::process::Stdio;
    let shown = format!("{command:?}");
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {shown}"))?;
    let mut output = String::new();
    let status_file = format!("/proc/{}/status", child.id());
    let mut stdout = child.stdout.take().context("no output")?;
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stdout.read_to_end(&mut bytes);
        bytes
    });
    let stat_file = format!("/proc/{}/stat", child.id());
    let (mut peak, mut cpu) = (0, Duration::ZERO);
    let status = loop {
        peak = peak.max(high_water(&status_file));
        cpu = cpu.max(processor_time(&stat_file));
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_micros(500)),
        }
    };
    let time = start.elapsed();
    if let Ok(bytes) = reader.join() {
        output = String::from_utf8_lossy(&bytes).into_owned();
    }
    Ok(Measured {
        output,
        time,
        peak,
        cpu,
        code: status.code(),
    })
}

/// `VmHWM` of a process, in KiB; 0 where there is none.
fn high_water(status_file: &str) -> u64 {
    let status = std::fs::read_to_string(status_file).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

/// `utime` and `stime` of a process, in hundredths of a second: Linux counts all its threads. See proc(5).
fn processor_time(stat_file: &str) -> Duration {
    let stat = std::fs::read_to_string(stat_file).unwrap_or_default();
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = behind_name.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
