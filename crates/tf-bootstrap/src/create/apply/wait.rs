//! Waiting for what AWS does in its own time.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use tf_aws::AwsError;

use crate::error::Error;

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(300);

/// Waiting with growing pauses, and not for ever.
pub(crate) struct Wait {
    began: Instant,
    pause: RefCell<Duration>,
}

impl Wait {
    pub(crate) fn new() -> Wait {
        Wait {
            began: Instant::now(),
            pause: RefCell::new(FIRST_WAIT),
        }
    }

    pub(crate) async fn more(&self, what: &str) -> Result<(), Error> {
        if self.began.elapsed() > PATIENCE {
            return Err(Error::Incomplete(format!(
                "{what} after {} seconds: run it again later and it goes on from there",
                PATIENCE.as_secs()
            )));
        }
        self.pause().await;
        Ok(())
    }

    /// Whether so much time is up.
    pub(crate) fn is_over(&self, limit: Duration) -> bool {
        self.began.elapsed() > limit
    }

    /// The error, once time is up.
    pub(crate) async fn no_longer_than(&self, limit: Duration, error: AwsError) -> Result<(), Error> {
        if self.began.elapsed() > limit {
            return Err(error.into());
        }
        self.pause().await;
        Ok(())
    }

    pub(crate) async fn pause(&self) {
        let pause = *self.pause.borrow();
        *self.pause.borrow_mut() = (pause * 2).min(LONGEST_WAIT);
        tokio::time::sleep(pause).await;
    }
}
