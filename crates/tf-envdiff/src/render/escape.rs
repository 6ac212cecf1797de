//! Makes text that others wrote harmless to read: what does not show is shown, what is markup is text.

/// Whether a character changes how others look without being seen: controls, marks that reorder text, line and paragraph
/// separators, and those without width.
fn is_hidden(character: char) -> bool {
    match character {
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' => true,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}' => true,
        other => other.is_control(),
    }
}

/// The text on one line, hidden characters written as HCL would.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            hidden if is_hidden(hidden) => out.push_str(&format!("\\u{:04x}", u32::from(hidden))),
            shown => out.push(shown),
        }
    }
    out
}

/// Text for an HTML element or a quoted attribute.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Text as code in a cell of a Markdown table: no backtick of it ends the code, no bar the cell.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let longest = text
        .split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    match text.is_empty() {
        true => String::new(),
        false => format!("{fence}{pad}{text}{pad}{fence}"),
    }
}

/// Text that is no markup in Markdown, and mentions nobody.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::new();
    for character in one_line(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}

/// The text, cut in the middle where it is longer than so many characters.
pub(super) fn shorten(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most || most < 8 {
        return text.to_owned();
    }
    let head = (most - 1) * 2 / 3;
    let tail = most - 1 - head;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        assert_eq!(one_line("a\n\u{202e}b"), "a\\n\\u202eb");
        assert_eq!(html("<script>\"'&"), "&lt;script&gt;&quot;&#39;&amp;");
        assert_eq!(code("a`b|c"), "``a`b\\|c``");
        assert_eq!(markdown("@a <b> #1 |"), "&#64;a &lt;b&gt; &#35;1 \\|");
        assert_eq!(shorten("abcdefghijklmnop", 10), "abcdef…nop");
    }
}
