//! The `cost` block: the usage file, the catalogue, and what a run may cost.

use std::collections::BTreeMap;
use std::path::PathBuf;

use globset::{GlobBuilder, GlobMatcher};
use tf_lang::Number;
use tf_lang::ast::{Attribute, Block, ExprKind, ObjectKey};

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
}

/// A `budget` block: what some resources may cost together.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// USD a month.
    pub monthly: Number,
    /// The roots that it is for, as a pattern; all where none is given.
    pub root: Option<GlobMatcher>,
    /// The addresses that it is for, as a pattern; all where none is given.
    pub address: Option<GlobMatcher>,
    /// Tags that a resource must have to be counted.
    pub tags: BTreeMap<String, String>,
    /// Where it is written.
    pub line: u32,
}

const KEYS: &str =
    "usage, catalogue, fail_on_increase, fail_on_unpriced, fail_over_budget, and blocks budget";

impl Reader {
    pub(super) fn cost(&self, block: &Block) -> Result<Cost, SettingsError> {
        let mut cost = Cost::default();
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "usage" => cost.usage = Some(self.dir.join(self.text(attribute)?)),
                "catalogue" => cost.catalogue = Some(self.dir.join(self.text(attribute)?)),
                "fail_on_increase" => cost.fail_on_increase = Some(self.text(attribute)?),
                "fail_on_unpriced" => cost.fail_on_unpriced = Some(self.flag(attribute)?),
                "fail_over_budget" => cost.fail_over_budget = Some(self.flag(attribute)?),
                _ => return Err(self.unknown(attribute, KEYS)),
            }
        }
        for inner in &block.body.blocks {
            match &*inner.kind.name {
                "budget" => cost.budgets.push(self.budget(inner)?),
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
        let (mut root, mut address, mut tags) = (None, None, BTreeMap::new());
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "monthly" => monthly = Some(self.amount(attribute)?),
                "root" => root = Some(self.pattern(attribute)?),
                "address" => address = Some(self.pattern(attribute)?),
                "tags" => tags = self.budget_tags(attribute)?,
                _ => return Err(self.unknown(attribute, "monthly, root, address, tags")),
            }
        }
        let Some(monthly) = monthly else {
            return Err(self.wrong(block.header, "a budget needs \"monthly\", an amount in USD"));
        };
        Ok(Budget {
            name: name.name.to_string(),
            monthly,
            root,
            address,
            tags,
            line: self.sources.lines(block.header).0,
        })
    }

    fn amount(&self, attribute: &Attribute) -> Result<Number, SettingsError> {
        match &attribute.value.kind {
            ExprKind::Number(number) if number.signum() >= 0 && !number.is_infinite() => Ok(number.clone()),
            _ => Err(self.wrong(attribute.value.span, "this is an amount in USD a month: 500")),
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

    fn budget_tags(&self, attribute: &Attribute) -> Result<BTreeMap<String, String>, SettingsError> {
        let wrong = || self.wrong(attribute.value.span, "\"tags\" is an object of strings");
        let ExprKind::Object(items) = &attribute.value.kind else {
            return Err(wrong());
        };
        let mut tags = BTreeMap::new();
        for (key, value) in items {
            let name = match key {
                ObjectKey::Name(name) => name.name.to_string(),
                ObjectKey::Expr(expr) => match &expr.kind {
                    ExprKind::String(name) => name.to_string(),
                    _ => return Err(wrong()),
                },
            };
            let ExprKind::String(value) = &value.kind else {
                return Err(wrong());
            };
            tags.insert(name, value.to_string());
        }
        Ok(tags)
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
