//! What a change does to the verdicts: what it introduces, what was there before, what it mends.

use std::collections::HashMap;
use std::sync::Arc;

use tf_lang::Diagnostic;
use tf_model::Graph;
use tf_report::Verdict;

use crate::both::Both;
use crate::engine::{Judgement, Judgements, Passed};
use crate::policy::Policy;

/// Since when a verdict stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Since {
    /// This change brings it.
    Introduced,
    /// It was so before.
    Existing,
    /// It was a failure before, and is none any more.
    Fixed,
}

impl Since {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Since::Introduced => "introduced",
            Since::Existing => "existing",
            Since::Fixed => "fixed",
        }
    }
}

/// A judgement of the world after, or, where it is fixed, of the world before.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The judgement.
    pub judgement: Judgement,
    /// Since when; `None` for what passes and did not fail before.
    pub since: Option<Since>,
}

/// Compares the judgements of both worlds by policy and address, in the order of the world after; what is fixed because its
/// subject is gone comes last.
///
/// A failure that was unknown before counts as existing: what is there did not change, only what is known of it. An unknown
/// verdict is introduced where nothing was failed or unknown before.
pub fn compare(before: Vec<Judgement>, after: Vec<Judgement>) -> Vec<Compared> {
    let (judgements, since) = compare_known(before, after, &[]);
    let each = judgements.into_iter().zip(since);
    each.map(|(judgement, since)| Compared { judgement, since })
        .collect()
}

/// The verdicts of both worlds of a change, compared. There are many of them, and few of interest.
#[derive(Debug, Default)]
pub struct AllCompared {
    /// What does not pass in the world after, and what is fixed as it was in the world before.
    judgements: Vec<Judgement>,
    /// By judgement, since when it stands.
    since: Vec<Option<Since>>,
    /// What passes in the world after.
    passed: Vec<Passed>,
    /// What is found of what a plan does, which was not done before.
    done: Vec<Judgement>,
    /// What went wrong in judging the world after.
    pub problems: Vec<(Arc<Policy>, Diagnostic)>,
}

impl Both {
    /// Compares the worlds as [`compare`] does.
    pub fn compare(self) -> AllCompared {
        let (judgements, since) = compare_known(self.before.verdicts, self.after.verdicts, &self.stays);
        AllCompared {
            judgements,
            since,
            passed: self.passed,
            done: Vec::new(),
            problems: self.after.problems,
        }
    }
}

impl AllCompared {
    /// Adds verdicts on what a plan does.
    pub fn add_changes(&mut self, done: Judgements) {
        self.done.extend(done.verdicts);
        self.problems.extend(done.problems);
    }

    /// Each judgement but those of [`AllCompared::passes`], and since when it stands; of what a plan does, what passes too.
    pub fn each(&self) -> impl Iterator<Item = (&Judgement, Option<Since>)> {
        let worlds = self.judgements.iter().zip(self.since.iter().copied());
        worlds.chain(self.done.iter().map(|done| (done, since_done(done))))
    }

    /// The same, to put places into them.
    pub fn each_mut(&mut self) -> impl Iterator<Item = (&mut Judgement, Option<Since>)> {
        let worlds = self.judgements.iter_mut().zip(self.since.iter().copied());
        worlds.chain(self.done.iter_mut().map(|done| {
            let since = since_done(done);
            (done, since)
        }))
    }

    /// What passes in the world after and was no failure before, in the order of subjects. `after` is the world that was judged.
    pub fn passes<'a>(&'a self, after: &'a Graph) -> impl Iterator<Item = Passed> + 'a {
        let fixed = self.each().filter(|(_, since)| *since == Some(Since::Fixed));
        let mut fixed_by: HashMap<Arc<str>, Vec<u32>> = HashMap::new();
        for (judgement, _) in fixed {
            let address = judgement.address.clone();
            fixed_by.entry(address).or_default().push(judgement.index as u32);
        }
        self.passed.iter().map(move |passed| {
            let fixed = match fixed_by.is_empty() {
                true => None,
                false => fixed_by.get(&*passed.address(after)),
            };
            match fixed {
                Some(fixed) => passed.but(fixed),
                None => passed.clone(),
            }
        })
    }
}

/// What is found of what a plan does begins with the plan.
fn since_done(done: &Judgement) -> Option<Since> {
    (done.verdict != Verdict::Passed).then_some(Since::Introduced)
}

type Key = (usize, Arc<str>);

fn key(judgement: &Judgement) -> Key {
    (judgement.index, judgement.address.clone())
}

/// Compares judgements; of those of the world after that `stays` names it is known that they are the same before.
fn compare_known(
    before: Vec<Judgement>,
    mut after: Vec<Judgement>,
    stays: &[bool],
) -> (Vec<Judgement>, Vec<Option<Since>>) {
    let mut earlier: HashMap<Key, Judgement> = before
        .into_iter()
        .filter(|judgement| judgement.verdict != Verdict::Passed)
        .map(|judgement| (key(&judgement), judgement))
        .collect();
    let mut all: Vec<Option<Since>> = Vec::with_capacity(after.len());
    for (at, judgement) in after.iter_mut().enumerate() {
        if stays.get(at) == Some(&true) {
            all.push((judgement.verdict != Verdict::Passed).then_some(Since::Existing));
            continue;
        }
        let was = earlier.remove(&key(judgement));
        let since = match (judgement.verdict, was.as_ref().map(|was| was.verdict)) {
            (Verdict::Failed | Verdict::Unknown, Some(_)) => Some(Since::Existing),
            (Verdict::Failed | Verdict::Unknown, None) => Some(Since::Introduced),
            (_, Some(Verdict::Failed)) => Some(Since::Fixed),
            _ => None,
        };
        if let (Some(Since::Fixed), Some(fixed)) = (since, was) {
            *judgement = fixed;
        }
        all.push(since);
    }
    // What nobody judges any more: resources that are gone.
    let mut gone: Vec<Judgement> = earlier
        .into_values()
        .filter(|judgement| judgement.verdict == Verdict::Failed)
        .collect();
    gone.sort_by(|a, b| (&a.address, a.index).cmp(&(&b.address, b.index)));
    all.extend(gone.iter().map(|_| Some(Since::Fixed)));
    after.extend(gone);
    (after, all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, Subject};

    fn judgement(policy: &Arc<Policy>, address: &str, verdict: Verdict) -> Judgement {
        Judgement {
            policy: policy.clone(),
            index: 0,
            subject: Subject::Resource(0),
            address: address.into(),
            ty: "aws_s3_bucket".into(),
            verdict,
            span: None,
            found: None,
            reason: None,
            attribute: None,
            deposed: None,
        }
    }

    #[test]
    fn verdicts_are_matched_by_policy_and_address() {
        let policy = crate::pack::builtin().first().unwrap().clone();
        let world = |verdicts: &[(&str, Verdict)]| -> Vec<Judgement> {
            verdicts
                .iter()
                .map(|(address, verdict)| judgement(&policy, address, *verdict))
                .collect()
        };
        use Verdict::{Failed, Passed, Unknown};
        let before = world(&[
            ("a", Failed),
            ("b", Failed),
            ("c", Passed),
            ("d", Unknown),
            ("gone-2", Failed),
            ("gone-1", Failed),
            ("gone-3", Passed),
        ]);
        let after = world(&[
            ("a", Failed),
            ("b", Passed),
            ("c", Failed),
            ("d", Failed),
            ("new", Failed),
            ("waits", Unknown),
            ("good", Passed),
        ]);
        let found: Vec<(String, Verdict, Option<Since>)> = compare(before, after)
            .into_iter()
            .map(|it| (it.judgement.address.to_string(), it.judgement.verdict, it.since))
            .collect();
        let expected = [
            ("a", Failed, Some(Since::Existing)),
            ("b", Failed, Some(Since::Fixed)),
            ("c", Failed, Some(Since::Introduced)),
            ("d", Failed, Some(Since::Existing)),
            ("new", Failed, Some(Since::Introduced)),
            ("waits", Unknown, Some(Since::Introduced)),
            ("good", Passed, None),
            ("gone-1", Failed, Some(Since::Fixed)),
            ("gone-2", Failed, Some(Since::Fixed)),
        ];
        assert_eq!(
            found,
            expected.map(|(address, verdict, since)| (address.to_owned(), verdict, since))
        );
    }
}
