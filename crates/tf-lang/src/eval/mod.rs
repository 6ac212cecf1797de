//! Evaluation of expressions.
//!
//! Like HCL's own evaluator it goes on after an error: what failed is an unknown value, and the diagnostics
//! are collected, so that one run reports all that is wrong.

mod access;
mod call;
mod operator;
mod references;
mod structural;
mod template;

use std::cell::Cell;
use std::sync::Arc;

use crate::ast::{Expr, ExprKind, Ident, Step};
use crate::diagnostic::Diagnostic;
use crate::functions::{CallError, CallResult, Files};
use crate::source::Span;
use crate::types::Type;
use crate::value::{Reason, Value};

pub use access::{get_attr, index};
pub use references::{Reference, references};
pub use structural::elements;
pub use template::UNKNOWN_PART;

/// Heaviest value that an expression may build; see [`Value::weight`].
const MAX_WEIGHT: u64 = 4_000_000;
/// Deepest nesting of expressions, counted through locals, variables and modules.
const MAX_DEPTH: u32 = 20_000;
/// How many expression nodes one [`Budget`] evaluates: minutes of work for no real configuration.
const MAX_STEPS: u64 = 30_000_000;
/// Diagnostics kept of one evaluation: a loop that fails a thousand times says so often enough.
const MAX_DIAGNOSTICS: usize = 50;

/// How much work may still be done. Shared by all evaluations of one root module, so that a configuration
/// cannot run for ever by spreading its work over many expressions.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<u64>,
    depth: Cell<u32>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            steps: Cell::new(MAX_STEPS),
            depth: Cell::new(0),
        }
    }
}

/// What names stand for.
pub trait Scope {
    /// The value of `root` followed by the first few of `steps`, and how many of them it used up.
    ///
    /// # Errors
    /// Where there is no such thing.
    fn resolve(
        &self,
        evaluator: &mut Evaluator<'_>,
        root: &Ident,
        steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>>;

    /// Access to files for the functions that read them.
    fn files(&self) -> &dyn Files;

    /// Attribute of a [`handle`](Value::handle) that this scope gave out.
    fn handle_attr(&self, _handle: u32, _name: &str) -> Value {
        Value::NULL
    }

    /// Whether there is a function of that name beyond Terraform's.
    fn has_function(&self, _name: &str) -> bool {
        false
    }

    /// Calls a function for which [`Scope::has_function`] is true.
    ///
    /// # Errors
    /// What the function says.
    fn call(&self, name: &str, _args: &[Value]) -> CallResult {
        Err(CallError::new(format!("there is no function {name}")))
    }

    /// Whether a provider of that local name is required, so that it may have functions.
    fn has_provider(&self, _name: &str) -> bool {
        false
    }

    /// A range as HCL shows it, `main.tf:1,5-9`, where the file is known: for messages about several places.
    fn place(&self, _span: Span) -> Option<String> {
        None
    }

    /// Whether it is the scope of a console, which has the function `type`.
    fn in_console(&self) -> bool {
        false
    }

    /// Whether the policies' rules hold: what is missing is null, comparisons convert as a provider would,
    /// and the logical operators are three-valued.
    fn lenient(&self) -> bool {
        false
    }

    /// Whether a file that is not there makes the value unknown with a warning, or is an error.
    fn missing_files_are_unknown(&self) -> bool {
        false
    }
}

/// Evaluates expressions in a scope.
pub struct Evaluator<'s> {
    scope: &'s dyn Scope,
    budget: &'s Budget,
    lenient: bool,
    /// Names bound by `for`, innermost last.
    bound: Vec<(Arc<str>, Value)>,
    diagnostics: Vec<Diagnostic>,
    /// The template function whose template is being evaluated: it must not call another.
    inside_template: Option<&'static str>,
}

impl<'s> Evaluator<'s> {
    /// An evaluator over a scope.
    pub fn new(scope: &'s dyn Scope, budget: &'s Budget) -> Evaluator<'s> {
        Evaluator {
            scope,
            budget,
            lenient: scope.lenient(),
            bound: Vec::new(),
            diagnostics: Vec::new(),
            inside_template: None,
        }
    }

    /// What has been found wrong so far; the list is emptied.
    pub fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.diagnostics)
    }

    /// Whether an error has been found.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The budget that it works on.
    pub fn budget(&self) -> &'s Budget {
        self.budget
    }

    /// Adds a diagnostic.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports an error and returns the value that stands for it.
    pub(crate) fn fail(&mut self, summary: &str, detail: impl Into<String>, span: Span) -> Value {
        self.report(Diagnostic::error(summary, detail, span));
        failed(summary)
    }

    /// Evaluates with names bound, as `for` and templates do.
    pub fn with_bound<R>(
        &mut self,
        names: impl IntoIterator<Item = (Arc<str>, Value)>,
        work: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let before = self.bound.len();
        self.bound.extend(names);
        let result = work(self);
        self.bound.truncate(before);
        result
    }

    /// The value of an expression. What is wrong with it is found in [`Evaluator::take_diagnostics`].
    pub fn eval(&mut self, expr: &Expr) -> Value {
        let depth = self.budget.depth.get();
        let steps = self.budget.steps.get();
        if steps == 0 {
            return Value::unknown(Type::Any, Reason::TooLarge("evaluation was given up".into()));
        }
        self.budget.steps.set(steps - 1);
        if steps == 1 {
            return self.too_large(
                "The configuration asks for more work than a static reader does.",
                expr.span,
            );
        }
        if depth >= MAX_DEPTH {
            return self.too_large("Expressions depend on each other too deeply.", expr.span);
        }
        self.budget.depth.set(depth + 1);
        let value = self.eval_kind(expr);
        self.budget.depth.set(depth);
        if value.weight() > MAX_WEIGHT {
            return self.too_large("The value has millions of elements.", expr.span);
        }
        value
    }

    fn too_large(&mut self, detail: &str, span: Span) -> Value {
        self.report(Diagnostic::error("Evaluation given up", detail, span));
        Value::unknown(Type::Any, Reason::TooLarge(detail.trim_end_matches('.').into()))
    }

    fn eval_kind(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Null => Value::NULL,
            ExprKind::Bool(value) => Value::from(*value),
            ExprKind::Number(number) => Value::from(number.clone()),
            ExprKind::String(text) => Value::normal_string(text.clone()),
            ExprKind::Template(parts) => self.template(parts, expr.span),
            ExprKind::Traversal(root, steps) => self.traversal(root, steps, expr.span),
            ExprKind::Relative(source, steps) => {
                let value = self.eval(source);
                self.steps(value, steps)
            }
            ExprKind::Splat {
                source,
                each,
                full: _,
                marker,
            } => self.splat(source, each, *marker),
            ExprKind::Call { name, args, expand } => self.call(name, args, *expand, expr.span),
            ExprKind::Tuple(items) => {
                let items = items.iter().map(|item| self.eval(item)).collect();
                Value::tuple(items)
            }
            ExprKind::Object(items) => self.object(items),
            ExprKind::For(each) => self.for_expr(each),
            ExprKind::Conditional(parts) => self.conditional(parts),
            ExprKind::Unary(op, operand) => self.unary(*op, operand),
            ExprKind::Binary(operands, op) => self.binary(*op, &operands.0, &operands.1, expr.span),
            ExprKind::Paren(inner) => self.eval(inner),
        }
    }

    fn traversal(&mut self, root: &Ident, steps: &[Step], _span: Span) -> Value {
        if let Some((_, value)) = self.bound.iter().rev().find(|(name, _)| *name == root.name) {
            let value = value.clone();
            return self.steps(value, steps);
        }
        let scope = self.scope;
        match scope.resolve(self, root, steps) {
            Ok((value, used)) => self.steps(value, steps.get(used..).unwrap_or_default()),
            Err(diagnostic) => {
                let value = failed(&diagnostic.summary);
                self.report(*diagnostic);
                value
            }
        }
    }

    /// Reads further from a value.
    pub fn steps(&mut self, mut value: Value, steps: &[Step]) -> Value {
        for (at, step) in steps.iter().enumerate() {
            if let Step::Splat(span) = step {
                return self.splat_of(value, steps.get(at + 1..).unwrap_or_default(), *span);
            }
            value = self.step(value, step);
        }
        value
    }
}

/// The value of what could not be evaluated.
pub(crate) fn failed(summary: &str) -> Value {
    Value::unknown(Type::Any, Reason::Error(summary.into()))
}
