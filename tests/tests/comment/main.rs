//! `tf-gate comment` and the client beneath it, against a forge on this machine.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod client;
mod forge;
mod gitlab;
mod network;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use forge::{Fault, Forge, ME, STRANGER, TOKEN};
use tempfile::TempDir;

const ROOT: &str = "environments/dev/app";

fn marker(root: &str) -> String {
    format!("<!-- plumbline:review {root} -->")
}

fn body(root: &str, text: &str) -> String {
    format!("{}\n### `{root}`\n\n{text}\n", marker(root))
}

/// A review folder as `tf-gate plan` writes it.
fn review(dir: &Path, name: &str, root: &str, text: &str) -> PathBuf {
    let folder = dir.join(name);
    fs::create_dir_all(&folder).unwrap();
    let json = format!(
        r#"{{"schema": "plumbline.review/1", "tool": "tf-gate", "version": "0", "root": "{root}", "findings": []}}"#
    );
    fs::write(folder.join("review.json"), json).unwrap();
    fs::write(folder.join("review.md"), body(root, text)).unwrap();
    folder
}

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

/// The binary, with these variables and no other that it reads.
fn run(args: &[&str], variables: &[(&str, &str)]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_tf-gate"))
        .arg("comment")
        .args(args)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let run = Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(
        !run.out.contains(TOKEN) && !run.err.contains(TOKEN),
        "{}{}",
        run.out,
        run.err
    );
    run
}

/// As in a workflow of GitHub's for the pull request 5.
fn in_actions(forge: &Forge, args: &[&str]) -> Run {
    run(
        args,
        &[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_API_URL", &forge.url),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_REF", "refs/pull/5/merge"),
            ("GITHUB_TOKEN", TOKEN),
        ],
    )
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn one_comment_for_each_root_made_then_updated_and_others_left_alone() {
    let forge = Forge::start();
    let dir = TempDir::new().unwrap();
    let stranger = forge.write(STRANGER, &body(ROOT, "made by somebody else"));
    let quoting = forge.write(ME, &format!("> {}", body(ROOT, "quoted")));
    let longer = forge.write(ME, &body("environments/dev/app2", "another root"));
    forge.write(STRANGER, "hello");
    let app = review(dir.path(), "app", ROOT, "one");
    let net = review(dir.path(), "net", "environments/dev/net", "one");
    let before = forge.notes();

    let first = in_actions(&forge, &[path(&app), path(&net)]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert_eq!(
        first.out,
        "environments/dev/app: created https://github.example/o/r/pull/5#issuecomment-500\n\
         environments/dev/net: created https://github.example/o/r/pull/5#issuecomment-600\n"
    );
    let second = in_actions(&forge, &[path(&app), path(&net)]);
    assert_eq!(second.out.matches(": unchanged ").count(), 2, "{}", second.out);
    // What GitHub makes of the ends of lines, and what it drops, is no change.
    forge.with(|state| {
        for note in &mut state.notes {
            note.body = note.body.replace('\n', "\r\n").trim_end().to_owned();
        }
    });
    let third = in_actions(&forge, &[path(&app), path(&net)]);
    assert_eq!(third.out.matches(": unchanged ").count(), 2, "{}", third.out);
    review(dir.path(), "app", ROOT, "two");
    let fourth = in_actions(&forge, &[path(&app), path(&net)]);
    assert!(
        fourth.out.contains("app: updated ") && fourth.out.contains("net: unchanged "),
        "{}",
        fourth.out
    );

    let after = forge.notes();
    assert_eq!(after.len(), 6);
    for (id, body) in before {
        let now = after.iter().find(|(other, _)| *other == id).unwrap();
        assert_eq!(
            now.1.replace("\r\n", "\n"),
            body.trim_end(),
            "{id} of {stranger} {quoting} {longer}"
        );
    }
    assert_eq!(
        forge.writes(),
        [
            "POST /repos/o/r/issues/5/comments",
            "POST /repos/o/r/issues/5/comments",
            "PATCH /repos/o/r/issues/comments/500"
        ]
    );
    assert_eq!(
        after.iter().find(|(id, _)| *id == 500).unwrap().1,
        body(ROOT, "two")
    );
}

#[test]
fn of_several_of_ours_the_oldest_stays() {
    let forge = Forge::start();
    let dir = TempDir::new().unwrap();
    let oldest = forge.write(ME, &body(ROOT, "a"));
    let stranger = forge.write(STRANGER, &body(ROOT, "b"));
    forge.write(ME, &body(ROOT, "c"));
    forge.write(ME, &body(ROOT, "d"));
    let done = in_actions(&forge, &[path(&review(dir.path(), "app", ROOT, "new"))]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(
        done.out.contains(": updated ") && done.out.contains("2 later comments of ours"),
        "{}",
        done.out
    );
    assert_eq!(
        forge.notes(),
        [(oldest, body(ROOT, "new")), (stranger, body(ROOT, "b"))]
    );
}

#[test]
fn what_changes_no_more_says_so() {
    let forge = Forge::start();
    let dir = TempDir::new().unwrap();
    let settled = forge.write(ME, &body("environments/dev/old", "a plan"));
    let kept = forge.write(
        ME,
        &body("environments/dev/net", "a plan of a job that runs later"),
    );
    let stranger = forge.write(STRANGER, &body("environments/dev/older", "b"));
    let changed = dir.path().join("changed.json");
    let roots = r#"{"schema": "plumbline.changed/1", "roots": [{"root": "environments/dev/net", "status": "touched"}, {"root": "environments/dev/app", "status": "touched"}]}"#;
    fs::write(&changed, roots).unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let done = in_actions(&forge, &["--changed", path(&changed), path(&app)]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let notes = forge.notes();
    let text = |id: u64| notes.iter().find(|(other, _)| *other == id).unwrap().1.clone();
    assert!(text(settled).starts_with(&marker("environments/dev/old")));
    assert!(text(settled).contains("changes nothing here any more") && !text(settled).contains("a plan"));
    assert_eq!(
        text(kept),
        body("environments/dev/net", "a plan of a job that runs later")
    );
    assert_eq!(text(stranger), body("environments/dev/older", "b"));
    assert_eq!(notes.len(), 4);
    // Without a review, too; and what is settled stays so.
    let again = in_actions(&forge, &["--changed", path(&changed)]);
    assert!(
        again.out.contains("environments/dev/old: unchanged"),
        "{}{}",
        again.out,
        again.err
    );
    // A root that changes again gets its comment back.
    let back = in_actions(
        &forge,
        &[path(&review(dir.path(), "old", "environments/dev/old", "again"))],
    );
    assert!(back.out.contains("environments/dev/old: updated"), "{}", back.out);
    let other = review(dir.path(), "other", "environments/x", "x");
    let wrong = in_actions(&forge, &["--changed", path(&changed), path(&other)]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("not among the changed roots"), "{}", wrong.err);
}

#[test]
fn reviews_that_are_none_are_refused_before_anybody_is_asked() {
    let forge = Forge::start();
    let dir = TempDir::new().unwrap();
    let make = |name: &str, json: Option<&str>, markdown: Option<&str>| {
        let folder = review(dir.path(), name, ROOT, "text");
        for (file, text) in [("review.json", json), ("review.md", markdown)] {
            match text {
                Some("missing") => fs::remove_file(folder.join(file)).unwrap(),
                Some(text) => fs::write(folder.join(file), text).unwrap(),
                None => {}
            }
        }
        folder
    };
    let cut = body(ROOT, "text");
    let other = body("environments/dev/other", "text");
    let long = body(ROOT, &"é".repeat(65_536));
    let table = [
        (make("a", Some("missing"), None), "cannot read"),
        (make("b", None, Some("missing")), "cannot read"),
        (
            make(
                "c",
                Some("{\"schema\": \"plumbline.review/1\", \"root\": \"environ"),
                None,
            ),
            "is not a whole review",
        ),
        (make("d", Some(""), None), "is not a whole review"),
        (
            make(
                "e",
                Some("{\"schema\": \"plumbline.review/2\", \"root\": \"r\"}"),
                None,
            ),
            "plumbline.review/2",
        ),
        (
            make("f", Some("{\"schema\": \"plumbline.review/1\"}"), None),
            "names no root",
        ),
        (make("g", None, Some("")), "does not begin with"),
        (make("h", None, Some(&other)), "does not begin with"),
        (make("i", None, Some(cut.trim_end())), "is cut off"),
        (
            make("j", None, Some(&format!("{}\n", marker(ROOT)))),
            "is cut off",
        ),
        (dir.path().join("nowhere"), "cannot read"),
    ];
    for (folder, expected) in table {
        let refused = in_actions(&forge, &[path(&folder)]);
        assert_eq!(refused.code, Some(2), "{}: {}", folder.display(), refused.err);
        assert!(
            refused.err.contains(expected),
            "{}: {}",
            folder.display(),
            refused.err
        );
    }
    let one = review(dir.path(), "one", ROOT, "x");
    let two = review(dir.path(), "two", ROOT, "y");
    let both = in_actions(&forge, &[path(&one), path(&two)]);
    assert!(
        both.code == Some(2) && both.err.contains("both reviews of"),
        "{}",
        both.err
    );
    assert!(forge.with(|state| state.log.is_empty()));
    // Longer than GitHub takes: nothing is sent, and the other root's comment is made all the same.
    let long = make("long", None, Some(&long));
    let net = review(dir.path(), "net", "environments/dev/net", "x");
    let refused = in_actions(&forge, &[path(&long), path(&net)]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.contains("GitHub takes 65536 at most"),
        "{}",
        refused.err
    );
    assert_eq!(forge.notes().len(), 1);
    let dry = in_actions(&forge, &["--dry-run", path(&long)]);
    assert!(dry.code == Some(2) && dry.err.contains("65536"), "{}", dry.err);
}

#[test]
fn a_dry_run_asks_nobody_and_needs_nothing() {
    let forge = Forge::start();
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let dry = in_actions(&forge, &["--dry-run", path(&app)]);
    assert_eq!((dry.code, dry.out), (Some(0), body(ROOT, "one")));
    assert!(dry.err.contains("o/r#5"), "{}", dry.err);
    let nowhere = run(&["--dry-run", path(&app)], &[]);
    assert_eq!((nowhere.code, nowhere.out), (Some(0), body(ROOT, "one")));
    assert!(forge.with(|state| state.log.is_empty()));
    let nowhere = run(&[path(&app)], &[]);
    assert!(
        nowhere.code == Some(2) && nowhere.err.contains("--forge"),
        "{}",
        nowhere.err
    );
}

#[test]
fn flags_win_and_an_enterprise_has_its_own_addresses() {
    let forge = Forge::start();
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let event = dir.path().join("event.json");
    fs::write(&event, r#"{"pull_request": {"number": 5}}"#).unwrap();
    let api = format!("{}/api/v3/", forge.url);
    let by_event = run(
        &[path(&app)],
        &[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_EVENT_PATH", path(&event)),
            ("GITHUB_API_URL", &api),
            ("GH_TOKEN", TOKEN),
            ("GITHUB_TOKEN", "another"),
        ],
    );
    assert_eq!(by_event.code, Some(0), "{}", by_event.err);
    let by_flags = run(
        &[
            "--forge",
            "github",
            "--repository",
            "o/r",
            "--pull-request",
            "5",
            "--api-url",
            &api,
            path(&app),
        ],
        &[("GITHUB_TOKEN", TOKEN), ("GITHUB_API_URL", "http://127.0.0.1:1")],
    );
    assert!(by_flags.out.contains("unchanged"), "{}", by_flags.err);
    let asked: Vec<String> = forge.with(|state| state.log.iter().map(|one| one.path.clone()).collect());
    assert!(asked.contains(&"/api/graphql".to_owned()), "{asked:?}");
    assert!(asked.iter().all(|path| path.starts_with("/api/")), "{asked:?}");
    let none = run(
        &[
            "--forge",
            "github",
            "--repository",
            "o/r",
            "--pull-request",
            "5",
            path(&app),
        ],
        &[],
    );
    assert!(
        none.code == Some(2) && none.err.contains("set GITHUB_TOKEN"),
        "{}",
        none.err
    );
}

#[test]
fn what_is_refused_says_what_is_missing() {
    let says = |message: &str| format!("{{\"message\": \"{message}\\u001b[31m with {TOKEN}\"}}");
    let table = [
        ("GET", 401, "Bad credentials", "not valid, or has expired"),
        (
            "POST",
            403,
            "Resource not accessible by integration",
            "`pull-requests: write`",
        ),
        ("GET", 404, "Not Found", "there is no such pull request"),
        (
            "POST",
            422,
            "Validation Failed",
            "refused with 422: Validation Failed",
        ),
        (
            "POST",
            410,
            "Issues are disabled",
            "refused with 410: Issues are disabled",
        ),
    ];
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    for (method, status, message, expected) in table {
        let forge = Forge::start();
        forge.fault(method, [Fault::Answer(status, Vec::new(), says(message))]);
        let refused = in_actions(&forge, &[path(&app)]);
        assert_eq!(refused.code, Some(2), "{}", refused.err);
        assert!(
            refused.err.contains(expected) && refused.err.contains(message),
            "{}",
            refused.err
        );
        assert!(!refused.err.contains('\u{1b}'), "{:?}", refused.err);
        assert!(forge.notes().is_empty());
        let asked = forge.with(|state| {
            state
                .log
                .iter()
                .filter(|one| one.method == method && !one.path.ends_with("graphql"))
                .count()
        });
        assert_eq!(asked, 1, "{status} is asked once");
    }
}

#[test]
fn a_token_that_nobody_knows_changes_nothing() {
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let forge = Forge::start();
    forge.with(|state| state.graphql = false);
    forge.write(ME, &body(ROOT, "old"));
    let refused = in_actions(&forge, &[path(&app)]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.contains("does not say whose token this is"),
        "{}",
        refused.err
    );
    assert!(forge.writes().is_empty());
    // Where there is no GraphQL, `/user` says it.
    forge.with(|state| state.user = true);
    let done = in_actions(&forge, &[path(&app)]);
    assert!(done.out.contains(": updated "), "{}{}", done.out, done.err);
}
