//! A review in Markdown: for a file, or for a comment, which has a limit.
//!
//! What does not fit is left out block by block, the least risky first, so that no fence and no `<details>` is ever cut in two.

use std::collections::HashMap;

use tf_model::plan::Action;
use tf_policy::Since;
use tf_report::render::escape as reveal;
use tf_report::{Severity, Verdict};

use crate::changes::{Changes, Counts, OutputChange, ResourceChange, block_of};
use crate::cost::Cost;
use crate::diff::{Change, Difference, Line};
use crate::marker;
use crate::risk::Risk;

/// What GitHub takes as a comment, in characters.
pub const COMMENT_LIMIT: usize = 65_536;

/// Addresses of alike changes that are named one by one.
const NAMED: usize = 10;

/// Differences of one change that are shown.
const SHOWN: usize = 60;

/// Characters of one line of a difference.
const WIDTH: usize = 300;

/// A verdict of a policy on what is changed. All its texts are masked already.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Since when it is so.
    pub since: Since,
    /// Failed, unknown or skipped.
    pub verdict: Verdict,
    /// How bad it is.
    pub severity: Severity,
    /// The policy's id.
    pub policy: String,
    /// The address of what it judges.
    pub address: String,
    /// Other instances of the same block of which the same is said.
    pub alike: Vec<String>,
    /// Where it is written: file and line, where the configuration is at hand.
    pub place: Option<(String, u32)>,
    /// What was found; for an unknown verdict, what it waits for.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// A review to be written down.
#[derive(Clone, Copy, Debug)]
pub struct Document<'r> {
    /// The root's folder in its repository.
    pub root: &'r str,
    /// What changes.
    pub changes: &'r Changes,
    /// Verdicts, in any order.
    pub findings: &'r [Finding],
    /// Where the whole review is, for what is left out.
    pub whole: &'r str,
    /// What it adds to the cost; none where the world before it is not known.
    pub cost: Option<&'r Cost>,
    /// Whether there is a plan; else the configuration alone was judged, and what changes is not known.
    pub planned: bool,
}

impl Finding {
    /// Of how many instances it is said.
    pub fn count(&self) -> usize {
        1 + self.alike.len()
    }

    /// The message as a sentence of its own.
    pub(crate) fn sentence(&self) -> String {
        match self.verdict {
            Verdict::Unknown => format!("waits for {}", self.message),
            _ => self.message.clone(),
        }
    }

    /// The findings with those that say the same of several instances of a block as one, in the place of the first.
    pub fn grouped(findings: impl IntoIterator<Item = Finding>) -> Vec<Finding> {
        let mut groups: Vec<Finding> = Vec::new();
        let mut known: HashMap<(String, String, String, Since, Verdict), usize> = HashMap::new();
        for finding in findings {
            let key = (
                finding.policy.clone(),
                block_of(&finding.address),
                finding.message.clone(),
                finding.since,
                finding.verdict,
            );
            match known.get(&key).and_then(|at| groups.get_mut(*at)) {
                Some(group) => group.alike.push(finding.address),
                None => {
                    known.insert(key, groups.len());
                    groups.push(finding);
                }
            }
        }
        groups
    }
}

/// A part that is there whole or not at all.
struct Block {
    /// What it belongs below.
    heading: &'static str,
    text: String,
}

impl Document<'_> {
    /// What stands at the beginning of a comment, invisible, so that the next run finds it again.
    pub fn marker(&self) -> String {
        marker::marker(self.root)
    }

    /// The review in at most so many characters. A limit that leaves no room for the summary is not kept.
    pub fn markdown(&self, limit: usize) -> String {
        let head = format!(
            "{}\n### {}\n\n{}\n",
            self.marker(),
            code(self.root),
            self.verdict()
        );
        let head = match self.cost {
            Some(cost) => format!("{head}\n**Cost**: {}\n", escape(&cost.sentence())),
            None => head,
        };
        let blocks = self.blocks();
        // Room for the headings and for the line that says what is left out.
        let reserve = 600 + self.whole.len();
        let mut room = limit.saturating_sub(count(&head) + reserve);
        let mut text = head;
        let mut heading = "";
        let mut left = 0;
        for block in blocks {
            let length = count(&block.text);
            // Once something is left out, so is all that matters less.
            if left > 0 || length > room {
                left += 1;
                continue;
            }
            room -= length;
            if block.heading != heading {
                heading = block.heading;
                text.push_str(&format!("\n#### {heading}\n\n"));
            }
            text.push_str(&block.text);
        }
        if left > 0 {
            text.push_str(&format!(
                "\n**{left} more, of the least risk, do not fit here.** The whole review: {}\n",
                escape(&one_line(self.whole))
            ));
        }
        text
    }

    pub(crate) fn failures(&self, since: Since) -> usize {
        let is = |finding: &&Finding| finding.since == since && finding.verdict == Verdict::Failed;
        self.findings.iter().filter(is).map(Finding::count).sum()
    }

    /// The summary in one line.
    pub(crate) fn verdict(&self) -> String {
        let mut parts = vec![match self.planned {
            true => counted(&self.changes.counts),
            false => "judged without a plan".to_owned(),
        }];
        for (since, word) in [
            (Since::Introduced, "introduced"),
            (Since::Fixed, "fixed"),
            (Since::Existing, "existing"),
        ] {
            match self.failures(since) {
                0 => {}
                1 => parts.push(format!("1 failure {word}")),
                many => parts.push(format!("{many} failures {word}")),
            }
        }
        let unknown = self
            .findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Unknown);
        let unknown: usize = unknown.map(Finding::count).sum();
        if unknown > 0 {
            parts.push(format!("{unknown} not known before apply"));
        }
        parts.join(" · ")
    }

    /// All parts, the most important first.
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut findings: Vec<&Finding> = self.findings.iter().collect();
        findings
            .sort_by(|a, b| (b.severity, &a.address, &a.policy).cmp(&(a.severity, &b.address, &b.policy)));
        let list = |heading: &'static str, since: Since, verdict: Verdict| {
            let of = findings
                .iter()
                .filter(|finding| finding.since == since && finding.verdict == verdict);
            of.map(|finding| Block {
                heading,
                text: bullet(finding),
            })
            .collect::<Vec<Block>>()
        };
        blocks.extend(list(
            "Introduced by this change",
            Since::Introduced,
            Verdict::Failed,
        ));
        let later = [
            list("Fixed by this change", Since::Fixed, Verdict::Failed),
            list("Not known before apply", Since::Introduced, Verdict::Unknown),
            list("Not known before apply", Since::Existing, Verdict::Unknown),
            list("There before", Since::Existing, Verdict::Failed),
        ];
        for change in &self.changes.resources {
            blocks.push(Block {
                heading: match change.risk {
                    Risk::DataLoss => "Data loss",
                    Risk::Exposure => "Exposure",
                    Risk::Privilege => "Privilege",
                    Risk::Cost => "Cost",
                    Risk::Rest => "Other changes",
                },
                text: resource(change),
            });
        }
        for output in &self.changes.outputs {
            blocks.push(Block {
                heading: "Outputs",
                text: self::output(output),
            });
        }
        blocks.extend(later.into_iter().flatten());
        blocks
    }
}

/// What stands in place of a review where a pull request changes its root no more.
pub fn unchanged(root: &str) -> String {
    format!(
        "{}\n### {}\n\nThis pull request changes nothing here any more.\n",
        marker::marker(root),
        code(root)
    )
}

/// What stands in place of a review where a root could not be planned; the error is masked already.
pub fn unplanned(root: &str, error: &str) -> String {
    /// The end says most: Terraform names what it was doing first, and an error after another.
    const LONGEST: usize = 20_000;
    let length = count(error);
    let end: String = error.chars().skip(length.saturating_sub(LONGEST)).collect();
    let left = match length > LONGEST {
        true => "The beginning is left out.\n\n",
        false => "",
    };
    let shown: Vec<String> = end
        .lines()
        .map(|line| {
            line.chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                .collect()
        })
        .collect();
    let shown = shown.join("\n");
    let ticks = "`".repeat(longest_run(&shown).max(2) + 1);
    format!(
        "{}\n### {}\n\n❌ **It could not be planned**, so that nothing is known about this change.\n\n{left}{ticks}text\n{shown}\n{ticks}\n",
        marker::marker(root),
        code(root)
    )
}

/// `3 to add, 1 to replace`.
pub(crate) fn counted(counts: &Counts) -> String {
    let parts = [
        (counts.add, "to add"),
        (counts.change, "to change"),
        (counts.replace, "to replace"),
        (counts.delete, "to delete"),
        (counts.import, "to import"),
        (counts.moved, "moved"),
        (counts.forget, "to forget"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    match parts.is_empty() {
        true => "no changes".to_owned(),
        false => parts.join(", "),
    }
}

fn bullet(finding: &Finding) -> String {
    let place = finding
        .place
        .as_ref()
        .map(|(file, line)| format!(" ({})", code(&format!("{file}:{line}"))));
    let fix =
        match finding.fix.is_empty() || finding.verdict != Verdict::Failed || finding.since == Since::Fixed {
            true => String::new(),
            false => format!(" {}", escape(&one_line(&finding.fix))),
        };
    let alike = match finding.alike.len() {
        0 => String::new(),
        count => format!(" and {count} like it"),
    };
    format!(
        "- **{}** {} {}{alike}{}: {}{fix}\n",
        finding.severity.as_str(),
        code(&finding.policy),
        code(&finding.address),
        place.unwrap_or_default(),
        escape(&one_line(&finding.sentence())),
    )
}

fn resource(change: &ResourceChange) -> String {
    let mut body = String::new();
    if change.addresses.len() > 1 {
        for address in change.addresses.iter().take(NAMED) {
            body.push_str(&format!("- {}\n", code(address)));
        }
        if change.addresses.len() > NAMED {
            body.push_str(&format!("- and {} more\n", change.addresses.len() - NAMED));
        }
        body.push('\n');
    }
    body.push_str(&fence(&change.differences));
    let name = naming(&body);
    let mut title = match change.addresses.as_slice() {
        [one] => name(one),
        [first, ..] => format!("{} and {} like it", name(first), change.addresses.len() - 1),
        [] => String::new(),
    };
    title.push_str(&format!(" {}", done(change.action)));
    if !change.forced_by.is_empty() {
        let names: Vec<String> = change.forced_by.iter().map(|path| name(path)).collect();
        title.push_str(&format!(", forced by {}", names.join(", ")));
    }
    if let Some(deposed) = &change.deposed {
        title.push_str(&format!(" (left behind by a replacement: {})", name(deposed)));
    }
    if change.imports {
        title.push_str(", imported");
    }
    if let [previous, ..] = change.previous.as_slice() {
        title.push_str(&format!(", moved from {}", name(previous)));
    }
    if let Some(cost) = &change.cost {
        title.push_str(&format!(": {cost}"));
    }
    folded(&title, &body)
}

/// What is done, as it follows an address.
pub(crate) fn done(action: Action) -> &'static str {
    match action {
        Action::NoOp | Action::Read => "stays",
        Action::Create => "is made",
        Action::Update => "is changed",
        Action::Delete => "is deleted",
        Action::DeleteThenCreate => "is deleted, then made anew",
        Action::CreateThenDelete => "is made anew, then the old one is deleted",
        Action::Forget => "is forgotten",
    }
}

/// What becomes of an output, as it follows its name.
pub(crate) fn becomes(action: Action) -> &'static str {
    match action {
        Action::Create => "is new",
        Action::Delete => "goes",
        _ => "changes",
    }
}

fn output(change: &OutputChange) -> String {
    let body = fence(&change.differences);
    let name = naming(&body);
    folded(
        &format!("{} {}", name(&change.name), becomes(change.action)),
        &body,
    )
}

/// How names are written in the title above a body: a summary is HTML, and a line without a body is Markdown.
fn naming(body: &str) -> fn(&str) -> String {
    if body.trim().is_empty() { code } else { html }
}

/// Something that opens on a click, or a line where there is nothing to open.
fn folded(title: &str, body: &str) -> String {
    match body.trim().is_empty() {
        true => format!("- {title}\n"),
        false => format!(
            "\n<details><summary>{title}</summary>\n\n{}\n\n</details>\n\n",
            body.trim_end()
        ),
    }
}

/// Differences in a fence that nothing in them can end.
fn fence(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let mut lines = Vec::new();
    for Difference { path, change } in differences.iter().take(SHOWN) {
        // An output is its own value.
        let path = if path.is_empty() { "value" } else { path };
        match change {
            Change::Added(new) => lines.push(format!("+ {path} = {new}")),
            Change::Removed(old) => lines.push(format!("- {path} = {old}")),
            Change::Changed(old, new) => {
                lines.push(format!("- {path} = {old}"));
                lines.push(format!("+ {path} = {new}"));
            }
            Change::Lines(texts) => {
                lines.push(format!("! {path}"));
                lines.extend(texts.iter().map(|line| match line {
                    Line::Added(text) => format!("+   {text}"),
                    Line::Removed(text) => format!("-   {text}"),
                    Line::Kept(text) => format!("    {text}"),
                    Line::Left(count) => format!("    … {count} lines"),
                }));
            }
        }
    }
    if differences.len() > SHOWN {
        lines.push(format!("! and {} more attributes", differences.len() - SHOWN));
    }
    let text: Vec<String> = lines.iter().map(|line| shortened(&one_line(line))).collect();
    let text = text.join("\n");
    let ticks = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{ticks}diff\n{text}\n{ticks}\n")
}

/// A text as code, whatever it holds.
fn code(text: &str) -> String {
    let text = one_line(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// A text as code where Markdown is not read: in a summary.
fn html(text: &str) -> String {
    let text = one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<code>{text}</code>")
}

/// A text as it is: nothing in it is markup, nobody is mentioned, and nothing becomes a reference.
///
/// GitHub and GitLab look for references in what Markdown has become, where a backslash is gone already. A space of no width is not.
/// GitLab alone knows those that begin with `!`, `$`, `%`, `&`, `^` and `~`, and there a backslash is enough.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' | '#' => {
                out.push(c);
                out.push('\u{200b}');
            }
            // GH-12
            '-' if ends_with_gh(&out) && rest.peek().is_some_and(char::is_ascii_digit) => {
                out.push_str("-\u{200b}")
            }
            // A bare address becomes a link, and one of an issue or a pull request leaves a note there.
            ':' if rest.peek() == Some(&'/') => out.push_str(":\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' | '%' | '&' | '^' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn ends_with_gh(text: &str) -> bool {
    let mut back = text.chars().rev().map(|c| c.to_ascii_lowercase());
    back.next() == Some('h') && back.next() == Some('g') && !back.next().is_some_and(char::is_alphanumeric)
}

/// A text on one line, with what does not show written out: marks that reorder it would make a diff say what it does not.
fn one_line(text: &str) -> String {
    reveal::lines(&text.replace(is_line_end, " "))
}

/// What Markdown, HTML or a terminal takes for the end of a line.
fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

pub(crate) fn shortened(line: &str) -> String {
    match line.chars().count() > WIDTH {
        true => line.chars().take(WIDTH).chain("…".chars()).collect(),
        false => line.to_owned(),
    }
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

fn count(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests;
