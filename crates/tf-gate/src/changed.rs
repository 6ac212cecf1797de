//! `tf-gate changed`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::bail;
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};
use tf_cli::args::VariableArgs;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_model::config::Input;
use tf_model::config::depends::{Dependencies, Given, Repository, What, is_below, locate, role};
use tf_terraform::{Circle, side_by_side};

use crate::git::{Change, Git, GitError, Sides};

/// How roots are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// plumbline.changed/1
    Json,
    /// One line of JSON, for the matrix of a CI job
    Matrix,
}

/// Print the root modules that a change touches
///
/// Compares the commit where REV and HEAD part with the work tree, files that are new included, or with --head. A root is touched
/// where a file changed that it depends on: its own, those of the modules that it calls, its variables, its lock file, and files
/// that its expressions read. Roots are in the order of their names, but a root comes after those that plumbline.hcl puts before it.
#[derive(Args, Debug)]
pub(crate) struct ChangedArgs {
    /// Print only roots at or below these folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What to compare with: a branch, a tag, a commit
    #[arg(long, value_name = "REV")]
    base: String,
    /// Compare this commit instead of the work tree
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// Format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    variables: VariableArgs,
}

/// A root that a change touches.
struct Touched {
    root: String,
    deleted: bool,
    /// By file: the ways.
    reasons: BTreeSet<(String, String)>,
}

pub(crate) fn run(args: ChangedArgs) -> anyhow::Result<Exit> {
    let git = match (Git::find(Path::new(".")), args.paths.first()) {
        (Err(GitError::NoRepository(_)), Some(path)) if path.is_dir() => Git::find(path)?,
        (found, _) => found?,
    };
    let head = args.head.as_deref().unwrap_or("HEAD");
    let base = git.merge_base(&args.base, head)?;
    let commit = args.head.as_ref().map(|_| git.commit(head)).transpose()?;
    let sides = git.sides(&base, commit.as_deref())?;
    let scope = scope(&git, &sides, &args.paths)?;
    let given = given(&git, &args.variables)?;
    let (touched, unread) = touched(&sides, &given, &scope);
    let touched = in_order(touched, &git)?;
    let text = match args.format {
        Format::Text => text(&touched),
        Format::Json => {
            let document = document(&touched, &base, commit.as_deref());
            format!("{}\n", serde_json::to_string_pretty(&document)?)
        }
        Format::Matrix => format!("{}\n", matrix(&touched)),
    };
    match &args.output {
        Some(file) => output::write_file(file, &text)?,
        None => output::print(&text)?,
    }
    if unread.is_empty() {
        return Ok(Exit::Clean);
    }
    let unread: Vec<String> = unread
        .iter()
        .map(|(file, why)| format!("{file}: {why}"))
        .collect();
    bail!("not everything could be read:\n  {}", unread.join("\n  "))
}

/// A path of the command line, relative to the repository.
fn inside(git: &Git, path: &Path) -> anyhow::Result<String> {
    let shown = path.to_string_lossy();
    let found = match path.is_absolute() {
        true => {
            // What was deleted has no real place any more, but a folder above it has.
            let real = path.ancestors().find_map(|above| {
                let rest = path.strip_prefix(above).ok()?;
                Some(above.canonicalize().ok()?.join(rest))
            });
            let top = git.top.canonicalize().unwrap_or_else(|_| git.top.clone());
            real.and_then(|real| locate("", &real.strip_prefix(top).ok()?.to_string_lossy()))
        }
        false => locate(&git.prefix, &shown),
    };
    match found {
        Some(found) => Ok(found),
        None => bail!("{shown} is outside of the repository"),
    }
}

fn scope(git: &Git, sides: &Sides, paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut scope = Vec::new();
    for path in paths {
        let found = inside(git, path)?;
        let mut files = sides.old.listing.keys().chain(sides.new.listing.keys());
        if !files.any(|file| is_below(file, &found)) {
            bail!(
                "{} is not there, neither before the change nor after it",
                path.display()
            );
        }
        scope.push(found);
    }
    Ok(scope)
}

fn given(git: &Git, variables: &VariableArgs) -> anyhow::Result<Given> {
    let mut given = Given::default();
    let inputs = variables.inputs(std::env::args());
    for argument in inputs.arguments {
        match argument {
            Input::Var(name, value) => {
                given.values.insert(name, value);
            }
            // A file outside of the repository does not change with it.
            Input::File(path) => given.files.extend(inside(git, &path).ok()),
        }
    }
    Ok(given)
}

/// The roots in order, and the files that could not be read.
fn touched(sides: &Sides, given: &Given, scope: &[String]) -> (Vec<Touched>, BTreeMap<String, String>) {
    let read_old = |path: &str| sides.old.read(path);
    let read_new = |path: &str| sides.new.read(path);
    let new = Repository::load(&sides.new.listing, &read_new);
    let old = Repository::load(&sides.old.listing, &read_old);
    let changes = &sides.changes;
    let roots: BTreeSet<&String> = new
        .roots()
        .iter()
        .chain(old.roots().iter().filter(|root| !new.has(root)))
        .filter(|root| scope.is_empty() || scope.iter().any(|dir| is_below(root, dir)))
        .collect();
    let judged: Vec<(Touched, BTreeMap<String, String>)> = roots
        .into_par_iter()
        .map(|root| {
            let deleted = !new.has(root);
            let mut reasons = BTreeSet::new();
            let mut unread = BTreeMap::new();
            if !deleted {
                let found = new.dependencies(root, given, &read_new);
                for (file, why) in &found.unread {
                    reasons.insert((file.clone(), format!("cannot be read: {why}")));
                }
                gather(&found, changes, &mut reasons);
                unread = found.unread;
            }
            // What it depended on before counts too, once anything did change: only then can it be something else.
            if deleted || !reasons.is_empty() {
                gather(&old.dependencies(root, given, &read_old), changes, &mut reasons);
            }
            let touched = Touched {
                root: root.clone(),
                deleted,
                reasons,
            };
            (touched, unread)
        })
        .collect();
    let mut unread = BTreeMap::new();
    let mut touched = Vec::new();
    for (root, problems) in judged {
        unread.extend(problems);
        if root.deleted || !root.reasons.is_empty() {
            touched.push(root);
        }
    }
    (touched, unread)
}

/// Roots by name, but each after those that the settings put before it, as far as these are touched too.
fn in_order(touched: Vec<Touched>, git: &Git) -> anyhow::Result<Vec<Touched>> {
    let settings = Settings::find(&git.top)?;
    let place = |dir: &Path| {
        let dir = inside(git, dir).ok()?;
        touched.iter().position(|root| root.root == dir)
    };
    let mut after = vec![Vec::new(); touched.len()];
    for rule in &settings.gate.roots {
        if let Some(slot) = place(&rule.dir).and_then(|at| after.get_mut(at)) {
            slot.extend(rule.after.iter().filter_map(|before| place(before)));
        }
    }
    let order = Mutex::new(Vec::new());
    let write = |at: usize, _: &Touched| order.lock().unwrap_or_else(PoisonError::into_inner).push(at);
    if let Err(Circle(at)) = side_by_side(&touched, &after, 1, tf_model::config::STACK, write) {
        let names: Vec<&str> = at
            .iter()
            .filter_map(|at| Some(shown(&touched.get(*at)?.root)))
            .collect();
        bail!(
            "in plumbline.hcl, roots come after each other in a circle: {}",
            names.join(" after ")
        );
    }
    let order = order.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut touched: Vec<Option<Touched>> = touched.into_iter().map(Some).collect();
    Ok(order
        .into_iter()
        .filter_map(|at| touched.get_mut(at)?.take())
        .collect())
}

/// The changed files that a root depends on.
fn gather(
    found: &Dependencies,
    changes: &BTreeMap<String, Change>,
    reasons: &mut BTreeSet<(String, String)>,
) {
    let submodules: Vec<&String> = changes
        .iter()
        .filter(|(_, change)| change.is_submodule())
        .map(|(path, _)| path)
        .collect();
    for dependency in &found.all {
        let place = dependency.what.place();
        let below = changes.range(place.to_owned()..).map(|(file, _)| file);
        for file in below.take_while(|file| file.starts_with(place)) {
            if dependency.what.covers(file) {
                let own = matches!(dependency.what, What::Folder(_, true));
                let via = if own { role(file) } else { &dependency.via };
                reasons.insert((file.clone(), via.to_owned()));
            }
        }
        // All of a submodule is one entry.
        for path in submodules.iter().filter(|path| is_below(place, path)) {
            reasons.insert(((*path).clone(), format!("{} (submodule)", dependency.via)));
        }
    }
}

fn shown(root: &str) -> &str {
    if root.is_empty() { "." } else { root }
}

fn text(touched: &[Touched]) -> String {
    if touched.is_empty() {
        return "No root is touched.\n".to_owned();
    }
    let mut out = String::new();
    for root in touched {
        let status = if root.deleted { " (deleted)" } else { "" };
        out.push_str(&format!("{}{status}\n", plain(shown(&root.root))));
        for (file, via) in &root.reasons {
            out.push_str(&format!("  {}: {}\n", plain(file), plain(via)));
        }
    }
    out
}

/// Names may hold what steers a terminal.
fn plain(text: &str) -> String {
    let escape = |letter: char| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(escape).collect()
}

fn document(touched: &[Touched], base: &str, head: Option<&str>) -> Json {
    let roots: Vec<Json> = touched
        .iter()
        .map(|root| {
            let reasons: Vec<Json> = root
                .reasons
                .iter()
                .map(|(file, via)| json!({ "file": file, "via": via }))
                .collect();
            let status = if root.deleted { "deleted" } else { "touched" };
            json!({ "root": shown(&root.root), "status": status, "reasons": reasons })
        })
        .collect();
    json!({
        "schema": "plumbline.changed/1",
        "tool": "tf-gate",
        "version": env!("CARGO_PKG_VERSION"),
        "base": base,
        // Null is the work tree.
        "head": head,
        "roots": roots,
    })
}

/// What is deleted has no configuration that a job could plan.
fn matrix(touched: &[Touched]) -> Json {
    let include: Vec<Json> = touched
        .iter()
        .filter(|root| !root.deleted)
        .map(|root| {
            let mut entry = Map::new();
            entry.insert("root".to_owned(), json!(shown(&root.root)));
            let parts: Vec<&str> = root.root.split('/').collect();
            if let [.., _, environment, stack] = parts.as_slice() {
                entry.insert("environment".to_owned(), json!(environment));
                entry.insert("stack".to_owned(), json!(stack));
            }
            Json::Object(entry)
        })
        .collect();
    json!({ "include": include })
}
