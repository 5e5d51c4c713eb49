//! Where a server is and how to talk to it: by builder, by DSN, from the environment.

mod address;
mod builder;
mod dsn;
mod error;
mod keys;
mod settings;

use std::collections::BTreeMap;
use std::ffi::OsStr;

use influx_proto::Credentials;

pub(crate) use self::address::is_host;
pub use self::error::ConfigError;
use self::keys::Key;
pub(crate) use self::settings::Settings;

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
/// Apart from the password, reading the text of a usable configuration back gives an equal one.
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

impl Config {
    /// The environment variable that [`Config::from_env`] reads.
    pub const DSN_VARIABLE: &'static str = "INFLUX_DSN";

    /// HTTP to the given host at port 8086, as `root` with password `root`.
    pub fn new(host: impl Into<String>) -> Self {
        let protocol = Protocol::Http;
        Self {
            protocol,
            host: host.into().to_lowercase(),
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
