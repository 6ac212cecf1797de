//! Compiles the policy pack: reads every file under `pack/`, refuses what is broken, doubled, untested or
//! reads attributes that no provider has, and writes the policies as one blob.

#[path = "src/policy.rs"]
#[allow(unreachable_pub)]
#[allow(dead_code)]
mod policy;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};

use policy::{Expected, FRAMEWORKS, Policy};
use tf_lang::{SourceFile, SourceMap};
use tf_model::schema::{self, Kind};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=pack");
    println!("cargo::rerun-if-changed=src/policy.rs");
    // Parsing recurses; debug builds have large frames.
    let compiled = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(|| compile().map_err(|e| e.to_string()))?;
    let (blob, holds_data) = compiled.join().map_err(|_| "the policy compiler panicked")??;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("pack.bin"), blob)?;
    std::fs::write(
        out.join("holds_data.rs"),
        format!("&{:?}", Vec::from_iter(holds_data)),
    )?;
    Ok(())
}

/// The policies as bytes, and the types that hold data.
fn compile() -> Result<(Vec<u8>, BTreeSet<String>), Box<dyn Error>> {
    let mut sources = SourceMap::new();
    let mut policies: BTreeMap<String, Policy> = BTreeMap::new();
    for path in hcl_files(Path::new("pack"))? {
        let text: std::sync::Arc<str> = std::fs::read_to_string(&path)?.into();
        let file = sources.add(SourceFile::new(path.display().to_string(), text.clone()));
        let read =
            tf_lang::parse::parse_body(file, &text).and_then(|body| policy::read(&body.blocks, &sources));
        let read = read.map_err(|problem| {
            let line = problem.span.map_or(0, |span| sources.lines(span).0);
            format!("{}:{line}: {problem}", path.display())
        })?;
        for policy in read {
            check(&policy).map_err(|problem| {
                format!(
                    "{}:{}: policy {}: {problem}",
                    path.display(),
                    policy.place.1,
                    policy.id
                )
            })?;
            let place = policy.place.clone();
            if let Some(other) = policies.insert(policy.id.to_string(), policy) {
                return Err(format!(
                    "{}:{}: policy {} is also in {}",
                    place.0, place.1, other.id, other.place.0
                )
                .into());
            }
        }
    }
    let all: Vec<Policy> = policies.into_values().collect();
    let blob = postcard::to_stdvec(&all)?;
    let again: Vec<Policy> = postcard::from_bytes(blob.clone().leak())?;
    if again != all {
        return Err("the compiled policies do not read back".into());
    }
    // What `-kept` policies protect is what holds data: see `holds_data` in `pack.rs`.
    let kept = all.iter().filter(|policy| policy.id.ends_with("-kept"));
    let types = kept.flat_map(|policy| policy.subjects.resource.iter());
    Ok((blob, types.map(ToString::to_string).collect()))
}

fn check(policy: &Policy) -> Result<(), String> {
    for expected in [Expected::Pass, Expected::Fail] {
        if !policy.examples.iter().any(|example| example.expected == expected) {
            return Err(format!("has no {expected:?} example"));
        }
    }
    if let Some(unknown) = policy
        .frameworks
        .keys()
        .find(|name| !FRAMEWORKS.contains(&name.as_str()))
    {
        return Err(format!(
            "names a framework \"{unknown}\" that is none of {}",
            FRAMEWORKS.join(", ")
        ));
    }
    let known: Vec<_> = policy
        .subjects
        .resource
        .iter()
        .map(|ty| (Kind::Resource, ty))
        .chain(policy.subjects.data.iter().map(|ty| (Kind::Data, ty)))
        .filter(|(_, ty)| ty.starts_with("aws_"))
        .collect();
    for (kind, ty) in known {
        let Some(body) = schema::schema(kind, ty) else {
            // Types that the provider has dropped are still in people's code.
            continue;
        };
        for expr in [
            Some(&policy.rule.condition),
            policy.rule.when.as_ref(),
            policy.rule.message.as_ref(),
        ]
        .into_iter()
        .flatten()
        {
            for path in policy::self_attributes(expr) {
                let first = path.split('.').next().unwrap_or_default();
                let there = matches!(first, "address" | "type")
                    || body.attribute(first).is_some()
                    || body.block(first).is_some();
                // A policy for several types may read what only one of them has.
                let alone = policy.subjects.resource.len() + policy.subjects.data.len() == 1;
                if alone && !there {
                    return Err(format!("reads {ty}.{first}, which the provider does not have"));
                }
            }
        }
    }
    Ok(())
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
