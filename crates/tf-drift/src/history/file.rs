//! The files that scans leave behind: `results/<time>_<run>_<shard>.json` for each that ended, and `running/<run>/<root>.json` for
//! each root of one that has not ended yet.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::Remembered;
use super::store::{Store, StoreError};
use crate::finding::{RootReport, Status, Summary};

/// The schema of [`Result`].
const SCHEMA: &str = "plumbline.drift-result/1";

/// The most files that are looked into for a root that none of them has.
const MOST: usize = 2_000;

/// What a scan, or a shard of one, leaves behind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Result {
    pub(crate) schema: String,
    pub(crate) tool: String,
    pub(crate) version: String,
    /// What the shards of one scan share.
    pub(crate) run: String,
    /// `2/4`, or `1/1`.
    pub(crate) shard: String,
    /// When it began.
    pub(crate) at: String,
    /// Whether the shards together are of all roots.
    pub(crate) whole: bool,
    pub(crate) summary: Summary,
    /// In order of their names.
    pub(crate) roots: Vec<Entry>,
}

/// A root in a [`Result`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) root: String,
    /// How long it took.
    pub(crate) seconds: f64,
    /// What is remembered of its findings, of those that are gone too.
    pub(crate) remembered: Vec<Remembered>,
    pub(crate) report: RootReport,
}

/// What a trend is made of.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) run: String,
    pub(crate) shard: String,
    pub(crate) at: String,
    pub(crate) summary: Summary,
    #[serde(rename = "roots")]
    _roots: IgnoredAny,
}

#[derive(Deserialize)]
struct Memory {
    run: String,
    roots: Vec<MemoryEntry>,
}

#[derive(Deserialize)]
struct MemoryEntry {
    root: String,
    seconds: f64,
    remembered: Vec<Remembered>,
    report: StatusOnly,
}

#[derive(Deserialize)]
struct StatusOnly {
    status: Status,
}

/// What is known of roots from scans before this one.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// By root.
    pub(crate) remembered: BTreeMap<String, Vec<Remembered>>,
    /// How long each took when it was last read to the end.
    pub(crate) seconds: BTreeMap<String, f64>,
}

impl Result {
    /// A result of roots, which are put in order.
    pub(crate) fn new(run: &str, shard: &str, at: &str, whole: bool, mut roots: Vec<Entry>) -> Result {
        roots.sort_by(|a, b| a.root.cmp(&b.root));
        let reports: Vec<RootReport> = roots.iter().map(|entry| entry.report.clone()).collect();
        Result {
            schema: SCHEMA.to_owned(),
            tool: "tf-drift".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: run.to_owned(),
            shard: shard.to_owned(),
            at: at.to_owned(),
            whole,
            summary: Summary::of(&reports),
            roots,
        }
    }
}

/// The name of a result: by it, results are in the order of their times.
pub(crate) fn result_name(run: &str, shard: &str, at: &str) -> String {
    let time: String = at.chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    format!(
        "results/{time}_{}_{}.json",
        plain(run),
        shard.replace('/', "-of-")
    )
}

/// A text as part of a name.
pub(crate) fn plain(text: &str) -> String {
    let allowed = |letter: char| match letter.is_ascii_alphanumeric() || "-.".contains(letter) {
        true => letter,
        false => '-',
    };
    text.chars().map(allowed).collect()
}

fn parse<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> std::result::Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| {
        StoreError::new(
            "understand",
            name,
            format!("it is no result of tf-drift: {error}"),
        )
    })
}

/// A document; `None` where it is gone since it was listed.
pub(super) fn read<T: DeserializeOwned>(
    store: &dyn Store,
    name: &str,
) -> std::result::Result<Option<T>, StoreError> {
    store.read(name)?.map(|bytes| parse(name, &bytes)).transpose()
}

/// Documents in the order of their names, without those that are gone.
fn read_all<T: DeserializeOwned + Send>(
    store: &dyn Store,
    names: &[String],
) -> std::result::Result<Vec<T>, StoreError> {
    let texts = store.read_all(names);
    let read: std::result::Result<Vec<Option<T>>, StoreError> = texts
        .into_par_iter()
        .zip(names)
        .map(|(text, name)| text?.map(|bytes| parse(name, &bytes)).transpose())
        .collect();
    Ok(read?.into_iter().flatten().collect())
}

/// Leaves a result behind. Two scans that began in the same second have the same name for theirs: the second one takes the next.
pub(crate) fn leave(store: &dyn Store, result: &Result) -> std::result::Result<(), StoreError> {
    let name = result_name(&result.run, &result.shard, &result.at);
    let text = serde_json::to_vec(result).map_err(|error| StoreError::new("write", &name, error))?;
    if store.create(&name, &text)? {
        return Ok(());
    }
    // Digits come behind the dot of the first, and in their order.
    for again in 2..100 {
        let name = name.replace(".json", &format!("_{again:02}.json"));
        if store.create(&name, &text)? {
            return Ok(());
        }
    }
    Err(StoreError::new(
        "write",
        &name,
        "there are too many of that name already",
    ))
}

/// What is known of roots from all runs but this one: shards of one run must not see each other's results, or their number would
/// decide what is found.
pub(crate) fn past(
    store: &dyn Store,
    run: &str,
    roots: &BTreeSet<String>,
) -> std::result::Result<Past, StoreError> {
    let mut past = Past::default();
    let mut open = roots.clone();
    for name in store.list("results/")?.iter().rev().take(MOST) {
        if open.is_empty() {
            break;
        }
        let Some(memory) = read::<Memory>(store, name)? else {
            continue;
        };
        if memory.run == run {
            continue;
        }
        for entry in memory.roots {
            // A scan that failed says nothing of how long one takes; what it remembers is carried on.
            if entry.report.status != Status::Failed {
                past.seconds.entry(entry.root.clone()).or_insert(entry.seconds);
            }
            if roots.contains(&entry.root) {
                past.remembered
                    .entry(entry.root.clone())
                    .or_insert(entry.remembered);
                if past.seconds.contains_key(&entry.root) {
                    open.remove(&entry.root);
                }
            }
        }
    }
    Ok(past)
}

/// The results of all shards of a run; of its latest one where none is named. In order of their names.
pub(crate) fn results_of(
    store: &dyn Store,
    run: Option<&str>,
) -> std::result::Result<Vec<Result>, StoreError> {
    let names = store.list("results/")?;
    let run = match run {
        Some(run) => run.to_owned(),
        None => match names.last().map(|last| read::<Header>(store, last)) {
            Some(last) => match last? {
                Some(header) => header.run,
                None => return Ok(Vec::new()),
            },
            None => return Ok(Vec::new()),
        },
    };
    // The run is part of the name, which spares reading all others.
    let part = format!("_{}_", plain(&run));
    let of_run: Vec<String> = names.into_iter().filter(|name| name.contains(&part)).collect();
    let results: Vec<Result> = read_all(store, &of_run)?;
    Ok(results.into_iter().filter(|result| result.run == run).collect())
}

/// When scans were made, and what they counted: the oldest first, at most so many files.
pub(crate) fn headers(store: &dyn Store, most: usize) -> std::result::Result<Vec<Header>, StoreError> {
    let names = store.list("results/")?;
    let from = names.len().saturating_sub(most);
    read_all(store, names.get(from..).unwrap_or_default())
}

/// What a run has that has not ended yet.
pub(crate) mod finished {
    use sha2::{Digest, Sha256};

    use super::{Entry, Store, StoreError, plain, read_all};

    /// A root that is done, kept until the run ends.
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(crate) struct Done {
        pub(crate) run: String,
        pub(crate) at: String,
        pub(crate) shard: String,
        pub(crate) entry: Entry,
    }

    /// Where what a run has done is kept until it ends.
    pub(in crate::history) fn folder(run: &str) -> String {
        format!("running/{}/", plain(run))
    }

    fn name(run: &str, root: &str) -> String {
        let digest: String = Sha256::digest(root.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{}{digest}.json", folder(run))
    }

    /// Keeps a root.
    pub(crate) fn keep(store: &dyn Store, done: &Done) -> Result<(), StoreError> {
        let name = name(&done.run, &done.entry.root);
        let text = serde_json::to_vec(done).map_err(|error| StoreError::new("write", &name, error))?;
        store.write(&name, &text)
    }

    /// The roots of a run, or of the one that was begun last, with its shard.
    pub(crate) fn of(store: &dyn Store, run: Option<&str>, shard: &str) -> Result<Vec<Done>, StoreError> {
        let prefix = run.map_or("running/".to_owned(), folder);
        let mut all: Vec<Done> = read_all(store, &store.list(&prefix)?)?;
        all.retain(|done| done.shard == shard);
        let Some(latest) = all.iter().max_by(|a, b| (&a.at, &a.run).cmp(&(&b.at, &b.run))) else {
            return Ok(Vec::new());
        };
        let latest = latest.run.clone();
        all.retain(|done| done.run == latest);
        Ok(all)
    }

    /// Forgets roots of a run that has ended.
    pub(crate) fn forget(store: &dyn Store, run: &str, roots: &[String]) -> Result<(), StoreError> {
        roots.iter().try_for_each(|root| store.remove(&name(run, root)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::Folder;
    use super::*;

    fn entry(root: &str, seconds: f64, failed: bool) -> Entry {
        let mut report = RootReport::failed(root, "x".to_owned());
        if !failed {
            report.status = Status::Clean;
        }
        Entry {
            root: root.to_owned(),
            seconds,
            remembered: Vec::new(),
            report,
        }
    }

    #[test]
    fn a_run_does_not_see_itself_and_the_newest_counts() {
        let dir = tempfile::tempdir().unwrap();
        let store = Folder::new(dir.path());
        for (run, shard, at, entries) in [
            (
                "1",
                "1/1",
                "2026-01-01T00:00:00Z",
                vec![entry("a", 5.0, false), entry("b", 7.0, false)],
            ),
            ("2", "1/2", "2026-01-02T00:00:00Z", vec![entry("a", 9.0, false)]),
            ("2", "2/2", "2026-01-02T00:00:01Z", vec![entry("b", 99.0, true)]),
            ("3", "1/2", "2026-01-03T00:00:00Z", vec![entry("a", 1.0, false)]),
        ] {
            let result = Result::new(run, shard, at, true, entries);
            leave(&store, &result).unwrap();
        }
        let roots: BTreeSet<String> = ["a", "b", "c"].map(str::to_owned).into();
        let past = past(&store, "3", &roots).unwrap();
        assert_eq!(
            past.seconds,
            BTreeMap::from([("a".to_owned(), 9.0), ("b".to_owned(), 7.0)])
        );
        let shards = |run: Option<&str>| -> Vec<String> {
            let results = results_of(&store, run).unwrap();
            results.into_iter().map(|result| result.shard).collect()
        };
        assert_eq!(shards(Some("2")), ["1/2", "2/2"]);
        assert_eq!(shards(None), ["1/2"]);
        let trend: Vec<String> = headers(&store, 3)
            .unwrap()
            .into_iter()
            .map(|header| header.run)
            .collect();
        assert_eq!(trend, ["2", "2", "3"]);
        assert!(
            headers(&store, 3)
                .unwrap()
                .iter()
                .all(|header| header.at.starts_with("2026"))
        );
    }

    #[test]
    fn two_scans_of_one_second_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Folder::new(dir.path());
        for root in ["a", "b", "c"] {
            let result = Result::new(
                "r",
                "1/1",
                "2026-01-01T00:00:00Z",
                true,
                vec![entry(root, 1.0, false)],
            );
            leave(&store, &result).unwrap();
        }
        let roots: Vec<String> = results_of(&store, Some("r"))
            .unwrap()
            .iter()
            .map(|result| result.roots[0].root.clone())
            .collect();
        assert_eq!(roots, ["a", "b", "c"]);
    }

    #[test]
    fn what_is_no_result_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let store = Folder::new(dir.path());
        store.write("results/x.json", b"{\"a\": ").unwrap();
        let error = headers(&store, 9).unwrap_err().to_string();
        assert!(
            error.contains("results/x.json") && error.contains("no result of tf-drift"),
            "{error}"
        );
    }
}
