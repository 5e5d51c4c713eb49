//! Comparisons that are counted.

use std::error::Error as StdError;
use std::fmt;

use influx_client::v1::Refusal;
use influx_client::{Error, Outcome};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn StdError>>;

/// The number of comparisons that held.
#[derive(Debug, Default)]
pub(crate) struct Checks(usize);

impl Checks {
    /// Fails unless both are equal.
    #[expect(clippy::needless_pass_by_value, reason = "callers compare values that they make")]
    pub(crate) fn equal<T: PartialEq + fmt::Debug>(
        &mut self,
        subject: &str,
        found: T,
        expected: T,
    ) -> Result {
        if found != expected {
            return Err(format!("{subject}: found {found:?} instead of {expected:?}").into());
        }
        self.0 += 1;
        Ok(())
    }

    /// Fails unless the result is this refusal.
    pub(crate) fn refused<T: fmt::Debug>(
        &mut self,
        subject: &str,
        result: std::result::Result<T, Error>,
        expected: (Refusal, Outcome),
    ) -> Result {
        let error = match result {
            Err(error) => error,
            Ok(value) => return Err(format!("{subject}: not refused, but {value:?}").into()),
        };
        let Some(refusal) = error.server() else {
            return Err(format!("{subject}: {error}").into());
        };
        self.equal(subject, (Refusal::of(refusal), error.outcome()), expected)
    }
}

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} checks passed", self.0)
    }
}
