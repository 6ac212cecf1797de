//! The invisible first line of a comment, by which the next run finds it again.

const BEFORE: &str = "<!-- plumbline:review ";
const BEHIND: &str = " -->";
/// Stands between two hyphens, which would end the comment of HTML that the marker is.
const BREAK: char = '\u{200b}';

/// The first line of the comment about a root, given as its folder in the repository.
pub fn marker(root: &str) -> String {
    let mut name = String::with_capacity(root.len());
    for c in root.chars() {
        if c == '-' && name.ends_with('-') {
            name.push(BREAK);
        }
        let ends_line = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        name.push(if ends_line { '\u{fffd}' } else { c });
    }
    format!("{BEFORE}{name}{BEHIND}")
}

/// The root that a line marks, where it is a marker.
pub fn marked(line: &str) -> Option<String> {
    let name = line.strip_prefix(BEFORE)?.strip_suffix(BEHIND)?;
    let root = name.replace(&format!("-{BREAK}-"), "--");
    // Of three hyphens, the middle one is part of two pairs.
    let root = root.replace(&format!("-{BREAK}-"), "--");
    (marker(&root) == line).then_some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_found_again_and_nothing_ends_the_comment() {
        for root in [
            "a", "a b", "a->b", "a--b", "a--->b", "-----", "-", "é/ü", ".", " x -",
        ] {
            let line = marker(root);
            assert_eq!(line.matches("--").count(), 2, "{line}");
            assert_eq!(marked(&line).as_deref(), Some(root));
        }
        assert!(!marker("a\nb").contains('\n'));
        for line in [
            "",
            "text",
            "<!-- plumbline:review a",
            "<!-- plumbline:review a-- -->",
            "<!-- other a -->",
        ] {
            assert_eq!(marked(line), None, "{line}");
        }
    }
}
