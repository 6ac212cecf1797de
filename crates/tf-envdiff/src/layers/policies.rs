//! Which policies fail in some environments only.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::Value;
use tf_policy::{Policy, Subject, judge};
use tf_report::Verdict;

use super::View;
use super::attributes::is_there;
use super::resources::Matched;
use crate::cause::Cause;
use crate::finding::{Finding, Findings, Layer};
use crate::value::Held;

/// What a policy says of one row.
struct Judged<'j> {
    policy: &'j Arc<Policy>,
    verdicts: Vec<Option<Verdict>>,
}

pub(super) fn compare(view: &View<'_>, matched: &Matched, policies: &[Arc<Policy>], out: &mut Findings) {
    let judgements: Vec<_> = view
        .stacks
        .par_iter()
        .map(|stack| (*stack).map(|stack| judge(&stack.graph, policies)))
        .collect();
    // By environment: which row a resource is in.
    let mut places: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); view.stacks.len()];
    for (number, row) in matched.rows.iter().enumerate() {
        for (at, place) in row.iter().enumerate() {
            if let (Some(place), Some(places)) = (place, places.get_mut(at)) {
                places.insert(*place, number);
            }
        }
    }
    let mut found: BTreeMap<(usize, usize), Judged<'_>> = BTreeMap::new();
    for (at, judgements) in judgements.iter().enumerate() {
        for judgement in judgements.iter().flat_map(|judgements| &judgements.verdicts) {
            let Subject::Resource(place) = judgement.subject else {
                continue;
            };
            let Some(row) = places.get(at).and_then(|places| places.get(&place)) else {
                continue;
            };
            let judged = found.entry((*row, judgement.index)).or_insert_with(|| Judged {
                policy: &judgement.policy,
                verdicts: vec![None; view.stacks.len()],
            });
            if let Some(slot) = judged.verdicts.get_mut(at) {
                // One failure is enough, where a policy has several to say.
                if *slot != Some(Verdict::Failed) {
                    *slot = Some(judgement.verdict);
                }
            }
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
        let values: Vec<Held> = row
            .iter()
            .zip(&judged.verdicts)
            .map(|(place, verdict)| match (place, verdict) {
                (None, _) => Held::Out,
                (Some(_), Some(Verdict::Failed)) => Held::Has(Value::from("failed")),
                (Some(_), Some(Verdict::Passed)) => Held::Has(Value::from("passed")),
                (Some(_), Some(_)) => Held::Has(Value::from("unknown")),
                (Some(_), None) => Held::Has(Value::from("not judged")),
            })
            .collect();
        let failed = |held: &Held| held.value().and_then(Value::as_str) == Some("failed");
        let there = values.iter().filter(|held| is_there(held)).count();
        let failures = values.iter().filter(|held| failed(held)).count();
        if failures == 0 || failures == there {
            continue;
        }
        let resources = super::attributes::resources(&view.stacks, row);
        let subject = resources
            .iter()
            .flatten()
            .map(|resource| resource.text.to_string())
            .min()
            .unwrap_or_default();
        let causes = causes(&subject, judged.policy, out);
        out.found.push(Finding {
            layer: Layer::Policies,
            stack: view.name.clone(),
            subject,
            attribute: Some(judged.policy.id.to_string()),
            values,
            causes,
            missing: false,
            note: Some(judged.policy.title.clone()),
            covers: 1,
        });
    }
}

/// The causes of what the policy looks at: of the attribute to blame, or of the only one of the resource that differs.
fn causes(subject: &str, policy: &Policy, out: &Findings) -> Vec<Cause> {
    let own: Vec<&Finding> = out
        .found
        .iter()
        .filter(|finding| finding.layer == Layer::Attributes && finding.subject == subject)
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
