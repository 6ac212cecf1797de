//! Why values are not known.

use std::sync::Arc;

/// Why a value is not known.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// An attribute that the provider decides when it creates or changes the object; the reference to it.
    KnownAfterApply(Arc<str>),
    /// A data source, which is read with credentials; its address.
    DataSource(Arc<str>),
    /// An input variable without a value; its address.
    Variable(Arc<str>),
    /// An output of a module that is not on this machine; its address.
    MissingModule(Arc<str>),
    /// A function whose result differs from run to run; its name.
    Impure(Arc<str>),
    /// A file that is not there; its path as written.
    MissingFile(Arc<str>),
    /// An expression with an error that has been reported; its summary.
    Error(Arc<str>),
    /// A part of the environment that a static reader does not have, such as a provider's own function.
    Unsupported(Arc<str>),
    /// More work than the evaluator is prepared to do.
    TooLarge(Arc<str>),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::KnownAfterApply(what) => write!(f, "{what} is known after apply"),
            Reason::DataSource(what) => write!(f, "{what} is read from AWS"),
            Reason::Variable(what) => write!(f, "{what} has no value"),
            Reason::MissingModule(what) => write!(f, "{what}: the module is not installed"),
            Reason::Impure(what) => write!(f, "{what}() differs from run to run"),
            Reason::MissingFile(what) => write!(f, "the file {what} is not there"),
            Reason::Error(what) => write!(f, "{what}"),
            Reason::Unsupported(what) => write!(f, "{what} cannot be evaluated offline"),
            Reason::TooLarge(what) => write!(f, "{what}"),
        }
    }
}

impl Reason {
    /// The same of an attribute of what it names.
    #[must_use]
    pub fn of_attribute(&self, name: &str) -> Reason {
        match self {
            Reason::KnownAfterApply(whole) => Reason::KnownAfterApply(format!("{whole}.{name}").into()),
            Reason::DataSource(whole) => Reason::DataSource(format!("{whole}.{name}").into()),
            other => other.clone(),
        }
    }

    /// Whether a provider decides what the value is, and with it what attributes it has.
    pub fn is_provider(&self) -> bool {
        matches!(self, Reason::KnownAfterApply(_) | Reason::DataSource(_))
    }
}
