//! `fileset`'s patterns: those of <https://github.com/bmatcuk/doublestar> v1.1.5 with its peculiarities
//! (braces do not nest, `**` is special only as a whole component, and what a broken pattern says depends
//! on whether anything is compared with it). Unlike there, the work is bounded, and symbolic links to
//! folders lead neither out of the boundary nor in circles.

use std::path::{Path, PathBuf};

use super::access::FileError;
use crate::path;

/// How many entries of folders a walk looks at.
const MAX_ENTRIES: usize = 100_000;
/// How many comparisons of characters one component's match takes.
const MAX_STEPS: usize = 100_000;
/// How many stars and braces of one component nest.
const MAX_NESTED: usize = 200;
/// How deep a walk goes below where it starts.
const MAX_DEPTH: usize = 1000;

/// What goes wrong on the way.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    Pattern,
    TooMany,
}

/// Regular files whose path matches `pattern` below `dir`, relative to that.
pub(super) fn files(
    base: &Path,
    boundary: Option<&Path>,
    dir: &str,
    pattern: &str,
) -> Result<Vec<String>, FileError> {
    let start = if path::is_absolute(dir) {
        path::clean(dir)
    } else {
        path::join(&[".", dir])
    };
    let full = path::join(&[&start, pattern]);
    let Some(boundary) = boundary else {
        return Err(FileError::Outside(full));
    };
    if full.contains('\0') {
        return Ok(Vec::new());
    }
    let mut walk = Walk {
        base,
        boundary,
        seen: 0,
        left: false,
        matches: Vec::new(),
        above: Vec::new(),
    };
    let components = split(&full, '/');
    let outcome = match components.as_slice() {
        ["", rest @ ..] => walk.glob("/", rest, 0),
        all => walk.glob(".", all, 0),
    };
    match outcome {
        Err(Trouble::Pattern) => return Err(FileError::BadPattern(full)),
        Err(Trouble::TooMany) => return Err(FileError::TooMany(full)),
        Ok(()) if walk.left && walk.matches.is_empty() => return Err(FileError::Outside(full)),
        Ok(()) => {}
    }
    walk.regular(&start)
}

struct Walk<'a> {
    base: &'a Path,
    boundary: &'a Path,
    /// Entries looked at.
    seen: usize,
    /// Whether the walk should have begun outside the boundary.
    left: bool,
    matches: Vec<String>,
    /// The folders that a `**` is inside of, to notice circles.
    above: Vec<PathBuf>,
}

/// An entry of a folder.
struct Entry {
    name: String,
    is_dir: bool,
    /// A link to nothing, or to a place outside.
    dead: bool,
}

impl Walk<'_> {
    fn glob(&mut self, from: &str, components: &[&str], depth: usize) -> Result<(), Trouble> {
        if depth > MAX_DEPTH {
            return Err(Trouble::TooMany);
        }
        let special = |component: &&str| component.contains(['*', '?', '[', '{', '\\']);
        let literal = components.iter().position(special).unwrap_or(components.len());
        let (names, rest) = components.split_at(literal);
        let dir = match names.is_empty() {
            true => from.to_owned(),
            false => path::join(&[from, &path::join(names)]),
        };
        if self.base.join(&dir).symlink_metadata().is_err() {
            return Ok(());
        }
        let Some((first, after)) = rest.split_first() else {
            self.matches.push(dir);
            return Ok(());
        };
        let Some(place) = self.enter(&dir, depth) else {
            return Ok(());
        };
        let entries = self.entries(&place)?;
        if *first != "**" {
            return self.each(&dir, &entries, first, after, depth);
        }
        let outcome = self.below(&dir, &place, &entries, rest, depth);
        match after.split_first() {
            None => outcome,
            // As there: what went wrong deeper down is forgotten if this folder goes well.
            Some((next, after)) if !matches!(outcome, Err(Trouble::TooMany)) => match entries.is_empty() {
                true => outcome,
                false => self.each(&dir, &entries, next, after, depth),
            },
            Some(_) => outcome,
        }
    }

    /// Everything in the folders of a folder, for `**`.
    fn below(
        &mut self,
        dir: &str,
        place: &Path,
        entries: &[Entry],
        components: &[&str],
        depth: usize,
    ) -> Result<(), Trouble> {
        let last = components.len() == 1;
        let mut outcome = Ok(());
        self.above.push(place.to_owned());
        for entry in entries.iter().filter(|entry| !entry.dead) {
            let inner = path::join(&[dir, &entry.name]);
            if entry.is_dir && self.circular(&inner) {
                continue;
            }
            if last {
                self.matches.push(inner.clone());
            }
            if entry.is_dir {
                outcome = self.glob(&inner, components, depth + 1);
                if outcome == Err(Trouble::TooMany) {
                    break;
                }
            }
        }
        self.above.pop();
        outcome
    }

    fn circular(&self, dir: &str) -> bool {
        match self.base.join(dir).canonicalize() {
            Ok(place) => self.above.contains(&place),
            Err(_) => true,
        }
    }

    /// The entries of a folder that match a component.
    fn each(
        &mut self,
        dir: &str,
        entries: &[Entry],
        component: &str,
        after: &[&str],
        depth: usize,
    ) -> Result<(), Trouble> {
        let mut outcome = Ok(());
        for entry in entries {
            outcome = Ok(());
            if !component_matches(component, &entry.name)? {
                continue;
            }
            let inner = path::join(&[dir, &entry.name]);
            if after.is_empty() {
                self.matches.push(inner);
            } else {
                outcome = self.glob(&inner, after, depth + 1);
                if outcome == Err(Trouble::TooMany) {
                    break;
                }
            }
        }
        outcome
    }

    /// The real place of a folder, if the walk may enter it.
    fn enter(&mut self, dir: &str, depth: usize) -> Option<PathBuf> {
        let place = self.base.join(dir).canonicalize().ok()?;
        if !place.starts_with(self.boundary) {
            self.left |= depth == 0;
            return None;
        }
        place.is_dir().then_some(place)
    }

    /// The entries of a folder in order of their names.
    fn entries(&mut self, place: &Path) -> Result<Vec<Entry>, Trouble> {
        let mut entries = Vec::new();
        let Ok(reading) = std::fs::read_dir(place) else {
            return Ok(entries);
        };
        for entry in reading.flatten() {
            self.seen += 1;
            if self.seen > MAX_ENTRIES {
                return Err(Trouble::TooMany);
            }
            // Terraform has no strings that are not Unicode.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let Ok(kind) = entry.file_type() else { continue };
            let target = if kind.is_symlink() {
                entry.path().canonicalize().ok()
            } else {
                None
            };
            let inside = target
                .as_ref()
                .is_some_and(|target| target.starts_with(self.boundary));
            entries.push(Entry {
                name,
                is_dir: kind.is_dir() || inside && target.is_some_and(|target| target.is_dir()),
                dead: kind.is_symlink() && !inside,
            });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Those matches that are regular files, relative to where the search began.
    fn regular(&self, start: &str) -> Result<Vec<String>, FileError> {
        let mut files = Vec::new();
        for found in &self.matches {
            let full = self.base.join(found);
            let place = full
                .canonicalize()
                .map_err(|_| FileError::Io(found.clone(), "no such file or directory".to_owned()))?;
            if place.starts_with(self.boundary) && place.is_file() {
                files.extend(path::relative(start, found));
            }
        }
        files.sort_unstable();
        Ok(files)
    }
}

/// Splits at a separator that no backslash stands before.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        match find(rest, separator) {
            None => {
                parts.push(rest);
                return parts;
            }
            Some(at) => {
                parts.push(rest.get(..at).unwrap_or_default());
                rest = rest.get(at + separator.len_utf8()..).unwrap_or_default();
            }
        }
    }
    // What ends in a separator ends in an empty part; the empty text is one.
    parts.push("");
    parts
}

/// The first place of a character before which no backslash stands.
fn find(text: &str, wanted: char) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find(wanted)?;
        // A backslash before the part that is searched does not count, as there.
        if at > from && text.as_bytes().get(at - 1) == Some(&b'\\') {
            from = at + wanted.len_utf8();
        } else {
            return Some(at);
        }
    }
}

/// Whether a path matches a whole pattern, as text alone. Where that cannot be told it does: whoever asks wants to know
/// whether a file can count.
pub fn path_matches(pattern: &str, path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    // By how many components of the path the components of the pattern so far can have used up.
    let mut reached = vec![false; names.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for component in split(pattern, '/') {
        let mut next = vec![false; names.len() + 1];
        let mut any = false;
        for (at, here) in reached.iter().enumerate() {
            any |= *here;
            if component == "**" {
                if let Some(slot) = next.get_mut(at) {
                    *slot = any;
                }
            } else if *here && let (Some(name), Some(slot)) = (names.get(at), next.get_mut(at + 1)) {
                *slot = component_matches(component, name).unwrap_or(true);
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// Whether a name matches a component of a pattern.
fn component_matches(pattern: &str, name: &str) -> Result<bool, Trouble> {
    let mut steps = 0;
    matches_from(pattern, name.as_bytes(), 0, &mut steps)
}

/// The first character of a name, or what Go takes the first byte for inside of one, and its length.
fn first(name: &[u8]) -> (char, usize) {
    let whole = (1..=4).filter_map(|length| std::str::from_utf8(name.get(..length)?).ok()?.chars().next());
    whole
        .map(|letter| (letter, letter.len_utf8()))
        .next()
        .unwrap_or((char::REPLACEMENT_CHARACTER, 1))
}

fn matches_from(pattern: &str, name: &[u8], depth: usize, steps: &mut usize) -> Result<bool, Trouble> {
    if depth > MAX_NESTED {
        return Err(Trouble::TooMany);
    }
    if pattern.is_empty() || name.is_empty() && pattern != "*" {
        return Ok(pattern.is_empty() && name.is_empty());
    }
    let mut pattern = pattern.chars();
    let mut name = name;
    while let (Some(wanted), false) = (pattern.clone().next(), name.is_empty()) {
        *steps += 1;
        if *steps > MAX_STEPS {
            return Err(Trouble::TooMany);
        }
        let (have, width) = first(name);
        pattern.next();
        match wanted {
            '\\' => match pattern.next() {
                None => return Err(Trouble::Pattern),
                Some(escaped) if escaped != have => return Ok(false),
                Some(_) => {}
            },
            '*' => return star(pattern.as_str(), name, width, depth, steps),
            '[' => {
                let rest = pattern.as_str();
                let end = find(rest, ']').ok_or(Trouble::Pattern)?;
                if !class_matches(rest.get(..end).unwrap_or_default(), have)? {
                    return Ok(false);
                }
                pattern = rest.get(end + 1..).unwrap_or_default().chars();
            }
            '{' => return alternatives(pattern.as_str(), name, depth, steps),
            wanted if wanted != '?' && wanted != have => return Ok(false),
            _ => {}
        }
        name = name.get(width..).unwrap_or_default();
    }
    let pattern = pattern.as_str();
    Ok(pattern.is_empty() && name.is_empty() || name.is_empty() && pattern == "*" || pattern == "**")
}

/// A star and what follows it. As there, the name is searched in steps of its first character's `width`, so
/// that what follows a character of two bytes at an odd distance is not found.
fn star(after: &str, name: &[u8], width: usize, depth: usize, steps: &mut usize) -> Result<bool, Trouble> {
    if after.is_empty() {
        return Ok(true);
    }
    for at in (0..name.len()).step_by(width.max(1)) {
        match matches_from(after, name.get(at..).unwrap_or_default(), depth + 1, steps) {
            Ok(true) => return Ok(true),
            Err(Trouble::TooMany) => return Err(Trouble::TooMany),
            // As there: a broken pattern after a star matches nothing.
            Ok(false) | Err(Trouble::Pattern) => {}
        }
    }
    Ok(false)
}

/// Braces and what follows them.
fn alternatives(rest: &str, name: &[u8], depth: usize, steps: &mut usize) -> Result<bool, Trouble> {
    let end = find(rest, '}').ok_or(Trouble::Pattern)?;
    let after = rest.get(end + 1..).unwrap_or_default();
    for option in split(rest.get(..end).unwrap_or_default(), ',') {
        *steps += option.len() + after.len();
        if *steps > MAX_STEPS {
            return Err(Trouble::TooMany);
        }
        if matches_from(&format!("{option}{after}"), name, depth + 1, steps)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a character is in a class, which is given without its brackets.
fn class_matches(class: &str, have: char) -> Result<bool, Trouble> {
    let negated = class.starts_with('^');
    let mut letters = class.chars().skip(usize::from(negated)).peekable();
    if class.is_empty() {
        return Err(Trouble::Pattern);
    }
    let mut found = false;
    while let Some(low) = letters.next() {
        let low = unescape(low, &mut letters)?;
        let mut high = low;
        if letters.next_if_eq(&'-').is_some() {
            let letter = letters.next().ok_or(Trouble::Pattern)?;
            high = unescape(letter, &mut letters)?;
        }
        found |= low <= have && have <= high;
    }
    Ok(found != negated)
}

fn unescape(letter: char, letters: &mut impl Iterator<Item = char>) -> Result<char, Trouble> {
    match letter {
        '-' => Err(Trouble::Pattern),
        '\\' => letters.next().ok_or(Trouble::Pattern),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_paths_match_without_a_disk() {
        for (pattern, path, want) in [
            ("a/*.json", "a/x.json", true),
            ("a/*.json", "a/b/x.json", false),
            ("a/**", "a/b/c.txt", true),
            ("a/**/*.txt", "a/c.txt", true),
            ("a/**/*.txt", "a/b/d/c.txt", true),
            ("a/**/*.txt", "b/c.txt", false),
            ("a/*.{json,yaml}", "a/x.yaml", true),
        ] {
            assert_eq!(path_matches(pattern, path), want, "{pattern} {path}");
        }
    }

    #[test]
    fn components_match_as_in_doublestar() {
        // From its own tests.
        for (pattern, name, want) in [
            ("*", "", Ok(true)),
            ("abc", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "a", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[e-g]", "abc", Ok(false)),
            ("ab[^b-d]", "abc", Ok(false)),
            ("ab[^e-g]", "abc", Ok(true)),
            ("a\\*b", "ab", Ok(false)),
            ("a?b", "a☺b", Ok(true)),
            ("a???b", "a☺b", Ok(false)),
            ("[a-ζ]*", "α", Ok(true)),
            ("[\\]a]", "]", Ok(true)),
            ("[\\-]", "-", Ok(true)),
            ("[x\\-]", "z", Ok(false)),
            ("[]a]", "]", Err(Trouble::Pattern)),
            ("[-x]", "x", Err(Trouble::Pattern)),
            ("[a-b-c]", "a", Err(Trouble::Pattern)),
            ("\\", "a", Err(Trouble::Pattern)),
            ("[^bc", "a", Err(Trouble::Pattern)),
            ("a[", "a", Ok(false)),
            ("a[", "ab", Err(Trouble::Pattern)),
            ("ab{c,d}", "abc", Ok(true)),
            ("ab{c,d,*}", "abcde", Ok(true)),
            ("ab{c,d}[", "abcd", Err(Trouble::Pattern)),
            ("*x", "xxx", Ok(true)),
            ("*.txt", "ünï.txt", Ok(false)),
            ("*.txt", "ün.txt", Ok(false)),
            ("*.txt", "üï.txt", Ok(true)),
        ] {
            assert_eq!(component_matches(pattern, name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn hostile_patterns_end() {
        let name = "a".repeat(255);
        assert_eq!(component_matches(&"a*".repeat(60), &format!("{name}b")), Ok(true));
        assert_eq!(
            component_matches(&format!("{}c", "a*".repeat(60)), &name),
            Err(Trouble::TooMany)
        );
        assert_eq!(
            component_matches(&format!("{}c", "*".repeat(100_000)), &name),
            Err(Trouble::TooMany)
        );
        assert_eq!(
            component_matches(&"{".repeat(100_000), &name),
            Err(Trouble::Pattern)
        );
    }
}
