//! Which requests the documents allow and deny.

use std::collections::BTreeMap;

use super::desired::{Desired, Encryption, GithubRoles, Replica};
use super::documents;
use super::evaluator::{Decision, Request, decide};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/right";
const STATE: &str = "arn:aws:s3:::states/dev/services/terraform.tfstate";
const LOCK: &str = "arn:aws:s3:::states/dev/services/terraform.tfstate.tflock";
const SSE: &str = "s3:x-amz-server-side-encryption";
const SSE_KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
const SSE_C: &str = "s3:x-amz-server-side-encryption-customer-algorithm";

pub(crate) fn desired(encryption: Encryption) -> Desired {
    Desired {
        account: ACCOUNT.to_owned(),
        partition: "aws".to_owned(),
        region: "eu-west-1".to_owned(),
        bucket: "states".to_owned(),
        log_bucket: "states-logs".to_owned(),
        table: Some("locks".to_owned()),
        encryption,
        bucket_policy: true,
        noncurrent_versions: 10,
        noncurrent_days: 90,
        replica: Some(Replica {
            region: "eu-central-1".to_owned(),
            bucket: "states-replica".to_owned(),
        }),
        object_lock: None,
        github: None,
        tags: BTreeMap::new(),
        emulated: false,
    }
}

fn put(resource: &str, headers: &[(&str, &str)]) -> Request {
    let request = Request::new("s3:PutObject", resource).by_account(ACCOUNT);
    headers
        .iter()
        .fold(request, |request, (key, value)| request.with(key, value))
}

#[test]
fn a_state_bucket_takes_states_with_its_own_key_and_lock_files_with_no_other() {
    let policy = documents::states(&desired(Encryption::Kms), "states", Some(KEY));
    let kms = (SSE, "aws:kms");
    let right = (SSE_KEY, KEY);
    let wrong = (SSE_KEY, "arn:aws:kms:eu-west-1:111122223333:key/wrong");
    for (what, resource, headers, denied) in [
        (
            "encrypt and kms_key_id, as backend-config gives them",
            STATE,
            vec![kms, right],
            false,
        ),
        ("no encrypt: no headers", STATE, vec![], true),
        ("encrypt alone: S3's keys", STATE, vec![(SSE, "AES256")], true),
        (
            "aws:kms without a key: S3 would take aws/s3",
            STATE,
            vec![kms],
            true,
        ),
        ("another key", STATE, vec![kms, wrong], true),
        (
            "two layers with the right key",
            STATE,
            vec![(SSE, "aws:kms:dsse"), right],
            true,
        ),
        ("a key of the caller's", STATE, vec![(SSE_C, "AES256")], true),
        (
            "a lock file of Terraform with both",
            LOCK,
            vec![kms, right],
            false,
        ),
        (
            "a lock file without headers: the bucket's default applies",
            LOCK,
            vec![],
            false,
        ),
        ("a lock file with S3's keys", LOCK, vec![(SSE, "AES256")], true),
        ("a lock file with another key", LOCK, vec![kms, wrong], true),
        ("a lock file with aws/s3", LOCK, vec![kms], true),
        (
            "a lock file with two layers",
            LOCK,
            vec![(SSE, "aws:kms:dsse"), right],
            true,
        ),
        (
            "a lock file with a key of the caller's",
            LOCK,
            vec![(SSE_C, "AES256")],
            true,
        ),
        (
            "a state that is only called like a lock",
            "arn:aws:s3:::states/a.tflock/terraform.tfstate",
            vec![],
            true,
        ),
    ] {
        let decision = decide(&policy, &put(resource, &headers));
        assert_eq!(
            decision,
            if denied {
                Decision::Denied
            } else {
                Decision::Silent
            },
            "{what}"
        );
    }
}

#[test]
fn with_s3s_keys_the_headers_are_aes256() {
    let policy = documents::states(&desired(Encryption::Aes256), "states", None);
    for (what, resource, headers, denied) in [
        ("encrypt", STATE, vec![(SSE, "AES256")], false),
        ("no encrypt", STATE, vec![], true),
        ("kms", STATE, vec![(SSE, "aws:kms"), (SSE_KEY, KEY)], true),
        ("a lock file", LOCK, vec![(SSE, "AES256")], false),
        ("a lock file without headers", LOCK, vec![], false),
        ("a lock file with kms", LOCK, vec![(SSE, "aws:kms")], true),
        ("a key of the caller's", STATE, vec![(SSE_C, "AES256")], true),
    ] {
        let decision = decide(&policy, &put(resource, &headers));
        assert_eq!(
            decision,
            if denied {
                Decision::Denied
            } else {
                Decision::Silent
            },
            "{what}"
        );
    }
}

#[test]
fn buckets_are_closed_to_plain_http_and_other_accounts() {
    let whole = desired(Encryption::Kms);
    for (bucket, policy) in [
        ("states", documents::states(&whole, "states", Some(KEY))),
        (
            "states-replica",
            documents::states(&whole, "states-replica", Some(KEY)),
        ),
        ("states-logs", documents::logs(&whole, "states-logs")),
    ] {
        let arn = format!("arn:aws:s3:::{bucket}");
        for (action, resource) in [
            ("s3:GetObject", format!("{arn}/dev/services/terraform.tfstate")),
            (
                "s3:GetObjectVersion",
                format!("{arn}/dev/services/terraform.tfstate"),
            ),
            (
                "s3:DeleteObject",
                format!("{arn}/dev/services/terraform.tfstate.tflock"),
            ),
            ("s3:ListBucket", arn.clone()),
            ("s3:PutBucketPolicy", arn.clone()),
        ] {
            let request = Request::new(action, &resource);
            let ours = request.clone().by_account(ACCOUNT);
            for (who, request, denied) in [
                ("our account", ours.clone(), false),
                ("another account", request.clone().by_account(OTHER), true),
                (
                    "nobody",
                    request
                        .clone()
                        .with("aws:SecureTransport", "true")
                        .with("s3:TlsVersion", "1.3"),
                    true,
                ),
                (
                    "plain HTTP",
                    ours.clone()
                        .without("aws:SecureTransport")
                        .with("aws:SecureTransport", "false"),
                    true,
                ),
                (
                    "TLS 1.1",
                    ours.clone().without("s3:TlsVersion").with("s3:TlsVersion", "1.1"),
                    true,
                ),
                (
                    "TLS 1.2",
                    ours.without("s3:TlsVersion").with("s3:TlsVersion", "1.2"),
                    false,
                ),
            ] {
                let decision = decide(&policy, &request);
                let expected = if denied {
                    Decision::Denied
                } else {
                    Decision::Silent
                };
                assert_eq!(decision, expected, "{bucket}: {action} by {who}");
            }
        }
    }
}

#[test]
fn logs_come_from_s3_for_our_bucket_and_from_nobody_else() {
    let policy = documents::logs(&desired(Encryption::Kms), "states-logs");
    let log = Request::new("s3:PutObject", "arn:aws:s3:::states-logs/states/2026");
    let source = |arn: &str, account: &str, request: Request| {
        request
            .with("aws:SourceArn", arn)
            .with("aws:SourceAccount", account)
    };
    let service = "logging.s3.amazonaws.com";
    for (what, request, expected) in [
        (
            "S3, for us",
            source("arn:aws:s3:::states", ACCOUNT, log.clone().by_service(service)),
            Decision::Allowed,
        ),
        (
            "S3, for another bucket",
            source("arn:aws:s3:::others", ACCOUNT, log.clone().by_service(service)),
            Decision::Silent,
        ),
        (
            "S3, for another account",
            source("arn:aws:s3:::states", OTHER, log.clone().by_service(service)),
            Decision::Silent,
        ),
        (
            "another service",
            source(
                "arn:aws:s3:::states",
                ACCOUNT,
                log.clone().by_service("x.amazonaws.com"),
            ),
            Decision::Silent,
        ),
        (
            "another account",
            source("arn:aws:s3:::states", OTHER, log.by_account(OTHER)),
            Decision::Denied,
        ),
    ] {
        assert_eq!(decide(&policy, &request), expected, "{what}");
    }
}

#[test]
fn the_key_is_the_accounts() {
    let policy = documents::key(&desired(Encryption::Kms));
    let use_key = |account| decide(&policy, &Request::new("kms:Decrypt", KEY).by_account(account));
    assert_eq!(use_key(ACCOUNT), Decision::Allowed);
    assert_eq!(use_key(OTHER), Decision::Silent);
}

pub(crate) fn github() -> (Desired, GithubRoles) {
    let github = GithubRoles {
        plan: vec![
            "repo:o/n:ref:refs/heads/main".to_owned(),
            "repo:o/n:pull_request".to_owned(),
        ],
        apply: vec!["repo:o/n:environment:dev".to_owned()],
        keys: vec!["dev/services/terraform.tfstate".to_owned()],
    };
    (
        Desired {
            github: Some(github.clone()),
            ..desired(Encryption::Kms)
        },
        github,
    )
}

#[test]
fn roles_of_the_pipeline_reach_exactly_their_states() {
    let (whole, github) = github();
    let plan = documents::plan(&whole, &github, Some(KEY));
    let apply = documents::apply(&whole, &github, Some(KEY));
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/locks";
    let item = |action: &str, id: &str| Request::new(action, table).with("dynamodb:LeadingKeys", id);
    let of_state = "states/dev/services/terraform.tfstate";
    let digest = "states/dev/services/terraform.tfstate-md5";
    let elsewhere = "arn:aws:s3:::states/prod/services/terraform.tfstate";
    let through = |action: &str, service: &str| Request::new(action, KEY).with("kms:ViaService", service);
    for (what, request, in_plan, in_apply) in [
        ("read the state", Request::new("s3:GetObject", STATE), true, true),
        (
            "write the state",
            Request::new("s3:PutObject", STATE),
            false,
            true,
        ),
        (
            "delete the state",
            Request::new("s3:DeleteObject", STATE),
            false,
            false,
        ),
        (
            "remove a version",
            Request::new("s3:DeleteObjectVersion", STATE),
            false,
            false,
        ),
        (
            "record an apply",
            Request::new(
                "s3:PutObject",
                &format!("{STATE}.audit/2026-11-21T200000Z-c0ffee.json"),
            ),
            false,
            true,
        ),
        (
            "delete a record",
            Request::new(
                "s3:DeleteObject",
                &format!("{STATE}.audit/2026-11-21T200000Z-c0ffee.json"),
            ),
            false,
            false,
        ),
        ("lock by file", Request::new("s3:PutObject", LOCK), true, true),
        (
            "unlock by file",
            Request::new("s3:DeleteObject", LOCK),
            true,
            true,
        ),
        (
            "read another environment's state",
            Request::new("s3:GetObject", elsewhere),
            false,
            false,
        ),
        (
            "write another environment's state",
            Request::new("s3:PutObject", elsewhere),
            false,
            false,
        ),
        (
            "find the state",
            Request::new("s3:ListBucket", "arn:aws:s3:::states")
                .with("s3:prefix", "dev/services/terraform.tfstate"),
            true,
            true,
        ),
        (
            "list everything",
            Request::new("s3:ListBucket", "arn:aws:s3:::states").with("s3:prefix", ""),
            false,
            false,
        ),
        (
            "change the bucket",
            Request::new("s3:PutBucketPolicy", "arn:aws:s3:::states"),
            false,
            false,
        ),
        ("read the digest", item("dynamodb:GetItem", digest), true, true),
        ("write the digest", item("dynamodb:PutItem", digest), false, true),
        ("lock by item", item("dynamodb:PutItem", of_state), true, true),
        (
            "unlock by item",
            item("dynamodb:DeleteItem", of_state),
            true,
            true,
        ),
        (
            "break another's lock",
            item("dynamodb:DeleteItem", "states/prod/services/terraform.tfstate"),
            false,
            false,
        ),
        (
            "read all locks",
            Request::new("dynamodb:Scan", table),
            false,
            false,
        ),
        (
            "decrypt through S3",
            through("kms:Decrypt", "s3.eu-west-1.amazonaws.com"),
            true,
            true,
        ),
        (
            "encrypt through S3",
            through("kms:GenerateDataKey", "s3.eu-west-1.amazonaws.com"),
            true,
            true,
        ),
        (
            "decrypt through another service",
            through("kms:Decrypt", "rds.eu-west-1.amazonaws.com"),
            false,
            false,
        ),
        ("decrypt by hand", Request::new("kms:Decrypt", KEY), false, false),
        (
            "another key",
            Request::new("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/wrong")
                .with("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
            false,
            false,
        ),
    ] {
        let expected = |allowed| {
            if allowed {
                Decision::Allowed
            } else {
                Decision::Silent
            }
        };
        assert_eq!(decide(&plan, &request), expected(in_plan), "plan: {what}");
        assert_eq!(decide(&apply, &request), expected(in_apply), "apply: {what}");
    }
}

#[test]
fn only_the_named_jobs_sign_in() {
    let (whole, github) = github();
    let provider = whole.provider_arn();
    let plan = documents::github_trust(&whole, &github.plan);
    let apply = documents::github_trust(&whole, &github.apply);
    let token = |subject: &str, audience: &str, provider: &str| {
        Request::new("sts:AssumeRoleWithWebIdentity", "")
            .by_token(provider)
            .with("token.actions.githubusercontent.com:sub", subject)
            .with("token.actions.githubusercontent.com:aud", audience)
    };
    let sts = "sts.amazonaws.com";
    for (what, request, in_plan, in_apply) in [
        (
            "main",
            token("repo:o/n:ref:refs/heads/main", sts, &provider),
            true,
            false,
        ),
        (
            "a pull request",
            token("repo:o/n:pull_request", sts, &provider),
            true,
            false,
        ),
        (
            "the environment",
            token("repo:o/n:environment:dev", sts, &provider),
            false,
            true,
        ),
        (
            "another environment",
            token("repo:o/n:environment:prod", sts, &provider),
            false,
            false,
        ),
        (
            "another branch",
            token("repo:o/n:ref:refs/heads/mainly", sts, &provider),
            false,
            false,
        ),
        (
            "another repository",
            token("repo:o/nn:ref:refs/heads/main", sts, &provider),
            false,
            false,
        ),
        (
            "another audience",
            token("repo:o/n:ref:refs/heads/main", "x", &provider),
            false,
            false,
        ),
        (
            "another issuer",
            token(
                "repo:o/n:ref:refs/heads/main",
                sts,
                "arn:aws:iam::111122223333:oidc-provider/x",
            ),
            false,
            false,
        ),
    ] {
        let expected = |allowed| {
            if allowed {
                Decision::Allowed
            } else {
                Decision::Silent
            }
        };
        assert_eq!(decide(&plan, &request), expected(in_plan), "plan: {what}");
        assert_eq!(decide(&apply, &request), expected(in_apply), "apply: {what}");
    }
}

#[test]
fn the_copy_is_made_by_s3_from_one_bucket_to_the_other() {
    let whole = desired(Encryption::Kms);
    let to_key = "arn:aws:kms:eu-central-1:111122223333:key/copy";
    let policy = documents::replication(&whole, "states-replica", Some((KEY, to_key)));
    let key = |action: &str, key: &str, region: &str, bucket: &str| {
        Request::new(action, key)
            .with("kms:ViaService", &format!("s3.{region}.amazonaws.com"))
            .with(
                "kms:EncryptionContext:aws:s3:arn",
                &format!("arn:aws:s3:::{bucket}"),
            )
    };
    for (what, request, allowed) in [
        (
            "read a version",
            Request::new("s3:GetObjectVersionForReplication", STATE),
            true,
        ),
        (
            "write the copy",
            Request::new("s3:ReplicateObject", "arn:aws:s3:::states-replica/a"),
            true,
        ),
        (
            "write the original",
            Request::new("s3:ReplicateObject", STATE),
            false,
        ),
        (
            "delete in the copy",
            Request::new("s3:ReplicateDelete", "arn:aws:s3:::states-replica/a"),
            false,
        ),
        ("decrypt", key("kms:Decrypt", KEY, "eu-west-1", "states"), true),
        (
            "encrypt",
            key("kms:Encrypt", to_key, "eu-central-1", "states-replica"),
            true,
        ),
        (
            "decrypt the copy",
            key("kms:Decrypt", to_key, "eu-central-1", "states-replica"),
            false,
        ),
        (
            "decrypt another bucket",
            key("kms:Decrypt", KEY, "eu-west-1", "others"),
            false,
        ),
    ] {
        let expected = if allowed {
            Decision::Allowed
        } else {
            Decision::Silent
        };
        assert_eq!(decide(&policy, &request), expected, "{what}");
    }
    let trust = documents::replication_trust(&whole);
    let assume = |service: &str, arn: &str, account: &str| {
        let request = Request::new("sts:AssumeRole", "").by_service(service);
        decide(
            &trust,
            &request
                .with("aws:SourceArn", arn)
                .with("aws:SourceAccount", account),
        )
    };
    assert_eq!(
        assume("s3.amazonaws.com", "arn:aws:s3:::states", ACCOUNT),
        Decision::Allowed
    );
    assert_eq!(
        assume("s3.amazonaws.com", "arn:aws:s3:::states", OTHER),
        Decision::Silent
    );
    assert_eq!(
        assume("s3.amazonaws.com", "arn:aws:s3:::others", ACCOUNT),
        Decision::Silent
    );
    assert_eq!(
        assume("ec2.amazonaws.com", "arn:aws:s3:::states", ACCOUNT),
        Decision::Silent
    );
}
