//! The configuration inside a plan: which attributes are set, and what they refer to.
//!
//! A plan does not tell what local values refer to, so that ties through these are seen only in the
//! configuration itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use tf_lang::value::Reason;
use tf_lang::{Type, Value};

use crate::address::{Address, Key, Mode, ModulePath, ModuleStep};
use crate::graph::{Graph, Resource};

/// The `configuration` of a plan.
#[derive(Deserialize, Default)]
pub(super) struct Configuration {
    /// By the keys that resources name.
    #[serde(default)]
    provider_config: HashMap<String, ProviderConfig>,
    #[serde(default)]
    root_module: ModuleConfig,
}

#[derive(Deserialize, Default)]
struct ModuleConfig {
    /// By their addresses in the module.
    #[serde(default, deserialize_with = "by_address")]
    resources: HashMap<String, ResourceConfig>,
    #[serde(default)]
    module_calls: BTreeMap<String, ModuleCall>,
    #[serde(default)]
    outputs: BTreeMap<String, OutputConfig>,
    #[serde(default)]
    variables: BTreeMap<String, VariableConfig>,
}

#[derive(Deserialize, Default)]
struct ProviderConfig {
    #[serde(default)]
    module_address: String,
    #[serde(default)]
    expressions: Json,
}

#[derive(Deserialize, Default)]
struct VariableConfig {
    #[serde(default)]
    default: Option<Json>,
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

fn by_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<HashMap<String, ResourceConfig>, D::Error> {
    let resources: Vec<ResourceConfig> = Vec::deserialize(deserializer)?;
    let local = |resource: &ResourceConfig| match &*resource.mode {
        "managed" => format!("{}.{}", resource.ty, resource.name),
        mode => format!("{mode}.{}.{}", resource.ty, resource.name),
    };
    Ok(resources
        .into_iter()
        .map(|resource| (local(&resource), resource))
        .collect())
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
    #[serde(default)]
    provider_config_key: String,
}

impl ResourceConfig {
    /// What the expression of an attribute, or of one inside blocks, refers to; empty where it is not set or constant. A plan
    /// orders blocks otherwise than the configuration: the same attribute of all of them counts.
    pub(super) fn references_of(&self, path: &str) -> Vec<Arc<str>> {
        let mut names = path
            .split('.')
            .map(|step| step.split('[').next().unwrap_or_default());
        let first = names.next().unwrap_or_default();
        let mut expressions: Vec<&Json> = self.expressions.get(first).into_iter().collect();
        for name in names {
            let blocks = expressions.iter().flat_map(|expression| match expression {
                Json::Array(blocks) => blocks.as_slice(),
                one => std::slice::from_ref(*one),
            });
            let below: Vec<&Json> = blocks.filter_map(|block| block.get(name)).collect();
            // Inside an expression, or in a dynamic block: what is known of it as a whole counts.
            if below.is_empty() {
                break;
            }
            expressions = below;
        }
        let mut found = Vec::new();
        expressions
            .iter()
            .for_each(|expression| collect(expression, &mut found));
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
        self.module(&address.module)?.resources.get(&address.local())
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

/// Gives resources the regions of their providers' configurations. A plan tells the values of the root module's variables;
/// what else a region is made of stays unknown.
pub(super) fn set_regions(graph: &mut Graph, configuration: &Configuration) {
    let regions: HashMap<&str, Value> = configuration
        .provider_config
        .iter()
        .filter_map(|(key, provider)| Some((key.as_str(), region(graph, configuration, provider)?)))
        .collect();
    for resource in &mut graph.resources {
        let declared = configuration.resource(&resource.address);
        resource.region = declared.and_then(|declared| regions.get(&*declared.provider_config_key).cloned());
    }
}

fn region(graph: &Graph, configuration: &Configuration, provider: &ProviderConfig) -> Option<Value> {
    let expression = provider.expressions.get("region")?;
    if let Some(constant) = expression.get("constant_value") {
        return constant.as_str().map(Value::from);
    }
    let mut module: Vec<&str> = provider
        .module_address
        .split('.')
        .filter(|step| !step.is_empty() && *step != "module")
        .collect();
    let mut expression = expression;
    // Modules pass a variable on to their own modules.
    loop {
        let mut found = Vec::new();
        collect(expression, &mut found);
        let reference = *found.first()?;
        let unknown = || {
            let reason = match reference.starts_with("data.") {
                true => Reason::DataSource(reference.into()),
                false => Reason::KnownAfterApply(reference.into()),
            };
            Some(Value::unknown(Type::String, reason))
        };
        let [single] = found.as_slice() else {
            return unknown();
        };
        let Some(name) = single
            .strip_prefix("var.")
            .filter(|name| !name.contains(['.', '[']))
        else {
            return unknown();
        };
        let Some(call) = module.pop() else {
            return match graph.variables.get(name) {
                Some(value) if value.as_str().is_some() => Some(value.clone()),
                _ => unknown(),
            };
        };
        let path: Vec<Arc<str>> = module.iter().map(|step| Arc::from(*step)).collect();
        let outer = configuration.module(&Follow::path(&path))?;
        let called = outer.module_calls.get(call)?;
        match called.expressions.get(name) {
            Some(passed) => match passed.get("constant_value") {
                Some(constant) => return constant.as_str().map(Value::from),
                None => expression = passed,
            },
            None => {
                let default = called.module.variables.get(name)?.default.as_ref()?;
                return default.as_str().map(Value::from);
            }
        }
    }
}

/// Instances of a block within one instance of the modules around it.
#[derive(Default)]
struct Group {
    all: Vec<usize>,
    by_key: HashMap<Option<Key>, Vec<usize>>,
}

/// The instances of blocks, by what they have to share with a resource that refers to them: their addresses up to the
/// modules that both lie in.
struct Instances<'g> {
    by_block: HashMap<String, Vec<usize>>,
    groups: HashMap<(String, usize), HashMap<&'g [ModuleStep], Group>>,
    resources: &'g [Resource],
}

impl<'g> Instances<'g> {
    fn new(resources: &'g [Resource]) -> Instances<'g> {
        let mut by_block: HashMap<String, Vec<usize>> = HashMap::default();
        for (at, resource) in resources.iter().enumerate() {
            if resource.mode() != Mode::Ephemeral {
                let block = block_name(&resource.address);
                by_block.entry(block).or_default().push(at);
            }
        }
        Instances {
            by_block,
            groups: HashMap::default(),
            resources,
        }
    }

    /// The instances of a block that belong to a resource: in the same instances of the modules that they share, and, where
    /// the reference names the resource's own key, under that key.
    fn of(&mut self, block: &str, own: &Address, by_key: bool) -> Vec<usize> {
        let Some(candidates) = self.by_block.get(block) else {
            return Vec::new();
        };
        let resources = self.resources;
        let module = |at: &usize| {
            resources
                .get(*at)
                .map_or(&[][..], |other| &other.address.module.0)
        };
        let first = candidates.first().map_or(&[][..], module);
        let shared = own.module.0.iter().zip(first);
        let shared = shared.take_while(|(a, b)| a.name == b.name).count();
        let groups = self.groups.entry((block.to_owned(), shared)).or_insert_with(|| {
            let mut groups: HashMap<&[ModuleStep], Group> = HashMap::default();
            for at in candidates {
                let group = groups
                    .entry(module(at).get(..shared).unwrap_or_default())
                    .or_default();
                group.all.push(*at);
                let key = resources.get(*at).and_then(|other| other.address.key.clone());
                group.by_key.entry(key).or_default().push(*at);
            }
            groups
        });
        let Some(group) = groups.get(own.module.0.get(..shared).unwrap_or_default()) else {
            return Vec::new();
        };
        let Some(key) = own.key.as_ref().filter(|_| by_key) else {
            return group.all.clone();
        };
        let others = group.by_key.keys().flatten();
        if others.clone().any(|other| !same_kind(key, other)) {
            return group.all.clone();
        }
        let fitting = [None, own.key.clone()];
        fitting
            .iter()
            .filter_map(|key| group.by_key.get(key))
            .flatten()
            .copied()
            .collect()
    }
}

/// Adds the edges between a plan's resources.
pub(super) fn connect(graph: &mut Graph, configuration: &Configuration) {
    let mut instances = Instances::new(&graph.resources);
    let mut targets: HashMap<String, (BTreeSet<String>, bool)> = HashMap::default();
    let mut edges: Vec<Vec<usize>> = Vec::with_capacity(graph.resources.len());
    for (own, resource) in graph.resources.iter().enumerate() {
        let address = &resource.address;
        let (blocks, by_key) = targets.entry(block_name(address)).or_insert_with(|| {
            let module: Vec<Arc<str>> = address.module.0.iter().map(|step| step.name.clone()).collect();
            follow(configuration, address, &module)
        });
        let tied = blocks
            .iter()
            .flat_map(|block| instances.of(block, address, *by_key));
        let mut found: Vec<usize> = tied.filter(|other| *other != own).collect();
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

fn same_kind(a: &Key, b: &Key) -> bool {
    matches!(
        (a, b),
        (Key::Index(_), Key::Index(_)) | (Key::Name(_), Key::Name(_))
    )
}
