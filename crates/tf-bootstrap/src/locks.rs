//! `tf-bootstrap locks`: who holds which lock, and removing one that nobody holds any more.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use tabled::builder::Builder;
use tf_aws::ErrorKind;
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::output::{ask, document};
use crate::state::{LOCK_SUFFIX, LockInfo, Locks, age, digest, lock_file, lock_id};
use crate::states::plain;
use crate::store::{Interrupt, Item, Items, READS, Store, side_by_side};
use crate::target::Context;

/// A lock of less age may belong to a run that is only slow.
const YOUNG: SignedDuration = SignedDuration::from_mins(15);

/// How many versions of a state are looked at for one that Terraform wrote.
const LOOK_BACK: usize = 5;

/// List the locks: items of the table and lock files, since when, whose; halves of a lock that has two
#[derive(Args, Clone, Debug)]
pub(crate) struct LocksArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LocksCommand>,
}

#[derive(clap::Subcommand, Clone, Debug)]
pub(crate) enum LocksCommand {
    /// Remove a lock whose holder is gone: exactly the one that was seen, or none
    Break {
        /// The lock's id, as `locks` and Terraform print it; the state's key where the lock has none
        #[arg(value_name = "ID")]
        id: String,
        /// Break it even if it is young: less than 15 minutes
        #[arg(long)]
        force: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// A lock file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LockFile {
    pub(crate) text: String,
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
}

/// The halves of the lock of one state, as they are.
#[derive(Clone, Debug)]
pub(crate) struct Halves {
    pub(crate) key: String,
    pub(crate) item: Option<Item>,
    pub(crate) file: Option<LockFile>,
    /// Whether the backend takes both kinds, as far as the state and its last lock show it.
    pub(crate) both: bool,
}

impl Halves {
    /// What the rules judge.
    pub(crate) fn judged(&self) -> Locks {
        Locks {
            item: self
                .item
                .as_ref()
                .map(|item| item.info.as_deref().and_then(LockInfo::parse)),
            file: self.file.as_ref().map(|file| LockInfo::parse(&file.text)),
            both: self.both,
        }
    }
}

/// All locks of a bucket.
#[derive(Debug)]
pub(crate) struct Held {
    /// By key.
    pub(crate) halves: Vec<Halves>,
    /// What the table holds; `None` where there is none.
    pub(crate) items: Option<Items>,
}

/// A lock as it is shown: one of two halves that belong together.
struct Shown {
    key: String,
    info: Option<LockInfo>,
    item: bool,
    file: bool,
    taken: Option<Timestamp>,
    half: Option<&'static str>,
}

pub(crate) async fn run(args: LocksArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let interrupt = Interrupt::listen();
    let store = Store::new(context);
    match args.command {
        None => {
            let held = interrupt.during(held(&store)).await?;
            Ok(list(context, &held))
        }
        Some(LocksCommand::Break { id, force, yes }) => {
            break_lock(context, &store, &interrupt, &id, force, yes).await
        }
    }
}

/// Finds all locks.
pub(crate) async fn held(store: &Store) -> Result<Held, Error> {
    let (items, files) = tokio::join!(store.items(), files(store));
    let (items, files) = (items?, files?);
    let mut halves: Vec<Halves> = files
        .into_iter()
        .map(|(key, file)| Halves {
            key,
            item: None,
            file: Some(file),
            both: false,
        })
        .collect();
    for (key, item) in items.iter().flat_map(|items| &items.locks) {
        match halves.iter_mut().find(|halves| halves.key == *key) {
            Some(halves) => halves.item = Some(item.clone()),
            None => halves.push(Halves {
                key: key.clone(),
                item: Some(item.clone()),
                file: None,
                both: false,
            }),
        }
    }
    halves.sort_by(|one, other| one.key.cmp(&other.key));
    let digests = items
        .as_ref()
        .map(|items| items.digests.clone())
        .unwrap_or_default();
    let work = |mut halves: Halves| {
        let store = store.clone();
        let stored = digests.get(&halves.key).cloned();
        async move {
            halves.both = both(&store, &halves, stored.as_deref()).await?;
            Ok::<Halves, Error>(halves)
        }
    };
    let halves = side_by_side(halves, READS, work).await?;
    Ok(Held {
        halves: halves.into_iter().collect::<Result<_, _>>()?,
        items,
    })
}

async fn files(store: &Store) -> Result<Vec<(String, LockFile)>, Error> {
    let objects = store.objects("").await?;
    let keys: Vec<(String, Timestamp)> = objects
        .into_iter()
        .filter_map(|object| Some((object.key.strip_suffix(LOCK_SUFFIX)?.to_owned(), object.modified)))
        .collect();
    let work = |(key, modified): (String, Timestamp)| {
        let store = store.clone();
        async move {
            let body = store.read(&lock_file(&key), None).await?;
            // Released since it was listed.
            Ok::<_, Error>(body.map(|body| {
                let file = LockFile {
                    text: String::from_utf8_lossy(&body.bytes).into_owned(),
                    etag: body.etag.unwrap_or_default(),
                    modified,
                };
                (key, file)
            }))
        }
    };
    let files = side_by_side(keys, READS, work).await?;
    Ok(files
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// Whether a backend of which one half of a lock is seen takes both: its last write shows it. Who wrote under a lock file
/// takes lock files; a digest that is up to date was written by a backend that has the table.
async fn both(store: &Store, halves: &Halves, stored: Option<&str>) -> Result<bool, Error> {
    match (&halves.item, &halves.file) {
        (Some(_), Some(_)) => Ok(true),
        (Some(_), None) => {
            let files = store.versions_of(&lock_file(&halves.key)).await?;
            if files.is_empty() {
                return Ok(false);
            }
            let states = store.versions_of(&halves.key).await?;
            // Nothing was written yet, and there was a lock file.
            if states.is_empty() {
                return Ok(true);
            }
            // What we wrote ourselves shows nothing: we take lock files in any case.
            for state in states.iter().take(LOOK_BACK) {
                match store.writer(&files, state.modified).await? {
                    Some(writer) if !writer.shows_settings() => {}
                    writer => return Ok(writer.is_some()),
                }
            }
            Ok(false)
        }
        (None, Some(_)) => {
            let Some(stored) = stored else {
                return Ok(false);
            };
            let state = store.read(&halves.key, None).await?;
            Ok(state.is_some_and(|state| digest(&state.bytes) == stored))
        }
        (None, None) => Ok(false),
    }
}

/// Locks as they are shown: two halves with one id are one lock.
fn shown(halves: &Halves) -> Vec<Shown> {
    let locks = halves.judged();
    let half = locks.half();
    let modified = halves.file.as_ref().map(|file| file.modified);
    let one = |info: Option<LockInfo>, item: bool, file: bool| Shown {
        key: halves.key.clone(),
        taken: info
            .as_ref()
            .and_then(LockInfo::taken)
            .or(if file { modified } else { None }),
        info,
        item,
        file,
        half,
    };
    match (locks.item, locks.file) {
        (Some(item), Some(file)) => match (&item, &file) {
            (Some(first), Some(second)) if first.id == second.id => vec![one(item, true, true)],
            _ => vec![one(item, true, false), one(file, false, true)],
        },
        (Some(item), None) => vec![one(item, true, false)],
        (None, Some(file)) => vec![one(file, false, true)],
        (None, None) => Vec::new(),
    }
}

fn list(context: &Context, held: &Held) -> Exit {
    let locks: Vec<Shown> = held.halves.iter().flat_map(shown).collect();
    let others = held.items.as_ref().map_or(0, |items| items.others);
    let now = Timestamp::now();
    match context.output.is_json() {
        true => context
            .output
            .add_json(&json_of(context, &locks, held.items.is_some(), others, now)),
        false => context
            .output
            .add(&text(context, &locks, held.items.is_some(), others, now)),
    }
    let odd = |lock: &Shown| lock.half.is_some() || lock.info.is_none();
    match locks.iter().any(odd) {
        true => Exit::Findings,
        false => Exit::Clean,
    }
}

fn text(context: &Context, locks: &[Shown], table: bool, others: usize, now: Timestamp) -> String {
    let mut text = format!(
        "{}, bucket {}, table {}{}\n",
        context.title(),
        context.bucket,
        context.table,
        if table { "" } else { " (does not exist)" }
    );
    if locks.is_empty() {
        text.push_str("no locks\n");
    } else {
        let mut table = Builder::default();
        table.push_record(["KEY", "ID", "OPERATION", "WHO", "AGE", "HELD BY", ""]);
        for lock in locks {
            let of = |field: fn(&LockInfo) -> String| lock.info.as_ref().map_or("?".to_owned(), field);
            table.push_record([
                lock.key.clone(),
                of(|info| info.id.clone()),
                of(LockInfo::operation),
                of(|info| info.who.clone()),
                lock.taken
                    .map_or("?".to_owned(), |taken| age(now.duration_since(taken))),
                held_by(lock).join(", "),
                if lock.half.is_some() { "HALF" } else { "" }.to_owned(),
            ]);
        }
        text.push_str(&plain(table));
    }
    for lock in locks {
        if let Some(half) = lock.half {
            text.push_str(&format!("{}: {half}\n", lock.key));
        }
        if let Some(info) = lock.info.as_ref().filter(|info| !info.info.is_empty()) {
            text.push_str(&format!("{}: {}\n", lock.key, info.info));
        }
    }
    if others > 0 {
        text.push_str(&format!("{others} items of the table are of other buckets\n"));
    }
    text
}

fn held_by(lock: &Shown) -> Vec<&'static str> {
    [(lock.item, "table"), (lock.file, "lock-file")]
        .iter()
        .filter_map(|(there, name)| there.then_some(*name))
        .collect()
}

fn json_of(context: &Context, locks: &[Shown], table: bool, others: usize, now: Timestamp) -> Value {
    let locks: Vec<Value> = locks
        .iter()
        .map(|lock| {
            let mut fields = Map::new();
            let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
            let of = |field: fn(&LockInfo) -> Value| lock.info.as_ref().map_or(Value::Null, field);
            put("key", json!(lock.key));
            put("id", of(|info| json!(info.id)));
            put("operation", of(|info| json!(info.operation)));
            put("info", of(|info| json!(info.info)));
            put("who", of(|info| json!(info.who)));
            put("terraform_version", of(|info| json!(info.version)));
            put("created", of(|info| json!(info.created)));
            put("path", of(|info| json!(info.path)));
            let seconds = lock.taken.map(|taken| now.duration_since(taken).as_secs().max(0));
            put("age_seconds", json!(seconds));
            put("held_by", json!(held_by(lock)));
            put("half", json!(lock.half));
            put("more", of(|info| json!(info.more)));
            Value::Object(fields)
        })
        .collect();
    let mut document = document("locks");
    document.insert("account".to_owned(), json!(context.account));
    document.insert("bucket".to_owned(), json!(context.bucket));
    document.insert(
        "table".to_owned(),
        if table { json!(context.table) } else { Value::Null },
    );
    document.insert("locks".to_owned(), json!(locks));
    document.insert("other_items".to_owned(), json!(others));
    Value::Object(document)
}

/// What of a lock is to be removed.
struct Target {
    key: String,
    /// The item, by the information that was seen.
    item: Option<Option<String>>,
    /// The lock file, by its text and entity tag.
    file: Option<LockFile>,
    info: Option<LockInfo>,
    taken: Option<Timestamp>,
}

/// The halves that have this id; or, of a lock without one, all of the state with this key.
fn target(held: &Held, bucket: &str, id: &str) -> Option<Target> {
    for halves in &held.halves {
        let locks = halves.judged();
        let named = |info: &Option<Option<LockInfo>>| match info {
            Some(Some(info)) => info.id == id,
            Some(None) => halves.key == id || lock_id(bucket, &halves.key) == id,
            None => false,
        };
        let (item, file) = (named(&locks.item), named(&locks.file));
        if !item && !file {
            continue;
        }
        let info = match item {
            true => locks.item.flatten(),
            false => locks.file.flatten(),
        };
        let file = halves.file.clone().filter(|_| file);
        return Some(Target {
            key: halves.key.clone(),
            item: halves
                .item
                .as_ref()
                .filter(|_| item)
                .map(|item| item.info.clone()),
            taken: info
                .as_ref()
                .and_then(LockInfo::taken)
                .or(file.as_ref().map(|file| file.modified)),
            file,
            info,
        });
    }
    None
}

async fn break_lock(
    context: &Context,
    store: &Store,
    interrupt: &Interrupt,
    id: &str,
    force: bool,
    yes: bool,
) -> Result<Exit, Error> {
    let held = interrupt.during(held(store)).await?;
    let Some(target) = target(&held, &store.bucket, id) else {
        return Err(Error::Refused(format!(
            "there is no lock {id}: it was released, or `tf-bootstrap locks` shows another one"
        )));
    };
    let since = target.taken.map(|taken| Timestamp::now().duration_since(taken));
    let who = target.info.as_ref().map_or("unknown".to_owned(), |info| {
        format!("{} ({})", info.who, info.operation())
    });
    match since {
        // A time in the future is a clock that is wrong, and no proof of age.
        Some(since) if since < YOUNG && !force => {
            return Err(Error::Refused(format!(
                "lock {id} of {} is {} old, held by {who}: that run may be going on; if it is gone for certain, use --force",
                target.key,
                age(since)
            )));
        }
        None if !force => {
            return Err(Error::Refused(format!(
                "lock {id} of {} does not say since when it is held: if its run is gone for certain, use --force",
                target.key
            )));
        }
        _ => {}
    }
    if !yes && std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        let question = format!("break the lock of {}, held by {who}? (yes/no)", target.key);
        let answer = ask(&question, "use --yes")?;
        if answer != "yes" && answer != "y" {
            return Err(Error::Refused("the answer was not yes".to_owned()));
        }
    }
    if interrupt.is_set() {
        return Err(Error::Interrupted("nothing was changed".to_owned()));
    }
    let file = match &target.file {
        Some(file) => Some(break_file(store, &target.key, file).await),
        None => None,
    };
    let item = match &target.item {
        Some(seen) => Some(break_item(store, &target.key, seen.as_deref()).await),
        None => None,
    };
    finish(context, &target, id, file, item)
}

/// What became of a half.
type Broken = Result<Half, Error>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Half {
    /// We removed it.
    Removed,
    /// It was not there any more.
    Gone,
    /// Another lock is in its place, which stays.
    Changed,
}

async fn break_file(store: &Store, key: &str, seen: &LockFile) -> Broken {
    let file = lock_file(key);
    let error = match store.delete(&file, &seen.etag).await {
        Ok(()) => return Ok(Half::Removed),
        Err(error) => error,
    };
    if error.kind == ErrorKind::AccessDenied {
        return Err(error.into());
    }
    match store.read(&file, None).await? {
        None => Ok(Half::Gone),
        Some(body) if body.bytes == seen.text.as_bytes() => Err(error.into()),
        Some(_) => Ok(Half::Changed),
    }
}

async fn break_item(store: &Store, key: &str, seen: Option<&str>) -> Broken {
    let error = match store.delete_lock_item(key, seen).await {
        Ok(()) => return Ok(Half::Removed),
        Err(error) => error,
    };
    if error.kind == ErrorKind::AccessDenied {
        return Err(error.into());
    }
    match store.lock_item(key).await? {
        None => Ok(Half::Gone),
        Some(item) if item.info.as_deref() == seen => Err(error.into()),
        Some(_) => Ok(Half::Changed),
    }
}

fn finish(
    context: &Context,
    target: &Target,
    id: &str,
    file: Option<Broken>,
    item: Option<Broken>,
) -> Result<Exit, Error> {
    let halves = [
        ("lock file", "lock_file", &file),
        ("item in the table", "table", &item),
    ];
    let mut lines = Vec::new();
    let mut failed = false;
    let mut changed = false;
    let mut removed = false;
    let mut results = Map::new();
    for (name, field, half) in halves {
        let result = match half {
            None => continue,
            Some(Ok(Half::Removed)) => {
                removed = true;
                lines.push(format!("the {name} was removed"));
                "removed".to_owned()
            }
            Some(Ok(Half::Gone)) => {
                lines.push(format!("the {name} was gone already: its holder released it"));
                "gone".to_owned()
            }
            Some(Ok(Half::Changed)) => {
                changed = true;
                lines.push(format!(
                    "the {name} belongs to another lock by now and was left alone"
                ));
                "changed".to_owned()
            }
            Some(Err(error)) => {
                failed = true;
                lines.push(format!("the {name} is still there: {error}"));
                "failed".to_owned()
            }
        };
        results.insert(field.to_owned(), json!(result));
    }
    let text = format!("lock {id} of {}: {}", target.key, lines.join("; "));
    if failed || changed {
        let again = "; look again with `tf-bootstrap locks`";
        return Err(match removed {
            true => Error::Incomplete(text + again),
            false => Error::Refused(text + again),
        });
    }
    match context.output.is_json() {
        false => context.output.add(&format!("{text}\n")),
        true => {
            let mut document = document("lock-broken");
            document.insert("bucket".to_owned(), json!(context.bucket));
            document.insert("key".to_owned(), json!(target.key));
            document.insert("id".to_owned(), json!(id));
            document.insert(
                "who".to_owned(),
                json!(target.info.as_ref().map(|info| &info.who)),
            );
            document.insert("halves".to_owned(), Value::Object(results));
            context.output.add_json(&Value::Object(document));
        }
    }
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(id: &str) -> String {
        format!("{{\"ID\":\"{id}\",\"Who\":\"w\",\"Created\":\"2026-01-01T00:00:00Z\"}}")
    }

    fn halves(key: &str, item: Option<&str>, file: Option<&str>) -> Halves {
        Halves {
            key: key.to_owned(),
            item: item.map(|text| Item {
                id: format!("b/{key}"),
                info: Some(text.to_owned()),
                digest: None,
            }),
            file: file.map(|text| LockFile {
                text: text.to_owned(),
                etag: "e".to_owned(),
                modified: Timestamp::UNIX_EPOCH,
            }),
            both: true,
        }
    }

    #[test]
    fn halves_of_one_id_are_one_lock() {
        let count = |item: Option<&str>, file: Option<&str>| shown(&halves("k", item, file)).len();
        let (one, two) = (info("1"), info("2"));
        assert_eq!(count(Some(&one), Some(&one)), 1);
        assert_eq!(count(Some(&one), Some(&two)), 2);
        assert_eq!(count(Some(&one), None), 1);
        assert_eq!(count(None, Some("x")), 1);
    }

    #[test]
    fn only_halves_with_that_id_are_broken() {
        let (one, two) = (info("1"), info("2"));
        let held = Held {
            halves: vec![
                halves("a", Some(&two), None),
                halves("k", Some(&one), Some(&two)),
                halves("odd", Some("x"), Some("y")),
            ],
            items: None,
        };
        let found = target(&held, "b", "1").unwrap();
        assert_eq!(
            (&*found.key, found.item.is_some(), found.file.is_some()),
            ("k", true, false)
        );
        // A lock without information goes by its key, one with information does not.
        let found = target(&held, "b", "odd").unwrap();
        assert!(found.item.is_some() && found.file.is_some());
        assert!(target(&held, "b", "b/odd").is_some());
        assert!(target(&held, "b", "k").is_none());
        assert!(target(&held, "b", "3").is_none());
    }
}
