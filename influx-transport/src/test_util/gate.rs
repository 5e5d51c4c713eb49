//! A gate at which a test and a peer wait for each other.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// A gate that lets one waiter through for each time it is opened. Clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets one waiter through, now or later.
    pub fn open(&self) {
        self.0.add_permits(1);
    }

    /// Waits until the gate is opened for this waiter.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future leaves its turn to the next.
    pub async fn pass(&self) {
        // Only a closed semaphore fails, and nothing closes this one.
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}
