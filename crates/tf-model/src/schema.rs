//! What the AWS provider's resources look like: types of attributes, nested blocks, and what the provider
//! fills in by itself.
//!
//! The data is `schema/aws.txt` and `schema/aws-defaults.txt`, remade from the real provider by
//! `cargo xtask schema`. It is compiled in as text and read type by type, when a type is first asked for:
//! a configuration uses a few dozen of some fifteen hundred.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tf_lang::types::ObjectAttr;
use tf_lang::{Type, Value};

use crate::config::type_text;

/// What a schema describes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// The provider's own configuration.
    Provider,
    /// A managed resource.
    Resource,
    /// A data source.
    Data,
}

/// Attributes and nested blocks of a body.
#[derive(Debug, Default)]
pub struct BlockSchema {
    /// By name.
    pub attributes: Vec<AttributeSchema>,
    /// By name.
    pub blocks: Vec<NestedBlock>,
}

impl BlockSchema {
    /// Whether a resource type is of the older of the two libraries that providers are made with, whose plans
    /// tell null from empty values in some places only. There `id` may be set, though nobody does.
    pub fn is_legacy(&self) -> bool {
        self.attribute("id").is_some_and(|id| id.optional)
    }

    /// The attribute of a name.
    pub fn attribute(&self, name: &str) -> Option<&AttributeSchema> {
        self.attributes
            .binary_search_by(|attribute| (*attribute.name).cmp(name))
            .ok()
            .and_then(|at| self.attributes.get(at))
    }

    /// The nested block of a name.
    pub fn block(&self, name: &str) -> Option<&NestedBlock> {
        self.blocks
            .binary_search_by(|block| (*block.name).cmp(name))
            .ok()
            .and_then(|at| self.blocks.get(at))
    }
}

/// An attribute.
#[derive(Debug)]
pub struct AttributeSchema {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Must be set.
    pub required: bool,
    /// May be set.
    pub optional: bool,
    /// The provider decides where it is not set.
    pub computed: bool,
    /// Must not be shown.
    pub sensitive: bool,
    /// Is sent to the provider, and never planned or stored.
    pub write_only: bool,
    /// What the provider plans where it is not set.
    pub default: Option<Planned>,
}

/// What a plan has in a place.
#[derive(Clone, Debug)]
pub enum Planned {
    /// A value.
    Value(Value),
    /// What is only known after apply.
    Unknown,
}

/// How often a nested block may occur, and what its values are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nesting {
    /// At most once; an object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects by label.
    Map,
}

impl Nesting {
    /// The type of all blocks of a name, of which one has the given type.
    pub fn of(self, block: Type) -> Type {
        match self {
            Nesting::Single => block,
            Nesting::List => Type::list(block),
            Nesting::Set => Type::set(block),
            Nesting::Map => Type::map(block),
        }
    }
}

/// A nested block.
#[derive(Debug)]
pub struct NestedBlock {
    /// Its name.
    pub name: Arc<str>,
    /// How it nests.
    pub nesting: Nesting,
    /// What is in it.
    pub body: BlockSchema,
    /// The type of one block as a value.
    pub ty: Type,
    /// What the provider plans where no such block is written.
    pub default: Option<Planned>,
}

/// The schema of a resource type, a data source or a provider; `None` for those of other providers.
pub fn schema(kind: Kind, name: &str) -> Option<&'static BlockSchema> {
    /// What was looked up, found or not.
    type Known = HashMap<(Kind, String), Option<&'static BlockSchema>>;
    static READ: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (kind, name.to_owned());
    if let Some(known) = read.get(&key) {
        return *known;
    }
    let Some(mut lines) = Section::lines(Part::Of(kind), name) else {
        read.insert(key, None);
        return None;
    };
    let defaults = match kind {
        Kind::Resource => DEFAULTS.get(name).map(Vec::as_slice).unwrap_or_default(),
        _ => &[],
    };
    let mut body = read_body(&mut lines, 0);
    for (path, literal) in defaults {
        let path: Vec<&str> = path.split('.').collect();
        set_default(&mut body, &path, literal);
    }
    // Types are few and live as long as the program: a leak is a cache that needs no lock to read.
    let leaked: &'static BlockSchema = Box::leak(Box::new(body));
    read.insert(key, Some(leaked));
    Some(leaked)
}

/// Names of all resource types and data sources of a kind, in order.
pub fn names(kind: Kind) -> Vec<&'static str> {
    let sections = Section::all().filter(|section| section.key.0 == Part::Of(kind));
    sections.map(|section| section.key.1).collect()
}

const TEXT: &str = include_str!("../schema/aws.txt");
const DEFAULTS_TEXT: &str = include_str!("../schema/aws-defaults.txt");
const OBSERVED_TEXT: &str = include_str!("../schema/aws-observed.txt");
/// Where the sections of the text begin, each as four bytes, the lowest first.
const STARTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sections.bin"));
/// What stands for what is only known after apply, which has no JSON.
const UNKNOWN: &str = "?";

/// A part of the text that begins at the left margin: its first line, taken apart, and the lines below.
struct Section {
    /// Sections follow each other in this order.
    key: (Part, &'static str),
    /// The name of the body that it has in common with others.
    shared: Option<&'static str>,
    body: &'static str,
}

/// What a section is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Part {
    Source,
    Shared,
    Of(Kind),
}

impl Section {
    fn new(text: &'static str) -> Section {
        let text = text.trim_matches('\n');
        let (line, body) = text.split_once('\n').unwrap_or((text, ""));
        let (line, shared) = match line.split_once(" @") {
            Some((line, shared)) => (line, Some(shared)),
            None => (line, None),
        };
        // A deprecated type is a type.
        let line = line.strip_suffix(" D").unwrap_or(line);
        let key = match (line.strip_prefix('@'), line.split_once(' ')) {
            (Some(name), _) => (Part::Shared, name),
            (None, Some(("provider", name))) => (Part::Of(Kind::Provider), name),
            (None, Some(("resource", name))) => (Part::Of(Kind::Resource), name),
            (None, Some(("data", name))) => (Part::Of(Kind::Data), name),
            (None, _) => (Part::Source, ""),
        };
        Section { key, shared, body }
    }

    /// The section of that number.
    fn at(index: usize) -> Option<Section> {
        let start = |index: usize| {
            let bytes = STARTS.get(4 * index..4 * index + 4)?;
            usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
        };
        let end = start(index + 1).unwrap_or(TEXT.len());
        Some(Section::new(TEXT.get(start(index)?..end)?))
    }

    /// All sections in their order.
    fn all() -> impl Iterator<Item = Section> {
        (0..).map_while(Section::at)
    }

    fn find(part: Part, name: &str) -> Option<Section> {
        let (mut from, mut to) = (0, STARTS.len() / 4);
        while from < to {
            let middle = from + (to - from) / 2;
            let section = Section::at(middle)?;
            match section.key.cmp(&(part, name)) {
                Ordering::Less => from = middle + 1,
                Ordering::Greater => to = middle,
                Ordering::Equal => return Some(section),
            }
        }
        None
    }

    /// The lines of a section, its own or those that it shares.
    fn lines(part: Part, name: &str) -> Option<Lines> {
        let section = Section::find(part, name)?;
        match section.shared {
            Some(shared) => Section::lines(Part::Shared, shared),
            None => Some(Lines::new(section.body)),
        }
    }
}

/// Defaults by resource type: a path, and what is planned there.
static DEFAULTS: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static str)>>> = LazyLock::new(|| {
    let mut defaults: HashMap<_, Vec<_>> = HashMap::new();
    let lines = DEFAULTS_TEXT.lines().chain(OBSERVED_TEXT.lines());
    for line in lines.filter(|line| !line.starts_with('#')) {
        let Some((place, literal)) = line.split_once(" = ") else {
            continue;
        };
        if let Some((ty, path)) = place.split_once(' ') {
            defaults.entry(ty).or_default().push((path, literal));
        }
    }
    defaults
});

/// The lines of a section with the depth of each.
struct Lines {
    lines: std::iter::Peekable<std::str::Lines<'static>>,
}

impl Lines {
    fn new(text: &'static str) -> Lines {
        Lines {
            lines: text.lines().peekable(),
        }
    }

    /// The next line if it is that deep.
    fn next_at(&mut self, depth: usize) -> Option<&'static str> {
        let line = *self.lines.peek()?;
        let trimmed = line.trim_start_matches(' ');
        if trimmed.is_empty() || line.len() - trimmed.len() != 2 * (depth + 1) {
            return None;
        }
        self.lines.next();
        Some(trimmed)
    }
}

fn read_body(lines: &mut Lines, depth: usize) -> BlockSchema {
    let mut body = BlockSchema::default();
    while let Some(line) = lines.next_at(depth) {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        if let Some(name) = name.strip_suffix("={}") {
            let inner = nested_body(rest, lines, depth);
            body.attributes.push(nested_attribute(name, rest, &inner));
        } else if let Some(name) = name.strip_suffix("{}") {
            let inner = nested_body(rest, lines, depth);
            body.blocks.push(nested_block(name, rest, inner));
        } else {
            let (ty, flags) = rest.rsplit_once(' ').unwrap_or((rest, ""));
            body.attributes.push(attribute(name, type_text(ty), flags));
        }
    }
    body.attributes.sort_by(|a, b| a.name.cmp(&b.name));
    body.blocks.sort_by(|a, b| a.name.cmp(&b.name));
    body
}

/// The body of a nested block: the deeper lines that follow, or a shared one.
fn nested_body(rest: &str, lines: &mut Lines, depth: usize) -> BlockSchema {
    match rest.rsplit_once('@') {
        Some((_, shared)) => match Section::lines(Part::Shared, shared) {
            Some(mut lines) => read_body(&mut lines, 0),
            None => BlockSchema::default(),
        },
        None => read_body(lines, depth + 1),
    }
}

fn attribute(name: &str, ty: Type, flags: &str) -> AttributeSchema {
    let has = |flag| flags.contains(flag);
    AttributeSchema {
        name: name.into(),
        ty,
        required: has('R'),
        optional: has('O'),
        computed: has('C'),
        sensitive: has('S'),
        write_only: has('W'),
        default: None,
    }
}

fn nesting(word: Option<&str>) -> Nesting {
    match word {
        Some("list") => Nesting::List,
        Some("set") => Nesting::Set,
        Some("map") => Nesting::Map,
        _ => Nesting::Single,
    }
}

fn nested_attribute(name: &str, rest: &str, inner: &BlockSchema) -> AttributeSchema {
    let mut words = rest.split(' ');
    let nesting = nesting(words.next());
    let flags = words
        .find(|word| word.chars().all(|flag| flag.is_ascii_uppercase()))
        .unwrap_or_default();
    let object = optional_object(inner);
    let ty = match nesting {
        Nesting::Single => object,
        Nesting::List => Type::list(object),
        Nesting::Set => Type::set(object),
        Nesting::Map => Type::map(object),
    };
    attribute(name, ty, flags)
}

fn nested_block(name: &str, rest: &str, body: BlockSchema) -> NestedBlock {
    let ty = object_type(&body, false);
    NestedBlock {
        name: name.into(),
        nesting: nesting(rest.split(' ').next()),
        ty,
        body,
        default: None,
    }
}

fn optional_object(body: &BlockSchema) -> Type {
    object_type(body, true)
}

/// The type of a body as a value; with `optional` what is not required may be left out.
fn object_type(body: &BlockSchema, optional: bool) -> Type {
    let attributes = body.attributes.iter().map(|attribute| ObjectAttr {
        name: attribute.name.clone(),
        ty: attribute.ty.clone(),
        optional: optional && !attribute.required,
    });
    let blocks = body.blocks.iter().map(|block| ObjectAttr {
        name: block.name.clone(),
        ty: block.nesting.of(block.ty.clone()),
        optional: false,
    });
    Type::object(attributes.chain(blocks))
}

fn set_default(body: &mut BlockSchema, path: &[&str], literal: &str) {
    let [name, rest @ ..] = path else { return };
    let attribute = body
        .attributes
        .iter_mut()
        .find(|attribute| &*attribute.name == *name);
    let block = body.blocks.iter_mut().find(|block| &*block.name == *name);
    match (rest.is_empty(), attribute, block) {
        (true, Some(attribute), _) => {
            attribute.default = planned(literal, &attribute.ty.without_optional());
        }
        (true, None, Some(block)) => {
            block.default = planned(literal, &block.nesting.of(block.ty.clone()));
        }
        (false, _, Some(block)) => set_default(&mut block.body, rest, literal),
        _ => {}
    }
}

fn planned(literal: &str, ty: &Type) -> Option<Planned> {
    match literal {
        UNKNOWN => Some(Planned::Unknown),
        _ => planned_value(literal, ty).map(Planned::Value),
    }
}

fn planned_value(literal: &str, ty: &Type) -> Option<Value> {
    let value = crate::plan::json::read_value(literal).ok()?;
    tf_lang::convert::convert(&value, ty).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_of<'b>(body: &'b BlockSchema, path: &[&str]) -> Option<&'b Planned> {
        let (name, rest) = path.split_first()?;
        match (rest.is_empty(), body.attribute(name), body.block(name)) {
            (true, Some(attribute), _) => attribute.default.as_ref(),
            (true, None, Some(block)) => block.default.as_ref(),
            (false, _, Some(block)) => default_of(&block.body, rest),
            _ => None,
        }
    }

    #[test]
    fn every_default_has_a_place_and_a_value_of_its_type() {
        for (ty, defaults) in DEFAULTS.iter() {
            let body = schema(Kind::Resource, ty).unwrap();
            for (path, literal) in defaults {
                let segments: Vec<&str> = path.split('.').collect();
                assert!(default_of(body, &segments).is_some(), "{ty} {path} = {literal}");
            }
        }
    }

    #[test]
    fn every_section_is_found() {
        let mut sections = Section::all().map(|section| section.key);
        assert_eq!(sections.next(), Some((Part::Source, "")));
        let mut last = (Part::Source, "");
        for key in sections.filter(|key| key.0 != Part::Source) {
            assert!(last < key, "{} comes before {}", last.1, key.1);
            assert!(Section::lines(key.0, key.1).is_some(), "{}", key.1);
            last = key;
        }
        for name in ["", "aws_", "aws_nonesuch", "zzz"] {
            assert!(schema(Kind::Resource, name).is_none());
        }
        assert!(names(Kind::Resource).len() > 1_500 && names(Kind::Data).len() > 600);
    }

    #[test]
    fn well_known_defaults_are_known() {
        let known = [
            ("aws_db_instance", "skip_final_snapshot", "false"),
            ("aws_kms_key", "is_enabled", "true"),
            ("aws_lambda_function", "timeout", "3"),
            ("aws_lb", "enable_deletion_protection", "false"),
            ("aws_lb_target_group", "health_check", UNKNOWN),
            ("aws_s3_bucket", "force_destroy", "false"),
            ("aws_sqs_queue", "message_retention_seconds", "345600"),
        ];
        for (ty, path, literal) in known {
            assert!(DEFAULTS[ty].contains(&(path, literal)), "{ty} {path}");
        }
    }
}
