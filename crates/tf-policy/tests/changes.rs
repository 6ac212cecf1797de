//! What policies say of what a plan does.
#![allow(clippy::unwrap_used)] // A test that cannot go on says so.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tf_lang::{SourceFile, SourceMap};
use tf_model::plan::{Review, review};
use tf_policy::policy::read;
use tf_policy::{Judgement, Policy, Subject, judge, judge_changes, pack, test_policy};
use tf_report::Verdict;

fn policies(text: &str) -> Result<Vec<Arc<Policy>>, String> {
    let mut sources = SourceMap::new();
    let text: Arc<str> = text.into();
    let file = sources.add(SourceFile::new("test.hcl", text.clone()));
    let body = tf_lang::parse::parse_body(file, &text).unwrap();
    let read = read(&body.blocks, &sources).map_err(|problem| problem.to_string())?;
    Ok(read.into_iter().map(Arc::new).collect())
}

/// A policy for some types, with what else it has.
fn policy(id: &str, types: &str, rest: &str) -> String {
    format!(
        "policy \"{id}\" {{\n  title = \"A test\"\n  severity = \"low\"\n  why = \"-\"\n  fix = \"-\"\n  resource = [{types}]\n{rest}\n}}\n"
    )
}

fn plan(changes: &[Json], configured: &[Json]) -> Review {
    let plan = json!({
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": { "root_module": { "resources": configured } },
    });
    review(plan.to_string()).unwrap()
}

/// A change: `extra` has what stands beside `change`, `inner` what else stands in it.
fn change(address: &str, actions: &[&str], sides: (Json, Json), extra: Json, inner: Json) -> Json {
    let mut change = json!({ "actions": actions, "before": sides.0, "after": sides.1, "after_unknown": {} });
    let mut whole = json!({ "address": address, "mode": "managed", "type": address.split('.').next() });
    let into = |target: &mut Json, source: Json| {
        for (name, value) in source.as_object().unwrap() {
            target[name] = value.clone();
        }
    };
    into(&mut change, inner);
    into(&mut whole, extra);
    whole["change"] = change;
    whole
}

fn db(engine: &str) -> Json {
    json!({ "engine": engine, "skip_final_snapshot": true, "replicate_source_db": "", "password": "hunter2hunter2" })
}

/// What the built-in policies say of one database.
fn of_a_database(change: Json) -> Vec<Judgement> {
    let judged = judge_changes(&plan(&[change], &[]), &pack::builtin());
    assert!(judged.problems.is_empty(), "{:?}", judged.problems);
    judged.verdicts
}

#[test]
fn each_action_is_judged_as_what_it_does() {
    let (none, is, other) = (Json::Null, db("mysql"), db("postgres"));
    let no = || json!({});
    let forced = || json!({ "replace_paths": [["engine"]] });
    let because = |reason: &str| json!({ "action_reason": reason });
    let gone = "delete_because_no_resource_config";
    type Case<'c> = (&'c [&'c str], (&'c Json, &'c Json), Json, Json, Option<&'c str>);
    let cases: [Case<'_>; 20] = [
        (&["no-op"], (&is, &is), no(), no(), None),
        (&["create"], (&none, &is), no(), no(), None),
        (&["update"], (&is, &other), no(), no(), None),
        (
            &["no-op"],
            (&is, &is),
            json!({ "previous_address": "aws_db_instance.old" }),
            no(),
            None,
        ),
        (
            &["update"],
            (&is, &other),
            json!({ "previous_address": "aws_db_instance.old" }),
            no(),
            None,
        ),
        (
            &["no-op"],
            (&is, &is),
            no(),
            json!({ "importing": { "id": "x" } }),
            None,
        ),
        (
            &["update"],
            (&is, &other),
            no(),
            json!({ "importing": { "id": "x" } }),
            None,
        ),
        (&["forget"], (&is, &none), no(), no(), None),
        (&["create", "forget"], (&is, &other), no(), forced(), None),
        (&["delete"], (&is, &none), no(), no(), Some("the plan deletes it")),
        (
            &["delete"],
            (&is, &none),
            because(gone),
            no(),
            Some("the plan deletes it, because its block is no longer in the configuration"),
        ),
        (
            &["delete"],
            (&is, &none),
            because("delete_because_each_key"),
            no(),
            Some("the plan deletes it, because its for_each no longer has its key"),
        ),
        (
            &["delete"],
            (&is, &none),
            json!({ "deposed": "0badc0de" }),
            no(),
            Some("the plan deletes what an earlier replacement left behind (deposed object 0badc0de)"),
        ),
        (
            &["delete", "create"],
            (&is, &other),
            because("replace_because_cannot_update"),
            forced(),
            Some("the plan replaces it, because engine cannot be changed in place"),
        ),
        (
            &["create", "delete"],
            (&is, &other),
            because("replace_because_cannot_update"),
            forced(),
            Some("the plan replaces it, because engine cannot be changed in place"),
        ),
        (
            &["create", "delete"],
            (&is, &is),
            because("replace_because_tainted"),
            no(),
            Some("the plan replaces it, because it is tainted"),
        ),
        (
            &["delete", "create"],
            (&is, &is),
            because("replace_by_request"),
            no(),
            Some("the plan replaces it, because -replace asks for it"),
        ),
        (
            &["delete", "create"],
            (&is, &other),
            json!({ "previous_address": "aws_db_instance.old" }),
            forced(),
            Some("the plan replaces it, because engine cannot be changed in place"),
        ),
        (
            &["delete", "create"],
            (&is, &other),
            no(),
            json!({ "importing": { "id": "x" }, "replace_paths": [["engine"]] }),
            Some("the plan replaces it, because engine cannot be changed in place"),
        ),
        (
            &["delete", "create"],
            (&is, &json!({ "engine": "mysql" })),
            no(),
            json!({ "replace_paths": [["vpc_security_group_ids", 0], ["db_name"], ["engine"]],
                "after_unknown": { "db_name": true, "vpc_security_group_ids": [true] } }),
            Some(
                "the plan replaces it, because db_name (known only after apply), engine and vpc_security_group_ids[0] \
                  (known only after apply) cannot be changed in place",
            ),
        ),
    ];
    for (actions, (is, will), extra, inner, expected) in cases {
        let label = format!("{actions:?} {extra} {inner}");
        let found = of_a_database(change(
            "aws_db_instance.orders",
            actions,
            (is.clone(), will.clone()),
            extra,
            inner,
        ));
        // A database that is judged passes or fails, by one of the two policies of databases.
        let [judged] = found.as_slice() else {
            panic!("{label}: {found:?}");
        };
        let failed = judged.verdict == Verdict::Failed;
        assert_eq!(
            (judged.verdict == Verdict::Passed, failed),
            (expected.is_none(), expected.is_some()),
            "{label}"
        );
        assert_eq!(judged.address.as_ref(), "aws_db_instance.orders");
        if let Some(expected) = expected {
            assert_eq!(
                judged.message(),
                format!("{expected}, and no final snapshot is taken"),
                "{label}"
            );
        }
    }
}

#[test]
fn what_is_there_before_decides_and_not_what_is_written() {
    // The provider takes the final snapshot by the state: to ask for it in the change that deletes is too late.
    let mut will = db("postgres");
    will["skip_final_snapshot"] = json!(false);
    let found = of_a_database(change(
        "aws_db_instance.orders",
        &["delete", "create"],
        (db("mysql"), will),
        json!({}),
        json!({ "replace_paths": [["engine"]] }),
    ));
    let ids: Vec<&str> = found.iter().map(|judged| &*judged.policy.id).collect();
    assert_eq!(ids, ["aws-rds-data-kept"]);
    // What forces it is what is to blame, and where it is sought.
    assert_eq!(found[0].attribute.as_deref(), Some("engine"));

    let mut is = db("mysql");
    is["skip_final_snapshot"] = json!(false);
    is["final_snapshot_identifier"] = json!("last");
    is["deletion_protection"] = json!(true);
    let gone = change(
        "aws_db_instance.orders",
        &["delete"],
        (is.clone(), Json::Null),
        json!({}),
        json!({}),
    );
    let found = of_a_database(gone);
    assert_eq!(&*found[0].policy.id, "aws-rds-database-kept");
    assert_eq!(
        found[0].message(),
        "the plan deletes it; its data stays in the final snapshot alone; AWS refuses while its deletion protection is on, and \
         the apply stops there"
    );
    // A replica is a copy.
    is["replicate_source_db"] = json!("orders");
    let gone = change(
        "aws_db_instance.copy",
        &["delete"],
        (is, Json::Null),
        json!({}),
        json!({}),
    );
    assert!(of_a_database(gone).is_empty());
}

#[test]
fn instances_and_left_objects_are_judged_one_by_one() {
    let delete = |address: &str, extra: Json| {
        change(address, &["delete"], (db("mysql"), Json::Null), extra, json!({}))
    };
    let keep = |address: &str| {
        change(
            address,
            &["no-op"],
            (db("mysql"), db("mysql")),
            json!({}),
            json!({}),
        )
    };
    let review = plan(
        &[
            delete(
                "module.a[0].aws_db_instance.x[\"b\"]",
                json!({ "type": "aws_db_instance" }),
            ),
            delete("aws_db_instance.x[10]", json!({})),
            keep("aws_db_instance.x[2]"),
            delete("aws_db_instance.x[2]", json!({ "deposed": "aaaaaaaa" })),
            delete("aws_db_instance.x[2]", json!({ "deposed": "bbbbbbbb" })),
            delete("aws_db_instance.gone", json!({ "deposed": "cccccccc" })),
            change(
                "data.aws_db_instance.x",
                &["read"],
                (Json::Null, db("mysql")),
                json!({ "mode": "data" }),
                json!({}),
            ),
        ],
        &[],
    );
    let builtin = pack::builtin();
    let judged = judge_changes(&review, &builtin);
    let found: Vec<(&str, Option<&str>, bool, bool)> = judged
        .verdicts
        .iter()
        .map(|it| {
            let loose = it.subject == Subject::Deposed;
            (
                &*it.address,
                it.deposed.as_deref(),
                it.verdict == Verdict::Failed,
                loose,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("aws_db_instance.x[2]", None, false, false),
            ("aws_db_instance.x[2]", Some("aaaaaaaa"), true, false),
            ("aws_db_instance.x[2]", Some("bbbbbbbb"), true, false),
            ("aws_db_instance.x[10]", None, true, false),
            ("module.a[0].aws_db_instance.x[\"b\"]", None, true, false),
            ("aws_db_instance.gone", Some("cccccccc"), true, true),
        ]
    );
    let mut prints: Vec<String> = judged.verdicts.iter().map(Judgement::fingerprint).collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), 6, "each has its own fingerprint");
    // The worlds alone say nothing of changes, and changes nothing of the worlds.
    assert!(
        judge(&review.before, &builtin)
            .verdicts
            .iter()
            .all(|it| !it.policy.judges_changes)
    );
    assert!(
        judge(&review.after, &builtin)
            .verdicts
            .iter()
            .all(|it| !it.policy.judges_changes)
    );
    assert!(judged.verdicts.iter().all(|it| it.policy.judges_changes));
    // Merged, they are in the order of the resources.
    let mut all = judge(&review.after, &builtin);
    let both = all.verdicts.len() + judged.verdicts.len();
    all.merge(judged);
    assert_eq!(all.verdicts.len(), both);
    assert!(all.verdicts.is_sorted_by_key(|it| (it.subject, it.index)));
}

#[test]
fn a_fingerprint_outlives_why_something_is_deleted() {
    let of = |reason: &str| {
        let extra = json!({ "action_reason": reason });
        let gone = change(
            "aws_db_instance.x",
            &["delete"],
            (db("mysql"), Json::Null),
            extra,
            json!({}),
        );
        of_a_database(gone)[0].fingerprint()
    };
    assert_eq!(
        of("delete_because_no_module"),
        of("delete_because_no_resource_config")
    );
}

#[test]
fn a_policy_sees_both_sides_and_what_is_tied_to_a_resource() {
    let text = [
        policy(
            "not-smaller",
            "\"aws_db_instance\"",
            "  when = contains(change.actions, \"update\")\n  condition = change.after.allocated_storage >= change.before.allocated_storage\n  \
             message = \"from ${change.before.allocated_storage} to ${change.after.allocated_storage}\"",
        ),
        policy(
            "tied",
            "\"aws_sns_topic\"",
            "  condition = !contains(change.actions, \"delete\") || !exists(linked(self, \"aws_sqs_queue\"))\n  message = \"${self.type} ${self.address} was ${change.previous_address}\"",
        ),
        policy(
            "no-secrets",
            "\"aws_db_instance\"",
            "  condition = change.before == null\n  message = \"was ${change.before.password}\"",
        ),
        policy("any", "\"*\"", "  condition = change.reason == null && !change.importing"),
    ]
    .concat();
    let own = policies(&text).unwrap();
    let side = |size: i64| json!({ "allocated_storage": size, "password": "hunter2hunter2" });
    let sensitive =
        json!({ "before_sensitive": { "password": true }, "after_sensitive": { "password": true } });
    let unknown =
        json!({ "after_unknown": { "allocated_storage": true }, "before_sensitive": { "password": true } });
    let topic = json!({ "arn": "arn:aws:sns:eu-central-1:111122223333:t", "name": "t" });
    let queue = json!({ "name": "q", "policy": "to arn:aws:sns:eu-central-1:111122223333:t" });
    let review = plan(
        &[
            change(
                "aws_db_instance.a",
                &["update"],
                (side(20), side(10)),
                json!({}),
                sensitive.clone(),
            ),
            change(
                "aws_db_instance.b",
                &["update"],
                (side(20), side(30)),
                json!({}),
                sensitive,
            ),
            change(
                "aws_db_instance.c",
                &["update"],
                (side(20), json!({})),
                json!({}),
                unknown,
            ),
            change(
                "aws_sns_topic.t",
                &["delete"],
                (topic.clone(), Json::Null),
                json!({ "previous_address": "aws_sns_topic.old", "action_reason": "delete_because_no_resource_config" }),
                json!({}),
            ),
            change(
                "aws_sqs_queue.q",
                &["delete"],
                (queue, Json::Null),
                json!({}),
                json!({}),
            ),
            change(
                "aws_sns_topic.left",
                &["delete"],
                (topic, Json::Null),
                json!({ "deposed": "aaaaaaaa" }),
                json!({}),
            ),
        ],
        &[json!({ "mode": "managed", "type": "aws_sqs_queue", "name": "q",
            "expressions": { "policy": { "references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"] } } })],
    );
    let judged = judge_changes(&review, &own);
    assert!(judged.problems.is_empty(), "{:?}", judged.problems);
    let found: Vec<(&str, &str, Verdict, &str)> = judged
        .verdicts
        .iter()
        .filter(|it| it.verdict != Verdict::Passed)
        .map(|it| (&*it.policy.id, &*it.address, it.verdict, it.message()))
        .collect();
    let changed = "the plan changes it in place";
    assert_eq!(
        found,
        [
            (
                "not-smaller",
                "aws_db_instance.a",
                Verdict::Failed,
                "from 20 to 10"
            ),
            ("no-secrets", "aws_db_instance.a", Verdict::Failed, changed),
            ("no-secrets", "aws_db_instance.b", Verdict::Failed, changed),
            (
                "not-smaller",
                "aws_db_instance.c",
                Verdict::Unknown,
                "what decides is not known"
            ),
            ("no-secrets", "aws_db_instance.c", Verdict::Failed, changed),
            (
                "tied",
                "aws_sns_topic.t",
                Verdict::Failed,
                "aws_sns_topic aws_sns_topic.t was aws_sns_topic.old"
            ),
            (
                "any",
                "aws_sns_topic.t",
                Verdict::Failed,
                "the plan deletes it, because its block is no longer in the configuration"
            ),
        ]
    );
    let waiting = judged
        .verdicts
        .iter()
        .find(|it| it.verdict == Verdict::Unknown)
        .unwrap();
    assert!(
        waiting.reason.as_deref().unwrap().contains("allocated_storage"),
        "{waiting:?}"
    );
    // Values only: what is tied to them cannot be asked.
    let wrong = policy(
        "wrong",
        "\"aws_sns_topic\"",
        "  condition = exists(users(change.before))",
    );
    let judged = judge_changes(&review, &policies(&wrong).unwrap());
    let said: Vec<String> = judged
        .problems
        .iter()
        .map(|(_, problem)| problem.to_string())
        .collect();
    assert!(said[0].contains("users takes a resource, as self is"), "{said:?}");
}

#[test]
fn what_a_policy_of_changes_cannot_have_is_said() {
    for (rest, types, expected) in [
        (
            "condition = change.action == 1",
            "\"a\"",
            "no attribute \"action\"; it has actions, address",
        ),
        (
            "condition = length(change) > 1",
            "\"a\"",
            "Only attributes of the change",
        ),
        (
            "condition = true\n message = change[\"x\"]",
            "\"a\"",
            "Only attributes of the change",
        ),
        (
            "condition = change.reason == null\n module = true",
            "\"a\"",
            "takes only \"resource\"",
        ),
        (
            "condition = change.reason == null\n pass {\n resource \"a\" \"b\" {}\n }",
            "\"a\"",
            "not \"resource\"",
        ),
        (
            "condition = change.reason == null\n pass {}",
            "\"a\"",
            "have a block \"before\"",
        ),
        (
            "condition = change.reason == null\n pass {\n before {}\n before {}\n }",
            "\"a\"",
            "one block \"before\"",
        ),
        (
            "condition = change.reason == null\n pass {\n replaced = []\n before {}\n }",
            "\"a\"",
            "only \"forces_replacement\"",
        ),
        (
            "condition = change.reason == null\n pass {\n forces_replacement = \"x\"\n before {}\n }",
            "\"a\"",
            "list of plain strings",
        ),
    ] {
        let said = policies(&policy("wrong", types, rest)).unwrap_err();
        assert!(said.contains(expected), "{rest}: {said}");
    }
    // A name that `for` binds is not the plan's.
    let bound = policy(
        "fine",
        "\"a\"",
        "condition = alltrue([for change in self.list : change.x])",
    );
    assert!(!policies(&bound).unwrap()[0].judges_changes);
}

/// What a policy sees of its example, as the message of its failure.
fn seen(example: &str) -> String {
    let expression = "${join(\"+\", change.actions)} ${join(\",\", change.replace_paths)} ${change.importing} ${change.deposed == null}";
    let rest = format!(
        "  condition = contains(change.actions, \"never\")\n  message = \"{expression}\"\n  pass {{\n{example}\n  }}"
    );
    let [policy] = policies(&policy("shown", "\"aws_sqs_queue\"", &rest))
        .unwrap()
        .try_into()
        .unwrap();
    let failures = test_policy(&policy);
    failures
        .into_iter()
        .map(|failure| failure.message)
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn an_example_is_planned_as_terraform_would() {
    let queue = |name: &str, rest: &str| {
        format!("resource \"aws_sqs_queue\" \"{name}\" {{\n name = \"q\"\n {rest}\n }}\n")
    };
    let before = |text: &str| format!("before {{\n{text}\n}}\n");
    let after = |text: &str| format!("after {{\n{text}\n}}\n");
    let a = queue("a", "");
    let fifo = queue("a", "fifo_queue = true");
    let first = queue(
        "a",
        "fifo_queue = true\n lifecycle {\n create_before_destroy = true\n }",
    );
    let forced = "forces_replacement = [\"fifo_queue\"]\n";
    let moved = format!(
        "{}moved {{\n from = aws_sqs_queue.a\n to = aws_sqs_queue.b\n }}",
        queue("b", "")
    );
    let removed = "removed {\n from = aws_sqs_queue.a\n lifecycle {\n destroy = false\n }\n }";
    let destroyed = "removed {\n from = aws_sqs_queue.a\n lifecycle {\n destroy = true\n }\n }";
    let imported = format!("{a}import {{\n to = aws_sqs_queue.a\n id = \"q\"\n }}");
    let two = queue("a", "count = 2");
    for (example, expected) in [
        (
            before(&a) + &after(&a),
            "aws_sqs_queue.a failed: no-op  false true",
        ),
        (after(&a), "aws_sqs_queue.a failed: create  false true"),
        (before(&a), "aws_sqs_queue.a failed: delete  false true"),
        (
            before(&a) + &after(&fifo),
            "aws_sqs_queue.a failed: update  false true",
        ),
        (
            forced.to_owned() + &before(&a) + &after(&fifo),
            "aws_sqs_queue.a failed: delete+create fifo_queue false true",
        ),
        (
            forced.to_owned() + &before(&a) + &after(&first),
            "aws_sqs_queue.a failed: create+delete fifo_queue false true",
        ),
        (
            before(&a) + &after(&moved),
            "aws_sqs_queue.b failed: no-op  false true",
        ),
        (
            before(&a) + &after(removed),
            "aws_sqs_queue.a failed: forget  false true",
        ),
        (
            before(&a) + &after(destroyed),
            "aws_sqs_queue.a failed: delete  false true",
        ),
        (after(&imported), "aws_sqs_queue.a failed: no-op  true true"),
        (
            format!("deposed {{\n{a}}}\n"),
            "aws_sqs_queue.a failed: delete  false false",
        ),
        (
            before(&two) + &after(&a.replace("name", "count = 1\n name")),
            "aws_sqs_queue.a[0] failed: no-op  false true; aws_sqs_queue.a[1] failed: delete  false true",
        ),
        (
            forced.to_owned() + &before(&a) + &after(&a),
            "forces_replacement names fifo_queue, which does not change from before to after",
        ),
        (
            before("resource \"aws_sns_topic\" \"t\" {}"),
            "the policy applies to nothing in it",
        ),
    ] {
        assert_eq!(seen(&example), expected, "{example}");
    }
    // Lines are those of the example.
    let wrong = seen(&(before("") + &after(&queue("a", "fifo_queue = local.none"))));
    assert!(wrong.starts_with("after: line 7: "), "{wrong}");
}

/// Nothing but types that policies name is looked at, and each once.
#[test]
fn of_a_large_plan_only_what_policies_name_is_judged() {
    let of = |ty: &str, at: usize| {
        let side = json!({ "name": format!("n{at}") });
        change(
            &format!("{ty}.x[{at}]"),
            &["delete"],
            (side, Json::Null),
            json!({}),
            json!({}),
        )
    };
    let mut changes: Vec<Json> = (0..20_000).map(|at| of("aws_iam_role", at)).collect();
    changes.extend((0..10).map(|at| of("aws_sqs_queue", at)));
    let review = plan(&changes, &[]);
    let builtin = pack::builtin();
    // Work that grows with the square would take minutes.
    let judged = judge_changes(&review, &builtin);
    assert_eq!(judged.verdicts.len(), 10);
}
