//! Finds the addresses of a host.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::lookup_host;

use crate::connect::deadline;
use crate::{Endpoint, Error, ErrorKind, Phase};

/// All addresses of a host in the system's order; an address stands for itself.
pub(crate) async fn resolve(
    endpoint: &Endpoint,
    limit: Duration,
) -> Result<Vec<SocketAddr>, Error> {
    let (host, port) = (endpoint.host(), endpoint.port());
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    deadline(limit, Phase::Resolve, endpoint, async {
        match lookup_host((host, port)).await {
            Ok(addresses) => Ok(addresses.collect()),
            Err(error) => Err(Error::new(ErrorKind::Io, Phase::Resolve)
                .with_endpoint(endpoint)
                .with_source(error)),
        }
    })
    .await
}
