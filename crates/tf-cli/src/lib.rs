//! What the binaries share: flags, the settings file, output, progress, exit codes.

pub mod args;
pub mod exit;
pub mod output;
pub mod progress;
pub mod settings;
pub mod stack;
pub mod today;
