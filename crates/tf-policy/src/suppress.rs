//! What takes findings out of account: comments in the code, waivers in the settings, a baseline of Checkov.
//!
//! All of them are listed even where they do not apply any more: one that has expired, matches nothing or
//! gives no reason is reported.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use globset::GlobMatcher;
use tf_lang::{FileId, SourceMap, Span};
use tf_model::Graph;
use tf_model::graph::Declaration;
use tf_report::{Severity, Suppression, Verdict};

use crate::engine::{Judgement, Subject};
use crate::policy::Policy;

/// A day of the calendar as year, month, day: compares as it should.
pub type Date = (i32, u8, u8);

/// Reads `YYYY-MM-DD`.
pub fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let date: Date = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&date.1) && (1..=31).contains(&date.2)).then_some(date)
}

/// A comment that suppresses policies.
#[derive(Clone, Debug)]
struct Inline {
    file: FileId,
    line: u32,
    /// Whether it also speaks for the block that begins on the next line.
    above: bool,
    ids: Vec<String>,
    reason: Option<String>,
    until: Option<String>,
    /// What kind of comment it is, for messages.
    style: &'static str,
}

/// A waiver of the settings.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Id of the policy, or one of its other ids.
    pub policy: String,
    /// Addresses that it covers: `*` stands for anything.
    pub address: GlobMatcher,
    /// The pattern as it is written.
    pub pattern: String,
    /// The root module that it is for, if for one only.
    pub root: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Its last day, as written.
    pub expires: String,
    /// The finding that it was written for.
    pub fingerprint: Option<String>,
    /// Line of the settings file.
    pub line: u32,
}

/// A baseline as Checkov writes it.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// File (with a leading slash), resource and check.
    entries: HashSet<(String, String, String)>,
}

impl Baseline {
    /// Reads the JSON of a `.checkov.baseline`.
    ///
    /// # Errors
    /// Where the text has not that form.
    pub fn parse(text: &str) -> Result<Baseline, serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct File {
            failed_checks: Vec<Failed>,
        }
        #[derive(serde::Deserialize)]
        struct Failed {
            file: String,
            #[serde(default)]
            findings: Vec<Found>,
        }
        #[derive(serde::Deserialize)]
        struct Found {
            resource: String,
            #[serde(default)]
            check_ids: Vec<String>,
        }
        let file: File = serde_json::from_str(text)?;
        let mut entries = HashSet::new();
        for failed in file.failed_checks {
            let path = format!(
                "/{}",
                failed.file.trim_start_matches("./").trim_start_matches('/')
            );
            for found in failed.findings {
                for check in found.check_ids {
                    entries.insert((path.clone(), found.resource.clone(), check));
                }
            }
        }
        Ok(Baseline { entries })
    }

    fn covers(&self, file: &str, judgement: &Judgement, block: &str) -> bool {
        let ids = judgement
            .policy
            .checkov
            .iter()
            .map(String::as_str)
            .chain([&*judgement.policy.id]);
        // Checkov names the block, not the instance, and modules without keys.
        let without_keys = strip_keys(&judgement.address);
        let names = [&*judgement.address, &without_keys, block];
        ids.into_iter().any(|id| {
            names.iter().any(|name| {
                self.entries
                    .contains(&(format!("/{file}"), (*name).to_owned(), id.to_owned()))
            })
        })
    }
}

fn strip_keys(address: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let mut quoted = false;
    for character in address.chars() {
        match character {
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            _ if depth == 0 => out.push(character),
            _ => {}
        }
    }
    out
}

/// Everything that suppresses findings.
#[derive(Debug, Default)]
pub struct Suppressions {
    inline: HashMap<FileId, Vec<Inline>>,
    /// Waivers of the settings.
    pub waivers: Vec<Waiver>,
    /// Checkov's baseline.
    pub baseline: Baseline,
    /// Policies or severities for which comments do not count.
    pub forbid_inline: Vec<String>,
    /// Policies that this run does not judge by, as those of changes where there is no plan: what suppresses them is not stale
    /// for matching nothing.
    pub judged_elsewhere: Vec<Arc<Policy>>,
    today: Date,
    used_inline: HashSet<(FileId, u32)>,
    used_waivers: HashSet<usize>,
    expired_waivers: HashSet<usize>,
    expired_inline: HashSet<(FileId, u32)>,
    forbidden_inline: HashSet<(FileId, u32, String)>,
}

/// A suppression that should be put right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Stale {
    /// The file; `None` for the settings.
    pub file: Option<FileId>,
    /// The line.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

impl Suppressions {
    /// None yet; those with a last day are measured against `today`.
    pub fn new(today: Date) -> Suppressions {
        Suppressions {
            today,
            ..Suppressions::default()
        }
    }

    /// Reads the comments of all files.
    pub fn read_comments(&mut self, sources: &SourceMap) {
        for number in 0..sources.len() {
            let file = FileId(number as u32);
            let Some(source) = sources.get(file) else { continue };
            let text = source.text();
            // Few files have any; a search for the two words is much faster than reading comments.
            if !text.contains(":skip=") && !text.contains(":ignore") {
                continue;
            }
            let found = tf_lang::parse::comments(text)
                .into_iter()
                .flat_map(|comment| read_comment(file, &comment));
            self.inline.entry(file).or_default().extend(found);
        }
    }

    /// Why a finding does not count, if so. A verdict that passed needs no suppression, but uses it.
    pub fn find(&mut self, graph: &Graph, judgement: &Judgement) -> Option<Suppression> {
        let found = self
            .find_inline(graph, judgement)
            .or_else(|| self.find_waiver(graph, judgement));
        found
            .or_else(|| self.find_baseline(graph, judgement))
            .filter(|_| judgement.verdict != Verdict::Passed)
    }

    fn find_inline(&mut self, graph: &Graph, judgement: &Judgement) -> Option<Suppression> {
        if self.inline.is_empty() {
            return None;
        }
        let declaration = declaration(graph, judgement.subject)?;
        let mut outcome = self.find_at(graph, judgement, declaration.block.span, false);
        // What the nearest call says is closest to the finding.
        for call in declaration.called_from.iter().rev() {
            let found = self.find_at(graph, judgement, *call, true);
            outcome = outcome.or(found);
        }
        outcome
    }

    /// What a comment at a block says of a finding: the block's own, or one in what it calls.
    fn find_at(
        &mut self,
        graph: &Graph,
        judgement: &Judgement,
        block: Span,
        is_call: bool,
    ) -> Option<Suppression> {
        let comments = self.inline.get(&block.file)?;
        let lines = graph.sources.lines(block);
        let mut outcome = None;
        for comment in comments {
            if !is_at(comment, &graph.sources, block.file, lines, is_call)
                || !comment.ids.iter().any(|id| names(&judgement.policy, id))
            {
                continue;
            }
            self.used_inline.insert((block.file, comment.line));
            if self.forbids(&judgement.policy) {
                let entry = (block.file, comment.line, judgement.policy.id.to_string());
                self.forbidden_inline.insert(entry);
                continue;
            }
            let expired = comment
                .until
                .as_deref()
                .is_some_and(|until| is_past(until, self.today));
            if expired {
                self.expired_inline.insert((block.file, comment.line));
                continue;
            }
            outcome.get_or_insert(Suppression {
                kind: "inline",
                reason: comment.reason.clone(),
                until: comment.until.clone(),
                owner: None,
            });
        }
        outcome
    }

    /// Says that nothing is built of a block or by a call, as where `count` is 0: what is suppressed there may be needed where something
    /// is.
    pub fn excuse(&mut self, sources: &SourceMap, block: Span, is_call: bool) {
        let lines = sources.lines(block);
        let comments = self.inline.get(&block.file).into_iter().flatten();
        let there = comments.filter(|comment| is_at(comment, sources, block.file, lines, is_call));
        self.used_inline
            .extend(there.map(|comment| (block.file, comment.line)));
    }

    /// Whether an id names a policy that this run does not judge by.
    fn is_elsewhere(&self, id: &str) -> bool {
        id != "*" && self.judged_elsewhere.iter().any(|policy| names(policy, id))
    }

    fn forbids(&self, policy: &Policy) -> bool {
        self.forbid_inline
            .iter()
            .any(|entry| *entry == *policy.id || *entry == policy.severity)
    }

    fn find_waiver(&mut self, graph: &Graph, judgement: &Judgement) -> Option<Suppression> {
        for (at, waiver) in self.waivers.iter().enumerate() {
            let is_bound = |print: &String| *print == judgement.fingerprint();
            let fits = names(&judgement.policy, &waiver.policy)
                && waiver.address.is_match(&*judgement.address)
                && waiver.root.as_ref().is_none_or(|root| *root == graph.root)
                && waiver.fingerprint.as_ref().is_none_or(is_bound);
            if !fits {
                continue;
            }
            self.used_waivers.insert(at);
            if is_past(&waiver.expires, self.today) {
                self.expired_waivers.insert(at);
                continue;
            }
            return Some(Suppression {
                kind: "waiver",
                reason: Some(waiver.reason.clone()),
                until: Some(waiver.expires.clone()),
                owner: Some(waiver.owner.clone()),
            });
        }
        None
    }

    fn find_baseline(&self, graph: &Graph, judgement: &Judgement) -> Option<Suppression> {
        if self.baseline.entries.is_empty() {
            return None;
        }
        let block = declaration(graph, judgement.subject)?.block.span;
        let name = match judgement.subject {
            Subject::Resource(at) => graph.resources.get(at).map(|resource| resource.address.local()),
            _ => None,
        };
        let file = graph.sources.name(block.file);
        let covered = self
            .baseline
            .covers(file, judgement, name.as_deref().unwrap_or_default());
        covered.then(|| Suppression {
            kind: "baseline",
            reason: Some("listed in .checkov.baseline".to_owned()),
            until: None,
            owner: None,
        })
    }

    /// What should be put right. To be asked once all findings have been through [`Suppressions::find`];
    /// `known` are the policies that were run.
    pub fn stale(&self, known: &dyn Fn(&str) -> bool) -> Vec<Stale> {
        let mut stale = Vec::new();
        for comment in self.inline.values().flatten() {
            let mut say = |message: String| {
                stale.push(Stale {
                    file: Some(comment.file),
                    line: comment.line,
                    message,
                });
            };
            let place = (comment.file, comment.line);
            let ids = comment.ids.join(", ");
            let elsewhere = comment.ids.iter().any(|id| self.is_elsewhere(id));
            if self.expired_inline.contains(&place) {
                let until = comment.until.as_deref().unwrap_or_default();
                say(format!(
                    "this suppression of {ids} ended on {until}: mend the finding or renew it"
                ));
            } else if elsewhere && !self.used_inline.contains(&place) {
                // The plan's review says whether it is needed.
            } else if comment.style == "tf-gate" && !self.used_inline.contains(&place) {
                say(format!("this suppression of {ids} matches nothing: remove it"));
            } else if !self.used_inline.contains(&place) && comment.ids.iter().any(|id| known(id)) {
                say(format!(
                    "this suppression of {ids} matches nothing here: remove it"
                ));
            } else if self.used_inline.contains(&place) && comment.reason.is_none() {
                say(format!("this suppression of {ids} gives no reason"));
            }
            if comment
                .until
                .as_deref()
                .is_some_and(|until| parse_date(until).is_none())
            {
                say("the date of this suppression is not of the form YYYY-MM-DD".to_owned());
            }
        }
        for (file, line, policy) in &self.forbidden_inline {
            let message = format!("the settings forbid to suppress {policy} by a comment: use a waiver");
            stale.push(Stale {
                file: Some(*file),
                line: *line,
                message,
            });
        }
        for (at, waiver) in self.waivers.iter().enumerate() {
            let message = if self.expired_waivers.contains(&at) {
                format!(
                    "the waiver of {} for {} ended on {}",
                    waiver.policy, waiver.pattern, waiver.expires
                )
            } else if !self.used_waivers.contains(&at) && !self.is_elsewhere(&waiver.policy) {
                format!(
                    "the waiver of {} for {} matches nothing: remove it",
                    waiver.policy, waiver.pattern
                )
            } else {
                continue;
            };
            stale.push(Stale {
                file: None,
                line: waiver.line,
                message,
            });
        }
        stale.sort();
        stale.dedup();
        stale
    }
}

fn is_past(date: &str, today: Date) -> bool {
    // A date that cannot be read is reported; it does not hold for ever.
    parse_date(date).is_none_or(|date| date < today)
}

/// Whether a comment stands in a block of these lines, or above it with only comments and empty lines in between. Above a
/// call of a module Checkov's count too: what they are about is elsewhere anyway.
fn is_at(
    comment: &Inline,
    sources: &SourceMap,
    file: FileId,
    (first, last): (u32, u32),
    is_call: bool,
) -> bool {
    if (first..=last).contains(&comment.line) {
        return true;
    }
    let Some(source) = sources
        .get(file)
        .filter(|_| (comment.above || is_call) && comment.line < first)
    else {
        return false;
    };
    (comment.line + 1..first).all(|line| {
        let text = source.line(line).unwrap_or_default().trim();
        text.is_empty() || text.starts_with('#') || text.starts_with("//")
    })
}

/// Whether a policy is meant by an id.
fn names(policy: &Policy, id: &str) -> bool {
    id == "*"
        || *policy.id == *id
        || policy.checkov.iter().any(|other| other.eq_ignore_ascii_case(id))
        || policy.trivy.iter().any(|other| other.eq_ignore_ascii_case(id))
}

fn declaration(graph: &Graph, subject: Subject) -> Option<&Declaration> {
    match subject {
        Subject::Resource(at) => graph.resources.get(at)?.declaration.as_ref(),
        Subject::Provider(at) => graph.providers.get(at).map(|provider| &provider.declaration),
        Subject::Module(at) => graph.modules.get(at).map(|call| &call.declaration),
        Subject::Deposed => None,
    }
}

/// `checkov:skip=A,B:reason`, `trivy:ignore:A`, `tfsec:ignore:A:exp:2027-01-31`,
/// `tf-gate:ignore A,B until 2027-01-31: reason`.
fn read_comment(file: FileId, comment: &tf_lang::parse::Comment<'_>) -> Vec<Inline> {
    let mut found = Vec::new();
    for (offset, line) in comment.text.lines().enumerate() {
        let mut add =
            |style: &'static str, ids: Vec<String>, reason: Option<String>, until: Option<String>| {
                if !ids.is_empty() {
                    found.push(Inline {
                        file,
                        line: comment.line + offset as u32,
                        // Checkov's belong inside the block.
                        above: style != "checkov",
                        ids,
                        reason: reason
                            .map(|reason| reason.trim().to_owned())
                            .filter(|reason| !reason.is_empty()),
                        until,
                        style,
                    });
                }
            };
        if let Some((_, rest)) = line
            .split_once("checkov:skip=")
            .or_else(|| line.split_once("bridgecrew:skip="))
        {
            let (ids, reason) = match rest.split_once(':') {
                Some((ids, reason)) => (ids, Some(reason.to_owned())),
                None => (rest.split_whitespace().next().unwrap_or_default(), None),
            };
            add("checkov", id_list(ids), reason, None);
        }
        for style in ["trivy", "tfsec"] {
            let marker = format!("{style}:ignore:");
            for rest in line.split(&marker).skip(1) {
                let word = rest.split_whitespace().next().unwrap_or_default();
                let mut parts = word.split(':');
                let id = parts.next().unwrap_or_default().to_owned();
                let until = parts.skip_while(|part| *part != "exp").nth(1).map(str::to_owned);
                // Neither format has a place for a reason.
                let reason = Some(format!("{style}:ignore"));
                add(style, vec![id], reason, until);
            }
        }
        if let Some((_, rest)) = line.split_once("tf-gate:ignore ") {
            let (head, reason) = match rest.split_once(": ") {
                Some((head, reason)) => (head, Some(reason.to_owned())),
                None => (rest.trim_end_matches(':'), None),
            };
            let (ids, until) = match head.split_once(" until ") {
                Some((ids, until)) => (ids, Some(until.trim().to_owned())),
                None => (head, None),
            };
            add("tf-gate", id_list(ids), reason, until);
        }
    }
    found
}

fn id_list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The severity of a policy.
pub fn severity(policy: &Policy) -> Severity {
    Severity::parse(&policy.severity).unwrap_or(Severity::Medium)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Inline> {
        let comment = tf_lang::parse::Comment {
            line: 1,
            end_line: 1,
            text,
            own_line: true,
        };
        read_comment(FileId(0), &comment)
    }

    #[test]
    fn all_four_kinds_of_comment_are_read() {
        let checkov = read("#checkov:skip=CKV_AWS_1,CKV2_AWS_2:because: so");
        assert_eq!(checkov[0].ids, ["CKV_AWS_1", "CKV2_AWS_2"]);
        assert_eq!(checkov[0].reason.as_deref(), Some("because: so"));
        let tfsec = read("#tfsec:ignore:aws-s3-x:exp:2027-01-31");
        assert_eq!(
            (tfsec[0].ids[0].as_str(), tfsec[0].until.as_deref()),
            ("aws-s3-x", Some("2027-01-31"))
        );
        assert_eq!(read("# trivy:ignore:AVD-AWS-0089")[0].ids, ["AVD-AWS-0089"]);
        let ours = read("# tf-gate:ignore aws-a, aws-b until 2027-01-31: the vendor needs it");
        assert_eq!(ours[0].ids, ["aws-a", "aws-b"]);
        assert_eq!(ours[0].until.as_deref(), Some("2027-01-31"));
        assert_eq!(ours[0].reason.as_deref(), Some("the vendor needs it"));
    }

    #[test]
    fn dates_are_read_strictly() {
        assert_eq!(parse_date("2027-01-31"), Some((2027, 1, 31)));
        for bad in ["2027-1-31", "27-01-31", "2027-13-01", "2027-01-31-1", "soon"] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_lose_their_keys() {
        assert_eq!(strip_keys("module.a[\"x]\"].aws_x.y[0]"), "module.a.aws_x.y");
    }
}
