//! Judging a graph by policies.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tf_lang::ast::{Body, Expr};
use tf_lang::convert::convert;
use tf_lang::eval::{Budget, Evaluator};
use tf_lang::{Diagnostic, Span, Type, Value};
use tf_model::graph::{Declaration, Provider};
use tf_model::{Graph, Mode};
use tf_report::Verdict;

use crate::policy::Policy;
use crate::relations::Relations;
use crate::scope::{Judged, PolicyScope};

/// What was judged: an index into the graph's list of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// A resource or data source.
    Resource(usize),
    /// A provider configuration.
    Provider(usize),
    /// A module call.
    Module(usize),
}

/// What a policy says of a subject.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The policy's place among those that judged.
    pub index: usize,
    /// What it judged.
    pub subject: Subject,
    /// The subject's address.
    pub address: Arc<str>,
    /// The subject's type.
    pub ty: Arc<str>,
    /// Passed, failed or unknown.
    pub verdict: Verdict,
    /// Where the attribute to blame is written, or the header of the block.
    pub span: Option<Span>,
    /// What was found, in a sentence, where it did not pass.
    pub found: Option<String>,
    /// For unknown: why.
    pub reason: Option<String>,
}

impl Judgement {
    /// What was found, or, where nothing was, the title, which says what is right.
    pub fn message(&self) -> &str {
        self.found.as_deref().unwrap_or(&self.policy.title)
    }

    /// Sixteen hexadecimal digits that stand for the policy and the address, and stay the same when files move.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(format!("{}\0{}", self.policy.id, self.address));
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The result of judging: verdicts in order of address and policy, and what went wrong inside policies.
#[derive(Debug, Default)]
pub struct Judgements {
    /// The verdicts.
    pub verdicts: Vec<Judgement>,
    /// Errors of policies; a policy that cannot be evaluated gives no verdict.
    pub problems: Vec<(Arc<Policy>, Diagnostic)>,
}

/// Judges everything in a graph. The verdicts are in the order of the graph's subjects and of the policies.
pub fn judge(graph: &Graph, policies: &[Arc<Policy>]) -> Judgements {
    let policies: Vec<(usize, &Arc<Policy>)> = policies.iter().enumerate().collect();
    let chunk = policies.len().div_ceil(2 * rayon::current_num_threads()).max(1);
    let subjects = Subjects::new(graph);
    let work = graph.resources.len() * policies.len();
    let relations = Relations::new(graph);
    let run = |policies: &[(usize, &Arc<Policy>)]| {
        let judged = Judged::new(&relations);
        let mut out = Judgements::default();
        for (index, policy) in policies {
            for subject in subjects.of(policy) {
                judge_one(&judged, *index, policy, subject, &mut out);
            }
        }
        out
    };
    // Small graphs are judged faster than threads are woken.
    let parts: Vec<Judgements> = match work > 10_000 {
        true => policies.par_chunks(chunk).map(run).collect(),
        false => vec![run(&policies)],
    };
    let mut all = Judgements::default();
    for part in parts {
        all.verdicts.extend(part.verdicts);
        all.problems.extend(part.problems);
    }
    all.verdicts
        .par_sort_unstable_by_key(|verdict| (verdict.subject, verdict.index));
    all
}

/// Subjects by type, so that a policy looks only at its own.
struct Subjects<'g> {
    graph: &'g Graph,
    by_type: HashMap<(Mode, &'g str), Vec<usize>>,
}

impl<'g> Subjects<'g> {
    fn new(graph: &'g Graph) -> Subjects<'g> {
        let mut by_type: HashMap<(Mode, &str), Vec<usize>> = HashMap::new();
        for (at, resource) in graph.resources.iter().enumerate() {
            // What a plan deletes is not judged: nothing of it remains.
            if !resource.values.is_null() {
                by_type
                    .entry((resource.mode(), &resource.address.ty))
                    .or_default()
                    .push(at);
            }
        }
        Subjects { graph, by_type }
    }

    fn of(&self, policy: &Policy) -> Vec<Subject> {
        let mut found = Vec::new();
        for (mode, types) in [
            (Mode::Managed, &policy.subjects.resource),
            (Mode::Data, &policy.subjects.data),
        ] {
            for ty in types {
                match &**ty {
                    "*" => found.extend(
                        self.by_type
                            .iter()
                            .filter(|((of, _), _)| *of == mode)
                            .flat_map(|(_, places)| places.iter().copied().map(Subject::Resource)),
                    ),
                    ty => found.extend(
                        self.by_type
                            .get(&(mode, ty))
                            .into_iter()
                            .flatten()
                            .copied()
                            .map(Subject::Resource),
                    ),
                }
            }
        }
        for (at, provider) in self.graph.providers.iter().enumerate() {
            if policy
                .subjects
                .provider
                .iter()
                .any(|name| **name == *provider.name || &**name == "*")
            {
                found.push(Subject::Provider(at));
            }
        }
        if policy.subjects.module {
            found.extend((0..self.graph.modules.len()).map(Subject::Module));
        }
        found.sort_unstable();
        found
    }
}

fn judge_one(
    judged: &Judged<'_, '_>,
    index: usize,
    policy: &Arc<Policy>,
    subject: Subject,
    out: &mut Judgements,
) {
    let graph = judged.relations.graph;
    let handle = match subject {
        Subject::Resource(at) => at,
        Subject::Provider(at) => graph.resources.len() + at,
        Subject::Module(at) => graph.resources.len() + graph.providers.len() + at,
    } as u32;
    let scope = PolicyScope {
        judged,
        subject: handle,
    };
    let budget = Budget::default();
    let mut evaluate = |expr: &Expr| -> Option<Value> {
        let mut evaluator = Evaluator::new(&scope, &budget);
        let value = evaluator.eval(expr);
        match evaluator
            .take_diagnostics()
            .into_iter()
            .find(Diagnostic::is_error)
        {
            Some(problem) => {
                out.problems.push((policy.clone(), problem));
                None
            }
            None => Some(value),
        }
    };
    let mut applies_unknown = None;
    if let Some(when) = &policy.rule.when {
        let Some(value) = evaluate(when) else { return };
        match truth(&value) {
            Some(true) => {}
            Some(false) => return,
            None => applies_unknown = Some(value),
        }
    }
    let Some(value) = evaluate(&policy.rule.condition) else {
        return;
    };
    let (verdict, why) = match (truth(&value), &applies_unknown) {
        // What holds anyway holds whether or not the policy applies.
        (Some(true), _) => (Verdict::Passed, None),
        (_, Some(applies)) => (Verdict::Unknown, Some(applies.clone())),
        (Some(false), None) => (Verdict::Failed, None),
        (None, None) => (Verdict::Unknown, Some(value)),
    };
    let given = match (&policy.rule.message, verdict) {
        // What a failure would say is no help where it is not known to be one.
        (Some(message), Verdict::Failed) => evaluate(message),
        _ => None,
    };
    let (address, ty, declaration) = describe(graph, subject);
    let attribute = policy.attribute.as_deref();
    let given = given.as_ref().filter(|message| !message.has_sensitive());
    let found = match (verdict, given.and_then(Value::as_str)) {
        // Nine of ten verdicts: nothing is put together for them.
        (Verdict::Passed, _) => None,
        (_, Some(message)) => Some(message.to_owned()),
        (_, None) => Some(default_message(judged, handle, policy, attribute)),
    };
    let reason = why.map(|value| explain(attribute, &value));
    let span = declaration.map(|declaration| match verdict {
        Verdict::Passed => declaration.block.header,
        _ => blame(&declaration.block.body, attribute, declaration.block.header),
    });
    out.verdicts.push(Judgement {
        policy: policy.clone(),
        index,
        subject,
        address,
        ty,
        verdict,
        span,
        found,
        reason,
    });
}

fn truth(value: &Value) -> Option<bool> {
    if !value.is_known() {
        return None;
    }
    // Null is what reading something that is not there gives: it does not hold.
    Some(
        convert(value, &Type::Bool)
            .ok()
            .and_then(|value| value.as_bool())
            .unwrap_or_default(),
    )
}

/// The address, the type and the declaration.
fn describe(graph: &Graph, subject: Subject) -> (Arc<str>, Arc<str>, Option<&Declaration>) {
    let nothing = || ("".into(), "".into(), None);
    match subject {
        Subject::Resource(at) => match graph.resources.get(at) {
            Some(resource) => (
                resource.text.clone(),
                resource.address.ty.clone(),
                resource.declaration.as_ref(),
            ),
            None => nothing(),
        },
        Subject::Provider(at) => match graph.providers.get(at) {
            Some(provider) => (
                provider_address(provider).into(),
                "provider".into(),
                Some(&provider.declaration),
            ),
            None => nothing(),
        },
        Subject::Module(at) => match graph.modules.get(at) {
            Some(call) => (
                call.path.to_string().into(),
                "module".into(),
                Some(&call.declaration),
            ),
            None => nothing(),
        },
    }
}

/// `provider.aws`, `module.a.provider.aws.east`
pub(crate) fn provider_address(provider: &Provider) -> String {
    let module = match provider.module.is_root() {
        true => String::new(),
        false => format!("{}.", provider.module),
    };
    let alias = provider
        .alias
        .as_ref()
        .map(|alias| format!(".{alias}"))
        .unwrap_or_default();
    format!("{module}provider.{}{alias}", provider.name)
}

/// What the attribute is, if there is one to show.
fn default_message(judged: &Judged<'_, '_>, handle: u32, policy: &Policy, attribute: Option<&str>) -> String {
    let Some(path) = attribute else {
        return format!("does not hold: {}", policy.title);
    };
    let mut value = Value::NULL;
    for (depth, name) in path.split('.').enumerate() {
        let first = |value: &Value| match value.as_items() {
            Some(items) => items.first().cloned().unwrap_or(Value::NULL),
            None => value.clone(),
        };
        value = match depth {
            0 => judged.attribute(handle, name),
            _ => first(&value).get(name).cloned().unwrap_or(Value::NULL),
        };
    }
    if value.has_sensitive() {
        return format!("{path} is (sensitive value)");
    }
    if value.is_null() || value.as_items().is_some_and(<[Value]>::is_empty) {
        return format!("{path} is not set");
    }
    if !value.is_known() {
        return format!("{path} is not known");
    }
    match value.as_items().is_some() || value.as_entries().is_some() {
        true => format!("{path} does not fit"),
        false => format!("{path} is {}", shorten(&tf_lang::console::format_value(&value))),
    }
}

fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.chars().count() > 80 || line.len() < text.len() {
        true => format!("{}…", line.chars().take(77).collect::<String>()),
        false => line.to_owned(),
    }
}

fn explain(attribute: Option<&str>, value: &Value) -> String {
    let reasons = value.reasons();
    let listed = reasons
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    match (attribute, listed.is_empty()) {
        (_, true) => "it depends on something that is not known".to_owned(),
        (Some(attribute), false) => format!("`{attribute}` depends on what is not known: {listed}"),
        (None, false) => listed,
    }
}

/// Where an attribute is written: it, else the nearest block around where it should be, else the header.
fn blame(body: &Body, attribute: Option<&str>, header: Span) -> Span {
    let Some(path) = attribute else { return header };
    let mut body = body;
    let mut span = header;
    for name in path.split('.') {
        if let Some(found) = body.attribute(name) {
            return found.span;
        }
        let dynamic = || {
            let block = body
                .blocks_of("dynamic")
                .find(|block| block.label(0) == Some(name))?;
            Some((
                block.header,
                block
                    .body
                    .blocks_of("content")
                    .next()
                    .map_or(&block.body, |content| &content.body),
            ))
        };
        let nested = body
            .blocks_of(name)
            .next()
            .map(|block| (block.header, &block.body))
            .or_else(dynamic);
        let Some((inner_header, inner)) = nested else {
            break;
        };
        span = inner_header;
        body = inner;
    }
    span
}
