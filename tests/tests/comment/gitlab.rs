//! Notes on GitLab's merge requests.

use tempfile::TempDir;

use crate::forge::{Fault, Forge, ME, STRANGER, TOKEN};
use crate::{ROOT, Run, body, path, review, run};

/// As in a pipeline of GitLab's for the merge request 5 from a fork.
fn in_gitlab(forge: &Forge, args: &[&str], token: (&str, &str)) -> Run {
    let api = format!("{}/api/v4", forge.url);
    run(
        args,
        &[
            ("GITLAB_CI", "true"),
            ("CI_API_V4_URL", &api),
            ("CI_PROJECT_ID", "88"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "4"),
            ("CI_MERGE_REQUEST_PROJECT_URL", "https://gitlab.example/g/p"),
            ("CI_MERGE_REQUEST_IID", "5"),
            token,
        ],
    )
}

#[test]
fn notes_on_merge_requests() {
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let forge = Forge::start();
    forge.with(|state| state.user = true);
    let stranger = forge.write(STRANGER, &body(ROOT, "x"));
    let system = forge.write(ME, &body(ROOT, "written by GitLab itself"));
    forge.with(|state| state.notes[1].system = true);
    forge.write(STRANGER, "y");
    let first = in_gitlab(&forge, &[path(&app)], ("GITLAB_TOKEN", TOKEN));
    assert_eq!(
        first.out, "environments/dev/app: created https://gitlab.example/g/p/-/merge_requests/5#note_400\n",
        "{}",
        first.err
    );
    review(dir.path(), "app", ROOT, "two");
    let second = in_gitlab(&forge, &[path(&app)], ("GITLAB_TOKEN", TOKEN));
    assert!(second.out.contains(": updated "), "{}{}", second.out, second.err);
    let notes = forge.notes();
    assert_eq!(notes.len(), 4);
    assert_eq!(notes[0], (stranger, body(ROOT, "x")));
    assert_eq!(notes[1].0, system);
    assert_eq!(notes[3], (400, body(ROOT, "two")));
    forge.with(|state| {
        assert!(
            state
                .log
                .iter()
                .all(|one| one.headers.contains_key("private-token"))
        )
    });
    // More than GitHub takes is not too much here.
    let long = review(dir.path(), "long", "environments/dev/long", &"é".repeat(70_000));
    let long = in_gitlab(
        &forge,
        &["--repository", "g/p", "--pull-request", "5", path(&long)],
        ("GITLAB_TOKEN", TOKEN),
    );
    assert_eq!(long.code, Some(0), "{}", long.err);
    // A job's own token knows its user, and may not write.
    forge.fault(
        "POST",
        [Fault::Answer(
            401,
            Vec::new(),
            "{\"message\": \"401 Unauthorized\"}".to_owned(),
        )],
    );
    let net = review(dir.path(), "net", "environments/dev/net", "x");
    let job = in_gitlab(&forge, &[path(&net)], ("CI_JOB_TOKEN", TOKEN));
    assert_eq!(job.code, Some(2));
    assert!(
        job.err.contains("CI_JOB_TOKEN may not write notes"),
        "{}",
        job.err
    );
    let none = in_gitlab(&forge, &[path(&net)], ("X", "y"));
    assert!(
        none.code == Some(2) && none.err.contains("set GITLAB_TOKEN"),
        "{}",
        none.err
    );
}
