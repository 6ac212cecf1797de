//! Reading what programs are given: plans, states.

use std::fs::File;
use std::io;
use std::path::Path;

use rayon::prelude::*;

/// Bytes of a file that one thread reads at a time.
const PART: usize = 8 << 20;

/// The text of a file, or of standard input where it is `-`. The JSON of a large plan is read by all threads: most of the time goes
/// into the memory that it needs.
///
/// # Errors
/// Where it cannot be read, or is not UTF-8.
pub fn read_text(file: &Path) -> io::Result<String> {
    if file == Path::new("-") {
        return io::read_to_string(io::stdin());
    }
    let opened = File::open(file)?;
    let about = opened.metadata()?;
    match usize::try_from(about.len()) {
        Ok(size) if about.is_file() && size > PART => large(&opened, size),
        _ => io::read_to_string(opened),
    }
}

#[cfg(unix)]
fn large(file: &File, size: usize) -> io::Result<String> {
    use std::os::unix::fs::FileExt;

    let mut bytes = vec![0; size];
    let parts = bytes.par_chunks_mut(PART).enumerate();
    parts.try_for_each(|(at, part)| file.read_exact_at(part, (at * PART) as u64))?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

#[cfg(not(unix))]
fn large(file: &File, _: usize) -> io::Result<String> {
    io::read_to_string(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        // No part of it is like another.
        let text: String = (0..PART / 4).map(|line| format!("{line}ä\n")).collect();
        assert!(text.len() > 2 * PART && !text.len().is_multiple_of(PART));
        std::fs::write(&file, &text).unwrap();
        assert!(read_text(&file).unwrap() == text);
        let mut bytes = text.into_bytes();
        bytes.truncate(bytes.len() - 2);
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(read_text(&file).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(
            read_text(&folder.path().join("none")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
