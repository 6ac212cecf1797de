//! Expressions against `terraform console`: the tables in `crates/tf-lang/tests/expressions` hold its answers
//! (`cargo xtask expressions` remakes them), and ours must not differ.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tf_lang::Diagnostic;
use tf_model::{Options, Project};

/// Fewest expressions that the tables may hold: a file that is lost must not go unnoticed.
const FEWEST: usize = 6_000;

/// Where we differ on purpose: table, expression, and why.
const DIFFERENCES: &str = include_str!("expressions.differences.txt");

struct Block {
    expression: String,
    answer: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/tf-lang/tests/expressions")
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines() {
        if let Some(expression) = line.strip_prefix("> ") {
            blocks.push(Block {
                expression: expression.to_owned(),
                answer: Vec::new(),
            });
        } else if let Some(block) = blocks.last_mut()
            && (line.starts_with("  ") || line.starts_with("! "))
        {
            block.answer.push(line.to_owned());
        }
    }
    blocks
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn error_line(problem: &Diagnostic) -> String {
    let detail = one_line(&problem.detail);
    match detail.is_empty() {
        true => format!("! {}", one_line(&problem.summary)),
        false => format!("! {}: {detail}", one_line(&problem.summary)),
    }
}

fn ours(console: &tf_model::config::Console<'_>, expression: &str) -> Vec<String> {
    match console.eval(expression) {
        Ok(text) => text.split('\n').map(|line| format!("  {line}")).collect(),
        Err(problems) => problems.iter().map(error_line).collect(),
    }
}

/// What a line of an answer says is wrong, if that is what it says.
fn summary(line: &str) -> Option<&str> {
    let line = line.strip_prefix("! ")?;
    Some(line.split_once(": ").map_or(line, |(summary, _)| summary))
}

/// The rule for what does not parse: HCL's parser goes on after an error and reports what it then stumbles over,
/// ours stops. Both must refuse it, and the first thing that they say must be of one kind.
fn as_wrong_as_terraform(block: &Block, ours: &[String]) -> bool {
    tf_lang::parse::parse_expr(tf_model::config::CONSOLE_FILE, &block.expression).is_err()
        && block
            .answer
            .iter()
            .chain(ours)
            .all(|line| summary(line).is_some())
        && block.answer.first().and_then(|line| summary(line)) == ours.first().and_then(|line| summary(line))
}

#[test]
fn every_expression_is_answered_as_terraform_console_does() {
    let failures = tf_model::config::thread_pool().unwrap().install(|| {
        let options = Options {
            strict_files: true,
            ..Options::default()
        };
        let project = Project::load_root(&folder().join("root"), &options).unwrap();
        let console = project.console();
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
            .collect();
        files.sort();
        let mut count = 0;
        let mut seen = std::collections::BTreeSet::new();
        let mut failures = Vec::new();
        for file in files {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            for block in blocks(&std::fs::read_to_string(&file).unwrap()) {
                count += 1;
                seen.insert(block.expression.clone());
                let ours = ours(&console, &block.expression);
                let same = ours == block.answer || as_wrong_as_terraform(&block, &ours);
                let excused = DIFFERENCES
                    .lines()
                    .any(|line| line.strip_prefix("> ") == Some(&block.expression));
                if same == excused {
                    failures.push((name.clone(), block, ours, excused));
                }
            }
        }
        for listed in DIFFERENCES.lines().filter_map(|line| line.strip_prefix("> ")) {
            assert!(
                seen.contains(listed),
                "listed as a difference, but in no table: {listed}"
            );
        }
        assert!(count >= FEWEST, "only {count} expressions were found");
        println!("{count} expressions, {} differ", failures.len());
        failures
    });
    let mut report = String::new();
    for (table, block, ours, excused) in &failures {
        let _ = writeln!(report, "{table}: > {}", block.expression);
        if *excused {
            let _ = writeln!(report, "  listed as a difference, but it does not differ");
            continue;
        }
        for line in &block.answer {
            let _ = writeln!(report, "  terraform:{line}");
        }
        for line in ours {
            let _ = writeln!(report, "  ours     :{line}");
        }
    }
    if let Ok(path) = std::env::var("PLUMBLINE_DIFFERENCES") {
        std::fs::write(path, &report).unwrap();
    }
    assert!(
        failures.is_empty(),
        "{} expressions differ:\n{}",
        failures.len(),
        report.chars().take(20_000).collect::<String>()
    );
}
