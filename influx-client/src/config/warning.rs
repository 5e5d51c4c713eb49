//! Settings that work, but harm.

use std::fmt;
use std::net::IpAddr;

use influx_proto::{Auth, Printable};

use super::{Config, Protocol};

/// A setting that works, but harms.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigWarning {
    /// Credentials travel in clear text to a host that is not this machine: everyone on the way can
    /// read and use them.
    ClearTextCredentials {
        /// The host, without credentials.
        host: String,
    },
}

impl ConfigWarning {
    /// How a person can correct it: one sentence without a full stop.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::ClearTextCredentials { .. } => {
                "write https+influxdb:// if the server has TLS, or connect through a tunnel"
            }
        }
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClearTextCredentials { host } => {
                write!(f, "the credentials for {} travel in clear text", Printable(host))
            }
        }
    }
}

impl Config {
    /// The settings that work, but harm, each once. A program should log them when it starts.
    ///
    /// The default credentials of a dialect do not count: they are public. A transport of your own
    /// may encrypt or skip the check of certificates; this type does not know.
    ///
    /// ```
    /// use influx_client::Config;
    ///
    /// let config: Config = "influxdb://paul:secret@db.example.org".parse()?;
    /// let warnings = config.warnings();
    /// let expected = "the credentials for db.example.org travel in clear text";
    /// assert_eq!(warnings[0].to_string(), expected);
    /// # Ok::<(), influx_client::ConfigError>(())
    /// ```
    pub fn warnings(&self) -> Vec<ConfigWarning> {
        let has_secret = !matches!(self.auth, None | Some(Auth::None));
        let is_clear = matches!(self.protocol, Protocol::Http | Protocol::Tcp);
        let distant = self.hosts.iter().find(|host| !is_loopback(&host.name));
        match distant.filter(|_| has_secret && is_clear) {
            Some(host) => vec![ConfigWarning::ClearTextCredentials { host: host.to_string() }],
            None => Vec::new(),
        }
    }
}

/// Whether nothing that is sent to this host leaves the machine.
fn is_loopback(host: &str) -> bool {
    let (address, _zone) = host.split_once('%').unwrap_or((host, ""));
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        // RFC 6761 keeps the name and all below it for this machine.
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use influx_proto::Secret;

    use super::*;

    #[test]
    fn secrets_must_not_leave_the_machine_in_clear_text() {
        for (dsn, expected) in [
            ("influxdb://u:p@db.example.org", Some("db.example.org")),
            ("influxdb://TOKEN@db:1", Some("db:1")),
            ("influxdb://u:p@10.0.0.1", Some("10.0.0.1")),
            ("influxdb://u:p@[::ffff:10.0.0.1]:1", Some("[::ffff:10.0.0.1]:1")),
            ("influxdb://u:p@[fe80::1%25eth0]", Some("[fe80::1%25eth0]")),
            ("influxdb://u:p@localhost,a,b", Some("a")),
            ("http://u:p@db", Some("db:80")),
            ("tcp+influxdb1://u:p@db", Some("db")),
            ("influxdb://u:p@localhost.example.org", Some("localhost.example.org")),
            ("influxdb://u:p@127.example.org", Some("127.example.org")),
            ("influxdb://db.example.org", None),
            ("influxdb://@db.example.org", None),
            ("udp+influxdb://u:p@db", None),
            ("https+influxdb://u:p@db", None),
            ("https://u:p@db", None),
            ("tls+influxdb1://u:p@db", None),
            ("unix+influxdb://u:p@%2Frun%2Fdb.sock", None),
            ("influxdb://u:p@localhost", None),
            ("influxdb://u:p@DB.LOCALHOST", None),
            ("influxdb://u:p@127.8.9.1", None),
            ("influxdb://u:p@[::1]", None),
            ("influxdb://u:p@[::ffff:127.0.0.1]", None),
        ] {
            let config: Config = dsn.parse().unwrap();
            let host = |host: &str| ConfigWarning::ClearTextCredentials { host: host.to_owned() };
            assert_eq!(config.warnings(), Vec::from_iter(expected.map(host)), "{dsn}");
        }
        let bearer = Auth::bearer(|| Some(Secret::new("CANARY")));
        let warnings = Config::new("db").auth(bearer).warnings();
        assert_eq!(warnings.len(), 1);
        assert!(!format!("{warnings:?} {}", warnings[0]).contains("CANARY"));
        assert!(warnings[0].hint().contains("https+influxdb://"));
    }
}
