//! A policy as written, read from its block. The build script uses this file too.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tf_lang::ast::{Attribute, Block, Expr, ExprKind, ObjectKey, Step};
use tf_lang::eval::references;
use tf_lang::{Diagnostic, Late, SourceMap, Span};

/// Frameworks that a policy may name.
pub const FRAMEWORKS: [&str; 7] = [
    "cis_aws",
    "gdpr",
    "hipaa",
    "iso27001",
    "nist_800_53",
    "pci_dss",
    "soc2",
];

/// Severities, the least first.
pub const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];

/// What policies can ask of a change, in order: the attributes of `change`.
pub const CHANGE: [&str; 10] = [
    "actions",
    "address",
    "after",
    "before",
    "deposed",
    "importing",
    "previous_address",
    "reason",
    "replace_paths",
    "summary",
];

/// A policy.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Policy {
    /// Its id: `aws-rds-storage-encrypted`.
    pub id: Arc<str>,
    /// One line.
    pub title: String,
    /// `critical`, `high`, `medium`, `low` or `info`.
    pub severity: String,
    /// What it judges.
    pub subjects: Subjects,
    /// Whether it judges what a plan does to its subjects and not what they are: its expressions refer to `change`.
    pub judges_changes: bool,
    /// Ids by which Checkov knows it.
    pub checkov: Vec<String>,
    /// Ids by which Trivy knows it.
    pub trivy: Vec<String>,
    /// Controls by framework.
    pub frameworks: BTreeMap<String, Vec<String>>,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// What is evaluated.
    pub rule: Late<Rule>,
    /// The attribute to blame: given, or the first that the condition reads; for changes only where it is given.
    pub attribute: Option<Arc<str>>,
    /// Its tests.
    pub examples: Late<Vec<Example>>,
    /// Where it is written: file and line.
    pub place: (String, u32),
}

/// The expressions of a policy.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Where it is false the policy does not apply.
    pub when: Option<Expr>,
    /// What must hold.
    pub condition: Expr,
    /// What to say of a failure.
    pub message: Option<Expr>,
}

/// A rule that nothing satisfies: null counts as false.
impl Default for Rule {
    fn default() -> Rule {
        Rule {
            when: None,
            condition: Expr {
                kind: ExprKind::Null,
                span: Span::default(),
            },
            message: None,
        }
    }
}

/// What a policy judges.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Subjects {
    /// Types of managed resources; `*` for all.
    pub resource: Vec<Arc<str>>,
    /// Types of data sources.
    pub data: Vec<Arc<str>>,
    /// Local names of providers.
    pub provider: Vec<Arc<str>>,
    /// Module calls.
    pub module: bool,
}

/// What an example has to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Expected {
    /// All subjects pass.
    Pass,
    /// At least one fails.
    Fail,
    /// At least one is unknown, none fails.
    Unknown,
}

/// A piece of Terraform with what the policy says of it. That of a policy that judges changes has blocks `before`, `after`
/// and `deposed` around it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Example {
    /// What it has to show.
    pub expected: Expected,
    /// The Terraform.
    pub source: String,
}

fn wrong<T>(detail: impl Into<String>, span: Span) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::error("Invalid policy", detail, span)))
}

/// All policies of a file.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(blocks: &[Block], sources: &SourceMap) -> Result<Vec<Policy>, Box<Diagnostic>> {
    blocks
        .iter()
        .map(|block| match (&*block.kind.name, block.labels.as_slice()) {
            ("policy", [id]) => read_policy(block, &id.name, sources),
            ("policy", _) => wrong("A policy has one label, its id.", block.header),
            (other, _) => wrong(
                format!("There are only \"policy\" blocks in a file of policies, not \"{other}\"."),
                block.header,
            ),
        })
        .collect()
}

const ATTRIBUTES: [&str; 15] = [
    "title",
    "severity",
    "resource",
    "data",
    "provider",
    "module",
    "checkov",
    "trivy",
    "frameworks",
    "why",
    "fix",
    "when",
    "condition",
    "message",
    "attribute",
];

fn read_policy(block: &Block, id: &Arc<str>, sources: &SourceMap) -> Result<Policy, Box<Diagnostic>> {
    if id.is_empty()
        || !id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    {
        return wrong(
            "A policy's id has lower-case letters, digits and hyphens.",
            block.header,
        );
    }
    if let Some(unknown) = block
        .body
        .attributes
        .iter()
        .find(|attribute| !ATTRIBUTES.contains(&&*attribute.name.name))
    {
        let detail = format!(
            "A policy has no argument \"{}\"; it has {}.",
            unknown.name.name,
            ATTRIBUTES.join(", ")
        );
        return wrong(detail, unknown.name.span);
    }
    let find = |name: &str| block.body.attribute(name);
    let required = |name: &str| match find(name) {
        Some(attribute) => text(attribute),
        None => wrong(format!("The policy \"{id}\" lacks \"{name}\"."), block.header),
    };
    let severity = required("severity")?;
    if !SEVERITIES.contains(&severity.as_str()) {
        return wrong(
            format!("The severity is one of {}.", SEVERITIES.join(", ")),
            block.header,
        );
    }
    let subjects = Subjects {
        resource: texts(find("resource"))?.into_iter().map(Into::into).collect(),
        data: texts(find("data"))?.into_iter().map(Into::into).collect(),
        provider: texts(find("provider"))?.into_iter().map(Into::into).collect(),
        module: matches!(find("module").map(|a| &a.value.kind), Some(ExprKind::Bool(true))),
    };
    if subjects == Subjects::default() {
        return wrong(
            format!("The policy \"{id}\" judges nothing: give it resource, data, provider or module."),
            block.header,
        );
    }
    let Some(condition) = find("condition") else {
        return wrong(format!("The policy \"{id}\" lacks \"condition\"."), block.header);
    };
    let expressions = ["when", "condition", "message"]
        .iter()
        .filter_map(|name| Some(&find(name)?.value));
    let judges_changes = reads_change(expressions)?;
    let others = Subjects {
        resource: Vec::new(),
        ..subjects.clone()
    };
    if judges_changes && others != Subjects::default() {
        return wrong(
            format!(
                "The policy \"{id}\" judges changes, which only resources have: it takes only \"resource\"."
            ),
            block.header,
        );
    }
    let attribute = match find("attribute") {
        Some(attribute) => Some(text(attribute)?.into()),
        None if judges_changes => None,
        None => first_attribute(&condition.value).map(Arc::from),
    };
    Ok(Policy {
        id: id.clone(),
        title: required("title")?,
        severity,
        subjects,
        judges_changes,
        checkov: texts(find("checkov"))?,
        trivy: texts(find("trivy"))?,
        frameworks: frameworks(find("frameworks"))?,
        why: required("why")?,
        fix: required("fix")?,
        rule: Rule {
            when: find("when").map(|attribute| attribute.value.clone()),
            condition: condition.value.clone(),
            message: find("message").map(|attribute| attribute.value.clone()),
        }
        .into(),
        attribute,
        examples: examples(block, judges_changes, sources)?.into(),
        place: (
            sources.name(block.span.file).to_owned(),
            sources.lines(block.header).0,
        ),
    })
}

fn examples(
    block: &Block,
    judges_changes: bool,
    sources: &SourceMap,
) -> Result<Vec<Example>, Box<Diagnostic>> {
    let each = block.body.blocks.iter().map(|example| {
        let expected = match &*example.kind.name {
            "pass" => Expected::Pass,
            "fail" => Expected::Fail,
            "unknown" => Expected::Unknown,
            other => {
                let detail =
                    format!("A policy has blocks \"pass\", \"fail\" and \"unknown\", not \"{other}\".");
                return wrong(detail, example.header);
            }
        };
        if judges_changes {
            check_worlds(example)?;
        }
        Ok(Example {
            expected,
            source: dedent(sources.text(example.body.span)),
        })
    });
    each.collect()
}

/// The blocks of an example of a policy that judges changes.
pub const WORLDS: [&str; 3] = ["before", "after", "deposed"];

/// The attributes in such an example that force a replacement where they change.
pub const FORCES_REPLACEMENT: &str = "forces_replacement";

fn check_worlds(example: &Block) -> Result<(), Box<Diagnostic>> {
    let body = &example.body;
    for (at, world) in body.blocks.iter().enumerate() {
        let name = &*world.kind.name;
        if !WORLDS.contains(&name) || !world.labels.is_empty() {
            let detail = format!(
                "The examples of a policy that judges changes have blocks \"before\", \"after\" and \"deposed\" with \
                 Terraform in them, not \"{name}\"."
            );
            return wrong(detail, world.header);
        }
        if body.blocks.iter().take(at).any(|other| *other.kind.name == *name) {
            return wrong(
                format!("An example has one block \"{name}\" at most."),
                world.header,
            );
        }
    }
    if body.blocks.is_empty() {
        return wrong(
            "The examples of a policy that judges changes have a block \"before\", \"after\" or \"deposed\".",
            example.header,
        );
    }
    for attribute in &body.attributes {
        if &*attribute.name.name != FORCES_REPLACEMENT {
            let detail = format!(
                "Such an example has no argument \"{}\", only \"{FORCES_REPLACEMENT}\".",
                attribute.name.name
            );
            return wrong(detail, attribute.name.span);
        }
    }
    texts(body.attribute(FORCES_REPLACEMENT)).map(drop)
}

/// Whether expressions refer to `change`.
fn reads_change<'e>(expressions: impl Iterator<Item = &'e Expr>) -> Result<bool, Box<Diagnostic>> {
    let mut reads = false;
    let mut first_wrong = None;
    for expr in expressions {
        references(expr, &mut |reference| {
            if &*reference.root.name != "change" {
                return;
            }
            reads = true;
            let detail = match reference.steps.first() {
                Some(Step::Attr(name)) if CHANGE.contains(&&*name.name) => return,
                Some(Step::Attr(name)) => format!("A change has no attribute \"{}\"", name.name),
                _ => "Only attributes of the change can be read".to_owned(),
            };
            first_wrong.get_or_insert((
                format!("{detail}; it has {}.", CHANGE.join(", ")),
                reference.root.span,
            ));
        });
    }
    match first_wrong {
        Some((detail, span)) => wrong(detail, span),
        None => Ok(reads),
    }
}

/// A text without the indentation that all its lines share.
fn dedent(text: &str) -> String {
    let text = text.trim_matches(['{', '}']);
    let shared = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.get(shared..).unwrap_or_default().trim_end());
    let joined = lines.collect::<Vec<_>>().join("\n");
    format!("{}\n", joined.trim_matches('\n'))
}

fn text(attribute: &Attribute) -> Result<String, Box<Diagnostic>> {
    match &attribute.value.kind {
        ExprKind::String(text) => Ok(text.trim().to_owned()),
        _ => wrong(
            format!("\"{}\" is a plain string.", attribute.name.name),
            attribute.value.span,
        ),
    }
}

/// A list of plain strings; empty where it is not there.
///
/// # Errors
/// Where it is anything else.
pub(crate) fn texts(attribute: Option<&Attribute>) -> Result<Vec<String>, Box<Diagnostic>> {
    let Some(attribute) = attribute else {
        return Ok(Vec::new());
    };
    let plain = match &attribute.value.kind {
        ExprKind::Tuple(items) => items
            .iter()
            .map(|item| match &item.kind {
                ExprKind::String(text) => Some(text.to_string()),
                _ => None,
            })
            .collect::<Option<Vec<String>>>(),
        _ => None,
    };
    match plain {
        Some(texts) => Ok(texts),
        None => wrong(
            format!("\"{}\" is a list of plain strings.", attribute.name.name),
            attribute.value.span,
        ),
    }
}

fn frameworks(attribute: Option<&Attribute>) -> Result<BTreeMap<String, Vec<String>>, Box<Diagnostic>> {
    let Some(attribute) = attribute else {
        return Ok(BTreeMap::new());
    };
    let ExprKind::Object(items) = &attribute.value.kind else {
        return wrong(
            "\"frameworks\" is an object of lists of strings.",
            attribute.value.span,
        );
    };
    let mut out = BTreeMap::new();
    for (key, value) in items {
        let ObjectKey::Name(name) = key else {
            return wrong("The names of frameworks are plain words.", key.span());
        };
        let ExprKind::Tuple(controls) = &value.kind else {
            return wrong("A framework's controls are a list of plain strings.", value.span);
        };
        let controls = controls.iter().map(|control| match &control.kind {
            ExprKind::String(text) => Ok(text.to_string()),
            _ => wrong("A framework's controls are a list of plain strings.", value.span),
        });
        out.insert(name.name.to_string(), controls.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(out)
}

/// The first attribute of `self` that an expression reads, as a dotted path.
fn first_attribute(expr: &Expr) -> Option<String> {
    self_attributes(expr).into_iter().next()
}

/// The attributes of `self` that an expression reads, as dotted paths, in order.
pub fn self_attributes(expr: &Expr) -> Vec<String> {
    let mut paths = Vec::new();
    references(expr, &mut |reference| {
        if &*reference.root.name != "self" {
            return;
        }
        let names: Vec<&str> = reference
            .steps
            .iter()
            .map_while(|step| match step {
                Step::Attr(name) => Some(&*name.name),
                Step::Index(..) | Step::Splat(_) => None,
            })
            .collect();
        if !names.is_empty() {
            paths.push(names.join("."));
        }
    });
    paths
}
