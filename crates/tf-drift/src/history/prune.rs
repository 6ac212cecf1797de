//! What is too old to be of use goes.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::file::{finished, read};
use super::store::{Store, StoreError};

#[derive(Deserialize)]
struct Begun {
    at: String,
}

/// Removes results of scans that began longer than `kept` before `at`, but for the newest, and what scans left that were killed as long
/// ago; says how many documents went. A time in the future counts as now: a wrong `--at` must not empty the history.
///
/// Nothing of what is open is lost: the newest result of a root carries on what is remembered of it.
///
/// # Errors
/// Where documents cannot be listed, read or removed.
pub(crate) fn prune(
    store: &dyn Store,
    run: &str,
    at: &str,
    now: Timestamp,
    kept: SignedDuration,
) -> Result<usize, StoreError> {
    let at = at.parse::<Timestamp>().map_or(now, |at| at.min(now));
    let Ok(oldest) = at.checked_sub(kept) else {
        return Ok(0);
    };
    let mut gone = 0;
    let results = store.list("results/")?;
    let mut dated: Vec<(Timestamp, &String)> = results
        .iter()
        .filter_map(|name| Some((time_of(name)?, name)))
        .collect();
    dated.sort();
    dated.pop();
    for (_, name) in dated.iter().filter(|(time, _)| *time < oldest) {
        store.remove(name)?;
        gone += 1;
    }
    let own = finished::folder(run);
    for name in store.list("running/")? {
        if name.starts_with(&own) {
            continue;
        }
        let begun: Option<Begun> = read(store, &name)?;
        let time = begun.and_then(|begun| begun.at.parse::<Timestamp>().ok());
        if time.is_some_and(|time| time < oldest) {
            store.remove(&name)?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// The time in the name of a result: `results/20260131T060000Z_…`.
fn time_of(name: &str) -> Option<Timestamp> {
    let (time, _) = name.strip_prefix("results/")?.split_once('_')?;
    jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", time)
        .ok()?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::store::Folder;
    use super::*;

    #[test]
    fn old_results_go_and_the_newest_stays() {
        let now: Timestamp = "2026-06-30T12:00:00Z".parse().unwrap();
        let month = SignedDuration::from_hours(30 * 24);
        let names = [
            "results/20260401T060000Z_1_1-of-1.json",
            "results/20260530T060000Z_2_1-of-1.json",
            "results/20260601T060000Z_3_1-of-1.json",
            "results/notes.json",
            "running/old/a.json",
            "running/new/a.json",
            "running/own/a.json",
        ];
        for (at, want) in [
            ("2026-06-30T06:00:00Z", &names[2..] as &[&str]),
            // Nobody empties a history by a wrong time.
            ("2036-06-30T06:00:00Z", &names[2..]),
            ("2026-06-01T06:00:00Z", &names[1..]),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let store = Folder::new(dir.path());
            for name in names {
                let begun = match name {
                    "running/new/a.json" => "2026-06-29T06:00:00Z",
                    _ => "2026-03-01T06:00:00Z",
                };
                store
                    .write(name, format!("{{\"at\": \"{begun}\"}}").as_bytes())
                    .unwrap();
            }
            prune(&store, "own", at, now, month).unwrap();
            let mut left = store.list("results/").unwrap();
            left.extend(store.list("running/").unwrap());
            let mut want: Vec<&str> = want.iter().copied().filter(|name| *name != names[4]).collect();
            want.sort_unstable();
            assert_eq!(left, want, "{at}");
        }
    }

    #[test]
    fn a_history_that_nobody_wrote_to_keeps_its_last_result() {
        let dir = tempfile::tempdir().unwrap();
        let store = Folder::new(dir.path());
        let name = "results/20200101T000000Z_1_1-of-1.json";
        store.write(name, b"{}").unwrap();
        let now: Timestamp = "2026-06-30T12:00:00Z".parse().unwrap();
        let gone = prune(
            &store,
            "2",
            "2026-06-30T12:00:00Z",
            now,
            SignedDuration::from_hours(1),
        );
        assert_eq!(
            (gone.unwrap(), store.list("results/").unwrap()),
            (0, vec![name.to_owned()])
        );
    }
}
