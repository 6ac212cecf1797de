//! The policy documents of a backend.
//!
//! What Terraform sends with a state, and with a lock file: with `encrypt = true` and `kms_key_id` the headers
//! `x-amz-server-side-encryption: aws:kms` and the key's ARN; with `encrypt = true` alone `AES256`, which takes the place of the
//! bucket's default; without `encrypt` nothing, and the default applies. OpenTofu 1.10 writes lock files without the headers
//! whatever is set. So a state must name the right key, and a lock file must not name a wrong one.

use serde_json::{Value, json};

use super::desired::{Desired, Encryption, GithubRoles};

/// GitHub's issuer, and the provider's name in IAM.
pub(crate) const ISSUER: &str = "token.actions.githubusercontent.com";
/// For whom GitHub's tokens are made.
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

/// The statement of the apply role for the records of applies.
pub(crate) const WRITE_RECORDS: &str = "WriteRecords";

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A key's own policy: the account's IAM policies decide. A key without this statement can be locked for good.
pub(crate) fn key(desired: &Desired) -> Value {
    document(vec![json!({
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{}:iam::{}:root", desired.partition, desired.account) },
        "Action": "kms:*",
        "Resource": "*",
    })])
}

/// Plain HTTP, old TLS and other accounts are refused.
fn closed(desired: &Desired, arn: &str) -> Vec<Value> {
    let everything = [arn.to_owned(), format!("{arn}/*")];
    vec![
        json!({
            "Sid": "DenyPlainHttp",
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": "s3:*",
            "Resource": everything,
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }),
        json!({
            "Sid": "DenyOldTls",
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": "s3:*",
            "Resource": everything,
            "Condition": { "NumericLessThan": { "s3:TlsVersion": "1.2" } },
        }),
        // Who has not signed has no account, and is refused too. S3 itself, which delivers logs, is in no account.
        json!({
            "Sid": "DenyOtherAccounts",
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": "s3:*",
            "Resource": everything,
            "Condition": {
                "StringNotEquals": { "aws:PrincipalAccount": desired.account },
                "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
            },
        }),
    ]
}

/// The policy of the state bucket, and of its copy. `key` is the ARN of the bucket's KMS key, where it has one.
pub(crate) fn states(desired: &Desired, bucket: &str, key: Option<&str>) -> Value {
    let arn = desired.bucket_arn(bucket);
    let (all, locks) = (format!("{arn}/*"), format!("{arn}/*.tflock"));
    let mut statements = closed(desired, &arn);
    let algorithm = match desired.encryption {
        Encryption::Kms => "aws:kms",
        Encryption::Aes256 => "AES256",
    };
    // A header that is missing is "not equal" too, and with IfExists as well: only Null tells the two apart.
    statements.push(json!({
        "Sid": "DenyStatesNotEncrypted",
        "Effect": "Deny",
        "Principal": { "AWS": "*" },
        "Action": "s3:PutObject",
        "NotResource": locks,
        "Condition": { "StringNotEquals": { "s3:x-amz-server-side-encryption": algorithm } },
    }));
    statements.push(json!({
        "Sid": "DenyLockFilesWronglyEncrypted",
        "Effect": "Deny",
        "Principal": { "AWS": "*" },
        "Action": "s3:PutObject",
        "Resource": locks,
        "Condition": {
            "Null": { "s3:x-amz-server-side-encryption": "false" },
            "StringNotEquals": { "s3:x-amz-server-side-encryption": algorithm },
        },
    }));
    if let Some(key) = key {
        // Without a key's id S3 would take the account's aws/s3 key, and not the bucket's.
        statements.push(json!({
            "Sid": "DenyStatesWithOtherKeys",
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": "s3:PutObject",
            "NotResource": locks,
            "Condition": { "StringNotEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": key } },
        }));
        statements.push(json!({
            "Sid": "DenyLockFilesWithOtherKeys",
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": "s3:PutObject",
            "Resource": locks,
            "Condition": {
                "Null": { "s3:x-amz-server-side-encryption": "false" },
                "StringNotEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": key },
            },
        }));
    }
    // With a key that comes with the request nobody else reads the state, nor the next run.
    statements.push(json!({
        "Sid": "DenyCustomerKeys",
        "Effect": "Deny",
        "Principal": { "AWS": "*" },
        "Action": "s3:PutObject",
        "Resource": all,
        "Condition": { "Null": { "s3:x-amz-server-side-encryption-customer-algorithm": "false" } },
    }));
    document(statements)
}

/// The policy of the log bucket: closed, but S3 delivers the logs of the state bucket.
pub(crate) fn logs(desired: &Desired, bucket: &str) -> Value {
    let arn = desired.bucket_arn(bucket);
    let mut statements = closed(desired, &arn);
    statements.push(json!({
        "Sid": "DeliverLogs",
        "Effect": "Allow",
        "Principal": { "Service": "logging.s3.amazonaws.com" },
        "Action": "s3:PutObject",
        "Resource": format!("{arn}/*"),
        "Condition": {
            "ArnLike": { "aws:SourceArn": desired.bucket_arn(&desired.bucket) },
            "StringEquals": { "aws:SourceAccount": desired.account },
        },
    }));
    document(statements)
}

/// S3 may assume the replication role, for this bucket.
pub(crate) fn replication_trust(desired: &Desired) -> Value {
    document(vec![json!({
        "Sid": "Replicate",
        "Effect": "Allow",
        "Principal": { "Service": "s3.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": { "aws:SourceArn": desired.bucket_arn(&desired.bucket) },
            "StringEquals": { "aws:SourceAccount": desired.account },
        },
    })])
}

/// What the replication role may do: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html>.
pub(crate) fn replication(desired: &Desired, replica: &str, keys: Option<(&str, &str)>) -> Value {
    let (from, to) = (desired.bucket_arn(&desired.bucket), desired.bucket_arn(replica));
    let mut statements = vec![
        json!({
            "Sid": "ReadSettings",
            "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": from,
        }),
        json!({
            "Sid": "ReadVersions",
            "Effect": "Allow",
            "Action": [
                "s3:GetObjectLegalHold",
                "s3:GetObjectRetention",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
            ],
            "Resource": format!("{from}/*"),
        }),
        json!({
            "Sid": "WriteCopies",
            "Effect": "Allow",
            "Action": ["s3:ReplicateObject", "s3:ReplicateTags"],
            "Resource": format!("{to}/*"),
        }),
    ];
    if let Some((from_key, to_key)) = keys {
        // With bucket keys the encryption context is the bucket.
        for (sid, actions, key, bucket) in [
            ("Decrypt", json!("kms:Decrypt"), from_key, &from),
            (
                "Encrypt",
                json!(["kms:Encrypt", "kms:GenerateDataKey"]),
                to_key,
                &to,
            ),
        ] {
            statements.push(json!({
                "Sid": sid,
                "Effect": "Allow",
                "Action": actions,
                "Resource": key,
                "Condition": {
                    "StringLike": {
                        "kms:EncryptionContext:aws:s3:arn": [bucket.clone(), format!("{bucket}/*")],
                        "kms:ViaService": "s3.*.amazonaws.com*",
                    },
                },
            }));
        }
    }
    document(statements)
}

/// Who may assume a role of the pipeline: jobs whose `sub` claim is one of these, letter by letter.
pub(crate) fn github_trust(desired: &Desired, subjects: &[String]) -> Value {
    document(vec![json!({
        "Sid": "SignIn",
        "Effect": "Allow",
        "Principal": { "Federated": desired.provider_arn() },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                format!("{ISSUER}:aud"): AUDIENCE,
                format!("{ISSUER}:sub"): subjects,
            },
        },
    })])
}

/// What the plan role may do: read exactly these states, and lock them.
pub(crate) fn plan(desired: &Desired, github: &GithubRoles, key: Option<&str>) -> Value {
    document(read_and_lock(desired, github, key))
}

/// What the apply role may do: the same, and write these states and the records beside them. Not delete them: with versioning, no apply can lose a state.
pub(crate) fn apply(desired: &Desired, github: &GithubRoles, key: Option<&str>) -> Value {
    let bucket = desired.bucket_arn(&desired.bucket);
    let mut statements = read_and_lock(desired, github, key);
    let objects: Vec<String> = github.keys.iter().map(|key| format!("{bucket}/{key}")).collect();
    statements.push(json!({
        "Sid": "WriteState",
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": objects,
    }));
    // Of what was applied, beside the state: `tf-gate apply` begins a record, and ends it if it still is what it wrote.
    let records: Vec<String> = objects.iter().map(|object| format!("{object}.audit/*")).collect();
    statements.push(json!({
        "Sid": WRITE_RECORDS,
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": records,
    }));
    if let Some(table) = &desired.table {
        let digests: Vec<String> = github
            .keys
            .iter()
            .map(|key| format!("{}/{key}-md5", desired.bucket))
            .collect();
        statements.push(json!({
            "Sid": "WriteDigest",
            "Effect": "Allow",
            "Action": ["dynamodb:DeleteItem", "dynamodb:PutItem"],
            "Resource": desired.table_arn(table),
            "Condition": { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": digests } },
        }));
    }
    document(statements)
}

fn read_and_lock(desired: &Desired, github: &GithubRoles, key: Option<&str>) -> Vec<Value> {
    let bucket = desired.bucket_arn(&desired.bucket);
    let objects: Vec<String> = github.keys.iter().map(|key| format!("{bucket}/{key}")).collect();
    let lock_files: Vec<String> = objects.iter().map(|object| format!("{object}.tflock")).collect();
    // `init` looks for workspaces.
    let prefixes: Vec<String> = github.keys.iter().cloned().chain(["env:/".to_owned()]).collect();
    let mut statements = vec![
        json!({
            "Sid": "FindState",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": { "StringEquals": { "s3:prefix": prefixes } },
        }),
        json!({
            "Sid": "ReadState",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": objects,
        }),
        json!({
            "Sid": "LockFile",
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": lock_files,
        }),
    ];
    if let Some(key) = key {
        // A lock file is encrypted too, so that who plans must be able to.
        statements.push(json!({
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key,
            "Condition": { "StringLike": { "kms:ViaService": "s3.*.amazonaws.com*" } },
        }));
    }
    if let Some(table) = &desired.table {
        let locks: Vec<String> = github
            .keys
            .iter()
            .map(|key| format!("{}/{key}", desired.bucket))
            .collect();
        let items: Vec<String> = locks
            .iter()
            .flat_map(|lock| [lock.clone(), format!("{lock}-md5")])
            .collect();
        statements.push(json!({
            "Sid": "ReadLockAndDigest",
            "Effect": "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": desired.table_arn(table),
            "Condition": { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": items } },
        }));
        statements.push(json!({
            "Sid": "LockItem",
            "Effect": "Allow",
            "Action": ["dynamodb:DeleteItem", "dynamodb:PutItem"],
            "Resource": desired.table_arn(table),
            "Condition": { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": locks } },
        }));
    }
    statements
}
