//! The one shape in the middle: whatever is loaded becomes a [`Graph`] of [`Resource`]s.

use std::collections::BTreeMap;
use std::sync::Arc;

use tf_lang::ast::Block;
use tf_lang::{Diagnostic, SourceMap, Span, Value};

use crate::address::{Address, Key, Mode, ModulePath};

/// Everything that one root module declares, evaluated.
#[derive(Debug, Default)]
pub struct Graph {
    /// The root module's folder as people see it.
    pub root: String,
    /// The source texts of all spans.
    pub sources: Arc<SourceMap>,
    /// In order of their addresses.
    pub resources: Vec<Resource>,
    /// Module calls, in order of their paths.
    pub modules: Vec<ModuleCall>,
    /// Provider configurations of the root module and of those that still declare some.
    pub providers: Vec<Provider>,
    /// Outputs of the root module.
    pub outputs: BTreeMap<Arc<str>, Value>,
    /// Variables of the root module.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// A resource instance.
#[derive(Debug)]
pub struct Resource {
    /// Its address.
    pub address: Address,
    /// The address as text.
    pub text: Arc<str>,
    /// Source of its provider: `registry.terraform.io/hashicorp/aws`.
    pub provider: Arc<str>,
    /// Its attributes and blocks as the provider's schema has them; what is only known after apply is
    /// unknown. Sensitive values are marked.
    pub values: Value,
    /// The region that its provider's configuration names, which may be unknown; `None` where it names none.
    pub region: Option<Value>,
    /// Where it is declared.
    pub declaration: Option<Declaration>,
    /// The resources that it depends on, as indices into [`Graph::resources`], in order.
    pub edges: Vec<usize>,
    /// Those of [`Resource::edges`] that an expression of its own names, not only one of its `count` or of a
    /// local value that it reads.
    pub direct: Vec<usize>,
    /// Whether `count` or `for_each` is unknown, so that this instance stands for any number of them.
    pub unexpanded: bool,
    /// Plans: what is to be done with it.
    pub change: Option<Change>,
}

/// What a plan does to a resource.
#[derive(Debug)]
pub struct Change {
    /// `create`, `update`, `delete`, `read`, `no-op`, `forget`; two of them for a replacement.
    pub actions: Vec<Arc<str>>,
    /// The values before.
    pub before: Value,
}

/// Where something is declared.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The block.
    pub block: Arc<Block>,
    /// The `module` blocks through which it is reached, outermost first.
    pub called_from: Arc<[Span]>,
}

/// A `module` block.
#[derive(Debug)]
pub struct ModuleCall {
    /// The module instance that it makes; its key is that of the first where there are many.
    pub path: ModulePath,
    /// `source`, where it is constant.
    pub source: Option<Arc<str>>,
    /// `version`, where it is constant.
    pub version: Option<Arc<str>>,
    /// The block.
    pub declaration: Declaration,
}

/// A `provider` block.
#[derive(Debug)]
pub struct Provider {
    /// Its local name.
    pub name: Arc<str>,
    /// Its alias.
    pub alias: Option<Arc<str>>,
    /// The module that declares it.
    pub module: ModulePath,
    /// Its arguments.
    pub values: Value,
    /// The block.
    pub declaration: Declaration,
}

/// A diagnostic with the way to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// The `module` blocks through which the place is reached, outermost first.
    pub called_from: Arc<[Span]>,
}

impl Graph {
    /// The resource of an address.
    pub fn find(&self, address: &Address) -> Option<usize> {
        self.resources
            .binary_search_by(|resource| resource.address.cmp(address))
            .ok()
    }

    /// Sorts resources by address and renumbers edges, for loaders that gather in another order.
    pub fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.resources.len()).collect();
        order.sort_by(|a, b| {
            let address = |at: &usize| self.resources.get(*at).map(|resource| &resource.address);
            address(a).cmp(&address(b))
        });
        let mut position = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(slot) = position.get_mut(*old) {
                *slot = new;
            }
        }
        let renumber = |edges: &mut Vec<usize>| {
            *edges = edges
                .iter()
                .filter_map(|old| position.get(*old).copied())
                .collect();
            edges.sort_unstable();
            edges.dedup();
        };
        let mut taken: Vec<Option<Resource>> = std::mem::take(&mut self.resources)
            .into_iter()
            .map(Some)
            .collect();
        self.resources = order
            .iter()
            .filter_map(|old| taken.get_mut(*old).and_then(Option::take))
            .collect();
        for resource in &mut self.resources {
            renumber(&mut resource.edges);
            renumber(&mut resource.direct);
        }
    }
}

impl Resource {
    /// Managed, data or ephemeral.
    pub fn mode(&self) -> Mode {
        self.address.mode
    }

    /// Which instance of its block it is.
    pub fn key(&self) -> Option<&Key> {
        self.address.key.as_ref()
    }
}
