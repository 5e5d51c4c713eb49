//! From a configuration to a transport and a target.

use influx_proto::Target;
use influx_transport::{HttpOptions, HttpTransport, TcpConnector};

use crate::config::Protocol;
use crate::{Config, ConfigError, Error};

/// How this client dials.
pub type Connector = TcpConnector;

/// A pooling HTTP transport to the configured server. Opens nothing yet.
pub(crate) fn http(config: &Config) -> Result<HttpTransport<Connector>, Error> {
    let reason = match config.protocol() {
        Protocol::Http => {
            let connector = TcpConnector::new(config.host(), config.port())?
                .connect_timeout(config.settings.connect_timeout);
            let mut options = HttpOptions::default();
            options.response_timeout = config.settings.timeout;
            return Ok(HttpTransport::with_options(connector, options));
        }
        Protocol::Https => "this build has no TLS",
        Protocol::Udp => "datagrams carry no answer: use UdpWriter, or influxdb:// for a client",
    };
    Err(ConfigError::Malformed { part: "scheme", reason }.into())
}

/// The address that requests carry, and the credentials.
pub(crate) fn target(config: &Config) -> Result<Target, Error> {
    let scheme = match config.protocol() {
        Protocol::Https => "https",
        _ => "http",
    };
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
