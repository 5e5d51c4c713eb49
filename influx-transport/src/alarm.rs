//! One timer for a deadline that mostly moves away.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// A timer whose deadline may change at every poll.
///
/// Moving tokio's timer costs more than an early wake-up now and then, and a connection's deadline
/// moves with every message. Hence the timer is moved only if it would wake too late.
pub(crate) struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    pub(crate) fn new() -> Self {
        Self(Box::pin(sleep(Duration::from_secs(1))))
    }

    /// Waits for `work` until the deadline, which is computed whenever the work is not done yet.
    /// `None` means that the deadline has passed.
    #[cfg(feature = "http")]
    pub(crate) async fn wait<T>(
        &mut self,
        work: impl Future<Output = T>,
        mut deadline: impl FnMut() -> Instant,
    ) -> Option<T> {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => self.poll(cx, Some(deadline())).map(|()| None),
        })
        .await
    }

    /// Is ready once the deadline has passed; never without a deadline.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<()> {
        let Some(deadline) = deadline else { return Poll::Pending };
        loop {
            if self.0.is_elapsed() || self.0.deadline() > deadline {
                self.0.as_mut().reset(deadline);
            }
            ready!(self.0.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
        }
    }
}

/// Stands for longer waits, which added to the time could overflow it.
pub(crate) const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use std::future;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_rings_at_the_deadline_wherever_that_moved() {
        let start = Instant::now();
        let mut alarm = Alarm::new();
        for after in [5, 7, 3000, 3001, 60_000] {
            let deadline = start + Duration::from_millis(after);
            future::poll_fn(|cx| alarm.poll(cx, Some(deadline))).await;
            assert_eq!(Instant::now(), deadline);
        }
        let sooner = future::poll_fn(|cx| {
            let far = Some(Instant::now() + Duration::from_secs(900));
            assert!(alarm.poll(cx, far).is_pending());
            assert!(alarm.poll(cx, None).is_pending());
            alarm.poll(cx, Some(start + Duration::from_secs(90)))
        });
        sooner.await;
        assert_eq!(start.elapsed(), Duration::from_secs(90));
    }

    #[cfg(feature = "http")]
    #[tokio::test(start_paused = true)]
    async fn it_waits_for_work_until_the_deadline() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let mut alarm = Alarm::new();
        let work = async {
            sleep(5 * second).await;
            "done"
        };
        assert_eq!(alarm.wait(work, || start + 6 * second).await, Some("done"));
        let moving = || start + if start.elapsed() < 8 * second { 8 } else { 9 } * second;
        assert_eq!(alarm.wait(future::pending::<()>(), moving).await, None);
        assert_eq!(start.elapsed(), 9 * second);
    }
}
