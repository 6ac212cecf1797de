//! Examples of policies that judge changes: a plan made of what is there `before` and what is written `after`.
//!
//! What Terraform and the provider would plan is worked out as far as the two tell it: `moved`, `import` and `removed` blocks
//! of the second count, and `forces_replacement` names the attributes that cannot be changed in place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tf_lang::ast::{Block, Body, ExprKind};
use tf_lang::{SourceFile, SourceMap, Value};
use tf_model::graph::Resource;
use tf_model::plan::{Action, PathStep, Review, Step};
use tf_model::{Address, Graph, Mode};

use crate::examples::graph;
use crate::policy::{FORCES_REPLACEMENT, texts};

/// The key that deposed objects of examples have.
const DEPOSED: &str = "0badc0de";

/// What an example does.
///
/// # Errors
/// What is wrong with it, with the line.
pub(crate) fn review(source: &str) -> Result<Review, String> {
    let mut sources = SourceMap::new();
    let text: Arc<str> = source.into();
    let file = sources.add(SourceFile::new("example.tf", text.clone()));
    let body = tf_lang::parse::parse_body(file, &text).map_err(|problem| problem.to_string())?;
    let world = |name: &str| -> Result<Graph, String> {
        match body.blocks_of(name).next() {
            Some(block) => graph(&alone(block, &sources)).map_err(|problem| format!("{name}: {problem}")),
            None => Ok(Graph::default()),
        }
    };
    let (mut before, after, deposed) = (world("before")?, world("after")?, world("deposed")?);
    let intent = match body.blocks_of("after").next() {
        Some(block) => Intent::read(&block.body, &sources),
        None => Intent::default(),
    };
    let previous = intent.move_all(&mut before);
    let forcing = texts(body.attribute(FORCES_REPLACEMENT)).map_err(|problem| problem.to_string())?;
    let mut steps = Vec::new();
    let mut forced: BTreeSet<&str> = BTreeSet::new();
    for address in managed(&before).chain(managed(&after)).collect::<BTreeSet<_>>() {
        let find = |graph| -> Option<&Resource> {
            Graph::find(graph, address).and_then(|at| graph.resources.get(at))
        };
        let (is, will) = (find(&before), find(&after));
        let forcing = differing(is, will, &forcing);
        forced.extend(&forcing);
        steps.push(Step {
            previous_address: previous.get(address).cloned(),
            action: match (is, will) {
                (Some(_), None) if intent.forgets(&address.to_string()) => Action::Forget,
                (Some(_), None) => Action::Delete,
                (Some(_), Some(will)) if !forcing.is_empty() => match creates_first(will) {
                    true => Action::CreateThenDelete,
                    false => Action::DeleteThenCreate,
                },
                (Some(is), Some(will)) if is_same(&is.values, &will.values) => Action::NoOp,
                (Some(_), Some(_)) => Action::Update,
                (None, _) if intent.imports.contains(&address.to_string()) => Action::NoOp,
                (None, _) => Action::Create,
            },
            reason: match (is, will) {
                (Some(_), None) => Some("delete_because_no_resource_config".into()),
                _ if !forcing.is_empty() => Some("replace_because_cannot_update".into()),
                _ => None,
            },
            replace_paths: forcing.iter().map(|path| path_of(path)).collect(),
            imports: intent.imports.contains(&address.to_string()),
            ..step(address, is, will)
        });
    }
    if let Some(path) = forcing.iter().find(|path| !forced.contains(path.as_str())) {
        return Err(format!(
            "{FORCES_REPLACEMENT} names {path}, which does not change from before to after"
        ));
    }
    for resource in deposed.resources.iter().filter(|it| it.mode() == Mode::Managed) {
        steps.push(Step {
            action: Action::Delete,
            deposed: Some(DEPOSED.into()),
            ..step(&resource.address, Some(resource), None)
        });
    }
    Ok(Review {
        before,
        after,
        steps,
        outputs: BTreeMap::new(),
        terraform_version: "".into(),
        errored: false,
    })
}

fn step(address: &Address, is: Option<&Resource>, will: Option<&Resource>) -> Step {
    let values = |resource: Option<&Resource>| resource.map_or(Value::NULL, |it| it.values.clone());
    Step {
        address: address.to_string().into(),
        ty: address.ty.clone(),
        previous_address: None,
        action: Action::NoOp,
        deposed: None,
        reason: None,
        replace_paths: Vec::new(),
        imports: false,
        before: values(is),
        after: values(will),
    }
}

fn managed(graph: &Graph) -> impl Iterator<Item = &Address> {
    let resources = graph.resources.iter().map(|resource| &resource.address);
    resources.filter(|address| address.mode == Mode::Managed)
}

/// The text in a block, on the lines that it has in the example.
fn alone(block: &Block, sources: &SourceMap) -> String {
    let span = block.body.span;
    let text = sources.text(span);
    let text = text.strip_prefix('{').unwrap_or(text);
    let text = text.strip_suffix('}').unwrap_or(text);
    let lines_before = sources.lines(span).0.saturating_sub(1) as usize;
    format!("{}{text}\n", "\n".repeat(lines_before))
}

/// What the configuration says of resources that are there.
#[derive(Default)]
struct Intent {
    /// From where to where.
    moves: Vec<(String, String)>,
    /// What is taken out of the state and stays.
    forgotten: Vec<String>,
    imports: BTreeSet<String>,
}

impl Intent {
    fn read(body: &Body, sources: &SourceMap) -> Intent {
        let address = |block: &Block, name: &str| -> Option<String> {
            Some(sources.text(block.body.attribute(name)?.value.span).to_owned())
        };
        let is_kept = |block: &&Block| {
            block
                .body
                .blocks_of("lifecycle")
                .any(|lifecycle| is_set(&lifecycle.body, "destroy", false))
        };
        Intent {
            moves: body
                .blocks_of("moved")
                .filter_map(|block| Some((address(block, "from")?, address(block, "to")?)))
                .collect(),
            forgotten: body
                .blocks_of("removed")
                .filter(is_kept)
                .filter_map(|block| address(block, "from"))
                .collect(),
            imports: body
                .blocks_of("import")
                .filter_map(|block| address(block, "to"))
                .collect(),
        }
    }

    fn forgets(&self, address: &str) -> bool {
        self.forgotten.iter().any(|from| below(address, from).is_some())
    }

    /// Gives the resources that move their new addresses, and returns the old ones.
    fn move_all(&self, graph: &mut Graph) -> BTreeMap<Address, Arc<str>> {
        let mut previous = BTreeMap::new();
        for resource in &mut graph.resources {
            let moved = self.moves.iter().find_map(|(from, to)| {
                let rest = below(&resource.text, from)?;
                format!("{to}{rest}").parse::<Address>().ok()
            });
            if let Some(address) = moved {
                previous.insert(address.clone(), resource.text.clone());
                resource.text = address.to_string().into();
                resource.address = address;
            }
        }
        graph.sort();
        previous
    }
}

/// What follows where an address is another or an instance of it.
fn below<'a>(address: &'a str, of: &str) -> Option<&'a str> {
    let rest = address.strip_prefix(of)?;
    (rest.is_empty() || rest.starts_with(['[', '.'])).then_some(rest)
}

fn is_set(body: &Body, name: &str, to: bool) -> bool {
    body.attribute(name)
        .is_some_and(|attribute| matches!(attribute.value.kind, ExprKind::Bool(value) if value == to))
}

fn creates_first(resource: &Resource) -> bool {
    let declaration = resource.declaration.as_ref();
    declaration.is_some_and(|declaration| {
        let mut lifecycles = declaration.block.body.blocks_of("lifecycle");
        lifecycles.any(|lifecycle| is_set(&lifecycle.body, "create_before_destroy", true))
    })
}

/// The paths whose values differ where a resource is there before and after.
fn differing<'p>(is: Option<&Resource>, will: Option<&Resource>, paths: &'p [String]) -> Vec<&'p str> {
    let (Some(is), Some(will)) = (is, will) else {
        return Vec::new();
    };
    let differ = |path: &&String| !is_same(&at(&is.values, path), &at(&will.values, path));
    paths.iter().filter(differ).map(String::as_str).collect()
}

/// What stands at a path; of a list of blocks, in the first.
fn at(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |value, name| {
        let value = match value.as_items() {
            Some(items) => items.first().cloned().unwrap_or(Value::NULL),
            None => value,
        };
        value.get(name).cloned().unwrap_or(Value::NULL)
    })
}

/// Whether nothing changes: what is not known of either is what the provider decides.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a.as_entries(), b.as_entries()) {
        (Some(a), Some(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b.iter())
                    .all(|((k, v), (l, w))| k == l && is_same(v, w))
        }
        _ => match a.equals(b) {
            Some(same) => same,
            None => a.is_wholly_known() == b.is_wholly_known(),
        },
    }
}

fn path_of(path: &str) -> Vec<PathStep> {
    path.split('.').map(|name| PathStep::Name(name.into())).collect()
}
