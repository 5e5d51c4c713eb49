//! What can be set besides the address, with its defaults and bounds.

use std::time::Duration;

use influx_proto::{CredentialPlacement, Precision};

use crate::Compression;

/// What the keys of a DSN can set; each has one line in the table of keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) body_timeout: Duration,
    pub(crate) compression: Compression,
    pub(crate) connect_timeout: Duration,
    pub(crate) credential_placement: CredentialPlacement,
    pub(crate) deadline: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_datagram: usize,
    pub(crate) max_response: usize,
    pub(crate) precision: Precision,
    pub(crate) timeout: Duration,
    pub(crate) tls_ca: Option<String>,
    pub(crate) tls_server_name: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            body_timeout: Duration::from_secs(20),
            compression: Compression::None,
            connect_timeout: Duration::from_secs(5),
            credential_placement: CredentialPlacement::Auto,
            deadline: Duration::from_secs(30),
            max_attempts: 3,
            max_datagram: 1_400,
            max_response: 64 << 20,
            precision: Precision::Milliseconds,
            timeout: Duration::from_secs(10),
            tls_ca: None,
            tls_server_name: None,
        }
    }
}

/// What a datagram's size may be set to: a tiny one holds no point, a larger one no UDP.
pub(super) const MIN_DATAGRAM: usize = 64;
pub(super) const MAX_DATAGRAM: usize = 65_507;

pub(super) const MAX_ATTEMPTS: u32 = 100;

/// A year is more than any call may wait, and keeps the clock's arithmetic from overflowing.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Cuts what a DSN could not write, so that reading it back gives an equal configuration.
pub(super) fn whole_millis(duration: Duration) -> Duration {
    let duration = duration.clamp(Duration::from_millis(1), LONGEST_WAIT);
    Duration::new(duration.as_secs(), duration.subsec_millis() * 1_000_000)
}
