//! datalogd's `SocketDataFilter` and other readers of a bridge.

use super::messages::{json_objects, lines};
use super::rsyslog::Rsyslog;
use super::tally::Tally;
use super::{Peer, exchange, ours, python, shells};
use crate::child::Child;
use crate::result::Result;

pub(super) const PEER: Peer = Peer {
    name: "datalogd 0.4.2 (Python)",
    available: || {
        python::available("datalogd", "0.4.2")?;
        (super::rsyslog::PEER.available)()
    },
    exchanges: &[
        exchange("client -> our server", TRANSPORT, || {
            let (us, port) = ours::bridge(1)?;
            compare(client(&port)?, us)
        }),
        exchange("our server -> client", TRANSPORT, || {
            let (us, port) = ours::bridge(1)?;
            compare(us, client(&port)?)
        }),
        exchange("server -> our client", TRANSPORT, || {
            let (datalogd, port) = server()?;
            compare(datalogd, ours::bridge_to(&port)?)
        }),
        exchange("our client -> server", TRANSPORT, || {
            let (datalogd, port) = server()?;
            compare(ours::bridge_to(&port)?, datalogd)
        }),
        exchange("it -> rsyslog -> us", TRANSPORT, || {
            let (us, port) = ours::bridge(1)?;
            let rsyslog = Rsyslog::before(&port)?;
            compare(client(&rsyslog.port)?, us)
        }),
        exchange("us -> rsyslog -> it", TRANSPORT, || {
            let (datalogd, port) = server()?;
            let rsyslog = Rsyslog::before(&port)?;
            compare(ours::bridge_to(&rsyslog.port)?, datalogd)
        }),
    ],
};

/// Two readers of one bridge.
pub(super) const READERS: Peer = Peer {
    name: "gawk and bash",
    available: || {
        (shells::GAWK.available)()?;
        (shells::BASH.available)()
    },
    exchanges: &[exchange("our server -> both", TRANSPORT, || {
        let messages = json_objects(READ);
        let (us, port) = ours::bridge(2)?;
        let readers =
            [shells::gawk(shells::GAWK_READS, &port)?, shells::bash(shells::BASH_READS, &port)?];
        us.run(lines(&messages))?;
        let [gawk, bash] = readers.map(|reader| reader.lines(READ));
        Ok(Tally::compare(&messages, &gawk?).and(&Tally::compare(&messages, &bash?)))
    })],
};

const TRANSPORT: &str = "TCP, 0x17, JSON";
const COUNT: usize = 10_000;

/// bash reads a byte at a time.
const READ: usize = 2_000;

fn compare(sender: Child, receiver: Child) -> Result<Tally> {
    let messages = json_objects(COUNT);
    sender.run(lines(&messages))?;
    Ok(Tally::compare(&messages, &receiver.lines(COUNT)?))
}

fn client(port: &str) -> Result<Child> {
    Child::start(python::script("socket_data_filter.py")?.args(["client", port]))
}

fn server() -> Result<(Child, String)> {
    let mut child = Child::start(python::script("socket_data_filter.py")?.args(["server", "0"]))?;
    let port = child.port()?;
    Ok((child, port))
}
