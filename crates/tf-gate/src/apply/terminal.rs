//! What Terraform does, while it does it.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tf_review::Mask;
use tf_terraform::Event;

/// Shows events: lines as they come, and on a terminal what is being worked on below them.
pub(super) struct Terminal<'m> {
    quiet: bool,
    mask: &'m Mask,
    bar: Option<ProgressBar>,
    working: RefCell<Vec<String>>,
    counts: RefCell<String>,
}

impl<'m> Terminal<'m> {
    pub(super) fn new(quiet: bool, mask: &'m Mask) -> Terminal<'m> {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Terminal {
            quiet,
            mask,
            bar,
            working: RefCell::new(Vec::new()),
            counts: RefCell::new(String::new()),
        }
    }

    pub(super) fn event(&self, event: &Event) {
        match event {
            Event::ApplyStart(address, action) => {
                self.working.borrow_mut().push(format!("{address}: {action}"));
                self.line(&format!("{address}: {action} …"));
            }
            Event::ApplyComplete(address) => self.ended(address, "done"),
            Event::ApplyErrored(address) => self.ended(address, "failed"),
            Event::Diagnostic(diagnostic) if diagnostic.severity == "warning" => {
                self.line(&diagnostic.to_string());
            }
            Event::Summary {
                add,
                change,
                remove,
                import,
            } => {
                let imported = match import {
                    0 => String::new(),
                    count => format!("{count} imported, "),
                };
                *self.counts.borrow_mut() =
                    format!("{imported}{add} added, {change} changed, {remove} destroyed");
            }
            _ => {}
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.working.borrow().join(", "));
        }
    }

    /// How much was done, in words.
    pub(super) fn counts(&self) -> String {
        self.counts.borrow().clone()
    }

    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn ended(&self, address: &str, how: &str) {
        let start = format!("{address}: ");
        self.working.borrow_mut().retain(|work| !work.starts_with(&start));
        self.line(&format!("{address}: {how}"));
    }

    fn line(&self, line: &str) {
        if self.quiet {
            return;
        }
        let line = self.mask.text("", line);
        match &self.bar {
            Some(bar) => bar.println(line.as_ref()),
            None => {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        }
    }
}
