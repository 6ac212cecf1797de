//! The parts of a plan's text. It is gone over once to find where they begin and end, on one thread, and what is large is read on all
//! cores, while the text stays: a copy of each part would take as much room as the text.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use tf_lang::value::{Marks, Reason};
use tf_lang::{Type, Value};

use super::json::read_attributes;
use super::references::Configuration;
use super::review::{Action, OutputStep, PathStep, Step};
use super::sides::Sides;
use super::{PlanError, read_value, syntax_error};
use crate::address::Address;
use crate::names;

/// A plan, read but for what takes its configuration.
pub(super) struct Parts {
    pub(super) changes: Vec<Planned>,
    /// What was changed outside of Terraform; empty unless it is asked for.
    pub(super) drifted: Vec<Planned>,
    pub(super) configuration: Configuration,
    pub(super) outputs: Vec<(Arc<str>, Value)>,
    pub(super) variables: Vec<(Arc<str>, Value)>,
    pub(super) output_changes: BTreeMap<Arc<str>, OutputStep>,
    pub(super) terraform_version: Arc<str>,
    pub(super) errored: bool,
}

/// An entry of `resource_changes`, or of `resource_drift`.
pub(super) struct Planned {
    pub(super) address: Address,
    /// Without its values.
    pub(super) step: Step,
    pub(super) provider: Arc<str>,
    pub(super) actions: Vec<Arc<str>>,
    pub(super) sides: Sides,
}

/// A part that is not read yet.
type Raw<'t> = Option<&'t RawValue>;

#[derive(Deserialize)]
struct Plan<'t> {
    #[serde(default)]
    format_version: String,
    #[serde(default, borrow)]
    resource_changes: Vec<&'t RawValue>,
    #[serde(default, borrow)]
    resource_drift: Vec<&'t RawValue>,
    #[serde(default, borrow)]
    configuration: Raw<'t>,
    #[serde(default, borrow)]
    planned_values: Option<PlannedValues<'t>>,
    #[serde(default, borrow)]
    variables: HashMap<String, Variable<'t>>,
    #[serde(default, borrow)]
    output_changes: HashMap<String, Change<'t>>,
    #[serde(default)]
    terraform_version: String,
    #[serde(default)]
    errored: bool,
}

#[derive(Deserialize)]
struct PlannedValues<'t> {
    #[serde(default, borrow)]
    outputs: HashMap<String, Output<'t>>,
}

#[derive(Deserialize)]
struct Output<'t> {
    #[serde(default)]
    sensitive: bool,
    #[serde(default, borrow)]
    value: Raw<'t>,
}

#[derive(Deserialize)]
struct Variable<'t> {
    #[serde(default, borrow)]
    value: Raw<'t>,
}

#[derive(Deserialize)]
struct ResourceChange<'t> {
    #[serde(borrow)]
    address: Cow<'t, str>,
    #[serde(default, borrow)]
    provider_name: Cow<'t, str>,
    #[serde(borrow)]
    change: Change<'t>,
    #[serde(default, borrow)]
    deposed: Option<Cow<'t, str>>,
    #[serde(default, borrow)]
    previous_address: Option<Cow<'t, str>>,
    #[serde(default, borrow)]
    action_reason: Option<Cow<'t, str>>,
}

#[derive(Deserialize)]
pub(super) struct Change<'t> {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default, borrow)]
    pub(super) before: Raw<'t>,
    #[serde(default, borrow)]
    pub(super) after: Raw<'t>,
    #[serde(default, borrow)]
    pub(super) after_unknown: Raw<'t>,
    #[serde(default, borrow)]
    pub(super) before_sensitive: Raw<'t>,
    #[serde(default, borrow)]
    pub(super) after_sensitive: Raw<'t>,
    #[serde(default)]
    replace_paths: Vec<Vec<serde_json::Value>>,
    #[serde(default, borrow)]
    importing: Raw<'t>,
}

/// Reads a plan; what drifted only if that is asked for.
pub(super) fn read(text: &str, with_drift: bool) -> Result<Parts, PlanError> {
    let reader = Reader {
        text: text.strip_prefix('\u{feff}').unwrap_or(text),
    };
    let plan: Plan<'_> = reader.part(reader.text)?;
    let version = plan.format_version.as_str();
    if !(version.starts_with("1.") || version == "0.2" || version == "0.1") {
        let shown = if version.is_empty() { "(none)" } else { version };
        return Err(PlanError::Version(shown.chars().take(40).collect()));
    }
    let configuration = match plan.configuration {
        Some(raw) => reader.part(raw.get())?,
        None => Configuration::default(),
    };
    let drifted = match with_drift {
        true => plan.resource_drift,
        false => Vec::new(),
    };
    let outputs = plan.planned_values.into_iter().flat_map(|values| values.outputs);
    let outputs = outputs.map(|(name, output)| Ok((name.as_str().into(), reader.output(&name, &output)?)));
    let variables = plan.variables.into_iter().map(|(name, variable)| {
        let marks = match configuration.is_sensitive_variable(&name) {
            true => Marks::SENSITIVE,
            false => Marks::NONE,
        };
        Ok((
            name.as_str().into(),
            reader.value(variable.value)?.with_marks(marks),
        ))
    });
    let output_changes = plan.output_changes.iter().map(|(name, change)| {
        let step = reader.output_step(name, change)?;
        Ok((Arc::from(name.as_str()), step))
    });
    Ok(Parts {
        outputs: outputs.collect::<Result<_, PlanError>>()?,
        variables: variables.collect::<Result<_, PlanError>>()?,
        output_changes: output_changes.collect::<Result<_, PlanError>>()?,
        changes: reader.all(&plan.resource_changes)?,
        drifted: reader.all(&drifted)?,
        configuration,
        terraform_version: plan.terraform_version.as_str().into(),
        errored: plan.errored,
    })
}

/// The text of a plan, of which parts are read: errors are told by their places in it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'t> {
    text: &'t str,
}

impl<'t> Reader<'t> {
    fn part<T: Deserialize<'t>>(self, part: &'t str) -> Result<T, PlanError> {
        serde_json::from_str(part).map_err(|error| syntax_error(self.text, part, &error))
    }

    /// A value; null where there is none.
    pub(super) fn value(self, raw: Raw<'t>) -> Result<Value, PlanError> {
        let Some(raw) = raw else { return Ok(Value::NULL) };
        read_value(raw.get()).map_err(|error| syntax_error(self.text, raw.get(), &error))
    }

    /// The attributes of an object; none where there is none.
    pub(super) fn attributes(self, raw: Raw<'t>) -> Result<Vec<(Arc<str>, &'t RawValue)>, PlanError> {
        let Some(raw) = raw else { return Ok(Vec::new()) };
        read_attributes(raw.get()).map_err(|error| syntax_error(self.text, raw.get(), &error))
    }

    fn all(self, changes: &[&'t RawValue]) -> Result<Vec<Planned>, PlanError> {
        changes.par_iter().map(|raw| self.planned(raw.get())).collect()
    }

    fn planned(self, part: &'t str) -> Result<Planned, PlanError> {
        let read: ResourceChange<'_> = self.part(part)?;
        let change = read.change;
        let address = read.address.parse::<Address>();
        let address = address.map_err(|_| PlanError::Address(read.address.chars().take(200).collect()))?;
        let step = Step {
            address: (&*read.address).into(),
            ty: address.ty.clone(),
            previous_address: read.previous_address.as_deref().map(Arc::from),
            action: Action::of(&change.actions),
            deposed: read.deposed.as_deref().map(Arc::from),
            reason: read.action_reason.as_deref().map(names::shared),
            replace_paths: change.replace_paths.iter().map(|path| path_of(path)).collect(),
            imports: change.importing.is_some(),
            before: Value::NULL,
            after: Value::NULL,
        };
        let actions = change.actions.iter().map(|action| names::shared(action));
        Ok(Planned {
            address,
            step,
            provider: names::shared(&read.provider_name),
            actions: actions.collect(),
            sides: Sides::read(self, &change)?,
        })
    }

    fn output(self, name: &str, output: &Output<'t>) -> Result<Value, PlanError> {
        let value = match output.value {
            Some(_) => self.value(output.value)?,
            None => Value::unknown(Type::Any, of_output(name)),
        };
        Ok(value.with_marks(match output.sensitive {
            true => Marks::SENSITIVE,
            false => Marks::NONE,
        }))
    }

    fn output_step(self, name: &str, change: &Change<'t>) -> Result<OutputStep, PlanError> {
        let (before, after) = Sides::read(self, change)?.settled(&|_| vec![of_output(name)]);
        Ok(OutputStep {
            action: Action::of(&change.actions),
            before,
            after,
        })
    }
}

fn of_output(name: &str) -> Reason {
    Reason::KnownAfterApply(format!("output.{name}").into())
}

fn path_of(path: &[serde_json::Value]) -> Vec<PathStep> {
    path.iter()
        .map(|step| match step {
            serde_json::Value::String(name) => PathStep::Name(name.as_str().into()),
            // An element of a set has no place; the number 0 stands for "one of them".
            other => PathStep::Index(other.as_u64().unwrap_or_default()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(changes: &str) -> String {
        let plan = format!("{{\"format_version\": \"1.2\",\n \"resource_changes\": [\n{changes}]}}");
        read(&plan, false).err().unwrap().to_string()
    }

    #[test]
    fn errors_are_told_by_their_place_in_the_whole_plan() {
        let whole = r#"  {"address": "aws_x.a", "change": {"actions": ["create"], "after": {"n": 1}}}"#;
        let shape = error(&format!("{whole},\n  {{\"address\": 7, \"change\": {{}}}}"));
        assert!(
            shape.contains("(line 4, column 15): invalid type: integer `7`"),
            "{shape}"
        );
        let number = error(&format!(
            "{whole},\n{}",
            whole.replace("\"n\": 1", "\"n\":\n1e999")
        ));
        assert!(
            number.contains("(line 5, column 5): number out of range"),
            "{number}"
        );
        let text = error(&format!("{whole},,"));
        assert!(text.contains("(line 3, column 80): "), "{text}");
    }
}
