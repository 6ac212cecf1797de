//! Several calls at a time, and not too many.

use std::future::Future;

use tokio::task::JoinSet;

use crate::error::Error;

/// Objects that are read at a time: states may be large, and all of them are in memory.
pub(crate) const READS: usize = 8;

/// Runs the work of each input, at most `limit` at a time. Results are in the order of the inputs.
///
/// # Errors
/// Only where a task of ours broke down; what the work itself says is in the results.
pub(crate) async fn side_by_side<I, T, F, W>(inputs: Vec<I>, limit: usize, work: W) -> Result<Vec<T>, Error>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
    W: Fn(I) -> F,
{
    let mut results: Vec<Option<T>> = Vec::new();
    results.resize_with(inputs.len(), || None);
    let mut waiting = inputs.into_iter().enumerate();
    let mut running = JoinSet::new();
    loop {
        while running.len() < limit.max(1) {
            let Some((index, input)) = waiting.next() else {
                break;
            };
            let future = work(input);
            running.spawn(async move { (index, future.await) });
        }
        match running.join_next().await {
            None => break,
            Some(Ok((index, result))) => {
                if let Some(slot) = results.get_mut(index) {
                    *slot = Some(result);
                }
            }
            Some(Err(error)) => return Err(Error::Incomplete(format!("a task broke down: {error}"))),
        }
    }
    Ok(results.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::side_by_side;

    #[test]
    fn results_keep_their_order_and_few_run_at_a_time() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let work = |n: usize| {
            let (running, most) = (running.clone(), most.clone());
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Later ones are done earlier.
                for _ in 0..(20 - n) {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                n
            }
        };
        let results = runtime
            .block_on(side_by_side((0..20).collect(), 3, work))
            .unwrap();
        assert_eq!(results, (0..20).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }
}
