//! Values that are known only after apply: equal where in each environment they wait for the same thing, different where not.

use std::fs;

use serde_json::Value as Json;

use super::{compared, names, tf_envdiff};

const ROOT: &str = r#"resource "aws_kms_key" "one" {}

resource "aws_kms_key" "two" {}

resource "terraform_data" "d" {
  input = VALUE
}
"#;

#[test]
fn what_waits_for_the_same_thing_is_equal() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let differences = |dev: &str, prod: &str| -> (Vec<String>, Json) {
        for (name, value) in [("dev", dev), ("prod", prod)] {
            let root = dir.path().join(name);
            fs::create_dir_all(&root).unwrap();
            fs::write(root.join("main.tf"), ROOT.replace("VALUE", value)).unwrap();
        }
        let (json, _) = compared(dir.path(), &["dev", "prod"]);
        assert_eq!(json["errors"], Json::Array(Vec::new()));
        let rows = json["differences"].as_array().unwrap();
        (rows.iter().flat_map(names).collect(), json)
    };
    for (dev, prod, differs) in [
        ("aws_kms_key.one.arn", "aws_kms_key.one.arn", false),
        (
            "\"a-${aws_kms_key.one.arn}\"",
            "\"a-${aws_kms_key.one.arn}\"",
            false,
        ),
        // Another resource, another attribute, another text around it, something made of it, something known.
        ("aws_kms_key.one.arn", "aws_kms_key.two.arn", true),
        ("aws_kms_key.one.arn", "aws_kms_key.one.key_id", true),
        (
            "\"a-${aws_kms_key.one.arn}\"",
            "\"b-${aws_kms_key.one.arn}\"",
            true,
        ),
        ("aws_kms_key.one.arn", "upper(aws_kms_key.one.arn)", true),
        ("aws_kms_key.one.arn", "\"a\"", true),
        ("aws_kms_key.one.arn", "null", true),
        (
            "[aws_kms_key.one.arn]",
            "[aws_kms_key.one.arn, aws_kms_key.two.arn]",
            true,
        ),
        // Around the same unknown, what only names the environment.
        (
            "\"dev-${aws_kms_key.one.arn}\"",
            "\"prod-${aws_kms_key.one.arn}\"",
            false,
        ),
    ] {
        let (found, json) = differences(dev, prod);
        assert_eq!(!found.is_empty(), differs, "{dev} {prod}: {json:#}");
        assert!(
            found.iter().all(|name| name.starts_with("terraform_data.d.")),
            "{found:?}"
        );
        // It is said how much was taken as equal.
        let equal = json["equal_after_apply"].as_u64().unwrap();
        assert_eq!(equal > 0, !differs, "{dev} {prod}: {json:#}");
    }
    differences("aws_kms_key.one.arn", "aws_kms_key.one.arn");
    let text = tf_envdiff(dir.path(), &["dev", "prod"]).out;
    assert!(text.contains("1 value is known only after apply"), "{text}");
    // What it waits for is said, where that is what differs.
    let (_, json) = differences("aws_kms_key.one.arn", "upper(aws_kms_key.two.arn)");
    assert_eq!(
        json["differences"][0]["values"],
        serde_json::json!({
            "dev": "(known after apply: aws_kms_key.one.arn)",
            "prod": "(known after apply: made of aws_kms_key.two.arn)",
        })
    );
}
