//! JUnit's XML as Jenkins, GitLab and others read it: a suite a root module, a test case a verdict. What is
//! not known counts as skipped, with its reason; what could not be read is an error in a suite of its own.

use std::collections::HashMap;

use super::finding::{describe_suppression, info, verdict};
use super::place::Place;
use crate::{Finding, Problem, Report, Verdict};

/// Name of the suite of problems, which belong to no root module.
const PROBLEMS: &str = "problems";

/// A suite, rendered, with its counts.
#[derive(Default)]
struct Suite {
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// The report as `testsuites`.
pub(super) fn render(report: &Report) -> String {
    let mut suites: Vec<(&str, Suite)> = Vec::new();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let mut position = |suites: &mut Vec<(_, _)>, root| {
        *positions.entry(root).or_insert_with(|| {
            suites.push((root, Suite::default()));
            suites.len() - 1
        })
    };
    for root in &report.roots {
        position(&mut suites, root.as_str());
    }
    for finding in &report.findings {
        let index = position(&mut suites, finding.root.as_str());
        if let Some((_, suite)) = suites.get_mut(index) {
            suite.finding(report, finding);
        }
    }
    let mut problems = Suite::default();
    report
        .problems
        .iter()
        .filter(|problem| problem.error)
        .for_each(|problem| problems.problem(problem));
    if problems.tests > 0 {
        suites.push((PROBLEMS, problems));
    }
    document(report, &suites)
}

fn document(report: &Report, suites: &[(&str, Suite)]) -> String {
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(|(_, suite)| count(suite)).sum::<usize>();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\">\n",
        escape(&report.tool),
        sum(|suite| suite.tests),
        sum(|suite| suite.failures),
        sum(|suite| suite.errors),
    ));
    for (name, suite) in suites {
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" \
             time=\"0\">\n",
            escape(name),
            suite.tests,
            suite.failures,
            suite.errors,
            suite.skipped,
        ));
        out.push_str(&suite.cases);
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

impl Suite {
    fn finding(&mut self, report: &Report, finding: &Finding) {
        let name = format!("{} {}", finding.policy, finding.address);
        let outcome = match verdict(finding) {
            Verdict::Passed => String::new(),
            Verdict::Failed => {
                self.failures += 1;
                element(
                    "failure",
                    finding.severity.as_str(),
                    &finding.message,
                    &body(report, finding),
                )
            }
            Verdict::Unknown => {
                self.skipped += 1;
                let reason = finding.reason.as_deref().unwrap_or(&finding.message);
                element("skipped", "unknown", &format!("unknown: {reason}"), "")
            }
            Verdict::Skipped => {
                self.skipped += 1;
                let why = finding
                    .suppression
                    .as_ref()
                    .map(describe_suppression)
                    .unwrap_or_default();
                element("skipped", "accepted", &why, "")
            }
        };
        self.case(&name, &finding.ty, &finding.location.in_repository, &outcome);
    }

    fn problem(&mut self, problem: &Problem) {
        self.errors += 1;
        let place = Place::of_problem(problem).map(|place| place.to_string());
        let name = place.unwrap_or_else(|| format!("problem {}", self.errors));
        let outcome = element("error", "not read", &problem.message, "");
        self.case(&name, PROBLEMS, &problem.location.in_repository, &outcome);
    }

    fn case(&mut self, name: &str, class: &str, file: &str, outcome: &str) {
        self.tests += 1;
        let file = if file.is_empty() {
            String::new()
        } else {
            format!(" file=\"{}\"", escape(file))
        };
        let start = format!(
            "    <testcase name=\"{}\" classname=\"{}\"{file}",
            escape(name),
            escape(class)
        );
        self.cases.push_str(&start);
        if outcome.is_empty() {
            self.cases.push_str("/>\n");
        } else {
            self.cases
                .push_str(&format!(">\n      {outcome}\n    </testcase>\n"));
        }
    }
}

fn element(name: &str, kind: &str, message: &str, body: &str) -> String {
    let start = format!(
        "<{name} type=\"{}\" message=\"{}\"",
        escape(kind),
        escape(message)
    );
    if body.is_empty() {
        start + "/>"
    } else {
        format!("{start}>{}</{name}>", escape(body))
    }
}

/// Everything that helps to mend it, for those whose test page shows no attributes.
fn body(report: &Report, finding: &Finding) -> String {
    let info = info(report, finding);
    let place = Place::of_finding(finding)
        .map(|place| place.to_string())
        .unwrap_or_default();
    let fix = if info.fix.is_empty() {
        String::new()
    } else {
        format!("fix: {}", info.fix)
    };
    let lines = [info.title.clone(), place, finding.message.clone(), fix];
    lines
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text for an element or an attribute. Line breaks and tabs are written as references, which attributes
/// keep; what [XML 1.0](https://www.w3.org/TR/xml/#charsets) has no character for becomes U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_replaced() {
        assert_eq!(
            escape("a\u{0}\u{1b}b]]>\n\t\"<&\u{ffff}"),
            "a\u{fffd}\u{fffd}b]]&gt;&#10;&#9;&quot;&lt;&amp;\u{fffd}"
        );
    }
}
