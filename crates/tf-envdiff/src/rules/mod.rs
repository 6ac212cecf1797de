//! Rules: which differences are meant.
//!
//! A rule's label is compared with the name of what differs, with every ending of that name at a dot, and with the names of its
//! causes: `instance_class` is about `var.database.instance_class` and about all that comes of it. Of several rules about one
//! difference `forbid` wins, then `expect`, which is a waiver, then `equal`, then `ordered`.

mod order;
mod size;

use std::collections::BTreeSet;

use tf_cli::settings::envdiff::{Envdiff, Rule, RuleKind};
use tf_lang::Value;
use tf_model::Mode;
use tf_policy::suppress::Date;

use crate::environment::Environment;
use crate::finding::{CostDetail, Detail, Finding, Layer};
use crate::value::Held;

pub use order::OrderError;

/// What is said of a difference.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// A rule forbids it.
    Forbidden,
    /// Something is not there in some environments, and no rule expects it.
    Missing,
    /// No rule expects it.
    Unexplained,
    /// A rule expects it.
    Expected,
}

impl Verdict {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Forbidden => "forbidden",
            Verdict::Missing => "missing",
            Verdict::Unexplained => "unexplained",
            Verdict::Expected => "expected",
        }
    }
}

/// A verdict, and the rule that it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The rule's place in the settings.
    pub rule: Option<usize>,
    /// What else is to be said: why a rule could not decide.
    pub note: Option<String>,
}

/// A rule that says nothing, or no longer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Idle {
    /// The rule.
    pub rule: String,
    /// The settings file.
    pub file: String,
    /// Its line there.
    pub line: u32,
    /// Why it is named.
    pub why: String,
}

/// The rules of the settings, for some environments.
pub struct Rules<'s> {
    settings: &'s Envdiff,
    /// Names of the environments as expressions have them.
    names: Vec<String>,
    today: Date,
    used: BTreeSet<usize>,
    expired: BTreeSet<usize>,
    /// Rules that could not decide.
    pub errors: Vec<Idle>,
}

impl<'s> Rules<'s> {
    /// The rules for environments of these names.
    pub fn new(settings: &'s Envdiff, names: &[String], today: Date) -> Rules<'s> {
        Rules {
            settings,
            names: names.iter().map(|name| identifier(name)).collect(),
            today,
            used: BTreeSet::new(),
            expired: BTreeSet::new(),
            errors: Vec::new(),
        }
    }

    /// Judges a difference.
    pub fn judge(&mut self, finding: &Finding) -> Judged {
        let plain = Judged {
            verdict: if finding.missing {
                Verdict::Missing
            } else {
                Verdict::Unexplained
            },
            rule: None,
            note: None,
        };
        match &finding.detail {
            Detail::Accepted(how) => {
                return Judged {
                    verdict: Verdict::Expected,
                    rule: None,
                    note: Some(how.clone()),
                };
            }
            Detail::Cost(detail) => return self.judge_cost(finding, detail).unwrap_or(plain),
            Detail::None => {}
        }
        if let Some(judged) = self.by_name(&finding.name(), &finding.values, finding) {
            return judged;
        }
        // Every cause must have a rule; what comes of a cause need not be comparable, but the cause is.
        let judged: Option<Vec<Judged>> = finding
            .causes
            .iter()
            .map(|cause| self.by_name(&cause.name, &cause.values, finding))
            .collect();
        judged
            .and_then(|all| all.into_iter().min_by_key(|judged| judged.verdict))
            .unwrap_or(plain)
    }

    /// An amount of money is as meant as the differences that make it, unless a rule is about the amount itself.
    fn judge_cost(&mut self, finding: &Finding, detail: &CostDetail) -> Option<Judged> {
        if let Some(judged) = self.by_name(&finding.name(), &finding.values, finding) {
            return Some(judged);
        }
        let worst = detail
            .sources
            .iter()
            .map(|source| self.judge(source))
            .min_by_key(|judged| judged.verdict)?;
        Some(Judged {
            verdict: match (worst.verdict, finding.missing) {
                (Verdict::Missing, false) => Verdict::Unexplained,
                (verdict, _) => verdict,
            },
            note: None,
            ..worst
        })
    }

    /// What rules say of the sum of a stack or of environments; nothing where there is no rule about it, or only a limit that it
    /// keeps.
    pub fn judge_total(&mut self, finding: &Finding) -> Option<Judged> {
        if let Some(judged) = self.by_name(&finding.name(), &finding.values, finding) {
            return Some(judged);
        }
        let names = candidates(&finding.name());
        let mut rules = self.settings.rules.iter();
        let expected = rules
            .any(|rule| rule.kind == RuleKind::Expect && applies(rule, finding) && matches_any(rule, &names));
        expected.then_some(Judged {
            verdict: Verdict::Unexplained,
            rule: None,
            note: None,
        })
    }

    /// What rules say of a name and its values; nothing where there is none.
    fn by_name(&mut self, name: &str, values: &[Held], finding: &Finding) -> Option<Judged> {
        let names = candidates(name);
        let settings = self.settings;
        // In the order in which they win.
        for kind in [
            RuleKind::Forbid,
            RuleKind::Expect,
            RuleKind::Equal,
            RuleKind::Ordered,
        ] {
            let rules = settings.rules.iter().enumerate();
            for (at, rule) in rules.filter(|(_, rule)| rule.kind == kind && applies(rule, finding)) {
                if !matches_any(rule, &names) {
                    continue;
                }
                self.used.insert(at);
                if rule.until.as_ref().is_some_and(|(_, until)| *until < self.today) {
                    self.expired.insert(at);
                    continue;
                }
                match self.decide(rule, values) {
                    Ok(None) => {}
                    Ok(Some(verdict)) => {
                        return Some(Judged {
                            verdict,
                            rule: Some(at),
                            note: None,
                        });
                    }
                    Err(error) => {
                        self.errors.push(Idle {
                            rule: rule.name(),
                            file: rule.file.clone(),
                            line: rule.line,
                            why: format!("cannot judge {}: {error}", finding.name()),
                        });
                        return Some(Judged {
                            verdict: if finding.missing {
                                Verdict::Missing
                            } else {
                                Verdict::Unexplained
                            },
                            rule: Some(at),
                            note: Some(error.to_string()),
                        });
                    }
                }
            }
        }
        None
    }

    fn decide(&self, rule: &Rule, values: &[Held]) -> Result<Option<Verdict>, OrderError> {
        let holds = |default: bool| match &rule.condition {
            Some(condition) => order::holds(condition, &self.names, values),
            None => Ok(default),
        };
        Ok(match rule.kind {
            RuleKind::Forbid => holds(true)?.then_some(Verdict::Forbidden),
            RuleKind::Expect => holds(true)?.then_some(Verdict::Expected),
            RuleKind::Equal => Some(Verdict::Forbidden),
            RuleKind::Ordered => {
                let holds = match &rule.condition {
                    Some(condition) => order::holds(condition, &self.names, values)?,
                    None => order::rising(&self.settings.order, &self.names, values)?,
                };
                Some(if holds {
                    Verdict::Expected
                } else {
                    Verdict::Forbidden
                })
            }
        })
    }

    /// Rules that say nothing, or no longer. `whole` is whether all was compared that they could be about.
    pub fn idle(&self, environments: &[Environment], whole: bool) -> Vec<Idle> {
        let mut out = Vec::new();
        let mut names: Option<BTreeSet<String>> = None;
        for (at, rule) in self.settings.rules.iter().enumerate() {
            let mut tell = |why: &str| {
                out.push(Idle {
                    rule: rule.name(),
                    file: rule.file.clone(),
                    line: rule.line,
                    why: why.to_owned(),
                });
            };
            if self.expired.contains(&at) {
                let until = rule.until.as_ref().map_or("", |(text, _)| text.as_str());
                tell(&format!("expired on {until} and no longer counts"));
            } else if whole && !self.used.contains(&at) {
                // A guard that everything obeys is not stale; one about nothing is.
                let stale = rule.kind == RuleKind::Expect
                    || !names
                        .get_or_insert_with(|| names_of(environments))
                        .iter()
                        .any(|name| rule.patterns.iter().any(|pattern| pattern.is_match(name)));
                if stale {
                    tell(match rule.kind {
                        RuleKind::Expect => "stale: there is no such difference",
                        _ => "stale: there is nothing of this name",
                    });
                }
            }
            if rule.reason.trim_start().starts_with("TODO") || rule.owner.trim_start().starts_with("TODO") {
                tell("says neither why nor who answers for it: its TODO is still there");
            }
        }
        out
    }

    /// A rule of the settings.
    pub fn rule(&self, at: usize) -> Option<&'s Rule> {
        self.settings.rules.get(at)
    }
}

/// Whether values rise, or stay, from the first environment to the last, as far as that can be told.
pub fn rises(order: &[String], names: &[String], values: &[Held]) -> bool {
    let names: Vec<String> = names.iter().map(|name| identifier(name)).collect();
    order::rising(order, &names, values).unwrap_or(false)
}

/// The name of an environment as an expression can have it.
pub fn identifier(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() || letter == '_' || letter == '-' {
                letter
            } else {
                '_'
            }
        })
        .collect();
    match plain.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("_{plain}"),
        false => plain,
    }
}

fn applies(rule: &Rule, finding: &Finding) -> bool {
    let layer = rule.layers.is_empty() || rule.layers.iter().any(|layer| layer == finding.layer.as_str());
    let stack = rule.stacks.is_empty() || rule.stacks.iter().any(|stack| stack.is_match(&*finding.stack));
    // A policy that fails is another matter than what makes it fail: it is expected by its own id only.
    let policy = finding.layer != Layer::Policies
        || finding
            .attribute
            .as_ref()
            .is_some_and(|id| rule.patterns.iter().any(|pattern| pattern.is_match(id)))
        || rule.layers.iter().any(|layer| layer == Layer::Policies.as_str());
    layer && stack && policy
}

fn matches_any(rule: &Rule, names: &[String]) -> bool {
    names
        .iter()
        .any(|name| rule.patterns.iter().any(|pattern| pattern.is_match(name)))
}

/// A name, without its keys, and all endings of it at a dot; of a part of a variable those of the whole too.
fn candidates(name: &str) -> Vec<String> {
    let mut out = vec![name.to_owned()];
    let plain = without_keys(name);
    if plain.starts_with("var.") {
        let mut whole = plain.as_str();
        while let Some((above, _)) = whole.rsplit_once('.').filter(|(above, _)| above.contains('.')) {
            endings(above, &mut out);
            whole = above;
        }
    }
    endings(&plain, &mut out);
    out
}

fn endings(plain: &str, out: &mut Vec<String>) {
    let mut rest = plain;
    loop {
        if !out.iter().any(|other| other == rest) {
            out.push(rest.to_owned());
        }
        match rest.split_once('.') {
            Some((_, after)) => rest = after,
            None => return,
        }
    }
}

fn without_keys(name: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for letter in name.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted && depth > 0 => depth -= 1,
            other if depth == 0 => out.push(other),
            _ => {}
        }
    }
    out
}

/// All names that there are: of variables and their parts, and of attributes by types.
fn names_of(environments: &[Environment]) -> BTreeSet<String> {
    let mut out = BTreeSet::from([
        "environment.monthly".to_owned(),
        "stack.monthly".to_owned(),
        "monthly".to_owned(),
    ]);
    let mut types = BTreeSet::new();
    for stack in environments
        .iter()
        .flat_map(|environment| environment.stacks.values())
    {
        for (name, value) in &stack.graph.variables {
            gather(&format!("var.{name}"), value, 0, &mut out);
        }
        for resource in stack
            .graph
            .resources
            .iter()
            .filter(|resource| resource.mode() == Mode::Managed)
        {
            out.extend(candidates(&resource.text));
            if types.insert(resource.address.ty.clone()) {
                gather(&resource.text, &resource.values, 0, &mut out);
            }
        }
    }
    out
}

fn gather(name: &str, value: &Value, depth: usize, out: &mut BTreeSet<String>) {
    out.extend(candidates(name));
    if depth > 6 {
        return;
    }
    match value.as_entries() {
        Some(entries) => entries
            .iter()
            .for_each(|(key, inner)| gather(&format!("{name}.{key}"), inner, depth + 1, out)),
        None => value
            .as_items()
            .unwrap_or_default()
            .iter()
            .take(3)
            .for_each(|inner| gather(name, inner, depth + 1, out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_its_endings() {
        assert_eq!(
            candidates("module.service[\"a.b\"].aws_ecs_service.this[0].x"),
            [
                "module.service[\"a.b\"].aws_ecs_service.this[0].x",
                "module.service.aws_ecs_service.this.x",
                "service.aws_ecs_service.this.x",
                "aws_ecs_service.this.x",
                "this.x",
                "x"
            ]
        );
        let of_variable = candidates("var.buckets.raw.days");
        for name in ["days", "raw.days", "raw", "buckets", "var.buckets", "buckets.raw"] {
            assert!(
                of_variable.iter().any(|other| other == name),
                "{name}: {of_variable:?}"
            );
        }
        assert!(!of_variable.iter().any(|other| other == "var"));
    }

    #[test]
    fn environments_are_names_in_expressions() {
        assert_eq!(identifier("dev@v1.2"), "dev_v1_2");
        assert_eq!(identifier("2024"), "_2024");
    }
}
