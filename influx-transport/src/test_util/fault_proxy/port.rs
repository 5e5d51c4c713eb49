//! The port of a fault proxy: open, closed or silent.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

pub(super) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    // Two sockets may have one address as long as only one listens.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = bind(address)?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// A listener with a full queue: the system drops the packets of further clients without a refusal.
#[derive(Debug)]
pub(super) struct Silence {
    _listener: Socket,
    _queued: TcpStream,
}

impl Silence {
    pub(super) async fn start(address: SocketAddr) -> io::Result<Self> {
        let listener = bind(address)?;
        // A queue of this length holds one client.
        listener.listen(0)?;
        Ok(Self { _queued: TcpStream::connect(address).await?, _listener: listener })
    }
}
