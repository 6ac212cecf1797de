//! `cargo xtask expressions`: asks the real `terraform console` for every answer in the table of expressions.
//!
//! The table is what `tf-lang`'s evaluator is proved against. It lives in `crates/tf-lang/tests/expressions/`: a
//! Terraform root (`root/`) that the expressions may refer to, and text files of blocks, a blank line between them:
//!
//! ```text
//! # A remark, kept where it stands.
//!
//! > merge({ a = 1 }, { b = 2 })
//!   {
//!     "a" = 1
//!     "b" = 2
//!   }
//!
//! > max("a")
//! ! Invalid function argument: Invalid value for "numbers" parameter: a number is required.
//! ```
//!
//! `> ` begins an expression, exactly as the console gets it. Lines of the answer follow, each behind two spaces
//! (so that an empty line of an answer is two spaces, and no answer can end its block), or else the errors,
//! each on one line behind `! `: the summary, and after `: ` the detail, in which every run of white space is one
//! space, since the console wraps its lines.
//!
//! A new expression is written without an answer and this command fills it in. `--check` writes nothing and fails
//! where an answer is not Terraform's. Names after that (`strings for`) choose tables; without any, all are done.
//!
//! Terraform's console, when it is not typed into, prints only the *last* answer and stops at the first error. So every
//! expression has a console of its own, which takes 50 ms; all processors share them out.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail, ensure};

/// Whose answers these are. Another release words some errors differently and has other functions.
const TERRAFORM: &str = "Terraform v1.11.4";

/// Remakes the answers of all tables, or of those named in `args`; with `--check`, only compares them.
///
/// # Errors
///
/// If a table cannot be read or written or has a line that is none of its kinds, if an expression occurs twice, if
/// Terraform is missing, of another release, or fails in a way that is not an answer; with `--check`, also if an
/// answer differs.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let mut check = false;
    let mut chosen = Vec::new();
    for arg in args {
        match arg.as_str() {
            "--check" => check = true,
            flag if flag.starts_with('-') => {
                bail!("unknown flag {flag}; usage: cargo xtask expressions [--check] [TABLE]...")
            }
            name => chosen.push(name.trim_end_matches(".txt")),
        }
    }

    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask has no workspace")?;
    let folder = workspace.join("crates/tf-lang/tests/expressions");
    let consoles = Consoles::new(&folder.join("root"), &workspace.join("target/expressions"))?;

    let mut tables = read_tables(&folder)?;
    refuse_repeats(&tables)?;
    if let Some(name) = chosen
        .iter()
        .find(|name| tables.iter().all(|table| table.name() != **name))
    {
        bail!("there is no table {name}.txt in {}", folder.display());
    }
    tables.retain(|table| chosen.is_empty() || chosen.contains(&table.name()));

    let expressions: Vec<&str> = tables
        .iter()
        .flat_map(Table::blocks)
        .map(|block| block.expression.as_str())
        .collect();
    let mut answers = consoles.ask(&expressions)?.into_iter();

    let mut out = std::io::stdout().lock();
    let mut stale = 0;
    for mut table in tables {
        let mut changed = 0;
        let path = table.path.clone();
        for block in table.blocks_mut() {
            let answer = answers.next().context("fewer answers than expressions")?;
            if block.answer == answer {
                continue;
            }
            changed += 1;
            if check {
                writeln!(out, "{}:{}\n> {}", path.display(), block.line, block.expression)?;
                writeln!(out, "  the table has:\n{}", indented(&block.answer))?;
                writeln!(out, "  terraform says:\n{}", indented(&answer))?;
            }
            block.answer = answer;
        }
        let text = table.to_string();
        stale += usize::from(text != table.text);
        if !check && text != table.text {
            fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
        }
        let count = table.blocks().count();
        writeln!(
            out,
            "{:<24}{count:>5} expressions, {changed} changed",
            table.name()
        )?;
    }
    ensure!(
        !check || stale == 0,
        "{stale} tables are not as {TERRAFORM} answers: run `cargo xtask expressions` and read the difference"
    );
    Ok(())
}

/// Lines of an answer, moved in for a message.
fn indented(answer: &[String]) -> String {
    if answer.is_empty() {
        "    (nothing)".to_owned()
    } else {
        format!("    {}", answer.join("\n    "))
    }
}

/// One file of expressions.
struct Table {
    path: PathBuf,
    /// The file as it was read.
    text: String,
    items: Vec<Item>,
}

/// What a table is a sequence of.
enum Item {
    /// Consecutive lines that begin with `#`.
    Remark(Vec<String>),
    Block(Block),
}

/// An expression and its answer.
struct Block {
    /// Where its `> ` stands in the file, counted from 1.
    line: usize,
    expression: String,
    /// The answer's lines as they stand in the file, with the two spaces or the `! ` in front.
    answer: Vec<String>,
}

impl Table {
    /// Reads a table.
    fn read(path: PathBuf) -> Result<Table> {
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let mut items: Vec<Item> = Vec::new();
        let mut open = false;
        for (index, line) in text.lines().enumerate() {
            let here = || format!("{}:{}", path.display(), index + 1);
            let continues = std::mem::replace(&mut open, !line.is_empty());
            if let Some(expression) = line.strip_prefix("> ") {
                ensure!(!expression.trim().is_empty(), "{}: an empty expression", here());
                items.push(Item::Block(Block {
                    line: index + 1,
                    expression: expression.to_owned(),
                    answer: Vec::new(),
                }));
            } else if line.starts_with('#') {
                match items.last_mut() {
                    Some(Item::Remark(lines)) if continues => lines.push(line.to_owned()),
                    _ => items.push(Item::Remark(vec![line.to_owned()])),
                }
            } else if line.starts_with("  ") || line.starts_with("! ") {
                match items.last_mut() {
                    Some(Item::Block(block)) if continues => block.answer.push(line.to_owned()),
                    _ => bail!("{}: a line of an answer without its expression", here()),
                }
            } else if !line.is_empty() {
                bail!(
                    "{}: expected `> expression`, an answer behind two spaces, `! error` or `# remark`",
                    here()
                );
            }
        }
        Ok(Table { path, text, items })
    }

    /// The file's name without its ending.
    fn name(&self) -> &str {
        self.path.file_stem().and_then(OsStr::to_str).unwrap_or_default()
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Remark(_) => None,
        })
    }

    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Block> {
        self.items.iter_mut().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Remark(_) => None,
        })
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                f.write_char('\n')?;
            }
            let lines = match item {
                Item::Remark(lines) => lines,
                Item::Block(block) => {
                    writeln!(f, "> {}", block.expression)?;
                    &block.answer
                }
            };
            for line in lines {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

/// All tables of a folder, by name.
fn read_tables(folder: &Path) -> Result<Vec<Table>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("txt")) {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(Table::read).collect()
}

/// An expression that stands in two places proves nothing the second time.
fn refuse_repeats(tables: &[Table]) -> Result<()> {
    let mut seen = HashMap::new();
    for table in tables {
        for block in table.blocks() {
            let place = format!("{}.txt:{}", table.name(), block.line);
            if let Some(first) = seen.insert(block.expression.as_str(), place.clone()) {
                bail!("{place}: `{}` was asked before, at {first}", block.expression);
            }
        }
    }
    Ok(())
}

/// Terraform consoles, each in a copy of the root: they lock the state of the folder they run in.
struct Consoles {
    /// The copies, one for each thread.
    roots: Vec<PathBuf>,
    /// An empty CLI configuration, so that the user's own plays no part.
    configuration: PathBuf,
}

impl Consoles {
    /// Makes the copies of `root` in `scratch`, which is emptied first, and makes sure of Terraform's release.
    fn new(root: &Path, scratch: &Path) -> Result<Consoles> {
        if scratch.exists() {
            fs::remove_dir_all(scratch).with_context(|| format!("emptying {}", scratch.display()))?;
        }
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let roots: Vec<PathBuf> = (0..threads)
            .map(|thread| scratch.join(format!("root-{thread}")))
            .collect();
        for copy in &roots {
            copy_folder(root, copy)?;
        }
        let configuration = scratch.join("empty.tfrc");
        fs::write(&configuration, "").with_context(|| format!("writing {}", configuration.display()))?;

        let consoles = Consoles { roots, configuration };
        let output = consoles
            .terraform(scratch)
            .arg("version")
            .output()
            .context("starting terraform: it must be installed and on PATH")?;
        let release = String::from_utf8_lossy(&output.stdout);
        let release = release.lines().next().unwrap_or_default();
        ensure!(
            release == TERRAFORM,
            "the answers in the tables are {TERRAFORM}'s, and the terraform on PATH says `{release}`: \
             put the first on PATH, or change the constant in xtask/src/expressions.rs and read every difference"
        );
        Ok(consoles)
    }

    /// Terraform in a folder, without anything that the user's environment would change about it.
    fn terraform(&self, folder: &Path) -> Command {
        let mut command = Command::new("terraform");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"TF_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(folder)
            .env("TF_CLI_CONFIG_FILE", &self.configuration)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TZ", "UTC")
            // A console lives for one expression: without collecting garbage it is a third faster.
            .env("GOGC", "off")
            .env("GOMEMLIMIT", "1GiB")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The answers to the expressions, in their order.
    ///
    /// All are asked, so that the error names every expression that a table cannot hold.
    fn ask(&self, expressions: &[&str]) -> Result<Vec<Vec<String>>> {
        let next = AtomicUsize::new(0);
        let work = |root: &Path| {
            let mut answers = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(expression) = expressions.get(index) else {
                    return answers;
                };
                answers.push((index, self.answer(root, expression)));
            }
        };
        let mut answers = thread::scope(|scope| {
            let threads: Vec<_> = self.roots.iter().map(|root| scope.spawn(|| work(root))).collect();
            let mut answers = Vec::with_capacity(expressions.len());
            for thread in threads {
                match thread.join() {
                    Ok(part) => answers.extend(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            answers
        });
        answers.sort_by_key(|(index, _)| *index);

        let mut failures = String::new();
        let mut good = Vec::with_capacity(answers.len());
        for ((_, answer), expression) in answers.into_iter().zip(expressions) {
            match answer {
                Ok(answer) => good.push(answer),
                Err(error) => write!(failures, "\n> {expression}\n  {error:#}")?,
            }
        }
        ensure!(
            failures.is_empty(),
            "some answers cannot stand in a table:{failures}"
        );
        Ok(good)
    }

    /// One expression's answer, as lines of a table.
    fn answer(&self, root: &Path, expression: &str) -> Result<Vec<String>> {
        let mut console = self
            .terraform(root)
            .args(["console", "-no-color"])
            .spawn()
            .context("starting terraform")?;
        let mut stdin = console.stdin.take().context("terraform has no standard input")?;
        let sent = stdin.write_all(format!("{expression}\n").as_bytes());
        drop(stdin);
        let output = console.wait_with_output().context("waiting for terraform")?;
        let stdout = String::from_utf8(output.stdout)
            .context("the answer is not UTF-8: wrap it in can() or length()")?;
        let stderr = String::from_utf8_lossy(&output.stderr);

        let lines: Vec<String> = match output.status.code() {
            Some(0) => {
                sent.context("terraform ended before it had read the expression")?;
                ensure!(
                    stderr.trim().is_empty(),
                    "terraform answered, but also said:\n{stderr}"
                );
                printed(&stdout)
                    .split('\n')
                    .map(|line| format!("  {line}"))
                    .collect()
            }
            Some(1) => {
                let errors = errors(&stderr);
                ensure!(!errors.is_empty(), "terraform failed without an error:\n{stderr}");
                errors.iter().map(|error| format!("! {error}")).collect()
            }
            _ => bail!(
                "terraform did not end in an answer ({}):\n{stderr}",
                output.status
            ),
        };
        for line in &lines {
            let control = line.chars().find(|&char| char.is_control() && char != '\t');
            ensure!(
                control.is_none(),
                "a table cannot hold {control:?} of {line:?}: wrap it in jsonencode()"
            );
            let machine = root.to_string_lossy();
            ensure!(
                !line.contains(&*machine),
                "{line:?} depends on where the root lies: {machine}"
            );
        }
        Ok(lines)
    }
}

/// What the console printed for the expression.
///
/// Where the machine is so busy that locking the state takes 0.4 s, Terraform also prints that it is doing that.
fn printed(stdout: &str) -> &str {
    let answer = stdout
        .strip_prefix("Acquiring state lock. This may take a few moments...\n")
        .unwrap_or(stdout);
    let answer = answer
        .strip_suffix("Releasing state lock. This may take a few moments...\n")
        .unwrap_or(answer);
    answer.strip_suffix('\n').unwrap_or(answer)
}

/// The errors that Terraform wrote, each as `summary: detail` on one line.
///
/// Without colour, an error is `Error: ` and its summary, an empty line, the indented place (which says line 1 of
/// the console's input and no more, and is left out), an empty line, and the detail, wrapped at 78 columns. Of a
/// panic in a function, which some arguments cause, the detail has the stack, whose addresses change: left out too.
fn errors(stderr: &str) -> Vec<String> {
    let mut errors: Vec<String> = Vec::new();
    let mut in_place = false;
    let mut in_stack = false;
    let mut after_summary = false;
    for line in stderr.lines() {
        if let Some(summary) = line.strip_prefix("Error: ") {
            errors.push(one_line(summary));
            (in_place, in_stack, after_summary) = (false, false, true);
        } else if line.starts_with("  on ") && after_summary {
            in_place = true;
        } else if line.is_empty() {
            in_place = false;
        } else if let Some(error) = errors.last_mut() {
            in_stack |= line.starts_with("goroutine ") && error.contains("panic in function implementation");
            if !in_place && !in_stack {
                error.push_str(if after_summary { ": " } else { " " });
                error.push_str(&one_line(line));
                after_summary = false;
            }
        }
    }
    errors
}

/// The words of a text with one space between them.
fn one_line(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Copies a folder and all below it.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("making {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            fs::copy(&source, &target).with_context(|| format!("copying {}", source.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_without_news_of_locks() {
        assert_eq!(printed("<<EOT\na\n\nEOT\n"), "<<EOT\na\n\nEOT");
        let (acquiring, releasing) = ("Acquiring state lock.", "Releasing state lock.");
        let rest = "This may take a few moments...";
        assert_eq!(
            printed(&format!("{acquiring} {rest}\n\"a\"\n{releasing} {rest}\n")),
            "\"a\""
        );
    }

    #[test]
    fn errors_lose_place_and_wrapping() {
        let stderr = "\nError: Invalid reference\n\n  on <console-input> line 1:\n  (source code not available)\n\n\
                      A reference to a resource\ntype.\n\n  on  foot\n\nError: Second\n\n";
        let first = "Invalid reference: A reference to a resource type. on foot";
        assert_eq!(errors(stderr), [first, "Second"]);
    }

    #[test]
    fn errors_lose_the_stack_of_a_panic() {
        let stderr = "\nError: Error in function call\n\nCall to function \"log\" failed: panic in function\n\
                      implementation: Float.SetFloat64(NaN)\ngoroutine 1 [running]:\n\nmain.main()\n\nError: Next\n";
        let first = "Error in function call: Call to function \"log\" failed: panic in function implementation: \
                     Float.SetFloat64(NaN)";
        assert_eq!(errors(stderr), [first, "Next"]);
    }

    #[test]
    fn a_table_is_written_as_it_was_read() {
        let text = "# One\n# two\n\n# three\n\n> a\n  1\n  \n  2\n\n> b\n! Error: no\n";
        let path = std::env::temp_dir().join(format!("expressions-{}.txt", std::process::id()));
        fs::write(&path, text).expect("the temporary folder can be written to");
        let table = Table::read(path.clone()).expect("the table is well formed");
        fs::remove_file(path).expect("the file was written");
        assert_eq!(table.to_string(), text);
    }
}
