//! Parses the `.tf` files below a folder and prints how long that took on one thread, for `cargo xtask bench`: the best of
//! several rounds, in milliseconds, without reading the files.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tf_lang::FileId;

const ROUNDS: usize = 7;

fn main() -> std::io::Result<()> {
    let mut texts = Vec::new();
    for path in std::env::args().skip(1) {
        collect(Path::new(&path), &mut texts)?;
    }
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for text in &texts {
            // Files with errors are part of repositories too.
            drop(std::hint::black_box(tf_lang::parse::parse_body(FileId(0), text)));
        }
        best = best.min(start.elapsed());
    }
    writeln!(std::io::stdout(), "{}", best.as_secs_f64() * 1000.0)
}

fn collect(dir: &Path, texts: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, texts)?;
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            texts.push(String::from_utf8_lossy(&std::fs::read(&path)?).into_owned());
        }
    }
    Ok(())
}
