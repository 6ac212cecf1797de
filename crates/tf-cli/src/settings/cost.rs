//! The `cost` block: the usage file, the catalogue, what a run may cost, and in `terms.rs` what is paid other than the list price.

mod terms;

use std::collections::BTreeMap;
use std::path::PathBuf;

use globset::{GlobBuilder, GlobMatcher};
use tf_lang::Number;
use tf_lang::ast::{Attribute, Block, ExprKind};

use tf_pricing::{Date, Pricing, PricingError, Sources, Terms};

use super::{Reader, SettingsError};

/// The `cost` block.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// The usage file, relative to the settings file.
    pub usage: Option<PathBuf>,
    /// A catalogue instead of the built-in one, relative to the settings file.
    pub catalogue: Option<PathBuf>,
    /// By how much a difference may grow: `10%`, or an amount.
    pub fail_on_increase: Option<String>,
    /// Whether a line without a price is something to act on.
    pub fail_on_unpriced: Option<bool>,
    /// Whether a budget that is exceeded is something to act on.
    pub fail_over_budget: Option<bool>,
    /// `budget "name" { … }`, in the file's order.
    pub budgets: Vec<Budget>,
    /// What is paid other than the list price.
    pub terms: Terms,
}

impl Cost {
    /// Where usage, prices and terms come from; `region` is for resources whose provider names none.
    pub fn sources(&self, region: Option<String>) -> Sources {
        Sources {
            usage: self.usage.clone(),
            catalogue: self.catalogue.clone(),
            region,
            terms: self.terms.clone(),
        }
    }

    /// Everything that estimates are made with.
    ///
    /// # Errors
    /// Where the usage file or the catalogue cannot be read or is not right, or terms are about a service that there is not.
    pub fn pricing(&self, region: Option<String>) -> Result<Pricing, PricingError> {
        Pricing::read(self.sources(region))
    }

    /// What a reader should know of it today: what is ignored, and that prices are old.
    pub fn warnings(pricing: &Pricing) -> Vec<String> {
        today().map(|today| pricing.warnings(today)).unwrap_or_default()
    }
}

/// Today in UTC; none where the clock is set to the year 40000.
pub fn today() -> Option<Date> {
    let (year, month, day) = crate::today::today();
    Date::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    )
    .ok()
}

/// A `budget` block: what some resources may cost together.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// What they may cost a month, in the currency of estimates.
    pub monthly: Number,
    /// The roots that it is for, as a pattern of their folders, relative to the settings file; all where none is given.
    pub root: Option<GlobMatcher>,
    /// The environments that it is for, as a pattern; all where none is given.
    pub environment: Option<GlobMatcher>,
    /// The addresses that it is for, as a pattern; all where none is given.
    pub address: Option<GlobMatcher>,
    /// Tags that a resource must have to be counted.
    pub tags: BTreeMap<String, String>,
    /// Where it is written.
    pub line: u32,
}

const KEYS: &str = "usage, catalogue, fail_on_increase, fail_on_unpriced, fail_over_budget, currency, exchange_rate, and blocks budget, discount, reserved, savings_plan and spot";

impl Reader {
    pub(super) fn cost(&self, block: &Block) -> Result<Cost, SettingsError> {
        let mut cost = Cost::default();
        cost.terms.currency = self.currency(block)?;
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "usage" => cost.usage = Some(self.dir.join(self.text(attribute)?)),
                "catalogue" => cost.catalogue = Some(self.dir.join(self.text(attribute)?)),
                "fail_on_increase" => cost.fail_on_increase = Some(self.text(attribute)?),
                "fail_on_unpriced" => cost.fail_on_unpriced = Some(self.flag(attribute)?),
                "fail_over_budget" => cost.fail_over_budget = Some(self.flag(attribute)?),
                "currency" | "exchange_rate" => {}
                _ => return Err(self.unknown(attribute, KEYS)),
            }
        }
        for inner in &block.body.blocks {
            match &*inner.kind.name {
                "budget" => cost.budgets.push(self.budget(inner)?),
                "discount" => cost.terms.discounts.push(self.discount(inner)?),
                "reserved" => cost.terms.reserved.push(self.reserved(inner)?),
                "savings_plan" => cost.terms.savings_plans.push(self.savings_plan(inner)?),
                "spot" => cost.terms.spot.push(self.spot(inner)?),
                other => {
                    let message = format!("\"{other}\" is not a setting here: there are {KEYS}");
                    return Err(self.wrong(inner.header, message));
                }
            }
        }
        Ok(cost)
    }

    fn budget(&self, block: &Block) -> Result<Budget, SettingsError> {
        let [name] = block.labels.as_slice() else {
            return Err(self.wrong(block.header, "a budget has one label, its name"));
        };
        let mut monthly = None;
        let (mut root, mut environment, mut address) = (None, None, None);
        let mut tags = BTreeMap::new();
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "monthly" => monthly = Some(self.amount(attribute)?),
                "root" => root = Some(self.pattern(attribute)?),
                "environment" => environment = Some(self.pattern(attribute)?),
                "address" => address = Some(self.pattern(attribute)?),
                "tags" => tags = self.table(attribute)?,
                _ => return Err(self.unknown(attribute, "monthly, environment, root, address, tags")),
            }
        }
        let Some(monthly) = monthly else {
            return Err(self.wrong(block.header, "a budget needs \"monthly\", an amount of money"));
        };
        Ok(Budget {
            name: name.name.to_string(),
            monthly,
            root,
            environment,
            address,
            tags,
            line: self.sources.lines(block.header).0,
        })
    }

    fn amount(&self, attribute: &Attribute) -> Result<Number, SettingsError> {
        match &attribute.value.kind {
            ExprKind::Number(number) if number.signum() >= 0 && !number.is_infinite() => Ok(number.clone()),
            _ => Err(self.wrong(attribute.value.span, "this is an amount of money a month: 500")),
        }
    }

    /// A pattern with `*`; brackets are part of addresses and no classes of characters.
    fn pattern(&self, attribute: &Attribute) -> Result<GlobMatcher, SettingsError> {
        let mut escaped = String::new();
        for c in self.text(attribute)?.chars() {
            if matches!(c, '[' | ']' | '{' | '}') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        match GlobBuilder::new(&escaped).backslash_escape(true).build() {
            Ok(glob) => Ok(glob.compile_matcher()),
            Err(error) => Err(self.wrong(attribute.value.span, error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Settings;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::parse("plumbline.hcl", text, Path::new("/x/plumbline.hcl"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn budgets_say_what_they_are_for() {
        let text = "cost {\n  usage = \"usage.yml\"\n  budget \"prod\" {\n    monthly = 500.5\n    root = \"environments/prod/*\"\n    tags = { Team = \"data\" }\n  }\n}\n";
        let cost = read(text).unwrap().cost;
        assert_eq!(cost.usage.as_deref(), Some(Path::new("/x/usage.yml")));
        let budget = &cost.budgets[0];
        assert_eq!(
            (budget.name.as_str(), budget.monthly.to_string().as_str()),
            ("prod", "500.5")
        );
        assert!(
            budget
                .root
                .as_ref()
                .is_some_and(|root| root.is_match("environments/prod/data"))
        );
        assert_eq!(budget.tags["Team"], "data");
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, message) in [
            (
                "cost {\n  usages = \"a\"\n}\n",
                "plumbline.hcl:2,3: \"usages\" is not a setting here",
            ),
            (
                "cost {\n  budget \"a\" {\n  }\n}\n",
                "plumbline.hcl:2,3: a budget needs \"monthly\"",
            ),
            (
                "cost {\n  budget \"a\" {\n    monthly = \"x\"\n  }\n}\n",
                "plumbline.hcl:3,15: this is an amount",
            ),
            (
                "cost {\n  limit \"a\" {\n  }\n}\n",
                "plumbline.hcl:2,3: \"limit\" is not a setting here",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
