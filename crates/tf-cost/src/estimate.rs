//! `tf-cost estimate`

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use tf_cli::args::Color;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings::Settings;

use crate::budget;
use crate::input::{self, InputArgs, Inputs};
use crate::render::{self, Format, Options};

/// Estimate what root modules, a plan or a state cost a month
///
/// Reads all Terraform files below each PATH, finds the root modules among them and evaluates them with their modules; or reads the
/// JSON of a plan or of a state. Nothing is started and nothing is asked over the network. What is billed by use is counted from
/// the usage file; what has no price is listed as such, and never counted as nothing.
#[derive(Args, Debug)]
pub(crate) struct EstimateArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Exit with 1 where a line has no price
    #[arg(long)]
    fail_on_unpriced: bool,
    /// Exit with 1 where a budget of plumbline.hcl is exceeded
    #[arg(long)]
    fail_over_budget: bool,
}

/// Where and how results go.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArgs {
    /// Format of the results
    #[arg(long, value_name = "FORMAT", default_value = "text", env = "TF_COST_FORMAT")]
    pub(crate) format: Format,
    /// Write the results to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write one more report, as FORMAT=FILE; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub(crate) reports: Vec<(Format, PathBuf)>,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", env = "TF_COST_COLOR")]
    pub(crate) color: Color,
    /// Print only the sums
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Print more: what has no price and why, line by line
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

fn parse_report(text: &str) -> Result<(Format, PathBuf), String> {
    let wrong = || "give it as FORMAT=FILE, for example json=cost.json".to_owned();
    let (format, file) = text.split_once('=').ok_or_else(wrong)?;
    if file.is_empty() {
        return Err(wrong());
    }
    Ok((<Format as clap::ValueEnum>::from_str(format, true)?, file.into()))
}

pub(crate) fn run(args: EstimateArgs) -> anyhow::Result<Exit> {
    let inputs = input::read(&args.input)?;
    warn(&inputs, args.output.quiet);
    let settings = Settings::find(Path::new("."))?;
    let folder = settings.file.as_deref().and_then(Path::parent);
    let settings = settings.cost;
    let document = inputs.document();
    let place = |root: Option<&str>| inputs.place_from(folder, root);
    let exceeded = budget::exceeded(&settings.budgets, &document, &place)?;
    for excess in &exceeded {
        let _ = writeln!(std::io::stderr(), "over budget: {excess}");
    }
    for (format, file) in &args.output.reports {
        let options = Options {
            color: false,
            width: None,
            quiet: false,
            verbose: true,
        };
        output::write_file(file, &render::document(&document, *format, &options)?)?;
    }
    let on_terminal = args.output.output.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdout());
    let options = Options {
        color: output::use_color(args.output.color, on_terminal),
        width: on_terminal.then(output::terminal_width),
        quiet: args.output.quiet,
        verbose: args.output.verbose,
    };
    let text = render::document(&document, args.output.format, &options)?;
    match &args.output.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    let fail_on_unpriced = args.fail_on_unpriced || settings.fail_on_unpriced.unwrap_or_default();
    let fail_over_budget = args.fail_over_budget || settings.fail_over_budget.unwrap_or_default();
    let acts = (fail_on_unpriced && document.unpriced > 0) || (fail_over_budget && !exceeded.is_empty());
    let exit = match (inputs.incomplete, acts) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Clean,
    };
    // As above the end of the program is nearer than that of its values.
    std::mem::forget(inputs);
    Ok(exit)
}

/// Says on standard error what was ignored and what could not be read.
pub(crate) fn warn(inputs: &Inputs, quiet: bool) {
    warn_once(inputs, quiet, &mut BTreeSet::new());
}

/// The same, but for what was said before.
pub(crate) fn warn_once(inputs: &Inputs, quiet: bool, said: &mut BTreeSet<String>) {
    let mut err = std::io::stderr().lock();
    for warning in inputs.warnings.iter().filter(|_| !quiet) {
        if !said.insert(warning.clone()) {
            continue;
        }
        let _ = writeln!(err, "warning: {warning}");
    }
    for error in &inputs.errors {
        let place = match (&error.file, error.lines) {
            (Some(file), Some([line, _])) => format!("{file}:{line}: "),
            _ => String::new(),
        };
        let _ = writeln!(err, "error: {place}{}", error.message);
    }
}
