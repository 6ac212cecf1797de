//! Which policies fail in some environments only.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::Value;
use tf_policy::suppress::{Baseline, Date, Suppressions, Waiver};
use tf_policy::{Policy, Relations, Subject, judge_related};
use tf_report::{Suppression, Verdict};

use super::resources::Matched;
use super::{Comparing, View};
use crate::cause::Cause;
use crate::environment::Stack;
use crate::finding::{Detail, Finding, Findings, Layer};
use crate::value::Held;

/// What a team has accepted: failures that nobody has to act on.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Waivers of the settings.
    pub waivers: Vec<Waiver>,
    /// Checkov's baseline.
    pub baseline: Baseline,
    /// Policies and severities for which comments do not count.
    pub forbid_inline: Vec<String>,
    /// The day by which it is told whether they have ended.
    pub today: Date,
}

impl Accepted {
    /// All of it for one root module, with the comments in its files.
    fn of(&self, name: &str, stack: &Stack) -> Suppressions {
        let mut out = Suppressions::new(self.today);
        // A root is named as the checked folder has it, or as the repository has it.
        let whole = tf_lang::path::join(&[&stack.prefix, name]);
        out.waivers = self.waivers.clone();
        for waiver in &mut out.waivers {
            if waiver
                .root
                .as_deref()
                .is_some_and(|root| root == name || root == whole)
            {
                waiver.root = None;
            }
        }
        out.baseline = self.baseline.clone();
        out.forbid_inline.clone_from(&self.forbid_inline);
        out.read_comments(&stack.graph.sources);
        out
    }
}

/// What a policy says of a resource.
#[derive(Clone)]
enum Said {
    Verdict(Verdict),
    Accepted(Suppression),
}

/// What a policy says of one row.
struct Judged<'j> {
    policy: &'j Arc<Policy>,
    said: Vec<Option<Said>>,
}

pub(super) fn compare(
    view: &View<'_>,
    relations: &[Option<&Relations<'_>>],
    matched: &Matched,
    comparing: &Comparing<'_>,
    out: &mut Findings,
) {
    let name = &view.name;
    let judgements: Vec<_> = view
        .stacks
        .par_iter()
        .zip(relations)
        .map(|(stack, relations)| {
            let (stack, relations) = ((*stack)?, (*relations)?);
            let judgements = judge_related(relations, comparing.policies);
            let mut suppressions = comparing.accepted.of(name, stack);
            let said: Vec<_> = judgements
                .verdicts
                .into_iter()
                .map(|judgement| {
                    let said = match judgement.verdict {
                        Verdict::Failed => suppressions
                            .find(&stack.graph, &judgement)
                            .map_or(Said::Verdict(Verdict::Failed), Said::Accepted),
                        other => Said::Verdict(other),
                    };
                    (judgement, said)
                })
                .collect();
            Some(said)
        })
        .collect();
    // By environment: which row a resource is in.
    let mut places: Vec<HashMap<usize, usize>> = vec![HashMap::new(); view.stacks.len()];
    for (number, row) in matched.rows.iter().enumerate() {
        for (at, place) in row.iter().enumerate() {
            if let (Some(place), Some(places)) = (place, places.get_mut(at)) {
                places.insert(*place, number);
            }
        }
    }
    let mut found: BTreeMap<(usize, usize), Judged<'_>> = BTreeMap::new();
    for (at, judgements) in judgements.iter().enumerate() {
        for (judgement, said) in judgements.iter().flatten() {
            let Subject::Resource(place) = judgement.subject else {
                continue;
            };
            let Some(row) = places.get(at).and_then(|places| places.get(&place)) else {
                continue;
            };
            let judged = found.entry((*row, judgement.index)).or_insert_with(|| Judged {
                policy: &judgement.policy,
                said: vec![None; view.stacks.len()],
            });
            if let Some(slot) = judged.said.get_mut(at) {
                // One failure is enough, where a policy has several to say; one that is accepted is more than none.
                let settled = match (&*slot, said) {
                    (Some(Said::Verdict(Verdict::Failed)), _) => true,
                    (Some(Said::Accepted(_)), said) => !matches!(said, Said::Verdict(Verdict::Failed)),
                    _ => false,
                };
                if !settled {
                    *slot = Some(said.clone());
                }
            }
        }
    }
    let mut attributes: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, finding) in out.found.iter().enumerate() {
        if finding.layer == Layer::Attributes {
            attributes.entry(finding.subject.clone()).or_default().push(at);
        }
    }
    for ((number, _), judged) in found {
        let Some(row) = matched.rows.get(number) else {
            continue;
        };
        if row.iter().flatten().count() < 2 {
            continue;
        }
        out.count(Layer::Policies, 1);
        let texts: Vec<Option<&str>> = row
            .iter()
            .zip(&judged.said)
            .map(|(place, said)| {
                place.as_ref()?;
                Some(match said {
                    Some(Said::Accepted(_)) => "accepted",
                    Some(Said::Verdict(Verdict::Failed)) => "failed",
                    Some(Said::Verdict(Verdict::Passed)) => "passed",
                    Some(Said::Verdict(_)) => "unknown",
                    None => "not judged",
                })
            })
            .collect();
        let count = |text: &str| texts.iter().flatten().filter(|other| **other == text).count();
        let there = texts.iter().flatten().count();
        let (failures, accepted) = (count("failed"), count("accepted"));
        if failures + accepted == 0 || failures == there || accepted == there {
            continue;
        }
        let values = texts
            .into_iter()
            .map(|text| text.map_or(Held::Out, |text| Held::Has(Value::from(text))))
            .collect();
        // Where everything that fails is accepted there is nothing to act on.
        let how = judged.said.iter().flatten().find_map(|said| match said {
            Said::Accepted(suppression) => Some(accepted_text(suppression)),
            Said::Verdict(_) => None,
        });
        let (detail, note) = match (failures, how) {
            (0, Some(how)) => (Detail::Accepted(how.clone()), how),
            (_, Some(how)) => (Detail::None, format!("{}; {how}", judged.policy.title)),
            (_, None) => (Detail::None, judged.policy.title.clone()),
        };
        let resources = super::attributes::resources(&view.stacks, row);
        let subject = resources
            .iter()
            .flatten()
            .map(|resource| resource.text.to_string())
            .min()
            .unwrap_or_default();
        let causes = causes(attributes.get(&subject), judged.policy, &out.found);
        out.found.push(Finding {
            layer: Layer::Policies,
            stack: view.name.clone(),
            subject,
            attribute: Some(judged.policy.id.to_string()),
            values,
            causes,
            missing: false,
            note: Some(note),
            covers: 1,
            detail,
        });
    }
}

/// How a failure was accepted: `accepted by a waiver: not public (platform), until 2027-01-31`.
fn accepted_text(suppression: &Suppression) -> String {
    let mut out = String::from(match suppression.kind {
        "inline" => "accepted by a comment",
        "waiver" => "accepted by a waiver",
        _ => "accepted by the baseline",
    });
    if let Some(reason) = &suppression.reason {
        out.push_str(&format!(": {reason}"));
    }
    if let Some(owner) = &suppression.owner {
        out.push_str(&format!(" ({owner})"));
    }
    if let Some(until) = &suppression.until {
        out.push_str(&format!(", until {until}"));
    }
    out
}

/// The causes of what the policy looks at: of the attribute to blame, or of the only one of the resource that differs.
fn causes(attributes: Option<&Vec<usize>>, policy: &Policy, found: &[Finding]) -> Vec<Cause> {
    let own: Vec<&Finding> = attributes
        .into_iter()
        .flatten()
        .filter_map(|at| found.get(*at))
        .collect();
    let blamed = policy.attribute.as_deref();
    let first = |text: &str| text.split(['.', '[']).next().unwrap_or_default().to_owned();
    let named: Vec<&&Finding> = own
        .iter()
        .filter(|finding| finding.attribute.as_deref().map(first) == blamed.map(first))
        .collect();
    match (named.as_slice(), own.as_slice()) {
        ([finding, ..], _) => finding.causes.clone(),
        // Whatever it looked at, all that differs has one cause.
        ([], [finding, others @ ..]) => {
            let keys = |finding: &Finding| -> Vec<String> {
                finding.causes.iter().map(|cause| cause.name.clone()).collect()
            };
            match others.iter().all(|other| keys(other) == keys(finding)) {
                true => finding.causes.clone(),
                false => Vec::new(),
            }
        }
        ([], []) => Vec::new(),
    }
}
