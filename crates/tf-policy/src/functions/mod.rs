//! Functions of the policy language beyond Terraform's; all are pure. `pack/README.md` documents them.

pub(crate) mod actions;
pub(crate) mod iam;
pub(crate) mod network;
pub(crate) mod secrets;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use tf_lang::functions::{CallError, CallResult};
use tf_lang::value::Reason;
use tf_lang::{Type, Value};

/// Their names.
pub(crate) const NAMES: [&str; 12] = [
    "all",
    "behind",
    "cidr_within",
    "covers",
    "exists",
    "iam",
    "linked",
    "matches",
    "opens",
    "same",
    "secrets",
    "users",
];

/// Reads an attribute of a handle.
pub(crate) type Read<'r> = &'r dyn Fn(u32, &str) -> Value;

/// A truth value that may be unknown.
pub(crate) enum Truth {
    Known(bool),
    Unknown(Vec<Reason>),
}

impl Truth {
    pub(crate) fn value(self) -> Value {
        match self {
            Truth::Known(flag) => Value::from(flag),
            Truth::Unknown(reasons) => Value::unknown_because(Type::Bool, reasons).not_null(),
        }
    }

    /// Three-valued: false wins, then unknown.
    pub(crate) fn and(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Truth::Known(false) => self,
            Truth::Known(true) => other(),
            Truth::Unknown(reasons) => match other() {
                Truth::Known(false) => Truth::Known(false),
                _ => Truth::Unknown(reasons),
            },
        }
    }

    /// Three-valued: true wins, then unknown.
    pub(crate) fn or(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Truth::Known(true) => self,
            Truth::Known(false) => other(),
            Truth::Unknown(reasons) => match other() {
                Truth::Known(true) => Truth::Known(true),
                _ => Truth::Unknown(reasons),
            },
        }
    }
}

/// `exists(list)`
pub(crate) fn exists(args: &[Value]) -> CallResult {
    let list = args.first().unwrap_or(&Value::NULL);
    if let Some(unknown) = list.as_unknown() {
        return Ok(Truth::Unknown(unknown.reasons.to_vec()).value());
    }
    let items = list.as_items().unwrap_or_default();
    if items.iter().any(Value::is_known) {
        return Ok(Value::from(true));
    }
    Ok(match items.is_empty() {
        true => Value::from(false),
        false => Truth::Unknown(items.iter().flat_map(Value::reasons).collect()).value(),
    })
}

/// `matches(text, regex)`
pub(crate) fn matches(args: &[Value]) -> CallResult {
    let (Some(text), Some(pattern)) = (args.first(), args.get(1)) else {
        return Err(CallError::new("matches takes a text and a regular expression"));
    };
    for value in [text, pattern] {
        if let Some(unknown) = value.as_unknown() {
            return Ok(Truth::Unknown(unknown.reasons.to_vec()).value());
        }
    }
    let Some(pattern) = pattern.as_str() else {
        return Ok(Value::from(false));
    };
    let Ok(text) = tf_lang::convert::convert(text, &Type::String) else {
        return Ok(Value::from(false));
    };
    let Some(text) = text.as_str() else {
        return Ok(Value::from(false));
    };
    cached(pattern, |regex| Value::from(regex.is_match(text)))
}

/// Runs with a compiled pattern; policies ask the same ones for every resource, on all threads.
fn cached(pattern: &str, run: impl FnOnce(&Regex) -> Value) -> CallResult {
    thread_local! {
        // A clone shares the compiled pattern, and has its own space to work in.
        static OWN: RefCell<HashMap<String, Regex>> = RefCell::default();
    }
    static SHARED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    OWN.with_borrow_mut(|own| {
        if let Some(regex) = own.get(pattern) {
            return Ok(run(regex));
        }
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let regex = match shared.get(pattern) {
            Some(regex) => regex.clone(),
            None => {
                let regex = Regex::new(pattern).map_err(|error| CallError::arg(1, error.to_string()))?;
                shared.insert(pattern.to_owned(), regex.clone());
                regex
            }
        };
        drop(shared);
        let answer = run(&regex);
        own.insert(pattern.to_owned(), regex);
        Ok(answer)
    })
}
