//! Host and port: which there can be, and how a DSN writes them.

use std::fmt;
use std::net::Ipv6Addr;

use super::ConfigError;

/// One server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Host {
    /// A name or an address, an IPv6 address without brackets; of a Unix socket its path.
    pub(crate) name: String,
    /// `None` leaves it to the dialect.
    pub(crate) port: Option<u16>,
}

impl Host {
    /// A host without a port. Names are lower case; in the path of a socket and in the zone of an
    /// address, case matters.
    pub(crate) fn new(name: String) -> Self {
        let name = if is_name(&name) { name.to_lowercase() } else { name };
        Self { name, port: None }
    }
}

impl fmt::Display for Host {
    /// As a DSN has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]", self.name.replace('%', "%25"))?;
        } else {
            f.write_str(&self.name)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Whether this can be a host: a name, an IPv4 address, or an IPv6 address without brackets.
pub(crate) fn is_host(host: &str) -> bool {
    is_name(host) || is_ipv6(host)
}

/// Reads `host:port`, where both may be left out.
pub(super) fn read_address(address: &str) -> Result<Host, ConfigError> {
    let (name, port) = match address.strip_prefix('[') {
        Some(bracketed) => read_bracketed(bracketed)?,
        None => read_name(address)?,
    };
    let port = port.filter(|digits| !digits.is_empty()).map(read_port).transpose()?;
    Ok(Host { name, port })
}

fn read_bracketed(bracketed: &str) -> Result<(String, Option<&str>), ConfigError> {
    let (host, rest) = bracketed.split_once(']').ok_or(bad_host("has no closing bracket"))?;
    // RFC 6874 writes the zone's separator `%` as `%25`.
    let host = host.replacen("%25", "%", 1);
    if !is_ipv6(&host) {
        return Err(bad_host("has no IPv6 address in its brackets"));
    }
    match rest.strip_prefix(':') {
        None if !rest.is_empty() => Err(bad_host("is followed by something other than :port")),
        port => Ok((host, port)),
    }
}

fn read_name(address: &str) -> Result<(String, Option<&str>), ConfigError> {
    if address.parse::<Ipv6Addr>().is_ok() {
        return Err(bad_host("is an IPv6 address, which must stand in brackets"));
    }
    match address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))) {
        ("", port) => Ok(("localhost".to_owned(), port)),
        (host, port) if is_name(host) => Ok((host.to_lowercase(), port)),
        _ => Err(bad_host("may only have letters, digits, `-`, `.` and `_`")),
    }
}

fn read_port(digits: &str) -> Result<u16, ConfigError> {
    let port = digits.parse().ok().filter(|&port| port > 0 && !digits.starts_with('+'));
    // The text is not shown: where the `@host` was forgotten, it is the password.
    port.ok_or(ConfigError::Malformed { part: "port", reason: "must be a number from 1 to 65535" })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
}

/// An address, perhaps with the zone that says which of this machine's interfaces to use.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    address.parse::<Ipv6Addr>().is_ok() && is_name(zone)
}

fn bad_host(reason: &'static str) -> ConfigError {
    ConfigError::Malformed { part: "host", reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for host in ["h", "db-1.example.org", "127.0.0.1", "::1", "fe80::1%eth0", "a_b"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["", "h/x", "h#x", "h:1", "h x", "u@h", "[::1]", "::1%", "fe80::1%a/b", "käse"]
        {
            assert!(!is_host(host), "{host}");
        }
    }
}
