//! `plumbline.envdiff/1`

use serde_json::{Map, Value as Json, json};

use super::Shown;
use crate::cause::{Cause, CauseKind};
use crate::cost::{Cell, Cost, Monthly, decimal};
use crate::environment::Location;
use crate::finding::Layer;
use crate::report::{About, Report, Row};
use crate::rules::Verdict;
use crate::value::Held;

pub(super) fn render(report: &Report, shown: &Shown) -> String {
    let mut document = document(report);
    if shown.left_out
        && let Some(entries) = document.as_object_mut()
    {
        let all: Vec<Json> = report
            .left_out
            .iter()
            .map(|left| {
                json!({
                    "layer": left.layer.as_str(),
                    "stack": &*left.stack,
                    "subject": left.subject,
                    "attribute": left.part.path.to_string(),
                    "category": left.category.as_str(),
                    "values": values(report, left.layer, &left.part.values),
                })
            })
            .collect();
        entries.insert("left_out_details".to_owned(), Json::Array(all));
    }
    // A value that is not in a map of texts cannot fail to be written.
    format!(
        "{}\n",
        serde_json::to_string_pretty(&document).unwrap_or_default()
    )
}

fn document(report: &Report) -> Json {
    let mut left_out: Map<String, Json> = Map::new();
    for category in crate::normalise::Category::ALL {
        let count = report
            .left_out
            .iter()
            .filter(|left| left.category == category)
            .count();
        if count > 0 {
            left_out.insert(category.as_str().to_owned(), json!(count));
        }
    }
    let scores: Map<String, Json> = report
        .scores
        .iter()
        .map(|(layer, score)| {
            let value = json!({
                "score": number(score.permille()),
                "compared": score.compared,
                "unmeant": score.unmeant,
            });
            (layer.as_str().to_owned(), value)
        })
        .collect();
    let summary: Map<String, Json> = [
        Verdict::Expected,
        Verdict::Unexplained,
        Verdict::Missing,
        Verdict::Forbidden,
    ]
    .into_iter()
    .map(|verdict| (verdict.as_str().to_owned(), json!(report.count(verdict))))
    .collect();
    let mut out = json!({
        "schema": "plumbline.envdiff/1",
        "tool": "tf-envdiff",
        "version": env!("CARGO_PKG_VERSION"),
        "environments": report.environments,
        "score": number(report.permille()),
        "scores": scores,
        "summary": summary,
        "differences": report.rows.iter().map(|row| difference(report, row)).collect::<Vec<_>>(),
        "left_out": left_out,
        "equal_after_apply": report.waiting,
        "without_causes": report.without_causes,
        "idle_rules": report.idle.iter().map(|idle| json!({
            "rule": idle.rule, "file": idle.file, "line": idle.line, "why": idle.why,
        })).collect::<Vec<_>>(),
        "errors": report.problems.iter().map(|problem| json!({
            "environment": problem.environment,
            "file": problem.file,
            "lines": problem.lines.map(|(first, last)| [first, last]),
            "message": problem.message,
        })).collect::<Vec<_>>(),
    });
    if let (Some(all), Some(entries)) = (&report.costs, out.as_object_mut()) {
        let each: Map<String, Json> = report
            .environments
            .iter()
            .zip(&all.environments)
            .map(|(name, one)| (name.clone(), cost(one)))
            .collect();
        entries.insert(
            "cost".to_owned(),
            json!({ "currency": all.currency, "environments": each }),
        );
    }
    let about = match &report.about {
        About::All => None,
        About::Since {
            base,
            resolved,
            before,
        } => Some((
            "base",
            json!({ "revision": base, "resolved": resolved, "before": before }),
        )),
        About::Promotion { from, to } => Some(("promotion", json!({ "from": from, "to": to }))),
    };
    if let (Some((name, about)), Some(entries)) = (about, out.as_object_mut()) {
        entries.insert(name.to_owned(), about);
    }
    out
}

/// What an environment costs; nothing where it could not be read as a whole.
fn cost(cost: &Cost) -> Json {
    let stacks: Map<String, Json> = cost
        .stacks
        .iter()
        .map(|(name, stack)| (name.to_string(), Json::Object(monthly(stack))))
        .collect();
    let mut out = match cost.incomplete {
        true => Map::from_iter([("incomplete".to_owned(), json!(true))]),
        false => monthly(&cost.total),
    };
    out.insert("not_priced_types".to_owned(), json!(cost.not_priced));
    out.insert("stacks".to_owned(), Json::Object(stacks));
    Json::Object(out)
}

/// A sum as a decimal in a text, null where nothing of it has a price; and how much is not in it.
fn monthly(monthly: &Monthly) -> Map<String, Json> {
    let text = |amount: tf_pricing::Decimal| json!(amount.normalize().to_string());
    let mut out = Map::new();
    let sum = decimal(&monthly.held()).map_or(Json::Null, text);
    out.insert("monthly".to_owned(), sum);
    if monthly.amount.known().is_none() {
        out.insert("monthly_max".to_owned(), text(monthly.amount.high));
    }
    for (name, count) in [
        ("unpriced", monthly.unpriced),
        ("depends_on_usage", monthly.usage),
        ("depends_on_unknown", monthly.unknown),
    ] {
        out.insert(name.to_owned(), json!(count));
    }
    out
}

/// Thousandths as a percentage.
fn number(permille: usize) -> Json {
    serde_json::from_str(&super::percent(permille)).unwrap_or(Json::Null)
}

fn difference(report: &Report, row: &Row) -> Json {
    let mut out = Map::new();
    out.insert("layer".to_owned(), json!(row.layer.as_str()));
    out.insert("stack".to_owned(), json!(&*row.stack));
    out.insert("subject".to_owned(), json!(row.subject));
    if let Some(attribute) = &row.attribute {
        out.insert("attribute".to_owned(), json!(attribute));
    }
    out.insert("verdict".to_owned(), json!(row.verdict.as_str()));
    out.insert("values".to_owned(), values(report, row.layer, &row.values));
    if let Some(first) = row.causes.first() {
        out.insert("cause".to_owned(), cause(report, first));
    }
    if row.causes.len() > 1 {
        let more: Vec<Json> = row
            .causes
            .iter()
            .skip(1)
            .map(|other| cause(report, other))
            .collect();
        out.insert("more_causes".to_owned(), Json::Array(more));
    }
    out.insert("covers".to_owned(), json!(row.covers));
    if row.members.len() > 1 {
        let members: Vec<Json> = row
            .members
            .iter()
            .map(|member| {
                let mut out = Map::new();
                out.insert("subject".to_owned(), json!(member.subject));
                if let Some(attribute) = &member.attribute {
                    out.insert("attribute".to_owned(), json!(attribute));
                }
                out.insert("values".to_owned(), values(report, member.layer, &member.values));
                Json::Object(out)
            })
            .collect();
        out.insert("covered".to_owned(), Json::Array(members));
    }
    if !row.effects.is_empty() {
        let effects: Map<String, Json> = row
            .effects
            .iter()
            .map(|(layer, count)| (layer.as_str().to_owned(), json!(count)))
            .collect();
        out.insert("effects".to_owned(), Json::Object(effects));
    }
    if let (Some(cells), Layer::Cost) = (&row.cost, row.layer) {
        let amounts: Map<String, Json> = report
            .environments
            .iter()
            .zip(cells)
            .filter_map(|(name, cell)| match cell {
                Cell::Costs(amount) => Some((name.clone(), Json::Object(monthly(amount)))),
                Cell::Absent | Cell::Out => None,
            })
            .collect();
        out.insert("amounts".to_owned(), Json::Object(amounts));
    }
    if let (Some(cells), Layer::Variables) = (&row.cost, row.layer) {
        let cells = crate::cost::held(cells);
        out.insert("monthly_cost".to_owned(), values(report, Layer::Cost, &cells));
    }
    if let Some(rule) = &row.rule {
        out.insert(
            "rule".to_owned(),
            json!({
                "name": rule.name, "file": rule.file, "line": rule.line,
                "reason": rule.reason, "owner": rule.owner, "until": rule.until,
            }),
        );
    }
    if let Some(note) = &row.note {
        out.insert("note".to_owned(), json!(note));
    }
    Json::Object(out)
}

/// By environment; one that has nothing has no entry.
fn values(report: &Report, layer: Layer, values: &[Held]) -> Json {
    let entries: Map<String, Json> = report
        .environments
        .iter()
        .zip(values)
        .filter_map(|(name, held)| {
            // Money is exact: a decimal in a text.
            let amount = (layer == Layer::Cost).then(|| decimal(held)).flatten();
            let value = match amount {
                Some(amount) => json!(amount.normalize().to_string()),
                None => plain(held)?,
            };
            Some((name.clone(), value))
        })
        .collect();
    Json::Object(entries)
}

/// A value, without what must not be shown.
fn plain(held: &Held) -> Option<Json> {
    let single = |value: &tf_lang::Value| value.children().next().is_none();
    match held.is_secret() && held.value().is_some_and(single) {
        true => Some(json!("(sensitive, differs)")),
        false => held.json(),
    }
}

fn place(location: &Location) -> Json {
    json!({ "file": location.file, "lines": [location.first, location.last] })
}

fn cause(report: &Report, cause: &Cause) -> Json {
    let mut out = Map::new();
    out.insert("name".to_owned(), json!(cause.name));
    let kind = match cause.kind {
        CauseKind::Variable => "variable",
        CauseKind::Written => "written",
        CauseKind::Naming => "naming",
    };
    out.insert("kind".to_owned(), json!(kind));
    if let Some(location) = cause.place() {
        out.insert("file".to_owned(), json!(location.file));
        out.insert("lines".to_owned(), json!([location.first, location.last]));
    }
    let places: Map<String, Json> = report
        .environments
        .iter()
        .zip(&cause.places)
        .filter_map(|(name, location)| Some((name.clone(), place(location.as_ref()?))))
        .collect();
    out.insert("places".to_owned(), Json::Object(places));
    Json::Object(out)
}
