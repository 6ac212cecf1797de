//! One thing that is asked of the backend, and what is there instead.

use serde_json::{Map, Value, json};

use super::desired::{Desired, Encryption};
use super::documents;
use super::kind::{Kind, Place};
use super::observe::Observed;
use super::statements;

/// What stands for the ARN of a key that is yet to be made.
const NEW_KEY: &str = "(the key that is made)";

/// Ids of our lifecycle rules begin so.
pub(crate) const RULES: &str = "plumbline-";
/// Id of our replication rule.
pub(crate) const REPLICATION_RULE: &str = "plumbline";
/// Smaller than this are lock files, and states that hold next to nothing. A lifecycle rule cannot ask how a key ends.
pub(crate) const LOCK_FILE_BYTES: i64 = 512;
const LOG_DAYS: i32 = 365;

/// How what is there compares with what is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    /// It is there and right.
    Right,
    /// It is there, and differs.
    Differs,
    /// It is not there.
    Missing,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Right => "right",
            Status::Differs => "differs",
            Status::Missing => "missing",
        }
    }
}

/// One thing that is asked of the backend.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Item {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    /// What it is about: `bucket plumbline-state`.
    pub(crate) subject: String,
    /// What is to be.
    pub(crate) wanted: Value,
    /// What is, in the same form; none where its place is not there.
    pub(crate) seen: Option<Value>,
    /// What else is to be said: statements and rules of others that are kept, for one.
    pub(crate) notes: Vec<String>,
}

/// A difference within an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    /// Where in the item: `bucket_key`, `DenyPlainHttp`; empty for all of it.
    pub(crate) path: String,
    /// What is.
    pub(crate) is: Value,
    /// What is to be.
    pub(crate) should: Value,
}

impl Item {
    /// Whether what is wanted depends on a key that nobody has seen.
    pub(crate) fn awaits_key(&self) -> bool {
        self.wanted.to_string().contains(NEW_KEY)
    }

    pub(crate) fn status(&self) -> Status {
        match &self.seen {
            None => Status::Missing,
            Some(Value::Null) if !self.wanted.is_null() => Status::Missing,
            Some(seen) if *seen == self.wanted => Status::Right,
            Some(_) => Status::Differs,
        }
    }

    /// Short, for tables: `state bucket: versioning`.
    pub(crate) fn name(&self) -> &'static str {
        self.kind.words(self.place).name
    }

    /// In what it differs, one entry a field or statement.
    pub(crate) fn differences(&self) -> Vec<Difference> {
        let seen = self.seen.clone().unwrap_or_default();
        let (Some(wanted), Some(seen)) = (self.wanted.as_object(), seen.as_object()) else {
            return match self.status() {
                Status::Right => Vec::new(),
                _ => vec![Difference {
                    path: String::new(),
                    is: seen,
                    should: self.wanted.clone(),
                }],
            };
        };
        let mut names: Vec<&String> = wanted.keys().chain(seen.keys()).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .filter(|name| wanted.get(*name) != seen.get(*name))
            .map(|name| Difference {
                path: name.clone(),
                is: seen.get(name).cloned().unwrap_or_default(),
                should: wanted.get(name).cloned().unwrap_or_default(),
            })
            .collect()
    }
}

/// Everything that is asked of the backend, beside what is there; in the order of places, and within one as things are made.
pub(crate) fn items(desired: &Desired, observed: &Observed) -> Vec<Item> {
    let mut items = Vec::new();
    for place in [Place::Key, Place::ReplicaKey] {
        if let Some(alias) = desired.alias_at(place) {
            key(&mut items, desired, observed, place, &alias);
        }
    }
    for place in Place::BUCKETS {
        if let Some(name) = desired.bucket_at(place) {
            bucket(&mut items, desired, observed, place, name);
        }
    }
    if let Some(name) = &desired.table {
        table(&mut items, desired, observed, name);
    }
    roles(&mut items, desired, observed);
    items
}

fn push(items: &mut Vec<Item>, observed: &Observed, place: Place, kind: Kind, subject: &str, wanted: Value) {
    let seen = observed.fact(place, kind).cloned();
    items.push(Item {
        place,
        kind,
        subject: subject.to_owned(),
        wanted,
        seen,
        notes: Vec::new(),
    });
}

fn exists(items: &mut Vec<Item>, observed: &Observed, place: Place, subject: &str) {
    let seen = observed.exists(place).then_some(Value::Bool(true));
    items.push(Item {
        place,
        kind: Kind::Exists,
        subject: subject.to_owned(),
        wanted: true.into(),
        seen,
        notes: Vec::new(),
    });
}

/// Our tags among those that are there.
fn tags(items: &mut Vec<Item>, desired: &Desired, observed: &Observed, place: Place, subject: &str) {
    let wanted: Map<String, Value> = desired
        .tags
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect();
    let seen = observed.fact(place, Kind::Tags).map(|seen| {
        let of_ours = |(key, _): &(&String, &Value)| wanted.contains_key(*key);
        let ours: Map<String, Value> = seen
            .as_object()
            .into_iter()
            .flatten()
            .filter(of_ours)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let mut sorted: Vec<_> = ours.into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        Value::Object(sorted.into_iter().collect())
    });
    items.push(Item {
        place,
        kind: Kind::Tags,
        subject: subject.to_owned(),
        wanted: wanted.into(),
        seen,
        notes: Vec::new(),
    });
}

fn policy(
    items: &mut Vec<Item>,
    observed: &Observed,
    place: Place,
    kind: Kind,
    subject: &str,
    wanted: &Value,
) {
    let mut notes = Vec::new();
    let seen = observed.fact(place, kind);
    let compared = statements::compare(wanted, seen.unwrap_or(&Value::Null));
    for other in &compared.others {
        notes.push(format!("\"{other}\" was written by somebody else and is kept"));
    }
    let seen = seen.map(|seen| match seen {
        Value::Null => Value::Null,
        _ => compared.seen.into(),
    });
    items.push(Item {
        place,
        kind,
        subject: subject.to_owned(),
        wanted: compared.wanted.into(),
        seen,
        notes,
    });
}

fn key(items: &mut Vec<Item>, desired: &Desired, observed: &Observed, place: Place, alias: &str) {
    let subject = format!("key {alias}");
    exists(items, observed, place, &subject);
    push(items, observed, place, Kind::KeyState, &subject, "Enabled".into());
    push(items, observed, place, Kind::Alias, &subject, alias.into());
    push(items, observed, place, Kind::Rotation, &subject, true.into());
    policy(
        items,
        observed,
        place,
        Kind::Policy,
        &subject,
        &documents::key(desired),
    );
    tags(items, desired, observed, place, &subject);
}

fn bucket(items: &mut Vec<Item>, desired: &Desired, observed: &Observed, place: Place, name: &str) {
    let subject = format!("bucket {name}");
    let subject = subject.as_str();
    exists(items, observed, place, subject);
    push(
        items,
        observed,
        place,
        Kind::Ownership,
        subject,
        "BucketOwnerEnforced".into(),
    );
    let blocks = json!({
        "block_public_acls": true,
        "ignore_public_acls": true,
        "block_public_policy": true,
        "restrict_public_buckets": true,
    });
    push(items, observed, place, Kind::PublicAccess, subject, blocks);
    push(
        items,
        observed,
        place,
        Kind::Versioning,
        subject,
        "Enabled".into(),
    );
    push(
        items,
        observed,
        place,
        Kind::Encryption,
        subject,
        encryption(desired, observed, place),
    );
    if place != Place::Logs
        && let Some(lock) = &desired.object_lock
    {
        let wanted = json!({ "mode": lock.mode, "days": lock.days });
        push(items, observed, place, Kind::ObjectLock, subject, wanted);
    }
    // Emulators deny everything where a Deny has conditions; no state is in the log bucket.
    if desired.bucket_policy || place == Place::Logs {
        policy(
            items,
            observed,
            place,
            Kind::Policy,
            subject,
            &bucket_policy(desired, observed, place, name),
        );
    }
    lifecycle(items, desired, observed, place, subject);
    if place == Place::State {
        push(items, observed, place, Kind::Logging, subject, logging(desired));
        if desired.replica.is_some() {
            replication(items, desired, observed, subject);
        }
    }
    tags(items, desired, observed, place, subject);
}

fn key_place(place: Place) -> Place {
    match place {
        Place::Replica => Place::ReplicaKey,
        _ => Place::Key,
    }
}

/// ARN of a bucket's key, or what stands for it; none where it has none of its own.
fn key_arn<'a>(desired: &Desired, observed: &'a Observed, place: Place) -> Option<&'a str> {
    // S3 does not deliver logs into a bucket that is encrypted with a key of KMS.
    if desired.encryption == Encryption::Aes256 || place == Place::Logs {
        return None;
    }
    Some(
        observed
            .keys
            .get(&key_place(place))
            .map_or(NEW_KEY, String::as_str),
    )
}

/// The default encryption of a bucket.
pub(crate) fn encryption(desired: &Desired, observed: &Observed, place: Place) -> Value {
    match key_arn(desired, observed, place) {
        Some(key) => json!({ "algorithm": "aws:kms", "key": key, "bucket_key": true }),
        // A bucket key is for KMS only, and S3 may say either without.
        None => {
            let seen = observed
                .fact(place, Kind::Encryption)
                .and_then(|seen| seen.get("bucket_key"));
            json!({ "algorithm": "AES256", "key": null, "bucket_key": seen.cloned().unwrap_or(false.into()) })
        }
    }
}

/// The policy of a bucket.
pub(crate) fn bucket_policy(desired: &Desired, observed: &Observed, place: Place, name: &str) -> Value {
    match place {
        Place::Logs => documents::logs(desired, name),
        _ => documents::states(desired, name, key_arn(desired, observed, place)),
    }
}

/// Where accesses to the state bucket are logged.
pub(crate) fn logging(desired: &Desired) -> Value {
    json!({ "bucket": desired.log_bucket, "prefix": format!("{}/", desired.bucket) })
}

/// Our lifecycle rules for a bucket, in the form of [`super::observe::bucket::rule`].
pub(crate) fn rules(desired: &Desired, place: Place) -> Vec<Value> {
    let ours = |name: &str| format!("{RULES}{name}");
    let uploads = json!({ "id": ours("uploads"), "status": "Enabled", "abort_uploads_days": 7 });
    // Of what is deleted, once all its versions are gone, a marker remains.
    let markers = json!({ "id": ours("delete-markers"), "status": "Enabled", "remove_delete_markers": true });
    if place == Place::Logs {
        return vec![
            json!({ "id": ours("logs"), "status": "Enabled", "expire_days": LOG_DAYS, "noncurrent_days": 30 }),
            markers,
            uploads,
        ];
    }
    vec![
        json!({
            "id": ours("versions"), "status": "Enabled",
            "noncurrent_days": desired.noncurrent_days, "noncurrent_versions_kept": desired.noncurrent_versions,
        }),
        // Every lock leaves a version and a marker; of those, unlike of states, none is kept whatever its age.
        json!({
            "id": ours("lock-files"), "status": "Enabled",
            "smaller_than_bytes": LOCK_FILE_BYTES, "noncurrent_days": desired.noncurrent_days,
        }),
        markers,
        uploads,
    ]
}

fn lifecycle(items: &mut Vec<Item>, desired: &Desired, observed: &Observed, place: Place, subject: &str) {
    let by_id = |rules: &[Value]| -> Map<String, Value> {
        rules
            .iter()
            .filter_map(|rule| {
                let mut rule = rule.as_object()?.clone();
                let id = rule.shift_remove("id")?.as_str()?.to_owned();
                Some((id, Value::Object(rule)))
            })
            .collect()
    };
    let wanted = by_id(&rules(desired, place));
    let mut notes = Vec::new();
    let seen = observed
        .fact(place, Kind::Lifecycle)
        .map(|seen| match seen.as_array() {
            None => Value::Null,
            Some(rules) => {
                let mut ours = Map::new();
                let seen = by_id(rules);
                for id in seen.keys().filter(|id| !wanted.contains_key(*id)) {
                    notes.push(format!("rule \"{id}\" was written by somebody else and is kept"));
                }
                for (id, wanted) in &wanted {
                    let Some(mut rule) = seen.get(id).cloned() else {
                        continue;
                    };
                    if desired.emulated {
                        forget(wanted, &mut rule);
                    }
                    ours.insert(id.clone(), rule);
                }
                ours.into()
            }
        });
    items.push(Item {
        place,
        kind: Kind::Lifecycle,
        subject: subject.to_owned(),
        wanted: wanted.into(),
        seen,
        notes,
    });
}

/// What moto takes and does not keep. To write it again and again would mend nothing; on AWS its absence is a difference.
fn forget(wanted: &Value, seen: &mut Value) {
    for field in [
        "noncurrent_versions_kept",
        "smaller_than_bytes",
        "encrypted_objects",
    ] {
        if let (Some(value), Some(seen)) = (wanted.get(field), seen.as_object_mut())
            && !seen.contains_key(field)
        {
            seen.insert(field.to_owned(), value.clone());
        }
    }
}

/// How the state bucket is copied, in the form of the observation.
pub(crate) fn replication_rule(desired: &Desired, observed: &Observed) -> Value {
    let (Some(replica), Some(role)) = (&desired.replica, desired.role_at(Place::ReplicationRole)) else {
        return Value::Null;
    };
    let key = key_arn(desired, observed, Place::Replica);
    json!({
        "role": desired.role_arn(&role),
        "status": "Enabled",
        "bucket": desired.bucket_arn(&replica.bucket),
        "key": key,
        "encrypted_objects": key.map(|_| true),
        "delete_markers": false,
    })
}

fn replication(items: &mut Vec<Item>, desired: &Desired, observed: &Observed, subject: &str) {
    let wanted = replication_rule(desired, observed);
    let mut notes = Vec::new();
    let seen = observed.fact(Place::State, Kind::Replication).map(|seen| {
        let rules = seen.get("rules").and_then(Value::as_array);
        let mut ours = Value::Null;
        for rule in rules.into_iter().flatten() {
            let id = rule.get("id").and_then(Value::as_str).unwrap_or_default();
            if id == REPLICATION_RULE {
                let mut fields = Map::new();
                fields.insert("role".to_owned(), seen["role"].clone());
                fields.extend(rule.as_object().cloned().unwrap_or_default());
                fields.shift_remove("id");
                if desired.emulated && fields.get("encrypted_objects") == Some(&Value::Null) {
                    fields.shift_remove("encrypted_objects");
                }
                ours = fields.into();
                if desired.emulated {
                    forget(&wanted, &mut ours);
                }
            } else {
                notes.push(format!(
                    "rule \"{id}\" was written by somebody else, and goes: there is one copy"
                ));
            }
        }
        ours
    });
    items.push(Item {
        place: Place::State,
        kind: Kind::Replication,
        subject: subject.to_owned(),
        wanted,
        seen,
        notes,
    });
}

fn table(items: &mut Vec<Item>, desired: &Desired, observed: &Observed, name: &str) {
    let subject = format!("table {name}");
    exists(items, observed, Place::Table, &subject);
    push(
        items,
        observed,
        Place::Table,
        Kind::Billing,
        &subject,
        "PAY_PER_REQUEST".into(),
    );
    push(
        items,
        observed,
        Place::Table,
        Kind::Encryption,
        &subject,
        "KMS".into(),
    );
    push(
        items,
        observed,
        Place::Table,
        Kind::DeletionProtection,
        &subject,
        true.into(),
    );
    push(
        items,
        observed,
        Place::Table,
        Kind::Recovery,
        &subject,
        true.into(),
    );
    tags(items, desired, observed, Place::Table, &subject);
}

fn roles(items: &mut Vec<Item>, desired: &Desired, observed: &Observed) {
    if let Some(role) = desired.role_at(Place::ReplicationRole)
        && let Some(replica) = &desired.replica
    {
        let keys = key_arn(desired, observed, Place::State).zip(key_arn(desired, observed, Place::Replica));
        let trust = documents::replication_trust(desired);
        let document = documents::replication(desired, &replica.bucket, keys);
        self::role(
            items,
            desired,
            observed,
            Place::ReplicationRole,
            &role,
            &trust,
            &document,
        );
    }
    let Some(github) = &desired.github else { return };
    let subject = format!("provider {}", documents::ISSUER);
    exists(items, observed, Place::Provider, &subject);
    let seen = observed.fact(Place::Provider, Kind::Audience).map(|seen| {
        let there = seen
            .as_array()
            .is_some_and(|ids| ids.iter().any(|id| id == desired.audience()));
        Value::from(if there {
            vec![desired.audience()]
        } else {
            Vec::new()
        })
    });
    items.push(Item {
        place: Place::Provider,
        kind: Kind::Audience,
        subject,
        wanted: vec![desired.audience()].into(),
        seen,
        notes: Vec::new(),
    });
    let key = key_arn(desired, observed, Place::State);
    for (place, subjects, document) in [
        (
            Place::PlanRole,
            &github.plan,
            documents::plan(desired, github, key),
        ),
        (
            Place::ApplyRole,
            &github.apply,
            documents::apply(desired, github, key),
        ),
    ] {
        if let Some(role) = desired.role_at(place) {
            let trust = documents::github_trust(desired, subjects);
            self::role(items, desired, observed, place, &role, &trust, &document);
        }
    }
}

fn role(
    items: &mut Vec<Item>,
    desired: &Desired,
    observed: &Observed,
    place: Place,
    name: &str,
    trust: &Value,
    document: &Value,
) {
    let subject = format!("role {name}");
    exists(items, observed, place, &subject);
    for (kind, wanted) in [(Kind::Trust, trust), (Kind::Policy, document)] {
        policy(items, observed, place, kind, &subject, wanted);
        // A bucket's policy may be shared; these documents are the role's whole power, and one statement more is a breach.
        let item = items.last_mut().filter(|item| !item.notes.is_empty());
        if let (Some(item), Some(seen)) = (item, observed.fact(place, kind)) {
            item.notes.clear();
            item.seen = Some(
                statements::canonical(seen)
                    .into_iter()
                    .collect::<Map<_, _>>()
                    .into(),
            );
        }
    }
    tags(items, desired, observed, place, &subject);
}

/// The trust and the policy of a role as they are to be written.
pub(crate) fn role_documents(desired: &Desired, observed: &Observed, place: Place) -> Option<(Value, Value)> {
    let key = key_arn(desired, observed, Place::State);
    match (place, &desired.github, &desired.replica) {
        (Place::PlanRole, Some(github), _) => Some((
            documents::github_trust(desired, &github.plan),
            documents::plan(desired, github, key),
        )),
        (Place::ApplyRole, Some(github), _) => Some((
            documents::github_trust(desired, &github.apply),
            documents::apply(desired, github, key),
        )),
        (Place::ReplicationRole, _, Some(replica)) => {
            let keys = key.zip(key_arn(desired, observed, Place::Replica));
            Some((
                documents::replication_trust(desired),
                documents::replication(desired, &replica.bucket, keys),
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::documents_tests::desired;

    fn observed(facts: &[(Place, Kind, Value)]) -> Observed {
        let mut observed = Observed::default();
        for (place, kind, value) in facts {
            observed.facts.insert((*place, *kind), value.clone());
        }
        observed
    }

    fn find(desired: &Desired, observed: &Observed, place: Place, kind: Kind) -> Item {
        items(desired, observed)
            .into_iter()
            .find(|item| (item.place, item.kind) == (place, kind))
            .unwrap()
    }

    #[test]
    fn nothing_there_is_all_missing_and_asks_for_a_key_that_is_not_known_yet() {
        let desired = desired(Encryption::Kms);
        let all = items(&desired, &Observed::default());
        assert!(
            all.iter().all(|item| item.status() == Status::Missing),
            "{all:#?}"
        );
        let encryption = find(&desired, &Observed::default(), Place::State, Kind::Encryption);
        assert_eq!(encryption.wanted["key"], NEW_KEY);
    }

    #[test]
    fn a_field_that_differs_is_named() {
        let desired = desired(Encryption::Kms);
        let mut seen = observed(&[(
            Place::State,
            Kind::Encryption,
            json!({ "algorithm": "aws:kms", "key": "k", "bucket_key": false }),
        )]);
        seen.keys.insert(Place::Key, "k".to_owned());
        let item = find(&desired, &seen, Place::State, Kind::Encryption);
        assert_eq!(item.status(), Status::Differs);
        let paths: Vec<String> = item
            .differences()
            .into_iter()
            .map(|difference| difference.path)
            .collect();
        assert_eq!(paths, ["bucket_key"]);
    }

    #[test]
    fn tags_and_rules_of_others_are_neither_right_nor_wrong() {
        let desired = Desired {
            tags: [("a".to_owned(), "1".to_owned())].into(),
            ..desired(Encryption::Kms)
        };
        let mut written = rules(&desired, Place::State);
        written.push(json!({ "id": "theirs", "status": "Enabled", "expire_days": 3 }));
        let seen = observed(&[
            (Place::State, Kind::Tags, json!({ "theirs": "x", "a": "1" })),
            (Place::State, Kind::Lifecycle, written.into()),
        ]);
        assert_eq!(
            find(&desired, &seen, Place::State, Kind::Tags).status(),
            Status::Right
        );
        let lifecycle = find(&desired, &seen, Place::State, Kind::Lifecycle);
        assert_eq!(lifecycle.status(), Status::Right);
        assert_eq!(
            lifecycle.notes,
            ["rule \"theirs\" was written by somebody else and is kept"]
        );
    }

    #[test]
    fn only_an_emulator_is_forgiven_for_what_it_does_not_keep() {
        for (emulated, status) in [(true, Status::Right), (false, Status::Differs)] {
            let desired = Desired {
                emulated,
                ..desired(Encryption::Kms)
            };
            let mut written = rules(&desired, Place::State);
            for rule in &mut written {
                let rule = rule.as_object_mut().unwrap();
                rule.shift_remove("noncurrent_versions_kept");
                rule.shift_remove("smaller_than_bytes");
            }
            let seen = observed(&[(Place::State, Kind::Lifecycle, written.clone().into())]);
            assert_eq!(
                find(&desired, &seen, Place::State, Kind::Lifecycle).status(),
                status
            );
            // What it says wrongly is wrong everywhere.
            written[0]["noncurrent_versions_kept"] = 1.into();
            let seen = observed(&[(Place::State, Kind::Lifecycle, written.into())]);
            assert_eq!(
                find(&desired, &seen, Place::State, Kind::Lifecycle).status(),
                Status::Differs
            );
        }
    }

    #[test]
    fn a_statement_more_in_a_role_is_a_difference_and_in_a_bucket_a_note() {
        let desired = desired(Encryption::Kms);
        let more = |mut document: Value| {
            let other = json!({ "Sid": "Theirs", "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" });
            document["Statement"].as_array_mut().unwrap().push(other);
            document
        };
        let seen = observed(&[
            (
                Place::ReplicationRole,
                Kind::Trust,
                more(documents::replication_trust(&desired)),
            ),
            (
                Place::Logs,
                Kind::Policy,
                more(documents::logs(&desired, "states-logs")),
            ),
        ]);
        let trust = find(&desired, &seen, Place::ReplicationRole, Kind::Trust);
        assert_eq!(trust.status(), Status::Differs);
        assert_eq!(trust.differences()[0].path, "Theirs");
        let logs = find(&desired, &seen, Place::Logs, Kind::Policy);
        assert_eq!(logs.status(), Status::Right);
        assert_eq!(logs.notes.len(), 1);
    }
}
