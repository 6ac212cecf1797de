//! driftctl's `.driftignore`: patterns of `type.id`, one a line, as in `.gitignore`.
//!
//! Read in driftctl's `pkg/filter/driftignore.go`: lines that begin with `#` and empty lines say nothing; `/` is a character like any
//! other; `!` takes back; the last line that matches counts; and a line that does not end in `*` also covers what stands behind it
//! and a dot, which is how older versions named attributes (`type.id.attribute`). `type` and `id` are Terraform's.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

/// Stands for `/`, so that it separates nothing.
const SLASH: &str = "_-_";

#[derive(Debug)]
struct Line {
    patterns: Vec<GlobMatcher>,
    takes_back: bool,
    number: usize,
}

/// The patterns of a file.
#[derive(Debug, Default)]
pub(crate) struct Driftignore {
    lines: Vec<Line>,
}

impl Driftignore {
    /// Reads the file in a folder; without one, nothing is ignored.
    pub(crate) fn find(dir: &Path) -> std::io::Result<Driftignore> {
        match std::fs::read_to_string(dir.join(".driftignore")) {
            Ok(text) => Ok(Driftignore::parse(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Driftignore::default()),
            Err(error) => Err(error),
        }
    }

    /// Reads patterns. A line that is no pattern matches nothing, as in driftctl.
    pub(crate) fn parse(text: &str) -> Driftignore {
        let lines = text.lines().enumerate().filter_map(|(at, line)| {
            if line.trim().is_empty() || line.starts_with('#') {
                return None;
            }
            let (takes_back, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let pattern = match pattern.ends_with("\\ ") {
                true => pattern,
                false => pattern.trim_end_matches(' '),
            };
            let mut patterns = vec![pattern.to_owned()];
            if !pattern.ends_with('*') {
                patterns.push(format!("{pattern}.*"));
            }
            Some(Line {
                patterns: patterns.iter().filter_map(|pattern| glob(pattern)).collect(),
                takes_back,
                number: at + 1,
            })
        });
        Driftignore {
            lines: lines.collect(),
        }
    }

    /// The number of the line that ignores a resource, or one of its attributes where a path is given.
    pub(crate) fn line(&self, ty: &str, id: &str, path: &str) -> Option<usize> {
        let whole = format!("{ty}.{id}");
        let name = match path.is_empty() {
            true => whole,
            false => format!("{whole}.{path}"),
        };
        let name = name.replace('/', SLASH);
        let found = self
            .lines
            .iter()
            .rev()
            .find(|line| line.patterns.iter().any(|pattern| pattern.is_match(&name)))?;
        (!found.takes_back).then_some(found.number)
    }
}

/// Go's `filepath.Match` has no braces.
fn glob(pattern: &str) -> Option<GlobMatcher> {
    let mut escaped = String::new();
    let mut letters = pattern
        .replace('/', SLASH)
        .chars()
        .collect::<Vec<char>>()
        .into_iter();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' => escaped.extend(['\\', letter]),
            '\\' => {
                escaped.push('\\');
                escaped.extend(letters.next());
            }
            other => escaped.push(other),
        }
    }
    let glob = GlobBuilder::new(&escaped)
        .backslash_escape(true)
        .literal_separator(false)
        .build();
    glob.ok().map(|glob| glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_and_attributes_are_ignored_as_in_driftctl() {
        let file = "# a comment\n\naws_sqs_queue.https://sqs/1/a\naws_iam_user.*\n!aws_iam_user.root\n\
                    aws_s3_bucket.logs.tags\naws_route.r-1\\*x\naws_vpc.vpc-?  \n[broken\n";
        let ignore = Driftignore::parse(file);
        for (ty, id, path, line) in [
            ("aws_sqs_queue", "https://sqs/1/a", "", Some(3)),
            ("aws_sqs_queue", "https://sqs/1/b", "", None),
            ("aws_iam_user", "ann", "", Some(4)),
            ("aws_iam_user", "root", "", None),
            ("aws_iam_user", "root", "path", None),
            ("aws_s3_bucket", "logs", "", None),
            ("aws_s3_bucket", "logs", "tags", Some(6)),
            ("aws_s3_bucket", "logs", "tags.Name", Some(6)),
            ("aws_s3_bucket", "logs", "bucket", None),
            ("aws_route", "r-1*x", "", Some(7)),
            ("aws_route", "r-1yx", "", None),
            ("aws_vpc", "vpc-1", "", Some(8)),
            ("aws_vpc", "vpc-12", "", None),
        ] {
            assert_eq!(ignore.line(ty, id, path), line, "{ty}.{id} {path}");
        }
        assert_eq!(Driftignore::parse("*\n!*.b\n").line("aws_x", "a", ""), Some(1));
        assert_eq!(Driftignore::parse("*\n!*.b\n").line("aws_x", "b", ""), None);
    }
}
