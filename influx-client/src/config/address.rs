//! Host and port: which there can be, and how a DSN writes them.

use std::net::Ipv6Addr;

use super::ConfigError;

/// Whether this can be a host: a name, an IPv4 address, or an IPv6 address without brackets.
pub(crate) fn is_host(host: &str) -> bool {
    is_name(host) || is_ipv6(host)
}

/// Reads `host:port`, where both may be left out.
pub(super) fn read_address(address: &str) -> Result<(String, Option<u16>), ConfigError> {
    let (host, port) = match address.strip_prefix('[') {
        Some(bracketed) => read_bracketed(bracketed)?,
        None => read_name(address)?,
    };
    match port {
        None | Some("") => Ok((host, None)),
        Some(digits) => Ok((host, Some(read_port(digits)?))),
    }
}

fn read_bracketed(bracketed: &str) -> Result<(String, Option<&str>), ConfigError> {
    let (host, rest) = bracketed.split_once(']').ok_or(bad_host("has no closing bracket"))?;
    // RFC 6874 writes the zone's separator `%` as `%25`.
    let host = host.replacen("%25", "%", 1);
    if !is_ipv6(&host) {
        return Err(bad_host("has no IPv6 address in its brackets"));
    }
    match rest.strip_prefix(':') {
        None if !rest.is_empty() => Err(bad_host("is followed by something else than :port")),
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
    // What stands there is not shown: where the `@host` was forgotten, it is the password.
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
