//! `tf-cost prices`: the price catalogue. What it says, how it is made, and where its files come from.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings;
use tf_prices::bulk::{self, Options, Output};
use tf_prices::sync::{self, Event, Settings};
use tf_prices::{Catalogue, Coverage, Date, Info};
use tf_pricing::STALE_DAYS;

/// The price catalogue: its age and coverage, and how to make one of AWS's own files
#[derive(Args, Debug)]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Say how old a catalogue is, and of which regions and services it has prices
    Info(InfoArgs),
    /// Download AWS's price files into a folder
    Sync(SyncArgs),
    /// Make a catalogue of AWS's price files
    Build(BuildArgs),
}

#[derive(Args, Debug)]
struct InfoArgs {
    /// A catalogue made by `tf-cost prices build`; without, the one that estimates use here
    #[arg(value_name = "FILE", env = "TF_COST_CATALOGUE")]
    catalogue: Option<PathBuf>,
    /// Say it of this region only; may be given again
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum Format {
    Text,
    Json,
}

#[derive(Args, Debug)]
struct Choice {
    /// A region, such as eu-west-1; may be given again
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// A service by AWS's offer code, such as AmazonEC2; may be given again
    #[arg(long = "service", value_name = "CODE")]
    services: Vec<String>,
}

/// Download AWS's price files into a folder
///
/// Without --region and --service those are downloaded of which the built-in catalogue has prices. A download that broke off goes on
/// where it ended; files that have not changed are not downloaded again. HTTPS_PROXY and NO_PROXY are heeded.
#[derive(Args, Debug)]
struct SyncArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    choice: Choice,
    /// Where the price files are, for a mirror of AWS's
    #[arg(long, value_name = "URL", default_value = sync::AWS)]
    base_url: String,
    /// How often a file is tried before it is given up
    #[arg(long, value_name = "COUNT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    attempts: u32,
}

/// Make a catalogue of AWS's price files
///
/// The source is a folder that `tf-cost prices sync` filled, another folder with index.csv and index.json files, or one such file. The same
/// files make the same catalogue.
#[derive(Args, Debug)]
struct BuildArgs {
    /// The folder, or the file
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
    #[command(flatten)]
    choice: Choice,
    /// The catalogue to write, for --catalogue
    #[arg(long, value_name = "FILE", required_unless_present = "text")]
    out: Option<PathBuf>,
    /// A folder to write the catalogue to as text, a file a region and service
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    text: Option<PathBuf>,
    /// Take reserved terms too
    #[arg(long)]
    reserved: bool,
    /// Take AWS's free tier as prices of $0
    #[arg(long)]
    free_tier: bool,
}

pub(crate) fn run(args: PricesArgs) -> anyhow::Result<Exit> {
    match args.command {
        Command::Info(args) => info(&args),
        Command::Sync(args) => download(args),
        Command::Build(args) => build(args),
    }
}

fn info(args: &InfoArgs) -> anyhow::Result<Exit> {
    let opened;
    let chosen = match &args.catalogue {
        Some(file) => Some(file.clone()),
        None => settings::Settings::find(Path::new("."))?.cost.catalogue,
    };
    let catalogue = match &chosen {
        Some(file) => {
            opened = Catalogue::open(file)?;
            &opened
        }
        None => Catalogue::embedded(),
    };
    let mut info = catalogue.info();
    for region in &args.regions {
        if !info.regions.contains_key(region) {
            let known: Vec<&str> = info.regions.keys().map(String::as_str).collect();
            bail!(
                "the price catalogue has no prices for {region}; it has {}",
                known.join(", ")
            );
        }
    }
    if !args.regions.is_empty() {
        info.regions.retain(|region, _| args.regions.contains(region));
    }
    let today = tf_cli::settings::cost::today();
    output::print(&match args.format {
        Format::Text => text(&info, today),
        Format::Json => format!("{:#}\n", document(&info, today)),
    })?;
    if let Some(warning) = today.and_then(|today| info.stale(today, STALE_DAYS)) {
        say(&format!("warning: {warning}"));
    }
    if catalogue.is_empty() {
        bail!("the price catalogue is empty; make one with `tf-cost prices build`");
    }
    Ok(Exit::Clean)
}

fn text(info: &Info, today: Option<Date>) -> String {
    let mut out = match (info.day(), today.and_then(|today| info.age_days(today))) {
        (Some(day), Some(age)) => format!(
            "{}, of {day} ({age} days ago), {} prices\n",
            info.source, info.rows
        ),
        _ => format!("{}, without prices\n", info.source),
    };
    for (region, services) in &info.regions {
        out.push_str(&format!("\n{region}\n"));
        for (service, coverage) in services {
            let Coverage {
                usage_types, rows, ..
            } = coverage;
            let days = [coverage.oldest, coverage.newest]
                .map(|day| day.map_or_else(String::new, |day| day.to_string()));
            out.push_str(&format!(
                "  {service:<28} {usage_types:>6} usage types {rows:>8} prices  {} to {}\n",
                days[0], days[1]
            ));
        }
    }
    out
}

fn document(info: &Info, today: Option<Date>) -> serde_json::Value {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let coverage = |coverage: &Coverage| {
        json!({
            "usage_types": coverage.usage_types,
            "prices": coverage.prices,
            "rows": coverage.rows,
            "oldest": day(coverage.oldest),
            "newest": day(coverage.newest),
            "published": coverage.published,
        })
    };
    let regions: serde_json::Map<String, serde_json::Value> = info
        .regions
        .iter()
        .map(|(region, services)| {
            let services: serde_json::Map<String, serde_json::Value> = services
                .iter()
                .map(|(service, found)| (service.clone(), coverage(found)))
                .collect();
            (region.clone(), services.into())
        })
        .collect();
    json!({
        "schema": "plumbline.prices/1",
        "tool": "tf-cost",
        "version": env!("CARGO_PKG_VERSION"),
        "source": info.source,
        "day": day(info.day()),
        "age_days": today.and_then(|today| info.age_days(today)),
        "stale": today.is_some_and(|today| info.stale(today, STALE_DAYS).is_some()),
        "rows": info.rows,
        "regions": regions,
    })
}

fn download(args: SyncArgs) -> anyhow::Result<Exit> {
    let settings = Settings {
        proxy: sync::proxy_for(&args.base_url, |name| std::env::var(name).ok()),
        base_url: args.base_url,
        services: args.choice.services,
        regions: args.choice.regions,
        attempts: args.attempts,
        ..Settings::default()
    };
    let terminal = std::io::stderr().is_terminal();
    let (mut there, mut shown) = (0, 0);
    let report = sync::sync(&args.folder, &settings, &mut |event| match event {
        Event::Started { url, from, length } => {
            (there, shown) = (from, from);
            let length = length.map_or_else(String::new, |length| format!(" ({} MB)", length / 1_000_000));
            say(&format!(
                "{url}{length}{}",
                if from > 0 { ", going on" } else { "" }
            ));
        }
        Event::Received(bytes) => {
            there += bytes;
            if terminal && there - shown > 50_000_000 {
                shown = there;
                say(&format!("  {} MB", there / 1_000_000));
            }
        }
        Event::Again { url, problem } => say(&format!("{url}: {problem}; trying again")),
        Event::Done { .. } | Event::Unchanged { .. } => {}
    })?;
    for (service, region) in &report.absent {
        say(&format!("{service} is not sold in {region}"));
    }
    output::print(&format!(
        "{} price files are new or have changed, {} have not; `tf-cost prices build {} --out FILE` makes the catalogue\n",
        report.changed.len(),
        report.unchanged.len(),
        args.folder.display()
    ))?;
    Ok(Exit::Clean)
}

fn build(args: BuildArgs) -> anyhow::Result<Exit> {
    let output = match (&args.out, &args.text) {
        (Some(file), _) => Output::File(file),
        (None, Some(folder)) => Output::Text(folder),
        (None, None) => bail!("--out or --text says where to write the catalogue"),
    };
    let options = Options {
        regions: args.choice.regions,
        services: args.choice.services,
        reserved: args.reserved,
        free_tier: args.free_tier,
    };
    let reports = bulk::build(&args.source, output, &options)?;
    let mut out = String::new();
    for report in &reports {
        out.push_str(&format!(
            "{}: {} of {}, {} prices of {} kept",
            report.path.display(),
            report.service,
            report.published,
            report.kept,
            report.read
        ));
        for (count, what) in [
            (report.reserved, "reserved"),
            (report.free_tier, "free tier"),
            (report.other_region, "of other regions"),
            (report.other_currency, "in other currencies"),
            (report.repeated, "repeated"),
        ] {
            if count > 0 {
                out.push_str(&format!(", {count} {what}"));
            }
        }
        out.push('\n');
    }
    output::print(&out)?;
    Ok(Exit::Clean)
}

/// Progress and warnings go to standard error; that it is gone is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
