//! Terraform's and the providers' versions, the providers' configuration, lock files and backends.

use std::collections::{BTreeMap, BTreeSet};

use tf_lang::ast::{Body, Expr, ExprKind};
use tf_lang::{Span, Value};

use super::View;
use crate::cause::{Cause, CauseKind};
use crate::compare::Slot;
use crate::environment::{Location, Stack};
use crate::finding::{Detail, Finding, Findings, Layer};
use crate::value::{Held, Path, Seg};

/// Settings of a root module that are written and not evaluated, with their places.
type Settings = BTreeMap<(String, String), (Value, Span)>;

pub(super) fn compare(view: &View<'_>, out: &mut Findings) {
    settings(view, out);
    configurations(view, out);
    locks(view, out);
}

/// The text of a constant, as it is written where it is none.
fn constant(stack: &Stack, expr: &Expr) -> Value {
    match &expr.kind {
        ExprKind::String(text) => Value::normal_string(text.clone()),
        ExprKind::Bool(flag) => Value::from(*flag),
        ExprKind::Number(number) => Value::from(number.clone()),
        _ => Value::from(stack.graph.sources.text(expr.span)),
    }
}

/// What stands in `terraform` blocks: versions, required providers and the backend.
fn settings_of(view: &View<'_>, at: usize, stack: &Stack) -> Settings {
    let mut out = Settings::new();
    let Some(module) = view.tracer.root_module(at).filter(|_| stack.root.is_some()) else {
        return out;
    };
    for block in &module.settings {
        if let Some(version) = block.body.attribute("required_version") {
            let key = ("terraform".to_owned(), "required_version".to_owned());
            out.insert(key, (constant(stack, &version.value), version.span));
        }
        for inner in &block.body.blocks {
            match &*inner.kind.name {
                "required_providers" => required(stack, &inner.body, &mut out),
                "backend" | "cloud" => {
                    let label = inner.label(0).unwrap_or("cloud");
                    let kind = ("backend".to_owned(), "type".to_owned());
                    out.insert(kind, (Value::from(label), inner.header));
                    for attribute in &inner.body.attributes {
                        let key = ("backend".to_owned(), attribute.name.name.to_string());
                        out.insert(key, (constant(stack, &attribute.value), attribute.span));
                    }
                }
                _ => {}
            }
        }
    }
    out
}

fn required(stack: &Stack, body: &Body, out: &mut Settings) {
    for attribute in &body.attributes {
        let subject = format!("required_providers.{}", attribute.name.name);
        let ExprKind::Object(items) = &attribute.value.kind else {
            let value = constant(stack, &attribute.value);
            out.insert((subject, "version".to_owned()), (value, attribute.span));
            continue;
        };
        for (key, value) in items {
            if let Some(name @ ("source" | "version")) = crate::cause::key_text(key) {
                let span = key.span().to(value.span);
                out.insert((subject.clone(), name.to_owned()), (constant(stack, value), span));
            }
        }
    }
}

fn settings(view: &View<'_>, out: &mut Findings) {
    let all: Vec<Option<Settings>> = view
        .stacks
        .iter()
        .enumerate()
        .map(|(at, stack)| {
            let stack = stack.filter(|stack| stack.root.is_some())?;
            Some(settings_of(view, at, stack))
        })
        .collect();
    let keys: BTreeSet<&(String, String)> = all.iter().flatten().flat_map(BTreeMap::keys).collect();
    for key in keys {
        let found: Vec<Option<&(Value, Span)>> =
            all.iter().map(|settings| settings.as_ref()?.get(key)).collect();
        let slots: Vec<Slot<'_>> = all
            .iter()
            .zip(&found)
            .map(|(settings, found)| match (settings, found) {
                (None, _) => Slot::Out,
                (Some(_), None) => Slot::Absent,
                (Some(_), Some((value, _))) => Slot::Has(value),
            })
            .collect();
        let mut comparison = view.comparison();
        comparison.below(Seg::Name(key.1.as_str().into()), &slots);
        let places: Vec<Option<Location>> = view
            .stacks
            .iter()
            .zip(&found)
            .map(|(stack, found)| Some((*stack)?.locate((*found)?.1)))
            .collect();
        let name = format!("{}.{}", key.0, key.1);
        view.take(comparison, Layer::Providers, &key.0, out, |_, values| {
            vec![written(&name, &places, values)]
        });
    }
}

/// What is written is its own cause.
fn written(name: &str, places: &[Option<Location>], values: &[Held]) -> Cause {
    Cause {
        kind: CauseKind::Written,
        name: name.to_owned(),
        places: places.to_vec(),
        values: values.to_vec(),
    }
}

/// `provider` blocks of the root module.
fn configurations(view: &View<'_>, out: &mut Findings) {
    type Row<'e> = Vec<Option<(&'e Value, Span)>>;
    let mut rows: BTreeMap<String, Row<'_>> = BTreeMap::new();
    for (at, stack) in view.stacks.iter().enumerate() {
        let Some(stack) = stack else { continue };
        for provider in stack
            .graph
            .providers
            .iter()
            .filter(|provider| provider.module.is_root())
        {
            let alias = provider
                .alias
                .as_ref()
                .map(|alias| format!(".{alias}"))
                .unwrap_or_default();
            let row = rows
                .entry(format!("provider.{}{alias}", provider.name))
                .or_insert_with(|| vec![None; view.stacks.len()]);
            if let Some(slot) = row.get_mut(at) {
                *slot = Some((&provider.values, provider.declaration.block.span));
            }
        }
    }
    for (name, row) in rows {
        let slots: Vec<Slot<'_>> = view
            .stacks
            .iter()
            .zip(&row)
            .map(|(stack, found)| match (stack, found) {
                (Some(stack), Some((value, _))) if stack.root.is_some() => Slot::Has(value),
                (Some(stack), None) if stack.root.is_some() => Slot::Absent,
                _ => Slot::Out,
            })
            .collect();
        let spans: Vec<Option<Span>> = row.iter().map(|found| found.map(|(_, span)| span)).collect();
        let mut comparison = view.comparison();
        comparison.values(&slots);
        view.take(comparison, Layer::Providers, &name, out, |path, values| {
            if path.is_empty() {
                let places: Vec<Option<Location>> = view
                    .stacks
                    .iter()
                    .zip(&spans)
                    .map(|(stack, span)| Some((*stack)?.locate((*span)?)))
                    .collect();
                return vec![written(&name, &places, values)];
            }
            view.tracer.provider(&spans, &name, path, values)
        });
    }
}

/// Lock files: versions, and where these agree, checksums.
fn locks(view: &View<'_>, out: &mut Findings) {
    let has_lock = |stack: &&Stack| stack.root.is_some();
    let names: BTreeSet<&String> = view
        .stacks
        .iter()
        .flatten()
        .flat_map(|stack| stack.locked.keys())
        .collect();
    for name in names {
        let locked: Vec<_> = view
            .stacks
            .iter()
            .map(|stack| stack.filter(has_lock)?.locked.get(name))
            .collect();
        let held = |value: &dyn Fn(&crate::lock::LockedProvider) -> Value| -> Vec<Held> {
            view.stacks
                .iter()
                .zip(&locked)
                .map(|(stack, locked)| match (stack.filter(has_lock), locked) {
                    (None, _) => Held::Out,
                    (Some(_), None) => Held::Absent,
                    (Some(_), Some(locked)) => Held::Has(value(locked)),
                })
                .collect()
        };
        let places: Vec<Option<Location>> = locked
            .iter()
            .map(|locked| Some((*locked)?.place.clone()))
            .collect();
        let subject = format!("lock file {name}");
        let distinct = |values: &[Held]| {
            let texts: BTreeSet<String> = values
                .iter()
                .filter(|held| !matches!(held, Held::Out))
                .map(Held::text)
                .collect();
            texts.len() > 1
        };
        out.count(Layer::Providers, 1);
        let versions = held(&|locked| Value::from(&*locked.version));
        let hashes = held(&|locked| Value::strings(locked.hashes.iter().map(String::as_str)));
        let (attribute, values) = match (distinct(&versions), distinct(&hashes)) {
            (true, _) => ("version", versions),
            // Of one version there is one set of files; another platform's checksums may be missing.
            (false, true) if disjoint(&locked) => ("hashes", hashes),
            _ => continue,
        };
        let path = Path(vec![Seg::Name(attribute.into())]);
        out.found.push(Finding {
            layer: Layer::Providers,
            stack: view.name.clone(),
            causes: vec![written(&format!("{subject}.{attribute}"), &places, &values)],
            subject,
            attribute: Some(path.to_string()),
            missing: values.iter().any(Held::is_absent),
            values,
            note: None,
            covers: 1,
            detail: Detail::None,
        });
    }
}

/// Whether two lock files have no checksum in common.
fn disjoint(locked: &[Option<&crate::lock::LockedProvider>]) -> bool {
    let all: Vec<_> = locked.iter().flatten().collect();
    all.iter().enumerate().any(|(at, one)| {
        all.iter()
            .skip(at + 1)
            .any(|other| !one.hashes.iter().any(|hash| other.hashes.contains(hash)))
    })
}
