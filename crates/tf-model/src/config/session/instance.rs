//! Instances of modules, their variables and outputs.

use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::Block;
use tf_lang::convert::convert;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Diagnostic, Severity, Span, Type, Value};

use super::resolve::{Context, Repetition};
use super::{Memo, Session, missing_argument};
use crate::address::{Key, Mode, ModulePath};
use crate::config::inputs::{self, Given};
use crate::config::module::{Module, Variable, place};

use super::expand::{Children, Expansion};
use super::resource::Built;

/// Name of a declared resource in its module.
pub(super) type ResourceName = (Mode, Arc<str>, Arc<str>);

/// A module instance.
pub(crate) struct Instance<'p> {
    pub(super) module: &'p Module,
    pub(super) path: ModulePath,
    /// The call, and the instance that contains it.
    pub(super) caller: Option<Caller<'p>>,
    /// Dotted names of the calls, without keys, as `.terraform/modules/modules.json` has them.
    pub(super) call_names: String,
    pub(super) called_from: Arc<[Span]>,
    pub(super) variables: Memo<Arc<str>, Value>,
    pub(super) locals: Memo<Arc<str>, Value>,
    pub(super) outputs: Memo<Arc<str>, Value>,
    pub(super) expansions: Memo<ResourceName, Rc<Expansion>>,
    pub(super) resources: Memo<(ResourceName, Option<Key>), Rc<Built>>,
    pub(super) wholes: Memo<ResourceName, Value>,
    pub(super) children: Memo<Arc<str>, Rc<Children<'p>>>,
}

/// The call of a module.
pub(super) struct Caller<'p> {
    pub(super) instance: Rc<Instance<'p>>,
    pub(super) block: &'p Arc<Block>,
    pub(super) repetition: Repetition,
}

impl<'p> Instance<'p> {
    pub(super) fn root(module: &'p Module) -> Instance<'p> {
        Instance {
            module,
            path: ModulePath::default(),
            caller: None,
            call_names: String::new(),
            called_from: Arc::new([]),
            variables: Memo::default(),
            locals: Memo::default(),
            outputs: Memo::default(),
            expansions: Memo::default(),
            resources: Memo::default(),
            wholes: Memo::default(),
            children: Memo::default(),
        }
    }

    /// The dotted name of a call in this module.
    pub(super) fn call_name(&self, name: &str) -> String {
        match self.call_names.is_empty() {
            true => name.to_owned(),
            false => format!("{}.{name}", self.call_names),
        }
    }

    pub(super) fn child(
        module: &'p Module,
        parent: &Rc<Instance<'p>>,
        name: &Arc<str>,
        key: Option<Key>,
        block: &'p Arc<Block>,
        repetition: Repetition,
    ) -> Instance<'p> {
        let call_names = parent.call_name(name);
        let called_from = parent.called_from.iter().copied().chain([block.span]).collect();
        Instance {
            path: parent.path.child(name.clone(), key),
            caller: Some(Caller {
                instance: parent.clone(),
                block,
                repetition,
            }),
            call_names,
            called_from,
            ..Instance::root(module)
        }
    }
}

impl<'p> Session<'p> {
    pub(super) fn evaluate_variable(&self, instance: &Rc<Instance<'p>>, name: &Arc<str>) -> Value {
        let Some(variable) = instance.module.variables.get(name) else {
            return Value::NULL;
        };
        let (given, span) = match &instance.caller {
            None => self.given_value(instance, variable, name),
            Some(caller) => match caller.block.body.attribute(name) {
                Some(attribute) => {
                    let context =
                        Context::new(self, &caller.instance).with_repetition(caller.repetition.clone());
                    (Some(self.eval(&context, &attribute.value)), attribute.value.span)
                }
                None => (None, caller.block.header),
            },
        };
        let mut marks = Marks::NONE;
        if variable.sensitive {
            marks = marks.union(Marks::SENSITIVE);
        }
        if variable.ephemeral {
            marks = marks.union(Marks::EPHEMERAL);
        }
        let was_null = given.as_ref().is_some_and(Value::is_null);
        let given = given.filter(|value| variable.nullable || !value.is_null());
        let default = variable.default.as_ref().map(|default| (default, default.span));
        let (value, span, is_default) = match (given, default) {
            (Some(value), _) => (value, span, false),
            (None, Some((default, span))) => match crate::config::constant(default) {
                Ok(value) => (value, span, true),
                Err(problem) => {
                    self.report(instance, *problem);
                    return Value::unknown(variable.ty.ty.clone(), Reason::Error("the default".into()));
                }
            },
            (None, None) if was_null => return self.null_variable(instance, variable, name, span, marks),
            (None, None) => return self.variable_without_value(instance, variable, name, marks),
        };
        self.converted_variable(instance, variable, name, value, span, is_default)
            .with_marks(marks)
    }

    /// A variable that may not be null and has no default was given null.
    fn null_variable(
        &self,
        instance: &Rc<Instance<'p>>,
        variable: &Variable,
        name: &Arc<str>,
        span: Span,
        marks: Marks,
    ) -> Value {
        const SUMMARY: &str = "Required variable not set";
        let detail = format!(
            "The given value is not suitable for {}var.{name} defined at {}: required variable may not be set to null.",
            instance.prefix(),
            place(variable.span, self.sources())
        );
        let reporter = instance
            .caller
            .as_ref()
            .map_or(instance, |caller| &caller.instance);
        self.report(reporter, Diagnostic::error(SUMMARY, detail, span));
        let ty = variable.ty.ty.without_optional();
        Value::unknown(ty, Reason::Error(SUMMARY.into()))
            .not_null()
            .with_marks(marks)
    }

    fn variable_without_value(
        &self,
        instance: &Rc<Instance<'p>>,
        variable: &Variable,
        name: &Arc<str>,
        marks: Marks,
    ) -> Value {
        let reference = format!("{}var.{name}", instance.prefix());
        if let Some(caller) = &instance.caller {
            self.report(&caller.instance, missing_argument(name, caller.block.header));
        }
        // A root module is judged without the values that only its user has: they are unknown.
        let ty = variable.ty.ty.without_optional();
        let unknown = Value::unknown(ty, Reason::Variable(reference.into())).with_marks(marks);
        if variable.nullable {
            unknown
        } else {
            unknown.not_null()
        }
    }

    fn converted_variable(
        &self,
        instance: &Rc<Instance<'p>>,
        variable: &Variable,
        name: &Arc<str>,
        value: Value,
        span: Span,
        is_default: bool,
    ) -> Value {
        let filled = variable.ty.apply_defaults(value);
        match convert(&filled, &variable.ty.ty) {
            Ok(value) => value,
            Err(error) => {
                let (summary, detail) = match (is_default, &instance.caller) {
                    (true, _) => (
                        "Invalid default value for variable",
                        format!(
                            "This default value is not compatible with the variable's type constraint: {error}."
                        ),
                    ),
                    (false, None) => (
                        "Invalid value for input variable",
                        format!(
                            "The given value is not suitable for var.{name} declared at {}: {error}.",
                            place(variable.span, self.sources())
                        ),
                    ),
                    (false, Some(_)) => (
                        "Invalid value for input variable",
                        format!(
                            "The given value is not suitable for {}var.{name} declared at {}: {error}.",
                            instance.prefix(),
                            place(variable.span, self.sources())
                        ),
                    ),
                };
                let reporter = instance
                    .caller
                    .as_ref()
                    .map_or(instance, |caller| &caller.instance);
                self.report(reporter, Diagnostic::error(summary, detail, span));
                Value::unknown(variable.ty.ty.without_optional(), Reason::Error(summary.into()))
            }
        }
    }

    /// The value that the user gave for a variable of the root module.
    fn given_value(
        &self,
        instance: &Rc<Instance<'p>>,
        variable: &Variable,
        name: &Arc<str>,
    ) -> (Option<Value>, Span) {
        match self.given.values.get(name) {
            None => (None, variable.span),
            Some(Given::Value(value, span)) => (Some(value.clone()), span.unwrap_or(variable.span)),
            Some(Given::Text(text, origin)) => match inputs::parse_text(text, &variable.ty.ty, origin) {
                Ok(value) => (Some(value), variable.span),
                Err(problem) => {
                    self.report(
                        instance,
                        Diagnostic {
                            span: Some(variable.span),
                            ..*problem
                        },
                    );
                    (
                        Some(Value::unknown(Type::Any, Reason::Error(origin.clone()))),
                        variable.span,
                    )
                }
            },
        }
    }

    /// Checks the conditions of a variable.
    pub(super) fn validate_variable(&self, instance: &Rc<Instance<'p>>, name: &Arc<str>) {
        let Some(variable) = instance.module.variables.get(name) else {
            return;
        };
        for validation in &variable.validations {
            let context = Context::new(self, instance);
            let Some((message, span)) = self.failed_condition(&context, validation) else {
                continue;
            };
            let at = instance
                .caller
                .as_ref()
                .and_then(|caller| caller.block.body.attribute(name));
            let subject = at.map_or(variable.span, |attribute| attribute.value.span);
            let detail = format!(
                "{message}\n\nThis was checked by the validation rule at {}.",
                place(validation.header, self.sources())
            );
            let _ = span;
            self.report(
                instance,
                Diagnostic::error("Invalid value for variable", detail, subject),
            );
        }
    }

    /// The message and the place of a condition that is known to be false.
    pub(super) fn failed_condition(
        &self,
        context: &Context<'_, 'p>,
        block: &Block,
    ) -> Option<(String, Span)> {
        let condition = block.body.attribute("condition")?;
        let value = self.eval(context, &condition.value);
        if value.is_null() {
            let detail = "Condition expression must return either true or false, not null.";
            self.report(
                &context.instance,
                Diagnostic::error("Invalid condition result", detail, condition.value.span),
            );
            return None;
        }
        let holds = convert(&value, &Type::Bool).ok()?.as_bool()?;
        if holds {
            return None;
        }
        let message = match block.body.attribute("error_message") {
            Some(attribute) => {
                let message = self.eval(context, &attribute.value);
                match message.has_sensitive() {
                    true => "The error message included a sensitive value, so it is not shown.".to_owned(),
                    false => message
                        .as_str()
                        .unwrap_or("The condition is false.")
                        .trim()
                        .to_owned(),
                }
            }
            None => "The condition is false.".to_owned(),
        };
        Some((message, condition.value.span))
    }

    /// Checks the conditions of a block and reports those that are false.
    pub(super) fn check_conditions(
        &self,
        context: &Context<'_, 'p>,
        block: &Block,
        kind: &str,
        summary: &str,
        severity: Severity,
    ) {
        for condition in block.body.blocks_of(kind) {
            if let Some((message, span)) = self.failed_condition(context, condition) {
                let diagnostic = Diagnostic {
                    severity,
                    ..Diagnostic::error(summary, message, span)
                };
                self.report(&context.instance, diagnostic);
            }
        }
    }

    pub(super) fn evaluate_output(&self, instance: &Rc<Instance<'p>>, block: &Block) -> Value {
        let context = Context::new(self, instance);
        let Some(attribute) = block.body.attribute("value") else {
            self.report(instance, missing_argument("value", block.header));
            return Value::NULL;
        };
        let value = self.eval(&context, &attribute.value);
        let flag = |name: &str| {
            let attribute = block.body.attribute(name)?;
            crate::config::constant(&attribute.value).ok()?.as_bool()
        };
        let mut marks = Marks::NONE;
        if flag("sensitive").unwrap_or_default() {
            marks = marks.union(Marks::SENSITIVE);
        }
        if flag("ephemeral").unwrap_or_default() {
            marks = marks.union(Marks::EPHEMERAL);
        } else if value.marks_deep().contains(Marks::EPHEMERAL) {
            let detail = "This output value is not declared as returning an ephemeral value, so it cannot be set to a \
                          result derived from an ephemeral value.";
            self.report(
                instance,
                Diagnostic::error("Ephemeral value not allowed", detail, attribute.value.span),
            );
        }
        // In other modules the mark goes along with the value.
        if instance.caller.is_none()
            && (self.project.root_was_named || instance.module.is_root())
            && value.has_sensitive()
            && !marks.contains(Marks::SENSITIVE)
        {
            let detail = "To reduce the risk of accidentally exporting sensitive data that was intended to be only \
                          internal, Terraform requires that any root module output containing sensitive data be \
                          explicitly marked as sensitive, to confirm your intent.\n\nIf you do intend to export this \
                          data, annotate the output value as sensitive by adding the following argument:\n    sensitive \
                          = true";
            self.report(
                instance,
                Diagnostic::error("Output refers to sensitive values", detail, block.header),
            );
        }
        value.with_marks(marks)
    }
}
