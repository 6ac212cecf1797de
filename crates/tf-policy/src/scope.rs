//! What a policy's expressions see.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tf_lang::ast::{Ident, Step};
use tf_lang::eval::{Evaluator, Scope, references};
use tf_lang::functions::{CallError, CallResult, Files, NoFiles};
use tf_lang::value::{Kind, Reason};
use tf_lang::{Diagnostic, Type, Value};
use tf_model::{Graph, Mode, ModulePath, Resource};

use crate::functions;

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

/// A graph with what policies ask of it, worked out once.
pub(crate) struct Judged<'g> {
    pub(crate) graph: &'g Graph,
    by_type: HashMap<&'g str, Vec<u32>>,
    by_text: OnceCell<HashMap<&'g str, u32>>,
    ties: OnceCell<Vec<BTreeSet<u32>>>,
    may_be_tied: OnceCell<HashMap<&'g str, Vec<(u32, Reason)>>>,
    /// Attributes that are unknown in part, as policies see them.
    views: RefCell<HashMap<(u32, Arc<str>), Value>>,
    /// Statements of documents, which a dozen policies ask for: by the place of the document's text, which is
    /// kept so that the place stays its own.
    statements: RefCell<HashMap<(u32, usize), (Value, Value)>>,
}

impl<'g> Judged<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Judged<'g> {
        let mut by_type: HashMap<&str, Vec<u32>> = HashMap::new();
        for (at, resource) in graph.resources.iter().enumerate() {
            if is_there(resource) {
                by_type.entry(&resource.address.ty).or_default().push(at as u32);
            }
        }
        Judged {
            graph,
            by_type,
            by_text: OnceCell::new(),
            ties: OnceCell::new(),
            may_be_tied: OnceCell::new(),
            views: RefCell::default(),
            statements: RefCell::default(),
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
    fn ties(&self) -> &[BTreeSet<u32>] {
        self.ties.get_or_init(|| {
            let mut ties = vec![BTreeSet::new(); self.graph.resources.len()];
            let mut tie = |a: u32, b: u32| {
                if a != b {
                    for (from, to) in [(a, b), (b, a)] {
                        if let Some(set) = ties.get_mut(from as usize) {
                            set.insert(to);
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

    /// Resources of some types that are tied to one, and whether there may be more.
    pub(crate) fn linked(&self, handle: u32, types: &[&str]) -> Value {
        let empty = BTreeSet::new();
        let ties = self.ties().get(handle as usize).unwrap_or(&empty);
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
                .filter(|(other, _)| *other != handle && !ties.contains(other));
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

    /// An attribute of a resource as the configuration has it: what the provider decides is null.
    pub(crate) fn attribute(&self, handle: u32, name: &str) -> Value {
        let Some(resource) = self.resource(handle) else {
            return self.other_attribute(handle, name);
        };
        match name {
            "address" => return Value::normal_string(resource.text.clone()),
            // The resource's own attribute of that name wins: aws_security_group_rule.type.
            "type" if resource.values.get("type").is_none() => {
                return Value::normal_string(resource.address.ty.clone());
            }
            _ => {}
        }
        let Some(value) = resource.values.get(name) else {
            return Value::NULL;
        };
        if value.is_wholly_known() && !value.children().any(has_empty_text) {
            return value.clone();
        }
        let key = (handle, Arc::from(name));
        if let Some(view) = self.views.borrow().get(&key) {
            return view.clone();
        }
        let own = format!("{}.", resource.text);
        let view = value.clone().map_deep(&mut |value| match value.as_unknown() {
            Some(unknown)
                if !unknown.reasons.is_empty()
                    && unknown.reasons.iter().all(|reason| is_own(reason, &own)) =>
            {
                Value::null(unknown.ty.clone())
            }
            // What another resource will have is something, whatever it will be.
            Some(unknown)
                if !unknown.reasons.is_empty()
                    && unknown
                        .reasons
                        .iter()
                        .all(|reason| matches!(reason, Reason::KnownAfterApply(_))) =>
            {
                value.not_null()
            }
            // Inside blocks the provider plans what is not set as an empty text.
            None if value.as_str() == Some("") => Value::null(Type::String),
            _ => value,
        });
        self.views.borrow_mut().insert(key, view.clone());
        view
    }

    /// Providers and module calls have handles behind those of resources.
    fn other_attribute(&self, handle: u32, name: &str) -> Value {
        let at = handle as usize - self.graph.resources.len();
        if let Some(provider) = self.graph.providers.get(at) {
            return match name {
                "address" => Value::from(crate::engine::provider_address(provider)),
                "type" => Value::normal_string(provider.name.clone()),
                _ => provider.values.get(name).cloned().unwrap_or(Value::NULL),
            };
        }
        let Some(call) = self.graph.modules.get(at - self.graph.providers.len()) else {
            return Value::NULL;
        };
        let text = |text: &Option<Arc<str>>| {
            text.as_ref().map_or(Value::null(Type::String), |text| {
                Value::normal_string(text.clone())
            })
        };
        match name {
            "address" => Value::from(call.path.to_string()),
            "type" => Value::from("module"),
            "source" => text(&call.source),
            "version" => text(&call.version),
            "name" => Value::from(
                call.path
                    .0
                    .last()
                    .map(|step| step.name.to_string())
                    .unwrap_or_default(),
            ),
            _ => Value::NULL,
        }
    }
}

/// Data sources are not built, and what a plan deletes is no longer there for others.
fn is_there(resource: &Resource) -> bool {
    resource.mode() == Mode::Managed && !resource.values.is_null()
}

fn has_empty_text(value: &Value) -> bool {
    value.as_str() == Some("") || value.children().any(has_empty_text)
}

fn is_own(reason: &Reason, own: &str) -> bool {
    match reason {
        Reason::KnownAfterApply(reference) | Reason::DataSource(reference) => reference.starts_with(own),
        _ => false,
    }
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

/// The scope of one policy and one subject.
pub(crate) struct PolicyScope<'j, 'g> {
    pub(crate) judged: &'j Judged<'g>,
    pub(crate) subject: u32,
}

impl PolicyScope<'_, '_> {
    fn linked(&self, args: &[Value]) -> CallResult {
        let (first, types) = args
            .split_first()
            .ok_or_else(|| CallError::new("a resource is required"))?;
        let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
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
            Kind::Handle(handle) => push(self.judged.linked(*handle, &types)),
            Kind::Unknown(_) => push(Value::tuple(vec![first.clone()])),
            _ => {
                for item in first.as_items().unwrap_or_default() {
                    match item.kind() {
                        Kind::Handle(handle) => push(self.judged.linked(*handle, &types)),
                        Kind::Unknown(_) => push(Value::tuple(vec![item.clone()])),
                        _ => {}
                    }
                }
            }
        }
        Ok(Value::tuple(elements))
    }

    fn statements(&self, args: &[Value]) -> CallResult {
        let read = |handle: u32, name: &str| self.judged.attribute(handle, name);
        let key = match args {
            [one] => match one.kind() {
                Kind::Handle(handle) => Some((*handle, 0)),
                Kind::String(text) => Some((u32::MAX, Arc::as_ptr(text).cast::<u8>() as usize)),
                Kind::Unknown(unknown) => Some((u32::MAX, Arc::as_ptr(unknown) as usize)),
                _ => None,
            },
            _ => None,
        };
        if let Some((_, statements)) = key.and_then(|key| self.judged.statements.borrow().get(&key).cloned())
        {
            return Ok(statements);
        }
        let statements = functions::iam::statements(args, &read)?;
        if let (Some(key), [document]) = (key, args) {
            self.judged
                .statements
                .borrow_mut()
                .insert(key, (document.clone(), statements.clone()));
        }
        Ok(statements)
    }

    fn all(&self, args: &[Value]) -> CallResult {
        let types = args.iter().filter_map(Value::as_str);
        let elements = types
            .flat_map(|ty| self.judged.of_type(ty))
            .map(|handle| Value::handle(*handle));
        Ok(Value::tuple(elements.collect()))
    }
}

impl Scope for PolicyScope<'_, '_> {
    fn resolve(
        &self,
        _evaluator: &mut Evaluator<'_>,
        root: &Ident,
        _steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        match &*root.name {
            "self" => Ok((Value::handle(self.subject), 0)),
            other => Err(Box::new(Diagnostic::error(
                "Invalid reference",
                format!("A policy sees only \"self\", not \"{other}\"."),
                root.span,
            ))),
        }
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }

    fn handle_attr(&self, handle: u32, name: &str) -> Value {
        self.judged.attribute(handle, name)
    }

    fn has_function(&self, name: &str) -> bool {
        functions::NAMES.contains(&name)
    }

    fn call(&self, name: &str, args: &[Value]) -> CallResult {
        let read = |handle: u32, name: &str| self.judged.attribute(handle, name);
        match name {
            "linked" => self.linked(args),
            "all" => self.all(args),
            "exists" => functions::exists(args),
            "iam" => self.statements(args),
            "covers" => functions::actions::covers(args),
            "opens" => functions::network::opens(args, &read),
            "cidr_within" => functions::network::cidr_within(args),
            "matches" => functions::matches(args),
            "secrets" => {
                let whole = |handle: u32| {
                    self.judged
                        .resource(handle)
                        .map(|resource| resource.values.clone())
                };
                functions::secrets::secrets(args, &whole)
            }
            other => Err(CallError::new(format!("there is no function {other}"))),
        }
    }

    fn lenient(&self) -> bool {
        true
    }
}
