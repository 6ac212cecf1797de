//! The changes of a plan: counted, ranked by risk, and grouped where many instances change alike.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use rayon::prelude::*;
use tf_model::plan::{Action, Review, Step, path_text};
use tf_model::schema::{Kind, schema};

use crate::diff::{Change, Difference, Shown, differences};
use crate::mask::Mask;
use crate::risk::Risk;

/// How much a plan changes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Made.
    pub add: usize,
    /// Changed in place.
    pub change: usize,
    /// Deleted and made anew.
    pub replace: usize,
    /// Deleted.
    pub delete: usize,
    /// Brought in from outside.
    pub import: usize,
    /// At another address than before.
    pub moved: usize,
    /// Taken out of the state, and left as they are.
    pub forget: usize,
}

/// What happens to one resource instance, or alike to several of one block.
#[derive(Clone, Debug)]
pub struct ResourceChange {
    /// The addresses, in order.
    pub addresses: Vec<String>,
    /// Their type.
    pub ty: String,
    /// What is done.
    pub action: Action,
    /// What may go wrong.
    pub risk: Risk,
    /// The attributes that force a replacement.
    pub forced_by: Vec<String>,
    /// Where they were, for those that move; in the order of the addresses, or empty.
    pub previous: Vec<String>,
    /// Whether they are brought in from outside.
    pub imports: bool,
    /// The key of an object that an earlier replacement left behind.
    pub deposed: Option<String>,
    /// Terraform's word for why: `delete_because_no_resource_config`.
    pub reason: Option<String>,
    /// What differs.
    pub differences: Vec<Difference>,
    /// What all of them add to the cost: `+12.30 USD a month`.
    pub cost: Option<String>,
}

/// What becomes of an output.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// Its name.
    pub name: String,
    /// What is done.
    pub action: Action,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// All changes of a plan.
#[derive(Clone, Default, Debug)]
pub struct Changes {
    /// How many.
    pub counts: Counts,
    /// Worst first; within a risk deletions first, then by address.
    pub resources: Vec<ResourceChange>,
    /// In order of names.
    pub outputs: Vec<OutputChange>,
}

impl Changes {
    /// The changes of a plan; no-ops and reads are left out, but for resources that move or are imported.
    pub fn of(review: &Review, mask: &Mask) -> Changes {
        let mut counts = Counts::default();
        for step in &review.steps {
            counts.add(step);
        }
        let shown = |step: &&Step| {
            let stays = matches!(step.action, Action::NoOp | Action::Read);
            !stays || step.previous_address.is_some() || step.imports
        };
        let each = review.steps.par_iter().filter(shown);
        let each: Vec<(u64, ResourceChange)> = each
            .map(|step| {
                let change = ResourceChange::of(step, mask);
                (change.likeness(&block_of(&step.address)), change)
            })
            .collect();
        let mut groups: Vec<ResourceChange> = Vec::with_capacity(each.len());
        let mut alike: HashMap<u64, Vec<usize>> = HashMap::with_capacity(each.len());
        for (likeness, change) in each {
            let candidates = alike.entry(likeness).or_default();
            let same = candidates
                .iter()
                .find(|at| groups.get(**at).is_some_and(|group| group.is_like(&change)));
            match same.and_then(|at| groups.get_mut(*at)) {
                Some(group) => {
                    group.addresses.extend(change.addresses);
                    group.previous.extend(change.previous);
                }
                None => {
                    candidates.push(groups.len());
                    groups.push(change);
                }
            }
        }
        let outputs = review
            .outputs
            .iter()
            .filter(|(_, output)| output.action != Action::NoOp)
            .map(|(name, output)| OutputChange {
                name: name.to_string(),
                action: output.action,
                differences: differences(&output.before, &output.after, mask),
            })
            .collect();
        let mut changes = Changes {
            counts,
            resources: groups,
            outputs,
        };
        changes.sort();
        changes
    }

    pub(crate) fn sort(&mut self) {
        self.resources.sort_by(|a, b| {
            let rank = |group: &ResourceChange| (group.risk, !group.action.destroys());
            rank(a).cmp(&rank(b)).then_with(|| a.addresses.cmp(&b.addresses))
        });
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }
}

impl Counts {
    fn add(&mut self, step: &Step) {
        match step.action {
            Action::Create => self.add += 1,
            Action::Update => self.change += 1,
            Action::Delete => self.delete += 1,
            Action::DeleteThenCreate | Action::CreateThenDelete => self.replace += 1,
            Action::Forget => self.forget += 1,
            Action::NoOp | Action::Read => {}
        }
        self.import += usize::from(step.imports);
        self.moved += usize::from(step.previous_address.is_some());
    }
}

impl ResourceChange {
    fn of(step: &Step, mask: &Mask) -> ResourceChange {
        // Of what is made or deleted as a whole, the kind and the address say more than a hundred attributes.
        let differences = match step.action {
            Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete => {
                let mut found = differences(&step.before, &step.after, mask);
                found.retain(|difference| !is_of_the_provider(step, difference));
                found
            }
            _ => Vec::new(),
        };
        ResourceChange {
            addresses: vec![step.address.to_string()],
            ty: step.ty.to_string(),
            action: step.action,
            cost: None,
            risk: Risk::of(step, &differences),
            forced_by: step.replace_paths.iter().map(|path| path_text(path)).collect(),
            previous: step.previous_address.iter().map(ToString::to_string).collect(),
            imports: step.imports,
            deposed: step.deposed.as_ref().map(ToString::to_string),
            reason: step.reason.as_ref().map(ToString::to_string),
            differences,
        }
    }

    /// A number that those of one block have in common that are alike, and few others.
    fn likeness(&self, block: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        (block, self.action.words(), &self.differences).hash(&mut hasher);
        hasher.finish()
    }

    fn is_like(&self, other: &ResourceChange) -> bool {
        let block = |change: &ResourceChange| change.addresses.first().map(|address| block_of(address));
        block(self) == block(other)
            && self.action == other.action
            && self.risk == other.risk
            && self.imports == other.imports
            && self.deposed == other.deposed
            && self.reason == other.reason
            && self.forced_by == other.forced_by
            && self.previous.is_empty() == other.previous.is_empty()
            && self.differences == other.differences
    }
}

/// Whether something is only not known yet because the provider works it out: nobody asked for it, and every change of the kind has it.
fn is_of_the_provider(step: &Step, difference: &Difference) -> bool {
    let unknown = match &difference.change {
        Change::Added(new) | Change::Changed(_, new) => matches!(new, Shown::Unknown(_)),
        _ => false,
    };
    let name = difference.path.split(['.', '[']).next().unwrap_or_default();
    let attribute = schema(Kind::Resource, &step.ty).and_then(|schema| schema.attribute(name));
    unknown
        && attribute.is_some_and(|attribute| {
            // What may be set too is kept where the object stays: then something else makes it unknown.
            attribute.computed && (!attribute.optional || step.action.replaces())
        })
        && !step
            .replace_paths
            .iter()
            .any(|path| path_text(path) == difference.path)
}

/// An address without the keys of instances: what the configuration calls it.
pub fn block_of(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let mut depth = 0_u32;
    let mut quoted = false;
    let mut escaped = false;
    for c in address.chars() {
        match c {
            '"' if depth > 0 && !escaped => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => {
                depth = depth.saturating_sub(1);
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        if depth == 0 {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(address: &str, ty: &str, change: &str) -> String {
        format!(
            r#"{{"address": {}, "mode": "managed", "type": "{ty}", "name": "x", {change}}}"#,
            serde_json::Value::from(address)
        )
    }

    fn changes(resources: &[String]) -> Changes {
        let plan = format!(
            r#"{{"format_version": "1.2", "resource_changes": [{}],
                "output_changes": {{"kept": {{"actions": ["no-op"], "before": 1, "after": 1}}, "url": {{"actions": ["update"], "before": "a", "after": "b"}}}},
                "configuration": {{"root_module": {{}}}}}}"#,
            resources.join(",")
        );
        Changes::of(&tf_model::plan::review(plan).unwrap(), &Mask::new([]))
    }

    const TAGGED: &str = r#""change": {"actions": ["update"], "before": {"tags": {"a": "1"}}, "after": {"tags": {"a": "2"}}, "after_unknown": {}}"#;

    #[test]
    fn instances_that_change_alike_are_one_line_and_the_worst_comes_first() {
        let deleted = r#""change": {"actions": ["delete"], "before": {"bucket": "b"}, "after": null}"#;
        let other = TAGGED.replace("\"2\"", "\"3\"");
        let replaced = r#""change": {"actions": ["delete", "create"], "replace_paths": [["ami"], ["root_block_device", 0, "encrypted"]], "before": {"ami": "a"}, "after": {"ami": "b"}}"#;
        let found = changes(&[
            resource("aws_sns_topic.t[\"x]\"]", "aws_sns_topic", TAGGED),
            resource("aws_sns_topic.t[\"y\"]", "aws_sns_topic", TAGGED),
            resource("aws_sns_topic.t[\"z\"]", "aws_sns_topic", &other),
            resource("aws_s3_bucket.b", "aws_s3_bucket", deleted),
            resource("module.m[0].aws_instance.i", "aws_instance", replaced),
        ]);
        assert_eq!(
            found.counts,
            Counts {
                change: 3,
                replace: 1,
                delete: 1,
                ..Counts::default()
            }
        );
        let shown: Vec<(Risk, usize)> = found
            .resources
            .iter()
            .map(|change| (change.risk, change.addresses.len()))
            .collect();
        assert_eq!(
            shown,
            [
                (Risk::DataLoss, 1),
                (Risk::Rest, 1),
                (Risk::Rest, 2),
                (Risk::Rest, 1)
            ]
        );
        assert_eq!(
            found.resources[1].forced_by,
            ["ami", "root_block_device[0].encrypted"]
        );
        assert_eq!(
            found.resources[2].addresses,
            ["aws_sns_topic.t[\"x]\"]", "aws_sns_topic.t[\"y\"]"]
        );
        let outputs: Vec<&str> = found.outputs.iter().map(|output| &*output.name).collect();
        assert_eq!(outputs, ["url"]);
    }

    #[test]
    fn moves_and_imports_are_no_deletions() {
        let kept = r#""change": {"actions": ["no-op"], "before": {"bucket": "b"}, "after": {"bucket": "b"}}"#;
        let moved = format!(r#""previous_address": "aws_s3_bucket.old", {kept}"#);
        let imported = kept.replace("\"actions\"", "\"importing\": {\"id\": \"b\"}, \"actions\"");
        let found = changes(&[
            resource("aws_s3_bucket.kept", "aws_s3_bucket", kept),
            resource("aws_s3_bucket.moved", "aws_s3_bucket", &moved),
            resource("aws_s3_bucket.imported", "aws_s3_bucket", &imported),
        ]);
        assert_eq!(
            (found.counts.moved, found.counts.import, found.counts.delete),
            (1, 1, 0)
        );
        let shown: Vec<(&str, bool)> = found
            .resources
            .iter()
            .map(|change| (&*change.addresses[0], change.imports))
            .collect();
        assert_eq!(
            shown,
            [("aws_s3_bucket.imported", true), ("aws_s3_bucket.moved", false)]
        );
        assert_eq!(found.resources[1].previous, ["aws_s3_bucket.old"]);
    }
}
