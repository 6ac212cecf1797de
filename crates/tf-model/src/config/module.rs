//! One module's configuration: what its files declare, before anything is evaluated.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tf_lang::ast::{Attribute, Block, Body, Expr, ExprKind, ObjectKey, Step};
use tf_lang::eval::references;
use tf_lang::text::quote_go;
use tf_lang::value::normalise;
use tf_lang::{Diagnostic, FileId, SourceMap, Span};

use super::overrides;
use super::typespec::TypeSpec;
use crate::address::Mode;

/// A module as declared.
#[derive(Debug, Default)]
pub struct Module {
    /// Its folder.
    pub dir: PathBuf,
    /// The folder as people see it.
    pub shown: String,
    /// Its files.
    pub files: Vec<FileId>,
    /// `variable` blocks.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// `locals`, by name.
    pub locals: BTreeMap<Arc<str>, Attribute>,
    /// `output` blocks.
    pub outputs: BTreeMap<Arc<str>, Block>,
    /// `resource`, `data` and `ephemeral` blocks.
    pub resources: BTreeMap<(Mode, Arc<str>, Arc<str>), Arc<Block>>,
    /// `module` blocks.
    pub calls: BTreeMap<Arc<str>, Arc<Block>>,
    /// `provider` blocks.
    pub providers: Vec<Arc<Block>>,
    /// Sources of providers by their local names.
    pub required_providers: BTreeMap<Arc<str>, Arc<str>>,
    /// Local names and aliases of the provider configurations that callers must pass.
    pub configuration_aliases: Vec<(Arc<str>, Arc<str>)>,
    /// `check` blocks.
    pub checks: Vec<Block>,
    /// `import`, `moved` and `removed` blocks.
    pub refactorings: Vec<Block>,
    /// `terraform` blocks.
    pub settings: Vec<Block>,
    /// Files that could not be read.
    pub unread: Vec<FileId>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
}

/// A `variable` block.
#[derive(Debug)]
pub struct Variable {
    /// The type, `any` where none is given.
    pub ty: TypeSpec,
    /// The default.
    pub default: Option<Expr>,
    /// Whether null is a value of its own and not a wish for the default.
    pub nullable: bool,
    /// Must not be shown.
    pub sensitive: bool,
    /// Must not be stored.
    pub ephemeral: bool,
    /// Conditions with their messages.
    pub validations: Vec<Block>,
    /// The block's header.
    pub span: Span,
}

impl Module {
    /// Assembles a module from its parsed files.
    pub(crate) fn assemble(
        dir: PathBuf,
        shown: String,
        primary: Vec<(FileId, Body)>,
        overriding: Vec<(FileId, Body)>,
        sources: &SourceMap,
    ) -> Module {
        let mut module = Module {
            dir,
            shown,
            ..Module::default()
        };
        let mut blocks = Vec::new();
        for (file, body) in primary {
            module.files.push(file);
            module.unexpected_attributes(&body);
            blocks.extend(body.blocks);
        }
        for (file, body) in overriding {
            module.files.push(file);
            module.unexpected_attributes(&body);
            let problems = overrides::merge(&mut blocks, body);
            module.diagnostics.extend(problems);
        }
        for block in blocks {
            module.check_repetition(&block);
            module.check_conditions(&block);
            module.declare(block, sources);
        }
        module
    }

    /// Whether it has what only a root module should have; without it may be one too.
    pub(crate) fn is_root(&self) -> bool {
        let mut settings = self.settings.iter().flat_map(|block| &block.body.blocks);
        !self.providers.is_empty() || settings.any(|block| matches!(&*block.kind.name, "backend" | "cloud"))
    }

    /// A block is repeated by `count` or by `for_each`.
    fn check_repetition(&mut self, block: &Block) {
        let repeated = ["resource", "data", "ephemeral", "module"].contains(&&*block.kind.name);
        if repeated
            && block.body.attribute("count").is_some()
            && let Some(for_each) = block.body.attribute("for_each")
        {
            self.diagnostics.push(Diagnostic::error(
                "Invalid combination of \"count\" and \"for_each\"",
                "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be \
                 explicit about the number of resources to be created.",
                for_each.name.span,
            ));
        }
    }

    /// A condition that looks at nothing checks nothing.
    fn check_conditions(&mut self, block: &Block) {
        let inner: &Body = match &*block.kind.name {
            "resource" | "data" | "ephemeral" => match block.body.blocks_of("lifecycle").next() {
                Some(lifecycle) => &lifecycle.body,
                None => return,
            },
            "variable" | "output" | "check" => &block.body,
            _ => return,
        };
        for rule in &inner.blocks {
            let kind = &*rule.kind.name;
            let is_rule = ["validation", "precondition", "postcondition", "assert"].contains(&kind);
            let Some(condition) = rule.body.attribute("condition").filter(|_| is_rule) else {
                continue;
            };
            let mut anything = false;
            let mut own = false;
            references(&condition.value, &mut |reference| {
                anything = true;
                own |= &*reference.root.name == "var"
                    && matches!(reference.steps.first(), Some(Step::Attr(name)) if block.label(0) == Some(&*name.name));
            });
            if !anything {
                self.diagnostics.push(Diagnostic::error(
                    format!("Invalid {kind} expression"),
                    "The condition expression must refer to at least one object from elsewhere in the configuration, \
                     or else its result would not be checking anything.",
                    condition.value.span,
                ));
            }
            if kind == "validation" && !own {
                let name = block.label(0).unwrap_or_default();
                self.diagnostics.push(Diagnostic::error(
                    "Invalid variable validation condition",
                    format!(
                        "The condition for variable {} must refer to var.{name} in order to test incoming values.",
                        quote_go(name)
                    ),
                    condition.value.span,
                ));
            }
        }
    }

    fn unexpected_attributes(&mut self, body: &Body) {
        for attribute in &body.attributes {
            self.diagnostics.push(Diagnostic::error(
                "Unsupported argument",
                format!(
                    "An argument named \"{}\" is not expected here.",
                    attribute.name.name
                ),
                attribute.name.span,
            ));
        }
    }

    fn declare(&mut self, block: Block, sources: &SourceMap) {
        let labels = match &*block.kind.name {
            "resource" | "data" | "ephemeral" => 2,
            "variable" | "output" | "module" | "provider" | "check" => 1,
            "locals" | "terraform" | "import" | "moved" | "removed" => 0,
            // Blocks of OpenTofu and of languages beside Terraform's are no errors of the configuration.
            "language" | "action" | "list" => return,
            other => {
                self.diagnostics.push(Diagnostic::error(
                    "Unsupported block type",
                    format!("Blocks of type \"{other}\" are not expected here."),
                    block.kind.span,
                ));
                return;
            }
        };
        if block.labels.len() != labels {
            let (summary, detail) = match block.labels.len() < labels {
                true => (
                    "Missing name for block",
                    format!("All {} blocks must have {labels} labels.", block.kind.name),
                ),
                false => (
                    "Extraneous label for block",
                    format!(
                        "Only {labels} labels are expected for {} blocks.",
                        block.kind.name
                    ),
                ),
            };
            self.diagnostics
                .push(Diagnostic::error(summary, detail, block.header));
            return;
        }
        let label = |at: usize| {
            block
                .labels
                .get(at)
                .map(|label| normalise(&label.name))
                .unwrap_or_default()
        };
        match &*block.kind.name {
            "resource" => self.resource(Mode::Managed, label(0), label(1), block, sources),
            "data" => self.resource(Mode::Data, label(0), label(1), block, sources),
            "ephemeral" => self.resource(Mode::Ephemeral, label(0), label(1), block, sources),
            "variable" => {
                let name = label(0);
                if let Some(first) = self.variables.get(&name).map(|variable| variable.span) {
                    return self.doubled(
                        "variable",
                        &format!("A variable named \"{name}\""),
                        "variable",
                        &block,
                        first,
                        sources,
                    );
                }
                let variable = self.variable(block);
                self.variables.insert(name, variable);
            }
            "output" => {
                let name = label(0);
                if let Some(first) = self.outputs.get(&name).map(|output| output.header) {
                    return self.doubled(
                        "output",
                        &format!("An output named \"{name}\""),
                        "output",
                        &block,
                        first,
                        sources,
                    );
                }
                self.outputs.insert(name, block);
            }
            "module" => {
                let name = label(0);
                if let Some(first) = self.calls.get(&name).map(|call| call.header) {
                    return self.doubled(
                        "module call",
                        &format!("A module call named \"{name}\""),
                        "module call",
                        &block,
                        first,
                        sources,
                    );
                }
                self.calls.insert(name, Arc::new(block));
            }
            "locals" => {
                for attribute in block.body.attributes {
                    let name = attribute.name.name.clone();
                    if let Some(first) = self.locals.get(&name) {
                        let detail = format!(
                            "A local value named \"{name}\" was already defined at {}. Local value names must be unique \
                             within a module.",
                            place(first.name.span.to(first.span), sources)
                        );
                        self.diagnostics.push(Diagnostic::error(
                            "Duplicate local value definition",
                            detail,
                            attribute.name.span,
                        ));
                        continue;
                    }
                    self.locals.insert(name, attribute);
                }
            }
            "provider" => self.providers.push(Arc::new(block)),
            "check" => {
                // Data sources of a check are seen by its assertions only; names are unique all the same.
                for data in block.body.blocks_of("data") {
                    if let (Some(ty), Some(name)) = (data.label(0), data.label(1)) {
                        let key = (Mode::Data, ty.into(), name.into());
                        self.resources
                            .entry(key)
                            .or_insert_with(|| Arc::new(data.clone()));
                    }
                }
                self.checks.push(block);
            }
            "terraform" => self.terraform(block),
            _ => self.refactorings.push(block),
        }
    }

    fn doubled(
        &mut self,
        noun: &str,
        what: &str,
        names: &str,
        block: &Block,
        first: Span,
        sources: &SourceMap,
    ) {
        self.diagnostics.push(Diagnostic::error(
            match noun {
                "output" => "Duplicate output definition".to_owned(),
                "module call" => "Duplicate module call".to_owned(),
                _ => format!("Duplicate {noun} declaration"),
            },
            format!(
                "{what} was already declared at {}. {}{} names must be unique within a module.",
                place(first, sources),
                names.get(..1).unwrap_or_default().to_uppercase(),
                names.get(1..).unwrap_or_default()
            ),
            block.header,
        ));
    }

    fn resource(&mut self, mode: Mode, ty: Arc<str>, name: Arc<str>, block: Block, sources: &SourceMap) {
        if let Some(first) = self.resources.get(&(mode, ty.clone(), name.clone())) {
            let noun = match mode {
                Mode::Managed => "resource",
                Mode::Data => "data resource",
                Mode::Ephemeral => "ephemeral resource",
            };
            let kind = match mode {
                Mode::Managed => "resource",
                Mode::Data => "data",
                Mode::Ephemeral => "ephemeral",
            };
            let detail = format!(
                "A {ty} {kind}{} named \"{name}\" was already declared at {}. Resource names must be unique per type in \
                 each module.",
                if kind == "resource" { "" } else { " resource" },
                place(first.header, sources)
            );
            let summary = match mode {
                Mode::Managed => "Duplicate resource \"".to_owned() + &ty + "\" configuration",
                _ => format!("Duplicate {noun} \"{ty}\" configuration"),
            };
            self.diagnostics
                .push(Diagnostic::error(summary, detail, block.header));
            return;
        }
        self.resources.insert((mode, ty, name), Arc::new(block));
    }

    fn variable(&mut self, block: Block) -> Variable {
        let flag = |name: &str, default: bool| match block.body.attribute(name).map(|a| &a.value.kind) {
            Some(ExprKind::Bool(value)) => *value,
            Some(ExprKind::String(text)) => &**text == "true",
            _ => default,
        };
        let ty = match block
            .body
            .attribute("type")
            .map(|attribute| TypeSpec::parse(&attribute.value))
        {
            None => TypeSpec::ANY,
            Some(Ok(ty)) => ty,
            Some(Err(problem)) => {
                self.diagnostics.push(*problem);
                TypeSpec::ANY
            }
        };
        let (nullable, sensitive, ephemeral) = (
            flag("nullable", true),
            flag("sensitive", false),
            flag("ephemeral", false),
        );
        let span = block.header;
        let mut default = None;
        for attribute in block.body.attributes {
            match &*attribute.name.name {
                "default" => default = Some(attribute.value),
                "type" | "description" | "sensitive" | "nullable" | "ephemeral" | "deprecated" | "const" => {}
                other => self.diagnostics.push(Diagnostic::error(
                    "Unsupported argument",
                    format!("An argument named \"{other}\" is not expected here."),
                    attribute.name.span,
                )),
            }
        }
        let validations = block
            .body
            .blocks
            .into_iter()
            .filter(|block| &*block.kind.name == "validation")
            .collect();
        Variable {
            ty,
            default,
            nullable,
            sensitive,
            ephemeral,
            validations,
            span,
        }
    }

    fn terraform(&mut self, block: Block) {
        for required in block.body.blocks_of("required_providers") {
            for attribute in &required.body.attributes {
                // Each member by itself: the aliases are names, which have no value.
                let source = member(&attribute.value, "source")
                    .and_then(|source| super::constant_lenient(source).ok())
                    .and_then(|source| source.as_shared_str().cloned());
                if let Some(source) = source {
                    self.required_providers
                        .insert(attribute.name.name.clone(), source);
                }
                let aliases = match member(&attribute.value, "configuration_aliases").map(|list| &list.kind) {
                    Some(ExprKind::Tuple(aliases)) => aliases.as_slice(),
                    _ => &[],
                };
                self.configuration_aliases
                    .extend(aliases.iter().filter_map(|alias| {
                        let (name, alias) = provider_reference(alias)?;
                        Some((name, alias?))
                    }));
            }
        }
        self.settings.push(block);
    }
}

/// The member of an object that is written out.
fn member<'e>(object: &'e Expr, wanted: &str) -> Option<&'e Expr> {
    let ExprKind::Object(items) = &object.kind else {
        return None;
    };
    let is_wanted = |key: &ObjectKey| match key {
        ObjectKey::Name(name) => &*name.name == wanted,
        ObjectKey::Expr(key) => matches!(&key.kind, ExprKind::String(name) if &**name == wanted),
    };
    let (_, value) = items.iter().find(|(key, _)| is_wanted(key))?;
    Some(value)
}

/// `main.tf:3,1-20`, as Terraform writes a place inside a sentence.
pub(crate) fn place(span: Span, sources: &SourceMap) -> String {
    let Some(file) = sources.get(span.file) else {
        return String::new();
    };
    let (start, end) = (file.position(span.start), file.position(span.end));
    match start.line == end.line {
        true => format!("{}:{},{}-{}", file.name(), start.line, start.column, end.column),
        false => format!(
            "{}:{},{}-{},{}",
            file.name(),
            start.line,
            start.column,
            end.line,
            end.column
        ),
    }
}

/// The name and the alias that a `provider` argument refers to: `aws.east`, `"aws"`.
pub(crate) fn provider_reference(expr: &Expr) -> Option<(Arc<str>, Option<Arc<str>>)> {
    match &expr.kind {
        ExprKind::Traversal(root, steps) => match steps.as_slice() {
            [] => Some((root.name.clone(), None)),
            [Step::Attr(alias), ..] => Some((root.name.clone(), Some(alias.name.clone()))),
            _ => None,
        },
        ExprKind::String(text) => match text.split_once('.') {
            Some((name, alias)) => Some((name.into(), Some(alias.into()))),
            None => Some((text.clone(), None)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Module {
        let mut sources = SourceMap::new();
        let file = sources.add(tf_lang::SourceFile::new("main.tf", text));
        let body = tf_lang::parse::parse_body(file, text).unwrap();
        Module::assemble(
            PathBuf::new(),
            ".".to_owned(),
            vec![(file, body)],
            Vec::new(),
            &sources,
        )
    }

    #[test]
    fn aliases_of_providers_do_not_hide_their_sources() {
        let text = r#"
terraform {
  required_providers {
    example = {
      source                = "example.com/team/example"
      version               = ">= 1.0"
      configuration_aliases = [example.one, example.two]
    }
    other = "~> 2.0"
  }
}
"#;
        let module = module(text);
        let sources: Vec<_> = module.required_providers.iter().collect();
        assert_eq!(
            sources,
            [(&Arc::from("example"), &Arc::from("example.com/team/example"))]
        );
        let aliases = ["one", "two"].map(|alias| (Arc::from("example"), Arc::from(alias)));
        assert_eq!(module.configuration_aliases, aliases);
    }

    #[test]
    fn what_only_a_root_should_have_makes_a_root() {
        for (text, is_root) in [
            ("", false),
            ("terraform { required_version = \"1\" }", false),
            ("provider \"aws\" {}", true),
            ("terraform {\n  backend \"s3\" {}\n}", true),
        ] {
            assert_eq!(module(text).is_root(), is_root, "{text}");
        }
    }

    #[test]
    fn conditions_look_at_something() {
        let summaries = |text: &str| -> Vec<String> {
            let problems = module(text).diagnostics;
            problems.into_iter().map(|problem| problem.summary).collect()
        };
        let validated = |condition: &str| {
            format!("variable \"a\" {{\n  validation {{\n    condition = {condition}\n  }}\n}}")
        };
        assert_eq!(summaries(&validated("can(var.a + var.b)")), [""; 0]);
        let other = "Invalid variable validation condition";
        assert_eq!(summaries(&validated("var.b > 1")), [other]);
        // What a loop binds is nothing from elsewhere.
        assert_eq!(
            summaries(&validated("alltrue([for var in [true] : var])")),
            ["Invalid validation expression", other]
        );
        let rule = |kind: &str| {
            format!(
                "resource \"a\" \"b\" {{\n  lifecycle {{\n    {kind} {{\n      condition = 1 > 0\n    }}\n  }}\n}}"
            )
        };
        assert_eq!(
            summaries(&rule("postcondition")),
            ["Invalid postcondition expression"]
        );
    }
}
