//! Credentials written down where anyone can read them.

use std::sync::{Arc, LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};
use tf_lang::functions::CallResult;
use tf_lang::value::Kind;
use tf_lang::{Type, Value};

/// A kind of credential that its text gives away.
struct Form {
    pattern: &'static str,
    /// Part of the match that is checked for being made up.
    group: usize,
}

/// Formats that their issuers document. Sources: the vendors' pages on their tokens.
const FORMS: [Form; 14] = [
    // AWS access key ids, and secret access keys behind their name.
    Form {
        pattern: r"\b(?:AKIA|ASIA)([A-Z0-9]{16})\b",
        group: 0,
    },
    Form {
        pattern: r#"(?i)aws_?secret_?(?:access_?)?key["']?\s*[=:]\s*["']?([A-Za-z0-9/+=]{40})\b"#,
        group: 1,
    },
    Form {
        pattern: r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
        group: 0,
    },
    Form {
        pattern: r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
        group: 0,
    },
    Form {
        pattern: r"\bgithub_pat_[A-Za-z0-9_]{60,}\b",
        group: 0,
    },
    Form {
        pattern: r"\bglpat-[A-Za-z0-9_-]{20,}\b",
        group: 0,
    },
    Form {
        pattern: r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}\b",
        group: 0,
    },
    Form {
        pattern: r"https://hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{20,}",
        group: 0,
    },
    Form {
        pattern: r"\b[sr]k_live_[A-Za-z0-9]{20,}\b",
        group: 0,
    },
    Form {
        pattern: r"\bAIza[A-Za-z0-9_-]{35}\b",
        group: 0,
    },
    Form {
        pattern: r"\bnpm_[A-Za-z0-9]{36}\b",
        group: 0,
    },
    Form {
        pattern: r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b",
        group: 0,
    },
    // A password in a URL.
    Form {
        pattern: r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:([^\s@/$<{%]{3,})@[A-Za-z0-9.-]+",
        group: 1,
    },
    Form {
        pattern: r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\b",
        group: 0,
    },
];

/// Patterns of bytes without Unicode's classes: what they look for is ASCII, and so they are compiled in a tenth of the time.
fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

/// Each form's pattern, compiled when a text first needs it.
static COMPILED: [OnceLock<Option<Regex>>; FORMS.len()] = [const { OnceLock::new() }; FORMS.len()];

/// One pattern for all: most texts hold none of them.
static ANY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = FORMS.iter().map(|form| format!("(?:{})", form.pattern));
    compile(&forms.collect::<Vec<_>>().join("|"))
});

/// Names of things whose plain text is a secret.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        "(?i)(?:^|_|-)(?:passwd|password|secret_?key|secret_?access_?key|api_?key|access_?token|auth_?token|private_?key)$",
    )
});

/// Names behind which a secret may stand in a line of a configuration.
static SUSPICIOUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile("(?i)passw(?:or)?d|secret|token|private_key|api_key|access_key|auth|credential|connection_string")
});

/// Whether a line of a configuration names something that may be a secret.
pub fn names_secret(line: &str) -> bool {
    SUSPICIOUS
        .as_ref()
        .is_none_or(|names| names.is_match(line.as_bytes()))
}

/// `secrets(value)`: paths below a value at which a credential is written down. The credentials themselves
/// are not in the answer. Of what is unknown as a whole nothing can be said, unless something is found elsewhere.
pub(crate) fn secrets(args: &[Value], whole: &dyn Fn(u32) -> Option<Value>) -> CallResult {
    let mut found = Vec::new();
    let mut reasons = Vec::new();
    for arg in args {
        let value = match arg.kind() {
            Kind::Handle(handle) => whole(*handle).unwrap_or(Value::NULL),
            _ => arg.clone(),
        };
        // A text that is made of something known in part is looked into.
        if let Some(unknown) = arg.as_unknown().filter(|unknown| unknown.source.is_none()) {
            reasons.extend(unknown.reasons.iter().cloned());
        }
        Search::default().walk(&value, None, &mut found);
    }
    if found.is_empty() && !reasons.is_empty() {
        return Ok(Value::unknown_because(Type::list(Type::String), reasons).not_null());
    }
    Ok(Value::list(
        Type::String,
        found.into_iter().map(Value::from).collect(),
    ))
}

/// Whether nothing is found in some attributes of a resource, so that its others alone decide. An attribute `name` says what
/// `value` is: of these nothing is said.
pub(crate) fn none_in(values: &Value, names: &[Arc<str>]) -> bool {
    let Some(entries) = values.as_entries() else {
        return false;
    };
    let mut found = Vec::new();
    for name in names {
        if matches!(&**name, "name" | "value") {
            return false;
        }
        if let Some(value) = entries.get(name) {
            Search::default().walk_entry(name, value, None, &mut found);
        }
    }
    found.is_empty()
}

/// A step into a value.
enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

/// Where a search is.
#[derive(Default)]
struct Search<'v> {
    path: Vec<Step<'v>>,
}

impl<'v> Search<'v> {
    /// `name` is what the value is called where its name tells more than its path.
    fn walk(&mut self, value: &'v Value, name: Option<&str>, found: &mut Vec<String>) {
        if let Some(source) = value.as_unknown().and_then(|unknown| unknown.source.as_ref()) {
            return self.walk(source, name, found);
        }
        if let Some(text) = value.as_str() {
            if is_secret(text) || name.is_some_and(|name| is_named_secret(name, text)) {
                found.push(self.path());
            }
            return;
        }
        if let Some(items) = value.as_items() {
            for (at, item) in items.iter().enumerate() {
                self.path.push(Step::Index(at));
                self.walk(item, None, found);
                self.path.pop();
            }
        }
        if let Some(entries) = value.as_entries() {
            // ECS and CodeBuild: environment variables are blocks of a name and a value.
            let pair = entries.get("name").and_then(Value::as_str);
            let named = self.in_environment();
            for (key, item) in entries.iter() {
                let name = if &**key == "value" {
                    pair
                } else {
                    named.then_some(&**key)
                };
                self.walk_entry(key, item, name, found);
            }
        }
    }

    fn walk_entry(&mut self, key: &'v str, item: &'v Value, name: Option<&str>, found: &mut Vec<String>) {
        self.path.push(Step::Key(key));
        self.walk(item, name, found);
        self.path.pop();
    }

    /// Whether keys here are names of environment variables.
    fn in_environment(&self) -> bool {
        let keys = || {
            self.path.iter().filter_map(|step| match step {
                Step::Key(key) => Some(*key),
                Step::Index(_) => None,
            })
        };
        keys().any(|key| key.contains("environment"))
            || matches!(self.path.last(), Some(Step::Key(key)) if key.ends_with("variables"))
    }

    fn path(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(key),
                Step::Key(key) => text.extend([".", key]),
                Step::Index(at) => text.push_str(&format!("[{at}]")),
            }
        }
        text
    }
}

fn is_named_secret(name: &str, text: &str) -> bool {
    let Some(named) = NAMED.as_ref() else { return false };
    named.is_match(name.as_bytes()) && text.len() >= 6 && !is_reference(text) && !is_made_up(text)
}

/// Texts that say where a secret is, not what it is.
fn is_reference(text: &str) -> bool {
    text.starts_with("arn:")
        || text.starts_with('/')
        || text.contains("${")
        || text.contains("{{")
        || text.contains(' ')
}

/// Bytes of the shortest credential that is no password in a URL: a Slack token.
const SHORTEST: usize = 15;

/// Whether a text holds something of the form of a credential, made up or not.
pub fn looks_secret(text: &str) -> bool {
    // Most texts are short: no pattern needs to look at them.
    (text.len() >= SHORTEST || text.contains('@'))
        && ANY.as_ref().is_some_and(|any| any.is_match(text.as_bytes()))
}

fn is_secret(text: &str) -> bool {
    looks_secret(text)
        && FORMS.iter().zip(&COMPILED).any(|(form, compiled)| {
            let regex = compiled.get_or_init(|| compile(form.pattern)).as_ref();
            regex.is_some_and(|regex| {
                regex.captures_iter(text.as_bytes()).any(|captures| {
                    captures
                        .get(form.group)
                        .is_some_and(|matched| !is_made_up(&String::from_utf8_lossy(matched.as_bytes())))
                })
            })
        })
}

/// What documentation and tests use in place of a secret.
fn is_made_up(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = [
        "example",
        "changeme",
        "change_me",
        "placeholder",
        "dummy",
        "xxxx",
        "mock",
        "your_",
        "your-",
        "redacted",
        "****",
    ];
    words.iter().any(|word| lower.contains(word))
        || lower.chars().all(|character| lower.starts_with(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_found_and_examples_are_not() {
        // Put together here so that scanners of this repository find nothing.
        let key = format!("AKIA{}", "Q3EGRZ7TYV5LWMKN");
        assert!(is_secret(&format!("export KEY={key}")));
        assert!(!is_secret(&format!("AKIA{}", "IOSFODNN7EXAMPLE")));
        assert!(is_secret(&format!(
            "postgres://app:{}@db.internal/x",
            "hunter2hunter2"
        )));
        assert!(!is_secret("https://example.com/a:b"));
        assert!(!is_secret("nothing to see"));
    }

    #[test]
    fn what_is_unknown_may_hold_a_credential() {
        let unknown = Value::unknown(
            Type::String,
            tf_lang::value::Reason::Variable("var.user_data".into()),
        );
        assert!(
            !secrets(std::slice::from_ref(&unknown), &|_| None)
                .unwrap()
                .is_known()
        );
        let key = Value::from(format!("AKIA{}", "Q3EGRZ7TYV5LWMKN"));
        let found = secrets(&[unknown.clone(), key.clone()], &|_| None).unwrap();
        assert_eq!(found.as_items().map(<[Value]>::len), Some(1));
        // What jsonencode made of it and of something else.
        let document = Value::object([("user".into(), unknown.clone()), ("key".into(), key)]);
        let found = secrets(&[unknown.with_source(document)], &|_| None).unwrap();
        assert_eq!(found.as_items().map(<[Value]>::len), Some(1));
    }

    #[test]
    fn paths_are_given_without_the_credential() {
        let value = Value::object([(
            "environment".into(),
            Value::tuple(vec![Value::object([(
                "variables".into(),
                Value::object([("DB_PASSWORD".into(), Value::from("correct-horse"))]),
            )])]),
        )]);
        let found = secrets(&[value], &|_| None).unwrap();
        let paths: Vec<_> = found
            .as_items()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(paths, ["environment[0].variables.DB_PASSWORD"]);
    }
}
