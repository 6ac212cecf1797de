//! `tf-bootstrap create`, `check` and `destroy` on an emulated account: what they do is looked at with boto3.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod account;
mod proxy;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use account::{ACCOUNT, Account, BUCKET, LOGS, REPLICA, TABLE, finished, same, without_ids};
use proxy::{Fault, Proxy, is_change};
use serde_json::{Value as Json, json};

/// Tags of everything, in the form of each service.
fn tags() -> Json {
    json!({ "managed-by": "tf-bootstrap", "owner": "platform", "plumbline:backend": BUCKET, "project": "plumbline" })
}

fn tag_set() -> Json {
    let tags = tags();
    tags.as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

fn statements(document: &Json) -> BTreeMap<String, Json> {
    let statements = document["Statement"].as_array().unwrap();
    let mut found = BTreeMap::new();
    for statement in statements {
        let mut statement = statement.clone();
        let sid = statement.as_object_mut().unwrap().remove("Sid").unwrap();
        found.insert(sid.as_str().unwrap().to_owned(), statement);
    }
    found
}

#[track_caller]
fn has_statements(document: &Json, expected: &[(&str, Json)]) {
    assert_eq!(document["Version"], "2012-10-17");
    let found = statements(document);
    for (sid, statement) in expected {
        assert_eq!(found.get(*sid), Some(statement), "{sid}");
    }
    assert_eq!(found.len(), expected.len(), "{:?}", found.keys());
}

fn closed(bucket: &str) -> Vec<(&'static str, Json)> {
    let resources = json!([
        format!("arn:aws:s3:::{bucket}"),
        format!("arn:aws:s3:::{bucket}/*")
    ]);
    let deny = |condition: Json| json!({ "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": "s3:*", "Resource": resources, "Condition": condition });
    vec![
        (
            "DenyPlainHttp",
            deny(json!({ "Bool": { "aws:SecureTransport": "false" } })),
        ),
        (
            "DenyOldTls",
            deny(json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } })),
        ),
        (
            "DenyOtherAccounts",
            deny(json!({
                "StringNotEquals": { "aws:PrincipalAccount": ACCOUNT },
                "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
            })),
        ),
    ]
}

/// What the policy of a bucket with states says, beside being closed.
fn encrypted(bucket: &str, key: &str) -> Vec<(&'static str, Json)> {
    let locks = format!("arn:aws:s3:::{bucket}/*.tflock");
    let deny = |field: &str, resource: &str, condition: Json| {
        let mut statement = json!({ "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": "s3:PutObject", "Condition": condition });
        statement[field] = resource.into();
        statement
    };
    let (algorithm, id) = (
        "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    );
    let mut all = closed(bucket);
    all.extend([
        (
            "DenyStatesNotEncrypted",
            deny(
                "NotResource",
                &locks,
                json!({ "StringNotEquals": { algorithm: "aws:kms" } }),
            ),
        ),
        (
            "DenyStatesWithOtherKeys",
            deny("NotResource", &locks, json!({ "StringNotEquals": { id: key } })),
        ),
        (
            "DenyLockFilesWronglyEncrypted",
            deny(
                "Resource",
                &locks,
                json!({ "Null": { algorithm: "false" }, "StringNotEquals": { algorithm: "aws:kms" } }),
            ),
        ),
        (
            "DenyLockFilesWithOtherKeys",
            deny(
                "Resource",
                &locks,
                json!({ "Null": { algorithm: "false" }, "StringNotEquals": { id: key } }),
            ),
        ),
        (
            "DenyCustomerKeys",
            deny(
                "Resource",
                &format!("arn:aws:s3:::{bucket}/*"),
                json!({ "Null": { "s3:x-amz-server-side-encryption-customer-algorithm": "false" } }),
            ),
        ),
    ]);
    all
}

#[test]
fn everything_is_made_as_hardened_and_a_second_run_changes_nothing() {
    let account = Account::new();
    let empty = account.everything();
    account
        .run(&["create", "--dry-run"])
        .exits(1)
        .says("key alias/plumbline-test-state ");
    assert_eq!(account.everything(), empty);
    account.create().says("everything read back");

    let made = account.everything();
    let only = |region: &str, alias: &str| {
        let keys = made["keys"][region].as_array().unwrap();
        assert_eq!(keys.len(), 1, "{keys:?}");
        let key = &keys[0];
        assert_eq!(key["alias"], format!("alias/{alias}"));
        assert_eq!(key["state"], "Enabled");
        assert_eq!(key["rotation"]["KeyRotationEnabled"], true);
        assert_eq!(key["tags"], tags());
        has_statements(
            &key["policy"],
            &[(
                "Account",
                json!({ "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }, "Action": "kms:*", "Resource": "*" }),
            )],
        );
        key["arn"].as_str().unwrap().to_owned()
    };
    let key = only("eu-west-1", BUCKET);
    let replica_key = only("eu-central-1", REPLICA);

    let buckets = made["buckets"].as_object().unwrap();
    assert_eq!(buckets.len(), 3);
    for (name, bucket) in buckets {
        assert_eq!(bucket["tags"]["TagSet"], tag_set(), "{name}");
        assert_eq!(
            bucket["ownership"]["OwnershipControls"]["Rules"],
            json!([{ "ObjectOwnership": "BucketOwnerEnforced" }])
        );
        assert_eq!(
            bucket["blocks"]["PublicAccessBlockConfiguration"],
            json!({ "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true })
        );
        assert_eq!(bucket["versioning"]["Status"], "Enabled");
    }
    for (name, region, key) in [
        (BUCKET, "eu-west-1", &key),
        (REPLICA, "eu-central-1", &replica_key),
    ] {
        let bucket = &buckets[name];
        assert_eq!(bucket["location"]["LocationConstraint"], region);
        assert_eq!(
            bucket["encryption"]["ServerSideEncryptionConfiguration"]["Rules"],
            json!([{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key }, "BucketKeyEnabled": true }])
        );
        has_statements(&bucket["policy"], &encrypted(name, key));
        // The emulator does not keep how many versions are kept, nor how small lock files are: their rules are held by unit tests.
        assert_eq!(
            bucket["lifecycle"]["Rules"],
            json!([
                { "ID": "plumbline-versions", "Filter": { "Prefix": "" }, "Status": "Enabled", "NoncurrentVersionExpiration": { "NoncurrentDays": 90 } },
                { "ID": "plumbline-lock-files", "Filter": {}, "Status": "Enabled", "NoncurrentVersionExpiration": { "NoncurrentDays": 90 } },
                { "ID": "plumbline-delete-markers", "Filter": { "Prefix": "" }, "Status": "Enabled", "Expiration": { "ExpiredObjectDeleteMarker": true } },
                { "ID": "plumbline-uploads", "Filter": { "Prefix": "" }, "Status": "Enabled", "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 } },
            ])
        );
        let lock = &bucket["lock"]["ObjectLockConfiguration"];
        assert_eq!(lock["ObjectLockEnabled"], "Enabled");
        assert_eq!(lock["Rule"]["DefaultRetention"]["Mode"], "GOVERNANCE");
        assert_eq!(lock["Rule"]["DefaultRetention"]["Days"], 2);
    }
    assert_eq!(
        buckets[BUCKET]["logging"]["LoggingEnabled"],
        json!({ "TargetBucket": LOGS, "TargetPrefix": format!("{BUCKET}/") })
    );
    let replication = &buckets[BUCKET]["replication"]["ReplicationConfiguration"];
    assert_eq!(
        replication["Role"],
        format!("arn:aws:iam::{ACCOUNT}:role/{BUCKET}-replication")
    );
    let rule = &replication["Rules"][0];
    assert_eq!(rule["Status"], "Enabled");
    assert_eq!(
        rule["Destination"],
        json!({ "Bucket": format!("arn:aws:s3:::{REPLICA}"), "EncryptionConfiguration": { "ReplicaKmsKeyID": replica_key } })
    );
    assert_eq!(rule["DeleteMarkerReplication"]["Status"], "Disabled");

    // S3 delivers logs only into a bucket that is encrypted with its own keys.
    let logs = &buckets[LOGS];
    assert_eq!(
        logs["encryption"]["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"],
        json!({ "SSEAlgorithm": "AES256" })
    );
    let mut expected = closed(LOGS);
    expected.push((
        "DeliverLogs",
        json!({
            "Effect": "Allow", "Principal": { "Service": "logging.s3.amazonaws.com" }, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{LOGS}/*"),
            "Condition": {
                "ArnLike": { "aws:SourceArn": format!("arn:aws:s3:::{BUCKET}") },
                "StringEquals": { "aws:SourceAccount": ACCOUNT },
            },
        }),
    ));
    has_statements(&logs["policy"], &expected);

    assert_eq!(
        made["tables"],
        json!({ TABLE: {
            "schema": [{ "AttributeName": "LockID", "KeyType": "HASH" }],
            "attributes": [{ "AttributeName": "LockID", "AttributeType": "S" }],
            "billing": "PAY_PER_REQUEST", "encryption": "KMS", "protection": true, "recovery": "ENABLED",
            "tags": tags(), "items": [],
        } })
    );
    roles_are_least(&made, &key, &replica_key);

    let before = account.everything();
    let counted = Proxy::new(account.url(), None);
    let (code, out, err) =
        counted.run(&mut account.command_at(&counted.url, &["create", "--yes", "--no-files"]));
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("nothing to do"), "{out}");
    assert_eq!(counted.changes(), Vec::<String>::new());
    assert_eq!(account.everything(), before);
    account.run(&["create", "--dry-run"]).exits(0);
}

fn roles_are_least(made: &Json, key: &str, replica_key: &str) {
    let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    assert_eq!(made["providers"].as_array().unwrap().len(), 1);
    assert_eq!(made["providers"][0]["arn"], provider);
    assert_eq!(made["providers"][0]["ClientIDList"], json!(["sts.amazonaws.com"]));
    assert_eq!(made["providers"][0]["Tags"], tag_set());

    let roles = made["roles"].as_object().unwrap();
    assert_eq!(roles.len(), 3);
    for role in roles.values() {
        assert_eq!(role["tags"], tags());
        assert_eq!(role["attached"], json!([]));
        assert_eq!(role["policies"].as_object().unwrap().len(), 1);
    }
    let signs_in = |subjects: Json| {
        json!({
            "Effect": "Allow", "Principal": { "Federated": provider }, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": subjects,
            } },
        })
    };
    let state = "dev/app/terraform.tfstate";
    let object = format!("arn:aws:s3:::{BUCKET}/{state}");
    let allow =
        |action: Json, resource: Json| json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    let when = |mut statement: Json, condition: Json| {
        statement["Condition"] = condition;
        statement
    };
    let table = json!(format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{TABLE}"));
    let items = |ids: Json| json!({ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ids } });
    let by_s3 = json!({ "StringLike": { "kms:ViaService": "s3.*.amazonaws.com*" } });
    let item = format!("{BUCKET}/{state}");
    let reads = vec![
        (
            "FindState",
            when(
                allow(json!("s3:ListBucket"), json!(format!("arn:aws:s3:::{BUCKET}"))),
                json!({ "StringEquals": { "s3:prefix": [state, "env:/"] } }),
            ),
        ),
        ("ReadState", allow(json!("s3:GetObject"), json!([object]))),
        (
            "LockFile",
            allow(
                json!(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]),
                json!([format!("{object}.tflock")]),
            ),
        ),
        (
            "UseKey",
            when(
                allow(json!(["kms:Decrypt", "kms:GenerateDataKey"]), json!(key)),
                by_s3,
            ),
        ),
        (
            "ReadLockAndDigest",
            when(
                allow(json!("dynamodb:GetItem"), table.clone()),
                items(json!([item, format!("{item}-md5")])),
            ),
        ),
        (
            "LockItem",
            when(
                allow(json!(["dynamodb:DeleteItem", "dynamodb:PutItem"]), table.clone()),
                items(json!([item])),
            ),
        ),
    ];
    let plan = &roles[&format!("{BUCKET}-plan")];
    has_statements(
        &plan["trust"],
        &[(
            "SignIn",
            signs_in(json!([
                "repo:acme/infra:ref:refs/heads/main",
                "repo:acme/infra:pull_request"
            ])),
        )],
    );
    has_statements(&plan["policies"]["terraform-state"], &reads);

    let apply = &roles[&format!("{BUCKET}-apply")];
    has_statements(
        &apply["trust"],
        &[("SignIn", signs_in(json!(["repo:acme/infra:environment:dev"])))],
    );
    let mut writes = reads;
    writes.push(("WriteState", allow(json!("s3:PutObject"), json!([object]))));
    writes.push((
        "WriteRecords",
        allow(
            json!(["s3:GetObject", "s3:PutObject"]),
            json!([format!("{object}.audit/*")]),
        ),
    ));
    writes.push((
        "WriteDigest",
        when(
            allow(json!(["dynamodb:DeleteItem", "dynamodb:PutItem"]), table),
            items(json!([format!("{item}-md5")])),
        ),
    ));
    has_statements(&apply["policies"]["terraform-state"], &writes);

    let copies = &roles[&format!("{BUCKET}-replication")];
    has_statements(
        &copies["trust"],
        &[(
            "Replicate",
            json!({
                "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" }, "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnLike": { "aws:SourceArn": format!("arn:aws:s3:::{BUCKET}") },
                    "StringEquals": { "aws:SourceAccount": ACCOUNT },
                },
            }),
        )],
    );
    let found = statements(&copies["policies"]["terraform-state"]);
    let of_bucket = |bucket: &str| {
        json!({ "StringLike": {
            "kms:EncryptionContext:aws:s3:arn": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
            "kms:ViaService": "s3.*.amazonaws.com*",
        } })
    };
    assert_eq!(
        found["Decrypt"],
        when(allow(json!("kms:Decrypt"), json!(key)), of_bucket(BUCKET))
    );
    assert_eq!(
        found["Encrypt"],
        when(
            allow(json!(["kms:Encrypt", "kms:GenerateDataKey"]), json!(replica_key)),
            of_bucket(REPLICA)
        )
    );
    assert_eq!(
        found["WriteCopies"],
        allow(
            json!(["s3:ReplicateObject", "s3:ReplicateTags"]),
            json!(format!("arn:aws:s3:::{REPLICA}/*"))
        )
    );
}

/// What is broken by boto3, what `check` calls it, and how bad that is.
const WEAKNESSES: &[(&str, &str, &str)] = &[
    (
        "key-rotation",
        "medium",
        "client('kms').disable_key_rotation(KeyId=key)",
    ),
    ("key-usable", "critical", "client('kms').disable_key(KeyId=key)"),
    (
        "key-usable",
        "critical",
        "client('kms').schedule_key_deletion(KeyId=key, PendingWindowInDays=7)",
    ),
    (
        "key-policy",
        "high",
        "policy = json.loads(client('kms').get_key_policy(KeyId=key, PolicyName='default')['Policy'])\n\
         policy['Statement'][0]['Principal'] = {'AWS': '*'}\n\
         client('kms').put_key_policy(KeyId=key, PolicyName='default', Policy=json.dumps(policy))",
    ),
    (
        "key-tags",
        "info",
        "client('kms').untag_resource(KeyId=key, TagKeys=['owner'])",
    ),
    (
        "key-exists",
        "high",
        "client('kms').delete_alias(AliasName='alias/' + bucket)",
    ),
    (
        "state-ownership",
        "medium",
        "s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={'Rules': [{'ObjectOwnership': 'ObjectWriter'}]})",
    ),
    (
        "state-public-access",
        "critical",
        "blocks = s3.get_public_access_block(Bucket=bucket)['PublicAccessBlockConfiguration']\n\
         s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={**blocks, 'RestrictPublicBuckets': False})",
    ),
    (
        "logs-public-access",
        "critical",
        "s3.delete_public_access_block(Bucket=logs)",
    ),
    (
        "state-versioning",
        "critical",
        "s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Suspended'})",
    ),
    (
        "state-encryption",
        "high",
        "rule = {'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}}\n\
         s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={'Rules': [rule]})",
    ),
    (
        "replica-encryption",
        "high",
        "rule = s3.get_bucket_encryption(Bucket=replica)['ServerSideEncryptionConfiguration']['Rules'][0]\n\
         rule['BucketKeyEnabled'] = False\n\
         s3.put_bucket_encryption(Bucket=replica, ServerSideEncryptionConfiguration={'Rules': [rule]})",
    ),
    ("state-policy", "high", "s3.delete_bucket_policy(Bucket=bucket)"),
    (
        "state-policy",
        "high",
        "change_policy(bucket, 'DenyPlainHttp', Condition={'Bool': {'aws:SecureTransport': 'true'}})",
    ),
    (
        "state-policy",
        "high",
        "change_policy(bucket, 'DenyOtherAccounts', Effect='Allow')",
    ),
    (
        "logs-policy",
        "medium",
        "change_policy(logs, 'DenyOldTls', Action='s3:GetObject')",
    ),
    (
        "replica-policy",
        "high",
        "change_policy(replica, 'DenyCustomerKeys', Resource='arn:aws:s3:::other/*')",
    ),
    (
        "state-lifecycle",
        "low",
        "s3.delete_bucket_lifecycle(Bucket=bucket)",
    ),
    (
        "state-lifecycle",
        "low",
        "rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)['Rules']\n\
         rules[0]['NoncurrentVersionExpiration']['NoncurrentDays'] = 1\n\
         s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={'Rules': rules})",
    ),
    (
        "state-logging",
        "medium",
        "s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})",
    ),
    (
        "state-replication",
        "medium",
        "s3.delete_bucket_replication(Bucket=bucket)",
    ),
    (
        "state-object-lock",
        "medium",
        "rule = {'DefaultRetention': {'Mode': 'GOVERNANCE', 'Days': 1}}\n\
         s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={'ObjectLockEnabled': 'Enabled', 'Rule': rule})",
    ),
    (
        "state-tags",
        "info",
        "tags = [it for it in s3.get_bucket_tagging(Bucket=bucket)['TagSet'] if it['Key'] != 'owner']\n\
         s3.put_bucket_tagging(Bucket=bucket, Tagging={'TagSet': tags})",
    ),
    (
        "table-deletion-protection",
        "medium",
        "dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)",
    ),
    (
        "table-billing",
        "low",
        "units = {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}\n\
         dynamodb.update_table(TableName=table, BillingMode='PROVISIONED', ProvisionedThroughput=units)",
    ),
    // The emulator cannot change a table's encryption.
    (
        "table-recovery",
        "medium",
        "off = {'PointInTimeRecoveryEnabled': False}\n\
         dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=off)",
    ),
    (
        "table-tags",
        "info",
        "dynamodb.untag_resource(ResourceArn=dynamodb.describe_table(TableName=table)['Table']['TableArn'], TagKeys=['owner'])",
    ),
    (
        "plan-role-trust",
        "critical",
        "trust = iam.get_role(RoleName=bucket + '-plan')['Role']['AssumeRolePolicyDocument']\n\
         trust['Statement'][0]['Condition'] = {'StringLike': {'token.actions.githubusercontent.com:sub': 'repo:*'}}\n\
         iam.update_assume_role_policy(RoleName=bucket + '-plan', PolicyDocument=json.dumps(trust))",
    ),
    (
        "apply-role-trust",
        "critical",
        "trust = iam.get_role(RoleName=bucket + '-apply')['Role']['AssumeRolePolicyDocument']\n\
         trust['Statement'].append({'Effect': 'Allow', 'Principal': {'AWS': '*'}, 'Action': 'sts:AssumeRole'})\n\
         iam.update_assume_role_policy(RoleName=bucket + '-apply', PolicyDocument=json.dumps(trust))",
    ),
    (
        "plan-role-policy",
        "high",
        "policy = iam.get_role_policy(RoleName=bucket + '-plan', PolicyName='terraform-state')['PolicyDocument']\n\
         policy['Statement'][1]['Action'] = 's3:*'\n\
         iam.put_role_policy(RoleName=bucket + '-plan', PolicyName='terraform-state', PolicyDocument=json.dumps(policy))",
    ),
    (
        "apply-role-policy",
        "high",
        "iam.delete_role_policy(RoleName=bucket + '-apply', PolicyName='terraform-state')",
    ),
    (
        "replication-role-exists",
        "medium",
        "iam.delete_role_policy(RoleName=bucket + '-replication', PolicyName='terraform-state')\n\
         iam.delete_role(RoleName=bucket + '-replication')",
    ),
    (
        "oidc-exists",
        "medium",
        "arn = iam.list_open_id_connect_providers()['OpenIDConnectProviderList'][0]['Arn']\n\
         iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)",
    ),
];

/// Words of the scripts above.
const BREAKS: &str = "s3, dynamodb, iam = client('s3'), client('dynamodb'), client('iam')\n\
    bucket, logs, replica, table = args['bucket'], args['logs'], args['replica'], args['table']\n\
    key = client('kms').describe_key(KeyId='alias/' + bucket)['KeyMetadata']['KeyId']\n\
    def change_policy(bucket, sid, **fields):\n\
    \x20   policy = json.loads(s3.get_bucket_policy(Bucket=bucket)['Policy'])\n\
    \x20   for statement in policy['Statement']:\n\
    \x20       if statement['Sid'] == sid:\n\
    \x20           statement.update(fields)\n\
    \x20   s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))\n";

#[test]
fn each_weakness_is_judged_and_mended() {
    let account = Account::new();
    account.create();
    let right = without_ids(&account.everything());
    account.run(&["check", "--fail-on", "info"]).exits(0);
    for (policy, severity, script) in WEAKNESSES {
        account.boto(&format!("{BREAKS}{script}"));
        let judged = account.run(&["check", "--format", "json", "--fail-on", severity]);
        assert_eq!(
            judged.code,
            Some(1),
            "{policy}: {script}: {}{}",
            judged.out,
            judged.err
        );
        let judged = judged.json();
        let findings = judged["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["policy"] == *policy);
        let found = found.unwrap_or_else(|| panic!("{policy} is not in {findings:?}"));
        assert_eq!(found["severity"], *severity, "{policy}");
        assert!(
            found["fix"].as_str().unwrap().contains("tf-bootstrap create"),
            "{found}"
        );
        assert!(!found["message"].as_str().unwrap().is_empty());
        account.create();
        same(
            &without_ids(&account.everything()),
            &right,
            &format!("{policy}: {script}"),
        );
    }
    account.run(&["check", "--fail-on", "info"]).exits(0);
}

#[test]
fn severities_formats_and_reports_of_check() {
    let account = Account::with(
        "bootstrap {\n  bucket = \"plumbline-test-state\"\n  table  = \"plumbline-test-locks\"\n}\n",
    );
    let nothing = account.check().exits(1).json();
    let findings = nothing["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .any(|it| it["policy"] == "state-exists" && it["severity"] == "critical")
    );
    account.create();
    let all = account.check().exits(0).json();
    assert_eq!(all["summary"]["failed"], 0);
    assert_eq!(
        all["summary"]["passed"].as_u64(),
        all["findings"].as_array().map(|it| it.len() as u64)
    );
    account.boto(&format!("{BREAKS}s3.delete_bucket_lifecycle(Bucket=bucket)"));
    account
        .run(&["check", "--fail-on", "medium"])
        .exits(0)
        .says("lifecycle");
    account.run(&["check", "--fail-on", "none"]).exits(0);
    account.run(&["check"]).exits(1).says("tf-bootstrap create");
    for (format, says) in [
        ("sarif", "\"ruleId\""),
        ("junit", "<testsuite"),
        ("markdown", "state-lifecycle"),
        ("html", "<html"),
        ("github", "::"),
        ("gitlab", "fingerprint"),
    ] {
        account.run(&["check", "--format", format]).exits(1).says(says);
    }
    account.run(&["check", "--report", "json=report.json"]).exits(1);
    let report = std::fs::read_to_string(account.dir.path().join("report.json")).unwrap();
    assert_eq!(
        serde_json::from_str::<Json>(&report).unwrap()["schema"],
        "plumbline.check/1"
    );
    // A rule of somebody else that removes states is the worst of all, and is not ours to remove.
    account.boto(&format!(
        "{BREAKS}rule = {{'ID': 'tidy', 'Status': 'Enabled', 'Filter': {{'Prefix': ''}}, 'Expiration': {{'Days': 30}}}}\n\
         s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={{'Rules': [rule]}})"
    ));
    account.create();
    let judged = account
        .run(&["check", "--format", "json", "--fail-on", "critical"])
        .exits(1)
        .json();
    let ids: Vec<&Json> = judged["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["policy"])
        .collect();
    assert_eq!(ids, ["state-lifecycle-removes-states"]);
}

#[test]
fn what_others_made_is_not_touched_without_saying_so() {
    // Without object lock: the emulator switches it on for empty buckets only.
    let account = Account::with(
        "bootstrap {\n  bucket = \"plumbline-test-state\"\n  table = \"plumbline-test-locks\"\n  tags = { owner = \"platform\" }\n}\n",
    );
    // A bucket, a table, a role and a key by somebody else.
    account.boto(&format!(
        "s3, dynamodb, iam, kms = client('s3'), client('dynamodb'), client('iam'), client('kms')\n\
         s3.create_bucket(Bucket=args['bucket'], CreateBucketConfiguration={{'LocationConstraint': REGION}})\n\
         s3.put_bucket_tagging(Bucket=args['bucket'], Tagging={{'TagSet': [{{'Key': 'team', 'Value': 'x'}}]}})\n\
         s3.put_bucket_versioning(Bucket=args['bucket'], VersioningConfiguration={{'Status': 'Enabled'}})\n\
         s3.put_object(Bucket=args['bucket'], Key='dev/app/terraform.tfstate', Body=b'1')\n\
         s3.put_object(Bucket=args['bucket'], Key='dev/app/terraform.tfstate', Body=b'22')\n\
         policy = {{'Version': '2012-10-17', 'Statement': [{{'Sid': 'Theirs', 'Effect': 'Allow', 'Principal': {{'AWS': 'arn:aws:iam::{ACCOUNT}:root'}},\n\
         \x20 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::' + args['bucket'] + '/*'}}]}}\n\
         s3.put_bucket_policy(Bucket=args['bucket'], Policy=json.dumps(policy))\n\
         rule = {{'ID': 'theirs', 'Status': 'Enabled', 'Filter': {{'Prefix': 'x/'}}, 'AbortIncompleteMultipartUpload': {{'DaysAfterInitiation': 1}}}}\n\
         s3.put_bucket_lifecycle_configuration(Bucket=args['bucket'], LifecycleConfiguration={{'Rules': [rule]}})\n\
         dynamodb.create_table(TableName=args['table'], BillingMode='PAY_PER_REQUEST',\n\
         \x20 KeySchema=[{{'AttributeName': 'LockID', 'KeyType': 'HASH'}}],\n\
         \x20 AttributeDefinitions=[{{'AttributeName': 'LockID', 'AttributeType': 'S'}}],\n\
         \x20 SSESpecification={{'Enabled': True, 'SSEType': 'KMS'}}, Tags=[{{'Key': 'team', 'Value': 'x'}}])\n\
         dynamodb.put_item(TableName=args['table'], Item={{'LockID': {{'S': args['bucket'] + '/dev/app/terraform.tfstate-md5'}}, 'Digest': {{'S': 'x'}}}})\n\
         key = kms.create_key(Tags=[{{'TagKey': 'team', 'TagValue': 'x'}}])['KeyMetadata']['KeyId']\n\
         kms.create_alias(AliasName='alias/' + args['bucket'], TargetKeyId=key)\n"
    ));
    let before = account.everything();
    let refused = account.run(&["create", "--yes"]).exits(2).says("--adopt");
    for what in [
        "bucket plumbline-test-state was not made",
        "table plumbline-test-locks was not made",
        "key alias/plumbline-test-state was not made",
    ] {
        assert!(refused.err.contains(what), "{what}: {}", refused.err);
    }
    assert_eq!(account.everything(), before);
    // Without a terminal nobody can answer.
    account.run(&["create"]).exits(2).says("--yes");
    assert_eq!(account.everything(), before);

    account.run(&["create", "--yes", "--adopt"]).exits(0);
    let after = account.everything();
    let of = |found: &Json, field: &str| found["buckets"][BUCKET][field].clone();
    assert_eq!(of(&after, "objects"), of(&before, "objects"));
    assert_eq!(after["tables"][TABLE]["items"], before["tables"][TABLE]["items"]);
    assert_eq!(
        after["keys"]["eu-west-1"][0]["arn"],
        before["keys"]["eu-west-1"][0]["arn"]
    );
    assert_eq!(after["keys"]["eu-west-1"].as_array().unwrap().len(), 1);
    // What they wrote beside is kept.
    assert!(statements(&after["buckets"][BUCKET]["policy"]).contains_key("Theirs"));
    let rules = after["buckets"][BUCKET]["lifecycle"]["Rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["ID"] == "theirs"));
    let team = json!({ "Key": "team", "Value": "x" });
    assert!(
        after["buckets"][BUCKET]["tags"]["TagSet"]
            .as_array()
            .unwrap()
            .contains(&team)
    );
    assert_eq!(after["tables"][TABLE]["tags"]["team"], "x");
    let judged = account.run(&["check", "--format", "json"]).exits(1).json();
    let ids: Vec<&Json> = judged["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["policy"])
        .collect();
    // What the key's policy says is what AWS writes, and what we would.
    assert_eq!(ids, ["state-policy-others"], "{judged}");
}

/// Two runs meet at each of these calls.
struct Meeting {
    arrived: Mutex<BTreeMap<String, usize>>,
    changed: Condvar,
}

impl Meeting {
    /// Waits until the other run makes the same call; not for ever, since it need not make it.
    fn at(&self, name: &str, all: usize) {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived.entry(name.to_owned()).or_default() += 1;
        self.changed.notify_all();
        let waiting = |arrived: &mut BTreeMap<String, usize>| arrived[name] < all;
        drop(
            self.changed
                .wait_timeout_while(arrived, Duration::from_secs(3), waiting)
                .unwrap(),
        );
    }
}

#[test]
fn two_at_once_end_in_one_right_backend() {
    let account = Account::new();
    account.create();
    let alone = account.everything();
    let reference = account.check().exits(0).out;
    for met in [
        "",
        "PUT /",
        "POST TrentService.Create",
        "POST DynamoDB_20120810.",
        "POST Create",
    ] {
        account.reset();
        let meeting = Arc::new(Meeting {
            arrived: Mutex::default(),
            changed: Condvar::new(),
        });
        let hook = move |name: &str| {
            if !met.is_empty() && is_change(name) && name.starts_with(met) {
                // Both runs make each key in both regions.
                meeting.at(name, if name.contains("TrentService") { 4 } else { 2 });
            }
        };
        let proxy = Proxy::with_hook(account.url(), hook);
        let runs: Vec<_> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        finished(&mut account.command_at(&proxy.url, &["create", "--yes", "--no-files"]))
                    })
                })
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        for run in &runs {
            assert_eq!(run.code, Some(0), "{met}: {}{}", run.out, run.err);
        }
        let mut made = account.everything();
        // Who was slower has given up its key, with which nothing was encrypted.
        for region in ["eu-west-1", "eu-central-1"] {
            let keys = made["keys"][region].as_array_mut().unwrap();
            assert!(
                keys.iter()
                    .all(|key| (key["state"] == "Enabled") != key["alias"].is_null()),
                "{met}: {keys:?}"
            );
            keys.retain(|key| key["state"] == "Enabled");
        }
        same(&without_ids(&made), &without_ids(&alone), met);
        assert_eq!(account.check().exits(0).out, reference);
    }
}

#[test]
fn what_cannot_be_mended_is_refused_before_any_change() {
    let account = Account::new();
    let schema = "KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}], AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}]";
    for (what, prepare, args, says) in [
        // Bucket names are the whole world's.
        (
            "somebody else's state bucket",
            "client('s3', account='999988887777').create_bucket(Bucket=args['bucket'], CreateBucketConfiguration={'LocationConstraint': REGION})".to_owned(),
            &[][..],
            "bucket plumbline-test-state is another account's",
        ),
        (
            "somebody else's log bucket",
            "client('s3', account='999988887777').create_bucket(Bucket=args['logs'], CreateBucketConfiguration={'LocationConstraint': REGION})".to_owned(),
            &[],
            "bucket plumbline-test-state-logs is another account's",
        ),
        (
            "a bucket in another region",
            "client('s3', 'eu-north-1').create_bucket(Bucket=args['bucket'], CreateBucketConfiguration={'LocationConstraint': 'eu-north-1'})".to_owned(),
            &[],
            "--region eu-north-1",
        ),
        ("another account", String::new(), &["--account", "999988887777"], "999988887777 was meant"),
        (
            "a table with another key",
            format!("client('dynamodb').create_table(TableName=args['table'], BillingMode='PAY_PER_REQUEST', {schema})"),
            &["--adopt"],
            "exists with another key (id S HASH)",
        ),
        (
            "a table with a range key",
            "client('dynamodb').create_table(TableName=args['table'], BillingMode='PAY_PER_REQUEST',\n\
             \x20 KeySchema=[{'AttributeName': 'LockID', 'KeyType': 'HASH'}, {'AttributeName': 'id', 'KeyType': 'RANGE'}],\n\
             \x20 AttributeDefinitions=[{'AttributeName': it, 'AttributeType': 'S'} for it in ('LockID', 'id')])"
                .to_owned(),
            &["--adopt"],
            "exists with another key",
        ),
        (
            "an alias of a key that signs",
            "kms = client('kms')\n\
             key = kms.create_key(KeyUsage='SIGN_VERIFY', KeySpec='RSA_2048')['KeyMetadata']['KeyId']\n\
             kms.create_alias(AliasName='alias/' + args['bucket'], TargetKeyId=key)"
                .to_owned(),
            &["--adopt"],
            "S3 cannot encrypt (RSA_2048)",
        ),
    ] {
        account.reset();
        if !prepare.is_empty() {
            account.boto(&prepare);
        }
        let before = account.everything();
        let proxy = Proxy::new(account.url(), None);
        let args = [&["create", "--yes"], args].concat();
        let (code, out, err) = proxy.run(&mut account.command_at(&proxy.url, &args));
        assert_eq!(code, Some(2), "{what}: {out}{err}");
        assert!(err.contains(says), "{what}: {err}");
        assert_eq!(proxy.changes(), Vec::<String>::new(), "{what}");
        assert_eq!(account.everything(), before, "{what}");
        assert!(!account.dir.path().join("environments/dev/app/backend.hcl").exists());
    }
    // As AWS itself says that a bucket is another account's.
    account.reset();
    let before = account.everything();
    for bucket in [BUCKET, LOGS, REPLICA] {
        let proxy = Proxy::at_all(account.url(), &format!("HEAD /{bucket}/"), Fault::Deny);
        let (code, _, err) = proxy.run(&mut account.command_at(&proxy.url, &["create", "--yes"]));
        assert_eq!(code, Some(2), "{err}");
        assert!(
            err.contains(&format!("bucket {bucket} is another account's")),
            "{err}"
        );
        assert_eq!(proxy.changes(), Vec::<String>::new());
    }
    assert_eq!(account.everything(), before);
}

#[test]
fn destroy_goes_when_nothing_is_left_and_not_before() {
    let account = Account::new();
    // The emulator takes the conditions of a bucket's policy for always true: states could not be written at all.
    let create = || account.run(&["create", "--yes", "--no-bucket-policy"]).exits(0);
    let destroy: &[&str] = &["destroy", "--confirm", BUCKET, "--with-logs", "--with-replica"];
    create();
    let refused = |what: &str, prepare: &str, says: &str, undo: &str| {
        account.boto(&format!(
            "s3, dynamodb = client('s3'), client('dynamodb')\n{prepare}"
        ));
        let before = account.everything();
        account.run(destroy).exits(2).says(says);
        assert_eq!(account.everything(), before, "{what}");
        account.boto(&format!(
            "s3, dynamodb = client('s3'), client('dynamodb')\n{undo}"
        ));
    };
    refused(
        "a lock in the table",
        "dynamodb.put_item(TableName=args['table'], Item={'LockID': {'S': args['bucket'] + '/dev/app/terraform.tfstate'}, 'Info': {'S': '{}'}})",
        "holds locks",
        "dynamodb.delete_item(TableName=args['table'], Key={'LockID': {'S': args['bucket'] + '/dev/app/terraform.tfstate'}})",
    );
    refused(
        "a table that another backend uses",
        "dynamodb.put_item(TableName=args['table'], Item={'LockID': {'S': 'other/terraform.tfstate-md5'}, 'Digest': {'S': 'x'}})",
        "used by another backend",
        "dynamodb.delete_item(TableName=args['table'], Key={'LockID': {'S': 'other/terraform.tfstate-md5'}})",
    );
    refused(
        "a lock file",
        "s3.put_object(Bucket=args['bucket'], Key='dev/app/terraform.tfstate.tflock', Body=b'{}')",
        "holds locks",
        "s3.delete_object(Bucket=args['bucket'], Key='dev/app/terraform.tfstate.tflock')",
    );
    refused(
        "a state",
        "s3.put_object(Bucket=args['bucket'], Key='dev/app/terraform.tfstate', Body=b'{}')",
        "still holds states: dev/app/terraform.tfstate",
        "s3.delete_object(Bucket=args['bucket'], Key='dev/app/terraform.tfstate')",
    );
    refused(
        "old versions of a state that is gone",
        "",
        "old versions of states: dev/app/terraform.tfstate",
        "",
    );
    let before = account.everything();
    account.run(&["destroy", "--confirm", "another"]).exits(2);
    account
        .run(&["destroy", "--dry-run", "--with-versions"])
        .exits(1)
        .says("would be removed");
    assert_eq!(account.everything(), before);
    // Of an object lock the emulator knows what AWS knows: versions stay until their time is over.
    account.boto("s3 = client('s3')\nfor key, version, _, _ in objects(args['bucket']):\n    s3.delete_object(Bucket=args['bucket'], Key=key, VersionId=version, BypassGovernanceRetention=True)");
    // A record is begun and ended: two versions, whose lock is over. It is no state, and goes only with a word of its own.
    account.boto("from datetime import datetime\ns3 = client('s3')\nfor text in [b'{}', b'{ }']:\n    s3.put_object(ObjectLockMode='GOVERNANCE', ObjectLockRetainUntilDate=datetime(2020, 1, 1), Bucket=args['bucket'], Key='dev/app/terraform.tfstate.audit/2026-01-31T060000Z-0123456789ab.json', Body=text)");
    let before = account.everything();
    account
        .run(&[destroy, &["--with-versions"]].concat())
        .exits(2)
        .says("still holds records of applies: dev/app/terraform.tfstate.audit/2026-01-31T060000Z");
    assert_eq!(account.everything(), before);
    account.run(&[destroy, &["--with-records"]].concat()).exits(0);
    let after = account.everything();
    for what in ["buckets", "tables", "roles"] {
        assert_eq!(after[what], json!({}), "{what}");
    }
    for region in ["eu-west-1", "eu-central-1"] {
        let keys = after["keys"][region].as_array().unwrap();
        assert!(
            keys.iter()
                .all(|key| key["state"] == "PendingDeletion" && key["alias"].is_null()),
            "{keys:?}"
        );
    }
    assert_eq!(after["providers"].as_array().unwrap().len(), 1);
    account.run(destroy).exits(0).says("nothing to remove");
    create();
    account
        .run(&["check", "--no-bucket-policy", "--fail-on", "info"])
        .exits(0);
}
