//! What was found, ready to be shown: plain data without spans, files or values that must not be seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much a failure matters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Mend it when you are there.
    Low,
    /// Mend it soon.
    Medium,
    /// Mend it now.
    High,
    /// Do not deploy.
    Critical,
}

impl Severity {
    /// All, the worst first.
    pub const ALL: [Severity; 5] = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ];

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// The severity of a lower-case name.
    pub fn parse(name: &str) -> Option<Severity> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.as_str() == name)
    }
}

/// What a policy says of a subject.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It depends on something that is not known.
    Unknown,
    /// It does not hold or is not known, and somebody said that this is accepted.
    Skipped,
}

impl Verdict {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Unknown => "unknown",
            Verdict::Skipped => "skipped",
        }
    }
}

/// A place in a file. Lines count from 1, the last one included.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Location {
    /// Path relative to the scanned folder, with `/`; where several are scanned, to the folder that the program runs in.
    pub file: String,
    /// Path relative to the top of the repository, for those who show the repository's files.
    #[serde(skip)]
    pub in_repository: String,
    /// First and last line.
    pub lines: (u32, u32),
}

/// The lines around a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snippet {
    /// Number of the first line.
    pub first_line: u32,
    /// The lines, without line endings. Secrets in them are masked.
    pub lines: Vec<String>,
    /// What to underline: a line number, the first column (from 1) and the number of columns, counted in
    /// characters of that line.
    pub underline: Option<(u32, u32, u32)>,
}

/// Why a finding does not count.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Suppression {
    /// `inline`, `waiver` or `baseline`.
    pub kind: &'static str,
    /// What was given as the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when it holds, as YYYY-MM-DD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// One verdict.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// Id of the policy; see [`Report::policies`].
    pub policy: String,
    /// The policy's severity.
    pub severity: Severity,
    /// What it says.
    pub result: Verdict,
    /// Terraform's address of the resource, `module.x` or `provider.aws` for others.
    pub address: String,
    /// Resource type, `module` or `provider`.
    pub ty: String,
    /// The root module's folder, relative to the same folder as files; `.` for itself.
    pub root: String,
    /// Where the block is. Empty file: not declared in a file at hand.
    pub location: Location,
    /// The attribute to blame: `storage_encrypted`, `ingress[0].cidr_blocks`.
    pub attribute: Option<String>,
    /// Where the attribute is.
    pub attribute_location: Option<Location>,
    /// What was found, in a sentence.
    pub message: String,
    /// For unknown: why it is not known.
    pub reason: Option<String>,
    /// The `module` blocks through which the resource is reached, outermost first.
    pub called_from: Vec<Location>,
    /// Stays the same when the file is moved or lines are added: 16 hexadecimal digits.
    pub fingerprint: String,
    /// For skipped: why.
    pub suppression: Option<Suppression>,
    /// Plans: `introduced`, `existing` or `fixed`.
    pub change: Option<String>,
    /// The lines to show.
    pub snippet: Option<Snippet>,
}

/// What is to be said of a policy.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PolicyInfo {
    /// One line.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Ids by which Checkov knows it.
    pub checkov: Vec<String>,
    /// Controls by framework: `soc2` → `CC6.1`.
    pub frameworks: BTreeMap<String, Vec<String>>,
}

/// Something that could not be read, or that should be put right: not a verdict.
#[derive(Clone, PartialEq, Debug)]
pub struct Problem {
    /// `false`: a warning, which does not make the report incomplete.
    pub error: bool,
    /// Where; an empty file where it is nowhere in particular.
    pub location: Location,
    /// First column, from 1; 0 where there is no place.
    pub column: u32,
    /// What is wrong and what to do.
    pub message: String,
    /// The lines to show.
    pub snippet: Option<Snippet>,
    /// The `module` blocks through which it is reached.
    pub called_from: Vec<Location>,
}

/// How a framework's control fares.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Control {
    /// The control: `CC6.1`.
    pub control: String,
    /// Ids of the policies that stand for it.
    pub policies: Vec<String>,
    /// Verdicts, by kind.
    pub passed: usize,
    /// Failed verdicts.
    pub failed: usize,
    /// Unknown verdicts.
    pub unknown: usize,
    /// Skipped verdicts.
    pub skipped: usize,
}

/// A framework's controls.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Compliance {
    /// `soc2`, `pci_dss`, `gdpr`, `iso27001`, `cis_aws`, `hipaa`, `nist_800_53`.
    pub framework: String,
    /// In order of their names.
    pub controls: Vec<Control>,
}

/// Counts over a whole run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Summary {
    /// Verdicts that hold.
    pub passed: usize,
    /// Verdicts that do not hold.
    pub failed: usize,
    /// Verdicts that depend on something unknown.
    pub unknown: usize,
    /// Verdicts that somebody accepted.
    pub skipped: usize,
    /// Resource instances judged.
    pub resources: usize,
    /// Files read.
    pub files: usize,
    /// Policies run.
    pub policies: usize,
    /// Problems that are errors.
    pub errors: usize,
}

/// A whole run of `tf-gate check`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Report {
    /// The binary's name.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// Counts.
    pub summary: Summary,
    /// Root modules judged, relative to the scanned folder.
    pub roots: Vec<String>,
    /// Files and modules that could not be read.
    pub unread: usize,
    /// Verdicts in order of root, address and policy: failed, unknown, and (with `--all`) the others too.
    pub findings: Vec<Finding>,
    /// What is to be said of the policies that [`Report::findings`] name.
    pub policies: BTreeMap<String, PolicyInfo>,
    /// Errors and warnings in order of their places.
    pub problems: Vec<Problem>,
    /// Asked for with `--framework`.
    pub compliance: Vec<Compliance>,
}

impl Report {
    /// Adds the report of another root, whose files lie in a folder of the repository.
    pub fn absorb(&mut self, other: &Report, root: &str) {
        let (all, more) = (&mut self.summary, &other.summary);
        all.passed += more.passed;
        all.failed += more.failed;
        all.unknown += more.unknown;
        all.skipped += more.skipped;
        all.resources += more.resources;
        all.files += more.files;
        all.policies = all.policies.max(more.policies);
        all.errors += more.errors;
        self.roots.push(root.to_owned());
        self.unread += other.unread;
        let place = |location: &Location| Location {
            file: location.in_repository.clone(),
            ..location.clone()
        };
        self.findings.extend(other.findings.iter().map(|finding| Finding {
            root: root.to_owned(),
            location: place(&finding.location),
            attribute_location: finding.attribute_location.as_ref().map(place),
            called_from: finding.called_from.iter().map(place).collect(),
            ..finding.clone()
        }));
        self.problems.extend(other.problems.iter().map(|problem| Problem {
            location: place(&problem.location),
            called_from: problem.called_from.iter().map(place).collect(),
            ..problem.clone()
        }));
        for (id, info) in &other.policies {
            self.policies.entry(id.clone()).or_insert_with(|| info.clone());
        }
    }
}
