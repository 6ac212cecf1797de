//! What exists in an account.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use futures_util::StreamExt as _;
use tf_aws::signed::{Request, Service, global_region_of, partition_of};
use tf_aws::{AwsError, Connection, ErrorKind};

use crate::kind::Kind;
use crate::listing::{self, Found};
use crate::origin::{self, Existing};
use crate::place::{Place, text};
use crate::resource::{Origin, Resource, Tags};
use crate::tagging;

/// What is to be listed.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Regions, such as `eu-west-1`. Global services are listed whatever the regions are; of buckets, those in these regions.
    pub regions: Vec<String>,
    /// Kinds; [`Kind::ALL`].
    pub kinds: Vec<Kind>,
    /// How many lists are under way at the same time.
    pub side_by_side: usize,
}

impl Wanted {
    /// Everything in these regions.
    pub fn everything(regions: impl IntoIterator<Item = impl Into<String>>) -> Wanted {
        Wanted {
            regions: regions.into_iter().map(Into::into).collect(),
            kinds: Kind::ALL.to_vec(),
            side_by_side: 12,
        }
    }
}

/// What exists in an account, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// The account's id.
    pub account: String,
    /// The regions that were looked at, in order.
    pub regions: Vec<String>,
    /// What exists, in order of types, regions and import IDs.
    pub resources: Vec<Resource>,
    /// What could not be listed. Where there is any, something may exist that is not in [`Inventory::resources`].
    pub unlisted: Vec<Unlisted>,
}

/// What could not be listed.
#[derive(Clone, Debug)]
pub struct Unlisted {
    /// Terraform's types of what may be missing.
    pub types: Vec<&'static str>,
    /// The region; none for global services.
    pub region: Option<String>,
    /// What is missing of it.
    pub missing: Missing,
    /// Why; where several calls failed for one reason, the error of the first.
    pub error: AwsError,
    /// How many calls failed for this reason.
    pub calls: usize,
}

/// What an error took.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Missing {
    /// All things of the types.
    All,
    /// Those that would have come on further pages.
    Rest,
    /// Something of single things, or what is in them.
    Details,
    /// Tags: who made things may not be known.
    Tags,
}

impl Unlisted {
    /// The IAM action that is missing, where that is the reason: `sqs:ListQueues`.
    pub fn permission(&self) -> Option<String> {
        let answered = self.error.status.is_some();
        (self.error.kind == ErrorKind::AccessDenied && answered).then(|| self.error.permission())
    }

    /// Whether one remedy is for both. What has expired or is out of reach is so for all operations.
    fn is_like(&self, other: &Unlisted) -> bool {
        let (one, two) = (&self.error, &other.error);
        let everywhere = matches!(one.kind, ErrorKind::Expired | ErrorKind::Unreachable);
        self.region == other.region
            && self.missing == other.missing
            && one.kind == two.kind
            && one.code == two.code
            && (everywhere || (&one.service, &one.operation) == (&two.service, &two.operation))
    }
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.types.join(", ");
        match self.missing {
            Missing::All => write!(f, "{types} could not be listed")?,
            Missing::Rest => write!(f, "{types} could be listed in part only")?,
            Missing::Details => write!(f, "details of {types} could not be read")?,
            Missing::Tags => write!(f, "tags of {types} could not be listed")?,
        }
        if let Some(region) = &self.region {
            write!(f, " in {region}")?;
        }
        if self.calls > 1 {
            write!(f, " ({} calls)", self.calls)?;
        }
        write!(f, ": {}", self.error)
    }
}

/// Why there is no inventory at all.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// Which account it is could not be asked.
    #[error("the account cannot be asked who it is: {0}")]
    Account(#[source] AwsError),
    /// The regions of the account could not be listed.
    #[error("the regions of the account cannot be listed; name them: {0}")]
    Regions(#[source] AwsError),
    /// No region was given.
    #[error("no region is given in which to look; name at least one")]
    NoRegion,
}

/// The regions that are enabled in the account, in order.
///
/// # Errors
/// Where they cannot be listed.
pub async fn enabled_regions(connection: &Connection) -> Result<Vec<String>, InventoryError> {
    let request = Request::new(Service::EC2, "DescribeRegions", "regions");
    let answer = connection.send(&request).await;
    let root = answer
        .and_then(|answer| answer.xml())
        .map_err(InventoryError::Regions)?;
    let mut regions: Vec<String> = root
        .items("regionInfo")
        .filter_map(|region| text(region, "regionName").map(str::to_owned))
        .collect();
    regions.sort();
    Ok(regions)
}

/// One list to be read.
enum Job {
    List(Kind, Place),
    Tags(Place, BTreeSet<&'static str>, Vec<&'static str>),
}

/// What came of it.
enum Done {
    List(Kind, String, Found, Option<AwsError>),
    Tags(String, Vec<&'static str>, HashMap<String, Tags>, Option<AwsError>),
}

/// Lists what exists. A list that fails is an entry of [`Inventory::unlisted`], and the others are read.
///
/// # Errors
/// Where the account cannot be asked who it is, or no region is given.
pub async fn list(connection: &Connection, wanted: &Wanted) -> Result<Inventory, InventoryError> {
    let regions: BTreeSet<&str> = wanted.regions.iter().map(String::as_str).collect();
    let first = *regions.first().ok_or(InventoryError::NoRegion)?;
    let account: Arc<str> = account(connection).await?.into();
    let kinds: BTreeSet<Kind> = wanted.kinds.iter().copied().collect();
    let place = |region: &str| Place {
        connection: connection.in_region(region),
        account: account.clone(),
        partition: partition_of(region),
    };
    let places: BTreeMap<&str, Place> = regions.iter().map(|region| (*region, place(region))).collect();
    let mut jobs = Vec::new();
    for kind in &kinds {
        match kind.is_global() {
            true => jobs.push(Job::List(*kind, place(first))),
            false => jobs.extend(places.values().map(|place| Job::List(*kind, place.clone()))),
        }
    }
    jobs.extend(tag_jobs(&kinds, &places, place(global_region_of(first))));
    let side_by_side = wanted.side_by_side.max(1);
    let done: Vec<Done> = futures_util::stream::iter(jobs)
        .map(|job| Box::pin(run(job)))
        .buffer_unordered(side_by_side)
        .collect()
        .await;
    Ok(gather(done, account.to_string(), &regions))
}

/// The account of the credentials.
///
/// # Errors
/// Where it cannot be asked.
pub async fn account(connection: &Connection) -> Result<String, InventoryError> {
    let request = Request::new(Service::STS, "GetCallerIdentity", "the account");
    let answer = connection.send(&request).await.map_err(InventoryError::Account)?;
    let root = answer.xml().map_err(InventoryError::Account)?;
    text(&root, "GetCallerIdentityResult/Account")
        .map(str::to_owned)
        .ok_or_else(|| InventoryError::Account(answer.unreadable("it names no account")))
}

/// Tags are listed where the things are, and those of global services in one region.
fn tag_jobs(kinds: &BTreeSet<Kind>, places: &BTreeMap<&str, Place>, global: Place) -> Vec<Job> {
    let mut wanted: BTreeMap<String, (Place, BTreeSet<&'static str>, Vec<&'static str>)> = BTreeMap::new();
    for kind in kinds {
        let Some(service) = kind.tagged_by() else {
            continue;
        };
        let there: Vec<&Place> = match kind.is_global() && *kind != Kind::Buckets {
            true => vec![&global],
            false => places.values().collect(),
        };
        for place in there {
            let (_, services, types) = wanted
                .entry(place.region().to_owned())
                .or_insert_with(|| (place.clone(), BTreeSet::new(), Vec::new()));
            services.insert(service);
            types.extend(kind.types());
        }
    }
    wanted
        .into_values()
        .map(|(place, services, types)| Job::Tags(place, services, types))
        .collect()
}

async fn run(job: Job) -> Done {
    match job {
        Job::List(kind, place) => {
            let mut found = Found::default();
            let error = listing::list(kind, &place, &mut found).await.err();
            let region = place.region().to_owned();
            if !kind.is_global() {
                for resource in &mut found.resources {
                    resource.region = Some(region.clone());
                }
            }
            Done::List(kind, region, found, error)
        }
        Job::Tags(place, services, types) => {
            let services: Vec<&str> = services.into_iter().collect();
            let mut tags = HashMap::new();
            let error = tagging::tags(&place, &services, &mut tags).await.err();
            Done::Tags(place.region().to_owned(), types, tags, error)
        }
    }
}

/// What lists of wholes say of their parts, whose ids are nowhere the same twice.
fn parts(resources: &[Resource]) -> HashMap<(&'static str, String), Origin> {
    let of = |whole: &Resource| {
        let origin = Origin::PartOf {
            type_name: whole.type_name,
            id: whole.import_id.clone(),
        };
        let parts = whole.parts.clone().into_iter();
        parts.map(move |part| (part, origin.clone()))
    };
    resources.iter().flat_map(of).collect()
}

fn gather(done: Vec<Done>, account: String, regions: &BTreeSet<&str>) -> Inventory {
    let mut resources: Vec<Resource> = Vec::new();
    let mut unlisted = Vec::new();
    let mut tags: HashMap<String, Tags> = HashMap::new();
    // Types whose tags are all known, and where.
    let mut tagged: BTreeSet<(&'static str, String)> = BTreeSet::new();
    let mut existing = Existing::default();
    for done in done {
        match done {
            Done::List(kind, region, found, error) => {
                let types = kind.types().to_vec();
                let there = (!kind.is_global()).then(|| region.clone());
                if let Some(error) = error {
                    let missing = match found.resources.is_empty() {
                        true => Missing::All,
                        false => Missing::Rest,
                    };
                    unlisted.push(Unlisted {
                        types: types.clone(),
                        region: there.clone(),
                        missing,
                        error,
                        calls: 1,
                    });
                } else {
                    for type_name in &types {
                        existing.complete(type_name, &region);
                    }
                }
                unlisted.extend(found.problems.into_iter().map(|error| Unlisted {
                    types: types.clone(),
                    region: there.clone(),
                    missing: Missing::Details,
                    error,
                    calls: 1,
                }));
                resources.extend(found.resources);
            }
            Done::Tags(region, types, listed, None) => {
                tagged.extend(types.into_iter().map(|type_name| (type_name, region.clone())));
                tags.extend(listed);
            }
            Done::Tags(region, types, listed, Some(error)) => {
                tags.extend(listed);
                unlisted.push(Unlisted {
                    types,
                    region: Some(region),
                    missing: Missing::Tags,
                    error,
                    calls: 1,
                });
            }
        }
    }
    // Buckets elsewhere are not asked for; of one whose region is not known nobody can say.
    resources.retain(|resource| {
        resource.type_name != "aws_s3_bucket"
            || resource
                .region
                .as_deref()
                .is_none_or(|region| regions.contains(region))
    });
    let global = regions.first().map_or("", |region| global_region_of(region));
    for resource in &mut resources {
        if resource.tags.is_none()
            && let Some(arn) = &resource.arn
        {
            let region = resource.region.clone().unwrap_or_else(|| global.to_owned());
            let known = tags.remove(arn);
            let none = || tagged.contains(&(resource.type_name, region)).then(Tags::new);
            if let Some(known) = known.or_else(none) {
                *resource = resource.clone().tags(known);
            }
        }
        existing.add(resource);
    }
    let parts = parts(&resources);
    for resource in &mut resources {
        if resource.origin == Origin::Account {
            if let Some(whole) = parts.get(&(resource.type_name, resource.import_id.clone())) {
                resource.origin = whole.clone();
                continue;
            }
            let made = origin::by_tags(resource).or_else(|| match resource.type_name {
                "aws_cloudwatch_log_group" => origin::of_log_group(resource, &existing),
                _ => None,
            });
            resource.origin = made.unwrap_or(Origin::Account);
        }
    }
    let key = |it: &Resource| (it.type_name, it.region.clone(), it.import_id.clone());
    resources.sort_by_cached_key(key);
    resources.dedup_by_key(|it| key(it));
    Inventory {
        account,
        regions: regions.iter().map(|region| (*region).to_owned()).collect(),
        resources,
        unlisted: together(unlisted),
    }
}

/// In order, and one entry for what has one reason.
fn together(mut unlisted: Vec<Unlisted>) -> Vec<Unlisted> {
    unlisted.sort_by_cached_key(|it| {
        (
            it.types.clone(),
            it.region.clone(),
            it.missing,
            it.error.to_string(),
        )
    });
    let mut entries: Vec<Unlisted> = Vec::new();
    for next in unlisted {
        match entries.iter_mut().find(|entry| entry.is_like(&next)) {
            Some(entry) => {
                entry.types.extend(next.types);
                entry.types.sort_unstable();
                entry.types.dedup();
                entry.calls += next.calls;
            }
            None => entries.push(next),
        }
    }
    entries
}
