//! Go's `path/filepath` on Unix, which works on text alone: nothing here looks at the disk.

/// `filepath.IsAbs`
pub fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// `filepath.Clean`: the shortest path that means the same as text.
pub fn clean(path: &str) -> String {
    let rooted = is_absolute(path);
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match kept.last() {
                Some(&last) if last != ".." => {
                    kept.pop();
                }
                // Nothing lies above the root.
                None if rooted => {}
                _ => kept.push(part),
            },
            _ => kept.push(part),
        }
    }
    match (rooted, kept.is_empty()) {
        (true, _) => format!("/{}", kept.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => kept.join("/"),
    }
}

/// `filepath.Join`: empty parts do not count.
pub fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    match parts.is_empty() {
        true => String::new(),
        false => clean(&parts.join("/")),
    }
}

/// `filepath.Base`
pub fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") | None => "/",
        Some(last) => last,
    }
}

/// `filepath.Dir`
pub fn dir(path: &str) -> String {
    let end = path.rfind('/').map_or(0, |slash| slash + 1);
    clean(path.get(..end).unwrap_or_default())
}

/// `filepath.Rel` for two cleaned paths that are both absolute or both relative; `None` where it cannot
/// be told without the disk.
pub fn relative(from: &str, to: &str) -> Option<String> {
    let parts = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .map(str::to_owned)
            .collect()
    };
    if is_absolute(from) != is_absolute(to) {
        return None;
    }
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(common);
    if up.clone().any(|part| part == "..") {
        return None;
    }
    let steps: Vec<&str> = up
        .map(|_| "..")
        .chain(to.iter().skip(common).map(String::as_str))
        .collect();
    Some(if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_as_go_does() {
        for (path, want) in [
            ("", "."),
            (".", "."),
            ("a//b/./c/..", "a/b"),
            ("../a/../..", "../.."),
            ("/../a", "/a"),
            ("/", "/"),
            ("./a/", "a"),
        ] {
            assert_eq!(clean(path), want, "{path}");
        }
    }

    #[test]
    fn base_and_dir_as_in_go() {
        for (path, want_base, want_dir) in [
            ("", ".", "."),
            ("/", "/", "/"),
            ("a/b", "b", "a"),
            ("a/b/", "b", "a/b"),
            ("a", "a", "."),
            ("/a", "a", "/"),
            ("///", "/", "/"),
            ("a//b", "b", "a"),
        ] {
            assert_eq!((base(path), dir(path).as_str()), (want_base, want_dir), "{path}");
        }
    }

    #[test]
    fn relative_paths() {
        assert_eq!(relative("/a/b", "/a/b/c/d").as_deref(), Some("c/d"));
        assert_eq!(relative("a/b", "a").as_deref(), Some(".."));
        assert_eq!(relative(".", "a").as_deref(), Some("a"));
        assert_eq!(relative("../x", "a"), None);
    }
}
