//! A review on a terminal.

use tf_model::plan::Action;
use tf_policy::Since;
use tf_report::{Severity, Verdict};

use crate::changes::ResourceChange;
use crate::diff::{Change, Difference, Line};
use crate::markdown::{self, Document, Finding};
use crate::risk::Risk;

/// Differences of one change that are shown without `all`.
const SHOWN: usize = 8;

/// Findings of one kind, and changes of one risk, that are shown without `all`.
const LISTED: usize = 20;

/// How to show it.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions {
    /// Colours by ANSI escape sequences.
    pub color: bool,
    /// Everything: existing failures, what waits for apply, and all attributes.
    pub all: bool,
}

/// Paints.
struct Text {
    options: TextOptions,
    out: String,
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";
const DIM: &str = "2";

impl Document<'_> {
    /// The review as a person reads it on a terminal.
    pub fn text(&self, options: TextOptions) -> String {
        let mut text = Text {
            options,
            out: String::new(),
        };
        let title = text.paint(BOLD, self.root);
        text.line(&format!("{title}  {}", self.verdict()));
        if let Some(cost) = self.cost {
            text.line(&format!("cost {}", cost.sentence()));
        }
        let of = |since: Since, verdict: Verdict| {
            let mut found: Vec<&Finding> = self
                .findings
                .iter()
                .filter(|finding| finding.since == since && finding.verdict == verdict)
                .collect();
            found.sort_by(|a, b| {
                (b.severity, &a.address, &a.policy).cmp(&(a.severity, &b.address, &b.policy))
            });
            found
        };
        text.findings(
            "Introduced by this change",
            &of(Since::Introduced, Verdict::Failed),
            true,
        );
        for risk in [
            Risk::DataLoss,
            Risk::Exposure,
            Risk::Privilege,
            Risk::Cost,
            Risk::Rest,
        ] {
            let changes: Vec<&ResourceChange> = self
                .changes
                .resources
                .iter()
                .filter(|change| change.risk == risk)
                .collect();
            text.changes(heading(risk), &changes);
        }
        if !self.changes.outputs.is_empty() {
            text.heading("Outputs");
            for output in &self.changes.outputs {
                let name = shortened(&output.name);
                let (sign, color) = sign(output.action);
                let sign = text.paint(color, sign);
                text.line(&format!("  {sign} {name}"));
                text.differences(&output.differences);
            }
        }
        text.findings("Fixed by this change", &of(Since::Fixed, Verdict::Failed), false);
        let mut waits = of(Since::Introduced, Verdict::Unknown);
        waits.extend(of(Since::Existing, Verdict::Unknown));
        let existing = of(Since::Existing, Verdict::Failed);
        match options.all {
            true => {
                text.findings("Not known before apply", &waits, true);
                text.findings("There before", &existing, true);
            }
            false => {
                let hidden = [
                    (existing.len(), "there before"),
                    (waits.len(), "not known before apply"),
                ];
                let hidden: Vec<String> = hidden
                    .iter()
                    .filter(|(count, _)| *count > 0)
                    .map(|(count, what)| format!("{count} {what}"))
                    .collect();
                if !hidden.is_empty() {
                    let line = text.paint(DIM, &format!("{} (--verbose shows them)", hidden.join(", ")));
                    text.line("");
                    text.line(&line);
                }
            }
        }
        text.out
    }
}

/// Shortened, and without what would move the cursor or change colours: texts of a plan are anybody's.
fn shortened(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    markdown::shortened(&clean)
}

/// What a risk is called above its changes.
fn heading(risk: Risk) -> &'static str {
    match risk {
        Risk::DataLoss => "Data loss",
        Risk::Exposure => "Exposure",
        Risk::Privilege => "Privilege",
        Risk::Cost => "Cost",
        Risk::Rest => "Other changes",
    }
}

fn sign(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::NoOp | Action::Read => ("=", DIM),
        Action::Create => ("+", GREEN),
        Action::Update => ("~", YELLOW),
        Action::Delete => ("-", RED),
        Action::DeleteThenCreate => ("-/+", RED),
        Action::CreateThenDelete => ("+/-", RED),
        Action::Forget => (".", DIM),
    }
}

impl Text {
    fn findings(&mut self, heading: &str, findings: &[&Finding], whole: bool) {
        if findings.is_empty() {
            return;
        }
        self.heading(heading);
        let most = if self.options.all { usize::MAX } else { LISTED };
        for finding in findings.iter().take(most) {
            let color = match finding.severity {
                Severity::Critical | Severity::High => RED,
                Severity::Medium => YELLOW,
                _ => DIM,
            };
            let severity = self.paint(color, &format!("{:<8}", finding.severity.as_str()));
            let place = finding
                .place
                .as_ref()
                .map(|(file, line)| self.paint(DIM, &format!("  {file}:{line}")));
            let alike = match finding.alike.len() {
                0 => String::new(),
                count => format!(" and {count} like it"),
            };
            self.line(&format!(
                "  {severity} {}  {}{alike}{}",
                finding.policy,
                shortened(&finding.address),
                place.unwrap_or_default()
            ));
            if whole {
                self.line(&format!("           {}", shortened(&finding.sentence())));
                if finding.verdict == Verdict::Failed && !finding.fix.is_empty() {
                    let fix = self.paint(DIM, &format!("           {}", finding.fix));
                    self.line(&fix);
                }
            }
        }
        self.more(findings.len(), most);
    }

    fn changes(&mut self, heading: &str, changes: &[&ResourceChange]) {
        if changes.is_empty() {
            return;
        }
        self.heading(heading);
        let most = if self.options.all { usize::MAX } else { LISTED };
        for change in changes.iter().take(most) {
            let (sign, color) = sign(change.action);
            let sign = self.paint(color, &format!("{sign:<3}"));
            let first = change.addresses.first().map_or("", String::as_str);
            let mut notes = Vec::new();
            if change.addresses.len() > 1 {
                notes.push(format!("and {} like it", change.addresses.len() - 1));
            }
            if !change.forced_by.is_empty() {
                notes.push(format!("forced by {}", change.forced_by.join(", ")));
            }
            if change.imports {
                notes.push("imported".to_owned());
            }
            if let [previous, ..] = change.previous.as_slice() {
                notes.push(format!("moved from {previous}"));
            }
            if change.deposed.is_some() {
                notes.push("left behind by a replacement".to_owned());
            }
            if change.action == Action::Forget {
                notes.push("forgotten, not deleted".to_owned());
            }
            notes.extend(change.cost.clone());
            let notes = match notes.is_empty() {
                true => String::new(),
                false => self.paint(DIM, &format!("  {}", notes.join(", "))),
            };
            self.line(&format!("  {sign} {}{notes}", shortened(first)));
            if self.options.all {
                for address in change.addresses.iter().skip(1) {
                    self.line(&format!("      {}", shortened(address)));
                }
            }
            self.differences(&change.differences);
        }
        self.more(changes.len(), most);
    }

    fn differences(&mut self, differences: &[Difference]) {
        let most = if self.options.all { usize::MAX } else { SHOWN };
        for Difference { path, change } in differences.iter().take(most) {
            // An output is its own value.
            let path = if path.is_empty() { "value" } else { path };
            match change {
                Change::Added(new) => self.part(GREEN, "+", &format!("{path} = {new}")),
                Change::Removed(old) => self.part(RED, "-", &format!("{path} = {old}")),
                Change::Changed(old, new) => self.part(YELLOW, "~", &format!("{path} = {old} → {new}")),
                Change::Lines(lines) => {
                    self.part(YELLOW, "~", path);
                    for line in lines {
                        match line {
                            Line::Added(text) => self.part(GREEN, "  +", text),
                            Line::Removed(text) => self.part(RED, "  -", text),
                            Line::Kept(text) => self.part(DIM, "   ", text),
                            Line::Left(count) => self.part(DIM, "   ", &format!("… {count} lines")),
                        }
                    }
                }
            }
        }
        if differences.len() > most {
            self.part(
                DIM,
                " ",
                &format!("and {} more attributes", differences.len() - most),
            );
        }
    }

    fn part(&mut self, color: &str, sign: &str, text: &str) {
        let sign = self.paint(color, sign);
        self.line(&format!("        {sign} {}", shortened(text)));
    }

    fn more(&mut self, count: usize, most: usize) {
        if count > most {
            let line = self.paint(
                DIM,
                &format!("  and {} more (--verbose shows them)", count - most),
            );
            self.line(&line);
        }
    }

    fn heading(&mut self, heading: &str) {
        let heading = self.paint(BOLD, heading);
        self.line("");
        self.line(&heading);
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn paint(&self, color: &str, text: &str) -> String {
        match self.options.color {
            true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }
}
