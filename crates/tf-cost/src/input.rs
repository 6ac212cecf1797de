//! What is estimated: root modules, plans, states, and with what.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use rayon::prelude::*;
use tf_cli::args::VariableArgs;
use tf_cli::settings::Settings;
use tf_cli::settings::cost::Cost;
use tf_lang::Diagnostic;
use tf_model::config::files::display_name;
use tf_model::{Graph, Options as LoadOptions, Project};
use tf_pricing::terms::Commitment;
use tf_pricing::{Document, ErrorDocument, Estimate, Pricing, Root, environment_of};

/// What every estimate is made with.
#[derive(Args, Clone, Debug)]
pub(crate) struct InputArgs {
    /// Folders with root modules, or the JSON of plans and states
    #[arg(value_name = "PATH", default_value = ".", conflicts_with = "plan")]
    pub(crate) paths: Vec<PathBuf>,
    /// Estimate a plan: the output of `terraform show -json`, `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) with: WithArgs,
}

/// Usage, prices and variables.
#[derive(Args, Clone, Debug)]
pub(crate) struct WithArgs {
    /// How much of what is billed by use: a usage file in Infracost's format
    #[arg(long, value_name = "FILE", env = "TF_COST_USAGE")]
    pub(crate) usage: Option<PathBuf>,
    /// A price catalogue made by `tf-cost prices build`, instead of the built-in one
    #[arg(long, value_name = "FILE", env = "TF_COST_CATALOGUE")]
    pub(crate) catalogue: Option<PathBuf>,
    /// The region of resources whose provider names none
    #[arg(long, value_name = "REGION", env = "AWS_REGION")]
    pub(crate) region: Option<String>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// Estimate modules that others call as roots of their own too
    #[arg(long)]
    pub(crate) each_module: bool,
    /// Do not exit with 2 because a module is not installed
    #[arg(long)]
    pub(crate) allow_missing_modules: bool,
    /// The workspace that terraform.workspace names
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE", default_value = "default")]
    pub(crate) workspace: String,
}

/// A path from the top of the file system, without links.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// A root, its graph and what it costs.
pub(crate) struct Priced {
    /// The root's folder, or the file of a plan or state.
    pub(crate) name: String,
    /// Where it is, without links; the file of a plan or state.
    place: PathBuf,
    pub(crate) graph: Graph,
    pub(crate) estimate: Estimate,
}

/// Everything that was estimated.
pub(crate) struct Inputs {
    pub(crate) roots: Vec<Priced>,
    pub(crate) errors: Vec<ErrorDocument>,
    pub(crate) warnings: Vec<String>,
    /// Whether something could not be read, so that the exit code is 2.
    pub(crate) incomplete: bool,
    pub(crate) pricing: Arc<Pricing>,
    commitments: Vec<Commitment>,
}

impl Inputs {
    fn new(pricing: Arc<Pricing>) -> Inputs {
        Inputs {
            roots: Vec::new(),
            errors: Vec::new(),
            warnings: tf_cli::settings::cost::Cost::warnings(&pricing),
            incomplete: false,
            pricing,
            commitments: Vec::new(),
        }
    }

    /// Where a root of the document is, as seen from a folder.
    pub(crate) fn place_from(&self, folder: Option<&Path>, root: Option<&str>) -> String {
        let known = self
            .roots
            .iter()
            .find(|known| root.is_none_or(|root| root == known.name));
        let Some(known) = known else {
            return root.unwrap_or_default().to_owned();
        };
        let inner = folder.and_then(|folder| known.place.strip_prefix(whole(folder)).ok());
        let parts = inner.map(|inner| {
            let parts = inner
                .components()
                .filter(|part| !matches!(part, Component::CurDir));
            parts.collect::<PathBuf>().to_string_lossy().into_owned()
        });
        match parts {
            Some(parts) if parts.is_empty() => ".".to_owned(),
            Some(parts) => parts,
            None => known.name.clone(),
        }
    }

    /// Applies what is paid other than the list price to all roots at once.
    fn settle(&mut self) {
        let mut estimates: Vec<&mut Estimate> =
            self.roots.iter_mut().map(|root| &mut root.estimate).collect();
        self.commitments = self.pricing.settle(&mut estimates);
        for problem in self.pricing.catalogue().damage() {
            self.incomplete = true;
            self.errors.push(ErrorDocument {
                file: None,
                lines: None,
                message: problem.to_owned(),
            });
        }
    }

    /// The document of all roots.
    pub(crate) fn document(&self) -> Document {
        let roots: Vec<Root<'_>> = self
            .roots
            .iter()
            .map(|root| Root {
                name: root.name.clone(),
                environment: environment_of(&root.place.to_string_lossy()),
                graph: &root.graph,
                estimate: &root.estimate,
            })
            .collect();
        let commitments = self.commitments.clone();
        let version = env!("CARGO_PKG_VERSION");
        let mut document = self.pricing.document_of("tf-cost", version, &roots, commitments);
        document.errors.clone_from(&self.errors);
        document
    }
}

impl WithArgs {
    /// What the settings file says counts where neither flag nor environment say anything.
    pub(crate) fn or(mut self, settings: &Cost) -> WithArgs {
        self.usage = self.usage.or_else(|| settings.usage.clone());
        self.catalogue = self.catalogue.or_else(|| settings.catalogue.clone());
        self
    }
}

/// Reads and estimates.
pub(crate) fn read(args: &InputArgs) -> anyhow::Result<Inputs> {
    let settings = Settings::find(Path::new("."))?;
    let args = &InputArgs {
        with: args.with.clone().or(&settings.cost),
        ..args.clone()
    };
    let prices = Prices::read(&args.with, &settings.cost)?;
    let mut inputs = Inputs::new(prices.pricing.clone());
    match &args.plan {
        Some(plan) => {
            let graph = tf_model::plan::load(&read_text(plan)?)
                .with_context(|| format!("cannot read the plan {}", plan.display()))?;
            prices.add(&mut inputs, plan.display().to_string(), graph);
        }
        None => {
            for path in &args.paths {
                if is_json(path) {
                    let graph = read_document(path)?;
                    prices.add(&mut inputs, path.display().to_string(), graph);
                } else {
                    prices.add_project(&mut inputs, path, &args.with, args.paths.len() > 1)?;
                }
            }
        }
    }
    if let Some((file, usage)) = prices.pricing.usage() {
        let resources = usage.resources();
        if !resources.is_empty() {
            let graph = Graph {
                root: file.display().to_string(),
                resources,
                ..Graph::default()
            };
            prices.add(&mut inputs, file.display().to_string(), graph);
        }
        let addresses = inputs
            .roots
            .iter()
            .flat_map(|root| root.graph.resources.iter().map(|resource| &*resource.text));
        let unmatched = usage.unmatched(addresses);
        inputs
            .warnings
            .extend(unmatched.into_iter().map(|(address, line)| {
                format!(
                    "{}:{line}: there is no resource {address}: its usage counts for nothing",
                    file.display()
                )
            }));
    }
    inputs.settle();
    inputs
        .errors
        .sort_by(|a, b| (&a.file, a.lines, &a.message).cmp(&(&b.file, b.lines, &b.message)));
    inputs.errors.dedup();
    Ok(inputs)
}

/// What a plan finds, and what it makes.
pub(crate) fn read_plan_sides(plan: &Path, with: &WithArgs) -> anyhow::Result<(Inputs, Inputs)> {
    let settings = Settings::find(Path::new("."))?;
    let prices = Prices::read(&with.clone().or(&settings.cost), &settings.cost)?;
    let review = tf_model::plan::review(read_text(plan)?)
        .with_context(|| format!("cannot read the plan {}", plan.display()))?;
    let side = |graph: Graph| {
        let mut inputs = Inputs::new(prices.pricing.clone());
        prices.add(&mut inputs, plan.display().to_string(), graph);
        inputs.settle();
        inputs
    };
    Ok((side(review.before), side(review.after)))
}

/// What estimates are made with.
struct Prices {
    pricing: Arc<Pricing>,
    allow_missing_modules: bool,
}

impl Prices {
    fn read(args: &WithArgs, settings: &Cost) -> anyhow::Result<Prices> {
        let given = |name: &String| !name.is_empty();
        let default_region = || std::env::var("AWS_DEFAULT_REGION").ok().filter(given);
        let mut sources = settings.sources(args.region.clone().filter(given).or_else(default_region));
        sources.usage.clone_from(&args.usage);
        sources.catalogue.clone_from(&args.catalogue);
        Ok(Prices {
            pricing: Arc::new(Pricing::read(sources)?),
            allow_missing_modules: args.allow_missing_modules,
        })
    }

    fn add(&self, inputs: &mut Inputs, name: String, graph: Graph) {
        let estimate = self.pricing.list(&graph);
        self.push(
            inputs,
            Priced {
                place: whole(Path::new(&name)),
                name,
                graph,
                estimate,
            },
        );
    }

    fn push(&self, inputs: &mut Inputs, root: Priced) {
        for problem in &root.graph.problems {
            let diagnostic = &problem.diagnostic;
            if !diagnostic.is_error() {
                continue;
            }
            let missing = diagnostic.summary == "Module not installed";
            inputs.incomplete |= !(missing && self.allow_missing_modules);
            inputs.errors.push(of_diagnostic(&root.graph, diagnostic));
        }
        inputs.roots.push(root);
    }

    fn add_project(
        &self,
        inputs: &mut Inputs,
        path: &Path,
        args: &WithArgs,
        several: bool,
    ) -> anyhow::Result<()> {
        let options = LoadOptions {
            inputs: args.variables.inputs(std::env::args()),
            workspace: args.workspace.clone(),
            each_module: args.each_module,
            strict_files: false,
        };
        let project = Project::load(path, &options)?;
        if project.roots().is_empty() {
            bail!(
                "there are no Terraform files (.tf, .tf.json, .tofu) in {}",
                display_name(path, Path::new(""))
            );
        }
        let pricing = &self.pricing;
        let whole = whole(path);
        let roots: Vec<Priced> = project
            .roots()
            .par_iter()
            .with_max_len(1)
            .map(|root| {
                let graph = project.graph(root);
                let estimate = pricing.list(&graph);
                let name = match (several, graph.root.as_str()) {
                    (true, ".") => path.display().to_string(),
                    (true, inner) => path.join(inner).display().to_string(),
                    (false, inner) => inner.to_owned(),
                };
                Priced {
                    place: whole.join(graph.root.as_str()),
                    name,
                    graph,
                    estimate,
                }
            })
            .collect();
        for root in roots {
            self.push(inputs, root);
        }
        // The program ends soon: giving the memory back value by value would be a tenth of its time.
        std::mem::forget(project);
        Ok(())
    }
}

fn of_diagnostic(graph: &Graph, diagnostic: &Diagnostic) -> ErrorDocument {
    let place = diagnostic.span.map(|span| {
        let (first, last) = graph.sources.lines(span);
        (graph.sources.name(span.file).to_owned(), [first, last])
    });
    let (file, lines) = place.unzip();
    ErrorDocument {
        file,
        lines,
        message: diagnostic.to_string(),
    }
}

/// Whether a path is the JSON of a plan or state, and no file of Terraform's JSON syntax.
pub(crate) fn is_json(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let json = name.ends_with(".json") && !name.ends_with(".tf.json") && !name.ends_with(".tofu.json");
    path == Path::new("-") || (path.is_file() && (json || name.ends_with(".tfstate")))
}

/// The graph of a plan or state.
pub(crate) fn read_document(path: &Path) -> anyhow::Result<Graph> {
    let text = read_text(path)?;
    if tf_model::state::is_state(&text) {
        return tf_model::state::load(&text)
            .with_context(|| format!("cannot read the state {}", path.display()));
    }
    tf_model::plan::load(&text).with_context(|| format!("cannot read the plan {}", path.display()))
}

fn read_text(file: &Path) -> anyhow::Result<String> {
    tf_cli::input::read_text(file).with_context(|| match file == Path::new("-") {
        true => "cannot read standard input".to_owned(),
        false => format!("cannot read {}", file.display()),
    })
}
