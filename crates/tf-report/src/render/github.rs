//! [Workflow commands](https://docs.github.com/actions/reference/workflow-commands-for-github-actions) that
//! annotate a pull request on GitHub. A step shows ten errors and ten warnings, so the worst come first.

use super::finding::{info, is_open, subject, worst_first};
use super::place::Place;
use super::{escape, tally};
use crate::{Finding, Problem, Report, Severity, Verdict};

/// One command a line, then the coverage.
pub(super) fn render(report: &Report) -> String {
    let mut lines: Vec<String> = report.problems.iter().map(of_problem).collect();
    let open = worst_first(report.findings.iter().filter(|finding| is_open(finding)));
    lines.extend(open.into_iter().map(|finding| of_finding(report, finding)));
    lines.push(tally::coverage(report));
    lines.join("\n") + "\n"
}

fn of_finding(report: &Report, finding: &Finding) -> String {
    let info = info(report, finding);
    let title = match info.title.as_str() {
        "" => finding.policy.clone(),
        title => format!("{} ({}): {title}", finding.policy, finding.severity.as_str()),
    };
    let mut message = match finding.message.as_str() {
        "" => subject(report, finding),
        message => format!("{}: {message}", subject(report, finding)),
    };
    let reason = finding
        .reason
        .as_ref()
        .map(|reason| format!("Unknown because {reason}"));
    let fix = (!info.fix.is_empty()).then(|| format!("Fix: {}", info.fix));
    for line in [reason, fix].into_iter().flatten() {
        message.push('\n');
        message.push_str(&line);
    }
    command(level(finding), Place::of_finding(finding), &title, &message)
}

fn of_problem(problem: &Problem) -> String {
    let (level, title) = if problem.error {
        ("error", "Not read")
    } else {
        ("warning", "Warning")
    };
    command(level, Place::of_problem(problem), title, &problem.message)
}

fn level(finding: &Finding) -> &'static str {
    match (finding.severity, finding.result) {
        (Severity::Info, _) => "notice",
        (_, Verdict::Unknown) | (Severity::Medium | Severity::Low, _) => "warning",
        (Severity::Critical | Severity::High, _) => "error",
    }
}

fn command(level: &str, place: Option<Place<'_>>, title: &str, message: &str) -> String {
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!(
            "file={}",
            property(&escape::one_line(place.in_repository))
        ));
        let end_line = place.lines.map(|(_, last)| last);
        let numbers = [
            ("line", place.line()),
            ("endLine", end_line),
            ("col", place.column.filter(|_| place.end_column.is_some())),
            ("endColumn", place.end_column),
        ];
        let known = numbers
            .into_iter()
            .filter_map(|(name, number)| Some(format!("{name}={}", number?)));
        properties.extend(known);
    }
    properties.push(format!("title={}", property(&escape::one_line(title))));
    format!(
        "::{level} {}::{}",
        properties.join(","),
        data(&escape::lines(message))
    )
}

/// The escapes of the runner's `ActionCommand` for what follows `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As [`data`], and those for a property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_cannot_be_left() {
        let place = Place {
            in_repository: "a,b:%.tf",
            file: "a,b:%.tf",
            lines: Some((1, 2)),
            column: None,
            end_column: None,
        };
        assert_eq!(
            command("error", Some(place), "t::x\ny", "100%0A\r\n::warning::x"),
            r"::error file=a%2Cb%3A%25.tf,line=1,endLine=2,title=t%3A%3Ax\ny::100%250A%0A::warning::x"
        );
    }
}
