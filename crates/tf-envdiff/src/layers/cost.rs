//! What resources cost a month, and which of the differences that were found before makes them cost another amount.

mod inputs;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tf_model::{Mode, Resource};
use tf_pricing::{Decimal, Line, Models, State};

use self::inputs::{Inputs, component_of, inputs};
use super::View;
use super::resources::Matched;
use crate::cause::Cause;
use crate::compare::Part;
use crate::cost::{Cell, Estimates, Monthly, held};
use crate::environment::Environment;
use crate::finding::{CostDetail, Detail, Finding, Findings, Layer, LeftOut};
use crate::normalise::Category;
use crate::value::{Path, Seg};

/// What findings of this layer are about.
const MONTHLY: &str = "monthly";
/// More causes than anybody would read.
const MAX_CAUSES: usize = 6;

/// A line as environments are compared by it: what it is and how much of it, without its price.
type Key<'l> = (&'l str, Option<Decimal>, Option<Decimal>, Option<&'l str>);

/// A row of resources, side by side.
struct Row<'r> {
    number: usize,
    /// By environment.
    resources: Vec<Option<&'r tf_pricing::Resource>>,
    cells: Vec<Cell>,
}

/// What is needed to find why something costs what it does.
struct Search<'s, 'e> {
    view: &'s View<'e>,
    matched: &'s Matched,
    found: &'s [Finding],
    /// Attributes that differ, by subject.
    attributes: OnceCell<HashMap<&'s str, Vec<&'s Finding>>>,
    /// By environment: rows of resources by their places.
    rows: OnceCell<Vec<HashMap<usize, usize>>>,
    /// By environment: resources by those that they depend on.
    users: OnceCell<Vec<HashMap<usize, Vec<usize>>>>,
}

pub(super) fn compare(
    view: &View<'_>,
    matched: &Matched,
    estimates: &[Option<&tf_pricing::Estimate>],
    out: &mut Findings,
) {
    let mut found = Vec::new();
    let mut left_out = Vec::new();
    let mut compared = 0;
    {
        let search = Search {
            view,
            matched,
            found: &out.found,
            attributes: OnceCell::new(),
            rows: OnceCell::new(),
            users: OnceCell::new(),
        };
        for number in 0..matched.rows.len() {
            let Some(row) = row(view, matched, number, estimates) else {
                continue;
            };
            compared += 1;
            if all_same(&row) {
                continue;
            }
            let Some(subject) = search.subject(number) else {
                continue;
            };
            let mut sources = search.sources(&row);
            if is_regional(view, &row, sources.is_empty()) {
                left_out.push(LeftOut {
                    layer: Layer::Cost,
                    stack: view.name.clone(),
                    subject,
                    part: Part {
                        path: Path(vec![Seg::Name(MONTHLY.into())]),
                        values: held(&row.cells),
                    },
                    category: Category::Regions,
                });
                continue;
            }
            if sources.is_empty() {
                // Whatever it was, it is among these.
                sources.extend(search.attributes_of(&subject));
            }
            found.push(finding(&view.name, subject, row.cells, &sources));
        }
    }
    out.count(Layer::Cost, compared);
    out.left_out.extend(left_out);
    out.found.extend(found);
}

/// A difference in cost, with those that make it.
fn finding(stack: &Arc<str>, subject: String, cells: Vec<Cell>, sources: &[&Finding]) -> Finding {
    let mut causes: Vec<Cause> = sources
        .iter()
        .flat_map(|source| source.causes.iter().cloned())
        .collect();
    causes.sort_by(|a, b| a.key().cmp(&b.key()));
    causes.dedup_by(|a, b| a.key() == b.key());
    causes.truncate(MAX_CAUSES);
    // Of plans and states no causes are known, but what differs is.
    let names: BTreeSet<String> = sources.iter().map(|source| source.name()).collect();
    let note = match (causes.is_empty(), names.is_empty()) {
        (false, _) => None,
        (true, false) => Some(format!(
            "because of {}",
            names.into_iter().collect::<Vec<_>>().join(", ")
        )),
        (true, true) => {
            Some("nothing that differs here makes it: look at what else prices depend on".to_owned())
        }
    };
    Finding {
        layer: Layer::Cost,
        stack: stack.clone(),
        subject,
        attribute: Some(MONTHLY.to_owned()),
        values: held(&cells),
        causes,
        missing: cells.contains(&Cell::Absent),
        note,
        covers: 1,
        detail: Detail::Cost(Box::new(CostDetail {
            cells,
            sources: sources.iter().map(|source| (*source).clone()).collect(),
            is_total: false,
        })),
    }
}

/// What a stack costs that some environments do not have.
pub(super) fn missing_stack(stack: &Arc<str>, cells: Vec<Cell>, source: &Finding) -> Option<Finding> {
    let costs = cells
        .iter()
        .any(|cell| matches!(cell, Cell::Costs(monthly) if !monthly.is_nothing()));
    costs.then(|| finding(stack, format!("stack {stack}"), cells, &[source]))
}

/// The sum of a stack or of environments: no difference by itself, but something that rules can be about.
pub(super) fn total(stack: &Arc<str>, subject: &str, cells: Vec<Cell>, parts: &[Finding]) -> Option<Finding> {
    let there = cells.iter().filter(|cell| matches!(cell, Cell::Costs(_))).count();
    if there < 2 {
        return None;
    }
    // What differs most comes first.
    let mut parts: Vec<&Finding> = parts.iter().filter(|part| part.layer == Layer::Cost).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(spread(part)));
    let mut causes: Vec<Cause> = Vec::new();
    for cause in parts.iter().flat_map(|part| &part.causes) {
        if causes.len() < MAX_CAUSES && !causes.iter().any(|other| other.key() == cause.key()) {
            causes.push(cause.clone());
        }
    }
    let most: Vec<&str> = parts.iter().take(3).map(|part| part.subject.as_str()).collect();
    Some(Finding {
        layer: Layer::Cost,
        stack: stack.clone(),
        subject: subject.to_owned(),
        attribute: Some(MONTHLY.to_owned()),
        values: held(&cells),
        causes,
        missing: false,
        note: (!most.is_empty()).then(|| format!("most of the difference: {}", most.join(", "))),
        covers: 1,
        detail: Detail::Cost(Box::new(CostDetail {
            cells,
            sources: Vec::new(),
            is_total: true,
        })),
    })
}

/// The sums of all environments.
pub(super) fn environment_total(
    environments: &[Environment],
    estimates: &Estimates,
    parts: &[Finding],
) -> Option<Finding> {
    let costs = estimates.costs(environments);
    let cells = costs
        .environments
        .iter()
        .map(|cost| {
            if cost.incomplete {
                Cell::Out
            } else {
                Cell::Costs(cost.total)
            }
        })
        .collect();
    total(&".".into(), "environment", cells, parts)
}

/// By how much a finding's environments differ.
fn spread(finding: &Finding) -> Decimal {
    let Detail::Cost(detail) = &finding.detail else {
        return Decimal::ZERO;
    };
    let amounts = || {
        detail.cells.iter().filter_map(|cell| match cell {
            Cell::Out => None,
            Cell::Absent => Some(Decimal::ZERO),
            Cell::Costs(monthly) => Some(monthly.amount.low),
        })
    };
    let (most, least) = (amounts().max(), amounts().min());
    most.unwrap_or_default() - least.unwrap_or_default()
}

/// A row, where it is of managed resources of which at least one has a cost model.
fn row<'r>(
    view: &View<'_>,
    matched: &Matched,
    number: usize,
    estimates: &[Option<&'r tf_pricing::Estimate>],
) -> Option<Row<'r>> {
    let places = matched.rows.get(number)?;
    let mut resources = Vec::with_capacity(places.len());
    let mut cells = Vec::with_capacity(places.len());
    for ((place, stack), estimate) in places.iter().zip(&view.stacks).zip(estimates) {
        let resource = place.and_then(|place| {
            let all = &(*estimate)?.resources;
            all.get(all.binary_search_by_key(&place, |resource| resource.index).ok()?)
        });
        cells.push(match (stack, place, resource) {
            (_, Some(_), Some(resource)) => Cell::Costs(Monthly::of(resource)),
            (Some(_), None, _) => Cell::Absent,
            _ => Cell::Out,
        });
        resources.push(resource);
    }
    let there = resources.iter().flatten().count();
    let absent = cells.contains(&Cell::Absent);
    (there > 1 || (there == 1 && absent)).then_some(Row {
        number,
        resources,
        cells,
    })
}

/// Whether it makes no difference to what is paid.
fn all_same(row: &Row<'_>) -> bool {
    let money = |cell: &Cell| match cell {
        Cell::Out => None,
        Cell::Absent => Some((Decimal::ZERO, Decimal::ZERO, 0)),
        Cell::Costs(monthly) => Some((monthly.amount.low, monthly.amount.high, monthly.unpriced)),
    };
    let mut amounts = row.cells.iter().filter_map(money);
    let first = amounts.next();
    amounts.all(|amount| Some(amount) == first)
}

/// A line that counts.
fn key(line: &Line) -> Option<Key<'_>> {
    if line.monthly.is_none() && !matches!(line.state, State::Unpriced(_)) {
        return None;
    }
    let usage_type = line.source.as_ref().map(|source| &*source.usage_type);
    let quantity = line.quantity.map(|quantity| (quantity.low, quantity.high));
    Some((
        usage_type.map_or(&*line.name, |_| ""),
        quantity.map(|(low, _)| low.normalize()),
        quantity.map(|(_, high)| high.normalize()),
        usage_type,
    ))
}

/// Whether only prices differ, as the regions do: that is what the name of a region means. `unmade` says that nothing which differs
/// makes a line; else all must have the same ones.
fn is_regional(view: &View<'_>, row: &Row<'_>, unmade: bool) -> bool {
    if !view.normaliser.takes(Category::Regions) || row.cells.contains(&Cell::Absent) {
        return false;
    }
    let there: Vec<&tf_pricing::Resource> = row.resources.iter().flatten().copied().collect();
    let regions: BTreeSet<_> = there.iter().map(|resource| resource.region.clone()).collect();
    let same = || {
        let mut pairs = there.iter().zip(there.iter().skip(1));
        pairs.all(|(one, other)| same_lines(one, other))
    };
    regions.len() > 1 && (unmade || same())
}

/// Whether two resources have the same lines, and as much of each. What has a price in one region only is as much in both.
fn same_lines(one: &tf_pricing::Resource, other: &tf_pricing::Resource) -> bool {
    let sorted = |resource: &tf_pricing::Resource| -> Vec<(String, Option<(Decimal, Decimal)>)> {
        let lines = resource.lines.iter();
        let mut lines: Vec<_> = lines
            .map(|line| {
                let amount = line
                    .quantity
                    .filter(|_| !matches!(line.state, State::Unpriced(_)));
                (
                    line.name.clone(),
                    amount.map(|amount| (amount.low.normalize(), amount.high.normalize())),
                )
            })
            .collect();
        lines.sort();
        lines
    };
    let (one, other) = (sorted(one), sorted(other));
    one.len() == other.len()
        && one.iter().zip(&other).all(|((name, amount), (other, quantity))| {
            name == other && (amount.is_none() || quantity.is_none() || amount == quantity)
        })
}

/// The components whose lines differ; none where it cannot be told which these are.
fn components(row: &Row<'_>, rule: &tf_pricing::model::Rule) -> BTreeSet<usize> {
    type Lines<'l> = Vec<(Key<'l>, Option<Decimal>, Option<Decimal>)>;
    let mut by_component: BTreeMap<usize, Vec<Lines<'_>>> = BTreeMap::new();
    let there: Vec<&tf_pricing::Resource> = row.resources.iter().flatten().copied().collect();
    for (at, resource) in there.iter().enumerate() {
        for line in resource.lines.iter() {
            let Some(key) = key(line) else { continue };
            let Some(component) = component_of(rule, &line.name) else {
                return BTreeSet::new();
            };
            let columns = by_component
                .entry(component)
                .or_insert_with(|| vec![Lines::new(); there.len()]);
            if let Some(lines) = columns.get_mut(at) {
                lines.push((
                    key,
                    line.monthly.map(|monthly| monthly.low.normalize()),
                    line.monthly.map(|monthly| monthly.high.normalize()),
                ));
            }
        }
    }
    let differ = |columns: &mut Vec<Lines<'_>>| {
        columns.iter_mut().for_each(|lines| lines.sort());
        columns.windows(2).any(|pair| pair.first() != pair.last())
    };
    by_component
        .into_iter()
        .filter_map(|(component, mut columns)| differ(&mut columns).then_some(component))
        .collect()
}

impl<'s> Search<'s, '_> {
    /// The name of a row.
    fn subject(&self, number: usize) -> Option<String> {
        let row = self.matched.rows.get(number)?;
        super::attributes::resources(&self.view.stacks, row)
            .into_iter()
            .flatten()
            .map(|resource| resource.text.to_string())
            .min()
    }

    fn attributes_of(&self, subject: &str) -> &[&'s Finding] {
        let all = self.attributes.get_or_init(|| {
            let mut all: HashMap<&str, Vec<&Finding>> = HashMap::new();
            for finding in self
                .found
                .iter()
                .filter(|finding| finding.layer == Layer::Attributes)
            {
                all.entry(finding.subject.as_str()).or_default().push(finding);
            }
            all
        });
        all.get(subject).map_or(&[], Vec::as_slice)
    }

    /// That it is not there in some environments.
    fn origin(&self, number: usize) -> Option<&'s Finding> {
        self.found.get((*self.matched.origins.get(number)?)?)
    }

    /// The differences that make a row cost what it does.
    fn sources(&self, row: &Row<'_>) -> Vec<&'s Finding> {
        let mut out: Vec<&Finding> = self.origin(row.number).into_iter().collect();
        let model = row
            .resources
            .iter()
            .flatten()
            .next()
            .and_then(|resource| Models::builtin().of(&resource.ty));
        let (Some(model), Some(subject)) = (model, self.subject(row.number)) else {
            return out;
        };
        let read = inputs(&model.rule, &components(row, &model.rule));
        let own = self.attributes_of(&subject);
        out.extend(own.iter().filter(|finding| is_read(finding, &read, true)));
        for number in self.beside(row.number, &read) {
            out.extend(self.origin(number));
            let subject = self.subject(number).unwrap_or_default();
            let theirs = self.attributes_of(&subject).iter();
            out.extend(theirs.filter(|finding| is_read(finding, &read, false)));
        }
        out
    }

    /// Rows of the resources that a model looks at beside its own, and which the resource depends on or which depend on it.
    fn beside(&self, number: usize, read: &Inputs) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        if read.types.is_empty() {
            return out;
        }
        let Some(places) = self.matched.rows.get(number) else {
            return out;
        };
        for (at, place) in places.iter().enumerate() {
            let (Some(place), Some(stack)) = (place, self.view.stacks.get(at).copied().flatten()) else {
                continue;
            };
            let resources = &stack.graph.resources;
            let depends = resources.get(*place).map_or(&[][..], |resource| &resource.edges);
            let users = self.users(at).get(place).map_or(&[][..], Vec::as_slice);
            for other in depends.iter().chain(users) {
                let fits = |resource: &Resource| {
                    resource.mode() == Mode::Managed && read.types.contains(&resource.address.ty)
                };
                if resources.get(*other).is_some_and(fits)
                    && let Some(row) = self.row_of(at, *other)
                {
                    out.insert(row);
                }
            }
        }
        out
    }

    fn row_of(&self, environment: usize, place: usize) -> Option<usize> {
        let all = self.rows.get_or_init(|| {
            let mut all = vec![HashMap::new(); self.view.stacks.len()];
            for (number, row) in self.matched.rows.iter().enumerate() {
                for (places, place) in all.iter_mut().zip(row) {
                    places.extend(place.map(|place| (place, number)));
                }
            }
            all
        });
        all.get(environment)?.get(&place).copied()
    }

    fn users(&self, environment: usize) -> &HashMap<usize, Vec<usize>> {
        static NONE: std::sync::LazyLock<HashMap<usize, Vec<usize>>> = std::sync::LazyLock::new(HashMap::new);
        let all = self.users.get_or_init(|| {
            let stacks = self.view.stacks.iter();
            stacks
                .map(|stack| {
                    let mut users: HashMap<usize, Vec<usize>> = HashMap::new();
                    let resources = stack.iter().flat_map(|stack| stack.graph.resources.iter());
                    for (at, resource) in resources.enumerate() {
                        for other in &resource.edges {
                            users.entry(*other).or_default().push(at);
                        }
                    }
                    users
                })
                .collect()
        });
        all.get(environment).unwrap_or(&NONE)
    }
}

/// Whether a model reads the attribute that differs.
fn is_read(finding: &Finding, read: &Inputs, own: bool) -> bool {
    let attribute = finding.attribute.as_deref().unwrap_or_default();
    let mut names = attribute
        .split(['.', '['])
        .filter(|part| !part.is_empty() && !part.ends_with(']'));
    let Some(first) = names.next() else { return false };
    let known = if own { &read.own } else { &read.names };
    // Of a block only what is read of it.
    known.contains(first) && names.next_back().is_none_or(|last| read.names.contains(last))
}

/// What a stack costs, by environment.
pub(super) fn cells(view: &View<'_>, estimates: &[Option<Monthly>]) -> Vec<Cell> {
    view.stacks
        .iter()
        .zip(estimates)
        .map(|(stack, monthly)| match (stack, monthly) {
            (Some(_), Some(monthly)) => Cell::Costs(*monthly),
            _ => Cell::Out,
        })
        .collect()
}
