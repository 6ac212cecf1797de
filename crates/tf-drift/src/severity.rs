//! How bad drift is.
//!
//! A policy that fails on what is there and passes on what the last apply left gives the drift its severity. Where no policy says
//! anything:
//!
//! | drift | severity |
//! | --- | --- |
//! | a resource that holds data is gone, or is another one of the same name | high |
//! | any other resource is gone, or is another one | medium |
//! | who may reach something, or who may do what | medium |
//! | tags, names and descriptions; what the provider alone decides | info |
//! | everything else | low |

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tf_lang::Value;
use tf_model::Graph;
use tf_model::plan::{Action, Step};
use tf_model::schema::{Kind, schema};
use tf_policy::{Compared, Judgement, Policy, Since, compare, holds_data};
use tf_report::{Severity, Verdict};
use tf_review::Risk;

use crate::classify::Found;
use crate::finding::Class;
use crate::noise::volatile::is_computed;
use crate::worlds::Worlds;

/// What is said of a finding.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) severity: Severity,
    /// A sentence.
    pub(crate) why: String,
    /// Policies that fail because of it, the worst first.
    pub(crate) policies: Vec<String>,
}

/// Attributes that change when a resource is deleted and made again under its name.
const IDENTITY: &[&str] = &[
    "arn",
    "create_date",
    "create_time",
    "created_at",
    "created_date",
    "created_time",
    "creation_date",
    "creation_time",
    "id",
    "resource_id",
    "unique_id",
];

/// Attributes that describe and decide nothing.
const DESCRIBES: &[&str] = &[
    "alarm_description",
    "comment",
    "description",
    "display_name",
    "tags",
    "tags_all",
];

/// The most findings that are tried one by one as the cause of a failure.
const MOST: usize = 64;

/// Judges findings, in their order.
pub(crate) fn judge(worlds: &Worlds<'_>, recorded: &Graph, policies: &[Arc<Policy>]) -> Vec<Judged> {
    let found = worlds.found;
    let mut causes: Vec<Vec<Judgement>> = found.iter().map(|_| Vec::new()).collect();
    if !found.is_empty() {
        for (failure, at) in failures(worlds, recorded, policies) {
            for at in at {
                if let Some(its) = causes.get_mut(at) {
                    its.push(failure.clone());
                }
            }
        }
    }
    found
        .iter()
        .zip(causes)
        .map(|(found, mut failures)| {
            let (severity, why) = by_rule(found);
            // Of several, what fails on the resource itself says most, then what fails on one that it names.
            let far = |failure: &Judgement| match failure.address == found.step.address {
                true => 0,
                false => 1 + u8::from(!names(found.step, &failure.address, recorded)),
            };
            failures.sort_by(|a, b| {
                let rank = |of: &Judgement| (std::cmp::Reverse(severity_of(of)), far(of));
                (rank(a), &a.policy.id).cmp(&(rank(b), &b.policy.id))
            });
            let Some(worst) = failures.first() else {
                return Judged {
                    severity,
                    why,
                    policies: Vec::new(),
                };
            };
            let mut policies: Vec<String> = Vec::new();
            for failure in &failures {
                let id = failure.policy.id.to_string();
                if !policies.contains(&id) {
                    policies.push(id);
                }
            }
            let elsewhere = match worst.address == found.step.address {
                true => String::new(),
                false => format!(" ({})", worst.address),
            };
            let by_policy = severity_of(worst);
            Judged {
                severity: by_policy.max(severity),
                why: match by_policy >= severity {
                    true => format!("{} fails{elsewhere}: {}", worst.policy.id, worst.message()),
                    false => why,
                },
                policies,
            }
        })
        .collect()
}

/// Whether a resource names another one by its id.
fn names(step: &Step, address: &str, recorded: &Graph) -> bool {
    let other = recorded
        .resources
        .iter()
        .find(|resource| &*resource.text == address);
    let id = other.and_then(|other| other.values.as_entries()?.get("id")?.as_str());
    let values = step.before.as_entries();
    id.is_some_and(|id| {
        values.is_some_and(|values| values.iter().any(|(_, value)| value.as_str() == Some(id)))
    })
}

/// Providers of the older kind write texts that nobody set as empty ones into states. Policies are written for configurations, where
/// they are null.
fn as_configured(mut world: Graph) -> Graph {
    for resource in &mut world.resources {
        let Some(schema) = schema(Kind::Resource, &resource.address.ty).filter(|schema| schema.is_legacy())
        else {
            continue;
        };
        let Some(entries) = resource.values.as_entries() else {
            continue;
        };
        let is_unset = |name: &str, value: &Value| {
            value.as_str() == Some("") && schema.attribute(name).is_some_and(|attribute| attribute.optional)
        };
        if !entries.iter().any(|(name, value)| is_unset(name, value)) {
            continue;
        }
        let marks = resource.values.marks();
        let entries: Vec<_> = entries
            .iter()
            .map(|(name, value)| match is_unset(name, value) {
                true => (name.clone(), Value::NULL),
                false => (name.clone(), value.clone()),
            })
            .collect();
        resource.values = Value::object(entries).with_marks(marks);
    }
    world
}

fn severity_of(judgement: &Judgement) -> Severity {
    // The reader of policies knows no others.
    Severity::parse(&judgement.policy.severity).unwrap_or(Severity::Medium)
}

/// What fails because of the drift that is reported, each with the places of the findings that cause it.
fn failures(
    worlds: &Worlds<'_>,
    recorded: &Graph,
    policies: &[Arc<Policy>],
) -> Vec<(Judgement, BTreeSet<usize>)> {
    let found = worlds.found;
    let all = introduced(&Judging::new(worlds, policies), worlds.with(|_| true));
    if all.is_empty() || found.len() == 1 {
        return all
            .into_iter()
            .map(|failure| (failure, BTreeSet::from([0])))
            .collect();
    }
    // Only those that fail are asked again.
    let failing: BTreeSet<&str> = all.iter().map(|failure| &*failure.policy.id).collect();
    let failing: Vec<Arc<Policy>> = policies
        .iter()
        .filter(|policy| failing.contains(&*policy.id))
        .cloned()
        .collect();
    let near = Neighbours::new(recorded);
    let mut tries = Tries {
        judging: Judging::new(worlds, &failing),
        worlds,
        alone: HashMap::new(),
        without: HashMap::new(),
    };
    all.into_iter()
        .map(|failure| {
            let neighbours = near.of(&failure.address);
            let (close, far): (Vec<usize>, Vec<usize>) = (0..found.len()).partition(|at| {
                let address = found.get(*at).map(|found| &*found.step.address);
                address.is_some_and(|address| address == &*failure.address || neighbours.contains(address))
            });
            let causes = tries.causes(&failure, &close, &far);
            (failure, causes)
        })
        .collect()
}

/// Policies, with what they say of what the last apply left.
struct Judging<'p> {
    policies: &'p [Arc<Policy>],
    before: Vec<Judgement>,
}

impl<'p> Judging<'p> {
    fn new(worlds: &Worlds<'_>, policies: &'p [Arc<Policy>]) -> Judging<'p> {
        Judging {
            policies,
            before: tf_policy::judge(&as_configured(worlds.recorded()), policies).verdicts,
        }
    }
}

/// What fails in a world and did not fail before.
fn introduced(judging: &Judging<'_>, world: Graph) -> Vec<Judgement> {
    let after = tf_policy::judge(&as_configured(world), judging.policies).verdicts;
    let compared = compare(judging.before.clone(), after).into_iter();
    let failed = compared.filter_map(|Compared { judgement, since }| {
        let fails = since == Some(Since::Introduced) && judgement.verdict == Verdict::Failed;
        fails.then_some(judgement)
    });
    failed.collect()
}

/// A failure: the policy's id, and the address.
type Key = (Arc<str>, Arc<str>);

/// What fails in worlds with one finding only, and in those without one.
struct Tries<'w, 'd> {
    judging: Judging<'w>,
    worlds: &'w Worlds<'d>,
    alone: HashMap<usize, BTreeSet<Key>>,
    without: HashMap<usize, BTreeSet<Key>>,
}

impl Tries<'_, '_> {
    /// The findings that cause a failure: of those near to it, else of all, those that cause it alone; else those without which it
    /// would not be there.
    fn causes(&mut self, failure: &Judgement, close: &[usize], far: &[usize]) -> BTreeSet<usize> {
        let key: Key = (failure.policy.id.clone(), failure.address.clone());
        for some in [close, far] {
            let some = some.get(..some.len().min(MOST)).unwrap_or(some);
            let alone: BTreeSet<usize> = some
                .iter()
                .copied()
                .filter(|at| self.fails_with(*at).contains(&key))
                .collect();
            if !alone.is_empty() {
                return alone;
            }
        }
        for some in [close, far] {
            let some = some.get(..some.len().min(MOST)).unwrap_or(some);
            let needed: BTreeSet<usize> = some
                .iter()
                .copied()
                .filter(|at| !self.fails_without(*at).contains(&key))
                .collect();
            if !needed.is_empty() {
                return needed;
            }
        }
        let all = if close.is_empty() { far } else { close };
        all.iter().copied().collect()
    }

    fn fails_with(&mut self, at: usize) -> &BTreeSet<Key> {
        let (judging, worlds) = (&self.judging, self.worlds);
        self.alone
            .entry(at)
            .or_insert_with(|| keys(&introduced(judging, worlds.with(|other| other == at))))
    }

    fn fails_without(&mut self, at: usize) -> &BTreeSet<Key> {
        let (judging, worlds) = (&self.judging, self.worlds);
        self.without
            .entry(at)
            .or_insert_with(|| keys(&introduced(judging, worlds.with(|other| other != at))))
    }
}

fn keys(failures: &[Judgement]) -> BTreeSet<Key> {
    let key = |failure: &Judgement| (failure.policy.id.clone(), failure.address.clone());
    failures.iter().map(key).collect()
}

/// Which resources are beside each other: one refers to the other.
struct Neighbours<'g> {
    by_address: HashMap<&'g str, BTreeSet<&'g str>>,
}

impl<'g> Neighbours<'g> {
    fn new(graph: &'g Graph) -> Neighbours<'g> {
        let mut by_address: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for resource in &graph.resources {
            for other in resource.edges.iter().filter_map(|at| graph.resources.get(*at)) {
                by_address
                    .entry(&*resource.text)
                    .or_default()
                    .insert(&*other.text);
                by_address
                    .entry(&*other.text)
                    .or_default()
                    .insert(&*resource.text);
            }
        }
        Neighbours { by_address }
    }

    fn of(&self, address: &str) -> BTreeSet<&'g str> {
        self.by_address.get(address).cloned().unwrap_or_default()
    }
}

/// Whether an attribute describes a resource and decides nothing.
pub(crate) fn describes(name: &str) -> bool {
    DESCRIBES.contains(&name)
}

/// The severity where no policy says anything, and why.
fn by_rule(found: &Found<'_>) -> (Severity, String) {
    let ty = &*found.step.ty;
    let data = holds_data(ty);
    let names: BTreeSet<&str> = found.names().collect();
    let all = |is: &dyn Fn(&str) -> bool| names.iter().all(|name| is(name));
    if found.class == Class::Deleted {
        return match data {
            true => (Severity::High, format!("{ty} holds data, and is gone")),
            false => (Severity::Medium, "the resource is gone".to_owned()),
        };
    }
    let identity = names
        .iter()
        .find(|name| IDENTITY.contains(name) && (**name == "id" || is_computed(ty, name)));
    if let Some(name) = identity {
        let why = format!("{name} differs: somebody deleted it and made another one of its name");
        return match data {
            true => (Severity::High, why),
            false => (Severity::Medium, why),
        };
    }
    if all(&describes) {
        return (Severity::Info, "only tags or descriptions differ".to_owned());
    }
    if found.class == Class::Absorbed && all(&|name| is_computed(ty, name)) {
        return (
            Severity::Info,
            "only what the provider decides differs".to_owned(),
        );
    }
    let step = Step {
        action: Action::Update,
        ..found.step.clone()
    };
    match Risk::of(&step, &found.differences) {
        Risk::Exposure => (Severity::Medium, "it decides who may reach something".to_owned()),
        Risk::Privilege => (Severity::Medium, "it decides who may do what".to_owned()),
        _ => (Severity::Low, "no policy fails because of it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_review::{Change, Difference, Shown};

    #[test]
    fn what_no_policy_knows_has_a_severity_by_rule() {
        let plan = |ty: &str| {
            format!(
                r#"{{"format_version": "1.2", "resource_drift": [{{"address": "{ty}.x", "mode": "managed", "type": "{ty}", "name": "x",
                    "change": {{"actions": ["update"], "before": {{}}, "after": {{}}}}}}]}}"#
            )
        };
        for (ty, class, paths, want) in [
            ("aws_s3_bucket", Class::Deleted, &[][..], Severity::High),
            ("aws_subnet", Class::Deleted, &[], Severity::Medium),
            ("aws_iam_role", Class::Absorbed, &["unique_id"], Severity::Medium),
            ("aws_vpc", Class::Reverted, &["tags.Name"], Severity::Info),
            (
                "aws_vpc",
                Class::Reverted,
                &["tags.Name", "enable_dns_support"],
                Severity::Low,
            ),
            (
                "aws_security_group",
                Class::Reverted,
                &["ingress[0].cidr_blocks[0]"],
                Severity::Medium,
            ),
            (
                "aws_iam_policy",
                Class::Reverted,
                &["policy.Statement[0].Action"],
                Severity::Medium,
            ),
            (
                "aws_cloudwatch_log_group",
                Class::Reverted,
                &["retention_in_days"],
                Severity::Low,
            ),
            (
                "aws_launch_template",
                Class::Absorbed,
                &["latest_version"],
                Severity::Info,
            ),
        ] {
            let drift = tf_model::plan::drift(&plan(ty)).unwrap();
            let difference = |path: &&str| Difference {
                path: (*path).to_owned(),
                change: Change::Added(Shown::Value("1".to_owned())),
            };
            let found = Found {
                step: &drift.changed[0],
                class,
                differences: paths.iter().map(difference).collect(),
            };
            let (severity, why) = by_rule(&found);
            assert_eq!(severity, want, "{ty} {paths:?}: {why}");
        }
    }
}
