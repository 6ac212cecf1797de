//! Evaluating the models of a graph's resources.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;

use rayon::prelude::*;
use rust_decimal::Decimal;
use tf_lang::ast::Expr;
use tf_lang::convert::convert;
use tf_lang::eval::{Budget, Evaluator};
use tf_lang::value::Reason;
use tf_lang::{Number, Type, Value};
use tf_model::{Graph, Mode};
use tf_policy::{Found, Relations, Trace, View, Worlds};
use tf_prices::Price;

use crate::amount::Amount;
use crate::estimate::{Estimate, Line, Options, PriceSource, Resource, State, Totals};
use crate::lookups::{Lookups, Missing};
use crate::model::{Component, Rule};
use crate::models::Standing;
use crate::region::region;
use crate::scope::{CostScope, USAGE};
use crate::terms::{Adjustment, AdjustmentKind, Terms, instance_type};
use crate::tiers;

/// What is shown instead of a sensitive value.
const SENSITIVE: &str = "(sensitive value)";

/// Resources that one thread estimates at a time.
const PORTION: usize = 64;

/// Estimates a graph. Data sources cost nothing, and neither does what a plan deletes.
pub fn estimate(graph: &Graph, options: &Options<'_>) -> Estimate {
    estimate_related(&Relations::new(graph), options)
}

/// The same of a graph whose relations others need too.
pub(crate) fn estimate_related(relations: &Relations<'_>, options: &Options<'_>) -> Estimate {
    relations.prepare();
    World::new(relations, options, None, &|_| None).estimate
}

/// Estimates both worlds of a change. Where all that a model reads stays as it is, of its resource and of what is tied to it, the lines
/// hold for both worlds, and are worked out once.
pub(crate) fn estimate_both(worlds: &Worlds<'_>, options: &Options<'_>) -> [Estimate; 2] {
    let later = World::new(&worlds.after, options, Some(worlds), &|_| None);
    let (was, is) = (worlds.before.graph(), worlds.after.graph());
    let mut priced: Vec<Option<usize>> = vec![None; was.resources.len()];
    for (place, (resource, own)) in later.estimate.resources.iter().zip(&later.own).enumerate() {
        if let Some(twin) = worlds.twin(resource.index).filter(|_| *own)
            && let Some(slot) = priced.get_mut(twin.at as usize)
        {
            *slot = Some(place);
        }
    }
    let known = |at: usize| -> Option<Resource> {
        let resource = was.resources.get(at)?;
        let known = later.estimate.resources.get((*priced.get(at)?)?)?;
        let other = is.resources.get(known.index)?;
        let same = !other.unexpanded
            && !resource.unexpanded
            && region(other, options.region).is_same(&region(resource, options.region));
        same.then(|| Resource {
            index: at,
            ..known.clone()
        })
    };
    let earlier = World::new(&worlds.before, options, None, &known);
    [earlier.estimate, later.estimate]
}

/// A graph, estimated.
struct World {
    estimate: Estimate,
    /// By resource of the estimate: whether nothing but the resource was looked at.
    own: Vec<bool>,
}

impl World {
    /// `worlds` is given where it is the later one of two; `known` tells the lines of a resource that need not be worked out again.
    fn new<'g>(
        relations: &Relations<'g>,
        options: &Options<'_>,
        worlds: Option<&Worlds<'g>>,
        known: &(dyn Fn(usize) -> Option<Resource> + Sync),
    ) -> World {
        let graph = relations.graph();
        let mut totals = Totals::default();
        let mut not_priced: HashMap<&Arc<str>, usize> = HashMap::new();
        let mut subjects: Vec<usize> = Vec::new();
        for (at, resource) in graph.resources.iter().enumerate() {
            if resource.mode() != Mode::Managed || resource.values.is_null() {
                continue;
            }
            match options.models.standing(&resource.address.ty) {
                Standing::Priced => subjects.push(at),
                Standing::Free => totals.free_resources += 1,
                // Neither is $0: both are named.
                Standing::NotPriced | Standing::NotKnown => {
                    *not_priced.entry(&resource.address.ty).or_default() += 1
                }
                Standing::Foreign => totals.foreign_resources += 1,
            }
        }
        let missing = Missing::default();
        let kept = || Kept::new(Lookups::new(options.catalogue, &missing));
        let portion = |kept: &mut Kept<'_>, subjects: &[usize]| -> Vec<(Resource, bool)> {
            let view = View::new(relations);
            let each = subjects.iter();
            each.filter_map(|at| match known(*at) {
                Some(known) => Some((known, true)),
                None => estimate_one(graph, &view, kept, *at, worlds, options),
            })
            .collect()
        };
        let resources: Vec<(Resource, bool)> = match subjects.len() > PORTION {
            true => {
                let portions = subjects.par_chunks(PORTION);
                portions.map_init(kept, portion).flatten_iter().collect()
            }
            false => portion(&mut kept(), &subjects),
        };
        let (resources, own): (Vec<Resource>, Vec<bool>) = resources.into_iter().unzip();
        totals.priced_resources = resources.len();
        totals.not_priced = not_priced
            .into_iter()
            .map(|(ty, count)| (ty.clone(), count))
            .collect();
        totals.not_priced.sort();
        let mut estimate = Estimate { resources, totals };
        estimate.sum();
        World { estimate, own }
    }
}

/// What a thread keeps from one resource to the next.
struct Kept<'c> {
    lookups: Lookups<'c>,
    alike: Found<Alike>,
}

impl<'c> Kept<'c> {
    fn new(lookups: Lookups<'c>) -> Kept<'c> {
        Kept {
            lookups,
            alike: Found::default(),
        }
    }
}

/// What resources cost that answer alike what their model asks.
struct Alike {
    usage: Value,
    region: Value,
    lines: Arc<[Line]>,
}

fn estimate_one<'g>(
    graph: &Graph,
    view: &View<'_, 'g>,
    kept: &mut Kept<'_>,
    at: usize,
    worlds: Option<&Worlds<'g>>,
    options: &Options<'_>,
) -> Option<(Resource, bool)> {
    let resource = graph.resources.get(at)?;
    let handle = u32::try_from(at).ok()?;
    let model = options.models.of(&resource.address.ty)?;
    let usage = options.usage.map_or(Value::NULL, |usage| {
        usage.of(&resource.text, &resource.address.ty)
    });
    let region = region(resource, options.region);
    let priced = |lines: Arc<[Line]>| Resource {
        index: at,
        address: resource.text.clone(),
        ty: resource.address.ty.clone(),
        region: region.as_shared_str().cloned(),
        lines,
        monthly: Amount::default(),
    };
    let mut alike = match resource.unexpanded {
        true => None,
        false => Some(kept.alike.of(&resource.address.ty).at(0)),
    };
    let found = alike.as_mut().and_then(|alike| {
        alike.find(view, handle, |other| {
            other.usage.is_same(&usage) && other.region.is_same(&region)
        })
    });
    if let Some((asked, found)) = found {
        let stays = worlds.is_some_and(|worlds| asked.stays(worlds, handle));
        return Some((priced(found.lines.clone()), stays));
    }
    let scope = CostScope {
        view,
        handle,
        rule: &model.rule,
        usage,
        region: region.clone(),
        locals: RefCell::default(),
        worlds,
        beyond: Cell::new(false),
        trace: match &alike {
            Some(_) => Trace::of(handle),
            None => Trace::off(),
        },
    };
    let mut of_resource = OfResource {
        scope: &scope,
        lookups: &kept.lookups,
        terms: options.terms.filter(|terms| !terms.spot.is_empty()),
        budget: Budget::default(),
        perhaps: resource.unexpanded.then(|| {
            let reason = format!("how many of {} there are is not known", resource.address.local());
            vec![reason]
        }),
        lines: Vec::new(),
    };
    of_resource.rule(&model.rule);
    let lines: Arc<[Line]> = of_resource.lines.into();
    if let (Some(alike), Some(asked)) = (alike, scope.trace.take()) {
        let found = Alike {
            usage: scope.usage.clone(),
            region: region.clone(),
            lines: lines.clone(),
        };
        alike.keep(asked, found);
    }
    Some((priced(lines), !scope.beyond.get()))
}

struct OfResource<'s, 'r, 'g> {
    scope: &'s CostScope<'s, 'r, 'g>,
    lookups: &'s Lookups<'s>,
    /// Terms that have Spot prices.
    terms: Option<&'s Terms>,
    budget: Budget,
    /// Why it is not known whether the resource, or how many of it, is there.
    perhaps: Option<Vec<String>>,
    lines: Vec<Line>,
}

/// A Spot price in the place of one on demand.
struct SpotPrice {
    /// What is asked for on demand.
    query: Value,
    price: Rc<Price>,
    name: String,
    on_demand: Decimal,
    usd: Decimal,
}

/// An element of `for_each`: its key and its value.
type Each = Option<(Value, Value)>;

/// A truth value, or why it is not known.
enum Applies {
    Yes,
    No,
    Perhaps(Vec<String>),
}

impl OfResource<'_, '_, '_> {
    fn evaluate(&self, expr: &Expr, each: &Each) -> Result<Value, String> {
        let mut evaluator = Evaluator::new(self.scope, &self.budget);
        let names = each.as_ref().map(|(key, value)| {
            let each = Value::object([("key".into(), key.clone()), ("value".into(), value.clone())]);
            (Arc::from("each"), each)
        });
        let value = evaluator.with_bound(names, |evaluator| evaluator.eval(expr));
        match evaluator
            .take_diagnostics()
            .into_iter()
            .find(|diagnostic| diagnostic.is_error())
        {
            Some(problem) => Err(format!(
                "the cost model failed, which is a bug of ours: {problem}"
            )),
            None => Ok(value),
        }
    }

    fn applies(&self, when: Option<&Expr>, each: &Each) -> Result<Applies, String> {
        let Some(when) = when else {
            return Ok(Applies::Yes);
        };
        let value = self.evaluate(when, each)?;
        if !value.is_known() {
            return Ok(Applies::Perhaps(reasons(&value)));
        }
        let truth = convert(&value, &Type::Bool)
            .ok()
            .and_then(|value| value.as_bool());
        Ok(match truth.unwrap_or_default() {
            true => Applies::Yes,
            false => Applies::No,
        })
    }

    fn rule(&mut self, rule: &Rule) {
        match self.applies(rule.when.as_ref(), &None) {
            Ok(Applies::No) => return,
            Ok(Applies::Yes) => {}
            Ok(Applies::Perhaps(reasons)) => self.perhaps.get_or_insert_default().extend(reasons),
            Err(problem) => {
                let state = State::Unpriced(problem);
                self.lines.push(Line::without_price("All of it", state));
                return;
            }
        }
        for component in &rule.components {
            let Some(for_each) = &component.for_each else {
                self.component(component, &None);
                continue;
            };
            match self.evaluate(for_each, &None) {
                Ok(list) if !list.is_known() => {
                    let state = State::DependsOn(reasons(&list));
                    self.lines.push(Line::without_price(&component.label, state));
                }
                Ok(list) => {
                    let elements = tf_lang::eval::elements(&list).unwrap_or_default();
                    for element in elements {
                        self.component(component, &Some(element));
                    }
                }
                Err(problem) => {
                    let state = State::Unpriced(problem);
                    self.lines.push(Line::without_price(&component.label, state));
                }
            }
        }
    }

    fn component(&mut self, component: &Component, each: &Each) {
        if let Err(problem) = self.try_component(component, each) {
            let state = State::Unpriced(problem);
            self.lines.push(Line::without_price(&component.label, state));
        }
    }

    fn text(&self, expr: Option<&Expr>, each: &Each) -> Result<Option<String>, String> {
        let Some(expr) = expr else { return Ok(None) };
        let value = self.evaluate(expr, each)?;
        if value.has_sensitive() {
            return Ok(Some(SENSITIVE.to_owned()));
        }
        Ok(match convert(&value, &Type::String) {
            Ok(text) if text.is_known() => text.as_str().map(str::to_owned),
            _ => None,
        })
    }

    fn try_component(&mut self, component: &Component, each: &Each) -> Result<(), String> {
        let mut perhaps = self.perhaps.clone();
        match self.applies(component.when.as_ref(), each)? {
            Applies::Yes => {}
            Applies::No => return Ok(()),
            Applies::Perhaps(reasons) => perhaps.get_or_insert_default().extend(reasons),
        }
        let named = self.text(component.name.as_ref(), each)?;
        let mut line = Line {
            name: named.unwrap_or_else(|| component.label.to_string()),
            group: self.text(component.group.as_ref(), each)?,
            unit: self.text(Some(&component.unit), each)?.unwrap_or_default(),
            usage_keys: component.usage_keys.clone(),
            ..Line::without_price("", State::Priced)
        };
        let region = match &component.region {
            Some(region) => self.evaluate(region, each)?,
            None => self.scope.region.clone(),
        };
        let scale = match &component.scale {
            Some(scale) => known_number(&self.evaluate(scale, each)?).unwrap_or(Decimal::ONE),
            None => Decimal::ONE,
        };
        let quantity = self.quantity(component, each)?;
        let query = self.evaluate(&component.price, each)?;
        let masked = query.has_sensitive() || region.has_sensitive();
        let (query, region) = (query.unmark_deep().0, region.unmark_deep().0);
        let mut found = self.price(&query, &region);
        let mut query = query;
        if let (Err(State::Unpriced(_)), Some(spot)) = (&found, self.spot(component, each, &query, &region)?)
        {
            (query, found) = (spot.query, Ok(spot.price));
            line.adjustments.push(Adjustment {
                kind: AdjustmentKind::Spot,
                name: spot.name,
                before: spot.on_demand.checked_mul(scale).map(|usd| usd.normalize()),
                after: spot.usd.checked_mul(scale).map(|usd| usd.normalize()),
            });
        }
        let price = match found {
            Ok(found) => found,
            Err(state) => {
                let state = match (state, masked) {
                    (State::Unpriced(_), true) => {
                        State::Unpriced(format!("there is no price for {SENSITIVE}"))
                    }
                    (state, _) => state,
                };
                line.quantity = quantity.ok().and_then(|quantity| scaled(quantity, scale));
                line.state = state;
                self.lines.push(line);
                return Ok(());
            }
        };
        let from = self.lines.len();
        self.priced_lines(line, &query, &region, &price, quantity, scale, perhaps);
        if masked {
            // The product tells what the value is.
            for line in self.lines.iter_mut().skip(from) {
                line.hidden = line.source.take().map(Box::new);
                for adjustment in &mut line.adjustments {
                    SENSITIVE.clone_into(&mut adjustment.name);
                }
            }
        }
        Ok(())
    }

    /// The Spot price of what would cost something else on demand, where the terms have one. A machine of a model says `spot = true`
    /// (`shared "machines"`); other products are called as on demand, behind `SpotUsage-`.
    fn spot(
        &self,
        component: &Component,
        each: &Each,
        query: &Value,
        region: &Value,
    ) -> Result<Option<SpotPrice>, String> {
        let Some(terms) = self.terms else {
            return Ok(None);
        };
        let machine = each.as_ref().and_then(|(key, value)| {
            let spot = value.get("spot").and_then(Value::as_bool) == Some(true);
            let entries = value.as_entries().filter(|_| spot)?;
            let entries = entries.iter().map(|(name, value)| match &**name {
                "spot" => (name.clone(), Value::from(false)),
                _ => (name.clone(), value.clone()),
            });
            Some((key.clone(), Value::object(entries)))
        });
        let usage_type = text_of(query, "usage_type");
        let query = match (machine, usage_type.strip_prefix("SpotUsage-")) {
            (Some(machine), _) => {
                let query = self.evaluate(&component.price, &Some(machine))?;
                query.unmark_deep().0
            }
            (None, Some(on_demand)) => Value::object([
                (
                    "attributes".into(),
                    query.get("attributes").cloned().unwrap_or(Value::NULL),
                ),
                (
                    "service".into(),
                    query.get("service").cloned().unwrap_or(Value::NULL),
                ),
                ("usage_type".into(), Value::from(on_demand)),
            ]),
            (None, None) => return Ok(None),
        };
        let Ok(price) = self.price(&query, region) else {
            return Ok(None);
        };
        let ty = instance_type(&text_of(&query, "usage_type"));
        let on_demand = price.tiers.first().map(|tier| tier.usd).unwrap_or_default();
        let region = region.as_str().unwrap_or_default();
        let Some(usd) = terms.spot(region, ty.as_deref(), on_demand) else {
            return Ok(None);
        };
        let mut spot = (*price).clone();
        spot.tiers.truncate(1);
        for tier in &mut spot.tiers {
            tier.usd = usd;
            tier.rate_code = None;
        }
        Ok(Some(SpotPrice {
            query,
            price: Rc::new(spot),
            name: ty.unwrap_or_else(|| "Fargate".to_owned()),
            on_demand,
            usd,
        }))
    }

    /// The quantity in the catalogue's unit, or why it is not known.
    fn quantity(&self, component: &Component, each: &Each) -> Result<Result<Amount, State>, String> {
        let value = self.evaluate(&component.quantity, each)?.unmark_deep().0;
        if value.is_null() {
            return Ok(Err(State::DependsOn(vec![
                "what it is counted by is not set, and the provider decides".to_owned(),
            ])));
        }
        let value = convert(&value, &Type::Number)
            .map_err(|problem| format!("its quantity is no number: {problem}"))?;
        let amount = match value.as_number() {
            Some(number) => match decimal(number) {
                Some(number) => Amount::exactly(number),
                None => return Ok(Err(State::Unpriced("its quantity is too large".to_owned()))),
            },
            None => match range(&value) {
                Some(amount) => amount,
                None => return Ok(Err(depends_on(&value))),
            },
        };
        if amount.low.is_sign_negative() && !amount.low.is_zero() {
            return Err(format!("its quantity is negative: {}", amount.low.normalize()));
        }
        Ok(Ok(amount))
    }

    /// The price that a query asks for.
    fn price(&self, query: &Value, region: &Value) -> Result<Rc<Price>, State> {
        if let Some(reason) = query.get("unpriced") {
            let reason = reason.as_str().unwrap_or("the model has no price for it");
            return Err(State::Unpriced(reason.to_owned()));
        }
        if query.is_null() {
            return Err(State::Unpriced("the model has no price for it".to_owned()));
        }
        if !query.is_wholly_known() {
            return Err(depends_on(query));
        }
        let Some(region) = region.as_str() else {
            return Err(depends_on(region));
        };
        let text = |value: Option<&Value>| {
            let value = value.and_then(|value| convert(value, &Type::String).ok())?;
            value.as_str().map(str::to_owned)
        };
        let (Some(service), Some(usage_type)) = (text(query.get("service")), text(query.get("usage_type")))
        else {
            return Err(State::Unpriced("what decides on its price is not set".to_owned()));
        };
        let mut attributes: Vec<(String, String)> = Vec::new();
        if let Some(entries) = query.get("attributes").and_then(Value::as_entries) {
            for (name, value) in entries.iter() {
                if let Some(value) = text(Some(value)) {
                    attributes.push((name.to_string(), value));
                }
            }
        }
        self.lookups.find(region, &service, &usage_type, &attributes)
    }

    #[allow(clippy::too_many_arguments)]
    fn priced_lines(
        &mut self,
        line: Line,
        query: &Value,
        region: &Value,
        price: &Price,
        quantity: Result<Amount, State>,
        scale: Decimal,
        perhaps: Option<Vec<String>>,
    ) {
        let source = |tier: usize| PriceSource {
            service: text_of(query, "service"),
            region: region.as_shared_str().cloned().unwrap_or_default(),
            usage_type: text_of(query, "usage_type"),
            sku: price.sku.clone(),
            rate_code: price.tiers.get(tier).and_then(|tier| tier.rate_code.clone()),
            effective: price.effective.to_string(),
            tier_start: price.tiers.get(tier).map(|tier| tier.start).unwrap_or_default(),
            scale,
            unit: price.unit.to_string(),
            attributes: price
                .attributes
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
        };
        let gigabytes = line.unit == "GB";
        let named = |tier: usize| match tiers::label(&price.tiers, tier, gigabytes) {
            Some(label) => format!("{} ({label})", line.name),
            None => line.name.clone(),
        };
        let usd = |tier: usize| {
            let usd = price.tiers.get(tier).map(|tier| tier.usd)?;
            usd.checked_mul(scale).map(|usd| usd.normalize())
        };
        let first = Line {
            name: named(0),
            price: usd(0),
            source: Some(source(0)),
            ..line.clone()
        };
        let too_large = || State::Unpriced("what it costs is too large a number".to_owned());
        let quantity = match quantity {
            Ok(quantity) => quantity,
            Err(state) => {
                self.lines.push(Line { state, ..first });
                return;
            }
        };
        if quantity.known().is_some() && perhaps.is_none() {
            for part in tiers::split(&price.tiers, quantity.low) {
                let shown = scaled(Amount::exactly(part.quantity), scale);
                let usd_of_tier = price.tiers.get(part.tier).map(|tier| tier.usd);
                let monthly = usd_of_tier.and_then(|usd| part.quantity.checked_mul(usd));
                self.lines.push(Line {
                    name: named(part.tier),
                    quantity: shown,
                    price: usd(part.tier),
                    monthly: monthly.map(|usd| Amount::exactly(usd.normalize())),
                    state: monthly.map_or_else(too_large, |_| State::Priced),
                    source: Some(source(part.tier)),
                    ..line.clone()
                });
            }
            return;
        }
        let cost = |quantity: Decimal| tiers::cost(&price.tiers, quantity).map(|usd| usd.normalize());
        let (low, high) = (cost(quantity.low), cost(quantity.high));
        let (Some(low), Some(high)) = (low, high) else {
            self.lines.push(Line {
                state: too_large(),
                ..first
            });
            return;
        };
        let one_price = price.tiers.len() < 2;
        let range = Line {
            name: if one_price { named(0) } else { line.name.clone() },
            quantity: scaled(quantity, scale),
            price: if one_price { usd(0) } else { None },
            ..first
        };
        self.lines.push(match perhaps {
            // What is perhaps not there at all costs nothing then.
            Some(reasons) => Line {
                monthly: None,
                state: State::DependsOn(reasons),
                ..range
            },
            None => Line {
                monthly: Some(Amount { low, high }),
                ..range
            },
        });
    }
}

fn text_of(query: &Value, name: &str) -> Arc<str> {
    let value = query.get(name).and_then(Value::as_shared_str);
    value.cloned().unwrap_or_default()
}

fn scaled(amount: Amount, scale: Decimal) -> Option<Amount> {
    let divided = |value: Decimal| value.checked_div(scale).map(|value| value.normalize());
    Some(Amount {
        low: divided(amount.low)?,
        high: divided(amount.high)?,
    })
}

/// The number as a decimal of 28 digits; `None` where it is larger.
fn decimal(number: &Number) -> Option<Decimal> {
    if number.is_infinite() {
        return None;
    }
    let text = number.to_string();
    Decimal::from_str(&text)
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
        .map(|value| value.normalize())
}

fn known_number(value: &Value) -> Option<Decimal> {
    let value = convert(value, &Type::Number).ok()?;
    decimal(value.as_number()?).filter(|number| *number > Decimal::ZERO)
}

/// The range of an unknown number, where it has two ends.
fn range(value: &Value) -> Option<Amount> {
    let bounds = value.as_unknown()?.bounds.as_deref()?;
    Some(Amount {
        low: decimal(&bounds.low.at)?,
        high: decimal(&bounds.high.at)?,
    })
}

fn reasons(value: &Value) -> Vec<String> {
    let reasons = value.reasons();
    match reasons.is_empty() {
        true => vec!["something that is not known".to_owned()],
        false => reasons.iter().map(ToString::to_string).collect(),
    }
}

/// Why a line waits for a value: for the usage file, if for nothing else.
fn depends_on(value: &Value) -> State {
    let all = value.reasons();
    let keys: Vec<Arc<str>> = all
        .iter()
        .filter_map(|reason| match reason {
            Reason::Variable(name) => name.strip_prefix(USAGE).map(Arc::from),
            _ => None,
        })
        .collect();
    match keys.len() == all.len() && !keys.is_empty() {
        true => State::DependsOnUsage(keys),
        false => State::DependsOn(reasons(value)),
    }
}

#[cfg(test)]
mod tests {
    use tf_model::Project;
    use tf_prices::Catalogue;

    use super::*;
    use crate::models::Models;

    /// The lines of the resources of graphs one after the other, with what was found in the graphs before kept or forgotten.
    fn lines(graphs: &[&(Graph, &str)], keep: bool) -> Vec<String> {
        let missing = Missing::default();
        let new = || Kept::new(Lookups::new(Catalogue::embedded(), &missing));
        let mut kept = new();
        let mut told = Vec::new();
        for (graph, region) in graphs {
            let options = Options {
                models: Models::builtin(),
                catalogue: Catalogue::embedded(),
                usage: None,
                region: Some(region),
                terms: None,
            };
            let relations = Relations::new(graph);
            let view = View::new(&relations);
            for at in 0..graph.resources.len() {
                if !keep {
                    kept = new();
                }
                if let Some((found, _)) = estimate_one(graph, &view, &mut kept, at, None, &options) {
                    told.push(format!("{} {:?}", found.address, found.lines));
                }
            }
        }
        told
    }

    #[test]
    fn what_one_resource_costs_is_said_of_others_only_where_they_are_alike() {
        let mut all = 0;
        for model in Models::builtin().all() {
            let examples = model.examples.iter();
            let graphs: Vec<(Graph, &str)> = examples
                .map(|it| (Project::from_text("example.tf", &it.source), &*it.region))
                .collect();
            // Twice, so that each comes after each.
            let twice: Vec<&(Graph, &str)> = graphs.iter().chain(&graphs).collect();
            assert_eq!(lines(&twice, true), lines(&twice, false), "{:?}", model.types);
            all += graphs.len();
        }
        assert!(all > 150, "{all}");
    }
}
