//! Which provider configuration a resource uses, and where modules lie.

use std::rc::Rc;
use std::sync::Arc;

use tf_lang::ast::{Attribute, Block, Body, ExprKind, ObjectKey};
use tf_lang::text::quote_go;
use tf_lang::{Diagnostic, Value};

use super::instance::Instance;
use super::resolve::Context;
use super::{Session, missing_argument};
use crate::config::files;
use crate::config::module::{Module, provider_reference};
use crate::schema::{Kind, schema};

/// The registry of sources that name none.
const HOST: &str = "registry.terraform.io";

/// A provider configuration and the module instance that has it.
pub(super) struct Configured<'p> {
    pub(super) instance: Rc<Instance<'p>>,
    pub(super) block: &'p Arc<Block>,
}

impl<'p> Session<'p> {
    /// The local name and alias of the provider of a resource.
    pub(super) fn provider_of(block: &Block, ty: &str) -> (Arc<str>, Option<Arc<str>>) {
        block
            .body
            .attribute("provider")
            .and_then(|attribute| provider_reference(&attribute.value))
            .unwrap_or_else(|| (ty.split('_').next().unwrap_or(ty).into(), None))
    }

    /// The source of a provider by its local name in a module: `registry.terraform.io/hashicorp/aws`.
    pub(super) fn provider_source(instance: &Instance<'p>, name: &str) -> Arc<str> {
        source_address(instance.module, name)
    }

    /// The configuration of a provider as seen from a module: its own, or one passed by its callers.
    pub(super) fn provider_configuration(
        &self,
        instance: &Rc<Instance<'p>>,
        name: &str,
        alias: Option<&str>,
    ) -> Option<Configured<'p>> {
        let declared = instance
            .module
            .providers
            .iter()
            .find(|block| block.label(0) == Some(name) && provider_alias(block).as_deref() == alias);
        if let Some(block) = declared {
            return Some(Configured {
                instance: instance.clone(),
                block,
            });
        }
        let caller = instance.caller.as_ref()?;
        let passed = passed_configuration(caller.block, name, alias);
        match (passed, alias) {
            (Some((name, alias)), _) => {
                self.provider_configuration(&caller.instance, &name, alias.as_deref())
            }
            // A default configuration is inherited without being named.
            (None, None) => self.provider_configuration(&caller.instance, name, None),
            (None, Some(_)) => None,
        }
    }

    /// The arguments of a provider configuration.
    pub(super) fn provider_values(&self, configured: &Configured<'p>) -> Value {
        let context = Context::new(self, &configured.instance);
        let name = configured.block.label(0).unwrap_or_default();
        self.body_value(
            &context,
            &configured.block.body,
            schema(Kind::Provider, name),
            &mut |_, _, ty| Value::null(ty),
        )
    }

    /// The `default_tags` of a resource's provider.
    pub(super) fn default_tags(&self, instance: &Rc<Instance<'p>>, block: &Block, ty: &str) -> Option<Value> {
        self.provider_argument(instance, block, ty, |body| {
            body.blocks_of("default_tags").next()?.body.attribute("tags")
        })
    }

    /// The region of a resource's provider, if it is configured.
    pub(super) fn region(&self, instance: &Rc<Instance<'p>>, block: &Block, ty: &str) -> Option<Value> {
        self.provider_argument(instance, block, ty, |body| body.attribute("region"))
    }

    /// The value of an argument of a resource's provider, where it is given.
    fn provider_argument(
        &self,
        instance: &Rc<Instance<'p>>,
        block: &Block,
        ty: &str,
        find: impl Fn(&'p Body) -> Option<&'p Attribute>,
    ) -> Option<Value> {
        let (name, alias) = Self::provider_of(block, ty);
        let configured = self.provider_configuration(instance, &name, alias.as_deref())?;
        let argument = find(&configured.block.body)?;
        Some(self.eval(&Context::new(self, &configured.instance), &argument.value))
    }

    /// The module that a call refers to.
    ///
    /// # Errors
    /// Where it is not on this machine, with what to do about it.
    pub(super) fn find_module(
        &self,
        instance: &Instance<'p>,
        name: &Arc<str>,
        block: &Block,
    ) -> Result<&'p Module, Box<Diagnostic>> {
        let Some(source) = block.body.attribute("source") else {
            return Err(Box::new(missing_argument("source", block.header)));
        };
        let text = match &source.value.kind {
            ExprKind::String(text) => text.clone(),
            _ => match crate::config::constant_lenient(&source.value)
                .ok()
                .as_ref()
                .and_then(Value::as_shared_str)
            {
                Some(text) => text.clone(),
                None => {
                    return Err(Box::new(Diagnostic::error(
                        "Module source is not constant",
                        "The source of this module depends on a variable, so it was not read.",
                        source.value.span,
                    )));
                }
            },
        };
        let local = text.starts_with("./") || text.starts_with("../");
        let dir = match local {
            true => files::normalise(&instance.module.dir.join(&*text)),
            false => match self.installed.get(&instance.call_name(name)) {
                Some(dir) => dir.clone(),
                None => {
                    return Err(Box::new(Diagnostic::error(
                        "Module not installed",
                        format!(
                            "The module {} is not on this machine, so its resources were not read and its outputs are \
                             unknown. Run \"terraform init\" to install it.",
                            quote_go(&text)
                        ),
                        block.header,
                    )));
                }
            },
        };
        if let Some(module) = self.project.modules.get(&dir) {
            return Ok(module);
        }
        let detail = match self.project.outside(&dir) {
            true => format!(
                "The module source {} leads out of the repository, so it was not read.",
                quote_go(&text)
            ),
            false => format!(
                "There is no module at {}: the folder is not there or has no .tf files.",
                quote_go(&text)
            ),
        };
        Err(Box::new(Diagnostic::error(
            "Unreadable module directory",
            detail,
            source.value.span,
        )))
    }
}

/// What a call does not pass of the provider configurations that its module wants under a name of their own.
pub(super) fn missing_configurations(module: &Module, call: &Block) -> Vec<Diagnostic> {
    let missing = module.configuration_aliases.iter().filter(|(name, alias)| {
        let configured = module
            .providers
            .iter()
            .any(|block| block.label(0) == Some(&**name) && provider_alias(block).as_ref() == Some(alias));
        !configured && passed_configuration(call, name, Some(alias)).is_none()
    });
    let problem = |(name, alias): &(Arc<str>, Arc<str>)| {
        let source = source_address(module, name);
        let shown = source
            .strip_prefix(HOST)
            .unwrap_or(&source)
            .trim_start_matches('/');
        let detail = format!(
            "The child module requires an additional configuration for provider {shown}, with the local name \
             \"{name}.{alias}\".\n\nRefer to the module's documentation to understand the intended purpose of this \
             additional provider configuration, and then add an entry for {name}.{alias} in the \"providers\" \
             meta-argument in the module block to choose which provider configuration the module should use for that \
             purpose."
        );
        Diagnostic::error("Missing required provider configuration", detail, call.header)
    };
    missing.map(problem).collect()
}

/// The name and the alias in the caller of what a call passes under a name.
fn passed_configuration(
    call: &Block,
    name: &str,
    alias: Option<&str>,
) -> Option<(Arc<str>, Option<Arc<str>>)> {
    let ExprKind::Object(items) = &call.body.attribute("providers")?.value.kind else {
        return None;
    };
    items.iter().find_map(|(key, value)| {
        let wanted = match key {
            ObjectKey::Name(name) => Some((name.name.clone(), None)),
            ObjectKey::Expr(expr) => provider_reference(expr),
        }?;
        (&*wanted.0 == name && wanted.1.as_deref() == alias).then(|| provider_reference(value))?
    })
}

/// The source of a provider by its local name in a module.
fn source_address(module: &Module, name: &str) -> Arc<str> {
    if name == "terraform" {
        return "terraform.io/builtin/terraform".into();
    }
    let source = module.required_providers.get(name);
    match source.map(|source| (source.matches('/').count(), source)) {
        Some((2, source)) => source.clone(),
        Some((1, source)) => format!("{HOST}/{source}").into(),
        _ => format!("{HOST}/hashicorp/{name}").into(),
    }
}

/// The alias of a `provider` block.
pub(super) fn provider_alias(block: &Block) -> Option<Arc<str>> {
    match &block.body.attribute("alias")?.value.kind {
        ExprKind::String(alias) => Some(alias.clone()),
        _ => None,
    }
}
