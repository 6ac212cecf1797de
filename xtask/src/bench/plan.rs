//! A plan of the size that made other tools famous for their slowness: tens of thousands of resources, three quarters of them
//! unchanged, as `terraform show -json` prints it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Bytes of the plan.
pub(super) const SIZE: usize = 77 << 20;

/// Writes the plan.
pub(super) fn write(path: &Path) -> Result<()> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::new(file);
    let mut planned = Vec::new();
    let mut prior = Vec::new();
    let mut changes = Vec::new();
    // Each resource is in it up to three times: as planned, as it was, and as a change.
    let mut size = 0;
    for index in 0.. {
        for (kind, values, unknown) in resources(index) {
            let new = index.is_multiple_of(4);
            let address = format!("module.fleet[\"{index}\"].{kind}.this");
            let head = json!({
                "address": address, "mode": "managed", "type": kind, "name": "this",
                "provider_name": "registry.terraform.io/hashicorp/aws",
            });
            let with = |key: &str, value: Value| {
                let mut whole = head.clone();
                if let Some(map) = whole.as_object_mut() {
                    map.insert(key.to_owned(), value);
                }
                whole
            };
            let state = with("values", values.clone()).to_string();
            let change = with(
                "change",
                json!({
                    "actions": [if new { "create" } else { "no-op" }],
                    "before": if new { Value::Null } else { values.clone() },
                    "after": values,
                    "after_unknown": if new { unknown } else { json!({}) },
                    "before_sensitive": {},
                    "after_sensitive": {},
                }),
            )
            .to_string();
            size += state.len() * if new { 1 } else { 2 } + change.len();
            if !new {
                prior.push(state.clone());
            }
            planned.push(state);
            changes.push(change);
        }
        if size >= SIZE {
            break;
        }
    }
    let module = |resources: &[String]| {
        format!(
            "{{\"root_module\":{{\"child_modules\":[{{\"address\":\"module.fleet\",\"resources\":[{}]}}]}}}}",
            resources.join(",")
        )
    };
    write!(
        out,
        "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"planned_values\":{},\"resource_changes\":[{}],\
         \"prior_state\":{{\"format_version\":\"1.0\",\"values\":{}}},\"configuration\":{}}}",
        module(&planned),
        changes.join(","),
        module(&prior),
        configuration(),
    )?;
    out.flush().context("writing the plan")
}

/// What one instance of the module makes: type, values, and what is known after apply where it is new.
fn resources(index: usize) -> [(&'static str, Value, Value); 5] {
    let name = format!("service-{index:05}");
    let open = index.is_multiple_of(10);
    let tags = json!({ "Name": name, "environment": "production", "owner": "platform" });
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": format!("arn:aws:s3:::{name}/*") },
            { "Effect": "Allow", "Action": "logs:*", "Resource": if open { "*" } else { "arn:aws:logs:*:*:log-group:/app/*" } },
        ],
    })
    .to_string();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ecs-tasks.amazonaws.com" } },
        ],
    })
    .to_string();
    let rule = |port: u16, network: &str| {
        json!({
            "cidr_blocks": [network], "description": "", "from_port": port, "to_port": port, "protocol": "tcp",
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false,
        })
    };
    let computed = json!({ "id": true, "arn": true });
    [
        (
            "aws_s3_bucket",
            json!({ "bucket": name, "force_destroy": false, "object_lock_enabled": false, "tags": tags, "tags_all": tags }),
            computed.clone(),
        ),
        (
            "aws_security_group",
            json!({
                "name": name, "description": "The service's own", "vpc_id": "vpc-0a1b2c3d4e5f60718", "tags": tags, "tags_all": tags,
                "ingress": [rule(443, "10.0.0.0/8"), rule(22, if open { "0.0.0.0/0" } else { "10.0.0.0/8" })],
                "egress": [rule(443, "0.0.0.0/0")], "revoke_rules_on_delete": false,
            }),
            computed.clone(),
        ),
        (
            "aws_iam_role",
            json!({
                "name": name, "assume_role_policy": trust, "path": "/", "max_session_duration": 3600, "tags": tags,
                "tags_all": tags, "force_detach_policies": false, "description": null,
            }),
            computed.clone(),
        ),
        (
            "aws_iam_role_policy",
            json!({ "name": name, "role": name, "policy": policy }),
            json!({ "id": true }),
        ),
        (
            "aws_db_instance",
            json!({
                "identifier": name, "engine": "postgres", "engine_version": "16.4", "instance_class": "db.t4g.medium",
                "allocated_storage": 100, "storage_encrypted": !open, "publicly_accessible": false, "multi_az": !open,
                "backup_retention_period": 7, "deletion_protection": true, "skip_final_snapshot": false, "tags": tags,
                "tags_all": tags, "auto_minor_version_upgrade": true, "performance_insights_enabled": true,
                "enabled_cloudwatch_logs_exports": ["postgresql"], "copy_tags_to_snapshot": true,
                "iam_database_authentication_enabled": true, "manage_master_user_password": true,
            }),
            json!({ "id": true, "arn": true, "endpoint": true, "address": true, "kms_key_id": true }),
        ),
    ]
}

/// The module as it is written: what refers to what.
fn configuration() -> Value {
    let resource = |kind: &str, expressions: Value| {
        json!({
            "address": format!("{kind}.this"), "mode": "managed", "type": kind, "name": "this",
            "provider_config_key": "aws", "expressions": expressions, "schema_version": 0,
        })
    };
    json!({
        "provider_config": { "aws": { "name": "aws", "full_name": "registry.terraform.io/hashicorp/aws" } },
        "root_module": { "module_calls": { "fleet": {
            "source": "./fleet",
            "for_each_expression": { "references": ["var.services"] },
            "module": { "resources": [
                resource("aws_s3_bucket", json!({ "bucket": { "references": ["var.name"] } })),
                resource("aws_security_group", json!({ "name": { "references": ["var.name"] } })),
                resource("aws_iam_role", json!({ "name": { "references": ["var.name"] } })),
                resource("aws_iam_role_policy", json!({ "role": { "references": ["aws_iam_role.this.name", "aws_iam_role.this"] } })),
                resource("aws_db_instance", json!({ "identifier": { "references": ["var.name"] } })),
            ] },
        } } },
    })
}
