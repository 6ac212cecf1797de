//! What exists in the account and is in the state of no root: an entry of its own beside those of the roots.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use tf_aws::{Blocking, Connection, Options};
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_inventory::{Coverage, Import, Inventory, Resource, States, Wanted, enabled_regions, imports};
use tf_report::Severity;

use crate::finding::{
    Attribute, Class, CoverageCount, Finding, Identifiers, Ignored, Reason, Remedy, RootReport, State, Status,
};
use crate::noise::driftignore::Driftignore;

/// The name of the entry: no folder has it.
pub(crate) const ENTRY: &str = "(unmanaged)";

/// Flags about what is in no state.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct UnmanagedArgs {
    /// Report also what exists in the account and is in the state of none of the roots; what comes with others, or was made by AWS, is left
    /// out with a reason. Scan all roots of the account
    #[arg(long)]
    pub(crate) unmanaged: bool,
    /// A region to look for it in; may be given several times; `all` is each that the account has enabled; else that of the environment
    #[arg(long = "region", value_name = "REGION", requires = "unmanaged")]
    regions: Vec<String>,
    /// Write a file with an import block for each
    #[arg(long = "import", value_name = "FILE", requires = "unmanaged")]
    import: Option<PathBuf>,
}

impl UnmanagedArgs {
    /// The report of what is in none of the states.
    pub(crate) fn report(
        &self,
        states: &States,
        failed: usize,
        settings: &Settings,
        driftignore: &Path,
    ) -> RootReport {
        // A root that could not be read has a state all the same: all that is in it would be reported.
        if failed > 0 {
            let error = format!("what is unmanaged is not known, because {failed} roots could not be read");
            return RootReport::failed(ENTRY, error);
        }
        match self.look(states, settings, driftignore) {
            Ok(report) => report,
            Err(error) => RootReport::failed(ENTRY, format!("{error:#}")),
        }
    }

    fn look(&self, states: &States, settings: &Settings, driftignore: &Path) -> anyhow::Result<RootReport> {
        let (inventory, home) = self.list()?;
        let coverage = tf_inventory::compare(&inventory, states);
        let driftignore = Driftignore::find(driftignore).context(".driftignore cannot be read")?;
        let sorted = Sorted::of(&inventory, &coverage, &home, settings, &driftignore);
        if let Some(file) = &self.import {
            let blocks: Vec<Import> = sorted.reported.iter().map(|(_, import)| import.clone()).collect();
            output::write_file(file, &tf_inventory::import_file(&blocks))?;
        }
        let mut findings: Vec<Finding> = sorted
            .reported
            .iter()
            .map(|(resource, import)| finding(resource, import, &inventory.account))
            .collect();
        findings.sort_by(|a, b| a.address.cmp(&b.address));
        let mut ignored_by: BTreeMap<Reason, usize> = BTreeMap::new();
        for ignored in &sorted.ignored {
            *ignored_by.entry(ignored.reason).or_default() += 1;
        }
        let error = (!inventory.unlisted.is_empty()).then(|| {
            let lines: Vec<String> = inventory.unlisted.iter().map(ToString::to_string).collect();
            lines.join("\n")
        });
        Ok(RootReport {
            root: ENTRY.to_owned(),
            status: match (&error, findings.is_empty()) {
                (Some(_), _) => Status::Failed,
                (None, true) => Status::Clean,
                (None, false) => Status::Drifted,
            },
            error,
            ignored: sorted.ignored.len(),
            ignored_by,
            findings,
            resolved: Vec::new(),
            waiting: Vec::new(),
            ignored_changes: sorted.ignored,
            coverage: Some(counted(&coverage)),
            cost: None,
            notes: Vec::new(),
        })
    }

    /// What exists, and the region that providers have where nothing else is said.
    fn list(&self) -> anyhow::Result<(Inventory, String)> {
        let blocking = Blocking::new().context("cannot begin to talk to AWS")?;
        let connection = blocking.wait(Connection::open(Options::default()))?;
        let regions = match self.regions.as_slice() {
            [] => vec![connection.region().to_owned()],
            [all] if all == "all" => blocking.wait(enabled_regions(&connection))?,
            named if named.iter().any(|region| region == "all") => {
                bail!("--region all is each region: give it alone")
            }
            named => named.to_vec(),
        };
        let wanted = Wanted::everything(regions);
        let inventory = blocking.wait(tf_inventory::list(&connection, &wanted))?;
        Ok((inventory, connection.region().to_owned()))
    }
}

/// What is in no state: what is reported of it, and what is not.
struct Sorted<'i> {
    reported: Vec<(&'i Resource, Import)>,
    ignored: Vec<Ignored>,
}

impl<'i> Sorted<'i> {
    fn of(
        inventory: &'i Inventory,
        coverage: &Coverage,
        home: &str,
        settings: &Settings,
        driftignore: &Driftignore,
    ) -> Sorted<'i> {
        let resource = |at: usize| inventory.resources.get(at);
        let unmanaged: Vec<&Resource> = coverage.unmanaged.iter().filter_map(|at| resource(*at)).collect();
        let blocks = imports(unmanaged.iter().copied(), home, &BTreeSet::new());
        let mut sorted = Sorted {
            reported: Vec::new(),
            ignored: Vec::new(),
        };
        for (resource, import) in unmanaged.into_iter().zip(blocks) {
            let rule =
                settings.drift.ignores.iter().find(|rule| {
                    rule.subject.attributes.is_empty() && rule.subject.is_about(ENTRY, &import.to)
                });
            let line = driftignore.line(resource.type_name, &resource.import_id, "");
            let because = match (rule, line) {
                (Some(rule), _) => Some((
                    Reason::Rule,
                    format!("plumbline.hcl:{}: {}", rule.line, rule.reason),
                )),
                (None, Some(line)) => Some((Reason::Driftignore, format!(".driftignore:{line}"))),
                (None, None) => None,
            };
            match because {
                Some((reason, detail)) => sorted.ignored.push(Ignored {
                    address: import.to,
                    path: String::new(),
                    reason,
                    detail,
                }),
                None => sorted.reported.push((resource, import)),
            }
        }
        for left_out in &coverage.left_out {
            if let Some(resource) = resource(left_out.resource) {
                sorted.ignored.push(Ignored {
                    address: format!("{} {}", resource.type_name, resource.import_id),
                    path: String::new(),
                    reason: Reason::NotExpected,
                    detail: left_out.reason.clone(),
                });
            }
        }
        sorted
    }
}

fn finding(resource: &Resource, import: &Import, account: &str) -> Finding {
    let region = resource.region.as_deref();
    let shown = |path: &str, value: Option<String>| {
        value.map(|value| Attribute {
            path: path.to_owned(),
            before: Json::Null,
            after: json!(value),
        })
    };
    let attributes = [
        shown("id", Some(resource.import_id.clone())),
        shown("arn", resource.arn.clone()),
        shown("name", resource.name.clone()),
        shown("region", resource.region.clone()),
        shown("created", resource.created.map(|time| time.to_string())),
    ];
    let place = region.map_or(String::new(), |region| format!(" in {region}"));
    // Names may be given anew; these are not.
    let subject = format!(
        "{ENTRY}\0{account}\0{}\0{}\0{}",
        region.unwrap_or_default(),
        resource.type_name,
        resource.import_id
    );
    let digest: String = Sha256::digest(subject.as_bytes())
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Finding {
        address: import.to.clone(),
        ty: resource.type_name.to_owned(),
        class: Class::Unmanaged,
        severity: Severity::Low,
        why: format!(
            "{} exists{place} and is in the state of none of the roots",
            resource.import_id
        ),
        attributes: attributes.into_iter().flatten().collect(),
        policies: Vec::new(),
        cost: None,
        fingerprint: digest.clone(),
        subject: digest,
        first_seen: String::new(),
        last_seen: String::new(),
        state: State::default(),
        file: None,
        lines: None,
        remedy: Remedy {
            accept: import.to_string(),
            revert: format!(
                "Find out whose it is, and delete {} {}{place} if nobody needs it.",
                resource.type_name, resource.import_id
            ),
        },
        acknowledged: None,
        resource: Some(Identifiers {
            id: resource.import_id.clone(),
            arn: resource.arn.clone(),
            name: resource.name.clone(),
            region: resource.region.clone(),
        }),
        who: None,
    }
}

fn counted(coverage: &Coverage) -> crate::finding::Coverage {
    let count = |count: &tf_inventory::Count| CoverageCount {
        managed: count.managed,
        unmanaged: count.unmanaged,
        left_out: count.left_out,
        percent: count.percent().map(|percent| (percent * 10.0).round() / 10.0),
    };
    crate::finding::Coverage {
        total: count(&coverage.total),
        by_type: coverage
            .by_type
            .iter()
            .map(|(name, of_type)| ((*name).to_owned(), count(of_type)))
            .collect(),
    }
}
