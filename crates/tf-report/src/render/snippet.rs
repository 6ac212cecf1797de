//! Source lines with what is underlined in them.

use super::{escape, prose};
use crate::Snippet;

const TAB: &str = "    ";

/// A line of source, ready to be shown: no tabs, nothing hidden.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// Line number.
    pub(super) number: u32,
    /// What stands before the underlined part; the whole line where nothing is underlined.
    pub(super) before: String,
    /// What is underlined.
    pub(super) marked: Option<String>,
    /// What follows it.
    pub(super) after: String,
}

impl Row {
    /// The whole line.
    pub(super) fn text(&self) -> String {
        [
            &self.before,
            self.marked.as_deref().unwrap_or_default(),
            &self.after,
        ]
        .concat()
    }

    /// Where to underline: columns before, and columns underlined, which are one at least.
    pub(super) fn underline(&self) -> Option<(usize, usize)> {
        let marked = self.marked.as_ref()?;
        Some((prose::width(&self.before), prose::width(marked).max(1)))
    }

    /// The line in at most `limit` columns: of what surrounds the underlined part, the nearest is kept.
    pub(super) fn fit(self, limit: usize) -> Row {
        let marked = self.marked.as_deref().unwrap_or_default();
        if prose::width(&self.before) + prose::width(marked) + prose::width(&self.after) <= limit {
            return self;
        }
        let Some(marked) = &self.marked else {
            return Row {
                before: prose::cut(&self.before, limit),
                ..self
            };
        };
        let wanted = limit.saturating_sub(prose::width(marked)).max(limit / 3);
        let before = match prose::width(&self.before) {
            columns if columns <= wanted => self.before.clone(),
            _ => format!("…{}", prose::end(&self.before, wanted.saturating_sub(1))),
        };
        let left = limit.saturating_sub(prose::width(&before));
        let marked = prose::cut(marked, left);
        let after = prose::cut(&self.after, left.saturating_sub(prose::width(&marked)).max(1));
        Row {
            before,
            marked: Some(marked),
            after,
            ..self
        }
    }
}

/// The snippet's lines.
pub(super) fn rows(snippet: &Snippet) -> Vec<Row> {
    let numbers = (0..).map(|index| snippet.first_line.saturating_add(index));
    snippet
        .lines
        .iter()
        .zip(numbers)
        .map(|(line, number)| row(snippet, number, line))
        .collect()
}

fn row(snippet: &Snippet, number: u32, line: &str) -> Row {
    match snippet.underline {
        Some((marked, column, length)) if marked == number => {
            let start = offset(line, column.saturating_sub(1));
            let end = start + offset(&line[start..], length);
            Row {
                number,
                before: shown(&line[..start]),
                marked: Some(shown(&line[start..end])),
                after: shown(&line[end..]),
            }
        }
        _ => Row {
            number,
            before: shown(line),
            marked: None,
            after: String::new(),
        },
    }
}

/// Where a character begins, counted from 0; the end of a line that is shorter.
fn offset(line: &str, characters: u32) -> usize {
    let index = usize::try_from(characters).unwrap_or(usize::MAX);
    line.char_indices()
        .nth(index)
        .map_or(line.len(), |(offset, _)| offset)
}

fn shown(part: &str) -> String {
    let expanded = part.replace('\t', TAB);
    escape::one_line(expanded.trim_end_matches(['\r', '\n']))
}

/// Lines with their numbers, and under the marked one its `^^^^`: `12 | a = b`. `gutter` is the width of the
/// numbers, `limit` that of the source.
pub(super) fn plain(snippet: &Snippet, limit: usize) -> String {
    let gutter = gutter(snippet);
    let mut out = String::new();
    for row in rows(snippet).into_iter().map(|row| row.fit(limit)) {
        let line = format!("{:>gutter$} | {}", row.number, row.text());
        out.push_str(line.trim_end());
        out.push('\n');
        if let Some((before, length)) = row.underline() {
            out.push_str(&format!(
                "{:gutter$} | {:before$}{}\n",
                "",
                "",
                "^".repeat(length)
            ));
        }
    }
    out
}

/// Number of the last line; `None` where there is no line, or none with a number.
pub(super) fn last_line(snippet: &Snippet) -> Option<u32> {
    let further = u32::try_from(snippet.lines.len().checked_sub(1)?).ok()?;
    snippet
        .first_line
        .checked_add(further)
        .filter(|_| snippet.first_line > 0)
}

/// Width of the largest line number.
pub(super) fn gutter(snippet: &Snippet) -> usize {
    last_line(snippet).unwrap_or(snippet.first_line).to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet(line: &str, underline: (u32, u32, u32)) -> Snippet {
        Snippet {
            first_line: 9,
            lines: vec!["{".to_owned(), line.to_owned()],
            underline: Some(underline),
        }
    }

    #[test]
    fn the_underline_stands_under_what_is_meant() {
        assert_eq!(
            plain(&snippet("\tname = \"漢字\"", (10, 9, 4)), 80),
            " 9 | {\n10 |     name = \"漢字\"\n   |            ^^^^^^\n"
        );
    }

    #[test]
    fn an_underline_outside_the_line_stays_harmless() {
        assert_eq!(
            plain(&snippet("ab", (10, 7, 3)), 80),
            " 9 | {\n10 | ab\n   |   ^\n"
        );
        assert_eq!(
            plain(&snippet("ab", (10, 0, u32::MAX)), 80),
            " 9 | {\n10 | ab\n   | ^^\n"
        );
        assert_eq!(plain(&snippet("ab", (77, 1, 1)), 80), " 9 | {\n10 | ab\n");
    }

    #[test]
    fn a_long_line_keeps_what_is_near() {
        let line = format!("{}MARK{}", "b".repeat(100), "a".repeat(100));
        let row = rows(&snippet(&line, (10, 101, 4))).remove(1).fit(20);
        assert_eq!(row.text(), format!("…{}MARK…", "b".repeat(15)));
        let long = rows(&snippet(&line, (10, 1, 200))).remove(1).fit(20);
        assert_eq!(prose::width(&long.text()), 21);
    }
}
