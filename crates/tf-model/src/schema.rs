//! What the AWS provider's resources look like: types of attributes, nested blocks, and what the provider
//! fills in by itself.
//!
//! The data is `schema/aws.txt` and `schema/aws-defaults.txt`, remade from the real provider by
//! `cargo xtask schema`. It is compiled in as text and read type by type, when a type is first asked for:
//! a configuration uses a few dozen of some fifteen hundred.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tf_lang::types::ObjectAttr;
use tf_lang::{FileId, Type, Value};

use crate::config::{json_text, type_text};

/// What a schema describes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A managed resource.
    Resource,
    /// A data source.
    Data,
    /// The provider's own configuration.
    Provider,
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
    /// What the provider plans where it is not set.
    pub default: Option<Value>,
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
    pub default: Option<Value>,
}

/// The schema of a resource type, a data source or a provider; `None` for those of other providers.
pub fn schema(kind: Kind, name: &str) -> Option<&'static BlockSchema> {
    static READ: LazyLock<Mutex<HashMap<(Kind, String), &'static BlockSchema>>> =
        LazyLock::new(Mutex::default);
    let section = INDEX.sections.get(&(kind, name))?;
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = read.get(&(kind, name.to_owned())) {
        return Some(known);
    }
    let defaults = match kind {
        Kind::Resource => DEFAULTS.get(name).map(Vec::as_slice).unwrap_or_default(),
        _ => &[],
    };
    let mut body = read_body(&mut Lines::new(section), 0);
    for (path, json) in defaults {
        let segments: Vec<&str> = path.split('.').collect();
        set_default(&mut body, &segments, json);
    }
    // Types are few and live as long as the program: a leak is a cache that needs no lock to read.
    let leaked: &'static BlockSchema = Box::leak(Box::new(body));
    read.insert((kind, name.to_owned()), leaked);
    Some(leaked)
}

/// Names of all resource types and data sources of a kind, in order.
pub fn names(kind: Kind) -> Vec<&'static str> {
    let mut names: Vec<&str> = INDEX
        .sections
        .keys()
        .filter(|(of, _)| *of == kind)
        .map(|(_, name)| *name)
        .collect();
    names.sort_unstable();
    names
}

const TEXT: &str = include_str!("../schema/aws.txt");
const DEFAULTS_TEXT: &str = include_str!("../schema/aws-defaults.txt");

/// Where the sections of the text are.
struct Index {
    sections: HashMap<(Kind, &'static str), &'static str>,
    shared: HashMap<&'static str, &'static str>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index {
        sections: HashMap::new(),
        shared: HashMap::new(),
    };
    for section in TEXT.split("\n\n") {
        let section = section.trim_start_matches('\n');
        let (head, body) = section.split_once('\n').unwrap_or((section, ""));
        if let Some(name) = head.strip_prefix('@') {
            index.shared.insert(name, body);
        } else if let Some((kind, name)) = head.split_once(' ') {
            let kind = match kind {
                "resource" => Kind::Resource,
                "data" => Kind::Data,
                "provider" => Kind::Provider,
                _ => continue,
            };
            // A whole type may share its body with another.
            let (name, body) = match name.split_once(" @") {
                Some((name, shared)) => (name, *index.shared.get(shared).unwrap_or(&"")),
                None => (name, body),
            };
            index.sections.insert((kind, name), body);
        }
    }
    index
});

/// Defaults by resource type: path and JSON text.
static DEFAULTS: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static str)>>> = LazyLock::new(|| {
    let mut defaults: HashMap<_, Vec<_>> = HashMap::new();
    for line in DEFAULTS_TEXT.lines().filter(|line| !line.starts_with('#')) {
        if let Some((subject, json)) = line.split_once(" = ")
            && let Some((ty, path)) = subject.split_once(' ')
        {
            defaults.entry(ty).or_default().push((path, json));
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
        Some((_, shared)) => match INDEX.shared.get(shared) {
            Some(text) => read_body(&mut Lines::new(text), 0),
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
        ty: match block.nesting {
            Nesting::Single => block.ty.clone(),
            Nesting::List => Type::list(block.ty.clone()),
            Nesting::Set => Type::set(block.ty.clone()),
            Nesting::Map => Type::map(block.ty.clone()),
        },
        optional: false,
    });
    Type::object(attributes.chain(blocks))
}

fn set_default(body: &mut BlockSchema, path: &[&str], json: &str) {
    let [name, rest @ ..] = path else { return };
    if !rest.is_empty() {
        if let Some(block) = body.blocks.iter_mut().find(|block| &*block.name == *name) {
            set_default(&mut block.body, rest, json);
        }
        return;
    }
    let Some(value) = json_text(FileId(u32::MAX), json) else {
        return;
    };
    if let Some(attribute) = body
        .attributes
        .iter_mut()
        .find(|attribute| &*attribute.name == *name)
    {
        attribute.default = tf_lang::convert::convert(&value, &attribute.ty).ok();
    } else if let Some(block) = body.blocks.iter_mut().find(|block| &*block.name == *name) {
        let ty = match block.nesting {
            Nesting::Single => block.ty.clone(),
            Nesting::List => Type::list(block.ty.clone()),
            Nesting::Set => Type::set(block.ty.clone()),
            Nesting::Map => Type::map(block.ty.clone()),
        };
        block.default = tf_lang::convert::convert(&value, &ty).ok();
    }
}
