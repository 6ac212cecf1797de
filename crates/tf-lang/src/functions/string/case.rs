//! Upper, lower and title case as Go's `strings` has them: letter by letter, each to exactly one letter, by the
//! simple mappings of Unicode 15.0. So `ß` has no upper case, and a final `Σ` becomes `σ`.

/// Go's `strings.ToUpper`.
pub(super) fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

/// Go's `strings.ToLower`.
pub(super) fn lower(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

/// Go's `strings.Title`: every letter that follows a separator, in title case.
pub(super) fn title(text: &str) -> String {
    let mut after_separator = true;
    text.chars()
        .map(|char| {
            let titled = if after_separator { title_char(char) } else { char };
            after_separator = is_separator(char);
            titled
        })
        .collect()
}

/// Go's rule: in ASCII everything that no word is made of, elsewhere white space alone.
fn is_separator(char: char) -> bool {
    match char.is_ascii() {
        true => !char.is_ascii_alphanumeric() && char != '_',
        false => char.is_whitespace(),
    }
}

fn upper_char(char: char) -> char {
    match char {
        // Greek with iota subscript: the full mapping spells the iota out, the simple one leads to title case.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(char, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(char, 9),
        _ => single(char, char.to_uppercase()),
    }
}

fn lower_char(char: char) -> char {
    match char {
        // The full mapping keeps the dot as a character of its own.
        '\u{130}' => 'i',
        _ => single(char, char.to_lowercase()),
    }
}

fn title_char(char: char) -> char {
    match char {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian capitals are never used for the first letter only.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => char,
        _ => upper_char(char),
    }
}

fn shifted(char: char, by: u32) -> char {
    char::from_u32(u32::from(char) + by).unwrap_or(char)
}

/// What a letter maps to, if that is one letter and both were there in Unicode 15.0.
fn single(char: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    match (mapped.len(), mapped.next()) {
        (1, Some(mapped)) if !is_newer(char) && !is_newer(mapped) => mapped,
        _ => char,
    }
}

/// Letters with case that came after Unicode 15.0.
fn is_newer(char: char) -> bool {
    matches!(u32::from(char),
        0x1c89..=0x1c8a | 0xa7cb..=0xa7cf | 0xa7d2 | 0xa7d4 | 0xa7da..=0xa7dc | 0x10d50..=0x10d85
        | 0x16ea0..=0x16ed3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_mapped_letter_by_letter() {
        for (text, upper_case, lower_case, title_case) in [
            ("heLLo wORLD", "HELLO WORLD", "hello world", "HeLLo WORLD"),
            ("ßﬁŉǰ", "ßﬁŉǰ", "ßﬁŉǰ", "ßﬁŉǰ"),
            ("ǆ ǅ Ǆ", "Ǆ Ǆ Ǆ", "ǆ ǆ ǆ", "ǅ ǅ ǅ"),
            ("İIıſ", "İIIS", "iiıſ", "İIıſ"),
            ("ΌΣΟΣ", "ΌΣΟΣ", "όσοσ", "ΌΣΟΣ"),
            ("ᾳ ᾼ ᾀ", "ᾼ ᾼ ᾈ", "ᾳ ᾳ ᾀ", "ᾼ ᾼ ᾈ"),
            ("ა", "Ა", "ა", "ა"),
            (
                "foo-bar o'neil a_b é\u{2003}é",
                "FOO-BAR O'NEIL A_B É\u{2003}É",
                "foo-bar o'neil a_b é\u{2003}é",
                "Foo-Bar O'Neil A_b É\u{2003}É",
            ),
        ] {
            assert_eq!(upper(text), upper_case);
            assert_eq!(lower(text), lower_case);
            assert_eq!(title(text), title_case);
        }
    }
}
