//! Who changed it, against a double of CloudTrail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod double;

use std::time::Duration;

use double::{Double, wait};
use serde_json::{Value as Json, json};
use tf_inventory::who::{Answers, Outcome, Subject, Window, ask};

fn window() -> Window {
    Window {
        pace: Duration::from_millis(1),
        ..Window::new(
            "2026-11-01T00:00:00Z".parse().unwrap(),
            "2026-11-20T00:00:00Z".parse().unwrap(),
        )
    }
}

fn subject(key: &str, region: &str, names: &[&str]) -> Subject {
    Subject {
        key: key.to_owned(),
        region: region.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// An event as `LookupEvents` has it.
fn event(id: &str, name: &str, read_only: bool, details: &Json) -> Json {
    json!({
        "EventId": id, "EventName": name, "ReadOnly": read_only.to_string(), "EventTime": 1_794_000_000.0,
        "EventSource": "ec2.amazonaws.com", "Username": "anna", "Resources": [],
        "CloudTrailEvent": details.to_string(),
    })
}

fn session() -> Json {
    json!({
        "userIdentity": {
            "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/admin/anna@example.com",
            "sessionContext": { "sessionIssuer": { "type": "Role", "userName": "admin" } },
        },
        "sourceIPAddress": "198.51.100.7", "userAgent": "console.amazonaws.com",
    })
}

fn shown(answers: &Answers) -> String {
    let mut lines = Vec::new();
    for (key, outcome) in &answers.outcomes {
        match outcome {
            Outcome::Changes { changes, more } => {
                lines.push(format!(
                    "{key}: {}{}",
                    changes.len(),
                    if *more { " and more" } else { "" }
                ));
                lines.extend(changes.iter().map(|change| {
                    format!(
                        "  {} {} {} by {} from {}{}",
                        change.id,
                        change.time.unwrap(),
                        change.event,
                        change.who,
                        change.ip.as_deref().unwrap_or("-"),
                        if change.is_terraform() {
                            " with Terraform"
                        } else {
                            ""
                        }
                    )
                }));
            }
            Outcome::Failed(error) => lines.push(format!("{key}: failed: {error}")),
            Outcome::NotAsked(reason) => lines.push(format!("{key}: not asked: {reason}")),
        }
    }
    lines.join("\n")
}

#[test]
fn changes_and_who_made_them() {
    let double = Double::new(|asked| {
        assert_eq!(asked.what, "cloudtrail.LookupEvents");
        let body: Json = serde_json::from_str(&asked.text).unwrap();
        assert_eq!(body["StartTime"], 1_793_491_200);
        let events = match body["LookupAttributes"][0]["AttributeValue"].as_str().unwrap() {
            "sg-1" => vec![
                event("e1", "AuthorizeSecurityGroupIngress", false, &session()),
                event("e2", "DescribeSecurityGroups", true, &session()),
                event(
                    "e3",
                    "RevokeSecurityGroupIngress",
                    false,
                    &json!({ "errorCode": "Client.UnauthorizedOperation", "userIdentity": {} }),
                ),
                event(
                    "e4",
                    "CreateTags",
                    false,
                    &json!({
                        "userIdentity": { "type": "IAMUser", "userName": "ci", "arn": "arn:aws:iam::111122223333:user/ci" },
                        "sourceIPAddress": "203.0.113.9",
                        "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 terraform-provider-aws/5.100.0",
                    }),
                ),
            ],
            "q" => vec![
                event(
                    "e5",
                    "SetQueueAttributes",
                    false,
                    &json!({ "userIdentity": { "type": "Root", "arn": "arn:aws:iam::111122223333:root" } }),
                ),
                event(
                    "e6",
                    "SetQueueAttributes",
                    false,
                    &json!({ "userIdentity": { "type": "AWSService", "invokedBy": "autoscaling.amazonaws.com" } }),
                ),
            ],
            _ => vec![],
        };
        (200, json!({ "Events": events }).to_string())
    });
    let answers = wait(ask(
        &double.connection(),
        &[
            subject("aws_security_group.web", "eu-west-1", &["sg-1"]),
            subject("aws_sqs_queue.q", "eu-west-1", &["https://q", "q"]),
            subject("aws_sqs_queue.other", "eu-west-1", &["none"]),
        ],
        &window(),
    ));
    insta::assert_snapshot!(shown(&answers), @r"
    aws_security_group.web: 2
      e1 2026-11-06T21:20:00Z AuthorizeSecurityGroupIngress by anna@example.com as role admin from 198.51.100.7
      e4 2026-11-06T21:20:00Z CreateTags by ci from 203.0.113.9 with Terraform
    aws_sqs_queue.other: 0
    aws_sqs_queue.q: 2
      e5 2026-11-06T21:20:00Z SetQueueAttributes by the root user from -
      e6 2026-11-06T21:20:00Z SetQueueAttributes by autoscaling.amazonaws.com from -
    ");
}

#[test]
fn no_more_calls_than_needed() {
    let double = Double::new(|asked| {
        let page = if asked.says("page-2") { 2 } else { 1 };
        let events: Vec<Json> = (0..3)
            .map(|n| {
                event(
                    &format!("p{page}-{n}"),
                    "PutBucketPolicy",
                    asked.says("reads"),
                    &session(),
                )
            })
            .collect();
        let next = if page == 1 { json!("page-2") } else { Json::Null };
        (200, json!({ "Events": events, "NextToken": next }).to_string())
    });
    let count = |subjects: &[Subject], window: &Window| {
        let before = double.asked().len();
        let answers = wait(ask(&double.connection(), subjects, window));
        assert_eq!(double.asked().len() - before, answers.calls);
        (
            answers.calls,
            shown(&answers)
                .lines()
                .filter(|line| !line.starts_with(' '))
                .collect::<Vec<_>>()
                .join("; "),
        )
    };
    let enough = Window {
        changes: 2,
        ..window()
    };
    let same = [
        subject("a", "eu-west-1", &["b1"]),
        subject("b", "eu-west-1", &["b1"]),
    ];
    assert_eq!(
        count(&same, &enough),
        (1, "a: 2 and more; b: 2 and more".to_owned())
    );
    assert_eq!(
        count(&same, &window()),
        (2, "a: 5 and more; b: 5 and more".to_owned())
    );
    let reads = [subject("r", "eu-west-1", &["reads"])];
    assert_eq!(count(&reads, &enough), (2, "r: 0".to_owned()));
    let limited = Window {
        calls: 1,
        ..enough.clone()
    };
    let two = [
        subject("a", "eu-west-1", &["b1"]),
        subject("b", "eu-west-1", &["b2"]),
    ];
    assert_eq!(
        count(&two, &limited),
        (
            1,
            "a: 2 and more; b: not asked: 1 calls were made in eu-west-1 already".to_owned()
        )
    );
    // Each region has its own.
    let apart = [
        subject("a", "eu-west-1", &["b1"]),
        subject("b", "us-east-1", &["b2"]),
    ];
    assert_eq!(count(&apart, &limited).0, 2);
}

#[test]
fn calls_keep_their_pace() {
    let double = Double::new(|_| (200, json!({ "Events": [] }).to_string()));
    let window = Window {
        pace: Duration::from_millis(60),
        ..window()
    };
    let subjects = ["a", "b", "c", "d"].map(|name| subject(name, "eu-west-1", &[name]));
    let begun = std::time::Instant::now();
    assert_eq!(wait(ask(&double.connection(), &subjects, &window)).calls, 4);
    assert!(
        begun.elapsed() >= Duration::from_millis(180),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_denial_is_said_once_and_stops_the_region() {
    let double = Double::new(|asked| match asked.region.as_str() {
        "eu-west-1" => (
            400,
            json!({ "__type": "AccessDeniedException", "Message": "no" }).to_string(),
        ),
        _ => (
            200,
            json!({ "Events": [event("e", "UpdateRole", false, &session())] }).to_string(),
        ),
    });
    let answers = wait(ask(
        &double.connection(),
        &[
            subject("a", "eu-west-1", &["x"]),
            subject("b", "eu-west-1", &["y"]),
            Subject::new("role", "aws_iam_role", "eu-west-1", "web", None, None),
        ],
        &window(),
    ));
    assert_eq!(answers.permission().as_deref(), Some("cloudtrail:LookupEvents"));
    insta::assert_snapshot!(shown(&answers), @r"
    a: failed: access denied: cloudtrail:LookupEvents on the event history of eu-west-1 is missing (no); allow it to the user or role of this run, and look for a Deny in its boundary, in organization policies and in the resource's own policy [AccessDeniedException]
    b: not asked: LookupEvents failed in eu-west-1 before
    role: 1
      e 2026-11-06T21:20:00Z UpdateRole by anna@example.com as role admin from 198.51.100.7
    ");
    assert_eq!(double.asked().len(), 2);
}

#[test]
fn what_is_older_than_the_history_is_not_asked_for() {
    let double = Double::new(|_| (200, json!({ "Events": [] }).to_string()));
    let window = Window {
        from: "2020-01-01T00:00:00Z".parse().unwrap(),
        ..window()
    };
    let answers = wait(ask(
        &double.connection(),
        &[subject("a", "eu-west-1", &["x"])],
        &window,
    ));
    assert_eq!(answers.from.to_string(), "2026-08-22T00:00:00Z");
}

#[test]
fn names_by_type() {
    let arn = "arn:aws:x:eu-west-1:1:y";
    for (type_name, id, name, expected) in [
        (
            "aws_security_group",
            "sg-1",
            Some("web"),
            vec!["sg-1", "web", arn],
        ),
        (
            "aws_db_instance",
            "db-ABC",
            Some("main"),
            vec!["main", arn, "db-ABC"],
        ),
        ("aws_sns_topic", arn, Some("alerts"), vec![arn, "alerts"]),
        ("aws_iam_role", "web", Some("web"), vec!["web", arn]),
    ] {
        let subject = Subject::new("k", type_name, "eu-west-1", id, Some(arn), name);
        assert_eq!(subject.names, expected, "{type_name}");
    }
}
