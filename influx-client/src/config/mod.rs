//! Where a server is and how to talk to it: by builder, by DSN, from the environment.

mod dsn;
mod error;
mod keys;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::time::Duration;

use influx_proto::{CredentialPlacement, Credentials, Precision};

pub use self::error::ConfigError;
use self::keys::Key;
use crate::Compression;

/// Where a server is and how to talk to it.
///
/// Built step by step, or read from a DSN:
///
/// ```
/// use influx_client::Config;
///
/// let built = Config::new("localhost").with_database("metrics").with_max_attempts(5);
/// let read: Config = "influxdb://root:root@localhost:8086/metrics?retries=5".parse()?;
/// assert_eq!(built, read);
/// # Ok::<(), influx_client::ConfigError>(())
/// ```
///
/// # DSN
///
/// `scheme://user:password@host:port/database?key=value&…`, where everything but the scheme
/// may be left out. User, password, database and values are percent-decoded.
///
/// | scheme | meaning | default port |
/// |---|---|---|
/// | `influxdb` | HTTP | 8086 |
/// | `https+influxdb` | HTTPS, with the feature `tls` | 8086 |
/// | `udp+influxdb` | datagrams, for writing only | 4444 |
///
/// Without user and password they are `root` and `root`, which a fresh 0.8 server knows.
/// A user without a password is an error; an empty password is written `user:@host`,
/// and `@host` sends no credentials at all.
/// An IPv6 address stands in brackets.
///
#[doc = include_str!("keys.md")]
///
/// Durations are whole milliseconds, from one millisecond to one year;
/// a `with_…` method takes others as the nearest of these.
///
/// # Display
///
/// Displays as a DSN with `***` in place of the password.
/// Apart from the password, reading that text back gives an equal configuration.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) protocol: Protocol,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) database: Option<String>,
    pub(crate) settings: Settings,
    /// By key; what is not listed has its default.
    origins: BTreeMap<&'static str, Origin>,
}

/// What a server is spoken to with.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Protocol {
    /// Plain HTTP.
    #[default]
    Http,
    /// HTTP over TLS.
    Https,
    /// Datagrams: they carry points to the server and nothing back.
    Udp,
}

/// Where a setting's value came from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// A call of one of the `with_…` methods.
    Builder,
    /// Nobody set it.
    Default,
    /// A DSN.
    Dsn,
    /// The environment variable [`Config::DSN_VARIABLE`].
    Environment,
}

/// What the keys of a DSN can set; each has one line in the table of keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
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
const MIN_DATAGRAM: usize = 64;
const MAX_DATAGRAM: usize = 65_507;

/// A year is more than any call may wait, and keeps the clock's arithmetic from overflowing.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Config {
    /// The environment variable that [`Config::from_env`] reads.
    pub const DSN_VARIABLE: &'static str = "INFLUX_DSN";

    /// HTTP to the given host at port 8086, as `root` with password `root`.
    pub fn new(host: impl Into<String>) -> Self {
        let protocol = Protocol::Http;
        Self {
            protocol,
            host: host.into(),
            port: protocol.default_port(),
            credentials: Some(Credentials::new("root", "root")),
            database: None,
            settings: Settings::default(),
            origins: BTreeMap::new(),
        }
    }

    /// Reads the DSN in the environment variable `INFLUX_DSN`; `None` if it is not set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Environment`] if it is set to something that is not a DSN.
    pub fn from_env() -> Result<Option<Self>, ConfigError> {
        std::env::var_os(Self::DSN_VARIABLE).map(|value| Self::from_variable(&value)).transpose()
    }

    fn from_variable(value: &OsStr) -> Result<Self, ConfigError> {
        let parsed = value.to_str().ok_or(ConfigError::NotUtf8).and_then(str::parse::<Self>);
        let mut config = parsed.map_err(|source| ConfigError::Environment {
            variable: Self::DSN_VARIABLE,
            source: Box::new(source),
        })?;
        config.origins.values_mut().for_each(|origin| *origin = Origin::Environment);
        Ok(config)
    }

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
        self.database = Some(database.into());
        self
    }

    /// Sets how request bodies are compressed.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.settings.compression = compression;
        self.set_by_builder("compression")
    }

    /// Sets how long establishing a connection may take, over all addresses of the host.
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

    /// Sets how long one call may take with all its attempts and the pauses between them,
    /// until its answer begins; reading the answer has limits of its own.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = whole_millis(deadline);
        self.set_by_builder("deadline")
    }

    /// Sets how often one call is tried; 0 counts as 1.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = attempts.max(1);
        self.set_by_builder("retries")
    }

    /// Sets the largest datagram in bytes; a 0.8 server reads no more than 2,048.
    #[must_use]
    pub fn with_max_datagram(mut self, bytes: usize) -> Self {
        self.settings.max_datagram = bytes.clamp(MIN_DATAGRAM, MAX_DATAGRAM);
        self.set_by_builder("max_datagram")
    }

    /// Sets the largest answer in bytes that is collected in memory as a whole.
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
        self.settings.tls_ca = Some(path.into());
        self.set_by_builder("tls_ca")
    }

    /// Sets the name that the server's certificate must have, if it is not the host's.
    #[must_use]
    pub fn with_tls_server_name(mut self, name: impl Into<String>) -> Self {
        self.settings.tls_server_name = Some(name.into());
        self.set_by_builder("tls_server_name")
    }

    /// What the server is spoken to with.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The server's host name or address, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user and password, if any are sent.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The database that is used where none is named.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Where the value of a key came from; `None` if there is no such key.
    pub fn origin(&self, key: &str) -> Option<Origin> {
        let key = Key::find(key)?;
        Some(self.origins.get(key.name).copied().unwrap_or(Origin::Default))
    }

    fn set_by_builder(mut self, key: &'static str) -> Self {
        self.origins.insert(key, Origin::Builder);
        self
    }
}

/// Cuts what a DSN could not write, so that reading it back gives an equal configuration.
fn whole_millis(duration: Duration) -> Duration {
    let duration = duration.clamp(Duration::from_millis(1), LONGEST_WAIT);
    Duration::new(duration.as_secs(), duration.subsec_millis() * 1_000_000)
}

impl PartialEq for Config {
    /// Compares what is configured, not where it came from.
    fn eq(&self, other: &Self) -> bool {
        let Self { protocol, host, port, credentials, database, settings, origins: _ } = self;
        *protocol == other.protocol
            && *host == other.host
            && *port == other.port
            && *credentials == other.credentials
            && *database == other.database
            && *settings == other.settings
    }
}

impl Protocol {
    /// The port that the 0.8 server listens on by default.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http | Self::Https => 8086,
            Self::Udp => 4444,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_knows_where_it_came_from() {
        let config: Config = "influxdb://h?timeout=1s".parse().unwrap();
        let config = config.with_max_attempts(0);
        assert_eq!(config.origin("timeout"), Some(Origin::Dsn));
        assert_eq!(config.origin("retries"), Some(Origin::Builder));
        assert_eq!(config.origin("deadline"), Some(Origin::Default));
        assert_eq!(config.origin("nosuch"), None);
        assert_eq!(config.settings.max_attempts, 1);
    }

    #[test]
    fn the_environment_is_named_in_origins_and_errors() {
        let config = Config::from_variable("influxdb://h?retries=2".as_ref()).unwrap();
        assert_eq!(config.origin("retries"), Some(Origin::Environment));
        let error = Config::from_variable("http://CANARY".as_ref()).unwrap_err();
        assert_eq!(error.to_string(), "the environment variable INFLUX_DSN is not a DSN");
        assert!(!format!("{error:?}").contains("CANARY"));
    }

    #[test]
    fn debug_hides_the_password() {
        let config: Config = "influxdb://u:CANARY@h".parse().unwrap();
        assert!(!format!("{config:?} {config:#?} {config}").contains("CANARY"));
    }
}
