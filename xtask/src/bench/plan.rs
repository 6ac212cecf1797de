//! A plan of the size that made other tools famous for their slowness: tens of thousands of resources, three quarters of them
//! unchanged, as `terraform show -json` prints it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// Bytes of the plan.
pub(super) const SIZE: usize = 77 << 20;

/// Writes a plan whose 20,000 resources all change, each in one attribute. What else a plan holds of them is there as far as it fits.
pub(super) fn write_changed(path: &Path) -> Result<()> {
    const CHANGES: usize = 20_000;
    let mut changes = Vec::with_capacity(CHANGES);
    let (mut planned, mut prior) = (Vec::new(), Vec::new());
    let mut size = 0;
    for (index, kind) in (0..)
        .flat_map(|index| resources(index).map(|kind| (index, kind)))
        .take(CHANGES)
    {
        let (before, _) = kind.planned(index, false);
        let mut after = before.clone();
        if let Some(map) = after.as_object_mut() {
            match map.get_mut("tags").filter(|tags| !tags.is_null()) {
                Some(tags) => {
                    if let Some(tags) = tags.as_object_mut() {
                        tags.insert("owner".to_owned(), "somebody else".into());
                    }
                }
                None => _ = map.insert("description".to_owned(), "changed".into()),
            }
            map.sort_keys();
        }
        let with = |key: &str, value: Value| entry(index, kind.name, key, value);
        prior.push(with("values", before.clone()));
        planned.push(with("values", after.clone()));
        let change = json!({ "actions": ["update"], "before": before, "after": after, "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {} });
        changes.push(with("change", change));
        size += changes.last().map_or(0, String::len);
    }
    for resources in [&mut planned, &mut prior] {
        resources.retain(|resource| {
            size += resource.len();
            size < SIZE
        });
    }
    write_parts(path, &planned, &changes, &prior)
}

/// Writes a plan of which three quarters stay as they are.
pub(super) fn write(path: &Path) -> Result<()> {
    let mut planned = Vec::new();
    let mut prior = Vec::new();
    let mut changes = Vec::new();
    // Each resource is in it up to three times: as planned, as it was, and as a change.
    let mut size = 0;
    for index in 0_usize.. {
        let new = index.is_multiple_of(4);
        for kind in resources(index) {
            let (values, unknown) = kind.planned(index, new);
            let kind = kind.name;
            let with = |key: &str, value: Value| entry(index, kind, key, value);
            let state = with("values", values.clone());
            let change = with(
                "change",
                json!({
                    "actions": [if new { "create" } else { "no-op" }],
                    "before": if new { Value::Null } else { values.clone() },
                    "after": values,
                    "after_unknown": unknown,
                    "before_sensitive": {},
                    "after_sensitive": {},
                }),
            );
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
    write_parts(path, &planned, &changes, &prior)
}

/// A resource of one instance of the module, as all lists of a plan have it: what it is, and one thing more.
fn entry(index: usize, kind: &str, key: &str, value: Value) -> String {
    let address = format!("module.fleet[\"{index}\"].{kind}.this");
    let mut entry = json!({ "address": address, "mode": "managed", "type": kind, "name": "this",
        "provider_name": "registry.terraform.io/hashicorp/aws" });
    if let Some(map) = entry.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
    entry.to_string()
}

fn write_parts(path: &Path, planned: &[String], changes: &[String], prior: &[String]) -> Result<()> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::new(file);
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
        module(planned),
        changes.join(","),
        module(prior),
        configuration(),
    )?;
    out.flush().context("writing the plan")
}

/// A resource of one instance of the module.
struct Kind {
    name: &'static str,
    written: Value,
    /// What the provider decides: known after apply where the resource is new.
    computed: &'static str,
    /// What is null in every plan of such a resource.
    unset: &'static str,
}

impl Kind {
    /// All attributes, as they are in a plan, and which of them are known after apply.
    fn planned(&self, index: usize, new: bool) -> (Value, Value) {
        let mut values = self.written.as_object().cloned().unwrap_or_default();
        let mut unknown = Map::new();
        for name in self.computed.split_whitespace() {
            if new {
                unknown.insert(name.to_owned(), json!(true));
            } else {
                values.insert(name.to_owned(), decided(name, index));
            }
        }
        for name in self.unset.split_whitespace() {
            values.insert(name.to_owned(), Value::Null);
        }
        // Terraform prints attributes in the order of their names.
        values.sort_keys();
        (values.into(), unknown.into())
    }
}

/// What the provider decides of an attribute: the same of all, but for what identifies a resource.
fn decided(name: &str, index: usize) -> Value {
    match name {
        "region" => "eu-central-1".into(),
        "availability_zone" => "eu-central-1a".into(),
        "owner_id" => "123456789012".into(),
        "hosted_zone_id" => "Z21DNDUVLTQW6Q".into(),
        "request_payer" => "BucketOwner".into(),
        "bucket_domain_name" => format!("service-{index:05}.s3.amazonaws.com").into(),
        "bucket_regional_domain_name" => format!("service-{index:05}.s3.eu-central-1.amazonaws.com").into(),
        "create_date" => "2025-03-01T08:15:30Z".into(),
        "unique_id" => format!("AROAEXAMPLE{index:010}").into(),
        "address" => format!("service-{index:05}.c1abcdefghij.eu-central-1.rds.amazonaws.com").into(),
        "endpoint" => format!("service-{index:05}.c1abcdefghij.eu-central-1.rds.amazonaws.com:5432").into(),
        "backup_target" => "region".into(),
        "backup_window" => "03:10-03:40".into(),
        "ca_cert_identifier" => "rds-ca-rsa2048-g1".into(),
        "database_insights_mode" => "standard".into(),
        "db_name" => "app".into(),
        "db_subnet_group_name" => "production".into(),
        "engine_lifecycle_support" => "open-source-rds-extended-support".into(),
        "engine_version_actual" => "16.4".into(),
        "iops" => 3_000.into(),
        "license_model" => "postgresql-license".into(),
        "maintenance_window" => "sun:04:00-sun:04:30".into(),
        "network_type" => "IPV4".into(),
        "option_group_name" => "default:postgres-16".into(),
        "parameter_group_name" => "default.postgres16".into(),
        "performance_insights_retention_period" => 7.into(),
        "port" => 5_432.into(),
        "replicas" | "listener_endpoint" | "master_user_secret" => json!([]),
        "status" => "available".into(),
        "storage_throughput" => 125.into(),
        "storage_type" => "gp3".into(),
        "username" => "app".into(),
        "vpc_security_group_ids" => json!([format!("sg-{index:017x}")]),
        // What many have, and nobody has set.
        "acceleration_status"
        | "bucket_prefix"
        | "character_set_name"
        | "identifier_prefix"
        | "name_prefix"
        | "nchar_character_set_name"
        | "policy"
        | "replica_mode"
        | "snapshot_identifier"
        | "timezone"
        | "website_domain"
        | "website_endpoint" => "".into(),
        "acl" | "latest_restorable_time" => Value::Null,
        name => format!("arn:aws:example:eu-central-1:123456789012:{name}/service-{index:05}").into(),
    }
}

/// What one instance of the module makes, with all the attributes that the provider has.
fn resources(index: usize) -> [Kind; 5] {
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
    [
        Kind {
            name: "aws_s3_bucket",
            written: json!({ "bucket": name, "force_destroy": false, "object_lock_enabled": false, "tags": tags, "tags_all": tags,
                "timeouts": null }),
            computed: "acceleration_status acl arn bucket_domain_name bucket_prefix bucket_regional_domain_name hosted_zone_id id \
                policy region request_payer website_domain website_endpoint",
            unset: "",
        },
        Kind {
            name: "aws_security_group",
            written: json!({
                "name": name, "description": "The service's own", "vpc_id": "vpc-0a1b2c3d4e5f60718", "tags": tags, "tags_all": tags,
                "ingress": [rule(443, "10.0.0.0/8"), rule(22, if open { "0.0.0.0/0" } else { "10.0.0.0/8" })],
                "egress": [rule(443, "0.0.0.0/0")], "revoke_rules_on_delete": false,
            }),
            computed: "arn id owner_id name_prefix",
            unset: "timeouts",
        },
        Kind {
            name: "aws_iam_role",
            written: json!({
                "name": name, "assume_role_policy": trust, "path": "/", "max_session_duration": 3600, "tags": tags,
                "tags_all": tags, "force_detach_policies": false,
            }),
            computed: "arn create_date id name_prefix unique_id",
            unset: "description permissions_boundary",
        },
        Kind {
            name: "aws_iam_role_policy",
            written: json!({ "name": name, "role": name, "policy": policy }),
            computed: "id name_prefix",
            unset: "",
        },
        Kind {
            name: "aws_db_instance",
            written: json!({
                "identifier": name, "engine": "postgres", "engine_version": "16.4", "instance_class": "db.t4g.medium",
                "allocated_storage": 100, "storage_encrypted": !open, "publicly_accessible": false, "multi_az": !open,
                "backup_retention_period": 7, "deletion_protection": true, "skip_final_snapshot": false, "tags": tags,
                "tags_all": tags, "auto_minor_version_upgrade": true, "performance_insights_enabled": true,
                "enabled_cloudwatch_logs_exports": ["postgresql"], "copy_tags_to_snapshot": true, "apply_immediately": false,
                "iam_database_authentication_enabled": true, "manage_master_user_password": true, "monitoring_interval": 0,
                "delete_automated_backups": true, "dedicated_log_volume": false, "blue_green_update": [],
                "restore_to_point_in_time": [], "s3_import": [],
            }),
            computed: "address arn availability_zone backup_target backup_window ca_cert_identifier character_set_name \
                database_insights_mode db_name db_subnet_group_name endpoint engine_lifecycle_support engine_version_actual \
                hosted_zone_id id identifier_prefix iops kms_key_id latest_restorable_time license_model listener_endpoint \
                maintenance_window master_user_secret master_user_secret_kms_key_id monitoring_role_arn \
                nchar_character_set_name network_type option_group_name parameter_group_name \
                performance_insights_kms_key_id performance_insights_retention_period port replica_mode replicas resource_id \
                snapshot_identifier status storage_throughput storage_type timezone username vpc_security_group_ids",
            unset: "allow_major_version_upgrade custom_iam_instance_profile customer_owned_ip_enabled domain \
                domain_auth_secret_arn domain_dns_ips domain_fqdn domain_iam_role_name domain_ou final_snapshot_identifier \
                max_allocated_storage password password_wo password_wo_version replicate_source_db timeouts \
                upgrade_storage_config",
        },
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
