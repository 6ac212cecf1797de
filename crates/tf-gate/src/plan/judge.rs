//! What is to be said of a plan: its changes, and the verdicts on both worlds, with the places in the configuration.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tf_lang::Span;
use tf_model::Graph;
use tf_model::plan::{self, Review};
use tf_policy::suppress::Suppressions;
use tf_policy::{AllCompared, Judgement, Judgements, Policy, Since, Worlds, judge, judge_both, judge_steps};
use tf_pricing::Pricing;
use tf_report::{Report, Severity, Verdict};
use tf_review::{Changes, Cost, Finding, Mask, Places};

use crate::configuration::{digest_text, sha256};
use crate::report::Collector;

/// A plan, judged.
pub(crate) struct Judged {
    pub(crate) report: Report,
    pub(crate) changes: Changes,
    /// What the change adds to the cost; none where the world before it is not known.
    pub(crate) cost: Option<Cost>,
    pub(crate) findings: Vec<Finding>,
    /// Hides what is secret in the plan and in the configuration.
    pub(crate) mask: Mask,
    /// SHA-256 of all verdicts.
    pub(crate) verdicts: String,
    /// SHA-256 of the values of variables that are not sensitive.
    pub(crate) variables: String,
    /// Something about the policies or the configuration could not be read.
    pub(crate) incomplete: bool,
}

/// What is judged, and by what.
pub(crate) struct Judge<'a> {
    pub(crate) policies: &'a [Arc<Policy>],
    /// The configuration, as evaluated without Terraform: places, comments and secrets come from it.
    pub(crate) written: &'a Graph,
    /// The root's folder.
    pub(crate) root: &'a Path,
    /// What resources cost.
    pub(crate) pricing: &'a Pricing,
}

impl Judge<'_> {
    /// Judges a plan, whose resources get their places in the configuration.
    pub(crate) fn plan(&self, review: &mut Review, suppressions: Suppressions) -> Judged {
        let mut secrets = plan::secrets(review);
        secrets.extend(plan::secrets_of(self.written.variables.values()));
        let mask = Mask::new(secrets.iter().map(AsRef::as_ref));
        let places = Places::new(self.written);
        for world in [&mut review.before, &mut review.after] {
            places.give(world);
        }
        let review = &*review;
        let worlds = Worlds::new(&review.before, &review.after);
        worlds.prepare();
        // What it takes to work out the cost is gone before there are changes, which stay.
        let cost = Cost::of(self.pricing, &worlds);
        let mut changes = Changes::of(review, &mask);
        changes.price(&cost);
        let written = judge(self.written, self.policies);
        let spans: HashMap<(usize, &str), Span> = written
            .verdicts
            .iter()
            .filter(|judgement| judgement.verdict != Verdict::Passed)
            .filter_map(|judgement| Some(((judgement.index, &*judgement.address), judgement.span?)))
            .collect();
        let variables = variables(&review.after);
        let done = judge_steps(&review.steps, &worlds, self.policies);
        self.compared(
            &worlds,
            Some(done),
            &spans,
            suppressions,
            Judged {
                changes,
                cost: Some(cost),
                variables,
                ..Judged::nothing(mask)
            },
        )
    }

    /// Judges the configuration alone, beside what it was at another commit.
    pub(crate) fn configuration(&self, before: Option<&Graph>, suppressions: Suppressions) -> Judged {
        let secrets = plan::secrets_of(self.written.variables.values());
        let mask = Mask::new(secrets.iter().map(AsRef::as_ref));
        let nothing = Graph::default();
        let worlds = Worlds::new(before.unwrap_or(&nothing), self.written);
        let judged = Judged {
            variables: variables(self.written),
            cost: before.map(|_| Cost::of(self.pricing, &worlds)),
            ..Judged::nothing(mask)
        };
        self.compared(&worlds, None, &HashMap::new(), suppressions, judged)
    }

    fn compared(
        &self,
        worlds: &Worlds<'_>,
        done: Option<Judgements>,
        spans: &HashMap<(usize, &str), Span>,
        mut suppressions: Suppressions,
        judged: Judged,
    ) -> Judged {
        suppressions.read_comments(&self.written.sources);
        let mut all = judge_both(worlds, self.policies).compare();
        let (before, after) = (worlds.before.graph(), worlds.after.graph());
        let mut collector = Collector::new(self.policies, false);
        collector.begin(self.root, false);
        match done {
            Some(done) => {
                collector.with_changes();
                all.add_changes(done);
            }
            None => {
                let of_changes = self.policies.iter().filter(|policy| policy.judges_changes);
                suppressions.judged_elsewhere = of_changes.cloned().collect();
            }
        }
        let problems = Judgements {
            verdicts: Vec::new(),
            problems: std::mem::take(&mut all.problems),
        };
        collector.add(after, problems, &mut suppressions);
        let world = |since: Option<Since>| match since {
            Some(Since::Fixed) => before,
            _ => after,
        };
        for (judgement, since) in all.each_mut() {
            if judgement.span.is_none() && judgement.verdict != Verdict::Passed {
                let known = spans.get(&(judgement.index, &*judgement.address));
                judgement.span = known.copied().or_else(|| header(world(since), judgement));
            }
        }
        collector.expect(all.each().count());
        let (verdicts, ()) = rayon::join(
            || digest(&all, after, self.policies),
            || {
                for (judgement, since) in all.each() {
                    collector.add_compared(world(since), judgement, since, &mut suppressions);
                }
                all.passes(after)
                    .for_each(|passed| collector.add_passed(&passed.policies));
            },
        );
        drop(all);
        let incomplete = collector.is_incomplete(true);
        let mut report = collector.finish(&[]);
        hide(&mut report, &judged.mask);
        Judged {
            verdicts,
            findings: Finding::grouped(
                report
                    .findings
                    .iter()
                    .filter_map(|finding| shown(&report, finding)),
            ),
            report,
            incomplete,
            ..judged
        }
    }
}

impl Judged {
    fn nothing(mask: Mask) -> Judged {
        Judged {
            cost: None,
            report: Report::default(),
            changes: Changes::default(),
            findings: Vec::new(),
            mask,
            verdicts: String::new(),
            variables: String::new(),
            incomplete: false,
        }
    }
}

/// What fails a review.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fails {
    /// The least severity; none fails nothing.
    pub(crate) from: Option<Severity>,
    /// Failures that were there before too.
    pub(crate) existing: bool,
    /// What is not known too.
    pub(crate) unknown: bool,
}

impl Fails {
    /// The findings that fail a review.
    pub(crate) fn of<'j>(&self, judged: &'j Judged) -> Vec<&'j Finding> {
        let Some(least) = self.from else {
            return Vec::new();
        };
        let counts = |finding: &&Finding| {
            finding.severity >= least
                && match finding.since {
                    Since::Introduced => true,
                    Since::Existing => self.existing,
                    Since::Fixed => false,
                }
                && match finding.verdict {
                    Verdict::Failed => true,
                    Verdict::Unknown => self.unknown,
                    _ => false,
                }
        };
        judged.findings.iter().filter(counts).collect()
    }
}

/// The digest of verdicts, which is the same whenever the same is found.
fn digest(all: &AllCompared, after: &Graph, policies: &[Arc<Policy>]) -> String {
    let mut digest = Sha256::new();
    for (judgement, since) in all.each() {
        let parts = [
            &*judgement.policy.id,
            &*judgement.address,
            judgement.deposed.as_deref().unwrap_or_default(),
            judgement.verdict.as_str(),
            since.map_or("", Since::as_str),
        ];
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                digest.update(b"\0");
            }
            digest.update(part);
        }
        digest.update(b"\n");
    }
    // The resources of a type pass by the same policies, mostly.
    let mut sets: HashMap<Arc<[u32]>, [u8; 32]> = HashMap::new();
    for passed in all.passes(after) {
        let set = sets.entry(passed.policies.clone()).or_insert_with(|| {
            let passed = passed.policies.iter();
            let ids = passed.filter_map(|at| Some(&*policies.get(*at as usize)?.id));
            Sha256::digest(ids.collect::<Vec<&str>>().join("\0")).into()
        });
        digest.update(&*passed.address(after));
        digest.update(b"\0");
        digest.update(set);
    }
    digest_text(digest)
}

fn header(world: &Graph, judgement: &Judgement) -> Option<Span> {
    let tf_policy::Subject::Resource(at) = judgement.subject else {
        return None;
    };
    let block = &world.resources.get(at)?.declaration.as_ref()?.block;
    let named = judgement.attribute.as_deref().unwrap_or_default();
    let first = named.split(['.', '[']).next().unwrap_or_default();
    let attribute = block.body.attribute(first).map(|attribute| attribute.span);
    let inner = || block.body.blocks_of(first).next().map(|inner| inner.header);
    Some(attribute.or_else(inner).unwrap_or(block.header))
}

/// Secrets of the plan in texts that were made of the configuration.
fn hide(report: &mut Report, mask: &Mask) {
    for finding in &mut report.findings {
        finding.message = mask.text("", &finding.message).into_owned();
        if let Some(reason) = &mut finding.reason {
            *reason = mask.text("", reason).into_owned();
        }
        if let Some(snippet) = &mut finding.snippet {
            for line in &mut snippet.lines {
                *line = mask.text("", line).into_owned();
            }
        }
    }
    for problem in &mut report.problems {
        problem.message = mask.text("", &problem.message).into_owned();
        if let Some(snippet) = &mut problem.snippet {
            for line in &mut snippet.lines {
                *line = mask.text("", line).into_owned();
            }
        }
    }
}

fn shown(report: &Report, finding: &tf_report::Finding) -> Option<Finding> {
    let since = match finding.change.as_deref()? {
        "introduced" => Since::Introduced,
        "existing" => Since::Existing,
        _ => Since::Fixed,
    };
    let location = finding.attribute_location.as_ref().unwrap_or(&finding.location);
    let place = (!location.file.is_empty()).then(|| (location.in_repository.clone(), location.lines.0));
    let message = match (&finding.reason, finding.result) {
        (Some(reason), Verdict::Unknown) => reason.clone(),
        _ => finding.message.clone(),
    };
    Some(Finding {
        since,
        verdict: finding.result,
        severity: finding.severity,
        policy: finding.policy.clone(),
        address: finding.address.clone(),
        alike: Vec::new(),
        place,
        message,
        fix: report
            .policies
            .get(&finding.policy)
            .map(|info| info.fix.clone())
            .unwrap_or_default(),
    })
}

/// The digest of variables that are not sensitive: of a sensitive one, a digest would let its value be guessed.
fn variables(graph: &Graph) -> String {
    let mut text = String::new();
    for (name, value) in &graph.variables {
        let shown = match value.has_sensitive() {
            true => "(sensitive value)".to_owned(),
            false => tf_lang::console::format_value(value),
        };
        text.push_str(&format!("{name} = {shown}\n"));
    }
    sha256(text)
}
