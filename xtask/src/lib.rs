//! What the project's commands and its tests share: Python tools in virtual environments of the checkout, and the emulated
//! AWS account.

pub mod emulator;
pub mod python;

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}
