//! Configurations that Terraform refuses: what it says of each of `tests/roots/bad` we must say too, at the same
//! place. What we say beside that is ours.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use tf_model::Project;

mod terraform;

use terraform::{Arguments, options, roots_folder};

/// Fewest folders there may be: one that is lost must not go unnoticed.
const FEWEST: usize = 41;

/// What we do not say on purpose: folder, place, summary, and why.
const DELIBERATE: &[(&str, &str, &str, &str)] = &[
    ("count-unknown", "main.tf:7", "Invalid count argument", UNEXPANDED),
    (
        "for-each-unknown",
        "main.tf:8",
        "Invalid for_each argument",
        UNEXPANDED,
    ),
    (
        "for-each-module-unknown",
        "main.tf:8",
        "Invalid for_each argument",
        UNEXPANDED,
    ),
    ("module-missing", "main.tf:2", "Module not installed", FOLDERS),
    (
        "module-version-of-folder",
        "main.tf:3",
        "Invalid registry module source address",
        FOLDERS,
    ),
    (
        "modules-recursive",
        "-",
        "Failed to remove local module cache",
        "We say what is wrong, that the module calls itself, and not how init fails of it.",
    ),
    (
        "variable-missing",
        "main.tf:2",
        "No value for required variable",
        WITHOUT_VALUES,
    ),
    (
        "variable-missing",
        "main.tf:7",
        "No value for required variable",
        WITHOUT_VALUES,
    ),
];

const UNEXPANDED: &str = "A root is judged without a state too: one instance stands for all.";
const FOLDERS: &str = "We read the folder that a call names, without init, and say that it cannot be read.";
const WITHOUT_VALUES: &str = "A root is judged without the values that only its user has: they are unknown.";

struct Expected {
    at: String,
    summary: String,
}

fn expected(text: &str) -> Result<Vec<Expected>> {
    let paragraph = |text: &str| {
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::to_owned)
                .with_context(|| format!("no {name} in {text}"))
        };
        let summary = field("summary: ")?;
        // Terraform's names of the nodes of a cycle are those of its own graph.
        let summary = if summary.starts_with("Cycle: ") {
            "Cycle".to_owned()
        } else {
            summary
        };
        Ok(Expected {
            at: field("at: ")?,
            summary,
        })
    };
    text.split("\n\n")
        .filter(|text| !text.trim().is_empty())
        .map(paragraph)
        .collect()
}

/// Places and summaries of our errors in a folder.
fn ours(dir: &Path) -> Result<BTreeSet<(String, String)>> {
    let options = options(dir, &Arguments::read(dir)?)?;
    tf_model::config::thread_pool()?.install(|| {
        let project = Project::load_root(dir, &options)?;
        let root = project
            .roots()
            .first()
            .context("there is no root module")?
            .clone();
        let graph = project.graph(&root);
        let place = |span: tf_lang::Span| {
            let file = graph.sources.get(span.file)?;
            Some(format!("{}:{}", file.name(), file.position(span.start).line))
        };
        Ok(graph
            .problems
            .iter()
            .map(|problem| &problem.diagnostic)
            .filter(|problem| problem.is_error())
            .map(|problem| {
                (
                    problem.span.and_then(place).unwrap_or("-".to_owned()),
                    problem.summary.clone(),
                )
            })
            .collect())
    })
}

#[test]
fn errors_are_those_of_terraform() {
    let bad = roots_folder().join("bad");
    let mut folders: Vec<String> = std::fs::read_dir(&bad)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| bad.join(name).is_dir())
        .collect();
    folders.sort();
    assert!(
        folders.len() >= FEWEST,
        "only {} folders were found",
        folders.len()
    );
    let mut missing = String::new();
    for folder in &folders {
        let dir = bad.join(folder);
        let ours = ours(&dir).with_context(|| folder.clone()).unwrap();
        let text = std::fs::read_to_string(dir.join("expect.txt")).unwrap();
        for Expected { at, summary } in expected(&text).unwrap() {
            // Without a place in Terraform's the place is ours to choose.
            let said = ours
                .iter()
                .any(|(place, said)| *said == summary && (at == "-" || *place == at));
            let deliberate = DELIBERATE
                .iter()
                .any(|(of, place, said, _)| (*of, *place, *said) == (folder, &at, &summary));
            if said || deliberate {
                assert!(
                    !(said && deliberate),
                    "{folder} {at} {summary} is listed as deliberate, and is said"
                );
                continue;
            }
            let _ = writeln!(missing, "{folder} {at} {summary}\n    ours: {ours:?}");
        }
    }
    assert!(missing.is_empty(), "these errors are missing:\n{missing}");
}
