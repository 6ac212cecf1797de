//! Values against `terraform plan`: every root of `tests/roots` is planned by the real Terraform with the real
//! provider, and what it plans must be what our graph holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;

use anyhow::{Context as _, Result};
use serde_json::Value as Json;
use tf_lang::{Number, Value};
use tf_model::{Graph, Mode, Project};

mod terraform;

use terraform::{Arguments, Terraform, options};

/// How many roots are planned at a time: each starts a provider of some 700 MB.
const AT_A_TIME: usize = 2;

/// How a value of ours differs from Terraform's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    /// We know what Terraform does not.
    Sooner,
    /// We know a part of a collection of which Terraform knows nothing.
    Partly,
    /// Terraform knows what we do not.
    Later,
    /// The values differ.
    Otherwise,
}

/// Where the graph is to differ: the resource type, or the root and the address, the path (`*` for all), how, and why.
const DELIBERATE: &[(&str, &str, How, &str)] = &[
    (
        "*",
        "*",
        How::Partly,
        "The provider's plan forgets the known members of a collection beside an unknown one; policies look for them.",
    ),
    (
        "*",
        "tags_all",
        How::Sooner,
        "A tag with an empty value makes the plan forget the others.",
    ),
    (
        "04-provider-aliases output.unknown_tags_all",
        "-",
        How::Sooner,
        "A tag with an empty value makes the plan forget the others.",
    ),
    (
        "aws_instance",
        "user_data",
        How::Otherwise,
        "The plan has a hash; policies look for secrets in the text.",
    ),
    (
        "09-text-and-templates output.paths",
        "*",
        How::Later,
        "path.cwd differs from machine to machine, so it is unknown to us.",
    ),
    ("aws_iam_policy_document", "json", How::Sooner, DEFERRED),
    ("aws_iam_policy_document", "minified_json", How::Sooner, DEFERRED),
    ("aws_iam_policy", "policy", How::Sooner, DEFERRED),
    (
        "17-deferred-data output.late_policies",
        "*",
        How::Sooner,
        DEFERRED,
    ),
];

const DEFERRED: &str =
    "depends_on puts off a document whose text does not depend on it; policies judge the text.";

/// The differences that a comparison finds: where, how, and in words.
type Found = Vec<(String, How, String)>;

/// Differences of one root: address and path, and what they are.
type Differences = BTreeMap<(String, String), String>;

#[test]
fn planned_values_are_those_of_terraform() {
    let terraform = Terraform::find().unwrap();
    let roots = terraform::folders(&terraform::roots_folder());
    assert!(roots.len() >= 26, "only {} roots were found", roots.len());
    let queue = Mutex::new(roots.clone().into_iter());
    let results: Mutex<BTreeMap<String, Result<Differences>>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(root) = next else { return };
                    let result = differences_of(&terraform, &root);
                    results.lock().unwrap().insert(root, result);
                }
            });
        }
    });
    let mut report = String::new();
    for (root, result) in results.into_inner().unwrap() {
        match result {
            Ok(differences) => {
                for ((address, path), what) in differences {
                    let _ = writeln!(report, "{root} {address} {path}: {what}");
                }
            }
            Err(error) => drop(writeln!(report, "{root} could not be compared: {error:?}")),
        }
    }
    assert!(report.is_empty(), "these values differ:\n{report}");
}

fn differences_of(terraform: &Terraform, root: &str) -> Result<Differences> {
    let source = terraform::roots_folder().join(root);
    let arguments = Arguments::read(&source)?;
    let dir = terraform::copy(&source, "values", root)?;
    let plan = terraform.plan(&dir, &arguments)?;
    let options = options(&dir, &arguments)?;
    let graph = tf_model::config::thread_pool()?.install(|| -> Result<Graph> {
        let project = Project::load_root(&dir, &options)?;
        let root = project
            .roots()
            .first()
            .context("there is no root module")?
            .clone();
        Ok(project.graph(&root))
    })?;
    let mut comparison = Comparison {
        root: root.to_owned(),
        ..Comparison::default()
    };
    comparison.problems(&graph);
    comparison.resources(&graph, &plan);
    comparison.outputs(&graph, &plan);
    Ok(comparison.differences)
}

#[derive(Default)]
struct Comparison {
    root: String,
    differences: Differences,
}

impl Comparison {
    fn note(&mut self, address: &str, path: &str, what: String) {
        let path = if path.is_empty() { "-" } else { path };
        self.differences
            .insert((address.to_owned(), path.to_owned()), what);
    }

    /// Notes what is not deliberate.
    fn keep(&mut self, ty: &str, address: &str, found: Found) {
        for (path, how, what) in found {
            let path = if path.is_empty() { "-" } else { &path };
            if !deliberate(&[ty, &format!("{} {address}", self.root)], path, how) {
                self.note(address, path, what);
            }
        }
    }

    /// Terraform plans the root, so nothing may be wrong with it for us.
    fn problems(&mut self, graph: &Graph) {
        for (at, problem) in graph
            .problems
            .iter()
            .filter(|problem| problem.diagnostic.is_error())
            .enumerate()
        {
            let place = problem
                .diagnostic
                .span
                .map(|span| place(graph, span))
                .unwrap_or_default();
            self.note(
                "problem",
                &at.to_string(),
                format!("{place}: {}", problem.diagnostic),
            );
        }
    }

    fn resources(&mut self, graph: &Graph, plan: &Json) {
        let mut planned: BTreeMap<&str, &Json> = BTreeMap::new();
        gather(plan.pointer("/planned_values/root_module"), &mut planned);
        let later: BTreeMap<&str, &Json> = plan
            .get("resource_changes")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(|change| {
                Some((
                    change.get("address")?.as_str()?,
                    change.pointer("/change/after_unknown")?,
                ))
            })
            .collect();
        for resource in &graph.resources {
            let address = &*resource.text;
            let Some(theirs) = planned.remove(address) else {
                // Data sources that were read already, and what is never stored, are not in the plan.
                if resource.mode() == Mode::Managed {
                    self.note(address, "", "Terraform does not plan it".to_owned());
                }
                continue;
            };
            let nothing = Json::Object(serde_json::Map::new());
            let values = theirs.get("values").unwrap_or(&nothing);
            let unknown = later.get(address).copied();
            let ty = &*resource.address.ty;
            let mut found = Vec::new();
            compare(&resource.values, Some(values), unknown, "", &mut found);
            self.keep(ty, address, found);
        }
        for address in planned.into_keys() {
            self.note(address, "", "it is not in the graph".to_owned());
        }
    }

    fn outputs(&mut self, graph: &Graph, plan: &Json) {
        let nothing = Json::Null;
        let planned = plan.pointer("/planned_values/outputs").unwrap_or(&nothing);
        let changes = plan.get("output_changes").unwrap_or(&nothing);
        let names: BTreeSet<&str> = changes
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect();
        for name in &names {
            let address = format!("output.{name}");
            let Some(ours) = graph.outputs.get(*name) else {
                self.note(&address, "", "it is not in the graph".to_owned());
                continue;
            };
            let change = changes.get(name);
            let unknown = change.and_then(|change| change.get("after_unknown"));
            let known = change.and_then(|change| change.get("after"));
            let theirs = planned.get(name).and_then(|output| output.get("value")).or(known);
            let mut found = Vec::new();
            compare(ours, theirs, unknown, "", &mut found);
            self.keep("output", &address, found);
        }
        for name in graph.outputs.keys().filter(|name| !names.contains(&***name)) {
            self.note(
                &format!("output.{name}"),
                "",
                "Terraform does not plan it".to_owned(),
            );
        }
    }
}

fn deliberate(subjects: &[&str], path: &str, how: How) -> bool {
    DELIBERATE.iter().any(|(subject, at, as_listed, _)| {
        let below = path
            .strip_prefix(at)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        *as_listed == how && (*subject == "*" || subjects.contains(subject)) && (*at == "*" || below)
    })
}

fn place(graph: &Graph, span: tf_lang::Span) -> String {
    let file = graph.sources.get(span.file);
    file.map(|file| format!("{}:{}", file.name(), file.position(span.start).line))
        .unwrap_or_default()
}

fn gather<'p>(module: Option<&'p Json>, into: &mut BTreeMap<&'p str, &'p Json>) {
    let Some(module) = module else { return };
    let list = |name: &str| module.get(name).and_then(Json::as_array).into_iter().flatten();
    for resource in list("resources") {
        if let Some(address) = resource.get("address").and_then(Json::as_str) {
            into.insert(address, resource);
        }
    }
    for child in list("child_modules") {
        gather(Some(child), into);
    }
}

/// Compares a value of ours with a planned one, of which `unknown` says what is not known yet.
fn compare(ours: &Value, theirs: Option<&Json>, unknown: Option<&Json>, path: &str, found: &mut Found) {
    let mut differ = |how: How, what: String| found.push((path.to_owned(), how, what));
    if unknown == Some(&Json::Bool(true)) {
        if ours.is_known() {
            let how = if ours.is_wholly_known() {
                How::Sooner
            } else {
                How::Partly
            };
            differ(how, format!("{} for us, unknown for Terraform", shown(ours)));
        }
        return;
    }
    let theirs = theirs.unwrap_or(&Json::Null);
    if !ours.is_known() {
        return differ(
            How::Later,
            format!(
                "{} for us, {} for Terraform",
                shown(ours),
                short(&theirs.to_string())
            ),
        );
    }
    let same = match theirs {
        Json::Null => ours.is_null(),
        Json::Bool(theirs) => ours.as_bool() == Some(*theirs),
        Json::String(theirs) => ours.as_str() == Some(theirs),
        Json::Number(theirs) => match (ours.as_number().map(Number::to_f64), theirs.as_f64()) {
            // The parser of the plan rounds the last digit of a long fraction.
            (Some(ours), Some(theirs)) => (ours - theirs).abs() <= f64::EPSILON * theirs.abs(),
            _ => false,
        },
        Json::Array(theirs) => {
            let Some(items) = ours.as_items() else {
                return differ(
                    How::Otherwise,
                    format!("{} for us, a list for Terraform", shown(ours)),
                );
            };
            let unknown = |at: usize| unknown.and_then(|unknown| unknown.get(at));
            if matches!(ours.kind(), tf_lang::value::Kind::Set(..)) {
                let theirs: Vec<_> = theirs
                    .iter()
                    .enumerate()
                    .map(|(at, item)| (item, unknown(at)))
                    .collect();
                return compare_sets(items, &theirs, path, found);
            }
            if items.len() != theirs.len() {
                let theirs = Json::Array(theirs.clone()).to_string();
                return differ(
                    How::Otherwise,
                    format!("{} for us, {} for Terraform", shown(ours), short(&theirs)),
                );
            }
            for (at, (item, theirs)) in items.iter().zip(theirs).enumerate() {
                compare(item, Some(theirs), unknown(at), &format!("{path}[{at}]"), found);
            }
            return;
        }
        Json::Object(theirs) => {
            let Some(entries) = ours.as_entries() else {
                return differ(
                    How::Otherwise,
                    format!("{} for us, an object for Terraform", shown(ours)),
                );
            };
            let names: BTreeSet<&str> = entries
                .iter()
                .map(|(name, _)| &**name)
                .chain(theirs.keys().map(String::as_str))
                .chain(
                    unknown
                        .and_then(Json::as_object)
                        .into_iter()
                        .flatten()
                        .map(|(name, _)| name.as_str()),
                )
                .collect();
            for name in names {
                let below = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path}.{name}")
                };
                let unknown = unknown.and_then(|unknown| unknown.get(name));
                match (entries.get(name), theirs.get(name)) {
                    (Some(ours), None)
                        if unknown != Some(&Json::Bool(true))
                            && !matches!(unknown, Some(Json::Object(_) | Json::Array(_))) =>
                    {
                        let what = format!("{} for us, nothing for Terraform", shown(ours));
                        found.push((below, How::Otherwise, what));
                    }
                    (None, _) => found.push((below, How::Otherwise, "nothing for us".to_owned())),
                    (Some(ours), theirs) => compare(ours, theirs, unknown, &below, found),
                }
            }
            return;
        }
    };
    if !same {
        differ(
            How::Otherwise,
            format!(
                "{} for us, {} for Terraform",
                shown(ours),
                short(&theirs.to_string())
            ),
        );
    }
}

/// Sets are equal where each member has its like; of those that have none the first are compared in depth.
fn compare_sets(ours: &[Value], theirs: &[(&Json, Option<&Json>)], path: &str, found: &mut Found) {
    let mut left: Vec<&Value> = ours.iter().collect();
    let mut unmatched = Vec::new();
    for (item, unknown) in theirs {
        let like = left.iter().position(|ours| {
            let mut differences = Vec::new();
            compare(ours, Some(item), *unknown, "", &mut differences);
            differences
                .iter()
                .all(|(path, how, _)| deliberate(&[], path, *how))
        });
        match like {
            Some(at) => drop(left.remove(at)),
            None => unmatched.push((item, unknown)),
        }
    }
    for (at, (item, unknown)) in unmatched.iter().enumerate() {
        match left.get(at) {
            Some(ours) => compare(ours, Some(item), **unknown, &format!("{path}[]"), found),
            None => {
                let what = format!("{} is not in our set", short(&item.to_string()));
                found.push((format!("{path}[]"), How::Otherwise, what));
            }
        }
    }
    for ours in left.iter().skip(unmatched.len()) {
        let what = format!("{} is not in Terraform's set", shown(ours));
        found.push((format!("{path}[]"), How::Otherwise, what));
    }
}

fn shown(value: &Value) -> String {
    match value.as_unknown() {
        Some(_) => {
            let reasons: Vec<String> = value.reasons().iter().map(ToString::to_string).collect();
            format!("unknown ({})", short(&reasons.join(", ")))
        }
        None => short(&tf_lang::console::format_value(&value.clone().unmark_deep().0)),
    }
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
