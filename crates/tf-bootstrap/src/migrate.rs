//! `tf-bootstrap migrate`: a local state to S3 and back, and from one kind of lock to the other, through a stage with both.
//!
//! States are written first, settings second, and what is left of the old place is put aside last: broken off anywhere,
//! the next run goes on. Every file that is edited is shown before.

mod local;
mod plan;
mod settings;
mod show;

use std::path::PathBuf;

use clap::Args;
use tf_cli::exit::Exit;

use self::plan::look;
use self::settings::{Edit, Settings, write_whole};
use self::show::{report, text};
use crate::error::Error;
use crate::output::ask;
use crate::state::digest;
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
