//! Comments, for those who read instructions in them.

use crate::parse::lex::{Kind, Lexer};

/// A comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment<'a> {
    /// Its first line, counted from 1.
    pub line: u32,
    /// Its last line.
    pub end_line: u32,
    /// All of it, with `#`, `//` or `/*` and `*/`.
    pub text: &'a str,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// The comments of a body of attributes and blocks, in order. What looks like one in a string or a heredoc is
/// none. The text need not be right: then some comments may be missed.
pub fn comments(text: &str) -> Vec<Comment<'_>> {
    let mut comments = Vec::new();
    let mut lexer = Lexer::code(text);
    let (mut line, mut counted) = (1, 0);
    let count = |from: usize, to: usize| {
        let bytes = text.as_bytes().get(from..to).unwrap_or_default();
        bytes.iter().filter(|byte| **byte == b'\n').count() as u32
    };
    loop {
        lexer.skip_plain_code();
        let token = lexer.next();
        match token.kind {
            Kind::Eof => return comments,
            Kind::Comment => {
                line += count(counted, token.start);
                counted = token.start;
                let before = text.get(..token.start).unwrap_or_default();
                comments.push(Comment {
                    line,
                    end_line: line + count(token.start, token.end),
                    text: text.get(token.start..token.end).unwrap_or_default(),
                    own_line: before.trim_end_matches([' ', '\t', '\u{feff}']).ends_with('\n')
                        || before.trim_matches([' ', '\t', '\u{feff}']).is_empty(),
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_what_looks_like_them() {
        let text = concat!(
            "\u{feff}# one\r\n",
            "a = \"# no // no /* no\" # two\n",
            "b = \"${ /* three */ x ? \"#no\" : {} } #no\" // four\n",
            "c = <<EOT\n# no\n${x # five\n} // no\nEOT\n",
            "  /* six\n six */ d = 4 / 2 #seven\n",
            "e = <<-END # eight\n",
        );
        let expected = [
            (1, 1, "# one", true),
            (2, 2, "# two", false),
            (3, 3, "/* three */", false),
            (3, 3, "// four", false),
            (6, 6, "# five", false),
            (9, 10, "/* six\n six */", true),
            (10, 10, "#seven", false),
            (11, 11, "# eight", false),
        ];
        let found: Vec<_> = comments(text)
            .into_iter()
            .map(|comment| (comment.line, comment.end_line, comment.text, comment.own_line))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn wrong_texts_are_no_trouble() {
        for text in ["", "\"", "<<EOT\n#", "${", "}}}} # x", "\"${", "/* x", "é # x"] {
            assert!(comments(text).len() <= 1, "{text}");
        }
    }
}
