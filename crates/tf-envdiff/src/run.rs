//! Comparing, from the command line to the exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use rayon::prelude::*;
use tf_cli::args::{Color, VariableArgs};
use tf_cli::exit::Exit;
use tf_cli::settings::Settings;
use tf_cli::settings::cost::Cost;
use tf_cli::settings::envdiff::Envdiff;
use tf_cli::{output, today};
use tf_policy::Policy;
use tf_policy::suppress::Baseline;
use tf_pricing::Pricing;

use crate::environment::{Environment, Folder};
use crate::finding::{Findings, Layer};
use crate::git::Git;
use crate::layers::{self, Accepted, Comparing};
use crate::normalise::{self, Category, Normaliser};
use crate::promote;
use crate::render::{self, Format, Shown};
use crate::report::{About, Judging, Report, report, since};
use crate::source::{self, Reading, Source};

/// Which environments, and how they are read.
#[derive(Args, Clone, Debug)]
pub(crate) struct InputArgs {
    /// Environments: folders, plans, states, files of variables, REV:FOLDER; two or more
    #[arg(value_name = "ENV", num_args = 2.., required = true)]
    pub(crate) environments: Vec<String>,
    /// The root module of ENVs that are files of variables; or that of one column, for plans and states too, in which causes are
    /// then looked for. May be given several times
    #[arg(long = "root", value_name = "[NAME=]DIR")]
    pub(crate) roots: Vec<String>,
    /// Compare only these layers: variables, modules, providers, resources, attributes, outputs, policies, cost
    #[arg(long = "layer", value_name = "LAYER", value_delimiter = ',', value_parser = parse_layer)]
    pub(crate) layers: Vec<Layer>,
    /// The settings file, instead of the plumbline.hcl that is found from the environments' common folder upwards
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// The workspace that terraform.workspace names
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE", default_value = "default")]
    pub(crate) workspace: String,
}

fn parse_layer(text: &str) -> Result<Layer, String> {
    Layer::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Layer::ALL.into_iter().map(Layer::as_str).collect();
        format!("it is one of {}", names.join(", "))
    })
}

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Report only what this change adds: what did not differ where REV and HEAD part
    #[arg(long, value_name = "REV", conflicts_with = "promote")]
    base: Option<String>,
    /// Show what TO would become with FROM's configuration and its own variables: names of two of the environments
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    promote: Option<Vec<String>>,
    /// Format of the results
    #[arg(long, value_enum, default_value = "text", env = "TF_ENVDIFF_FORMAT")]
    format: Format,
    /// Write the results to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write one more report, as FORMAT=FILE; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = render::parse_report)]
    reports: Vec<(Format, PathBuf)>,
    /// Show expected differences too
    #[arg(long)]
    all: bool,
    /// Show what is left out because it only names an environment
    #[arg(long)]
    show_left_out: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", env = "TF_ENVDIFF_COLOR")]
    color: Color,
    /// Print only what matters: one line a difference
    #[arg(long, short)]
    quiet: bool,
    /// Print more: everything that a row stands for
    #[arg(long, short)]
    verbose: bool,
}

/// All that was read.
pub(crate) struct Read {
    pub(crate) sources: Vec<Source>,
    pub(crate) folders: Vec<Option<Folder>>,
    pub(crate) environments: Vec<Environment>,
    pub(crate) settings: Settings,
    git: Option<Git>,
    reading: Reading,
}

impl InputArgs {
    /// Reads the settings and all environments, at once.
    pub(crate) fn read(&self) -> anyhow::Result<Read> {
        let settings = match &self.settings {
            Some(file) => Settings::read(file)?,
            None => Settings::find(&common_folder(&self.environments))?,
        };
        let sources = source::sources(&self.environments);
        let mut reading = Reading {
            inputs: self.variables.inputs(std::env::args()),
            workspace: self.workspace.clone(),
            root: PathBuf::from("."),
            roots: BTreeMap::new(),
        };
        for root in &self.roots {
            match root.split_once('=') {
                Some((name, dir)) if sources.iter().any(|source| source.name == name) => {
                    reading.roots.insert(name.to_owned(), dir.into());
                }
                Some((name, _)) if !Path::new(root).is_dir() => {
                    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
                    bail!(
                        "--root {root}: there is no column {name}: there are {}",
                        names.join(", ")
                    );
                }
                _ => reading.root = root.into(),
            }
        }
        let mut git = None;
        let folders: Vec<Result<Option<Folder>, String>> = sources
            .iter()
            .map(|source| source.folder(&reading, &mut git))
            .collect();
        let mut environments: Vec<Environment> = sources
            .par_iter()
            .zip(folders.clone())
            .with_max_len(1)
            .map(|(source, folder)| source.read(folder, &reading))
            .collect();
        add_words(&mut environments, &settings.envdiff);
        Ok(Read {
            sources,
            folders: folders.into_iter().map(|folder| folder.ok().flatten()).collect(),
            environments,
            settings,
            git,
            reading,
        })
    }

    /// The layers that were asked for.
    pub(crate) fn layers(&self) -> BTreeSet<Layer> {
        match self.layers.is_empty() {
            true => Layer::ALL.into_iter().collect(),
            false => self.layers.iter().copied().collect(),
        }
    }
}

fn add_words(environments: &mut [Environment], settings: &Envdiff) {
    for environment in environments {
        if let Some(words) = settings.names.get(&environment.name) {
            let all = environment.words.iter().chain(words).cloned();
            environment.words = normalise::words(all.collect::<Vec<_>>());
        }
    }
}

/// The folder that all environments are in; that of the program where they are not files.
fn common_folder(arguments: &[String]) -> PathBuf {
    let mut common: Option<PathBuf> = None;
    for source in source::sources(arguments) {
        let Ok(real) = Path::new(&source.text).canonicalize() else {
            continue;
        };
        let parent = real.parent().map(Path::to_path_buf).unwrap_or(real);
        common = Some(match common {
            None => parent,
            Some(before) => before
                .ancestors()
                .find(|dir| parent.starts_with(dir))
                .map(Path::to_path_buf)
                .unwrap_or_default(),
        });
    }
    common.unwrap_or_else(|| PathBuf::from("."))
}

/// A normaliser for environments and what the settings keep.
pub(crate) fn normaliser(environments: &[Environment], settings: &Envdiff) -> Normaliser {
    let words: Vec<Vec<String>> = environments
        .iter()
        .map(|environment| environment.words.clone())
        .collect();
    let off = settings
        .keep
        .iter()
        .filter_map(|name| Category::parse(name))
        .collect();
    let hosts: Vec<BTreeSet<String>> = environments
        .iter()
        .map(|environment| environment.hosts.clone())
        .collect();
    Normaliser::new(&words, &hosts, off)
}

/// What environments are compared with: policies, what is accepted of them, and prices.
pub(crate) struct With {
    policies: Vec<Arc<Policy>>,
    accepted: Accepted,
    pricing: Option<Pricing>,
}

impl With {
    /// Reads what the layers need. What a reader should know of prices goes to standard error.
    pub(crate) fn new(layers: &BTreeSet<Layer>, settings: &Settings, quiet: bool) -> anyhow::Result<With> {
        let pricing = match layers.contains(&Layer::Cost) {
            true => Some(settings.cost.pricing(None)?),
            false => None,
        };
        if let Some(pricing) = pricing.as_ref().filter(|_| !quiet) {
            for warning in Cost::warnings(pricing) {
                let _ = writeln!(std::io::stderr(), "warning: {warning}");
            }
        }
        Ok(With {
            policies: policies(layers, settings)?,
            accepted: Accepted {
                waivers: settings.waivers.clone(),
                baseline: baseline(layers, settings)?,
                forbid_inline: settings.gate.forbid_inline.clone(),
                today: today::today(),
            },
            pricing,
        })
    }

    /// Comparing in these layers.
    pub(crate) fn comparing(&self, layers: BTreeSet<Layer>) -> Comparing<'_> {
        Comparing {
            layers,
            policies: &self.policies,
            accepted: &self.accepted,
            pricing: self.pricing.as_ref(),
        }
    }
}

/// What Checkov has accepted, where the settings name it.
fn baseline(layers: &BTreeSet<Layer>, settings: &Settings) -> anyhow::Result<Baseline> {
    let Some(file) = settings
        .gate
        .baseline
        .as_ref()
        .filter(|_| layers.contains(&Layer::Policies))
    else {
        return Ok(Baseline::default());
    };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the baseline {}", file.display()))?;
    Baseline::parse(&text).with_context(|| format!("{} is not a baseline of Checkov", file.display()))
}

/// The pack's policies and a team's own; none where nobody asks for them.
fn policies(layers: &BTreeSet<Layer>, settings: &Settings) -> anyhow::Result<Vec<Arc<Policy>>> {
    match layers.contains(&Layer::Policies) {
        true => tf_cli::policies::chosen(settings),
        false => Ok(Vec::new()),
    }
}

pub(crate) fn run(args: CompareArgs) -> anyhow::Result<Exit> {
    let layers = args.input.layers();
    if layers.contains(&Layer::Policies) {
        rayon::spawn(tf_policy::prepare);
    }
    let mut read = args.input.read()?;
    let with = With::new(&layers, &read.settings, args.quiet)?;
    let comparing = with.comparing(layers);
    let report = match (&args.promote, &args.base) {
        (Some(pair), _) => promotion(&mut read, pair, &comparing)?,
        (None, base) => compared(&mut read, base.as_deref(), &comparing)?,
    };
    let shown = Shown {
        all: args.all,
        left_out: args.show_left_out,
        quiet: args.quiet,
        verbose: args.verbose,
        color: false,
        width: 120,
        terminal: false,
    };
    for (format, file) in &args.reports {
        output::write_file(
            file,
            &render::render(&report, *format, &Shown { all: true, ..shown }),
        )?;
    }
    let terminal = args.output.is_none() && console::Term::stdout().is_term();
    let shown = Shown {
        color: output::use_color(args.color, terminal),
        width: if terminal {
            usize::from(console::Term::stdout().size().1).clamp(50, 240)
        } else {
            120
        },
        terminal,
        ..shown
    };
    let text = render::render(&report, args.format, &shown);
    match &args.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    diagnose(&report, args.format, args.quiet);
    let exit = match (report.problems.is_empty(), report.acts()) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    };
    // The program ends soon: giving the memory back value by value would be a tenth of its time. Files of commits go.
    for environment in &mut read.environments {
        environment.files = None;
    }
    std::mem::forget((read.environments, report));
    Ok(exit)
}

/// What the text has no place for goes to standard error; it has the problems itself.
fn diagnose(report: &Report, format: Format, quiet: bool) {
    if format == Format::Text && !quiet {
        return;
    }
    let mut text = String::new();
    for problem in &report.problems {
        text.push_str(&format!("error: {}\n", render::problem(problem)));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn compared(read: &mut Read, base: Option<&str>, comparing: &Comparing<'_>) -> anyhow::Result<Report> {
    let normaliser = normaliser(&read.environments, &read.settings.envdiff);
    let mut findings = layers::compare(&read.environments, &normaliser, comparing);
    let mut about = About::All;
    if let Some(base) = base {
        let before = before(read, base, comparing)?;
        (findings, about) = since(findings, &before, base);
    }
    let order = &read.settings.envdiff.order;
    let whole = comparing.layers.len() == Layer::ALL.len()
        && about == About::All
        && read
            .environments
            .iter()
            .all(|environment| !environment.is_incomplete())
        && order.iter().all(|name| {
            read.environments
                .iter()
                .any(|environment| environment.name == *name)
        });
    let judging = Judging {
        settings: &read.settings.envdiff,
        today: today::today(),
        whole,
    };
    Ok(report(&read.environments, findings, &judging, about))
}

/// What differed at a commit.
fn before(read: &mut Read, base: &str, comparing: &Comparing<'_>) -> anyhow::Result<Findings> {
    let git = source::repository(&mut read.git).map_err(anyhow::Error::msg)?;
    let commit = git.merge_base(base)?;
    let top = git.top.canonicalize().unwrap_or_else(|_| git.top.clone());
    let mut old = Vec::new();
    for (source, folder) in read.sources.iter().zip(&read.folders) {
        let Some(folder) = folder.as_ref().filter(|folder| folder.files.is_none()) else {
            bail!(
                "--base compares folders with what they were: {} is none",
                source.text
            );
        };
        let real = folder.dir.canonicalize().unwrap_or_else(|_| folder.dir.clone());
        let Ok(path) = real.strip_prefix(&top) else {
            bail!("{} is outside of the repository", source.text);
        };
        let path = path.to_string_lossy().replace('\\', "/");
        let mut environment = match source::at_commit(git, &commit, base, &path) {
            Ok(mut before) => {
                before.var_files = folder
                    .var_files
                    .iter()
                    .filter_map(|file| {
                        let real = file.canonicalize().ok()?;
                        let files = before.files.as_ref()?;
                        Some(files.path().join(real.strip_prefix(&top).ok()?))
                    })
                    .collect();
                Environment::of_folder(
                    &source.name,
                    &before,
                    &read.reading.inputs,
                    &read.reading.workspace,
                )
            }
            // An environment that is new has all its differences from this change.
            Err(_) => Environment {
                problems: Vec::new(),
                ..Environment::broken(
                    &source.name,
                    crate::environment::Origin::Configuration,
                    String::new(),
                )
            },
        };
        environment.name.clone_from(&source.name);
        old.push(environment);
    }
    add_words(&mut old, &read.settings.envdiff);
    let unread: BTreeMap<_, _> = old
        .iter()
        .flat_map(|environment| &environment.problems)
        .map(|problem| (render::problem(problem), ()))
        .collect();
    if let Some((first, ())) = unread.first_key_value() {
        bail!("what it was at {base} cannot be read: {first}");
    }
    let normaliser = normaliser(&old, &read.settings.envdiff);
    Ok(layers::compare(&old, &normaliser, comparing))
}

fn promotion(read: &mut Read, pair: &[String], comparing: &Comparing<'_>) -> anyhow::Result<Report> {
    let place = |name: &String| {
        read.sources
            .iter()
            .position(|source| source.name == *name || source.text == *name)
    };
    let (Some(from), Some(to)) = (pair.first().and_then(place), pair.get(1).and_then(place)) else {
        let names: Vec<&str> = read.sources.iter().map(|source| source.name.as_str()).collect();
        bail!("--promote names two of the environments: {}", names.join(", "));
    };
    if from == to {
        bail!("--promote names two different environments");
    }
    let folder = |at: usize| read.folders.get(at).and_then(Option::as_ref);
    let (Some(source), Some(target)) = (folder(from), folder(to)) else {
        bail!("--promote works on folders: a plan or a state has no variables of its own to promote to");
    };
    let (Some(before), Some(promoted)) = (read.environments.get(from), read.environments.get(to)) else {
        bail!("--promote names two of the environments");
    };
    let after = promote::promoted(before, promoted, source, &read.reading.workspace)?;
    let about = About::Promotion {
        from: before.name.clone(),
        to: promoted.name.clone(),
    };
    let now = Environment::of_folder(
        &promoted.name,
        target,
        &read.reading.inputs,
        &read.reading.workspace,
    );
    let mut environments = vec![now, after];
    add_words(&mut environments, &read.settings.envdiff);
    let normaliser = normaliser(&environments, &read.settings.envdiff);
    let findings = layers::compare(&environments, &normaliser, comparing);
    // Rules are about environments as they are, not about what becomes of one.
    let none = Envdiff::default();
    let judging = Judging {
        settings: &none,
        today: today::today(),
        whole: false,
    };
    let report = report(&environments, findings, &judging, about);
    for environment in &mut environments {
        environment.files = None;
    }
    std::mem::forget(environments);
    Ok(report)
}
