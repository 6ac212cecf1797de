//! A pull request's comment, in GitHub-flavoured Markdown: a table, then what fails, the worst first, each to
//! be opened for its details. GitHub takes 65,536 characters; what does not fit is left out, the least severe
//! first, and counted.
//!
//! Text that others wrote stands in `<code>`, in prose whose every special character is a reference, or in a
//! fence longer than any in it, so that it is never markup and notifies nobody.

use super::finding::{describe_suppression, info, is_fixed, subject, with_verdict};
use super::place::{Place, chain};
use super::prose::said;
use super::tally::{self, Standing};
use super::{escape, snippet};
use crate::{Compliance, Finding, Problem, Report, Severity, Snippet, Verdict};

/// Characters of a comment.
const LIMIT: usize = 60_000;
/// Characters kept for what stands at the end: what was left out, and the coverage.
const END: usize = 1_500;
/// Characters of a title, an address or a path.
const SHORT: usize = 250;
/// Characters of a message, a reason or a remedy.
const LONG: usize = 1_000;
/// Columns and lines of source.
const SOURCE: (usize, usize) = (110, 24);
/// Problems shown.
const MOST_PROBLEMS: usize = 10;

/// The report as a comment.
pub(super) fn render(report: &Report) -> String {
    let mut comment = Comment {
        out: String::new(),
        room: LIMIT - END,
        left_out: Vec::new(),
    };
    comment.push(&heading(report));
    comment.push(&severities(report));
    comment.push(&frameworks(report));
    comment.problems(report);
    comment.failures(report);
    let unknown = with_verdict(report, Verdict::Unknown);
    comment.group(
        "Not known",
        "unknown",
        unknown.map(|finding| item(report, finding, unknown_because(finding))),
    );
    let fixed = report.findings.iter().filter(|finding| is_fixed(finding));
    comment.group(
        "Fixed",
        "fixed",
        fixed.map(|finding| item(report, finding, String::new())),
    );
    let skipped = with_verdict(report, Verdict::Skipped);
    comment.group(
        "Accepted",
        "skipped",
        skipped.map(|finding| item(report, finding, accepted_by(finding))),
    );
    let left_out = report
        .compliance
        .iter()
        .map(|compliance| comment.controls(compliance))
        .sum();
    comment.leave_out(left_out, "controls");
    comment.finish(report)
}

struct Comment {
    out: String,
    /// Characters that may still be added.
    room: usize,
    /// What did not fit: `12 medium`.
    left_out: Vec<String>,
}

impl Comment {
    /// Adds all of the text or, where it does not fit, nothing.
    fn push(&mut self, text: &str) -> bool {
        match self.room.checked_sub(text.chars().count()) {
            Some(room) => {
                self.room = room;
                self.out.push_str(text);
                true
            }
            None => false,
        }
    }

    /// Adds as many as fit, in this order; how many were added.
    fn push_all(&mut self, texts: impl Iterator<Item = String>) -> usize {
        texts.take_while(|text| self.push(text)).count()
    }

    fn leave_out(&mut self, number: usize, what: &str) {
        if number > 0 {
            self.left_out.push(format!("{number} {what}"));
        }
    }

    fn problems(&mut self, report: &Report) {
        for (error, title) in [(true, "Could not be read"), (false, "Warnings")] {
            let problems: Vec<&Problem> = report
                .problems
                .iter()
                .filter(|problem| problem.error == error)
                .collect();
            if problems.is_empty() || !self.push(&format!("### {title}\n\n")) {
                continue;
            }
            let shown = problems
                .iter()
                .take(MOST_PROBLEMS)
                .map(|problem| problem_item(problem));
            let shown = self.push_all(shown);
            self.push("\n");
            self.leave_out(problems.len() - shown, if error { "errors" } else { "warnings" });
        }
    }

    fn failures(&mut self, report: &Report) {
        let mut all_shown = true;
        for severity in Severity::ALL {
            let failed: Vec<&Finding> = with_verdict(report, Verdict::Failed)
                .filter(|finding| finding.severity == severity)
                .collect();
            if failed.is_empty() {
                continue;
            }
            let title = format!(
                "### {}: {} failed\n\n",
                capitalised(severity.as_str()),
                failed.len()
            );
            let shown = if all_shown && self.push(&title) {
                self.push_all(failed.iter().map(|finding| failure(report, finding)))
            } else {
                0
            };
            // Nothing less severe is shown once something was left out.
            all_shown = shown == failed.len();
            self.leave_out(failed.len() - shown, severity.as_str());
        }
    }

    /// A list that is closed at first.
    fn group(&mut self, title: &str, what: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        let summary = format!("<details>\n<summary>{title}: {}</summary>\n\n", items.len());
        let shown = match items.len() {
            0 => 0,
            _ => self.enclosed(&summary, items.iter().cloned()),
        };
        self.leave_out(items.len() - shown, what);
    }

    /// How many of the framework's controls were left out.
    fn controls(&mut self, compliance: &Compliance) -> usize {
        let start = format!(
            "<details>\n<summary>Controls of {}</summary>\n\n{}",
            code(&compliance.framework),
            table_head(
                &["Control", "Standing", "Failed", "Unknown", "Skipped", "Passed"],
                2
            ),
        );
        let rows = compliance.controls.iter().map(|control| {
            let numbers = [control.failed, control.unknown, control.skipped, control.passed];
            let numbers = numbers.map(|number| number.to_string()).join(" | ");
            format!(
                "| {} | {} | {numbers} |\n",
                code(&control.control),
                Standing::of(control).as_str()
            )
        });
        compliance.controls.len() - self.enclosed(&start, rows)
    }

    /// What fits of the texts, in a `<details>` that is closed whatever happens; how many fitted.
    fn enclosed(&mut self, start: &str, texts: impl Iterator<Item = String>) -> usize {
        const CLOSE: &str = "\n</details>\n\n";
        let Some(room) = self.room.checked_sub(CLOSE.len()) else {
            return 0;
        };
        self.room = room;
        if !self.push(start) {
            self.room += CLOSE.len();
            return 0;
        }
        let shown = self.push_all(texts);
        self.out.push_str(CLOSE);
        shown
    }

    fn finish(mut self, report: &Report) -> String {
        if !self.left_out.is_empty() {
            let left_out = self.left_out.join(", ");
            self.out.push_str(&format!(
                "**Left out, for a comment can only be so long:** {left_out}. \
                 The other formats show everything.\n\n"
            ));
        }
        self.out
            .push_str(&format!("<sub>{}</sub>\n", prose(&tally::coverage(report), LONG)));
        self.out
    }
}

fn heading(report: &Report) -> String {
    let tool = prose(&report.tool, SHORT);
    match tally::headline(report) {
        Some(headline) => format!("## {tool}: {headline}\n\n"),
        None => format!("## {tool}: nothing to do\n\n{}\n\n", tally::all_clear(report)),
    }
}

fn severities(report: &Report) -> String {
    let counts = tally::by_severity(report);
    if counts.is_empty() {
        return String::new();
    }
    let rows: String = counts
        .iter()
        .map(|of| {
            let severity = of.severity.as_str();
            format!(
                "| {severity} | {} | {} | {} |\n",
                of.failed, of.unknown, of.skipped
            )
        })
        .collect();
    format!(
        "{}{rows}\n",
        table_head(&["Severity", "Failed", "Unknown", "Skipped"], 1)
    )
}

fn frameworks(report: &Report) -> String {
    if report.compliance.is_empty() {
        return String::new();
    }
    let row = |compliance: &Compliance| {
        let standings = tally::standings(compliance)
            .map(|(_, count)| count.to_string())
            .join(" | ");
        format!("| {} | {standings} |\n", code(&compliance.framework))
    };
    let standings = Standing::ALL.map(|standing| capitalised(standing.as_str()));
    let header: Vec<&str> = ["Framework"]
        .into_iter()
        .chain(standings.iter().map(String::as_str))
        .collect();
    let rows: String = report.compliance.iter().map(row).collect();
    format!("{}{rows}\n", table_head(&header, 1))
}

/// Header and rule of a table whose columns are numbers from the `numbers`th on.
fn table_head(header: &[&str], numbers: usize) -> String {
    let rule: String = (0..header.len())
        .map(|column| if column < numbers { " --- |" } else { " ---: |" })
        .collect();
    format!("| {} |\n|{rule}\n", header.join(" | "))
}

fn problem_item(problem: &Problem) -> String {
    let place = Place::of_problem(problem).map(|place| format!("{}: ", code(&place.to_string())));
    let source = problem
        .snippet
        .as_ref()
        .map(|snippet| indented(&fenced(snippet)))
        .unwrap_or_default();
    format!(
        "- {}{}\n{source}",
        place.unwrap_or_default(),
        prose(&problem.message, LONG)
    )
}

fn indented(block: &str) -> String {
    let lines: String = block.lines().map(|line| format!("  {line}\n")).collect();
    format!("\n{lines}")
}

/// A failure that shows its details when opened.
fn failure(report: &Report, finding: &Finding) -> String {
    let info = info(report, finding);
    let place = Place::of_finding(finding).map(|place| format!(" ({})", code(&place.to_string())));
    let title = if info.title.is_empty() {
        String::new()
    } else {
        format!(" {} —", prose(&info.title, SHORT))
    };
    let mut out = format!(
        "<details>\n<summary><b>{}</b>{title} {}{}</summary>\n\n",
        code(&finding.policy),
        code(&subject(report, finding)),
        place.unwrap_or_default(),
    );
    let mut paragraph = |text: String| out.push_str(&format!("{text}\n\n"));
    if !finding.message.is_empty() {
        paragraph(prose(&finding.message, LONG));
    }
    if let Some(snippet) = &finding.snippet {
        paragraph(fenced(snippet));
    }
    let called_from: Vec<String> = chain(&finding.called_from)
        .take(SOURCE.1)
        .map(|place| code(&place.to_string()))
        .collect();
    if !called_from.is_empty() {
        paragraph(format!("Called from {}", called_from.join(", then ")));
    }
    if let Some(change) = &finding.change {
        paragraph(format!("By this plan: {}", prose(change, SHORT)));
    }
    if !info.fix.is_empty() {
        paragraph(format!("**Fix:** {}", prose(&info.fix, LONG)));
    }
    out.push_str("</details>\n\n");
    out
}

/// `- policy on address (file:line): why`.
fn item(report: &Report, finding: &Finding, why: String) -> String {
    let place = Place::of_finding(finding).map(|place| format!(" ({})", code(&place.to_string())));
    let why = said(&why).map(|why| format!(": {}", prose(&why, LONG)));
    format!(
        "- {} on {}{}{}\n",
        code(&finding.policy),
        code(&subject(report, finding)),
        place.unwrap_or_default(),
        why.unwrap_or_default(),
    )
}

fn unknown_because(finding: &Finding) -> String {
    finding.reason.as_ref().unwrap_or(&finding.message).clone()
}

fn accepted_by(finding: &Finding) -> String {
    finding
        .suppression
        .as_ref()
        .map(describe_suppression)
        .unwrap_or_default()
}

/// The source in a code block.
fn fenced(source: &Snippet) -> String {
    let (columns, most) = SOURCE;
    let text = snippet::plain(source, columns);
    let mut lines: Vec<&str> = text.lines().take(most).collect();
    if text.lines().nth(most).is_some() {
        lines.push("…");
    }
    let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
    format!("{fence}text\n{}\n{fence}", lines.join("\n"))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|character| character != of)
        .map(str::len)
        .max()
        .unwrap_or_default()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Text as code, where Markdown is read and where HTML is.
fn code(text: &str) -> String {
    format!(
        "<code>{}</code>",
        references(&escape::one_line(&escape::shorten(text, SHORT)))
    )
}

/// As [`plain`], and nothing in it notifies or links anybody: what GitHub and GitLab look for in the text of
/// the rendered page (`@name`, `#1`, `:emoji:`) is split by an element.
fn prose(text: &str, limit: usize) -> String {
    let plain = plain(text, limit);
    let mut out = String::with_capacity(plain.len());
    let mut before = ' ';
    let mut characters = plain.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        let apart = match character {
            '@' => true,
            '#' => before != '&' && next.is_ascii_digit(),
            ':' => next.is_ascii_alphanumeric(),
            _ => false,
        };
        if apart {
            out.push_str(&format!("<span>{character}</span>"));
        } else {
            out.push(character);
        }
        before = character;
    }
    out
}

/// Text on one line in which nothing is markup, wherever in Markdown it stands; at most `limit` characters of
/// it. It contains no HTML, but character references.
pub(super) fn plain(text: &str, limit: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    references(&escape::one_line(&escape::shorten(&words.join(" "), limit)))
}

/// Writes as references the characters that would be markup where they stand in this line.
fn references(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let digits = characters
        .iter()
        .take_while(|character| character.is_ascii_digit())
        .count();
    let is_word = |index: Option<usize>| {
        index
            .and_then(|at| characters.get(at))
            .is_some_and(|character| character.is_alphanumeric())
    };
    let mut out = String::with_capacity(line.len());
    for (index, &character) in characters.iter().enumerate() {
        let is_markup = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' => true,
            // Within a word it is no emphasis.
            '_' => !(is_word(index.checked_sub(1)) && is_word(Some(index + 1))),
            // These begin a list, a heading or a rule, but only at the beginning of a line.
            '-' | '+' | '#' | '=' => index == 0,
            '.' | ')' => digits > 0 && index == digits,
            _ => false,
        };
        if is_markup {
            out.push_str(&format!("&#{};", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn prose_is_never_markup() {
        for (text, expected) in [
            ("storage_encrypted is _x_", "storage_encrypted is &#95;x&#95;"),
            ("a|b `c` <d>", "a&#124;b &#96;c&#96; &#60;d&#62;"),
            ("- a", "&#45; a"),
            ("12. a", "12&#46; a"),
            ("two\n\nlines", "two lines"),
        ] {
            assert_eq!(plain(text, LONG), expected);
        }
        assert_eq!(
            prose("@all ${x} #12 :key: a: b", LONG),
            "<span>@</span>all &#36;{x} <span>#</span>12 <span>:</span>key: a: b"
        );
        assert_eq!(code("a[\"x|y\"]"), "<code>a&#91;\"x&#124;y\"&#93;</code>");
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        let source = Snippet {
            first_line: 1,
            lines: vec!["a ```` b".to_owned()],
            underline: None,
        };
        assert_eq!(fenced(&source), "`````text\n1 | a ```` b\n`````");
    }

    #[test]
    fn the_least_severe_are_left_out_and_counted() {
        let report = sample::many(2_000);
        let text = render(&report);
        assert!(text.chars().count() <= LIMIT, "{}", text.chars().count());
        assert_eq!(
            text.matches("<details>").count(),
            text.matches("</details>").count()
        );
        let shown = text.matches("<summary><b>").count();
        let left_out: usize = text
            .split_once("so long:** ")
            .and_then(|(_, rest)| rest.split_once(". The"))
            .into_iter()
            .flat_map(|(list, _)| list.split(", "))
            .filter(|part| Severity::parse(part.split(' ').next_back().unwrap()).is_some())
            .map(|part| part.split(' ').next().unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(shown + left_out, with_verdict(&report, Verdict::Failed).count());
        assert!(
            !text.contains("### Low"),
            "a less severe one is shown though a worse one was left out"
        );
    }
}
