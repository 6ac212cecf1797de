//! What Terraform counts as a character.

use unicode_segmentation::UnicodeSegmentation as _;

/// Grapheme clusters as Terraform splits them: by the rules of Unicode 15.0.
///
/// From Unicode 15.1 on, rule GB9c joins the consonants of conjuncts in Indic scripts. Terraform does not know it
/// yet, so such clusters are split again.
pub(in crate::functions) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(conjunct_parts)
}

/// The parts of a cluster, each starting with its consonant.
fn conjunct_parts(cluster: &str) -> impl Iterator<Item = &str> {
    let mut rest = cluster;
    std::iter::from_fn(move || {
        let (part, after) = rest.split_at_checked(first_part(rest)).unwrap_or((rest, ""));
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

/// The length of what comes before the second consonant of a conjunct.
///
/// In other clusters nothing that could begin one stands behind a mark, but for a picture behind a joiner.
fn first_part(cluster: &str) -> usize {
    const JOINER: char = '\u{200d}';
    // A conjunct has at least two consonants and a virama.
    if cluster.len() < 6 {
        return cluster.len();
    }
    let mut previous: Option<char> = None;
    for (at, char) in cluster.char_indices() {
        if previous.is_some_and(|previous| {
            is_mark(previous) && !is_mark(char) && (previous != JOINER || char.is_alphabetic())
        }) {
            return at;
        }
        previous = Some(char);
    }
    cluster.len()
}

/// Whether a character belongs to the letter before it.
fn is_mark(char: char) -> bool {
    !char.is_ascii() && ['a', char].iter().collect::<String>().graphemes(true).count() == 1
}

/// The part of a known beginning that stays as it is whatever follows: without a last cluster that could combine with
/// what comes after it to another character. Source: `cty/ctystrings/prefix.go` of cty v1.16.0.
pub(crate) fn safe_prefix(text: &str) -> &str {
    const NEVER_COMBINE: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    if text.ends_with(|last| NEVER_COMBINE.contains(last)) {
        return text;
    }
    let last = clusters(text).last().map_or(0, str::len);
    text.get(..text.len().saturating_sub(last)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_where_nothing_can_combine() {
        for (text, wanted) in [
            ("arn:aws:", "arn:aws:"),
            ("name", "nam"),
            ("[", "["),
            ("", ""),
            ("ae\u{301}", "a"),
        ] {
            assert_eq!(safe_prefix(text), wanted);
        }
    }

    #[test]
    fn clusters_are_those_of_unicode_15() {
        for (text, wanted) in [
            ("", vec![]),
            ("ab", vec!["a", "b"]),
            ("e\u{301}x", vec!["e\u{301}", "x"]),
            ("a\r\nb", vec!["a", "\r\n", "b"]),
            ("🤷🏾‍♀️🇩🇪🇫", vec!["🤷🏾‍♀️", "🇩🇪", "🇫"]),
            ("👩‍👩‍👧‍👦a", vec!["👩‍👩‍👧‍👦", "a"]),
            (
                "각\u{1100}\u{1161}\u{11a8}",
                vec!["각", "\u{1100}\u{1161}\u{11a8}"],
            ),
            ("क्षि", vec!["क्", "षि"]),
            ("क्ष्य", vec!["क्", "ष्", "य"]),
            ("क्\u{200d}ष", vec!["क्\u{200d}", "ष"]),
            ("က္ခ", vec!["က္", "ခ"]),
        ] {
            assert_eq!(clusters(text).collect::<Vec<_>>(), wanted, "{text}");
        }
    }
}
