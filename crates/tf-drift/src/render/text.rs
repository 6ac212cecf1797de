//! For people at a terminal: what could not be read first, then root by root, the worst first.

use console::Style;
use tf_report::Severity;
use tf_report::render::escape::{lines as harmless, one_line};

use super::{Shown, rows};
use crate::finding::{Document, Finding, RootReport, State, Status};
use crate::trend::Trend;

/// Columns of a value.
const WIDTH: usize = 72;

/// Attributes shown of a finding that is not shown whole.
const FEW: usize = 4;

struct Page {
    shown: Shown,
    out: String,
}

/// The document as text.
pub(super) fn render(document: &Document, shown: Shown) -> String {
    let mut page = Page {
        shown,
        out: String::new(),
    };
    for root in document.roots.iter().filter(|root| root.status == Status::Failed) {
        page.failed(root);
        // What could be read in part.
        page.root(root);
    }
    for error in &document.errors {
        let word = page.paint("FAILED", |style| style.red().bold());
        page.out.push_str(&format!("{word} {}\n", one_line(error)));
    }
    for root in document.roots.iter().filter(|root| root.status != Status::Failed) {
        page.root(root);
    }
    if !shown.quiet {
        for warning in &document.warnings {
            page.out.push_str(&format!("warning: {}\n", one_line(warning)));
        }
        for note in rows::notes(document) {
            page.out.push_str(&format!("note: {}\n", one_line(&note)));
        }
        page.out.push_str(&format!(
            "{}\n{}\n",
            rows::roots(&document.summary),
            rows::findings(&document.summary)
        ));
        if let Some(sum) = &document.summary.cost {
            page.out
                .push_str(&format!("cost of the drift: {}\n", rows::cost_sum(sum)));
        }
        if document.summary.ignored > 0 {
            page.out.push_str(&format!(
                "{}; --show-ignored lists what it is and why\n",
                rows::no_drift(document.summary.ignored)
            ));
        }
        if document.summary.waiting > 0 {
            page.out.push_str(&format!(
                "{} in the configuration, and no drift\n",
                match document.summary.waiting {
                    1 => "1 change waits".to_owned(),
                    count => format!("{count} changes wait"),
                }
            ));
        }
    }
    page.out
}

impl Page {
    fn paint(&self, text: &str, how: fn(Style) -> Style) -> String {
        match self.shown.color {
            true => how(Style::new().force_styling(true)).apply_to(text).to_string(),
            false => text.to_owned(),
        }
    }

    fn failed(&mut self, root: &RootReport) {
        let word = self.paint("FAILED", |style| style.red().bold());
        let error = root.error.as_deref().unwrap_or_default();
        if self.shown.quiet {
            let first = one_line(error.lines().next().unwrap_or_default());
            self.out
                .push_str(&format!("{}: {word} {first}\n", one_line(&root.root)));
            return;
        }
        self.out.push_str(&format!(
            "{word} {}: {}\n",
            one_line(&root.root),
            rows::unread(root).to_lowercase()
        ));
        for line in harmless(error).lines() {
            self.out.push_str(&format!("  {line}\n"));
        }
        self.out.push('\n');
    }

    fn root(&mut self, root: &RootReport) {
        if self.shown.quiet {
            for finding in root
                .findings
                .iter()
                .filter(|finding| finding.state != State::Acknowledged)
            {
                let line = format!(
                    "{}: {} {} {} ({}), {}",
                    root.root,
                    finding.severity.as_str(),
                    finding.class.as_str(),
                    finding.address,
                    finding.why,
                    rows::age(finding)
                );
                self.out.push_str(&(one_line(&line) + "\n"));
            }
            return;
        }
        let nothing = root.findings.is_empty() && root.resolved.is_empty() && root.ignored_changes.is_empty();
        if nothing && root.coverage.is_none() {
            return;
        }
        let title = self.paint(&one_line(&root.root), |style| style.bold());
        self.out.push_str(&format!("{title}\n"));
        self.coverage(root);
        if let Some(sum) = &root.cost {
            let line = format!("cost of the drift: {}", rows::cost_sum(sum));
            self.out.push_str(&format!("  {line}\n"));
        }
        for finding in &root.findings {
            self.finding(finding);
        }
        for resolved in &root.resolved {
            let word = self.paint("resolved", |style| style.green());
            let since = resolved.first_seen.get(..10).unwrap_or_default();
            self.out.push_str(&format!(
                "  {word} {} ({}, since {since})\n",
                one_line(&resolved.address),
                resolved.class.as_str()
            ));
        }
        for ignored in &root.ignored_changes {
            let mut line = match ignored.path.is_empty() {
                true => format!("ignored {}", ignored.address),
                false => format!("ignored {} {}", ignored.address, ignored.path),
            };
            line.push_str(&format!(": {}", ignored.reason.meaning()));
            if !ignored.detail.is_empty() {
                line.push_str(&format!(" ({})", ignored.detail));
            }
            self.out.push_str(&format!("  {}\n", one_line(&line)));
        }
        self.out.push('\n');
    }

    fn coverage(&mut self, root: &RootReport) {
        if let Some(line) = rows::coverage(root) {
            self.out.push_str(&format!("  {line}\n"));
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let severity = self.paint(
            finding.severity.as_str(),
            match finding.severity {
                Severity::Critical | Severity::High => |style: Style| style.red().bold(),
                Severity::Medium => |style: Style| style.yellow(),
                _ => |style: Style| style.cyan(),
            },
        );
        self.out.push_str(&format!(
            "  {severity} {} {} ({})\n",
            finding.class.as_str(),
            one_line(&finding.address),
            one_line(&rows::age(finding)),
        ));
        self.out.push_str(&format!("    {}\n", one_line(&finding.why)));
        if let Some(who) = rows::who(finding) {
            self.out.push_str(&format!("    {}\n", one_line(&who)));
        }
        let few = match self.shown.verbose {
            true => finding.attributes.len(),
            false => FEW,
        };
        let width = if self.shown.verbose { 2_000 } else { WIDTH };
        for attribute in finding.attributes.iter().take(few) {
            self.out
                .push_str(&format!("    {}\n", rows::difference(attribute, width)));
        }
        if finding.attributes.len() > few {
            self.out
                .push_str(&format!("    … and {} more\n", finding.attributes.len() - few));
        }
        if let Some(cost) = &finding.cost {
            self.out
                .push_str(&format!("    cost: {}\n", one_line(&rows::cost(cost))));
        }
        let place = rows::place(finding);
        let place = if place.is_empty() {
            String::new()
        } else {
            format!("{place}: ")
        };
        self.out
            .push_str(&format!("    {}{}\n", one_line(&place), finding.class.meaning()));
        if self.shown.verbose {
            for (title, text) in [
                ("Accept", &finding.remedy.accept),
                ("Revert", &finding.remedy.revert),
            ] {
                self.out.push_str(&format!("    {title}:\n"));
                for line in harmless(text).lines().filter(|line| !line.is_empty()) {
                    self.out.push_str(&format!("      {line}\n"));
                }
            }
            self.out
                .push_str(&format!("    fingerprint {}\n", finding.fingerprint));
        }
    }
}

/// The trend, a line a scan.
pub(crate) fn trend(trend: &Trend) -> String {
    const BAR: usize = 40;
    let most = trend
        .points
        .iter()
        .map(|point| point.open())
        .max()
        .unwrap_or_default();
    let mut out = String::from("\nTrend\n");
    for point in &trend.points {
        let open = point.open();
        let length = (open * BAR).div_ceil(most.max(1));
        let mut line = format!(
            "  {}  {:<BAR$}  {open} open, {} new, {} resolved",
            point.at,
            "#".repeat(length),
            point.summary.new,
            point.summary.resolved
        );
        if point.summary.failed > 0 {
            line.push_str(&format!(", {} could not be read", point.summary.failed));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
