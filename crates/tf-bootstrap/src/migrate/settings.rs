//! The backend settings of a root: where they stand, what they say, and edits that leave everything else as it is.
//!
//! Files are never printed anew: an edit replaces the bytes of one attribute or block, in the indentation, alignment and
//! line endings that are there.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tf_lang::ast::{Attribute, Block, Body, ExprKind};
use tf_lang::{FileId, Span};

use crate::error::Error;

/// The settings file beside a root's `backend "s3" {}`, for `terraform init -backend-config=backend.hcl`.
pub(crate) use crate::create::FILE;

/// A file of settings, or the block in which they stand.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    text: String,
    /// The block's type: `s3`, `local`; `None` for a file of settings.
    pub(crate) kind: Option<String>,
    /// The whole block, or the whole file.
    whole: Range<usize>,
    /// What is between the braces, or the whole file.
    inside: Range<usize>,
    attributes: Vec<Setting>,
    /// Whether there are blocks inside.
    nested: bool,
}

#[derive(Clone, Debug)]
struct Setting {
    name: String,
    value: Literal,
    span: Range<usize>,
    value_span: Range<usize>,
}

/// What a setting says, as far as it is written out.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Literal {
    Text(String),
    Flag(bool),
    Other,
}

/// All that says how a root's backend is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// The `backend` block.
    pub(crate) block: Option<Source>,
    /// The file with what the block leaves out.
    pub(crate) file: Option<Source>,
    /// A `terraform` block, the one in `backend.tf` if there is one.
    terraform: Option<Source>,
}

/// A change of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Edit {
    pub(crate) path: PathBuf,
    /// `None` where there is no file yet.
    pub(crate) before: Option<String>,
    pub(crate) after: String,
}

/// What is to become of a setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wish<'a> {
    /// It is to be there with this value, an expression.
    Set(&'a str, String),
    /// It is not to be there.
    Unset(&'a str),
}

impl Settings {
    /// Reads the settings of a root. `file` is a file of settings that is not [`FILE`].
    ///
    /// # Errors
    /// Where a file cannot be read or parsed, or settings stand where they cannot be edited.
    pub(crate) fn read(root: &Path, file: Option<&Path>) -> Result<Settings, Error> {
        let mut settings = Settings::default();
        let entries = fs::read_dir(root).map_err(|source| unreadable(root, source))?;
        let mut names: Vec<PathBuf> = Vec::new();
        for entry in entries {
            names.push(entry.map_err(|source| unreadable(root, source))?.path());
        }
        names.sort_by_key(|path| (!path.ends_with("backend.tf"), path.clone()));
        for path in names {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".tf.json") {
                let text = fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
                if text.contains("\"backend\"") {
                    return Err(Error::Refused(format!(
                        "{} may hold the backend's settings: those in JSON are not edited",
                        path.display()
                    )));
                }
            }
            if !name.ends_with(".tf") {
                continue;
            }
            let (terraform, backend) = Source::blocks(&path)?;
            settings.terraform = settings.terraform.or(terraform);
            if let Some(block) = backend {
                if let Some(other) = &settings.block {
                    return Err(Error::Refused(format!(
                        "{} and {} both have a backend block: Terraform accepts one",
                        other.path.display(),
                        path.display()
                    )));
                }
                settings.block = Some(block);
            }
        }
        let path = file.map_or_else(|| root.join(FILE), Path::to_path_buf);
        if file.is_some() || path.is_file() {
            settings.file = Some(Source::file(&path)?);
        }
        Ok(settings)
    }

    /// Where a setting stands; the file wins over the block, as in Terraform.
    fn source_of(&self, name: &str) -> Option<&Source> {
        let sources = self.file.iter().chain(&self.block);
        let mut sources = sources.filter(|source| source.attribute(name).is_some());
        sources.next()
    }

    fn literal(&self, name: &str) -> Option<&Literal> {
        self.source_of(name)
            .and_then(|source| source.attribute(name))
            .map(|setting| &setting.value)
    }

    /// A text that is written out, and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.literal(name) {
            Some(Literal::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A flag that is written out. Terraform takes the text "true" for a flag, too.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.literal(name) {
            Some(Literal::Flag(flag)) => *flag,
            Some(Literal::Text(text)) => text == "true",
            _ => false,
        }
    }

    /// The type of the backend, where there is a block.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.block.as_ref().and_then(|block| block.kind.as_deref())
    }

    /// The edits that wishes need: at most one a file, none where everything is as wished.
    ///
    /// # Errors
    /// Where there are no settings to edit.
    pub(crate) fn edits(&self, wishes: &[Wish<'_>]) -> Result<Vec<Edit>, Error> {
        let sources: Vec<&Source> = self.file.iter().chain(&self.block).collect();
        // New settings stand where the others of their kind do.
        let near = ["dynamodb_table", "use_lockfile", "key", "bucket", "region"];
        let home = near
            .iter()
            .find_map(|name| self.source_of(name))
            .or(self.block.as_ref());
        let Some(home) = home else {
            return Err(Error::Refused("the root has no backend settings".to_owned()));
        };
        let mut edits = Vec::new();
        for source in sources {
            let mut after = source.clone();
            for wish in wishes {
                match wish {
                    Wish::Unset(name) => after = after.without(name)?,
                    Wish::Set(name, value) => {
                        let here = match self.source_of(name) {
                            Some(owner) => owner.path == source.path,
                            None => home.path == source.path,
                        };
                        if here {
                            after = after.with(name, value)?;
                        }
                    }
                }
            }
            if after.text != source.text {
                edits.push(Edit {
                    path: source.path.clone(),
                    before: Some(source.text.clone()),
                    after: after.text,
                });
            }
        }
        Ok(edits)
    }
}

impl Settings {
    /// The edit that makes the backend one of type `s3` without settings.
    pub(crate) fn to_s3(&self, root: &Path) -> Edit {
        const HEADER: &str = "backend \"s3\"";
        if let Some(block) = &self.block {
            return block.edit(block.whole.clone(), &format!("{HEADER} {{}}"));
        }
        if let Some(terraform) = &self.terraform {
            return terraform.with_block(HEADER);
        }
        let path = root.join("backend.tf");
        let before = fs::read_to_string(&path).ok();
        let block = format!("terraform {{\n  {HEADER} {{}}\n}}\n");
        let after = match before.as_deref().map(str::trim_end) {
            Some(text) if !text.is_empty() => format!("{text}\n\n{block}"),
            _ => block,
        };
        Edit { path, before, after }
    }

    /// The edit that keeps what stands in the block in the file of settings, for the way back; `None` where nothing stands
    /// there.
    ///
    /// # Errors
    /// Where blocks would have to be joined with those of a file.
    pub(crate) fn keep(&self, root: &Path) -> Result<Option<Edit>, Error> {
        let Some(block) = self
            .block
            .as_ref()
            .filter(|block| block.nested || !block.attributes.is_empty())
        else {
            return Ok(None);
        };
        match &self.file {
            None => Ok(Some(Edit {
                path: root.join(FILE),
                before: None,
                after: block.as_file(None),
            })),
            Some(file) if block.nested => Err(Error::Refused(format!(
                "{} has blocks in its backend block: move them to {} first",
                block.path.display(),
                file.path.display()
            ))),
            Some(file) => {
                let new = block.as_file(Some(file));
                let feed = if file.text.is_empty() || file.text.ends_with('\n') {
                    ""
                } else {
                    "\n"
                };
                Ok((!new.is_empty()).then(|| Edit {
                    path: file.path.clone(),
                    before: Some(file.text.clone()),
                    after: format!("{}{feed}{new}", file.text),
                }))
            }
        }
    }
}

impl Source {
    /// The `terraform` block and the backend's block of a file.
    fn blocks(path: &Path) -> Result<(Option<Source>, Option<Source>), Error> {
        let text = fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
        // Most files have none, and need not be parsed.
        match text.contains("terraform") {
            true => Ok((
                Source::parse(path, text.clone(), |body| body.blocks_of("terraform").next())?,
                Source::parse_block(path, text)?,
            )),
            false => Ok((None, None)),
        }
    }

    fn parse_block(path: &Path, text: String) -> Result<Option<Source>, Error> {
        Source::parse(path, text, |body| {
            let terraform = body.blocks_of("terraform");
            let mut backends = terraform.flat_map(|block| {
                let inner = block.body.blocks.iter();
                inner.filter(|inner| matches!(&*inner.kind.name, "backend" | "cloud"))
            });
            backends.next()
        })
    }

    fn parse(
        path: &Path,
        text: String,
        find: impl for<'b> FnOnce(&'b Body) -> Option<&'b Block> + Send,
    ) -> Result<Option<Source>, Error> {
        parsed(path, text, |body, text| {
            let block = find(body)?;
            let kind = match &*block.kind.name {
                "backend" => block.label(0).unwrap_or_default().to_owned(),
                other => other.to_owned(),
            };
            let whole = range(block.span);
            let open = text.get(range(block.header).end..whole.end)?.find('{')?;
            Some(Source {
                path: path.to_path_buf(),
                kind: Some(kind),
                inside: range(block.header).end + open + 1..whole.end.saturating_sub(1),
                whole,
                attributes: block.body.attributes.iter().map(setting).collect(),
                nested: !block.body.blocks.is_empty(),
                text,
            })
        })
    }

    fn file(path: &Path) -> Result<Source, Error> {
        let text = fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
        Source::parse_file(path, text)
    }

    fn parse_file(path: &Path, text: String) -> Result<Source, Error> {
        let source = parsed(path, text, |body, text| {
            Some(Source {
                path: path.to_path_buf(),
                kind: None,
                whole: 0..text.len(),
                inside: 0..text.len(),
                attributes: body.attributes.iter().map(setting).collect(),
                nested: !body.blocks.is_empty(),
                text,
            })
        })?;
        source.ok_or_else(|| Error::Refused(format!("{} holds no settings", path.display())))
    }

    fn attribute(&self, name: &str) -> Option<&Setting> {
        self.attributes.iter().find(|setting| setting.name == name)
    }

    /// The same source with other text.
    fn again(&self, text: String) -> Result<Source, Error> {
        let broken = || Error::Refused(format!("{} cannot be edited", self.path.display()));
        match self.kind {
            Some(_) => Source::parse_block(&self.path, text)?.ok_or_else(broken),
            None => Source::parse_file(&self.path, text),
        }
    }

    fn replaced(&self, range: Range<usize>, by: &str) -> Result<Source, Error> {
        let mut text = self.text.clone();
        text.replace_range(range, by);
        self.again(text)
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The line that a place is in, without its line feed.
    fn line(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |feed| feed + 1);
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |feed| at + feed);
        start..end
    }

    fn indent(&self, at: usize) -> &str {
        let line = &self.text[self.line(at)];
        &line[..line.len() - line.trim_start().len()]
    }

    /// Without an attribute: its line goes, with a comment behind it.
    fn without(&self, name: &str) -> Result<Source, Error> {
        let Some(setting) = self.attribute(name) else {
            return Ok(self.clone());
        };
        let first = self.line(setting.span.start);
        let last = self.line(setting.span.end);
        let before = self.text[first.start..setting.span.start].trim();
        let behind = self.text[setting.span.end..last.end].trim();
        let alone =
            before.is_empty() && (behind.is_empty() || behind.starts_with('#') || behind.starts_with("//"));
        let range = match alone {
            true => first.start..(last.end + 1).min(self.text.len()),
            false => setting.span.clone(),
        };
        self.replaced(range, "")
    }

    /// With an attribute of that value.
    fn with(&self, name: &str, value: &str) -> Result<Source, Error> {
        if let Some(setting) = self.attribute(name) {
            return match &self.text[setting.value_span.clone()] == value {
                true => Ok(self.clone()),
                false => self.replaced(setting.value_span.clone(), value),
            };
        }
        let newline = self.newline();
        let anchors = [
            "dynamodb_table",
            "use_lockfile",
            "encrypt",
            "region",
            "key",
            "bucket",
        ];
        let anchor = anchors
            .iter()
            .find_map(|name| self.attribute(name))
            .or(self.attributes.last());
        let several_lines = self.kind.is_none() || self.text[self.inside.clone()].contains('\n');
        match anchor {
            Some(anchor) if several_lines => {
                let indent = self.indent(anchor.span.start);
                let end = self.line(anchor.span.end).end;
                // A last line without a line feed.
                let at_end = end == self.text.len();
                // In line with the equals sign above.
                let written = &self.text[anchor.span.start..anchor.value_span.start];
                let column = written.find('=').unwrap_or(0).saturating_sub(1);
                let line = format!("{indent}{name:<column$} = {value}");
                match at_end {
                    true => self.replaced(end..end, &format!("{newline}{line}")),
                    false => self.replaced(end + 1..end + 1, &format!("{line}{newline}")),
                }
            }
            _ if self.kind.is_none() => {
                let end = self.text.len();
                let feed = if self.text.is_empty() || self.text.ends_with('\n') {
                    ""
                } else {
                    newline
                };
                self.replaced(end..end, &format!("{feed}{name} = {value}{newline}"))
            }
            _ => {
                // A block on one line, or without attributes.
                let outer = self.indent(self.whole.start);
                let content = self.text[self.inside.clone()].trim();
                let step = if outer.contains('\t') { "\t" } else { "  " };
                let mut text = String::new();
                if !content.is_empty() {
                    text.push_str(&format!("{newline}{outer}{step}{content}"));
                }
                text.push_str(&format!("{newline}{outer}{step}{name} = {value}{newline}{outer}"));
                self.replaced(self.inside.clone(), &text)
            }
        }
    }

    fn edit(&self, range: Range<usize>, by: &str) -> Edit {
        let mut after = self.text.clone();
        after.replace_range(range, by);
        Edit {
            path: self.path.clone(),
            before: Some(self.text.clone()),
            after,
        }
    }

    /// The edit that takes the block away, with the empty line before it if it is the last in its block.
    pub(crate) fn without_block(&self) -> Edit {
        let first = self.line(self.whole.start);
        let last = self.line(self.whole.end);
        let alone = self.text[first.start..self.whole.start].trim().is_empty()
            && self.text[self.whole.end..last.end].trim().is_empty();
        if !alone {
            return self.edit(self.whole.clone(), "");
        }
        let behind = self.text[(last.end + 1).min(self.text.len())..].trim_start();
        let before = self.text[..first.start].trim_end().len();
        // Keeps the line feed of the line before.
        let blank = before + self.text[before..].find('\n').map_or(0, |feed| feed + 1);
        let start = if behind.starts_with('}') {
            blank.min(first.start)
        } else {
            first.start
        };
        self.edit(start..(last.end + 1).min(self.text.len()), "")
    }

    /// The edit that adds an empty block of that header at the end of this one.
    fn with_block(&self, header: &str) -> Edit {
        let newline = self.newline();
        let indent = self.indent(self.whole.start);
        let inside = &self.text[self.inside.clone()];
        let content = inside.trim_end();
        let at = self.inside.start + content.len();
        let blank = if content.trim().is_empty() { "" } else { newline };
        let step = if self.text.contains("\n\t") { "\t" } else { "  " };
        self.edit(
            at..self.inside.end,
            &format!("{newline}{blank}{indent}{step}{header} {{}}{newline}{indent}"),
        )
    }

    /// What is between the braces, as a file of settings, without the attributes that such a file has already.
    fn as_file(&self, without: Option<&Source>) -> String {
        let inside = self.text[self.inside.clone()]
            .trim_matches(['\r', '\n'])
            .trim_end();
        let Some(file) = without else {
            let indent = inside
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| line.len() - line.trim_start().len())
                .min()
                .unwrap_or(0);
            // Inside of a multi-line string nothing may move; there the indentation is as deep as in the rest.
            let lines = inside
                .lines()
                .map(|line| format!("{}\n", line.get(indent..).unwrap_or("").trim_end()));
            return lines.collect();
        };
        let new = self
            .attributes
            .iter()
            .filter(|setting| file.attribute(&setting.name).is_none());
        new.map(|setting| format!("{}\n", &self.text[setting.span.clone()]))
            .collect()
    }

    /// Whether there is anything between the braces but attributes of these names.
    pub(crate) fn has_other_than(&self, names: &[&str]) -> bool {
        self.attributes
            .iter()
            .any(|setting| !names.contains(&&*setting.name))
    }
}

impl Edit {
    /// The lines that change, with signs. Lines that stay are not shown: they may hold secrets.
    pub(crate) fn lines(&self) -> Vec<String> {
        let before: Vec<&str> = self.before.iter().flat_map(|text| text.lines()).collect();
        let after: Vec<&str> = self.after.lines().collect();
        let same = before
            .iter()
            .zip(&after)
            .take_while(|(one, other)| one == other)
            .count();
        let rest = before.len().min(after.len()) - same;
        let tail = before
            .iter()
            .rev()
            .zip(after.iter().rev())
            .take(rest)
            .take_while(|(one, other)| one == other)
            .count();
        let part = |lines: &[&str], sign: &str| -> Vec<String> {
            let changed = lines.get(same..lines.len() - tail).unwrap_or_default();
            changed
                .iter()
                .map(|line| format!("{sign} {}", without_secret(line)))
                .collect()
        };
        let (old, new) = (part(&before, "-"), part(&after, "+"));
        // What stands between two changes stays, and is not shown.
        let stays = |line: &String, other: &[String]| other.iter().any(|one| one.get(1..) == line.get(1..));
        let shown = old.iter().filter(|line| !stays(line, &new));
        shown
            .chain(new.iter().filter(|line| !stays(line, &old)))
            .cloned()
            .collect()
    }

    /// Writes the file: whole or not at all, if it is still what was read.
    ///
    /// # Errors
    /// Where it cannot be written, or somebody else wrote it.
    pub(crate) fn write(&self) -> Result<(), Error> {
        let now = fs::read_to_string(&self.path).ok();
        if now != self.before {
            return Err(Error::Refused(format!(
                "{} was changed by somebody else meanwhile",
                self.path.display()
            )));
        }
        write_whole(&self.path, self.after.as_bytes(), false)
    }
}

/// A line of settings without the value of one that is a secret.
fn without_secret(line: &str) -> String {
    let named = line.contains('"') && (tf_policy::names_secret(line) || line.contains("sse_customer_key"));
    match line.split_once('=') {
        Some((name, _)) if named || tf_policy::looks_secret(line) => format!("{name}= (not shown)"),
        None if named => "(not shown)".to_owned(),
        _ => line.to_owned(),
    }
}

/// Writes a file whole or not at all. A secret file is for its owner alone; otherwise permissions stay what they were.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], secret: bool) -> Result<(), Error> {
    let wrong = |source| Error::File {
        doing: "cannot write",
        path: path.to_path_buf(),
        source,
    };
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // Temporary files are for their owner alone from the beginning.
    let mut file = tempfile::Builder::new()
        .prefix(".plumbline-")
        .tempfile_in(dir)
        .map_err(wrong)?;
    file.write_all(bytes).map_err(wrong)?;
    file.as_file().sync_all().map_err(wrong)?;
    if !secret {
        match fs::metadata(path) {
            Ok(old) => file.as_file().set_permissions(old.permissions()).map_err(wrong)?,
            Err(_) => readable(file.as_file()).map_err(wrong)?,
        }
    }
    file.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        doing: "cannot read",
        path: path.to_path_buf(),
        source,
    }
}

/// Parses on the stack that parsing needs.
fn parsed(
    path: &Path,
    text: String,
    take: impl FnOnce(&Body, String) -> Option<Source> + Send,
) -> Result<Option<Source>, Error> {
    let work = move || match tf_lang::parse::parse_body(FileId(0), &text) {
        Ok(body) => Ok(take(&body, text)),
        Err(problem) => Err(problem.to_string()),
    };
    tf_cli::stack::deep(work)
        .map_err(Error::Terminal)?
        .map_err(|problem| Error::Refused(format!("{}: {problem}", path.display())))
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn setting(attribute: &Attribute) -> Setting {
    Setting {
        name: attribute.name.name.to_string(),
        value: match &attribute.value.kind {
            ExprKind::String(text) => Literal::Text(text.to_string()),
            ExprKind::Bool(flag) => Literal::Flag(*flag),
            _ => Literal::Other,
        },
        span: range(attribute.span),
        value_span: range(attribute.value.span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Settings {
        Settings {
            block: Source::parse_block(Path::new("main.tf"), text.to_owned()).unwrap(),
            ..Settings::default()
        }
    }

    fn lock_file() -> Wish<'static> {
        Wish::Set("use_lockfile", "true".to_owned())
    }

    fn table() -> Wish<'static> {
        Wish::Set("dynamodb_table", "\"locks\"".to_owned())
    }

    fn edited(text: &str, wishes: &[Wish<'_>]) -> String {
        let edits = block(text).edits(wishes).unwrap();
        match edits.as_slice() {
            [] => text.to_owned(),
            [edit] => edit.after.clone(),
            _ => panic!("{edits:?}"),
        }
    }

    const ALIGNED: &str = "# Ours.\nterraform {\n  required_version = \">= 1\"\n\n  backend \"s3\" {\n    bucket         = \"b\" # the bucket\n    key            = \"k\"\n    dynamodb_table = \"locks\" # old\n    odd   =   [ 1,2 ]\n  }\n}\n";

    #[test]
    fn a_setting_is_added_in_line_with_the_others() {
        let with_both = edited(ALIGNED, &[lock_file()]);
        let line = "    use_lockfile   = true\n";
        assert_eq!(with_both, ALIGNED.replace("# old\n", &format!("# old\n{line}")));
        // And one is removed with its comment.
        let file_only = edited(&with_both, &[Wish::Unset("dynamodb_table")]);
        assert_eq!(
            file_only,
            with_both.replace("    dynamodb_table = \"locks\" # old\n", "")
        );
        // Back again.
        let back = edited(&file_only, &[table()]);
        assert_eq!(
            back,
            file_only.replace(line, &format!("{line}    dynamodb_table = \"locks\"\n"))
        );
        assert_eq!(edited(&with_both, &[lock_file(), table()]), with_both);
    }

    #[test]
    fn every_form_of_a_block_is_edited() {
        let table_of: &[(&str, &str)] = &[
            (
                "terraform {\n  backend \"s3\" {}\n}\n",
                "terraform {\n  backend \"s3\" {\n    use_lockfile = true\n  }\n}\n",
            ),
            (
                "terraform {\n  backend \"s3\" { key = \"k\" }\n}\n",
                "terraform {\n  backend \"s3\" {\n    key = \"k\"\n    use_lockfile = true\n  }\n}\n",
            ),
            (
                "terraform {\r\n\tbackend \"s3\" {\r\n\t\tkey = \"k\"\r\n\t}\r\n}\r\n",
                "terraform {\r\n\tbackend \"s3\" {\r\n\t\tkey = \"k\"\r\n\t\tuse_lockfile = true\r\n\t}\r\n}\r\n",
            ),
            (
                "terraform {\n  backend \"s3\" {\n    use_lockfile = false # not yet\n  }\n}\n",
                "terraform {\n  backend \"s3\" {\n    use_lockfile = true # not yet\n  }\n}\n",
            ),
        ];
        for (before, after) in table_of {
            assert_eq!(edited(before, &[lock_file()]), *after);
        }
        // A word in a string or comment is no block.
        let none = block("# backend \"s3\" {}\nlocals {\n  backend = \"s3\"\n}\n");
        assert!(none.block.is_none());
    }

    #[test]
    fn new_settings_stand_in_the_file_that_has_the_others() {
        let mut settings = block("terraform {\n  backend \"s3\" {}\n}\n");
        let text = "bucket = \"b\"\nkey    = \"k\"";
        settings.file = Some(Source::parse_file(Path::new("backend.hcl"), text.to_owned()).unwrap());
        let edits = settings.edits(&[lock_file()]).unwrap();
        assert_eq!(edits.len(), 1);
        assert_eq!(
            edits[0].after,
            "bucket = \"b\"\nkey    = \"k\"\nuse_lockfile = true"
        );
        assert_eq!(edits[0].lines(), ["+ use_lockfile = true"]);
        assert_eq!(
            (settings.text("bucket"), settings.flag("use_lockfile")),
            (Some("b"), false)
        );
        // The block and the file may both have it; both lose it.
        let mut both = block("terraform {\n  backend \"s3\" {\n    use_lockfile = true\n  }\n}\n");
        both.file =
            Some(Source::parse_file(Path::new("backend.hcl"), "use_lockfile = true\n".to_owned()).unwrap());
        assert_eq!(both.edits(&[Wish::Unset("use_lockfile")]).unwrap().len(), 2);
    }

    #[test]
    fn what_is_shown_of_an_edit_is_what_changes() {
        let edit = Edit {
            path: PathBuf::new(),
            before: Some("a\ntable\nsecret_key = 1\nz\n".to_owned()),
            after: "a\nsecret_key = 1\nlock\nz\n".to_owned(),
        };
        assert_eq!(edit.lines(), ["- table", "+ lock"]);
    }

    #[test]
    fn a_block_comes_and_goes_without_a_trace() {
        let table_of: &[(&str, &str)] = &[
            ("terraform {\n}\n", "terraform {\n  backend \"s3\" {}\n}\n"),
            (
                "terraform {\n  required_version = \">= 1\"\n}\n\nlocals {}\n",
                "terraform {\n  required_version = \">= 1\"\n\n  backend \"s3\" {}\n}\n\nlocals {}\n",
            ),
            (
                "terraform {\r\n\tx = 1 # one\r\n}\r\n",
                "terraform {\r\n\tx = 1 # one\r\n\r\n\tbackend \"s3\" {}\r\n}\r\n",
            ),
        ];
        for (without, with) in table_of {
            let settings = Settings {
                terraform: Source::parse(Path::new("main.tf"), (*without).to_owned(), |body| {
                    body.blocks_of("terraform").next()
                })
                .unwrap(),
                ..Settings::default()
            };
            assert_eq!(settings.to_s3(Path::new("root")).after, *with);
            assert_eq!(block(with).block.unwrap().without_block().after, *without);
        }
        // In the middle only its own lines go.
        let middle = "terraform {\n  a = 1\n\n  backend \"s3\" {\n    key = \"k\"\n  }\n  b = 1\n}\n";
        let rest = "terraform {\n  a = 1\n\n  b = 1\n}\n";
        assert_eq!(block(middle).block.unwrap().without_block().after, rest);
        // Where nothing is, a file is made; what is in it stays.
        let dir = tempfile::tempdir().unwrap();
        let edit = Settings::read(dir.path(), None).unwrap().to_s3(dir.path());
        assert_eq!(
            (edit.before, &*edit.after),
            (None, "terraform {\n  backend \"s3\" {}\n}\n")
        );
        fs::write(dir.path().join("backend.tf"), "# Ours.\n").unwrap();
        let edit = Settings::read(dir.path(), None).unwrap().to_s3(dir.path());
        assert_eq!(edit.after, "# Ours.\n\nterraform {\n  backend \"s3\" {}\n}\n");
    }

    #[test]
    fn settings_of_a_block_are_kept_for_the_way_back() {
        let text = "terraform {\n  backend \"s3\" {\n    key = \"k\" # ours\n\n    secret_key = \"hunter2\"\n    x = {\n      y = 1\n    }\n  }\n}\n";
        let mut settings = block(text);
        let edit = settings.keep(Path::new("root")).unwrap().unwrap();
        assert_eq!(
            edit.after,
            "key = \"k\" # ours\n\nsecret_key = \"hunter2\"\nx = {\n  y = 1\n}\n"
        );
        assert!(!edit.lines().concat().contains("hunter2"), "{:?}", edit.lines());
        settings.file = Some(Source::parse_file(Path::new("backend.hcl"), "key = \"k\"".to_owned()).unwrap());
        let edit = settings.keep(Path::new("root")).unwrap().unwrap();
        assert!(
            edit.after
                .starts_with("key = \"k\"\nsecret_key = \"hunter2\"\nx = {"),
            "{}",
            edit.after
        );
        assert!(
            block("terraform {\n  backend \"s3\" {}\n}\n")
                .keep(Path::new("root"))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn files_are_written_whole_and_only_if_they_are_what_was_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("backend.hcl");
        let new = Edit {
            path: path.clone(),
            before: None,
            after: "a\n".to_owned(),
        };
        new.write().unwrap();
        assert!(new.write().is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
        write_whole(&path, b"b\n", true).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
