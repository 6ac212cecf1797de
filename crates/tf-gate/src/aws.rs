//! Calls to AWS, for commands that wait for them.

use std::sync::Arc;

use anyhow::Context;
use tf_aws::signed::{Answer, Request};
use tf_aws::{AwsError, Blocking, Connection, Options};

/// A way to the services. Cloning is cheap, and any number of threads may use it.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    blocking: Arc<Blocking>,
    connection: Connection,
}

impl Aws {
    /// Finds region and credentials.
    pub(crate) fn open(options: Options) -> anyhow::Result<Aws> {
        let blocking = Blocking::new().context("cannot begin to talk to AWS")?;
        let connection = blocking.wait(Connection::open(options))?;
        Ok(Aws {
            blocking: Arc::new(blocking),
            connection,
        })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Waits for a call.
    pub(crate) fn wait<F: Future>(&self, call: F) -> F::Output {
        self.blocking.wait(call)
    }

    /// Sends a request.
    pub(crate) fn send(&self, request: &Request) -> Result<Answer, AwsError> {
        self.wait(self.connection.send(request))
    }
}
