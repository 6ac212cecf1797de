//! What names stand for inside a module.

use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Ident, Step};
use tf_lang::eval::{Evaluator, Scope};
use tf_lang::functions::Files;
use tf_lang::text::{quote_go, suggestion};
use tf_lang::value::{Entries, Reason};
use tf_lang::{Diagnostic, Span, Type, Value};

use super::Session;
use super::check::{misplaced_key, self_reference};
use super::expand::{Children, Expansion};
use super::instance::{Instance, ResourceName};
use super::resource::provider_schema;
use super::undeclared::{attribute_of_path, attribute_of_terraform};
use crate::address::{Key, Mode};
use crate::config::{CONSOLE_FILE, files};

/// What `each` and `count` are.
#[derive(Clone, Debug)]
pub(super) enum Repetition {
    /// Neither is there.
    None,
    /// `count.index`
    Count(Value),
    /// `each.key` and `each.value`
    Each(Value, Value),
}

/// The resource whose block an expression stands in.
#[derive(Clone, Debug)]
pub(super) struct Own {
    /// Its name, which its arguments may not refer to.
    pub(super) name: ResourceName,
    /// Whether its arguments are stored in a state.
    pub(super) stored: bool,
    /// Why attributes that its schema does not have are unknown; `None` where it has none but those.
    pub(super) beyond: Option<Reason>,
}

impl Own {
    pub(super) fn new(name: &ResourceName) -> Own {
        Own {
            name: name.clone(),
            stored: false,
            beyond: None,
        }
    }
}

/// The scope of an expression: a module instance, and inside a block that is repeated what repeats it.
pub(crate) struct Context<'s, 'p> {
    pub(super) session: &'s Session<'p>,
    pub(super) instance: Rc<Instance<'p>>,
    repetition: Repetition,
    self_value: Option<Value>,
    pub(super) own: Option<Own>,
    console: bool,
    /// Iterators of the `dynamic` blocks around, innermost last.
    bound: Vec<(Arc<str>, Value)>,
}

type Resolved = Result<(Value, usize), Box<Diagnostic>>;

pub(super) fn error(summary: &str, detail: impl Into<String>, ident: &Ident) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(summary, detail, ident.span))
}

impl<'s, 'p> Context<'s, 'p> {
    pub(crate) fn new(session: &'s Session<'p>, instance: &Rc<Instance<'p>>) -> Context<'s, 'p> {
        Context {
            session,
            instance: instance.clone(),
            repetition: Repetition::None,
            self_value: None,
            own: None,
            console: false,
            bound: Vec::new(),
        }
    }

    pub(super) fn with_repetition(mut self, repetition: Repetition) -> Self {
        self.repetition = repetition;
        self
    }

    /// The scope of the arguments of a resource.
    pub(super) fn inside(mut self, own: Own) -> Self {
        self.own = Some(own);
        self
    }

    /// The scope inside a `dynamic` block.
    pub(super) fn bind(&self, name: Arc<str>, value: Value) -> Context<'s, 'p> {
        let mut bound = self.bound.clone();
        bound.push((name, value));
        Context {
            session: self.session,
            instance: self.instance.clone(),
            repetition: self.repetition.clone(),
            self_value: self.self_value.clone(),
            own: self.own.clone(),
            console: self.console,
            bound,
        }
    }

    /// The scope of what is typed into a console.
    pub(super) fn in_console(mut self) -> Self {
        self.console = true;
        self
    }

    pub(super) fn with_self(mut self, value: Value) -> Self {
        self.self_value = Some(value);
        self
    }

    fn named<'a>(&self, what: &str, root: &Ident, steps: &'a [Step]) -> Result<&'a Ident, Box<Diagnostic>> {
        match steps.first() {
            Some(Step::Attr(name)) => Ok(name),
            _ => Err(error(
                "Invalid reference",
                format!(
                    "The {} object cannot be accessed directly. Instead, access one of its attributes.",
                    quote_go(what)
                ),
                root,
            )),
        }
    }

    fn path(&self, name: &Ident) -> Result<Value, Box<Diagnostic>> {
        match (&*name.name, attribute_of_path(name)) {
            (_, Some(problem)) => Err(problem),
            ("module", None) => Ok(Value::normal_string(self.session.module_path(&self.instance))),
            ("root", None) => Ok(Value::from(".")),
            // Where Terraform is started is not part of the configuration.
            _ => Ok(Value::unknown(Type::String, Reason::Unsupported("path.cwd".into())).not_null()),
        }
    }

    /// `each.key` or `each.value`.
    pub(super) fn each(&self, name: &Ident) -> Result<Value, Box<Diagnostic>> {
        match (&self.repetition, &*name.name) {
            (Repetition::Each(key, _), "key") => Ok(key.clone()),
            (Repetition::Each(_, value), "value") => Ok(value.clone()),
            (_, "key") => Err(error(
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \
                 \"for_each\" argument is set.",
                name,
            )),
            (_, "value") => Err(error(
                "each.value cannot be used in this context",
                "A reference to \"each.value\" has been used in a context in which it is unavailable, such as when the \
                 configuration no longer contains the value in its \"for_each\" expression. Remove this reference to \
                 each.value in your configuration to work around this error.",
                name,
            )),
            (_, other) => Err(error(
                "Invalid \"each\" attribute",
                format!(
                    "The \"each\" object does not have an attribute named {}. The supported attributes are each.key and \
                     each.value, the current key and value pair of the \"for_each\" attribute set.",
                    quote_go(other)
                ),
                name,
            )),
        }
    }

    /// `count.index`
    pub(super) fn count(&self, name: &Ident) -> Result<Value, Box<Diagnostic>> {
        match (&self.repetition, &*name.name) {
            (Repetition::Count(index), "index") => Ok(index.clone()),
            (_, "index") => Err(error(
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when \
                 the \"count\" argument is set.",
                name,
            )),
            (_, other) => Err(error(
                "Invalid \"count\" attribute",
                format!(
                    "The \"count\" object does not have an attribute named {}. The only supported attribute is \
                     count.index, which is the index of each instance of a resource block that has the \"count\" \
                     argument set.",
                    quote_go(other)
                ),
                name,
            )),
        }
    }

    /// `self`
    pub(super) fn own_value(&self, root: &Ident) -> Result<Value, Box<Diagnostic>> {
        self.self_value.clone().ok_or_else(|| {
            error(
                "Invalid \"self\" reference",
                "The \"self\" object is not available in this context. This object can be used only in resource \
                 provisioner, connection, and postcondition blocks.",
                root,
            )
        })
    }

    /// Whether a `dynamic` block around has given the name another meaning.
    pub(super) fn binds(&self, name: &str) -> bool {
        self.bound.iter().any(|(bound, _)| **bound == *name)
    }

    /// A key that is written behind a block with several instances.
    fn key(&self, evaluator: &mut Evaluator<'_>, step: Option<&Step>) -> Option<Option<Key>> {
        let Some(Step::Index(expr, _)) = step else {
            return None;
        };
        let (value, _) = evaluator.eval(expr).unmark();
        if let Some(number) = value.as_number() {
            return Some(
                number
                    .to_i64()
                    .and_then(|index| u64::try_from(index).ok())
                    .map(Key::Index),
            );
        }
        Some(value.as_shared_str().map(|name| Key::Name(name.clone())))
    }

    fn module(&self, evaluator: &mut Evaluator<'_>, root: &Ident, steps: &[Step]) -> Resolved {
        let name = self.named("module", root, steps)?;
        let session = self.session;
        if let Some(problem) = session.undeclared_module(&self.instance, name) {
            return Err(problem);
        }
        let Some(children) = session.children(&self.instance, &name.name) else {
            return Ok((Value::NULL, 1));
        };
        let reference = format!("{}module.{}", self.instance.prefix(), name.name);
        let Children::Instances(expansion, instances) = &*children else {
            let reason = Reason::MissingModule(reference.into());
            return Ok((Value::unknown(Type::Any, reason), 1));
        };
        if let Expansion::Unknown(unknown) = expansion {
            return Ok((
                Value::unknown_because(Type::Any, unknown.reasons.iter().cloned()),
                1,
            ));
        }
        let single = |key: &Option<Key>| {
            instances
                .iter()
                .find(|(candidate, _)| candidate == key)
                .map(|(_, instance)| instance)
        };
        // Only the output that is named is evaluated: others may depend on what asks for it.
        let key = match expansion {
            Expansion::Single => Some((None, 1)),
            _ => match self.key(evaluator, steps.get(1)) {
                Some(Some(key)) => Some((Some(key), 2)),
                _ => None,
            },
        };
        if let Some((key, used)) = key
            && let Some(child) = single(&key)
        {
            return match steps.get(used) {
                Some(Step::Attr(output)) => {
                    if !child.module.outputs.contains_key(&output.name) {
                        return Err(error(
                            "Unsupported attribute",
                            format!(
                                "This object does not have an attribute named {}.",
                                quote_go(&output.name)
                            ),
                            output,
                        ));
                    }
                    Ok((session.output(child, &output.name), used + 1))
                }
                _ => Ok((session.outputs(child), used)),
            };
        }
        let value = match expansion {
            Expansion::Each(_) => Value::object(instances.iter().filter_map(|(key, child)| match key {
                Some(Key::Name(name)) => Some((name.clone(), session.outputs(child))),
                _ => None,
            })),
            _ => Value::tuple(
                instances
                    .iter()
                    .map(|(_, child)| session.outputs(child))
                    .collect(),
            ),
        };
        Ok((value, 1))
    }

    fn resource(
        &self,
        evaluator: &mut Evaluator<'_>,
        mode: Mode,
        ty: &Ident,
        steps: &[Step],
        used: usize,
    ) -> Resolved {
        let Some(Step::Attr(name)) = steps.get(used) else {
            let detail = match mode {
                Mode::Managed => {
                    "A reference to a resource type must be followed by at least one attribute access, \
                                  specifying the resource name."
                }
                _ => {
                    "A reference to a data source must be followed by at least one attribute access, specifying the \
                      resource name."
                }
            };
            return Err(error("Invalid reference", detail, ty));
        };
        let key: ResourceName = (mode, ty.name.clone(), name.name.clone());
        let session = self.session;
        let Some(block) = self.instance.module.resources.get(&key) else {
            return Err(session.undeclared_resource(&self.instance, &key, ty, name));
        };
        let place = ty.span.to(name.span);
        if self.own.as_ref().is_some_and(|own| own.name == key) {
            return Err(self_reference(&key, place));
        }
        let used = used + 1;
        let step = steps.get(used);
        let expansion = session.expansion(&self.instance, &key, block);
        if let Some(problem) = misplaced_key(&key, expansion.argument(), step, place) {
            return Err(problem);
        }
        if let Expansion::Unknown(unknown) = &*expansion {
            session.depend(
                [session.number(&session.address(&self.instance, &key, None))],
                true,
            );
            return Ok((
                Value::unknown_because(Type::Any, unknown.reasons.iter().cloned()),
                used,
            ));
        }
        let instance_key = match &*expansion {
            Expansion::Single => Some((None, used)),
            _ => match self.key(evaluator, step) {
                Some(Some(key)) if expansion.repetition(&Some(key.clone())).is_some() => {
                    Some((Some(key), used + 1))
                }
                _ => None,
            },
        };
        let Some((instance_key, used)) = instance_key else {
            return Ok((
                session.whole_resource(&self.instance, &key, block, &expansion),
                used,
            ));
        };
        let value = session.resource(&self.instance, &key, block, instance_key);
        let next = steps.get(used);
        // Without a schema only what is written is there: as a whole that is not the resource.
        if let (Some(beyond), false) = (
            value.as_entries().and_then(Entries::beyond),
            matches!(next, Some(Step::Attr(_))),
        ) && provider_schema(mode, &key.1).is_none()
        {
            return Ok((Value::unknown(Type::Any, beyond.clone()), used));
        }
        // Nobody but Terraform itself adds to these types.
        if let (Some(entries), Some(Step::Attr(attr))) = (value.as_entries(), next)
            && entries.beyond().is_none()
            && entries.get(&attr.name).is_none()
        {
            let hint = suggestion(&attr.name, entries.iter().map(|(name, _)| &**name))
                .map(|near| format!(" Did you mean {}?", quote_go(near)))
                .unwrap_or_default();
            let detail = format!(
                "This object has no argument, nested block, or exported attribute named {}.{hint}",
                quote_go(&attr.name)
            );
            return Err(error("Unsupported attribute", detail, attr));
        }
        Ok((value, used))
    }
}

impl Scope for Context<'_, '_> {
    fn resolve(&self, evaluator: &mut Evaluator<'_>, root: &Ident, steps: &[Step]) -> Resolved {
        let session = self.session;
        if let Some((_, value)) = self.bound.iter().rev().find(|(name, _)| *name == root.name) {
            return Ok((value.clone(), 0));
        }
        match &*root.name {
            "var" => {
                let name = self.named("var", root, steps)?;
                match session.undeclared_variable(&self.instance, name) {
                    Some(problem) => Err(problem),
                    None => Ok((session.variable(&self.instance, &name.name), 1)),
                }
            }
            "local" => {
                let name = self.named("local", root, steps)?;
                match session.undeclared_local(&self.instance, name) {
                    Some(problem) => Err(problem),
                    None => Ok((session.local(&self.instance, &name.name), 1)),
                }
            }
            "path" => Ok((self.path(self.named("path", root, steps)?)?, 1)),
            "terraform" | "tofu" => {
                let name = self.named(&root.name, root, steps)?;
                match (&*name.name, attribute_of_terraform(name)) {
                    (_, Some(problem)) => Err(problem),
                    ("workspace", None) => Ok((Value::from(&*session.workspace), 1)),
                    _ => Ok((Value::from(false), 1)),
                }
            }
            "each" => Ok((self.each(self.named("each", root, steps)?)?, 1)),
            "count" => Ok((self.count(self.named("count", root, steps)?)?, 1)),
            "self" => Ok((self.own_value(root)?, 0)),
            "module" => self.module(evaluator, root, steps),
            "data" | "ephemeral" => {
                let mode = if &*root.name == "data" {
                    Mode::Data
                } else {
                    Mode::Ephemeral
                };
                match steps.first() {
                    Some(Step::Attr(ty)) => self.resource(evaluator, mode, ty, steps, 1),
                    _ => Err(error(
                        "Invalid reference",
                        format!(
                            "The {} object must be followed by two attribute names: the data source type and the \
                             resource name.",
                            quote_go(&root.name)
                        ),
                        root,
                    )),
                }
            }
            "resource" => match steps.first() {
                Some(Step::Attr(ty)) => self.resource(evaluator, Mode::Managed, ty, steps, 1),
                _ => Err(error(
                    "Invalid reference",
                    "The \"resource\" object must be followed by two attribute names.",
                    root,
                )),
            },
            _ => self.resource(evaluator, Mode::Managed, root, steps, 0),
        }
    }

    fn files(&self) -> &dyn Files {
        &self.session.files
    }

    fn has_provider(&self, name: &str) -> bool {
        self.instance.module.required_providers.contains_key(name)
    }

    fn missing_files_are_unknown(&self) -> bool {
        !self.session.project.strict_files
    }

    fn place(&self, span: Span) -> Option<String> {
        if span.file == CONSOLE_FILE {
            // The console has one line, and its text is not kept.
            return Some(format!("<console-input>:1,{}-{}", span.start + 1, span.end + 1));
        }
        let file = self.session.sources().get(span.file)?;
        Some(format!("{}:{}", file.name(), file.range(span)))
    }

    fn in_console(&self) -> bool {
        self.console
    }
}

impl<'p> Session<'p> {
    /// All outputs of a module instance as an object.
    pub(super) fn outputs(&self, instance: &Rc<Instance<'p>>) -> Value {
        Value::object(
            instance
                .module
                .outputs
                .keys()
                .map(|name| (name.clone(), self.output(instance, name))),
        )
    }

    /// `path.module`: relative to the root module's folder.
    pub(super) fn module_path(&self, instance: &Instance<'p>) -> Arc<str> {
        files::display_name(&instance.module.dir, &self.base).into()
    }
}
