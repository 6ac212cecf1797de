//! The client beneath, with a clock that needs no time: rate limits, failures, lost answers.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tf_forge::client::{Client, Scheme, Settings};
use tf_forge::github::GitHub;
use tf_forge::thread::{Done, Ours};
use tf_forge::{Clock, Error, Token};

use crate::forge::{Fault, Forge, ME, TOKEN};
use crate::{ROOT, body, marker};

/// A clock that stands still but for its sleeps.
#[derive(Default)]
struct Still(Mutex<Vec<Duration>>);

impl Still {
    const START: u64 = 1_800_000_000;

    fn slept(&self) -> Vec<f64> {
        self.0.lock().unwrap().iter().map(Duration::as_secs_f64).collect()
    }
}

impl Clock for Still {
    fn now(&self) -> SystemTime {
        let slept: Duration = self.0.lock().unwrap().iter().sum();
        SystemTime::UNIX_EPOCH + Duration::from_secs(Still::START) + slept
    }

    fn sleep(&self, time: Duration) {
        self.0.lock().unwrap().push(time);
    }
}

/// Keeps a comment, and says how long that waited.
fn keep(forge: &Forge, patience: u64) -> (Result<Done, Error>, Vec<f64>) {
    let clock = Arc::new(Still::default());
    let settings = Settings {
        api: forge.url.clone(),
        token: Token::new(TOKEN).unwrap(),
        scheme: Scheme::Bearer,
        proxy: None,
        patience: Duration::from_secs(patience),
    };
    let client = Client::new(settings, Arc::<Still>::clone(&clock)).unwrap();
    let github = GitHub::new(client, "o/r").unwrap();
    let issue = github.issue(5);
    let done = Ours::read(&issue).and_then(|mut ours| ours.keep(&marker(ROOT), &body(ROOT, "new")));
    (done.map(|kept| kept.done), clock.slept())
}

fn limited(status: u16, headers: &[(&'static str, &str)], message: &str) -> Fault {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Fault::Answer(status, headers, format!("{{\"message\": \"{message}\"}}"))
}

#[test]
fn rate_limits_are_waited_out() {
    let reset = (Still::START + 40).to_string();
    let primary = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &*reset)];
    let secondary = "You have exceeded a secondary rate limit";
    let table = [
        (limited(429, &[("retry-after", "7")], ""), 7.0),
        (limited(403, &[("retry-after", "9")], secondary), 9.0),
        (limited(403, &primary, "API rate limit exceeded"), 41.0),
        (limited(429, &primary, "API rate limit exceeded"), 41.0),
        (limited(403, &[], secondary), 60.0),
        (limited(429, &[], ""), 0.5),
        (limited(503, &[("retry-after", "3")], ""), 3.0),
    ];
    for method in ["GET", "POST"] {
        for (fault, wait) in table.clone() {
            let forge = Forge::start();
            forge.fault(method, [fault.clone()]);
            let (done, slept) = keep(&forge, 300);
            assert_eq!(done.unwrap(), Done::Created, "{fault:?}");
            assert_eq!(slept, [wait], "{fault:?}");
            assert_eq!(forge.notes().len(), 1);
        }
    }
    // Not longer than allowed: neither at once, nor in all.
    let forge = Forge::start();
    forge.fault("GET", [limited(403, &primary, "API rate limit exceeded")]);
    let (done, slept) = keep(&forge, 40);
    let error = done.unwrap_err();
    assert!(
        matches!(error, Error::RateLimited { .. }) && slept.is_empty(),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("asks to wait 41 s, and 40 s may be waited"),
        "{error}"
    );
    let forge = Forge::start();
    forge.fault("GET", vec![limited(429, &[("retry-after", "20")], ""); 5]);
    let (done, slept) = keep(&forge, 50);
    assert!(done.is_err());
    assert_eq!(slept, [20.0, 20.0]);
    // Whoever may not, may not later either.
    let forge = Forge::start();
    forge.fault(
        "POST",
        [limited(
            403,
            &[("x-ratelimit-remaining", "4999")],
            "Resource not accessible by integration",
        )],
    );
    let (done, slept) = keep(&forge, 300);
    assert!(done.is_err() && slept.is_empty());
}

#[test]
fn failures_are_tried_again_and_never_make_two() {
    let bad = |status| Fault::Answer(status, Vec::new(), "<html>".to_owned());
    for (faults, slept_for) in [
        (vec![bad(500)], vec![0.5]),
        (vec![bad(502), bad(503), bad(504)], vec![0.5, 1.0, 2.0]),
        (vec![Fault::Drop], vec![0.5]),
        (vec![Fault::Drop, bad(500)], vec![0.5, 1.0]),
    ] {
        let forge = Forge::start();
        forge.fault("GET", faults.clone());
        let (done, slept) = keep(&forge, 300);
        assert_eq!(done.unwrap(), Done::Created, "{faults:?}");
        assert_eq!(slept, slept_for, "{faults:?}");
    }
    // Where the answer is lost, nobody knows whether the comment was made: it is looked for before it is made again.
    for fault in [Fault::Drop, Fault::DoneThenDrop, Fault::DoneThen(502), bad(500)] {
        for times in 1..=3 {
            let forge = Forge::start();
            forge.fault("POST", vec![fault.clone(); times]);
            let (done, _) = keep(&forge, 300);
            assert_eq!(done.unwrap(), Done::Created, "{fault:?} {times}");
            assert_eq!(forge.notes(), [(100, body(ROOT, "new"))], "{fault:?} {times}");
        }
    }
    for fault in [Fault::Drop, Fault::DoneThenDrop, Fault::DoneThen(502)] {
        let forge = Forge::start();
        forge.write(ME, &body(ROOT, "old"));
        forge.write(ME, &body(ROOT, "older"));
        forge.fault("PATCH", [fault.clone()]);
        forge.fault("DELETE", [fault.clone()]);
        let (done, slept) = keep(&forge, 300);
        assert_eq!(done.unwrap(), Done::Updated, "{fault:?}");
        assert_eq!(slept, [0.5, 0.5]);
        assert_eq!(forge.notes(), [(100, body(ROOT, "new"))]);
    }
    // Not for ever.
    let forge = Forge::start();
    forge.fault("GET", vec![bad(500); 50]);
    let (done, slept) = keep(&forge, 300);
    assert!(done.unwrap_err().to_string().contains("failed with 500"));
    assert_eq!(slept, [0.5, 1.0, 2.0, 4.0, 8.0]);
    let forge = Forge::start();
    forge.fault("POST", vec![Fault::Drop; 50]);
    let (done, _) = keep(&forge, 300);
    assert!(matches!(done.unwrap_err(), Error::Unreachable { .. }));
    assert!(forge.writes().len() <= 8, "{:?}", forge.writes());
}

#[test]
fn what_is_no_api_is_told_so() {
    for text in ["<html>Welcome</html>", "{\"a\": 1}", "[{\"id\": \"x\"}]"] {
        let forge = Forge::start();
        forge.fault("GET", [Fault::Answer(200, Vec::new(), text.to_owned())]);
        let (done, slept) = keep(&forge, 300);
        let error = done.unwrap_err().to_string();
        assert!(
            error.contains("is the address that of an API?") && slept.is_empty(),
            "{error}"
        );
    }
    // A page that is its own next one.
    let forge = Forge::start();
    let around = format!("<{}/x>; rel=\"next\"", forge.url);
    forge.fault(
        "GET",
        [
            Fault::Answer(200, vec![("link", around.clone())], "[]".to_owned()),
            Fault::Answer(200, vec![("link", around)], "[]".to_owned()),
        ],
    );
    let (done, _) = keep(&forge, 300);
    assert!(done.unwrap_err().to_string().contains("circles"));
}

#[test]
fn a_comment_that_somebody_deletes_meanwhile_is_made_anew() {
    let forge = Forge::start();
    let old = forge.write(ME, &body(ROOT, "old"));
    let clock = Arc::new(Still::default());
    let settings = Settings {
        api: forge.url.clone(),
        token: Token::new(TOKEN).unwrap(),
        scheme: Scheme::Bearer,
        proxy: None,
        patience: Duration::ZERO,
    };
    let github = GitHub::new(Client::new(settings, clock).unwrap(), "o/r").unwrap();
    let issue = github.issue(5);
    let mut ours = Ours::read(&issue).unwrap();
    forge.with(|state| state.notes.retain(|note| note.id != old));
    let kept = ours.keep(&marker(ROOT), &body(ROOT, "new")).unwrap();
    assert_eq!(kept.done, Done::Created);
    assert_eq!(forge.notes().len(), 1);
}
