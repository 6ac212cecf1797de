//! What somebody answers for, until a day.

use tf_cli::settings::drift::Acknowledgement;

use crate::finding::{Acknowledged, Finding, RootReport, State, Status};

/// Marks what is acknowledged on a day, and gives what should be put right in the settings. `whole` says that all roots were scanned,
/// so that what matches nothing is of no use any more.
pub(crate) fn apply(
    roots: &mut [&mut RootReport],
    all: &[Acknowledgement],
    at: &str,
    whole: bool,
) -> Vec<String> {
    // The date of an RFC 3339 time; dates of this form are in order as texts.
    let today = at.get(..10).unwrap_or(at);
    let mut warnings = Vec::new();
    let mut used = vec![false; all.len()];
    for root in roots.iter_mut() {
        for finding in &mut root.findings {
            finding.acknowledged = None;
            if finding.state == State::Acknowledged {
                finding.state = State::Ongoing;
            }
            let matching = all
                .iter()
                .zip(&mut used)
                .filter(|(one, _)| covers(one, &root.root, finding));
            let mut ended = None;
            for (one, used) in matching {
                *used = true;
                if *one.expires < *today {
                    ended = Some(one);
                    continue;
                }
                finding.state = State::Acknowledged;
                finding.acknowledged = Some(Acknowledged {
                    owner: one.owner.clone(),
                    reason: one.reason.clone(),
                    until: one.expires.clone(),
                });
                ended = None;
                break;
            }
            if let Some(ended) = ended {
                warnings.push(format!(
                    "plumbline.hcl:{}: {} acknowledged {} in {} until {}: renew it, or put the drift right",
                    ended.line, ended.owner, finding.address, root.root, ended.expires
                ));
            }
        }
    }
    let nobody_knows = roots.iter().any(|root| root.status == Status::Failed);
    if whole && !nobody_knows {
        for (one, _) in all.iter().zip(&used).filter(|(_, used)| !**used) {
            warnings.push(format!(
                "plumbline.hcl:{}: the acknowledgement of {} matches no drift: remove it",
                one.line, one.subject.address.text
            ));
        }
    }
    warnings.sort();
    warnings
}

fn covers(one: &Acknowledgement, root: &str, finding: &Finding) -> bool {
    let named = one
        .fingerprint
        .as_ref()
        .is_none_or(|fingerprint| *fingerprint == finding.fingerprint);
    // With attributes named, a resource that is gone is more than what was acknowledged.
    let attributes = one.subject.attributes.is_empty()
        || (!finding.attributes.is_empty()
            && finding
                .attributes
                .iter()
                .all(|attribute| one.subject.covers(&attribute.path)));
    named && attributes && one.subject.is_about(root, &finding.address)
}
