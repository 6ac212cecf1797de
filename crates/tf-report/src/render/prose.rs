//! Prose of a given width, and the width of characters on a terminal.

use tabled::grid::util::string::{get_char_width, get_string_width};

/// The text; nothing where nothing is said.
pub(super) fn said(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

/// Columns that a line takes on a terminal.
pub(super) fn width(line: &str) -> usize {
    get_string_width(line)
}

/// The longest beginning that takes at most `limit` columns.
pub(super) fn beginning(line: &str, limit: usize) -> &str {
    let mut used = 0;
    let cut = line.char_indices().find(|(_, character)| {
        used += get_char_width(*character);
        used > limit
    });
    cut.map_or(line, |(index, _)| &line[..index])
}

/// The longest end that takes at most `limit` columns.
pub(super) fn end(line: &str, limit: usize) -> &str {
    let mut used = 0;
    let cut = line.char_indices().rev().find(|(_, character)| {
        used += get_char_width(*character);
        used > limit
    });
    cut.map_or(line, |(index, character)| &line[index + character.len_utf8()..])
}

/// The line in at most `limit` columns, with `…` at its end where something was cut off.
pub(super) fn cut(line: &str, limit: usize) -> String {
    if width(line) <= limit {
        line.to_owned()
    } else {
        beginning(line, limit.saturating_sub(1)).to_owned() + "…"
    }
}

/// Lines of at most `limit` columns, broken at white space. The text's own line feeds stay; a word that is
/// longer than a line, such as an address, stays whole.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    wrap_after(text, 0, 0, limit)
}

/// As [`wrap`], with `taken` columns used already on the first line and `indent` columns on each further one.
/// There is one line at least.
pub(super) fn wrap_after(text: &str, taken: usize, indent: usize, limit: usize) -> Vec<String> {
    let mut wrapped = Vec::new();
    let mut room = limit.saturating_sub(taken);
    let further = limit.saturating_sub(indent);
    for paragraph in text.trim_end().split('\n') {
        let (mut line, mut used) = (String::new(), 0);
        for word in paragraph.split_whitespace() {
            let columns = width(word);
            let space = usize::from(used > 0);
            if used + space + columns > room && (used > 0 || room < further) {
                wrapped.push(std::mem::take(&mut line));
                (room, used) = (further, 0);
            } else if space > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += columns;
        }
        wrapped.push(line);
        room = further;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_breaks_at_white_space_only() {
        assert_eq!(
            wrap("a bb  ccc\n\ndddddddd e ", 5),
            ["a bb", "ccc", "", "dddddddd", "e"]
        );
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("漢字 漢字", 6), ["漢字", "漢字"]);
    }

    #[test]
    fn the_first_line_may_have_less_room() {
        assert_eq!(wrap_after("a bb ccc dddd", 6, 2, 10), ["a bb", "ccc dddd"]);
        assert_eq!(wrap_after("long", 9, 2, 10), ["", "long"]);
        assert_eq!(wrap_after("longer than all", 0, 0, 3), ["longer", "than", "all"]);
    }

    #[test]
    fn beginnings_and_ends_count_columns() {
        assert_eq!(beginning("漢字ab", 3), "漢");
        assert_eq!(end("ab漢字", 3), "字");
        assert_eq!(beginning("ab", 9), "ab");
        assert_eq!(end("ab", 0), "");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }
}
