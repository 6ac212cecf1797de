//! Makes text that others wrote harmless to read: what does not show is shown, what is markup is text.

/// Whether a character changes how others look without being seen: controls, marks that reorder text
/// ([Trojan Source](https://trojansource.codes)), line and paragraph separators, and those without width that
/// tell apart what looks the same. Joiners stay, for scripts and emoji need them.
fn is_hidden(character: char) -> bool {
    match character {
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{e0001}' => true,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    }
}

fn push_revealed(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        hidden if is_hidden(hidden) => out.push_str(&format!("\\u{:04x}", u32::from(hidden))),
        shown => out.push(shown),
    }
}

/// The text on one line, hidden characters written as HCL would: `\n`, `\u202e`.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars()
        .for_each(|character| push_revealed(&mut out, character));
    out
}

/// The text with its line feeds and tabs, and every other hidden character written as HCL would.
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\t' => out.push(character),
            other => push_revealed(&mut out, other),
        }
    }
    out
}

/// Text for an HTML element or a quoted attribute; hidden characters are shown.
pub fn html(text: &str) -> String {
    let shown = lines(text);
    let mut out = String::with_capacity(shown.len());
    for character in shown.chars() {
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

/// At most `limit` characters, the last of them `…` where something was cut off.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_shown() {
        assert_eq!(
            one_line("a\u{0}b\n\u{1b}[31mc\u{202e}d\tä 👩‍💻"),
            r"a\u0000b\n\u001b[31mc\u202ed\tä 👩‍💻"
        );
        assert_eq!(lines("a\r\nb\rc\td\u{7f}"), "a\nb\\rc\td\\u007f");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            html("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;"
        );
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüß", 3), "äö…");
        assert_eq!(shorten("", 0), "");
    }
}
