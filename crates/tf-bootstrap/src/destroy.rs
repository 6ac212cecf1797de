//! `tf-bootstrap destroy`: removes a backend that holds nothing any more.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::Value;
use tf_aws::s3::types::{Delete, ObjectIdentifier};
use tf_aws::{AwsError, Connection, ErrorKind, call};
use tf_cli::exit::Exit;

use crate::backend::desired::{BackendArgs, Desired, MARK};
use crate::backend::kind::{Kind, Place};
use crate::backend::observe::{Observed, observe, optional};
use crate::backend::roots;
use crate::create::{LOCK_ID, key_id};
use crate::error::Error;
use crate::output::{ask, document};
use crate::state::is_record;
use crate::target::Context;

/// Days in which a key can be called back.
const KEY_DAYS: i32 = 30;
const LOCK_FILE: &str = ".tflock";

/// Remove the backend, once it holds nothing
///
/// Refuses while states or locks are there, and touches only what tf-bootstrap made for this backend. Old versions of states that
/// are gone stand in the way too, unless --with-versions says that nobody wants them back, and so do the records of applies, unless
/// --with-records says that they are kept elsewhere or wanted nowhere. The KMS key is scheduled for deletion in 30 days and can be called back until then. The OIDC
/// provider stays: it is the account's.
#[derive(Args, Clone, Debug)]
pub(crate) struct DestroyArgs {
    #[command(flatten)]
    pub(crate) backend: BackendArgs,
    /// The bucket's name, typed again, for scripts
    #[arg(long, value_name = "BUCKET")]
    pub(crate) confirm: Option<String>,
    /// Remove the old versions of states that are gone too
    #[arg(long)]
    pub(crate) with_versions: bool,
    /// Remove the records of applies too, which tf-gate apply has written beside the states
    #[arg(long)]
    pub(crate) with_records: bool,
    /// Remove the access logs too
    #[arg(long)]
    pub(crate) with_logs: bool,
    /// Remove the copy in the second region too
    #[arg(long)]
    pub(crate) with_replica: bool,
    /// Show what would be removed, and change nothing
    #[arg(long, conflicts_with = "confirm")]
    pub(crate) dry_run: bool,
}

/// What is to go, and what stays and why.
#[derive(Debug, Default)]
struct Plan {
    places: Vec<(Place, String)>,
    stays: Vec<String>,
}

pub(crate) async fn run(args: DestroyArgs, context: &Context) -> Result<Exit, Error> {
    context.output.only_text_and_json()?;
    let roots = roots::find(context)?;
    let desired = Desired::new(&args.backend, context, &roots)?;
    let observed = observe(&desired, &context.connection).await?;
    if let Some(error) = observed.unread.first() {
        return Err(error.clone().into());
    }
    let plan = plan(&args, &desired, &observed);
    // Without its key no state in it could be read.
    if observed.exists(Place::State) && !plan.places.iter().any(|(place, _)| *place == Place::State) {
        return Err(Error::Refused(format!("the {}", plan.stays.join("; the "))));
    }
    let (objects, items) = tokio::join!(
        objects(context, &desired, &observed),
        locks(context, &desired, &observed)
    );
    let objects = objects?;
    let old: &[String] = if args.with_versions { &[] } else { &objects.old };
    let records: &[String] = if args.with_records { &[] } else { &objects.records };
    refuse(&objects.current, old, records, &items?)?;
    let shown = |verb: &str| {
        let mut text = format!("{}, backend {}\n", context.title(), desired.bucket);
        for (_, what) in &plan.places {
            text.push_str(&format!("  - {what} {verb}\n"));
        }
        for what in &plan.stays {
            text.push_str(&format!("  = {what}\n"));
        }
        text
    };
    if plan.places.is_empty() {
        context.output.say(&shown(""));
        result(context, &desired, &plan, false);
        return Ok(Exit::Clean);
    }
    if args.dry_run {
        match context.output.is_json() {
            true => result(context, &desired, &plan, false),
            false => context.output.add(&shown("would be removed")),
        }
        return Ok(Exit::Findings);
    }
    match args.confirm {
        Some(_) => context.output.say(&shown("is removed")),
        None => context.output.warn(&shown("is removed")),
    }
    let typed = match &args.confirm {
        Some(typed) => typed.clone(),
        None => ask(
            &format!(
                "This cannot be undone. Type the bucket's name, {}:",
                desired.bucket
            ),
            "give --confirm BUCKET",
        )?,
    };
    if typed != desired.bucket {
        return Err(Error::Refused(format!(
            "\"{typed}\" is not the bucket's name, {}",
            desired.bucket
        )));
    }
    let mut done = Vec::new();
    for (place, what) in &plan.places {
        let removed = tokio::select! {
            removed = remove(context, &args, &desired, &observed, *place) => removed,
            _ = tokio::signal::ctrl_c() => Err(Error::Interrupted(format!(
                "{} are gone; run it again and it goes on from there", gone(&done)
            ))),
        };
        if let Err(error) = removed {
            context.output.warn(&format!("{} removed so far", gone(&done)));
            return Err(error);
        }
        done.push(what.as_str());
    }
    result(context, &desired, &plan, true);
    Ok(Exit::Clean)
}

fn gone(done: &[&str]) -> String {
    match done.is_empty() {
        true => "nothing".to_owned(),
        false => done.join(", "),
    }
}

fn result(context: &Context, desired: &Desired, plan: &Plan, done: bool) {
    let removed: Vec<&str> = plan.places.iter().map(|(_, what)| what.as_str()).collect();
    if context.output.is_json() {
        let mut fields = document("destroy");
        fields.insert("account".to_owned(), desired.account.as_str().into());
        fields.insert("region".to_owned(), desired.region.as_str().into());
        fields.insert("bucket".to_owned(), desired.bucket.as_str().into());
        fields.insert("done".to_owned(), done.into());
        fields.insert("removed".to_owned(), removed.into());
        fields.insert("kept".to_owned(), plan.stays.clone().into());
        context.output.add_json(&fields.into());
        return;
    }
    let text = match removed.len() {
        0 => "there is nothing to remove".to_owned(),
        count => format!("{count} parts of backend {} were removed", desired.bucket),
    };
    context.output.add(&format!("{}: {text}\n", context.title()));
}

/// In the order in which it can go: who may do something, then what is done with, then the key of it all.
fn plan(args: &DestroyArgs, desired: &Desired, observed: &Observed) -> Plan {
    let mut plan = Plan::default();
    for place in [
        Place::PlanRole,
        Place::ApplyRole,
        Place::State,
        Place::Replica,
        Place::ReplicationRole,
        Place::Logs,
        Place::Table,
        Place::Key,
        Place::ReplicaKey,
        Place::Provider,
    ] {
        if !observed.exists(place) {
            continue;
        }
        let name = match place {
            Place::Table => desired.table.clone(),
            Place::Key | Place::ReplicaKey => desired.alias_at(place),
            Place::Provider => Some(desired.provider_arn()),
            _ => desired
                .bucket_at(place)
                .map(str::to_owned)
                .or_else(|| desired.role_at(place)),
        };
        let what = format!("{} {}", place.noun(), name.unwrap_or_default());
        let copy = matches!(place, Place::Replica | Place::ReplicaKey);
        let stays = if place == Place::Provider {
            Some("it is the account's".to_owned())
        } else if !observed.is_marked(place, desired) && !observed.is_blank(place) {
            let other = observed.fact(place, Kind::Tags);
            Some(
                match other.and_then(|tags| tags.get(MARK)).and_then(Value::as_str) {
                    Some(other) => format!("it was made for the backend {other}"),
                    None => "tf-bootstrap did not make it".to_owned(),
                },
            )
        } else if place == Place::Logs && !args.with_logs && !observed.is_empty(place) {
            Some("it holds the access logs (--with-logs)".to_owned())
        } else if copy && !args.with_replica {
            Some("it is the copy (--with-replica)".to_owned())
        } else if place == Place::ReplicaKey
            && observed.exists(Place::Replica)
            && !plan.places.iter().any(|(place, _)| *place == Place::Replica)
        {
            Some("the copy stays, and could not be read without it".to_owned())
        } else {
            None
        };
        match stays {
            Some(why) => plan.stays.push(format!("{what} stays: {why}")),
            None => plan.places.push((place, what)),
        }
    }
    plan
}

fn refuse(objects: &[String], old: &[String], records: &[String], items: &[String]) -> Result<(), Error> {
    let (lock_files, states): (Vec<&String>, Vec<&String>) =
        objects.iter().partition(|key| key.ends_with(LOCK_FILE));
    let list = |names: &[&String]| {
        let first: Vec<&str> = names.iter().take(5).map(|name| name.as_str()).collect();
        match names.len() > first.len() {
            true => format!("{} and {} more", first.join(", "), names.len() - first.len()),
            false => first.join(", "),
        }
    };
    let locks: Vec<&String> = lock_files.into_iter().chain(items).collect();
    if !locks.is_empty() {
        return Err(Error::Refused(format!(
            "somebody holds locks: {} (see tf-bootstrap locks)",
            list(&locks)
        )));
    }
    if !states.is_empty() {
        return Err(Error::Refused(format!(
            "the bucket still holds states: {}. Destroy what they describe and delete them, or move them elsewhere, first",
            list(&states)
        )));
    }
    let old: Vec<&String> = old.iter().filter(|key| !key.ends_with(LOCK_FILE)).collect();
    if !old.is_empty() {
        return Err(Error::Refused(format!(
            "the bucket still holds old versions of states: {} (see tf-bootstrap history). Without them these states are gone for \
             good; if that is what you want, give --with-versions",
            list(&old)
        )));
    }
    if !records.is_empty() {
        return Err(Error::Refused(format!(
            "the bucket still holds records of applies: {}. They say who applied what, and when: copy them to where they are to be \
             kept, and then give --with-records",
            list(&records.iter().collect::<Vec<_>>())
        )));
    }
    Ok(())
}

/// Keys of the state bucket's objects, each once: states, lock files, and records of applies.
#[derive(Debug, Default)]
struct Objects {
    /// Of those that are there now.
    current: Vec<String>,
    /// Of those that were there once, and have versions still.
    old: Vec<String>,
    /// Of records, there now or once.
    records: Vec<String>,
}

async fn objects(context: &Context, desired: &Desired, observed: &Observed) -> Result<Objects, Error> {
    let (mut current, mut old, mut records) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    if !observed.exists(Place::State) {
        return Ok(Objects::default());
    }
    let mut next: (Option<String>, Option<String>) = (None, None);
    loop {
        let list = context
            .connection
            .s3()
            .list_object_versions()
            .bucket(&desired.bucket)
            .expected_bucket_owner(&desired.account)
            .set_key_marker(next.0)
            .set_version_id_marker(next.1);
        let page = call(
            "s3:ListObjectVersions",
            format!("bucket {}", desired.bucket),
            list.send(),
        )
        .await?;
        for version in page.versions() {
            let Some(key) = version.key() else { continue };
            match version.is_latest() {
                _ if is_record(key) => records.insert(key.to_owned()),
                Some(true) => current.insert(key.to_owned()),
                _ => old.insert(key.to_owned()),
            };
        }
        next = (
            page.next_key_marker().map(str::to_owned),
            page.next_version_id_marker().map(str::to_owned),
        );
        if page.is_truncated() != Some(true) || next.0.is_none() {
            return Ok(Objects {
                current: current.into_iter().collect(),
                old: old.into_iter().collect(),
                records: records.into_iter().collect(),
            });
        }
    }
}

/// Ids of the table's locks. Digests are no locks: they are the remains of states.
async fn locks(context: &Context, desired: &Desired, observed: &Observed) -> Result<Vec<String>, Error> {
    let Some(table) = desired.table.as_deref().filter(|_| observed.exists(Place::Table)) else {
        return Ok(Vec::new());
    };
    let mut locks = Vec::new();
    let mut next = None;
    loop {
        let scan = context
            .connection
            .dynamodb()
            .scan()
            .table_name(table)
            .consistent_read(true)
            .set_exclusive_start_key(next);
        let page = call("dynamodb:Scan", format!("table {table}"), scan.send()).await?;
        for item in page.items() {
            let id = item
                .get(LOCK_ID)
                .and_then(|id| id.as_s().ok())
                .cloned()
                .unwrap_or_default();
            if !id.starts_with(&format!("{}/", desired.bucket)) {
                return Err(Error::Refused(format!(
                    "table {table} is used by another backend too ({id}): keep it with --no-table"
                )));
            }
            if item.contains_key("Info") {
                locks.push(id);
            }
        }
        next = page.last_evaluated_key().cloned();
        if next.is_none() {
            return Ok(locks);
        }
    }
}

async fn remove(
    context: &Context,
    args: &DestroyArgs,
    desired: &Desired,
    observed: &Observed,
    place: Place,
) -> Result<(), Error> {
    let second;
    let connection = match (&desired.replica, place) {
        (Some(replica), Place::Replica | Place::ReplicaKey) => {
            second = context.connection.in_region(&replica.region);
            &second
        }
        _ => &context.connection,
    };
    match place {
        Place::State | Place::Logs | Place::Replica => {
            let Some(bucket) = desired.bucket_at(place) else {
                return Ok(());
            };
            if desired.emulated {
                // Emulators ignore the conditions of a Deny, and let nothing be removed.
                let delete = connection.s3().delete_bucket_policy().bucket(bucket);
                missing_is_fine(
                    call("s3:DeleteBucketPolicy", format!("bucket {bucket}"), delete.send()).await,
                )?;
            }
            // In the state bucket no state is current; in the others everything goes, since that was asked for.
            let goes = |key: &str| place != Place::State || (args.with_records && is_record(key));
            empty(connection, desired, bucket, goes).await?;
            let delete = connection
                .s3()
                .delete_bucket()
                .bucket(bucket)
                .expected_bucket_owner(&desired.account);
            missing_is_fine(call("s3:DeleteBucket", format!("bucket {bucket}"), delete.send()).await)?;
        }
        Place::Table => {
            let Some(table) = &desired.table else {
                return Ok(());
            };
            remove_table(connection, table).await?;
        }
        Place::Key | Place::ReplicaKey => {
            let (Some(alias), Some(arn)) = (desired.alias_at(place), observed.keys.get(&place)) else {
                return Ok(());
            };
            let kms = connection.kms();
            // The key first: without its alias nobody would find it again to do the rest.
            let schedule = kms
                .schedule_key_deletion()
                .key_id(key_id(arn))
                .pending_window_in_days(KEY_DAYS);
            match call("kms:ScheduleKeyDeletion", format!("key {arn}"), schedule.send()).await {
                Ok(_) => {}
                Err(error) if error.is_code("KMSInvalidStateException") => {} // Scheduled by an earlier run.
                Err(error) => return Err(error.into()),
            }
            let delete = kms.delete_alias().alias_name(&alias);
            missing_is_fine(call("kms:DeleteAlias", format!("key {alias}"), delete.send()).await)?;
        }
        Place::PlanRole | Place::ApplyRole | Place::ReplicationRole => {
            if let Some(role) = desired.role_at(place) {
                remove_role(connection, &role).await?;
            }
        }
        Place::Provider => {}
    }
    Ok(())
}

fn missing_is_fine<T>(result: Result<T, AwsError>) -> Result<(), Error> {
    optional(result)?;
    Ok(())
}

/// Removes all versions and delete markers of a bucket.
///
/// # Errors
/// Where something current turns up although nothing was, or a version cannot be removed.
async fn empty(
    connection: &Connection,
    desired: &Desired,
    bucket: &str,
    may_be_current: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let what = format!("bucket {bucket}");
    loop {
        let list = connection
            .s3()
            .list_object_versions()
            .bucket(bucket)
            .expected_bucket_owner(&desired.account);
        let Some(page) = optional(call("s3:ListObjectVersions", &what, list.send()).await)? else {
            return Ok(());
        };
        let current = page
            .versions()
            .iter()
            .filter(|version| version.is_latest() == Some(true))
            .find_map(|version| version.key().filter(|key| !may_be_current(key)));
        if let Some(key) = current {
            return Err(Error::Incomplete(format!(
                "{key} was written to bucket {bucket} while it was being emptied: the bucket stays"
            )));
        }
        let versions = page
            .versions()
            .iter()
            .map(|version| (version.key(), version.version_id()));
        let markers = page
            .delete_markers()
            .iter()
            .map(|marker| (marker.key(), marker.version_id()));
        let objects: Vec<ObjectIdentifier> = versions
            .chain(markers)
            .filter_map(|(key, version)| {
                let object = ObjectIdentifier::builder()
                    .key(key?)
                    .set_version_id(version.map(str::to_owned));
                object.build().ok()
            })
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .map_err(|error| Error::Incomplete(error.to_string()))?;
        let delete = connection
            .s3()
            .delete_objects()
            .bucket(bucket)
            .delete(delete)
            .expected_bucket_owner(&desired.account);
        let deleted = call("s3:DeleteObjects", &what, delete.send()).await?;
        if let Some(error) = deleted.errors().first() {
            return Err(Error::Incomplete(format!(
                "version {} of {} in bucket {bucket} cannot be removed ({}): either s3:DeleteObjectVersion is missing, or an object \
                 lock holds it until its time is over",
                error.version_id().unwrap_or_default(),
                error.key().unwrap_or_default(),
                error.message().or(error.code()).unwrap_or("no reason given"),
            )));
        }
    }
}

async fn remove_table(connection: &Connection, table: &str) -> Result<(), Error> {
    let dynamodb = connection.dynamodb();
    let what = format!("table {table}");
    let update = dynamodb
        .update_table()
        .table_name(table)
        .deletion_protection_enabled(false);
    match call("dynamodb:UpdateTable", &what, update.send()).await {
        Ok(_) => {}
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
        // It is off already.
        Err(error) if error.is_code("ValidationException") => {}
        Err(error) => return Err(error.into()),
    }
    let delete = dynamodb.delete_table().table_name(table);
    missing_is_fine(call("dynamodb:DeleteTable", &what, delete.send()).await)
}

async fn remove_role(connection: &Connection, role: &str) -> Result<(), Error> {
    let iam = connection.iam();
    let what = format!("role {role}");
    let attached = call(
        "iam:ListAttachedRolePolicies",
        &what,
        iam.list_attached_role_policies().role_name(role).send(),
    );
    let inline = call(
        "iam:ListRolePolicies",
        &what,
        iam.list_role_policies().role_name(role).send(),
    );
    let (attached, inline) = tokio::join!(attached, inline);
    let (Some(attached), Some(inline)) = (optional(attached)?, optional(inline)?) else {
        return Ok(());
    };
    let arns: BTreeSet<&str> = attached
        .attached_policies()
        .iter()
        .filter_map(|policy| policy.policy_arn())
        .collect();
    for arn in arns {
        let detach = iam.detach_role_policy().role_name(role).policy_arn(arn);
        missing_is_fine(call("iam:DetachRolePolicy", &what, detach.send()).await)?;
    }
    for name in inline.policy_names() {
        let delete = iam.delete_role_policy().role_name(role).policy_name(name);
        missing_is_fine(call("iam:DeleteRolePolicy", &what, delete.send()).await)?;
    }
    missing_is_fine(call("iam:DeleteRole", &what, iam.delete_role().role_name(role).send()).await)
}

#[cfg(test)]
mod tests {
    use super::refuse;

    #[test]
    fn states_and_locks_stand_in_the_way() {
        let refused = |objects: &[&str], old: &[&str], items: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            refuse(&owned(objects), &owned(old), &[], &owned(items))
                .err()
                .map(|error| error.to_string())
        };
        let state = "a/terraform.tfstate";
        let lock_file = "a/terraform.tfstate.tflock";
        let record = vec!["a/terraform.tfstate.audit/2026-01-31T060000Z-0123456789ab.json".to_owned()];
        let error = refuse(&[], &[], &record, &[])
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| {
            error.contains("still holds records of applies: a/terraform.tfstate.audit/2026")
        }));
        assert_eq!(refused(&[], &[], &[]), None);
        assert_eq!(refused(&[], &[lock_file], &[]), None);
        for (objects, old, items, says) in [
            (
                &[state][..],
                &[][..],
                &[][..],
                "still holds states: a/terraform.tfstate",
            ),
            (&[lock_file], &[], &[], "holds locks"),
            (&[], &[], &["b/a/terraform.tfstate"], "holds locks"),
            (&["1", "2", "3", "4", "5", "6", "7"], &[], &[], "5 and 2 more"),
            (
                &[],
                &[lock_file, state],
                &[],
                "old versions of states: a/terraform.tfstate (see",
            ),
        ] {
            let refused = refused(objects, old, items).unwrap_or_default();
            assert!(refused.contains(says), "{refused}");
        }
    }
}
