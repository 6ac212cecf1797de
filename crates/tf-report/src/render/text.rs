//! For people at a terminal: each finding with its lines of source, then tables, then what was looked at.

use std::collections::BTreeMap;

use tabled::builder::Builder;
use tabled::settings::object::{Columns, Object, Rows};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Style};

use super::finding::{describe_suppression, info, is_fixed, is_open, label, subject};
use super::place::{Place, chain};
use super::prose::said;
use super::snippet::{Row, gutter, rows};
use super::tally::{self, Standing};
use super::{Options, escape, prose};
use crate::{Compliance, Finding, Location, Problem, Report, Severity, Snippet, Verdict};

/// Rows in the table of the most failing policies.
const MOST_FAILING: usize = 10;
/// Below this many columns nothing gets narrower.
const NARROWEST: usize = 40;
/// A message stands beside its underline if it has this many columns at least.
const BESIDE: usize = 30;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const BOLD_RED: &str = "1;31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BLUE: &str = "34";
const MAGENTA: &str = "35";
const CYAN: &str = "36";

/// The report for a terminal.
pub(super) fn render(report: &Report, options: &Options) -> String {
    let width = if options.width == 0 {
        usize::MAX
    } else {
        options.width.max(NARROWEST)
    };
    let mut page = Page {
        report,
        options: *options,
        width,
        out: String::new(),
    };
    if options.quiet {
        page.one_line_each()
    } else {
        page.in_full()
    }
    page.out
}

struct Page<'a> {
    report: &'a Report,
    options: Options,
    width: usize,
    out: String,
}

/// What a finding and a problem have in common on the page.
struct Block<'a> {
    place: Option<Place<'a>>,
    subject: Option<&'a str>,
    snippet: Option<&'a Snippet>,
    color: &'a str,
    /// Said beside the underline, or as a note where there is none.
    found: Option<&'a str>,
    notes: Vec<(&'a str, String)>,
}

impl Page<'_> {
    fn one_line_each(&mut self) {
        let (report, options) = (self.report, self.options);
        for finding in report
            .findings
            .iter()
            .filter(|finding| is_wanted(finding, &options))
        {
            let place = Place::of_finding(finding)
                .map(|place| format!("{place}: "))
                .unwrap_or_default();
            let label = self.finding_label(finding);
            let rest = [&finding.policy, &subject(report, finding)].map(|part| escape::one_line(part));
            let message = said(&finding.message).map(|message| format!(": {}", one_line(&message)));
            self.line(&format!(
                "{place}{label} {}{}",
                rest.join(" "),
                message.unwrap_or_default()
            ));
        }
        for problem in &report.problems {
            let place = Place::of_problem(problem)
                .map(|place| format!("{place}: "))
                .unwrap_or_default();
            let label = self.problem_label(problem);
            self.line(&format!("{place}{label}: {}", one_line(&problem.message)));
        }
        self.line(&tally::coverage(report));
    }

    fn in_full(&mut self) {
        let report = self.report;
        self.findings();
        report.problems.iter().for_each(|problem| self.problem(problem));
        self.severities();
        self.most_failing();
        report
            .compliance
            .iter()
            .for_each(|compliance| self.compliance(compliance));
        if tally::headline(report).is_none() {
            let sentence = self.paint(GREEN, tally::all_clear(report));
            self.line(&sentence);
        }
        for line in prose::wrap(&tally::coverage(report), self.width) {
            self.line(&line);
        }
    }

    fn findings(&mut self) {
        let report = self.report;
        let mut root = None;
        let (in_full, in_brief): (Vec<&Finding>, Vec<&Finding>) = report
            .findings
            .iter()
            .filter(|finding| is_wanted(finding, &self.options))
            .partition(|finding| is_open(finding) || finding.result == Verdict::Skipped);
        for finding in in_full {
            if report.roots.len() > 1 && root.replace(&finding.root) != Some(&finding.root) {
                let heading = format!("── root {} ──", escape::one_line(&finding.root));
                let heading = self.paint(BOLD, &heading);
                self.line(&heading);
                self.line("");
            }
            self.finding(finding);
        }
        for finding in &in_brief {
            let label = self.finding_label(finding);
            let rest = [&finding.policy, &subject(report, finding)].map(|part| escape::one_line(part));
            self.line(&format!("{label} {}", rest.join(" ")));
        }
        if !in_brief.is_empty() {
            self.line("");
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let info = info(self.report, finding);
        let label = self.finding_label(finding);
        let policy = self.paint(BOLD, &escape::one_line(&finding.policy));
        self.heading(&format!("{label} {policy}"), &info.title);
        let mut notes = Vec::new();
        let mut note = |name, text: Option<String>| notes.extend(text.map(|text| (name, text)));
        note("unknown because", finding.reason.clone());
        note(
            "skipped by",
            finding.suppression.as_ref().map(describe_suppression),
        );
        note("called from", called_from(&finding.called_from));
        note("by this plan", finding.change.clone());
        if self.options.verbose {
            note("why", said(&info.why));
            note("also known as", said(&info.checkov.join(", ")));
            note("stands for", said(&controls(&info.frameworks)));
        }
        note(
            "fix",
            said(&info.fix).filter(|_| finding.result != Verdict::Skipped),
        );
        self.block(&Block {
            place: Place::of_finding(finding),
            subject: Some(&finding.address),
            snippet: finding.snippet.as_ref(),
            color: verdict_color(finding),
            found: Some(&finding.message),
            notes,
        });
    }

    fn problem(&mut self, problem: &Problem) {
        let label = self.problem_label(problem);
        self.heading(&label, &problem.message);
        self.block(&Block {
            place: Place::of_problem(problem),
            subject: None,
            snippet: problem.snippet.as_ref(),
            color: problem_color(problem),
            found: None,
            notes: called_from(&problem.called_from)
                .map(|text| ("called from", text))
                .into_iter()
                .collect(),
        });
    }

    /// `label: text`; further lines are indented by two.
    fn heading(&mut self, label: &str, text: &str) {
        let text = escape::lines(text);
        if text.trim().is_empty() {
            return self.line(label);
        }
        let mut lines = prose::wrap_after(&text, painted_width(label) + 2, 2, self.width).into_iter();
        self.line(format!("{label}: {}", lines.next().unwrap_or_default()).trim_end());
        lines.for_each(|line| self.line(format!("  {line}").trim_end()));
    }

    fn block(&mut self, block: &Block<'_>) {
        let gutter = block.snippet.map_or(1, gutter);
        if let Some(subject) = block.subject {
            self.line(&format!("{:gutter$} on {}", "", escape::one_line(subject)));
        }
        if let Some(place) = &block.place {
            let arrow = self.paint(BLUE, "-->");
            self.line(&format!("{:gutter$}{arrow} {place}", ""));
        }
        let said = block
            .snippet
            .is_some_and(|snippet| self.source(snippet, gutter, block));
        let found = block.found.filter(|text| !said && !text.trim().is_empty());
        let notes = block.notes.iter().map(|(name, text)| (*name, text.as_str()));
        for (name, text) in found.map(|text| ("found", text)).into_iter().chain(notes) {
            self.note(gutter, name, text);
        }
        self.line("");
    }

    /// The source lines; `true` where the message stands among them.
    fn source(&mut self, snippet: &Snippet, gutter: usize, block: &Block<'_>) -> bool {
        let room = self.width.saturating_sub(gutter + 3);
        let mut said = false;
        self.bar(gutter, "");
        for row in rows(snippet).into_iter().map(|row| row.fit(room)) {
            let number = self.paint(BLUE, &format!("{:>gutter$} |", row.number));
            self.line(format!("{number} {}", row.text()).trim_end());
            if row.underline().is_some() {
                self.underline(&row, gutter, room, block);
                said = true;
            }
        }
        self.bar(gutter, "");
        said
    }

    /// `^^^^ message`, or the message below where it does not fit beside.
    fn underline(&mut self, row: &Row, gutter: usize, room: usize, block: &Block<'_>) {
        let Some((before, length)) = row.underline() else {
            return;
        };
        let carets = self.paint(block.color, &"^".repeat(length));
        let message = escape::lines(block.found.unwrap_or_default());
        let beside = room.saturating_sub(before + length + 1);
        let mut lines = prose::wrap(&message, beside.max(BESIDE)).into_iter();
        let pad = " ".repeat(before);
        if beside >= BESIDE || prose::width(message.trim_end()) <= beside {
            let first = self.paint(block.color, &lines.next().unwrap_or_default());
            self.bar(gutter, &format!("{pad}{carets} {first}"));
            let pad = " ".repeat(before + length + 1);
            lines.for_each(|line| self.bar(gutter, &format!("{pad}{}", self.paint(block.color, &line))));
        } else {
            self.bar(gutter, &format!("{pad}{carets}"));
            let before = before.min(room.saturating_sub(BESIDE));
            let pad = " ".repeat(before);
            for line in prose::wrap(&message, room.saturating_sub(before)) {
                self.bar(gutter, &format!("{pad}{}", self.paint(block.color, &line)));
            }
        }
    }

    fn bar(&mut self, gutter: usize, text: &str) {
        let bar = self.paint(BLUE, &format!("{:gutter$} |", ""));
        self.line(format!("{bar} {text}").trim_end());
    }

    /// `= name: text`; further lines are indented.
    fn note(&mut self, gutter: usize, name: &str, text: &str) {
        let taken = gutter + 3 + name.len() + 2;
        let indent = gutter + 5;
        let mut lines = prose::wrap_after(&escape::lines(text), taken, indent, self.width).into_iter();
        let (equals, name) = (self.paint(BLUE, "="), self.paint(BOLD, name));
        self.line(
            format!(
                "{:gutter$} {equals} {name}: {}",
                "",
                lines.next().unwrap_or_default()
            )
            .trim_end(),
        );
        lines.for_each(|line| self.line(format!("{:indent$}{line}", "").trim_end()));
    }

    fn severities(&mut self) {
        let counts = tally::by_severity(self.report);
        if counts.iter().all(|of| of.failed + of.unknown == 0) {
            return;
        }
        let rows = counts.iter().map(|of| {
            let numbers = [of.failed, of.unknown, of.skipped].map(|number| number.to_string());
            [vec![of.severity.as_str().to_owned()], numbers.to_vec()].concat()
        });
        self.table(
            &["severity", "failed", "unknown", "skipped"],
            &[1, 2, 3],
            rows.collect(),
        );
    }

    fn most_failing(&mut self) {
        let failures = tally::by_policy(self.report);
        if failures.is_empty() {
            return;
        }
        let shown = &failures[..failures.len().min(MOST_FAILING)];
        let ids: Vec<String> = shown.iter().map(|of| escape::one_line(of.name)).collect();
        let widest = ids.iter().map(|id| prose::width(id)).max().unwrap_or_default();
        let room = self
            .width
            .saturating_sub("failed  severity    ".len() + widest + 2);
        let rows = shown.iter().zip(&ids).map(|(of, id)| {
            let title = self.report.policies.get(of.name).map_or("", |info| &info.title);
            let title = if room < NARROWEST / 2 {
                String::new()
            } else {
                prose::cut(&one_line(title), room)
            };
            vec![
                of.count.to_string(),
                of.severity.as_str().to_owned(),
                id.clone(),
                title,
            ]
        });
        let more = failures.len() - shown.len();
        let more = (more > 0).then(|| {
            vec![
                String::new(),
                String::new(),
                format!("… and {more} more"),
                String::new(),
            ]
        });
        self.table(
            &["failed", "severity", "policy", ""],
            &[0],
            rows.chain(more).collect(),
        );
    }

    /// The controls that need attention; all of them to the curious.
    fn compliance(&mut self, compliance: &Compliance) {
        let name = self.paint(BOLD, &escape::one_line(&compliance.framework));
        self.heading(&name, &tally::describe_standings(compliance));
        let all = self.options.all || self.options.verbose;
        let rows: Vec<Vec<String>> = compliance
            .controls
            .iter()
            .filter(|control| all || matches!(Standing::of(control), Standing::Fails | Standing::Unknown))
            .map(|control| {
                let numbers = [control.failed, control.unknown, control.skipped, control.passed];
                let name = prose::cut(&escape::one_line(&control.control), NARROWEST);
                let mut row = vec![name, Standing::of(control).as_str().to_owned()];
                row.extend(numbers.map(|number| number.to_string()));
                row
            })
            .collect();
        if rows.is_empty() {
            return self.line("");
        }
        self.table(
            &["control", "standing", "failed", "unknown", "skipped", "passed"],
            &[2, 3, 4, 5],
            rows,
        );
    }

    fn table(&mut self, header: &[&str], numbers: &[usize], rows: Vec<Vec<String>>) {
        let mut builder = Builder::default();
        builder.push_record(header.iter().copied());
        rows.into_iter().for_each(|row| builder.push_record(row));
        let mut table = builder.build();
        table
            .with(Style::empty().horizontals([(1, HorizontalLine::empty().horizontal('─'))]))
            .with(Padding::new(0, 2, 0, 0));
        for column in numbers {
            table.modify(
                Columns::one(*column).intersect(Rows::new(0..)),
                Alignment::right(),
            );
        }
        for line in table.to_string().lines() {
            self.line(line.trim_end());
        }
        self.line("");
    }

    fn finding_label(&self, finding: &Finding) -> String {
        let name = self.paint(verdict_color(finding), label(finding));
        let severity = self.paint(severity_color(finding.severity), finding.severity.as_str());
        format!("{name}[{severity}]")
    }

    fn problem_label(&self, problem: &Problem) -> String {
        self.paint(problem_color(problem), problem_name(problem))
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.options.color && !text.is_empty() {
            format!("\u{1b}[{color}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }
}

/// Failed, unknown and fixed ones always; skipped ones to the curious; passed ones only with everything.
fn is_wanted(finding: &Finding, options: &Options) -> bool {
    match finding.result {
        Verdict::Failed | Verdict::Unknown => true,
        Verdict::Skipped => options.all || options.verbose,
        Verdict::Passed => options.all || is_fixed(finding),
    }
}

fn problem_name(problem: &Problem) -> &'static str {
    if problem.error { "error" } else { "warning" }
}

fn problem_color(problem: &Problem) -> &'static str {
    if problem.error { RED } else { YELLOW }
}

fn verdict_color(finding: &Finding) -> &'static str {
    match super::finding::verdict(finding) {
        Verdict::Failed => RED,
        Verdict::Unknown => MAGENTA,
        Verdict::Skipped => DIM,
        Verdict::Passed => GREEN,
    }
}

fn severity_color(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => BOLD_RED,
        Severity::High => RED,
        Severity::Medium => YELLOW,
        Severity::Low => CYAN,
        Severity::Info => DIM,
    }
}

/// Columns of a text in which some parts are painted.
fn painted_width(text: &str) -> usize {
    let mut parts = text.split('\u{1b}');
    let plain = parts.next().map_or(0, prose::width);
    plain
        + parts
            .map(|part| part.split_once('m').map_or(0, |(_, rest)| prose::width(rest)))
            .sum::<usize>()
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    escape::one_line(&words.join(" "))
}

fn called_from(locations: &[Location]) -> Option<String> {
    said(
        &chain(locations)
            .map(|place| place.to_string())
            .collect::<Vec<_>>()
            .join(", then "),
    )
}

fn controls(frameworks: &BTreeMap<String, Vec<String>>) -> String {
    let named = frameworks
        .iter()
        .map(|(name, controls)| format!("{name} {}", controls.join(" ")));
    named.collect::<Vec<_>>().join(", ")
}
