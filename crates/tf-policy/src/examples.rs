//! Running the examples of policies.

use std::sync::Arc;

use tf_model::{Graph, Project};
use tf_report::Verdict;

use crate::changes::judge_changes;
use crate::engine::{Judgements, judge};
use crate::policy::{Expected, Policy};
use crate::worlds;

/// An example that does not show what it should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExampleFailure {
    /// The policy.
    pub policy: String,
    /// Which example: `fail` number 2.
    pub example: String,
    /// What came out.
    pub message: String,
}

/// Runs all examples of a policy and returns those that do not hold.
pub fn test_policy(policy: &Arc<Policy>) -> Vec<ExampleFailure> {
    let mut counts = [0; 3];
    let mut failures = Vec::new();
    for example in policy.examples.iter() {
        let (slot, name) = match example.expected {
            Expected::Pass => (0, "pass"),
            Expected::Fail => (1, "fail"),
            Expected::Unknown => (2, "unknown"),
        };
        if let Some(count) = counts.get_mut(slot) {
            *count += 1;
            if let Err(message) = run(policy, example.expected, &example.source) {
                let example = format!("{name} number {count}");
                failures.push(ExampleFailure {
                    policy: policy.id.to_string(),
                    example,
                    message,
                });
            }
        }
    }
    failures
}

/// The graph of a text.
pub(crate) fn graph(source: &str) -> Result<Graph, String> {
    let graph = Project::from_text("example.tf", source);
    if let Some(problem) = graph.problems.iter().find(|problem| {
        // Examples may call modules that are not there.
        problem.diagnostic.is_error() && problem.diagnostic.summary != "Module not installed"
    }) {
        let line = problem
            .diagnostic
            .span
            .map_or(0, |span| graph.sources.lines(span).0);
        return Err(format!("line {line}: {}", problem.diagnostic));
    }
    Ok(graph)
}

fn judged(policy: &Arc<Policy>, source: &str) -> Result<Judgements, String> {
    let policies = std::slice::from_ref(policy);
    Ok(match policy.judges_changes {
        true => judge_changes(&worlds::review(source)?, policies),
        false => judge(&graph(source)?, policies),
    })
}

fn run(policy: &Arc<Policy>, expected: Expected, source: &str) -> Result<(), String> {
    let judgements = judged(policy, source)?;
    if let Some((_, problem)) = judgements.problems.first() {
        return Err(format!("the policy itself: {problem}"));
    }
    let count = |verdict: Verdict| {
        judgements
            .verdicts
            .iter()
            .filter(|j| j.verdict == verdict)
            .count()
    };
    let (passed, failed, unknown) = (
        count(Verdict::Passed),
        count(Verdict::Failed),
        count(Verdict::Unknown),
    );
    let holds = match expected {
        Expected::Pass => passed > 0 && failed == 0 && unknown == 0,
        Expected::Fail => failed > 0,
        Expected::Unknown => unknown > 0 && failed == 0,
    };
    if holds {
        return Ok(());
    }
    let details: Vec<String> = judgements
        .verdicts
        .iter()
        .map(|j| {
            let reason = j.reason.as_deref().unwrap_or(j.message());
            format!("{} {}: {reason}", j.address, j.verdict.as_str())
        })
        .collect();
    Err(match details.is_empty() {
        true => "the policy applies to nothing in it".to_owned(),
        false => details.join("; "),
    })
}
