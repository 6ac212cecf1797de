//! Writing results: to standard output, to files, in colour where somebody sees it.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use tf_report::Report;
use tf_report::render::{Options, render};

use crate::args::{Color, OutputArgs};

/// Prints a report where it was asked for, and in all further formats.
///
/// # Errors
/// Where a file cannot be written. A reader of standard output that goes away is no error.
pub fn write_report(report: &Report, args: &OutputArgs, all: bool) -> anyhow::Result<()> {
    for (format, file) in &args.reports {
        let options = Options {
            color: false,
            width: 100,
            quiet: false,
            verbose: true,
            all,
        };
        write_file(file, &render(report, *format, &options))?;
    }
    let on_terminal = args.output.is_none() && std::io::stdout().is_terminal();
    let options = Options {
        color: use_color(args.color, on_terminal),
        width: if on_terminal { terminal_width() } else { 100 },
        quiet: args.quiet,
        verbose: args.verbose,
        all,
    };
    let text = render(report, args.format, &options);
    match &args.output {
        Some(file) => write_file(file, &text),
        None => print(&text),
    }
}

/// Whether to colour what goes to standard output.
pub fn use_color(color: Color, on_terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => on_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Columns of the terminal, as far as they make lines that can be read.
pub fn terminal_width() -> usize {
    usize::from(console::Term::stdout().size().1).clamp(60, 140)
}

/// Prints a text to standard output.
///
/// # Errors
/// Where it cannot be written, but for a reader that has gone away.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

/// Writes a file.
///
/// # Errors
/// Where it cannot be written.
pub fn write_file(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
