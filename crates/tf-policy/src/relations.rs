//! Which resources of a graph belong to each other.

mod documents;
mod identity;

use std::cell::OnceCell;
use std::sync::OnceLock;

use foldhash::HashMap;
use rayon::prelude::*;
use tf_lang::ast::Step;
use tf_lang::eval::references;
use tf_lang::value::{Kind, Reason};
use tf_lang::{Type, Value};
use tf_model::{Graph, Mode, ModulePath, Resource};

/// Attributes by which resources name each other.
const NAMES: [&str; 10] = [
    "id",
    "name",
    "bucket",
    "arn",
    "identifier",
    "function_name",
    "cluster_identifier",
    "repository",
    "topic_arn",
    "url",
];

/// Resources that one thread works on at a time.
const PORTION: usize = 128;

/// Reasons that are given for an uncertain link: a person reads one or two.
const MOST_REASONS: usize = 4;

/// A graph's resources by type and by what ties them to each other. Worked out when it is first asked for, for all threads.
pub struct Relations<'g> {
    pub(crate) graph: &'g Graph,
    by_type: HashMap<&'g str, Vec<u32>>,
    by_text: OnceLock<HashMap<&'g str, u32>>,
    /// By resource, in order.
    ties: OnceLock<Vec<Vec<u32>>>,
    may_be_tied: OnceLock<HashMap<&'g str, Vec<(u32, Reason)>>>,
    dependents: OnceLock<Vec<Vec<u32>>>,
}

impl<'g> Relations<'g> {
    /// The relations of a graph; nothing is worked out yet.
    pub fn new(graph: &'g Graph) -> Relations<'g> {
        let mut by_type: HashMap<&str, Vec<u32>> = HashMap::default();
        for (at, resource) in graph.resources.iter().enumerate() {
            if is_there(resource) {
                by_type.entry(&resource.address.ty).or_default().push(at as u32);
            }
        }
        Relations {
            graph,
            by_type,
            by_text: OnceLock::new(),
            ties: OnceLock::new(),
            may_be_tied: OnceLock::new(),
            dependents: OnceLock::new(),
        }
    }

    /// Works out what nearly every run asks for, on all threads. Without it the first who asks does, and all others wait for it.
    pub fn prepare(&self) {
        if self.graph.resources.len() < PORTION {
            // Faster worked out than threads are woken.
            return;
        }
        rayon::join(|| self.ties(), || self.may_be_tied());
    }

    /// The graph.
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }

    pub(crate) fn resource(&self, handle: u32) -> Option<&'g Resource> {
        self.graph.resources.get(handle as usize)
    }

    pub(crate) fn of_type(&self, ty: &str) -> &[u32] {
        self.by_type.get(ty).map(Vec::as_slice).unwrap_or_default()
    }

    fn by_text(&self) -> &HashMap<&'g str, u32> {
        self.by_text.get_or_init(|| {
            let resources = self.graph.resources.iter().enumerate();
            resources
                .map(|(at, resource)| (&*resource.text, at as u32))
                .collect()
        })
    }

    /// What resources are tied to each: by a reference in either direction or by a name that both know.
    fn ties(&self) -> &[Vec<u32>] {
        self.ties.get_or_init(|| {
            let mut ties = vec![Vec::new(); self.graph.resources.len()];
            let mut tie = |a: u32, b: u32| {
                if a != b {
                    for (from, to) in [(a, b), (b, a)] {
                        if let Some(others) = ties.get_mut(from as usize) {
                            others.push(to);
                        }
                    }
                }
            };
            let each = self.graph.resources.par_iter().enumerate().with_min_len(PORTION);
            let referred: Vec<(u32, u32)> = each
                .flat_map_iter(|(at, resource)| {
                    let mut found: Vec<(u32, u32)> = Vec::new();
                    found.extend(resource.direct.iter().map(|other| (at as u32, *other as u32)));
                    each_reason(&resource.values, &mut |reason| {
                        if !is_of(reason, &resource.text)
                            && let Some(other) = self.resource_of(reason)
                        {
                            found.push((at as u32, other));
                        }
                    });
                    found
                })
                .collect();
            for (a, b) in referred {
                tie(a, b);
            }
            for (a, b) in self.same_names() {
                tie(a, b);
            }
            for others in &mut ties {
                others.sort_unstable();
                others.dedup();
            }
            ties
        })
    }

    /// The resource that a reason refers to: the longest address that it begins with.
    fn resource_of(&self, reason: &Reason) -> Option<u32> {
        let (Reason::KnownAfterApply(reference) | Reason::DataSource(reference)) = reason else {
            return None;
        };
        let mut end = reference.len();
        loop {
            let candidate = reference.get(..end)?;
            if let Some(found) = self.by_text().get(candidate) {
                return Some(*found);
            }
            end = candidate.rfind('.')?;
        }
    }

    /// Pairs of a resource that has a name and one that refers to it by that name's text, or by the same
    /// expression where the name is not known.
    fn same_names(&self) -> Vec<(u32, u32)> {
        let mut owners: HashMap<&str, Vec<(u32, &str)>> = HashMap::default();
        let mut unknown_owners: HashMap<(&ModulePath, &str), Vec<(u32, &str)>> = HashMap::default();
        for (at, resource) in self.graph.resources.iter().enumerate() {
            if resource.mode() != Mode::Managed {
                continue;
            }
            for attribute in NAMES {
                match resource.values.get(attribute) {
                    Some(value) if !value.is_known() => {
                        if let Some(written) = self.written(resource, attribute, value) {
                            unknown_owners
                                .entry(written)
                                .or_default()
                                .push((at as u32, attribute));
                        }
                    }
                    value => {
                        let name = value.and_then(Value::as_str).filter(|name| name.len() > 2);
                        if let Some(name) = name {
                            owners.entry(name).or_default().push((at as u32, attribute));
                        }
                    }
                }
            }
        }
        // A policy document is no name: it need not be looked up.
        let longest = owners.keys().map(|name| name.len()).max().unwrap_or_default();
        let each = self.graph.resources.par_iter().enumerate().with_min_len(PORTION);
        each.flat_map_iter(|(at, resource)| {
            let mut pairs = Vec::new();
            let entries = resource.values.as_entries().map(|entries| entries.iter());
            for (attribute, value) in entries.into_iter().flatten() {
                if attribute.starts_with("tags") {
                    continue;
                }
                let unknown = self.written(resource, attribute, value);
                let same_expression = unknown.and_then(|written| unknown_owners.get(&written));
                let naming = OnceCell::new();
                let mut tie = |owners: &[(u32, &str)]| {
                    for (owner, named) in owners {
                        let Some(other) = self.resource(*owner) else {
                            continue;
                        };
                        let naming = *naming.get_or_init(|| &**attribute != "name" && identifies(attribute));
                        if names_fit(attribute, naming, resource, other)
                            && !names_another(attribute, resource, other)
                            && !names_another(named, other, resource)
                        {
                            pairs.push((at as u32, *owner));
                        }
                    }
                };
                each_string(value, &mut |text| {
                    if text.len() <= longest
                        && let Some(owners) = owners.get(text)
                    {
                        tie(owners);
                    }
                });
                same_expression.into_iter().for_each(|owners| tie(owners));
            }
            pairs
        })
        .collect()
    }

    /// The expression of an attribute that is unknown, with the module that it stands in: what is written alike
    /// there will be the same, if it does not differ from instance to instance.
    fn written(
        &self,
        resource: &'g Resource,
        attribute: &str,
        value: &Value,
    ) -> Option<(&'g ModulePath, &'g str)> {
        let unknown = value.as_unknown()?;
        if resource.unexpanded
            || unknown
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Impure(_)))
        {
            return None;
        }
        let expr = &resource
            .declaration
            .as_ref()?
            .block
            .body
            .attribute(attribute)?
            .value;
        let mut differs = false;
        references(expr, &mut |reference| {
            differs |= matches!(&*reference.root.name, "each" | "count" | "self");
        });
        (!differs).then(|| (&resource.address.module, self.graph.sources.text(expr.span)))
    }

    /// Resources of some types that are tied to one, and whether there may be more.
    pub(crate) fn linked(&self, handle: u32, types: &[&str]) -> Value {
        let ties = self
            .ties()
            .get(handle as usize)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut elements = Vec::new();
        let mut uncertain: Vec<Reason> = Vec::new();
        for ty in types {
            // Plans have thousands of resources of a type, and few that are tied to one.
            let tied = ties.iter().filter(|other| {
                let other = self.resource(**other);
                other.is_some_and(|other| *other.address.ty == **ty && is_there(other))
            });
            elements.extend(tied.map(|other| Value::handle(*other)));
            let others = self.may_be_tied().get(ty).map(Vec::as_slice).unwrap_or_default();
            let others = others
                .iter()
                .filter(|(other, _)| *other != handle && ties.binary_search(other).is_err());
            uncertain.extend(others.take(MOST_REASONS).map(|(_, reason)| reason.clone()));
        }
        if !uncertain.is_empty() {
            elements.push(Value::unknown_because(Type::Any, uncertain));
        }
        Value::tuple(elements)
    }

    /// The same of one resource or of several; each once.
    pub(crate) fn linked_to(&self, first: &Value, types: &[&str]) -> Value {
        let mut elements: Vec<Value> = Vec::new();
        let mut push = |value: Value| {
            for element in value.as_items().unwrap_or_default() {
                let doubled = match element.kind() {
                    Kind::Handle(handle) => elements
                        .iter()
                        .any(|other| matches!(other.kind(), Kind::Handle(there) if there == handle)),
                    _ => false,
                };
                if !doubled {
                    elements.push(element.clone());
                }
            }
        };
        match first.kind() {
            Kind::Handle(handle) => push(self.linked(*handle, types)),
            Kind::Unknown(_) => push(Value::tuple(vec![first.clone()])),
            _ => {
                for item in first.as_items().unwrap_or_default() {
                    match item.kind() {
                        Kind::Handle(handle) => push(self.linked(*handle, types)),
                        Kind::Unknown(_) => push(Value::tuple(vec![item.clone()])),
                        _ => {}
                    }
                }
            }
        }
        Value::tuple(elements)
    }

    /// By type, the resources that may be tied to any although nothing known ties them, and why: an attribute by which
    /// they would name it comes from outside.
    fn may_be_tied(&self) -> &HashMap<&'g str, Vec<(u32, Reason)>> {
        self.may_be_tied.get_or_init(|| {
            let uncertain = |handle: u32| {
                let resource = self.resource(handle)?;
                let elsewhere = |reason: &&Reason| match reason {
                    Reason::KnownAfterApply(_) if is_of(reason, &resource.text) => false,
                    // Tied to a resource of this graph, but to another one.
                    Reason::KnownAfterApply(_) => self.resource_of(reason).is_none(),
                    _ => true,
                };
                // Most of what is not known is the resource's own: that is seen sooner than what a name means.
                let reason = resource.values.as_entries()?.iter().find_map(|(name, value)| {
                    let reason = value.as_unknown()?.reasons.iter().find(elsewhere)?;
                    identifies(name).then_some(reason)
                });
                Some((handle, reason?.clone()))
            };
            let each = self.by_type.iter();
            each.map(|(ty, handles)| {
                (
                    *ty,
                    handles.iter().filter_map(|handle| uncertain(*handle)).collect(),
                )
            })
            .collect()
        })
    }
}

/// Data sources are not built, and what a plan deletes is no longer there for others.
fn is_there(resource: &Resource) -> bool {
    resource.mode() == Mode::Managed && !resource.values.is_null()
}

/// Attributes whose value says which other resource a resource belongs to: `vpc_id`, `subnet_ids`, `role`, and those by which
/// resources name each other. Asked of every attribute that is not known, so by the last word and not ending by ending.
fn identifies(name: &str) -> bool {
    let (several_words, last) = match name.rsplit_once('_') {
        Some((_, last)) => (true, last),
        None => (false, name),
    };
    match last {
        "id" | "arn" | "name" | "identifier" => true,
        "ids" | "arns" => several_words,
        "bucket" | "repository" | "url" => !several_words,
        last => ["role", "user", "group"]
            .iter()
            .any(|ending| last.ends_with(ending)),
    }
}

/// Whether an attribute's text names the other resource, and is not merely the same text: both buckets named
/// "logs" in an unrelated `name` are no tie. `naming`: whether the attribute says which other resource its own belongs to.
fn names_fit(attribute: &str, naming: bool, own: &Resource, other: &Resource) -> bool {
    if own.address.ty == other.address.ty {
        return false;
    }
    // aws_s3_bucket_versioning.bucket names aws_s3_bucket; aws_iam_role_policy.role names aws_iam_role.
    own.address.ty.starts_with(&*other.address.ty)
        || naming
        || other
            .address
            .ty
            .strip_suffix(attribute)
            .is_some_and(|rest| rest.ends_with('_'))
}

/// Whether an attribute is made of a reference to another resource of the type: then the equal text is a coincidence.
fn names_another(attribute: &str, own: &Resource, other: &Resource) -> bool {
    let Some(declaration) = &own.declaration else {
        return false;
    };
    let Some(attribute) = declaration.block.body.attribute(attribute) else {
        return false;
    };
    let same_module = own.address.module == other.address.module;
    let (mut names_it, mut names_others) = (false, false);
    references(&attribute.value, &mut |reference| {
        if reference.root.name == other.address.ty
            && let Some(Step::Attr(name)) = reference.steps.first()
        {
            match same_module && name.name == other.address.name {
                true => names_it = true,
                false => names_others = true,
            }
        }
    });
    names_others && !names_it
}

/// Whether what is not known is of the resource itself: the provider decides it.
fn is_of(reason: &Reason, address: &str) -> bool {
    let (Reason::KnownAfterApply(reference) | Reason::DataSource(reference)) = reason else {
        return false;
    };
    reference
        .strip_prefix(address)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// All reasons inside a value, not only the first few.
fn all_reasons(value: &Value) -> Vec<Reason> {
    let mut found = Vec::new();
    each_reason(value, &mut |reason| found.push(reason.clone()));
    found
}

fn each_reason<'v>(value: &'v Value, see: &mut impl FnMut(&'v Reason)) {
    if value.is_wholly_known() {
        return;
    }
    if let Some(unknown) = value.as_unknown() {
        unknown.reasons.iter().for_each(&mut *see);
    }
    for child in value.children() {
        each_reason(child, see);
    }
}

/// Shows all strings inside a value.
fn each_string<'v>(value: &'v Value, see: &mut impl FnMut(&'v str)) {
    match value.as_str() {
        Some(text) => see(text),
        None => value.children().for_each(|child| each_string(child, see)),
    }
}
