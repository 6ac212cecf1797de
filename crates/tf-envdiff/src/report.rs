//! The report: differences with their verdicts, grouped by what causes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tf_cli::settings::envdiff::{Envdiff, Rule};
use tf_policy::suppress::Date;

use crate::cause::{Cause, CauseKind};
use crate::cost::{self, Cell, Costs};
use crate::environment::{Environment, Location, Origin, Problem};
use crate::finding::{Detail, Finding, Findings, Layer, LeftOut, joined};
use crate::rules::{Idle, Judged, Rules, Verdict};
use crate::value::Held;

/// What one run has found.
#[derive(Debug)]
pub struct Report {
    /// Names of the environments, in the order of the columns.
    pub environments: Vec<String>,
    /// Rows in order of layers, stacks and subjects.
    pub rows: Vec<Row>,
    /// What is left out because it only names an environment.
    pub left_out: Vec<LeftOut>,
    /// How many values are known only after apply, and count as equal because in each environment they wait for the same thing.
    pub waiting: usize,
    /// By layer.
    pub scores: BTreeMap<Layer, Score>,
    /// What each environment costs a month, where that was asked for.
    pub costs: Option<Costs>,
    /// What could not be read or judged.
    pub problems: Vec<Problem>,
    /// Environments in which no causes were looked for: plans and states of which nobody said where they are written.
    pub without_causes: Vec<String>,
    /// Rules that say nothing, or no longer.
    pub idle: Vec<Idle>,
    /// What the report is about besides.
    pub about: About,
}

/// What kind of comparison a report tells of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    /// Environments as they are.
    All,
    /// Only what differs that did not at a commit.
    Since {
        /// The commit, as it was named.
        base: String,
        /// How many differences are gone.
        resolved: usize,
        /// How many were there before, and are left out.
        before: usize,
    },
    /// What an environment would become with another one's configuration.
    Promotion {
        /// Whose configuration.
        from: String,
        /// Whose variables.
        to: String,
    },
}

/// A row: one difference, or all that have the same causes.
#[derive(Clone, Debug)]
pub struct Row {
    /// The layer.
    pub layer: Layer,
    /// The stack.
    pub stack: Arc<str>,
    /// The first of its subjects.
    pub subject: String,
    /// Which part of it.
    pub attribute: Option<String>,
    /// What is said of it.
    pub verdict: Verdict,
    /// The rule that says it.
    pub rule: Option<RuleRef>,
    /// By environment.
    pub values: Vec<Held>,
    /// Why.
    pub causes: Vec<Cause>,
    /// How many things it stands for: attributes, resources; of a variable, all that comes of it.
    pub covers: usize,
    /// All differences in it, the first one too.
    pub members: Vec<Finding>,
    /// Of variables: what comes of them, by layer.
    pub effects: BTreeMap<Layer, usize>,
    /// Of costs: the amounts, by environment; of variables: of the resources whose cost differs because of nothing else.
    pub cost: Option<Vec<Cell>>,
    /// What else is to be said.
    pub note: Option<String>,
}

impl Row {
    /// Subject and attribute.
    pub fn name(&self) -> String {
        joined(&self.subject, self.attribute.as_deref())
    }

    /// Where to look first.
    pub fn place(&self) -> Option<&Location> {
        self.causes.first().and_then(Cause::place)
    }

    /// Whether it only tells what comes of variables that have rows of their own.
    pub fn is_effect(&self) -> bool {
        self.layer != Layer::Variables
            && self.layer != Layer::Policies
            && !self.causes.is_empty()
            && self.causes.iter().all(|cause| cause.kind == CauseKind::Variable)
    }
}

/// A rule as reports name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleRef {
    /// `expect "instance_class"`.
    pub name: String,
    /// The settings file.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when.
    pub until: Option<String>,
}

impl RuleRef {
    fn of(rule: &Rule) -> RuleRef {
        RuleRef {
            name: rule.name(),
            file: rule.file.clone(),
            line: rule.line,
            reason: rule.reason.clone(),
            owner: rule.owner.clone(),
            until: rule.until.as_ref().map(|(text, _)| text.clone()),
        }
    }
}

/// How much of a layer is as it is meant to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Score {
    /// How many things were compared.
    pub compared: usize,
    /// How many of them differ, and no rule expects it.
    pub unmeant: usize,
}

impl Score {
    /// Thousandths, rounded down: only what is whole is a thousand.
    pub fn permille(self) -> usize {
        let compared = self.compared.max(self.unmeant).max(1);
        (compared - self.unmeant) * 1_000 / compared
    }
}

impl Report {
    /// The mean of all layers in which anything was compared, in thousandths.
    pub fn permille(&self) -> usize {
        let scores: Vec<usize> = self.scores.values().map(|score| score.permille()).collect();
        match scores.is_empty() {
            true => 1_000,
            false => scores.iter().sum::<usize>() / scores.len(),
        }
    }

    /// How many rows have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// Whether there is something to act on.
    pub fn acts(&self) -> bool {
        self.rows.iter().any(|row| row.verdict != Verdict::Expected)
    }
}

/// What judging needs besides what was found.
pub struct Judging<'j> {
    /// The rules.
    pub settings: &'j Envdiff,
    /// Today.
    pub today: Date,
    /// Whether all was compared that rules could be about.
    pub whole: bool,
}

/// Judges what was found, and groups it. `environments` are those that were compared.
pub fn report(
    environments: &[Environment],
    findings: Findings,
    judging: &Judging<'_>,
    about: About,
) -> Report {
    let names: Vec<String> = environments
        .iter()
        .map(|environment| environment.name.clone())
        .collect();
    let mut rules = Rules::new(judging.settings, &names, judging.today);
    let mut judged: Vec<(Finding, Judged)> = findings
        .found
        .into_iter()
        .filter_map(|finding| {
            if !is_total(&finding) {
                let verdict = rules.judge(&finding);
                return Some((finding, verdict));
            }
            let verdict = rules.judge_total(&finding)?;
            // Sums that are the same are of interest to limits only.
            let told = verdict.verdict == Verdict::Forbidden || differs(&finding);
            told.then_some((finding, verdict))
        })
        .collect();
    let effects = effects(&judged);
    expect_causes(&mut judged, &effects);
    let mut scores: BTreeMap<Layer, Score> = findings
        .compared
        .into_iter()
        .map(|(layer, compared)| (layer, Score { compared, unmeant: 0 }))
        .collect();
    for (finding, judged) in &judged {
        if judged.verdict != Verdict::Expected && !is_total(finding) {
            scores.entry(finding.layer).or_default().unmeant += 1;
        }
    }
    let mut problems: Vec<Problem> = environments
        .iter()
        .flat_map(|environment| environment.problems.iter().cloned())
        .collect();
    problems.extend(rules.errors.iter().map(|error| Problem {
        environment: None,
        file: Some(error.file.clone()),
        lines: Some((error.line, error.line)),
        message: format!("{} {}", error.rule, error.why),
    }));
    problems.sort();
    problems.dedup();
    let rows = group(judged, &effects, &rules, &names);
    Report {
        environments: names,
        rows,
        left_out: findings.left_out,
        waiting: findings.waiting,
        costs: findings.costs,
        scores,
        problems,
        without_causes: without_causes(environments),
        idle: rules.idle(environments, judging.whole),
        about,
    }
}

fn without_causes(environments: &[Environment]) -> Vec<String> {
    let hidden = environments.iter().filter(|environment| {
        environment.kind != Origin::Configuration
            && environment.stacks.values().any(|stack| stack.written.is_none())
    });
    hidden.map(|environment| environment.name.clone()).collect()
}

/// What comes of a variable.
#[derive(Default)]
struct Effect {
    by_layer: BTreeMap<Layer, usize>,
    cost: Option<Vec<Cell>>,
    rule: Option<Judged>,
    all_expected: bool,
}

/// By stack and name of the cause.
type Effects = BTreeMap<(Arc<str>, String), Effect>;

fn effects(judged: &[(Finding, Judged)]) -> Effects {
    let mut out = Effects::new();
    for (finding, verdict) in judged
        .iter()
        .filter(|(finding, _)| finding.layer != Layer::Variables)
    {
        for cause in finding
            .causes
            .iter()
            .filter(|cause| cause.kind == CauseKind::Variable)
        {
            let effect = out
                .entry((finding.stack.clone(), cause.name.clone()))
                .or_insert_with(|| Effect {
                    all_expected: true,
                    ..Effect::default()
                });
            if let Detail::Cost(detail) = &finding.detail {
                // What several things make together is none of theirs alone; a sum is told by its parts.
                if finding.causes.len() == 1 && !detail.is_total {
                    add(&mut effect.cost, &detail.cells);
                }
                continue;
            }
            *effect.by_layer.entry(finding.layer).or_default() += finding.covers;
            if finding.layer != Layer::Policies {
                effect.all_expected &= verdict.verdict == Verdict::Expected;
                effect.rule.get_or_insert_with(|| verdict.clone());
            }
        }
    }
    out
}

/// Whether it is the sum of a stack or of environments.
fn is_total(finding: &Finding) -> bool {
    matches!(&finding.detail, Detail::Cost(detail) if detail.is_total)
}

/// Whether the environments' amounts are not the same.
fn differs(finding: &Finding) -> bool {
    let mut texts = finding
        .values
        .iter()
        .filter(|held| !matches!(held, Held::Out))
        .map(Held::text);
    let first = texts.next();
    texts.any(|text| Some(text) != first)
}

fn add(sum: &mut Option<Vec<Cell>>, cells: &[Cell]) {
    match sum {
        Some(sum) => cost::sum(sum, cells),
        None => *sum = Some(cells.to_vec()),
    }
}

/// The causes that a part of a variable is in: `var.a` for `var.a.b[0]`.
fn causes_of<'e>(effects: &'e Effects, finding: &Finding) -> Vec<&'e Effect> {
    let name = finding.name();
    let inside = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
    let stack = || finding.stack.clone();
    // What it is a part of, and then its own parts, which stand behind it.
    let outer = name
        .char_indices()
        .filter(|(at, letter)| *at > 0 && matches!(letter, '.' | '['))
        .filter_map(|(at, _)| effects.get(&(stack(), name.get(..at)?.to_owned())));
    let own = effects
        .range((stack(), name.clone())..)
        .take_while(|((other, cause), _)| *other == finding.stack && cause.starts_with(&name))
        .filter(|((_, cause), _)| cause.strip_prefix(name.as_str()).is_some_and(inside))
        .map(|(_, effect)| effect);
    outer.chain(own).collect()
}

/// A variable all of whose effects are expected is expected.
fn expect_causes(judged: &mut [(Finding, Judged)], effects: &Effects) {
    for (finding, verdict) in judged.iter_mut() {
        if finding.layer != Layer::Variables || verdict.rule.is_some() {
            continue;
        }
        let effects = causes_of(effects, finding);
        if !effects.is_empty()
            && effects
                .iter()
                .all(|effect| effect.all_expected && effect.rule.is_some())
            && let Some(rule) = effects.first().and_then(|effect| effect.rule.clone())
        {
            *verdict = rule;
        }
    }
}

fn group(judged: Vec<(Finding, Judged)>, effects: &Effects, rules: &Rules<'_>, names: &[String]) -> Vec<Row> {
    type Key = (
        Layer,
        Arc<str>,
        Vec<(CauseKind, String, Vec<Option<Location>>)>,
        Verdict,
        Option<usize>,
    );
    let mut rows: Vec<Row> = Vec::new();
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    for (finding, judged) in judged {
        let grouped = matches!(
            finding.layer,
            Layer::Attributes | Layer::Resources | Layer::Outputs | Layer::Policies | Layer::Cost
        ) && !finding.causes.is_empty()
            && !is_total(&finding);
        if grouped {
            let causes = finding
                .causes
                .iter()
                .map(|cause| (cause.kind, cause.name.clone(), cause.places.clone()))
                .collect();
            let key = (
                finding.layer,
                finding.stack.clone(),
                causes,
                judged.verdict,
                judged.rule,
            );
            if let Some(row) = places.get(&key).and_then(|at| rows.get_mut(*at)) {
                row.covers += finding.covers;
                if let (Some(sum), Detail::Cost(detail)) = (&mut row.cost, &finding.detail) {
                    cost::sum(sum, &detail.cells);
                }
                row.members.push(finding);
                continue;
            }
            places.insert(key, rows.len());
        }
        let own = match &finding.detail {
            Detail::Cost(detail) => Some(detail.cells.clone()),
            _ => None,
        };
        let mut money = own;
        let by_layer = match finding.layer {
            Layer::Variables => causes_of(effects, &finding).into_iter().fold(
                BTreeMap::new(),
                |mut all: BTreeMap<Layer, usize>, effect| {
                    for (layer, count) in &effect.by_layer {
                        *all.entry(*layer).or_default() += count;
                    }
                    if let Some(cells) = &effect.cost {
                        add(&mut money, cells);
                    }
                    all
                },
            ),
            _ => BTreeMap::new(),
        };
        let covers = match finding.layer {
            Layer::Variables => by_layer.values().sum(),
            _ => finding.covers,
        };
        rows.push(Row {
            layer: finding.layer,
            stack: finding.stack.clone(),
            subject: finding.subject.clone(),
            attribute: finding.attribute.clone(),
            verdict: judged.verdict,
            rule: judged.rule.and_then(|at| rules.rule(at)).map(RuleRef::of),
            values: finding.values.clone(),
            causes: finding.causes.clone(),
            covers,
            effects: by_layer,
            cost: money,
            note: judged.note.clone().or_else(|| finding.note.clone()),
            members: vec![finding],
        });
    }
    for row in rows.iter_mut().filter(|row| row.layer == Layer::Cost) {
        if let Some(cells) = &row.cost {
            row.values = cost::held(cells);
            let besides = besides(cells, names);
            row.note = match (row.note.take(), besides) {
                (Some(note), Some(besides)) => Some(format!("{note}; {besides}")),
                (note, besides) => note.or(besides),
            };
        }
    }
    rows
}

/// What the amounts leave out: `prod: 2 lines have no price`.
fn besides(cells: &[Cell], names: &[String]) -> Option<String> {
    let parts: Vec<String> = names
        .iter()
        .zip(cells)
        .filter_map(|(name, cell)| match cell {
            Cell::Costs(monthly) => Some(format!("{name}: {}", monthly.besides()?)),
            _ => None,
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Leaves only what another run has not found; and says how many of both are gone.
pub fn since(mut now: Findings, before: &Findings, base: &str) -> (Findings, About) {
    let key = |finding: &Finding| format!("{:?} {:?}", finding.key(), finding.values);
    // A sum is as new as what it is made of.
    let keys = |found: &[Finding]| -> BTreeSet<String> {
        found
            .iter()
            .filter(|finding| !is_total(finding))
            .map(key)
            .collect()
    };
    let (old, new) = (keys(&before.found), keys(&now.found));
    let sums: BTreeSet<String> = before
        .found
        .iter()
        .filter(|finding| is_total(finding))
        .map(key)
        .collect();
    let parts = |found: &[Finding]| found.iter().filter(|finding| !is_total(finding)).count();
    let count = parts(&now.found);
    now.found
        .retain(|finding| !old.contains(&key(finding)) && !sums.contains(&key(finding)));
    let about = About::Since {
        base: base.to_owned(),
        resolved: old.difference(&new).count(),
        before: count - parts(&now.found),
    };
    now.left_out.clear();
    (now, about)
}
