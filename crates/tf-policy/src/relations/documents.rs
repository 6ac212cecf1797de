//! Who uses and who includes an `aws_iam_policy_document`.

use std::collections::BTreeSet;

use tf_lang::Value;
use tf_model::Resource;

use super::{Relations, all_reasons};
use crate::functions::iam::INCLUDED;

impl Relations<'_> {
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
}
