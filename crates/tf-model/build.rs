//! Writes down where the sections of the provider's schema begin, so that a program looks into those that it needs only.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=schema/aws.txt");
    let text = std::fs::read_to_string("schema/aws.txt")?;
    let mut starts = vec![0];
    starts.extend(text.match_indices("\n\n").map(|(at, between)| at + between.len()));
    let mut bytes = Vec::new();
    for start in starts {
        bytes.extend(u32::try_from(start)?.to_le_bytes());
    }
    std::fs::write(
        PathBuf::from(std::env::var("OUT_DIR")?).join("sections.bin"),
        bytes,
    )?;
    Ok(())
}
