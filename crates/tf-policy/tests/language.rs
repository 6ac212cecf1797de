//! What policies can conclude, shown by policies with examples of their own.
#![allow(clippy::unwrap_used)] // A test that cannot go on says so.

use std::sync::Arc;

use tf_lang::{SourceFile, SourceMap};
use tf_policy::policy::read;
use tf_policy::test_policy;

/// Runs the examples of a policy for a resource type with a condition.
fn holds(ty: &str, condition: &str, examples: &str) {
    let text = format!(
        "policy \"test\" {{\n  title = \"A test\"\n  severity = \"low\"\n  why = \"-\"\n  fix = \"-\"\n  \
         resource = [\"{ty}\"]\n  condition = {condition}\n{examples}\n}}\n"
    );
    let mut sources = SourceMap::new();
    let text: Arc<str> = text.into();
    let file = sources.add(SourceFile::new("test.hcl", text.clone()));
    let body = tf_lang::parse::parse_body(file, &text).unwrap();
    for policy in read(&body.blocks, &sources).unwrap() {
        assert_eq!(test_policy(&Arc::new(policy)), [], "{condition}");
    }
}

const NO_ONE_ELSE: &str =
    "!anytrue([for s in iam(self.policy) : contains(concat(s.principals, s.resources), \"*\")])";

#[test]
fn arns_that_are_not_known_yet_are_not_everything() {
    // Written by jsonencode, as a template and by a document; and what begins with an ARN.
    holds(
        "aws_s3_bucket_policy",
        NO_ONE_ELSE,
        r#"
  pass {
    resource "aws_iam_role" "app" {
      assume_role_policy = "{}"
    }
    resource "aws_s3_bucket" "data" {}
    data "aws_iam_policy_document" "data" {
      statement {
        actions   = ["s3:GetObject"]
        resources = ["${aws_s3_bucket.data.arn}/*"]
        principals {
          type        = "AWS"
          identifiers = [aws_iam_role.app.arn]
        }
      }
    }
    resource "aws_s3_bucket_policy" "document" {
      bucket = aws_s3_bucket.data.id
      policy = data.aws_iam_policy_document.data.json
    }
    resource "aws_s3_bucket_policy" "encoded" {
      bucket = aws_s3_bucket.data.id
      policy = jsonencode({
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = [aws_iam_role.app.arn] }
          Action    = "s3:GetObject"
          Resource  = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
        }]
      })
    }
    resource "aws_s3_bucket_policy" "template" {
      bucket = aws_s3_bucket.data.id
      policy = <<-JSON
        {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "${aws_iam_role.app.arn}"},
          "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.data.arn}/*"}]}
      JSON
    }
  }
  fail {
    resource "aws_s3_bucket" "data" {}
    resource "aws_s3_bucket_policy" "open" {
      bucket = aws_s3_bucket.data.id
      policy = jsonencode({
        Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = aws_s3_bucket.data.arn }]
      })
    }
  }
  unknown {
    variable "trusted" {
      type = string
    }
    resource "aws_s3_bucket_policy" "asked" {
      bucket = "data"
      policy = jsonencode({
        Statement = [{ Effect = "Allow", Principal = { AWS = var.trusted }, Action = "s3:*", Resource = "arn:aws:s3:::a" }]
      })
    }
  }
"#,
    );
    holds(
        "aws_sns_topic_policy",
        "startswith(self.arn, \"arn:\")",
        r#"
  pass {
    resource "aws_sns_topic" "events" {}
    resource "aws_sns_topic_policy" "events" {
      arn    = aws_sns_topic.events.id
      policy = "{}"
    }
  }
"#,
    );
}

#[test]
fn a_document_that_is_no_json_says_nothing() {
    holds(
        "aws_sqs_queue_policy",
        NO_ONE_ELSE,
        r#"
  unknown {
    resource "aws_sqs_queue_policy" "broken" {
      queue_url = "https://sqs.eu-central-1.amazonaws.com/123456789012/a"
      policy    = "{ Statement: [] }"
    }
  }
"#,
    );
}

#[test]
fn what_is_unknown_may_hold_secrets() {
    holds(
        "aws_instance",
        "length(secrets(self.user_data)) == 0",
        r##"
  pass {
    resource "aws_instance" "app" {
      user_data = "#!/bin/sh"
    }
  }
  unknown {
    variable "script" {
      type = string
    }
    resource "aws_instance" "app" {
      user_data = var.script
    }
  }
"##,
    );
}

const VERSIONED: &str = "exists(linked(self, \"aws_s3_bucket_versioning\"))";

#[test]
fn a_reference_counts_for_more_than_an_equal_name() {
    holds(
        "aws_s3_bucket",
        &format!("self.address != \"aws_s3_bucket.replica\" || !{VERSIONED}"),
        r#"
  pass {
    resource "aws_s3_bucket" "data" {
      bucket = "example-data"
    }
    resource "aws_s3_bucket" "replica" {
      provider = aws.replica
      bucket   = "example-data"
    }
    resource "aws_s3_bucket_versioning" "data" {
      bucket = aws_s3_bucket.data.bucket
      versioning_configuration {
        status = "Enabled"
      }
    }
  }
"#,
    );
}

#[test]
fn the_same_expression_is_the_same_name() {
    holds(
        "aws_s3_bucket",
        VERSIONED,
        r#"
  pass {
    variable "name" {
      type = string
    }
    resource "aws_s3_bucket" "data" {
      bucket = "${var.name}-data"
    }
    resource "aws_s3_bucket_versioning" "data" {
      bucket = "${var.name}-data"
      versioning_configuration {
        status = "Enabled"
      }
    }
  }
  unknown {
    variable "name" {
      type = string
    }
    resource "aws_s3_bucket" "data" {
      bucket = "${var.name}-data"
    }
    resource "aws_s3_bucket_versioning" "logs" {
      bucket = "${var.name}-logs"
      versioning_configuration {
        status = "Enabled"
      }
    }
  }
"#,
    );
}

#[test]
fn one_policy_may_judge_resources_and_data() {
    holds(
        "aws_iam_policy",
        "!anytrue([for s in concat(iam(self), iam(self.policy)) : contains(s.actions, \"*\")])\n  \
         data = [\"aws_iam_policy_document\"]",
        r#"
  pass {
    resource "aws_iam_policy" "read" {
      policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
    }
  }
  fail {
    data "aws_iam_policy_document" "all" {
      statement {
        actions   = ["*"]
        resources = ["*"]
      }
    }
  }
"#,
    );
}
