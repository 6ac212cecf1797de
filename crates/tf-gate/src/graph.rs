//! `tf-gate graph`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value as Json, json};
use tf_cli::args::VariableArgs;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_lang::Value;
use tf_lang::value::{Kind, Marks};
use tf_model::{Graph, Options, Project};

/// How a graph is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// plumbline.graph/1
    Json,
    /// Graphviz
    Dot,
}

/// Print the evaluated graph of a root module
///
/// Resources with their values, what is unknown or sensitive among these, and the resources that they depend on.
#[derive(Args, Debug)]
pub(crate) struct GraphArgs {
    /// The root module
    #[arg(value_name = "ROOT", default_value = ".", conflicts_with = "plan")]
    root: PathBuf,
    /// Print the graph of a plan instead: the output of `terraform show -json`
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Format
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    variables: VariableArgs,
    /// The workspace that terraform.workspace names
    #[arg(long, value_name = "NAME", env = "TF_WORKSPACE", default_value = "default")]
    workspace: String,
}

pub(crate) fn run(args: GraphArgs) -> anyhow::Result<Exit> {
    let graph = load(&args)?;
    let text = match args.format {
        Format::Json => format!("{}\n", serde_json::to_string_pretty(&graph_json(&graph))?),
        Format::Dot => dot(&graph),
    };
    match &args.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    let errors: Vec<String> = graph
        .problems
        .iter()
        .filter(|problem| problem.diagnostic.is_error())
        .map(|problem| {
            let place = problem.diagnostic.span.map(|span| {
                format!(
                    "{}:{}: ",
                    graph.sources.name(span.file),
                    graph.sources.lines(span).0
                )
            });
            format!("{}{}", place.unwrap_or_default(), problem.diagnostic)
        })
        .collect();
    match errors.is_empty() {
        true => Ok(Exit::Clean),
        false => bail!("not everything could be read:\n  {}", errors.join("\n  ")),
    }
}

fn load(args: &GraphArgs) -> anyhow::Result<Graph> {
    if let Some(plan) = &args.plan {
        let text = tf_cli::input::read_text(plan)
            .with_context(|| format!("cannot read the plan {}", plan.display()))?;
        return tf_model::plan::load(&text)
            .with_context(|| format!("cannot read the plan {}", plan.display()));
    }
    if !args.root.is_dir() {
        bail!("{} is not a folder", args.root.display());
    }
    let options = Options {
        inputs: args.variables.inputs(std::env::args()),
        workspace: args.workspace.clone(),
        ..Options::default()
    };
    let project = Project::load_root(&args.root, &options)?;
    let Some(root) = project.roots().first() else {
        bail!(
            "there are no Terraform files in {}",
            Path::new(&args.root).display()
        );
    };
    Ok(project.graph(root))
}

/// The document `plumbline.graph/1`.
fn graph_json(graph: &Graph) -> Json {
    let resources: Vec<Json> = graph
        .resources
        .iter()
        .map(|resource| {
            let (mut unknown, mut sensitive) = (Vec::new(), Vec::new());
            let values = value_json(&resource.values, "", &mut unknown, &mut sensitive);
            let (file, lines) = match &resource.declaration {
                Some(declaration) => {
                    let span = declaration.block.span;
                    (
                        json!(graph.sources.name(span.file)),
                        json!(graph.sources.lines(span)),
                    )
                }
                None => (Json::Null, Json::Null),
            };
            let edges: Vec<&str> = resource
                .edges
                .iter()
                .filter_map(|edge| graph.resources.get(*edge))
                .map(|other| &*other.text)
                .collect();
            let mut out = json!({
                "address": &*resource.text,
                "mode": resource.mode().as_str(),
                "type": &*resource.address.ty,
                "provider": &*resource.provider,
                "values": values,
                "unknown": unknown,
                "sensitive": sensitive,
                "file": file,
                "lines": lines,
                "edges": edges,
            });
            if let (Some(change), Some(entries)) = (&resource.change, out.as_object_mut()) {
                entries.insert("actions".to_owned(), json!(change.actions));
            }
            out
        })
        .collect();
    let mut outputs = Map::new();
    for (name, value) in &graph.outputs {
        let (mut unknown, mut sensitive) = (Vec::new(), Vec::new());
        let shown = value_json(value, "", &mut unknown, &mut sensitive);
        outputs.insert(
            name.to_string(),
            json!({ "value": shown, "unknown": unknown, "sensitive": sensitive }),
        );
    }
    json!({
        "schema": "plumbline.graph/1",
        "tool": "tf-gate",
        "version": env!("CARGO_PKG_VERSION"),
        "root": graph.root,
        "resources": resources,
        "outputs": outputs,
    })
}

/// A value as a plan's `planned_values` have it, with null for what is unknown or sensitive, whose paths are
/// gathered.
fn value_json(value: &Value, path: &str, unknown: &mut Vec<String>, sensitive: &mut Vec<String>) -> Json {
    if value.marks().contains(Marks::SENSITIVE) || value.marks().contains(Marks::EPHEMERAL) {
        sensitive.push(path.to_owned());
        if !value.is_known() {
            unknown.push(path.to_owned());
        }
        return Json::Null;
    }
    match value.kind() {
        Kind::Null(_) | Kind::Type(_) | Kind::Handle(_) => Json::Null,
        Kind::Unknown(_) => {
            unknown.push(path.to_owned());
            Json::Null
        }
        Kind::Bool(flag) => Json::Bool(*flag),
        Kind::Number(number) => number_json(number),
        Kind::String(text) => Json::String(text.to_string()),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => Json::Array(
            items
                .iter()
                .enumerate()
                .map(|(at, item)| value_json(item, &format!("{path}[{at}]"), unknown, sensitive))
                .collect(),
        ),
        Kind::Map(_, entries) => Json::Object(
            entries
                .iter()
                .map(|(key, item)| {
                    let below = format!("{path}[{}]", tf_lang::text::quote_go(key));
                    (key.to_string(), value_json(item, &below, unknown, sensitive))
                })
                .collect(),
        ),
        Kind::Object(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, item)| {
                    let below = if path.is_empty() {
                        key.to_string()
                    } else {
                        format!("{path}.{key}")
                    };
                    (key.to_string(), value_json(item, &below, unknown, sensitive))
                })
                .collect(),
        ),
    }
}

fn number_json(number: &tf_lang::Number) -> Json {
    let text = number.to_string();
    match text.parse::<i64>() {
        Ok(whole) => json!(whole),
        // As Terraform prints it; a float where JSON readers have no more.
        Err(_) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
    }
}

fn dot(graph: &Graph) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = String::from("digraph {\n  rankdir = \"RL\"\n  node [shape = rect]\n");
    for resource in &graph.resources {
        out.push_str(&format!("  {}\n", quote(&resource.text)));
    }
    for resource in &graph.resources {
        for edge in resource
            .edges
            .iter()
            .filter_map(|edge| graph.resources.get(*edge))
        {
            out.push_str(&format!("  {} -> {}\n", quote(&resource.text), quote(&edge.text)));
        }
    }
    out.push_str("}\n");
    out
}
