//! The `envdiff` block: in what environments are meant to differ.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobMatcher};
use tf_lang::Span;
use tf_lang::ast::{Attribute, Block, Expr, ExprKind, ObjectKey};
use tf_policy::suppress::{Date, parse_date};

use super::{Reader, SettingsError};

/// The `envdiff` block.
#[derive(Debug, Default)]
pub struct Envdiff {
    /// Environments from the first to the last that a change reaches.
    pub order: Vec<String>,
    /// Further words by which texts name an environment.
    pub names: BTreeMap<String, Vec<String>>,
    /// What is compared as it is written, though it names an environment.
    pub keep: Vec<String>,
    /// In the file's order.
    pub rules: Vec<Rule>,
}

/// What a rule does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum RuleKind {
    /// Differences are expected.
    Expect,
    /// Differences are expected in one direction, and forbidden in the other.
    Ordered,
    /// There must be no difference.
    Equal,
    /// Differences are forbidden.
    Forbid,
}

impl RuleKind {
    /// The block's type.
    pub fn as_str(self) -> &'static str {
        match self {
            RuleKind::Expect => "expect",
            RuleKind::Ordered => "ordered",
            RuleKind::Equal => "equal",
            RuleKind::Forbid => "forbid",
        }
    }
}

/// A rule: `expect "instance_class" { … }`.
#[derive(Debug)]
pub struct Rule {
    /// What it does.
    pub kind: RuleKind,
    /// What it is about, as written.
    pub labels: Vec<String>,
    /// What it is about.
    pub patterns: Vec<GlobMatcher>,
    /// Only in these layers; all where none is named.
    pub layers: Vec<String>,
    /// Only in these stacks.
    pub stacks: Vec<GlobMatcher>,
    /// Only where this holds; names of environments are their values. Of `ordered` the order: `prod >= staging >= dev`.
    pub condition: Option<Expr>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts.
    pub until: Option<(String, Date)>,
    /// The file's name.
    pub file: String,
    /// The block's line.
    pub line: u32,
}

impl Rule {
    /// How it is named to people: `expect "instance_class"`.
    pub fn name(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|label| format!("\"{label}\"")).collect();
        format!("{} {}", self.kind.as_str(), labels.join(" "))
    }
}

const LAYERS: [&str; 8] = [
    "variables",
    "modules",
    "providers",
    "resources",
    "attributes",
    "outputs",
    "policies",
    "cost",
];

const CATEGORIES: [&str; 8] = [
    "names", "arns", "accounts", "regions", "cidrs", "domains", "ids", "tags",
];

impl Reader {
    pub(super) fn envdiff(&self, block: &Block) -> Result<Envdiff, SettingsError> {
        if let Some(label) = block.labels.first() {
            return Err(self.wrong(label.span, "envdiff has no label: rules stand inside it"));
        }
        let mut envdiff = Envdiff::default();
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "order" => envdiff.order = self.texts(attribute)?,
                "names" => envdiff.names = self.words(attribute)?,
                "keep" => envdiff.keep = self.among(attribute, &CATEGORIES)?,
                _ => {
                    return Err(self.unknown(
                        attribute,
                        "order, names, keep, and blocks expect, ordered, equal, forbid",
                    ));
                }
            }
        }
        for inner in &block.body.blocks {
            let kind = match &*inner.kind.name {
                "expect" => RuleKind::Expect,
                "ordered" => RuleKind::Ordered,
                "equal" => RuleKind::Equal,
                "forbid" => RuleKind::Forbid,
                other => {
                    let message = format!(
                        "\"{other}\" is not a setting here: there are blocks expect, ordered, equal and forbid"
                    );
                    return Err(self.wrong(inner.header, message));
                }
            };
            envdiff.rules.push(self.rule(kind, inner)?);
        }
        Ok(envdiff)
    }

    fn rule(&self, kind: RuleKind, block: &Block) -> Result<Rule, SettingsError> {
        if block.labels.is_empty() {
            let message = format!(
                "{} says what it is about: {} \"instance_class\" {{ … }}",
                kind.as_str(),
                kind.as_str()
            );
            return Err(self.wrong(block.header, message));
        }
        if let Some(inner) = block.body.blocks.first() {
            return Err(self.wrong(
                inner.header,
                format!("there are no blocks inside {}", kind.as_str()),
            ));
        }
        let mut rule = Rule {
            kind,
            labels: Vec::new(),
            patterns: Vec::new(),
            layers: Vec::new(),
            stacks: Vec::new(),
            condition: None,
            reason: String::new(),
            owner: String::new(),
            until: None,
            file: self.sources.name(block.header.file).to_owned(),
            line: self.sources.lines(block.header).0,
        };
        for label in &block.labels {
            rule.labels.push(label.name.to_string());
            rule.patterns.push(self.glob(&label.name, label.span)?);
        }
        for attribute in &block.body.attributes {
            match (&*attribute.name.name, kind) {
                ("reason", _) => rule.reason = self.text(attribute)?,
                ("owner", _) => rule.owner = self.text(attribute)?,
                ("layers", _) => rule.layers = self.among(attribute, &LAYERS)?,
                ("stacks", _) => {
                    for stack in self.texts(attribute)? {
                        rule.stacks.push(self.glob(&stack, attribute.value.span)?);
                    }
                }
                ("until", _) => {
                    let text = self.text(attribute)?;
                    let date = parse_date(&text).ok_or_else(|| {
                        self.wrong(attribute.value.span, "until is a date of the form YYYY-MM-DD")
                    })?;
                    rule.until = Some((text, date));
                }
                ("when", RuleKind::Expect | RuleKind::Forbid) | ("order", RuleKind::Ordered) => {
                    rule.condition = Some(attribute.value.clone());
                }
                _ => {
                    let more = match kind {
                        RuleKind::Ordered => ", order",
                        RuleKind::Expect | RuleKind::Forbid => ", when",
                        RuleKind::Equal => "",
                    };
                    return Err(
                        self.unknown(attribute, &format!("reason, owner, until, layers, stacks{more}"))
                    );
                }
            }
        }
        for (name, value) in [("reason", &rule.reason), ("owner", &rule.owner)] {
            if value.trim().is_empty() {
                return Err(self.wrong(block.header, format!("{} needs \"{name}\"", rule.name())));
            }
        }
        Ok(rule)
    }

    /// Brackets and braces are part of addresses. A star stands for any part of a name, dots included.
    fn glob(&self, pattern: &str, span: Span) -> Result<GlobMatcher, SettingsError> {
        let mut escaped = String::new();
        for letter in pattern.chars() {
            if matches!(letter, '[' | ']' | '{' | '}') {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        let glob = GlobBuilder::new(&escaped).backslash_escape(true).build();
        Ok(glob
            .map_err(|error| self.wrong(span, error.to_string()))?
            .compile_matcher())
    }

    fn among(&self, attribute: &Attribute, known: &[&str]) -> Result<Vec<String>, SettingsError> {
        let texts = self.texts(attribute)?;
        match texts.iter().find(|text| !known.contains(&text.as_str())) {
            None => Ok(texts),
            Some(text) => Err(self.wrong(
                attribute.value.span,
                format!("\"{text}\" is none of {}", known.join(", ")),
            )),
        }
    }

    fn words(&self, attribute: &Attribute) -> Result<BTreeMap<String, Vec<String>>, SettingsError> {
        let wrong = || {
            let message = format!(
                "\"{}\" is a map of lists: {{ prod = [\"live\"] }}",
                attribute.name.name
            );
            self.wrong(attribute.value.span, message)
        };
        let ExprKind::Object(items) = &attribute.value.kind else {
            return Err(wrong());
        };
        let mut out = BTreeMap::new();
        for (key, value) in items {
            let ObjectKey::Name(name) = key else {
                return Err(wrong());
            };
            let ExprKind::Tuple(words) = &value.kind else {
                return Err(wrong());
            };
            let words: Option<Vec<String>> = words
                .iter()
                .map(|word| match &word.kind {
                    ExprKind::String(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect();
            out.insert(name.name.to_string(), words.ok_or_else(wrong)?);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::RuleKind;
    use crate::settings::Settings;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::parse("plumbline.hcl", text, Path::new("/x/plumbline.hcl"))
            .map_err(|error| error.to_string())
    }

    const WHOLE: &str = r#"
envdiff {
  order = ["dev", "staging", "prod"]
  names = { prod = ["live"] }
  keep  = ["cidrs"]

  expect "instance_class" "module.*.node_type" {
    reason = "r"
    owner  = "o"
    until  = "2027-01-31"
    stacks = ["data"]
    layers = ["attributes"]
    when   = prod != dev
  }

  ordered "multi_az" {
    order  = prod >= staging >= dev
    reason = "r"
    owner  = "o"
  }
}
"#;

    #[test]
    fn rules_are_read_with_their_places() {
        let envdiff = read(WHOLE).unwrap().envdiff;
        let kinds: Vec<(RuleKind, u32)> = envdiff.rules.iter().map(|rule| (rule.kind, rule.line)).collect();
        assert_eq!(kinds, [(RuleKind::Expect, 7), (RuleKind::Ordered, 16)]);
        let rule = &envdiff.rules[0];
        assert_eq!(rule.name(), "expect \"instance_class\" \"module.*.node_type\"");
        assert!(rule.patterns[1].is_match("module.redis.node_type"));
        assert_eq!(envdiff.names["prod"], ["live"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (from, to, want) in [
            (
                "reason = \"r\"\n    owner  = \"o\"\n    until",
                "owner = \"o\"\n    until",
                "7,3: expect \"instance_class\" \"module.*.node_type\" needs \"reason\"",
            ),
            ("2027-01-31", "soon", "YYYY-MM-DD"),
            ("[\"cidrs\"]", "[\"cidr\"]", "\"cidr\" is none of names"),
            ("[\"attributes\"]", "[\"attribute\"]", "is none of variables"),
            ("when ", "order ", "\"order\" is not a setting here"),
            ("ordered \"multi_az\"", "ordered", "says what it is about"),
            (
                "ordered",
                "sorted",
                "there are blocks expect, ordered, equal and forbid",
            ),
            ("names =", "name =", "\"name\" is not a setting here"),
        ] {
            let error = read(&WHOLE.replace(from, to)).unwrap_err();
            assert!(error.contains(want), "{from}: {error}");
        }
    }
}
