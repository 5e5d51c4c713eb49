//! From a configuration to a transport and a target.

use std::sync::Arc;

use influx_proto::{Auth, Target};
use influx_transport::http::{HttpOptions, HttpTransport};
use influx_transport::tcp::{TcpConnector, TcpOptions};
#[cfg(feature = "tls")]
use influx_transport::tls::{TlsAuthorities, TlsConnector, TlsIdentity, TlsOptions};
use influx_transport::{BoxTransport, Connect, Endpoint};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

#[cfg(unix)]
use influx_transport::unix::{UnixConnector, UnixOptions};

use crate::config::{Dialect, Host, Limits, Policy, Protocol, Timeouts, Tls, is_host};
use crate::exchange;
use crate::unanswered::LineStream;
use crate::{Config, ConfigError, Error};

/// The values of a dialect where a configuration says nothing.
pub(crate) struct Defaults {
    pub(crate) dialect: Dialect,
    pub(crate) port: u16,
    pub(crate) auth: Auth,
}

/// Refuses settings that no client can use.
pub(crate) fn check(config: &Config, defaults: &Defaults) -> Result<(), ConfigError> {
    let useless = |setting, reason| Err(ConfigError::Useless { setting, reason });
    if let Some(named) = config.dialect.filter(|named| *named != defaults.dialect) {
        let client = defaults.dialect.name();
        return Err(ConfigError::Dialect { named: named.name(), client });
    }
    if config.hosts.len() > 1 {
        return useless("host", "names several servers, but this client serves one");
    }
    if config.policy != Policy::default() || config.answers != 0 {
        return useless("policy", "is for several servers");
    }
    if config.write.gzip && !cfg!(feature = "gzip") {
        return Err(ConfigError::Feature { setting: "gzip=true", feature: "gzip" });
    }
    if !matches!(config.protocol, Protocol::Https | Protocol::Tls) {
        refuse(tls_settings(config), "needs an encrypted connection, as by https+influxdb://")?;
    }
    let Tls { certificate, key, server_name, .. } = &config.tls;
    if server_name.as_ref().is_some_and(|name| !is_host(name)) {
        let reason = "must be a host name or an address";
        return Err(ConfigError::Value { key: "tls_server_name", reason });
    }
    if certificate.is_some() != key.is_some() {
        return useless("tls_certificate", "needs `tls_key`, and the other way round");
    }
    Ok(())
}

/// Settings by their names, each with whether it differs from its default.
type Changes<const N: usize> = [(&'static str, bool); N];

/// Refuses the first setting that was changed.
fn refuse<const N: usize>(changes: Changes<N>, reason: &'static str) -> Result<(), ConfigError> {
    match changes.into_iter().find(|(_, is_changed)| *is_changed) {
        Some((setting, _)) => Err(ConfigError::Useless { setting, reason }),
        None => Ok(()),
    }
}

fn tls_settings(config: &Config) -> Changes<4> {
    let Tls { ca, certificate, key, server_name } = &config.tls;
    [
        ("tls_ca", ca.is_some()),
        ("tls_certificate", certificate.is_some()),
        ("tls_key", key.is_some()),
        ("tls_server_name", server_name.is_some()),
    ]
}

/// The limits of a connection to an address that has been looked up.
fn connection_limits(config: &Config) -> Changes<6> {
    let (found, default) = (&config.timeouts, Timeouts::default());
    [
        ("connect_timeout", found.connect != default.connect),
        ("handshake_timeout", found.handshake != default.handshake),
        ("send_timeout", found.send != default.send),
        ("response_timeout", found.response != default.response),
        ("body_timeout", found.body != default.body),
        ("min_body_rate", config.limits.min_body_rate != Limits::default().min_body_rate),
    ]
}

/// Refuses settings that only a transport of this crate has.
pub(crate) fn check_own_transport(config: &Config) -> Result<(), ConfigError> {
    if matches!(config.protocol, Protocol::Udp | Protocol::Tcp | Protocol::Tls) {
        return Err(write_only());
    }
    let reason = "has no effect on a transport of your own";
    refuse([("resolve_timeout", config.timeouts.resolve != Timeouts::default().resolve)], reason)?;
    refuse(connection_limits(config), reason)?;
    refuse(tls_settings(config), reason)
}

/// Refuses settings that have no effect on datagrams.
pub(crate) fn check_datagrams(config: &Config) -> Result<(), ConfigError> {
    let reason = "has no effect on datagrams";
    let default = Config::default();
    refuse(connection_limits(config), reason)?;
    refuse(
        [
            ("call_timeout", config.timeouts.call != default.timeouts.call),
            ("attempts", config.retry != default.retry),
            ("gzip", config.write.gzip),
            ("max_points", config.write.max_points != default.write.max_points),
            ("max_request", config.limits.max_request != default.limits.max_request),
            ("max_response", config.limits.max_response != default.limits.max_response),
            ("max_values", config.limits.max_values != default.limits.max_values),
            ("prefix", !config.prefix.is_empty()),
        ],
        reason,
    )
}

fn write_only() -> ConfigError {
    let reason = "is for writing only: a client needs influxdb:// or https+influxdb://, \
                  a writer without answers is the type UdpWriter or LineWriter";
    ConfigError::Malformed { part: "scheme", reason }
}

/// A pooling HTTP transport to the configured server. Opens nothing.
pub(crate) fn http(config: &Config, defaults: &Defaults) -> Result<exchange::HttpTransport, Error> {
    match config.protocol {
        Protocol::Http => Ok(pooled(config, tcp(config, defaults)?)),
        #[cfg(feature = "tls")]
        Protocol::Https => Ok(pooled(config, tls(config, defaults)?)),
        #[cfg(not(feature = "tls"))]
        Protocol::Https => Err(missing_tls("https+influxdb://")),
        #[cfg(unix)]
        Protocol::Unix => Ok(pooled(config, unix(config))),
        #[cfg(not(unix))]
        Protocol::Unix => Err(missing_unix()),
        Protocol::Udp | Protocol::Tcp | Protocol::Tls => Err(write_only().into()),
    }
}

/// A stream of lines to the configured listener. Opens nothing.
pub(crate) fn line_stream(config: &Config, defaults: &Defaults) -> Result<LineStream, Error> {
    let reason = "has no effect on a stream without answers";
    let (found, default) = (config, Config::default());
    refuse(
        [
            ("response_timeout", found.timeouts.response != default.timeouts.response),
            ("body_timeout", found.timeouts.body != default.timeouts.body),
            ("attempts", found.retry != default.retry),
            ("gzip", found.write.gzip),
            ("max_response", found.limits.max_response != default.limits.max_response),
            ("prefix", !found.prefix.is_empty()),
        ],
        reason,
    )?;
    let has_port = config.hosts.first().is_some_and(|host| host.port.is_some());
    if config.protocol != Protocol::Unix && !has_port {
        let reason = "is missing, and streams of lines have no usual one";
        return Err(ConfigError::Malformed { part: "port", reason }.into());
    }
    let host = host_text(config, defaults);
    match config.protocol {
        Protocol::Tcp => Ok(LineStream::new(config, host, tcp(config, defaults)?)),
        #[cfg(feature = "tls")]
        Protocol::Tls => Ok(LineStream::new(config, host, tls(config, defaults)?)),
        #[cfg(not(feature = "tls"))]
        Protocol::Tls => Err(missing_tls("tls+influxdb://")),
        #[cfg(unix)]
        Protocol::Unix => Ok(LineStream::new(config, host, unix(config))),
        #[cfg(not(unix))]
        Protocol::Unix => Err(missing_unix()),
        Protocol::Http | Protocol::Https | Protocol::Udp => {
            let reason = "is not one of a stream without answers";
            Err(ConfigError::Malformed { part: "scheme", reason }.into())
        }
    }
}

#[cfg(not(feature = "tls"))]
fn missing_tls(setting: &'static str) -> Error {
    ConfigError::Feature { setting, feature: "tls" }.into()
}

#[cfg(not(unix))]
fn missing_unix() -> Error {
    let reason = "needs a system with Unix sockets";
    ConfigError::Malformed { part: "scheme", reason }.into()
}

#[cfg(feature = "tls")]
fn tls(config: &Config, defaults: &Defaults) -> Result<TlsConnector<TcpConnector>, Error> {
    let Tls { ca, certificate, key, server_name } = &config.tls;
    let mut options = TlsOptions::default();
    options.handshake_timeout = config.timeouts.handshake;
    if let Some(ca) = ca {
        let hint = "let tls_ca name a readable PEM file with the certificates of authorities";
        let authorities = TlsAuthorities::from_file(ca);
        let authorities = authorities.map_err(|error| Error::from(error).with_hint(hint))?;
        options.authorities = Some(authorities);
    }
    if let (Some(certificate), Some(key)) = (certificate, key) {
        let identity = TlsIdentity::from_files(certificate, key).map_err(|error| {
            let [certificate, key] = [certificate, key].map(|path| path.display());
            Error::from(error).with_hint(format!(
                "let tls_certificate name a readable PEM file with the client's chain, now \
                 {certificate}, and tls_key one with its private key without a passphrase, now {key}"
            ))
        });
        options.identity = Some(identity?);
    }
    options.server_name.clone_from(server_name);
    TlsConnector::with_options(tcp(config, defaults)?, options).map_err(|error| {
        Error::from(error)
            .with_hint("install the package ca-certificates, or name an authority by tls_ca")
    })
}

#[cfg(unix)]
fn unix(config: &Config) -> UnixConnector {
    let path = config.hosts.first().map_or("", |host| &host.name);
    let mut options = UnixOptions::default();
    options.connect_timeout = config.timeouts.connect;
    UnixConnector::with_options(path, options)
}

fn tcp(config: &Config, defaults: &Defaults) -> Result<TcpConnector, Error> {
    let (host, port) = address(config, defaults);
    let mut options = TcpOptions::default();
    options.resolve_timeout = config.timeouts.resolve;
    options.connect_timeout = config.timeouts.connect;
    Ok(TcpConnector::with_options(Endpoint::new(host, port)?, options))
}

fn pooled(config: &Config, connector: impl Connect) -> exchange::HttpTransport {
    let mut options = HttpOptions::default();
    options.send_timeout = config.timeouts.send;
    options.response_timeout = config.timeouts.response;
    options.body_timeout = config.timeouts.body;
    options.min_body_rate = config.limits.min_body_rate;
    BoxTransport::new(HttpTransport::with_options(connector, options))
}

/// The first host, and its port or that of the dialect.
pub(crate) fn address<'a>(config: &'a Config, defaults: &Defaults) -> (&'a str, u16) {
    let port = config.hosts.first().and_then(|host| host.port).unwrap_or(defaults.port);
    (config.hosts.first().map_or("localhost", |host| &host.name), port)
}

/// The server in the words of errors: `host:port`, or the path of a socket.
pub(crate) fn host_text(config: &Config, defaults: &Defaults) -> Arc<str> {
    let (name, port) = address(config, defaults);
    match config.protocol {
        Protocol::Unix => Arc::from(name),
        _ => Host { name: name.to_owned(), port: Some(port) }.to_string().into(),
    }
}

/// The server in the words of an error about the configuration. A text that cannot be a host may
/// be a password, and is not shown.
pub(crate) fn named_host(config: &Config, defaults: &Defaults) -> Option<Arc<str>> {
    let (name, _) = address(config, defaults);
    let can_be_shown = config.protocol == Protocol::Unix || is_host(name);
    can_be_shown.then(|| host_text(config, defaults))
}

/// The address that requests carry, and the credentials.
pub(crate) fn target(config: &Config, defaults: &Defaults) -> Result<Target, Error> {
    let (name, port) = address(config, defaults);
    let prefix = utf8_percent_encode(&config.prefix, NOT_IN_PATH);
    let base = match config.protocol {
        // The host of a request over a Unix socket means nothing.
        Protocol::Unix => format!("http://localhost{prefix}"),
        _ if !is_host(name) => {
            let reason = "must be a name or an address, without scheme, port and path";
            return Err(ConfigError::Malformed { part: "host", reason }.into());
        }
        protocol => {
            let scheme = if protocol == Protocol::Https { "https" } else { "http" };
            // A zone says which of this machine's interfaces to use; it means nothing to the
            // server.
            let (name, _zone) = name.split_once('%').unwrap_or((name, ""));
            let name = if name.contains(':') { format!("[{name}]") } else { name.to_owned() };
            format!("{scheme}://{name}:{port}{prefix}")
        }
    };
    let malformed = |_| ConfigError::Value { key: "prefix", reason: "is not a path" };
    let target = Target::new(base.parse().map_err(malformed)?)?;
    Ok(target.with_auth(config.auth.clone().unwrap_or_else(|| defaults.auth.clone())))
}

/// The characters that RFC 3986 does not allow in a path, and `%`.
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
