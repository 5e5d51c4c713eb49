//! The address of a peer: a host and a port.

use std::fmt;
use std::net::SocketAddr;

/// The host and port of a peer, or the path of a Unix socket. It holds no path or query of a URL
/// and no credential, so that an error may show it.
///
/// ```
/// use influx_transport::Endpoint;
///
/// assert_eq!(Endpoint::new("localhost", 8080)?.to_string(), "localhost:8080");
/// assert_eq!(Endpoint::new("::1", 8080)?.to_string(), "[::1]:8080");
/// # Ok::<(), influx_transport::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Endpoint {
    host: String,
    port: u16,
    /// The name that is shown instead.
    local: Option<String>,
}

impl Endpoint {
    /// As [`new`](Self::new), with the reason for a refusal.
    pub(crate) fn parse(host: String, port: u16) -> Result<Self, &'static str> {
        let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(address) => address.to_owned(),
            None => host,
        };
        if host.is_empty() {
            return Err("the host is empty");
        }
        if port == 0 {
            return Err("port 0 cannot be connected to");
        }
        Ok(Self { host, port, local: None })
    }

    /// A peer on this machine that has no port.
    pub(crate) fn local(name: impl Into<String>) -> Self {
        Self { host: "localhost".to_owned(), port: 0, local: Some(name.into()) }
    }

    /// The value of a `Host` header.
    #[cfg(feature = "http")]
    pub(crate) fn authority(&self) -> String {
        if self.local.is_some() { self.host.clone() } else { self.to_string() }
    }

    /// The name or the address, without brackets; `localhost` for a Unix socket.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 0 for a Unix socket.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(local) = &self.local {
            f.write_str(local)
        } else if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl From<SocketAddr> for Endpoint {
    /// Takes any address, even one with port 0, to which every connection fails.
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V6(address) if address.scope_id() != 0 => {
                format!("{}%{}", address.ip(), address.scope_id())
            }
            _ => address.ip().to_string(),
        };
        Self { host, port: address.port(), local: None }
    }
}

/// The peer's own address: a socket for both families shows an IPv4 peer with an IPv6 address. The
/// interface of an IPv6 address stays.
pub(crate) fn own_address(peer: SocketAddr) -> SocketAddr {
    let SocketAddr::V6(address) = peer else { return peer };
    let ipv4 = address.ip().to_ipv4_mapped();
    ipv4.map_or(peer, |ipv4| (ipv4, address.port()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, port: u16, expected: Result<&str, &str>) {
        let found = Endpoint::parse(host.to_owned(), port).map(|endpoint| endpoint.to_string());
        assert_eq!(found.as_deref().map_err(|reason| *reason), expected, "{host:?} {port}");
    }

    #[test]
    fn display_brackets_only_ipv6() {
        check("localhost", 8080, Ok("localhost:8080"));
        check("127.0.0.1", 1, Ok("127.0.0.1:1"));
        check("::1", 8080, Ok("[::1]:8080"));
        check("[::1]", 8080, Ok("[::1]:8080"));
        check("fe80::1%eth0", 65535, Ok("[fe80::1%eth0]:65535"));
    }

    #[test]
    fn nothing_listens_on_an_empty_host_or_port_0() {
        check("", 8080, Err("the host is empty"));
        check("[]", 8080, Err("the host is empty"));
        check("localhost", 0, Err("port 0 cannot be connected to"));
    }

    #[test]
    fn a_peer_on_this_machine_is_shown_by_its_name_and_is_localhost() {
        let endpoint = Endpoint::local("/run/x.sock");
        assert_eq!(endpoint.to_string(), "/run/x.sock");
        assert_eq!((endpoint.host(), endpoint.port()), ("localhost", 0));
    }

    #[test]
    fn socket_addresses_convert() {
        let address: SocketAddr = "[::1]:8080".parse().unwrap();
        assert_eq!(Endpoint::from(address), Endpoint::parse("::1".to_owned(), 8080).unwrap());
        // A link-local address means something on one interface only.
        let address: SocketAddr = "[fe80::1%3]:8080".parse().unwrap();
        assert_eq!(Endpoint::from(address), Endpoint::parse("fe80::1%3".to_owned(), 8080).unwrap());
    }

    #[test]
    fn an_ipv4_peer_has_an_ipv4_address_and_an_ipv6_peer_keeps_its_interface() {
        let check = |peer: &str, expected: &str| {
            let own = own_address(peer.parse().unwrap());
            assert_eq!(own, expected.parse().unwrap(), "{peer}");
        };
        check("127.0.0.1:1", "127.0.0.1:1");
        check("[::ffff:127.0.0.1]:1", "127.0.0.1:1");
        check("[::1]:1", "[::1]:1");
        check("[fe80::1%3]:1", "[fe80::1%3]:1");
    }
}
