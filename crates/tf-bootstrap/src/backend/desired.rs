//! What the backend is to be.

use std::collections::BTreeMap;

use clap::Args;
use sha2::{Digest, Sha256};
use tf_cli::settings::bootstrap::{ObjectLock, is_repository};

use super::documents::{AUDIENCE, ISSUER};
use super::kind::Place;
use super::roots::Root;
use crate::error::Error;
use crate::target::Context;

/// The tag by which we know what we made. Its value is the state bucket's name.
pub(crate) const MARK: &str = "plumbline:backend";

const NONCURRENT_VERSIONS: i32 = 10;
const NONCURRENT_DAYS: i32 = 90;

/// How the backend is to be. What is not given comes from plumbline.hcl.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "How it is to be")]
pub(crate) struct BackendArgs {
    /// Encryption: with a KMS key of the account's own, or with S3's keys
    #[arg(long, value_parser = ["kms", "aes256"], env = "TF_BOOTSTRAP_SSE")]
    pub(crate) sse: Option<String>,
    /// No lock table: Terraform 1.10 and later lock by a file beside the state
    #[arg(long, conflicts_with = "table")]
    pub(crate) no_table: bool,
    /// The bucket of the access logs; the state bucket's name with -logs where it is not given
    #[arg(long, value_name = "NAME")]
    pub(crate) log_bucket: Option<String>,
    /// How many noncurrent versions of a state are kept whatever their age [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=100))]
    pub(crate) noncurrent_versions: Option<i32>,
    /// After how many days noncurrent versions beyond those are removed [default: 90]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i32).range(1..=36_500))]
    pub(crate) noncurrent_days: Option<i32>,
    /// Copy the states to a second region
    #[arg(long, value_name = "REGION")]
    pub(crate) replica_region: Option<String>,
    /// The copy's bucket; the state bucket's name with -replica where it is not given
    #[arg(long, value_name = "NAME")]
    pub(crate) replica_bucket: Option<String>,
    /// Nobody removes a version for so many days (governance mode; compliance mode by plumbline.hcl)
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i32).range(1..=36_500))]
    pub(crate) object_lock: Option<i32>,
    /// A repository whose workflows may plan and apply: OWNER/NAME
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) github: Option<String>,
    /// A tag for everything; may be given several times
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub(crate) tags: Vec<(String, String)>,
    /// No bucket policies, for emulators: they ignore the conditions of a Deny and would refuse the states themselves
    #[arg(long)]
    pub(crate) no_bucket_policy: bool,
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, _)) if key == MARK || key.is_empty() || key.starts_with("aws:") => {
            Err(format!("\"{key}\" cannot be given as a tag"))
        }
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err("give it as KEY=VALUE".to_owned()),
    }
}

/// Encryption of states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encryption {
    /// With a KMS key of our own.
    Kms,
    /// With S3's keys.
    Aes256,
}

/// A copy in a second region.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Replica {
    pub(crate) region: String,
    pub(crate) bucket: String,
}

/// The roles of the pipeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct GithubRoles {
    /// `sub` claims that may plan.
    pub(crate) plan: Vec<String>,
    /// `sub` claims that may apply.
    pub(crate) apply: Vec<String>,
    /// The states that the roles are for.
    pub(crate) keys: Vec<String>,
}

/// What the backend is to be, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Desired {
    pub(crate) account: String,
    pub(crate) partition: String,
    pub(crate) region: String,
    pub(crate) bucket: String,
    pub(crate) log_bucket: String,
    pub(crate) table: Option<String>,
    pub(crate) encryption: Encryption,
    /// Whether the buckets have policies; see [`BackendArgs::no_bucket_policy`].
    pub(crate) bucket_policy: bool,
    pub(crate) noncurrent_versions: i32,
    pub(crate) noncurrent_days: i32,
    pub(crate) replica: Option<Replica>,
    pub(crate) object_lock: Option<ObjectLock>,
    pub(crate) github: Option<GithubRoles>,
    /// With the mark.
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether AWS is an emulator, which may not keep everything.
    pub(crate) emulated: bool,
}

impl Desired {
    /// From flags and settings.
    ///
    /// # Errors
    /// Where they contradict each other, or ask for what AWS does not have.
    pub(crate) fn new(args: &BackendArgs, context: &Context, roots: &[Root]) -> Result<Desired, Error> {
        let settings = &context.settings;
        let emulated = context.connection.endpoint_url().is_some();
        if args.no_bucket_policy && !emulated {
            return Err(Error::Usage(
                "--no-bucket-policy is for emulators (--endpoint-url): on AWS the policy is part of what keeps the states safe".to_owned(),
            ));
        }
        let encryption = match args.sse.as_deref().or(settings.sse.as_deref()) {
            Some("aes256") => Encryption::Aes256,
            _ => Encryption::Kms,
        };
        let bucket = context.bucket.clone();
        let replica = replica(args, context)?;
        let mut tags = settings.tags.clone();
        tags.extend(args.tags.iter().cloned());
        tags.insert("managed-by".to_owned(), "tf-bootstrap".to_owned());
        tags.insert("project".to_owned(), context.project.clone());
        tags.insert(MARK.to_owned(), bucket.clone());
        let desired = Desired {
            account: context.account.clone(),
            partition: context.partition.clone(),
            region: context.region.clone(),
            log_bucket: args
                .log_bucket
                .clone()
                .or_else(|| settings.log_bucket.clone())
                .unwrap_or_else(|| name(&bucket, "-logs", 63)),
            table: (!args.no_table).then(|| context.table.clone()),
            encryption,
            bucket_policy: !args.no_bucket_policy,
            noncurrent_versions: args
                .noncurrent_versions
                .or(settings.noncurrent_versions)
                .unwrap_or(NONCURRENT_VERSIONS),
            noncurrent_days: args
                .noncurrent_days
                .or(settings.noncurrent_days)
                .unwrap_or(NONCURRENT_DAYS),
            replica,
            object_lock: match args.object_lock {
                Some(days) => Some(ObjectLock {
                    mode: "governance".to_owned(),
                    days,
                }),
                None => settings.object_lock.clone(),
            },
            github: github(args, context, roots)?,
            tags,
            emulated,
            bucket,
        };
        desired.names_are_right()?;
        Ok(desired)
    }

    fn names_are_right(&self) -> Result<(), Error> {
        let mut buckets = vec![&self.bucket, &self.log_bucket];
        buckets.extend(self.replica.as_ref().map(|replica| &replica.bucket));
        for (at, bucket) in buckets.iter().enumerate() {
            if !is_bucket_name(bucket) {
                return Err(Error::Usage(format!(
                    "\"{bucket}\" is no name for a bucket: 3 to 63 lower-case letters, digits and hyphens, beginning and ending \
                     with a letter or digit"
                )));
            }
            if buckets[..at].contains(bucket) {
                return Err(Error::Usage(format!(
                    "\"{bucket}\" is asked for twice: each bucket needs a name of its own"
                )));
            }
        }
        let is_table_name = |name: &String| {
            (3..=255).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        if let Some(table) = self.table.as_ref().filter(|table| !is_table_name(table)) {
            return Err(Error::Usage(format!(
                "\"{table}\" is no name for a table: 3 to 255 letters, digits, dots, hyphens and underscores"
            )));
        }
        Ok(())
    }

    /// Name of the bucket at a place.
    pub(crate) fn bucket_at(&self, place: Place) -> Option<&str> {
        match place {
            Place::State => Some(&self.bucket),
            Place::Logs => Some(&self.log_bucket),
            Place::Replica => self.replica.as_ref().map(|replica| replica.bucket.as_str()),
            _ => None,
        }
    }

    /// Alias of the key at a place: `alias/<bucket>`, so that several backends of an account have one each.
    pub(crate) fn alias_at(&self, place: Place) -> Option<String> {
        let bucket = match place {
            Place::Key => &self.bucket,
            Place::ReplicaKey => &self.replica.as_ref()?.bucket,
            _ => return None,
        };
        (self.encryption == Encryption::Kms).then(|| format!("alias/{}", bucket.replace('.', "-")))
    }

    /// Name of the role at a place.
    pub(crate) fn role_at(&self, place: Place) -> Option<String> {
        let suffix = match place {
            Place::PlanRole if self.github.is_some() => "-plan",
            Place::ApplyRole if self.github.is_some() => "-apply",
            Place::ReplicationRole if self.replica.is_some() => "-replication",
            _ => return None,
        };
        Some(name(&self.bucket, suffix, 64))
    }

    pub(crate) fn bucket_arn(&self, bucket: &str) -> String {
        format!("arn:{}:s3:::{bucket}", self.partition)
    }

    pub(crate) fn table_arn(&self, table: &str) -> String {
        format!(
            "arn:{}:dynamodb:{}:{}:table/{table}",
            self.partition, self.region, self.account
        )
    }

    pub(crate) fn role_arn(&self, role: &str) -> String {
        format!("arn:{}:iam::{}:role/{role}", self.partition, self.account)
    }

    pub(crate) fn provider_arn(&self) -> String {
        format!(
            "arn:{}:iam::{}:oidc-provider/{ISSUER}",
            self.partition, self.account
        )
    }

    /// For whom the provider's tokens are.
    pub(crate) fn audience(&self) -> &'static str {
        AUDIENCE
    }
}

fn replica(args: &BackendArgs, context: &Context) -> Result<Option<Replica>, Error> {
    let settings = context.settings.replication.as_ref();
    let region = args
        .replica_region
        .clone()
        .or_else(|| settings.map(|replication| replication.region.clone()));
    let bucket = args
        .replica_bucket
        .clone()
        .or_else(|| settings.and_then(|replication| replication.bucket.clone()));
    match (region, bucket) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Error::Usage("--replica-bucket needs --replica-region".to_owned())),
        (Some(region), _) if region == context.region => Err(Error::Usage(format!(
            "the copy would be in {region} too: name a second region, so that one of them can be lost"
        ))),
        (Some(region), bucket) => Ok(Some(Replica {
            region,
            bucket: bucket.unwrap_or_else(|| name(&context.bucket, "-replica", 63)),
        })),
    }
}

fn github(args: &BackendArgs, context: &Context, roots: &[Root]) -> Result<Option<GithubRoles>, Error> {
    let settings = context.settings.github.as_ref();
    let Some(repository) = args
        .github
        .clone()
        .or_else(|| settings.map(|github| github.repository.clone()))
    else {
        return Ok(None);
    };
    if !is_repository(&repository) {
        return Err(Error::Usage(format!(
            "--github {repository}: give it as OWNER/NAME, without wildcards"
        )));
    }
    // The root that makes the account's own roles is for a person: a pipeline that may change its roles has no limits.
    let staged: Vec<&Root> = roots.iter().filter(|root| root.environment.is_some()).collect();
    if staged.is_empty() {
        return Err(Error::Usage(format!(
            "the roles for {repository} are for the states of environments/<environment>/<stack>, and there is none in {}",
            context.dir.display()
        )));
    }
    let mut environments: Vec<String> = staged
        .iter()
        .filter_map(|root| root.environment.clone())
        .collect();
    environments.dedup();
    let branches = settings.map_or_else(|| vec!["main".to_owned()], |github| github.plan_branches.clone());
    let applies = settings
        .map(|github| github.apply_environments.clone())
        .filter(|names| !names.is_empty())
        .unwrap_or(environments);
    let mut plan: Vec<String> = branches
        .iter()
        .map(|branch| format!("repo:{repository}:ref:refs/heads/{branch}"))
        .collect();
    if settings.is_some_and(|github| github.pull_requests) {
        plan.push(format!("repo:{repository}:pull_request"));
    }
    if plan.is_empty() {
        return Err(Error::Usage(
            "github: nobody could use the plan role: name plan_branches, or pull_requests = true".to_owned(),
        ));
    }
    Ok(Some(GithubRoles {
        plan,
        // A colon in an environment's name is escaped in the claim, so that it cannot pose as another one.
        apply: applies
            .iter()
            .map(|environment| {
                format!(
                    "repo:{repository}:environment:{}",
                    environment.replace(':', "%3A")
                )
            })
            .collect(),
        keys: staged.iter().map(|root| root.key.clone()).collect(),
    }))
}

/// A name made of another one, cut to fit; what is cut is told apart by a hash.
fn name(base: &str, suffix: &str, most: usize) -> String {
    if base.len() + suffix.len() <= most {
        return format!("{base}{suffix}");
    }
    let hash: String = Sha256::digest(base.as_bytes())
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let room = most.saturating_sub(suffix.len() + 1 + hash.len());
    let start: String = base.chars().take(room).collect();
    format!("{}-{hash}{suffix}", start.trim_end_matches(['-', '.']))
}

/// As S3 names buckets, but without dots: with them TLS certificates do not match.
fn is_bucket_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.starts_with("xn--")
        && !name.ends_with("-s3alias")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_do_not_fit_are_cut_and_stay_different() {
        assert_eq!(name("states", "-logs", 63), "states-logs");
        let (a, b) = (format!("{}a", "s".repeat(60)), format!("{}b", "s".repeat(60)));
        let cut = name(&a, "-logs", 63);
        assert_eq!(cut.len(), 63);
        assert!(is_bucket_name(&cut), "{cut}");
        assert_ne!(cut, name(&b, "-logs", 63));
    }

    #[test]
    fn names_of_buckets_are_those_that_tls_and_s3_take() {
        for (name, right) in [
            ("plumbline-111122223333-tfstate", true),
            ("ab", false),
            ("Abc", false),
            ("a.b.c", false),
            ("-abc", false),
            ("abc-", false),
            ("a_b", false),
            ("xn--abc", false),
        ] {
            assert_eq!(is_bucket_name(name), right, "{name}");
        }
        assert!(!is_bucket_name(&"a".repeat(64)));
    }
}
