//! The scheme of a DSN: the carrier of the calls, and the dialect.

use super::{ConfigError, Dialect};

/// The carrier of the calls.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Protocol {
    /// HTTP.
    #[default]
    Http,
    /// HTTP over TLS.
    Https,
    /// HTTP over a Unix socket, whose path is the host.
    Unix,
    /// Datagrams, for writing only.
    Udp,
    /// A byte stream, for writing only.
    Tcp,
    /// A byte stream over TLS, for writing only.
    Tls,
}

impl Protocol {
    const ALL: [Self; 6] = [Self::Http, Self::Https, Self::Unix, Self::Udp, Self::Tcp, Self::Tls];

    /// The word before the `+` of a scheme.
    pub(super) fn transport(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Unix => "unix",
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

/// A scheme that has been read.
pub(super) struct Scheme {
    pub(super) protocol: Protocol,
    pub(super) dialect: Option<Dialect>,
    /// The port of a plain URL; the path of such an address is a prefix.
    pub(super) url_port: Option<u16>,
}

/// The scheme and what stands behind its `://`.
pub(super) fn read_scheme(dsn: &str) -> Result<(Scheme, &str), ConfigError> {
    let (text, rest) = dsn.split_once("://").unwrap_or((dsn, ""));
    let Some(scheme) = read(&text.to_ascii_lowercase()) else {
        // A text that does not end in `://` may be a user, a password or a token.
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let found = text.len() < dsn.len() && text.len() <= 32 && text.chars().all(is_scheme);
        let scheme = if found { text.to_owned() } else { String::new() };
        return Err(ConfigError::UnknownScheme { scheme });
    };
    if !dsn.contains("://") {
        let reason = "must be followed by ://";
        return Err(ConfigError::Malformed { part: "scheme", reason });
    }
    Ok((scheme, rest))
}

fn read(scheme: &str) -> Option<Scheme> {
    let url = |protocol, port| Some(Scheme { protocol, dialect: None, url_port: Some(port) });
    let (transport, name) = match scheme {
        "http" => return url(Protocol::Http, 80),
        "https" => return url(Protocol::Https, 443),
        _ => scheme.split_once('+').unwrap_or(("http", scheme)),
    };
    let protocol = Protocol::ALL.into_iter().find(|protocol| protocol.transport() == transport)?;
    let dialect = match name.strip_prefix("influxdb")? {
        "" => None,
        digits => Some(Dialect::from_digits(digits)?),
    };
    Some(Scheme { protocol, dialect, url_port: None })
}
