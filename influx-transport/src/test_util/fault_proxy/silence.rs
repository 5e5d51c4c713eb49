//! A port that gives no word to whoever connects.

use std::io;
use std::net::SocketAddr;

use socket2::Socket;
use tokio::net::TcpStream;

use super::bind;

/// A listener whose queue is full: the system drops what further clients send, without a refusal.
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
