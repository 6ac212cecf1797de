//! Function calls, and the functions that look at expressions instead of values.

mod template;

use crate::ast::{Expr, Ident};
use crate::convert::convert;
use crate::diagnostic::Diagnostic;
use crate::eval::{Evaluator, failed};
use crate::functions::{self, CallError, Function};
use crate::source::Span;
use crate::text::{quote_go, suggestion};
use crate::types::Type;
use crate::value::{Kind, Reason, Value};

use template::{not_a_template_reference, refused_in_template};

/// Functions that read files, which templates given as strings must not.
const FILE_FUNCTIONS: [&str; 9] = [
    "file",
    "fileexists",
    "fileset",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "filemd5",
    "filesha1",
    "filesha256",
];

/// An argument and the expression that gave it.
struct Arg {
    value: Value,
    span: Span,
}

impl Evaluator<'_> {
    pub(super) fn call(&mut self, name: &Ident, args: &[Expr], expand: bool, span: Span) -> Value {
        let plain = name.name.strip_prefix("core::").unwrap_or(&name.name);
        match plain {
            "try" => return self.call_try(name, args, expand, span),
            "can" => return self.call_can(name, args, span),
            _ => {}
        }
        if self.lenient
            && let Some(result) = self.scope_call(name, args, span)
        {
            return result;
        }
        let known = functions::find(&name.name).filter(|_| plain != "type" || self.scope.in_console());
        let Some(function) = known else {
            return self.unknown_function(name);
        };
        if let Some(outer) = self.inside_template
            && let Some(error) = refused_in_template(plain, outer)
        {
            return self.call_failed(name, function, CallError::new(error), &[], span);
        }
        match (plain, args, expand) {
            ("templatestring", [template, variables], false) => {
                return self.call_templatestring(name, function, template, variables, span);
            }
            ("templatestring", [arguments], true) => {
                if let Some(problem) = not_a_template_reference(arguments) {
                    let problem = CallError::arg(0, problem);
                    return self.call_failed(name, function, problem, &[arguments.span], span);
                }
            }
            _ => {}
        }
        let errors = self.diagnostics.len();
        let Some(mut given) = self.arguments(args, expand) else {
            return failed("the expanded argument");
        };
        if let Some(value) = given.last().filter(|_| expand).map(|arg| &arg.value)
            && is_unexpanded(value)
        {
            return Value::unknown_because(Type::Any, value.reasons());
        }
        if let Some(problem) = self.wrong_arity(name, function, &given, span) {
            return problem;
        }
        for (index, arg) in given.iter_mut().enumerate() {
            match function.convert_arg(index, arg.value.clone()) {
                Ok(value) => arg.value = value,
                Err(_) if self.lenient => {
                    arg.value = Value::null(function.param(index).map_or(Type::Any, |param| param.ty.get()));
                }
                Err(reason) => {
                    let param = function.param(index).map_or("", |param| param.name);
                    let detail = format!("Invalid value for {} parameter: {reason}.", quote_go(param));
                    self.fail("Invalid function argument", detail, arg.span);
                }
            }
        }
        if self.failed_since(errors) {
            return failed("an argument");
        }
        if self.lenient {
            for (index, arg) in given.iter_mut().enumerate() {
                if arg.value.is_null()
                    && let Some(param) = function.param(index).filter(|param| !param.null)
                {
                    match empty(&param.ty.get()) {
                        Some(value) => arg.value = value,
                        None => return Value::NULL,
                    }
                }
            }
            if let Some(value) = three_valued(plain, &given) {
                return value;
            }
        }
        let structure = given
            .first()
            .filter(|_| plain == "jsonencode")
            .map(|arg| arg.value.clone());
        let taken = given
            .iter_mut()
            .map(|arg| std::mem::replace(&mut arg.value, Value::NULL));
        let values = taken.collect();
        let outer = self.inside_template;
        if plain == "templatefile" {
            self.inside_template = Some("templatefile");
        }
        let result = function.call(self, values);
        self.inside_template = outer;
        match (result, structure) {
            (Ok(value), Some(structure)) => value.with_source(structure),
            (Ok(value), None) => value,
            (Err(error), _) => {
                let spans: Vec<Span> = given.iter().map(|arg| arg.span).collect();
                self.call_failed(name, function, error, &spans, span)
            }
        }
    }

    /// A diagnostic in one line, as HCL writes it.
    fn with_place(&self, problem: &Diagnostic) -> String {
        match problem.span.and_then(|span| self.scope.place(span)) {
            Some(place) => format!("{place}: {}; {}", problem.summary, problem.detail),
            None => format!("{}; {}", problem.summary, problem.detail),
        }
    }

    /// A policy's own functions see their arguments as they are.
    fn scope_call(&mut self, name: &Ident, args: &[Expr], span: Span) -> Option<Value> {
        let scope = self.scope;
        if !scope.has_function(&name.name) {
            return None;
        }
        let values: Vec<Value> = args.iter().map(|arg| self.eval(arg)).collect();
        match scope.call(&name.name, &values) {
            Ok(value) => Some(value),
            Err(error) => {
                let detail = format!(
                    "Call to function {} failed: {}.",
                    quote_go(&name.name),
                    error.message
                );
                Some(self.fail("Error in function call", detail, span))
            }
        }
    }

    /// The evaluated arguments; `None` where the one to expand was refused.
    fn arguments(&mut self, args: &[Expr], expand: bool) -> Option<Vec<Arg>> {
        let Some((last, others)) = args.split_last().filter(|_| expand) else {
            return Some(
                args.iter()
                    .map(|arg| Arg {
                        value: self.eval(arg),
                        span: arg.span,
                    })
                    .collect(),
            );
        };
        const INVALID: &str = "Invalid expanding argument value";
        let errors = self.diagnostics.len();
        let value = self.eval(last);
        if self.failed_since(errors) {
            return None;
        }
        if value.is_null() && (value.ty() == Type::Any || value_is_sequence(&value)) {
            if self.lenient {
                return Some(
                    others
                        .iter()
                        .map(|arg| Arg {
                            value: self.eval(arg),
                            span: arg.span,
                        })
                        .collect(),
                );
            }
            let detail = "The expanding argument (indicated by ...) must not be null.";
            self.fail(INVALID, detail, last.span);
            return None;
        }
        let mut given: Vec<Arg> = others
            .iter()
            .map(|arg| Arg {
                value: self.eval(arg),
                span: arg.span,
            })
            .collect();
        let (plain, marks) = value.clone().unmark();
        match plain.as_items() {
            Some(items) => given.extend(items.iter().map(|item| Arg {
                value: item.clone().with_marks(marks),
                span: last.span,
            })),
            None if !plain.is_known() && (plain.ty() == Type::Any || value_is_sequence(&plain)) => {
                given.push(Arg {
                    value: Value::unknown_because(Type::Any, plain.reasons()),
                    span: last.span,
                });
            }
            None => {
                let detail =
                    "The expanding argument (indicated by ...) must be of a tuple, list, or set type.";
                self.fail(INVALID, detail, last.span);
                return None;
            }
        }
        Some(given)
    }

    fn wrong_arity(&mut self, name: &Ident, function: &Function, given: &[Arg], span: Span) -> Option<Value> {
        let quoted = quote_go(&name.name);
        if let Some(missing) = function.params.get(given.len()) {
            let least = if function.rest.is_some() { " at least" } else { "" };
            let detail = format!(
                "Function {quoted} expects{least} {} argument(s). Missing value for {}.",
                function.params.len(),
                quote_go(missing.name)
            );
            let close = Span {
                start: span.end.saturating_sub(1),
                ..span
            };
            return Some(self.fail("Not enough function arguments", detail, close));
        }
        let extra = given
            .get(function.params.len())
            .filter(|_| function.rest.is_none())?;
        let detail = format!(
            "Function {quoted} expects only {} argument(s).",
            function.params.len()
        );
        Some(self.fail("Too many function arguments", detail, extra.span))
    }

    fn call_failed(
        &mut self,
        name: &Ident,
        function: &Function,
        error: CallError,
        spans: &[Span],
        span: Span,
    ) -> Value {
        let place = error
            .arg
            .and_then(|index| Some((function.param(index)?, spans.get(index))));
        let (summary, detail, at) = match place {
            Some((param, at)) => (
                "Invalid function argument",
                format!(
                    "Invalid value for {} parameter: {}.",
                    quote_go(param.name),
                    error.message
                ),
                at.copied().unwrap_or(span),
            ),
            None => (
                "Error in function call",
                format!(
                    "Call to function {} failed: {}.",
                    quote_go(&name.name),
                    error.message
                ),
                opening(name, span),
            ),
        };
        match error.missing_file {
            Some(path) if self.scope.missing_files_are_unknown() => {
                self.report(Diagnostic::warning(summary, detail, at));
                Value::unknown(function.returns.get(), Reason::MissingFile(path))
            }
            _ => self.fail(summary, detail, at),
        }
    }

    fn unknown_function(&mut self, name: &Ident) -> Value {
        const SUMMARY: &str = "Call to unknown function";
        if let Some((namespace, last)) = name.name.split_once("::") {
            return self.unknown_provider_function(name, namespace, last);
        }
        let names = functions::names()
            .chain(["try", "can"])
            .filter(|name| *name != "type" || self.scope.in_console());
        let hint = suggestion(&name.name, names)
            .map(|near| format!(" Did you mean {}?", quote_go(near)))
            .unwrap_or_default();
        let detail = format!("There is no function named {}.{hint}", quote_go(&name.name));
        self.fail(SUMMARY, detail, name.span)
    }

    fn unknown_provider_function(&mut self, name: &Ident, namespace: &str, rest: &str) -> Value {
        const SUMMARY: &str = "Unknown provider function";
        if namespace != "provider" {
            let detail = format!(
                "The function namespace {} is not valid. Provider function calls must use the \"provider::\" namespace \
                 prefix.",
                quote_go(namespace)
            );
            return self.fail(SUMMARY, detail, name.span);
        }
        let Some((provider, _)) = rest.split_once("::") else {
            let detail = "The function call must include the provider name after the \"provider::\" prefix.";
            return self.fail(SUMMARY, detail, name.span);
        };
        if self.scope.has_provider(provider) {
            // A provider's functions run in the provider, which a static reader does not start.
            let what = format!("{}()", name.name);
            return Value::unknown(Type::Any, Reason::Unsupported(what.into()));
        }
        let function = name.name.rsplit("::").next().unwrap_or_default();
        let detail = format!(
            "There is no function named {}. Ensure that provider name {} is declared in this module's \
             required_providers block, and that this provider offers a function named {}.",
            quote_go(&name.name),
            quote_go(provider),
            quote_go(function)
        );
        self.fail(SUMMARY, detail, name.span)
    }

    fn call_try(&mut self, name: &Ident, args: &[Expr], expand: bool, span: Span) -> Value {
        let before = std::mem::take(&mut self.diagnostics);
        let mut found = None;
        for (index, arg) in args.iter().enumerate() {
            let errors = self.diagnostics.len();
            let mut value = self.eval(arg);
            if self.failed_since(errors) {
                continue;
            }
            // Of arguments that are values already the first succeeds.
            if expand
                && index + 1 == args.len()
                && let Some(items) = value.as_items()
            {
                let Some(first) = items.first() else { continue };
                value = first.clone().with_marks(value.marks());
            }
            found = Some(match value.is_wholly_known() {
                true => value,
                false => Value::unknown_because(Type::Any, value.reasons()).with_marks(value.marks_deep()),
            });
            break;
        }
        let problems = std::mem::replace(&mut self.diagnostics, before);
        if let Some(value) = found {
            return value;
        }
        let mut message = match args.is_empty() {
            true => "at least one argument is required".to_owned(),
            false => "no expression succeeded:\n".to_owned(),
        };
        for problem in &problems {
            let place = match problem.span.and_then(|span| self.scope.place(span)) {
                Some(place) => format!(" (at {place})"),
                None => String::new(),
            };
            message.push_str(&format!("- {}{place}\n  {}\n", problem.summary, problem.detail));
        }
        if !args.is_empty() {
            message.push_str("\nAt least one expression must produce a successful result");
        }
        let detail = format!("Call to function {} failed: {message}.", quote_go(&name.name));
        self.fail("Error in function call", detail, opening(name, span))
    }

    fn call_can(&mut self, name: &Ident, args: &[Expr], span: Span) -> Value {
        let [arg] = args else {
            let quoted = quote_go(&name.name);
            return match args.get(1) {
                Some(extra) => {
                    let detail = format!("Function {quoted} expects only 1 argument(s).");
                    self.fail("Too many function arguments", detail, extra.span)
                }
                None => {
                    let detail =
                        format!("Function {quoted} expects 1 argument(s). Missing value for \"expression\".");
                    self.fail("Not enough function arguments", detail, span)
                }
            };
        };
        let before = std::mem::take(&mut self.diagnostics);
        let value = self.eval(arg);
        let failed = self.has_errors();
        self.diagnostics = before;
        match (failed, value.is_wholly_known()) {
            (true, _) => Value::from(false),
            (false, true) => Value::from(true),
            (false, false) => Value::unknown_because(Type::Bool, value.reasons()),
        }
    }
}

/// The part of a call that Terraform blames for what the function says: its name and the parenthesis after that.
fn opening(name: &Ident, call: Span) -> Span {
    Span {
        end: name.span.end.saturating_add(1).min(call.end),
        ..name.span
    }
}

/// Several diagnostics in one line, as HCL writes them; nothing where there are none.
fn all_of(problems: &[Diagnostic], describe: impl Fn(&Diagnostic) -> String) -> Option<String> {
    match problems {
        [] => None,
        [problem] => Some(describe(problem)),
        [problem, others @ ..] => Some(format!(
            "{}, and {} other diagnostic(s)",
            describe(problem),
            others.len()
        )),
    }
}

fn value_is_sequence(value: &Value) -> bool {
    matches!(value.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_))
}

/// Whether the argument to expand stands for a number of arguments that is not known.
fn is_unexpanded(value: &Value) -> bool {
    matches!(value.kind(), Kind::Unknown(unknown) if unknown.ty == Type::Any)
}

/// Policies: what an argument that is missing counts as.
fn empty(ty: &Type) -> Option<Value> {
    match ty {
        Type::String => Some(Value::from("")),
        Type::List(element) => Some(Value::list((**element).clone(), Vec::new())),
        Type::Set(element) => Some(Value::set((**element).clone(), Vec::new())),
        Type::Map(element) => Some(Value::map((**element).clone(), [])),
        Type::Any => Some(Value::tuple(Vec::new())),
        _ => None,
    }
}

/// Policies: how many elements there are is not known where some are only perhaps there.
fn uncertain_length(args: &[Arg]) -> Option<Value> {
    let value = &args.first()?.value;
    let perhaps = |item: &&Value| {
        item.as_unknown()
            .is_some_and(|unknown| unknown.ty == Type::Any && !unknown.not_null)
    };
    let Kind::Tuple(items) = value.kind() else {
        return None;
    };
    let reasons: Vec<Reason> = items.iter().filter(perhaps).flat_map(Value::reasons).collect();
    (!reasons.is_empty()).then(|| Value::unknown_because(Type::Number, reasons).not_null())
}

/// Policies: `alltrue`, `anytrue` and `contains` decide as soon as one element does, whatever is unknown of
/// the others.
fn three_valued(name: &str, args: &[Arg]) -> Option<Value> {
    // An argument that is unknown as a whole is the function's own matter.
    let items = args.first()?.value.as_items()?;
    let marks = args.iter().fold(crate::value::Marks::NONE, |marks, arg| {
        marks.union(arg.value.marks_deep())
    });
    let decisive = name != "alltrue";
    let (mut is_decided, mut is_open) = (false, false);
    let mut add = |result: Option<bool>| {
        is_decided |= result == Some(decisive);
        is_open |= result.is_none();
    };
    match name {
        "alltrue" | "anytrue" => items.iter().for_each(|item| {
            add(match item.kind() {
                Kind::Null(_) => Some(false),
                _ => convert(item, &Type::Bool).ok().and_then(|item| item.as_bool()),
            });
        }),
        "contains" => {
            let wanted = &args.get(1)?.value;
            items.iter().for_each(|item| add(item.equals_untyped(wanted)));
        }
        "length" => return uncertain_length(args),
        _ => return None,
    }
    let result = if is_decided {
        Value::from(decisive)
    } else if is_open {
        let reasons = args.iter().flat_map(|arg| arg.value.reasons());
        Value::unknown_because(Type::Bool, reasons).not_null()
    } else {
        Value::from(!decisive)
    };
    Some(result.with_marks(marks))
}
