//! Verdicts that hold for both worlds of a change are worked out once: they must be those of judging each world by itself.
#![allow(clippy::unwrap_used)] // A test that cannot go on says so.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tf_model::plan::{Review, review};
use tf_model::{Graph, Project};
use tf_policy::{Judgement, Policy, Since, Worlds, compare, judge, judge_both, pack};
use tf_report::Verdict;

/// A resource: its address, and its values before and after.
type Step = (&'static str, Json, Json);

fn plan(steps: &[Step], configured: Json) -> Review {
    let changes: Vec<Json> = steps
        .iter()
        .map(|(address, before, after)| {
            let actions = match (before.is_null(), after.is_null()) {
                (true, _) => ["create"],
                (_, true) => ["delete"],
                _ if before == after => ["no-op"],
                _ => ["update"],
            };
            json!({
                "address": address, "mode": "managed", "type": address.split('.').next(),
                "change": { "actions": actions, "before": before, "after": after, "after_unknown": {} },
            })
        })
        .collect();
    let plan = json!({
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": { "root_module": { "resources": configured } },
    });
    review(plan.to_string()).unwrap()
}

/// What a reader is told of each verdict.
fn told<'j>(verdicts: impl IntoIterator<Item = (&'j Judgement, Option<Since>)>) -> Vec<String> {
    let each = verdicts.into_iter();
    each.map(|(judgement, since)| {
        format!(
            "{} {} {:?} {since:?} {:?} {:?}",
            judgement.policy.id, judgement.address, judgement.verdict, judgement.found, judgement.reason
        )
    })
    .collect()
}

/// Judges two worlds in both ways, which must agree, and returns what is to be told.
fn judged(before: &Graph, after: &Graph, policies: &[Arc<Policy>]) -> Vec<String> {
    let apart = compare(judge(before, policies).verdicts, judge(after, policies).verdicts);
    let both = judge_both(&Worlds::new(before, after), policies).compare();
    assert!(both.problems.is_empty());
    let passes: Vec<Judgement> = both.passes(after, policies).collect();
    let mut both = told(both.each().chain(passes.iter().map(|it| (it, None))));
    both.sort();
    let mut apart = told(apart.iter().map(|it| (&it.judgement, it.since)));
    apart.sort();
    assert_eq!(both, apart);
    both
}

fn bucket(name: &str) -> Json {
    json!({ "bucket": name, "id": name, "arn": format!("arn:aws:s3:::{name}"), "tags": {}, "region": "us-east-1" })
}

fn block(bucket: &str, public: bool) -> Json {
    json!({ "bucket": bucket, "id": bucket, "block_public_acls": !public, "block_public_policy": !public,
        "ignore_public_acls": !public, "restrict_public_buckets": !public })
}

fn document(action: &str) -> Json {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    json!(json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
}

fn policy_of(role: &str, action: &str) -> Json {
    json!({ "name": "p", "id": "p", "role": role, "policy": document(action) })
}

#[test]
fn what_looks_at_others_is_judged_in_each_world() {
    let (same, role) = (
        bucket("one"),
        json!({ "name": "r", "id": "r", "assume_role_policy": document("sts:AssumeRole") }),
    );
    let open = json!({ "name": "g", "id": "sg-1", "ingress": [{ "from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"],
        "ipv6_cidr_blocks": [], "description": "", "prefix_list_ids": [], "security_groups": [], "self": false }], "egress": [] });
    let review = plan(
        &[
            // They stay, and what protects them does not.
            ("aws_s3_bucket.kept", same.clone(), same.clone()),
            (
                "aws_s3_bucket_public_access_block.kept",
                block("one", false),
                block("one", true),
            ),
            ("aws_s3_bucket.bare", bucket("two"), bucket("two")),
            (
                "aws_s3_bucket_public_access_block.bare",
                block("two", false),
                Json::Null,
            ),
            ("aws_s3_bucket.mended", bucket("three"), bucket("three")),
            (
                "aws_s3_bucket_public_access_block.mended",
                Json::Null,
                block("three", false),
            ),
            // All of it stays.
            ("aws_security_group.open", open.clone(), open),
            ("aws_iam_role.kept", role.clone(), role),
            (
                "aws_iam_role_policy.kept",
                policy_of("r", "*"),
                policy_of("r", "*"),
            ),
            (
                "aws_iam_role_policy.changed",
                policy_of("r", "*"),
                policy_of("r", "s3:GetObject"),
            ),
        ],
        json!([]),
    );
    let told = judged(&review.before, &review.after, &pack::builtin());
    let of = |policy: &str, address: &str| {
        let begins = format!("{policy} {address} ");
        let found = told.iter().find(|line| line.starts_with(&begins));
        found.unwrap_or_else(|| panic!("{begins}: {told:#?}")).clone()
    };
    for (policy, address, verdict, since) in [
        (
            "aws-s3-public-access-block",
            "aws_s3_bucket.kept",
            Verdict::Failed,
            Since::Introduced,
        ),
        (
            "aws-s3-public-access-block",
            "aws_s3_bucket.bare",
            Verdict::Failed,
            Since::Introduced,
        ),
        (
            "aws-s3-public-access-block",
            "aws_s3_bucket.mended",
            Verdict::Failed,
            Since::Fixed,
        ),
        (
            "aws-s3-versioning",
            "aws_s3_bucket.kept",
            Verdict::Failed,
            Since::Existing,
        ),
    ] {
        let line = of(policy, address);
        assert!(line.contains(&format!("{verdict:?} Some({since:?})")), "{line}");
    }
    let open = told
        .iter()
        .find(|line| line.contains("aws_security_group.open Failed"))
        .unwrap();
    assert!(open.contains("Existing"), "{open}");
}

/// The worlds of the pack's own examples: each beside itself, and beside the example that follows.
#[test]
fn both_ways_agree_on_each_example() {
    let policies = pack::builtin();
    let mut compared = 0;
    for policy in &policies {
        let examples = policy.examples.iter().filter(|_| !policy.judges_changes);
        let graphs: Vec<Graph> = examples
            .map(|example| Project::from_text("example.tf", &example.source))
            .collect();
        for (at, after) in graphs.iter().enumerate() {
            judged(after, after, std::slice::from_ref(policy));
            if let Some(before) = graphs.get(at + 1) {
                judged(before, after, std::slice::from_ref(policy));
            }
            compared += 1;
        }
    }
    assert!(compared > 1000, "{compared}");
}
