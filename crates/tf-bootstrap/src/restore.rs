//! `tf-bootstrap restore`: back to a version of a state.
//!
//! A new version is written: the bytes of the old one, with a serial above every earlier one, so that no Terraform takes it
//! for stale. Everything is looked at before the lock is taken, and looked at again under it.

use clap::Args;
use serde_json::{Map, Value, json};
use tf_cli::exit::Exit;

use crate::error::Error;
use crate::output::{ask, document};
use crate::state::{Difference, Head, StateError, difference, digest, summary, with_serial};
use crate::store::{Body, Condition, Interrupt, Kinds, Lease, Locking, READS, Store, Version, side_by_side};
use crate::target::Context;

/// Go back to a version of a state: as a new version with the next serial, under the lock
#[derive(Args, Clone, Debug)]
pub(crate) struct RestoreArgs {
    /// The state's key: dev/services/terraform.tfstate, or dev/services
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// The version, as `history` prints it
    #[arg(value_name = "VERSION")]
    pub(crate) version: String,
    /// Show which resources would differ, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Also a version of another lineage: the state of another root
    #[arg(long)]
    pub(crate) force: bool,
    /// Which locks are taken
    #[arg(long, value_enum, default_value = "auto", value_name = "KIND")]
    pub(crate) locking: Locking,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// What is to be done.
struct Plan {
    key: String,
    /// The version to go back to, and its bytes.
    version: Version,
    bytes: Vec<u8>,
    head: Head,
    /// The current version, where the state is not deleted.
    current: Option<Current>,
    /// Id of the newest version or delete marker.
    newest: String,
    /// The highest serial of all versions.
    highest: u64,
    /// Whether there is a lock table, and its digest of this state.
    table: bool,
    digest: Option<String>,
    /// What differs from the current state, or why it cannot be compared.
    difference: Result<Difference, StateError>,
}

struct Current {
    body: Body,
    head: Option<Head>,
}

/// What there is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Task {
    /// The state is already what it should be.
    Nothing,
    /// The state is, its digest is not: an earlier run was broken off.
    Digest,
    /// A new version.
    Write(u64),
}

pub(crate) async fn run(args: RestoreArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let interrupt = Interrupt::listen();
    let store = Store::new(context);
    let plan = interrupt.during(look(&store, &args)).await?;
    let kinds = Kinds::of(args.locking, &store, plan.table)?;
    let task = plan.task(kinds)?;
    if args.dry_run || task == Task::Nothing {
        report(context, &plan, kinds, task, None, args.dry_run);
        return Ok(Exit::Clean);
    }
    // In a script the arguments are the answer; the version that is left is kept.
    if !args.yes && std::io::IsTerminal::is_terminal(&std::io::stdin()) && task != Task::Digest {
        context.output.warn(plan.text(task).trim_end());
        let answer = ask("restore it? (yes/no)", "use --yes")?;
        if answer != "yes" && answer != "y" {
            return Err(Error::Refused("the answer was not yes".to_owned()));
        }
    }
    let before = plan.current.as_ref().map(|current| &current.body.encryption);
    let encryption = interrupt.during(store.encryption(before)).await?;
    let detail = format!("version {}", plan.version.id);
    let lease = Lease::take(
        &store,
        &plan.key,
        "restore",
        &detail,
        kinds,
        &encryption,
        &interrupt,
    )
    .await?;
    let written = write(&store, &plan, task, kinds, &lease, &encryption, &interrupt).await;
    let released = lease.release().await;
    let version = match (written, released) {
        (Ok(version), Ok(())) => version,
        (Ok(_), Err(left)) => {
            return Err(Error::Incomplete(format!("{} was restored; {left}", plan.key)));
        }
        (Err(error), Ok(())) => return Err(error),
        (Err(error), Err(left)) => return Err(Error::Incomplete(format!("{error}; and {left}"))),
    };
    report(context, &plan, kinds, task, version.as_deref(), false);
    if interrupt.is_set() {
        context
            .output
            .warn("the interruption came when the state was being written: it was finished");
    }
    Ok(Exit::Clean)
}

/// Writes under the lock, if everything still is as it was looked at.
async fn write(
    store: &Store,
    plan: &Plan,
    task: Task,
    kinds: Kinds,
    lease: &Lease,
    encryption: &crate::store::Encryption,
    interrupt: &Interrupt,
) -> Result<Option<String>, Error> {
    let versions = interrupt.during(store.versions_of(&plan.key)).await?;
    let newest = versions.first().map(|version| version.id.as_str());
    let digest = match kinds.item {
        true => interrupt.during(store.digest(&plan.key)).await?.1,
        false => plan.digest.clone(),
    };
    if newest != Some(plan.newest.as_str()) || digest != plan.digest {
        return Err(Error::Refused(format!(
            "{} was written by somebody else before the lock was taken: look at it again",
            plan.key
        )));
    }
    let Task::Write(serial) = task else {
        // The current state is the right one; its bytes are what the digest is of.
        if let Some(current) = &plan.current {
            lease.write_digest(&current.body.bytes, digest.as_deref()).await?;
        }
        return Ok(None);
    };
    let bytes = with_serial(&plan.bytes, serial).map_err(|error| plan.unusable(&error))?;
    let condition = match &plan.current {
        Some(current) => Condition::Is(current.body.etag.clone().unwrap_or_default()),
        None => Condition::Absent,
    };
    let version = lease
        .write_state(&bytes, &condition, encryption, digest.as_deref())
        .await?;
    match store.read(&plan.key, version.as_deref()).await? {
        Some(body) if body.bytes == bytes => Ok(version),
        _ => Err(Error::Incomplete(format!(
            "{} was written, and S3 gives back something else: look at `tf-bootstrap history {}`",
            plan.key, plan.key
        ))),
    }
}

/// Reads all that there is to know.
async fn look(store: &Store, args: &RestoreArgs) -> Result<Plan, Error> {
    let (key, versions) = store.find(&args.key).await?;
    let Some(version) = versions.iter().find(|version| version.id == args.version) else {
        return Err(Error::Usage(format!(
            "{key} has no version {}: `tf-bootstrap history {key}` lists them",
            args.version
        )));
    };
    if version.deleted {
        return Err(Error::Usage(format!(
            "version {} of {key} is a delete marker: choose the version before it",
            args.version
        )));
    }
    let newest = versions
        .first()
        .map(|version| version.id.clone())
        .unwrap_or_default();
    // Who locks by files alone needs no permission for a table.
    let (table, stored) = match args.locking {
        Locking::LockFile => (false, None),
        Locking::Auto | Locking::Both | Locking::Table => store.digest(&key).await?,
    };
    let missing = || Error::Refused(format!("version {} of {key} is not there any more", version.id));
    let bytes = store
        .read(&key, Some(&version.id))
        .await?
        .ok_or_else(missing)?
        .bytes;
    let unusable = |error: StateError| {
        Error::Refused(format!(
            "version {} of {key} cannot be restored: {error}",
            version.id
        ))
    };
    let head = summary(&bytes).map_err(unusable)?.head;
    let deleted = versions.first().is_none_or(|version| version.deleted);
    let current = match deleted {
        true => None,
        false => store.read(&key, None).await?.map(|body| Current {
            head: summary(&body.bytes).ok().map(|summary| summary.head),
            body,
        }),
    };
    let heads = heads(store, &versions).await?;
    let highest = heads.iter().flatten().map(|head| head.serial).max();
    // The newest version that can be read says which root this key belongs to.
    if let Some(owner) = heads
        .iter()
        .flatten()
        .next()
        .filter(|owner| owner.lineage != head.lineage)
        && !args.force
    {
        return Err(Error::Refused(format!(
            "version {} has lineage {}, the state has {}: it is the state of another root (--force restores it all the same)",
            version.id, head.lineage, owner.lineage
        )));
    }
    let difference = match &current {
        Some(current) => difference(&current.body.bytes, &bytes),
        None => difference(EMPTY, &bytes),
    };
    Ok(Plan {
        highest: highest.unwrap_or(head.serial).max(head.serial),
        version: version.clone(),
        key,
        bytes,
        head,
        current,
        newest,
        table,
        digest: stored,
        difference,
    })
}

/// What a deleted state is compared with.
const EMPTY: &[u8] = b"{\"version\":4,\"serial\":0}";

/// The heads of all versions, newest first; `None` for those that are no states.
async fn heads(store: &Store, versions: &[Version]) -> Result<Vec<Option<Head>>, Error> {
    let work = |version: Version| {
        let store = store.clone();
        async move { store.head(&version).await }
    };
    let heads = side_by_side(versions.to_vec(), READS * 2, work).await?;
    heads.into_iter().collect()
}

impl Plan {
    fn unusable(&self, error: &StateError) -> Error {
        Error::Refused(format!(
            "version {} of {} cannot be restored: {error}",
            self.version.id, self.key
        ))
    }

    /// What there is to do. The current state is the right one when it is the old one but for its serial: a run that was
    /// broken off leaves it so.
    fn task(&self, kinds: Kinds) -> Result<Task, Error> {
        if let Some(current) = &self.current
            && let Some(head) = current.head.as_ref().filter(|head| head.serial == self.highest)
        {
            let same = with_serial(&self.bytes, head.serial).map_err(|error| self.unusable(&error))?;
            if same == current.body.bytes {
                let right = digest(&current.body.bytes);
                return Ok(match &self.digest {
                    Some(digest) if *digest != right && kinds.item => Task::Digest,
                    None if kinds.new_digest => Task::Digest,
                    _ => Task::Nothing,
                });
            }
        }
        match self.highest.checked_add(1) {
            Some(serial) => Ok(Task::Write(serial)),
            None => Err(self.unusable(&StateError::Exhausted(self.highest))),
        }
    }

    fn text(&self, task: Task) -> String {
        let mut text = format!(
            "{}: version {} of {}, serial {}\n",
            self.key, self.version.id, self.version.modified, self.head.serial
        );
        match (task, &self.current) {
            (Task::Nothing, _) => text.push_str("nothing to do: the state is already that version\n"),
            (Task::Digest, _) => {
                text.push_str("the state is already that version, and its digest is not: an earlier run was broken off\n");
            }
            (Task::Write(serial), Some(current)) => {
                let now = match &current.head {
                    Some(head) => format!("serial {}", head.serial),
                    None => "unreadable".to_owned(),
                };
                text.push_str(&format!(
                    "the state now: {now}; restored, it has serial {serial}\n"
                ));
            }
            (Task::Write(serial), None) => {
                text.push_str(&format!(
                    "the state now: deleted; restored, it has serial {serial}\n"
                ));
            }
        }
        if !matches!(task, Task::Write(_)) {
            return text;
        }
        match &self.difference {
            Err(error) => text.push_str(&format!("the resources cannot be compared: now, {error}\n")),
            Ok(difference) if difference.is_empty() => text.push_str("no resource and no output differs\n"),
            Ok(difference) => {
                for address in &difference.added {
                    text.push_str(&format!("  + {address}\n"));
                }
                for address in &difference.removed {
                    text.push_str(&format!("  - {address}\n"));
                }
                for change in &difference.changed {
                    let other = change.other.iter().map(|name| format!("({name})"));
                    let names: Vec<String> = change.attributes.iter().cloned().chain(other).collect();
                    text.push_str(&format!("  ~ {}: {}\n", change.address, names.join(", ")));
                }
                let outputs = [
                    ("+", &difference.outputs_added),
                    ("-", &difference.outputs_removed),
                    ("~", &difference.outputs_changed),
                ];
                for (sign, names) in outputs {
                    for name in names {
                        text.push_str(&format!("  {sign} output {name}\n"));
                    }
                }
                text.push_str(
                    "  + is in that version and not in the state now, - the other way round. What really exists does not change.\n",
                );
            }
        }
        text
    }

    fn difference_json(&self) -> Value {
        let difference = match &self.difference {
            Ok(difference) => difference,
            Err(error) => return json!({ "error": error.to_string() }),
        };
        let changed: Vec<Value> = difference
            .changed
            .iter()
            .map(|change| {
                json!({ "address": change.address, "attributes": change.attributes, "other": change.other })
            })
            .collect();
        json!({
            "added": difference.added,
            "removed": difference.removed,
            "changed": changed,
            "outputs": {
                "added": difference.outputs_added,
                "removed": difference.outputs_removed,
                "changed": difference.outputs_changed,
            },
        })
    }
}

fn report(context: &Context, plan: &Plan, kinds: Kinds, task: Task, version: Option<&str>, dry_run: bool) {
    if !context.output.is_json() {
        let mut text = plan.text(task);
        match (task, dry_run) {
            (_, true) => text.push_str("nothing was changed (--dry-run)\n"),
            (Task::Write(_), false) => text.push_str(&format!(
                "restored as version {}; the state before is version {}\n",
                version.unwrap_or("?"),
                plan.newest
            )),
            (Task::Digest, false) => text.push_str("its digest was put right\n"),
            (Task::Nothing, false) => {}
        }
        context.output.add(&text);
        return;
    }
    let action = match task {
        Task::Nothing => "none",
        Task::Digest => "digest",
        Task::Write(_) => "write",
    };
    let serial = match task {
        Task::Write(serial) => serial,
        Task::Nothing | Task::Digest => plan.highest,
    };
    let current = plan.current.as_ref();
    let fields: Map<String, Value> = [
        ("account", json!(context.account)),
        ("bucket", json!(context.bucket)),
        ("key", json!(plan.key)),
        ("dry_run", json!(dry_run)),
        ("action", json!(action)),
        ("restored_version", json!(plan.version.id)),
        ("restored_serial", json!(plan.head.serial)),
        ("lineage", json!(plan.head.lineage)),
        ("previous_version", json!(plan.newest)),
        (
            "previous_serial",
            json!(
                current
                    .and_then(|current| current.head.as_ref())
                    .map(|head| head.serial)
            ),
        ),
        ("serial", json!(serial)),
        ("new_version", json!(version)),
        ("locks", json!(kinds.names())),
        ("difference", plan.difference_json()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let mut document = document("restore");
    document.extend(fields);
    context.output.add_json(&Value::Object(document));
}
