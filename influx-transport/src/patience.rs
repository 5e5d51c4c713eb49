//! Repeats a listener's poll until it succeeds, also while the system lacks something.

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::sleep;

use crate::{Backoff, ListenerStats};

/// Repeats a poll until it succeeds, so that no failure ends a server, and counts the failures.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    failures: AtomicU64,
}

impl Patience {
    /// Polls until it succeeds, with a pause after each failure that another poll may meet again.
    pub(crate) async fn outlast<T>(
        &self,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> T {
        let pauses = Backoff::new(Duration::from_millis(50), Duration::from_secs(1));
        let mut attempt = 0;
        loop {
            match poll_fn(&mut poll).await {
                Ok(done) => return done,
                Err(failure) => {
                    self.failures.fetch_add(1, Ordering::Relaxed);
                    if !concerns_one_peer(&failure) {
                        // One server alone needs no jitter.
                        sleep(pauses.longest(attempt)).await;
                        attempt += 1;
                    }
                }
            }
        }
    }

    pub(crate) fn stats(&self) -> ListenerStats {
        let failures = self.failures.load(Ordering::Relaxed);
        ListenerStats { failures, ..ListenerStats::default() }
    }
}

/// Whether only one peer was lost, which has left the queue. Any other failure may return at once.
fn concerns_one_peer(failure: &io::Error) -> bool {
    use io::ErrorKind as Io;

    matches!(
        failure.kind(),
        Io::ConnectionAborted | Io::ConnectionRefused | Io::ConnectionReset | Io::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// Fails `times` times with this kind, and then succeeds after `expected` milliseconds.
    async fn check(kind: io::ErrorKind, times: u64, expected: u128) {
        let patience = Patience::default();
        let start = Instant::now();
        let mut left = times;
        let done = patience.outlast(|_| {
            if left == 0 {
                return Poll::Ready(Ok("done"));
            }
            left -= 1;
            Poll::Ready(Err(kind.into()))
        });
        assert_eq!(done.await, "done");
        assert_eq!(start.elapsed().as_millis(), expected, "{kind:?}");
        assert_eq!(patience.stats().failures, times);
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_out_of_file_descriptors_is_asked_again_after_growing_pauses() {
        // The standard library has no name for EMFILE and ENFILE.
        check(io::ErrorKind::Other, 1, 50).await;
        check(io::ErrorKind::Other, 5, 50 + 100 + 200 + 400 + 800).await;
        check(io::ErrorKind::Other, 7, 50 + 100 + 200 + 400 + 800 + 1000 + 1000).await;
        check(io::ErrorKind::OutOfMemory, 2, 150).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_is_gone_already_costs_no_time() {
        check(io::ErrorKind::ConnectionAborted, 100, 0).await;
        check(io::ErrorKind::ConnectionReset, 100, 0).await;
    }
}
