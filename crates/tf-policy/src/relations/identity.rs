//! What values refer to that are not known yet.

use std::collections::BTreeSet;

use tf_lang::Value;
use tf_lang::value::{Reason, Unknown};
use tf_model::{Mode, Resource};

use super::{NAMES, Relations, all_reasons, is_there};
use crate::functions::Truth;

impl<'g> Relations<'g> {
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
}

fn is_decided_later(unknown: &Unknown) -> bool {
    unknown.exact && matches!(&*unknown.reasons, [Reason::KnownAfterApply(_)])
}

/// Whether a text is a name, or the ARN of what has it.
fn is_name(text: &str, name: &str) -> bool {
    let arn = || text.strip_suffix(name).filter(|_| text.starts_with("arn:"));
    !name.is_empty() && (text == name || arn().is_some_and(|before| before.ends_with([':', '/'])))
}
