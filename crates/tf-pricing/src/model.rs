//! A cost model as written, read from its block. The build script uses this file too.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tf_lang::ast::{Attribute, Block, Expr, ExprKind, ObjectKey, Step};
use tf_lang::eval::references;
use tf_lang::{Diagnostic, Late, SourceMap, Span};

/// Everything that the files of models say.
#[derive(PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Pack {
    /// Models by resource type, in order.
    pub models: Vec<Model>,
    /// Types that cost nothing by themselves, in order; in files they may be patterns with `*`.
    pub free: Vec<Arc<str>>,
    /// Types that cost something and have no model yet, likewise.
    pub not_priced: Vec<Arc<str>>,
}

/// What a resource type costs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Model {
    /// The resource types.
    pub types: Vec<Arc<str>>,
    /// What is evaluated.
    pub rule: Late<Rule>,
    /// The keys of the usage file that it knows.
    pub usage: Late<Vec<UsageKey>>,
    /// Its tests.
    pub examples: Late<Vec<Example>>,
    /// Where it is written: file and line.
    pub place: (String, u32),
}

/// The expressions of a model.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Rule {
    /// Where it is false the resource costs nothing by itself.
    pub when: Option<Expr>,
    /// Named values; one may read those before it.
    pub locals: Vec<(Arc<str>, Expr)>,
    /// The lines.
    pub components: Vec<Component>,
}

/// A line of an estimate, or one for each element of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Component {
    /// Its name, where `name` gives no other.
    pub label: Arc<str>,
    /// Where it is false there is no such line.
    pub when: Option<Expr>,
    /// A list: one line for each element.
    pub for_each: Option<Expr>,
    /// The name of the line.
    pub name: Option<Expr>,
    /// A part of the resource that the line belongs to: `root_block_device`.
    pub group: Option<Expr>,
    /// The region, where it is not the resource's.
    pub region: Option<Expr>,
    /// What `price()` gives.
    pub price: Expr,
    /// How much of it a month, in the unit of the catalogue.
    pub quantity: Expr,
    /// The unit that is shown.
    pub unit: Expr,
    /// How many of the catalogue's units one that is shown has; 1 where it is not given.
    pub scale: Option<Expr>,
    /// The keys of the usage file that the quantity is made of.
    pub usage_keys: Vec<Arc<str>>,
}

/// A key of the usage file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UsageKey {
    /// The way to it: `["standard", "storage_gb"]`.
    pub path: Vec<Arc<str>>,
    /// What it is, in a few words.
    pub description: String,
    /// The words that it may be; empty where it is a number.
    pub words: Vec<String>,
}

/// A piece of Terraform with what the model says of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Example {
    /// The region; `us-east-1` where none is given.
    pub region: String,
    /// The usage of the resource, as in a usage file.
    pub usage: Option<Expr>,
    /// The lines by name, with their monthly cost, or `usage`, `unknown`, `unpriced`.
    pub expected: Vec<(String, String)>,
    /// The Terraform.
    pub source: String,
    /// Where it begins.
    pub line: u32,
}

fn wrong<T>(detail: impl Into<String>, span: Span) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::error("Invalid cost model", detail, span)))
}

/// What a file of models says.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(blocks: &[Block], shared: &Shared, sources: &SourceMap) -> Result<Pack, Box<Diagnostic>> {
    let mut pack = Pack::default();
    for block in blocks {
        match &*block.kind.name {
            "cost" => pack.models.push(read_model(block, shared, sources)?),
            "free" => pack.free.extend(types(block)?),
            "not_priced" => pack.not_priced.extend(types(block)?),
            // Read before all models, which may be in other files.
            "shared" => {}
            other => {
                let detail = format!(
                    "There are \"cost\", \"shared\", \"free\" and \"not_priced\" blocks in a file of models, not \"{other}\"."
                );
                return wrong(detail, block.header);
            }
        }
    }
    Ok(pack)
}

/// Components that several models have in common, by name.
pub type Shared = BTreeMap<Arc<str>, Vec<Component>>;

/// Reads the `shared` blocks of a file.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read_shared(blocks: &[Block], shared: &mut Shared) -> Result<(), Box<Diagnostic>> {
    for block in blocks.iter().filter(|block| &*block.kind.name == "shared") {
        let [name] = block.labels.as_slice() else {
            return wrong("A \"shared\" block has one label, its name.", block.header);
        };
        only(&block.body.attributes, &[])?;
        if let Some(other) = block
            .body
            .blocks
            .iter()
            .find(|inner| &*inner.kind.name != "component")
        {
            return wrong("A \"shared\" block has \"component\" blocks only.", other.header);
        }
        let components = block.body.blocks.iter().map(read_component);
        if shared
            .insert(name.name.clone(), components.collect::<Result<_, _>>()?)
            .is_some()
        {
            return wrong(
                format!("There are two \"shared\" blocks \"{}\".", name.name),
                block.header,
            );
        }
    }
    Ok(())
}

fn types(block: &Block) -> Result<Vec<Arc<str>>, Box<Diagnostic>> {
    let Some(attribute) = block.body.attribute("types") else {
        let detail = format!("A \"{}\" block has a list \"types\".", block.kind.name);
        return wrong(detail, block.header);
    };
    let ExprKind::Tuple(items) = &attribute.value.kind else {
        return wrong("\"types\" is a list of plain strings.", attribute.value.span);
    };
    items.iter().map(text).collect()
}

fn text(expr: &Expr) -> Result<Arc<str>, Box<Diagnostic>> {
    match &expr.kind {
        ExprKind::String(text) => Ok(text.clone()),
        _ => wrong("This is a plain string.", expr.span),
    }
}

fn only(attributes: &[Attribute], known: &[&str]) -> Result<(), Box<Diagnostic>> {
    match attributes
        .iter()
        .find(|attribute| !known.contains(&&*attribute.name.name))
    {
        Some(unknown) => {
            let detail = format!(
                "There is no argument \"{}\" here; there are {}.",
                unknown.name.name,
                known.join(", ")
            );
            wrong(detail, unknown.name.span)
        }
        None => Ok(()),
    }
}

fn read_model(block: &Block, shared: &Shared, sources: &SourceMap) -> Result<Model, Box<Diagnostic>> {
    if block.labels.is_empty() {
        return wrong("A cost model has labels, the resource types.", block.header);
    }
    only(&block.body.attributes, &["when", "use"])?;
    let mut rule = Rule {
        when: block
            .body
            .attribute("when")
            .map(|attribute| attribute.value.clone()),
        ..Rule::default()
    };
    let mut usage = Vec::new();
    let mut examples = Vec::new();
    for inner in &block.body.blocks {
        match &*inner.kind.name {
            "locals" => {
                let attributes = inner.body.attributes.iter();
                rule.locals.extend(
                    attributes.map(|attribute| (attribute.name.name.clone(), attribute.value.clone())),
                );
            }
            "usage" => {
                for attribute in &inner.body.attributes {
                    usage_keys(vec![attribute.name.name.clone()], &attribute.value, &mut usage)?;
                }
            }
            "component" => rule.components.push(read_component(inner)?),
            "example" => examples.push(read_example(inner, sources)?),
            other => {
                let detail = format!(
                    "A cost model has blocks \"component\", \"usage\", \"locals\" and \"example\", not \"{other}\"."
                );
                return wrong(detail, inner.header);
            }
        }
    }
    if let Some(attribute) = block.body.attribute("use") {
        let ExprKind::Tuple(names) = &attribute.value.kind else {
            return wrong(
                "\"use\" is a list of names of \"shared\" blocks.",
                attribute.value.span,
            );
        };
        for name in names {
            match shared.get(&text(name)?) {
                Some(components) => rule.components.extend(components.iter().cloned()),
                None => return wrong("There is no \"shared\" block of that name.", name.span),
            }
        }
    }
    check_locals(&rule)?;
    let used = used_keys(&mut rule);
    // `usage.standard` asks whether anything below it is given.
    let described = |key: &str| {
        usage.iter().any(|known: &UsageKey| {
            let path = known.path.join(".");
            path.strip_prefix(key)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    if let Some((key, span)) = used.iter().find(|(key, _)| !described(key)) {
        return wrong(
            format!("The usage key \"{key}\" is not described in a \"usage\" block."),
            *span,
        );
    }
    Ok(Model {
        types: block.labels.iter().map(|label| label.name.clone()).collect(),
        rule: rule.into(),
        usage: usage.into(),
        examples: examples.into(),
        place: (
            sources.name(block.span.file).to_owned(),
            sources.lines(block.header).0,
        ),
    })
}

fn usage_keys(path: Vec<Arc<str>>, value: &Expr, out: &mut Vec<UsageKey>) -> Result<(), Box<Diagnostic>> {
    match &value.kind {
        ExprKind::String(description) => out.push(UsageKey {
            path,
            description: description.to_string(),
            words: Vec::new(),
        }),
        ExprKind::Tuple(items) => {
            let texts: Vec<Arc<str>> = items.iter().map(text).collect::<Result<_, _>>()?;
            let Some((description, words)) = texts.split_first().filter(|(_, words)| !words.is_empty())
            else {
                return wrong(
                    "A key with words has its description and then the words.",
                    value.span,
                );
            };
            out.push(UsageKey {
                path,
                description: description.to_string(),
                words: words.iter().map(ToString::to_string).collect(),
            });
        }
        ExprKind::Object(items) => {
            for (key, inner) in items {
                let ObjectKey::Name(name) = key else {
                    return wrong("The names of usage keys are plain words.", key.span());
                };
                let mut below = path.clone();
                below.push(name.name.clone());
                usage_keys(below, inner, out)?;
            }
        }
        _ => return wrong("A usage key has a description, or keys of its own.", value.span),
    }
    Ok(())
}

const COMPONENT: [&str; 9] = [
    "when", "for_each", "name", "group", "region", "price", "quantity", "unit", "scale",
];

fn read_component(block: &Block) -> Result<Component, Box<Diagnostic>> {
    let [label] = block.labels.as_slice() else {
        return wrong("A component has one label, its name.", block.header);
    };
    only(&block.body.attributes, &COMPONENT)?;
    if let Some(inner) = block.body.blocks.first() {
        return wrong("There are no blocks inside a component.", inner.header);
    }
    let optional = |name: &str| {
        block
            .body
            .attribute(name)
            .map(|attribute| attribute.value.clone())
    };
    let required = |name: &str| match optional(name) {
        Some(value) => Ok(value),
        None => wrong(
            format!("The component \"{}\" lacks \"{name}\".", label.name),
            block.header,
        ),
    };
    Ok(Component {
        label: label.name.clone(),
        when: optional("when"),
        for_each: optional("for_each"),
        name: optional("name"),
        group: optional("group"),
        region: optional("region"),
        price: required("price")?,
        quantity: required("quantity")?,
        unit: required("unit")?,
        scale: optional("scale"),
        usage_keys: Vec::new(),
    })
}

/// A local value reads those before it only, so that there are no circles; and nothing of a component's.
fn check_locals(rule: &Rule) -> Result<(), Box<Diagnostic>> {
    let mut known: Vec<&str> = Vec::new();
    for (name, expr) in &rule.locals {
        let mut problem = None;
        references(
            expr,
            &mut |reference| match (&*reference.root.name, reference.steps.first()) {
                ("local", Some(Step::Attr(other))) if !known.contains(&&*other.name) => {
                    problem = Some(format!("local.{} is not given before local.{name}.", other.name));
                }
                ("each", _) => problem = Some("\"each\" is known inside components only.".to_owned()),
                _ => {}
            },
        );
        if let Some(problem) = problem {
            return wrong(problem, expr.span);
        }
        known.push(name);
    }
    Ok(())
}

/// A usage key and where it is read.
type UsedKey = (Arc<str>, Span);

/// The usage keys that an expression reads by itself, and the local values.
fn reads(expr: &Expr, keys: &mut Vec<UsedKey>, locals: &mut Vec<Arc<str>>) {
    references(expr, &mut |reference| {
        let names: Vec<&str> = reference
            .steps
            .iter()
            .map_while(|step| match step {
                Step::Attr(name) => Some(&*name.name),
                Step::Index(..) | Step::Splat(_) => None,
            })
            .collect();
        match (&*reference.root.name, names.as_slice()) {
            ("usage", [_, ..]) => keys.push((names.join(".").into(), reference.root.span)),
            ("local", [name, ..]) => locals.push((*name).into()),
            _ => {}
        }
    });
}

/// Notes the usage keys of each component's quantity, and returns all that the model reads.
fn used_keys(rule: &mut Rule) -> Vec<UsedKey> {
    let mut of_locals: Vec<(Arc<str>, Vec<UsedKey>)> = Vec::new();
    let follow = |expr: &Expr, of_locals: &[(Arc<str>, Vec<UsedKey>)]| {
        let (mut keys, mut locals) = (Vec::new(), Vec::new());
        reads(expr, &mut keys, &mut locals);
        for local in locals {
            let known = of_locals.iter().find(|(name, _)| *name == local);
            keys.extend(known.into_iter().flat_map(|(_, keys)| keys.iter().cloned()));
        }
        keys
    };
    for (name, expr) in &rule.locals {
        let keys = follow(expr, &of_locals);
        of_locals.push((name.clone(), keys));
    }
    let mut all: Vec<UsedKey> = of_locals
        .iter()
        .flat_map(|(_, keys)| keys.iter().cloned())
        .collect();
    all.extend(rule.when.iter().flat_map(|expr| follow(expr, &of_locals)));
    for component in &mut rule.components {
        let quantity = follow(&component.quantity, &of_locals);
        for (key, _) in &quantity {
            if !component.usage_keys.contains(key) {
                component.usage_keys.push(key.clone());
            }
        }
        all.extend(quantity);
        for expr in [
            &component.when,
            &component.for_each,
            &component.name,
            &component.scale,
        ]
        .into_iter()
        .flatten()
        .chain([&component.price, &component.unit])
        {
            all.extend(follow(expr, &of_locals));
        }
    }
    all
}

fn read_example(block: &Block, sources: &SourceMap) -> Result<Example, Box<Diagnostic>> {
    only(&block.body.attributes, &["region", "usage", "expected"])?;
    let region = match block.body.attribute("region") {
        Some(attribute) => text(&attribute.value)?.to_string(),
        None => "us-east-1".to_owned(),
    };
    let Some(expected) = block.body.attribute("expected") else {
        return wrong("An example says what is expected.", block.header);
    };
    let ExprKind::Object(items) = &expected.value.kind else {
        return wrong("\"expected\" is an object of strings.", expected.value.span);
    };
    let mut lines = Vec::new();
    for (key, value) in items {
        let name = match key {
            ObjectKey::Name(name) => name.name.clone(),
            ObjectKey::Expr(expr) => text(expr)?,
        };
        lines.push((name.to_string(), text(value)?.to_string()));
    }
    // The Terraform is what is left when the example's own arguments are taken away, with its lines where they were.
    let whole = sources.text(block.body.span);
    let inside = whole.strip_prefix('{').unwrap_or(whole);
    let begin = block.body.span.start + (whole.len() - inside.len()) as u32;
    let mut source = inside.strip_suffix('}').unwrap_or(inside).to_owned();
    for attribute in &block.body.attributes {
        let (from, to) = (
            (attribute.span.start - begin) as usize,
            (attribute.span.end - begin) as usize,
        );
        if let Some(own) = source.get(from..to) {
            let blank: String = own.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            // Blanks have the bytes of what they replace only where that is ASCII.
            if own.is_ascii() {
                source.replace_range(from..to, &blank);
            } else {
                return wrong("The arguments of an example are plain ASCII.", attribute.span);
            }
        }
    }
    Ok(Example {
        region,
        usage: block
            .body
            .attribute("usage")
            .map(|attribute| attribute.value.clone()),
        expected: lines,
        source,
        line: sources.lines(block.header).0,
    })
}
