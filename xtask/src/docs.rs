//! `cargo xtask docs`: the tables of inputs and outputs in the modules' README files, made from their variables and outputs.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tf_lang::ast::{Block, ExprKind};
use tf_lang::{SourceFile, SourceMap};

use crate::shell;

/// Remakes the tables; with `--check` in `args`, only compares them.
///
/// # Errors
/// If a file cannot be read or written, or a variable or output has no description; with `--check`, also if a table is not
/// what it should be.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("usage: cargo xtask docs [--check]"),
    };
    let modules = shell::workspace().join("modules");
    let mut stale = Vec::new();
    for module in folders(&modules)? {
        let readme = module.join("README.md");
        let old = fs::read_to_string(&readme).with_context(|| format!("reading {}", readme.display()))?;
        let new = format!("{}\n\n{}", prose(&old).trim_end(), tables(&module)?);
        if old == new {
            continue;
        }
        if check {
            stale.push(readme.display().to_string());
        } else {
            fs::write(&readme, new).with_context(|| format!("writing {}", readme.display()))?;
        }
    }
    if !stale.is_empty() {
        bail!(
            "the tables are not those of the module: run `cargo xtask docs`\n  {}",
            stale.join("\n  ")
        );
    }
    Ok(())
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    Ok(folders)
}

/// What stands before the tables, which end the file.
fn prose(readme: &str) -> &str {
    let end = readme.find("\n## Inputs\n").unwrap_or(readme.len());
    readme.get(..end).unwrap_or(readme)
}

fn tables(module: &Path) -> Result<String> {
    let mut sources = SourceMap::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut files: Vec<PathBuf> = fs::read_dir(module)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .collect();
    files.sort();
    for path in files {
        let text: std::sync::Arc<str> = fs::read_to_string(&path)?.into();
        let file = sources.add(SourceFile::new(path.display().to_string(), text.clone()));
        let body = tf_lang::parse::parse_body(file, &text).map_err(|problem| {
            let line = problem.span.map_or(0, |span| sources.lines(span).0);
            anyhow::anyhow!("{}:{line}: {problem}", path.display())
        })?;
        blocks.extend(body.blocks);
    }
    let mut text =
        String::from("## Inputs\n\n| name | description | type | default |\n| --- | --- | --- | --- |\n");
    let value = |block: &Block, name: &str| {
        let attribute = block.body.attribute(name)?;
        Some(one_line(sources.text(attribute.value.span)))
    };
    for block in blocks.iter().filter(|block| &*block.kind.name == "variable") {
        let name = block.label(0).unwrap_or_default();
        let ty = value(block, "type").unwrap_or_else(|| "any".to_owned());
        let default = value(block, "default").map_or("required".to_owned(), |default| code(&default));
        let about = description(module, block, name)?;
        writeln!(text, "| `{name}` | {about} | {} | {default} |", code(&ty))?;
    }
    text.push_str("\n## Outputs\n\n| name | description |\n| --- | --- |\n");
    for block in blocks.iter().filter(|block| &*block.kind.name == "output") {
        let name = block.label(0).unwrap_or_default();
        writeln!(text, "| `{name}` | {} |", description(module, block, name)?)?;
    }
    Ok(text)
}

fn description(module: &Path, block: &Block, name: &str) -> Result<String> {
    match block
        .body
        .attribute("description")
        .map(|attribute| &attribute.value.kind)
    {
        Some(ExprKind::String(text)) => Ok(text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('|', "\\|")),
        _ => bail!("{}: \"{name}\" has no plain description", module.display()),
    }
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// An expression on one line, as it would be written there.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for part in text
        .lines()
        .map(str::trim)
        .filter(|part| !part.is_empty() && !part.starts_with('#'))
    {
        let opens = line.is_empty() || line.ends_with(['{', '(', '[']);
        let closes = part.starts_with(['}', ')', ']']);
        match (opens, closes) {
            (true, _) => {}
            (false, true) => line.truncate(line.trim_end_matches(',').len()),
            (false, false) if line.ends_with(',') => line.push(' '),
            (false, false) => line.push_str(", "),
        }
        // Columns are aligned where there are several lines.
        line.push_str(&part.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_put_on_one_line() {
        let several = "object({\n    size_gb     = optional(number, 20)\n    # Up to where it grows.\n    max_size_gb = optional(number, 100)\n  })";
        assert_eq!(
            one_line(several),
            "object({size_gb = optional(number, 20), max_size_gb = optional(number, 100)})"
        );
        assert_eq!(one_line("[\n  \"a\",\n  \"b\",\n]"), "[\"a\", \"b\"]");
        assert_eq!(one_line("\"a  b\""), "\"a b\"");
    }
}
