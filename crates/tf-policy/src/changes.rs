//! Judging what a plan does: policies whose expressions refer to `change`.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::{Type, Value};
use tf_model::address::{Address, Mode};
use tf_model::plan::{Action, PathStep, Review, Step, path_text};
use tf_report::Verdict;

use crate::both::Worlds;
use crate::engine::{self, Judgement, Judgements, PORTION, Subject};
use crate::policy::{CHANGE, Policy};
use crate::scope::{Judged, PolicyScope};

/// Judges what a plan does by the policies that judge changes; the other policies say nothing of it. The subjects are those of
/// the world after, in order, and then what is in neither world.
///
/// `self` is what is there before where a step destroys or forgets it, and what will be otherwise. What is tied to it is asked of
/// the same world.
pub fn judge_changes(review: &Review, policies: &[Arc<Policy>]) -> Judgements {
    judge_steps(
        &review.steps,
        &Worlds::new(&review.before, &review.after),
        policies,
    )
}

/// As [`judge_changes`], where the worlds are needed for something else too.
pub fn judge_steps(steps: &[Step], worlds: &Worlds<'_>, policies: &[Arc<Policy>]) -> Judgements {
    let applicable = Applicable::new(policies);
    let steps: Vec<&Step> = steps.iter().filter(|step| applicable.names(&step.ty)).collect();
    if steps.is_empty() {
        return Judgements::default();
    }
    let run = |steps: &[&Step]| {
        let worlds = JudgedWorlds {
            before: Judged::new(&worlds.before),
            after: Judged::new(&worlds.after),
        };
        let mut out = Judgements::default();
        for step in steps {
            judge_step(&worlds, step, &applicable, &mut out);
        }
        out
    };
    let parts = match steps.len() > PORTION {
        true => steps.par_chunks(PORTION).map(run).collect(),
        false => vec![run(&steps)],
    };
    let mut all = Judgements::gather(parts);
    all.verdicts
        .sort_by_key(|judgement| (judgement.subject, judgement.deposed.is_some()));
    all
}

/// Policies that judge changes, by the types that they name.
struct Applicable<'p> {
    by_type: HashMap<&'p str, Vec<(usize, &'p Arc<Policy>)>>,
}

impl<'p> Applicable<'p> {
    fn new(policies: &'p [Arc<Policy>]) -> Applicable<'p> {
        let mut by_type: HashMap<&str, Vec<(usize, &Arc<Policy>)>> = HashMap::new();
        let of_changes = policies.iter().enumerate().filter(|(_, it)| it.judges_changes);
        for (index, policy) in of_changes {
            for ty in &policy.subjects.resource {
                let named = by_type.entry(ty).or_default();
                // A type may be named twice.
                if named.last().is_none_or(|(last, _)| *last != index) {
                    named.push((index, policy));
                }
            }
        }
        Applicable { by_type }
    }

    fn of(&self, ty: &str) -> &[(usize, &'p Arc<Policy>)] {
        self.by_type.get(ty).map(Vec::as_slice).unwrap_or_default()
    }

    fn names(&self, ty: &str) -> bool {
        !self.of(ty).is_empty() || !self.of("*").is_empty()
    }

    /// The policies that judge a type, in their order, each once.
    fn to(&self, ty: &str) -> Vec<(usize, &'p Arc<Policy>)> {
        let mut policies = self.of(ty).to_vec();
        policies.extend(self.of("*"));
        policies.sort_by_key(|(index, _)| *index);
        policies.dedup_by_key(|(index, _)| *index);
        policies
    }
}

struct JudgedWorlds<'r, 'g> {
    before: Judged<'r, 'g>,
    after: Judged<'r, 'g>,
}

/// A step as policies see it.
pub(crate) struct Changed<'p> {
    step: &'p Step,
    /// What is done, in the plan's words.
    actions: Vec<&'p str>,
    /// The resource in the graph that `self` is in; none where the step is about an object that is in no graph.
    pub(crate) subject: Option<u32>,
}

impl Changed<'_> {
    /// `self` where it is in no graph: its values alone.
    pub(crate) fn loose(&self) -> Value {
        let own = self
            .step
            .before
            .as_entries()
            .into_iter()
            .flat_map(|entries| entries.iter());
        let ty = self.step.before.get("type").is_none();
        let ty = ty.then(|| ("type".into(), Value::normal_string(self.step.ty.clone())));
        let address = ("address".into(), Value::normal_string(self.step.address.clone()));
        Value::object(own.cloned().chain(ty).chain([address]))
    }

    /// An attribute of `change`, one of [`CHANGE`].
    pub(crate) fn attribute(&self, name: &str) -> Value {
        debug_assert!(CHANGE.contains(&name));
        let step = self.step;
        let text = |text: &Option<Arc<str>>| {
            text.as_ref().map_or(Value::null(Type::String), |text| {
                Value::normal_string(text.clone())
            })
        };
        match name {
            "actions" => Value::strings(self.actions.iter().copied()),
            "address" => Value::normal_string(step.address.clone()),
            "after" => step.after.clone(),
            "before" => step.before.clone(),
            "deposed" => text(&step.deposed),
            "importing" => Value::from(step.imports),
            "previous_address" => text(&step.previous_address),
            "reason" => text(&step.reason),
            "replace_paths" => Value::strings(step.replace_paths.iter().map(|path| path_text(path))),
            "summary" => Value::from(summary(step)),
            _ => Value::NULL,
        }
    }
}

fn judge_step(worlds: &JudgedWorlds<'_, '_>, step: &Step, applicable: &Applicable<'_>, out: &mut Judgements) {
    let Ok(address) = step.address.parse::<Address>() else {
        // The loader has read it.
        return;
    };
    if address.mode != Mode::Managed {
        return;
    }
    let after = worlds.after.relations.graph;
    let own = after.find(&address);
    let is_gone = step.action.destroys() || step.action == Action::Forget;
    let judged = if is_gone { &worlds.before } else { &worlds.after };
    let change = Changed {
        step,
        actions: words(step, own.and_then(|at| after.resources.get(at))),
        subject: match step.deposed {
            Some(_) => None,
            None => judged.relations.graph.find(&address).map(|at| at as u32),
        },
    };
    let scope = PolicyScope::of_change(judged, &change);
    for (index, policy) in applicable.to(&step.ty) {
        let (verdict, why) = match engine::verdict_of(&scope, policy) {
            Ok(Some(outcome)) => outcome,
            Ok(None) => continue,
            Err(problem) => {
                out.problems.push((policy.clone(), *problem));
                continue;
            }
        };
        let attribute = policy
            .attribute
            .clone()
            .or_else(|| Some(path_text(step.replace_paths.first()?).into()));
        let found = match verdict {
            Verdict::Failed => Some(message(&scope, policy, step, out)),
            Verdict::Unknown => Some("what decides is not known".to_owned()),
            _ => None,
        };
        let declaration = own.and_then(|at| after.resources.get(at)?.declaration.as_ref());
        let span = declaration.map(|declaration| match verdict {
            Verdict::Passed => declaration.block.header,
            _ => {
                let written = attribute.as_deref().map(without_indices);
                engine::blame(
                    &declaration.block.body,
                    written.as_deref(),
                    declaration.block.header,
                )
            }
        });
        out.verdicts.push(Judgement {
            policy: policy.clone(),
            index,
            subject: own.map_or(Subject::Deposed, Subject::Resource),
            address: step.address.clone(),
            ty: step.ty.clone(),
            verdict,
            span,
            found,
            reason: why.map(|value| engine::explain(None, &value)),
            attribute,
            deposed: step.deposed.clone(),
        });
    }
}

/// The plan's own words, which say more of what is forgotten than a step does: whether another takes its place.
fn words<'s>(step: &'s Step, resource: Option<&'s tf_model::Resource>) -> Vec<&'s str> {
    let change = resource.and_then(|resource| resource.change.as_ref());
    match change.filter(|_| step.deposed.is_none()) {
        Some(change) => change.actions.iter().map(|word| &**word).collect(),
        None => step.action.words().to_vec(),
    }
}

fn message(
    scope: &PolicyScope<'_, '_, '_>,
    policy: &Arc<Policy>,
    step: &Step,
    out: &mut Judgements,
) -> String {
    let given = policy
        .rule
        .message
        .as_ref()
        .map(|expr| engine::evaluate(scope, expr));
    match given {
        Some(Ok(text)) if !text.has_sensitive() => text.as_str().map_or_else(|| summary(step), str::to_owned),
        Some(Err(problem)) => {
            out.problems.push((policy.clone(), *problem));
            summary(step)
        }
        _ => summary(step),
    }
}

/// `ingress[0].cidr_blocks`: `ingress.cidr_blocks`
fn without_indices(path: &str) -> String {
    let names = path.split('.').map(|name| name.split('[').next().unwrap_or(name));
    names.collect::<Vec<_>>().join(".")
}

/// What a step does, and why, as a clause.
fn summary(step: &Step) -> String {
    let done = match (&step.deposed, step.action) {
        (Some(key), Action::Delete) => {
            return format!(
                "the plan deletes what an earlier replacement left behind (deposed object {key})"
            );
        }
        (_, Action::NoOp) if step.imports => "the plan imports it",
        (_, Action::NoOp) if step.previous_address.is_some() => "the plan moves it",
        (_, Action::NoOp) => "the plan leaves it as it is",
        (_, Action::Create) => "the plan creates it",
        (_, Action::Read) => "the plan reads it",
        (_, Action::Update) => "the plan changes it in place",
        (_, Action::Delete) => "the plan deletes it",
        (_, Action::DeleteThenCreate | Action::CreateThenDelete) => "the plan replaces it",
        (_, Action::Forget) => "the plan takes it out of the state and leaves it where it is",
    };
    let why = if step.action.replaces() && !step.replace_paths.is_empty() {
        Some(forced_by(step))
    } else {
        step.reason.as_deref().and_then(because).map(str::to_owned)
    };
    match why.filter(|_| step.action.destroys()) {
        Some(why) => format!("{done}, because {why}"),
        None => done.to_owned(),
    }
}

/// Terraform's word for why it deletes or replaces something, as a clause. Source: the `action_reason` of
/// <https://developer.hashicorp.com/terraform/internals/json-format#change-representation>.
fn because(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "replace_because_cannot_update" => "it cannot be changed in place",
        "replace_because_tainted" => "it is tainted",
        "replace_by_request" => "-replace asks for it",
        "replace_by_triggers" => "its replace_triggered_by asks for it",
        "delete_because_no_resource_config" => "its block is no longer in the configuration",
        "delete_because_no_module" => "its module is no longer in the configuration",
        "delete_because_count_index" => "its count no longer reaches that far",
        "delete_because_each_key" => "its for_each no longer has its key",
        "delete_because_wrong_repetition" => {
            "its block was given count or for_each, or lost them, and no moved block says where it went"
        }
        "delete_because_no_move_target" => "a moved block leads to what is not in the configuration",
        _ => return None,
    })
}

/// What forces a replacement. Values are not shown: they are in the differences, masked.
fn forced_by(step: &Step) -> String {
    let mut paths: Vec<String> = step
        .replace_paths
        .iter()
        .map(|path| {
            let text = path_text(path);
            match is_known(&step.after, path) {
                true => text,
                false => format!("{text} (known only after apply)"),
            }
        })
        .collect();
    paths.sort();
    paths.dedup();
    let last = paths.pop().unwrap_or_default();
    match paths.is_empty() {
        true => format!("{last} cannot be changed in place"),
        false => format!("{} and {last} cannot be changed in place", paths.join(", ")),
    }
}

/// Whether what stands at a path is known; what is not there is.
fn is_known(value: &Value, path: &[PathStep]) -> bool {
    let mut at = value;
    for step in path {
        if !at.is_known() {
            return false;
        }
        let next = match step {
            PathStep::Name(name) => at.get(name),
            PathStep::Index(index) => at.as_items().and_then(|items| items.get(*index as usize)),
        };
        match next {
            Some(next) => at = next,
            None => return true,
        }
    }
    at.is_wholly_known()
}
