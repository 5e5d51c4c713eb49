//! A configuration as one line of text, read and written.

use std::fmt;
use std::str::FromStr;

use influx_proto::{Auth, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::address::{Host, read_address};
use super::keys::{KEYS, MAX_HOSTS, REPLACED};
use super::scheme::{Scheme, read_scheme};
use super::{Config, ConfigError, Protocol};

/// All but the characters that RFC 3986 calls unreserved is escaped.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl FromStr for Config {
    type Err = ConfigError;

    fn from_str(dsn: &str) -> Result<Self, ConfigError> {
        let (Scheme { protocol, dialect, url_port }, rest) = read_scheme(dsn)?;
        if let Some(reason) = unescaped(rest) {
            return Err(ConfigError::Malformed { part: "text", reason });
        }
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, hosts) = match authority.rsplit_once('@') {
            Some((user_info, hosts)) => (Some(user_info), hosts),
            None => (None, authority),
        };
        let mut config = Self {
            protocol,
            dialect,
            hosts: read_hosts(protocol, hosts)?,
            auth: user_info.map(read_auth).transpose()?,
            ..Self::default()
        };
        for host in &mut config.hosts {
            host.port = host.port.or(url_port);
        }
        if url_port.is_some() {
            config = config.prefix(&decode("path", path)?);
        } else if !path.is_empty() {
            config.database = Some(read_database(path)?);
        }
        let mut seen = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let name = read_parameter(&mut config, parameter)?;
            if seen.contains(&name) {
                return Err(ConfigError::RepeatedKey { key: name });
            }
            seen.push(name);
        }
        Ok(config)
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Protocol::Http => {}
            other => write!(f, "{}+", other.transport())?,
        }
        let dialect = self.dialect.map_or("", super::Dialect::digits);
        write!(f, "influxdb{dialect}://")?;
        match &self.auth {
            None => {}
            Some(Auth::None) => f.write_str("@")?,
            Some(Auth::Basic { user, .. }) => {
                write!(f, "{}:***@", utf8_percent_encode(user, RESERVED))?;
            }
            Some(_) => f.write_str("***@")?,
        }
        for (index, host) in self.hosts.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match self.protocol {
                Protocol::Unix => utf8_percent_encode(&host.name, RESERVED).fmt(f)?,
                _ => host.fmt(f)?,
            }
        }
        if let Some(database) = &self.database {
            write!(f, "/{}", utf8_percent_encode(database, RESERVED))?;
        }
        let defaults = Self::default();
        let shared = KEYS.iter().filter_map(|key| {
            let value = (key.write)(self);
            (value != (key.write)(&defaults)).then_some((key.name, value))
        });
        let own = self.dialect_keys.iter().map(|(name, value)| (name.as_str(), value.clone()));
        for (index, (name, value)) in shared.chain(own).enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            let [name, value] = [name, &value].map(|text| utf8_percent_encode(text, RESERVED));
            write!(f, "{separator}{name}={value}")?;
        }
        Ok(())
    }
}

/// The reason why the text cannot be read: characters that must be escaped.
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

fn read_hosts(protocol: Protocol, hosts: &str) -> Result<Vec<Host>, ConfigError> {
    let malformed = |reason| Err(ConfigError::Malformed { part: "host", reason });
    if hosts.split(',').count() > MAX_HOSTS {
        return malformed("is a list of more than 64 hosts");
    }
    if protocol != Protocol::Unix {
        if hosts.contains(',') && hosts.split(',').any(str::is_empty) {
            return malformed("is a list with an empty part");
        }
        return hosts.split(',').map(read_address).collect();
    }
    match decode("host", hosts)? {
        path if path.starts_with('/') => Ok(vec![Host { name: path, port: None }]),
        _ => malformed("must be the path of a socket, as in unix+influxdb://%2Frun%2Fdb.sock"),
    }
}

/// With a colon a user and a password, without one a token; nothing sends nothing.
fn read_auth(user_info: &str) -> Result<Auth, ConfigError> {
    if user_info.is_empty() {
        return Ok(Auth::None);
    }
    let Some((user, password)) = user_info.split_once(':') else {
        return Ok(Auth::Token(Secret::from(decode("token", user_info)?)));
    };
    let user = decode("user", user)?;
    if user.is_empty() {
        return Err(ConfigError::Malformed { part: "user", reason: "is empty" });
    }
    Ok(Auth::basic(user, decode("password", password)?))
}

fn read_database(text: &str) -> Result<String, ConfigError> {
    let database = decode("database", text)?;
    if database.contains('/') {
        let reason = "must not contain a `/`; a prefix of all paths is written prefix=/a/b";
        return Err(ConfigError::Malformed { part: "database", reason });
    }
    Ok(database)
}

/// Takes a parameter and gives back its name.
fn read_parameter(config: &mut Config, parameter: &str) -> Result<String, ConfigError> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let (name, value) = (decode("parameter", name)?, decode("parameter", value)?);
    if let Some(&(key, instead)) = REPLACED.iter().find(|(key, _)| *key == name) {
        return Err(ConfigError::ReplacedKey { key, instead });
    }
    // Among the keys, since it may stand in the path as well.
    if name == "database" {
        if value.is_empty() || config.database.is_some() {
            let reason = "must not be empty, and the path must not name one as well";
            return Err(ConfigError::Value { key: "database", reason });
        }
        config.database = Some(value);
    } else if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        if !(key.read)(config, &value) {
            return Err(ConfigError::Value { key: key.name, reason: key.expected });
        }
    } else if config.dialect_keys.insert(name.clone(), value).is_some() {
        return Err(ConfigError::RepeatedKey { key: name });
    }
    Ok(name)
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
