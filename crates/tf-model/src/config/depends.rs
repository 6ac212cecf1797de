//! What a root module depends on: the files whose change can change what it plans.
//!
//! Everything works on a listing of a repository's files and a way to read them, not on the disk, so that it can be
//! asked of any commit. Paths are relative to the repository, with `/` in between; the repository itself is "".

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::ast::{Attribute, Block, Body, Expr, ExprKind, Ident, ObjectKey, Step, TemplatePart};
use tf_lang::eval::{Budget, Evaluator, Scope};
use tf_lang::functions::{FileError, Files, path_matches};
use tf_lang::value::Reason;
use tf_lang::{Diagnostic, FileId, SourceFile, Type, Value, path};

use super::files::{self, ConfigFiles};

/// What the repository is called where a path from the root of the file system is asked for: any name will do that
/// nobody's folder has, and none of the machine may be seen.
const NOWHERE: &str = "/plumbline-repository";
/// How many elements of a collection are looked at one by one; more are taken for unknown.
const MAX_ELEMENTS: usize = 2000;
/// How many links are followed.
const MAX_LINKS: usize = 40;
/// How many calls of modules lie in one another.
const MAX_CALLS: usize = 64;
/// How many calls of modules a root may have.
const MAX_WALKED: usize = 20_000;

/// What stands at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A file.
    File,
    /// A symbolic link, and where it leads as it is written.
    Link(String),
    /// Another repository.
    Submodule,
}

/// The files of a repository by their paths.
pub type Listing = BTreeMap<String, Kind>;

/// What a root depends on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum What {
    /// One file, whether it is there or not.
    File(String),
    /// The configuration in a folder; with `true` what only a root has beside it too.
    Folder(String, bool),
    /// Everything at or below a path.
    Below(String),
    /// Files that match a pattern of `fileset`.
    Matching(String),
}

impl What {
    /// Whether a file counts.
    pub fn covers(&self, file: &str) -> bool {
        match self {
            What::File(own) => own == file,
            What::Folder(dir, root) => {
                let (parent, name) = split(file);
                parent == dir && (files::stem(name).is_some() || *root && is_of_root(name))
            }
            What::Below(dir) => is_below(file, dir),
            What::Matching(pattern) => path_matches(pattern, file),
        }
    }

    /// The folder below which all lies that it covers, or the file.
    pub fn place(&self) -> &str {
        match self {
            What::File(path) | What::Folder(path, _) | What::Below(path) => path,
            What::Matching(pattern) => {
                let literal = pattern.find(['*', '?', '[', '{', '\\']).unwrap_or(pattern.len());
                let literal = pattern.get(..literal).unwrap_or_default();
                literal
                    .rfind('/')
                    .and_then(|at| literal.get(..at))
                    .unwrap_or_default()
            }
        }
    }
}

/// Something that a root depends on, and by which way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Dependency {
    /// What.
    pub what: What,
    /// The way, for people.
    pub via: String,
}

/// All that a root depends on.
#[derive(Clone, Default, Debug)]
pub struct Dependencies {
    /// In order and without doubles.
    pub all: BTreeSet<Dependency>,
    /// Files that could not be read, with the reason.
    pub unread: BTreeMap<String, String>,
}

/// The folder and the name of a path.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Whether a path is a folder or lies below it.
pub fn is_below(path: &str, dir: &str) -> bool {
    dir.is_empty()
        || path
            .strip_prefix(dir)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a file that is no configuration counts for the root module in its folder.
fn is_of_root(name: &str) -> bool {
    name == ".terraform.lock.hcl"
        || [".tfvars", ".tfvars.json", ".tfbackend"]
            .iter()
            .any(|ending| name.ends_with(ending))
        || is_backend(name)
}

fn is_backend(name: &str) -> bool {
    name.ends_with(".hcl") && name.contains("backend")
}

/// What a file of a root's own folder is, for people.
pub fn role(file: &str) -> &'static str {
    let (_, name) = split(file);
    if name == ".terraform.lock.hcl" {
        "lock file"
    } else if name.ends_with(".tfvars") || name.ends_with(".tfvars.json") {
        "variables"
    } else if name.ends_with(".tfbackend") || is_backend(name) {
        "backend settings"
    } else {
        "configuration"
    }
}

/// A path without `.` and `..`; `None` where it leads out of the repository.
pub fn locate(dir: &str, written: &str) -> Option<String> {
    let full = if let Some(rest) = written.strip_prefix(NOWHERE) {
        path::clean(&format!("./{rest}"))
    } else if path::is_absolute(written) || written.starts_with('~') {
        return None;
    } else {
        path::clean(&format!("./{dir}/{written}"))
    };
    match full.as_str() {
        "." => Some(String::new()),
        ".." => None,
        full if full.starts_with("../") => None,
        full => Some(full.to_owned()),
    }
}

/// A folder with configuration.
#[derive(Default)]
struct Folder {
    bodies: Vec<Body>,
    unread: BTreeMap<String, String>,
}

impl Folder {
    fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.bodies.iter().flat_map(move |body| body.blocks_of(kind))
    }

    /// A folder with a backend is a root even where another one calls it.
    fn has_backend(&self) -> bool {
        self.blocks("terraform")
            .flat_map(|block| &block.body.blocks)
            .any(|block| matches!(&*block.kind.name, "backend" | "cloud"))
    }
}

/// The configurations of a repository at one time.
pub struct Repository<'a> {
    listing: &'a Listing,
    sources: Vec<SourceFile>,
    folders: BTreeMap<String, Folder>,
    roots: BTreeSet<String>,
}

/// How the root modules are given values.
#[derive(Clone, Default, Debug)]
pub struct Given {
    /// Variables files, relative to the repository.
    pub files: Vec<String>,
    /// Values of variables by name.
    pub values: BTreeMap<String, String>,
}

/// Reads a file of the repository; the error is a sentence.
pub type Read<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + Sync + 'a;

impl<'a> Repository<'a> {
    /// Reads all configurations and finds the roots: folders that no other one calls as a module, and those with a
    /// backend.
    pub fn load(listing: &'a Listing, read: &Read<'_>) -> Repository<'a> {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (file, kind) in listing {
            let (dir, name) = split(file);
            let skipped = dir.split('/').any(|part| files::SKIPPED.contains(&part));
            if *kind != Kind::Submodule && !skipped && files::stem(name).is_some() {
                names.entry(dir.to_owned()).or_default().push(name.to_owned());
            }
        }
        let jobs: Vec<(String, String)> = names
            .into_iter()
            .flat_map(|(dir, names)| {
                let ConfigFiles { primary, overrides } = ConfigFiles::from_names(Path::new(&dir), names);
                let files = primary.into_iter().chain(overrides);
                files.map(move |file| (dir.clone(), file.to_string_lossy().into_owned()))
            })
            .collect();
        let parsed: Vec<(SourceFile, Result<Body, String>)> = jobs
            .par_iter()
            .enumerate()
            .map(|(at, (_, file))| {
                // A link is read where it leads: in a commit it is only the text of that.
                let place = follow(listing, file).1;
                let text = read(place.as_deref().unwrap_or(file)).and_then(|bytes| {
                    String::from_utf8(bytes).map_err(|_| "The file is not UTF-8.".to_owned())
                });
                let (text, body) = match text {
                    Ok(text) => {
                        let body = parse(FileId(at as u32), file, &text);
                        (text, body)
                    }
                    Err(why) => (String::new(), Err(why)),
                };
                (SourceFile::new(file.clone(), text), body)
            })
            .collect();
        let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
        let mut sources = Vec::new();
        for ((dir, file), (source, body)) in jobs.into_iter().zip(parsed) {
            let folder = folders.entry(dir).or_default();
            match body {
                Ok(body) => folder.bodies.push(body),
                Err(why) => {
                    folder.unread.insert(file, why);
                }
            }
            sources.push(source);
        }
        let mut repository = Repository {
            listing,
            sources,
            folders,
            roots: BTreeSet::new(),
        };
        repository.find_roots();
        repository
    }

    /// The folders of the root modules.
    pub fn roots(&self) -> &BTreeSet<String> {
        &self.roots
    }

    /// Whether there is configuration in a folder.
    pub fn has(&self, dir: &str) -> bool {
        self.folders.contains_key(dir)
    }

    fn find_roots(&mut self) {
        let mut calls: HashMap<&str, Vec<String>> = HashMap::new();
        for (dir, folder) in &self.folders {
            let called = folder
                .blocks("module")
                .filter_map(|block| self.follow(&locate(dir, local_source(block)?)?).1);
            calls.insert(dir, called.collect());
        }
        let called: BTreeSet<&String> = calls
            .iter()
            .flat_map(|(dir, all)| all.iter().filter(move |other| *other != dir))
            .collect();
        let mut roots: BTreeSet<String> = self
            .folders
            .iter()
            .filter(|(dir, folder)| !called.contains(dir) || folder.has_backend())
            .map(|(dir, _)| dir.clone())
            .collect();
        // Modules that call each other in a circle have no root; none of them may be lost.
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut pending: Vec<&str> = roots.iter().map(String::as_str).collect();
        let mut further = Vec::new();
        let mut rest = self.folders.keys();
        loop {
            while let Some(dir) = pending.pop() {
                if reached.insert(dir) {
                    pending.extend(calls.get(dir).into_iter().flatten().map(String::as_str));
                }
            }
            match rest.find(|dir| !reached.contains(dir.as_str())) {
                Some(dir) => {
                    further.push(dir.clone());
                    pending.push(dir);
                }
                None => break,
            }
        }
        roots.extend(further);
        self.roots = roots;
    }

    fn follow(&self, path: &str) -> (Vec<String>, Option<String>) {
        follow(self.listing, path)
    }

    /// Everything that a root module depends on. Deep configurations need a deep stack: see [`super::STACK`].
    pub fn dependencies(&self, root: &str, given: &Given, read: &Read<'_>) -> Dependencies {
        let mut walk = Walk {
            repository: self,
            root,
            read,
            found: Dependencies::default(),
            walked: 0,
            templates: BTreeSet::new(),
        };
        let values = walk.values(given);
        for file in &given.files {
            walk.add(What::File(file.clone()), "--var-file");
        }
        walk.module(root, "", values, &mut Vec::new());
        walk.found
    }
}

/// The links on the way to a path, and where it leads in the end, if that is in the repository.
fn follow(listing: &Listing, path: &str) -> (Vec<String>, Option<String>) {
    let mut links = Vec::new();
    let mut path = path.to_owned();
    'again: while links.len() < MAX_LINKS {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let (before, rest) = path.split_at(end);
            if let Some(Kind::Link(target)) = listing.get(before) {
                links.push(before.to_owned());
                let Some(place) = locate(split(before).0, target) else {
                    return (links, None);
                };
                path = match place.is_empty() {
                    true => rest.trim_start_matches('/').to_owned(),
                    false => format!("{place}{rest}"),
                };
                continue 'again;
            }
        }
        return (links, Some(path));
    }
    (links, None)
}

fn parse(id: FileId, file: &str, text: &str) -> Result<Body, String> {
    let result = match file.ends_with(".json") {
        true => super::json::body(id, text),
        false => super::native_body(id, text),
    };
    result.map_err(|problems| {
        problems
            .first()
            .map_or_else(String::new, |problem| problem.summary.to_string())
    })
}

/// The source of a call by a path.
fn local_source(block: &Block) -> Option<&str> {
    match &block.body.attribute("source")?.value.kind {
        ExprKind::String(source) => is_local(source).then_some(source),
        _ => None,
    }
}

fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../") || source == "." || source == ".."
}

/// One root's search.
struct Walk<'a, 'r> {
    repository: &'a Repository<'a>,
    root: &'a str,
    read: &'r Read<'r>,
    found: Dependencies,
    walked: usize,
    templates: BTreeSet<String>,
}

/// A module as one call makes it.
struct Instance<'a> {
    listing: &'a Listing,
    root: &'a str,
    dir: &'a str,
    /// The dotted name of the call.
    name: &'a str,
    locals: BTreeMap<&'a str, &'a Attribute>,
    defaults: BTreeMap<&'a str, Option<&'a Expr>>,
    given: BTreeMap<Arc<str>, Value>,
    known: RefCell<HashMap<String, Value>>,
}

/// An instance as one block sees it: with `each` and the names that `for` binds.
#[derive(Clone, Default)]
struct Bound {
    each: Option<(Value, Value)>,
    names: Vec<(Arc<str>, Value)>,
}

fn unknown(what: &str) -> Value {
    Value::unknown(Type::Any, Reason::KnownAfterApply(what.into()))
}

impl Instance<'_> {
    /// `path.module`: relative to the root, where Terraform runs.
    fn path(&self) -> String {
        let slash = |dir: &str| format!("/{dir}");
        path::relative(
            path::clean(&slash(self.root)).as_str(),
            path::clean(&slash(self.dir)).as_str(),
        )
        .unwrap_or_else(|| ".".to_owned())
    }

    fn eval(&self, expr: &Expr, bound: &Bound) -> Value {
        let budget = Budget::default();
        let scope = Seen {
            instance: self,
            bound,
        };
        let mut evaluator = Evaluator::new(&scope, &budget);
        let names = bound.names.clone();
        evaluator.with_bound(names, |evaluator| evaluator.eval(expr))
    }
}

struct Seen<'a> {
    instance: &'a Instance<'a>,
    bound: &'a Bound,
}

impl Scope for Seen<'_> {
    fn resolve(
        &self,
        _: &mut Evaluator<'_>,
        root: &Ident,
        steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        let Some(Step::Attr(name)) = steps.first() else {
            return Ok((unknown(&root.name), steps.len()));
        };
        let instance = self.instance;
        let value = match (&*root.name, &*name.name) {
            ("path", "module") => Value::from(instance.path()),
            ("path", "root") => Value::from("."),
            ("path", "cwd") => Value::from(path::clean(&format!("{NOWHERE}/{}", instance.root))),
            ("each", "key") => self
                .bound
                .each
                .clone()
                .map_or_else(|| unknown("each"), |each| each.0),
            ("each", "value") => self
                .bound
                .each
                .clone()
                .map_or_else(|| unknown("each"), |each| each.1),
            (kind @ ("var" | "local"), text) => {
                let key = format!("{kind}.{text}");
                if let Some(known) = instance.known.borrow().get(&key) {
                    return Ok((known.clone(), 1));
                }
                // What refers to itself is unknown, and ends here.
                instance.known.borrow_mut().insert(key.clone(), unknown(&key));
                let value = if kind == "local" {
                    let local = instance.locals.get(text);
                    local.map(|local| instance.eval(&local.value, &Bound::default()))
                } else {
                    instance.given.get(text).cloned().or_else(|| {
                        let default = instance.defaults.get(text).copied().flatten();
                        default.map(|expr| instance.eval(expr, &Bound::default()))
                    })
                };
                let value = value.unwrap_or_else(|| unknown(&key));
                instance.known.borrow_mut().insert(key, value.clone());
                value
            }
            _ => return Ok((unknown(&root.name), steps.len())),
        };
        Ok((value, 1))
    }

    fn files(&self) -> &dyn Files {
        self
    }

    fn missing_files_are_unknown(&self) -> bool {
        true
    }
}

impl Files for Seen<'_> {
    // What a file says is unknown: it is the file itself that counts.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        Err(FileError::Missing(path.to_owned()))
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        Err(FileError::Missing(path.to_owned()))
    }

    fn glob(&self, dir: &str, pattern: &str) -> Result<Vec<String>, FileError> {
        let instance = self.instance;
        let (Some(start), Some(full)) = (
            locate(instance.root, dir),
            locate(instance.root, &format!("{dir}/{pattern}")),
        ) else {
            return Err(FileError::Outside(dir.to_owned()));
        };
        let what = What::Matching(full.clone());
        let below = what.place().to_owned();
        let found = instance
            .listing
            .range(below.clone()..)
            .take_while(|(file, _)| file.starts_with(&below))
            .filter(|(file, _)| path_matches(&full, file))
            .filter_map(|(file, _)| path::relative(&format!("/{start}"), &format!("/{file}")))
            .collect();
        Ok(found)
    }

    fn absolute(&self, path: &str) -> Result<String, FileError> {
        Ok(match path::is_absolute(path) {
            true => path::clean(path),
            false => path::clean(&format!("{NOWHERE}/{}/{path}", self.instance.root)),
        })
    }
}

/// What is known of a path.
enum Known {
    Whole(String),
    /// What it begins with.
    Part(String),
}

impl<'a> Walk<'a, '_> {
    fn add(&mut self, what: What, via: impl Into<String>) {
        self.found.all.insert(Dependency {
            what,
            via: via.into(),
        });
    }

    /// A path with the links on the way to it.
    fn add_place(&mut self, path: &str, via: &str, make: impl Fn(String) -> What) {
        let (links, end) = self.repository.follow(path);
        for link in links {
            self.add(What::File(link), format!("{via} (link)"));
        }
        if let Some(end) = end {
            self.add(make(end), via);
        }
    }

    /// Values of the root's variables from its files and the command line.
    fn values(&mut self, given: &Given) -> BTreeMap<Arc<str>, Value> {
        let inside = |name: &str| match self.root.is_empty() {
            true => name.to_owned(),
            false => format!("{}/{name}", self.root),
        };
        let mut names = vec![inside("terraform.tfvars"), inside("terraform.tfvars.json")];
        let start = inside("");
        names.extend(
            self.repository
                .listing
                .range(start.clone()..)
                .map(|(file, _)| file)
                .take_while(|file| file.starts_with(&start))
                .filter(|file| split(file).0 == self.root)
                .filter(|file| file.ends_with(".auto.tfvars") || file.ends_with(".auto.tfvars.json"))
                .cloned(),
        );
        names.extend(given.files.iter().cloned());
        let mut values = BTreeMap::new();
        for name in names {
            let (links, Some(place)) = self.repository.follow(&name) else {
                continue;
            };
            if !links.is_empty() {
                self.add(What::File(place.clone()), "variables (link)");
            }
            if !self.repository.listing.contains_key(&place) {
                continue;
            }
            let Ok(text) =
                (self.read)(&place).and_then(|bytes| String::from_utf8(bytes).map_err(|e| e.to_string()))
            else {
                continue;
            };
            let id = FileId(u32::MAX);
            if name.ends_with(".json") {
                if let Ok(node) = tf_lang::parse::parse_json_body(id, &text)
                    && let tf_lang::parse::Json::Object(entries) = &node.value
                {
                    for (key, node) in entries {
                        values.insert(key.name.clone(), super::json::plain_value(node));
                    }
                }
            } else if let Ok(body) = tf_lang::parse::parse_body(id, &text) {
                for attribute in body.attributes {
                    if let Ok(value) = super::constant(&attribute.value) {
                        values.insert(attribute.name.name, value);
                    }
                }
            }
        }
        for (name, text) in &given.values {
            values.insert(name.as_str().into(), Value::from(text.as_str()));
        }
        values
    }

    /// A module and those that it calls.
    fn module(&mut self, dir: &str, name: &str, given: BTreeMap<Arc<str>, Value>, above: &mut Vec<String>) {
        let is_root = name.is_empty();
        let via = if is_root { "configuration" } else { name };
        self.add(What::Folder(dir.to_owned(), is_root), via);
        self.walked += 1;
        let repository = self.repository;
        let Some(folder) = repository.folders.get(dir) else {
            // Inside a submodule, or not there: what is there may come or change.
            self.add(What::Below(dir.to_owned()), via);
            return;
        };
        if above.len() >= MAX_CALLS || self.walked > MAX_WALKED || above.iter().any(|other| other == dir) {
            return;
        }
        above.push(dir.to_owned());
        for (file, why) in &folder.unread {
            self.found.unread.insert(file.clone(), why.clone());
        }
        self.linked_files(dir, via);
        let mut instance = Instance {
            listing: repository.listing,
            root: self.root,
            dir,
            name,
            locals: BTreeMap::new(),
            defaults: BTreeMap::new(),
            given,
            known: RefCell::default(),
        };
        for attribute in folder.blocks("locals").flat_map(|block| &block.body.attributes) {
            instance.locals.insert(&attribute.name.name, attribute);
        }
        for block in folder.blocks("variable") {
            if let Some(name) = block.label(0) {
                let default = block.body.attribute("default").map(|attribute| &attribute.value);
                instance.defaults.insert(name, default);
            }
        }
        for block in folder.bodies.iter().flat_map(|body| &body.blocks) {
            self.block(block, &instance, &Bound::default());
        }
        for call in folder.blocks("module") {
            self.call(call, &instance, above);
        }
        above.pop();
    }

    /// Files of a folder that are links: what they lead to counts as if it stood there.
    fn linked_files(&mut self, dir: &str, via: &str) {
        let start = match dir.is_empty() {
            true => String::new(),
            false => format!("{dir}/"),
        };
        let folder = What::Folder(dir.to_owned(), via == "configuration");
        let links: Vec<String> = self
            .repository
            .listing
            .range(start.clone()..)
            .take_while(|(file, _)| file.starts_with(&start))
            .filter(|(file, kind)| matches!(kind, Kind::Link(_)) && folder.covers(file))
            .map(|(file, _)| file.clone())
            .collect();
        for link in links {
            self.add_place(&link, via, What::File);
        }
    }

    fn call(&mut self, call: &'a Block, instance: &Instance<'_>, above: &mut Vec<String>) {
        let Some(label) = call.label(0) else { return };
        let name = match instance.name.is_empty() {
            true => format!("module.{label}"),
            false => format!("{}.module.{label}", instance.name),
        };
        let Some(source) = call.body.attribute("source") else {
            return;
        };
        let value = instance.eval(&source.value, &Bound::default());
        let Some(source) = value.as_str() else {
            if !value.is_known() {
                self.add(
                    What::Below(String::new()),
                    format!("{name}, whose source is not known"),
                );
            }
            return;
        };
        if !is_local(source) {
            return;
        }
        let Some(place) = locate(instance.dir, source) else {
            return;
        };
        let (links, end) = self.repository.follow(&place);
        for link in links {
            self.add(What::File(link), format!("{name} (link)"));
        }
        let Some(dir) = end else { return };
        let own = [
            "source",
            "version",
            "count",
            "for_each",
            "providers",
            "depends_on",
        ];
        let given = call
            .body
            .attributes
            .iter()
            .filter(|attribute| !own.contains(&&*attribute.name.name))
            .map(|attribute| {
                let value = instance.eval(&attribute.value, &Bound::default());
                (attribute.name.name.clone(), value)
            })
            .collect();
        self.module(&dir, &name, given, above);
    }

    /// All expressions of a block, once for each of its instances where these are known.
    fn block(&mut self, block: &Block, instance: &Instance<'_>, bound: &Bound) {
        let each = block.body.attribute("for_each").filter(|_| {
            matches!(
                &*block.kind.name,
                "resource" | "data" | "ephemeral" | "module" | "import"
            )
        });
        let Some(each) = each else {
            return self.body(&block.body, instance, bound);
        };
        self.expr(&each.value, instance, bound);
        match elements(&instance.eval(&each.value, bound)) {
            Some(elements) => {
                for (key, value) in elements {
                    let bound = Bound {
                        each: Some((key, value)),
                        ..bound.clone()
                    };
                    self.body(&block.body, instance, &bound);
                }
            }
            None => self.body(&block.body, instance, bound),
        }
    }

    fn body(&mut self, body: &Body, instance: &Instance<'_>, bound: &Bound) {
        for attribute in &body.attributes {
            self.expr(&attribute.value, instance, bound);
        }
        for block in &body.blocks {
            let mut bound = bound.clone();
            if &*block.kind.name == "dynamic" {
                let iterator = block
                    .body
                    .attribute("iterator")
                    .map(|attribute| &attribute.value.kind);
                let name = match iterator {
                    Some(ExprKind::Traversal(name, _)) => Some(&*name.name),
                    _ => block.label(0),
                };
                bound.names.extend(name.map(|name| (name.into(), unknown(name))));
            }
            self.body(&block.body, instance, &bound);
        }
    }

    fn parts(&mut self, parts: &[TemplatePart], instance: &Instance<'_>, bound: &Bound) {
        for part in parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr, instance, bound),
                TemplatePart::If { condition, yes, no } => {
                    self.expr(condition, instance, bound);
                    self.parts(yes, instance, bound);
                    self.parts(no, instance, bound);
                }
                TemplatePart::For {
                    key_var,
                    value_var,
                    collection,
                    body,
                } => {
                    self.expr(collection, instance, bound);
                    let mut bound = bound.clone();
                    for name in key_var.iter().chain([value_var]) {
                        bound.names.push((name.name.clone(), unknown(&name.name)));
                    }
                    self.parts(body, instance, &bound);
                }
            }
        }
    }

    fn steps(&mut self, steps: &[Step], instance: &Instance<'_>, bound: &Bound) {
        for step in steps {
            if let Step::Index(expr, _) = step {
                self.expr(expr, instance, bound);
            }
        }
    }

    /// The files that an expression reads.
    fn expr(&mut self, expr: &Expr, instance: &Instance<'_>, bound: &Bound) {
        match &expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => {}
            ExprKind::Template(parts) => {
                self.written_path(expr, parts, instance, bound);
                self.parts(parts, instance, bound);
            }
            ExprKind::Traversal(_, steps) => self.steps(steps, instance, bound),
            ExprKind::Relative(source, steps)
            | ExprKind::Splat {
                source, each: steps, ..
            } => {
                self.expr(source, instance, bound);
                self.steps(steps, instance, bound);
            }
            ExprKind::Call { name, args, .. } => {
                self.function(expr, name, args, instance, bound);
                for (at, arg) in args.iter().enumerate() {
                    match &arg.kind {
                        // The function says more exactly what is read there than the text does.
                        ExprKind::Template(parts) if at == 0 && reads(name) => {
                            self.parts(parts, instance, bound);
                        }
                        _ => self.expr(arg, instance, bound),
                    }
                }
            }
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.expr(item, instance, bound)),
            ExprKind::Object(items) => {
                for (key, value) in items {
                    if let ObjectKey::Expr(key) = key {
                        self.expr(key, instance, bound);
                    }
                    self.expr(value, instance, bound);
                }
            }
            ExprKind::For(each) => {
                self.expr(&each.collection, instance, bound);
                let known = elements(&instance.eval(&each.collection, bound));
                let known = known.unwrap_or_else(|| vec![(unknown("for"), unknown("for"))]);
                for (key, value) in known {
                    let mut bound = bound.clone();
                    if let Some(name) = &each.key_var {
                        bound.names.push((name.name.clone(), key));
                    }
                    bound.names.push((each.value_var.name.clone(), value));
                    for part in each.key.iter().chain([&each.value]).chain(&each.condition) {
                        self.expr(part, instance, &bound);
                    }
                }
            }
            ExprKind::Conditional(parts) => parts.iter().for_each(|part| self.expr(part, instance, bound)),
            ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => self.expr(inner, instance, bound),
            ExprKind::Binary(operands, _) => {
                self.expr(&operands.0, instance, bound);
                self.expr(&operands.1, instance, bound);
            }
        }
    }

    /// What is known of a path: of both, where it depends on what is not known.
    fn known(&self, expr: &Expr, instance: &Instance<'_>, bound: &Bound) -> Vec<Known> {
        if let ExprKind::Paren(inner) = &expr.kind {
            return self.known(inner, instance, bound);
        }
        let (value, _) = instance.eval(expr, bound).unmark();
        if let Some(text) = value.as_str() {
            return vec![Known::Whole(text.to_owned())];
        }
        match (&expr.kind, value.as_unknown()) {
            (ExprKind::Conditional(parts), Some(_)) => {
                let [_, yes, no] = &**parts;
                let mut all = self.known(yes, instance, bound);
                all.extend(self.known(no, instance, bound));
                all
            }
            (_, Some(unknown)) => vec![Known::Part(
                unknown.prefix.as_deref().unwrap_or_default().to_owned(),
            )],
            // Null and what is no text name no file.
            _ => Vec::new(),
        }
    }

    fn via(&self, what: &str, expr: &Expr) -> String {
        match self.repository.sources.get(expr.span.file.0 as usize) {
            Some(source) => format!(
                "{what} at {}:{}",
                source.name(),
                source.position(expr.span.start).line
            ),
            None => what.to_owned(),
        }
    }

    fn function(&mut self, expr: &Expr, name: &Ident, args: &[Expr], instance: &Instance<'_>, bound: &Bound) {
        let function = bare(name);
        let Some(first) = args.first().filter(|_| reads(name)) else {
            return;
        };
        let via = self.via(&format!("{function}()"), expr);
        for known in self.known(first, instance, bound) {
            match known {
                Known::Part(prefix) => self.unknown_path(&prefix, &via, instance),
                Known::Whole(written) if function == "fileset" => {
                    let Some(pattern) = args.get(1) else { continue };
                    for pattern in self.known(pattern, instance, bound) {
                        self.fileset(&written, &pattern, &via);
                    }
                }
                Known::Whole(written) => {
                    let Some(place) = locate(self.root, &written) else {
                        continue;
                    };
                    self.add_place(&place, &via, What::File);
                    if function == "templatefile" {
                        self.template(&place, instance);
                    }
                }
            }
        }
    }

    fn fileset(&mut self, dir: &str, pattern: &Known, via: &str) {
        let Known::Whole(pattern) = pattern else {
            let Some(place) = locate(self.root, dir) else {
                return;
            };
            return self.add_place(&place, &format!("{via}, whose pattern is not known"), What::Below);
        };
        let Some(full) = locate(self.root, &format!("{dir}/{pattern}")) else {
            return;
        };
        let start = What::Matching(full.clone()).place().to_owned();
        let (links, end) = self.repository.follow(&start);
        let linked = !links.is_empty();
        for link in links {
            self.add(What::File(link), format!("{via} (link)"));
        }
        let Some(end) = end else { return };
        let rest = full.get(start.len()..).unwrap_or_default();
        let moved = if linked { format!("{end}{rest}") } else { full };
        self.add(What::Matching(moved), via);
    }

    /// A path of which only the beginning is known: everything in the module's folder counts, and more where it leads
    /// out of that.
    fn unknown_path(&mut self, prefix: &str, via: &str, instance: &Instance<'_>) {
        let via = format!("{via}, whose path is not known");
        let Some(end) = prefix.rfind('/') else {
            return self.add(What::Below(String::new()), via);
        };
        let dir = prefix.get(..=end).unwrap_or_default();
        let Some(place) = locate(self.root, dir) else {
            return;
        };
        let below = [instance.dir, self.root]
            .into_iter()
            .find(|dir| is_below(&place, dir))
            .map_or_else(|| place.clone(), str::to_owned);
        self.add_place(&below, &via, What::Below);
        if place != below {
            self.add_place(&place, &via, What::Below);
        }
    }

    /// A template may read files itself.
    fn template(&mut self, place: &str, instance: &Instance<'_>) {
        if !self.templates.insert(place.to_owned()) {
            return;
        }
        let (_, Some(end)) = self.repository.follow(place) else {
            return;
        };
        if self.repository.listing.get(&end) != Some(&Kind::File) {
            return;
        }
        let Ok(text) =
            (self.read)(&end).and_then(|bytes| String::from_utf8(bytes).map_err(|e| e.to_string()))
        else {
            return;
        };
        // Few templates do; the others need no parsing.
        if !text.contains("file") {
            return;
        }
        if let Ok(expr) = tf_lang::parse::parse_template(FileId(u32::MAX), &end, &text) {
            let inner = Instance {
                listing: instance.listing,
                root: instance.root,
                dir: instance.dir,
                name: instance.name,
                locals: BTreeMap::new(),
                defaults: BTreeMap::new(),
                given: BTreeMap::new(),
                known: RefCell::default(),
            };
            let mut names = BTreeSet::new();
            tf_lang::eval::references(&expr, &mut |reference| {
                names.insert(reference.root.name.clone());
            });
            let bound = Bound {
                each: None,
                names: names
                    .into_iter()
                    .map(|name| (name.clone(), unknown(&name)))
                    .collect(),
            };
            self.expr(&expr, &inner, &bound);
        }
    }

    /// A text that begins with `path.module` or the like names a file or a folder that something reads: the code of a
    /// function that is packed, a chart, an object that is uploaded.
    fn written_path(&mut self, expr: &Expr, parts: &[TemplatePart], instance: &Instance<'_>, bound: &Bound) {
        let begins = matches!(parts.first(), Some(TemplatePart::Interpolation(Expr {
            kind: ExprKind::Traversal(root, _),
            ..
        })) if &*root.name == "path");
        if !begins || parts.len() < 2 {
            return;
        }
        let via = self.via("path", expr);
        for known in self.known(expr, instance, bound) {
            let (written, exact) = match &known {
                Known::Whole(text) => (text.as_str(), true),
                Known::Part(text) => (
                    text.get(..text.rfind('/').unwrap_or(0)).unwrap_or_default(),
                    false,
                ),
            };
            let Some(place) = locate(self.root, written) else {
                continue;
            };
            // Folders above the module would be everything; as a path to read they are only the beginning of one.
            if is_below(instance.dir, &place) || !exact && place.is_empty() {
                continue;
            }
            self.add_place(&place, &via, What::Below);
        }
    }
}

/// A function's name without its namespace.
fn bare(name: &Ident) -> &str {
    name.name.strip_prefix("core::").unwrap_or(&name.name)
}

/// Whether a function reads what its first argument names.
fn reads(name: &Ident) -> bool {
    let function = bare(name);
    matches!(
        function,
        "file"
            | "filebase64"
            | "fileexists"
            | "templatefile"
            | "filemd5"
            | "filesha1"
            | "filesha256"
            | "filesha512"
            | "filebase64sha256"
            | "filebase64sha512"
            | "fileset"
    )
}

/// The elements of a collection that is known, with their keys.
fn elements(value: &Value) -> Option<Vec<(Value, Value)>> {
    let (value, _) = value.clone().unmark();
    let found: Vec<(Value, Value)> = match (value.as_items(), value.as_entries()) {
        (Some(items), _) => {
            let is_set = matches!(value.kind(), tf_lang::value::Kind::Set(..));
            let pair = |(at, item): (usize, &Value)| {
                let key = if is_set { item.clone() } else { Value::count(at) };
                (key, item.clone())
            };
            items.iter().enumerate().map(pair).collect()
        }
        (None, Some(entries)) => entries
            .iter()
            .map(|(key, item)| (Value::normal_string(key.clone()), item.clone()))
            .collect(),
        (None, None) => return None,
    };
    (found.len() <= MAX_ELEMENTS).then_some(found)
}
