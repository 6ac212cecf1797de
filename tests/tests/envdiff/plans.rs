//! Configurations, plans and states of the same roots.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{compared, name, names, tf_envdiff};

fn terraform(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("terraform")
        .args(args)
        .current_dir(dir)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The same roots as configurations, as plans, as what is shown of states and as state files.
#[test]
fn configurations_plans_and_states_agree() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    let root = |name: &str, size: u32, keys: &str, extra: &str| {
        let root = dir.path().join(name);
        fs::create_dir_all(&root).unwrap();
        let text = format!(
            r#"variable "size" {{
  type    = number
  default = {size}
}}

variable "secret" {{
  type      = string
  sensitive = true
  default   = "hunter-{size}"
}}

resource "terraform_data" "one" {{
  input = {{ size = var.size, name = "app-{name}", same = true, list = [for n in range(2) : {{ n = n * var.size }}] }}
}}

resource "terraform_data" "each" {{
  for_each = toset({keys})
  input    = each.key
}}

resource "terraform_data" "hidden" {{
  input = var.secret
}}

module "inner" {{
  source = "./inner"
  size   = var.size
}}

output "size" {{
  value = var.size * 2
}}
{extra}"#
        );
        fs::write(root.join("main.tf"), text).unwrap();
        fs::create_dir_all(root.join("inner")).unwrap();
        fs::write(
            root.join("inner/main.tf"),
            "variable \"size\" {}\n\nresource \"terraform_data\" \"this\" {\n  count            = var.size > 1 ? 2 : 1\n  \
             triggers_replace = var.size\n}\n",
        )
        .unwrap();
        terraform(&root, &["init", "-input=false", "-no-color"]);
        terraform(&root, &["plan", "-input=false", "-no-color", "-out=p"]);
        fs::write(
            dir.path().join(format!("{name}.plan.json")),
            terraform(&root, &["show", "-json", "p"]),
        )
        .unwrap();
        terraform(&root, &["apply", "-input=false", "-no-color", "p"]);
        fs::write(
            dir.path().join(format!("{name}.state.json")),
            terraform(&root, &["show", "-json"]),
        )
        .unwrap();
        fs::copy(
            root.join("terraform.tfstate"),
            dir.path().join(format!("{name}.tfstate")),
        )
        .unwrap();
    };
    root("dev", 1, "[\"a\", \"b\"]", "");
    root(
        "prod",
        2,
        "[\"a\"]",
        "\nresource \"terraform_data\" \"more\" {\n  input = 1\n}\n",
    );
    let differences = |one: &str, other: &str| {
        let args = [
            format!("dev={one}"),
            format!("prod={other}"),
            "--layer".to_owned(),
            "resources,attributes,outputs".to_owned(),
        ];
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let (json, code) = compared(dir.path(), &args);
        assert_eq!(code, Some(1), "{json:#}");
        assert!(!json.to_string().contains("hunter"), "{json:#}");
        let mut rows: Vec<String> = json["differences"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|difference| {
                let layer = difference["layer"].as_str().unwrap().to_owned();
                let first = format!("{layer} {} {}", name(difference), difference["values"]);
                let covered = difference["covered"].as_array().cloned().unwrap_or_default();
                let rest = covered
                    .into_iter()
                    .map(move |member| format!("{layer} {} {}", name(&member), member["values"]));
                std::iter::once(first).chain(rest)
            })
            .collect();
        rows.sort();
        rows.dedup();
        rows
    };
    let configuration = differences("dev", "prod");
    let want = [
        "attributes module.inner.terraform_data.this[0].triggers_replace",
        "attributes terraform_data.hidden.input",
        "attributes terraform_data.one.input.list[1].n",
        "attributes terraform_data.one.input.size",
        "outputs output.size",
        "resources module.inner.terraform_data.this.count",
        "resources terraform_data.each.for_each",
        "resources terraform_data.more",
    ];
    let found: Vec<&str> = configuration
        .iter()
        .map(|row| row.split(" {").next().unwrap())
        .collect();
    assert_eq!(found, want, "{configuration:#?}");
    for kind in ["plan.json", "state.json", "tfstate"] {
        let rows = differences(&format!("dev.{kind}"), &format!("prod.{kind}"));
        assert_eq!(rows, configuration, "{kind}");
    }
    // Nobody has said where they are written: there are no causes, and that is told.
    let causes = |args: &[&str]| -> Vec<String> {
        let (json, _) = compared(
            dir.path(),
            &[args, &["--layer", "resources,attributes,outputs"]].concat(),
        );
        let rows = json["differences"].as_array().unwrap().iter();
        let mut rows: Vec<String> = rows
            .map(|row| {
                let cause = &row["cause"];
                format!(
                    "{}: {} {} {}",
                    name(row),
                    cause["name"],
                    cause["file"],
                    cause["lines"][0]
                )
            })
            .collect();
        rows.sort();
        rows
    };
    let plans = ["dev=dev.plan.json", "prod=prod.plan.json"];
    let (json, _) = compared(dir.path(), &plans);
    assert_eq!(json["without_causes"], serde_json::json!(["dev", "prod"]));
    assert!(causes(&plans).iter().all(|row| row.ends_with(": null null null")));
    let text = tf_envdiff(dir.path(), &plans).out;
    assert!(
        text.contains("No causes are looked for in dev, prod: give the root modules, --root dev=DIR"),
        "{text}"
    );
    // With that they are those of the configurations, of states too.
    let want = causes(&["dev", "prod"]);
    assert!(
        want.iter()
            .any(|row| row.contains("\"var.size\" \"dev/main.tf\" 3")),
        "{want:?}"
    );
    let roots = ["--root", "dev=dev", "--root", "prod=prod"];
    for kind in ["plan.json", "state.json", "tfstate"] {
        let (one, other) = (format!("dev=dev.{kind}"), format!("prod=prod.{kind}"));
        assert_eq!(
            causes(&[&[one.as_str(), &other], &roots[..]].concat()),
            want,
            "{kind}"
        );
    }
    // A plan was made with values of its own.
    let prod = dir.path().join("prod");
    terraform(
        &prod,
        &["plan", "-input=false", "-no-color", "-out=p", "-var", "size=7"],
    );
    fs::write(
        dir.path().join("other.plan.json"),
        terraform(&prod, &["show", "-json", "p"]),
    )
    .unwrap();
    let other = ["dev=dev.plan.json", "prod=other.plan.json"];
    let (json, _) = compared(dir.path(), &[&other[..], &roots].concat());
    let rows = json["differences"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| names(row).contains(&"terraform_data.one.input.size".to_owned()))
        .unwrap();
    assert_eq!(row["cause"]["name"], "var.size", "{row:#}");
    let variable = rows.iter().find(|row| name(row) == "var.size").unwrap();
    assert_eq!(variable["values"], serde_json::json!({ "dev": 1, "prod": 7 }));
    // Of what was given on the command line a plan has a text; a number is one all the same.
    let (json, _) = compared(
        dir.path(),
        &[
            "prod=prod.plan.json",
            "dev=other.plan.json",
            "--layer",
            "variables",
        ],
    );
    assert_eq!(
        json["differences"][0]["values"],
        serde_json::json!({ "prod": 2, "dev": 7 }),
        "{json:#}"
    );
    // What is no root module cannot be looked into, and no column is guessed.
    for (root, why) in [
        ("dev=nowhere", "nowhere"),
        ("staging=dev", "there is no column staging"),
    ] {
        let run = tf_envdiff(dir.path(), &[&plans[..], &["--root", root]].concat());
        assert_eq!(run.code, Some(2), "{}", run.out);
        assert!(
            format!("{}{}", run.out, run.err).contains(why),
            "{}{}",
            run.out,
            run.err
        );
    }
    // One of each is as good.
    assert_eq!(differences("dev", "prod.plan.json"), configuration);
    assert_eq!(differences("dev.state.json", "prod.tfstate"), configuration);
    assert_eq!(
        compared(dir.path(), &["a=dev.tfstate", "b=dev.tfstate"]).1,
        Some(0)
    );
    fs::write(dir.path().join("no.json"), "{\"a\": 1}").unwrap();
    assert_eq!(compared(dir.path(), &["dev.tfstate", "no.json"]).1, Some(2));
}
