//! Columns: any number of them, in any order, broken and missing ones too; and what their names leave out.

use std::fs;

use serde_json::Value as Json;

use super::{compared, copies, name, names, repository, tf_envdiff, workspace};

#[test]
fn identical_environments_give_an_empty_report_and_0() {
    let repository = repository();
    copies(
        repository.path(),
        "environments",
        &["dev", "staging", "prod"],
        &["data", "services", "cluster"],
    );
    let args = ["environments/dev", "environments/staging", "environments/prod"];
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["differences"], Json::Array(Vec::new()));
    assert_eq!(json["score"], 100.0);
    assert_eq!(json["schema"], "plumbline.envdiff/1");
    assert_eq!(
        json["environments"],
        serde_json::json!(["dev", "staging", "prod"])
    );
    let text = tf_envdiff(repository.path(), &args);
    assert!(
        text.out.contains("no differences. Parity 100.0 %"),
        "{}",
        text.out
    );
}

/// What only names an environment is left out, and counted.
#[test]
fn names_are_no_differences() {
    let repository = repository();
    let folder = copies(repository.path(), "environments", &["dev", "prod"], &["services"]);
    let path = folder.join("dev/services/terraform.tfvars");
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("environment = \"prod\"", "environment = \"dev\""),
        ("\"eu-west-1", "\"eu-central-1"),
        (
            "backup_region              = \"eu-central-1\"",
            "backup_region = \"eu-west-1\"",
        ),
        ("10.30.0.0/16", "10.10.0.0/16"),
        ("services.example.com", "dev.services.example.com"),
        ("Z0123456789EXAMPLE", "Z9876543210EXAMPLE"),
        ("plumbline-prod-access-logs", "plumbline-dev-access-logs"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    fs::write(&path, text).unwrap();
    let args = ["environments/dev", "environments/prod"];
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(json["differences"], Json::Array(Vec::new()), "{json:#}");
    assert_eq!(code, Some(0));
    for category in ["names", "regions", "cidrs", "domains", "ids"] {
        assert!(
            json["left_out"][category].as_u64().is_some_and(|count| count > 0),
            "{category}: {}",
            json["left_out"]
        );
    }
    let (json, _) = compared(repository.path(), &[&args[..], &["--show-left-out"]].concat());
    let shown = json["left_out_details"].as_array().unwrap().len() as u64;
    let counted: u64 = json["left_out"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Json::as_u64)
        .sum();
    assert_eq!(shown, counted);
    // What is kept is compared as it is written.
    let rules = repository.path().join("plumbline.hcl");
    fs::write(&rules, "envdiff {\n  keep = [\"cidrs\"]\n}\n").unwrap();
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(1));
    assert_eq!(
        name(&json["differences"][0]),
        "var.network.cidr_block",
        "{json:#}"
    );
}

#[test]
fn the_order_of_arguments_changes_only_columns() {
    let root = workspace();
    let sorted = |order: [&str; 3]| {
        let args = order.map(|name| format!("environments/{name}"));
        let (json, _) = compared(&root, &[&args[0], &args[1], &args[2]]);
        let mut rows: Vec<String> = json["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|difference| {
                let names: std::collections::BTreeSet<String> = names(difference).into_iter().collect();
                let values: std::collections::BTreeMap<String, String> = difference["values"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.clone(), value.to_string()))
                    .collect();
                format!(
                    "{} {} {names:?} {} {values:?} {} {}",
                    difference["layer"],
                    difference["stack"],
                    difference["verdict"],
                    difference["cause"]["name"],
                    difference["cause"]["file"]
                )
            })
            .collect();
        rows.sort();
        (rows, json["score"].clone(), json["left_out"].clone())
    };
    let first = sorted(["dev", "staging", "prod"]);
    assert!(first.0.len() > 50, "{}", first.0.len());
    for other in [["prod", "staging", "dev"], ["staging", "prod", "dev"]] {
        assert_eq!(sorted(other), first);
    }
}

#[test]
fn our_own_environments_pass() {
    let root = workspace();
    let run = tf_envdiff(
        &root,
        &["environments/dev", "environments/staging", "environments/prod"],
    );
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(!run.out.contains("rule:"), "{}", run.out);
    // One of them alone has nothing to differ from.
    assert_eq!(tf_envdiff(&root, &["environments/dev"]).code, Some(2));
}

#[test]
fn a_broken_environment_is_reported_and_the_others_are_compared() {
    let repository = repository();
    let folder = copies(
        repository.path(),
        "environments",
        &["dev", "staging", "prod"],
        &["services"],
    );
    let path = folder.join("prod/services/terraform.tfvars");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("replicas      = 2", "replicas      = 1")).unwrap();
    let args = ["environments/dev", "environments/staging", "environments/prod"];
    fs::write(folder.join("staging/services/broken.tf"), "locals {\n  a =\n}\n").unwrap();
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(2));
    assert_eq!(json["errors"][0]["environment"], "staging");
    assert_eq!(
        json["errors"][0]["file"],
        "environments/staging/services/broken.tf"
    );
    assert_eq!(json["errors"][0]["lines"][0], 2);
    let first = &json["differences"][0];
    assert_eq!(name(first), "var.cache.replicas");
    assert_eq!(first["values"], serde_json::json!({ "dev": 2, "prod": 1 }));
    // Not there at all.
    fs::remove_dir_all(folder.join("staging")).unwrap();
    let (json, code) = compared(repository.path(), &args);
    assert_eq!(code, Some(2));
    assert!(
        json["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("is not there"),
        "{json:#}"
    );
    assert_eq!(name(&json["differences"][0]), "var.cache.replicas");
    assert_eq!(
        json["environments"],
        serde_json::json!(["dev", "staging", "prod"])
    );
}

#[test]
fn a_stack_that_is_missing_is_one_difference() {
    let repository = repository();
    let folder = copies(
        repository.path(),
        "environments",
        &["dev", "prod"],
        &["services", "data"],
    );
    fs::remove_dir_all(folder.join("dev/data")).unwrap();
    let (json, code) = compared(repository.path(), &["environments/dev", "environments/prod"]);
    assert_eq!(code, Some(1));
    let all = json["differences"].as_array().unwrap();
    // And what it costs.
    let layers: Vec<&Json> = all.iter().map(|row| &row["layer"]).collect();
    assert_eq!(layers, ["resources", "cost"], "{json:#}");
    for row in all {
        assert_eq!(row["verdict"], "missing");
        assert_eq!(row["subject"], "stack data");
    }
}

#[test]
fn secrets_differ_and_are_not_shown() {
    let repository = repository();
    let root = |name: &str, secret: &str, other: &str| {
        let dir = repository.path().join("s").join(name);
        fs::create_dir_all(&dir).unwrap();
        let text = format!(
            "variable \"secret\" {{\n  type      = string\n  sensitive = true\n  default   = \"{secret}\"\n}}\n\nresource \
             \"aws_db_instance\" \"d\" {{\n  password = \"{other}\"\n}}\n\nresource \"terraform_data\" \"d\" {{\n  input = \
             {{ a = var.secret, b = \"{name}\" }}\n}}\n\noutput \"o\" {{\n  value     = var.secret\n  sensitive = true\n}}\n"
        );
        fs::write(dir.join("main.tf"), text).unwrap();
    };
    root("dev", "hunter-one", "pass-one");
    root("prod", "hunter-two", "pass-two");
    for format in ["text", "json", "markdown", "html"] {
        let run = tf_envdiff(
            repository.path(),
            &[
                "s/dev",
                "s/prod",
                "--format",
                format,
                "--all",
                "--verbose",
                "--show-left-out",
            ],
        );
        assert_eq!(run.code, Some(1), "{}", run.err);
        for secret in ["hunter", "pass-one", "pass-two"] {
            assert!(
                !run.out.contains(secret) && !run.err.contains(secret),
                "{format}: {}",
                run.out
            );
        }
        assert!(run.out.contains("sensitive"), "{}", run.out);
    }
    let (json, _) = compared(repository.path(), &["s/dev", "s/prod"]);
    let all: Vec<String> = json["differences"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(names)
        .collect();
    for want in [
        "var.secret",
        "aws_db_instance.d.password",
        "terraform_data.d.input.a",
        "output.o",
    ] {
        assert!(all.iter().any(|name| name == want), "{want}: {all:?}");
    }
    // Equal ones are no difference.
    root("prod", "hunter-one", "pass-one");
    assert_eq!(compared(repository.path(), &["s/dev", "s/prod"]).1, Some(0));
}

/// Two, three and five of them: each has its column in every row, whoever is alone.
#[test]
fn there_may_be_any_number_of_columns() {
    let repository = repository();
    let names = ["a1", "b2", "c3", "d4", "e5"];
    let folder = copies(repository.path(), "environments", &names, &["services"]);
    let path = folder.join("d4/services/terraform.tfvars");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("replicas      = 2", "replicas      = 1")).unwrap();
    let places = names.map(|name| format!("environments/{name}"));
    for chosen in [&[0, 3][..], &[3, 1, 2], &[0, 1, 2, 3, 4], &[4, 3]] {
        let args: Vec<&str> = chosen.iter().map(|at| places[*at].as_str()).collect();
        let (json, code) = compared(repository.path(), &args);
        assert_eq!(code, Some(1));
        let want: Vec<&str> = chosen.iter().map(|at| names[*at]).collect();
        assert_eq!(json["environments"], serde_json::json!(want));
        let first = &json["differences"][0];
        assert_eq!(name(first), "var.cache.replicas", "{json:#}");
        for column in want {
            assert_eq!(
                first["values"][column],
                if column == "d4" { 1 } else { 2 },
                "{first:#}"
            );
        }
        // Whatever stands first, the one that is alone is where one looks.
        if chosen.len() > 2 {
            assert_eq!(
                first["cause"]["file"],
                "environments/d4/services/terraform.tfvars"
            );
        }
    }
    let (json, code) = compared(
        repository.path(),
        &[&places[0], &places[1], &places[2], &places[4]],
    );
    assert_eq!(
        (code, json["differences"].as_array().unwrap().len()),
        (Some(0), 0)
    );
}
