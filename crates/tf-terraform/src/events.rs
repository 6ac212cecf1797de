//! The lines that Terraform prints with `-json`.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>. Unknown kinds of lines are no error: newer
//! versions add some.

use std::fmt;

use serde::Deserialize;

/// One line.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// An error or a warning.
    Diagnostic(Diagnostic),
    /// A resource is being read.
    RefreshStart(String),
    /// A resource was read.
    RefreshComplete(String),
    /// Something begins to happen to a resource: its address and the action.
    ApplyStart(String, String),
    /// It still goes on: address and seconds.
    ApplyProgress(String, u64),
    /// It is done.
    ApplyComplete(String),
    /// It failed; a diagnostic says why.
    ApplyErrored(String),
    /// How much changes: added, changed, destroyed, imported.
    Summary {
        /// Resources to add, or added.
        add: u64,
        /// Resources to change in place.
        change: u64,
        /// Resources to destroy.
        remove: u64,
        /// Resources to import.
        import: u64,
    },
    /// Some other line, in its own words.
    Other(String),
}

/// An error or a warning of Terraform.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: String,
    /// What is wrong, in a few words.
    pub summary: String,
    /// What is wrong, and often what to do.
    #[serde(default)]
    pub detail: String,
    /// The resource that it is about.
    #[serde(default)]
    pub address: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub range: Option<Range>,
    /// The lines that it is about.
    #[serde(default)]
    pub snippet: Option<Snippet>,
}

/// Where a diagnostic is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Range {
    /// The file, as seen from the root.
    pub filename: String,
    /// Its first line and column.
    pub start: Position,
}

/// A place in a file; both count from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// The lines that a diagnostic is about.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Snippet {
    /// The block that they stand in.
    #[serde(default)]
    pub context: Option<String>,
    /// The source.
    pub code: String,
    /// Its first line.
    pub start_line: u64,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "@message", default)]
    message: String,
    #[serde(rename = "type", default)]
    kind: String,
    diagnostic: Option<Diagnostic>,
    hook: Option<Hook>,
    changes: Option<Changes>,
}

#[derive(Deserialize)]
struct Hook {
    resource: Option<Resource>,
    #[serde(default)]
    action: String,
    #[serde(default)]
    elapsed_seconds: f64,
}

#[derive(Deserialize)]
struct Resource {
    addr: String,
}

#[derive(Deserialize)]
struct Changes {
    #[serde(default)]
    add: u64,
    #[serde(default)]
    change: u64,
    #[serde(default)]
    remove: u64,
    #[serde(default)]
    import: u64,
}

impl Event {
    /// Reads a line. A line that is no JSON is what a provider or a panic printed.
    pub fn parse(line: &str) -> Event {
        let Ok(parsed) = serde_json::from_str::<Line>(line) else {
            return Event::Other(line.to_owned());
        };
        let hook = parsed.hook.map(|hook| {
            let address = hook.resource.map(|resource| resource.addr).unwrap_or_default();
            (address, hook.action, hook.elapsed_seconds)
        });
        match (parsed.kind.as_str(), hook, parsed.diagnostic, parsed.changes) {
            ("diagnostic", _, Some(diagnostic), _) => Event::Diagnostic(diagnostic),
            ("refresh_start", Some((address, ..)), ..) => Event::RefreshStart(address),
            ("refresh_complete", Some((address, ..)), ..) => Event::RefreshComplete(address),
            ("apply_start", Some((address, action, _)), ..) => Event::ApplyStart(address, action),
            ("apply_progress", Some((address, _, seconds)), ..) => {
                Event::ApplyProgress(address, seconds as u64)
            }
            ("apply_complete", Some((address, ..)), ..) => Event::ApplyComplete(address),
            ("apply_errored", Some((address, ..)), ..) => Event::ApplyErrored(address),
            ("change_summary", _, _, Some(changes)) => Event::Summary {
                add: changes.add,
                change: changes.change,
                remove: changes.remove,
                import: changes.import,
            },
            _ => Event::Other(parsed.message),
        }
    }
}

/// As Terraform shows it, without colours and frames. A snippet is source; values of variables, which Terraform adds below it
/// and which may be secret, are not shown.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity.as_str() {
            "warning" => "Warning",
            _ => "Error",
        };
        writeln!(f, "{severity}: {}", self.summary)?;
        if let Some(address) = &self.address {
            writeln!(f, "  with {address},")?;
        }
        if let Some(range) = &self.range {
            let context = self
                .snippet
                .as_ref()
                .and_then(|snippet| snippet.context.as_deref());
            let context = context
                .map(|context| format!(", in {context}"))
                .unwrap_or_default();
            writeln!(f, "  on {} line {}{context}:", range.filename, range.start.line)?;
        }
        if let Some(snippet) = &self.snippet {
            for (line, number) in snippet.code.lines().zip(snippet.start_line..) {
                writeln!(f, "  {number}: {line}")?;
            }
        }
        if !self.detail.is_empty() {
            writeln!(f, "\n{}", self.detail)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let line = r#"{"@level":"info","@message":"aws_vpc.a: Creating...","type":"apply_start","hook":{"resource":{"addr":"aws_vpc.a"},"action":"create"}}"#;
        assert_eq!(
            Event::parse(line),
            Event::ApplyStart("aws_vpc.a".to_owned(), "create".to_owned())
        );
        let line = r#"{"@message":"Plan: 1 to add","type":"change_summary","changes":{"add":1,"change":0,"import":2,"remove":3,"operation":"plan"}}"#;
        let summary = Event::Summary {
            add: 1,
            change: 0,
            remove: 3,
            import: 2,
        };
        assert_eq!(Event::parse(line), summary);
        assert_eq!(Event::parse("panic: x"), Event::Other("panic: x".to_owned()));
        let newer = r#"{"@message":"something new","type":"action_start","hook":{"action":{"a":1}}}"#;
        assert!(matches!(Event::parse(newer), Event::Other(_)));
    }

    #[test]
    fn a_diagnostic_comes_through_whole() {
        let line = r#"{"@message":"Error: Invalid","type":"diagnostic","diagnostic":{"severity":"error","summary":"Invalid count argument","detail":"It depends.","address":"aws_vpc.a","range":{"filename":"main.tf","start":{"line":3,"column":5,"byte":20},"end":{"line":3,"column":9,"byte":24}},"snippet":{"context":"resource \"aws_vpc\" \"a\"","code":"  count = var.n","start_line":3,"highlight_start_offset":2,"highlight_end_offset":6,"values":[{"traversal":"var.n","statement":"is \"secret\""}]}}}"#;
        let Event::Diagnostic(diagnostic) = Event::parse(line) else {
            panic!("no diagnostic");
        };
        assert_eq!(
            diagnostic.to_string(),
            "Error: Invalid count argument\n  with aws_vpc.a,\n  on main.tf line 3, in resource \"aws_vpc\" \"a\":\n  3:   count = var.n\n\nIt depends.\n"
        );
    }
}
