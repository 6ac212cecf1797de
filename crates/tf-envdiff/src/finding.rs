//! What is found, before and after it has been judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cause::Cause;
use crate::compare::Part;
use crate::cost::{Cell, Costs};
use crate::normalise::Category;
use crate::value::Held;

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Layer {
    /// Variables of root modules.
    Variables,
    /// Which modules are called, from where and in which version.
    Modules,
    /// Terraform, providers, their configuration, lock files, backends.
    Providers,
    /// Which resources there are.
    Resources,
    /// What they are like.
    Attributes,
    /// Outputs of root modules.
    Outputs,
    /// Which policies fail in some environments only.
    Policies,
    /// What resources cost a month.
    Cost,
}

impl Layer {
    /// In the order of reports.
    pub const ALL: [Layer; 8] = [
        Layer::Variables,
        Layer::Modules,
        Layer::Providers,
        Layer::Resources,
        Layer::Attributes,
        Layer::Outputs,
        Layer::Policies,
        Layer::Cost,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Variables => "variables",
            Layer::Modules => "modules",
            Layer::Providers => "providers",
            Layer::Resources => "resources",
            Layer::Attributes => "attributes",
            Layer::Outputs => "outputs",
            Layer::Policies => "policies",
            Layer::Cost => "cost",
        }
    }

    /// The layer of a name.
    pub fn parse(name: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.as_str() == name)
    }
}

/// One thing that differs.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What kind of thing.
    pub layer: Layer,
    /// The stack that it is in.
    pub stack: Arc<str>,
    /// What it is: an address, a variable, a provider.
    pub subject: String,
    /// Which part of it.
    pub attribute: Option<String>,
    /// By environment.
    pub values: Vec<Held>,
    /// Why, as far as that can be told.
    pub causes: Vec<Cause>,
    /// Whether it is not there at all in some environments.
    pub missing: bool,
    /// What else is to be said.
    pub note: Option<String>,
    /// How many things it stands for: resources, where a whole module is missing.
    pub covers: usize,
    /// What only findings of some layers have.
    pub detail: Detail,
}

/// What only findings of some layers have.
#[derive(Clone, Debug)]
pub enum Detail {
    /// Nothing.
    None,
    /// A failure that somebody has accepted: nobody has to act on it. How it was accepted.
    Accepted(String),
    /// An amount of money.
    Cost(Box<CostDetail>),
}

/// Where an amount of money comes from.
#[derive(Clone, Debug)]
pub struct CostDetail {
    /// By environment.
    pub cells: Vec<Cell>,
    /// The differences that make it. What is said of them is said of it too.
    pub sources: Vec<Finding>,
    /// Whether it is the sum of a stack or an environment, which is of interest only to rules about it.
    pub is_total: bool,
}

impl Finding {
    /// Subject and attribute: `aws_db_instance.main.multi_az`.
    pub fn name(&self) -> String {
        joined(&self.subject, self.attribute.as_deref())
    }

    /// What tells it from all others of a report.
    pub fn key(&self) -> (Layer, &str, &str, Option<&str>) {
        (self.layer, &self.stack, &self.subject, self.attribute.as_deref())
    }
}

/// A subject and its part in one text.
pub fn joined(subject: &str, attribute: Option<&str>) -> String {
    match attribute {
        None => subject.to_owned(),
        Some(attribute) if attribute.starts_with('[') => format!("{subject}{attribute}"),
        Some(attribute) => format!("{subject}.{attribute}"),
    }
}

/// A difference that is left out, because it is none but in what names the environments.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The layer.
    pub layer: Layer,
    /// The stack.
    pub stack: Arc<str>,
    /// What it is of.
    pub subject: String,
    /// The part, and its values.
    pub part: Part,
    /// Why.
    pub category: Category,
}

/// What comparing gave.
#[derive(Debug, Default)]
pub struct Findings {
    /// What differs, in order of layers, stacks and subjects.
    pub found: Vec<Finding>,
    /// What is left out.
    pub left_out: Vec<LeftOut>,
    /// How many things were compared, by layer.
    pub compared: BTreeMap<Layer, usize>,
    /// How many of them are known only after apply, and equal because in each environment they wait for the same thing.
    pub waiting: usize,
    /// What each environment costs.
    pub costs: Option<Costs>,
}

impl Findings {
    /// Adds what else was found.
    pub fn extend(&mut self, other: Findings) {
        self.found.extend(other.found);
        self.left_out.extend(other.left_out);
        self.waiting += other.waiting;
        for (layer, count) in other.compared {
            *self.compared.entry(layer).or_default() += count;
        }
    }

    /// Leaves only some layers: others were needed to explain these.
    pub(crate) fn keep(&mut self, layers: &BTreeSet<Layer>) {
        self.found.retain(|finding| layers.contains(&finding.layer));
        self.left_out.retain(|left| layers.contains(&left.layer));
        self.compared.retain(|layer, _| layers.contains(layer));
    }

    pub(crate) fn count(&mut self, layer: Layer, compared: usize) {
        *self.compared.entry(layer).or_default() += compared;
    }
}
