//! The way of one batch into the database.

use std::error::Error as _;
use std::fmt::Write as _;

use influx_proto::{Outcome, Printable};
use influx_transport::Backoff;

use super::RelayMonitor;
use crate::{Batch, Error, Store};

/// Sends a batch, again and again until the database has stored it or refuses it for good.
pub(super) async fn deliver(
    database: &Store,
    batch: &Batch,
    backoff: Backoff,
    monitor: &RelayMonitor,
) -> Result<(), Error> {
    let mut failures = 0;
    loop {
        let error = match database.send(batch).await {
            Ok(_) => return Ok(()),
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => error,
        };
        monitor.count(|stats| stats.retries += 1);
        monitor.set_trouble(Some(explain(&error)));
        tokio::time::sleep(backoff.delay(failures, fastrand::f64())).await;
        failures += 1;
    }
}

/// Whether these points can never be written: then those behind them must not wait.
fn is_final(error: &Error) -> bool {
    matches!(error.outcome(), Outcome::Partial | Outcome::Refused | Outcome::Split)
}

/// The error with its causes.
fn explain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {}", Printable(&error.to_string()));
        cause = error.source();
    }
    text
}
