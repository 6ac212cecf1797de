//! `tf-gate console`

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use tf_cli::args::VariableArgs;
use tf_cli::exit::Exit;
use tf_lang::{Diagnostic, SourceFile};
use tf_model::config::CONSOLE_FILE;
use tf_model::{Options, Project};

/// Evaluate expressions read from standard input, one a line, as `terraform console` would
///
/// What is only known after apply prints as (known after apply), what is sensitive as (sensitive value). An error goes to
/// standard error, and the next line is read; the exit code is then 2.
#[derive(Args, Debug)]
pub(crate) struct ConsoleArgs {
    /// The root module
    #[arg(value_name = "ROOT", default_value = ".")]
    root: PathBuf,
    #[command(flatten)]
    variables: VariableArgs,
    /// The workspace that terraform.workspace names
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE", default_value = "default")]
    workspace: String,
}

pub(crate) fn run(args: ConsoleArgs) -> anyhow::Result<Exit> {
    if !args.root.is_dir() {
        bail!("{} is not a folder", args.root.display());
    }
    let options = Options {
        inputs: args.variables.inputs(std::env::args()),
        workspace: args.workspace,
        each_module: false,
        strict_files: true,
    };
    let project = Project::load_root(&args.root, &options)?;
    let console = project.console();
    let input = std::io::stdin();
    let interactive = input.is_terminal();
    let mut exit = Exit::Clean;
    let mut out = std::io::stdout().lock();
    let mut err = std::io::stderr().lock();
    let prompt = |err: &mut dyn Write| {
        if interactive {
            err.write_all(b"> ").and_then(|()| err.flush())
        } else {
            Ok(())
        }
    };
    prompt(&mut err)?;
    for line in input.lock().split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        match line {
            "" => {}
            "exit" => return Ok(exit),
            _ => match console.eval(line) {
                Ok(text) => {
                    let written = writeln!(out, "{text}").and_then(|()| out.flush());
                    if written.is_err() {
                        // Whoever reads has gone away.
                        return Ok(exit);
                    }
                }
                Err(problems) => {
                    exit = Exit::Failed;
                    let source = SourceFile::new("<console-input>", line);
                    for problem in &problems {
                        err.write_all(describe(problem, &source, &project).as_bytes())?;
                    }
                }
            },
        }
        prompt(&mut err)?;
    }
    Ok(exit)
}

fn describe(problem: &Diagnostic, console: &SourceFile, project: &Project) -> String {
    let place = problem.span.and_then(|span| match span.file == CONSOLE_FILE {
        true => Some((console.name().to_owned(), console.position(span.start))),
        false => {
            let file = project.sources().get(span.file)?;
            Some((file.name().to_owned(), file.position(span.start)))
        }
    });
    let on = place
        .map(|(file, position)| format!("\n  on {file} line {}, column {}", position.line, position.column))
        .unwrap_or_default();
    format!("Error: {}{on}\n\n{}\n\n", problem.summary, problem.detail)
}
