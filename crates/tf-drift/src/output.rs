//! Where a document goes, and in which formats.

use std::path::PathBuf;

use clap::Args;
use tf_cli::args::Color;
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_report::Severity;

use crate::finding::Document;
use crate::render::{self, Format, Shown};
use crate::trend::Trend;

/// Where and how results go.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArgs {
    /// Format of the results
    #[arg(long, value_name = "FORMAT", default_value = "text", env = "TF_DRIFT_FORMAT", value_parser = parse_format)]
    pub(crate) format: Format,
    /// Write the results to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write one more report, as FORMAT=FILE; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub(crate) reports: Vec<(Format, PathBuf)>,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", env = "TF_DRIFT_COLOR")]
    pub(crate) color: Color,
    /// Print only what matters: one line a finding
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Print more: every attribute, and what to do about each finding
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Exit with 1 from this severity on; `none` never does
    #[arg(long, value_name = "SEVERITY", env = "TF_DRIFT_FAIL_ON", value_parser = ["critical", "high", "medium", "low", "info", "none"])]
    pub(crate) fail_on: Option<String>,
}

fn parse_format(text: &str) -> Result<Format, String> {
    Format::parse(text).ok_or_else(|| format!("use one of {}", Format::names()))
}

fn parse_report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("give it as FORMAT=FILE, for example html=drift.html")?;
    Ok((parse_format(format)?, file.into()))
}

impl OutputArgs {
    /// The least severity that is something to act on. Flags win over the environment, which wins over the file.
    pub(crate) fn least(&self, settings: &Settings) -> Option<Severity> {
        let named = self.fail_on.as_deref().or(settings.drift.fail_on.as_deref());
        Severity::parse(named.unwrap_or("info"))
    }

    /// Whether a format shows how it was before.
    pub(crate) fn wants_trend(&self) -> bool {
        let mut formats = self
            .reports
            .iter()
            .map(|(format, _)| *format)
            .chain([self.format]);
        formats.any(|format| format == Format::Html)
    }

    /// Prints a document where it was asked for, and in all further formats.
    pub(crate) fn print(&self, document: &Document, trend: &Trend) -> anyhow::Result<()> {
        for (format, file) in &self.reports {
            let shown = Shown {
                verbose: true,
                ..Shown::default()
            };
            output::write_file(file, &render::render(document, trend, *format, &shown)?)?;
        }
        let on_terminal = self.output.is_none() && console::Term::stdout().is_term();
        let shown = Shown {
            color: output::use_color(self.color, on_terminal),
            quiet: self.quiet,
            verbose: self.verbose,
        };
        let text = render::render(document, trend, self.format, &shown)?;
        match &self.output {
            Some(file) => output::write_file(file, &text),
            None => output::print(&text),
        }
    }
}
