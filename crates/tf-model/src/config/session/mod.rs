//! Evaluation of one root module and all modules that it calls.
//!
//! Everything is evaluated when it is first asked for and remembered with what it depends on: variables,
//! locals, outputs, the expansion of `count` and `for_each`, and resource instances. Asking for what is
//! being evaluated is a cycle, which is reported and answered with an unknown value.

mod blocks;
mod check;
mod collect;
mod expand;
pub(super) mod inspect;
mod instance;
mod planned;
mod provider;
mod references;
mod remote;
mod resolve;
mod resource;
mod undeclared;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::Expr;
use tf_lang::console;
use tf_lang::eval::Budget;
use tf_lang::functions::RootFiles;
use tf_lang::text::quote_go;
use tf_lang::value::Reason;
use tf_lang::{Diagnostic, Evaluator, SourceMap, Span, Type, Value};

use super::inputs::GivenValues;
use super::{Project, files};
use crate::address::Address;
use crate::graph::{Graph, Problem};
use instance::Instance;
use resolve::Context;

/// Summary of what is said of things that depend on each other.
const CYCLE: &str = "Cycle";

/// A chain of thousands is told by its ends.
fn shorten(mut names: Vec<&str>) -> Vec<&str> {
    if names.len() > 12 {
        names.splice(6..names.len() - 6, ["…"]);
    }
    names
}

fn missing_argument(name: &str, place: Span) -> Diagnostic {
    let detail = format!(
        "The argument {} is required, but no definition was found.",
        quote_go(name)
    );
    Diagnostic::error("Missing required argument", detail, place)
}

/// What a remembered value depends on: numbers of resource instances.
type Dependencies = Rc<[u32]>;

/// A remembered evaluation.
enum Slot<T> {
    /// Being evaluated.
    Open,
    /// The value and what it depends on.
    Done(T, Dependencies),
}

/// Remembered evaluations of one kind.
pub(super) struct Memo<K, T>(RefCell<HashMap<K, Slot<T>>>);

impl<K, T> Default for Memo<K, T> {
    fn default() -> Self {
        Memo(RefCell::new(HashMap::new()))
    }
}

/// What is being evaluated depends on these resources so far.
#[derive(Default)]
struct Frame {
    name: String,
    all: BTreeSet<u32>,
    /// Read by the frame's own expressions.
    direct: BTreeSet<u32>,
}

/// The evaluation of one root module.
pub(crate) struct Session<'p> {
    project: &'p Project,
    /// The root module's folder.
    base: PathBuf,
    given: GivenValues,
    /// Folders of the modules that `terraform init` installed, by the dotted names of their calls.
    installed: HashMap<String, PathBuf>,
    workspace: Arc<str>,
    budget: Budget,
    files: RootFiles,
    frames: RefCell<Vec<Frame>>,
    numbers: RefCell<(HashMap<Address, u32>, Vec<Address>)>,
    problems: RefCell<Vec<Problem>>,
    /// Calls whose references have been checked, by their dotted names.
    checked: RefCell<HashSet<String>>,
}

impl<'p> Session<'p> {
    /// Evaluates a root module.
    pub(crate) fn run(project: &'p Project, root: &PathBuf, given: GivenValues, workspace: &str) -> Graph {
        let session = Session::new(project, root, given, workspace);
        let Some(instance) = session.root(root) else {
            return Graph::default();
        };
        session.collect(&instance)
    }

    pub(crate) fn new(
        project: &'p Project,
        root: &PathBuf,
        given: GivenValues,
        workspace: &str,
    ) -> Session<'p> {
        Session {
            project,
            base: root.clone(),
            given,
            installed: project.installed.get(root).cloned().unwrap_or_default(),
            workspace: workspace.into(),
            budget: Budget::default(),
            files: RootFiles::new(root, &files::repository(root)),
            frames: RefCell::default(),
            numbers: RefCell::default(),
            problems: RefCell::default(),
            checked: RefCell::default(),
        }
    }

    /// The root module's instance.
    pub(crate) fn root(&self, dir: &PathBuf) -> Option<Rc<Instance<'p>>> {
        let module = self.project.modules.get(dir)?;
        Some(Rc::new(Instance::root(module)))
    }

    pub(crate) fn sources(&self) -> &SourceMap {
        &self.project.sources
    }

    /// Evaluates an expression in the root module and prints it as `terraform console` would.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn console(&self, root: &Rc<Instance<'p>>, expr: &Expr) -> Result<String, Vec<Diagnostic>> {
        let context = Context::new(self, root).in_console();
        let mut problems = self.refused(&context, expr);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut evaluator = Evaluator::new(&context, &self.budget);
        let value = evaluator.eval(expr);
        problems = evaluator.take_diagnostics();
        problems.retain(Diagnostic::is_error);
        // Terraform tells them in the order of the source.
        problems.sort_by_key(|problem| problem.span.map(|span| (span.start, span.end)));
        match console::answer(&value) {
            _ if !problems.is_empty() => Err(problems),
            Some(text) => Ok(text),
            None => Err(vec![Diagnostic::error(
                "Invalid use of type function",
                "The console-only \"type\" function cannot be used as part of an expression.",
                expr.span,
            )]),
        }
    }

    fn report(&self, instance: &Instance<'_>, diagnostic: Diagnostic) {
        let problem = Problem {
            diagnostic,
            called_from: instance.called_from.clone(),
        };
        let mut problems = self.problems.borrow_mut();
        if problems.len() < 10_000
            && !problems
                .iter()
                .rev()
                .take(200)
                .any(|other| other.diagnostic == problem.diagnostic)
        {
            problems.push(problem);
        }
    }

    /// Evaluates an expression; what is wrong with it becomes problems of the graph.
    fn eval(&self, context: &Context<'_, 'p>, expr: &Expr) -> Value {
        let refused = self.out_of_place(context, expr);
        if let Some(first) = refused.first() {
            let reason = Reason::Error(first.summary.as_str().into());
            for diagnostic in refused {
                self.report(&context.instance, diagnostic);
            }
            return Value::unknown(Type::Any, reason);
        }
        let mut evaluator = Evaluator::new(context, &self.budget);
        let value = evaluator.eval(expr);
        for diagnostic in evaluator.take_diagnostics() {
            self.report(&context.instance, diagnostic);
        }
        value
    }

    /// The remembered result of `work`, or that of doing it now. `name` is what a cycle is reported with.
    fn remember<K: Eq + Hash + Clone, T: Clone>(
        &self,
        memo: &Memo<K, T>,
        key: K,
        name: impl FnOnce() -> String,
        place: (&Instance<'_>, Span),
        cyclic: impl FnOnce(Reason) -> T,
        work: impl FnOnce() -> T,
    ) -> T {
        let remembered = match memo.0.borrow().get(&key) {
            Some(Slot::Done(value, dependencies)) => Some(Some((value.clone(), dependencies.clone()))),
            Some(Slot::Open) => Some(None),
            None => None,
        };
        match remembered {
            Some(Some((value, dependencies))) => {
                self.depend(dependencies.iter().copied(), false);
                return value;
            }
            Some(None) => return cyclic(self.cycle(place.0, name(), place.1)),
            None => {}
        }
        memo.0.borrow_mut().insert(key.clone(), Slot::Open);
        self.frames.borrow_mut().push(Frame {
            name: name(),
            ..Frame::default()
        });
        let value = work();
        let frame = self.frames.borrow_mut().pop().unwrap_or_default();
        let dependencies: Dependencies = frame.all.iter().copied().collect();
        self.depend(frame.all, false);
        memo.0
            .borrow_mut()
            .insert(key, Slot::Done(value.clone(), dependencies));
        value
    }

    /// Runs `work` and returns what it depended on: all of it, and what it read itself.
    fn observe<T>(&self, name: String, work: impl FnOnce() -> T) -> (T, BTreeSet<u32>, BTreeSet<u32>) {
        self.frames.borrow_mut().push(Frame {
            name,
            ..Frame::default()
        });
        let value = work();
        let frame = self.frames.borrow_mut().pop().unwrap_or_default();
        (value, frame.all, frame.direct)
    }

    fn depend(&self, on: impl IntoIterator<Item = u32>, direct: bool) {
        if let Some(frame) = self.frames.borrow_mut().last_mut() {
            for number in on {
                frame.all.insert(number);
                if direct {
                    frame.direct.insert(number);
                }
            }
        }
    }

    fn cycle(&self, instance: &Instance<'_>, name: String, span: Span) -> Reason {
        let frames = self.frames.borrow();
        let start = frames
            .iter()
            .position(|frame| frame.name == name)
            .unwrap_or_default();
        let names = frames
            .iter()
            .skip(start)
            .map(|frame| frame.name.as_str())
            .collect();
        let chain = shorten(names).join(", ");
        self.report(
            instance,
            Diagnostic::error(CYCLE, format!("These depend on each other: {chain}."), span),
        );
        Reason::Error(format!("a cycle of {chain}").into())
    }

    /// The number of a resource instance, for dependencies.
    fn number(&self, address: &Address) -> u32 {
        let mut numbers = self.numbers.borrow_mut();
        if let Some(number) = numbers.0.get(address) {
            return *number;
        }
        let number = numbers.1.len() as u32;
        numbers.0.insert(address.clone(), number);
        numbers.1.push(address.clone());
        number
    }

    fn variable(&self, instance: &Rc<Instance<'p>>, name: &Arc<str>) -> Value {
        let span = instance
            .module
            .variables
            .get(name)
            .map(|variable| variable.span)
            .unwrap_or_default();
        self.remember(
            &instance.variables,
            name.clone(),
            || format!("{}var.{name}", instance.prefix()),
            (instance, span),
            |reason| Value::unknown(Type::Any, reason),
            || self.evaluate_variable(instance, name),
        )
    }

    fn local(&self, instance: &Rc<Instance<'p>>, name: &Arc<str>) -> Value {
        let Some(attribute) = instance.module.locals.get(name) else {
            return Value::NULL;
        };
        self.remember(
            &instance.locals,
            name.clone(),
            || format!("{}local.{name}", instance.prefix()),
            (instance, attribute.span),
            |reason| Value::unknown(Type::Any, reason),
            || self.eval(&Context::new(self, instance), &attribute.value),
        )
    }

    fn output(&self, instance: &Rc<Instance<'p>>, name: &Arc<str>) -> Value {
        let Some(block) = instance.module.outputs.get(name) else {
            return Value::NULL;
        };
        self.remember(
            &instance.outputs,
            name.clone(),
            || format!("{}output.{name}", instance.prefix()),
            (instance, block.header),
            |reason| Value::unknown(Type::Any, reason),
            || self.evaluate_output(instance, block),
        )
    }

    /// What was wrong, each once, in order of places.
    fn take_problems(&self) -> Vec<Problem> {
        let mut problems = self.problems.take();
        let mut seen: BTreeMap<(Option<Span>, String, String), ()> = BTreeMap::new();
        problems.retain(|problem| {
            let diagnostic = &problem.diagnostic;
            let key = (
                diagnostic.span,
                diagnostic.summary.clone(),
                diagnostic.detail.clone(),
            );
            seen.insert(key, ()).is_none()
        });
        problems
    }
}

/// The prefix of names in a module, for cycles.
impl Instance<'_> {
    pub(super) fn prefix(&self) -> String {
        match self.path.is_root() {
            true => String::new(),
            false => format!("{}.", self.path),
        }
    }

    /// How Terraform names the module inside a sentence: all its instances alike.
    pub(super) fn display(&self) -> String {
        let calls: Vec<String> = self
            .call_names
            .split('.')
            .filter(|call| !call.is_empty())
            .map(|call| format!("module.{call}"))
            .collect();
        match calls.is_empty() {
            true => "the root module".to_owned(),
            false => calls.join("."),
        }
    }
}
