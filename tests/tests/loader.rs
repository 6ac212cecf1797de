//! Which files and which modules are read.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tf_lang::Value;
use tf_model::{Graph, Options, Project};

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

/// The graph of one folder of a repository as a root module.
fn graph(repository: &TempDir, root: &str) -> Graph {
    graph_of(&repository.path().join(root))
}

fn graph_of(root: &Path) -> Graph {
    tf_model::config::thread_pool().unwrap().install(|| {
        let project = Project::load_root(root, &Options::default()).unwrap();
        project.graph(&project.roots()[0])
    })
}

fn output<'g>(graph: &'g Graph, name: &str) -> &'g Value {
    graph
        .outputs
        .get(name)
        .unwrap_or_else(|| panic!("no {name} in {:?}", graph.outputs))
}

fn text<'g>(graph: &'g Graph, name: &str) -> &'g str {
    output(graph, name).as_str().unwrap_or_default()
}

fn addresses(graph: &Graph) -> Vec<&str> {
    graph.resources.iter().map(|resource| &*resource.text).collect()
}

fn errors(graph: &Graph) -> Vec<&str> {
    let problems = graph.problems.iter().map(|problem| &problem.diagnostic);
    problems
        .filter(|problem| problem.is_error())
        .map(|problem| &*problem.summary)
        .collect()
}

#[test]
fn files_of_opentofu_take_the_place_of_those_of_their_names() {
    let dir = repository(&[
        // One of each syntax that is shadowed, and one of each that stands for itself.
        ("main.tf", "output \"main\" { value = \"terraform\" }"),
        ("main.tofu", "output \"main\" { value = \"opentofu\" }"),
        ("json.tf.json", r#"{"output": {"json": {"value": "terraform"}}}"#),
        ("json.tofu.json", r#"{"output": {"json": {"value": "opentofu"}}}"#),
        // Names that differ in the syntax are no pair.
        ("mixed.tf", "output \"native\" { value = \"terraform\" }"),
        (
            "mixed.tofu.json",
            r#"{"output": {"mixed": {"value": "opentofu"}}}"#,
        ),
        ("extra.tofu", "output \"extra\" { value = \"opentofu\" }"),
        (
            "extra_override.tofu",
            "output \"extra\" { value = \"overridden\" }",
        ),
    ]);
    let graph = graph(&dir, ".");
    assert_eq!(errors(&graph), [""; 0]);
    let outputs = ["extra", "json", "main", "mixed", "native"].map(|name| text(&graph, name));
    assert_eq!(
        outputs,
        ["overridden", "opentofu", "opentofu", "opentofu", "terraform"]
    );
}

const MANIFEST: &str = r#"{"Modules": [
    {"Key": "", "Source": "", "Dir": "."},
    {"Key": "vpc", "Source": "registry.terraform.io/terraform-aws-modules/vpc/aws", "Version": "5.8.1", "Dir": ".terraform/modules/vpc"},
    {"Key": "vpc.endpoints", "Source": "./modules/endpoints", "Dir": ".terraform/modules/vpc/modules/endpoints"},
    {"Key": "label", "Source": "git::https://example.com/labels.git?ref=v1", "Dir": ".terraform/modules/label/label"},
    {"Key": "label.context", "Source": "registry.terraform.io/example/context/null", "Version": "1.0.0", "Dir": ".terraform/modules/label.context"}
]}"#;

#[test]
fn modules_that_init_installed_are_read() {
    let dir = repository(&[
        (
            "live/main.tf",
            r#"
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"
  name    = module.label.id
}

module "label" {
  source = "git::https://example.com/labels.git//label?ref=v1"
}

output "id" {
  value = module.label.id
}

output "endpoints" {
  value = module.vpc.endpoints
}
"#,
        ),
        ("live/.terraform/modules/modules.json", MANIFEST),
        (
            "live/.terraform/modules/vpc/main.tf",
            r#"
variable "name" {
  type = string
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = var.name }
}

module "endpoints" {
  source = "./modules/endpoints"
  name   = "${var.name}-endpoints"
}

output "endpoints" {
  value = module.endpoints.name
}
"#,
        ),
        (
            "live/.terraform/modules/vpc/modules/endpoints/main.tf",
            "variable \"name\" {}\noutput \"name\" { value = var.name }\n",
        ),
        (
            "live/.terraform/modules/label/label/main.tf",
            "module \"context\" { source = \"example/context/null\" }\noutput \"id\" { value = \"app-${module.context.stage}\" }\n",
        ),
        (
            "live/.terraform/modules/label.context/main.tf",
            "output \"stage\" { value = \"dev\" }\n",
        ),
    ]);
    let graph = graph(&dir, "live");
    assert_eq!(errors(&graph), [""; 0]);
    assert_eq!(text(&graph, "id"), "app-dev");
    assert_eq!(text(&graph, "endpoints"), "app-dev-endpoints");
    assert_eq!(addresses(&graph), ["module.vpc.aws_vpc.this"]);
    // They are nobody's roots: only what calls them is judged.
    let project = tf_model::config::thread_pool()
        .unwrap()
        .install(|| Project::load(dir.path(), &Options::default()).unwrap());
    let roots: Vec<_> = project
        .roots()
        .iter()
        .filter_map(|root| root.file_name())
        .collect();
    assert_eq!(roots, ["live"]);
}

#[test]
fn modules_beside_the_root_are_read_within_the_repository() {
    let module = "variable \"name\" {}\nresource \"aws_sqs_queue\" \"this\" { name = var.name }\noutput \"name\" { value = aws_sqs_queue.this.name }\n";
    let root = "module \"queue\" {\n  source = \"../../modules/queue\"\n  name = \"orders\"\n}\noutput \"name\" { value = module.queue.name }\n";
    let dir = repository(&[
        ("live/dev/main.tf", root),
        ("modules/queue/main.tf", module),
        (
            "nested/live/main.tf",
            "module \"queue\" {\n  source = \"../../../outside\"\n}\n",
        ),
    ]);
    let graph_within = graph(&dir, "live/dev");
    assert_eq!(errors(&graph_within), [""; 0]);
    assert_eq!(text(&graph_within, "name"), "orders");
    assert_eq!(addresses(&graph_within), ["module.queue.aws_sqs_queue.this"]);
    let graph_beyond = graph(&dir, "nested/live");
    assert_eq!(errors(&graph_beyond), ["Unreadable module directory"]);
    let detail = &graph_beyond.problems[0].diagnostic.detail;
    assert!(detail.contains("leads out of the repository"), "{detail}");
}

#[test]
fn a_module_that_is_not_there_is_reported_and_its_outputs_are_unknown() {
    let dir = repository(&[(
        "main.tf",
        r#"
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"
}

module "here" {
  source = "./modules/here"
}

resource "aws_security_group" "app" {
  vpc_id = module.vpc.vpc_id
}

output "subnets" {
  value = [for subnet in module.vpc.private_subnets : subnet]
}
"#,
    )]);
    let graph = graph(&dir, ".");
    assert_eq!(
        errors(&graph),
        ["Module not installed", "Unreadable module directory"]
    );
    let reasons = output(&graph, "subnets").reasons();
    assert_eq!(reasons[0].to_string(), "module.vpc: the module is not installed");
    let group = &graph.resources[0];
    assert_eq!(&*group.text, "aws_security_group.app");
    assert!(!group.values.get("vpc_id").unwrap().is_known());
}

#[test]
fn attributes_beyond_the_schema_are_unknown_however_they_are_read() {
    let dir = repository(&[
        (
            "main.tf",
            r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

# A type and an attribute of a newer provider, and a type of another one.
resource "aws_not_in_our_schema" "many" {
  for_each = toset(["a", "b"])
  name     = each.key
}

resource "aws_s3_bucket" "data" {
  bucket           = "data"
  bucket_namespace = "account-regional"
}

resource "example_thing" "one" {
  name = "thing"
}

locals {
  bucket = aws_s3_bucket.data
}

module "passed" {
  source = "./modules/passed"
  bucket = aws_s3_bucket.data
  things = aws_not_in_our_schema.many
}

output "unknown" {
  value = {
    loop   = [for key, one in aws_not_in_our_schema.many : one.index_arn][0]
    splat  = values(aws_not_in_our_schema.many)[*].index_arn
    direct = aws_not_in_our_schema.many["a"].index_arn
    index  = local.bucket["bucket_region_name"]
    local  = local.bucket.bucket_region_name
    nested = aws_s3_bucket.data.versioning[0].later
    whole  = keys(example_thing.one)
    module = module.passed.region
    things = module.passed.things["a"]
  }
}

output "known" {
  value = [
    aws_s3_bucket.data.bucket_namespace,
    [for one in aws_not_in_our_schema.many : one.name][1],
    example_thing.one.name,
  ]
}
"#,
        ),
        (
            "modules/passed/main.tf",
            r#"
variable "bucket" {}
variable "things" {}

output "region" {
  value = var.bucket.bucket_region_name
}

output "things" {
  value = { for key, thing in var.things : key => thing.created }
}
"#,
        ),
    ]);
    let graph = graph(&dir, ".");
    let said: Vec<String> = graph
        .problems
        .iter()
        .map(|problem| problem.diagnostic.to_string())
        .collect();
    assert_eq!(said, [""; 0]);
    let unknown = output(&graph, "unknown").as_entries().unwrap();
    assert_eq!(unknown.len(), 9);
    for (name, value) in unknown.iter() {
        assert!(!value.is_wholly_known(), "{name} is {value:?}");
    }
    let known = output(&graph, "known").as_items().unwrap();
    let known: Vec<_> = known.iter().filter_map(Value::as_str).collect();
    assert_eq!(known, ["account-regional", "b", "thing"]);
}

#[test]
fn an_output_may_be_sensitive_where_only_a_module_has_it() {
    let module = "variable \"password\" { sensitive = true }\noutput \"password\" { value = var.password }\n";
    let root = "module \"inner\" {\n  source = \"./inner\"\n  password = \"not-a-real-password\"\n}\n\
                output \"password\" { value = module.inner.password }\n";
    let dir = repository(&[("main.tf", root), ("inner/main.tf", module)]);
    assert_eq!(errors(&graph(&dir, ".")), ["Output refers to sensitive values"]);
    // Nobody has said that the folder is a root module, and nothing in it does.
    let project = tf_model::config::thread_pool().unwrap().install(|| {
        let project = Project::load(&dir.path().join("inner"), &Options::default()).unwrap();
        project.graph(&project.roots()[0])
    });
    assert_eq!(errors(&project), [""; 0]);
}
