//! A configuration built step by step.

use std::time::Duration;

use influx_proto::{CredentialPlacement, Credentials, Precision};

use super::settings::{MAX_ATTEMPTS, MAX_DATAGRAM, MIN_DATAGRAM, whole_millis};
use super::{Config, Origin, Protocol};
use crate::Compression;

impl Config {
    /// Sets the protocol, and the port to the protocol's default.
    #[must_use]
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self.port = protocol.default_port();
        self
    }

    /// Sets the port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the user and password.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sends no credentials; a 0.8 server then answers little more than `ping`.
    #[must_use]
    pub fn without_credentials(mut self) -> Self {
        self.credentials = None;
        self
    }

    /// Sets the database that is used where none is named.
    #[must_use]
    pub fn with_database(mut self, database: impl Into<String>) -> Self {
        self.database = Some(database.into()).filter(|database| !database.is_empty());
        self
    }

    /// Sets how long the server may pause within its answer.
    #[must_use]
    pub fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.settings.body_timeout = whole_millis(timeout);
        self.set_by_builder("body_timeout")
    }

    /// Sets how request bodies are compressed.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.settings.compression = compression;
        self.set_by_builder("compression")
    }

    /// Sets how long each step of connecting may take: finding the host's addresses, connecting to
    /// one of them, and agreeing on encryption.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = whole_millis(timeout);
        self.set_by_builder("connect_timeout")
    }

    /// Sets where the credentials travel.
    #[must_use]
    pub fn with_credential_placement(mut self, placement: CredentialPlacement) -> Self {
        self.settings.credential_placement = placement;
        self.set_by_builder("credentials")
    }

    /// Sets how long one call may take with all its attempts and the pauses between them: until its
    /// answer is read, or until it begins if it is read piece by piece.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = whole_millis(deadline);
        self.set_by_builder("deadline")
    }

    /// Sets how often one call is tried: 1 to 100 times, others count as the nearest of these.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = attempts.clamp(1, MAX_ATTEMPTS);
        self.set_by_builder("retries")
    }

    /// Sets the largest datagram in bytes; a 0.8 server reads no more than 2,048.
    #[must_use]
    pub fn with_max_datagram(mut self, bytes: usize) -> Self {
        self.settings.max_datagram = bytes.clamp(MIN_DATAGRAM, MAX_DATAGRAM);
        self.set_by_builder("max_datagram")
    }

    /// Sets the largest answer in bytes that is collected in memory as a whole.
    /// Its values take several times that once they are read: one that is short in the text most.
    #[must_use]
    pub fn with_max_response(mut self, bytes: usize) -> Self {
        self.settings.max_response = bytes.max(1);
        self.set_by_builder("max_response")
    }

    /// Sets the unit of timestamps in writes and answers.
    #[must_use]
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.settings.precision = precision;
        self.set_by_builder("precision")
    }

    /// Sets how long one attempt waits for its answer to begin.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = whole_millis(timeout);
        self.set_by_builder("timeout")
    }

    /// Trusts the authorities in this PEM file instead of the system's.
    #[must_use]
    pub fn with_tls_ca(mut self, path: impl Into<String>) -> Self {
        self.settings.tls_ca = Some(path.into()).filter(|path| !path.is_empty());
        self.set_by_builder("tls_ca")
    }

    /// Sets the name that the server's certificate must have, if it is not the host's.
    #[must_use]
    pub fn with_tls_server_name(mut self, name: impl Into<String>) -> Self {
        self.settings.tls_server_name = Some(name.into()).filter(|name| !name.is_empty());
        self.set_by_builder("tls_server_name")
    }

    fn set_by_builder(mut self, key: &'static str) -> Self {
        self.origins.insert(key, Origin::Builder);
        self
    }
}
