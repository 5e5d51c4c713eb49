//! datalogd's `SocketDataFilter` and whoever else reads what a bridge sends.

use super::messages::json_objects;
use super::rsyslog::Rsyslog;
use super::tally::Tally;
use super::{Exchange, Peer, bash, bridge, gawk, python};
use crate::Result;
use crate::child::Child;

pub(super) const PEER: Peer = Peer {
    name: "datalogd 0.4.2 (Python)",
    available: || {
        python::available("datalogd", "0.4.2")?;
        (super::rsyslog::PEER.available)()
    },
    exchanges: &[
        Exchange {
            direction: "client -> our server",
            transport: TRANSPORT,
            run: || {
                let (us, port) = bridge::listen(1)?;
                compare(client(&port)?, us)
            },
        },
        Exchange {
            direction: "our server -> client",
            transport: TRANSPORT,
            run: || {
                let (us, port) = bridge::listen(1)?;
                compare(us, client(&port)?)
            },
        },
        Exchange {
            direction: "server -> our client",
            transport: TRANSPORT,
            run: || {
                let (datalogd, port) = server()?;
                compare(datalogd, bridge::connect(&port)?)
            },
        },
        Exchange {
            direction: "our client -> server",
            transport: TRANSPORT,
            run: || {
                let (datalogd, port) = server()?;
                compare(bridge::connect(&port)?, datalogd)
            },
        },
        Exchange {
            direction: "it -> rsyslog -> us",
            transport: TRANSPORT,
            run: || {
                let (us, port) = bridge::listen(1)?;
                let rsyslog = Rsyslog::before(&port)?;
                compare(client(&rsyslog.port)?, us)
            },
        },
        Exchange {
            direction: "us -> rsyslog -> it",
            transport: TRANSPORT,
            run: || {
                let (datalogd, port) = server()?;
                let rsyslog = Rsyslog::before(&port)?;
                compare(bridge::connect(&rsyslog.port)?, datalogd)
            },
        },
    ],
};

/// What a bridge sends to two readers at once.
pub(super) const READERS: Peer = Peer {
    name: "gawk and bash",
    available: || {
        (gawk::PEER.available)()?;
        (bash::PEER.available)()
    },
    exchanges: &[Exchange {
        direction: "our server -> both",
        transport: TRANSPORT,
        run: || {
            let messages = json_objects(READ);
            let (us, port) = bridge::listen(2)?;
            let readers = [gawk::reader(&port)?, bash::reader(&port)?];
            us.run(super::messages::lines(&messages))?;
            let received = readers.map(|reader| reader.lines(READ));
            let [gawk, bash] =
                received.map(|lines| Ok::<_, String>(Tally::compare(&messages, &lines?)));
            Ok(gawk?.and(&bash?))
        },
    }],
};

const TRANSPORT: &str = "TCP, 0x17, JSON";
const COUNT: usize = 10_000;

/// bash reads a byte at a time.
const READ: usize = 2_000;

fn compare(sender: Child, receiver: Child) -> Result<Tally> {
    let messages = json_objects(COUNT);
    Ok(Tally::compare(&messages, &bridge::pass(sender, receiver, &messages)?))
}

fn client(port: &str) -> Result<Child> {
    Child::start(python::script("socket_data_filter.py")?.args(["client", port]))
}

fn server() -> Result<(Child, String)> {
    let mut child = Child::start(python::script("socket_data_filter.py")?.args(["server", "0"]))?;
    let port = child.port()?;
    Ok((child, port))
}
