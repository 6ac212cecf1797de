//! Source texts and positions in them.
//!
//! A [`Span`] is a file number and a byte range: small enough to sit on every node of a syntax tree.
//! Lines and columns are worked out from it only where a person will read them.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// Number of a file in its [`SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A byte range in one file; `end` is exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// First byte behind the range.
    pub end: u32,
}

impl Span {
    /// The span `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            file,
            start: clamp(start),
            end: clamp(end),
        }
    }

    /// The smallest span that covers both; `self` where they lie in different files.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A line and a column, both counted from 1; the column counts Unicode scalar values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// One source text under the name by which people know it.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file's text under a name (for files: the path relative to the scanned folder, with `/`).
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceFile {
        SourceFile {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
        }
    }

    /// The name given to [`SourceFile::new`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let newlines = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(newlines.map(|(at, _)| at as u32 + 1))
                .collect()
        })
    }

    /// Line and column of a byte offset; an offset behind the end gives the end's position.
    pub fn position(&self, offset: u32) -> Position {
        let offset = (offset as usize).min(self.text.len());
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= offset);
        let line_start = starts
            .get(line.saturating_sub(1))
            .map_or(0, |start| *start as usize);
        let before = self.text.get(line_start..offset).unwrap_or_default();
        Position {
            line: line as u32,
            column: before.chars().count() as u32 + 1,
        }
    }

    /// A range of the file as HCL shows it: `1,5-9`, or `1,5-2,1` where it ends on another line.
    pub fn range(&self, span: Span) -> String {
        let (start, end) = (self.position(span.start), self.position(span.end));
        match start.line == end.line {
            true => format!("{},{}-{}", start.line, start.column, end.column),
            false => format!("{},{}-{},{}", start.line, start.column, end.line, end.column),
        }
    }

    /// The text of a line counted from 1, without its line ending.
    pub fn line(&self, line: u32) -> Option<&str> {
        let starts = self.line_starts();
        let index = (line as usize).checked_sub(1)?;
        let start = *starts.get(index)? as usize;
        let end = starts
            .get(index + 1)
            .map_or(self.text.len(), |next| *next as usize);
        self.text
            .get(start..end)
            .map(|text| text.trim_end_matches(['\n', '\r']))
    }
}

/// All source texts of one run, by [`FileId`].
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<Arc<SourceFile>>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a file and returns its number.
    pub fn add(&mut self, file: impl Into<Arc<SourceFile>>) -> FileId {
        self.files.push(file.into());
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of that number.
    pub fn get(&self, id: FileId) -> Option<&Arc<SourceFile>> {
        self.files.get(id.0 as usize)
    }

    /// The file's name, or an empty string for a number that is not there.
    pub fn name(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| file.name())
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// First and last line of a span, counted from 1.
    pub fn lines(&self, span: Span) -> (u32, u32) {
        let Some(file) = self.get(span.file) else {
            return (0, 0);
        };
        let last = span.end.saturating_sub(1).max(span.start);
        (file.position(span.start).line, file.position(last).line)
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        let file = self.get(span.file);
        file.and_then(|file| file.text().get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let file = SourceFile::new("a.tf", "a = 1\r\nµ = \"x\"\n");
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(7), Position { line: 2, column: 1 });
        assert_eq!(file.position(9), Position { line: 2, column: 2 });
        assert_eq!(file.position(999).line, 3);
        assert_eq!(file.line(1), Some("a = 1"));
        assert_eq!(file.line(2), Some("µ = \"x\""));
        assert_eq!(file.line(4), None);
    }
}
