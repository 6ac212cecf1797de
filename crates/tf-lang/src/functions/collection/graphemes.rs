//! Characters as Terraform counts them.

use unicode_segmentation::UnicodeSegmentation;

/// How many user-perceived characters a text has, by the rules of Unicode 15, which Terraform has. Those of
/// 15.1 keep Indic consonants together that a virama joins; these do not.
pub(in crate::functions) fn count(text: &str) -> usize {
    if text.is_ascii() {
        return text.len() - text.matches("\r\n").count();
    }
    text.graphemes(true).map(|cluster| 1 + joints(cluster)).sum()
}

/// How often a consonant follows a joiner inside a cluster.
fn joints(cluster: &str) -> usize {
    let letters: Vec<char> = cluster.chars().collect();
    let joint = |pair: &[char]| match pair {
        [before, after] => is_letter(*after) && !is_letter(*before) && extends(*before),
        _ => false,
    };
    letters
        .windows(2)
        .filter(|pair| joint(pair) && !extends(pair.last().copied().unwrap_or('a')))
        .count()
}

/// Whether it is a letter of a script that has conjuncts.
fn is_letter(letter: char) -> bool {
    letter.is_alphabetic() && matches!(letter as u32, 0x0900..=0x1fff | 0xa800..=0xabff | 0x11000..=0x11fff)
}

/// Whether a character belongs to the letter before it.
fn extends(letter: char) -> bool {
    let mut pair = String::from("a");
    pair.push(letter);
    pair.graphemes(true).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_terraform_does() {
        for (text, want) in [
            ("", 0),
            ("abc", 3),
            ("a\r\nb", 3),
            ("e\u{301}", 1),
            ("👨‍👩‍👧", 1),
            ("🇩🇪🇫🇷", 2),
            ("क्ष", 2),
            ("नमस्ते", 4),
            ("각", 1),
        ] {
            assert_eq!(count(text), want, "{text}");
        }
    }
}
