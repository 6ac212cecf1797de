//! `tf-envdiff` of three environments of a thousand resources each: alike but for names, sizes and a few mistakes, in one root module
//! each, with modules, `for_each`, policies and prices.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use tabled::builder::Builder;
use tabled::settings::Style;

use super::best;
use crate::shell;

/// What a run may take, in milliseconds.
const LIMIT: f64 = 150.0;
/// Calls of the module: each makes ten resources.
const SERVICES: usize = 100;

const MODULE: &str = r#"variable "name" {
  type = string
}

variable "size" {
  type = number
}

variable "class" {
  type = string
}

variable "days" {
  type = number
}

locals {
  name = "${var.name}-store"
}

resource "aws_kms_key" "this" {
  description         = local.name
  enable_key_rotation = true
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/bench/${local.name}"
  retention_in_days = var.days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_sqs_queue" "this" {
  name              = local.name
  kms_master_key_id = aws_kms_key.this.arn
}

resource "aws_ebs_volume" "this" {
  count             = 2
  availability_zone = "eu-west-1${count.index == 0 ? "a" : "b"}"
  size              = var.size
  encrypted         = true
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_db_instance" "this" {
  identifier        = local.name
  engine            = "postgres"
  instance_class    = var.class
  allocated_storage = var.size
  storage_encrypted = true
  kms_key_id        = aws_kms_key.this.arn
  tags              = { Service = var.name }
}

resource "aws_iam_role" "this" {
  name = local.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "this" {
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage"], Resource = aws_sqs_queue.this.arn }]
  })
}

resource "aws_security_group" "this" {
  name        = local.name
  description = "Of ${local.name}"
}

output "queue" {
  value = aws_sqs_queue.this.arn
}
"#;

/// Writes an environment: sizes rise from one to the next, and a few services have something of their own.
fn environment(root: &Path, at: usize, name: &str) -> Result<usize> {
    fs::create_dir_all(root.join("store"))?;
    fs::write(root.join("store/main.tf"), MODULE)?;
    let mut main = String::from(
        "variable \"environment\" {\n  type = string\n}\n\nvariable \"services\" {\n  type = map(object({ size = number, class = string, days = number }))\n}\n\nprovider \"aws\" {\n  region = \"eu-west-1\"\n}\n",
    );
    main.push_str(
        "\nmodule \"store\" {\n  source   = \"./store\"\n  for_each = var.services\n  name     = \"${var.environment}-${each.key}\"\n  size     = each.value.size\n  class    = each.value.class\n  days     = each.value.days\n}\n",
    );
    fs::write(root.join("main.tf"), main)?;
    let class = ["db.t4g.small", "db.t4g.medium", "db.m7g.large"];
    let mut variables = format!("environment = \"{name}\"\nservices = {{\n");
    for service in 0..SERVICES {
        // One service in ten is not sized as the others are.
        let own = usize::from(service % 10 == at);
        writeln!(
            variables,
            "  service-{service:03} = {{ size = {}, class = \"{}\", days = {} }}",
            20 * (at + 1) + own,
            class.get(at).unwrap_or(&"db.t4g.small"),
            if at == 2 { 365 } else { 30 }
        )?;
    }
    variables.push_str("}\n");
    fs::write(root.join("terraform.tfvars"), variables)?;
    Ok(SERVICES * 10)
}

pub(super) fn run() -> Result<bool> {
    let tf_envdiff = shell::tf_envdiff()?;
    let base = shell::workspace().join("target/bench-envdiff");
    if base.exists() {
        fs::remove_dir_all(&base)?;
    }
    fs::create_dir_all(base.join(".git"))?;
    let names = ["dev", "staging", "prod"];
    let mut resources = 0;
    for (at, name) in names.iter().enumerate() {
        resources = environment(&base.join(name), at, name)?;
    }
    let mut table = Builder::default();
    table.push_record(["layers", "resources", "ms", "MB"]);
    let mut whole = f64::MAX;
    for layers in [
        "",
        "variables,modules,providers,resources,attributes,outputs",
        "policies",
        "cost",
    ] {
        let measured = best(|| {
            let mut command = Command::new(&tf_envdiff);
            command.current_dir(&base).args(names).args(["--format", "json"]);
            if !layers.is_empty() {
                command.args(["--layer", layers]);
            }
            command
        })?;
        ensure!(
            measured.code == Some(1),
            "the environments differ, and tf-envdiff says {:?}: {}",
            measured.code,
            measured.output
        );
        let time = measured.time.as_secs_f64() * 1000.0;
        if layers.is_empty() {
            whole = time;
        }
        table.push_record([
            if layers.is_empty() { "all" } else { layers }.to_owned(),
            format!("3 × {resources}"),
            format!("{time:.0}"),
            (measured.peak / 1024).to_string(),
        ]);
    }
    println!("{}", table.build().with(Style::sharp()));
    println!("at most {LIMIT} ms are meant: {whole:.0}");
    Ok(whole <= LIMIT)
}
