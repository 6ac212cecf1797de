//! Running the examples of models.

use std::str::FromStr;

use rust_decimal::Decimal;
use tf_lang::ast::{Ident, Step};
use tf_lang::eval::{Budget, Evaluator, Scope};
use tf_lang::functions::{Files, NoFiles};
use tf_lang::{Diagnostic, Value};
use tf_model::Project;
use tf_prices::Catalogue;

use crate::engine::estimate;
use crate::estimate::{Line, Options, State};
use crate::model::{Example, Model, UsageKey};
use crate::models::Models;
use crate::usage::Usage;

/// An example that does not show what it should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExampleFailure {
    /// Where it is written.
    pub place: String,
    /// What came out.
    pub message: String,
}

/// Runs all examples of a model and returns those that do not hold.
pub fn test_model(model: &Model, models: &Models, catalogue: &Catalogue) -> Vec<ExampleFailure> {
    let failures = model.examples.iter().filter_map(|example| {
        let message = run(model, example, models, catalogue).err()?;
        Some(ExampleFailure {
            place: format!("{}:{}", model.place.0, example.line),
            message,
        })
    });
    failures.collect()
}

fn run(model: &Model, example: &Example, models: &Models, catalogue: &Catalogue) -> Result<(), String> {
    let graph = Project::from_text("example.tf", &example.source);
    if let Some(problem) = graph
        .problems
        .iter()
        .find(|problem| problem.diagnostic.is_error())
    {
        let line = problem
            .diagnostic
            .span
            .map_or(0, |span| graph.sources.lines(span).0);
        return Err(format!("line {line} of it: {}", problem.diagnostic));
    }
    let mut usage = None;
    if let Some(given) = &example.usage {
        let budget = Budget::default();
        let value = Evaluator::new(&Nothing, &budget).eval(given);
        known_keys(&value, &mut Vec::new(), &model.usage)?;
        usage = Some(Usage::of_types(&model.types, &value));
    }
    let options = Options {
        models,
        catalogue,
        usage: usage.as_ref(),
        region: Some(&example.region),
        terms: None,
    };
    let estimate = estimate(&graph, &options);
    let subjects: Vec<_> = estimate
        .resources
        .iter()
        .filter(|resource| model.types.contains(&resource.ty))
        .collect();
    let several = subjects.len() > 1;
    let mut lines: Vec<(String, &Line)> = Vec::new();
    for resource in &subjects {
        for line in resource.lines.iter() {
            let name = shown(line);
            lines.push(match several {
                true => (format!("{} / {name}", resource.address), line),
                false => (name, line),
            });
        }
    }
    let mut wrong = Vec::new();
    for (name, wanted) in &example.expected {
        match lines.iter().position(|(line, _)| line == name) {
            Some(at) => {
                let (_, line) = lines.swap_remove(at);
                if !is(line, wanted) {
                    wrong.push(format!("{name}: expected {wanted}, got {}", outcome(line)));
                }
            }
            None => wrong.push(format!("{name}: no such line")),
        }
    }
    wrong.extend(
        lines
            .iter()
            .map(|(name, line)| format!("{name}: not expected, got {}", outcome(line))),
    );
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n  ")),
    }
}

/// The name of a line with the part that it belongs to.
fn shown(line: &Line) -> String {
    match &line.group {
        Some(group) => format!("{group} / {}", line.name),
        None => line.name.clone(),
    }
}

fn is(line: &Line, wanted: &str) -> bool {
    match (&line.state, wanted) {
        (State::DependsOnUsage(_), "usage") | (State::DependsOn(_), "unknown") => true,
        (State::Unpriced(_), "unpriced") => true,
        (State::Priced, wanted) => {
            let (low, high) = wanted.split_once("..").unwrap_or((wanted, wanted));
            let wanted = (Decimal::from_str(low), Decimal::from_str(high));
            line.monthly
                .is_some_and(|monthly| (Ok(monthly.low), Ok(monthly.high)) == wanted)
        }
        _ => false,
    }
}

fn outcome(line: &Line) -> String {
    match (&line.state, line.monthly) {
        (State::Priced, Some(monthly)) => match monthly.known() {
            Some(usd) => format!("{usd}"),
            None => format!("{}..{}", monthly.low, monthly.high),
        },
        (State::Priced, None) => "a price without a sum".to_owned(),
        (State::DependsOnUsage(keys), _) => format!("usage ({})", keys.join(", ")),
        (State::DependsOn(reasons), _) => format!("unknown ({})", reasons.join("; ")),
        (State::Unpriced(reason), _) => format!("unpriced ({reason})"),
    }
}

fn known_keys(value: &Value, path: &mut Vec<String>, known: &[UsageKey]) -> Result<(), String> {
    let Some(entries) = value.as_entries() else {
        let fits = known.iter().any(|key| {
            key.path
                .iter()
                .map(|step| &**step)
                .eq(path.iter().map(String::as_str))
        });
        return match fits {
            true => Ok(()),
            false => Err(format!("the model has no usage key {}", path.join("."))),
        };
    };
    for (name, inner) in entries.iter() {
        path.push(name.to_string());
        known_keys(inner, path, known)?;
        path.pop();
    }
    Ok(())
}

/// The scope of what refers to nothing.
struct Nothing;

impl Scope for Nothing {
    fn resolve(
        &self,
        _evaluator: &mut Evaluator<'_>,
        root: &Ident,
        _steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        let detail = "The usage of an example is made of plain values.";
        Err(Box::new(Diagnostic::error(
            "Invalid reference",
            detail,
            root.span,
        )))
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }
}
