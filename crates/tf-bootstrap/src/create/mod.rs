//! `tf-bootstrap create`: looks at what is there, shows the steps, asks, does them, and reads everything back.

mod apply;
mod files;
mod show;

pub(crate) use self::apply::{LOCK_ID, key_id};
pub(crate) use self::files::FILE;
pub(crate) use self::show::differences;

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tf_cli::exit::Exit;

use self::apply::{Apply, LOCK_SCHEMA, Wait, wrong_table};
use crate::backend::desired::{BackendArgs, Desired, MARK};
use crate::backend::item::{Item, Status, items};
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::{Observed, observe};
use crate::backend::roots;
use crate::error::Error;
use crate::output::{ask, document};
use crate::target::Context;

/// Make the backend, or complete and repair it
///
/// Looks at what is there, shows each step (exists and right, exists and differs, missing), asks, does what is to be done, and reads
/// everything back. It can be broken off at any time and run again. What it did not make itself it touches only with --adopt, or
/// after asking.
#[derive(Args, Clone, Debug)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    pub(crate) backend: BackendArgs,
    /// Do not ask
    #[arg(long, short, env = "TF_BOOTSTRAP_YES")]
    pub(crate) yes: bool,
    /// Show the steps, and change nothing; exits with 1 where there is something to do
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Change what exists and was made by somebody else too
    #[arg(long)]
    pub(crate) adopt: bool,
    /// Do not write backend.hcl into the roots under environments/
    #[arg(long)]
    pub(crate) no_files: bool,
}

pub(crate) async fn run(args: CreateArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let roots = roots::find(context)?;
    let desired = Desired::new(&args.backend, context, &roots)?;
    let observed = observe(&desired, &context.connection).await?;
    refuse(&desired, &observed)?;
    let steps = items(&desired, &observed);
    let adopted = adopted(&desired, &observed, &steps);
    let roots = if args.no_files { Vec::new() } else { roots };
    let files = files::plan(context, &desired, &observed, &roots)?;
    let to_do = steps.iter().filter(|step| step.status() != Status::Right).count()
        + files.iter().filter(|file| file.is_to_do(args.adopt)).count();
    let shown = show::steps(context, &steps, &files, &adopted, args.adopt);
    if args.dry_run {
        match context.output.is_json() {
            true => report(context, &desired, &steps, &files, args.adopt, false),
            false => context.output.add(&shown),
        }
        return Ok(if to_do == 0 { Exit::Clean } else { Exit::Findings });
    }
    // Who is asked sees what about, whatever else is to be quiet.
    match args.yes || to_do == 0 {
        true => context.output.say(&shown),
        false => context.output.warn(&shown),
    }
    if to_do == 0 {
        finish(context, &desired, &steps, &files, args.adopt, 0);
        return Ok(Exit::Clean);
    }
    agree(&args, context, &adopted)?;
    let bar = tf_cli::progress::bar(to_do as u64, context.output.args.quiet);
    let apply = Apply::new(&desired, &context.connection, observed, &bar);
    let applied = tokio::select! {
        applied = apply.all() => applied,
        _ = tokio::signal::ctrl_c() => Err(Error::Interrupted(apply.so_far())),
    };
    bar.finish_and_clear();
    if let Err(error) = applied {
        let done = apply.done();
        if !done.is_empty() && !matches!(error, Error::Interrupted(_)) {
            context.output.warn(&format!("done so far: {}", done.join(", ")));
            context.output.warn(&apply.so_far());
        }
        return Err(error);
    }
    let observed = read_back(&desired, context).await?;
    let files = files::plan(context, &desired, &observed, &roots)?;
    for file in files.iter().filter(|file| file.is_to_do(args.adopt)) {
        file.write()?;
    }
    finish(context, &desired, &steps, &files, args.adopt, to_do);
    Ok(Exit::Clean)
}

/// What cannot be mended, before anything is changed.
fn refuse(desired: &Desired, observed: &Observed) -> Result<(), Error> {
    if let Some(error) = observed.unread.first() {
        return Err(error.clone().into());
    }
    let is = |place, field: &str| {
        observed
            .fact(place, Kind::Exists)
            .and_then(|facts| facts.get(field))
            .cloned()
    };
    if let (Some(name), Some(schema)) = (&desired.table, is(Place::Table, "schema"))
        && schema != LOCK_SCHEMA
    {
        return Err(Error::Refused(wrong_table(name, &schema)));
    }
    if is(Place::Table, "status").as_ref().and_then(Value::as_str) == Some("DELETING") {
        return Err(Error::Refused(
            "the table is being deleted: run it again in a minute".to_owned(),
        ));
    }
    for place in [Place::Key, Place::ReplicaKey] {
        let spec = is(place, "spec").unwrap_or_default();
        let manager = is(place, "manager").unwrap_or_default();
        if spec.as_str().is_some_and(|spec| spec != "SYMMETRIC_DEFAULT") || manager == "AWS" {
            return Err(Error::Refused(format!(
                "{} points to a key with which S3 cannot encrypt ({}): remove the alias, or choose another bucket",
                desired.alias_at(place).unwrap_or_default(),
                spec.as_str().unwrap_or("managed by AWS")
            )));
        }
    }
    if let Some(lock) = &desired.object_lock
        && let Some(seen) = observed
            .fact(Place::State, Kind::ObjectLock)
            .filter(|seen| !seen.is_null())
        && seen["mode"] == "compliance"
        && lock.mode != "compliance"
    {
        return Err(Error::Refused(
            "the bucket's object lock is in compliance mode, and governance mode was asked for: that would weaken it".to_owned(),
        ));
    }
    Ok(())
}

/// Places that are there, that tf-bootstrap did not make for this backend, and where something is to be done: with who made them.
fn adopted(desired: &Desired, observed: &Observed, steps: &[Item]) -> Vec<(Place, String)> {
    let mut adopted = Vec::new();
    for step in steps {
        let place = step.place;
        // The provider is the account's, and gets nothing but its audience.
        let known = place == Place::Provider || adopted.iter().any(|(other, _)| *other == place);
        if known || step.status() == Status::Right || !observed.exists(place) {
            continue;
        }
        if observed.is_marked(place, desired) || observed.is_blank(place) {
            continue;
        }
        let mark = observed
            .fact(place, Kind::Tags)
            .and_then(|tags| tags.get(MARK))
            .and_then(Value::as_str);
        let whose = match mark {
            Some(other) => format!("{} was made for the backend {other}", step.subject),
            None => format!("{} was not made by tf-bootstrap", step.subject),
        };
        adopted.push((place, whose));
    }
    adopted
}

fn agree(args: &CreateArgs, context: &Context, adopted: &[(Place, String)]) -> Result<(), Error> {
    let whose: Vec<&str> = adopted.iter().map(|(_, whose)| whose.as_str()).collect();
    if args.yes {
        return match whose.is_empty() || args.adopt {
            true => Ok(()),
            false => Err(Error::Refused(format!(
                "{}: to change it all the same, give --adopt",
                whose.join("; ")
            ))),
        };
    }
    let what = match whose.is_empty() {
        true => String::new(),
        false => format!("{}, and will be changed. ", whose.join("; ")),
    };
    let question = format!("{what}Do this in {}? (yes/no)", context.title());
    match ask(&question, "look at the steps with --dry-run and give --yes")?.as_str() {
        "yes" | "y" => Ok(()),
        _ => Err(Error::Refused("the answer was not yes".to_owned())),
    }
}

/// How long AWS may take until what was written is what is read. Settings of buckets and roles are not consistent at once.
const SETTLES_WITHIN: Duration = Duration::from_secs(30);

/// Reads everything again, from AWS and not from what we remember.
async fn read_back(desired: &Desired, context: &Context) -> Result<Observed, Error> {
    let wait = Wait::new();
    loop {
        let observed = observe(desired, &context.connection).await?;
        if let Some(error) = observed.unread.first() {
            return Err(Error::Incomplete(format!(
                "everything was done, and cannot be read back: {error}"
            )));
        }
        let wrong: Vec<String> = items(desired, &observed)
            .iter()
            .filter(|item| item.status() != Status::Right)
            .map(|item| format!("{} of {}: {}", item.name(), item.subject, differences(item)))
            .collect();
        if wrong.is_empty() {
            return Ok(observed);
        }
        if wait.is_over(SETTLES_WITHIN) {
            return Err(Error::Incomplete(format!(
                "every call succeeded, and what is read back is not what was written ({}): somebody else may be changing it; \
                 run it again",
                wrong.join("; ")
            )));
        }
        wait.pause().await;
    }
}

fn finish(
    context: &Context,
    desired: &Desired,
    steps: &[Item],
    files: &[files::BackendFile],
    adopt: bool,
    done: usize,
) {
    if context.output.is_json() {
        report(context, desired, steps, files, adopt, true);
        return;
    }
    let what = match done {
        0 => "nothing to do".to_owned(),
        1 => "1 step done, everything read back".to_owned(),
        _ => format!("{done} steps done, everything read back"),
    };
    context.output.add(&format!(
        "{}: bucket {} is right ({what})\n",
        context.title(),
        desired.bucket
    ));
}

fn report(
    context: &Context,
    desired: &Desired,
    steps: &[Item],
    files: &[files::BackendFile],
    adopt: bool,
    done: bool,
) {
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| {
            let differences: Vec<Value> = step
                .differences()
                .into_iter()
                .map(|difference| json!({ "path": difference.path, "is": difference.is, "should": difference.should }))
                .collect();
            json!({
                "part": step.place.noun(),
                "subject": step.subject,
                "step": step.name(),
                "status": step.status().as_str(),
                "differences": differences,
                "notes": step.notes,
            })
        })
        .collect();
    let mut fields = document("bootstrap");
    fields.insert("account".to_owned(), desired.account.as_str().into());
    fields.insert("name".to_owned(), context.name.clone().into());
    fields.insert("region".to_owned(), desired.region.as_str().into());
    fields.insert("bucket".to_owned(), desired.bucket.as_str().into());
    fields.insert("table".to_owned(), desired.table.clone().into());
    fields.insert("done".to_owned(), done.into());
    fields.insert("steps".to_owned(), steps.into());
    fields.insert(
        "files".to_owned(),
        files.iter().map(|file| file.json(adopt)).collect(),
    );
    context.output.add_json(&fields.into());
}
