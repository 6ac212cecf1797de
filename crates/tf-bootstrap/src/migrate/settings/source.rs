//! Where settings stand: a block, or a file.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tf_lang::ast::{Attribute, Block, Body, ExprKind};
use tf_lang::{FileId, Span};

use super::Edit;
use crate::error::Error;

/// A file of settings, or the block in which they stand.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(super) text: String,
    /// The block's type: `s3`, `local`; `None` for a file of settings.
    pub(crate) kind: Option<String>,
    /// The whole block, or the whole file.
    pub(super) whole: Range<usize>,
    /// What is between the braces, or the whole file.
    pub(super) inside: Range<usize>,
    pub(super) attributes: Vec<Setting>,
    /// Whether there are blocks inside.
    pub(super) nested: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: Literal,
    pub(super) span: Range<usize>,
    pub(super) value_span: Range<usize>,
}

/// What a setting says, as far as it is written out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Literal {
    Text(String),
    Flag(bool),
    Other,
}

impl Source {
    /// The `terraform` block and the backend's block of a file.
    pub(super) fn blocks(path: &Path) -> Result<(Option<Source>, Option<Source>), Error> {
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

    pub(super) fn parse_block(path: &Path, text: String) -> Result<Option<Source>, Error> {
        Source::parse(path, text, |body| {
            let terraform = body.blocks_of("terraform");
            let mut backends = terraform.flat_map(|block| {
                let inner = block.body.blocks.iter();
                inner.filter(|inner| matches!(&*inner.kind.name, "backend" | "cloud"))
            });
            backends.next()
        })
    }

    pub(super) fn parse(
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

    pub(super) fn file(path: &Path) -> Result<Source, Error> {
        let text = fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
        Source::parse_file(path, text)
    }

    pub(super) fn parse_file(path: &Path, text: String) -> Result<Source, Error> {
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

    pub(super) fn attribute(&self, name: &str) -> Option<&Setting> {
        self.attributes.iter().find(|setting| setting.name == name)
    }

    /// The same source with other text.
    pub(super) fn again(&self, text: String) -> Result<Source, Error> {
        let broken = || Error::Refused(format!("{} cannot be edited", self.path.display()));
        match self.kind {
            Some(_) => Source::parse_block(&self.path, text)?.ok_or_else(broken),
            None => Source::parse_file(&self.path, text),
        }
    }

    pub(super) fn replaced(&self, range: Range<usize>, by: &str) -> Result<Source, Error> {
        let mut text = self.text.clone();
        text.replace_range(range, by);
        self.again(text)
    }

    pub(super) fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The line that a place is in, without its line feed.
    pub(super) fn line(&self, at: usize) -> Range<usize> {
        let start = self.text[..at].rfind('\n').map_or(0, |feed| feed + 1);
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |feed| at + feed);
        start..end
    }

    pub(super) fn indent(&self, at: usize) -> &str {
        let line = &self.text[self.line(at)];
        &line[..line.len() - line.trim_start().len()]
    }

    /// Without an attribute: its line goes, with a comment behind it.
    pub(super) fn without(&self, name: &str) -> Result<Source, Error> {
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
    pub(super) fn with(&self, name: &str, value: &str) -> Result<Source, Error> {
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

    pub(super) fn edit(&self, range: Range<usize>, by: &str) -> Edit {
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
    pub(super) fn with_block(&self, header: &str) -> Edit {
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
    pub(super) fn as_file(&self, without: Option<&Source>) -> String {
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

pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Error {
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
