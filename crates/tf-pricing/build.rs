//! Compiles the cost models: reads every file under `models/`, refuses what is broken, doubled, untested or reads attributes
//! that no provider has, and writes them as one blob.

#[path = "src/model.rs"]
#[allow(unreachable_pub)]
#[allow(dead_code)]
mod model;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Model, Pack, Shared};
use tf_lang::ast::{Expr, Step};
use tf_lang::eval::references;
use tf_lang::{Diagnostic, SourceFile, SourceMap};
use tf_model::schema::{self, Kind};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=models");
    println!("cargo::rerun-if-changed=src/model.rs");
    // Parsing recurses; debug builds have large frames.
    let compiled = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(|| compile().map_err(|e| e.to_string()))?;
    let blob = compiled
        .join()
        .map_err(|_| "the compiler of cost models panicked")??;
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("models.bin"), blob)?;
    Ok(())
}

fn compile() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut sources = SourceMap::new();
    let mut pack = Pack::default();
    let mut patterns: BTreeMap<Arc<str>, String> = BTreeMap::new();
    let mut later: BTreeMap<Arc<str>, String> = BTreeMap::new();
    let mut places: BTreeMap<Arc<str>, String> = BTreeMap::new();
    let mut shared = Shared::default();
    let mut bodies = Vec::new();
    for path in hcl_files(Path::new("models"))? {
        let text: Arc<str> = std::fs::read_to_string(&path)?.into();
        let shown = path.display().to_string();
        let file = sources.add(SourceFile::new(shown.clone(), text.clone()));
        let body =
            tf_lang::parse::parse_body(file, &text).map_err(|problem| placed(&shown, &sources, &problem))?;
        model::read_shared(&body.blocks, &mut shared)
            .map_err(|problem| placed(&shown, &sources, &problem))?;
        bodies.push((shown, body));
    }
    for (shown, body) in bodies {
        let read = model::read(&body.blocks, &shared, &sources)
            .map_err(|problem| placed(&shown, &sources, &problem))?;
        for model in read.models {
            let place = format!("{}:{}", model.place.0, model.place.1);
            check(&model).map_err(|problem| format!("{place}: {problem}"))?;
            for ty in &model.types {
                if let Some(other) = places.insert(ty.clone(), place.clone()) {
                    return Err(format!("{place}: {ty} has a model in {other} too").into());
                }
            }
            pack.models.push(model);
        }
        for pattern in read.free {
            if patterns.insert(pattern.clone(), shown.clone()).is_some() {
                return Err(format!("{shown}: {pattern} is twice among the free types").into());
            }
        }
        later.extend(
            read.not_priced
                .into_iter()
                .map(|pattern| (pattern, shown.clone())),
        );
    }
    pack.free = named(&patterns, &places)?;
    places.extend(
        pack.free
            .iter()
            .map(|ty| (ty.clone(), "the free types".to_owned())),
    );
    pack.not_priced = named(&later, &places)?;
    places.extend(
        pack.not_priced
            .iter()
            .map(|ty| (ty.clone(), "those not priced".to_owned())),
    );
    // Nothing that the provider has is forgotten.
    if let Some(forgotten) = schema::names(Kind::Resource)
        .iter()
        .find(|name| !places.contains_key(**name))
    {
        let detail = format!(
            "{forgotten} has no model, and is neither among the free types nor among those that are not priced yet"
        );
        return Err(detail.into());
    }
    pack.models.sort_by(|a, b| a.types.cmp(&b.types));
    let blob = postcard::to_stdvec(&pack)?;
    let again: Pack = postcard::from_bytes(blob.clone().leak())?;
    if again != pack {
        return Err("the compiled models do not read back".into());
    }
    Ok(blob)
}

fn placed(shown: &str, sources: &SourceMap, problem: &Diagnostic) -> String {
    let line = problem.span.map_or(0, |span| sources.lines(span).0);
    format!("{shown}:{line}: {problem}")
}

/// The types that patterns stand for. One that is already listed elsewhere is a contradiction, and one that names nothing a mistake.
fn named(
    patterns: &BTreeMap<Arc<str>, String>,
    listed: &BTreeMap<Arc<str>, String>,
) -> Result<Vec<Arc<str>>, Box<dyn Error>> {
    let names = schema::names(Kind::Resource);
    let mut all: BTreeSet<Arc<str>> = BTreeSet::new();
    for (pattern, file) in patterns {
        let glob = globset::Glob::new(pattern)?.compile_matcher();
        let mut named: Vec<Arc<str>> = names
            .iter()
            .filter(|name| glob.is_match(name))
            .map(|name| Arc::from(*name))
            .collect();
        // Types that the provider has dropped are still in people's code.
        if named.is_empty() && !pattern.contains('*') {
            named.push(pattern.clone());
        }
        if named.is_empty() {
            return Err(format!("{file}: {pattern} names no resource type").into());
        }
        if let Some((doubled, other)) = named.iter().find_map(|name| Some((name, listed.get(name)?)))
            && !pattern.contains('*')
        {
            return Err(format!("{file}: {doubled} is also in {other}").into());
        }
        all.extend(named.into_iter().filter(|name| !listed.contains_key(name)));
    }
    Ok(all.into_iter().collect())
}

fn check(model: &Model) -> Result<(), String> {
    if model.examples.is_empty() {
        return Err("the model has no example".to_owned());
    }
    let known: Vec<_> = model
        .types
        .iter()
        .filter_map(|ty| schema::schema(Kind::Resource, ty))
        .collect();
    // Types that the provider has dropped are still in people's code.
    if known.is_empty() {
        return Ok(());
    }
    for expr in expressions(model) {
        let mut missing = None;
        references(expr, &mut |reference| {
            if let ("self", Some(Step::Attr(name))) = (&*reference.root.name, reference.steps.first()) {
                let name = &*name.name;
                let there = matches!(name, "address" | "type" | "region")
                    || known
                        .iter()
                        .any(|body| body.attribute(name).is_some() || body.block(name).is_some());
                if !there {
                    missing = Some(name.to_owned());
                }
            }
        });
        if let Some(name) = missing {
            return Err(format!(
                "the model reads {}.{name}, which the provider does not have",
                model.types.join("/")
            ));
        }
    }
    Ok(())
}

fn expressions(model: &Model) -> Vec<&Expr> {
    let rule = &*model.rule;
    let of_components = rule.components.iter().flat_map(|component| {
        let optional = [
            &component.when,
            &component.for_each,
            &component.name,
            &component.group,
            &component.region,
            &component.scale,
        ];
        optional
            .into_iter()
            .flatten()
            .chain([&component.price, &component.quantity, &component.unit])
    });
    let locals = rule.locals.iter().map(|(_, expr)| expr);
    rule.when.iter().chain(locals).chain(of_components).collect()
}

fn hcl_files(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(hcl_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "hcl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
