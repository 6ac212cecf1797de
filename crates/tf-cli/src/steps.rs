//! What is going on, on standard error: a line of its own for each root on a terminal, else a line for each step.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Shows what is going on in each root.
#[derive(Debug)]
pub struct Progress {
    quiet: bool,
    bars: Option<MultiProgress>,
    roots: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Progress {
    /// Shows nothing where it is quiet.
    pub fn new(quiet: bool) -> Progress {
        let bars = (!quiet && std::io::stderr().is_terminal()).then(MultiProgress::new);
        Progress {
            quiet,
            bars,
            roots: Mutex::new(BTreeMap::new()),
        }
    }

    /// A root begins another step.
    pub fn step(&self, root: &str, step: &str) {
        if self.quiet {
            return;
        }
        match &self.bars {
            Some(_) => self.bar(root).set_message(step.to_owned()),
            None => say(&format!("{root}: {step}")),
        }
    }

    /// Something that changes too often for lines.
    pub fn detail(&self, root: &str, detail: &str) {
        if self.bars.is_some() {
            self.bar(root).set_message(detail.to_owned());
        }
    }

    /// A root is done.
    pub fn end(&self, root: &str, failed: bool) {
        if self.bars.is_some() {
            self.bar(root).finish_with_message(match failed {
                false => "done",
                true => "failed",
            });
        }
    }

    /// Takes everything away again.
    pub fn clear(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    fn bar(&self, root: &str) -> ProgressBar {
        let mut roots = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = roots.get(root) {
            return bar.clone();
        }
        let bar = ProgressBar::new_spinner();
        let bar = self.bars.as_ref().map_or(bar.clone(), |bars| bars.add(bar));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(root.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        roots.insert(root.to_owned(), bar.clone());
        bar
    }
}

/// A line on standard error.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
