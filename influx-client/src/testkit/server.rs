//! The engine behind sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use influx_transport::{Error, HttpServer, Reply, ServerOptions, TcpListener};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::{Answer, Body};
use super::engine::Engine;
use super::udp::UdpPort;

/// An InfluxDB 0.8 on a free port of the loopback interface.
///
/// It runs in tasks of the current tokio runtime and ends when it is dropped.
///
/// ```
/// use influx_client::testkit::Server;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let server = Server::start().await?;
/// server.engine().create_database("metrics");
/// println!("listening on {}", server.url());
/// // ... let the program under test write to `server.dsn("metrics")` ...
/// assert_eq!(server.engine().series("metrics", "cpu"), None);
/// server.shutdown().await;
/// # Ok::<(), influx_transport::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it stops the server"]
pub struct Server {
    engine: Arc<Engine>,
    address: SocketAddr,
    http: HttpServer,
    udp: Option<UdpPort>,
}

/// What a [`Server`] can be told before it starts.
#[derive(Debug)]
pub struct ServerBuilder {
    engine: Engine,
    address: SocketAddr,
    options: ServerOptions,
    udp_database: Option<String>,
}

impl Server {
    /// A server with the defaults of its builder.
    ///
    /// # Errors
    ///
    /// If no port of the loopback interface can be opened.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has started nothing.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// A server with another engine, other time limits or a UDP port.
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            engine: Engine::new(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            options: ServerOptions::default(),
            udp_database: None,
        }
    }

    /// The address of the HTTP port.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The address of the UDP port, if there is one.
    pub fn udp_addr(&self) -> Option<SocketAddr> {
        self.udp.as_ref().map(UdpPort::address)
    }

    /// The address as `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// The address, `root` with its first password, and a database, which need not exist:
    /// `influxdb://root:root@127.0.0.1:port/database`.
    pub fn dsn(&self, database: &str) -> String {
        let escape = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let password = escape(self.engine.root_password());
        format!("influxdb://root:{password}@{}/{}", self.addr(), escape(database))
    }

    /// What the server keeps, to prepare and to inspect it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Stops: finishes the exchanges in progress, for at most 5 s, and closes the ports.
    ///
    /// # Cancel safety
    ///
    /// A dropped future ends the server at once.
    pub async fn shutdown(self) {
        self.http.shutdown().await;
    }
}

impl ServerBuilder {
    /// The engine that answers; the default is [`Engine::new`].
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Where to listen; the default is a free port of 127.0.0.1.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// How long a client may take for a request, and how long a connection may be idle.
    /// The default is 5 s, as in the configuration that comes with 0.8.9.
    #[must_use]
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.options.head_timeout = timeout;
        self.options.body_timeout = timeout;
        self
    }

    /// Opens a UDP port too, on 127.0.0.1, whose points go to this database.
    #[must_use]
    pub fn udp(mut self, database: impl Into<String>) -> Self {
        self.udp_database = Some(database.into());
        self
    }

    /// Starts the server in the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If a port cannot be opened.
    ///
    /// # Cancel safety
    ///
    /// Safe: a dropped future has started nothing.
    pub async fn start(mut self) -> Result<Server, Error> {
        self.options.max_body_size = self.engine.settings.max_body;
        let engine = Arc::new(self.engine);
        let udp = match self.udp_database {
            Some(database) => Some(UdpPort::open(Arc::clone(&engine), database)?),
            None => None,
        };
        let listener = TcpListener::bind(self.address).await?;
        let address = listener.local_addr();
        let handler = Arc::clone(&engine);
        let http = HttpServer::with_options(listener, self.options, move |request| {
            let answer = handler.handle(&request);
            async move {
                match answer {
                    Answer::Drop => None,
                    Answer::Reply(response) => Some(response.map(Reply::from)),
                }
            }
        });
        Ok(Server { engine, address, http, udp })
    }
}

impl From<Body> for Reply {
    fn from(body: Body) -> Self {
        match body {
            Body::Chunks(chunks) => Self::chunks(chunks),
            Body::Full(bytes) => Self::full(bytes),
        }
    }
}
