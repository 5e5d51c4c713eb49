//! A proxy between a client and a server that breaks their connections.

mod connection;
mod faults;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU64;
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use self::faults::{Both, Counters, Cut, Faults, Plan};
pub use self::faults::{Direction, ProxyEvent};
use crate::lock::Lock;

/// A TCP proxy on the loopback interface that breaks the connections that go through it.
///
/// It begins without faults. A fault lasts until [`pass`](Self::pass); several may be combined. The
/// offset of a fault counts from the beginning of each connection, the proxy's counters over all
/// connections. A fault also affects open connections, as soon as the proxy moves their next bytes:
/// to break a connection at an exact byte, order the fault before the connection is opened.
///
/// A test waits for events, never for time: [`wait_for`](Self::wait_for).
///
/// ```
/// use influx_transport::test_util::{Direction, FaultProxy, ProxyEvent, Script, ScriptedServer};
/// use influx_transport::Connect;
/// use influx_transport::tcp::TcpConnector;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let server = ScriptedServer::start([Script::new().read(4).send("pong").read_to_end()]).await?;
/// let proxy = FaultProxy::start(server.local_addr()).await?;
/// proxy.fin_after(Direction::ToClient, 2);
///
/// let mut stream = TcpConnector::from(proxy.local_addr()).connect().await?;
/// stream.write_all(b"ping").await?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
/// assert_eq!(answer, "po");
/// drop(stream);
/// proxy.wait_for(ProxyEvent::Closed(1)).await;
/// assert_eq!((proxy.accepted(), proxy.forwarded(Direction::ToServer)), (1, 4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it closes all connections"]
pub struct FaultProxy {
    local_addr: SocketAddr,
    /// Keeps the port while the proxy does not listen.
    _reservation: Socket,
    listener: watch::Sender<Option<Arc<TcpListener>>>,
    silence: Lock<Option<Silence>>,
    plan: watch::Sender<Plan>,
    counters: watch::Sender<Counters>,
    task: JoinHandle<()>,
}

impl FaultProxy {
    /// Listens on a free port and connects each client to this server.
    ///
    /// # Errors
    ///
    /// The system has no port left.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let reservation = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let local_addr = reservation.local_addr()?.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        let listener = watch::Sender::new(Some(Arc::new(listen(local_addr)?)));
        let plan = watch::Sender::new(Plan::default());
        let counters = watch::Sender::new(Counters::default());
        let run = run(upstream, listener.subscribe(), plan.subscribe(), counters.clone());
        let task = tokio::spawn(run);
        let silence = Lock::default();
        let proxy =
            Self { local_addr, _reservation: reservation, listener, silence, plan, counters, task };
        proxy.until(|counters| counters.listening).await;
        Ok(proxy)
    }

    /// The local address.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Resets all connections that were accepted.
    pub fn reset_all(&self) {
        self.plan.send_modify(|plan| plan.resets += 1);
    }

    /// Resets each connection after this many bytes in this direction. The peers receive those bytes
    /// if they read them at once.
    pub fn reset_after(&self, direction: Direction, bytes: u64) {
        self.change(direction, |faults| faults.cut = Some((bytes, Cut::Reset)));
    }

    /// Closes this direction in order after this many bytes. Further bytes are discarded; the other
    /// direction continues.
    pub fn fin_after(&self, direction: Direction, bytes: u64) {
        self.change(direction, |faults| faults.cut = Some((bytes, Cut::Fin)));
    }

    /// Stops reading in this direction: the sender fills the system's buffers.
    pub fn stall(&self, direction: Direction) {
        self.change(direction, |faults| faults.stalled = true);
    }

    /// Stops reading in both directions and keeps all connections open, as if the peer's cable was
    /// cut. New ones are accepted.
    pub fn blackhole(&self) {
        self.stall(Direction::ToClient);
        self.stall(Direction::ToServer);
    }

    /// Lets this many bytes per second through, at least 1.
    pub fn throttle(&self, direction: Direction, bytes_per_second: u64) {
        self.change(direction, |faults| faults.rate = Some(at_least_1(bytes_per_second)));
    }

    /// Writes at most this many bytes at once, at least 1.
    pub fn chunk(&self, direction: Direction, bytes: u64) {
        self.change(direction, |faults| faults.chunk = Some(at_least_1(bytes)));
    }

    /// Inverts these bits of each connection's byte at this offset.
    pub fn corrupt(&self, direction: Direction, offset: u64, bits: u8) {
        self.change(direction, |faults| faults.corrupt = Some((offset, bits)));
    }

    /// Stops listening: new connections are refused. Accepted ones continue.
    pub async fn refuse(&self) {
        self.keep_silence(None);
        self.listener.send_replace(None);
        self.until(|counters| !counters.listening).await;
    }

    /// Neither accepts nor refuses new connections, like a host that drops all packets. Accepted ones
    /// continue. Known to work on Linux.
    ///
    /// # Errors
    ///
    /// The system does not let it listen.
    pub async fn hang_accept(&self) -> io::Result<()> {
        self.refuse().await;
        self.keep_silence(Some(Silence::start(self.local_addr).await?));
        Ok(())
    }

    /// Ends all faults, and listens again.
    ///
    /// # Errors
    ///
    /// The system does not let it listen.
    pub async fn pass(&self) -> io::Result<()> {
        self.plan.send_modify(|plan| plan.faults = Both::default());
        self.keep_silence(None);
        if self.listener.borrow().is_none() {
            self.listener.send_replace(Some(Arc::new(listen(self.local_addr)?)));
        }
        self.until(|counters| counters.listening).await;
        Ok(())
    }

    /// Waits for this event; not at all if it has already happened.
    ///
    /// # Cancel safety
    ///
    /// Safe.
    pub async fn wait_for(&self, event: ProxyEvent) {
        self.until(|counters| counters.include(event)).await;
    }

    /// The number of accepted connections.
    pub fn accepted(&self) -> u64 {
        self.counters.borrow().accepted
    }

    /// The number of closed connections.
    pub fn closed(&self) -> u64 {
        self.counters.borrow().closed
    }

    /// The number of forwarded bytes in this direction.
    pub fn forwarded(&self, direction: Direction) -> u64 {
        self.counters.borrow().forwarded.get(direction)
    }

    async fn until(&self, condition: impl FnMut(&Counters) -> bool) {
        // It fails only if the proxy's task panicked, which its thread has reported.
        self.counters.subscribe().wait_for(condition).await.ok();
    }

    fn keep_silence(&self, silence: Option<Silence>) {
        *self.silence.lock() = silence;
    }

    fn change(&self, direction: Direction, change: impl FnOnce(&mut Faults)) {
        self.plan.send_modify(|plan| change(plan.faults.get_mut(direction)));
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts clients while there is a listener. Dropping the future closes all connections.
async fn run(
    upstream: SocketAddr,
    mut listener: watch::Receiver<Option<Arc<TcpListener>>>,
    plan: watch::Receiver<Plan>,
    counters: watch::Sender<Counters>,
) {
    let mut connections = JoinSet::new();
    loop {
        let current = listener.borrow_and_update().clone();
        counters.send_modify(|counters| counters.listening = current.is_some());
        let accept = async {
            match &current {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = listener.changed() => if changed.is_err() { return },
            Some(_) = connections.join_next() => {}
            accepted = accept => if let Ok((client, _)) = accepted {
                counters.send_modify(|counters| counters.accepted += 1);
                let resets = plan.borrow().resets;
                let serve = connection::serve(client, upstream, plan.clone(), resets, counters.clone());
                connections.spawn(serve);
            },
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    // Two sockets may have one address as long as only one listens.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = bind(address)?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// A listener with a full queue: the system drops the packets of further clients without a refusal.
#[derive(Debug)]
struct Silence {
    _listener: Socket,
    _queued: TcpStream,
}

impl Silence {
    async fn start(address: SocketAddr) -> io::Result<Self> {
        let listener = bind(address)?;
        // A queue of this length holds one client.
        listener.listen(0)?;
        Ok(Self { _queued: TcpStream::connect(address).await?, _listener: listener })
    }
}

fn at_least_1(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN)
}
