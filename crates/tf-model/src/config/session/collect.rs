//! Gathering the graph of a root module.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Block, Ident, Step};
use tf_lang::eval::references;
use tf_lang::{Diagnostic, Severity, Value};

use super::Session;
use super::expand::{Children, Expansion};
use super::instance::Instance;
use super::provider::{Configured, provider_alias};
use super::resolve::Context;
use crate::address::Mode;
use crate::config::inputs::Given;
use crate::graph::{Declaration, Graph, ModuleCall, Provider, Resource};

/// A resource whose dependencies are still numbers of the session.
struct Gathered {
    resource: Resource,
    all: Vec<u32>,
    direct: Vec<u32>,
    number: u32,
}

impl<'p> Session<'p> {
    pub(super) fn collect(&self, root: &Rc<Instance<'p>>) -> Graph {
        for problem in &self.given.diagnostics {
            self.report(root, problem.clone());
        }
        self.check_given(root);
        let mut graph = Graph {
            root: root.module.shown.clone(),
            sources: self.project.sources.clone(),
            ..Graph::default()
        };
        let mut gathered = Vec::new();
        self.collect_module(root, &mut graph, &mut gathered);
        for name in root.module.variables.keys() {
            graph.variables.insert(name.clone(), self.variable(root, name));
        }
        for name in root.module.outputs.keys() {
            graph.outputs.insert(name.clone(), self.output(root, name));
        }
        // Numbers of the session become places in the list.
        let places: BTreeMap<u32, usize> = gathered
            .iter()
            .enumerate()
            .map(|(at, gathered)| (gathered.number, at))
            .collect();
        let place = |numbers: &[u32], own: u32| {
            numbers
                .iter()
                .filter(|n| **n != own)
                .filter_map(|n| places.get(n).copied())
                .collect()
        };
        graph.resources = gathered
            .into_iter()
            .map(|gathered| {
                let mut resource = gathered.resource;
                resource.edges = place(&gathered.all, gathered.number);
                resource.direct = place(&gathered.direct, gathered.number);
                resource
            })
            .collect();
        graph.sort();
        self.check_order(root, &graph);
        graph.problems = self.take_problems();
        graph
    }

    /// Values for variables that are not declared: of a command line an error, of a file a warning.
    fn check_given(&self, root: &Rc<Instance<'p>>) {
        for (name, given) in &self.given.values {
            if root.module.variables.contains_key(name) {
                continue;
            }
            match given {
                Given::Text(_, origin) if origin.starts_with("-var") => {
                    let mut problem = Diagnostic::error(
                        "Value for undeclared variable",
                        format!("A variable named \"{name}\" was assigned on the command line, but the root module does not declare a variable of that name."),
                        tf_lang::Span::default(),
                    );
                    problem.span = None;
                    self.report(root, problem);
                }
                Given::Value(_, Some(span)) => self.report(root, Diagnostic::warning(
                    "Value for undeclared variable",
                    format!("The root module does not declare a variable named \"{name}\" but a value was found in a variables file."),
                    *span,
                )),
                _ => {}
            }
        }
    }

    /// Looks for resources that can only be made after each other. Where expressions alone make a circle their
    /// evaluation has come upon it already.
    fn check_order(&self, root: &Rc<Instance<'p>>, graph: &Graph) {
        if self
            .problems
            .borrow()
            .iter()
            .any(|problem| problem.diagnostic.summary == super::CYCLE)
        {
            return;
        }
        let Some(circle) = circle(graph) else { return };
        let names: Vec<&str> = circle.iter().map(|resource| &*resource.text).collect();
        let place = circle.first().and_then(|resource| resource.declaration.as_ref());
        let detail = format!(
            "These depend on each other: {}.",
            super::shorten(names).join(", ")
        );
        let place = place
            .map(|declaration| declaration.block.header)
            .unwrap_or_default();
        self.report(root, Diagnostic::error(super::CYCLE, detail, place));
    }

    fn collect_module(&self, instance: &Rc<Instance<'p>>, graph: &mut Graph, out: &mut Vec<Gathered>) {
        for problem in &instance.module.diagnostics {
            self.report(instance, problem.clone());
        }
        self.check_references(instance);
        for name in instance.module.variables.keys() {
            self.variable(instance, name);
            self.validate_variable(instance, name);
        }
        for name in instance.module.locals.keys() {
            self.local(instance, name);
        }
        for block in &instance.module.providers {
            let configured = Configured {
                instance: instance.clone(),
                block,
            };
            graph.providers.push(Provider {
                name: block.label(0).unwrap_or_default().into(),
                alias: provider_alias(block),
                module: instance.path.clone(),
                values: self.provider_values(&configured),
                declaration: declaration(instance, block),
            });
        }
        for (name, block) in &instance.module.resources {
            self.collect_resource(instance, name, block, out);
        }
        for (name, block) in &instance.module.calls {
            self.collect_call(instance, name, block, graph, out);
        }
        for (name, block) in &instance.module.outputs {
            self.output(instance, name);
            let context = Context::new(self, instance);
            let summary = "Module output value precondition failed";
            self.check_conditions(&context, block, "precondition", summary, Severity::Error);
        }
        for check in &instance.module.checks {
            let context = Context::new(self, instance);
            self.check_conditions(
                &context,
                check,
                "assert",
                "Check block assertion failed",
                Severity::Warning,
            );
        }
    }

    fn collect_resource(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &super::instance::ResourceName,
        block: &'p Arc<Block>,
        out: &mut Vec<Gathered>,
    ) {
        let (expansion, expansion_deps, _) =
            self.observe(String::new(), || self.expansion(instance, name, block));
        let (provider_name, _) = Self::provider_of(block, &name.1);
        let provider = Self::provider_source(instance, &provider_name);
        let region = self.region(instance, block, &name.1);
        for (key, _) in expansion.instances() {
            let built = self.build(instance, name, block, key.clone());
            let address = self.address(instance, name, key);
            let number = self.number(&address);
            let mut all: Vec<u32> = built.all.iter().chain(expansion_deps.iter()).copied().collect();
            let (_, depends_on, _) = self.observe(String::new(), || self.depends_on(instance, block));
            all.extend(depends_on);
            all.sort_unstable();
            all.dedup();
            if name.0 == Mode::Managed || name.0 == Mode::Data {
                self.check_lifecycle(instance, block, &expansion, &address.key, &built.value);
            }
            out.push(Gathered {
                resource: Resource {
                    text: address.to_string().into(),
                    address,
                    provider: provider.clone(),
                    region: region.clone(),
                    values: built.value.clone(),
                    declaration: Some(declaration(instance, block)),
                    edges: Vec::new(),
                    direct: Vec::new(),
                    unexpanded: matches!(*expansion, Expansion::Unknown(_)),
                    change: None,
                },
                all,
                direct: built.direct.clone(),
                number,
            });
        }
    }

    fn check_lifecycle(
        &self,
        instance: &Rc<Instance<'p>>,
        block: &Block,
        expansion: &Expansion,
        key: &Option<crate::address::Key>,
        value: &Value,
    ) {
        for lifecycle in block.body.blocks_of("lifecycle") {
            let Some(repetition) = expansion.repetition(key) else {
                continue;
            };
            let context = Context::new(self, instance).with_repetition(repetition);
            let summary = "Resource precondition failed";
            self.check_conditions(&context, lifecycle, "precondition", summary, Severity::Error);
            let context = context.with_self(value.clone());
            let summary = "Resource postcondition failed";
            self.check_conditions(&context, lifecycle, "postcondition", summary, Severity::Error);
        }
    }

    /// Reads what `depends_on` names, for its edges.
    fn depends_on(&self, instance: &Rc<Instance<'p>>, block: &Block) {
        let Some(attribute) = block.body.attribute("depends_on") else {
            return;
        };
        let mut names: Vec<(&Ident, &[Step])> = Vec::new();
        references(&attribute.value, &mut |reference| {
            names.push((reference.root, reference.steps))
        });
        for (root, steps) in names {
            let (mode, ty, rest) = match (&*root.name, steps) {
                ("data", [Step::Attr(ty), rest @ ..]) => (Mode::Data, &ty.name, rest),
                ("module", [Step::Attr(name), ..]) => {
                    self.depend_on_module(instance, &name.name);
                    continue;
                }
                (_, rest) => (Mode::Managed, &root.name, rest),
            };
            let Some(Step::Attr(name)) = rest.first() else {
                continue;
            };
            let key = (mode, ty.clone(), name.name.clone());
            if let Some(block) = instance.module.resources.get(&key) {
                let expansion = self.expansion(instance, &key, block);
                let numbers: Vec<u32> = expansion
                    .instances()
                    .into_iter()
                    .map(|(instance_key, _)| self.number(&self.address(instance, &key, instance_key)))
                    .collect();
                self.depend(numbers, false);
            }
        }
    }

    fn depend_on_module(&self, instance: &Rc<Instance<'p>>, name: &Arc<str>) {
        let Some(children) = self.children(instance, name) else {
            return;
        };
        let Children::Instances(_, children) = &*children else {
            return;
        };
        for (_, child) in children {
            for (key, block) in &child.module.resources {
                let expansion = self.expansion(child, key, block);
                let numbers: Vec<u32> = expansion
                    .instances()
                    .into_iter()
                    .map(|(instance_key, _)| self.number(&self.address(child, key, instance_key)))
                    .collect();
                self.depend(numbers, false);
            }
        }
    }

    fn collect_call(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &Arc<str>,
        block: &'p Arc<Block>,
        graph: &mut Graph,
        out: &mut Vec<Gathered>,
    ) {
        let constant = |argument: &str| {
            let attribute = block.body.attribute(argument)?;
            crate::config::constant_lenient(&attribute.value)
                .ok()?
                .as_shared_str()
                .cloned()
        };
        graph.modules.push(ModuleCall {
            path: instance.path.child(name.clone(), None),
            source: constant("source"),
            version: constant("version"),
            declaration: declaration(instance, block),
        });
        let Some(children) = self.children(instance, name) else {
            return;
        };
        let Children::Instances(_, instances) = &*children else {
            return;
        };
        if let Some((_, child)) = instances.first() {
            for attribute in &block.body.attributes {
                let meta = [
                    "source",
                    "version",
                    "count",
                    "for_each",
                    "providers",
                    "depends_on",
                ];
                let known = child.module.variables.contains_key(&attribute.name.name);
                if !known && !meta.contains(&&*attribute.name.name) {
                    self.report(
                        instance,
                        Diagnostic::error(
                            "Unsupported argument",
                            format!(
                                "An argument named \"{}\" is not expected here.",
                                attribute.name.name
                            ),
                            attribute.name.span,
                        ),
                    );
                }
            }
        }
        for (_, child) in instances {
            self.collect_module(child, graph, out);
        }
    }
}

/// Resources of which each depends on the next, and the last on the first.
fn circle(graph: &Graph) -> Option<Vec<&Resource>> {
    // What waits for nothing is made, and then what waited for it only: what is left is in a circle, or waits for one.
    let mut waits: Vec<usize> = graph
        .resources
        .iter()
        .map(|resource| resource.edges.len())
        .collect();
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); waits.len()];
    for (at, resource) in graph.resources.iter().enumerate() {
        for needed in &resource.edges {
            waiting.get_mut(*needed)?.push(at);
        }
    }
    let mut made: Vec<usize> = (0..waits.len()).filter(|at| waits.get(*at) == Some(&0)).collect();
    while let Some(at) = made.pop() {
        for dependent in waiting.get(at)? {
            let count = waits.get_mut(*dependent)?;
            *count -= 1;
            if *count == 0 {
                made.push(*dependent);
            }
        }
    }
    let mut at = waits.iter().position(|count| *count > 0)?;
    let mut path: Vec<usize> = Vec::new();
    while !path.contains(&at) {
        path.push(at);
        let resource = graph.resources.get(at)?;
        at = *resource
            .edges
            .iter()
            .find(|needed| waits.get(**needed).is_some_and(|count| *count > 0))?;
    }
    let start = path.iter().position(|place| *place == at)?;
    path.get(start..)?
        .iter()
        .map(|place| graph.resources.get(*place))
        .collect()
}

fn declaration(instance: &Instance<'_>, block: &Arc<Block>) -> Declaration {
    Declaration {
        block: block.clone(),
        called_from: instance.called_from.clone(),
    }
}
