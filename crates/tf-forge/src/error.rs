//! What can go wrong between here and a forge.

use std::time::Duration;

/// Why something was not done. No message holds the token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address of the API is none.
    #[error("{address:?} is not the address of an API: {problem}")]
    Address {
        /// As it was given.
        address: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The token is none.
    #[error("the token is empty, or holds a blank or another character that no token holds")]
    Token,
    /// The proxy's address is none. It is not shown, as it may hold a password.
    #[error("the address of the proxy is not one: give it as http://host:port")]
    Proxy,
    /// A project's name is none.
    #[error("{0:?} is not the name of a repository: give it as owner/name")]
    Repository(String),
    /// No answer came.
    #[error("{host} did not answer: {problem}")]
    Unreachable {
        /// Who was asked.
        host: String,
        /// What happened instead.
        problem: String,
        /// Whether the request may have been carried out all the same.
        perhaps_done: bool,
    },
    /// The server failed, again and again.
    #[error("{host} failed with {status}{message}")]
    Server {
        /// Who was asked.
        host: String,
        /// The status: 500 and more.
        status: u16,
        /// What it says, behind `: `; or nothing.
        message: String,
    },
    /// Too many requests, and waiting for more would take longer than allowed.
    #[error(
        "{host} takes no more requests for now: it asks to wait {} s, and {} s may be waited in all",
        wait.as_secs(), patience.as_secs()
    )]
    RateLimited {
        /// Who was asked.
        host: String,
        /// How long it wants us to wait.
        wait: Duration,
        /// How long we may wait.
        patience: Duration,
    },
    /// The request was refused.
    #[error("{what} was refused with {status}{message}{}", hint_line(hint))]
    Refused {
        /// What was to be done.
        what: String,
        /// The status: 400 to 499.
        status: u16,
        /// What the server says, behind `: `; or nothing.
        message: String,
        /// What to do about it; or nothing.
        hint: String,
    },
    /// The answer points elsewhere.
    #[error("{from} sends us to {to}: it would get the token, so nothing was sent there")]
    Elsewhere {
        /// The host that was asked.
        from: String,
        /// The host that it names.
        to: String,
    },
    /// The answer is not what the API promises.
    #[error("{host} answered what its API does not say: {problem}; is the address that of an API?")]
    Answer {
        /// Who was asked.
        host: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody knows whose token it is.
    #[error(
        "{host} does not say whose token this is, so that our own comments cannot be told from those of others ({problem})"
    )]
    Nobody {
        /// Who was asked.
        host: String,
        /// What it said.
        problem: String,
    },
    /// The comment is longer than the forge takes.
    #[error("the comment has {count} characters, and {forge} takes {limit} at most")]
    TooLong {
        /// The forge.
        forge: &'static str,
        /// Characters of the comment.
        count: usize,
        /// Characters that are taken.
        limit: usize,
    },
}

impl Error {
    /// Whether what was asked for may have been done all the same, so that asking again may do it twice.
    pub(crate) fn perhaps_done(&self) -> bool {
        match self {
            Error::Unreachable { perhaps_done, .. } => *perhaps_done,
            Error::Server { .. } => true,
            _ => false,
        }
    }

    /// Whether there is nothing at that place.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Error::Refused { status: 404, .. })
    }
}

fn hint_line(hint: &str) -> String {
    match hint.is_empty() {
        true => String::new(),
        false => format!("\n  {hint}"),
    }
}
