//! A transport without a network, for tests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Error, ErrorKind, Phase, Transport};

/// A transport without a network: it records what is sent and answers from a script.
///
/// A request beyond the script's end is answered with [`ErrorKind::Closed`].
///
/// ```
/// use influx_transport::{MemoryTransport, Transport};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let transport = MemoryTransport::new([Ok("pong")]);
/// assert_eq!(transport.send("ping").await?, "pong");
/// assert!(transport.send("ping again").await.unwrap_err().is_closed());
/// assert_eq!(transport.take_requests(), ["ping", "ping again"]);
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// Dropping it panics if scripted answers are left over: the code under test sent less than the
/// test promised. It does not if the thread is panicking already.
///
/// `Debug` shows how many requests and answers there are, but not what is in them: a password may be.
pub struct MemoryTransport<Q, R> {
    state: Mutex<State<Q, R>>,
}

impl<Q, R> MemoryTransport<Q, R> {
    /// Answers with these, one after the other.
    pub fn new(answers: impl IntoIterator<Item = Result<R, Error>>) -> Self {
        let answers = answers.into_iter().collect();
        Self { state: Mutex::new(State { requests: Vec::new(), answers }) }
    }

    /// Takes the requests that were sent so far, in their order.
    pub fn take_requests(&self) -> Vec<Q> {
        std::mem::take(&mut self.state().requests)
    }

    /// How many scripted answers are left.
    pub fn answers_left(&self) -> usize {
        self.state().answers.len()
    }

    fn state(&self) -> MutexGuard<'_, State<Q, R>> {
        // No code that runs under the lock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, R> fmt::Debug for MemoryTransport<Q, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemoryTransport")
            .field("requests", &state.requests.len())
            .field("answers_left", &state.answers.len())
            .finish()
    }
}

impl<Q, R> Drop for MemoryTransport<Q, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let left = self.answers_left();
        assert_eq!(left, 0, "{left} scripted answers of a MemoryTransport were not used");
    }
}

impl<Q: Send + 'static, R: Send + 'static> Transport for MemoryTransport<Q, R> {
    type Request = Q;
    type Response = R;

    async fn connect(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn send(&self, request: Q) -> Result<R, Error> {
        let mut state = self.state();
        state.requests.push(request);
        let beyond = || Err(Error::new(ErrorKind::Closed, Phase::AwaitResponse));
        state.answers.pop_front().unwrap_or_else(beyond)
    }

    async fn disconnect(&self) -> Result<(), Error> {
        Ok(())
    }
}

struct State<Q, R> {
    requests: Vec<Q>,
    answers: VecDeque<Result<R, Error>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_come_in_order_and_then_closed() {
        let failure = Error::new(ErrorKind::Closed, Phase::ReadBody);
        let transport = MemoryTransport::new([Ok('a'), Err(failure), Ok('b')]);
        assert_eq!(transport.send(1).await.unwrap(), 'a');
        assert_eq!(transport.send(2).await.unwrap_err().phase(), Phase::ReadBody);
        assert_eq!(transport.answers_left(), 1);
        assert_eq!(transport.send(3).await.unwrap(), 'b');
        assert_eq!(transport.send(4).await.unwrap_err().phase(), Phase::AwaitResponse);
        assert_eq!(transport.take_requests(), [1, 2, 3, 4]);
        assert_eq!(transport.take_requests(), [0; 0]);
    }

    #[test]
    #[should_panic(expected = "2 scripted answers of a MemoryTransport were not used")]
    fn answers_left_over_fail_the_test() {
        drop(MemoryTransport::<(), _>::new([Ok(1), Ok(2)]));
    }
}
