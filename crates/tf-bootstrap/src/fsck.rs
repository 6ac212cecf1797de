//! `tf-bootstrap fsck`: whether states, digests and locks are sound.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Map, Value, json};
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::locks::{Held, held};
use crate::output::document;
use crate::state::{
    Content, Finding, LOCK_SUFFIX, Level, Locks, Version as Judged, digest, judge, summary, workspace,
};
use crate::states::SUFFIX;
use crate::store::{Interrupt, Kinds, Lease, Locking, READS, Store, Version, side_by_side};
use crate::target::Context;

/// States that are checked at a time, each with several versions.
const STATES: usize = 4;

/// Look for damage: JSON, format, digest, serials rising, lineage constant, half-locks
#[derive(Args, Clone, Debug)]
pub(crate) struct FsckArgs {
    /// Only these states; all where none is given
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Read at most so many versions of each state, the newest; 0 is all
    #[arg(long, short = 'n', value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Write digests that are missing, invalid or stale anew, from the current states, under their locks
    #[arg(long)]
    pub(crate) repair_digest: bool,
    /// Which locks are taken for a repair
    #[arg(long, value_enum, default_value = "auto", value_name = "KIND")]
    pub(crate) locking: Locking,
}

/// What was found of a state.
struct Checked {
    key: String,
    versions: usize,
    /// Versions that were not read.
    older: usize,
    findings: Vec<Finding>,
    /// Why it could not be judged.
    unread: Option<String>,
    repaired: Option<&'static str>,
}

pub(crate) async fn run(args: FsckArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let interrupt = Interrupt::listen();
    let store = Store::new(context);
    let mut checked = interrupt.during(check(&store, &args)).await?;
    if args.repair_digest {
        for state in &mut checked {
            if state.unread.is_none() {
                repair(context, &store, &args, state, &interrupt).await?;
            }
        }
    }
    match context.output.is_json() {
        true => context.output.add_json(&json_of(context, &checked)),
        false => context.output.add(&text(context, &checked)),
    }
    let worst = checked
        .iter()
        .flat_map(|state| &state.findings)
        .map(|finding| finding.level)
        .max();
    Ok(match worst {
        _ if checked.iter().any(|state| state.unread.is_some()) => Exit::Failed,
        Some(Level::Warning | Level::Error) => Exit::Findings,
        _ => Exit::Clean,
    })
}

/// The versions of each state that is asked for.
async fn versions(store: &Store, args: &FsckArgs) -> Result<BTreeMap<String, Vec<Version>>, Error> {
    let mut by_key: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    if !args.keys.is_empty() {
        for key in &args.keys {
            let (key, versions) = store.find(key).await?;
            by_key.insert(key, versions);
        }
        return Ok(by_key);
    }
    for version in store.versions("").await? {
        if !version.key.ends_with(LOCK_SUFFIX) {
            by_key.entry(version.key.clone()).or_default().push(version);
        }
    }
    Ok(by_key)
}

async fn check(store: &Store, args: &FsckArgs) -> Result<Vec<Checked>, Error> {
    let (held, by_key) = tokio::join!(held(store), versions(store, args));
    let (held, mut by_key) = (held?, by_key?);
    let digests = held
        .items
        .as_ref()
        .map(|items| items.digests.clone())
        .unwrap_or_default();
    // A digest and a lock may be there without any state.
    if args.keys.is_empty() {
        let alone = digests
            .keys()
            .cloned()
            .chain(held.halves.iter().map(|halves| halves.key.clone()));
        for key in alone {
            by_key.entry(key).or_default();
        }
    }
    let limit = if args.limit == 0 { usize::MAX } else { args.limit };
    let held = std::sync::Arc::new(held);
    let digests = std::sync::Arc::new(digests);
    let asked = !args.keys.is_empty();
    let work = |(key, mut versions): (String, Vec<Version>)| {
        let (store, held, digests) = (store.clone(), held.clone(), digests.clone());
        async move {
            let older = versions.len().saturating_sub(limit);
            versions.truncate(limit);
            let named = key.ends_with(SUFFIX) || workspace(&key).0 != "default" || asked;
            let known =
                named || digests.contains_key(&key) || held.halves.iter().any(|halves| halves.key == key);
            // Whatever else lies in the bucket is a state if it begins as one.
            if !known && !begins_as_state(&store, &versions).await? {
                return Ok(None);
            }
            let stored = digests.get(&key).map(String::as_str);
            check_state(&store, key, versions, older, stored, &held)
                .await
                .map(Some)
        }
    };
    let checked: Vec<Result<Option<Checked>, Error>> =
        side_by_side(by_key.into_iter().collect(), STATES, work).await?;
    Ok(checked
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

async fn begins_as_state(store: &Store, versions: &[Version]) -> Result<bool, Error> {
    match versions.iter().find(|version| !version.deleted) {
        Some(version) => {
            let first = store
                .read_range(
                    &version.key,
                    Some(&version.id),
                    (version.size > 4_096).then_some(4_096),
                )
                .await;
            Ok(first?.is_some_and(|body| crate::state::head(&body.bytes).is_some()))
        }
        None => Ok(false),
    }
}

async fn check_state(
    store: &Store,
    key: String,
    versions: Vec<Version>,
    older: usize,
    stored: Option<&str>,
    held: &Held,
) -> Result<Checked, Error> {
    let count = versions.len();
    let work = |version: Version| {
        let store = store.clone();
        async move { judged(&store, version).await }
    };
    let judged: Result<Vec<Option<Judged>>, Error> = side_by_side(versions, READS / 2, work)
        .await?
        .into_iter()
        .collect();
    let locks = held.halves.iter().find(|halves| halves.key == key);
    let locks = locks.map_or_else(Locks::default, crate::locks::Halves::judged);
    let (findings, unread) = match judged {
        Ok(judged) => {
            let judged: Vec<Judged> = judged.into_iter().flatten().collect();
            (judge(&judged, stored, held.items.is_some(), &locks), None)
        }
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    Ok(Checked {
        key,
        versions: count,
        older,
        findings,
        unread,
        repaired: None,
    })
}

/// What the rules look at; the bytes are not kept.
async fn judged(store: &Store, version: Version) -> Result<Option<Judged>, Error> {
    let content = match version.deleted {
        true => Content::Deleted,
        false => match store.read(&version.key, Some(&version.id)).await? {
            // Removed by the lifecycle since it was listed.
            None => return Ok(None),
            Some(body) => match summary(&body.bytes) {
                Ok(summary) => Content::State(summary.head, digest(&body.bytes)),
                Err(error) => Content::Bad(error, digest(&body.bytes)),
            },
        },
    };
    Ok(Some(Judged {
        id: version.id,
        content,
    }))
}

/// Writes the digest anew where it is not that of the current state, and the current state is sound: over a state that is
/// doubtful, Terraform's refusal is the last thing that protects.
async fn repair(
    context: &Context,
    store: &Store,
    args: &FsckArgs,
    state: &mut Checked,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let stale = |finding: &Finding| {
        matches!(
            finding.rule,
            "digest-mismatch" | "digest-invalid" | "digest-missing"
        )
    };
    if !state.findings.iter().any(stale) {
        return Ok(());
    }
    let doubt = state
        .findings
        .iter()
        .find(|finding| finding.level == Level::Error && !stale(finding));
    if let Some(doubt) = doubt {
        context.output.warn(&format!(
            "{}: its digest was left alone because of {}: {}",
            state.key, doubt.rule, doubt.message
        ));
        return Ok(());
    }
    let kinds = match args.locking {
        // What is asked for is a digest, so there is one from now on.
        Locking::Auto => Kinds {
            file: true,
            item: true,
            new_digest: true,
        },
        Locking::LockFile => {
            return Err(Error::Usage(
                "--repair-digest writes to the table: --locking lock-file contradicts it".to_owned(),
            ));
        }
        locking => Kinds::of(locking, store, true)?,
    };
    let encryption = interrupt.during(store.encryption(None)).await?;
    let lease = Lease::take(
        store,
        &state.key,
        "fsck",
        "repair of the digest",
        kinds,
        &encryption,
        interrupt,
    )
    .await?;
    let done = write(store, &state.key, &lease, interrupt).await;
    let released = lease.release().await;
    match (done, released) {
        (Ok(()), Ok(())) => {}
        (Ok(()), Err(error)) | (Err(error), Ok(())) => return Err(error),
        (Err(error), Err(left)) => return Err(Error::Incomplete(format!("{error}; and {left}"))),
    }
    state.findings.retain(|finding| !stale(finding));
    state.repaired = Some("digest");
    Ok(())
}

async fn write(store: &Store, key: &str, lease: &Lease, interrupt: &Interrupt) -> Result<(), Error> {
    // Read again under the lock: what was judged may have been written over.
    let read = async { tokio::try_join!(store.read(key, None), store.digest(key)) };
    let (body, (_, seen)) = interrupt.during(read).await?;
    let Some(body) = body else {
        return Err(Error::Refused(format!(
            "{key} was deleted before the lock was taken"
        )));
    };
    summary(&body.bytes).map_err(|error| Error::Refused(format!("{key}: {error}")))?;
    lease.write_digest(&body.bytes, seen.as_deref()).await?;
    Ok(())
}

fn text(context: &Context, checked: &[Checked]) -> String {
    let mut text = format!("{}, bucket {}\n", context.title(), context.bucket);
    let mut sound = 0;
    for state in checked {
        if let Some(unread) = &state.unread {
            text.push_str(&format!("{}: not judged: {unread}\n", state.key));
            continue;
        }
        if let Some(repaired) = state.repaired {
            text.push_str(&format!("{}: {repaired} repaired\n", state.key));
        }
        if state.findings.is_empty() {
            sound += 1;
            continue;
        }
        text.push_str(&format!("{}\n", state.key));
        for finding in &state.findings {
            let version = finding.version.as_ref().map(|id| format!(" (version {id})"));
            text.push_str(&format!(
                "  {}: {}: {}{}\n    {}\n",
                finding.level.name(),
                finding.rule,
                finding.message,
                version.unwrap_or_default(),
                finding.remedy
            ));
        }
    }
    let older: usize = checked.iter().map(|state| state.older).sum();
    text.push_str(&format!("{sound} of {} states without findings\n", checked.len()));
    if older > 0 {
        text.push_str(&format!(
            "{older} older versions were not read (--limit 0 reads all)\n"
        ));
    }
    text
}

fn json_of(context: &Context, checked: &[Checked]) -> Value {
    let states: Vec<Value> = checked
        .iter()
        .map(|state| {
            let findings: Vec<Value> = state
                .findings
                .iter()
                .map(|finding| {
                    json!({
                        "rule": finding.rule,
                        "level": finding.level.name(),
                        "version": finding.version,
                        "message": finding.message,
                        "remedy": finding.remedy,
                    })
                })
                .collect();
            let mut fields = Map::new();
            fields.insert("key".to_owned(), json!(state.key));
            fields.insert("versions".to_owned(), json!(state.versions));
            fields.insert("older".to_owned(), json!(state.older));
            fields.insert("findings".to_owned(), json!(findings));
            fields.insert("repaired".to_owned(), json!(state.repaired));
            fields.insert("error".to_owned(), json!(state.unread));
            Value::Object(fields)
        })
        .collect();
    let mut document = document("fsck");
    document.insert("account".to_owned(), json!(context.account));
    document.insert("bucket".to_owned(), json!(context.bucket));
    document.insert("states".to_owned(), json!(states));
    Value::Object(document)
}
