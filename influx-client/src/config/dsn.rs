//! A configuration as one line of text, read and written.

use std::fmt;
use std::str::FromStr;

use influx_proto::Credentials;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::address::read_address;
use super::keys::{KEYS, Key};
use super::{Config, ConfigError, Origin, Protocol, Settings};

/// What may stand unescaped in every part: RFC 3986 calls these characters unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl FromStr for Config {
    type Err = ConfigError;

    fn from_str(dsn: &str) -> Result<Self, ConfigError> {
        let (protocol, rest) = read_scheme(dsn)?;
        if let Some(reason) = unescaped(rest) {
            return Err(ConfigError::Malformed { part: "text", reason });
        }
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, address) = match authority.rsplit_once('@') {
            Some((user_info, address)) => (Some(user_info), address),
            None => (None, authority),
        };

        let (host, port) = read_address(address)?;
        let mut config = Self::new(host).with_protocol(protocol);
        if let Some(port) = port {
            config.port = port;
        }
        if let Some(user_info) = user_info {
            config.credentials = read_credentials(user_info)?;
        }
        if !database.is_empty() {
            config.database = Some(read_database(database)?);
        }
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            read_parameter(&mut config, parameter)?;
        }
        Ok(config)
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.protocol {
            Protocol::Http => "influxdb",
            Protocol::Https => "https+influxdb",
            Protocol::Udp => "udp+influxdb",
        };
        write!(f, "{scheme}://")?;
        match &self.credentials {
            Some(Credentials { user, .. }) => {
                write!(f, "{}:***@", utf8_percent_encode(user, RESERVED))?;
            }
            None => f.write_str("@")?,
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host.replace('%', "%25"))?;
        } else {
            f.write_str(&self.host)?;
        }
        write!(f, ":{}", self.port)?;
        if let Some(database) = &self.database {
            write!(f, "/{}", utf8_percent_encode(database, RESERVED))?;
        }
        let defaults = Settings::default();
        let mut separator = '?';
        for key in KEYS {
            let value = (key.write)(&self.settings);
            if value != (key.write)(&defaults) {
                let value = utf8_percent_encode(&value, RESERVED);
                write!(f, "{separator}{}={value}", key.name)?;
                separator = '&';
            }
        }
        Ok(())
    }
}

fn read_scheme(dsn: &str) -> Result<(Protocol, &str), ConfigError> {
    let (scheme, rest) = dsn.split_once("://").unwrap_or((dsn, ""));
    let protocol = match scheme.to_ascii_lowercase().as_str() {
        "influxdb" => Protocol::Http,
        "https+influxdb" => Protocol::Https,
        "udp+influxdb" => Protocol::Udp,
        // What follows a missing `://` may hold a password, so only the scheme is shown.
        _ => {
            let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            let scheme = scheme.chars().take_while(|&c| is_scheme(c)).take(32).collect();
            return Err(ConfigError::UnknownScheme { scheme });
        }
    };
    if dsn.contains("://") {
        return Ok((protocol, rest));
    }
    Err(ConfigError::Malformed { part: "scheme", reason: "must be followed by ://" })
}

/// What no part may contain as it stands.
fn unescaped(rest: &str) -> Option<&'static str> {
    if rest.contains('#') {
        return Some("has a `#`, which must be written %23");
    }
    // Of `u:12/ab@h` a piece of the password would be taken for the database, which is shown.
    let (_, behind) = rest.split_once(['/', '?']).unwrap_or_default();
    if behind.contains('@') {
        return Some(
            "has a `@` behind a `/` or `?`; in a user or password write `/` as %2F and `?` as %3F, \
             elsewhere `@` as %40",
        );
    }
    let blank = |c: char| c.is_whitespace() || c.is_control();
    rest.contains(blank).then_some("has a space or control character, which must be written %XX")
}

fn read_credentials(user_info: &str) -> Result<Option<Credentials>, ConfigError> {
    if user_info.is_empty() {
        return Ok(None);
    }
    let (user, password) = user_info.split_once(':').ok_or(ConfigError::Malformed {
        part: "user",
        reason: "has no password; write user:password@, or user:@ for an empty one",
    })?;
    let user = decode("user", user)?;
    if user.is_empty() {
        return Err(ConfigError::Malformed { part: "user", reason: "is empty" });
    }
    Ok(Some(Credentials::new(user, decode("password", password)?)))
}

fn read_database(text: &str) -> Result<String, ConfigError> {
    let database = decode("database", text)?;
    // The 0.8 server decodes %2F before it routes, so such a database is out of reach.
    if database.contains('/') {
        return Err(ConfigError::Malformed { part: "database", reason: "must not contain a `/`" });
    }
    Ok(database)
}

fn read_parameter(config: &mut Config, parameter: &str) -> Result<(), ConfigError> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let name = decode("parameter", name)?;
    let key = Key::find(&name).ok_or_else(|| ConfigError::UnknownKey {
        key: name.chars().take(64).collect(),
        known: KEYS.iter().map(|key| key.name).collect::<Vec<_>>().join(", "),
    })?;
    if config.origins.insert(key.name, Origin::Dsn).is_some() {
        return Err(ConfigError::RepeatedKey { key: name });
    }
    let value = decode("parameter", value)?;
    if (key.read)(&mut config.settings, &value) {
        return Ok(());
    }
    Err(ConfigError::Value { key: key.name, reason: key.expected })
}

fn decode(part: &'static str, text: &str) -> Result<String, ConfigError> {
    let malformed = |reason| ConfigError::Malformed { part, reason };
    let well_escaped = text.split('%').skip(1).all(|after| {
        after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
    });
    if !well_escaped {
        return Err(malformed("has a `%` that is not followed by two hex digits; write %25"));
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(malformed("is not UTF-8 after percent-decoding")),
    }
}
