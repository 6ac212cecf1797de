//! A plan as a scan for drift needs it: what somebody changed outside of Terraform since the last apply.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use tf_lang::Value;

use super::parts;
use super::references::{self, Configuration};
use super::review::{Step, review_of};
use super::{PlanError, Review, reasons};
use crate::address::Address;
use crate::graph::{Graph, Resource};

/// What an ordinary plan found changed, and what it would do about it.
///
/// In [`Drift::review`], the world before is what is there now, and the world after what the configuration asks for. What the
/// last apply left behind is [`Drift::recorded`].
pub struct Drift {
    /// The plan itself.
    pub review: Review,
    /// Objects that are not what the state says: `before` is the state, `after` what is there, null where it is gone. In order of
    /// addresses; deposed objects follow theirs.
    pub changed: Vec<Step>,
    configuration: Configuration,
}

impl std::fmt::Debug for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drift")
            .field("review", &self.review)
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

/// Reads a plan for what somebody changed outside of Terraform.
///
/// # Errors
/// Where the text is no plan.
pub fn drift(text: &str) -> Result<Drift, PlanError> {
    let mut parts = parts::read(text, true)?;
    let drifted = std::mem::take(&mut parts.drifted).into_iter();
    let mut changed: Vec<(Address, Step)> = drifted
        .map(|change| {
            let (address, mut step) = (change.address, change.step);
            let why = |path: &str| reasons(&address, path, &parts.configuration, &HashSet::new());
            (step.before, step.after) = change.sides.settled(&why);
            (address, step)
        })
        .collect();
    changed.sort_by(|(a, step_a), (b, step_b)| (a, &step_a.deposed).cmp(&(b, &step_b.deposed)));
    let (review, configuration) = review_of(parts, |_| true);
    Ok(Drift {
        review,
        changed: changed.into_iter().map(|(_, step)| step).collect(),
        configuration,
    })
}

impl Drift {
    /// The world that the state records: what is there, without what was changed since. Changes of addresses that `keep` names are
    /// left as they are now.
    pub fn recorded(&self, keep: impl Fn(&str) -> bool) -> Graph {
        let recorded: BTreeMap<&str, &Step> = self
            .changed
            .iter()
            .filter(|step| step.deposed.is_none() && !keep(&step.address))
            .map(|step| (&*step.address, step))
            .collect();
        let now = &self.review.before;
        let mut resources: Vec<Resource> = Vec::with_capacity(now.resources.len());
        for resource in &now.resources {
            let values = match recorded.get(&*resource.text) {
                Some(step) => step.before.clone(),
                None => resource.values.clone(),
            };
            resources.push(Resource {
                address: resource.address.clone(),
                text: resource.text.clone(),
                provider: resource.provider.clone(),
                region: resource.region.clone(),
                values,
                declaration: resource.declaration.clone(),
                edges: Vec::new(),
                direct: Vec::new(),
                unexpanded: false,
                change: None,
            });
        }
        // What is gone stands in no world of the plan.
        for (text, step) in &recorded {
            let Ok(address) = text.parse::<Address>() else {
                continue;
            };
            if now.find(&address).is_some() || step.before.is_null() {
                continue;
            }
            let planned = self.review.after.find(&address);
            let planned = planned.and_then(|at| self.review.after.resources.get(at));
            resources.push(Resource {
                text: Arc::from(*text),
                provider: planned.map_or_else(|| "".into(), |resource| resource.provider.clone()),
                region: planned.and_then(|resource| resource.region.clone()),
                declaration: planned.and_then(|resource| resource.declaration.clone()),
                address,
                values: step.before.clone(),
                edges: Vec::new(),
                direct: Vec::new(),
                unexpanded: false,
                change: None,
            });
        }
        resources.sort_by(|a, b| a.address.cmp(&b.address));
        let mut graph = Graph {
            root: now.root.clone(),
            sources: now.sources.clone(),
            resources,
            variables: now.variables.clone(),
            ..Graph::default()
        };
        references::connect(&mut graph, &self.configuration);
        graph
    }

    /// Both sides of everything that was changed: where secrets may stand.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.changed.iter().flat_map(|step| [&step.before, &step.after])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{
      "format_version": "1.2", "terraform_version": "1.11.4",
      "resource_drift": [
        {"address": "aws_sns_topic.t", "mode": "managed", "type": "aws_sns_topic", "name": "t",
         "change": {"actions": ["update"], "before": {"name": "t", "kms_master_key_id": "k", "secret": "a"}, "before_sensitive": {"secret": true},
           "after": {"name": "t", "kms_master_key_id": "", "secret": "b"}, "after_sensitive": {"secret": true}}},
        {"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q",
         "change": {"actions": ["delete"], "before": {"name": "q"}, "after": null}}
      ],
      "resource_changes": [
        {"address": "aws_sns_topic.t", "mode": "managed", "type": "aws_sns_topic", "name": "t", "provider_name": "aws",
         "change": {"actions": ["update"], "before": {"name": "t", "kms_master_key_id": ""}, "after": {"name": "t", "kms_master_key_id": "k"}}},
        {"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q", "provider_name": "aws",
         "change": {"actions": ["create"], "before": null, "after": {"name": "q"}, "after_unknown": {"arn": true}}}
      ],
      "configuration": {"root_module": {"resources": [
        {"address": "aws_sns_topic.t", "mode": "managed", "type": "aws_sns_topic", "name": "t", "expressions": {}},
        {"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q",
         "expressions": {"policy": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}}}]}}
    }"#;

    fn text(value: &Value, name: &str) -> Option<String> {
        Some(value.as_entries()?.get(name)?.as_str()?.to_owned())
    }

    #[test]
    fn the_state_and_what_is_there() {
        let drift = drift(PLAN).unwrap();
        let changed: Vec<(&str, bool)> = drift
            .changed
            .iter()
            .map(|step| (&*step.address, step.after.is_null()))
            .collect();
        assert_eq!(changed, [("aws_sns_topic.t", false), ("aws_sqs_queue.q", true)]);
        assert!(drift.changed[0].before.has_sensitive() && drift.changed[0].after.has_sensitive());
        assert_eq!(drift.review.before.resources.len(), 1);

        let recorded = drift.recorded(|_| false);
        let there: Vec<&str> = recorded.resources.iter().map(|it| &*it.text).collect();
        assert_eq!(there, ["aws_sns_topic.t", "aws_sqs_queue.q"]);
        assert_eq!(
            text(&recorded.resources[0].values, "kms_master_key_id").as_deref(),
            Some("k")
        );
        assert_eq!(recorded.resources[1].edges, [0]);

        let but_one = drift.recorded(|address| address == "aws_sns_topic.t");
        assert_eq!(
            text(&but_one.resources[0].values, "kms_master_key_id").as_deref(),
            Some("")
        );
        assert_eq!(but_one.resources.len(), 2);
    }
}
