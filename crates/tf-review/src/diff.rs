//! The differences between two values, as a person reads them.
//!
//! Documents inside of texts (JSON) are compared by their structure, lists whose order alone changed are the same, long texts are
//! compared by line, and null is the same as what is empty.

use std::borrow::Cow;

use similar::{ChangeTag, TextDiff};
use tf_lang::Value;
use tf_lang::value::Marks;

use crate::mask::{HIDDEN, Mask};

/// One attribute that differs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Difference {
    /// Where: `tags["a"]`, `ingress[0].from_port`, `policy.Statement[1].Action`.
    pub path: String,
    /// How.
    pub change: Change,
}

/// How an attribute differs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Change {
    /// It was not there.
    Added(Shown),
    /// It is there no more.
    Removed(Shown),
    /// It was something else.
    Changed(Shown, Shown),
    /// Lines of a text.
    Lines(Vec<Line>),
}

/// A value in a form that may be shown.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Shown {
    /// As JSON, or a text in quotes; secrets in it are hidden.
    Value(String),
    /// It must not be shown.
    Sensitive,
    /// It is not known yet; what it waits for.
    Unknown(String),
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Shown::Value(text) => text,
            Shown::Sensitive => HIDDEN,
            Shown::Unknown(_) => "(known after apply)",
        })
    }
}

/// A line of a text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Line {
    /// In the new text only.
    Added(String),
    /// In the old text only.
    Removed(String),
    /// In both, beside one that changed.
    Kept(String),
    /// Lines in both that are left out: how many.
    Left(usize),
}

/// Lines shown before and after one that changed.
const AROUND: usize = 1;

/// Deeper than this, values are shown whole.
const DEEPEST: usize = 24;

/// What differs between two values of a resource, in order of attributes.
pub fn differences(before: &Value, after: &Value, mask: &Mask) -> Vec<Difference> {
    let mut found = Vec::new();
    Walk {
        mask,
        found: &mut found,
    }
    .values(&mut Vec::new(), before, after);
    found
}

struct Walk<'w> {
    mask: &'w Mask,
    found: &'w mut Vec<Difference>,
}

/// Two elements of lists that are compared, and the place that they are shown at.
struct Pair<'v> {
    at: usize,
    old: Option<&'v Value>,
    new: Option<&'v Value>,
}

/// Where the walk is: names and places, as they are shown.
type Path = Vec<String>;

impl Walk<'_> {
    fn values(&mut self, path: &mut Path, before: &Value, after: &Value) {
        if same(before, after) {
            return;
        }
        let sensitive = is_sensitive(before) || is_sensitive(after);
        if sensitive || path.len() >= DEEPEST {
            self.whole(path, before, after);
            return;
        }
        if let (Some(old), Some(new)) = (before.as_entries(), after.as_entries()) {
            for (name, old, new) in old.beside(new) {
                let (old, new) = (old.unwrap_or(&Value::NULL), new.unwrap_or(&Value::NULL));
                if is_one(old, new) {
                    continue;
                }
                path.push(step(name, path.is_empty()));
                self.values(path, old, new);
                path.pop();
            }
            return;
        }
        if let (Some(old), Some(new)) = (before.as_items(), after.as_items()) {
            self.items(path, old, new);
            return;
        }
        if let (Some(old), Some(new)) = (before.as_str(), after.as_str()) {
            if let (Some(old), Some(new)) = (document(old), document(new)) {
                self.values(path, &old, &new);
                return;
            }
            if old.contains('\n') || new.contains('\n') {
                self.lines(path, old, new);
                return;
            }
        }
        self.whole(path, before, after);
    }

    /// Elements that both lists have are the same wherever they stand; the others are paired where they are one thing by name,
    /// or alone on both sides.
    fn items(&mut self, path: &mut Path, old: &[Value], new: &[Value]) {
        let mut gone: Vec<(usize, &Value)> = old.iter().enumerate().collect();
        let mut come: Vec<(usize, &Value)> = Vec::new();
        for (at, value) in new.iter().enumerate() {
            match gone.iter().position(|(_, other)| same(other, value)) {
                Some(found) => drop(gone.remove(found)),
                None => come.push((at, value)),
            }
        }
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for (at, value) in come {
            let named = gone.iter().position(|(_, other)| is_one_thing(other, value));
            let old = named.map(|found| gone.remove(found).1);
            pairs.push(Pair {
                at,
                old,
                new: Some(value),
            });
        }
        let mut alone = pairs.iter_mut().filter(|pair| pair.old.is_none());
        if let (Some(pair), None, [(_, other)]) = (alone.next(), alone.next(), gone.as_slice()) {
            pair.old = Some(other);
            gone.clear();
        }
        pairs.extend(gone.into_iter().map(|(at, value)| Pair {
            at,
            old: Some(value),
            new: None,
        }));
        for Pair { at, old, new } in pairs {
            path.push(format!("[{at}]"));
            self.values(path, old.unwrap_or(&Value::NULL), new.unwrap_or(&Value::NULL));
            path.pop();
        }
    }

    fn lines(&mut self, path: &Path, old: &str, new: &str) {
        let name = name_of(path);
        let diff = TextDiff::from_lines(old, new);
        let mut lines = Vec::new();
        let mut end = 0;
        for group in diff.grouped_ops(AROUND) {
            let start = group.first().map_or(end, |op| op.old_range().start);
            if start > end {
                lines.push(Line::Left(start - end));
            }
            end = group.last().map_or(end, |op| op.old_range().end);
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                // Each line is masked by itself: a secret must not be shown because its neighbours are harmless.
                let text = self
                    .mask
                    .text(name, change.value().trim_end_matches(['\n', '\r']))
                    .into_owned();
                lines.push(match change.tag() {
                    ChangeTag::Insert => Line::Added(text),
                    ChangeTag::Delete => Line::Removed(text),
                    ChangeTag::Equal => Line::Kept(text),
                });
            }
        }
        let total = old.lines().count();
        if total > end {
            lines.push(Line::Left(total - end));
        }
        self.push(path, Change::Lines(lines));
    }

    fn whole(&mut self, path: &Path, before: &Value, after: &Value) {
        let name = name_of(path);
        let change = match (is_empty(before), is_empty(after)) {
            (true, _) => Change::Added(shown(name, after, self.mask)),
            (_, true) => Change::Removed(shown(name, before, self.mask)),
            _ => Change::Changed(shown(name, before, self.mask), shown(name, after, self.mask)),
        };
        self.push(path, change);
    }

    fn push(&mut self, path: &Path, change: Change) {
        self.found.push(Difference {
            path: path.concat(),
            change,
        });
    }
}

/// A step as it stands in a path.
fn step(name: &str, first: bool) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') && !name.is_empty();
    match (plain, first) {
        (true, true) => name.to_owned(),
        (true, false) => format!(".{name}"),
        (false, _) => format!("[{}]", serde_json::Value::from(name)),
    }
}

/// The last name in a path.
fn name_of(path: &Path) -> &str {
    let name = path
        .iter()
        .rev()
        .find(|step| step.starts_with("[\"") || !step.starts_with('['));
    name.map_or("", |step| {
        step.trim_start_matches('.').trim_matches(['[', ']', '"'])
    })
}

fn is_sensitive(value: &Value) -> bool {
    value.marks().contains(Marks::SENSITIVE)
}

/// Null, and what is empty.
fn is_empty(value: &Value) -> bool {
    value.is_null()
        || value.as_str().is_some_and(str::is_empty)
        || value.as_items().is_some_and(<[Value]>::is_empty)
        || value
            .as_entries()
            .is_some_and(|entries| entries.iter().all(|(_, inner)| is_empty(inner)))
}

/// Whether two values are one, of which nothing waits to be known: most attributes of what changes.
fn is_one(a: &Value, b: &Value) -> bool {
    a.is_one_with(b) && a.is_wholly_known()
}

/// Whether a reader would call two values the same.
fn same(a: &Value, b: &Value) -> bool {
    if is_one(a, b) {
        return true;
    }
    if !a.is_known() || !b.is_known() {
        return false;
    }
    if is_empty(a) && is_empty(b) {
        return true;
    }
    if let (Some(a), Some(b)) = (a.as_entries(), b.as_entries()) {
        return a.beside(b).all(|entry| match entry {
            (_, Some(a), Some(b)) => same(a, b),
            (_, one, other) => one.or(other).is_none_or(is_empty),
        });
    }
    if let (Some(a), Some(b)) = (a.as_items(), b.as_items()) {
        if a.len() != b.len() {
            return false;
        }
        let mut left: Vec<&Value> = b.iter().collect();
        return a
            .iter()
            .all(|value| match left.iter().position(|other| same(value, other)) {
                Some(at) => {
                    left.swap_remove(at);
                    true
                }
                None => false,
            });
    }
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
        return a == b || matches!((document(a), document(b)), (Some(a), Some(b)) if same_document(&a, &b));
    }
    a.equals_known(b)
}

/// In policies, which most documents are, one text and a list of it alone are the same.
fn same_document(a: &Value, b: &Value) -> bool {
    match (a.as_items(), b.as_items()) {
        (Some([one]), None) => same_document(one, b),
        (None, Some([one])) => same_document(a, one),
        _ => match (a.as_entries(), b.as_entries()) {
            (Some(a), Some(b)) => {
                a.iter().count() == b.iter().count()
                    && a.iter()
                        .all(|(name, value)| b.get(name).is_some_and(|other| same_document(value, other)))
            }
            _ => match (a.as_items(), b.as_items()) {
                (Some(a), Some(b)) if a.len() == b.len() => {
                    let mut left: Vec<&Value> = b.iter().collect();
                    a.iter().all(
                        |value| match left.iter().position(|other| same_document(value, other)) {
                            Some(at) => {
                                left.swap_remove(at);
                                true
                            }
                            None => false,
                        },
                    )
                }
                _ => same(a, b),
            },
        },
    }
}

/// Whether two elements of a list stand for one thing: they share the name that lists of AWS go by.
fn is_one_thing(a: &Value, b: &Value) -> bool {
    const NAMES: [&str; 12] = [
        "name",
        "Name",
        "id",
        "Id",
        "Sid",
        "sid",
        "key",
        "Key",
        "rule_id",
        "device_name",
        "path",
        "priority",
    ];
    let (Some(a), Some(b)) = (a.as_entries(), b.as_entries()) else {
        return false;
    };
    NAMES.iter().any(|name| match (a.get(name), b.get(name)) {
        (Some(a), Some(b)) => !is_empty(a) && a.is_known() && b.is_known() && a.equals_known(b),
        _ => false,
    })
}

/// The document that a text is, where it is an object or a list in JSON.
fn document(text: &str) -> Option<Value> {
    text.trim_start().starts_with(['{', '[']).then_some(())?;
    tf_model::plan::read_value(text).ok()
}

/// A value as it may be shown.
fn shown(name: &str, value: &Value, mask: &Mask) -> Shown {
    if is_sensitive(value) {
        return Shown::Sensitive;
    }
    if let Some(unknown) = value.as_unknown() {
        let reasons: Vec<String> = unknown.reasons.iter().map(ToString::to_string).collect();
        return Shown::Unknown(reasons.join(", "));
    }
    Shown::Value(json(name, value, mask).to_string())
}

fn json(name: &str, value: &Value, mask: &Mask) -> serde_json::Value {
    if is_sensitive(value) {
        return HIDDEN.into();
    }
    if !value.is_known() {
        return "(known after apply)".into();
    }
    if let Some(text) = value.as_str() {
        let text: Cow<'_, str> = mask.text(name, text);
        return text.as_ref().into();
    }
    if let Some(flag) = value.as_bool() {
        return flag.into();
    }
    if let Some(number) = value.as_number() {
        let text = number.to_string();
        return match mask.text(name, &text) {
            hidden if hidden != text => hidden.as_ref().into(),
            _ => serde_json::from_str(&text).unwrap_or_else(|_| text.into()),
        };
    }
    if let Some(items) = value.as_items() {
        return items.iter().map(|item| json(name, item, mask)).collect();
    }
    match value.as_entries() {
        Some(entries) => entries
            .iter()
            .filter(|(_, inner)| !inner.is_null())
            .map(|(name, inner)| (name.to_string(), json(name, inner, mask)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        None => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_lang::Type;
    use tf_lang::value::Reason;

    fn value(json: &str) -> Value {
        tf_model::plan::read_value(json).unwrap()
    }

    /// The differences as a reader would note them down.
    fn diff(before: &str, after: &str) -> Vec<String> {
        note(&value(before), &value(after), &Mask::new([]))
    }

    fn note(before: &Value, after: &Value, mask: &Mask) -> Vec<String> {
        let note = |found: Difference| match found.change {
            Change::Added(new) => format!("+ {} {new}", found.path),
            Change::Removed(old) => format!("- {} {old}", found.path),
            Change::Changed(old, new) => format!("~ {} {old} -> {new}", found.path),
            Change::Lines(lines) => {
                let lines: Vec<String> = lines
                    .into_iter()
                    .map(|line| match line {
                        Line::Added(text) => format!("+{text}"),
                        Line::Removed(text) => format!("-{text}"),
                        Line::Kept(text) => format!(" {text}"),
                        Line::Left(count) => format!("@{count}"),
                    })
                    .collect();
                format!("~ {} {}", found.path, lines.join("|"))
            }
        };
        differences(before, after, mask).into_iter().map(note).collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn attributes_and_keys_are_named_as_in_the_configuration() {
        assert_eq!(
            diff(
                r#"{"a": 1, "b": true, "tags": {"x": "1", "a b": "c"}, "gone": "g"}"#,
                r#"{"a": 2, "b": true, "tags": {"x": "2", "a b": "d"}, "new": [1]}"#
            ),
            [
                "~ a 1 -> 2",
                "- gone \"g\"",
                "+ new [1]",
                "~ tags[\"a b\"] \"c\" -> \"d\"",
                "~ tags.x \"1\" -> \"2\"",
            ]
        );
    }

    #[test]
    fn what_a_reader_calls_the_same_is_the_same() {
        assert_eq!(
            diff(
                r#"{"a": null, "b": [], "c": "", "d": {"e": null}}"#,
                r#"{"b": null, "c": [], "d": {}}"#
            ),
            NONE
        );
        assert_eq!(
            diff(
                r#"{"subnets": ["a", "b", "c"]}"#,
                r#"{"subnets": ["c", "a", "b"]}"#
            ),
            NONE
        );
        assert_eq!(diff(r#"{"n": 1}"#, r#"{"n": 1.0}"#), NONE);
        let before = r#"{"policy": "{\"Statement\": [{\"Action\": \"s3:*\", \"Effect\": \"Allow\"}], \"Version\": \"2012-10-17\"}"}"#;
        let after = r#"{"policy": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":[\"s3:*\"]}}"}"#;
        assert_eq!(diff(before, after), NONE);
        // But not where nothing says that it is a document.
        assert_eq!(diff(r#"{"a": "x"}"#, r#"{"a": ["x"]}"#), ["~ a \"x\" -> [\"x\"]"]);
        assert_eq!(
            diff(r#"{"a": ["x", "x", "y"]}"#, r#"{"a": ["x", "y", "y"]}"#),
            ["~ a[2] \"x\" -> \"y\""]
        );
    }

    #[test]
    fn documents_are_compared_by_structure() {
        let before = r#"{"policy": "{\"Statement\": [{\"Sid\": \"A\", \"Action\": [\"s3:Get\"]}, {\"Sid\": \"B\", \"Effect\": \"Deny\"}]}"}"#;
        let after = r#"{"policy": "{\"Statement\": [{\"Sid\": \"B\", \"Effect\": \"Allow\"}, {\"Sid\": \"A\", \"Action\": [\"s3:Get\", \"s3:Put\"]}]}"}"#;
        assert_eq!(
            diff(before, after),
            [
                "~ policy.Statement[0].Effect \"Deny\" -> \"Allow\"",
                "+ policy.Statement[1].Action[1] \"s3:Put\"",
            ]
        );
    }

    #[test]
    fn elements_are_paired_where_they_are_one_thing() {
        let before = r#"{"rule": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]}"#;
        let after = r#"{"rule": [{"name": "b", "port": 3}, {"name": "c", "port": 4}]}"#;
        assert_eq!(
            diff(before, after),
            [
                "~ rule[0].port 2 -> 3",
                "~ rule[1].name \"a\" -> \"c\"",
                "~ rule[1].port 1 -> 4",
            ]
        );
    }

    #[test]
    fn long_texts_are_compared_by_line() {
        let before = "a\\nb\\nc\\nd\\ne\\nf\\n";
        let after = "a\\nb\\nc\\nD\\ne\\nf\\n";
        assert_eq!(
            diff(
                &format!("{{\"t\": \"{before}\"}}"),
                &format!("{{\"t\": \"{after}\"}}")
            ),
            ["~ t @2| c|-d|+D| e|@1"]
        );
    }

    #[test]
    fn secrets_are_told_to_differ_and_not_shown() {
        let secret =
            |text: &str| Value::object([("password".into(), Value::from(text).with_marks(Marks::SENSITIVE))]);
        let mask = Mask::new(["hunter-two"]);
        assert_eq!(
            note(&secret("hunter-one"), &secret("hunter-two"), &mask),
            ["~ password (sensitive value) -> (sensitive value)"]
        );
        assert_eq!(note(&secret("hunter-two"), &secret("hunter-two"), &mask), NONE);
        let plain = |text: &str| {
            value(&format!(
                "{{\"env\": {{\"DSN\": \"{text}\"}}, \"script\": \"a\\np={text}\\n\"}}"
            ))
        };
        assert_eq!(
            note(&plain("hunter-two"), &plain("changed"), &mask),
            [
                "~ env.DSN \"(sensitive value)\" -> \"changed\"",
                "~ script  a|-p=(sensitive value)|+p=changed",
            ]
        );
    }

    #[test]
    fn what_is_not_known_yet_says_what_it_waits_for() {
        let waits = Value::unknown(Type::String, Reason::KnownAfterApply("aws_kms_key.a.arn".into()));
        let after = Value::object([("key".into(), waits)]);
        let found = differences(&value(r#"{"key": "old"}"#), &after, &Mask::new([]));
        let [
            Difference {
                path,
                change: Change::Changed(_, Shown::Unknown(reason)),
            },
        ] = found.as_slice()
        else {
            panic!("{found:?}");
        };
        assert_eq!(path, "key");
        assert!(reason.contains("aws_kms_key.a.arn"), "{reason}");
    }
}
