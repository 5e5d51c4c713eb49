//! Where a server is and how to talk to it: by builder, by DSN, from the environment.

mod address;
mod dialect;
mod dsn;
mod error;
mod groups;
mod hint;
mod key;
mod keys;
mod nearest;
mod scheme;
mod warning;

use std::collections::BTreeMap;
use std::ffi::OsStr;

use influx_proto::Auth;

pub(crate) use self::address::{Host, is_host};
pub(crate) use self::dialect::Dialect;
pub use self::error::ConfigError;
pub use self::groups::{Limits, Retry, Timeouts, Tls, WriteOptions};
#[cfg(test)]
pub(crate) use self::key::documentation;
pub(crate) use self::key::{
    DATAGRAM, DEFAULT_DATAGRAM, Key, PLACEMENT, read_datagram, read_placement, set, write_placement,
};
pub(crate) use self::keys::read_dialect_keys;
pub use self::scheme::Protocol;
pub use self::warning::ConfigWarning;

/// Where a server is and how to talk to it.
///
/// Built step by step, or read from a DSN:
///
/// ```
/// use influx_client::Config;
///
/// let mut built = Config::new("localhost").database("metrics");
/// built.retry.attempts = 5;
/// let read: Config = "influxdb://localhost/metrics?attempts=5".parse()?;
/// assert_eq!(built, read);
/// # Ok::<(), influx_client::ConfigError>(())
/// ```
///
/// # DSN
///
/// ```text
/// [transport+]influxdb[dialect]://[auth@]host[:port][,host[:port]…][/database][?key=value&…]
/// http[s]://[auth@]host[:port][,host[:port]…][/prefix][?key=value&…]
/// ```
///
/// | part | values |
/// |---|---|
/// | transport | `http` (default), `https` (feature `tls`), `unix` (the host is a percent-encoded path), `udp`, `tcp`, `tls`; the last three only write |
/// | dialect | `08`, `1`, `2` or `3`; without it the type of the client decides |
/// | auth | `user:password`, or a token, or nothing before the `@` to send no credentials; left out, the dialect has its default |
/// | host | a name, an IPv4 address, an IPv6 address in brackets; without a port, the dialect has its default |
/// | database | one segment; in the second form it is the key `database`, and the path is a prefix |
///
/// User, password, database, keys and values are percent-decoded. These keys have the same meaning
/// in all dialects; the module of each dialect lists its own:
///
#[doc = include_str!("keys.md")]
///
/// Durations are whole milliseconds, from one millisecond to one year; a number without a unit
/// counts seconds.
///
/// # Display
///
/// Displays as a DSN with `***` in place of a password or a token. Apart from these and from the
/// pauses of [`Retry`], which have no keys, reading the text back gives an equal configuration if
/// each value is one that its key takes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// The time limits of a call.
    pub timeouts: Timeouts,
    /// The size limits of a call.
    pub limits: Limits,
    /// When a failed attempt is repeated.
    pub retry: Retry,
    /// TLS client settings.
    pub tls: Tls,
    /// How points are encoded and split into requests.
    pub write: WriteOptions,
    pub(crate) protocol: Protocol,
    /// As the DSN names it; `None` leaves it to the type of the client.
    pub(crate) dialect: Option<Dialect>,
    /// At least one.
    pub(crate) hosts: Vec<Host>,
    /// Empty, or begins with a slash and ends without one.
    pub(crate) prefix: String,
    pub(crate) database: Option<String>,
    /// `None` leaves it to the dialect.
    pub(crate) auth: Option<Auth>,
    pub(crate) policy: Policy,
    pub(crate) answers: usize,
    /// The keys that a dialect reads, and their values.
    pub(crate) dialect_keys: BTreeMap<String, String>,
}

/// The use of several hosts.
///
/// No client of this version serves several hosts: each refuses a configuration that has them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Policy {
    /// Calls go to one server until it fails.
    #[default]
    Failover,
    /// Each series goes to one of the servers.
    Spread,
    /// Writes go to all servers, reads to one.
    Replicate,
}

impl Config {
    /// The environment variable that [`Config::from_env`] reads.
    pub const DSN_VARIABLE: &'static str = "INFLUX_DSN";

    /// One server over HTTP, with the defaults of the dialect for port and credentials.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            retry: Retry::default(),
            tls: Tls::default(),
            write: WriteOptions::default(),
            protocol: Protocol::Http,
            dialect: None,
            hosts: vec![Host::new(host.into())],
            prefix: String::new(),
            database: None,
            auth: None,
            policy: Policy::default(),
            answers: 0,
            dialect_keys: BTreeMap::new(),
        }
    }

    /// Reads the DSN in the environment variable `INFLUX_DSN`; `None` if the variable is not set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Environment`] if the value is not a DSN.
    pub fn from_env() -> Result<Option<Self>, ConfigError> {
        std::env::var_os(Self::DSN_VARIABLE).map(|value| Self::from_variable(&value)).transpose()
    }

    fn from_variable(value: &OsStr) -> Result<Self, ConfigError> {
        let parsed = value.to_str().ok_or(ConfigError::NotUtf8).and_then(str::parse::<Self>);
        parsed.map_err(|source| ConfigError::Environment {
            variable: Self::DSN_VARIABLE,
            source: Box::new(source),
        })
    }

    /// Sets the carrier of the calls.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Sets the port of the last host. Default: that of the dialect.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        if let Some(host) = self.hosts.last_mut() {
            host.port = Some(port);
        }
        self
    }

    /// Adds one more server.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(Host::new(host.into()));
        self
    }

    /// Sets the use of several servers.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets how many servers must answer a write with [`Policy::Replicate`]; 0 means all.
    #[must_use]
    pub fn answers(mut self, answers: usize) -> Self {
        self.answers = answers;
        self
    }

    /// Sets the path before every path of the server, such as `/insert/0/influx`, without escapes.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        let segments = prefix.trim_matches('/');
        self.prefix = if segments.is_empty() { String::new() } else { format!("/{segments}") };
        self
    }

    /// Sets the database that `default_database` of a client gives. An empty name sets none.
    #[must_use]
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into()).filter(|name| !name.is_empty());
        self
    }

    /// Sets the credentials; [`Auth::None`] sends none. Default: those of the dialect.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Sets a key that only one dialect has, as in a DSN: `.key("precision", "s")`.
    ///
    /// The client refuses a key that neither it nor this type knows, by name.
    #[must_use]
    pub fn key(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.dialect_keys.insert(name.into(), value.into());
        self
    }
}

impl Default for Config {
    /// As [`Config::new`] with the host `localhost`.
    fn default() -> Self {
        Self::new("localhost")
    }
}

/// So that a client takes a DSN as well as a [`Config`].
macro_rules! from_text {
    ($($text:ty)*) => {$(
        impl TryFrom<$text> for Config {
            type Error = ConfigError;

            fn try_from(dsn: $text) -> Result<Self, ConfigError> {
                dsn.parse()
            }
        }
    )*};
}
from_text! { &str &String String }

impl From<&Self> for Config {
    fn from(config: &Self) -> Self {
        config.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_named_in_errors() {
        let config = Config::from_variable("influxdb://h?attempts=2".as_ref()).unwrap();
        assert_eq!(config.retry.attempts, 2);
        let error = Config::from_variable("nosuch://CANARY".as_ref()).unwrap_err();
        assert!(error.to_string().starts_with("the environment variable INFLUX_DSN"), "{error}");
        assert!(!format!("{error:?}").contains("CANARY"));
    }

    #[test]
    fn debug_and_display_hide_passwords_and_tokens() {
        for dsn in ["influxdb://u:CANARY@h", "influxdb://CANARY@h"] {
            let config: Config = dsn.parse().unwrap();
            assert!(!format!("{config:?} {config:#?} {config}").contains("CANARY"));
        }
    }
}
