//! What the binaries share: flags, the settings file, output, progress, exit codes.

pub mod args;
pub mod exit;
pub mod input;
pub mod output;
pub mod policies;
pub mod pricing;
pub mod program;
pub mod progress;
pub mod settings;
pub mod stack;
pub mod steps;
pub mod terraform;
pub mod today;

/// Evaluating makes millions of small values on several threads, which this allocator hands out in two thirds of
/// the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
