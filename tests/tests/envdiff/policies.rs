//! Policies that fail in some environments only, and failures that somebody has accepted.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::compared;

const POLICY: &str = "aws-sqs-encrypted";

fn queue(dir: &Path, name: &str, encrypted: bool, comment: &str) {
    let root = dir.join(name);
    fs::create_dir_all(&root).unwrap();
    fs::write(
        root.join("main.tf"),
        format!(
            "resource \"aws_sqs_queue\" \"jobs\" {{\n{comment}  name                    = \"jobs\"\n  sqs_managed_sse_enabled = {encrypted}\n}}\n"
        ),
    )
    .unwrap();
}

/// The rows of the layer: values, verdict and note.
fn policies(json: &Json) -> Vec<(String, String, String)> {
    let rows = json["differences"].as_array().unwrap().iter();
    rows.filter(|row| row["layer"] == "policies")
        .map(|row| {
            (
                row["values"].to_string(),
                row["verdict"].as_str().unwrap().to_owned(),
                row["note"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

#[test]
fn what_is_accepted_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let comment = format!("  # tf-gate:ignore {POLICY}: nothing secret is in it\n");
    let values = |dev: &str, prod: &str| format!("{{\"dev\":\"{dev}\",\"prod\":\"{prod}\"}}");
    let waiver = |expires: &str| {
        let text = format!(
            "waiver {{\n  policy  = \"{POLICY}\"\n  address = \"aws_sqs_queue.jobs\"\n  root    = \"dev\"\n  owner   = \"platform\"\n  reason  = \"nothing secret\"\n  expires = \"{expires}\"\n}}\n"
        );
        fs::write(dir.path().join("plumbline.hcl"), text).unwrap();
    };
    let run = || compared(dir.path(), &["dev", "prod", "--layer", "policies"]);
    // Not accepted: it fails in one only.
    queue(dir.path(), "dev", false, "");
    queue(dir.path(), "prod", true, "");
    let (json, code) = run();
    assert_eq!(code, Some(1));
    let rows = policies(&json);
    assert_eq!(rows.len(), 1, "{json:#}");
    assert_eq!(
        (&rows[0].0, rows[0].1.as_str()),
        (&values("failed", "passed"), "unexplained")
    );
    // Its cause is known, though the layer of attributes was not asked for.
    assert_eq!(json["differences"][0]["cause"]["file"], "dev/main.tf", "{json:#}");
    assert_eq!(json["differences"].as_array().unwrap().len(), 1);
    // Accepted by a comment: shown, and nothing to act on.
    queue(dir.path(), "dev", false, &comment);
    let (json, code) = run();
    assert_eq!(code, Some(0), "{json:#}");
    let rows = policies(&json);
    assert_eq!(
        (&rows[0].0, rows[0].1.as_str()),
        (&values("accepted", "passed"), "expected")
    );
    assert!(rows[0].2.contains("comment: nothing secret is in it"), "{rows:?}");
    // Accepted in both: no difference.
    queue(dir.path(), "prod", false, &comment);
    assert_eq!(policies(&run().0), []);
    // Both fail, and one is accepted: the other one is alone in failing.
    queue(dir.path(), "prod", false, "");
    let (json, code) = run();
    assert_eq!(code, Some(1));
    let rows = policies(&json);
    assert_eq!(
        (&rows[0].0, rows[0].1.as_str()),
        (&values("accepted", "failed"), "unexplained")
    );
    // A waiver for one root, as long as it lasts.
    queue(dir.path(), "dev", false, "");
    queue(dir.path(), "prod", true, "");
    waiver("2999-12-31");
    let rows = policies(&run().0);
    assert_eq!(
        (&rows[0].0, rows[0].1.as_str()),
        (&values("accepted", "passed"), "expected")
    );
    assert!(
        rows[0]
            .2
            .contains("waiver: nothing secret (platform), until 2999-12-31"),
        "{rows:?}"
    );
    waiver("2020-12-31");
    let rows = policies(&run().0);
    assert_eq!(
        (&rows[0].0, rows[0].1.as_str()),
        (&values("failed", "passed"), "unexplained")
    );
    // The waiver is about dev, not about prod.
    waiver("2999-12-31");
    queue(dir.path(), "dev", true, "");
    queue(dir.path(), "prod", false, "");
    let rows = policies(&run().0);
    assert_eq!(
        (&rows[0].0, rows[0].1.as_str()),
        (&values("passed", "failed"), "unexplained")
    );
}
