//! Values of several environments side by side, down to the parts that differ.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use tf_lang::Value;
use tf_lang::value::{Kind, Marks, Reason};

use crate::normalise::{Category, Normaliser};
use crate::value::{Held, Path, Seg};

/// What one environment has, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot<'v> {
    /// Not compared.
    Out,
    /// Nothing.
    Absent,
    /// A value.
    Has(&'v Value),
}

impl<'v> Slot<'v> {
    pub(crate) fn value(self) -> Option<&'v Value> {
        match self {
            Slot::Has(value) => Some(value),
            _ => None,
        }
    }

    /// Null, an empty collection and nothing mean the same.
    fn is_nothing(self) -> bool {
        match self {
            Slot::Out => false,
            Slot::Absent => true,
            Slot::Has(value) => match value.kind() {
                Kind::Null(_) => true,
                Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.is_empty(),
                Kind::Map(_, entries) | Kind::Object(entries) => entries.is_empty(),
                _ => false,
            },
        }
    }

    fn held(self) -> Held {
        match self {
            Slot::Out => Held::Out,
            Slot::Absent => Held::Absent,
            Slot::Has(value) => Held::Has(value.clone()),
        }
    }
}

/// A part of a value that differs.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where it is.
    pub path: Path,
    /// By environment.
    pub values: Vec<Held>,
}

/// A comparison, and what it has found so far.
pub(crate) struct Comparison<'n> {
    normaliser: &'n Normaliser,
    /// Whether some of the values are of plans or states, where unknown means another thing.
    later: bool,
    /// What differs.
    pub(crate) parts: Vec<Part>,
    /// What is left out, and why.
    pub(crate) left_out: Vec<(Part, Category)>,
    /// How many parts have been compared.
    pub(crate) compared: usize,
    /// How many of them are equal because in each environment they wait for the same thing.
    pub(crate) waiting: usize,
    /// By environment: the address of what is compared, where they are not the same.
    pub(crate) own: Vec<Option<String>>,
    /// By environment: the resource that is compared. That it waits for itself is no news.
    pub(crate) itself: Vec<Option<Arc<str>>>,
    /// By environment, where others are no states: whether it is one. Providers write `""`, `0` and `false` there for what nobody has
    /// set.
    pub(crate) states: Vec<bool>,
    path: Vec<Seg>,
}

impl<'n> Comparison<'n> {
    pub(crate) fn new(normaliser: &'n Normaliser, later: bool) -> Comparison<'n> {
        Comparison {
            normaliser,
            later,
            parts: Vec::new(),
            left_out: Vec::new(),
            compared: 0,
            waiting: 0,
            own: Vec::new(),
            itself: Vec::new(),
            states: Vec::new(),
            path: Vec::new(),
        }
    }

    /// Compares one value of each environment.
    pub(crate) fn values(&mut self, slots: &[Slot<'_>]) {
        if all_same(slots) {
            self.compared += 1;
            return;
        }
        let nothing = slots.iter().any(|slot| slot.is_nothing());
        if slots
            .iter()
            .all(|slot| slot.is_nothing() || matches!(slot, Slot::Out))
        {
            self.compared += 1;
            return;
        }
        let secret = slots
            .iter()
            .filter_map(|slot| slot.value())
            .any(|value| !value.marks().is_empty());
        if secret || nothing {
            return self.leaf(slots);
        }
        // Texts that stand for a structure are compared as that.
        let structures: Option<Vec<Option<Value>>> = slots.iter().map(|slot| structure(*slot)).collect();
        if let Some(structures) = structures.filter(|structures| structures.iter().any(Option::is_some)) {
            let slots: Vec<Slot<'_>> = structures
                .iter()
                .map(|value| value.as_ref().map_or(Slot::Out, Slot::Has))
                .collect();
            return self.values(&slots);
        }
        let have = |test: fn(&Value) -> bool| slots.iter().filter_map(|slot| slot.value()).all(test);
        if have(|value| value.as_entries().is_some()) {
            return self.entries(slots);
        }
        let scalars = |value: &Value| value.children().all(|child| child.children().next().is_none());
        if have(|value| value.as_items().is_some()) && !have(scalars) {
            return self.items(slots);
        }
        self.leaf(slots);
    }

    fn entries(&mut self, slots: &[Slot<'_>]) {
        let mut names: BTreeMap<Arc<str>, Vec<Option<Arc<str>>>> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for (environment, slot) in slots.iter().enumerate() {
            let entries = slot.value().and_then(Value::as_entries);
            for (name, _) in entries.iter().flat_map(|entries| entries.iter()) {
                let row = names
                    .entry(name.clone())
                    .or_insert_with(|| vec![None; slots.len()]);
                if let Some(own) = row.get_mut(environment) {
                    *own = Some(name.clone());
                }
            }
        }
        // Keys that are not everywhere may name the environment: they are the same without that.
        let compared: Vec<bool> = slots.iter().map(|slot| slot.value().is_some()).collect();
        let everywhere = |row: &[Option<Arc<str>>]| {
            row.iter()
                .zip(&compared)
                .all(|(own, compared)| own.is_some() || !compared)
        };
        if names.values().any(|row| !everywhere(row)) {
            let mut plain: BTreeMap<Arc<str>, Vec<Option<Arc<str>>>> = BTreeMap::new();
            for (name, row) in names {
                if everywhere(&row) {
                    plain.insert(name, row);
                    continue;
                }
                for (environment, own) in row.into_iter().enumerate() {
                    let Some(own) = own else { continue };
                    let text: Arc<str> = self
                        .normaliser
                        .text(environment, &own, &mut taken)
                        .as_ref()
                        .into();
                    let row = plain.entry(text).or_insert_with(|| vec![None; slots.len()]);
                    match row.get_mut(environment) {
                        Some(slot) if slot.is_none() => *slot = Some(own),
                        // Two keys become one: each stays what it is.
                        _ => {
                            let mut row = vec![None; slots.len()];
                            if let Some(slot) = row.get_mut(environment) {
                                *slot = Some(own.clone());
                            }
                            plain.insert(own, row);
                        }
                    }
                }
            }
            names = plain;
        }
        /// A name, and what each environment has by it.
        type Row = (Arc<str>, Vec<Option<Arc<str>>>);
        let mut rows: Vec<Row> = names
            .into_values()
            .filter_map(|row| Some((row.iter().flatten().min()?.clone(), row)))
            .collect();
        rows.sort();
        for (name, row) in rows {
            let inner: Vec<Slot<'_>> = slots
                .iter()
                .zip(&row)
                .map(|(slot, own)| match (slot.value(), own) {
                    (Some(value), Some(own)) => value.get(own).map_or(Slot::Absent, Slot::Has),
                    (Some(_), None) => Slot::Absent,
                    (None, _) => *slot,
                })
                .collect();
            self.below(Seg::Name(name), &inner);
        }
    }

    /// Compares what is one step further down.
    pub(crate) fn below(&mut self, seg: Seg, slots: &[Slot<'_>]) {
        self.path.push(seg);
        self.values(slots);
        self.path.pop();
    }

    fn items(&mut self, slots: &[Slot<'_>]) {
        let items = |slot: &Slot<'_>| slot.value().and_then(Value::as_items).map(<[Value]>::len);
        let lengths: BTreeSet<usize> = slots.iter().filter_map(items).collect();
        let ordered = slots
            .iter()
            .filter_map(|slot| slot.value())
            .all(|value| !matches!(value.kind(), Kind::Set(..)));
        if let (1, true, Some(length)) = (lengths.len(), ordered, lengths.first()) {
            for at in 0..*length {
                let inner: Vec<Slot<'_>> = slots.iter().map(|slot| element(*slot, at)).collect();
                self.below(Seg::Index(at), &inner);
            }
            return;
        }
        // What all have is no difference, wherever it stands; the others are compared in their order.
        let mut rest: Vec<Vec<usize>> = Vec::new();
        let mut common: Option<HashMap<String, usize>> = None;
        let mut texts: Vec<Vec<String>> = Vec::new();
        for (environment, slot) in slots.iter().enumerate() {
            let values = slot.value().and_then(Value::as_items).unwrap_or_default();
            let canonical: Vec<String> = values
                .iter()
                .map(|value| self.canonical(environment, value, &mut BTreeSet::new()))
                .collect();
            if slot.value().is_some() {
                let mut counts: HashMap<String, usize> = HashMap::new();
                for text in &canonical {
                    *counts.entry(text.clone()).or_default() += 1;
                }
                common = Some(match common {
                    None => counts,
                    Some(before) => before
                        .into_iter()
                        .filter_map(|(text, count)| Some((text.clone(), count.min(*counts.get(&text)?))))
                        .collect(),
                });
            }
            texts.push(canonical);
        }
        let common = common.unwrap_or_default();
        for canonical in &texts {
            let mut left = common.clone();
            let mut own = Vec::new();
            for (at, text) in canonical.iter().enumerate() {
                match left.get_mut(text).filter(|count| **count > 0) {
                    Some(count) => *count -= 1,
                    None => own.push(at),
                }
            }
            rest.push(own);
        }
        self.compared += common.values().sum::<usize>();
        let longest = rest.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..longest {
            let inner: Vec<Slot<'_>> = slots
                .iter()
                .zip(&rest)
                .map(|(slot, own)| match (slot, own.get(at)) {
                    (Slot::Has(_), Some(at)) => element(*slot, *at),
                    (Slot::Has(_), None) => Slot::Absent,
                    (other, _) => *other,
                })
                .collect();
            let place = rest
                .iter()
                .filter_map(|own| own.get(at))
                .min()
                .copied()
                .unwrap_or(at);
            self.below(Seg::Index(place), &inner);
        }
    }

    fn leaf(&mut self, slots: &[Slot<'_>]) {
        self.compared += 1;
        let mut taken = BTreeSet::new();
        let mut texts: BTreeSet<String> = BTreeSet::new();
        let mut unknown = false;
        let unset = slots.iter().any(|slot| slot.is_nothing());
        for (environment, slot) in slots.iter().enumerate() {
            match slot {
                Slot::Out => {}
                slot if slot.is_nothing() || (unset && self.is_zero(environment, *slot)) => {
                    texts.insert("~".to_owned());
                }
                Slot::Has(value) if self.later && self.may_be(environment, value, slots) => unknown = true,
                Slot::Has(value) => {
                    texts.insert(self.canonical(environment, value, &mut taken));
                }
                Slot::Absent => {}
            }
        }
        let part = || Part {
            path: Path(self.path.clone()),
            values: slots.iter().map(|slot| slot.held()).collect(),
        };
        if texts.len() < 2 {
            let waits =
                |(at, slot): (usize, &Slot<'_>)| slot.value().is_some_and(|value| self.waits(at, value));
            if !unknown && slots.iter().enumerate().any(waits) {
                self.waiting += 1;
            }
            let why = if unknown {
                Category::Unknown
            } else {
                taken.first().copied().unwrap_or(Category::Names)
            };
            if !taken.is_empty() || unknown {
                let part = part();
                self.left_out.push((part, why));
            }
            return;
        }
        let everywhere = !slots.iter().any(|slot| slot.is_nothing());
        let in_tags = self.path.iter().rev().skip(1).any(
            |seg| matches!(seg, Seg::Name(name) if matches!(&**name, "tags" | "tags_all" | "default_tags")),
        );
        if in_tags && everywhere && self.normaliser.takes(Category::Tags) {
            let part = part();
            self.left_out.push((part, Category::Tags));
            return;
        }
        let part = part();
        self.parts.push(part);
    }

    /// Whether a state has what providers write for nothing.
    fn is_zero(&self, environment: usize, slot: Slot<'_>) -> bool {
        let is_state = self.states.get(environment).copied().unwrap_or_default();
        is_state
            && match slot.value().map(Value::kind) {
                Some(Kind::String(text)) => text.is_empty(),
                Some(Kind::Bool(flag)) => !flag,
                Some(Kind::Number(number)) => number.to_i64() == Some(0),
                _ => false,
            }
    }

    /// Whether a value is not known yet, and may become what the others are: all that is known of it is in them too.
    fn may_be(&self, environment: usize, value: &Value, slots: &[Slot<'_>]) -> bool {
        if !value.is_known() {
            return true;
        }
        let Some(items) = value.as_items().filter(|_| !value.is_wholly_known()) else {
            return false;
        };
        let texts = |environment: usize, items: &[Value]| -> BTreeSet<String> {
            let known = items.iter().filter(|item| item.is_wholly_known());
            known
                .map(|item| self.canonical(environment, item, &mut BTreeSet::new()))
                .collect()
        };
        let own = texts(environment, items);
        slots.iter().enumerate().all(|(other, slot)| {
            let items = slot.value().filter(|value| value.is_wholly_known());
            match items.and_then(Value::as_items) {
                Some(items) => own.is_subset(&texts(other, items)),
                None => !matches!(slot, Slot::Absent),
            }
        })
    }

    /// Whether a value waits for anything but the resource that has it.
    fn waits(&self, environment: usize, value: &Value) -> bool {
        if value.is_wholly_known() {
            return false;
        }
        let itself = self.itself.get(environment).and_then(Option::as_deref);
        value.reasons().iter().any(|reason| {
            let (Reason::KnownAfterApply(text), Some(itself)) = (reason, itself) else {
                return true;
            };
            let rest = text.strip_prefix(itself);
            !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// A text that is the same for values that mean the same in their environments.
    pub(crate) fn canonical(
        &self,
        environment: usize,
        value: &Value,
        taken: &mut BTreeSet<Category>,
    ) -> String {
        let mut out = String::new();
        self.write(environment, value, taken, &mut out);
        out
    }

    fn write(&self, environment: usize, value: &Value, taken: &mut BTreeSet<Category>, out: &mut String) {
        match value.kind() {
            Kind::Null(_) => out.push('~'),
            Kind::Bool(flag) => out.push_str(if *flag { "T" } else { "F" }),
            Kind::Number(number) => {
                let _ = write!(out, "{number}");
            }
            Kind::String(text) => {
                let normal = self.normaliser.text(environment, text, taken);
                let _ = write!(out, "{normal:?}");
            }
            Kind::List(_, items) | Kind::Tuple(items) => {
                out.push('[');
                for item in items.iter() {
                    self.write(environment, item, taken, out);
                    out.push(',');
                }
                out.push(']');
            }
            Kind::Set(_, items) => {
                // Terraform's order is that of the texts as they are written.
                let mut texts: Vec<String> = items
                    .iter()
                    .map(|item| self.canonical(environment, item, taken))
                    .collect();
                texts.sort();
                let _ = write!(out, "[{}", texts.join(","));
                out.push_str(if texts.is_empty() { "]" } else { ",]" });
            }
            Kind::Map(_, entries) | Kind::Object(entries) => {
                let mut sorted: BTreeMap<String, &Value> = BTreeMap::new();
                for (name, inner) in entries.iter().filter(|(_, inner)| !inner.is_null()) {
                    let name = self.normaliser.text(environment, name, taken).into_owned();
                    sorted.insert(name, inner);
                }
                out.push('{');
                for (name, inner) in sorted {
                    let _ = write!(out, "{name:?}=");
                    self.write(environment, inner, taken, out);
                    out.push(',');
                }
                out.push('}');
            }
            Kind::Unknown(unknown) => {
                // The very value of another resource is not what was made of it.
                out.push(if unknown.exact { '=' } else { '?' });
                for reason in unknown.reasons.iter() {
                    let mut reason = reason.to_string();
                    // Of two names of one resource that it has not been made yet is no difference.
                    if let Some(own) = self.own.get(environment).and_then(Option::as_ref) {
                        reason = reason.replace(own.as_str(), "{self}");
                    }
                    // Keys are texts by themselves: proof["dev.example.com"].
                    for (at, piece) in reason.split('"').enumerate() {
                        let quote = if at > 0 { "\"" } else { "" };
                        let _ = write!(out, "{quote}{}", self.normaliser.text(environment, piece, taken));
                    }
                    out.push(',');
                }
                match (&unknown.source, &unknown.prefix) {
                    (Some(source), _) => self.write(environment, source, taken, out),
                    (None, Some(prefix)) => {
                        let _ = write!(out, "{}", self.normaliser.text(environment, prefix, taken));
                    }
                    (None, None) => {}
                }
            }
            Kind::Type(ty) => {
                let _ = write!(out, "{ty:?}");
            }
            Kind::Handle(_) => out.push('?'),
        }
    }
}

fn element(slot: Slot<'_>, at: usize) -> Slot<'_> {
    match slot.value() {
        Some(value) => value
            .as_items()
            .and_then(|items| items.get(at))
            .map_or(Slot::Absent, Slot::Has),
        None => slot,
    }
}

fn all_same(slots: &[Slot<'_>]) -> bool {
    let mut values = slots.iter().filter(|slot| !matches!(slot, Slot::Out));
    let Some(first) = values.next() else { return true };
    values.all(|other| match (first, other) {
        (Slot::Has(a), Slot::Has(b)) => {
            a.marks().contains(Marks::SENSITIVE) == b.marks().contains(Marks::SENSITIVE) && a.equals_known(b)
        }
        (Slot::Absent, Slot::Absent) => true,
        _ => false,
    })
}

/// The structure that a text stands for: JSON, or what it will be made of. The outer nothing says that a value is no such
/// text, the inner one that there is no value.
#[allow(clippy::option_option)]
fn structure(slot: Slot<'_>) -> Option<Option<Value>> {
    let Some(value) = slot.value() else {
        return Some(None);
    };
    if let Some(source) = value.as_unknown().and_then(|unknown| unknown.source.as_ref()) {
        return (source.as_entries().is_some() || source.as_items().is_some())
            .then(|| Some((**source).clone()));
    }
    let text = value.as_str()?.trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    tf_model::plan::read_value(text).ok().map(Some)
}

#[cfg(test)]
mod tests {
    use tf_lang::Type;

    use super::*;

    fn object(entries: &[(&str, Value)]) -> Value {
        Value::object(
            entries
                .iter()
                .map(|(name, value)| (Arc::from(*name), value.clone())),
        )
    }

    fn parts(a: &Value, b: &Value) -> Vec<String> {
        parts_of(["dev", "prod"], a, b)
    }

    fn parts_of(names: [&str; 2], a: &Value, b: &Value) -> Vec<String> {
        let words = names.map(|name| crate::normalise::words([name.to_owned()]));
        let normaliser = Normaliser::new(&words, &[], BTreeSet::new());
        let mut comparison = Comparison::new(&normaliser, false);
        comparison.values(&[Slot::Has(a), Slot::Has(b)]);
        comparison
            .parts
            .iter()
            .map(|part| part.path.to_string())
            .collect()
    }

    #[test]
    fn only_what_differs_is_found() {
        let rule = |port: i64, from: &str| object(&[("port", port.into()), ("from", from.into())]);
        let ty = rule(1, "").ty();
        let none: [&str; 0] = [];
        for (a, b, want) in [
            (object(&[("a", 1.into())]), object(&[("a", 2.into())]), vec!["a"]),
            (
                object(&[("a", "x-dev".into())]),
                object(&[("a", "x-prod".into())]),
                none.to_vec(),
            ),
            (
                object(&[("a", Value::NULL), ("b", 1.into())]),
                object(&[("b", 1.into())]),
                none.to_vec(),
            ),
            (
                object(&[("a", Value::NULL)]),
                object(&[("a", Value::tuple(vec![]))]),
                none.to_vec(),
            ),
            (
                object(&[("a", "{\"b\": [1]}".into())]),
                object(&[("a", "{ \"b\":[2] }".into())]),
                vec!["a.b"],
            ),
            (
                Value::set(ty.clone(), vec![rule(1, "a"), rule(2, "b")]),
                Value::set(ty.clone(), vec![rule(2, "b"), rule(1, "c")]),
                vec!["[0].from"],
            ),
            (
                Value::tuple(vec![rule(1, "a"), rule(2, "b")]),
                Value::tuple(vec![rule(2, "b")]),
                vec!["[0]"],
            ),
            (
                Value::set(Type::String, vec!["a-dev".into(), "b".into()]),
                Value::set(Type::String, vec!["b".into(), "a-prod".into()]),
                none.to_vec(),
            ),
            (
                object(&[("a", 1.into())]),
                object(&[("a", "1".into())]),
                vec!["a"],
            ),
        ] {
            assert_eq!(parts(&a, &b), want, "{a:?} {b:?}");
            let swapped = parts_of(["prod", "dev"], &b, &a);
            assert_eq!(swapped.len(), want.len(), "{b:?} {a:?}");
            assert_eq!(parts(&a, &a), none);
        }
    }

    #[test]
    fn tags_are_left_out_unless_one_is_missing() {
        let tags = |entries: &[(&str, Value)]| object(&[("tags", object(entries))]);
        let owner = tags(&[("owner", "a".into())]);
        assert_eq!(parts(&owner, &tags(&[("owner", "b".into())])), [""; 0]);
        let more = tags(&[("owner", "a".into()), ("cost", "b".into())]);
        assert_eq!(parts(&owner, &more), ["tags.cost"]);
    }
}
