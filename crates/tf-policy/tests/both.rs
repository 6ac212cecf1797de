//! Verdicts that hold for both worlds of a change are worked out once: they must be those of judging each world by itself.
#![allow(clippy::unwrap_used)] // A test that cannot go on says so.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tf_model::plan::{Review, review};
use tf_model::{Graph, Project};
use tf_policy::{Compared, Judgement, Policy, Since, Worlds, compare, judge, judge_both, pack};
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
    // Of what passes nothing is told but that it does.
    let passing = |it: &&Compared| it.judgement.verdict == Verdict::Passed && it.since.is_none();
    let passes = |address: &str, id: &str| format!("{id} {address} passes");
    let mut told_apart: Vec<String> = apart
        .iter()
        .filter(passing)
        .map(|it| passes(&it.judgement.address, &it.judgement.policy.id))
        .collect();
    let others = apart.iter().filter(|it| !passing(it));
    told_apart.extend(told(others.map(|it| (&it.judgement, it.since))));
    let mut told_both: Vec<String> = both
        .passes(after)
        .flat_map(|passed| {
            let address = passed.address(after);
            let ids = passed.policies.iter().map(|at| &policies[*at as usize].id);
            ids.map(|id| passes(&address, id)).collect::<Vec<_>>()
        })
        .collect();
    told_both.extend(told(both.each()));
    told_both.sort();
    told_apart.sort();
    assert_eq!(told_both, told_apart);
    told_both
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

#[test]
fn a_secret_that_goes_or_comes_is_told_of_the_world_that_it_is_in() {
    // Put together here so that scanners of this repository find nothing.
    let key = format!("AKIA{}", "Q3EGRZ7TYV5LWMKN");
    let tagged = |name: &str, note: &str, more: &str| {
        let mut bucket = bucket(name);
        bucket["tags"] = json!({ "note": note });
        bucket["acl"] = json!(more);
        bucket
    };
    let review = plan(
        &[
            (
                "aws_s3_bucket.gone",
                tagged("a1b", &key, ""),
                tagged("a1b", "none", ""),
            ),
            (
                "aws_s3_bucket.new",
                tagged("b1b", "none", ""),
                tagged("b1b", &key, ""),
            ),
            (
                "aws_s3_bucket.kept",
                tagged("c1b", &key, "private"),
                tagged("c1b", &key, "log"),
            ),
            (
                "aws_s3_bucket.never",
                tagged("d1b", "none", ""),
                tagged("d1b", "nothing", ""),
            ),
        ],
        json!([]),
    );
    let told = judged(&review.before, &review.after, &pack::builtin());
    for (address, says) in [
        ("gone", "Failed Some(Fixed)"),
        ("new", "Failed Some(Introduced)"),
        ("kept", "Failed Some(Existing)"),
        ("never", "passes"),
    ] {
        let begins = format!("aws-no-secrets-in-code aws_s3_bucket.{address} {says}");
        assert!(
            told.iter().any(|line| line.starts_with(&begins)),
            "{begins}: {told:#?}"
        );
    }
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
