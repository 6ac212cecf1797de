//! Ctrl-C, where work must be put in order before it ends.

use std::future::Future;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::error::Error;

/// Whether somebody wants us to stop. Reading is broken off at once; what is written is written to its end, and locks are
/// released. Who asks twice is obeyed at once, and told what is left behind.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    stopped: watch::Receiver<bool>,
    left: Arc<Mutex<Option<String>>>,
    _listener: Arc<Listener>,
}

/// The listening task, which ends with the work that it is for.
#[derive(Debug)]
struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen() -> Interrupt {
        let (sender, stopped) = watch::channel(false);
        let left: Arc<Mutex<Option<String>>> = Arc::default();
        let leaves = left.clone();
        let listener = tokio::spawn(async move {
            signal().await;
            let _ = writeln!(std::io::stderr().lock(), "stopping; once more to stop at once");
            let _ = sender.send(true);
            signal().await;
            let leaves = leaves.lock().unwrap_or_else(PoisonError::into_inner).take();
            let leaves = leaves.unwrap_or_else(|| "nothing is left behind".to_owned());
            let _ = writeln!(std::io::stderr().lock(), "error: interrupted; {leaves}");
            std::process::exit(2);
        });
        Interrupt {
            stopped,
            left,
            _listener: Arc::new(Listener(listener.abort_handle())),
        }
    }

    /// Says what is left behind if we are stopped at once; `None` when nothing is any more.
    pub(crate) fn leaves(&self, what: Option<String>) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// Waits for something that may be broken off.
    ///
    /// # Errors
    /// Its own, or that we were stopped.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut stopped = self.stopped.clone();
        let stop = async move {
            // Without a sender nobody can stop us any more.
            if stopped.wait_for(|stopped| *stopped).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = stop => Err(Error::Interrupted("nothing was changed".to_owned())),
            result = work => result,
        }
    }

    /// Whether we were stopped.
    pub(crate) fn is_set(&self) -> bool {
        *self.stopped.borrow()
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let stream = |kind| signal(kind).ok();
    let (mut terminate, mut hangup) = (stream(SignalKind::terminate()), stream(SignalKind::hangup()));
    let wait = async |stream: &mut Option<tokio::signal::unix::Signal>| match stream {
        Some(stream) => {
            stream.recv().await;
        }
        None => std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = wait(&mut terminate) => {}
        () = wait(&mut hangup) => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
