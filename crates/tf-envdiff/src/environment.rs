//! Environments: what is compared, evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use tf_lang::value::Kind;
use tf_lang::{Diagnostic, SourceMap, Span, Value};
use tf_model::config::{Input, Inputs};
use tf_model::{Graph, Options, Project};

use crate::lock::{self, Locked};
use crate::normalise;

/// What an environment was read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Terraform files, evaluated.
    Configuration,
    /// The JSON of a plan.
    Plan,
    /// A state.
    State,
}

/// An environment, one column of a report.
#[derive(Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The words by which texts name it.
    pub words: Vec<String>,
    /// Hosts that its variables name.
    pub hosts: BTreeSet<String>,
    /// What it was read from.
    pub kind: Origin,
    /// Its root modules by name.
    pub stacks: BTreeMap<String, Stack>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// For configurations: all that was read.
    pub project: Option<Project>,
    /// Files that were taken out of a commit, for as long as functions may read them.
    pub(crate) files: Option<Arc<tempfile::TempDir>>,
}

/// One root module of an environment, or one plan or state.
#[derive(Debug)]
pub struct Stack {
    /// What it would build, or has built.
    pub graph: Graph,
    /// For configurations: its folder.
    pub root: Option<PathBuf>,
    /// Providers of its lock file.
    pub locked: Locked,
    /// What stands before the names of its files.
    pub prefix: String,
    /// For plans and states whose root module is known: where causes are looked for.
    pub written: Option<Written>,
    /// Whether it could not be read as a whole, so that comparing it would say things that are not so.
    pub broken: bool,
}

/// The files that a plan or a state was made of.
#[derive(Debug)]
pub struct Written {
    /// The folder of the root module.
    pub root: PathBuf,
    /// The texts.
    pub sources: Arc<SourceMap>,
}

/// Something that could not be read or compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// The environment; nothing for what is about all.
    pub environment: Option<String>,
    /// File.
    pub file: Option<String>,
    /// First and last line, from 1.
    pub lines: Option<(u32, u32)>,
    /// What is wrong.
    pub message: String,
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Location {
    /// The file, as seen from where the program runs.
    pub file: String,
    /// First line, from 1.
    pub first: u32,
    /// Last line.
    pub last: u32,
}

impl Stack {
    /// Where a span is.
    pub fn locate(&self, span: Span) -> Location {
        let sources = match &self.written {
            Some(written) => &written.sources,
            None => &self.graph.sources,
        };
        locate(sources, &self.prefix, span)
    }

    /// The folder of the root module, where it is known.
    pub fn folder(&self) -> Option<&PathBuf> {
        self.root
            .as_ref()
            .or(self.written.as_ref().map(|written| &written.root))
    }
}

fn locate(sources: &SourceMap, prefix: &str, span: Span) -> Location {
    let (first, last) = sources.lines(span);
    Location {
        file: shown_file(prefix, sources.name(span.file)),
        first,
        last,
    }
}

fn shown_file(prefix: &str, name: &str) -> String {
    // Before the colon stands a commit.
    let (revision, dir) = match prefix.rsplit_once(':') {
        Some((revision, dir)) => (format!("{revision}:"), dir),
        None => (String::new(), prefix),
    };
    format!("{revision}{}", tf_lang::path::join(&[dir, name]))
}

/// A folder of configurations to be read.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder.
    pub dir: PathBuf,
    /// What stands before the names of its files.
    pub prefix: String,
    /// Further files with values of variables.
    pub var_files: Vec<PathBuf>,
    /// Files that were taken out of a commit.
    pub files: Option<Arc<tempfile::TempDir>>,
}

impl Environment {
    /// An environment that could not be read at all.
    pub fn broken(name: &str, kind: Origin, message: String) -> Environment {
        Environment {
            name: name.to_owned(),
            words: normalise::words([name.to_owned()]),
            hosts: BTreeSet::new(),
            kind,
            stacks: BTreeMap::new(),
            problems: vec![Problem {
                environment: Some(name.to_owned()),
                file: None,
                lines: None,
                message,
            }],
            project: None,
            files: None,
        }
    }

    /// Reads the root modules at and below a folder, and evaluates them.
    pub fn of_folder(name: &str, folder: &Folder, inputs: &Inputs, workspace: &str) -> Environment {
        let mut inputs = inputs.clone();
        inputs
            .arguments
            .extend(folder.var_files.iter().cloned().map(Input::File));
        let options = Options {
            inputs,
            workspace: workspace.to_owned(),
            ..Options::default()
        };
        let project = match Project::load(&folder.dir, &options) {
            Ok(project) => project,
            Err(error) => return Environment::broken(name, Origin::Configuration, error.to_string()),
        };
        let mut environment = Environment::of_project(name, project, folder);
        if environment.stacks.is_empty() {
            let message = format!("there are no Terraform files in {}", folder.prefix);
            return Environment::broken(name, Origin::Configuration, message);
        }
        environment.files.clone_from(&folder.files);
        environment
    }

    /// Evaluates the root modules of a project.
    pub fn of_project(name: &str, project: Project, folder: &Folder) -> Environment {
        let base = folder.dir.canonicalize().unwrap_or_else(|_| folder.dir.clone());
        let prefix = &folder.prefix;
        let evaluated: Vec<(String, Stack, Vec<Problem>)> = project
            .roots()
            .par_iter()
            .with_max_len(1)
            .map(|root| {
                let graph = project.graph(root);
                let relative = root.strip_prefix(&base).unwrap_or(root);
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                let (locked, unread) = lock::read(root, &tf_lang::path::join(&[prefix, &parts.join("/")]));
                let mut problems = problems(name, &graph, prefix);
                problems.extend(unread.map(|problem| Problem {
                    environment: Some(name.to_owned()),
                    ..problem
                }));
                let stack = Stack {
                    broken: graph.problems.iter().any(|problem| spoils(&problem.diagnostic)),
                    graph,
                    root: Some(root.clone()),
                    locked,
                    prefix: prefix.clone(),
                    written: None,
                };
                (parts.join("/"), stack, problems)
            })
            .collect();
        let mut environment = Environment {
            name: name.to_owned(),
            words: Vec::new(),
            hosts: BTreeSet::new(),
            kind: Origin::Configuration,
            stacks: BTreeMap::new(),
            problems: Vec::new(),
            project: None,
            files: None,
        };
        for (stack, evaluated, problems) in evaluated {
            environment.problems.extend(problems);
            environment.stacks.insert(stack, evaluated);
        }
        environment.project = Some(project);
        environment.problems.sort();
        environment.problems.dedup();
        environment.find_words();
        environment
    }

    /// An environment of one plan or state.
    pub fn of_graph(name: &str, kind: Origin, graph: Graph) -> Environment {
        let stack = Stack {
            graph,
            root: None,
            locked: Locked::new(),
            prefix: String::new(),
            written: None,
            broken: false,
        };
        let mut environment = Environment {
            name: name.to_owned(),
            words: Vec::new(),
            hosts: BTreeSet::new(),
            kind,
            stacks: BTreeMap::from([(String::new(), stack)]),
            problems: Vec::new(),
            project: None,
            files: None,
        };
        environment.find_words();
        environment
    }

    /// Says of which root module a plan or a state is, so that causes can be looked for in its files. Variables have the values that
    /// the plan was made with; of a state they are not known.
    ///
    /// # Errors
    /// Why the folder cannot be used.
    pub fn written_in(&mut self, dir: &Path, inputs: &Inputs, workspace: &str) -> Result<(), String> {
        let real = dir
            .canonicalize()
            .map_err(|error| format!("{}: {error}", dir.display()))?;
        let Some(stack) = self.stacks.values_mut().next() else {
            return Ok(());
        };
        let mut inputs = inputs.clone();
        loop {
            let options = Options {
                inputs: inputs.clone(),
                workspace: workspace.to_owned(),
                ..Options::default()
            };
            let project = Project::load(dir, &options).map_err(|error| error.to_string())?;
            let Some(root) = project.roots().iter().find(|root| **root == real).cloned() else {
                return Err(format!("{} is no root module", dir.display()));
            };
            let graph = project.graph(&root);
            let given = inputs.arguments.len();
            for (name, value) in &stack.graph.variables {
                let same = graph
                    .variables
                    .get(name)
                    .is_some_and(|own| own.equals_known(value));
                let known = inputs
                    .arguments
                    .iter()
                    .any(|input| matches!(input, Input::Var(other, _) if **other == **name));
                if let (false, false, Some(text)) = (same, known, argument(value)) {
                    inputs.arguments.push(Input::Var(name.to_string(), text));
                }
            }
            if given == inputs.arguments.len() {
                // A plan has what was given: of the command line texts, whatever the type is.
                for (name, value) in &mut stack.graph.variables {
                    if let Some(own) = graph.variables.get(name).filter(|own| own.is_wholly_known()) {
                        *value = own.clone();
                    }
                }
                stack.written = Some(Written {
                    root,
                    sources: graph.sources,
                });
                stack.prefix = prefix_of(dir);
                self.project = Some(project);
                return Ok(());
            }
        }
    }

    /// The environment is called by its name, and by what its root modules call it.
    fn find_words(&mut self) {
        const VARIABLES: [&str; 6] = [
            "environment",
            "env",
            "stage",
            "environment_name",
            "env_name",
            "deployment_environment",
        ];
        let named = self.stacks.values().flat_map(|stack| {
            VARIABLES
                .iter()
                .filter_map(|variable| stack.graph.variables.get(*variable)?.as_str())
        });
        // A commit is no name of an environment.
        let own = self.name.split('@').next().unwrap_or(&self.name);
        let parts = own.split('/').map(str::to_owned);
        self.words = normalise::words(parts.chain(named.map(str::to_owned)));
        for value in self
            .stacks
            .values()
            .flat_map(|stack| stack.graph.variables.values())
        {
            hosts(value, &mut self.hosts);
        }
    }

    /// Whether anything could not be read.
    pub fn is_incomplete(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// A value as it is written behind `-var NAME=`.
fn argument(value: &Value) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => expression(value),
    }
}

/// A value as an expression; nothing where a part of it is not known.
fn expression(value: &Value) -> Option<String> {
    let all = |items: &[Value]| -> Option<Vec<String>> { items.iter().map(expression).collect() };
    Some(match value.kind() {
        Kind::Null(_) => "null".to_owned(),
        Kind::Bool(flag) => flag.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::String(text) => quoted(text),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            format!("[{}]", all(items)?.join(", "))
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let entries: Option<Vec<String>> = entries
                .iter()
                .map(|(name, inner)| Some(format!("{} = {}", quoted(name), expression(inner)?)))
                .collect();
            format!("{{ {} }}", entries?.join(", "))
        }
        Kind::Unknown(_) | Kind::Type(_) | Kind::Handle(_) => return None,
    })
}

fn quoted(text: &str) -> String {
    tf_lang::text::quote_go(text)
        .replace("${", "$${")
        .replace("%{", "%%{")
}

fn hosts(value: &Value, out: &mut BTreeSet<String>) {
    match value.as_str() {
        Some(text) if normalise::is_host(text) => {
            out.insert(text.to_owned());
        }
        Some(_) => {}
        None => value.children().for_each(|child| hosts(child, out)),
    }
}

/// Whether after this error nothing can be said of the root module. What a provider's own check says is no such error, nor
/// is a module that is not installed: those who are there can be compared.
fn spoils(diagnostic: &Diagnostic) -> bool {
    diagnostic.is_error() && diagnostic.summary != "Module not installed"
}

fn problems(environment: &str, graph: &Graph, prefix: &str) -> Vec<Problem> {
    let errors = graph
        .problems
        .iter()
        .filter(|problem| problem.diagnostic.is_error());
    errors
        .map(|problem| {
            let place = problem
                .diagnostic
                .span
                .map(|span| locate(&graph.sources, prefix, span));
            Problem {
                environment: Some(environment.to_owned()),
                file: place.as_ref().map(|place| place.file.clone()),
                lines: place.map(|place| (place.first, place.last)),
                message: problem.diagnostic.to_string(),
            }
        })
        .collect()
}

/// The name of a stack as people read it.
pub fn shown_stack(name: &str) -> &str {
    if name.is_empty() { "." } else { name }
}

/// A folder as people write it: what stands before the names of its files.
pub fn prefix_of(dir: &Path) -> String {
    let text = dir.to_string_lossy().replace('\\', "/");
    tf_lang::path::clean(&text)
}
