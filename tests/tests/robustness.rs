//! Hostile and broken input: an error with a position, or a bounded answer; never a panic, an abort or a hang.
#![allow(clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn tf_gate(args: &[&str], dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tf-gate"))
        .args(args)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .output()
        .expect("tf-gate starts")
}

/// Judges one file and returns exit code, standard output and standard error.
fn check(name: &str, contents: &[u8]) -> (i32, String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join(name), contents).expect("a file");
    let output = tf_gate(&["check", "--format", "json", "--all", "."], dir.path());
    let code = output
        .status
        .code()
        .unwrap_or_else(|| panic!("killed: {}", String::from_utf8_lossy(&output.stderr)));
    assert!(code <= 2, "exit code {code}");
    (
        code,
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// The errors of a report as `file:line message`.
fn errors(report: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(report).expect("a report");
    json["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| {
            format!(
                "{}:{} {}",
                error["file"].as_str().unwrap_or_default(),
                error["lines"][0],
                error["message"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

/// The file is refused with a position and the code 2.
fn refused(name: &str, contents: &[u8]) {
    let (code, report, _) = check(name, contents);
    let errors = errors(&report);
    assert_eq!(code, 2, "{report}");
    assert!(
        errors
            .iter()
            .any(|error| error.starts_with(&format!("{name}:")) && !error.contains(":0 ")),
        "{errors:?}"
    );
}

/// There is an answer, and the only errors are those of the configuration.
fn answered(name: &str, contents: &[u8]) -> String {
    let (code, report, stderr) = check(name, contents);
    assert!(code == 0 || code == 1, "exit code {code}: {stderr} {report}");
    report
}

#[test]
fn nesting_is_bounded_with_a_position() {
    for (open, inner, close) in [
        ("[", "1", "]"),
        ("(", "1", ")"),
        ("{a=", "1", "}"),
        ("f(", "1", ")"),
        ("\"${", "1", "}\""),
        ("!", "true", ""),
    ] {
        let text = format!(
            "locals {{\n  a = {}{inner}{}\n}}\n",
            open.repeat(5_000),
            close.repeat(5_000)
        );
        refused("main.tf", text.as_bytes());
    }
    let blocks = format!("{}{}", "a {\n".repeat(5_000), "}\n".repeat(5_000));
    refused("main.tf", blocks.as_bytes());
    let json = format!(
        "{{\"locals\": {{\"a\": {}1{}}}}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    refused("main.tf.json", json.as_bytes());
}

#[test]
fn long_chains_of_operators_have_an_answer() {
    let sum = format!("locals {{\n  a = {}1\n}}\n", "1 + ".repeat(5_000));
    let conditions = format!("locals {{\n  a = {}1\n}}\n", "false ? 1 : ".repeat(3_000));
    for text in [sum, conditions] {
        let (_, report, _) = check("main.tf", text.as_bytes());
        assert!(report.contains("plumbline.check/1"));
    }
}

#[test]
fn cycles_are_reported() {
    refused("main.tf", b"locals {\n  a = local.b\n  b = local.a\n}\n");
    refused(
        "main.tf",
        b"resource \"terraform_data\" \"a\" {\n  input = terraform_data.a.input\n}\n",
    );
    let chain: String = (0..3_000)
        .map(|at| format!("  a{at} = local.a{}\n", at + 1))
        .collect();
    answered(
        "main.tf",
        format!("locals {{\n{chain}  a3000 = 1\n}}\n").as_bytes(),
    );
}

#[test]
fn modules_that_call_themselves_end() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(
        dir.path().join("main.tf"),
        "module \"self\" {\n  source = \"./\"\n}\n",
    )
    .expect("a file");
    let output = tf_gate(&["check", "--format", "json", "."], dir.path());
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    fs::create_dir_all(&a)
        .and_then(|()| fs::create_dir_all(&b))
        .expect("folders");
    fs::remove_file(dir.path().join("main.tf")).expect("gone");
    fs::write(a.join("main.tf"), "module \"b\" {\n  source = \"../b\"\n}\n").expect("a file");
    fs::write(b.join("main.tf"), "module \"a\" {\n  source = \"../a\"\n}\n").expect("a file");
    let output = tf_gate(&["check", "--format", "json", "."], dir.path());
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn bombs_are_defused() {
    let doubling: String = (1..=100)
        .map(|at| format!("  a{at} = [local.a{0}, local.a{0}]\n", at - 1))
        .collect();
    let strings: String = (1..=60)
        .map(|at| format!("  s{at} = \"${{local.s{0}}}${{local.s{0}}}\"\n", at - 1))
        .collect();
    for text in [
        "locals {\n  a = range(1000000)\n}\n".to_owned(),
        "locals {\n  r = range(1000)\n  a = setproduct(local.r, local.r, local.r, local.r)\n}\n".to_owned(),
        format!("locals {{\n  a0 = [1]\n{doubling}  out = jsonencode(local.a100)\n}}\n"),
        format!("locals {{\n  s0 = \"xxxxxxxxxxxxxxxx\"\n{strings}}}\n"),
        "locals {\n  r = range(1000)\n  a = [for a in local.r : [for b in local.r : [for c in local.r : c if false]]]\n}\n".to_owned(),
        "locals {\n  a = format(\"%1000000000d\", 1)\n}\n".to_owned(),
        "locals {\n  a = 1e999999999999\n}\n".to_owned(),
        "resource \"aws_instance\" \"a\" {\n  count = 1000000000\n}\n".to_owned(),
    ] {
        let (_, report, stderr) = check("main.tf", text.as_bytes());
        assert!(report.contains("plumbline.check/1"), "{text}: {stderr}");
    }
}

#[test]
fn encodings_are_read_or_refused() {
    answered("main.tf", "\u{feff}locals {\r\n  a = \"ü\"\r\n}\r\n".as_bytes());
    refused("main.tf", b"locals {\n  a = \"\xe4\"\n}\n");
    answered("main.tf", b"locals {\n  a = { x = 1, x = 2 }\n}\n");
    refused("main.tf", b"locals {\n  a = \"unterminated\n}\n");
    refused("main.tf", b"\0\0\0");
    answered("main.tf", b"");
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_out_of_the_repository_are_not_followed() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().join("repo");
    fs::create_dir_all(root.join(".git")).expect("a folder");
    fs::write(dir.path().join("secret.txt"), "outside").expect("a file");
    symlink(&root, root.join("again")).expect("a link");
    symlink("loop", root.join("loop")).expect("a link");
    symlink(dir.path().join("secret.txt"), root.join("linked.txt")).expect("a link");
    let text = "locals {\n  a = file(\"../secret.txt\")\n  b = file(\"linked.txt\")\n  c = try(file(\"loop\"), \"\")\n}\noutput \"o\" {\n  value = [local.a, local.b]\n}\n";
    fs::write(root.join("main.tf"), text).expect("a file");
    let output = tf_gate(&["graph", "."], &root);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("outside"));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("main.tf:2"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_file_of_fifty_megabytes_has_an_answer() {
    let line = "resource \"terraform_data\" \"a\" {\n  input = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n}\n";
    let text = format!("# {}\n{line}", "x".repeat(50 << 20));
    let (_, report, stderr) = check("main.tf", text.as_bytes());
    assert!(report.contains("plumbline.check/1"), "{stderr}");
}

#[test]
fn plans_that_are_none_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let deep = format!(
        "{{\"format_version\":\"1.2\",\"resource_changes\":{}{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    for text in [
        "",
        "{",
        "[]",
        "{\"format_version\":\"9.0\"}",
        "{\"format_version\":\"1.2\",\"resource_changes\":[{}]}",
        deep.as_str(),
    ] {
        fs::write(dir.path().join("plan.json"), text).expect("a file");
        let output = tf_gate(&["check", "--plan", "plan.json"], dir.path());
        assert_eq!(output.status.code(), Some(2), "{text:.60}");
        assert!(
            String::from_utf8_lossy(&output.stderr).starts_with("error: "),
            "{text:.60}"
        );
    }
}

#[test]
fn secrets_do_not_reach_a_report() {
    let dir = tempfile::tempdir().expect("a folder");
    let secret = format!("hunter2{}", "hunter2hunter2");
    let text = format!(
        "variable \"p\" {{\n  default   = \"{secret}\"\n  sensitive = true\n}}\nresource \"aws_db_instance\" \"a\" {{\n  password = var.p\n  \
         engine   = \"postgres-${{var.p}}\"\n}}\nresource \"aws_lambda_function\" \"f\" {{\n  function_name = \"f\"\n  role = \"r\"\n  environment {{\n    \
         variables = {{\n      DB_PASSWORD = \"{secret}\"\n      URL = \"postgres://u:{secret}@h/x\"\n    }}\n  }}\n}}\n"
    );
    fs::write(dir.path().join("main.tf"), text).expect("a file");
    for format in [
        "text", "json", "sarif", "junit", "markdown", "html", "github", "gitlab",
    ] {
        let output = tf_gate(
            &["check", "--all", "--verbose", "--format", format, "."],
            dir.path(),
        );
        let all = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!all.contains(&secret), "{format} shows the secret");
        assert!(all.contains("aws_lambda_function"), "{format}: {all}");
    }
    let output = tf_gate(&["graph", "."], dir.path());
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("\"sensitive\""));
    assert!(!shown.contains(&format!("postgres-{secret}")));
}
