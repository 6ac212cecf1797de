//! Where requests go: to one host, past or through a proxy, and never elsewhere with the token.

use tempfile::TempDir;

use crate::forge::{Fault, Forge, STRANGER, TOKEN};
use crate::{ROOT, body, in_actions, path, review, run};

#[test]
fn the_token_goes_to_its_host_alone() {
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let (forge, other) = (Forge::start(), Forge::start());
    for status in [301, 302, 307, 308] {
        let to = format!("{}/repos/o/r/issues/5/comments", other.url);
        forge.fault(
            "GET",
            [Fault::Answer(status, vec![("location", to)], String::new())],
        );
        let refused = in_actions(&forge, &[path(&app)]);
        assert_eq!(refused.code, Some(2), "{status}");
        assert!(refused.err.contains("nothing was sent there"), "{}", refused.err);
    }
    for _ in 0..3 {
        forge.write(STRANGER, "x");
    }
    for elsewhere in [
        other.url.clone(),
        other.url.replace("//", "//user@"),
        forge.url.replace("127.0.0.1", "localhost"),
    ] {
        forge.with(|state| state.next_at = Some(elsewhere.clone()));
        let refused = in_actions(&forge, &[path(&app)]);
        assert!(
            refused.code == Some(2) && refused.err.contains("nothing was sent there"),
            "{elsewhere}: {}",
            refused.err
        );
    }
    assert!(other.with(|state| state.log.is_empty()));
    assert!(forge.writes().is_empty());
    // Over the network only encrypted.
    for (api, expected) in [
        ("http://forge.invalid", "unencrypted"),
        ("ftp://forge.invalid", "https://"),
        ("https://user:secret@forge.invalid", "user's name"),
        ("forge", "names no host"),
        ("https://forge.invalid/?a=b", "`?`"),
    ] {
        let refused = in_actions(&forge, &["--api-url", api, path(&app)]);
        assert_eq!(refused.code, Some(2), "{api}");
        assert!(
            refused.err.contains(expected) && !refused.err.contains("secret"),
            "{}",
            refused.err
        );
    }
}

#[test]
fn a_repository_that_was_renamed_is_found() {
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let forge = Forge::start();
    forge.with(|state| state.moved = Some("/repositories/9".to_owned()));
    let done = in_actions(
        &forge,
        &["--repository", "old/name", "--pull-request", "5", path(&app)],
    );
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_eq!(forge.notes(), [(100, body(ROOT, "one"))]);
    for name in ["o", "o/", "o/r/x", "../r", "o/..", "o/r?x", "o /r"] {
        let refused = in_actions(&forge, &["--repository", name, "--pull-request", "5", path(&app)]);
        assert!(
            refused.code == Some(2) && refused.err.contains("owner/name"),
            "{name}: {}",
            refused.err
        );
    }
}

#[test]
fn the_proxy_is_asked_and_gets_no_token() {
    let dir = TempDir::new().unwrap();
    let app = review(dir.path(), "app", ROOT, "one");
    let (forge, proxy) = (Forge::start(), Forge::start());
    let with = |more: &[(&str, &str)]| {
        let mut variables = vec![
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_API_URL", &*forge.url),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_REF", "refs/pull/5/merge"),
            ("GITHUB_TOKEN", TOKEN),
        ];
        variables.extend(more);
        run(&["--wait", "0", path(&app)], &variables)
    };
    let address = proxy.url.replace("//", "//someone:hush@");
    let through = with(&[("http_proxy", &address)]);
    assert_eq!(through.code, Some(2), "this proxy connects nobody");
    assert!(!through.err.contains("hush"), "{}", through.err);
    let asked = proxy.with(|state| state.log.clone());
    assert_eq!(asked[0].method, "CONNECT");
    assert!(asked[0].headers.contains_key("proxy-authorization"));
    assert!(
        asked
            .iter()
            .all(|one| !one.headers.values().any(|value| value.contains(TOKEN)))
    );
    assert!(forge.with(|state| state.log.is_empty()));
    let past = with(&[("http_proxy", &address), ("NO_PROXY", "localhost,127.0.0.1")]);
    assert_eq!(past.code, Some(0), "{}", past.err);
    let wrong = with(&[("http_proxy", "socks9://someone:hush@x")]);
    assert!(
        wrong.code == Some(2) && wrong.err.contains("proxy") && !wrong.err.contains("hush"),
        "{}",
        wrong.err
    );
}
