//! What is there. Everything is read side by side, and nothing is changed.

pub(crate) mod bucket;

pub(crate) use self::bucket::bucket_exists;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tf_aws::{AwsError, Connection, ErrorKind, call};

use self::bucket::bucket;
use super::desired::{Desired, MARK};
use super::kind::{Kind, Place};
use crate::error::Error;

/// Name of the policy that is written into roles.
pub(crate) const ROLE_POLICY: &str = "terraform-state";

/// What is there, by place and kind. What a place that exists does not have is `null`; a place that is not there has no facts.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// What was read.
    pub(crate) facts: BTreeMap<(Place, Kind), Value>,
    /// What could not be read.
    pub(crate) unread: Vec<AwsError>,
    /// ARNs of keys.
    pub(crate) keys: BTreeMap<Place, String>,
}

impl Observed {
    pub(crate) fn exists(&self, place: Place) -> bool {
        // One question more may be refused where others are answered.
        self.facts.keys().any(|(other, _)| *other == place)
    }

    pub(crate) fn fact(&self, place: Place, kind: Kind) -> Option<&Value> {
        self.facts.get(&(place, kind))
    }

    /// Whether tf-bootstrap made what is at this place, for this backend.
    pub(crate) fn is_marked(&self, place: Place, desired: &Desired) -> bool {
        self.fact(place, Kind::Tags)
            .and_then(|tags| tags.get(MARK))
            .and_then(Value::as_str)
            == Some(desired.bucket.as_str())
    }

    /// What is left of a creation that broke off before its tags were there: a bucket with neither tags nor objects.
    pub(crate) fn is_blank(&self, place: Place) -> bool {
        let tags = self.fact(place, Kind::Tags);
        let untagged = tags.is_some_and(|tags| tags.as_object().is_none_or(Map::is_empty));
        untagged && self.is_empty(place)
    }

    /// Whether a bucket holds nothing, not even old versions.
    pub(crate) fn is_empty(&self, place: Place) -> bool {
        let exists = self.fact(place, Kind::Exists);
        exists.and_then(|facts| facts.get("empty")) == Some(&Value::Bool(true))
    }

    fn add(&mut self, place: Place, facts: Facts) {
        for (kind, value) in facts {
            match value {
                Ok(value) => {
                    if let (Kind::Exists, Some(arn)) = (kind, value.get("key").and_then(Value::as_str)) {
                        self.keys.insert(place, arn.to_owned());
                    }
                    self.facts.insert((place, kind), value);
                }
                Err(error) => self.unread.push(error),
            }
        }
    }
}

pub(crate) type Facts = Vec<(Kind, Result<Value, AwsError>)>;
type Reading<'a> = Pin<Box<dyn Future<Output = (Kind, Result<Value, AwsError>)> + 'a>>;

/// Reads a whole backend.
///
/// # Errors
/// Where it is not clear whose a bucket is, or nothing can be read at all; what else cannot be read is in [`Observed::unread`].
pub(crate) async fn observe(desired: &Desired, connection: &Connection) -> Result<Observed, Error> {
    let second = desired
        .replica
        .as_ref()
        .map(|replica| connection.in_region(&replica.region));
    let second = second.as_ref().unwrap_or(connection);
    let (buckets, key, replica_key, table, provider, roles) = tokio::join!(
        join_all(Place::BUCKETS.map(|place| async move {
            let Some(name) = desired.bucket_at(place) else {
                return Ok((place, Vec::new()));
            };
            let (connection, region) = match (&desired.replica, place) {
                (Some(replica), Place::Replica) => (second, replica.region.as_str()),
                _ => (connection, desired.region.as_str()),
            };
            let facts = bucket(desired, connection, name, region).await?;
            Ok::<_, Error>((place, facts))
        })),
        key(desired, connection, Place::Key),
        key(desired, second, Place::ReplicaKey),
        table(desired, connection),
        provider(desired, connection),
        join_all(
            [Place::PlanRole, Place::ApplyRole, Place::ReplicationRole]
                .map(|place| async move { (place, role(desired, connection, place).await) })
        ),
    );
    let mut observed = Observed::default();
    for bucket in buckets {
        let (place, facts) = bucket?;
        observed.add(place, facts);
    }
    observed.add(Place::Key, key);
    observed.add(Place::ReplicaKey, replica_key);
    observed.add(Place::Table, table);
    observed.add(Place::Provider, provider);
    for (place, facts) in roles {
        observed.add(place, facts);
    }
    Ok(observed)
}

/// Nothing where the answer is "not found".
pub(crate) fn optional<T>(result: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn or_null<T>(result: Result<T, AwsError>, value: impl FnOnce(T) -> Value) -> Result<Value, AwsError> {
    Ok(optional(result)?.map_or(Value::Null, value))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// IAM's documents come percent-encoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn key(desired: &Desired, connection: &Connection, place: Place) -> Facts {
    let Some(alias) = desired.alias_at(place) else {
        return Vec::new();
    };
    let kms = connection.kms();
    let read = call(
        "kms:DescribeKey",
        format!("key {alias}"),
        kms.describe_key().key_id(&alias).send(),
    )
    .await;
    let metadata = match optional(read) {
        Ok(Some(output)) => output.key_metadata,
        Ok(None) => None,
        Err(error) => return vec![(Kind::Exists, Err(error))],
    };
    let Some(metadata) = metadata else {
        return Vec::new();
    };
    let arn = metadata.arn().unwrap_or_default().to_owned();
    let mut facts = key_facts(connection, &arn).await;
    facts.push((
        Kind::Exists,
        Ok(json!({
            "key": arn,
            "spec": metadata.key_spec().map(|spec| spec.as_str()),
            "manager": metadata.key_manager().map(|manager| manager.as_str()),
        })),
    ));
    facts.push((Kind::Alias, Ok(alias.into())));
    facts.push((
        Kind::KeyState,
        Ok(metadata
            .key_state()
            .map_or(Value::Null, |state| state.as_str().into())),
    ));
    facts
}

async fn key_facts(connection: &Connection, arn: &str) -> Facts {
    let kms = connection.kms();
    let what = format!("key {arn}");
    let what = what.as_str();
    let readings: Vec<Reading<'_>> = vec![
        Box::pin(async move {
            let read = call(
                "kms:GetKeyRotationStatus",
                what,
                kms.get_key_rotation_status().key_id(arn).send(),
            )
            .await;
            (
                Kind::Rotation,
                read.map(|rotation| rotation.key_rotation_enabled().into()),
            )
        }),
        Box::pin(async move {
            let get = kms.get_key_policy().key_id(arn).policy_name("default");
            let read = call("kms:GetKeyPolicy", what, get.send()).await;
            (
                Kind::Policy,
                read.map(|policy| parsed(policy.policy().unwrap_or_default())),
            )
        }),
        Box::pin(async move { (Kind::Tags, key_tags(connection, arn).await) }),
    ];
    join_all(readings).await
}

/// A key's tags.
pub(crate) async fn key_tags(connection: &Connection, key: &str) -> Result<Value, AwsError> {
    let list = connection.kms().list_resource_tags().key_id(key);
    let read = call("kms:ListResourceTags", format!("key {key}"), list.send()).await?;
    Ok(read
        .tags()
        .iter()
        .map(|tag| (tag.tag_key().to_owned(), Value::from(tag.tag_value())))
        .collect::<Map<_, _>>()
        .into())
}

pub(crate) async fn table(desired: &Desired, connection: &Connection) -> Facts {
    let Some(name) = &desired.table else {
        return Vec::new();
    };
    let dynamodb = connection.dynamodb();
    let what = format!("table {name}");
    let what = what.as_str();
    let read = call(
        "dynamodb:DescribeTable",
        what,
        dynamodb.describe_table().table_name(name).send(),
    )
    .await;
    let table = match optional(read) {
        Ok(Some(output)) => output.table,
        Ok(None) => None,
        Err(error) => return vec![(Kind::Exists, Err(error))],
    };
    let Some(table) = table else {
        return Vec::new();
    };
    let arn = table
        .table_arn()
        .map_or_else(|| desired.table_arn(name), str::to_owned);
    let schema: Vec<String> = table
        .key_schema()
        .iter()
        .map(|part| {
            let ty = table
                .attribute_definitions()
                .iter()
                .find(|definition| definition.attribute_name() == part.attribute_name())
                .map_or("?", |definition| definition.attribute_type().as_str());
            format!("{} {ty} {}", part.attribute_name(), part.key_type().as_str())
        })
        .collect();
    let billing = table
        .billing_mode_summary()
        .and_then(|billing| billing.billing_mode());
    let encryption = table.sse_description().filter(|sse| {
        sse.status()
            .is_some_and(|status| ["ENABLED", "ENABLING", "UPDATING"].contains(&status.as_str()))
    });
    let mut facts: Facts = vec![
        (
            Kind::Exists,
            Ok(
                json!({ "schema": schema.join(", "), "status": table.table_status().map(|status| status.as_str()) }),
            ),
        ),
        (
            Kind::Billing,
            Ok(billing.map_or("PROVISIONED", |billing| billing.as_str()).into()),
        ),
        (
            Kind::Encryption,
            Ok(encryption
                .and_then(|sse| sse.sse_type())
                .map_or(Value::Null, |ty| ty.as_str().into())),
        ),
        (
            Kind::DeletionProtection,
            Ok(table.deletion_protection_enabled().unwrap_or_default().into()),
        ),
    ];
    let arn = arn.as_str();
    let readings: Vec<Reading<'_>> = vec![
        Box::pin(async move {
            let describe = dynamodb.describe_continuous_backups().table_name(name);
            let read = call("dynamodb:DescribeContinuousBackups", what, describe.send()).await;
            let on = read.map(|backups| {
                let recovery = backups
                    .continuous_backups_description()
                    .and_then(|backups| backups.point_in_time_recovery_description())
                    .and_then(|recovery| recovery.point_in_time_recovery_status());
                recovery.is_some_and(|status| status.as_str() == "ENABLED").into()
            });
            (Kind::Recovery, on)
        }),
        Box::pin(async move {
            let list = dynamodb.list_tags_of_resource().resource_arn(arn);
            let read = call("dynamodb:ListTagsOfResource", what, list.send()).await;
            let tags = read.map(|tags| {
                tags.tags()
                    .iter()
                    .map(|tag| (tag.key().to_owned(), Value::from(tag.value())))
                    .collect::<Map<_, _>>()
                    .into()
            });
            (Kind::Tags, tags)
        }),
    ];
    facts.extend(join_all(readings).await);
    facts
}

async fn provider(desired: &Desired, connection: &Connection) -> Facts {
    if desired.github.is_none() {
        return Vec::new();
    }
    let arn = desired.provider_arn();
    let get = connection
        .iam()
        .get_open_id_connect_provider()
        .open_id_connect_provider_arn(&arn);
    let read = call(
        "iam:GetOpenIDConnectProvider",
        format!("provider {arn}"),
        get.send(),
    )
    .await;
    match optional(read) {
        Err(error) => vec![(Kind::Exists, Err(error))],
        Ok(None) => Vec::new(),
        Ok(Some(provider)) => vec![
            (Kind::Exists, Ok(json!({ "arn": arn }))),
            (Kind::Audience, Ok(provider.client_id_list().to_vec().into())),
            (Kind::Tags, Ok(iam_tags(provider.tags()))),
        ],
    }
}

fn iam_tags(tags: &[tf_aws::iam::types::Tag]) -> Value {
    tags.iter()
        .map(|tag| (tag.key().to_owned(), Value::from(tag.value())))
        .collect::<Map<_, _>>()
        .into()
}

async fn role(desired: &Desired, connection: &Connection, place: Place) -> Facts {
    let Some(name) = desired.role_at(place) else {
        return Vec::new();
    };
    let iam = connection.iam();
    let what = format!("role {name}");
    let read = call("iam:GetRole", &what, iam.get_role().role_name(&name).send()).await;
    let role = match optional(read) {
        Ok(Some(output)) => output.role,
        Ok(None) => None,
        Err(error) => return vec![(Kind::Exists, Err(error))],
    };
    let Some(role) = role else {
        return Vec::new();
    };
    let get = iam.get_role_policy().role_name(&name).policy_name(ROLE_POLICY);
    let policy = call("iam:GetRolePolicy", &what, get.send()).await;
    vec![
        (Kind::Exists, Ok(json!({ "arn": role.arn() }))),
        (
            Kind::Trust,
            Ok(parsed(&decoded(
                role.assume_role_policy_document().unwrap_or_default(),
            ))),
        ),
        (
            Kind::Policy,
            or_null(policy, |policy| parsed(&decoded(policy.policy_document()))),
        ),
        (Kind::Tags, Ok(iam_tags(role.tags()))),
    ]
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn documents_of_iam_are_decoded() {
        assert_eq!(decoded("%7B%22a%22%3A%201%7D"), "{\"a\": 1}");
        assert_eq!(decoded("100% of it %"), "100% of it %");
        assert_eq!(decoded("%C3%A9"), "é");
    }
}
