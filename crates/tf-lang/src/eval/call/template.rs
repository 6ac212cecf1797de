//! Functions that render templates: `templatefile` and `templatestring`.

use super::{FILE_FUNCTIONS, all_of};
use crate::ast::{Expr, ExprKind, Ident, Step};
use crate::diagnostic::Diagnostic;
use crate::eval::{Evaluator, Scope, failed, references};
use crate::functions::{CallError, CallResult, Files, Function, Host};
use crate::source::{FileId, SourceFile, Span};
use crate::text::quote_go;
use crate::types::Type;
use crate::value::{Entries, Value};

impl Evaluator<'_> {
    /// `templatestring` looks at its variables first, then at how its template is written, and then evaluates that.
    pub(super) fn call_templatestring(
        &mut self,
        name: &Ident,
        function: &Function,
        template: &Expr,
        variables: &Expr,
        span: Span,
    ) -> Value {
        let places = [template.span, variables.span];
        let errors = self.diagnostics.len();
        let variables = self.eval(variables);
        if self.failed_since(errors) {
            return failed("an argument");
        }
        if variables.is_null() {
            let problem = CallError::arg(1, "argument must not be null");
            return self.call_failed(name, function, problem, &places, span);
        }
        if !variables.is_known() {
            let unknown = Value::unknown_because(Type::String, variables.reasons()).not_null();
            return unknown.with_marks(variables.marks());
        }
        if let Some(problem) = not_a_template_reference(template) {
            return self.call_failed(name, function, CallError::arg(0, problem), &places, span);
        }
        let before = std::mem::take(&mut self.diagnostics);
        let template = self.eval(template);
        let mut problems = std::mem::replace(&mut self.diagnostics, before);
        problems.retain(Diagnostic::is_error);
        let result = match all_of(&problems, |problem| self.with_place(problem)) {
            Some(problem) => Err(CallError::arg(
                0,
                format!("invalid template expression: {problem}"),
            )),
            None => {
                let outer = self.inside_template.replace("templatestring");
                let result = function.call(self, vec![template, variables]);
                self.inside_template = outer;
                result
            }
        };
        result.unwrap_or_else(|error| self.call_failed(name, function, error, &places, span))
    }
}

/// Why a function may not be called in a template that another function renders.
pub(super) fn refused_in_template(name: &str, outer: &str) -> Option<String> {
    if matches!(name, "templatefile" | "templatestring") {
        return Some(format!(
            "cannot recursively call {name} from inside another template function"
        ));
    }
    if outer == "templatestring" && FILE_FUNCTIONS.contains(&name) {
        return Some(format!(
            "cannot use filesystem access functions like {name} in templatestring templates; consider passing the \
             function result as a template variable instead"
        ));
    }
    None
}

/// `templatestring` takes its template by reference only.
pub(super) fn not_a_template_reference(template: &Expr) -> Option<String> {
    const ONLY: &str = "invalid template expression: templatestring is only for rendering templates retrieved \
                        dynamically from elsewhere";
    match &template.kind {
        ExprKind::Template(parts) => Some(match parts.as_slice() {
            [crate::ast::TemplatePart::Interpolation(_)] => format!(
                "{ONLY}; to treat the inner expression as template syntax, write the reference expression directly \
                 without any template interpolation syntax"
            ),
            _ => format!(
                "{ONLY}; to render an inline template, consider using a plain template string expression"
            ),
        }),
        ExprKind::String(_) => Some(format!(
            "{ONLY}, and so does not support providing a literal template; consider using a template string \
             expression instead"
        )),
        _ if is_reference(template) => None,
        _ => Some(
            "invalid template expression: must be a direct reference to a single string from elsewhere, \
             containing valid Terraform template syntax"
                .to_owned(),
        ),
    }
}

fn is_reference(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Traversal(..) => true,
        ExprKind::Relative(source, _) => is_reference(source),
        _ => false,
    }
}

/// Whether a template can refer to a variable by this name.
fn is_variable_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
}

/// The variables of a template.
struct TemplateScope<'a> {
    variables: &'a Entries,
    files: &'a dyn Files,
    missing_files_are_unknown: bool,
    in_console: bool,
    /// The template and its name.
    file: &'a SourceFile,
}

impl Scope for TemplateScope<'_> {
    fn resolve(
        &self,
        _evaluator: &mut Evaluator<'_>,
        root: &Ident,
        _steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        match self.variables.get(&root.name) {
            Some(value) => Ok((value.clone(), 0)),
            None => {
                let detail = format!("vars map does not contain key {}", quote_go(&root.name));
                Err(Box::new(Diagnostic::error(
                    "Invalid function argument",
                    detail,
                    root.span,
                )))
            }
        }
    }

    fn files(&self) -> &dyn Files {
        self.files
    }

    fn missing_files_are_unknown(&self) -> bool {
        self.missing_files_are_unknown
    }

    fn place(&self, span: Span) -> Option<String> {
        Some(format!("{}:{}", self.file.name(), self.file.range(span)))
    }

    fn in_console(&self) -> bool {
        self.in_console
    }
}

impl Host for Evaluator<'_> {
    fn files(&self) -> &dyn Files {
        self.scope.files()
    }

    fn render(&mut self, name: &str, template: &str, variables: &Entries) -> CallResult {
        // Positions in the template are told in the message; the span of the call is in the diagnostic.
        let file = SourceFile::new(name, template);
        let place = |span: Span| format!("{name}:{}", file.range(span));
        let describe = |problem: &Diagnostic| match problem.span {
            Some(span) => format!("{}: {}; {}", place(span), problem.summary, problem.detail),
            None => format!("{}; {}", problem.summary, problem.detail),
        };
        let expr = crate::parse::parse_template(FileId(u32::MAX), name, template).map_err(|problem| {
            match self.inside_template {
                Some("templatestring") => {
                    CallError::arg(0, format!("invalid template: {}", describe(&problem)))
                }
                _ => CallError::new(describe(&problem)),
            }
        })?;
        for (variable, _) in variables.iter() {
            if !is_variable_name(variable) {
                let quoted = quote_go(variable);
                return Err(CallError::arg(
                    1,
                    format!(
                        "invalid template variable name {quoted}: must start with a letter, followed by zero or more \
                         letters, digits, and underscores"
                    ),
                ));
            }
        }
        let mut missing = None;
        references(&expr, &mut |reference| {
            if missing.is_none() && variables.get(&reference.root.name).is_none() {
                missing = Some(CallError::arg(
                    1,
                    format!(
                        "vars map does not contain key {}, referenced at {}",
                        quote_go(&reference.root.name),
                        place(reference.root.span)
                    ),
                ));
            }
        });
        if let Some(error) = missing {
            return Err(error);
        }
        let scope = TemplateScope {
            variables,
            files: self.scope.files(),
            missing_files_are_unknown: self.scope.missing_files_are_unknown(),
            in_console: self.scope.in_console(),
            file: &file,
        };
        let mut evaluator = Evaluator::new(&scope, self.budget);
        evaluator.inside_template = self.inside_template;
        let value = evaluator.eval(&expr);
        let mut problems = evaluator.take_diagnostics();
        problems.retain(Diagnostic::is_error);
        match all_of(&problems, describe) {
            None if value.is_null() => Err(CallError::new(format!(
                "{}: Template result is null; The result of the template is null, which is not a valid result for a \
                 templatestring call.",
                place(expr.span)
            ))),
            None => Ok(value),
            Some(problem) => Err(CallError::new(problem)),
        }
    }
}
