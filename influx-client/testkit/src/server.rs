//! The server: its start, its addresses, its data, its end.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use influx_transport::Error;
use influx_transport::http::{HttpServer, HttpServerOptions};
use influx_transport::tcp::TcpListener;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::calls::{Shared, Stats};
use crate::cut::CutListener;
use crate::udp::UdpPort;
use crate::{Body, Data, Face, Fault, Injected, Limits, Options, StoredPoint};

/// An embedded server. It runs in tasks of the current tokio runtime, and dropping it stops it.
///
/// ```
/// use influx_testkit::{Face, Server};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let server = Server::start(Face::V08).await?;
/// server.create_database("metrics");
/// // ... let the program under test write to `server.dsn("metrics")` ...
/// assert_eq!(server.count("metrics"), 0);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "dropping it stops the server"]
pub struct Server {
    shared: Arc<Shared>,
    local_addr: SocketAddr,
    http: HttpServer,
    udp: Option<UdpPort>,
    seed: u64,
}

impl Server {
    /// Starts an empty server on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// If no port can be opened.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its I/O and time drivers.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has started nothing.
    pub async fn start(face: Face) -> io::Result<Self> {
        Self::start_with(face, Options::default()).await
    }

    /// Starts a server with these options.
    ///
    /// # Errors
    ///
    /// - The error of the system if an address is not free, or not an address of this machine.
    /// - [`io::ErrorKind::InvalidInput`] if the data is that of another face.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its I/O and time drivers.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has started nothing.
    pub async fn start_with(face: Face, options: Options) -> io::Result<Self> {
        let engine = (face.engine)(&options).ok_or_else(|| {
            let text = format!("the data is not that of a server of face {}", face.name);
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        let listener = TcpListener::bind(options.address).await.map_err(io_error)?;
        let local_addr = listener.local_addr();
        let shared = Arc::new(Shared::new(engine));
        let udp = match options.udp_database {
            Some(database) => {
                let shared = Arc::clone(&shared);
                let handle = move |datagram: &[u8]| shared.handle_datagram(&database, datagram);
                Some(UdpPort::open(options.udp_address, handle).map_err(io_error)?)
            }
            None => None,
        };
        let listener = CutListener { listener, cuts: shared.cuts.clone() };
        let handler = Arc::clone(&shared);
        let http =
            HttpServer::with_options(listener, server_options(options.limits), move |request| {
                Arc::clone(&handler).answer(request)
            });
        Ok(Self { shared, local_addr, http, udp, seed: options.seed })
    }

    /// The address for HTTP.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The address for datagrams, if there is one.
    pub fn udp_local_addr(&self) -> Option<SocketAddr> {
        self.udp.as_ref().map(UdpPort::local_addr)
    }

    /// The address as a URL without credentials: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.reachable())
    }

    /// The DSN of a database, which need not exist, with the credentials of the administrator:
    /// `influxdb08://root:root@127.0.0.1:PORT/database`.
    pub fn dsn(&self, database: &str) -> String {
        self.dsn_of(self.shared.engine.access().scheme, database)
    }

    /// As [`dsn`](Self::dsn), for clients that know no digits of a dialect:
    /// `influxdb://root:root@127.0.0.1:PORT/database`.
    pub fn plain_dsn(&self, database: &str) -> String {
        self.dsn_of("influxdb", database)
    }

    fn dsn_of(&self, scheme: &str, database: &str) -> String {
        let access = self.shared.engine.access();
        let [user, password, database] = [&access.user, &access.password, database]
            .map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        format!("{scheme}://{user}:{password}@{}/{database}", self.reachable())
    }

    // A server that listens on every address is reachable on the loopback interface.
    fn reachable(&self) -> SocketAddr {
        let ip = match self.local_addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        (ip, self.local_addr.port()).into()
    }

    /// Adds a fault; see [`Fault`] for the calls that it applies to.
    pub fn inject(&self, fault: Fault) -> Injected {
        self.shared.faults.add(fault)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// The seed of the orders that a real server leaves to chance; see [`Options::seed`].
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The calls, faults and datagrams so far.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Carries out a request without sockets and faults. `None` stands for a connection that is
    /// closed without an answer.
    ///
    /// The path must be as a client sends it, with its escapes. The answer to `HEAD` has no body,
    /// but the `Content-Length` of the body that `GET` would have.
    pub fn handle(&self, request: &Request<Bytes>) -> Option<Response<Body>> {
        self.shared.handle(request)
    }

    /// Takes a datagram for a database without a socket.
    pub fn handle_datagram(&self, database: &str, datagram: &[u8]) {
        self.shared.handle_datagram(database, datagram);
    }

    /// Creates a database; returns whether it is new.
    pub fn create_database(&self, name: &str) -> bool {
        self.shared.engine.create_database(name)
    }

    /// The names of the databases, sorted.
    pub fn databases(&self) -> Vec<String> {
        self.shared.engine.databases()
    }

    /// The names of the series of a database, sorted. Without the database there are none.
    pub fn series_names(&self, database: &str) -> Vec<String> {
        self.shared.engine.series_names(database)
    }

    /// The points of a series, the oldest first. Without the series there are none.
    pub fn points(&self, database: &str, series: &str) -> Vec<StoredPoint> {
        self.shared.engine.points(database, series)
    }

    /// The number of points in all series of a database. Without the database it is 0.
    pub fn count(&self, database: &str) -> usize {
        self.shared.engine.count(database)
    }

    /// Stops the server and returns its data: closes the ports and finishes the exchanges in
    /// progress, for at most [`stop_timeout`](Limits::stop_timeout). Another server can be started
    /// at the same address then.
    ///
    /// # Cancel safety
    ///
    /// Not safe: a dropped future stops the server at once, and its data is lost.
    pub async fn stop(self) -> Data {
        self.http.shutdown().await;
        if let Some(udp) = self.udp {
            udp.close().await;
        }
        self.shared.engine.take_data()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("local_addr", &self.local_addr)
            .field("databases", &self.databases())
            .field("seed", &self.seed)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

fn server_options(limits: Limits) -> HttpServerOptions {
    let mut options = HttpServerOptions::default();
    options.head_timeout = limits.request_timeout;
    options.body_timeout = limits.request_timeout;
    options.max_head = limits.max_head;
    options.max_body = limits.max_body;
    options.max_connections = limits.max_connections;
    options.shutdown_timeout = limits.stop_timeout;
    options
}

fn io_error(error: Error) -> io::Error {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    io::Error::new(source.map_or(io::ErrorKind::Other, io::Error::kind), error)
}
