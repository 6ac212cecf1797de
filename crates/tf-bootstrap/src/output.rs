//! Where results go: standard output or a file, once all accounts are done. Progress and diagnostics go to standard error.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use tf_cli::args::Color;
use tf_report::render::Format;

use crate::error::Error;

/// Where and how results go.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArgs {
    /// Format of the results; `check` has all of them, the others text and json
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", env = "TF_BOOTSTRAP_FORMAT", value_parser = parse_format)]
    pub(crate) format: Format,
    /// Write the results to a file instead of standard output
    #[arg(long, short, global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        env = "TF_BOOTSTRAP_COLOR"
    )]
    pub(crate) color: Color,
    /// Print only what matters
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Print more
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

pub(crate) fn parse_format(text: &str) -> Result<Format, String> {
    text.parse::<Format>().map_err(|error| error.to_string())
}

/// The results of a run. With several accounts, each adds its own.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// What was asked for.
    pub(crate) args: OutputArgs,
    /// Whether text may be coloured.
    pub(crate) color: bool,
    text: Arc<Mutex<String>>,
}

impl Output {
    pub(crate) fn new(args: OutputArgs) -> Output {
        let on_terminal = args.output.is_none() && std::io::stdout().is_terminal();
        Output {
            color: tf_cli::output::use_color(args.color, on_terminal),
            args,
            text: Arc::default(),
        }
    }

    /// Whether JSON is asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.args.format == Format::Json
    }

    /// Refuses formats that a subcommand does not have.
    ///
    /// # Errors
    /// For every format but text and JSON.
    pub(crate) fn only_text_and_json(&self) -> Result<(), Error> {
        match self.args.format {
            Format::Text | Format::Json => Ok(()),
            other => Err(Error::Usage(format!(
                "--format {} is for check only; here there are text and json",
                other.as_str()
            ))),
        }
    }

    /// Adds to the results. A text ends with a line feed.
    pub(crate) fn add(&self, text: &str) {
        self.text
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(text);
    }

    /// Adds a JSON document, two spaces an indent.
    pub(crate) fn add_json(&self, document: &serde_json::Value) {
        self.add(&format!("{document:#}\n"));
    }

    /// Says something to the person who waits, on standard error; nothing with `--quiet`.
    pub(crate) fn say(&self, line: &str) {
        if !self.args.quiet {
            self.warn(line);
        }
    }

    /// Says something that must be heard, on standard error.
    pub(crate) fn warn(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// Writes what was added where it was asked for.
    pub(crate) fn flush(&self) -> anyhow::Result<()> {
        let text = std::mem::take(&mut *self.text.lock().unwrap_or_else(PoisonError::into_inner));
        match (&self.args.output, text.is_empty()) {
            (Some(file), _) => tf_cli::output::write_file(file, &text),
            (None, true) => Ok(()),
            (None, false) => tf_cli::output::print(&text),
        }
    }
}

/// A document's first fields: `schema` of that kind, `tool`, `version`.
pub(crate) fn document(kind: &str) -> serde_json::Map<String, serde_json::Value> {
    let mut document = serde_json::Map::new();
    document.insert("schema".to_owned(), format!("plumbline.{kind}/1").into());
    document.insert("tool".to_owned(), "tf-bootstrap".into());
    document.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
    document
}

/// Asks a person to type something on the terminal.
///
/// # Errors
/// Where there is no terminal: scripts say what they want by flags, which `instead` names.
pub(crate) fn ask(question: &str, instead: &str) -> Result<String, Error> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Error::Usage(format!(
            "nobody is there to be asked \"{}\": {instead}",
            question.trim()
        )));
    }
    let mut err = std::io::stderr().lock();
    write!(err, "{question} ")
        .and_then(|()| err.flush())
        .map_err(Error::Terminal)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(Error::Terminal)?;
    Ok(answer.trim().to_owned())
}
