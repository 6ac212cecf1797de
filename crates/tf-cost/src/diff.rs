//! `tf-cost diff`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::Args;
use rust_decimal::Decimal;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_pricing::{Difference, Document};

use crate::estimate::OutputArgs;
use crate::input::{self, InputArgs, Inputs, WithArgs};
use crate::render::{self, Compared, Options};

/// Compare what two configurations, plans, states or saved estimates cost
///
/// BASE and HEAD are folders, the JSON of plans or states, estimates saved with --format json, or revisions of git (REVISION, or
/// REVISION:FOLDER). With --plan, what the plan finds is compared with what it makes. What new prices of the same things change is
/// told apart from what the configuration changes.
#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    /// What was
    #[arg(
        value_name = "BASE",
        required_unless_present = "plan",
        conflicts_with = "plan"
    )]
    base: Option<PathBuf>,
    /// What is to be; the current folder if nothing is said
    #[arg(value_name = "HEAD", default_value = ".", conflicts_with = "plan")]
    head: PathBuf,
    /// Compare what is before and after a plan: the output of `terraform show -json`
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    with: WithArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Exit with 1 where the cost grows by more than this: 10%, or an amount a month
    #[arg(long, value_name = "LIMIT", value_parser = parse_limit)]
    fail_on_increase: Option<Limit>,
    /// Exit with 1 where a line of HEAD has no price
    #[arg(long)]
    fail_on_unpriced: bool,
}

/// By how much a cost may grow.
#[derive(Clone, Copy, Debug)]
enum Limit {
    Percent(Decimal),
    Amount(Decimal),
}

fn parse_limit(text: &str) -> Result<Limit, String> {
    let wrong = || "give a percentage such as 10%, or an amount such as 50".to_owned();
    let (number, percent) = match text.strip_suffix('%') {
        Some(number) => (number, true),
        None => (text, false),
    };
    let number: Decimal = number.trim().parse().map_err(|_| wrong())?;
    match (number.is_sign_negative(), percent) {
        (true, _) => Err(wrong()),
        (false, true) => Ok(Limit::Percent(number)),
        (false, false) => Ok(Limit::Amount(number)),
    }
}

impl Limit {
    /// A limit is kept only if it is certain: of ranges the most counts.
    fn is_exceeded(self, difference: &Difference) -> bool {
        match self {
            Limit::Amount(limit) => difference.most() > limit,
            // Of nothing any increase is more than any percentage.
            Limit::Percent(limit) => match difference.most_percent() {
                Some(percent) => percent > limit,
                None => difference.most() > Decimal::ZERO,
            },
        }
    }
}

/// A document and whether something of it could not be read.
type Side = (Document, bool);

pub(crate) fn run(args: DiffArgs) -> anyhow::Result<Exit> {
    let mut said = BTreeSet::new();
    let ((before, incomplete_before), (after, incomplete_after)) = match &args.plan {
        Some(plan) => {
            let (before, after) = input::read_plan_sides(plan, &args.with)?;
            (
                finish(&before, &args.output, &mut said),
                finish(&after, &args.output, &mut said),
            )
        }
        None => {
            let base = args.base.as_deref().unwrap_or(Path::new("."));
            (side(base, &args, &mut said)?, side(&args.head, &args, &mut said)?)
        }
    };
    if before.currency != after.currency {
        bail!(
            "BASE is in {} and HEAD in {}: estimate both with the same currency",
            before.currency,
            after.currency
        );
    }
    let difference = Difference::new("tf-cost", env!("CARGO_PKG_VERSION"), &before, &after);
    let compared = Compared {
        before: &before,
        after: &after,
        difference: &difference,
    };
    for (format, file) in &args.output.reports {
        let options = Options {
            color: false,
            width: None,
            quiet: false,
            verbose: true,
        };
        output::write_file(file, &render::difference(&compared, *format, &options)?)?;
    }
    let on_terminal = args.output.output.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdout());
    let options = Options {
        color: output::use_color(args.output.color, on_terminal),
        width: on_terminal.then(output::terminal_width),
        quiet: args.output.quiet,
        verbose: args.output.verbose,
    };
    let text = render::difference(&compared, args.output.format, &options)?;
    match &args.output.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    let settings = Settings::find(Path::new("."))?.cost;
    let limit = match (args.fail_on_increase, &settings.fail_on_increase) {
        (Some(limit), _) => Some(limit),
        (None, Some(text)) => match parse_limit(text) {
            Ok(limit) => Some(limit),
            Err(problem) => bail!("fail_on_increase in the settings file: {problem}"),
        },
        (None, None) => None,
    };
    let exceeded = limit.is_some_and(|limit| limit.is_exceeded(&difference));
    let fail_on_unpriced = args.fail_on_unpriced || settings.fail_on_unpriced.unwrap_or_default();
    let unpriced = fail_on_unpriced && after.unpriced > 0;
    Ok(
        match (incomplete_before || incomplete_after, exceeded || unpriced) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Findings,
            (false, false) => Exit::Clean,
        },
    )
}

fn finish(inputs: &Inputs, args: &OutputArgs, said: &mut BTreeSet<String>) -> Side {
    crate::estimate::warn_once(inputs, args.quiet, said);
    (inputs.document(), inputs.incomplete)
}

fn side(path: &Path, args: &DiffArgs, said: &mut BTreeSet<String>) -> anyhow::Result<Side> {
    let mut estimated = |path: &Path| -> anyhow::Result<Side> {
        let inputs = input::read(&InputArgs {
            paths: vec![path.to_path_buf()],
            plan: None,
            with: args.with.clone(),
        })?;
        Ok(finish(&inputs, &args.output, said))
    };
    if input::is_json(path) && path != Path::new("-") {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        if let Some(document) = saved(&text, path)? {
            let incomplete = !document.errors.is_empty();
            return Ok((document, incomplete));
        }
        return estimated(path);
    }
    if path.exists() {
        return estimated(path);
    }
    let folder = checkout(path)?;
    estimated(&folder.path().join(inner(path)))
}

/// An estimate that was saved, if the JSON is one.
fn saved(text: &str, path: &Path) -> anyhow::Result<Option<Document>> {
    let value: serde_json::Value =
        serde_json::from_str(text).with_context(|| format!("{} is not JSON", path.display()))?;
    if value.get("schema").is_none() {
        return Ok(None);
    }
    let document: Document = serde_json::from_value(value)
        .with_context(|| format!("{} is not an estimate of tf-cost", path.display()))?;
    if let Err(problem) = document.check() {
        bail!("{} is not an estimate of tf-cost: {problem}", path.display());
    }
    Ok(Some(document))
}

/// The folder within a revision: `REVISION:FOLDER`.
fn inner(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    text.split_once(':')
        .map_or_else(PathBuf::new, |(_, folder)| folder.into())
}

/// The files of a revision of git in a folder that goes away with the value.
fn checkout(path: &Path) -> anyhow::Result<tempfile::TempDir> {
    let text = path.to_string_lossy();
    let revision = text.split_once(':').map_or(&*text, |(revision, _)| revision);
    let missing = || format!("{text} is neither a file nor a folder nor a revision of git");
    if revision.is_empty() || revision.starts_with('-') {
        bail!(missing());
    }
    let top = Command::new("git")
        .args(["rev-parse", "--show-toplevel"])
        .stderr(Stdio::null())
        .output()
        .with_context(missing)?;
    let top = String::from_utf8_lossy(&top.stdout).trim_end().to_owned();
    if top.is_empty() {
        bail!(missing());
    }
    let folder = tempfile::tempdir().context("cannot make a folder for the files of the revision")?;
    let archive = folder.path().join(".archive.tar");
    let made = Command::new("git")
        .args(["-C", &top, "archive", "--format=tar", "-o"])
        .arg(&archive)
        .arg(revision)
        .stderr(Stdio::null())
        .status()
        .with_context(missing)?;
    if !made.success() {
        bail!(missing());
    }
    let unpacked = Command::new("tar")
        .arg("-xf")
        .arg(&archive)
        .arg("-C")
        .arg(folder.path())
        .status()
        .context("cannot start tar, which unpacks the files of a revision")?;
    if !unpacked.success() {
        bail!("tar could not unpack the files of {revision}");
    }
    std::fs::remove_file(&archive).context("cannot remove the archive of the revision")?;
    // Marks the top of the repository, within which modules may lie.
    std::fs::create_dir_all(folder.path().join(".git")).context("cannot mark the top of the repository")?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_percentages_or_amounts() {
        assert!(matches!(parse_limit("10%"), Ok(Limit::Percent(percent)) if percent == Decimal::TEN));
        assert!(matches!(parse_limit("50"), Ok(Limit::Amount(_))));
        for wrong in ["", "%", "-1", "ten", "10 percent"] {
            assert!(parse_limit(wrong).is_err(), "{wrong}");
        }
    }
}
