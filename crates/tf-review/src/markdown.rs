//! A review in Markdown: for a file, or for a comment, which has a limit.
//!
//! What does not fit is left out block by block, the least risky first, so that no fence and no `<details>` is ever cut in two.

use tf_model::plan::Action;
use tf_policy::Since;
use tf_report::{Severity, Verdict};

use crate::changes::{Changes, Counts, OutputChange, ResourceChange};
use crate::diff::{Change, Difference, Line};
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
    /// Where it is written: file and line, where the configuration is at hand.
    pub place: Option<(String, u32)>,
    /// What was found, or what it waits for.
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
        // Two hyphens would end the comment.
        format!(
            "<!-- plumbline:review {} -->",
            self.root.replace("--", "-\u{200b}-")
        )
    }

    /// The review in at most so many characters. A limit that leaves no room for the summary is not kept.
    pub fn markdown(&self, limit: usize) -> String {
        let head = format!(
            "{}\n### {}\n\n{}\n",
            self.marker(),
            code(self.root),
            self.verdict()
        );
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
                escape(self.whole)
            ));
        }
        text
    }

    fn failures(&self, since: Since) -> usize {
        let is = |finding: &&Finding| finding.since == since && finding.verdict == Verdict::Failed;
        self.findings.iter().filter(is).count()
    }

    /// The summary in one line.
    pub(crate) fn verdict(&self) -> String {
        let mut parts = vec![counted(&self.changes.counts)];
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
            .filter(|finding| finding.verdict == Verdict::Unknown)
            .count();
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

/// `3 to add, 1 to replace`.
fn counted(counts: &Counts) -> String {
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
    let fix = match finding.fix.is_empty() || finding.verdict != Verdict::Failed {
        true => String::new(),
        false => format!(" {}", escape(&one_line(&finding.fix))),
    };
    format!(
        "- **{}** {} {}{}: {}{fix}\n",
        finding.severity.as_str(),
        code(&finding.policy),
        code(&finding.address),
        place.unwrap_or_default(),
        escape(&one_line(&finding.message)),
    )
}

fn resource(change: &ResourceChange) -> String {
    let mut title = match change.addresses.as_slice() {
        [one] => html(one),
        [first, ..] => format!("{} and {} like it", html(first), change.addresses.len() - 1),
        [] => String::new(),
    };
    let what = match change.action {
        Action::NoOp | Action::Read => "stays",
        Action::Create => "is made",
        Action::Update => "is changed",
        Action::Delete => "is deleted",
        Action::DeleteThenCreate => "is deleted, then made anew",
        Action::CreateThenDelete => "is made anew, then the old one is deleted",
        Action::Forget => "is forgotten",
    };
    title.push_str(&format!(" {what}"));
    if !change.forced_by.is_empty() {
        let names: Vec<String> = change.forced_by.iter().map(|name| html(name)).collect();
        title.push_str(&format!(", forced by {}", names.join(", ")));
    }
    if let Some(deposed) = &change.deposed {
        title.push_str(&format!(" (left behind by a replacement: {})", html(deposed)));
    }
    if change.imports {
        title.push_str(", imported");
    }
    if let [previous, ..] = change.previous.as_slice() {
        title.push_str(&format!(", moved from {}", html(previous)));
    }
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
    folded(&title, &body)
}

fn output(change: &OutputChange) -> String {
    let what = match change.action {
        Action::Create => "is new",
        Action::Delete => "goes",
        _ => "changes",
    };
    folded(
        &format!("{} {what}", html(&change.name)),
        &fence(&change.differences),
    )
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

/// A text as it is: nothing in it is markup, and nobody is mentioned.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' | '#' => {
                out.push(c);
                out.push('\u{200b}');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
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
mod tests {
    use super::*;
    use crate::diff::Shown;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    fn change(address: &str, risk: Risk, differences: Vec<Difference>) -> ResourceChange {
        ResourceChange {
            addresses: vec![address.to_owned()],
            ty: "aws_x".to_owned(),
            action: Action::Update,
            risk,
            forced_by: Vec::new(),
            previous: Vec::new(),
            imports: false,
            deposed: None,
            reason: None,
            differences,
        }
    }

    fn added(path: &str, text: &str) -> Difference {
        Difference {
            path: path.to_owned(),
            change: Change::Added(Shown::Value(text.to_owned())),
        }
    }

    fn finding(since: Since, verdict: Verdict, severity: Severity, message: &str) -> Finding {
        Finding {
            since,
            verdict,
            severity,
            policy: "aws-x".to_owned(),
            address: "aws_x.y[\"`\"]".to_owned(),
            place: Some(("main.tf".to_owned(), 3)),
            message: message.to_owned(),
            fix: "Mend it.".to_owned(),
        }
    }

    /// Headings, fences and folds of a text as a Markdown reader sees them; panics where a fold is not closed.
    fn read(text: &str) -> (Vec<String>, usize) {
        let mut headings = Vec::new();
        let mut fences = 0;
        let mut folds = 0_i32;
        let mut heading = None;
        for event in Parser::new_ext(text, Options::all()) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => headings.extend(heading.take()),
                Event::Start(Tag::CodeBlock(_)) => fences += 1,
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::Html(html) | Event::InlineHtml(html) => {
                    folds +=
                        html.matches("<details>").count() as i32 - html.matches("</details>").count() as i32;
                }
                _ => {}
            }
        }
        assert_eq!(folds, 0, "a fold is not closed:\n{text}");
        (headings, fences)
    }

    #[test]
    fn the_worst_comes_first_and_nothing_breaks_out() {
        let changes = Changes {
            counts: Counts {
                change: 2,
                ..Counts::default()
            },
            resources: vec![
                change(
                    "aws_db_instance.a[\"</details>\"]",
                    Risk::DataLoss,
                    vec![added("x", "````\n</details>")],
                ),
                change("aws_x.b", Risk::Rest, Vec::new()),
            ],
            outputs: Vec::new(),
        };
        let findings = [
            finding(Since::Existing, Verdict::Failed, Severity::Critical, "old"),
            finding(
                Since::Introduced,
                Verdict::Failed,
                Severity::High,
                "new <script> @everyone",
            ),
            finding(Since::Introduced, Verdict::Unknown, Severity::High, "waits"),
        ];
        let document = Document {
            root: "environments/dev/x--y",
            changes: &changes,
            findings: &findings,
            whole: "the artifact",
        };
        let text = document.markdown(COMMENT_LIMIT);
        let (headings, fences) = read(&text);
        assert_eq!(
            headings,
            [
                "environments/dev/x--y",
                "Introduced by this change",
                "Data loss",
                "Other changes",
                "Not known before apply",
                "There before"
            ]
        );
        assert_eq!(fences, 1);
        assert!(
            text.contains(
                "2 to change · 1 failure introduced · 1 failure existing · 1 not known before apply"
            )
        );
        assert!(
            !text.contains("<script>") && !text.contains("@everyone"),
            "{text}"
        );
        assert!(text.starts_with(&document.marker()));
        assert_eq!(document.marker().matches("--").count(), 2);
    }

    #[test]
    fn what_does_not_fit_is_the_least_risky_and_is_counted() {
        for many in [1, 100, 5_000] {
            let resources: Vec<ResourceChange> = (0..many)
                .map(|at| {
                    let risk = if at == 0 { Risk::DataLoss } else { Risk::Rest };
                    change(
                        &format!("aws_x.y[{at}]"),
                        risk,
                        vec![added("policy", &format!("\"{}\"", "é`".repeat(200)))],
                    )
                })
                .collect();
            let changes = Changes {
                resources,
                ..Changes::default()
            };
            let document = Document {
                root: "r",
                changes: &changes,
                findings: &[],
                whole: "review.md",
            };
            let text = document.markdown(COMMENT_LIMIT);
            assert!(count(&text) <= COMMENT_LIMIT, "{}", count(&text));
            let (_, fences) = read(&text);
            assert!(text.contains("aws_x.y[0]"));
            match fences == many {
                true => assert!(!text.contains("do not fit")),
                false => assert!(text.contains(&format!("**{} more, of the least risk", many - fences))),
            }
            assert_eq!(fences == many, many < 150, "{many}: {fences}");
            assert_eq!(read(&document.markdown(usize::MAX)).1, many);
        }
    }
}
