//! What expressions see of a graph's resources: policies' and cost models' alike.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use tf_lang::functions::{CallError, CallResult};
use tf_lang::value::Reason;
use tf_lang::{Type, Value};
use tf_model::Resource;

use crate::relations::Relations;

/// The resources of a graph as configured, and how they belong together. A resource is a handle: its index in
/// [`Graph::resources`](tf_model::Graph::resources). Each thread has its own view.
pub struct View<'r, 'g> {
    relations: &'r Relations<'g>,
    /// Attributes that are unknown in part, as expressions see them.
    views: RefCell<HashMap<(u32, Arc<str>), Value>>,
}

impl<'r, 'g> View<'r, 'g> {
    /// A view over a graph's relations.
    pub fn new(relations: &'r Relations<'g>) -> View<'r, 'g> {
        View {
            relations,
            views: RefCell::default(),
        }
    }

    fn resource(&self, handle: u32) -> Option<&'g Resource> {
        self.relations.resource(handle)
    }

    /// An attribute of a resource as the configuration has it: what the provider decides is null.
    pub fn attribute(&self, handle: u32, name: &str) -> Value {
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
        let at = handle as usize - self.relations.graph.resources.len();
        if let Some(provider) = self.relations.graph.providers.get(at) {
            return match name {
                "address" => Value::from(crate::engine::provider_address(provider)),
                "type" => Value::normal_string(provider.name.clone()),
                _ => provider.values.get(name).cloned().unwrap_or(Value::NULL),
            };
        }
        let Some(call) = self
            .relations
            .graph
            .modules
            .get(at - self.relations.graph.providers.len())
        else {
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

    /// `linked(resource, "type"…)`: the resources of some types that are tied to one, or to one of several.
    ///
    /// # Errors
    /// Without a first argument.
    pub fn linked(&self, args: &[Value]) -> CallResult {
        let (first, types) = args
            .split_first()
            .ok_or_else(|| CallError::new("a resource is required"))?;
        let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
        Ok(self.relations.linked_to(first, &types))
    }

    /// Whether `linked` of a resource finds nothing, and nothing uncertain.
    pub(crate) fn has_no(&self, handle: u32, types: &[Value]) -> bool {
        let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
        let linked = self.relations.linked(handle, &types);
        linked.as_items().is_some_and(<[Value]>::is_empty)
    }

    /// `all("type"…)`: every resource of some types.
    ///
    /// # Errors
    /// None; it has the form of a function.
    pub fn all(&self, args: &[Value]) -> CallResult {
        let types = args.iter().filter_map(Value::as_str);
        let elements = types
            .flat_map(|ty| self.relations.of_type(ty))
            .map(|handle| Value::handle(*handle));
        Ok(Value::tuple(elements.collect()))
    }
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
