//! `tf-drift report`

use std::path::Path;

use anyhow::bail;
use clap::Args;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_cli::settings::place::Place;

use crate::history;
use crate::merge::of_history;
use crate::notify::NotifyArgs;
use crate::output::OutputArgs;
use crate::render::{Format, trend_text};
use crate::scan::exit;
use crate::trend::Trend;

/// Print what the last scan found, and the trend over past scans
///
/// Reads what scans left in the history, and runs no Terraform. Exits as scan does.
#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// Where results are kept: a folder, or s3://BUCKET/PREFIX; else what plumbline.hcl says
    #[arg(long, value_name = "PLACE", env = "TF_DRIFT_HISTORY")]
    history: Option<Place>,
    /// Which scan; else the latest
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    /// List what differs and is no drift, with the reason
    #[arg(long)]
    show_ignored: bool,
    #[command(flatten)]
    notify: NotifyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: ReportArgs) -> anyhow::Result<Exit> {
    let settings = Settings::find(Path::new("."))?;
    let Some(store) = history::open(args.history.as_ref(), &settings)? else {
        bail!("give --history, or set \"history\" in the drift block of plumbline.hcl");
    };
    let store = &*store;
    let (document, trend) = rayon::join(
        || of_history(store, args.run.as_deref(), &settings, args.show_ignored),
        || Trend::read(store),
    );
    let (document, trend) = (document?, trend?);
    args.output.print(&document, &trend)?;
    if args.output.format == Format::Text && args.output.output.is_none() && !args.output.quiet {
        output::print(&trend_text(&trend))?;
    }
    args.notify.tell(&document)?;
    let exit = exit(&document, args.output.least(&settings));
    // The program ends now: giving the memory back piece by piece would take longer than reading it.
    std::mem::forget(document);
    Ok(exit)
}
