//! Judging a graph by policies.

use std::collections::{HashMap, HashSet};
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

use crate::asked::{Found, Recent};
use crate::both::Worlds;
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
    /// In no graph: an object that a replacement left behind, of a resource that is gone.
    Deposed,
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
    /// The attribute to blame: the policy's, or what forces a replacement.
    pub attribute: Option<Arc<str>>,
    /// The key of the object, where it is one that a replacement left behind.
    pub deposed: Option<Arc<str>>,
}

impl Judgement {
    /// What was found, or, where nothing was, the title, which says what is right.
    pub fn message(&self) -> &str {
        self.found.as_deref().unwrap_or(&self.policy.title)
    }

    /// Sixteen hexadecimal digits that stand for the policy and the address, and stay the same when files move.
    pub fn fingerprint(&self) -> String {
        let deposed = self.deposed.iter().map(|key| format!("\0{key}"));
        let deposed: String = deposed.collect();
        let digest = Sha256::digest(format!("{}\0{}{deposed}", self.policy.id, self.address));
        let first: [u8; 8] = std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default());
        format!("{:016x}", u64::from_be_bytes(first))
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

impl Judgements {
    /// Adds others of the same graph, so that all are in the order of subjects and policies.
    pub fn merge(&mut self, other: Judgements) {
        self.verdicts.extend(other.verdicts);
        self.verdicts
            .sort_by_key(|judgement| (judgement.subject, judgement.index));
        self.problems.extend(other.problems);
    }

    /// All of several threads, one after the other.
    pub(crate) fn gather(parts: Vec<Judgements>) -> Judgements {
        let mut all = Judgements::default();
        all.verdicts
            .reserve(parts.iter().map(|part| part.verdicts.len()).sum());
        for part in parts {
            all.verdicts.extend(part.verdicts);
            all.problems.extend(part.problems);
        }
        all
    }
}

/// Subjects that one thread judges at a time; fewer are judged faster than threads are woken.
pub(crate) const PORTION: usize = 8;

/// Judges everything in a graph; policies that judge changes say nothing of it. The verdicts are in the order of the graph's subjects and of the policies.
pub fn judge(graph: &Graph, policies: &[Arc<Policy>]) -> Judgements {
    judge_related(&Relations::new(graph), policies)
}

/// The same of a graph whose relations others need too.
pub fn judge_related(relations: &Relations<'_>, policies: &[Arc<Policy>]) -> Judgements {
    relations.prepare();
    World::judge(relations, &Applicable::new(policies), &Known::default()).judgements
}

/// What is known of a world before it is judged.
#[derive(Default)]
pub(crate) struct Known<'w, 'g> {
    /// The two worlds, where it is the later one of them.
    pub(crate) worlds: Option<&'w Worlds<'g>>,
    /// By resource, where most is known from the other world, the policies that have yet to judge it.
    pub(crate) open: Vec<Option<Box<[u32]>>>,
    /// Whether nobody asks for the verdicts on what passes, but only what it is: those of a large plan take more room than all else
    /// that is said of it.
    pub(crate) only_faults: bool,
}

impl Known<'_, '_> {
    /// The same resource in the other world.
    fn twin(&self, subject: Subject) -> Option<u32> {
        match subject {
            Subject::Resource(at) => Some(self.worlds?.twin(at)?.at),
            _ => None,
        }
    }

    /// The policies that have yet to judge a subject; none where all have.
    fn open(&self, subject: Subject) -> Option<&[u32]> {
        match subject {
            Subject::Resource(at) => self.open.get(at)?.as_deref(),
            _ => None,
        }
    }
}

/// A world, judged.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) judgements: Judgements,
    /// By verdict: whether it holds for the other world too.
    pub(crate) stays: Vec<bool>,
    /// What passes, where the verdicts do not say it.
    pub(crate) passed: Vec<Passed>,
    /// Resources of the other world, with the policies that may say something else there.
    pub(crate) open: Vec<(u32, Box<[u32]>)>,
}

/// What a thread remembers from one subject to the next.
#[derive(Default)]
struct Memory {
    said: Said,
    /// Sets of policies by which subjects pass.
    sets: HashSet<Arc<[u32]>>,
}

impl Memory {
    fn set(&mut self, policies: &[u32]) -> Arc<[u32]> {
        match self.sets.get(policies) {
            Some(known) => known.clone(),
            None => {
                let new: Arc<[u32]> = policies.into();
                self.sets.insert(new.clone());
                new
            }
        }
    }
}

impl World {
    pub(crate) fn judge<'g>(
        relations: &Relations<'g>,
        applicable: &Applicable<'_>,
        known: &Known<'_, 'g>,
    ) -> World {
        let subjects = subjects(relations.graph);
        let part = |memory: &mut Memory, subjects: &[Subject]| {
            World::part(relations, applicable, known, memory, subjects)
        };
        let parts: Vec<World> = match subjects.len() > PORTION {
            true => {
                let portions = subjects.par_chunks(PORTION);
                portions.map_init(Memory::default, part).collect()
            }
            false => vec![part(&mut Memory::default(), &subjects)],
        };
        let mut all = World::default();
        all.passed
            .reserve(parts.iter().map(|part| part.passed.len()).sum());
        all.open.reserve(parts.iter().map(|part| part.open.len()).sum());
        let mut judgements = Vec::with_capacity(parts.len());
        for part in parts {
            all.stays.extend(part.stays);
            all.passed.extend(part.passed);
            all.open.extend(part.open);
            judgements.push(part.judgements);
        }
        all.judgements = Judgements::gather(judgements);
        all
    }

    /// Some subjects. A thread judges a subject by all its policies: what they ask of it is worked out once.
    fn part<'g>(
        relations: &Relations<'g>,
        applicable: &Applicable<'_>,
        known: &Known<'_, 'g>,
        memory: &mut Memory,
        subjects: &[Subject],
    ) -> World {
        let judged = Judged::of(relations, known.worlds);
        let mut world = World::default();
        let (mut passed, mut open) = (Vec::new(), Vec::new());
        for subject in subjects {
            let Some(handle) = handle_of(relations.graph, *subject) else {
                continue;
            };
            let twin = known.twin(*subject);
            let judging = known.open(*subject);
            let managed = relations.resource(handle);
            let managed = managed.filter(|resource| resource.mode() == Mode::Managed);
            let mut said = managed.map(|resource| memory.said.of(&resource.address.ty));
            for (place, (index, policy)) in applicable.to(relations.graph, *subject).enumerate() {
                if judging.is_some_and(|open| !open.contains(&index)) {
                    continue;
                }
                let said = said.as_mut().map(|said| said.at(place));
                let problems = &mut world.judgements.problems;
                let so_far = problems.len();
                let by = (index as usize, policy);
                let (says, own) = judge_one(&judged, by, (*subject, handle), said, problems);
                let stays = twin.is_some() && own && problems.len() == so_far;
                if twin.is_some() && !stays {
                    open.push(index);
                }
                let verdict = match says {
                    Says::Nothing => None,
                    Says::Passes if known.only_faults => {
                        passed.push(index);
                        None
                    }
                    Says::Passes => Some(passes(relations.graph, by, *subject)),
                    Says::Fault(fault) => Some(*fault),
                };
                if let Some(verdict) = verdict {
                    world.judgements.verdicts.push(verdict);
                    world.stays.push(stays);
                }
            }
            if !passed.is_empty() {
                let policies = memory.set(&passed);
                world.passed.push(Passed { handle, policies });
            }
            if let Some(twin) = twin {
                world.open.push((twin, open.as_slice().into()));
            }
            passed.clear();
            open.clear();
        }
        world
    }
}

/// Everything that is judged. What a plan deletes is not: nothing of it remains.
fn subjects(graph: &Graph) -> Vec<Subject> {
    let resources = graph.resources.iter().enumerate();
    let resources = resources.filter(|(_, resource)| !resource.values.is_null());
    resources
        .map(|(at, _)| Subject::Resource(at))
        .chain((0..graph.providers.len()).map(Subject::Provider))
        .chain((0..graph.modules.len()).map(Subject::Module))
        .collect()
}

/// Policies by what they judge, in their order, each once.
pub(crate) struct Applicable<'p> {
    policies: &'p [Arc<Policy>],
    resources: HashMap<(Mode, &'p str), Vec<u32>>,
    providers: HashMap<&'p str, Vec<u32>>,
    modules: Vec<u32>,
}

/// Stands for all types.
const ALL: &str = "*";

impl<'p> Applicable<'p> {
    pub(crate) fn new(policies: &'p [Arc<Policy>]) -> Applicable<'p> {
        let mut new = Applicable {
            policies,
            resources: HashMap::new(),
            providers: HashMap::new(),
            modules: Vec::new(),
        };
        let of_worlds = (0..).zip(policies).filter(|(_, it)| !it.judges_changes);
        for (index, policy) in of_worlds {
            let subjects = &policy.subjects;
            for (mode, types) in [(Mode::Managed, &subjects.resource), (Mode::Data, &subjects.data)] {
                for ty in types {
                    new.resources.entry((mode, ty)).or_default().push(index);
                }
            }
            for name in &subjects.provider {
                new.providers.entry(name).or_default().push(index);
            }
            if subjects.module {
                new.modules.push(index);
            }
        }
        for mode in [Mode::Managed, Mode::Data] {
            let of_all = new.resources.get(&(mode, ALL)).cloned().unwrap_or_default();
            let of_mode = new.resources.iter_mut().filter(|((other, _), _)| *other == mode);
            of_mode.for_each(|(_, own)| merge(own, &of_all));
        }
        let of_all = new.providers.get(ALL).cloned().unwrap_or_default();
        new.providers.values_mut().for_each(|own| merge(own, &of_all));
        new
    }

    /// The policies that judge a subject, with their indices.
    fn to<'a>(&'a self, graph: &'a Graph, subject: Subject) -> impl Iterator<Item = (u32, &'p Arc<Policy>)> {
        let indices = match subject {
            Subject::Resource(at) => graph.resources.get(at).and_then(|resource| {
                let mode = resource.mode();
                let own = self.resources.get(&(mode, &*resource.address.ty));
                own.or_else(|| self.resources.get(&(mode, ALL)))
            }),
            Subject::Provider(at) => graph.providers.get(at).and_then(|provider| {
                let own = self.providers.get(&*provider.name);
                own.or_else(|| self.providers.get(ALL))
            }),
            Subject::Module(_) => Some(&self.modules),
            Subject::Deposed => None,
        };
        let policies = self.policies;
        let indices = indices.into_iter().flatten().copied();
        indices.filter_map(move |index| Some((index, policies.get(index as usize)?)))
    }
}

/// Adds indices to others, so that all are in order and each is there once.
fn merge(own: &mut Vec<u32>, more: &[u32]) {
    own.extend_from_slice(more);
    own.sort_unstable();
    own.dedup();
}

/// Something that passes, and the policies by which it does, by their places among those that judged.
#[derive(Clone, Debug)]
pub struct Passed {
    handle: u32,
    /// In their order.
    pub policies: Arc<[u32]>,
}

impl Passed {
    /// The same without some of the policies.
    pub(crate) fn but(&self, others: &[u32]) -> Passed {
        let rest = self.policies.iter().filter(|policy| !others.contains(policy));
        Passed {
            handle: self.handle,
            policies: rest.copied().collect(),
        }
    }

    /// The address of what passes.
    pub fn address(&self, graph: &Graph) -> Arc<str> {
        describe(graph, subject_of(graph, self.handle)).0
    }
}

/// The handle by which expressions know a subject: those of providers and module calls are behind those of resources.
fn handle_of(graph: &Graph, subject: Subject) -> Option<u32> {
    let handle = match subject {
        Subject::Resource(at) => at,
        Subject::Provider(at) => graph.resources.len() + at,
        Subject::Module(at) => graph.resources.len() + graph.providers.len() + at,
        Subject::Deposed => return None,
    };
    u32::try_from(handle).ok()
}

fn subject_of(graph: &Graph, handle: u32) -> Subject {
    let (at, resources) = (handle as usize, graph.resources.len());
    let modules = resources + graph.providers.len();
    if at < resources {
        Subject::Resource(at)
    } else if at < modules {
        Subject::Provider(at - resources)
    } else {
        Subject::Module(at - modules)
    }
}

/// What a policy says of a subject. Nine of ten pass: nothing is put together for them.
enum Says {
    Nothing,
    Passes,
    Fault(Box<Judgement>),
}

/// A policy with its index.
type By<'p> = (usize, &'p Arc<Policy>);

/// What policies say of resources, where they apply.
type Said = Found<Option<Verdict>>;

/// Judges a subject by one policy, and says too whether nothing but what stays in the other world was looked at.
fn judge_one(
    judged: &Judged<'_, '_>,
    (index, policy): By<'_>,
    (subject, handle): (Subject, u32),
    mut said: Option<&mut Recent<Option<Verdict>>>,
    problems: &mut Vec<(Arc<Policy>, Diagnostic)>,
) -> (Says, bool) {
    let graph = judged.relations.graph;
    let mut scope = match &said {
        Some(_) => PolicyScope::traced(judged, handle),
        None => PolicyScope::new(judged, handle),
    };
    let mut outcome = match said.as_mut().and_then(|said| judged.found(said, handle)) {
        Some((verdict, stays)) => {
            if !stays {
                scope.looks_beyond();
            }
            Ok(verdict.map(|verdict| (verdict, None)))
        }
        None => {
            let outcome = verdict_of(&scope, policy);
            // Where it is not known, it depends on more than what was asked: on why that is not known.
            if let (Ok(known @ (None | Some((_, None)))), Some(said)) = (&outcome, said)
                && let Some(asked) = scope.asked()
            {
                said.keep(asked, known.as_ref().map(|(verdict, _)| *verdict));
            }
            outcome
        }
    };
    if judged.relations.is_document(handle) {
        scope.looks_beyond();
        // A failure first, then what is merely unknown: a document that is unknown alone may be a failure together with this.
        for fault in [Verdict::Failed, Verdict::Unknown] {
            if is(&outcome, fault) {
                scope.without = at_fault(judged, policy, handle, fault);
                if !scope.without.is_empty() {
                    outcome = verdict_of(&scope, policy);
                }
            }
        }
    }
    let (verdict, why) = match outcome {
        Ok(Some((Verdict::Passed, _))) => return (Says::Passes, !scope.looked_beyond()),
        Ok(Some(outcome)) => outcome,
        Ok(None) => return (Says::Nothing, !scope.looked_beyond()),
        Err(problem) => {
            problems.push((policy.clone(), *problem));
            return (Says::Nothing, false);
        }
    };
    let given = match (&policy.rule.message, verdict) {
        // What a failure would say is no help where it is not known to be one.
        (Some(message), Verdict::Failed) => match evaluate(&scope, message) {
            Ok(message) => Some(message),
            Err(problem) => {
                problems.push((policy.clone(), *problem));
                None
            }
        },
        _ => None,
    };
    let attribute = policy.attribute.as_deref();
    // A policy of several types blames what some of them have not.
    let unknown_attribute = attribute.filter(|path| {
        let first = path.split('.').next().unwrap_or_default();
        !scope.read(handle, first).is_wholly_known()
    });
    let given = given.as_ref().filter(|message| !message.has_sensitive());
    let found = match (verdict, given.and_then(Value::as_str)) {
        (_, Some(message)) => message.to_owned(),
        (Verdict::Unknown, None) => match unknown_attribute {
            Some(path) => format!("{path} is not known"),
            None => "what decides is not known".to_owned(),
        },
        (_, None) => default_message(&scope, handle, policy, attribute),
    };
    let (_, _, declaration) = describe(graph, subject);
    let fault = Judgement {
        verdict,
        span: declaration
            .map(|declaration| blame(&declaration.block.body, attribute, declaration.block.header)),
        found: Some(found),
        reason: why.map(|value| explain(unknown_attribute, &value)),
        ..passes(graph, (index, policy), subject)
    };
    (Says::Fault(Box::new(fault)), !scope.looked_beyond())
}

/// The verdict on a subject that passes.
fn passes(graph: &Graph, (index, policy): By<'_>, subject: Subject) -> Judgement {
    let (address, ty, declaration) = describe(graph, subject);
    Judgement {
        policy: policy.clone(),
        index,
        subject,
        address,
        ty,
        verdict: Verdict::Passed,
        span: declaration.map(|declaration| declaration.block.header),
        found: None,
        reason: None,
        attribute: policy.attribute.clone(),
        deposed: None,
    }
}

pub(crate) fn evaluate(scope: &PolicyScope<'_, '_, '_>, expr: &Expr) -> Result<Value, Box<Diagnostic>> {
    let budget = Budget::default();
    let mut evaluator = Evaluator::new(scope, &budget);
    let value = evaluator.eval(expr);
    match evaluator
        .take_diagnostics()
        .into_iter()
        .find(Diagnostic::is_error)
    {
        Some(problem) => Err(Box::new(problem)),
        None => Ok(value),
    }
}

/// A verdict, if the policy applies, and the value that leaves it unknown.
pub(crate) type Outcome = Result<Option<(Verdict, Option<Value>)>, Box<Diagnostic>>;

fn is(outcome: &Outcome, verdict: Verdict) -> bool {
    matches!(outcome, Ok(Some((given, _))) if *given == verdict)
}

/// The documents included in a document that a policy finds at least this fault with by themselves: it is reported there, once,
/// and a suppression there suffices. What documents do wrong only together stays where they are put together.
fn at_fault(judged: &Judged<'_, '_>, policy: &Policy, handle: u32, fault: Verdict) -> Vec<u32> {
    let mut included = judged.relations.included(handle);
    included.retain(|included| {
        let alone = verdict_of(&PolicyScope::new(judged, *included), policy);
        is(&alone, Verdict::Failed) || is(&alone, fault)
    });
    included
}

/// What a policy says of a subject.
pub(crate) fn verdict_of(scope: &PolicyScope<'_, '_, '_>, policy: &Policy) -> Outcome {
    let mut applies_unknown = None;
    if let Some(when) = &policy.rule.when {
        let value = evaluate(scope, when)?;
        match truth(&value) {
            Some(true) => {}
            Some(false) => return Ok(None),
            None => applies_unknown = Some(value),
        }
    }
    let value = evaluate(scope, &policy.rule.condition)?;
    Ok(Some(match (truth(&value), applies_unknown) {
        // What holds anyway holds whether or not the policy applies.
        (Some(true), _) => (Verdict::Passed, None),
        (_, Some(applies)) => (Verdict::Unknown, Some(applies)),
        (Some(false), None) => (Verdict::Failed, None),
        (None, None) => (Verdict::Unknown, Some(value)),
    }))
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
        Subject::Deposed => nothing(),
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
fn default_message(
    scope: &PolicyScope<'_, '_, '_>,
    handle: u32,
    policy: &Policy,
    attribute: Option<&str>,
) -> String {
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
            0 => scope.read(handle, name),
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

pub(crate) fn explain(attribute: Option<&str>, value: &Value) -> String {
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
pub(crate) fn blame(body: &Body, attribute: Option<&str>, header: Span) -> Span {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::graph;

    /// The verdicts on graphs one after the other, with what was found in the graphs before kept or forgotten.
    fn verdicts(graphs: &[Graph], policies: &[Arc<Policy>], keep: bool) -> Vec<String> {
        let applicable = Applicable::new(policies);
        let mut memory = Memory::default();
        let mut told = Vec::new();
        for graph in graphs {
            let relations = Relations::new(graph);
            for subject in subjects(graph) {
                if !keep {
                    memory = Memory::default();
                }
                let known = Known::default();
                let world = World::part(&relations, &applicable, &known, &mut memory, &[subject]);
                told.extend(world.judgements.verdicts.iter().map(|it| {
                    let (id, address) = (&it.policy.id, &it.address);
                    let (verdict, found, reason, span) = (it.verdict, &it.found, &it.reason, it.span);
                    format!("{id} {address} {verdict:?} {found:?} {reason:?} {span:?}")
                }));
                told.extend(world.judgements.problems.iter().map(|it| format!("{it:?}")));
            }
        }
        told
    }

    #[test]
    fn what_was_found_of_one_resource_is_said_of_others_only_where_they_are_alike() {
        let mut all = 0;
        for policy in crate::pack::builtin() {
            let examples = policy.examples.iter().filter(|_| !policy.judges_changes);
            let graphs: Vec<Graph> = examples.map(|it| graph(&it.source).unwrap()).collect();
            let policies = std::slice::from_ref(&policy);
            let alone = verdicts(&graphs, policies, false);
            assert_eq!(verdicts(&graphs, policies, true), alone, "{}", policy.id);
            all += alone.len();
        }
        assert!(all > 1000, "{all}");
    }

    #[test]
    fn resources_that_are_alike_are_judged_once() {
        let volumes = "resource \"aws_ebs_volume\" \"v\" {
            count = 9
            availability_zone = \"eu-west-1a\"
            size = count.index
            encrypted = true
        }";
        let graph = graph(volumes).unwrap();
        let policies = crate::pack::builtin();
        let (applicable, relations) = (Applicable::new(&policies), Relations::new(&graph));
        let mut memory = Memory::default();
        World::part(
            &relations,
            &applicable,
            &Known::default(),
            &mut memory,
            &subjects(&graph),
        );
        let mut judging = applicable.to(&graph, Subject::Resource(0));
        let place = judging.position(|(_, policy)| policy.attribute.as_deref() == Some("encrypted"));
        let of_volumes = memory.said.of(&"aws_ebs_volume".into());
        let kept = of_volumes.at(place.unwrap());
        assert_eq!(kept.len(), 1);
    }
}
