//! The formats of reports.

use std::fs;

use serde_json::Value as Json;

use super::{compared, tf_envdiff, workspace};

#[test]
fn every_format_can_be_read() {
    let root = workspace();
    let args = ["environments/dev", "environments/prod"];
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("plumbline.hcl");
    fs::write(&empty, "").unwrap();
    let settings = ["--settings", empty.to_str().unwrap()];
    let run = |more: &[&str]| tf_envdiff(&root, &[&args[..], &settings[..], more].concat());
    let text = run(&["--color", "never"]);
    assert_eq!(text.code, Some(1));
    // No line is wider than a terminal, and no column is cut.
    for line in text
        .out
        .lines()
        .filter(|line| line.starts_with(['│', '╭', '├', '╰']))
    {
        assert!(line.chars().count() <= 120, "{line}");
    }
    assert!(text.out.contains("var.database.multi_az"), "{}", text.out);
    let quiet = run(&["--quiet"]);
    assert!(
        quiet.out.lines().any(|line| line.starts_with("environments/")
            && line.contains("unexplained services var.database.multi_az: dev=false prod=true")),
        "{}",
        quiet.out
    );
    let markdown = run(&["--format", "markdown"]);
    assert!(markdown.out.len() < 65_536);
    let columns: std::collections::BTreeSet<usize> = markdown
        .out
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.replace("\\|", "").matches('|').count())
        .collect();
    assert_eq!(columns.len(), 1, "every row has as many cells: {columns:?}");
    let html = run(&["--format", "html"]);
    for part in [
        "Content-Security-Policy",
        "id=\"matrix\"",
        "data-verdict=\"unexplained\"",
        "prefers-color-scheme",
    ] {
        assert!(html.out.contains(part), "{part}");
    }
    assert!(
        !html.out.contains("http://") && !html.out.contains("src="),
        "nothing is loaded from elsewhere"
    );
    let file = dir.path().join("out.json");
    let report = format!("json={}", file.to_str().unwrap());
    assert_eq!(run(&["--report", &report]).code, Some(1));
    let json: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(json["tool"], "tf-envdiff");
    // One layer alone.
    let (json, _) = compared(
        &root,
        &[&args[..], &settings[..], &["--layer", "outputs"]].concat(),
    );
    let layers: std::collections::BTreeSet<&str> = json["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|difference| difference["layer"].as_str())
        .collect();
    assert_eq!(layers.into_iter().collect::<Vec<_>>(), ["outputs"]);
    let twice = [run(&["--format", "json"]), run(&["--format", "json"])];
    assert_eq!(twice[0].out, twice[1].out, "same input, same bytes");
    assert_eq!(run(&["--layer", "costs"]).code, Some(2));
}
