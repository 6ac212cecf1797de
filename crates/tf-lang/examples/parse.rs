//! Reads and parses the `.tf` files below folders, one after the other, and does nothing else: what `cargo xtask bench` holds a
//! whole check against.

use std::path::Path;

use tf_lang::FileId;

fn main() -> std::io::Result<()> {
    std::env::args()
        .skip(1)
        .try_for_each(|path| parse(Path::new(&path)))
}

fn parse(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            parse(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
            // Files with errors are part of repositories too.
            drop(std::hint::black_box(tf_lang::parse::parse_body(FileId(0), &text)));
        }
    }
    Ok(())
}
