//! The JSON of an estimate, `plumbline.cost/1`: written, and read again for a comparison.
//!
//! Money and quantities are decimal strings; what is not known is null and says why.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tf_lang::Span;
use tf_model::Graph;

use crate::amount::Amount;
use crate::estimate::{Estimate, Line, Resource, State, Totals};
use crate::models::{Models, Standing};
use crate::savings::Saving;
use crate::terms::{Adjustment, Commitment};

/// The schema's name.
const SCHEMA: &str = "plumbline.cost/1";

/// A root with what it costs, as a document is made of it.
#[derive(Clone, Debug)]
pub struct Root<'r> {
    /// What it is called: its folder, or the file of a plan or state.
    pub name: String,
    /// Its environment, where it is known; a tag of a resource wins over it.
    pub environment: Option<String>,
    /// Its resources.
    pub graph: &'r Graph,
    /// What they cost.
    pub estimate: &'r Estimate,
}

/// An estimate of one or several roots.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Document {
    /// `plumbline.cost/1`
    pub schema: String,
    /// The program.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// The currency of all sums and prices: `USD`, or what the terms say.
    pub currency: String,
    /// The sum of everything that has a price, a month; its least where it is a range.
    pub total_monthly: Decimal,
    /// The most that it may be, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_monthly_max: Option<Decimal>,
    /// Lines without a price.
    pub unpriced: usize,
    /// What is not in the sum.
    pub summary: Summary,
    /// The sums of each root, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<RootDocument>,
    /// The resources that have a model.
    pub resources: Vec<ResourceDocument>,
    /// Savings that the catalogue proves, in order of the resources. None is applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub savings: Vec<Saving>,
    /// How much of what is reserved or committed is used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<Commitment>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorDocument>,
}

/// Counts of what is in the sum and what is not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Resources with a model.
    pub priced_resources: usize,
    /// Resources that cost nothing by themselves.
    pub free_resources: usize,
    /// Resources of types that have no model yet.
    pub not_priced_resources: usize,
    /// Their types, with the number of resources.
    #[serde(default)]
    pub not_priced_types: std::collections::BTreeMap<String, usize>,
    /// Resources of types that the models do not know at all: newer than this program, and whether they cost anything is not known.
    #[serde(default)]
    pub not_known_resources: usize,
    /// Their types, with the number of resources.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub not_known_types: std::collections::BTreeMap<String, usize>,
    /// Resources that are not AWS's.
    pub foreign_resources: usize,
    /// Lines without a price.
    pub unpriced_lines: usize,
    /// Lines that wait for the usage file.
    pub depends_on_usage: usize,
    /// Lines that depend on something else that is not known.
    pub depends_on_unknown: usize,
}

/// The sums of a root.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RootDocument {
    /// Its folder.
    pub root: String,
    /// The sum, or its least.
    pub total_monthly: Decimal,
    /// The most that it may be, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_monthly_max: Option<Decimal>,
    /// Counts.
    pub summary: Summary,
}

/// A resource.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ResourceDocument {
    /// Its root, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Its address.
    pub address: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Its region, where it is known.
    pub region: Option<String>,
    /// Its environment: its tag's, else its root's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Its tags, as far as they are known and not sensitive.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub tags: std::collections::BTreeMap<String, String>,
    /// The file, relative to the folder that was read.
    pub file: Option<String>,
    /// First and last line.
    pub lines: Option<[u32; 2]>,
    /// The sum of the lines that have a price; null where none has.
    pub monthly: Option<Decimal>,
    /// The most that it may be, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_max: Option<Decimal>,
    /// The lines.
    pub components: Vec<ComponentDocument>,
}

/// A line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ComponentDocument {
    /// What it is.
    pub name: String,
    /// The part of the resource that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The unit of quantity and price.
    pub unit: String,
    /// How much a month, or the least.
    pub quantity: Option<Decimal>,
    /// The most, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_max: Option<Decimal>,
    /// USD for one unit.
    pub price: Option<Decimal>,
    /// USD a month, or the least.
    pub monthly: Option<Decimal>,
    /// The most, where it is a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_max: Option<Decimal>,
    /// The key of the usage file that it waits for, or is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_key: Option<String>,
    /// Why it has no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpriced: Option<String>,
    /// What is not known, where the quantity or the price depends on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Where the price comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceDocument>,
    /// What made the price other than the list's, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
}

/// Where a price comes from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SourceDocument {
    /// AWS's offer code.
    pub service: String,
    /// The region.
    pub region: String,
    /// The usage type without its region's prefix.
    pub usage_type: String,
    /// The SKU, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The rate code of the tier, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_code: Option<String>,
    /// Since when the price holds.
    pub effective: String,
    /// Where the tier begins, in the unit of the price list.
    pub tier_start: Decimal,
    /// The unit of the price list.
    pub unit: String,
    /// How many of these one unit of the line has.
    pub scale: Decimal,
}

/// Something that could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErrorDocument {
    /// The file.
    pub file: Option<String>,
    /// First and last line.
    pub lines: Option<[u32; 2]>,
    /// What is wrong.
    pub message: String,
}

fn most(amount: Amount) -> Option<Decimal> {
    amount.known().is_none().then(|| amount.high.normalize())
}

impl From<&Totals> for Summary {
    fn from(totals: &Totals) -> Summary {
        let of = |known: bool| -> std::collections::BTreeMap<String, usize> {
            let types = totals.not_priced.iter();
            types
                .filter(|(ty, _)| (Models::builtin().standing(ty) != Standing::NotKnown) == known)
                .map(|(ty, count)| (ty.to_string(), *count))
                .collect()
        };
        let (not_priced_types, not_known_types) = (of(true), of(false));
        Summary {
            priced_resources: totals.priced_resources,
            free_resources: totals.free_resources,
            not_priced_resources: not_priced_types.values().sum(),
            not_priced_types,
            not_known_resources: not_known_types.values().sum(),
            not_known_types,
            foreign_resources: totals.foreign_resources,
            unpriced_lines: totals.unpriced,
            depends_on_usage: totals.depends_on_usage,
            depends_on_unknown: totals.depends_on_unknown,
        }
    }
}

impl Document {
    /// The document of some roots.
    pub fn new(tool: &str, version: &str, roots: &[Root<'_>]) -> Document {
        let mut totals = Totals::default();
        for root in roots {
            totals.add(&root.estimate.totals);
        }
        let several = roots.len() > 1;
        let mut document = Document {
            schema: SCHEMA.to_owned(),
            tool: tool.to_owned(),
            version: version.to_owned(),
            currency: "USD".to_owned(),
            total_monthly: totals.monthly.low.normalize(),
            total_monthly_max: most(totals.monthly),
            unpriced: totals.unpriced,
            summary: Summary::from(&totals),
            ..Document::default()
        };
        for root in roots {
            if several {
                document.roots.push(RootDocument {
                    root: root.name.clone(),
                    total_monthly: root.estimate.totals.monthly.low.normalize(),
                    total_monthly_max: most(root.estimate.totals.monthly),
                    summary: Summary::from(&root.estimate.totals),
                });
            }
            let name = several.then(|| root.name.clone());
            let resources = root.estimate.resources.iter();
            document
                .resources
                .extend(resources.map(|resource| of_resource(root, resource, name.clone())));
        }
        document
    }

    /// What all savings come to a month, at least, if of those of one line the best is taken.
    pub fn savings_monthly(&self) -> Decimal {
        crate::savings::total(&self.savings)
    }

    /// Whether a document that was read is an estimate of this version.
    ///
    /// # Errors
    /// Where it is of another kind or version.
    pub fn check(&self) -> Result<(), String> {
        match self.schema == SCHEMA {
            true => Ok(()),
            false => Err(format!("its schema is \"{}\", not \"{SCHEMA}\"", self.schema)),
        }
    }
}

/// The file and the lines of a place.
pub(crate) fn place(graph: &Graph, span: Span) -> (String, [u32; 2]) {
    let (first, last) = graph.sources.lines(span);
    (graph.sources.name(span.file).to_owned(), [first, last])
}

fn of_resource(root: &Root<'_>, resource: &Resource, name: Option<String>) -> ResourceDocument {
    let graph = root.graph;
    let tags = tags(graph, resource.index);
    let declared = graph
        .resources
        .get(resource.index)
        .and_then(|declared| declared.declaration.as_ref())
        .map(|declaration| place(graph, declaration.block.span));
    let (file, lines) = declared.unzip();
    let has_price = resource.lines.iter().any(|line| line.monthly.is_some());
    ResourceDocument {
        root: name,
        address: resource.address.to_string(),
        ty: resource.ty.to_string(),
        region: resource.region.as_ref().map(ToString::to_string),
        environment: environment(&tags).or_else(|| root.environment.clone()),
        tags,
        file,
        lines,
        // A resource without any line is one that its model says costs nothing.
        monthly: (has_price || resource.lines.is_empty()).then(|| resource.monthly.low.normalize()),
        monthly_max: most(resource.monthly),
        components: resource.lines.iter().map(of_line).collect(),
    }
}

/// The environment that a resource's tags name.
fn environment(tags: &std::collections::BTreeMap<String, String>) -> Option<String> {
    let mut named = tags
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("environment") || name.eq_ignore_ascii_case("env"));
    named.next().map(|(_, value)| value.clone())
}

fn tags(graph: &Graph, index: usize) -> std::collections::BTreeMap<String, String> {
    let values = graph.resources.get(index).map(|resource| &resource.values);
    let all = values.and_then(|values| {
        let entries = |name: &str| values.get(name).filter(|tags| tags.as_entries().is_some());
        entries("tags_all").or_else(|| entries("tags"))
    });
    let entries = all
        .filter(|tags| !tags.has_sensitive())
        .and_then(|tags| tags.as_entries());
    entries
        .into_iter()
        .flat_map(|entries| entries.iter())
        .filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned())))
        .collect()
}

fn of_line(line: &Line) -> ComponentDocument {
    let (mut usage_key, mut unpriced, mut depends_on) = (line.usage_keys.first(), None, Vec::new());
    match &line.state {
        State::Priced => {}
        State::DependsOnUsage(keys) => usage_key = keys.first(),
        State::DependsOn(reasons) => depends_on.clone_from(reasons),
        State::Unpriced(reason) => unpriced = Some(reason.clone()),
    }
    ComponentDocument {
        name: line.name.clone(),
        group: line.group.clone(),
        unit: line.unit.clone(),
        quantity: line.quantity.map(|quantity| quantity.low),
        quantity_max: line.quantity.and_then(most),
        price: line.price,
        monthly: line.monthly.map(|monthly| monthly.low),
        monthly_max: line.monthly.and_then(most),
        usage_key: usage_key.map(ToString::to_string),
        unpriced,
        depends_on,
        source: line.source.as_ref().map(|source| SourceDocument {
            service: source.service.to_string(),
            region: source.region.to_string(),
            usage_type: source.usage_type.to_string(),
            sku: source.sku.clone(),
            rate_code: source.rate_code.clone(),
            effective: source.effective.clone(),
            tier_start: source.tier_start,
            unit: source.unit.clone(),
            scale: source.scale,
        }),
        adjustments: line.adjustments.clone(),
    }
}
