//! What a scan found: one shape for reports, for what is kept between scans, and for what shards hand to each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tf_report::Severity;

pub use crate::cost::{Cost, CostSum};

/// What becomes of drift at the next apply.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// It is taken back.
    Reverted,
    /// It goes into the state: the configuration does not say what it should be.
    Absorbed,
    /// The resource is gone.
    Deleted,
    /// It exists, and is in no state.
    Unmanaged,
}

impl Class {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Reverted => "reverted",
            Class::Absorbed => "absorbed",
            Class::Deleted => "deleted",
            Class::Unmanaged => "unmanaged",
        }
    }

    /// What it means, as the end of a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Class::Reverted => "the next apply takes it back",
            Class::Absorbed => "the configuration does not set it: the next apply takes it into the state",
            Class::Deleted => "it is gone",
            Class::Unmanaged => "it is in no state",
        }
    }
}

/// How a finding stands beside the scans before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The last scan did not have it, or had other values.
    #[default]
    New,
    /// The last scan had it too.
    Ongoing,
    /// It went away and came back at least twice.
    Flapping,
    /// Somebody answers for it.
    Acknowledged,
}

impl State {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            State::New => "new",
            State::Ongoing => "ongoing",
            State::Flapping => "flapping",
            State::Acknowledged => "acknowledged",
        }
    }
}

/// How the scan of a root ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing differs.
    Clean,
    /// Something does.
    Drifted,
    /// Nobody knows.
    Failed,
}

impl Status {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Clean => "clean",
            Status::Drifted => "drifted",
            Status::Failed => "failed",
        }
    }
}

/// Why something that differs is not reported.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Null and empty are the same to AWS.
    NullEmpty,
    /// Another resource of the root sets it, and would itself be reported.
    BackReference,
    /// AWS changes it all the time.
    Volatile,
    /// The same elements in another order.
    Order,
    /// The same JSON, written otherwise.
    EquivalentJson,
    /// The same stands in another attribute of the resource.
    Repeated,
    /// `ignore_changes` of the configuration.
    IgnoreChanges,
    /// A rule in plumbline.hcl.
    Rule,
    /// A line of `.driftignore`.
    Driftignore,
    /// It is in no state, and nobody expects it to be: it comes with something else, or AWS made it.
    NotExpected,
}

impl Reason {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NullEmpty => "null-empty",
            Reason::BackReference => "back-reference",
            Reason::Volatile => "volatile",
            Reason::Order => "order",
            Reason::EquivalentJson => "equivalent-json",
            Reason::Repeated => "repeated",
            Reason::IgnoreChanges => "ignore-changes",
            Reason::Rule => "rule",
            Reason::Driftignore => "driftignore",
            Reason::NotExpected => "not-expected",
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Reason::NullEmpty => "null against empty",
            Reason::BackReference => "set by another resource of the root",
            Reason::Volatile => "changes all the time",
            Reason::Order => "another order",
            Reason::EquivalentJson => "the same JSON, written otherwise",
            Reason::Repeated => "the same stands in another attribute",
            Reason::IgnoreChanges => "under ignore_changes",
            Reason::Rule => "ignored by a rule",
            Reason::Driftignore => "ignored by .driftignore",
            Reason::NotExpected => "not expected to be in a state",
        }
    }
}

/// Something that differs and is not reported.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Ignored {
    /// The resource.
    pub address: String,
    /// The attribute; empty for the whole resource.
    pub path: String,
    /// Why.
    pub reason: Reason,
    /// Which rule, or which resource sets it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// An attribute that is not what it was. What is secret in it is hidden already.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attribute {
    /// Where: `ingress[0].cidr_blocks[1]`, `policy.Statement[0].Action`.
    pub path: String,
    /// What it was; null where it was not there.
    pub before: Json,
    /// What it is; null where it is there no more.
    pub after: Json,
}

/// Two ways to deal with a finding, as text to copy.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Remedy {
    /// What makes the configuration agree with what is there.
    pub accept: String,
    /// What brings back what was there.
    pub revert: String,
}

/// Who answers for a finding, and until when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day, as YYYY-MM-DD.
    pub until: String,
}

/// A resource that is not what the last apply left.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Terraform's address.
    pub address: String,
    /// The resource's type.
    #[serde(rename = "type")]
    pub ty: String,
    /// What becomes of it.
    pub class: Class,
    /// How bad it is.
    pub severity: Severity,
    /// Why it is as bad as that, in a sentence.
    pub why: String,
    /// What differs; empty for what is gone.
    pub attributes: Vec<Attribute>,
    /// Policies that fail because of it, and that what the last apply left passes.
    pub policies: Vec<String>,
    /// What it adds to what is paid; absent where that stays the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Of this finding with these values: 16 hexadecimal digits. Lines may move.
    pub fingerprint: String,
    /// Of the attributes that differ, whatever their values: what is remembered between scans.
    pub subject: String,
    /// When a scan first saw the attributes differ: RFC 3339.
    #[serde(default)]
    pub first_seen: String,
    /// When a scan last saw it.
    #[serde(default)]
    pub last_seen: String,
    /// How it stands beside the scans before.
    #[serde(default)]
    pub state: State,
    /// The file of its block, relative to the repository; null where it is in none.
    pub file: Option<String>,
    /// First and last line of its block.
    pub lines: Option<(u32, u32)>,
    /// What to do.
    pub remedy: Remedy,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
    /// What AWS calls the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Identifiers>,
    /// With `--who`: the newest change of the resource since its state was written, where CloudTrail knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

/// What AWS calls a resource.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Identifiers {
    /// Its id in the state.
    pub id: String,
    /// Its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Somebody's change of a resource, as CloudTrail has it. What the call said is not in it: it may hold secrets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Who {
    /// Who, as a person reads it: `anna as role admin`.
    pub by: String,
    /// ARN of the user or of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// When: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The operation: `AuthorizeSecurityGroupIngress`.
    pub event: String,
    /// The service: `ec2.amazonaws.com`.
    pub source: String,
    /// The address or the service that the call came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The program that made the call, as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// CloudTrail's id of the event.
    pub id: String,
    /// How many older changes there are since the state was written, as far as they were read.
    pub others: usize,
}

/// A finding that is there no more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Resolved {
    /// Terraform's address.
    pub address: String,
    /// The resource's type.
    #[serde(rename = "type")]
    pub ty: String,
    /// What it was.
    pub class: Class,
    /// How bad it was.
    pub severity: Severity,
    /// What was remembered.
    pub subject: String,
    /// When a scan first saw it.
    pub first_seen: String,
    /// When a scan last saw it.
    pub last_seen: String,
}

/// A change that waits in the configuration: no drift.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// Terraform's address.
    pub address: String,
    /// What the next apply does, in a plan's words.
    pub actions: Vec<String>,
}

/// The result of one root.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RootReport {
    /// Its folder in the repository.
    pub root: String,
    /// How its scan ended.
    pub status: Status,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many differences are not reported.
    pub ignored: usize,
    /// As many by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ignored_by: BTreeMap<Reason, usize>,
    /// The worst first, then by address.
    pub findings: Vec<Finding>,
    /// What the last scan had and this one has not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolved: Vec<Resolved>,
    /// What waits in the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    /// With `--show-ignored`: what is not reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_changes: Vec<Ignored>,
    /// With `--unmanaged`: how much of what exists is in states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// What the drift that is reported adds to what is paid; absent where that stays the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostSum>,
    /// What should be known of it, and is no error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How much of what exists in the account is in states.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Coverage {
    /// All together.
    pub total: CoverageCount,
    /// By Terraform's type.
    pub by_type: BTreeMap<String, CoverageCount>,
}

/// How many resources are in a state.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct CoverageCount {
    /// In one.
    pub managed: usize,
    /// In none.
    pub unmanaged: usize,
    /// In none, and not expected to be.
    pub left_out: usize,
    /// How much of what is expected to be in a state is in one, to a tenth; null where nothing is expected to be.
    pub percent: Option<f64>,
}

impl RootReport {
    /// A root of which nobody knows anything.
    pub fn failed(root: &str, error: String) -> RootReport {
        RootReport {
            root: root.to_owned(),
            status: Status::Failed,
            error: Some(error),
            ignored: 0,
            ignored_by: BTreeMap::new(),
            findings: Vec::new(),
            resolved: Vec::new(),
            waiting: Vec::new(),
            ignored_changes: Vec::new(),
            coverage: None,
            cost: None,
            notes: Vec::new(),
        }
    }
}

/// Counts over a whole scan.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Root modules.
    pub roots: usize,
    /// Those without findings.
    pub clean: usize,
    /// Those with some.
    pub drifted: usize,
    /// Those that could not be read.
    pub failed: usize,
    /// Findings, acknowledged ones included.
    pub findings: usize,
    /// New ones.
    pub new: usize,
    /// Ongoing ones.
    pub ongoing: usize,
    /// Those that come and go.
    pub flapping: usize,
    /// Those that somebody answers for.
    pub acknowledged: usize,
    /// Those that are there no more.
    pub resolved: usize,
    /// Differences that are not reported.
    pub ignored: usize,
    /// Changes that wait in the configuration.
    pub waiting: usize,
    /// Findings that are not acknowledged, by severity.
    pub severities: BTreeMap<Severity, usize>,
    /// What all of it adds to what is paid; absent where that stays the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostSum>,
}

impl Summary {
    /// Counts roots.
    pub fn of(roots: &[RootReport]) -> Summary {
        let mut summary = Summary::default();
        for root in roots {
            summary.roots += 1;
            match root.status {
                Status::Clean => summary.clean += 1,
                Status::Drifted => summary.drifted += 1,
                Status::Failed => summary.failed += 1,
            }
            summary.resolved += root.resolved.len();
            summary.ignored += root.ignored;
            summary.waiting += root.waiting.len();
            for finding in &root.findings {
                summary.findings += 1;
                match finding.state {
                    State::New => summary.new += 1,
                    State::Ongoing => summary.ongoing += 1,
                    State::Flapping => summary.flapping += 1,
                    State::Acknowledged => summary.acknowledged += 1,
                }
                if finding.state != State::Acknowledged {
                    *summary.severities.entry(finding.severity).or_default() += 1;
                }
            }
        }
        summary.cost = CostSum::of(roots.iter().filter_map(|root| root.cost.as_ref()));
        summary
    }
}

/// The schema of [`Document`].
pub const SCHEMA: &str = "plumbline.drift/1";

/// A scan: what `--format json` prints.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: String,
    /// `tf-drift`.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// What the shards of one scan share.
    pub run: String,
    /// When it began: RFC 3339.
    pub at: String,
    /// Counts.
    pub summary: Summary,
    /// In order of their names.
    pub roots: Vec<RootReport>,
    /// What is missing as a whole: shards without a result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What should be put right in the settings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Document {
    /// A scan of roots, which are put in order.
    pub fn new(run: String, at: String, mut roots: Vec<RootReport>, warnings: Vec<String>) -> Document {
        roots.sort_by(|a, b| a.root.cmp(&b.root));
        Document {
            schema: SCHEMA.to_owned(),
            tool: "tf-drift".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run,
            at,
            summary: Summary::of(&roots),
            roots,
            errors: Vec::new(),
            warnings,
        }
    }

    /// Whether something could not be read.
    pub fn is_incomplete(&self) -> bool {
        self.summary.failed > 0 || !self.errors.is_empty()
    }

    /// Whether there is something to act on, from a severity upwards.
    pub fn acts(&self, least: Option<Severity>) -> bool {
        let Some(least) = least else {
            return false;
        };
        let mut findings = self.roots.iter().flat_map(|root| &root.findings);
        findings.any(|finding| finding.state != State::Acknowledged && finding.severity >= least)
    }
}
