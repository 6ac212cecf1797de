//! What is to be done for a root, and why it cannot be.

use std::path::Path;

use super::local::{self, Local};
use super::settings::{self, Edit, Settings, Wish};
use super::{Destination, DigestWish, MigrateArgs, Plan, Step, Work};
use crate::backend_config;
use crate::error::Error;
use crate::state::{Head, digest, lock_file, summary};
use crate::store::{Encryption, Kinds, Store};
use crate::target::Context;

/// Finds out what is to be done.
pub(super) async fn look(
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
