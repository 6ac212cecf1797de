//! The commands as scripts meet them: exit codes, the JSON that others rely on, and which output goes where.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

/// What a run of `tf-gate` ended with.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

fn tf_gate(dir: &Path, args: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tf-gate"))
        .args(args)
        .current_dir(dir)
        .env_remove("TF_GATE_FAIL_ON")
        .env_remove("TF_WORKSPACE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A repository with these files.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

const DATABASE: &str = r#"resource "aws_db_instance" "main" {
  engine            = "postgres"
  storage_encrypted = false
}
"#;

const ONLY: [&str; 2] = ["--only", "aws-rds-storage-encrypted"];

#[test]
fn exit_codes_tell_clean_failed_and_not_done() {
    let dir = repository(&[
        ("plain/main.tf", DATABASE),
        ("good/main.tf", &DATABASE.replace("false", "true")),
        ("broken/main.tf", "resource \"aws_db_instance\" {\n"),
        (
            "half/main.tf",
            "module \"gone\" {\n  source  = \"example/vpc/aws\"\n  version = \"1.2.3\"\n}\n",
        ),
        ("none/readme.txt", "no Terraform"),
    ]);
    let code = |args: &[&str]| {
        let args = [&["check"], args, &ONLY].concat();
        tf_gate(dir.path(), &args, "").code
    };
    assert_eq!(code(&["good"]), Some(0));
    assert_eq!(code(&["plain"]), Some(1));
    assert_eq!(code(&["plain", "--fail-on", "critical"]), Some(0));
    assert_eq!(code(&["plain", "--fail-on", "none"]), Some(0));
    assert_eq!(code(&["broken"]), Some(2));
    assert_eq!(code(&["half"]), Some(2));
    assert_eq!(code(&["half", "--allow-missing-modules"]), Some(0));
    assert_eq!(code(&["none"]), Some(2));
    assert_eq!(code(&["nowhere"]), Some(2));
    assert_eq!(code(&["plain", "--no-such-flag"]), Some(2));
    assert_eq!(code(&["plain", "--skip", "no-such-policy"]), Some(2));
}

#[test]
fn a_partly_unreadable_input_gives_the_report_and_2() {
    let dir = repository(&[("main.tf", DATABASE), ("other.tf", "locals {\n  a = \n}\n")]);
    let args = [&["check", "--format", "json"][..], &ONLY].concat();
    let run = tf_gate(dir.path(), &args, "");
    assert_eq!(run.code, Some(2), "{}", run.err);
    let report = run.json();
    assert_eq!(report["summary"]["failed"], 1);
    assert_eq!(report["errors"][0]["file"], "other.tf");
    assert_eq!(report["errors"][0]["lines"][0], 2);
}

#[test]
fn the_json_is_what_scripts_rely_on() {
    let module = "variable \"encrypted\" {\n  type = bool\n}\n\nresource \"aws_db_instance\" \"main\" {\n  count             = 1\n  \
                  engine            = \"postgres\"\n  storage_encrypted = var.encrypted\n}\n";
    let root = "module \"db\" {\n  source    = \"./modules/rds\"\n  encrypted = false\n}\n";
    let dir = repository(&[("main.tf", root), ("modules/rds/main.tf", module)]);
    let args = [&["check", "--format", "json", "--all"][..], &ONLY].concat();
    let run = tf_gate(dir.path(), &args, "");
    assert_eq!(run.code, Some(1), "{}", run.err);
    let report = run.json();
    assert_eq!(report["schema"], "plumbline.check/1");
    assert_eq!(report["tool"], "tf-gate");
    assert!(report["version"].is_string());
    let summary = &report["summary"];
    for (name, count) in [
        ("passed", 0),
        ("failed", 1),
        ("unknown", 0),
        ("skipped", 0),
        ("resources", 1),
        ("files", 2),
        ("policies", 1),
        ("errors", 0),
    ] {
        assert_eq!(summary[name], count, "{name} in {summary}");
    }
    let finding = &report["findings"][0];
    assert_eq!(finding["policy"], "aws-rds-storage-encrypted");
    assert_eq!(finding["checkov"][0], "CKV_AWS_16");
    assert_eq!(finding["severity"], "high");
    assert_eq!(finding["result"], "failed");
    assert_eq!(finding["address"], "module.db.aws_db_instance.main[0]");
    assert_eq!(finding["type"], "aws_db_instance");
    assert_eq!(finding["file"], "modules/rds/main.tf");
    assert_eq!(finding["lines"], serde_json::json!([5, 9]));
    assert_eq!(finding["attribute"], "storage_encrypted");
    assert_eq!(finding["called_from"][0]["file"], "main.tf");
    assert_eq!(finding["called_from"][0]["lines"], serde_json::json!([1, 4]));
    assert!(finding["frameworks"]["soc2"].is_array());
    assert_eq!(finding["fingerprint"].as_str().unwrap().len(), 16);
    assert!(finding["message"].is_string() && finding["fix"].is_string());
}

#[test]
fn all_adds_what_passed_and_unknown_says_why() {
    let text = "variable \"encrypted\" {\n  type = bool\n}\n\nresource \"aws_db_instance\" \"asked\" {\n  storage_encrypted = \
                var.encrypted\n}\n\nresource \"aws_db_instance\" \"good\" {\n  storage_encrypted = true\n}\n";
    let dir = repository(&[("main.tf", text)]);
    let run = |extra: &[&str]| {
        let args = [&["check", "--format", "json"], extra, &ONLY].concat();
        tf_gate(dir.path(), &args, "")
    };
    let open = run(&[]);
    assert_eq!(open.code, Some(0));
    let findings = open.json()["findings"].clone();
    assert_eq!(findings.as_array().unwrap().len(), 1);
    assert_eq!(findings[0]["result"], "unknown");
    assert!(
        findings[0]["reason"].as_str().unwrap().contains("var.encrypted"),
        "{findings}"
    );
    assert_eq!(run(&["--fail-on-unknown"]).code, Some(1));
    assert_eq!(run(&["--all"]).json()["findings"].as_array().unwrap().len(), 2);
    let given = run(&["--var", "encrypted=false"]);
    assert_eq!(given.code, Some(1));
    assert_eq!(given.json()["findings"][0]["result"], "failed");
}

#[test]
fn suppressions_waivers_and_baselines_skip() {
    let comment = DATABASE.replace(
        "  engine ",
        "  # checkov:skip=CKV_AWS_16:a copy of public data\n  engine ",
    );
    let settings = "waiver {\n  policy  = \"aws-rds-storage-encrypted\"\n  address = \"aws_db_instance.main\"\n  owner   = \"data\"\n  reason  = \
                    \"goes in spring\"\n  expires = \"2999-01-01\"\n}\n";
    let expired = settings.replace("2999", "2001");
    let baseline = r#"{"failed_checks": [{"file": "/main.tf", "findings": [{"resource": "aws_db_instance.main", "check_ids": ["CKV_AWS_16"]}]}]}"#;
    for (files, code, skipped) in [
        (vec![("main.tf", DATABASE)], 1, 0),
        (vec![("main.tf", comment.as_str())], 0, 1),
        (vec![("main.tf", DATABASE), ("plumbline.hcl", settings)], 0, 1),
        (
            vec![("main.tf", DATABASE), ("plumbline.hcl", expired.as_str())],
            1,
            0,
        ),
        (vec![("main.tf", DATABASE), (".checkov.baseline", baseline)], 0, 1),
    ] {
        let dir = repository(&files);
        let args = [&["check", "--format", "json"][..], &ONLY].concat();
        let run = tf_gate(dir.path(), &args, "");
        assert_eq!(run.code, Some(code), "{files:?}: {}{}", run.out, run.err);
        assert_eq!(run.json()["summary"]["skipped"], skipped, "{files:?}");
    }
}

#[test]
fn suppressions_are_called_stale_only_where_something_is_built() {
    let text = |count: u8| {
        let comment = "# tf-gate:ignore aws-rds-storage-encrypted until 2999-01-01: only where it is built";
        format!(
            "resource \"aws_db_instance\" \"main\" {{\n  {comment}\n  count             = {count}\n  storage_encrypted = true\n}}\n"
        )
    };
    let warnings = |files: &[(&str, &str)]| {
        let dir = repository(files);
        let args = [&["check", "--format", "json"][..], &ONLY].concat();
        tf_gate(dir.path(), &args, "")
            .out
            .matches("matches nothing")
            .count()
    };
    assert_eq!(warnings(&[("main.tf", &text(0))]), 0);
    let comment = "# tf-gate:ignore aws-rds-storage-encrypted until 2999-01-01: only where it is called";
    let call = format!("{comment}\nmodule \"db\" {{\n  source = \"./db\"\n  count  = 0\n}}\n");
    assert_eq!(warnings(&[("main.tf", &call), ("db/main.tf", DATABASE)]), 0);
    let stray =
        "# tf-gate:ignore aws-rds-storage-encrypted until 2999-01-01: stands at nothing\n\nlocals {}\n";
    assert_eq!(warnings(&[("main.tf", stray)]), 1);
}

#[test]
fn a_suppression_at_a_module_call_speaks_for_all_that_the_call_makes() {
    let wrapper = "module \"inner\" {\n  source = \"../database\"\n}\n";
    let calls = |above: &str, inside: &str| {
        format!(
            "module \"first\" {{\n  source = \"./wrapper\"\n}}\n\n{above}\nmodule \"second\" {{\n  {inside}\n  source = \
             \"./wrapper\"\n}}\n"
        )
    };
    let results = |above: &str, inside: &str| {
        let dir = repository(&[
            ("main.tf", &calls(above, inside)),
            ("wrapper/main.tf", wrapper),
            ("database/main.tf", DATABASE),
        ]);
        let args = [&["check", "--all", "--format", "json"][..], &ONLY].concat();
        let report = tf_gate(dir.path(), &args, "").json();
        let findings = report["findings"].as_array().unwrap().clone();
        let of = |call: &str| {
            let address = format!("module.{call}.module.inner.aws_db_instance.main");
            let finding = findings
                .iter()
                .find(|finding| finding["address"] == *address)
                .unwrap();
            let reason = finding["suppression"]["reason"].as_str().unwrap_or_default();
            (finding["result"].as_str().unwrap().to_owned(), reason.to_owned())
        };
        // The comment reaches the one call and does not leak to the other.
        assert_eq!(of("first"), ("failed".to_owned(), String::new()));
        let warnings = report["warnings"].to_string();
        (of("second"), warnings)
    };
    let ours = "# tf-gate:ignore aws-rds-storage-encrypted until 2999-01-01: a copy of public data";
    let checkov = "#checkov:skip=CKV_AWS_16:a copy of public data";
    for (above, inside) in [(ours, ""), ("", ours), (checkov, ""), ("", checkov)] {
        let ((result, reason), warnings) = results(above, inside);
        assert_eq!(
            (result.as_str(), reason.as_str()),
            ("skipped", "a copy of public data"),
            "{above}{inside}"
        );
        assert_eq!(warnings, "[]", "{above}{inside}");
    }
    let (expired, warnings) = results(&ours.replace("2999", "2001"), "");
    assert_eq!(expired.0, "failed");
    assert!(warnings.contains("ended on 2001-01-01"), "{warnings}");
    let (other, warnings) = results(&ours.replace("storage-encrypted", "multi-az"), "");
    assert_eq!(other.0, "failed");
    assert!(warnings.contains("matches nothing"), "{warnings}");
}

#[test]
fn what_a_document_includes_is_judged_where_it_is_written() {
    let document = |name: &str, includes: &str, actions: &str| {
        format!(
            "data \"aws_iam_policy_document\" \"{name}\" {{\n  {includes}\n  statement {{\n    actions   = {actions}\n    resources = \
             [\"*\"]\n  }}\n}}\n"
        )
    };
    let failed = |policy: &str, documents: &[String]| {
        let dir = repository(&[("main.tf", &documents.concat())]);
        let report = tf_gate(dir.path(), &["check", "--format", "json", "--only", policy], "").json();
        let findings = report["findings"].as_array().unwrap().clone();
        let shown = findings.iter().map(|finding| {
            assert_ne!(finding["result"], "passed");
            let address = finding["address"].as_str().unwrap();
            format!(
                "{} {}",
                address.rsplit('.').next().unwrap(),
                finding["result"].as_str().unwrap()
            )
        });
        shown.collect::<Vec<_>>()
    };
    let stars = "aws-iam-no-star-actions";
    let base = document("base", "", "[\"*\"]");
    let includes = "source_policy_documents = [data.aws_iam_policy_document.base.json]";
    let middle = document("middle", includes, "[\"s3:GetObject\"]");
    let last = document(
        "last",
        "override_policy_documents = [data.aws_iam_policy_document.middle.minified_json]",
        "[\"s3:PutObject\"]",
    );
    assert_eq!(
        failed(stars, &[base.clone(), middle.clone(), last]),
        ["base failed"]
    );
    // What is known only in part is the same.
    let bucket = "resource \"aws_s3_bucket\" \"b\" {}\n".to_owned();
    let unknown = base.replace("[\"*\"]\n  }", "[\"*\", aws_s3_bucket.b.arn]\n  }");
    assert_eq!(failed(stars, &[bucket, unknown, middle.clone()]), ["base failed"]);
    // A suppression there suffices.
    let comment = format!("# tf-gate:ignore {stars} until 2999-01-01: for the administrators");
    let suppressed = format!("{comment}\n{base}");
    assert!(failed(stars, &[suppressed.clone(), middle.clone()]).is_empty());
    // It does not speak for what the other document says itself, nor for a text that is no document's.
    let own = document("own", includes, "[\"*\"]");
    assert_eq!(failed(stars, &[suppressed.clone(), own]), ["own failed"]);
    let text = "source_policy_documents = [jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"*\", Resource = \"*\" }] })]";
    assert_eq!(
        failed(stars, &[document("text", text, "[\"s3:GetObject\"]")]),
        ["text failed"]
    );
    // Each is harmless alone.
    let escalation = "aws-iam-no-privilege-escalation";
    let pass = document("base", "", "[\"iam:PassRole\"]");
    let start = document("both", includes, "[\"ec2:RunInstances\"]");
    assert_eq!(failed(escalation, &[pass, start.clone()]), ["both failed"]);
    // What is only perhaps a failure alone is certainly one together with the other.
    let perhaps = document("base", "", "[\"iam:PassRole\", var.action]");
    let variable = "variable \"action\" {\n  type = string\n}\n".to_owned();
    assert_eq!(
        failed(escalation, &[variable, perhaps, start]),
        ["base unknown", "both failed"]
    );
}

/// A plan that creates these resources: the address, what is set in the configuration by a reference, what is known and what is not.
fn plan(resources: &[(&str, &str, Json, Json, Json)]) -> String {
    let mut changes = Vec::new();
    let mut modules: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for (module, local, expressions, after, unknown) in resources {
        let (mode, rest) = match local.strip_prefix("data.") {
            Some(rest) => ("data", rest),
            None => ("managed", *local),
        };
        let (ty, name) = rest.split_once('.').unwrap();
        let bare = name.split('[').next().unwrap();
        modules.entry(module).or_default().push(serde_json::json!({
            "mode": mode, "type": ty, "name": bare, "expressions": expressions,
        }));
        let address = match module.is_empty() {
            true => (*local).to_owned(),
            false => format!("module.{module}.{local}"),
        };
        changes.push(serde_json::json!({
            "address": address,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": [if mode == "data" { "read" } else { "create" }], "before": null, "after": after, "after_unknown": unknown,
            },
        }));
    }
    let root = modules.remove("").unwrap_or_default();
    let calls: serde_json::Map<String, Json> = modules
        .into_iter()
        .map(|(name, resources)| {
            (
                name.to_owned(),
                serde_json::json!({ "module": { "resources": resources } }),
            )
        })
        .collect();
    serde_json::json!({
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": { "root_module": { "resources": root, "module_calls": calls } },
    })
    .to_string()
}

fn references(names: &[&str]) -> Json {
    serde_json::json!({ "references": names })
}

#[test]
fn a_plan_names_what_is_not_known_by_whole_addresses() {
    let json = |text: &str| -> Json { serde_json::from_str(text).unwrap() };
    let text = plan(&[
        // Of the same name as in the module, and for every workflow there is.
        (
            "",
            "data.aws_iam_policy_document.trust",
            serde_json::json!({ "statement": [{ "principals": [{ "identifiers": references(&["aws_iam_openid_connect_provider.github.arn"]) }] }] }),
            json(
                r#"{ "statement": [{ "actions": ["sts:AssumeRoleWithWebIdentity"], "condition": [],
                "principals": [{ "identifiers": [null], "type": "Federated" }] }] }"#,
            ),
            json(r#"{ "json": true, "statement": [{ "principals": [{ "identifiers": [true] }] }] }"#),
        ),
        (
            "",
            "aws_iam_openid_connect_provider.github",
            json("{}"),
            json(r#"{ "url": "https://token.actions.githubusercontent.com" }"#),
            json(r#"{ "arn": true }"#),
        ),
        (
            "eks",
            "aws_eks_cluster.this",
            json("{}"),
            json(r#"{ "name": "main" }"#),
            json(r#"{ "identity": true }"#),
        ),
        (
            "eks",
            "aws_iam_openid_connect_provider.this",
            serde_json::json!({ "url": references(&["aws_eks_cluster.this.identity[0].oidc[0].issuer", "aws_eks_cluster.this"]) }),
            json("{}"),
            json(r#"{ "arn": true, "url": true }"#),
        ),
        (
            "eks",
            r#"data.aws_iam_policy_document.trust["cni"]"#,
            serde_json::json!({ "statement": [{
                "principals": [{ "identifiers": references(&["aws_iam_openid_connect_provider.this.arn", "aws_iam_openid_connect_provider.this"]) }],
                "condition": [{ "variable": references(&["local.issuer"]) }],
            }] }),
            json(
                r#"{ "statement": [{ "actions": ["sts:AssumeRoleWithWebIdentity"],
                "condition": [{ "test": "StringEquals", "values": ["system:serviceaccount:kube-system:cni"] }],
                "principals": [{ "identifiers": [null], "type": "Federated" }] }] }"#,
            ),
            json(
                r#"{ "json": true, "statement": [{ "condition": [{ "variable": true }], "principals": [{ "identifiers": [true] }] }] }"#,
            ),
        ),
        (
            "eks",
            r#"aws_iam_role.workload["cni"]"#,
            serde_json::json!({ "assume_role_policy": references(&["data.aws_iam_policy_document.trust", "each.key"]) }),
            json(r#"{ "name": "cni" }"#),
            json(r#"{ "arn": true, "assume_role_policy": true }"#),
        ),
        (
            "eks",
            "aws_iam_role.execution",
            serde_json::json!({ "assume_role_policy": references(&["var.trust"]) }),
            json(r#"{ "name": "execution" }"#),
            json(r#"{ "arn": true, "assume_role_policy": true }"#),
        ),
        (
            "eks",
            "aws_iam_role.task",
            json("{}"),
            json(r#"{ "name": "task", "assume_role_policy": "{}" }"#),
            json(r#"{ "arn": true }"#),
        ),
        (
            "eks",
            "aws_ecs_task_definition.two",
            serde_json::json!({
                "execution_role_arn": references(&["aws_iam_role.execution.arn", "aws_iam_role.execution"]),
                "task_role_arn": references(&["aws_iam_role.task.arn", "aws_iam_role.task"]),
            }),
            json("{}"),
            json(r#"{ "execution_role_arn": true, "task_role_arn": true }"#),
        ),
        (
            "eks",
            "aws_ecs_task_definition.one",
            serde_json::json!({
                "execution_role_arn": references(&["aws_iam_role.task.arn", "aws_iam_role.task"]),
                "task_role_arn": references(&["aws_iam_role.task.arn", "aws_iam_role.task"]),
            }),
            json("{}"),
            json(r#"{ "execution_role_arn": true, "task_role_arn": true }"#),
        ),
    ]);
    let dir = repository(&[("plan.json", &text)]);
    let only = "aws-iam-github-oidc-subject,aws-ecs-task-separate-roles";
    let args = [
        "check",
        "--plan",
        "plan.json",
        "--all",
        "--format",
        "json",
        "--only",
        only,
    ];
    let report = tf_gate(dir.path(), &args, "").json();
    let findings = report["findings"].as_array().unwrap();
    let verdicts: BTreeMap<&str, &str> = findings
        .iter()
        .map(|finding| {
            (
                finding["address"].as_str().unwrap(),
                finding["result"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("data.aws_iam_policy_document.trust", "failed"),
        (
            r#"module.eks.data.aws_iam_policy_document.trust["cni"]"#,
            "passed",
        ),
        (r#"module.eks.aws_iam_role.workload["cni"]"#, "passed"),
        ("module.eks.aws_iam_role.execution", "unknown"),
        ("module.eks.aws_iam_role.task", "passed"),
        ("module.eks.aws_ecs_task_definition.two", "passed"),
        ("module.eks.aws_ecs_task_definition.one", "failed"),
    ];
    assert_eq!(verdicts, BTreeMap::from(expected), "{report}");
    let unknown = findings
        .iter()
        .find(|finding| finding["result"] == "unknown")
        .unwrap();
    let reason = unknown["reason"].as_str().unwrap();
    assert!(
        reason.contains("module.eks.var.trust is known after apply"),
        "{reason}"
    );
}

#[test]
fn a_plan_hides_what_locals_refer_to_and_no_bucket_becomes_public_by_it() {
    let json = |text: &str| -> Json { serde_json::from_str(text).unwrap() };
    let document = (
        "",
        "data.aws_iam_policy_document.open",
        serde_json::json!({ "statement": [{ "resources": references(&["aws_s3_bucket.site.arn"]) }] }),
        json(
            r#"{ "statement": [{ "actions": ["s3:GetObject"], "resources": [null], "condition": [],
            "principals": [{ "identifiers": ["*"], "type": "*" }] }] }"#,
        ),
        json(r#"{ "json": true, "statement": [{ "resources": [true] }] }"#),
    );
    let endpoint = (
        "",
        "aws_vpc_endpoint.s3",
        serde_json::json!({ "policy": references(&["data.aws_iam_policy_document.open.json", "data.aws_iam_policy_document.open"]) }),
        json(r#"{ "service_name": "com.amazonaws.eu-central-1.s3" }"#),
        json(r#"{ "policy": true }"#),
    );
    let bucket = (
        "",
        "aws_s3_bucket_policy.site",
        serde_json::json!({ "policy": references(&["local.policy"]) }),
        json(r#"{ "bucket": "example-site" }"#),
        json(r#"{ "policy": true }"#),
    );
    let results = |resources: &[(&str, &str, Json, Json, Json)]| {
        let dir = repository(&[("plan.json", &plan(resources))]);
        let only = "aws-iam-document-no-any-principal";
        let args = [
            "check",
            "--plan",
            "plan.json",
            "--all",
            "--format",
            "json",
            "--only",
            only,
        ];
        let report = tf_gate(dir.path(), &args, "").json();
        let findings = report["findings"].as_array().unwrap().clone();
        let results = findings
            .iter()
            .map(|finding| finding["result"].as_str().unwrap().to_owned());
        results.collect::<Vec<_>>()
    };
    assert!(results(&[document.clone(), endpoint.clone()]).is_empty());
    assert_eq!(results(&[document, endpoint, bucket]), ["failed"]);
}

/// The load balancer's bucket is named inside a block, and the policy that admits S3's service in a document.
#[test]
fn a_plan_shows_which_buckets_receive_access_logs() {
    let json = |text: &str| -> Json { serde_json::from_str(text).unwrap() };
    let bucket = |name: &'static str| {
        let short = name.rsplit('.').next().unwrap();
        let after = serde_json::json!({ "bucket": format!("example-{short}") });
        (
            "",
            name,
            json("{}"),
            after,
            json(r#"{ "id": true, "arn": true }"#),
        )
    };
    let text = plan(&[
        bucket("aws_s3_bucket.balancer"),
        bucket("aws_s3_bucket.logs"),
        bucket("aws_s3_bucket.admits"),
        bucket("aws_s3_bucket.data"),
        (
            "",
            "aws_lb.public",
            serde_json::json!({ "access_logs": [{ "bucket": references(&["aws_s3_bucket.balancer.id", "aws_s3_bucket.balancer"]),
                "prefix": references(&["local.prefix"]) }] }),
            json(r#"{ "access_logs": [{ "enabled": true }] }"#),
            json(r#"{ "access_logs": [{ "bucket": true, "prefix": true }] }"#),
        ),
        (
            "",
            "aws_s3_bucket_logging.data",
            serde_json::json!({ "bucket": references(&["aws_s3_bucket.data.id", "aws_s3_bucket.data"]),
                "target_bucket": references(&["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]) }),
            json(r#"{ "target_prefix": "data/" }"#),
            json(r#"{ "bucket": true, "target_bucket": true }"#),
        ),
        (
            "",
            "data.aws_iam_policy_document.admits",
            serde_json::json!({ "statement": [{ "resources": references(&["aws_s3_bucket.admits.arn"]) }] }),
            json(
                r#"{ "statement": [{ "actions": ["s3:PutObject"], "resources": [null], "condition": [],
                "principals": [{ "identifiers": ["logging.s3.amazonaws.com"], "type": "Service" }] }] }"#,
            ),
            json(r#"{ "json": true, "statement": [{ "resources": [true] }] }"#),
        ),
        (
            "",
            "aws_s3_bucket_policy.admits",
            serde_json::json!({ "bucket": references(&["aws_s3_bucket.admits.id", "aws_s3_bucket.admits"]),
                "policy": references(&["data.aws_iam_policy_document.admits.json", "data.aws_iam_policy_document.admits"]) }),
            json("{}"),
            json(r#"{ "bucket": true, "policy": true }"#),
        ),
    ]);
    let dir = repository(&[("plan.json", &text)]);
    let args = [
        "check",
        "--plan",
        "plan.json",
        "--all",
        "--format",
        "json",
        "--only",
        "aws-s3-kms-encrypted",
    ];
    let report = tf_gate(dir.path(), &args, "").json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report}");
    assert_eq!(findings[0]["address"], "aws_s3_bucket.data");
    assert_eq!(findings[0]["result"], "failed");
}

/// A plan of what becomes of one bucket each: the address, the actions, and what stands beside them.
fn plan_of_buckets(changes: &[(&str, &[&str], Json)]) -> String {
    let side = serde_json::json!({ "bucket": "b", "force_destroy": true });
    let changes: Vec<Json> = changes
        .iter()
        .map(|(address, actions, extra)| {
            let is = if actions.first() == Some(&"create") && actions.len() == 1 {
                Json::Null
            } else {
                side.clone()
            };
            let will = if matches!(*actions, ["delete"] | ["forget"]) {
                Json::Null
            } else {
                side.clone()
            };
            let mut change = serde_json::json!({
                "address": address, "mode": "managed", "type": "aws_s3_bucket",
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": { "actions": actions, "before": is, "after": will, "after_unknown": {}, "replace_paths": extra["replace_paths"] },
            });
            for name in ["previous_address", "deposed", "action_reason"] {
                if let Some(value) = extra.get(name) {
                    change[name] = value.clone();
                }
            }
            if change["change"]["replace_paths"].is_null() {
                change["change"]["replace_paths"] = serde_json::json!([]);
            }
            change
        })
        .collect();
    serde_json::json!({ "format_version": "1.2", "resource_changes": changes, "configuration": { "root_module": {} } }).to_string()
}

#[test]
fn a_plan_that_deletes_or_replaces_data_fails_until_it_is_waived() {
    let none = || serde_json::json!({});
    let text = plan_of_buckets(&[
        ("aws_s3_bucket.stays", &["no-op"], none()),
        (
            "aws_s3_bucket.moved",
            &["no-op"],
            serde_json::json!({ "previous_address": "aws_s3_bucket.was" }),
        ),
        ("aws_s3_bucket.forgotten", &["forget"], none()),
        ("aws_s3_bucket.new", &["create"], none()),
        (
            "aws_s3_bucket.gone",
            &["delete"],
            serde_json::json!({ "action_reason": "delete_because_no_resource_config" }),
        ),
        (
            "aws_s3_bucket.renamed",
            &["delete", "create"],
            serde_json::json!({ "replace_paths": [["bucket"]] }),
        ),
    ]);
    let waiver = "waiver {\n  policy  = \"aws-s3-objects-kept\"\n  address = \"aws_s3_bucket.gone\"\n  owner   = \"data\"\n  \
                  reason  = \"Copied to the archive.\"\n  expires = \"2999-12-31\"\n}\n";
    let code = "# tf-gate:ignore aws-s3-objects-kept: the nightly rebuild fills it\nresource \"aws_s3_bucket\" \"renamed\" {\n  \
                bucket = \"b\"\n}\n";
    let dir = repository(&[("plan.json", &text), ("root/main.tf", code)]);
    let only = [
        "--format",
        "json",
        "--only",
        "aws-s3-objects-kept,aws-s3-bucket-kept",
    ];
    let of_plan = || {
        tf_gate(
            dir.path(),
            &[&["check", "--plan", "plan.json"], &only[..]].concat(),
            "",
        )
    };
    let failed = |run: &Run| -> Vec<(String, String, String)> {
        let report = run.json();
        let findings = report["findings"].as_array().unwrap().iter();
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        findings
            .filter(|finding| finding["result"] == "failed")
            .map(|finding| {
                (
                    text(&finding["address"]),
                    text(&finding["attribute"]),
                    text(&finding["message"]),
                )
            })
            .collect()
    };
    let run = of_plan();
    assert_eq!(run.code, Some(1), "{}", run.err);
    let of = |address: &str, attribute: &str, why: &str| {
        let message = format!("the plan {why}, and force_destroy deletes all its objects");
        (address.to_owned(), attribute.to_owned(), message)
    };
    let gone = of(
        "aws_s3_bucket.gone",
        "",
        "deletes it, because its block is no longer in the configuration",
    );
    let renamed = of(
        "aws_s3_bucket.renamed",
        "bucket",
        "replaces it, because bucket cannot be changed in place",
    );
    assert_eq!(failed(&run), [gone, renamed.clone()]);
    let summary = &run.json()["summary"];
    assert_eq!(
        [&summary["passed"], &summary["failed"], &summary["policies"]],
        [4, 2, 2],
        "{summary}"
    );
    // A waiver counts as for any finding.
    fs::write(dir.path().join("plumbline.hcl"), waiver).unwrap();
    let run = of_plan();
    assert_eq!(failed(&run), [renamed]);
    assert_eq!(run.json()["summary"]["skipped"], 1);
    assert_eq!(run.json()["warnings"], serde_json::json!([]));
    // Where there is no plan these policies have nothing to say, and what suppresses them is not stale.
    let args = ["check", "root", "--format", "json", "--fail-on", "none"];
    let run = tf_gate(dir.path(), &args, "");
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(run.json()["warnings"], serde_json::json!([]), "{}", run.out);
    let listed = tf_gate(dir.path(), &["policies", "list", "--format", "json"], "").json();
    let policies = listed["policies"].as_array().unwrap();
    let judging = |what: &str| policies.iter().filter(|policy| policy["judges"] == what).count();
    assert!(judging("changes") >= 30);
    assert_eq!(run.json()["summary"]["policies"], judging("configuration"));
    let run = tf_gate(dir.path(), &[&["check", "root"], &only[..]].concat(), "");
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("--plan FILE"), "{}", run.err);
    let listed = tf_gate(
        dir.path(),
        &["policies", "list", "--resource", "aws_s3_bucket"],
        "",
    )
    .out;
    let line = listed.lines().find(|line| line.contains("aws-s3-objects-kept"));
    assert!(line.unwrap().contains("[plans only]"), "{listed}");
    let shown = tf_gate(dir.path(), &["policies", "show", "aws-s3-objects-kept"], "").out;
    assert!(
        shown.contains("what a plan does to aws_lightsail_bucket, aws_s3_bucket"),
        "{shown}"
    );
}

#[test]
fn a_team_tests_its_own_policies_of_changes() {
    let own = "policy \"team-topics\" {\n  title = \"Topics stay\"\n  severity = \"low\"\n  resource = [\"aws_sns_topic\"]\n  why = \
               \"-\"\n  fix = \"-\"\n  condition = !contains(change.actions, \"delete\")\n  pass {\n    before {\n      resource \
               \"aws_sns_topic\" \"t\" {}\n    }\n    after {\n      resource \"aws_sns_topic\" \"t\" {}\n    }\n  }\n  fail {\n    \
               before {\n      resource \"aws_sns_topic\" \"t\" {}\n    }\n  }\n}\n";
    let wrong = own.replace("condition = !", "condition = ");
    let broken = own.replace("change.actions", "change.action");
    let dir = repository(&[
        ("own/topics.hcl", own),
        ("wrong/topics.hcl", &wrong),
        ("broken/topics.hcl", &broken),
    ]);
    let test = |folder: &str| tf_gate(dir.path(), &["policies", "test", folder], "");
    let run = test("own");
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(0), "1 policies, 2 examples: 0 failed\n")
    );
    let run = test("wrong");
    assert_eq!(run.code, Some(1));
    assert!(
        run.out
            .contains("team-topics: pass number 1: aws_sns_topic.t failed"),
        "{}",
        run.out
    );
    let run = test("broken");
    assert_eq!(run.code, Some(2));
    assert!(
        run.err.contains("topics.hcl:7,") && run.err.contains("no attribute \"action\""),
        "{}",
        run.err
    );
}

#[test]
fn reports_go_to_files_and_name_files_from_the_top_of_the_repository() {
    let dir = repository(&[("infra/a/main.tf", DATABASE), ("infra/b/main.tf", DATABASE)]);
    let args = [
        &["check", "a", "b", "--format", "json", "--output", "out.json"][..],
        &[
            "--report",
            "sarif=out.sarif",
            "--report",
            "github=out.txt",
            "--report",
            "html=out.html",
        ],
        &[
            "--report",
            "gitlab=out.gitlab",
            "--report",
            "junit=out.xml",
            "--report",
            "markdown=out.md",
        ],
        &ONLY,
    ]
    .concat();
    let infra = dir.path().join("infra");
    let run = tf_gate(&infra, &args, "");
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert_eq!(run.out, "");
    let read = |name: &str| fs::read_to_string(infra.join(name)).unwrap();
    let json = |name: &str| -> Json { serde_json::from_str(&read(name)).unwrap() };
    let report = json("out.json");
    let files: Vec<&Json> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["file"])
        .collect();
    assert_eq!(files, ["a/main.tf", "b/main.tf"]);
    let sarif = json("out.sarif");
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "infra/a/main.tf");
    assert_eq!(location["region"]["startLine"], 3);
    assert_eq!(json("out.gitlab")[1]["location"]["path"], "infra/b/main.tf");
    assert!(read("out.txt").contains("file=infra/a/main.tf,line=3"));
    assert!(read("out.xml").contains("<testsuites"));
    assert!(
        read("out.html").starts_with("<!DOCTYPE html>") || read("out.html").starts_with("<!doctype html>")
    );
    assert!(read("out.md").contains("aws_db_instance.main"));
}

#[test]
fn sensitive_values_are_in_no_output() {
    // Put together here so that scanners of this repository find nothing.
    let secret = format!("AKIA{}", "Q3EGRZ7TYV5LWMKN");
    let text = format!(
        "variable \"password\" {{\n  sensitive = true\n  default   = \"correct-horse-battery\"\n}}\n\nprovider \"aws\" {{\n  access_key = \
         \"{secret}\"\n  secret_key = \"s3cr3tvalue/Zq8\"\n}}\n\nresource \"aws_db_instance\" \"main\" {{\n  password          = \
         var.password\n  storage_encrypted = false\n}}\n"
    );
    let dir = repository(&[("main.tf", &text)]);
    for format in [
        "text", "json", "markdown", "html", "sarif", "junit", "github", "gitlab",
    ] {
        let run = tf_gate(
            dir.path(),
            &["check", "--all", "--verbose", "--format", format],
            "",
        );
        assert_eq!(run.code, Some(1), "{format}");
        for value in [secret.as_str(), "correct-horse-battery", "s3cr3tvalue"] {
            assert!(
                !run.out.contains(value) && !run.err.contains(value),
                "{value} in {format}"
            );
        }
    }
    let graph = tf_gate(dir.path(), &["graph"], "");
    assert!(!graph.out.contains("correct-horse-battery"), "{}", graph.out);
    let console = tf_gate(dir.path(), &["console"], "var.password\n");
    assert_eq!(console.out, "(sensitive value)\n");
}

#[test]
fn the_console_goes_on_after_an_error() {
    let text = "locals {\n  names = [\"a\", \"b\"]\n}\n\nresource \"aws_s3_bucket\" \"b\" {}\n";
    let dir = repository(&[("main.tf", text)]);
    let input = "upper(local.names[0])\n1 +\nlength(local.names)\naws_s3_bucket.b.arn\n";
    let run = tf_gate(dir.path(), &["console"], input);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines, ["\"A\"", "2", "(known after apply)"]);
    assert!(!run.err.is_empty());
}

#[test]
fn the_graph_has_values_unknowns_secrets_and_edges() {
    let text = "variable \"key\" {\n  sensitive = true\n  default   = \"k\"\n}\n\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \
                \"logs\"\n}\n\nresource \"aws_s3_object\" \"o\" {\n  bucket  = aws_s3_bucket.b.id\n  key     = \"x\"\n  content = \
                var.key\n}\n";
    let dir = repository(&[("main.tf", text)]);
    let run = tf_gate(dir.path(), &["graph", "--format", "json"], "");
    assert_eq!(run.code, Some(0), "{}", run.err);
    let graph = run.json();
    assert_eq!(graph["schema"], "plumbline.graph/1");
    let object = graph["resources"]
        .as_array()
        .unwrap()
        .iter()
        .find(|resource| resource["address"] == "aws_s3_object.o")
        .unwrap();
    assert_eq!(object["mode"], "managed");
    assert_eq!(object["type"], "aws_s3_object");
    assert_eq!(object["provider"], "registry.terraform.io/hashicorp/aws");
    assert_eq!(object["values"]["key"], "x");
    assert_eq!(object["file"], "main.tf");
    assert_eq!(object["lines"], serde_json::json!([10, 14]));
    assert_eq!(object["edges"], serde_json::json!(["aws_s3_bucket.b"]));
    let paths = |name: &str| object[name].as_array().unwrap().clone();
    assert!(paths("unknown").contains(&"bucket".into()), "{object}");
    assert!(paths("sensitive").contains(&"content".into()), "{object}");
    let dot = tf_gate(dir.path(), &["graph", "--format", "dot"], "");
    assert!(dot.out.starts_with("digraph"), "{}", dot.out);
}

#[test]
fn policies_are_listed_shown_and_tested() {
    let own = "policy \"team-tagged\" {\n  title     = \"Buckets have an owner\"\n  severity  = \"low\"\n  resource  = \
               [\"aws_s3_bucket\"]\n  why       = \"Somebody has to be asked.\"\n  fix       = \"Set the tag owner.\"\n  condition = \
               self.tags.owner != null\n\n  pass {\n    resource \"aws_s3_bucket\" \"a\" {\n      tags = { owner = \"x\" }\n    }\n  }\n  \
               fail {\n    resource \"aws_s3_bucket\" \"a\" {}\n  }\n}\n";
    let wrong = own.replace("!= null", "== null");
    let dir = repository(&[
        ("own/tags.hcl", own),
        ("wrong/tags.hcl", &wrong),
        ("main.tf", "resource \"aws_s3_bucket\" \"b\" {}\n"),
    ]);
    let listed = tf_gate(dir.path(), &["policies", "list"], "");
    assert_eq!(listed.code, Some(0));
    assert!(listed.out.contains("aws-rds-storage-encrypted"));
    let shown = tf_gate(dir.path(), &["policies", "show", "CKV_AWS_16"], "");
    assert!(
        shown.out.contains("aws-rds-storage-encrypted") && shown.out.contains("Set storage_encrypted = true")
    );
    assert_eq!(
        tf_gate(dir.path(), &["policies", "show", "no-such"], "").code,
        Some(2)
    );
    assert_eq!(
        tf_gate(dir.path(), &["policies", "test", "own"], "").code,
        Some(0)
    );
    assert_eq!(
        tf_gate(dir.path(), &["policies", "test", "wrong"], "").code,
        Some(1)
    );
    let args = [
        "check",
        "--policy-dir",
        "own",
        "--only",
        "team-tagged",
        "--format",
        "json",
    ];
    let run = tf_gate(dir.path(), &args, "");
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert_eq!(run.json()["findings"][0]["policy"], "team-tagged");
}

#[test]
fn frameworks_are_reported_by_control() {
    let dir = repository(&[("main.tf", DATABASE)]);
    let run = tf_gate(
        dir.path(),
        &["check", "--framework", "soc2", "--format", "json"],
        "",
    );
    let compliance = run.json()["compliance"][0].clone();
    assert_eq!(compliance["framework"], "soc2");
    let controls = compliance["controls"].as_array().unwrap();
    let control = controls
        .iter()
        .find(|control| control["control"] == "CC6.1")
        .unwrap();
    assert!(control["failed"].as_u64().unwrap() >= 1);
    assert_eq!(
        tf_gate(dir.path(), &["check", "--framework", "nonesuch"], "").code,
        Some(2)
    );
}
