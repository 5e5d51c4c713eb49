//! From a configuration to a transport and a target.

use bytes::Bytes;
use http::{Request, Response};
use influx_proto::Target;
use influx_transport::{Body, BoxTransport, Connect, HttpOptions, HttpTransport, TcpConnector};
#[cfg(feature = "tls")]
use influx_transport::{TlsConnector, TlsOptions};

use crate::config::{Protocol, is_host};
use crate::{Config, ConfigError, Error};

/// A pooling HTTP transport to the configured server. Opens nothing yet.
pub(crate) fn http(config: &Config) -> Result<BoxTransport<Request<Bytes>, Response<Body>>, Error> {
    let encryption = [
        ("tls_ca", &config.settings.tls_ca),
        ("tls_server_name", &config.settings.tls_server_name),
    ];
    if config.protocol() != Protocol::Https
        && let Some((key, _)) = encryption.into_iter().find(|(_, value)| value.is_some())
    {
        return Err(ConfigError::Value { key, reason: "needs https+influxdb://" }.into());
    }
    match config.protocol() {
        Protocol::Http => Ok(pooled(config, tcp(config)?)),
        Protocol::Https => https(config),
        Protocol::Udp => Err(ConfigError::Malformed {
            part: "scheme",
            reason: "is for datagrams, which have no answer: \
                     use UdpWriter, or influxdb:// for a client",
        }
        .into()),
    }
}

#[cfg(feature = "tls")]
fn https(config: &Config) -> Result<BoxTransport<Request<Bytes>, Response<Body>>, Error> {
    let mut options = TlsOptions::default().handshake_timeout(config.settings.connect_timeout);
    let unusable = |key, reason| move |_| ConfigError::Value { key, reason };
    if let Some(path) = &config.settings.tls_ca {
        let reason = "must be a readable file with certificates in the PEM format";
        options = options.ca_file(path).map_err(unusable("tls_ca", reason))?;
    }
    if let Some(name) = &config.settings.tls_server_name {
        let reason = "must be a host name or an address";
        options = options.server_name(name).map_err(unusable("tls_server_name", reason))?;
    }
    Ok(pooled(config, TlsConnector::with_options(tcp(config)?, options)?))
}

#[cfg(not(feature = "tls"))]
fn https(_config: &Config) -> Result<BoxTransport<Request<Bytes>, Response<Body>>, Error> {
    let reason = "needs TLS: build influx-client with its feature `tls`";
    Err(ConfigError::Malformed { part: "scheme", reason }.into())
}

fn tcp(config: &Config) -> Result<TcpConnector, Error> {
    let connector = TcpConnector::new(config.host(), config.port())?;
    let limit = config.settings.connect_timeout;
    Ok(connector.resolve_timeout(limit).connect_timeout(limit))
}

fn pooled(
    config: &Config,
    connector: impl Connect,
) -> BoxTransport<Request<Bytes>, Response<Body>> {
    let mut options = HttpOptions::default();
    options.response_timeout = config.settings.timeout;
    options.body_timeout = config.settings.body_timeout;
    BoxTransport::new(HttpTransport::with_options(connector, options))
}

/// The address that requests carry, and the credentials.
pub(crate) fn target(config: &Config) -> Result<Target, Error> {
    let scheme = match config.protocol() {
        Protocol::Https => "https",
        _ => "http",
    };
    if !is_host(config.host()) {
        let reason = "must be a name or an address, without scheme, port and path";
        return Err(ConfigError::Malformed { part: "host", reason }.into());
    }
    // A zone says which of this machine's interfaces to use; it means nothing to the server.
    let (host, _zone) = config.host().split_once('%').unwrap_or((config.host(), ""));
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let base = format!("{scheme}://{host}:{}", config.port());
    let malformed = |_| ConfigError::Malformed { part: "host", reason: "is not a host name" };
    let target = Target::new(base.parse().map_err(malformed)?)?
        .with_placement(config.settings.credential_placement);
    Ok(match config.credentials() {
        Some(credentials) => target.with_credentials(credentials.clone()),
        None => target,
    })
}
