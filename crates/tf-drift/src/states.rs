//! The states in a bucket, and which root each is of.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail};
use futures_util::StreamExt;
use futures_util::stream::iter;
use tf_aws::signed::{Bucket, Listed};
use tf_aws::{Blocking, Connection, Options};
use tf_cli::settings::place::S3Prefix;
use tf_inventory::States;
use tf_model::Graph;

use crate::backend::{S3, WORKSPACES};
use crate::roots::Job;

/// What tells whether an object that is not named as a state is one.
const FIRST: u64 = 2_048;

/// How many objects are read at once.
const AT_ONCE: usize = 16;

/// What backends name their states, if nobody wants another name.
const SUFFIX: &str = ".tfstate";

/// A way to the buckets.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    pub(crate) blocking: Arc<Blocking>,
    pub(crate) connection: Connection,
}

/// A state that no configuration here is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Orphan {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// Why it is not known what to plan, where several roots say that it is theirs.
    pub(crate) claimed_by: Vec<String>,
}

/// A root, with the object that its backend is.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) job: Job,
    pub(crate) s3: S3,
}

/// An object, and what is to be done about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) job: Job,
    /// Whether only its content tells that it is a state.
    is_maybe: bool,
}

impl Aws {
    /// Finds region and credentials.
    pub(crate) fn open(options: Options) -> anyhow::Result<Aws> {
        let blocking = Blocking::new().context("cannot begin to talk to AWS")?;
        let connection = blocking.wait(Connection::open(options))?;
        Ok(Aws {
            blocking: Arc::new(blocking),
            connection,
        })
    }

    fn bucket(&self, name: &str) -> Bucket {
        Bucket::new(&self.connection, name)
    }

    /// What an object holds; `None` where it is gone.
    pub(crate) fn read(&self, bucket: &str, key: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let object = self.blocking.wait(self.bucket(bucket).get(key))?;
        Ok(object.map(|object| object.body))
    }

    /// What a list says of one object.
    pub(crate) fn listed(&self, bucket: &str, key: &str) -> anyhow::Result<Option<Listed>> {
        let found = self.blocking.wait(self.bucket(bucket).list(key))?;
        Ok(found.into_iter().find(|object| object.key == key))
    }
}

/// The states below prefixes, each once, in order of their names.
///
/// # Errors
/// Where a bucket cannot be listed or an object of it not be looked at, and where there is no state at all.
pub(crate) fn find(aws: &Aws, prefixes: &[S3Prefix], claims: &[Claim]) -> anyhow::Result<Vec<Found>> {
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    for prefix in prefixes {
        let bucket = aws.bucket(&prefix.bucket);
        let objects = aws
            .blocking
            .wait(bucket.list(&prefix.prefix))
            .with_context(|| format!("the states in {prefix} cannot be listed"))?;
        let candidates = objects
            .iter()
            .filter_map(|object| assign(&prefix.bucket, &object.key, claims));
        let looked_at = candidates.map(|found| {
            let bucket = &bucket;
            async move {
                if !found.is_maybe {
                    return anyhow::Ok(Some(found));
                }
                let first = bucket.first(&found.key, FIRST).await;
                let first =
                    first.with_context(|| format!("whether {} is a state is not known", found.job.name))?;
                Ok(first.filter(|first| begins_as_state(first)).map(|_| found))
            }
        });
        let looked_at: Vec<anyhow::Result<Option<Found>>> =
            aws.blocking.wait(iter(looked_at).buffered(AT_ONCE).collect());
        for found in looked_at {
            if let Some(found) = found? {
                all.insert(found.job.name.clone(), found);
            }
        }
    }
    if all.is_empty() {
        let places: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
        bail!("there is no state in {}", places.join(", "));
    }
    Ok(all.into_values().collect())
}

/// What is to be done about an object; `None` where its name says that it is no state.
fn assign(bucket: &str, key: &str, claims: &[Claim]) -> Option<Found> {
    // Locks, copies that people and Terraform make, and records of who applied what: `KEY.audit/…`.
    let beside = [".tflock", ".backup", "/"].iter().any(|end| key.ends_with(end));
    if beside || key.contains(".audit/") {
        return None;
    }
    let owners: Vec<(&Claim, &str)> = claims
        .iter()
        .filter(|claim| claim.s3.bucket.as_deref() == Some(bucket))
        .filter_map(|claim| Some((claim, claim.s3.workspace_of(key)?)))
        .collect();
    let found = |job: Job, is_maybe: bool| Found {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        job,
        is_maybe,
    };
    if let [(claim, workspace)] = owners.as_slice() {
        let name = match *workspace {
            "default" => claim.job.name.clone(),
            named => format!("{} (workspace {named})", claim.job.name),
        };
        let job = Job {
            name,
            workspace: Some((*workspace).to_owned()),
            ..claim.job.clone()
        };
        return Some(found(job, false));
    }
    let is_named = key.ends_with(SUFFIX) || key.starts_with(&format!("{WORKSPACES}/"));
    let job = Job {
        dir: Default::default(),
        name: format!("s3://{bucket}/{key}"),
        workspace: None,
        orphan: Some(Orphan {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            claimed_by: owners.iter().map(|(claim, _)| claim.job.name.clone()).collect(),
        }),
    };
    Some(found(job, !is_named && owners.is_empty()))
}

/// Terraform writes a state's serial and lineage first.
fn begins_as_state(first: &[u8]) -> bool {
    let text = String::from_utf8_lossy(first);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('{')
        && ["\"version\"", "\"serial\"", "\"lineage\""]
            .iter()
            .all(|name| text.contains(name))
}

/// What is in all of the states, whoever could be planned, and how many could not be read.
pub(crate) fn contents(aws: &Aws, found: &[Found]) -> (States, usize) {
    let (mut states, mut unread) = (States::default(), 0);
    let reads = found.iter().map(|state| async move {
        let object = aws.bucket(&state.bucket).get(&state.key).await.ok().flatten();
        let text = String::from_utf8(object?.body).ok()?;
        tf_model::state::load(&text).ok()
    });
    let graphs: Vec<Option<Graph>> = aws.blocking.wait(iter(reads).buffered(AT_ONCE).collect());
    for (state, graph) in found.iter().zip(graphs) {
        match graph {
            Some(graph) => states.add(&state.job.name, &graph),
            None => unread += 1,
        }
    }
    (states, unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: &str, key: &str) -> Claim {
        let text = format!(r#"{{"bucket": "states", "key": "{key}"}}"#);
        Claim {
            job: Job {
                dir: name.into(),
                name: name.to_owned(),
                workspace: None,
                orphan: None,
            },
            s3: serde_json::from_str(&text).unwrap(),
        }
    }

    #[test]
    fn each_state_goes_to_its_root() {
        let claims = [
            claim("dev", "dev/t.tfstate"),
            claim("a", "both"),
            claim("b", "both"),
        ];
        for (key, want) in [
            ("dev/t.tfstate", Some("dev in default")),
            ("env:/blue/dev/t.tfstate", Some("dev (workspace blue) in blue")),
            ("dev/t.tfstate.tflock", None),
            ("dev/t.tfstate.backup", None),
            ("dev/t.tfstate.audit/2026.json", None),
            ("old/t.tfstate", Some("s3://states/old/t.tfstate of nobody")),
            (
                "env:/blue/gone/key",
                Some("s3://states/env:/blue/gone/key of nobody"),
            ),
            ("readme.md", Some("s3://states/readme.md of nobody, perhaps")),
            ("both", Some("s3://states/both of a and b")),
            ("folder/", None),
        ] {
            let told = assign("states", key, &claims).map(|found| {
                let perhaps = if found.is_maybe { ", perhaps" } else { "" };
                match (&found.job.workspace, &found.job.orphan) {
                    (Some(workspace), None) => format!("{} in {workspace}", found.job.name),
                    (None, Some(orphan)) if orphan.claimed_by.is_empty() => {
                        format!("{} of nobody{perhaps}", found.job.name)
                    }
                    (None, Some(orphan)) => {
                        format!("{} of {}", found.job.name, orphan.claimed_by.join(" and "))
                    }
                    other => panic!("{other:?}"),
                }
            });
            assert_eq!(told.as_deref(), want, "{key}");
        }
        let elsewhere = assign("other", "dev/t.tfstate", &claims).unwrap();
        assert!(elsewhere.job.orphan.is_some());
    }

    #[test]
    fn states_begin_as_terraform_writes_them() {
        for (text, is) in [
            (
                "{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 1,\n  \"lineage\": \"x\"",
                true,
            ),
            ("{\"version\":4,\"serial\":1,\"lineage\":\"\"}", true),
            ("# serial lineage version", false),
            ("{\"schema\": \"plumbline.drift-result/1\"}", false),
            ("", false),
        ] {
            assert_eq!(begins_as_state(text.as_bytes()), is, "{text}");
        }
    }
}
