//! A plan as a review needs it: the world before and after, and what leads from the one to the other.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use tf_lang::Value;
use tf_lang::value::Marks;

use super::parts::{self, Parts};
use super::references::{self, Configuration};
use super::{PlanError, graph_of};
use crate::address::Address;
use crate::graph::{Graph, Resource};

/// A plan: what is there, what will be, and what is done.
#[derive(Debug)]
pub struct Review {
    /// What is there, with what people changed since the last apply. A resource that moves is at its new address.
    pub before: Graph,
    /// What will be: see [`super::load`].
    pub after: Graph,
    /// What is done to each resource instance, no-ops included, in order of addresses; deposed objects follow theirs.
    pub steps: Vec<Step>,
    /// What becomes of the root module's outputs.
    pub outputs: BTreeMap<Arc<str>, OutputStep>,
    /// The Terraform that made it.
    pub terraform_version: Arc<str>,
    /// Whether planning ended early, so that the plan cannot be applied.
    pub errored: bool,
}

/// What is done to a resource instance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// A data source is read.
    Read,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// It is deleted, and then made anew.
    DeleteThenCreate,
    /// It is made anew, and then the old one is deleted.
    CreateThenDelete,
    /// It is taken out of the state, and stays.
    Forget,
}

impl Action {
    pub(super) fn of(actions: &[impl AsRef<str>]) -> Action {
        let actions: Vec<&str> = actions.iter().map(AsRef::as_ref).collect();
        match actions.as_slice() {
            ["create"] => Action::Create,
            ["read"] => Action::Read,
            ["update"] => Action::Update,
            ["delete"] => Action::Delete,
            ["delete", "create"] => Action::DeleteThenCreate,
            ["create", "delete"] => Action::CreateThenDelete,
            ["forget"] | ["create", "forget"] | ["forget", "create"] => Action::Forget,
            _ => Action::NoOp,
        }
    }

    /// As a plan writes it: one word, or two in their order for a replacement.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Action::NoOp => &["no-op"],
            Action::Create => &["create"],
            Action::Read => &["read"],
            Action::Update => &["update"],
            Action::Delete => &["delete"],
            Action::DeleteThenCreate => &["delete", "create"],
            Action::CreateThenDelete => &["create", "delete"],
            Action::Forget => &["forget"],
        }
    }

    /// Whether the object that was there is gone afterwards.
    pub fn destroys(self) -> bool {
        matches!(
            self,
            Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete
        )
    }

    /// Whether another object takes its place.
    pub fn replaces(self) -> bool {
        matches!(self, Action::DeleteThenCreate | Action::CreateThenDelete)
    }
}

/// One resource instance of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its address.
    pub address: Arc<str>,
    /// Its type.
    pub ty: Arc<str>,
    /// Where it was until now, if it moves.
    pub previous_address: Option<Arc<str>>,
    /// What is done.
    pub action: Action,
    /// The key of an object that a replacement left behind.
    pub deposed: Option<Arc<str>>,
    /// Why, in Terraform's word: `replace_because_cannot_update`, `delete_because_no_resource_config`.
    pub reason: Option<Arc<str>>,
    /// The attributes that force a replacement.
    pub replace_paths: Vec<Vec<PathStep>>,
    /// Whether it is brought in from outside.
    pub imports: bool,
    /// Before; null where there is none. Sensitive values are marked.
    pub before: Value,
    /// After; null where there is none. What is not known yet is unknown.
    pub after: Value,
}

/// A step into a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PathStep {
    /// An attribute, or a key of a map.
    Name(Arc<str>),
    /// A place in a list.
    Index(u64),
}

/// A path as it is written in a configuration: `root_block_device[0].encrypted`.
pub fn path_text(path: &[PathStep]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            PathStep::Name(name) if out.is_empty() => out.push_str(name),
            PathStep::Name(name) => {
                out.push('.');
                out.push_str(name);
            }
            PathStep::Index(at) => out.push_str(&format!("[{at}]")),
        }
    }
    out
}

/// What becomes of an output.
#[derive(Clone, Debug)]
pub struct OutputStep {
    /// What is done.
    pub action: Action,
    /// Before; null where there is none.
    pub before: Value,
    /// After; null where there is none.
    pub after: Value,
}

/// Reads a plan. The text is large and does not outlive the reading, if it is given away.
///
/// # Errors
/// Where the text is no plan.
pub fn review(text: impl Into<String>) -> Result<Review, PlanError> {
    let text = text.into();
    let parts = parts::read(&text, false)?;
    drop(text);
    Ok(review_of(parts, |_| true).0)
}

/// Reads a plan for those who ask only what its steps do: the world before is empty where nothing of it is deleted, replaced or
/// forgotten.
///
/// # Errors
/// Where the text is no plan.
pub fn changes(text: &str) -> Result<Review, PlanError> {
    let parts = parts::read(text, false)?;
    let is_asked = |action: Action| action.destroys() || action == Action::Forget;
    Ok(review_of(parts, is_asked).0)
}

/// What a plan tells, and its configuration; the world before is put together if one of the steps asks for it.
pub(super) fn review_of(mut parts: Parts, asks: impl Fn(Action) -> bool) -> (Review, Configuration) {
    let outputs = std::mem::take(&mut parts.output_changes);
    let terraform_version = parts.terraform_version.clone();
    let errored = parts.errored;
    let (after, mut steps, configuration) = graph_of(parts);
    let is_asked_for = steps.iter().any(|(_, step)| asks(step.action));
    let (before, steps) = rayon::join(
        || match is_asked_for {
            true => before(&after, &configuration),
            false => Graph::default(),
        },
        || {
            for (address, step) in &mut steps {
                add_values(step, address, &after);
            }
            steps.sort_by(|(a, step_a), (b, step_b)| (a, &step_a.deposed).cmp(&(b, &step_b.deposed)));
            steps.into_iter().map(|(_, step)| step).collect()
        },
    );
    let review = Review {
        before,
        after,
        steps,
        outputs,
        terraform_version,
        errored,
    };
    (review, configuration)
}

fn add_values(step: &mut Step, address: &Address, graph: &Graph) {
    let resource = graph.find(address).and_then(|at| graph.resources.get(at));
    if let (None, Some(resource)) = (&step.deposed, resource) {
        step.after = resource.values.clone();
        if let Some(change) = &resource.change {
            step.before = change.before.clone();
        }
    }
}

/// The world before: the same configuration's ties between the resources that are there.
fn before(after: &Graph, configuration: &Configuration) -> Graph {
    let existing = after.resources.iter().filter_map(|resource| {
        let values = resource.change.as_ref()?.before.clone();
        (!values.is_null()).then(|| Resource {
            address: resource.address.clone(),
            text: resource.text.clone(),
            provider: resource.provider.clone(),
            region: resource.region.clone(),
            values,
            declaration: None,
            edges: Vec::new(),
            direct: Vec::new(),
            unexpanded: false,
            change: None,
        })
    });
    let mut graph = Graph {
        root: after.root.clone(),
        resources: existing.collect(),
        variables: after.variables.clone(),
        ..Graph::default()
    };
    references::connect(&mut graph, configuration);
    graph
}

/// Every text and number in the values of a plan that is marked sensitive: what must not be shown anywhere, wherever else it may stand.
/// Short ones, which would be found everywhere, are left out.
pub fn secrets(review: &Review) -> HashSet<Arc<str>> {
    let sides = review.steps.iter().flat_map(|step| [&step.before, &step.after]);
    let outputs = review
        .outputs
        .values()
        .flat_map(|step| [&step.before, &step.after]);
    let variables = review.after.variables.values();
    secrets_of(sides.chain(outputs).chain(variables))
}

/// As [`secrets`], of some values.
pub fn secrets_of<'v>(values: impl IntoIterator<Item = &'v Value>) -> HashSet<Arc<str>> {
    const SHORTEST: usize = 6;
    let mut found = HashSet::new();
    for value in values {
        gather(value, false, SHORTEST, &mut found);
    }
    found
}

fn gather(value: &Value, within: bool, shortest: usize, found: &mut HashSet<Arc<str>>) {
    if !within && !value.has_sensitive() {
        return;
    }
    let sensitive = within || value.marks().contains(Marks::SENSITIVE);
    if sensitive {
        let text = value.as_str().map(Into::into);
        let text: Option<Arc<str>> = text.or_else(|| Some(value.as_number()?.to_string().into()));
        found.extend(text.filter(|text| text.chars().count() >= shortest));
    }
    for child in value.children() {
        gather(child, sensitive, shortest, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{
      "format_version": "1.2", "terraform_version": "1.11.4", "errored": false,
      "resource_changes": [
        {"address": "aws_db_instance.b", "mode": "managed", "type": "aws_db_instance", "name": "b",
         "previous_address": "aws_db_instance.old", "action_reason": "replace_because_cannot_update",
         "change": {"actions": ["delete", "create"], "replace_paths": [["engine"], ["tags", "a"], ["subnets", 2]],
           "before": {"engine": "mysql", "password": "s3cret-one", "port": 1}, "before_sensitive": {"password": true},
           "after": {"engine": "postgres", "password": "s3cret-two"}, "after_unknown": {"port": true}, "after_sensitive": {"password": true}}},
        {"address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a", "deposed": "0badc0de",
         "change": {"actions": ["delete"], "before": {"engine": "mysql"}, "after": null, "after_unknown": {}, "before_sensitive": {}}},
        {"address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a",
         "change": {"actions": ["create"], "before": null, "importing": {"id": "x"}, "after": {"engine": "mysql"}, "after_unknown": {}}},
        {"address": "aws_s3_bucket.c", "mode": "managed", "type": "aws_s3_bucket", "name": "c",
         "change": {"actions": ["delete"], "before": {"bucket": "c"}, "after": null, "after_unknown": {}}}
      ],
      "output_changes": {"o": {"actions": ["update"], "before": "token-before", "after": null, "after_unknown": true,
         "before_sensitive": true, "after_sensitive": true}},
      "configuration": {"root_module": {"resources": [
        {"address": "aws_db_instance.b", "mode": "managed", "type": "aws_db_instance", "name": "b",
         "expressions": {"engine": {"references": ["aws_s3_bucket.c.id", "aws_s3_bucket.c"]}}}]}}
    }"#;

    #[test]
    fn both_worlds_and_the_way_between_them() {
        let review = review(PLAN).unwrap();
        let there: Vec<&str> = review.before.resources.iter().map(|it| &*it.text).collect();
        assert_eq!(there, ["aws_db_instance.b", "aws_s3_bucket.c"]);
        assert_eq!(review.before.resources[0].edges, [1]);
        assert_eq!(
            review.before.resources[0]
                .values
                .as_entries()
                .unwrap()
                .get("engine")
                .unwrap()
                .as_str(),
            Some("mysql")
        );
        let steps: Vec<(&str, Action, bool)> = review
            .steps
            .iter()
            .map(|step| (&*step.address, step.action, step.deposed.is_some()))
            .collect();
        assert_eq!(
            steps,
            [
                ("aws_db_instance.a", Action::Create, false),
                ("aws_db_instance.a", Action::Delete, true),
                ("aws_db_instance.b", Action::DeleteThenCreate, false),
                ("aws_s3_bucket.c", Action::Delete, false),
            ]
        );
        assert!(review.steps[0].imports);
        let left = &review.steps[1];
        assert!(left.after.is_null() && !left.before.is_null());
        let replaced = &review.steps[2];
        assert!(replaced.action.destroys() && replaced.action.replaces());
        assert_eq!(replaced.previous_address.as_deref(), Some("aws_db_instance.old"));
        assert_eq!(
            replaced.replace_paths[1],
            [PathStep::Name("tags".into()), PathStep::Name("a".into())]
        );
        assert_eq!(replaced.replace_paths[2][1], PathStep::Index(2));
        assert_eq!((&*review.terraform_version, review.errored), ("1.11.4", false));
    }

    #[test]
    fn the_world_before_is_there_where_something_of_it_goes() {
        let plan = |actions: &str, is: &str, will: &str| {
            format!(
                r#"{{"format_version": "1.2", "resource_changes": [{{"address": "aws_sqs_queue.q", "mode": "managed",
                  "type": "aws_sqs_queue", "change": {{"actions": [{actions}], "before": {is}, "after": {will}}}}}]}}"#
            )
        };
        for (actions, is, will, there) in [
            (r#""create""#, "null", "{}", 0),
            (r#""no-op""#, "{}", "{}", 0),
            (r#""update""#, "{}", "{}", 0),
            (r#""delete""#, "{}", "null", 1),
            (r#""delete", "create""#, "{}", "{}", 1),
            (r#""create", "delete""#, "{}", "{}", 1),
            (r#""forget""#, "{}", "null", 1),
        ] {
            let plan = plan(actions, is, will);
            let read = changes(&plan).unwrap();
            assert_eq!(read.before.resources.len(), there, "{actions}");
            assert_eq!(read.steps.len(), 1);
            assert_eq!(
                read.steps[0].action.words().join(" "),
                actions.replace(['"', ','], "")
            );
            let whole = review(&plan).unwrap();
            assert_eq!(
                whole.before.resources.len(),
                usize::from(is != "null"),
                "{actions}"
            );
        }
    }

    #[test]
    fn secrets_are_what_is_marked_wherever_it_stands() {
        let review = review(PLAN).unwrap();
        let mut found: Vec<String> = secrets(&review).iter().map(|text| text.to_string()).collect();
        found.sort();
        assert_eq!(found, ["s3cret-one", "s3cret-two", "token-before"]);
    }
}
