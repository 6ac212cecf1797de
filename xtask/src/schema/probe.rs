//! Probes: resources with as little written in them as the provider accepts.
//!
//! They are made from the schema: what is required, with values that fit its name. Where the provider refuses one, its
//! message mostly says what it wants instead, and the probe is changed accordingly and tried again.

use serde_json::Value;

use super::body::{Body, Path, Variant, may_be_written};
use super::message;

/// A resource to be planned.
pub(super) struct Probe<'s> {
    pub(super) kind: &'s str,
    /// The schema's block of the resource type.
    pub(super) schema: &'s Value,
    pub(super) variant: Variant,
    pub(super) body: Body,
    /// How often it has been planned.
    pub(super) attempts: usize,
}

impl<'s> Probe<'s> {
    /// What a resource type requires, and what is written by hand for it.
    pub(super) fn new(kind: &'s str, schema: &'s Value, variant: Variant, by_hand: &Value) -> Probe<'s> {
        let mut body = Body::required(schema, variant);
        body.put(schema, by_hand, variant);
        Probe {
            kind,
            schema,
            variant,
            body,
            attempts: 0,
        }
    }

    /// Changes the probe as a message about a place in it demands; `false` if the message says nothing of use.
    pub(super) fn repair(&mut self, place: &[String], message: &str) -> bool {
        let before = self.body.clone();
        let is_written = self.body.attribute(place).is_some();
        if is_written && message::is_of_conflict(message) {
            self.body.remove(place);
        } else if !is_written && message::is_of_missing(message) {
            self.complete(place, message);
        } else if let Some(path) = if is_written {
            Some(place.to_vec())
        } else {
            self.named(place, message)
        } {
            let name = path.last().cloned().unwrap_or_default();
            if let Some(value) = self.body.attribute_mut(&path) {
                message::obey(message, &name, value, self.variant);
            }
        }
        self.body != before
    }

    /// The written attribute that a message names: in the place, or anywhere.
    fn named(&self, place: &[String], message: &str) -> Option<Path> {
        let paths = message::paths(message);
        let find = |body: &Body| paths.iter().find_map(|path| body.find(path.last()?));
        let inside = self.body.block(place).and_then(find);
        inside
            .map(|path| [place.to_vec(), path].concat())
            .or_else(|| find(&self.body))
    }

    /// Adds what a message says is missing: one of several, or all.
    fn complete(&mut self, place: &[String], message: &str) {
        let listed = message::listed(message);
        let paths = message::paths(listed.unwrap_or(message));
        let mut paths: Vec<Path> = paths
            .iter()
            .filter_map(|path| self.resolve(place, path))
            .collect();
        if !message.contains("all of") {
            if listed.is_some() && paths.iter().any(|path| self.body.has(path)) {
                // An earlier message said the same.
                return;
            }
            paths.retain(|path| !self.body.has(path));
            let is_last = listed.is_some() && self.variant == Variant::B;
            let chosen = if is_last { paths.last() } else { paths.first() };
            paths = chosen.cloned().into_iter().collect();
        }
        for path in &paths {
            self.body.add(self.schema, path, self.variant);
        }
    }

    /// What a path in a message means: from the top, from the place, or from any block that is written.
    fn resolve(&self, place: &[String], path: &[String]) -> Option<Path> {
        let around = place.split_last().map_or(&[][..], |(_, block)| block);
        let mut starts = vec![Path::new(), place.to_vec(), around.to_vec()];
        starts.extend(self.body.block_paths());
        let paths = starts.into_iter().map(|start| [start, path.to_vec()].concat());
        paths.into_iter().find(|path| may_be_written(self.schema, path))
    }
}
