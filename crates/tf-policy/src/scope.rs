//! What a policy's expressions see.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use tf_lang::ast::{Ident, Step};
use tf_lang::eval::{Evaluator, Scope};
use tf_lang::functions::{CallError, CallResult, Files, NoFiles};
use tf_lang::value::Kind;
use tf_lang::{Diagnostic, Value};
use tf_model::Resource;

use crate::asked::{Asked, Recent, Trace};
use crate::both::Worlds;
use crate::changes::Changed;
use crate::functions::{self, Truth};
use crate::relations::Relations;
use crate::view::View;

/// A graph with what policies ask of its resources, worked out once; each thread has its own.
pub(crate) struct Judged<'r, 'g> {
    pub(crate) relations: &'r Relations<'g>,
    view: View<'r, 'g>,
    /// Statements of documents, which a dozen policies ask for: by the place of the document's text, which is
    /// kept so that the place stays its own.
    statements: RefCell<HashMap<(u32, usize), (Value, Value)>>,
    /// The two worlds, where this is the later one of them.
    worlds: Option<&'r Worlds<'g>>,
}

impl<'r, 'g> Judged<'r, 'g> {
    pub(crate) fn new(relations: &'r Relations<'g>) -> Judged<'r, 'g> {
        Judged::of(relations, None)
    }

    /// A graph that is the later one of two worlds.
    pub(crate) fn of(relations: &'r Relations<'g>, worlds: Option<&'r Worlds<'g>>) -> Judged<'r, 'g> {
        Judged {
            relations,
            view: View::new(relations),
            statements: RefCell::default(),
            worlds,
        }
    }

    fn resource(&self, handle: u32) -> Option<&'g Resource> {
        self.relations.resource(handle)
    }

    /// What was found of a resource like this one, and whether it holds for the other world too.
    pub(crate) fn found<T: Copy>(&self, recent: &mut Recent<T>, handle: u32) -> Option<(T, bool)> {
        let (asked, found) = recent.find(&self.view, handle, |_| true)?;
        let stays = self.worlds.is_some_and(|worlds| asked.stays(worlds, handle));
        Some((*found, stays))
    }

    /// An attribute of a resource as the configuration has it: what the provider decides is null.
    pub(crate) fn attribute(&self, handle: u32, name: &str) -> Value {
        self.view.attribute(handle, name)
    }
}

/// The scope of one policy and one subject.
pub(crate) struct PolicyScope<'j, 'r, 'g> {
    pub(crate) judged: &'j Judged<'r, 'g>,
    pub(crate) subject: u32,
    /// Documents that the subject includes and that are left out of it.
    pub(crate) without: Vec<u32>,
    /// What a plan does to the subject, where that is judged.
    pub(crate) change: Option<&'j Changed<'j>>,
    /// Whether anything was looked at that may not be the same in the other world.
    beyond: Cell<bool>,
    trace: Trace,
}

impl<'j, 'r, 'g> PolicyScope<'j, 'r, 'g> {
    pub(crate) fn new(judged: &'j Judged<'r, 'g>, subject: u32) -> PolicyScope<'j, 'r, 'g> {
        PolicyScope {
            judged,
            subject,
            without: Vec::new(),
            change: None,
            beyond: Cell::new(false),
            trace: Trace::off(),
        }
    }

    /// The same, writing down what is asked of the subject.
    pub(crate) fn traced(judged: &'j Judged<'r, 'g>, subject: u32) -> PolicyScope<'j, 'r, 'g> {
        PolicyScope {
            trace: Trace::of(subject),
            ..PolicyScope::new(judged, subject)
        }
    }

    /// What was asked of the subject so far, if nothing else was asked.
    pub(crate) fn asked(&self) -> Option<Asked> {
        self.trace.take()
    }

    /// Whether anything was looked at that may not be the same in the other world: then something else may be said there.
    pub(crate) fn looked_beyond(&self) -> bool {
        self.beyond.get()
    }

    pub(crate) fn looks_beyond(&self) {
        self.beyond.set(true);
    }

    /// An attribute of a resource, the subject or another.
    pub(crate) fn read(&self, handle: u32, name: &str) -> Value {
        if !self
            .judged
            .worlds
            .is_some_and(|worlds| worlds.stays(handle, name))
        {
            self.looks_beyond();
        }
        let value = self.judged.attribute(handle, name);
        self.trace.attribute(handle, name, &value);
        value
    }

    /// The scope of a policy that judges a change: `subject` is in the graph of `judged`, if it is in any.
    pub(crate) fn of_change(judged: &'j Judged<'r, 'g>, change: &'j Changed<'j>) -> PolicyScope<'j, 'r, 'g> {
        PolicyScope {
            change: Some(change),
            ..PolicyScope::new(judged, change.subject.unwrap_or(u32::MAX))
        }
    }

    /// For functions that ask what is tied to a resource: whether they are given one that is in no graph, to which nothing is
    /// tied.
    fn is_loose(&self, function: &str, args: &[Value]) -> Result<bool, CallError> {
        let is_object = args.first().is_some_and(|arg| arg.as_entries().is_some());
        match (self.change, is_object) {
            (Some(change), true) if change.subject.is_none() => Ok(true),
            (Some(_), true) => Err(CallError::new(format!(
                "{function} takes a resource, as self is; change.before and change.after are values only"
            ))),
            _ => Ok(false),
        }
    }

    /// Whether the statements of a document are all in the value, in both worlds: a text that is known, or a resource without any.
    fn is_plain(&self, document: &Value) -> bool {
        match document.kind() {
            Kind::Handle(handle) => {
                let worlds = self.judged.worlds;
                worlds.is_some_and(|worlds| worlds.stays(*handle, "statement"))
                    && self.judged.attribute(*handle, "statement").is_null()
            }
            _ => document.is_wholly_known() && document.children().all(|part| self.is_plain(part)),
        }
    }

    /// Writes down what `iam` asks of a document: of a resource, whether it has statements of its own, as no managed one has.
    fn trace_document(&self, document: &Value) {
        match document.kind() {
            Kind::Handle(handle) => {
                let statement = self.judged.attribute(*handle, "statement");
                self.trace.attribute(*handle, "statement", &statement);
                if !statement.is_null() {
                    self.trace.other();
                }
            }
            _ if is_text(document) => {}
            _ => self.trace.other(),
        }
    }

    /// The statements of documents, one after the other.
    fn statements(&self, documents: &[Value]) -> CallResult {
        let mut all = Vec::new();
        for document in documents.iter().filter(|document| !document.is_null()) {
            let statements = self.statements_of(document)?;
            match (documents, statements.as_items()) {
                ([_], _) => return Ok(statements),
                (_, Some(items)) => all.extend_from_slice(items),
                (_, None) => all.push(statements),
            }
        }
        Ok(Value::tuple(all))
    }

    fn statements_of(&self, document: &Value) -> CallResult {
        let relations = self.judged.relations;
        let behind = |document: &Value| relations.document_behind(document).map(Value::handle);
        if let Some(document) = behind(document) {
            return self.statements_of(&document);
        }
        if let Some(documents) = document
            .as_items()
            .filter(|documents| documents.iter().any(|one| behind(one).is_some()))
        {
            let documents: Vec<Value> = documents
                .iter()
                .map(|one| behind(one).unwrap_or_else(|| one.clone()))
                .collect();
            return self.statements(&documents);
        }
        let key = match document.kind() {
            Kind::Handle(handle) if *handle == self.subject && !self.without.is_empty() => None,
            Kind::Handle(handle) => Some((*handle, 0)),
            Kind::String(text) => Some((u32::MAX, Arc::as_ptr(text).cast::<u8>() as usize)),
            Kind::Unknown(unknown) => Some((u32::MAX, Arc::as_ptr(unknown) as usize)),
            _ => None,
        };
        if let Some((_, statements)) = key.and_then(|key| self.judged.statements.borrow().get(&key).cloned())
        {
            return Ok(statements);
        }
        let read = |handle: u32, name: &str| {
            let value = self.judged.attribute(handle, name);
            match handle == self.subject && functions::iam::INCLUDED.contains(&name) {
                true => self.judged.relations.without(value, &self.without),
                false => value,
            }
        };
        let statements = functions::iam::statements(document, &read)?;
        if let Some(key) = key {
            let entry = (document.clone(), statements.clone());
            self.judged.statements.borrow_mut().insert(key, entry);
        }
        Ok(statements)
    }

    /// Whether two references are to one thing; instead of one of them, a resource.
    fn same(&self, args: &[Value]) -> CallResult {
        let [a, b] = args else {
            return Err(CallError::new("same takes two values"));
        };
        let relations = self.judged.relations;
        let truth = match (a.kind(), b.kind()) {
            (Kind::Handle(a), Kind::Handle(b)) => Truth::Known(a == b),
            (Kind::Handle(handle), _) => relations.names(b, *handle),
            (_, Kind::Handle(handle)) => relations.names(a, *handle),
            _ => relations.same(a, b),
        };
        Ok(truth.value())
    }
}

/// Whether a value is known, and is no resource and holds none.
fn is_text(value: &Value) -> bool {
    !matches!(value.kind(), Kind::Handle(_)) && value.is_wholly_known() && value.children().all(is_text)
}

impl Scope for PolicyScope<'_, '_, '_> {
    fn resolve(
        &self,
        _evaluator: &mut Evaluator<'_>,
        root: &Ident,
        steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        match (&*root.name, self.change, steps.first()) {
            ("self", Some(change), _) if change.subject.is_none() => Ok((change.loose(), 0)),
            ("self", ..) => Ok((Value::handle(self.subject), 0)),
            ("change", Some(change), Some(Step::Attr(name))) => Ok((change.attribute(&name.name), 1)),
            (other, ..) => Err(Box::new(Diagnostic::error(
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
        self.read(handle, name)
    }

    fn has_function(&self, name: &str) -> bool {
        functions::NAMES.contains(&name)
    }

    fn call(&self, name: &str, args: &[Value]) -> CallResult {
        let read = |handle: u32, name: &str| self.read(handle, name);
        // These find other resources. A document that is known is its text alone.
        match name {
            "users" | "all" | "same" | "behind" => self.looks_beyond(),
            "iam" if !args.iter().all(|arg| self.is_plain(arg)) => self.looks_beyond(),
            _ => {}
        }
        match name {
            "covers" | "exists" | "matches" | "cidr_within" | "opens" | "linked" => {}
            "iam" => args.iter().for_each(|arg| self.trace_document(arg)),
            "secrets" if args.iter().all(is_text) => {}
            _ => self.trace.other(),
        }
        match name {
            "linked" | "users" if self.is_loose(name, args)? => Ok(Value::tuple(Vec::new())),
            "linked" => {
                let linked = self.judged.view.linked(args)?;
                self.trace.linked(args, &linked);
                let worlds = self.judged.worlds.filter(|_| !self.looked_beyond());
                if !worlds.is_some_and(|worlds| worlds.links_stay(args, &linked)) {
                    self.looks_beyond();
                }
                Ok(linked)
            }
            "all" => self.judged.view.all(args),
            "exists" => functions::exists(args),
            "iam" => self.statements(args),
            "covers" => functions::actions::covers(args),
            "opens" => functions::network::opens(args, &read),
            "cidr_within" => functions::network::cidr_within(args),
            "matches" => functions::matches(args),
            "same" => self.same(args),
            "behind" => {
                let (value, types) = args
                    .split_first()
                    .ok_or_else(|| CallError::new("behind takes a value and types"))?;
                let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
                Ok(self.judged.relations.behind(value, &types))
            }
            "users" => match args.first().map(Value::kind) {
                Some(Kind::Handle(handle)) => Ok(self.judged.relations.users(*handle)),
                _ => Err(CallError::new("users takes a resource")),
            },
            "secrets" => {
                let whole = |handle: u32| {
                    let resource = self.judged.resource(handle);
                    resource.map(|resource| resource.values.clone())
                };
                let found = functions::secrets::secrets(args, &whole)?;
                let nothing = found.as_items().is_some_and(<[Value]>::is_empty);
                let stays = |worlds: &Worlds<'_>, handle: u32| {
                    worlds.stays_whole(handle) || nothing && worlds.had_no_secrets(handle)
                };
                for arg in args {
                    if let Kind::Handle(handle) = arg.kind()
                        && !self.judged.worlds.is_some_and(|worlds| stays(worlds, *handle))
                    {
                        self.looks_beyond();
                    }
                }
                Ok(found)
            }
            other => Err(CallError::new(format!("there is no function {other}"))),
        }
    }

    fn lenient(&self) -> bool {
        true
    }
}
