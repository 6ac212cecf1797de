//! `tf-drift scan --unmanaged`: what exists in an emulated account and is in the state of no root.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod emulator;
mod terraform;
mod workshop;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use emulator::REGION;
use serde_json::{Value as Json, json};
use terraform::{Arguments, Terraform};
use workshop::{BUCKET, Ended, Workshop};

const QUEUE: &str = r#"
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"#;

fn drift(workshop: &Workshop, args: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tf-drift"));
    command
        .args(args)
        .current_dir(workshop.path())
        .envs(workshop.account())
        .env_remove("CI")
        .env_remove("TF_WORKSPACE");
    Ended::of(command.output().unwrap())
}

fn entry(out: &str) -> Json {
    let document: Json = serde_json::from_str(out).unwrap();
    let roots = document["roots"].as_array().unwrap();
    let entry = roots.iter().find(|root| root["root"] == "(unmanaged)");
    entry.unwrap().clone()
}

#[test]
fn what_is_in_no_state_is_reported_with_the_way_into_one() {
    let workshop = Workshop::with(&[]);
    workshop.root("dev", QUEUE);
    let program = Terraform::find().unwrap();
    let arguments = Arguments {
        environment: workshop.account(),
        plan: Vec::new(),
    };
    let root = workshop.path().join("environments/dev");
    let terraform = |args: &[&str]| {
        let ended = program.command(&root, &arguments).args(args).output().unwrap();
        let error = String::from_utf8_lossy(&ended.stderr).into_owned();
        (
            ended.status.success(),
            String::from_utf8_lossy(&ended.stdout).into_owned() + &error,
        )
    };
    for args in [
        &["init", "-input=false"][..],
        &["apply", "-auto-approve", "-input=false"],
    ] {
        let (good, said) = terraform(args);
        assert!(good, "{said}");
    }
    workshop.boto(
        "sqs = boto3.client('sqs')\nfor name in ['loose', 'tried', 'known']:\n  sqs.create_queue(QueueName=name)\n\
         boto3.client('iam').create_role(RoleName='stranger', AssumeRolePolicyDocument='{}')",
    );
    workshop.write(
        "plumbline.hcl",
        "drift {\n  ignore \"aws_sqs_queue.known\" {\n    reason = \"Another team's.\"\n  }\n}\n",
    );
    workshop.write(".driftignore", "aws_sqs_queue.*tried\n");
    let before = workshop.objects();
    let scan = [
        "scan",
        "environments/dev",
        "--no-init",
        "--unmanaged",
        "--import",
        "import.tf",
        "--history",
        "history",
        "--show-ignored",
        "--format",
        "json",
    ];
    let ended = drift(&workshop, &scan).with(1);
    let found = entry(&ended.out);
    assert_eq!(found["status"], "drifted", "{}", found);
    let addresses: Vec<&str> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["address"].as_str().unwrap())
        .collect();
    assert_eq!(
        addresses,
        [
            "aws_iam_role.stranger",
            "aws_s3_bucket.workshop_states",
            "aws_sqs_queue.loose"
        ]
    );
    for finding in found["findings"].as_array().unwrap() {
        assert_eq!(
            (&finding["class"], &finding["state"]),
            (&json!("unmanaged"), &json!("new"))
        );
    }
    // Each thing that is left out has its reason.
    let ignored = found["ignored_changes"].as_array().unwrap();
    let because = |reason: &str| {
        let of = ignored.iter().filter(|ignored| ignored["reason"] == reason);
        of.map(|ignored| ignored["address"].as_str().unwrap().to_owned())
            .collect::<Vec<String>>()
    };
    assert_eq!(because("rule"), ["aws_sqs_queue.known"]);
    assert_eq!(because("driftignore"), ["aws_sqs_queue.tried"]);
    let expected = because("not-expected");
    assert!(
        expected.iter().any(|what| what.starts_with("aws_vpc vpc-")),
        "{expected:?}"
    );
    assert_eq!(found["ignored"], ignored.len());
    // The queue and the role of the root, of them and five others.
    let total = &found["coverage"]["total"];
    assert_eq!(
        (&total["managed"], &total["unmanaged"]),
        (&json!(2), &json!(5)),
        "{total}"
    );
    assert_eq!(total["percent"], 28.6);

    // Terraform takes the blocks.
    let blocks = fs::read_to_string(workshop.path().join("import.tf")).unwrap();
    assert!(blocks.contains("to = aws_sqs_queue.loose"), "{blocks}");
    assert!(!blocks.contains("known"), "{blocks}");
    fs::write(root.join("import.tf"), &blocks).unwrap();
    let (_, said) = terraform(&[
        "plan",
        "-input=false",
        "-no-color",
        "-lock=false",
        "-generate-config-out=generated.tf",
    ]);
    // What the emulator says of a bucket is no whole configuration; that the bucket is found is what matters.
    for address in &addresses {
        assert!(
            said.contains(&format!("{address}: Preparing import")),
            "{address}: {said}"
        );
    }
    assert!(!said.contains("Cannot import"), "{said}");
    fs::remove_file(root.join("import.tf")).unwrap();
    let _ = fs::remove_file(root.join("generated.tf"));
    assert_eq!(workshop.objects(), before);

    // The next scan knows them; what was deleted is resolved.
    workshop.boto("sqs = boto3.client('sqs')\nsqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName='loose')['QueueUrl'])");
    let again = entry(&drift(&workshop, &scan).with(1).out);
    let states: Vec<&Json> = again["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["state"])
        .collect();
    assert_eq!(states, ["ongoing", "ongoing"]);
    assert_eq!(again["resolved"][0]["address"], "aws_sqs_queue.loose");

    // Where a root cannot be read, nobody knows what is in its state.
    workshop.write(
        "environments/dev/more.tf",
        "output \"x\" {\n  value = missing.thing\n}\n",
    );
    let broken = entry(&drift(&workshop, &scan).with(2).out);
    assert_eq!(broken["status"], "failed");
    assert!(
        broken["error"]
            .as_str()
            .unwrap()
            .contains("1 roots could not be read"),
        "{broken}"
    );
    for args in [&["--shard", "1/2"][..], &["--resume"]] {
        let both = [&scan[..], args].concat();
        let refused = drift(&workshop, &both).with(2);
        assert!(
            refused.err.contains("--unmanaged needs the states of all roots"),
            "{}",
            refused.err
        );
    }
}

/// A state that real Terraform wrote, of the root that the table of changes has, through the S3 backend; and two of each kind beside it
/// that somebody else made.
#[test]
fn what_terraform_made_is_managed_and_what_somebody_else_made_is_not() {
    let workshop = Workshop::with(&[]);
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("drift/table/main.tf");
    let dir = workshop.path().join("environments/shop");
    fs::create_dir_all(&dir).unwrap();
    fs::copy(main, dir.join("main.tf")).unwrap();
    workshop.write(
        "environments/shop/backend.tf",
        &format!(
            "terraform {{\n  backend \"s3\" {{\n    bucket                      = \"{BUCKET}\"\n    key                         = \
             \"shop/terraform.tfstate\"\n    region                      = \"{REGION}\"\n    use_path_style              = true\n    \
             skip_credentials_validation = true\n    skip_metadata_api_check     = true\n    skip_requesting_account_id  = true\n  }}\n}}\n"
        ),
    );
    let program = Terraform::find().unwrap();
    let arguments = Arguments {
        environment: workshop.account(),
        plan: Vec::new(),
    };
    let terraform = |args: &[&str]| {
        let ended = program.command(&dir, &arguments).args(args).output().unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        (
            ended.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    for args in [
        &["init", "-input=false"][..],
        &["apply", "-auto-approve", "-input=false"],
    ] {
        let (good, said) = terraform(args);
        assert!(good, "{said}");
    }
    let made = workshop.boto(&format!(
        "REGION = '{REGION}'\ndef client(name, region=REGION):\n  return boto3.client(name, region)\n{}",
        include_str!("inventory/plant.py")
    ));
    // Names of types that are other names of one are listed as one. The bucket with the states is in no state either.
    let mut planted: BTreeSet<(String, String)> = made
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one[0].as_str().unwrap().replace("aws_alb", "aws_lb"),
                one[1].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    planted.insert(("aws_s3_bucket".to_owned(), BUCKET.to_owned()));
    let before = workshop.objects();
    let args = [
        "scan",
        "--state",
        &format!("s3://{BUCKET}"),
        "--no-init",
        "--unmanaged",
        "--import",
        "import.tf",
        "--format",
        "json",
    ];
    let found = entry(&drift(&workshop, &args).with(1).out);
    assert_eq!(found["status"], "drifted", "{}", found["error"]);
    let findings = found["findings"].as_array().unwrap();
    let listed: BTreeSet<(String, String)> = findings
        .iter()
        .map(|finding| {
            let text = |json: &Json| json.as_str().unwrap().to_owned();
            (text(&finding["type"]), text(&finding["resource"]["id"]))
        })
        .collect();
    let strangers: Vec<&(String, String)> = listed.difference(&planted).collect();
    assert!(
        strangers.is_empty(),
        "managed or not expected, and listed: {strangers:?}"
    );
    let missed: Vec<&(String, String)> = planted.difference(&listed).collect();
    assert!(missed.is_empty(), "{missed:?}");
    // At least fifteen kinds are managed, and known to be.
    let by_type = found["coverage"]["by_type"].as_object().unwrap();
    let managed = by_type
        .values()
        .filter(|count| count["managed"].as_u64().unwrap() > 0);
    assert!(managed.count() >= 15, "{by_type:?}");
    assert_eq!(workshop.objects(), before);

    // Terraform finds every one of them by its block.
    let blocks = fs::read_to_string(workshop.path().join("import.tf")).unwrap();
    assert_eq!(blocks.matches("import {").count(), findings.len());
    fs::write(dir.join("import.tf"), &blocks).unwrap();
    let (_, said) = terraform(&[
        "plan",
        "-input=false",
        "-no-color",
        "-lock=false",
        "-generate-config-out=generated.tf",
    ]);
    for finding in findings {
        let address = finding["address"].as_str().unwrap();
        assert!(
            said.contains(&format!("{address}: Preparing import")),
            "{address}: {said}"
        );
    }
    assert!(!said.contains("Cannot import"), "{said}");
    assert!(!said.contains("Invalid import"), "{said}");
}
