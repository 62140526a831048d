//! Waiting for a condition, with a deadline instead of a fixed sleep.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Long enough for a slow machine under load; a test that holds never waits this long.
pub const PATIENCE: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(20);

/// Asks `look` until it answers `Ok`. Panics after [`PATIENCE`] with what was awaited and what was
/// seen last.
pub async fn until<T, E: Display>(what: &str, look: impl AsyncFnMut() -> Result<T, E>) -> T {
    until_within(PATIENCE, what, look).await
}

/// Like [`until`] with another deadline.
pub async fn until_within<T, E: Display>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let begin = Instant::now();
    loop {
        match look().await {
            Ok(seen) => return seen,
            Err(last) if begin.elapsed() > patience => {
                panic!("waited {} s for {what}; last seen: {last}", patience.as_secs())
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Like [`until`] for code that is not asynchronous.
pub fn blocking_until<T, E: Display>(what: &str, mut look: impl FnMut() -> Result<T, E>) -> T {
    let begin = Instant::now();
    loop {
        match look() {
            Ok(seen) => return seen,
            Err(last) if begin.elapsed() > PATIENCE => {
                panic!("waited {} s for {what}; last seen: {last}", PATIENCE.as_secs())
            }
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}
