//! Which resources of a graph belong to each other.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use tf_lang::ast::Step;
use tf_lang::eval::references;
use tf_lang::value::{Reason, Unknown};
use tf_lang::{Type, Value};

use crate::functions::Truth;
use crate::functions::iam::INCLUDED;

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

/// Reasons that are given for an uncertain link: a person reads one or two.
const MOST_REASONS: usize = 4;

/// A graph's resources by type and by what ties them to each other. Worked out when it is first asked for, for all threads.
pub(crate) struct Relations<'g> {
    pub(crate) graph: &'g Graph,
    by_type: HashMap<&'g str, Vec<u32>>,
    by_text: OnceLock<HashMap<&'g str, u32>>,
    /// By resource, in order.
    ties: OnceLock<Vec<Vec<u32>>>,
    may_be_tied: OnceLock<HashMap<&'g str, Vec<(u32, Reason)>>>,
    dependents: OnceLock<Vec<Vec<u32>>>,
}

impl<'g> Relations<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Relations<'g> {
        let mut by_type: HashMap<&str, Vec<u32>> = HashMap::new();
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
            for (at, resource) in self.graph.resources.iter().enumerate() {
                let at = at as u32;
                resource.direct.iter().for_each(|other| tie(at, *other as u32));
                for reason in all_reasons(&resource.values) {
                    if let Some(other) = self.resource_of(&reason) {
                        tie(at, other);
                    }
                }
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

    /// The resource that a value is an attribute of, and the attribute. None where the value was made of it, and where
    /// the resource stands for any number.
    fn referred(&self, value: &Value) -> Option<(&'g Resource, u32, String)> {
        let unknown = value.as_unknown().filter(|unknown| unknown.exact)?;
        let [reason @ (Reason::KnownAfterApply(reference) | Reason::DataSource(reference))] =
            &*unknown.reasons
        else {
            return None;
        };
        let handle = self.resource_of(reason)?;
        let resource = self.resource(handle).filter(|resource| !resource.unexpanded)?;
        let attribute = reference.strip_prefix(&*resource.text)?.strip_prefix('.')?;
        Some((resource, handle, attribute.to_owned()))
    }

    /// Whether two values are the same: what is not known is the same as itself, and no two resources have one ARN.
    pub(crate) fn same(&self, a: &Value, b: &Value) -> Truth {
        if let Some(same) = a.equals_untyped(b) {
            return Truth::Known(same);
        }
        if let (Some((one, _, own)), Some((other, _, others))) = (self.referred(a), self.referred(b)) {
            if one.text == other.text && own == others {
                return Truth::Known(true);
            }
            let made_here = |resource: &Resource| resource.mode() == Mode::Managed;
            let of_one_kind = one.address.ty == other.address.ty && made_here(one) && made_here(other);
            if one.text != other.text && of_one_kind && own == "arn" && others == "arn" {
                return Truth::Known(false);
            }
        }
        Truth::Unknown(a.reasons().into_iter().chain(b.reasons()).collect())
    }

    /// Whether a value names a resource, by a reference or by a text.
    pub(crate) fn names(&self, value: &Value, handle: u32) -> Truth {
        let Some(resource) = self.resource(handle) else {
            return Truth::Known(false);
        };
        if value.is_null() {
            return Truth::Known(false);
        }
        if let Some(unknown) = value.as_unknown() {
            if let Some((other, there, _)) = self.referred(value) {
                if there == handle {
                    return Truth::Known(true);
                }
                if other.address.ty == resource.address.ty && other.mode() == Mode::Managed {
                    return Truth::Known(false);
                }
            }
            // What is made of other resources' values is no name of this one.
            let others = |reason| self.resource_of(reason).is_some_and(|other| other != handle);
            return match !unknown.reasons.is_empty() && unknown.reasons.iter().all(others) {
                true => Truth::Known(false),
                false => Truth::Unknown(unknown.reasons.to_vec()),
            };
        }
        let Some(text) = value.as_str() else {
            return Truth::Known(false);
        };
        let mut reasons = Vec::new();
        for name in NAMES.iter().filter_map(|name| resource.values.get(name)) {
            match (name.as_str(), name.as_unknown()) {
                (Some(name), _) if is_name(text, name) => return Truth::Known(true),
                // What the provider decides is not known to those who write a text.
                (_, Some(unknown)) if !is_decided_later(unknown) => {
                    reasons.extend(unknown.reasons.iter().cloned())
                }
                _ => {}
            }
        }
        match reasons.is_empty() {
            true => Truth::Known(false),
            false => Truth::Unknown(reasons),
        }
    }

    /// Pairs of a resource that has a name and one that refers to it by that name's text, or by the same
    /// expression where the name is not known.
    fn same_names(&self) -> Vec<(u32, u32)> {
        let mut owners: HashMap<&str, Vec<(u32, &str)>> = HashMap::new();
        let mut unknown_owners: HashMap<(&ModulePath, &str), Vec<(u32, &str)>> = HashMap::new();
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
        let mut pairs = Vec::new();
        for (at, resource) in self.graph.resources.iter().enumerate() {
            let Some(entries) = resource.values.as_entries() else {
                continue;
            };
            for (attribute, value) in entries.iter() {
                if attribute.starts_with("tags") {
                    continue;
                }
                let unknown = self.written(resource, attribute, value);
                let same_expression = unknown.and_then(|written| unknown_owners.get(&written));
                let same_text = strings(value).into_iter().filter_map(|text| owners.get(text));
                for (owner, named) in same_text.chain(same_expression).flatten() {
                    let Some(other) = self.resource(*owner) else {
                        continue;
                    };
                    if names_fit(attribute, resource, other)
                        && !names_another(attribute, resource, other)
                        && !names_another(named, other, resource)
                    {
                        pairs.push((at as u32, *owner));
                    }
                }
            }
        }
        pairs
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

    /// By resource, those that refer to it.
    fn dependents(&self) -> &[Vec<u32>] {
        self.dependents.get_or_init(|| {
            let mut dependents = vec![Vec::new(); self.graph.resources.len()];
            let all = 0..self.graph.resources.len();
            let documents: Vec<usize> = all.filter(|at| self.is_document(*at as u32)).collect();
            for (at, resource) in self.graph.resources.iter().enumerate() {
                if resource.values.is_null() {
                    continue;
                }
                for other in &resource.edges {
                    if let Some(users) = dependents.get_mut(*other) {
                        users.push(at as u32);
                    }
                }
                // A plan does not tell what locals refer to: such a policy may be made of any document.
                if resource.change.is_some() && self.may_use_documents(resource) {
                    for document in documents.iter().filter(|document| **document != at) {
                        if let Some(users) = dependents.get_mut(*document)
                            && users.last() != Some(&(at as u32))
                        {
                            users.push(at as u32);
                        }
                    }
                }
            }
            dependents
        })
    }

    fn may_use_documents(&self, resource: &Resource) -> bool {
        let entries = resource.values.as_entries().map(|entries| entries.iter());
        let policies = entries
            .into_iter()
            .flatten()
            .filter(|(name, _)| name.contains("polic"));
        policies
            .flat_map(|(_, value)| all_reasons(value))
            .any(|reason| self.resource_of(&reason).is_none())
    }

    pub(crate) fn is_document(&self, handle: u32) -> bool {
        self.resource(handle)
            .is_some_and(|resource| &*resource.address.ty == "aws_iam_policy_document")
    }

    /// The documents of the graph that a document includes.
    pub(crate) fn included(&self, handle: u32) -> Vec<u32> {
        let Some(resource) = self.resource(handle) else {
            return Vec::new();
        };
        let listed = INCLUDED.map(|name| resource.values.get(name).and_then(Value::as_items));
        let listed: Vec<&Value> = listed.into_iter().flatten().flatten().collect();
        let named = resource.edges.iter().map(|other| *other as u32);
        named
            .filter(|other| {
                self.is_document(*other) && listed.iter().any(|text| self.is_text_of(text, *other))
            })
            .collect()
    }

    /// A list of documents without some of the graph's.
    pub(crate) fn without(&self, list: Value, documents: &[u32]) -> Value {
        match list.as_items().filter(|_| !documents.is_empty()) {
            Some(items) => {
                let left_out = |item: &Value| documents.iter().any(|other| self.is_text_of(item, *other));
                Value::tuple(items.iter().filter(|item| !left_out(item)).cloned().collect())
            }
            None => list,
        }
    }

    fn is_text_of(&self, text: &Value, document: u32) -> bool {
        let values = self.resource(document).map(|resource| &resource.values);
        ["json", "minified_json"].iter().any(|name| {
            let own = values.and_then(|values| values.get(name));
            own.is_some_and(|own| match (text.as_unknown(), own.as_unknown()) {
                // A view of it may know more, as that it is not null.
                (Some(text), Some(own)) => own.source.is_some() && text.source == own.source,
                _ => text.as_str().is_some() && text.as_str() == own.as_str(),
            })
        })
    }

    /// Resources of some types that an unknown value comes from.
    pub(crate) fn behind(&self, value: &Value, types: &[&str]) -> Value {
        let found: BTreeSet<u32> = all_reasons(value)
            .iter()
            .filter_map(|reason| self.resource_of(reason))
            .filter(|handle| {
                let resource = self.resource(*handle);
                resource.is_some_and(|resource| types.contains(&&*resource.address.ty) && is_there(resource))
            })
            .collect();
        Value::tuple(found.into_iter().map(Value::handle).collect())
    }

    /// The document that a text is known to come from, where nothing of the text is known: so it is in a plan, which tells
    /// what an expression refers to, and not what it makes of it.
    pub(crate) fn document_behind(&self, value: &Value) -> Option<u32> {
        let unknown = value.as_unknown().filter(|unknown| unknown.source.is_none())?;
        let [reason] = &*unknown.reasons else { return None };
        self.resource_of(reason)
            .filter(|handle| self.is_document(*handle))
    }

    /// Everything that refers to a resource. Who uses a document that includes it uses it too; a document that nobody uses
    /// stands for itself.
    pub(crate) fn users(&self, handle: u32) -> Value {
        let of = |handle: u32| self.dependents().get(handle as usize).map(Vec::as_slice);
        let mut seen = BTreeSet::from([handle]);
        let mut found = BTreeSet::new();
        let mut next = vec![handle];
        while let Some(at) = next.pop() {
            for user in of(at).unwrap_or_default() {
                let includes = self.is_document(*user) && of(*user).is_some_and(|users| !users.is_empty());
                match includes {
                    true if seen.insert(*user) => next.push(*user),
                    true => {}
                    false => _ = found.insert(*user),
                }
            }
        }
        Value::tuple(found.into_iter().map(Value::handle).collect())
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

    /// By type, the resources that may be tied to any although nothing known ties them, and why: an attribute by which
    /// they would name it comes from outside.
    fn may_be_tied(&self) -> &HashMap<&'g str, Vec<(u32, Reason)>> {
        self.may_be_tied.get_or_init(|| {
            let uncertain = |handle: u32| {
                let entries = self.resource(handle)?.values.as_entries()?;
                let unknown = entries
                    .iter()
                    .filter(|(name, value)| !value.is_known() && identifies(name))
                    .filter_map(|(_, value)| value.as_unknown());
                let mut reasons = unknown.flat_map(|unknown| unknown.reasons.iter());
                let reason = reasons.find(|reason| match reason {
                    // Tied to a resource of this graph, but to another one.
                    Reason::KnownAfterApply(_) => self.resource_of(reason).is_none(),
                    _ => true,
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

/// Attributes whose value says which other resource a resource belongs to.
fn identifies(name: &str) -> bool {
    NAMES.contains(&name)
        || [
            "_id",
            "_arn",
            "_name",
            "_identifier",
            "_ids",
            "_arns",
            "role",
            "user",
            "group",
            "policy_arn",
            "target_key_id",
            "resource_arn",
            "load_balancer_arn",
            "listener_arn",
        ]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn is_decided_later(unknown: &Unknown) -> bool {
    unknown.exact && matches!(&*unknown.reasons, [Reason::KnownAfterApply(_)])
}

/// Whether a text is a name, or the ARN of what has it.
fn is_name(text: &str, name: &str) -> bool {
    let arn = || text.strip_suffix(name).filter(|_| text.starts_with("arn:"));
    !name.is_empty() && (text == name || arn().is_some_and(|before| before.ends_with([':', '/'])))
}

/// Whether an attribute's text names the other resource, and is not merely the same text: both buckets named
/// "logs" in an unrelated `name` are no tie.
fn names_fit(attribute: &str, own: &Resource, other: &Resource) -> bool {
    if own.address.ty == other.address.ty {
        return false;
    }
    // aws_s3_bucket_versioning.bucket names aws_s3_bucket; aws_iam_role_policy.role names aws_iam_role.
    own.address.ty.starts_with(&*other.address.ty)
        || (attribute != "name" && identifies(attribute))
        || other.address.ty.ends_with(&format!("_{attribute}"))
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

/// All reasons inside a value, not only the first few.
fn all_reasons(value: &Value) -> Vec<Reason> {
    let mut found = Vec::new();
    fn walk(value: &Value, found: &mut Vec<Reason>) {
        if value.is_wholly_known() {
            return;
        }
        if let Some(unknown) = value.as_unknown() {
            found.extend(unknown.reasons.iter().cloned());
        }
        value.children().for_each(|child| walk(child, found));
    }
    walk(value, &mut found);
    found
}

/// All strings inside a value.
fn strings(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    fn walk<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value.as_str() {
            Some(text) => found.push(text),
            None => value.children().for_each(|child| walk(child, found)),
        }
    }
    walk(value, &mut found);
    found
}
