//! One connection through a fault proxy.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::sleep;

use super::faults::{Counters, Cut, Direction, Plan};

/// Connects a client to the server and forwards until both directions have ended.
pub(super) async fn serve(
    mut client: TcpStream,
    upstream: SocketAddr,
    mut plan: watch::Receiver<Plan>,
    resets: u64,
    counters: watch::Sender<Counters>,
) {
    let Ok(mut server) = TcpStream::connect(upstream).await else {
        reset(&client);
        drop(client);
        counters.send_modify(|counters| counters.closed += 1);
        return;
    };
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let forward = |direction| Forward { direction, plan: plan.clone(), counters: counters.clone() };
    let requests = forward(Direction::ToServer).run(from_client, to_server);
    let answers = forward(Direction::ToClient).run(from_server, to_client);
    let both = async { tokio::try_join!(requests, answers) };
    let in_order = tokio::select! {
        ended = both => matches!(ended, Ok((true, true))),
        _ = plan.wait_for(|plan| plan.resets != resets) => false,
    };
    if !in_order {
        reset(&client);
        reset(&server);
    }
    drop((client, server));
    counters.send_modify(|counters| counters.closed += 1);
}

/// Makes the closing of the socket a reset.
fn reset(stream: &TcpStream) {
    // It fails for a connection that has already ended.
    drop(SockRef::from(stream).set_linger(Some(Duration::ZERO)));
}

/// Forwards one direction of a connection.
struct Forward {
    direction: Direction,
    plan: watch::Receiver<Plan>,
    counters: watch::Sender<Counters>,
}

impl Forward {
    /// Forwards until the end, which it passes on. An error stands for a reset, and false for a
    /// receiver that is gone: its last bytes are still on their way in the other direction.
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<bool> {
        let mut buffer = vec![0; 16 * 1024];
        let mut forwarded = 0;
        loop {
            let faults = self.plan.borrow_and_update().faults.get(self.direction);
            if faults.stalled {
                self.changed().await;
                continue;
            }
            match faults.cut_after(forwarded) {
                Some(Cut::Fin) => {
                    to.shutdown().await?;
                    while from.read(&mut buffer).await? > 0 {}
                    return Ok(true);
                }
                Some(Cut::Reset) => return Err(io::ErrorKind::ConnectionReset.into()),
                None => {}
            }
            let limit = usize::try_from(faults.limit(forwarded)).unwrap_or(usize::MAX);
            let limit = limit.min(buffer.len());
            let size = tokio::select! {
                read = from.read(buffer.get_mut(..limit).unwrap_or_default()) => read?,
                () = self.changed() => continue,
            };
            let Some(bytes @ [_, ..]) = buffer.get_mut(..size) else {
                return Ok(to.shutdown().await.is_ok());
            };
            faults.apply(bytes, forwarded);
            if to.write_all(bytes).await.is_err() {
                return Ok(false);
            }
            forwarded += size as u64;
            self.counters
                .send_modify(|counters| *counters.forwarded.get_mut(self.direction) += size as u64);
            match faults.pause(size as u64) {
                // A reader on this thread gets each portion alone; a timer would take 1 ms.
                Duration::ZERO => tokio::task::yield_now().await,
                pause => sleep(pause).await,
            }
        }
    }

    /// Waits until the plan was changed.
    async fn changed(&mut self) {
        if self.plan.changed().await.is_err() {
            // The proxy was dropped, and this task ends with it.
            std::future::pending::<()>().await;
        }
    }
}
