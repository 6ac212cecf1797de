//! Real resources of the AWS provider: what configurations are found to differ in, their plans and states differ in too.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use tf_terraform::{Mirror, Program, Surroundings};
use xtask::emulator::{Emulator, environment};

use super::{compared, copy, name, workspace};

/// Known only once the provider has planned or made something: by the first source that knows it.
///
/// The plan has no part of a text that is made of another resource's ARN, and no key of a map of URLs; beside a state, a key whose
/// value is not known yet counts as nothing.
const NOT_IN_PLANS: [&str; 2] = [
    "attributes aws_iam_role_policy.task.policy.Statement[0].Action",
    "outputs output.queues.search",
];
/// AWS's own default, where recovery is on.
const ONLY_IN_STATES: [&str; 1] =
    ["attributes aws_dynamodb_table.orders.point_in_time_recovery[0].recovery_period_in_days"];
/// What AWS has filled in where the other environment is no state: it means what AWS decides there too, which nobody can know.
const FILLED_IN: [&str; 2] = [
    "attributes aws_dynamodb_table.orders.table_class",
    "attributes aws_ecr_repository.app.encryption_configuration",
];

/// Plans and applies the shop as an environment, and leaves its plan and its state beside it.
fn build(program: &Program, emulator: &Emulator, dir: &Path, name: &str) {
    let shop = workspace().join("tests/envdiff/shop");
    let root = dir.join(name);
    copy(&shop.join("service"), &root.join("service"));
    for (from, to) in [
        (String::from("main.tf"), "main.tf"),
        (format!("{name}.tfvars"), "terraform.tfvars"),
    ] {
        fs::copy(shop.join(from), root.join(to)).unwrap();
    }
    if name == "prod" {
        fs::copy(shop.join("topic-policy.tf"), root.join("topic-policy.tf")).unwrap();
    }
    let terraform = |args: &[&str]| -> String {
        let mut command = program.command(&root);
        let output = command
            .args(args)
            .envs(environment(emulator.url()))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    terraform(&["init", "-input=false", "-no-color"]);
    terraform(&["plan", "-input=false", "-no-color", "-out=p"]);
    fs::write(
        dir.join(format!("{name}.plan.json")),
        terraform(&["show", "-json", "p"]),
    )
    .unwrap();
    terraform(&["apply", "-input=false", "-no-color", "p"]);
    fs::write(
        dir.join(format!("{name}.state.json")),
        terraform(&["show", "-json"]),
    )
    .unwrap();
}

/// All that differs, with the values.
fn differences(dir: &Path, one: &str, other: &str) -> BTreeMap<String, Json> {
    let (dev, prod) = (format!("dev={one}"), format!("prod={other}"));
    let layers = "resources,attributes,outputs";
    let (json, code) = compared(dir, &[&dev, &prod, "--layer", layers]);
    assert_eq!(code, Some(1), "{json:#}");
    assert!(!json.to_string().contains("hunter"), "{json:#}");
    let rows = json["differences"].as_array().unwrap().iter();
    rows.flat_map(|row| {
        let layer = row["layer"].as_str().unwrap();
        let covered = row["covered"].as_array().into_iter().flatten();
        std::iter::once(row)
            .chain(covered)
            .map(move |one| (format!("{layer} {}", name(one)), one["values"].clone()))
    })
    .collect()
}

#[test]
fn configurations_plans_and_states_of_aws_agree() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let emulator = Emulator::bare().unwrap();
    let surroundings = Surroundings::new(std::env::var_os("TF_PLUGIN_MIRROR"), std::env::home_dir());
    let mirror = Mirror::find(&surroundings).unwrap();
    let search = std::env::var_os("PATH");
    let program = Program::find(None, search.as_deref(), mirror.as_ref()).unwrap();
    std::thread::scope(|scope| {
        for name in ["dev", "prod"] {
            scope.spawn(|| build(&program, &emulator, dir.path(), name));
        }
    });
    let written = differences(dir.path(), "dev", "prod");
    let names: Vec<&str> = written.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "attributes aws_cloudwatch_metric_alarm.errors[\"cart\"].threshold",
            "attributes aws_dynamodb_table.orders.point_in_time_recovery[0].enabled",
            "attributes aws_ebs_volume.cache.size",
            "attributes aws_ecr_repository.app.image_tag_mutability",
            "attributes aws_iam_role.task.max_session_duration",
            "attributes aws_iam_role_policy.task.policy.Statement[0].Action",
            "attributes aws_kms_key.main.deletion_window_in_days",
            "attributes aws_s3_bucket.data.force_destroy",
            "attributes aws_s3_bucket_lifecycle_configuration.data.rule[0].noncurrent_version_expiration[0].noncurrent_days",
            "attributes aws_s3_bucket_versioning.data.versioning_configuration[0].status",
            "attributes aws_secretsmanager_secret_version.db.secret_string",
            "attributes aws_security_group.web.ingress[1]",
            "attributes aws_ssm_parameter.size[0].value",
            "attributes module.service[\"cart\"].aws_cloudwatch_log_group.main.retention_in_days",
            "attributes module.service[\"cart\"].aws_sqs_queue.main.visibility_timeout_seconds",
            "attributes module.service[\"mail\"].aws_cloudwatch_log_group.main.retention_in_days",
            "outputs output.queues.search",
            "outputs output.retention",
            "resources aws_cloudwatch_metric_alarm.errors.for_each",
            "resources aws_sns_topic_policy.alarms",
            "resources aws_ssm_parameter.size.count",
            "resources aws_subnet.each.for_each",
            "resources module.service.for_each",
        ]
    );
    // A value that a state knows is another one; that it differs is the same.
    let url = "outputs output.queues.search";
    for (one, other, less, more) in [
        ("dev.plan.json", "prod.plan.json", &NOT_IN_PLANS[..], vec![]),
        ("dev", "prod.plan.json", &NOT_IN_PLANS[..], vec![]),
        ("dev.state.json", "prod.state.json", &[], ONLY_IN_STATES.to_vec()),
        ("dev", "prod.state.json", &[], FILLED_IN.to_vec()),
        ("dev.state.json", "prod", &NOT_IN_PLANS[1..], FILLED_IN.to_vec()),
        (
            "dev.plan.json",
            "prod.state.json",
            &NOT_IN_PLANS[..],
            FILLED_IN.to_vec(),
        ),
    ] {
        let mut found = differences(dir.path(), one, other);
        let mut wanted = written.clone();
        wanted.retain(|name, _| !less.contains(&name.as_str()));
        for name in more {
            let found = found.remove(name);
            assert!(found.is_some(), "{one} {other}: {name}");
        }
        if wanted.contains_key(url) {
            assert!(found.contains_key(url), "{one} {other}");
        }
        wanted.remove(url);
        found.remove(url);
        assert_eq!(found, wanted, "{one} {other}");
    }
}
