//! The way of one batch into the database.

use std::error::Error as _;
use std::fmt::Write as _;

use http::StatusCode;
use influx_proto::{Precision, Series, ServerErrorKind};
use influx_transport::Backoff;

use super::RelayMonitor;
use crate::Error;
use crate::exchange::HttpExchange;
use crate::v08::Database;

/// Writes a batch, again and again until the database has stored it or refuses it for good.
pub(super) async fn deliver<T: HttpExchange>(
    database: &Database<T>,
    batch: &[Series],
    backoff: Backoff,
    monitor: &RelayMonitor,
) -> Result<(), Error> {
    let mut failures = 0;
    loop {
        let error = match database.write(batch).precision(Precision::Microseconds).await {
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

/// Whether these points can never be written: then those behind them must not wait. A missing
/// database and wrong credentials are not the points' fault, and somebody may correct them.
fn is_final(error: &Error) -> bool {
    use ServerErrorKind::{DatabaseNotFound, InvalidCredentials, PermissionDenied, RouteNotFound};
    let Some(refusal) = error.server() else { return matches!(error, Error::Request(_)) };
    let curable = [DatabaseNotFound, InvalidCredentials, PermissionDenied, RouteNotFound];
    let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    refusal.status.is_client_error()
        && !curable.contains(&refusal.kind())
        && !later.contains(&refusal.status)
}

/// The error with its causes.
fn explain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use influx_proto::ServerError;

    use super::*;

    fn check(status: u16, message: &str, expected: bool) {
        let status = StatusCode::from_u16(status).unwrap();
        let error = Error::Server(ServerError::new(status, message.as_bytes()));
        assert_eq!(is_final(&error), expected, "{status} {message}");
    }

    #[test]
    fn what_somebody_may_correct_is_not_final() {
        check(400, "Database x doesn't exist", false);
        check(401, "Invalid username/password", false);
        check(403, "Insufficient permission", false);
        check(404, "404 page not found", false);
        check(408, "", false);
        check(429, "", false);
        check(500, "", false);
        check(503, "", false);
        check(400, "the time is no number", true);
        check(413, "", true);
        assert!(!is_final(&Error::NoDatabase));
    }
}
