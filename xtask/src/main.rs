//! The project's own commands; one file each.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A terminal is what these commands are for.

mod bench;
mod bootstrap;
mod ci;
mod docs;
mod expressions;
mod parity;
mod review;
mod schema;
mod shell;
mod test;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND
  review [PATH]...           judge environments/dev/services, or other folders, by the policies
  bootstrap [ARGS]...        make or complete the account's state backend; --local: an emulated account's
  test [ARGS]...             all tests; arguments go to cargo test
  ci                         what CI runs: format, lints, documentation, tests
  parity --checkov PATH...   verdicts and time beside Checkov's
  bench PATH...              speed and memory beside Checkov's, on release builds
  bench --bootstrap          a backend made beside Terraform, on an emulated account
  bench --cost               an estimate of 1,000 resources, and a catalogue made of price files
  bench --drift [ROOTS]      scans beside Terraform's own work, forty small roots side by side, a report of 1,000 roots
  bench --envdiff            three large environments side by side
  bench --review [large]     reviews of plans beside Terraform's own work on them, and those of large plans, or these alone
  emulator [COMMAND...]      an emulated AWS account for a command, or until Ctrl-C
  expressions [--check]      remake the table of expressions with terraform console
  schema [--check]           remake the provider's schema and defaults
  docs [--check]             remake the tables in the modules' README files";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let args: Vec<String> = args.collect();
    let result = match command.as_str() {
        "review" => review::run(&args),
        "bootstrap" => bootstrap::run(&args),
        "test" => test::run(&args),
        "ci" => ci::run(),
        "parity" => parity::run(&args),
        "bench" => bench::run(&args),
        "expressions" => expressions::run(&args).map(|()| true),
        "emulator" => emulate(&args),
        "docs" => docs::run(&args).map(|()| true),
        "schema" => schema::run(&args).map(|()| true),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs a command with an emulated AWS account; without one, waits until it is stopped.
fn emulate(args: &[String]) -> anyhow::Result<bool> {
    let emulator = xtask::emulator::Emulator::start()?;
    let environment = xtask::emulator::environment(emulator.url());
    match args {
        [] => {
            for (name, value) in environment {
                println!("export {name}={value}");
            }
            emulator.wait()?;
            Ok(true)
        }
        [program, args @ ..] => {
            let mut command = std::process::Command::new(program);
            shell::succeeds(command.args(args).envs(environment))
        }
    }
}
