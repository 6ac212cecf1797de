//! From judgements to the report that is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tf_lang::{SourceMap, Span, path};
use tf_model::Graph;
use tf_model::config::files::{display_name, repository};
use tf_model::graph::{Declaration, Problem as GraphProblem};
use tf_policy::suppress::{Suppressions, severity};
use tf_policy::{Judgement, Judgements, Policy, Since, Subject};
use tf_report::{Compliance, Control, Finding, Location, PolicyInfo, Problem, Report, Snippet, Verdict};

/// Lines shown before and after the one that matters.
const AROUND: u32 = 2;

/// Gathers a report over all paths and roots of a run.
pub(crate) struct Collector {
    all: bool,
    policies: Vec<Arc<Policy>>,
    /// Whether there is a plan, so that policies that judge changes have a say.
    changes: bool,
    report: Report,
    /// Verdicts by policy, passed ones included, for compliance.
    counts: Vec<[usize; 4]>,
    missing_modules: usize,
    other_errors: usize,
    prefixes: Prefixes,
}

/// What stands before the names of files and root modules, which are relative to a scanned folder; empty for none.
#[derive(Default)]
struct Prefixes {
    /// The folder as it was given, where there are several.
    shown: String,
    /// The folder in its repository.
    repository: String,
}

impl Prefixes {
    fn location(&self, file: &str, lines: (u32, u32)) -> Location {
        Location {
            file: path::join(&[&self.shown, file]),
            in_repository: path::join(&[&self.repository, file]),
            lines,
        }
    }

    fn locate(&self, sources: &SourceMap, span: Span) -> Location {
        self.location(sources.name(span.file), sources.lines(span))
    }
}

fn nowhere() -> Location {
    Location {
        file: String::new(),
        in_repository: String::new(),
        lines: (0, 0),
    }
}

impl Collector {
    pub(crate) fn new(policies: &[Arc<Policy>], all: bool) -> Collector {
        let report = Report {
            tool: "tf-gate".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Report::default()
        };
        Collector {
            all,
            policies: policies.to_vec(),
            changes: false,
            report,
            counts: vec![[0; 4]; policies.len()],
            missing_modules: 0,
            other_errors: 0,
            prefixes: Prefixes::default(),
        }
    }

    /// Says that what a plan does is judged too.
    pub(crate) fn with_changes(&mut self) {
        self.changes = true;
    }

    fn is_judging(&self, policy: &Policy) -> bool {
        self.changes || !policy.judges_changes
    }

    /// Says what the names of the files to come are relative to: `path`, one of `several` or the only one.
    pub(crate) fn begin(&mut self, path: &Path, several: bool) {
        // A path that is not there is an error elsewhere.
        let folder = path.canonicalize().unwrap_or_default();
        let folder = match folder.is_file() {
            true => folder.parent().map(Path::to_path_buf).unwrap_or_default(),
            false => folder,
        };
        let given = match path.is_file() {
            true => path.parent().unwrap_or(Path::new("")),
            false => path,
        };
        let slashed = |path: &Path| path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        self.prefixes = Prefixes {
            shown: if several { slashed(given) } else { String::new() },
            repository: display_name(&folder, &repository(&folder)),
        };
    }

    pub(crate) fn add_files(&mut self, files: usize, unread: usize) {
        self.report.summary.files += files;
        self.report.unread += unread;
    }

    /// Adds what was found in one root.
    pub(crate) fn add(&mut self, graph: &Graph, judgements: Judgements, suppressions: &mut Suppressions) {
        let root = path::join(&[&self.prefixes.shown, &graph.root]);
        self.report.roots.push(root);
        self.report.summary.resources += graph
            .resources
            .iter()
            .filter(|resource| !resource.values.is_null())
            .count();
        for judgement in &judgements.verdicts {
            self.add_compared(graph, judgement, None, suppressions);
        }
        for problem in &graph.problems {
            self.add_problem(&graph.sources, problem);
        }
        for (policy, problem) in judgements.problems {
            self.other_errors += 1;
            self.report.problems.push(Problem {
                error: true,
                location: Location {
                    file: policy.place.0.clone(),
                    in_repository: policy.place.0.clone(),
                    lines: (policy.place.1, policy.place.1),
                },
                column: 1,
                message: format!("policy {} cannot be evaluated: {problem}", policy.id),
                snippet: None,
                called_from: Vec::new(),
            });
        }
    }

    /// Makes room for so many findings, so that it need not be found while it grows, which takes twice as much.
    pub(crate) fn expect(&mut self, findings: usize) {
        self.report.findings.reserve_exact(findings);
    }

    /// Counts what passes by these policies: nothing is shown of it, and no suppression applies to it.
    pub(crate) fn add_passed(&mut self, policies: &[u32]) {
        for policy in policies {
            if let Some([passed, ..]) = self.counts.get_mut(*policy as usize) {
                *passed += 1;
            }
        }
        self.report.summary.passed += policies.len();
    }

    /// Adds a verdict, of a plan on one of its two worlds.
    pub(crate) fn add_compared(
        &mut self,
        graph: &Graph,
        judgement: &Judgement,
        since: Option<Since>,
        suppressions: &mut Suppressions,
    ) {
        let suppression = suppressions.find(graph, judgement);
        let result = if suppression.is_some() {
            Verdict::Skipped
        } else {
            judgement.verdict
        };
        let slot = match result {
            Verdict::Passed => 0,
            Verdict::Failed => 1,
            Verdict::Unknown => 2,
            Verdict::Skipped => 3,
        };
        // What is fixed is no verdict on what will be.
        if since != Some(Since::Fixed) {
            let counts = self.counts.get_mut(judgement.index);
            if let Some(count) = counts.and_then(|counts| counts.get_mut(slot)) {
                *count += 1;
            }
            let summary = &mut self.report.summary;
            match result {
                Verdict::Passed => summary.passed += 1,
                Verdict::Failed => summary.failed += 1,
                Verdict::Unknown => summary.unknown += 1,
                Verdict::Skipped => summary.skipped += 1,
            }
        }
        if !self.all && matches!(result, Verdict::Passed | Verdict::Skipped) {
            return;
        }
        let declaration = declaration(graph, judgement.subject);
        let sources = &graph.sources;
        let location = declaration.map_or_else(nowhere, |declaration| {
            self.prefixes.locate(sources, declaration.block.span)
        });
        self.report
            .policies
            .entry(judgement.policy.id.to_string())
            .or_insert_with(|| info(&judgement.policy));
        self.report.findings.push(Finding {
            severity: severity(&judgement.policy),
            policy: judgement.policy.id.to_string(),
            result,
            address: judgement.address.to_string(),
            ty: judgement.ty.to_string(),
            root: path::join(&[&self.prefixes.shown, &graph.root]),
            location,
            attribute_location: judgement.span.map(|span| self.prefixes.locate(sources, span)),
            snippet: match result {
                Verdict::Passed => None,
                _ => judgement
                    .span
                    .and_then(|span| snippet(sources, span, secrets_of(graph, judgement.subject))),
            },
            attribute: judgement.attribute.as_deref().map(str::to_owned),
            message: judgement.message().to_owned(),
            reason: judgement
                .reason
                .clone()
                .filter(|_| judgement.verdict == Verdict::Unknown),
            called_from: declaration
                .map(|declaration| {
                    declaration
                        .called_from
                        .iter()
                        .map(|span| self.prefixes.locate(sources, *span))
                        .collect()
                })
                .unwrap_or_default(),
            fingerprint: judgement.fingerprint(),
            suppression,
            change: since.map(|since| since.as_str().to_owned()),
        });
    }

    fn add_problem(&mut self, sources: &SourceMap, problem: &GraphProblem) {
        let diagnostic = &problem.diagnostic;
        if diagnostic.is_error() {
            match diagnostic.summary == "Module not installed" {
                true => self.missing_modules += 1,
                false => self.other_errors += 1,
            }
        }
        if matches!(
            diagnostic.summary.as_str(),
            "Module not installed" | "Unreadable module directory"
        ) {
            self.report.unread += 1;
        }
        let position = diagnostic
            .span
            .and_then(|span| Some(sources.get(span.file)?.position(span.start)));
        self.report.problems.push(Problem {
            error: diagnostic.is_error(),
            location: diagnostic
                .span
                .map_or_else(nowhere, |span| self.prefixes.locate(sources, span)),
            column: position.map_or(0, |position| position.column),
            message: diagnostic.to_string(),
            snippet: diagnostic.span.and_then(|span| snippet(sources, span, false)),
            called_from: problem
                .called_from
                .iter()
                .map(|span| self.prefixes.locate(sources, *span))
                .collect(),
        });
    }

    /// Reports suppressions that should be put right.
    pub(crate) fn finish_path(
        &mut self,
        graph: &Graph,
        suppressions: &Suppressions,
        settings: Option<&Path>,
    ) {
        let ids: BTreeSet<&str> = self
            .policies
            .iter()
            .flat_map(|policy| policy.checkov.iter().map(String::as_str).chain([&*policy.id]))
            .collect();
        for stale in suppressions.stale(&|id| ids.contains(id)) {
            let lines = (stale.line, stale.line);
            let location = match stale.file {
                Some(file) => self.prefixes.location(graph.sources.name(file), lines),
                None => settings.map_or_else(nowhere, |settings| self.settings_location(settings, lines)),
            };
            self.report.problems.push(Problem {
                error: false,
                location,
                column: 1,
                message: stale.message,
                snippet: None,
                called_from: Vec::new(),
            });
        }
    }

    /// A place in the settings file, which may lie beside or above what is scanned.
    fn settings_location(&self, file: &Path, lines: (u32, u32)) -> Location {
        let file = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let folder = file.parent().unwrap_or(Path::new(""));
        Location {
            file: file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            in_repository: display_name(&file, &repository(folder)),
            lines,
        }
    }

    /// Whether something could not be read.
    pub(crate) fn is_incomplete(&self, allow_missing_modules: bool) -> bool {
        self.other_errors > 0 || (self.missing_modules > 0 && !allow_missing_modules)
    }

    /// The report.
    pub(crate) fn finish(mut self, frameworks: &[String]) -> Report {
        let judging = self.policies.iter().filter(|policy| self.is_judging(policy));
        self.report.summary.policies = judging.count();
        self.report
            .problems
            .sort_by(|a, b| (&a.location, a.column, &a.message).cmp(&(&b.location, b.column, &b.message)));
        // A module that several roots call is read once for each.
        self.report
            .problems
            .dedup_by(|a, b| a.location == b.location && a.message == b.message);
        self.report.summary.errors = self
            .report
            .problems
            .iter()
            .filter(|problem| problem.error)
            .count();
        self.report.compliance = frameworks
            .iter()
            .map(|framework| self.compliance(framework))
            .collect();
        self.report
    }

    fn compliance(&self, framework: &str) -> Compliance {
        let mut controls: BTreeMap<&str, Control> = BTreeMap::new();
        let judging = self.policies.iter().zip(&self.counts);
        for (policy, counts) in judging.filter(|(policy, _)| self.is_judging(policy)) {
            for control in policy.frameworks.get(framework).into_iter().flatten() {
                let entry = controls.entry(control).or_insert_with(|| Control {
                    control: control.clone(),
                    policies: Vec::new(),
                    passed: 0,
                    failed: 0,
                    unknown: 0,
                    skipped: 0,
                });
                entry.policies.push(policy.id.to_string());
                let [passed, failed, unknown, skipped] = *counts;
                entry.passed += passed;
                entry.failed += failed;
                entry.unknown += unknown;
                entry.skipped += skipped;
            }
        }
        Compliance {
            framework: framework.to_owned(),
            controls: controls.into_values().collect(),
        }
    }
}

fn declaration(graph: &Graph, subject: Subject) -> Option<&Declaration> {
    match subject {
        Subject::Resource(at) => graph.resources.get(at)?.declaration.as_ref(),
        Subject::Provider(at) => graph.providers.get(at).map(|provider| &provider.declaration),
        Subject::Module(at) => graph.modules.get(at).map(|call| &call.declaration),
        Subject::Deposed => None,
    }
}

/// Whether the source lines of a subject may hold a secret: then they are not shown.
fn secrets_of(graph: &Graph, subject: Subject) -> bool {
    match subject {
        Subject::Resource(at) => graph
            .resources
            .get(at)
            .is_some_and(|resource| resource.values.has_sensitive()),
        // What a provider of another maker calls its key is not known.
        Subject::Provider(_) | Subject::Deposed => true,
        Subject::Module(_) => false,
    }
}

fn info(policy: &Policy) -> PolicyInfo {
    PolicyInfo {
        title: policy.title.clone(),
        why: policy.why.clone(),
        fix: policy.fix.clone(),
        checkov: policy.checkov.clone(),
        frameworks: policy.frameworks.clone(),
    }
}

/// The lines around a span with the span underlined. Where the block holds something sensitive, the texts in
/// it are masked.
fn snippet(sources: &SourceMap, span: Span, sensitive: bool) -> Option<Snippet> {
    let source = sources.get(span.file)?;
    let (first, last) = sources.lines(span);
    let from = first.saturating_sub(AROUND).max(1);
    let to = last.min(first + 6) + AROUND;
    let lines: Vec<String> = (from..=to)
        .map_while(|line| source.line(line))
        .map(|line| {
            let shortened: String = line.chars().take(200).collect();
            mask(&shortened.replace('\t', "    "), sensitive)
        })
        .collect();
    let start = source.position(span.start);
    let end = source.position(span.end);
    let width = match end.line == start.line {
        true => end.column.saturating_sub(start.column),
        false => (source.line(start.line)?.chars().count() as u32 + 1).saturating_sub(start.column),
    };
    // Tabs before the span are shown as four columns.
    let tabs = source
        .line(start.line)?
        .chars()
        .take(start.column as usize - 1)
        .filter(|c| *c == '\t')
        .count() as u32;
    let underline = (start.column < 200).then_some((start.line, start.column + 3 * tabs, width.max(1)));
    Some(Snippet {
        first_line: from,
        lines,
        underline,
    })
}

/// Hides what stands in quotes behind names of secrets, or everywhere in a block with sensitive values.
fn mask(line: &str, sensitive: bool) -> String {
    // The labels of a block are no values.
    let is_header = line.trim_end().ends_with('{') && !line.contains('=');
    let quoted = line.contains(['"', '\'']) && !is_header;
    let hide = (quoted && (sensitive || tf_policy::names_secret(line))) || tf_policy::looks_secret(line);
    if !hide {
        return line.to_owned();
    }
    if !line.contains('"') {
        return "(line with a secret is not shown)".to_owned();
    }
    // As wide as it was, so that underlines still fit.
    let mut out = String::new();
    let mut quoted = false;
    let mut escaped = false;
    for character in line.chars() {
        match character {
            '"' if !escaped => {
                quoted = !quoted;
                out.push('"');
            }
            _ if quoted => out.push('*'),
            other => out.push(other),
        }
        escaped = character == '\\' && !escaped;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn secrets_in_lines_are_masked() {
        assert_eq!(
            mask("  password = \"hunter2\"", false),
            "  password = \"*******\""
        );
        assert_eq!(mask("  name = \"x\"", false), "  name = \"x\"");
        assert_eq!(mask("  value = \"x\"", true), "  value = \"*\"");
        assert_eq!(mask("provider \"aws\" {", true), "provider \"aws\" {");
    }
}
