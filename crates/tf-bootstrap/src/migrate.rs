//! `tf-bootstrap migrate`: a local state to S3 and back, and from one kind of lock to the other, through a stage with both.
//!
//! States are written first, settings second, and what is left of the old place is put aside last: broken off anywhere,
//! the next run goes on. Every file that is edited is shown before.

mod local;
mod settings;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use tf_cli::exit::Exit;

use self::local::Local;
use self::settings::{Edit, Settings, Wish, write_whole};
use crate::backend_config;
use crate::error::Error;
use crate::output::{ask, document};
use crate::state::{Head, digest, lock_file, summary};
use crate::store::{Body, Condition, Encryption, Interrupt, Kinds, Lease, Store};
use crate::target::Context;

/// Move a root's state to S3 and back, or from one kind of lock to another
#[derive(Args, Clone, Debug)]
pub(crate) struct MigrateArgs {
    /// The root module's folder
    #[arg(value_name = "ROOT", default_value = ".")]
    pub(crate) root: PathBuf,
    /// Where to
    #[arg(long, value_enum)]
    pub(crate) to: Destination,
    /// The state's key; otherwise that of the settings, or <environment>/<stack>/terraform.tfstate of the root
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// The file given to `terraform init -backend-config`, where it is not backend.hcl in the root
    #[arg(long, value_name = "FILE")]
    pub(crate) backend_config: Option<PathBuf>,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// Where a state, or its lock, goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Destination {
    /// From a local state to the bucket
    S3,
    /// From the bucket to a local state
    Local,
    /// Both kinds of lock: the stage between the two others
    Both,
    /// The native lock file alone
    LockFile,
    /// The item in the DynamoDB table alone
    Table,
}

impl Destination {
    fn name(self) -> &'static str {
        match self {
            Destination::S3 => "s3",
            Destination::Local => "local",
            Destination::Both => "both",
            Destination::LockFile => "lock-file",
            Destination::Table => "table",
        }
    }
}

/// What happens to one state.
struct Step {
    key: String,
    /// The local file.
    file: Option<PathBuf>,
    /// What is done, for people.
    action: String,
    work: Work,
    serial: Option<u64>,
}

/// What is done to one state, under its lock.
enum Work {
    /// Written to the bucket.
    Upload { bytes: Vec<u8>, remote: Option<Body> },
    /// Written to the local file.
    Download { remote: Body },
    /// The lock is taken once, which shows that it can be; the digest is made as the new settings want it.
    Digest(DigestWish),
    /// Nothing but the lock.
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum DigestWish {
    /// It must be right.
    Kept,
    /// There must be none: nobody keeps it up to date.
    Removed,
    /// An old one that is not right is removed.
    NotStale,
}

/// All that is to be done.
struct Plan {
    from: String,
    to: Destination,
    steps: Vec<Step>,
    edits: Vec<Edit>,
    /// Files that are put aside at the end: local states, or Terraform's record of the backend.
    aside: Vec<PathBuf>,
    kinds: Kinds,
    encryption: Encryption,
    /// What is to be done by hand afterwards.
    notes: Vec<String>,
}

impl Plan {
    fn is_empty(&self) -> bool {
        let idle = |step: &Step| matches!(step.work, Work::Nothing);
        self.edits.is_empty() && self.aside.is_empty() && self.steps.iter().all(idle)
    }
}

pub(crate) async fn run(args: MigrateArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let interrupt = Interrupt::listen();
    let store = Store::new(context);
    let settings = Settings::read(&args.root, args.backend_config.as_deref())?;
    let plan = interrupt.during(look(context, &store, &args, &settings)).await?;
    if args.dry_run || plan.is_empty() {
        report(context, &args, &plan, false);
        return Ok(Exit::Clean);
    }
    if !args.yes && std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        context.output.warn(text(&args, &plan).trim_end());
        let answer = ask("do it? (yes/no)", "use --yes")?;
        if answer != "yes" && answer != "y" {
            return Err(Error::Refused("the answer was not yes".to_owned()));
        }
    } else {
        context.output.say(text(&args, &plan).trim_end());
    }
    // All locks are held until the settings are edited: nobody writes to the place that is being left.
    let mut leases = Vec::new();
    let done = work(&store, &plan, &interrupt, &mut leases).await;
    let mut left = Vec::new();
    for lease in leases {
        if let Err(error) = lease.release().await {
            left.push(error.to_string());
        }
    }
    match (done, left.is_empty()) {
        (Ok(()), true) => {}
        (Ok(()), false) => return Err(Error::Incomplete(format!("all was done; {}", left.join("; ")))),
        (Err(error), true) => return Err(error),
        (Err(error), false) => {
            return Err(Error::Incomplete(format!("{error}; and {}", left.join("; "))));
        }
    }
    report(context, &args, &plan, true);
    Ok(Exit::Clean)
}

/// Does all of a plan.
async fn work(
    store: &Store,
    plan: &Plan,
    interrupt: &Interrupt,
    leases: &mut Vec<Lease>,
) -> Result<(), Error> {
    let detail = format!("to {}", plan.to.name());
    for step in &plan.steps {
        let lease = Lease::take(
            store,
            &step.key,
            "migrate",
            &detail,
            plan.kinds,
            &plan.encryption,
            interrupt,
        );
        leases.push(lease.await?);
    }
    let again = |done: &str, error: Error| {
        Error::Incomplete(format!(
            "{error}; {done}: run this again, which goes on from there"
        ))
    };
    for (index, (step, lease)) in plan.steps.iter().zip(leases.iter()).enumerate() {
        if interrupt.is_set() {
            return Err(Error::Interrupted(
                "the settings were not changed; run this again, which goes on from here".to_owned(),
            ));
        }
        one(store, plan, step, lease).await.map_err(|error| match index {
            0 => error,
            _ => again(
                "the states before were moved, the settings were not changed",
                error,
            ),
        })?;
    }
    for edit in &plan.edits {
        edit.write()
            .map_err(|error| again("the states were moved, not all settings were changed", error))?;
    }
    for file in &plan.aside {
        let renamed = std::fs::rename(file, local::aside(file)).map_err(|source| Error::File {
            doing: "cannot put aside",
            path: file.clone(),
            source,
        });
        renamed.map_err(|error| again("the states were moved, the settings were changed", error))?;
    }
    Ok(())
}

/// Does what is to be done to one state.
async fn one(store: &Store, plan: &Plan, step: &Step, lease: &Lease) -> Result<(), Error> {
    let same = |now: &Option<Body>, seen: &Option<Body>| {
        let tag = |body: &Option<Body>| body.as_ref().map(|body| body.etag.clone());
        tag(now) == tag(seen)
    };
    let changed = || {
        Error::Refused(format!(
            "{} was written by somebody else before the lock was taken: run this again",
            step.key
        ))
    };
    match &step.work {
        Work::Nothing => Ok(()),
        Work::Upload { bytes, remote } => {
            let now = store.read(&step.key, None).await?;
            if !same(&now, remote) {
                return Err(changed());
            }
            let condition = match remote {
                Some(body) => Condition::Is(body.etag.clone().unwrap_or_default()),
                None => Condition::Absent,
            };
            let seen = match plan.kinds.item {
                true => store.digest(&step.key).await?.1,
                false => None,
            };
            let version = lease
                .write_state(bytes, &condition, &plan.encryption, seen.as_deref())
                .await?;
            match store.read(&step.key, version.as_deref()).await? {
                Some(body) if body.bytes == *bytes => Ok(()),
                _ => Err(Error::Incomplete(format!(
                    "{} was written, and S3 gives back something else",
                    step.key
                ))),
            }
        }
        Work::Download { remote } => {
            let now = store.read(&step.key, None).await?;
            if !same(&now, &Some(remote.clone())) {
                return Err(changed());
            }
            let Some(file) = &step.file else {
                return Ok(());
            };
            local::keep_old(file)?;
            if let Some(dir) = file.parent() {
                std::fs::create_dir_all(dir).map_err(|source| Error::File {
                    doing: "cannot make",
                    path: dir.to_path_buf(),
                    source,
                })?;
            }
            write_whole(file, &remote.bytes, true)
        }
        Work::Digest(wish) => put_digest(store, step, lease, *wish).await,
    }
}

async fn put_digest(store: &Store, step: &Step, lease: &Lease, wish: DigestWish) -> Result<(), Error> {
    let (state, (_, stored)) = tokio::try_join!(store.read(&step.key, None), store.digest(&step.key))?;
    let right = state.as_ref().map(|state| digest(&state.bytes));
    let stale = stored.is_some() && stored != right;
    match (wish, &state, &stored) {
        (DigestWish::Kept, Some(state), _) if stored != right => {
            lease.write_digest(&state.bytes, stored.as_deref()).await?;
        }
        (DigestWish::Removed, _, Some(seen)) => store.delete_digest(&step.key, seen).await?,
        (DigestWish::NotStale, _, Some(seen)) if stale => store.delete_digest(&step.key, seen).await?,
        _ => {}
    }
    Ok(())
}

/// Finds out what is to be done.
async fn look(
    context: &Context,
    store: &Store,
    args: &MigrateArgs,
    settings: &Settings,
) -> Result<Plan, Error> {
    match settings.kind() {
        Some("s3" | "local") | None => {}
        Some(other) => {
            return Err(Error::Refused(format!(
                "the root has a backend \"{other}\": states are moved between s3 and local only"
            )));
        }
    }
    match args.to {
        Destination::S3 => to_s3(context, store, args, settings).await,
        Destination::Local => to_local(context, store, args, settings).await,
        Destination::Both | Destination::LockFile | Destination::Table => {
            to_lock(context, store, args, settings).await
        }
    }
}

/// Refuses settings of another bucket or table than this run's.
fn ours(context: &Context, settings: &Settings) -> Result<(), Error> {
    for (name, flag, run) in [
        ("bucket", "--bucket", &context.bucket),
        ("dynamodb_table", "--table", &context.table),
    ] {
        if let Some(there) = settings.text(name).filter(|there| there != run) {
            return Err(Error::Usage(format!(
                "the root's settings have {name} = \"{there}\", this run has {run}: say {flag} {there}"
            )));
        }
    }
    Ok(())
}

/// The state's key.
fn key(context: &Context, args: &MigrateArgs, settings: &Settings) -> Result<String, Error> {
    let there = settings.text("key");
    match (&args.key, there) {
        (Some(key), Some(there)) if key != there => Err(Error::Usage(format!(
            "the root's settings have key = \"{there}\", and --key says {key}"
        ))),
        (Some(key), _) => Ok(key.clone()),
        (None, Some(there)) => Ok(there.to_owned()),
        (None, None) => {
            let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
            let environments = absolute(&context.dir).join("environments");
            let root = absolute(&args.root);
            let below = root
                .strip_prefix(&environments)
                .ok()
                .filter(|below| below.iter().count() == 2);
            let parts: Option<Vec<&str>> =
                below.and_then(|below| below.iter().map(|part| part.to_str()).collect());
            match parts {
                Some(parts) => Ok(format!("{}/terraform.tfstate", parts.join("/"))),
                None => Err(Error::Usage(
                    "the root is not environments/<environment>/<stack>, and its settings name no key: say --key".to_owned(),
                )),
            }
        }
    }
}

/// The keys of a root's states in the bucket, with their workspaces.
async fn remote_keys(store: &Store, settings: &Settings, key: &str) -> Result<Vec<(String, String)>, Error> {
    let prefix = settings.text("workspace_key_prefix").unwrap_or("env:");
    let mut keys = Vec::new();
    // A prefix of letters may lead to the state itself and to others.
    let (default, workspaces) = tokio::try_join!(store.objects(key), async {
        store.objects(&format!("{prefix}/")).await
    })?;
    if default.iter().any(|object| object.key == key) {
        keys.push(("default".to_owned(), key.to_owned()));
    }
    for object in workspaces {
        let rest = object
            .key
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('/'));
        if let Some((workspace, _)) = rest
            .and_then(|rest| rest.split_once('/'))
            .filter(|(_, rest)| *rest == key)
        {
            keys.push((workspace.to_owned(), object.key.clone()));
        }
    }
    Ok(keys)
}

fn remote_key(settings: &Settings, workspace: &str, key: &str) -> String {
    match workspace {
        "default" => key.to_owned(),
        workspace => {
            let prefix = settings.text("workspace_key_prefix").unwrap_or("env:");
            format!("{prefix}/{workspace}/{key}")
        }
    }
}

fn head_of(bytes: &[u8], what: &dyn std::fmt::Display) -> Result<Head, Error> {
    let read = summary(bytes).map(|summary| summary.head);
    read.map_err(|error| Error::Refused(format!("{what}: {error}")))
}

/// The kinds of lock that settings ask for.
fn configured(settings: &Settings) -> (bool, bool) {
    (
        settings.flag("use_lockfile"),
        settings.text("dynamodb_table").is_some(),
    )
}

async fn to_s3(
    context: &Context,
    store: &Store,
    args: &MigrateArgs,
    settings: &Settings,
) -> Result<Plan, Error> {
    let key = key(context, args, settings)?;
    ours(context, settings)?;
    let already = settings.kind() == Some("s3");
    let local = Local::find(&args.root, settings)?;
    local.is_idle()?;
    if local.states.is_empty() && !already {
        return Err(Error::Refused(format!(
            "{} has no local state to move",
            args.root.display()
        )));
    }
    let (table, _) = store.digest(&key).await?;
    // Terraform takes both kinds of lock that it is told of; a table that is there protects older checkouts.
    let item = match already {
        true => configured(settings).1,
        false => table && settings.file.as_ref().is_none_or(|_| configured(settings).1),
    };
    let mut steps = Vec::new();
    let mut aside = Vec::new();
    for (workspace, file) in &local.states {
        let bytes = std::fs::read(file).map_err(|source| Error::File {
            doing: "cannot read",
            path: file.clone(),
            source,
        })?;
        aside.push(file.clone());
        // What Terraform leaves behind when it moved a state itself.
        if bytes.is_empty() {
            continue;
        }
        let head = head_of(&bytes, &file.display())?;
        let key = remote_key(settings, workspace, &key);
        let remote = store
            .read(&key, None)
            .await?
            .filter(|body| !body.bytes.is_empty());
        // A run that was broken off leaves a state without its digest.
        let unkept = item && store.digest(&key).await?.1.as_deref() != Some(&digest(&bytes));
        let (action, upload) = match &remote {
            None => ("uploaded".to_owned(), true),
            Some(body) if body.bytes == bytes => ("in the bucket already".to_owned(), false),
            Some(body) => {
                let there = head_of(&body.bytes, &key)?;
                if there.lineage != head.lineage {
                    return Err(Error::Refused(format!(
                        "{key} holds the state of another root: lineage {}, the local one has {}; choose another --key",
                        there.lineage, head.lineage
                    )));
                }
                if there.serial >= head.serial {
                    return Err(Error::Refused(format!(
                        "{key} has serial {}, the local state {}: it is not the newer one; if the bucket has the right \
                         state, put {} aside by hand",
                        there.serial,
                        head.serial,
                        file.display()
                    )));
                }
                (format!("uploaded over serial {}", there.serial), true)
            }
        };
        steps.push(Step {
            key,
            file: Some(file.clone()),
            action,
            serial: Some(head.serial),
            work: match upload {
                true => Work::Upload { bytes, remote },
                false if unkept => Work::Digest(DigestWish::Kept),
                false => Work::Nothing,
            },
        });
    }
    let kinds = Kinds {
        file: true,
        item,
        new_digest: item,
    };
    let encryption = store.encryption(None).await?;
    let mut notes = Vec::new();
    let edits = match already {
        true => Vec::new(),
        false => {
            notes.push(format!(
                "terraform -chdir={} init -reconfigure -backend-config={}",
                args.root.display(),
                settings::FILE
            ));
            s3_settings(context, args, settings, &key, item, encryption.key())?
        }
    };
    Ok(Plan {
        from: "local".to_owned(),
        to: args.to,
        steps,
        edits,
        aside,
        kinds,
        encryption,
        notes,
    })
}

/// The block and the settings of a root whose state is in the bucket from now on.
fn s3_settings(
    context: &Context,
    args: &MigrateArgs,
    settings: &Settings,
    key: &str,
    table: bool,
    kms_key: Option<&str>,
) -> Result<Vec<Edit>, Error> {
    // The block is written last: as long as it is the old one, the next run begins anew.
    let block = settings.to_s3(&args.root);
    // A file with settings of this very state was made for it, by `tf-bootstrap backend-config` or by hand.
    if settings.file.is_some() {
        let complete = ["bucket", "key", "region"]
            .iter()
            .all(|name| settings.text(name).is_some());
        return match complete {
            true => Ok(vec![block]),
            false => Err(Error::Refused(format!(
                "{} lacks bucket, key or region: complete it, or remove it",
                args.root.join(settings::FILE).display()
            ))),
        };
    }
    let text = backend_config::Settings {
        context,
        key,
        kms_key,
        locking: match table {
            true => backend_config::Locking::Both,
            false => backend_config::Locking::File,
        },
    };
    let file = Edit {
        path: args.root.join(settings::FILE),
        before: None,
        after: text.file(),
    };
    Ok(vec![file, block])
}

async fn to_local(
    context: &Context,
    store: &Store,
    args: &MigrateArgs,
    settings: &Settings,
) -> Result<Plan, Error> {
    // Terraform refuses a root whose backend went until this record goes, too, or it may copy the states itself.
    let record = local::record(&args.root);
    let local = Local::find(&args.root, settings)?;
    if settings.kind() != Some("s3") {
        // All that a run may have left, that was broken off.
        return Ok(Plan {
            from: "local".to_owned(),
            to: args.to,
            steps: Vec::new(),
            edits: Vec::new(),
            aside: local::is_of_s3(&record).then_some(record).into_iter().collect(),
            kinds: Kinds {
                file: false,
                item: false,
                new_digest: false,
            },
            encryption: Encryption::default(),
            notes: Vec::new(),
        });
    }
    ours(context, settings)?;
    let key = key(context, args, settings)?;
    local.is_idle()?;
    let keys = remote_keys(store, settings, &key).await?;
    if keys.is_empty() {
        return Err(Error::Refused(format!(
            "there is no state {key} in bucket {}",
            store.bucket
        )));
    }
    let mut steps = Vec::new();
    for (workspace, key) in keys {
        let Some(remote) = store.read(&key, None).await? else {
            return Err(Error::Refused(format!("{key} was deleted in this moment")));
        };
        let head = head_of(&remote.bytes, &key)?;
        let file = local.file(&workspace);
        let action = match std::fs::read(&file) {
            Ok(bytes) if bytes == remote.bytes => "there already".to_owned(),
            Ok(bytes) if !bytes.is_empty() => {
                let there = head_of(&bytes, &file.display())?;
                if there.lineage != head.lineage || there.serial > head.serial {
                    return Err(Error::Refused(format!(
                        "{} is there, with lineage {} and serial {}; {key} has lineage {} and serial {}: it would be lost",
                        file.display(),
                        there.lineage,
                        there.serial,
                        head.lineage,
                        head.serial
                    )));
                }
                format!("downloaded over serial {}", there.serial)
            }
            _ => "downloaded".to_owned(),
        };
        steps.push(Step {
            action: action.clone(),
            file: Some(file),
            serial: Some(head.serial),
            work: match &*action {
                "there already" => Work::Nothing,
                _ => Work::Download { remote },
            },
            key,
        });
    }
    let (file, item) = configured(settings);
    let Some(block) = &settings.block else {
        return Err(Error::Refused("the root has no backend block".to_owned()));
    };
    let kept = settings.keep(&args.root)?;
    let aside = local::is_of_s3(&record).then_some(record).into_iter().collect();
    Ok(Plan {
        from: "s3".to_owned(),
        to: args.to,
        steps,
        edits: kept.into_iter().chain([block.without_block()]).collect(),
        aside,
        kinds: Kinds {
            file: file || !item,
            item,
            new_digest: false,
        },
        encryption: store.encryption(None).await?,
        notes: vec![
            format!("terraform -chdir={} init", args.root.display()),
            "every other checkout: remove .terraform/terraform.tfstate, then the same".to_owned(),
            "the states in the bucket stay as they are: nobody may use them any more".to_owned(),
        ],
    })
}

async fn to_lock(
    context: &Context,
    store: &Store,
    args: &MigrateArgs,
    settings: &Settings,
) -> Result<Plan, Error> {
    if settings.kind() != Some("s3") {
        return Err(Error::Refused(format!(
            "{} has no backend \"s3\": its state has no such locks (--to s3 moves it)",
            args.root.display()
        )));
    }
    ours(context, settings)?;
    let key = key(context, args, settings)?;
    let (file, item) = configured(settings);
    let from = match (file, item) {
        (true, true) => "both",
        (true, false) => "lock-file",
        (false, true) => "table",
        (false, false) => "no locks",
    };
    // A run with old settings and one with new ones must have one kind of lock in common.
    let apart = matches!(
        (from, args.to),
        ("table", Destination::LockFile) | ("lock-file", Destination::Table)
    );
    if apart {
        return Err(Error::Refused(format!(
            "from {from} to {} leads through a stage with both: run --to both, let every checkout and pipeline have the settings, \
             then run this",
            args.to.name()
        )));
    }
    let (table, _) = store.digest(&key).await?;
    if !table && args.to != Destination::LockFile {
        return Err(Error::Refused(format!(
            "there is no lock table {}: `tf-bootstrap create` makes it",
            context.table
        )));
    }
    let lock_file = Wish::Set("use_lockfile", "true".to_owned());
    let item_wish = Wish::Set("dynamodb_table", format!("\"{}\"", context.table));
    let (wishes, wish) = match args.to {
        Destination::LockFile => ([lock_file, Wish::Unset("dynamodb_table")], DigestWish::Removed),
        Destination::Table => ([Wish::Unset("use_lockfile"), item_wish], DigestWish::Kept),
        _ if from == "lock-file" => ([lock_file, item_wish], DigestWish::NotStale),
        _ => ([lock_file, item_wish], DigestWish::Kept),
    };
    let mut steps = Vec::new();
    for (_, key) in remote_keys(store, settings, &key).await? {
        steps.push(lock_step(store, key, item, table, wish).await?);
    }
    let edits = settings.edits(&wishes)?;
    let init = match settings.file.is_some() {
        true => format!(
            "terraform -chdir={} init -reconfigure -backend-config={}",
            args.root.display(),
            args.backend_config
                .as_deref()
                .unwrap_or(Path::new(settings::FILE))
                .display()
        ),
        false => format!("terraform -chdir={} init -reconfigure", args.root.display()),
    };
    let mut notes = vec![init];
    if args.to == Destination::Both {
        notes.push(
            "let every checkout and pipeline have these settings before one kind is taken away".to_owned(),
        );
        if from == "lock-file" {
            notes.push(
                "until then a run with the old settings leaves the digest behind: `tf-bootstrap fsck --repair-digest`".to_owned(),
            );
        }
    }
    Ok(Plan {
        from: from.to_owned(),
        to: args.to,
        steps,
        edits,
        aside: Vec::new(),
        // Both, where both are there: it shows that the new kind works, and keeps runs with the old settings out.
        kinds: Kinds {
            file: true,
            item: table,
            new_digest: wish == DigestWish::Kept,
        },
        encryption: store.encryption(None).await?,
        notes,
    })
}

async fn lock_step(
    store: &Store,
    key: String,
    item: bool,
    table: bool,
    wish: DigestWish,
) -> Result<Step, Error> {
    let state = store.read(&key, None).await?;
    let stored = match table {
        true => store.digest(&key).await?.1,
        false => None,
    };
    let right = state.as_ref().map(|state| digest(&state.bytes));
    let stale = stored.is_some() && stored != right;
    // A backend with the table keeps its digests right; if one is not, that is damage to be looked at first.
    if item && stale {
        return Err(Error::Refused(format!(
            "the digest of {key} is not that of the state: look at it with `tf-bootstrap fsck {key}` first"
        )));
    }
    let held = store.read(&lock_file(&key), None).await?.is_some()
        || (table && store.lock_item(&key).await?.is_some());
    if held {
        return Err(Error::Refused(format!(
            "{key} is locked: see `tf-bootstrap locks`"
        )));
    }
    let (action, needed) = match wish {
        DigestWish::Kept => ("its digest is written", stored != right),
        DigestWish::Removed => ("its digest is removed", stored.is_some()),
        DigestWish::NotStale => ("its stale digest is removed", stale),
    };
    Ok(Step {
        key,
        file: None,
        action: if needed { action } else { "its locks are tried" }.to_owned(),
        serial: state
            .and_then(|state| summary(&state.bytes).ok())
            .map(|summary| summary.head.serial),
        work: match needed {
            true => Work::Digest(wish),
            false => Work::Nothing,
        },
    })
}

fn text(args: &MigrateArgs, plan: &Plan) -> String {
    let mut text = format!(
        "{}: from {} to {}\n",
        args.root.display(),
        plan.from,
        plan.to.name()
    );
    for step in &plan.steps {
        let serial = step.serial.map(|serial| format!(" (serial {serial})"));
        text.push_str(&format!(
            "  {}{}: {}\n",
            step.key,
            serial.unwrap_or_default(),
            step.action
        ));
    }
    for edit in &plan.edits {
        let what = if edit.before.is_some() { "edited" } else { "made" };
        text.push_str(&format!("  {} is {what}:\n", edit.path.display()));
        for line in edit.lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    for file in &plan.aside {
        let to = local::aside(file);
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        text.push_str(&format!("  {} is renamed to {name}\n", file.display()));
    }
    text
}

fn report(context: &Context, args: &MigrateArgs, plan: &Plan, done: bool) {
    if !context.output.is_json() {
        let mut shown = String::new();
        match (done, plan.is_empty()) {
            (false, true) => shown.push_str(&format!(
                "{}: is {} already\n",
                args.root.display(),
                plan.to.name()
            )),
            (false, false) => {
                shown.push_str(&text(args, plan));
                shown.push_str("nothing was changed (--dry-run)\n");
            }
            (true, _) => {
                shown.push_str(&format!("{}: {} now\n", args.root.display(), plan.to.name()));
                for note in &plan.notes {
                    shown.push_str(&format!("next: {note}\n"));
                }
            }
        }
        context.output.add(&shown);
        return;
    }
    let states: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            json!({
                "key": step.key,
                "file": step.file.as_ref().map(|file| file.display().to_string()),
                "serial": step.serial,
                "action": step.action,
            })
        })
        .collect();
    let files: Vec<Value> = plan
        .edits
        .iter()
        .map(|edit| json!({ "path": edit.path.display().to_string(), "new": edit.before.is_none(), "lines": edit.lines() }))
        .collect();
    let aside: Vec<String> = plan.aside.iter().map(|file| file.display().to_string()).collect();
    let fields: Map<String, Value> = [
        ("account", json!(context.account)),
        ("bucket", json!(context.bucket)),
        ("root", json!(args.root.display().to_string())),
        ("from", json!(plan.from)),
        ("to", json!(plan.to.name())),
        ("changed", json!(done)),
        ("dry_run", json!(args.dry_run)),
        ("states", json!(states)),
        ("files", json!(files)),
        ("put_aside", json!(aside)),
        ("next", json!(plan.notes)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let mut document = document("migrate");
    document.extend(fields);
    context.output.add_json(&Value::Object(document));
}
