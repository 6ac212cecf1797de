//! The loader of configurations.
//!
//! [`Project::load`] reads all files below a folder in parallel, finds the root modules among them, and
//! [`Project::graph`] evaluates one of these.
//!
//! The schema at hand is that of one version of the AWS provider, and of no other provider. Configurations are written
//! for newer ones too, whatever `required_providers` says of versions: a type, a block or an argument that the schema
//! does not have is taken as it is written, and reading an attribute that it does not have gives an unknown value.
//! Neither is ever an error, but for Terraform's own types.

mod data;
pub mod depends;
pub mod files;
mod inputs;
mod json;
mod module;
mod overrides;
mod session;
mod typespec;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::ast::{Body, Expr, ExprKind, Ident, Step};
use tf_lang::eval::{Budget, Evaluator, Scope};
use tf_lang::functions::{Files, NoFiles};
use tf_lang::{Diagnostic, FileId, SourceFile, SourceMap, Span, Type, Value};

pub use inputs::{Input, Inputs};
pub use module::{Module, Variable};
pub use session::inspect::{Inspector, Place};

use crate::graph::Graph;
use files::ConfigFiles;
use inputs::GivenValues;
use session::Session;

/// Stack of the threads that parse and evaluate: nesting is bounded, but deep.
pub const STACK: usize = 1 << 30;

/// A pool of as many threads as there are cores, with the stack that parsing and evaluating need.
///
/// # Errors
/// Where threads cannot be started.
pub fn thread_pool() -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().stack_size(STACK).build()
}

/// How a configuration is to be read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Values for variables.
    pub inputs: Inputs,
    /// The workspace that `terraform.workspace` names.
    pub workspace: String,
    /// Whether modules that other modules call are judged as roots of their own too.
    pub each_module: bool,
    /// Whether a file that a function reads and that is not there is an error.
    pub strict_files: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            inputs: Inputs::default(),
            workspace: "default".to_owned(),
            each_module: false,
            strict_files: false,
        }
    }
}

/// All configurations below a folder.
#[derive(Debug, Default)]
pub struct Project {
    /// The repository, outside which nothing is read.
    boundary: PathBuf,
    sources: Arc<SourceMap>,
    modules: HashMap<PathBuf, Module>,
    /// By root module: folders of installed modules by the dotted names of their calls.
    installed: HashMap<PathBuf, HashMap<String, PathBuf>>,
    roots: Vec<PathBuf>,
    /// Whether the root was named, and not only found because no other module calls it.
    root_was_named: bool,
    /// Values for the variables of each root module.
    given: HashMap<PathBuf, GivenValues>,
    strict_files: bool,
    workspace: String,
}

/// A path that cannot be scanned.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not there.
    #[error("{0} is not there")]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
}

impl Project {
    /// Reads a folder and everything below it, or one file.
    ///
    /// # Errors
    /// Where the path cannot be read at all. Files that cannot be read are problems of their modules.
    pub fn load(path: &Path, options: &Options) -> Result<Project, LoadError> {
        if !path.exists() {
            return Err(LoadError::Missing(path.to_path_buf()));
        }
        let path = path
            .canonicalize()
            .map_err(|error| LoadError::Unreadable(path.to_path_buf(), error))?;
        let (base, found) = match path.is_file() {
            true => {
                let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
                let files = ConfigFiles {
                    primary: vec![path],
                    overrides: Vec::new(),
                };
                (dir.clone(), BTreeMap::from([(dir, files)]))
            }
            false => (path.clone(), files::below(&path)),
        };
        let mut loader = Loader {
            boundary: files::repository(&base),
            base,
            ..Loader::default()
        };
        loader.load(found.clone());
        loader.follow_calls();
        Ok(loader.finish(found.into_keys().collect(), options))
    }

    /// Reads one folder as the root module, and the modules that it calls; nothing else that lies below it.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn load_root(dir: &Path, options: &Options) -> Result<Project, LoadError> {
        let dir = dir
            .canonicalize()
            .map_err(|error| LoadError::Unreadable(dir.to_path_buf(), error))?;
        let mut loader = Loader {
            boundary: files::repository(&dir),
            base: dir.clone(),
            ..Loader::default()
        };
        loader.load(BTreeMap::from([(dir.clone(), files::in_folder(&dir))]));
        // A root without files is a root all the same: the console works in an empty folder.
        if !loader.modules.contains_key(&dir) {
            let module = Module {
                dir: dir.clone(),
                shown: ".".to_owned(),
                ..Module::default()
            };
            loader.modules.insert(dir.clone(), module);
        }
        loader.follow_calls();
        let mut project = loader.finish(vec![dir.clone()], options);
        project.roots = vec![dir];
        project.root_was_named = true;
        Ok(project)
    }

    /// The graph of a root module that is one text: for examples and tests. It has no files beside it.
    pub fn from_text(name: &str, text: &str) -> Graph {
        let mut sources = SourceMap::new();
        let text: Arc<str> = text.into();
        let file = sources.add(SourceFile::new(name, text.clone()));
        let dir = PathBuf::from("/nowhere");
        let (primary, problems) = match tf_lang::parse::parse_body(file, &text) {
            Ok(body) => (vec![(file, body)], Vec::new()),
            Err(problem) => (Vec::new(), vec![*problem]),
        };
        let mut module = Module::assemble(dir.clone(), ".".to_owned(), primary, Vec::new(), &sources);
        module.diagnostics.splice(0..0, problems);
        let project = Project {
            sources: Arc::new(sources),
            modules: HashMap::from([(dir.clone(), module)]),
            workspace: "default".to_owned(),
            ..Project::default()
        };
        project.graph(&dir)
    }

    /// The folders of the root modules, in order.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// The source texts.
    pub fn sources(&self) -> &Arc<SourceMap> {
        &self.sources
    }

    /// The module in a folder.
    pub fn module(&self, dir: &Path) -> Option<&Module> {
        self.modules.get(dir)
    }

    /// All modules that were read.
    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.modules.values()
    }

    /// Evaluates a root module. Deep configurations need a deep stack: see [`STACK`].
    pub fn graph(&self, root: &PathBuf) -> Graph {
        Session::run(self, root, self.given_values(root), &self.workspace)
    }

    /// Evaluates expressions in the first root module.
    pub fn console(&self) -> Console<'_> {
        let root = self.roots.first().cloned().unwrap_or_default();
        let session = Session::new(self, &root, self.given_values(&root), &self.workspace);
        Console { session, root }
    }

    fn given_values(&self, root: &Path) -> GivenValues {
        self.given.get(root).cloned().unwrap_or_default()
    }

    fn outside(&self, dir: &Path) -> bool {
        !dir.starts_with(&self.boundary)
    }
}

/// Expressions evaluated in a root module, as `terraform console` does.
pub struct Console<'p> {
    session: Session<'p>,
    root: PathBuf,
}

impl Console<'_> {
    /// Evaluates one line.
    ///
    /// # Errors
    /// What Terraform would report, in its order.
    pub fn eval(&self, line: &str) -> Result<String, Vec<Diagnostic>> {
        let expr = tf_lang::parse::parse_expr(CONSOLE_FILE, line).map_err(|problem| vec![*problem])?;
        let Some(instance) = self.session.root(&self.root) else {
            let detail = "There is no configuration in this folder.";
            return Err(vec![Diagnostic::error(
                "No configuration files",
                detail,
                Span::default(),
            )]);
        };
        self.session.console(&instance, &expr)
    }
}

/// The number of the file that a console's line is.
pub const CONSOLE_FILE: FileId = FileId(u32::MAX);

/// A project in the making.
#[derive(Default)]
struct Loader {
    base: PathBuf,
    boundary: PathBuf,
    sources: SourceMap,
    modules: HashMap<PathBuf, Module>,
    installed: HashMap<PathBuf, HashMap<String, PathBuf>>,
}

/// A file that was read, and its tree or what is wrong with it.
struct Parsed {
    dir: PathBuf,
    overriding: bool,
    file: FileId,
    source: SourceFile,
    result: Result<Body, Vec<Diagnostic>>,
}

/// The blocks of a file in native syntax, or all that is wrong with it.
fn native_body(file: FileId, text: &str) -> Result<Body, Vec<Diagnostic>> {
    tf_lang::parse::parse_body(file, text).map_err(|problem| {
        let further = tf_lang::parse::split_strings(file, text, &problem);
        std::iter::once(*problem).chain(further).collect()
    })
}

impl Loader {
    fn load(&mut self, dirs: BTreeMap<PathBuf, ConfigFiles>) {
        let mut jobs: Vec<(PathBuf, PathBuf, bool)> = Vec::new();
        for (dir, files) in &dirs {
            jobs.extend(
                files
                    .primary
                    .iter()
                    .map(|path| (dir.clone(), path.clone(), false)),
            );
            jobs.extend(
                files
                    .overrides
                    .iter()
                    .map(|path| (dir.clone(), path.clone(), true)),
            );
        }
        let first = self.sources.len();
        let base = &self.base;
        let parsed: Vec<Parsed> = jobs
            .into_par_iter()
            .enumerate()
            .map(|(at, (dir, path, overriding))| {
                let file = FileId((first + at) as u32);
                let name = files::display_name(&path, base);
                let (source, result) = match files::read_text(&path) {
                    Ok(text) => {
                        let result = match name.ends_with(".json") {
                            true => json::body(file, &text),
                            false => native_body(file, &text),
                        };
                        (SourceFile::new(name, text), result)
                    }
                    Err(message) => {
                        let problem = Diagnostic::error("Unreadable file", message, Span::new(file, 0, 0));
                        (SourceFile::new(name, ""), Err(vec![problem]))
                    }
                };
                Parsed {
                    dir,
                    overriding,
                    file,
                    source,
                    result,
                }
            })
            .collect();
        let mut by_dir: BTreeMap<PathBuf, Vec<Parsed>> = BTreeMap::new();
        let mut sources = Vec::new();
        for mut parsed in parsed {
            sources.push(std::mem::replace(&mut parsed.source, SourceFile::new("", "")));
            by_dir.entry(parsed.dir.clone()).or_default().push(parsed);
        }
        for source in sources {
            self.sources.add(source);
        }
        for (dir, files) in by_dir {
            let module = self.assemble(dir.clone(), files);
            self.modules.insert(dir, module);
        }
    }

    fn assemble(&self, dir: PathBuf, parsed: Vec<Parsed>) -> Module {
        let shown = files::display_name(&dir, &self.base);
        let (mut primary, mut overriding, mut problems, mut unread) = (vec![], vec![], vec![], vec![]);
        for parsed in parsed {
            match parsed.result {
                Ok(body) if parsed.overriding => overriding.push((parsed.file, body)),
                Ok(body) => primary.push((parsed.file, body)),
                Err(found) => {
                    unread.push(parsed.file);
                    problems.extend(found);
                }
            }
        }
        let mut module = Module::assemble(dir, shown, primary, overriding, &self.sources);
        module.unread = unread;
        module.diagnostics.splice(0..0, problems);
        module
    }

    /// Loads the modules that are called and not read yet, until there are no more.
    fn follow_calls(&mut self) {
        let dirs: Vec<PathBuf> = self.modules.keys().cloned().collect();
        for dir in dirs {
            self.read_installed(&dir);
        }
        loop {
            let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
            for module in self.modules.values() {
                wanted.extend(module.local_calls());
            }
            wanted.extend(self.installed.values().flat_map(|calls| calls.values().cloned()));
            let missing: BTreeMap<PathBuf, ConfigFiles> = wanted
                .into_iter()
                .filter(|dir| !self.modules.contains_key(dir) && dir.starts_with(&self.boundary))
                .map(|dir| {
                    let files = files::in_folder(&dir);
                    (dir, files)
                })
                .filter(|(_, files)| !files.is_empty())
                .collect();
            if missing.is_empty() {
                return;
            }
            self.load(missing);
        }
    }

    /// `.terraform/modules/modules.json`: where `terraform init` put modules.
    fn read_installed(&mut self, root: &Path) {
        #[derive(serde::Deserialize)]
        struct Manifest {
            #[serde(rename = "Modules", default)]
            modules: Vec<Entry>,
        }
        #[derive(serde::Deserialize)]
        struct Entry {
            #[serde(rename = "Key")]
            key: String,
            #[serde(rename = "Dir")]
            dir: String,
        }
        let path = root.join(".terraform/modules/modules.json");
        let Ok(text) = files::read_text(&path) else { return };
        // A manifest that is not valid is as good as none: the calls are reported as not installed.
        let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else {
            return;
        };
        let calls = manifest
            .modules
            .into_iter()
            .filter(|entry| !entry.key.is_empty())
            .map(|entry| (entry.key, files::normalise(&root.join(entry.dir))))
            .collect();
        self.installed.insert(root.to_path_buf(), calls);
    }

    fn finish(mut self, scanned: Vec<PathBuf>, options: &Options) -> Project {
        let called: BTreeSet<PathBuf> = self
            .modules
            .values()
            .flat_map(|module| module.local_calls())
            .collect();
        let mut roots: Vec<PathBuf> = scanned
            .iter()
            .filter(|dir| options.each_module || !called.contains(*dir))
            .cloned()
            .collect();
        // Modules that call each other in a circle have no root; none of them may be lost.
        let mut reached: BTreeSet<PathBuf> = BTreeSet::new();
        for root in &roots {
            self.reach(root, &mut reached);
        }
        for dir in &scanned {
            if !reached.contains(dir) {
                roots.push(dir.clone());
                self.reach(dir, &mut reached);
            }
        }
        roots.sort();
        let mut given = HashMap::new();
        for root in &roots {
            let values = GivenValues::gather(root, &options.inputs, &mut self.sources, &self.base);
            given.insert(root.clone(), values);
        }
        Project {
            boundary: self.boundary,
            sources: Arc::new(self.sources),
            modules: self.modules,
            installed: self.installed,
            roots,
            root_was_named: false,
            given,
            strict_files: options.strict_files,
            workspace: options.workspace.clone(),
        }
    }

    fn reach(&self, dir: &Path, reached: &mut BTreeSet<PathBuf>) {
        let mut pending = vec![dir.to_path_buf()];
        while let Some(dir) = pending.pop() {
            if reached.insert(dir.clone())
                && let Some(module) = self.modules.get(&dir)
            {
                pending.extend(module.local_calls());
            }
        }
    }
}

impl Module {
    /// Folders of the modules that this one calls by a path.
    fn local_calls(&self) -> impl Iterator<Item = PathBuf> {
        self.calls.values().filter_map(|call| {
            let ExprKind::String(source) = &call.body.attribute("source")?.value.kind else {
                return None;
            };
            let local = source.starts_with("./") || source.starts_with("../");
            local.then(|| files::normalise(&self.dir.join(&**source)))
        })
    }
}

/// A scope in which nothing is named.
struct Nothing;

impl Scope for Nothing {
    fn resolve(
        &self,
        _evaluator: &mut Evaluator<'_>,
        root: &Ident,
        _steps: &[Step],
    ) -> Result<(Value, usize), Box<Diagnostic>> {
        Err(Box::new(Diagnostic::error(
            "Variables not allowed",
            "Variables may not be used here.",
            root.span,
        )))
    }

    fn files(&self) -> &dyn Files {
        &NoFiles
    }
}

/// The value of an expression that may not refer to anything.
fn constant(expr: &Expr) -> Result<Value, Box<Diagnostic>> {
    if let ExprKind::Call { name, .. } = &expr.kind {
        let detail = "Functions may not be called here.";
        return Err(Box::new(Diagnostic::error(
            "Function calls not allowed",
            detail,
            name.span,
        )));
    }
    constant_lenient(expr)
}

/// The same, but functions are allowed.
fn constant_lenient(expr: &Expr) -> Result<Value, Box<Diagnostic>> {
    let budget = Budget::default();
    let mut evaluator = Evaluator::new(&Nothing, &budget);
    let value = evaluator.eval(expr);
    match evaluator
        .take_diagnostics()
        .into_iter()
        .find(Diagnostic::is_error)
    {
        Some(problem) => Err(Box::new(problem)),
        None => Ok(value),
    }
}

/// A type in Terraform's notation, of the schema's own data; `any` for what is no type.
pub(crate) fn type_text(text: &str) -> Type {
    // Almost all are primitive; these need no parser.
    match text {
        "string" => Type::String,
        "bool" => Type::Bool,
        "number" => Type::Number,
        "list(string)" => Type::list(Type::String),
        "set(string)" => Type::set(Type::String),
        "map(string)" => Type::map(Type::String),
        _ => {
            let parsed = tf_lang::parse::parse_expr(CONSOLE_FILE, text).ok();
            parsed
                .and_then(|expr| typespec::TypeSpec::parse(&expr).ok())
                .map_or(Type::Any, |spec| spec.ty)
        }
    }
}
