//! The configuration inside a plan: which attributes are set, and what they refer to.
//!
//! A plan does not tell what local values refer to, so that ties through these are seen only in the
//! configuration itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::address::{Address, Key, Mode, ModulePath, ModuleStep};
use crate::graph::Graph;

/// The `configuration` of a plan.
#[derive(Deserialize, Default)]
pub(super) struct Configuration {
    #[serde(default)]
    root_module: ModuleConfig,
}

#[derive(Deserialize, Default)]
struct ModuleConfig {
    #[serde(default)]
    resources: Vec<ResourceConfig>,
    #[serde(default)]
    module_calls: BTreeMap<String, ModuleCall>,
    #[serde(default)]
    outputs: BTreeMap<String, OutputConfig>,
    #[serde(default)]
    variables: BTreeMap<String, VariableConfig>,
}

#[derive(Deserialize, Default)]
struct VariableConfig {
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize, Default)]
struct OutputConfig {
    #[serde(default)]
    expression: Json,
}

#[derive(Deserialize, Default)]
struct ModuleCall {
    #[serde(default)]
    expressions: Json,
    #[serde(default)]
    module: ModuleConfig,
}

/// A resource block.
#[derive(Deserialize, Default)]
pub(super) struct ResourceConfig {
    #[serde(default)]
    mode: String,
    #[serde(default, rename = "type")]
    ty: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    expressions: Json,
    #[serde(default)]
    count_expression: Json,
    #[serde(default)]
    for_each_expression: Json,
    #[serde(default)]
    depends_on: Vec<String>,
}

impl ResourceConfig {
    /// What an attribute's expression refers to; empty where it is not set or constant.
    pub(super) fn references_of(&self, attribute: &str) -> Vec<Arc<str>> {
        let mut found = Vec::new();
        if let Some(expression) = self.expressions.get(attribute) {
            collect(expression, &mut found);
        }
        // The longest form of each reference comes first; its shorter forms follow it.
        let mut kept: Vec<Arc<str>> = Vec::new();
        for reference in found {
            if !kept.iter().any(|longer| longer.starts_with(reference)) {
                kept.push(reference.into());
            }
        }
        kept
    }
}

fn collect<'j>(expression: &'j Json, found: &mut Vec<&'j str>) {
    match expression {
        Json::Object(members) => {
            if let Some(Json::Array(references)) = members.get("references") {
                found.extend(references.iter().filter_map(Json::as_str));
            }
            members
                .iter()
                .filter(|(name, _)| *name != "references")
                .for_each(|(_, inner)| collect(inner, found));
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

impl Configuration {
    fn module(&self, path: &ModulePath) -> Option<&ModuleConfig> {
        path.0.iter().try_fold(&self.root_module, |module, step| {
            module.module_calls.get(&*step.name).map(|call| &call.module)
        })
    }

    /// The block that declares a resource.
    pub(super) fn resource(&self, address: &Address) -> Option<&ResourceConfig> {
        self.module(&address.module)?.resources.iter().find(|resource| {
            resource.mode == address.mode.as_str()
                && *resource.ty == *address.ty
                && *resource.name == *address.name
        })
    }

    /// Whether a variable of the root module is sensitive.
    pub(super) fn is_sensitive_variable(&self, name: &str) -> bool {
        self.root_module
            .variables
            .get(name)
            .is_some_and(|variable| variable.sensitive)
    }
}

/// A resource block by its module path without keys: `module.a.aws_x.y`.
fn block_name(address: &Address) -> String {
    let mut name = String::new();
    for step in &address.module.0 {
        name.push_str(&format!("module.{}.", step.name));
    }
    name.push_str(&address.local());
    name
}

/// Follows references through variables and outputs.
struct Follow<'c> {
    configuration: &'c Configuration,
    seen: BTreeSet<(Vec<Arc<str>>, String)>,
    found: BTreeSet<String>,
}

impl Follow<'_> {
    fn reference(&mut self, module: &[Arc<str>], reference: &str) {
        if !self.seen.insert((module.to_vec(), reference.to_owned())) || self.seen.len() > 20_000 {
            return;
        }
        let parts: Vec<&str> = reference.split(['.', '[']).collect();
        match parts.as_slice() {
            ["var", name, ..] => self.variable(module, name),
            ["module", call, rest @ ..] => {
                let output = rest.iter().find(|part| !part.ends_with(']'));
                self.output(module, call, output.copied());
            }
            ["local" | "each" | "count" | "path" | "terraform" | "self", ..] => {}
            ["data", ty, name, ..] => self.resource(module, &format!("data.{ty}.{name}")),
            [ty, name, ..] => self.resource(module, &format!("{ty}.{name}")),
            _ => {}
        }
    }

    fn resource(&mut self, module: &[Arc<str>], local: &str) {
        let prefix: String = module.iter().map(|name| format!("module.{name}.")).collect();
        self.found.insert(format!("{prefix}{local}"));
    }

    fn path(module: &[Arc<str>]) -> ModulePath {
        ModulePath(
            module
                .iter()
                .map(|name| ModuleStep {
                    name: name.clone(),
                    key: None,
                })
                .collect(),
        )
    }

    fn variable(&mut self, module: &[Arc<str>], name: &str) {
        let Some((call, outer)) = module.split_last() else {
            return;
        };
        let configuration = self.configuration;
        let Some(caller) = configuration.module(&Self::path(outer)) else {
            return;
        };
        let expression = caller
            .module_calls
            .get(&**call)
            .and_then(|call| call.expressions.get(name));
        self.expression(outer, expression);
    }

    fn output(&mut self, module: &[Arc<str>], call: &str, output: Option<&str>) {
        let mut inner = module.to_vec();
        inner.push(call.into());
        let configuration = self.configuration;
        let Some(config) = configuration.module(&Self::path(&inner)) else {
            return;
        };
        for (name, declared) in &config.outputs {
            if output.is_none_or(|output| output == name) {
                self.expression(&inner, Some(&declared.expression));
            }
        }
    }

    fn expression(&mut self, module: &[Arc<str>], expression: Option<&Json>) {
        let mut found = Vec::new();
        if let Some(expression) = expression {
            collect(expression, &mut found);
        }
        for reference in found {
            self.reference(module, reference);
        }
    }
}

/// Adds the edges between a plan's resources.
pub(super) fn connect(graph: &mut Graph, configuration: &Configuration) {
    let mut by_block: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, resource) in graph.resources.iter().enumerate() {
        by_block
            .entry(block_name(&resource.address))
            .or_default()
            .push(at);
    }
    let mut targets: HashMap<String, (BTreeSet<String>, bool)> = HashMap::new();
    let mut edges: Vec<Vec<usize>> = Vec::with_capacity(graph.resources.len());
    for (own, resource) in graph.resources.iter().enumerate() {
        let block = block_name(&resource.address);
        let (blocks, by_key) = targets.entry(block).or_insert_with(|| {
            let module: Vec<Arc<str>> = resource
                .address
                .module
                .0
                .iter()
                .map(|step| step.name.clone())
                .collect();
            follow(configuration, &resource.address, &module)
        });
        let mut found = Vec::new();
        for block in blocks.iter() {
            let candidates = by_block.get(block).map(Vec::as_slice).unwrap_or_default();
            found.extend(candidates.iter().copied().filter(|candidate| {
                let other = graph.resources.get(*candidate).map(|other| &other.address);
                *candidate != own && other.is_some_and(|other| tied(&resource.address, other, *by_key))
            }));
        }
        found.sort_unstable();
        edges.push(found);
    }
    for (resource, edges) in graph.resources.iter_mut().zip(edges) {
        resource.direct.clone_from(&edges);
        resource.edges = edges;
    }
}

/// The blocks that a resource refers to, and whether it does so by its own key.
fn follow(configuration: &Configuration, address: &Address, module: &[Arc<str>]) -> (BTreeSet<String>, bool) {
    let mut follow = Follow {
        configuration,
        seen: BTreeSet::new(),
        found: BTreeSet::new(),
    };
    let mut by_key = false;
    if let Some(declared) = configuration.resource(address) {
        let mut references = Vec::new();
        collect(&declared.expressions, &mut references);
        by_key = references
            .iter()
            .any(|reference| *reference == "each.key" || *reference == "count.index");
        for expression in [
            &declared.expressions,
            &declared.count_expression,
            &declared.for_each_expression,
        ] {
            follow.expression(module, Some(expression));
        }
        for reference in &declared.depends_on {
            follow.reference(module, reference);
        }
    }
    (follow.found, by_key)
}

/// Whether instances belong together: in one module instance, and under one key where the reference names it.
fn tied(own: &Address, other: &Address, by_key: bool) -> bool {
    let shared = own.module.0.iter().zip(&other.module.0);
    let same_modules = shared
        .take_while(|(a, b)| a.name == b.name)
        .all(|(a, b)| a.key == b.key);
    let key_fits = match (&own.key, &other.key) {
        (Some(own), Some(other)) if by_key && same_kind(own, other) => own == other,
        _ => true,
    };
    same_modules && key_fits && other.mode != Mode::Ephemeral
}

fn same_kind(a: &Key, b: &Key) -> bool {
    matches!(
        (a, b),
        (Key::Index(_), Key::Index(_)) | (Key::Name(_), Key::Name(_))
    )
}
