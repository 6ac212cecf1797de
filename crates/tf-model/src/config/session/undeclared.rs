//! References to what is not there.

use tf_lang::Diagnostic;
use tf_lang::ast::Ident;
use tf_lang::text::{quote_go, suggestion};

use super::Session;
use super::instance::{Instance, ResourceName};
use super::resolve::error;
use crate::address::Mode;

/// What is wrong with an attribute of `path`.
pub(super) fn attribute_of_path(name: &Ident) -> Option<Box<Diagnostic>> {
    const ATTRIBUTES: [&str; 3] = ["cwd", "module", "root"];
    if ATTRIBUTES.contains(&&*name.name) {
        return None;
    }
    let hint = suggestion(&name.name, ATTRIBUTES)
        .map(|near| format!(" Did you mean {}?", quote_go(near)))
        .unwrap_or_default();
    let detail = format!(
        "The \"path\" object does not have an attribute named {}.{hint}",
        quote_go(&name.name)
    );
    Some(error("Invalid \"path\" attribute", detail, name))
}

/// What is wrong with an attribute of `terraform`.
pub(super) fn attribute_of_terraform(name: &Ident) -> Option<Box<Diagnostic>> {
    let detail = match &*name.name {
        "workspace" | "applying" => return None,
        "env" => {
            "The terraform.env attribute was deprecated in v0.10 and removed in v0.12. The \"state environment\" concept \
             was renamed to \"workspace\" in v0.12, and so the workspace name can now be accessed using the \
             terraform.workspace attribute."
                .to_owned()
        }
        other => format!(
            "The \"terraform\" object does not have an attribute named {}. The only supported attributes are \
             terraform.workspace, the name of the currently-selected workspace, and terraform.applying, a boolean which \
             is true only during apply.",
            quote_go(other)
        ),
    };
    Some(error("Invalid \"terraform\" attribute", detail, name))
}

/// References to what is not declared.
impl<'p> Session<'p> {
    pub(super) fn undeclared_variable(
        &self,
        instance: &Instance<'p>,
        name: &Ident,
    ) -> Option<Box<Diagnostic>> {
        if instance.module.variables.contains_key(&name.name) {
            return None;
        }
        let hint = suggestion(&name.name, instance.module.variables.keys().map(|name| &**name));
        let hint = match hint {
            Some(near) => format!("Did you mean {}?", quote_go(near)),
            None => format!(
                "This variable can be declared with a variable {} {{}} block.",
                quote_go(&name.name)
            ),
        };
        let detail = format!(
            "An input variable with the name {} has not been declared. {hint}",
            quote_go(&name.name)
        );
        Some(error("Reference to undeclared input variable", detail, name))
    }

    pub(super) fn undeclared_local(&self, instance: &Instance<'p>, name: &Ident) -> Option<Box<Diagnostic>> {
        if instance.module.locals.contains_key(&name.name) {
            return None;
        }
        let hint = suggestion(&name.name, instance.module.locals.keys().map(|name| &**name))
            .map(|near| format!(" Did you mean {}?", quote_go(near)))
            .unwrap_or_default();
        let detail = format!(
            "A local value with the name {} has not been declared.{hint}",
            quote_go(&name.name)
        );
        Some(error("Reference to undeclared local value", detail, name))
    }

    pub(super) fn undeclared_module(&self, instance: &Instance<'p>, name: &Ident) -> Option<Box<Diagnostic>> {
        if instance.module.calls.contains_key(&name.name) {
            return None;
        }
        let hint = suggestion(&name.name, instance.module.calls.keys().map(|name| &**name))
            .map(|near| format!(" Did you mean {}?", quote_go(near)))
            .unwrap_or_default();
        let detail = format!(
            "No module call named {} is declared in {}.{hint}",
            quote_go(&name.name),
            instance.display()
        );
        Some(error("Reference to undeclared module", detail, name))
    }

    pub(super) fn undeclared_resource(
        &self,
        instance: &Instance<'p>,
        key: &ResourceName,
        ty: &Ident,
        name: &Ident,
    ) -> Box<Diagnostic> {
        let (mode, type_name, resource) = key;
        let data = (Mode::Data, type_name.clone(), resource.clone());
        let hint = match mode {
            Mode::Managed if instance.module.resources.contains_key(&data) => {
                format!("\n\nDid you mean the data resource data.{type_name}.{resource}?")
            }
            _ => String::new(),
        };
        let adjective = match mode {
            Mode::Managed => "managed",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        let article = if mode == &Mode::Ephemeral { "An" } else { "A" };
        let detail = format!(
            "{article} {adjective} resource {} {} has not been declared in {}.{hint}",
            quote_go(type_name),
            quote_go(resource),
            instance.display()
        );
        Box::new(Diagnostic::error(
            "Reference to undeclared resource",
            detail,
            ty.span.to(name.span),
        ))
    }
}
