//! Flags that the binaries share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use tf_model::config::{Input, Inputs};
use tf_report::render::Format;

/// When to colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where and how results go.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// Format of the results
    #[arg(long, value_name = "FORMAT", default_value = "text", env = "TF_GATE_FORMAT", value_parser = parse_format)]
    pub format: Format,
    /// Write the results to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write one more report, as FORMAT=FILE; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub reports: Vec<(Format, PathBuf)>,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", env = "TF_GATE_COLOR")]
    pub color: Color,
    /// Print only what matters: one line a finding
    #[arg(long, short)]
    pub quiet: bool,
    /// Print more: why each policy matters, and what was skipped
    #[arg(long, short)]
    pub verbose: bool,
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse::<Format>().map_err(|error| error.to_string())
}

fn parse_report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .ok_or("give it as FORMAT=FILE, for example sarif=gate.sarif")?;
    if file.is_empty() {
        return Err("give it as FORMAT=FILE, for example sarif=gate.sarif".to_owned());
    }
    Ok((parse_format(format)?, file.into()))
}

/// Values for variables of root modules.
#[derive(Args, Clone, Debug, Default)]
pub struct VariableArgs {
    /// Set a variable of the root module; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_var)]
    pub vars: Vec<(String, String)>,
    /// Read variables from a file; may be given several times
    #[arg(long = "var-file", value_name = "FILE")]
    pub var_files: Vec<PathBuf>,
}

fn parse_var(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give it as NAME=VALUE")?;
    match name.is_empty() {
        true => Err("give it as NAME=VALUE".to_owned()),
        false => Ok((name.to_owned(), value.to_owned())),
    }
}

impl VariableArgs {
    /// The inputs of root modules, with `TF_VAR_…` of the environment. Terraform lets the later of `-var` and
    /// `-var-file` win; their order among each other is taken from the command line.
    pub fn inputs(&self, command_line: impl IntoIterator<Item = String>) -> Inputs {
        let mut vars = self.vars.iter();
        let mut files = self.var_files.iter();
        let mut arguments = Vec::new();
        for word in command_line {
            if word == "--var" || word.starts_with("--var=") {
                arguments.extend(
                    vars.next()
                        .map(|(name, value)| Input::Var(name.clone(), value.clone())),
                );
            } else if word == "--var-file" || word.starts_with("--var-file=") {
                arguments.extend(files.next().map(|file| Input::File(file.clone())));
            }
        }
        arguments.extend(vars.map(|(name, value)| Input::Var(name.clone(), value.clone())));
        arguments.extend(files.map(|file| Input::File(file.clone())));
        Inputs {
            arguments,
            environment: environment(),
        }
    }
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((
                name.strip_prefix("TF_VAR_")?.to_owned(),
                value.into_string().ok()?,
            ))
        })
        .collect()
}
