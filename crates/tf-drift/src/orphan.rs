//! A state that has no configuration here. A root is made for it that has nothing but providers, with a copy of the state beside it, and
//! a plan that only refreshes says what was changed outside. The state itself is only read.
//!
//! How a provider is configured stands in no state. For AWS it follows from the resources: their ARNs and regions say where they are, and
//! the credentials of the environment have to be those of that account; what does not fit is told as not looked at. Of other providers
//! nothing is known.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, anyhow};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use tf_terraform::PlanOptions;

use crate::finding::{Class, RootReport, Status};
use crate::root::{Shared, Trouble};
use crate::roots::Job;
use crate::states::Orphan;

/// Providers whose resources are in the state and nowhere else: nobody can change them outside.
const INSIDE: &[&str] = &[
    "hashicorp/random",
    "hashicorp/null",
    "hashicorp/tls",
    "hashicorp/time",
    "hashicorp/cloudinit",
    "hashicorp/template",
    "builtin/terraform",
];

/// Types that belong to no region.
const GLOBAL: &[&str] = &[
    "aws_iam_",
    "aws_route53_",
    "aws_cloudfront_",
    "aws_organizations_",
];

/// How many addresses are told of what was not looked at.
const TOLD: usize = 5;

#[derive(Deserialize)]
struct Peek {
    #[serde(default)]
    module: String,
    mode: String,
    #[serde(rename = "type")]
    ty: String,
    name: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    attributes: Option<Place>,
}

#[derive(Deserialize, Default)]
struct Place {
    #[serde(default)]
    arn: Json,
    #[serde(default)]
    region: Json,
}

/// A resource of the state, unread but for where it is.
struct Held {
    address: String,
    ty: String,
    provider: String,
    /// By its ARN, or by its attribute.
    regions: BTreeSet<String>,
    /// Whether the attribute says it: then the provider reads it there, wherever it is configured for.
    says_region: bool,
    accounts: BTreeSet<String>,
    members: BTreeMap<String, Box<RawValue>>,
}

/// What a plan can be made of, and what it leaves out.
#[derive(Debug)]
struct Made {
    /// The configuration: providers.
    main: String,
    /// The copy of the state.
    state: String,
    /// How many resources are in it.
    count: usize,
    /// What is not looked at, with the reason.
    left_out: Vec<String>,
}

impl Shared<'_> {
    /// What was changed of the resources of a state that has no root here.
    pub(crate) fn scan_orphan(&self, job: &Job, orphan: &Orphan) -> anyhow::Result<RootReport> {
        if !orphan.claimed_by.is_empty() {
            return Err(anyhow!(
                "several roots have this state as their backend: {}; only one of them can be right",
                orphan.claimed_by.join(", ")
            ));
        }
        self.progress.step(&job.name, "reading");
        let aws = self.aws.as_ref().context("there is no connection to AWS")?;
        let text = aws.read(&orphan.bucket, &orphan.key)?;
        let text = text.context("the state is gone since it was listed")?;
        let account = self.account.get_or_init(|| {
            let identity = aws.blocking.wait(tf_inventory::account(&aws.connection));
            identity.map_err(|error| error.to_string())
        });
        let account = account.as_ref().map_err(|error| anyhow!("{error}"))?;
        let made = made(
            &text,
            account,
            aws.connection.region(),
            aws.connection.endpoint_url().is_some(),
        )
        .context("this is no state of Terraform")?;
        let mut report = match made.count {
            0 => {
                let mut report = RootReport::failed(&job.name, String::new());
                (report.status, report.error) = (Status::Clean, None);
                report
            }
            _ => self.plan_orphan(job, &made)?,
        };
        report.notes.push(match made.count {
            0 => format!("{}: no root here has this state, and nothing in it was looked at", job.name),
            count => format!(
                "{}: no root here has this state; what was changed of its {count} resources is told, and not what an apply would do",
                job.name
            ),
        });
        if !made.left_out.is_empty() {
            report.status = Status::Failed;
            report.error = Some(made.left_out.join("\n"));
        }
        Ok(report)
    }

    fn plan_orphan(&self, job: &Job, made: &Made) -> anyhow::Result<RootReport> {
        // For its owner alone: states hold secrets.
        let folder = tempfile::Builder::new()
            .prefix("plumbline-")
            .tempdir()
            .context("no temporary folder can be made")?;
        let dir = folder.path();
        let write = |name: &str, text: &str| {
            std::fs::write(dir.join(name), text).context("the temporary folder cannot be written to")
        };
        write("main.tf.json", &made.main)?;
        write("terraform.tfstate", &made.state)?;
        let shown = match self.refresh(job, dir) {
            Ok(shown) => shown,
            Err(Trouble::Other(error)) => return Err(error),
            Err(Trouble::Terraform(error)) => {
                // Its words may hold what the state holds.
                let graph = tf_model::state::load(&made.state)?;
                let secrets = tf_model::plan::secrets_of(graph.resources.iter().map(|it| &it.values));
                let mask = tf_review::Mask::new(secrets.iter().map(AsRef::as_ref));
                let text = error.to_string().replace(&*dir.to_string_lossy(), &job.name);
                return Err(anyhow!("{}", mask.text("", &text)));
            }
        };
        let mut drift = tf_model::plan::drift(&shown).context("the plan cannot be read")?;
        // A plan that only refreshes has no steps; what is there is its prior state.
        drift.review.before = prior_state(&shown)?;
        drop(shown);
        let written = self.written(dir, &Default::default(), "default")?;
        let mut report = self.judged(job, dir, &mut drift, &written)?;
        for finding in &mut report.findings {
            let target = format!("'{}'", finding.address.replace('\'', "'\\''"));
            finding.remedy = match finding.class {
                Class::Deleted => crate::finding::Remedy {
                    accept: format!("In the root that this state is of:\n\nterraform state rm {target}"),
                    revert: format!("In the root that this state is of:\n\nterraform apply -target={target}"),
                },
                _ => crate::finding::Remedy {
                    accept: format!(
                        "In the root that this state is of:\n\nterraform apply -refresh-only -target={target}"
                    ),
                    revert: "No configuration is here that says what it should be: change it back where it was changed.".to_owned(),
                },
            };
        }
        Ok(report)
    }

    /// The plan as `show -json` prints it.
    fn refresh(&self, job: &Job, dir: &std::path::Path) -> Result<String, Trouble> {
        let options = self.init.bare();
        let turn = self.turn(options.plugin_cache.is_some());
        let begin = Instant::now();
        let root = || self.terraform(dir, "default", begin);
        self.progress.step(&job.name, "init");
        root().init(&options).map_err(|error| self.timed(error))?;
        drop(turn);
        self.progress.step(&job.name, "plan");
        let plan = dir.join("plan");
        let options = PlanOptions {
            out: plan.clone(),
            variables: Vec::new(),
            lock: false,
            lock_timeout: Default::default(),
            destroy: false,
            refresh_only: true,
        };
        root()
            .plan(&options, &mut |_| ())
            .map_err(|error| self.timed(error))?;
        let document = root().show(&plan).map_err(|error| self.timed(error))?;
        String::from_utf8(document).map_err(|_| Trouble::Other(anyhow!("the plan is not UTF-8")))
    }
}

/// What is there, as a plan that only refreshes has it.
fn prior_state(plan: &str) -> anyhow::Result<tf_model::Graph> {
    #[derive(Deserialize)]
    struct Plan<'p> {
        #[serde(borrow, default)]
        prior_state: Option<&'p RawValue>,
    }
    let plan: Plan<'_> = serde_json::from_str(plan)?;
    Ok(match plan.prior_state {
        Some(state) => tf_model::state::load(state.get())?,
        None => tf_model::Graph::default(),
    })
}

/// What can be looked at of a state with credentials of an account and a region. Emulators want buckets in paths.
fn made(text: &[u8], account: &str, region: &str, emulated: bool) -> anyhow::Result<Made> {
    let mut state: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(text)?;
    let version = state.get("version").map(|version| version.get());
    anyhow::ensure!(
        version == Some("4"),
        "its format is {}",
        version.unwrap_or("unknown")
    );
    let resources: Vec<Box<RawValue>> = match state.get("resources") {
        Some(resources) => serde_json::from_str(resources.get())?,
        None => Vec::new(),
    };
    let mut groups: BTreeMap<String, Vec<Held>> = BTreeMap::new();
    for resource in resources {
        if let Some(held) = held(&resource)? {
            groups.entry(held.provider.clone()).or_default().push(held);
        }
    }
    let mut left_out = Vec::new();
    let mut kept: Vec<Box<RawValue>> = Vec::new();
    let mut required = Map::new();
    let mut configured: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for (number, (provider, group)) in groups.into_iter().enumerate() {
        let (source, alias) = source(&provider);
        let short = source.split_once('/').map_or(source, |(_, rest)| rest);
        if INSIDE.contains(&short) {
            continue;
        }
        if short != "hashicorp/aws" {
            let addresses: Vec<&str> = group.iter().map(|held| held.address.as_str()).collect();
            left_out.push(told(
                &addresses,
                &format!("how the provider {source} is configured is in no state"),
            ));
            continue;
        }
        let (here, fits) = place(&group, alias.is_some(), account, region);
        let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (held, fit) in group.iter().zip(&fits) {
            if let Err(reason) = fit {
                others.entry(reason).or_default().push(&held.address);
            }
        }
        left_out.extend(
            others
                .into_iter()
                .map(|(reason, addresses)| told(&addresses, reason)),
        );
        // One of its own for each configuration: those of modules are only known there.
        let alias = format!("p{number}");
        let before = kept.len();
        for (held, fit) in group.into_iter().zip(fits) {
            if fit.is_ok() {
                let mut members = held.members;
                let own = format!("provider[\"{source}\"].{alias}");
                members.insert("provider".to_owned(), serde_json::value::to_raw_value(&own)?);
                kept.push(serde_json::value::to_raw_value(&members)?);
            }
        }
        if kept.len() > before {
            // Two sources of one name cannot both be called so.
            let name = match source.starts_with("registry.terraform.io/") {
                true => "aws",
                false => "aws-other",
            };
            required.insert(name.to_owned(), json!({ "source": source }));
            let mut settings = json!({ "alias": alias, "region": here });
            if emulated && let Some(settings) = settings.as_object_mut() {
                settings.insert("s3_use_path_style".to_owned(), json!(true));
            }
            configured.entry(name.to_owned()).or_default().push(settings);
        }
    }
    let main = json!({ "terraform": { "required_providers": required }, "provider": configured });
    let count = kept.len();
    state.insert("resources".to_owned(), serde_json::value::to_raw_value(&kept)?);
    // They may hold secrets, and nobody asks for them.
    state.insert("outputs".to_owned(), serde_json::value::to_raw_value(&json!({}))?);
    state.remove("check_results");
    Ok(Made {
        main: main.to_string(),
        state: serde_json::to_string(&state)?,
        count,
        left_out,
    })
}

/// A managed resource of a state; `None` for data sources.
fn held(raw: &RawValue) -> anyhow::Result<Option<Held>> {
    let peek: Peek = serde_json::from_str(raw.get())?;
    if peek.mode != "managed" {
        return Ok(None);
    }
    let name = format!("{}.{}", peek.ty, peek.name);
    let mut held = Held {
        address: match peek.module.is_empty() {
            true => name,
            false => format!("{}.{name}", peek.module),
        },
        ty: peek.ty,
        provider: peek.provider,
        regions: BTreeSet::new(),
        says_region: false,
        accounts: BTreeSet::new(),
        members: serde_json::from_str(raw.get())?,
    };
    for place in peek
        .instances
        .into_iter()
        .filter_map(|instance| instance.attributes)
    {
        let arn = place.arn.as_str().filter(|arn| arn.starts_with("arn:"));
        let part = |at: usize| {
            let part = arn.and_then(|arn| arn.split(':').nth(at));
            part.filter(|part| !part.is_empty()).map(str::to_owned)
        };
        let own = place.region.as_str().filter(|region| !region.is_empty());
        held.says_region |= own.is_some();
        held.regions.extend(part(3).or(own.map(str::to_owned)));
        // AWS's own things, such as managed policies, are in the account "aws".
        held.accounts
            .extend(part(4).filter(|account| account.bytes().all(|byte| byte.is_ascii_digit())));
    }
    Ok(Some(held))
}

/// Source and alias of `module.a.provider["registry.terraform.io/hashicorp/aws"].west`.
fn source(provider: &str) -> (&str, Option<&str>) {
    let inside = provider
        .rsplit_once("provider[\"")
        .and_then(|(_, rest)| rest.split_once("\"]"));
    match inside {
        Some((source, rest)) => (source, rest.strip_prefix('.').filter(|alias| !alias.is_empty())),
        None => (provider, None),
    }
}

/// The region of one configuration of AWS's provider, and for each of its resources whether it can be looked at there.
fn place(group: &[Held], aliased: bool, account: &str, region: &str) -> (String, Vec<Result<(), String>>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for region in group.iter().flat_map(|held| &held.regions) {
        *counts.entry(region).or_default() += 1;
    }
    // Most of them; of as many, the first by name.
    let most = counts.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    let here = most.map(|(region, _)| (*region).to_owned());
    let is_known = here.is_some();
    let here = here.unwrap_or_else(|| region.to_owned());
    let mut accounts = group.iter().flat_map(|held| &held.accounts);
    let other = accounts.find(|other| *other != account);
    let fits = group.iter().map(|held| match other {
        // Elsewhere, each of them would seem to be gone.
        Some(other) => Err(format!(
            "they are in account {other}, and the credentials here are of {account}"
        )),
        None if !is_known && aliased && !GLOBAL.iter().any(|global| held.ty.starts_with(global)) => {
            Err("in which region their provider is configured is in no state".to_owned())
        }
        None => match held.regions.iter().find(|region| **region != here) {
            Some(region) if !held.says_region => Err(format!(
                "they are in {region}, and others of their provider in {here}"
            )),
            _ => Ok(()),
        },
    });
    let fits = fits.collect();
    (here, fits)
}

/// What was not looked at, as a line.
fn told(addresses: &[&str], reason: &str) -> String {
    let mut shown: Vec<&str> = addresses.iter().take(TOLD).copied().collect();
    let more = format!("and {} more", addresses.len().saturating_sub(TOLD));
    if addresses.len() > TOLD {
        shown.push(&more);
    }
    format!("not looked at: {}: {reason}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `type provider region account`, one a resource; `-` for nothing.
    fn state(resources: &[&str]) -> String {
        let resources: Vec<Json> = resources
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let words: Vec<&str> = line.split(' ').map(|word| if word == "-" { "" } else { word }).collect();
                let arn = match (words[2], words[3]) {
                    ("", "") => Json::Null,
                    (region, account) => json!(format!("arn:aws:x:{region}:{account}:y")),
                };
                json!({"mode": "managed", "type": words[0], "name": format!("r{at}"), "provider": words[1],
                    "instances": [{"schema_version": 0, "attributes": {"id": "y", "arn": arn, "size": 1e300}}]})
            })
            .chain([json!({"mode": "data", "type": "aws_region", "name": "d", "provider": AWS, "instances": []})])
            .collect();
        json!({"version": 4, "serial": 1, "lineage": "l", "outputs": {"secret": {"value": "hunter2", "type": "string"}},
            "resources": resources, "check_results": null})
        .to_string()
    }

    const AWS: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";

    fn made_of(resources: &[&str]) -> Made {
        made(state(resources).as_bytes(), "111122223333", "eu-west-1", false).unwrap()
    }

    #[test]
    fn providers_are_where_their_resources_are() {
        let west = format!("aws_sqs_queue module.a.{AWS}.west us-west-2 111122223333");
        let here = format!("aws_sqs_queue {AWS} - -");
        let made = made_of(&[&west, &here]);
        assert_eq!((made.count, made.left_out.len()), (2, 0), "{:?}", made.left_out);
        let main: Json = serde_json::from_str(&made.main).unwrap();
        assert_eq!(
            main["provider"]["aws"],
            json!([{"alias": "p0", "region": "us-west-2"}, {"alias": "p1", "region": "eu-west-1"}])
        );
        let state: Json = serde_json::from_str(&made.state).unwrap();
        assert_eq!(
            state["resources"][0]["provider"],
            "provider[\"registry.terraform.io/hashicorp/aws\"].p0"
        );
        assert_eq!(
            state["resources"].as_array().unwrap().len(),
            2,
            "data sources are read anew"
        );
        assert!(!made.state.contains("hunter2"), "outputs are of no use");
    }

    #[test]
    fn what_cannot_be_known_is_left_out_loudly() {
        for (resources, count, want) in [
            // In another account everything would seem to be deleted.
            (
                vec![
                    format!("aws_sqs_queue {AWS} eu-west-1 999988887777"),
                    format!("aws_eip {AWS} - -"),
                ],
                0,
                vec![
                    "aws_sqs_queue.r0, aws_eip.r1: they are in account 999988887777, and the credentials here are of 111122223333",
                ],
            ),
            (
                vec![
                    format!("aws_route {AWS}.west - -"),
                    format!("aws_iam_role_policy {AWS}.west - -"),
                ],
                1,
                vec!["aws_route.r0: in which region their provider is configured"],
            ),
            (
                vec![
                    format!("aws_eip {AWS} eu-west-1 111122223333"),
                    format!("aws_eip {AWS} eu-west-1 111122223333"),
                    format!("aws_eip {AWS} us-east-1 111122223333"),
                ],
                2,
                vec!["aws_eip.r2: they are in us-east-1, and others of their provider in eu-west-1"],
            ),
            (
                vec!["datadog_monitor provider[\"registry.terraform.io/datadog/datadog\"] - -".to_owned()],
                0,
                vec![
                    "datadog_monitor.r0: how the provider registry.terraform.io/datadog/datadog is configured",
                ],
            ),
            // What is in the state only has not drifted.
            (
                vec![
                    "random_id provider[\"registry.terraform.io/hashicorp/random\"] - -".to_owned(),
                    "terraform_data provider[\"terraform.io/builtin/terraform\"] - -".to_owned(),
                ],
                0,
                vec![],
            ),
        ] {
            let lines: Vec<&str> = resources.iter().map(String::as_str).collect();
            let made = made_of(&lines);
            assert_eq!(made.count, count, "{lines:?}");
            assert_eq!(made.left_out.len(), want.len(), "{:?}", made.left_out);
            for (told, want) in made.left_out.iter().zip(want) {
                assert!(told.contains(want), "{told}");
            }
        }
    }

    #[test]
    fn other_formats_are_refused() {
        for text in ["{\"version\": 3}", "{}", "[]", ""] {
            assert!(made(text.as_bytes(), "1", "eu-west-1", true).is_err(), "{text}");
        }
    }
}
