//! For programs that wait for answers.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};

/// Runs calls for threads that wait for them. Any number of threads may wait at the same time; keep one, so that connections are
/// kept too.
#[derive(Debug)]
pub struct Blocking {
    runtime: Runtime,
}

impl Blocking {
    /// A runtime.
    ///
    /// # Errors
    /// Where the operating system has none to give.
    pub fn new() -> io::Result<Blocking> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Blocking { runtime })
    }

    /// Waits for a call, such as [`Connection::send`](crate::Connection::send). Not from within another runtime.
    pub fn wait<F: Future>(&self, call: F) -> F::Output {
        self.runtime.block_on(call)
    }
}
