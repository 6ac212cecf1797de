//! Running on a deep stack: nesting in configurations is bounded, but deeper than a main thread likes.

/// Runs `work` on a thread with the stack that evaluation needs, and gives all threads of the pool the
/// same.
///
/// # Errors
/// Where threads cannot be started.
pub fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    let pool = tf_model::config::thread_pool().map_err(std::io::Error::other)?;
    Ok(pool.install(work))
}
