//! `tf-bootstrap create` when things go wrong: killed at every call, calls that fail, access that is denied; and `destroy` killed at
//! every call. A proxy counts the calls and does the harm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod account;
mod proxy;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use account::{Account, BUCKET, same, without_ids};
use proxy::{Fault, Proxy, is_change};
use serde_json::Value as Json;

const CREATE: &[&str] = &["create", "--yes"];
/// Emulators that a test uses side by side: one more than this machine's smallest has cores would only wait.
const SIDE_BY_SIDE: usize = 2;

/// What a complete backend is, by another client and by our own report, and how it comes about.
struct Reference {
    empty: Json,
    made: Json,
    report: String,
    file: String,
    calls: Vec<String>,
    changes: usize,
}

/// The settings that are written into the root, without the key, which AWS draws, and without the emulator's or the proxy's address.
fn file(account: &Account, made: &Json) -> String {
    let text = fs::read_to_string(account.dir.path().join("environments/dev/app/backend.hcl")).unwrap();
    let key = made["keys"]["eu-west-1"][0]["arn"].as_str().unwrap();
    assert!(text.contains(key), "{text}");
    let text = text.replace(key, "<key>");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("endpoints "))
        .collect();
    assert_eq!(lines.len() + 1, text.lines().count(), "{text}");
    lines.join("\n")
}

impl Reference {
    fn new(account: &Account) -> Reference {
        let empty = account.everything();
        let proxy = Proxy::new(account.url(), None);
        let (code, _, err) = proxy.run(&mut account.command_at(&proxy.url, CREATE));
        assert_eq!(code, Some(0), "{err}");
        let made = account.everything();
        Reference {
            empty,
            made: without_ids(&made),
            report: account.check().exits(0).out,
            file: file(account, &made),
            calls: proxy.names(),
            changes: proxy.changes().len(),
        }
    }

    /// The number of the first call of the work: everything is looked at before, and keys are listed only to make one.
    fn first_of_work(&self) -> usize {
        let of_work = |name: &String| is_change(name) || name.ends_with(".ListKeys");
        self.calls.iter().position(of_work).unwrap() + 1
    }

    /// The number of the first call that reads back: nothing is changed any more.
    fn read_back(&self) -> usize {
        self.calls.iter().rposition(|name| is_change(name)).unwrap() + 2
    }

    /// Whether the backend is this one, byte for byte in what `check` reports, and in what another client sees.
    #[track_caller]
    fn is_reached(&self, account: &Account, what: &str, thorough: bool) {
        let check = account.check();
        assert_eq!(check.code, Some(0), "{what}: {}{}", check.out, check.err);
        assert_eq!(check.out, self.report, "{what}");
        let keys = account.boto("result = [len(keys(region)) for region in ('eu-west-1', 'eu-central-1')]");
        assert_eq!(keys, serde_json::json!([1, 1]), "{what}: keys");
        if thorough {
            let made = account.everything();
            same(&without_ids(&made), &self.made, what);
            assert_eq!(file(account, &made), self.file, "{what}");
        }
    }
}

/// Does something with each number from 1, on several accounts side by side, until it says that there are no more.
fn with_each_number(each: impl Fn(&Account, &Reference, usize) -> bool + Sync) -> usize {
    let next = AtomicUsize::new(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..SIDE_BY_SIDE)
            .map(|_| {
                scope.spawn(|| {
                    let account = Account::new();
                    let reference = Reference::new(&account);
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if !each(&account, &reference, number) {
                            return number;
                        }
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .min()
            .unwrap()
    })
}

#[test]
fn killed_at_every_call_the_next_run_completes() {
    let calls = with_each_number(|account, reference, n| {
        account.reset();
        let proxy = Proxy::new(account.url(), Some((n, Fault::KillAfter)));
        let (code, out, err) = proxy.run(&mut account.command_at(&proxy.url, CREATE));
        if code == Some(0) {
            assert!(n > reference.calls.len(), "{n} of {}", reference.calls.len());
            return false;
        }
        let what = format!("killed at {n}, {}", proxy.names()[n - 1]);
        assert_eq!(code, None, "{what}: {out}{err}");
        let changes = proxy.changes().len();
        if changes == 0 {
            // The next run begins where the reference began.
            assert_eq!(account.everything(), reference.empty, "{what}");
            return true;
        }
        // When everything was done only the files remain, and all such numbers leave the same behind.
        let thorough = n.is_multiple_of(8);
        if changes == reference.changes && !thorough {
            return true;
        }
        let again = account.run(CREATE);
        assert_eq!(again.code, Some(0), "{what}: {}{}", again.out, again.err);
        reference.is_reached(account, &what, thorough);
        true
    });
    assert!(calls > 100, "{calls}");
}

#[test]
fn calls_that_fail_once_are_made_again() {
    let faults = [
        Fault::Throttle,
        Fault::Internal,
        Fault::Aborted,
        Fault::Drop,
        Fault::LoseAnswer,
        Fault::BreakOff,
        Fault::Slow(Duration::from_millis(300)),
    ];
    with_each_number(|account, reference, n| {
        let Some(fault) = faults.get(n - 1) else {
            return false;
        };
        account.reset();
        let proxy = Proxy::at_each(account.url(), *fault);
        let (code, out, err) = proxy.run(&mut account.command_at(&proxy.url, CREATE));
        assert_eq!(code, Some(0), "{fault:?}: {out}{err}");
        reference.is_reached(account, &format!("{fault:?}"), true);
        true
    });
}

#[test]
fn an_answer_that_is_lost_at_any_change_does_no_harm() {
    // One loss in a run otherwise undisturbed: other calls are ahead of the one that is made again.
    with_each_number(|account, reference, n| {
        let changes: Vec<usize> = (1..=reference.calls.len())
            .filter(|n| is_change(&reference.calls[n - 1]))
            .collect();
        let Some(at) = changes.get(3 * (n - 1)) else {
            return false;
        };
        account.reset();
        let proxy = Proxy::new(account.url(), Some((*at, Fault::LoseAnswer)));
        let (code, out, err) = proxy.run(&mut account.command_at(&proxy.url, CREATE));
        let what = format!("lost at {at}, {}", proxy.names()[at - 1]);
        assert_eq!(code, Some(0), "{what}: {out}{err}");
        reference.is_reached(account, &what, true);
        true
    });
}

#[test]
fn calls_that_never_succeed_end_in_a_clear_error() {
    let account = Account::new();
    std::thread::scope(|scope| {
        for (name, fault, says) in [
            ("one", Fault::Throttle, "AWS asks for fewer calls"),
            ("two", Fault::Internal, "InternalError"),
            ("three", Fault::Aborted, "OperationAborted"),
            ("four", Fault::Drop, "no connection, or it broke off"),
        ] {
            let account = &account;
            scope.spawn(move || {
                let (bucket, table) = (format!("backend-{name}"), format!("locks-{name}"));
                let path = format!("PUT /{bucket}/?versioning");
                let args = ["--bucket", &bucket, "--table", &table, "--no-files"];
                let proxy = Proxy::at_all(account.url(), &path, fault);
                let begin = Instant::now();
                let (code, out, err) =
                    proxy.run(&mut account.command_at(&proxy.url, &[CREATE, &args].concat()));
                assert_eq!(code, Some(2), "{fault:?}: {out}{err}");
                assert!(
                    err.contains(&format!("PutBucketVersioning on bucket {bucket}")),
                    "{err}"
                );
                assert!(err.contains(says), "{fault:?}: {err}");
                assert!(err.contains("run it again and it goes on from there"), "{err}");
                assert_eq!(out, "", "nothing half-said");
                let tries = proxy.names().iter().filter(|name| **name == path).count();
                assert!(tries >= 4, "{tries}");
                assert!(begin.elapsed() < Duration::from_secs(100));
                assert_eq!(
                    account
                        .run(&[CREATE, &args].concat())
                        .exits(0)
                        .err
                        .lines()
                        .filter(|line| line.starts_with("error"))
                        .count(),
                    0
                );
                account
                    .run(&[
                        "check",
                        "--fail-on",
                        "info",
                        "--bucket",
                        &bucket,
                        "--table",
                        &table,
                    ])
                    .exits(0);
            });
        }
    });
}

/// The IAM action of a call, by the service authorization reference.
fn action(name: &str) -> String {
    let (method, what) = name.split_once(' ').unwrap();
    for (prefix, service) in [("TrentService.", "kms"), ("DynamoDB_20120810.", "dynamodb")] {
        if let Some(operation) = what.strip_prefix(prefix) {
            return format!("{service}:{operation}");
        }
    }
    if let Some(path) = what.strip_prefix('/') {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        let setting = match query.split('&').next().unwrap() {
            "" if method == "HEAD" => return "s3:ListBucket".to_owned(),
            "" => return "s3:CreateBucket".to_owned(),
            "x-id=ListBuckets" => return "s3:ListAllMyBuckets".to_owned(),
            "versions" => return "s3:ListBucketVersions".to_owned(),
            "tagging" => "BucketTagging",
            "publicAccessBlock" => "BucketPublicAccessBlock",
            "ownershipControls" => "BucketOwnershipControls",
            "versioning" => "BucketVersioning",
            "encryption" => "EncryptionConfiguration",
            "policy" => "BucketPolicy",
            "lifecycle" => "LifecycleConfiguration",
            "logging" => "BucketLogging",
            "replication" => "ReplicationConfiguration",
            "object-lock" => "BucketObjectLockConfiguration",
            other => panic!("what is {other}?"),
        };
        return format!("s3:{}{setting}", if method == "GET" { "Get" } else { "Put" });
    }
    match what {
        "GetCallerIdentity" => format!("sts:{what}"),
        _ => format!("iam:{what}"),
    }
}

#[track_caller]
fn is_a_clear_denial(what: &str, name: &str, (code, out, err): &(Option<i32>, String, String)) {
    assert_eq!(*code, Some(2), "{what}: {out}{err}");
    assert_eq!(out, "", "{what}");
    // S3 says the same of a bucket that is another account's.
    let foreign = name.starts_with("HEAD ") && err.contains("another account's");
    assert!(
        foreign || err.contains(&action(name)),
        "{what} wants {}: {err}",
        action(name)
    );
}

#[test]
fn access_denied_at_any_call_names_the_permission_and_ends_the_run() {
    let calls = with_each_number(|account, reference, n| {
        if n >= reference.read_back() {
            return false;
        }
        account.reset();
        // Who only looks waits for all answers; who changes something does not.
        let fault = match n < reference.first_of_work() {
            true => Fault::Deny,
            false => Fault::DenyAndHold,
        };
        let proxy = Proxy::new(account.url(), Some((n, fault)));
        let ended = proxy.run(&mut account.command_at(&proxy.url, CREATE));
        let name = proxy.names()[n - 1].clone();
        let what = format!("denied at {n}, {name}");
        is_a_clear_denial(&what, &name, &ended);
        assert_eq!(proxy.late(), Vec::<String>::new(), "{what}");
        if fault == Fault::Deny {
            assert_eq!(proxy.changes(), Vec::<String>::new(), "{what}");
            assert_eq!(account.everything(), reference.empty, "{what}");
        }
        true
    });
    assert!(calls > 50, "{calls}");
}

#[test]
fn access_denied_at_any_question_about_what_is_there() {
    // A complete backend in which one thing is to be done: nothing is, while there is a question left.
    let breaks = "client('s3').delete_bucket_lifecycle(Bucket=args['bucket'])";
    let broken = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let calls = with_each_number(|account, reference, n| {
        let id = account.url().to_owned();
        if broken.lock().unwrap().insert(id) {
            account.boto(breaks);
        }
        let proxy = Proxy::new(account.url(), Some((n, Fault::Deny)));
        let ended = proxy.run(&mut account.command_at(&proxy.url, CREATE));
        if !proxy.changes().is_empty() {
            // Everything was looked at before the work began.
            assert!(n >= reference.first_of_work() + 20, "{n}");
            return false;
        }
        let name = proxy.names()[n - 1].clone();
        let what = format!("denied at {n}, {name}");
        is_a_clear_denial(&what, &name, &ended);
        // `check` says the same, and gives no verdict.
        if n % 4 == 0 {
            let proxy = Proxy::new(account.url(), Some((n, Fault::Deny)));
            let (code, out, err) = proxy.run(&mut account.command_at(&proxy.url, &["check"]));
            let name = &proxy.names()[n - 1];
            assert_eq!(code, Some(2), "{what}: {out}{err}");
            let foreign = name.starts_with("HEAD ") && err.contains("another account's");
            // A table of findings may break a line anywhere.
            let said: String = format!("{out}{err}").split_whitespace().collect();
            assert!(foreign || said.contains(&action(name)), "{name}: {out}{err}");
        }
        true
    });
    assert!(calls > 40, "{calls}");
}

#[test]
fn destroy_killed_at_every_call_completes_the_next_time() {
    let destroy: &[&str] = &["destroy", "--confirm", BUCKET, "--with-logs", "--with-replica"];
    let calls = with_each_number(|account, reference, n| {
        account.reset();
        account.run(CREATE).exits(0);
        // Only what destroys is counted, not what looks whether it may.
        let proxy = Proxy::at_change(account.url(), n, Fault::KillAfter);
        let (code, out, err) = proxy.run(&mut account.command_at(&proxy.url, destroy));
        if code == Some(0) {
            return false;
        }
        let what = format!("killed at change {n}, {:?}", proxy.changes().last());
        assert_eq!(code, None, "{what}: {out}{err}");
        let again = account.run(destroy);
        assert_eq!(again.code, Some(0), "{what}: {}{}", again.out, again.err);
        let left = account.everything();
        for part in ["buckets", "tables", "roles"] {
            assert_eq!(left[part], serde_json::json!({}), "{what}");
        }
        for region in ["eu-west-1", "eu-central-1"] {
            for key in left["keys"][region].as_array().unwrap() {
                assert_eq!(
                    (key["state"].as_str(), key["alias"].as_str()),
                    (Some("PendingDeletion"), None),
                    "{what}"
                );
            }
        }
        let _ = reference;
        true
    });
    assert!(calls > 10, "{calls}");
}
