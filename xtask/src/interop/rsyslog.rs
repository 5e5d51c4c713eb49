//! rsyslog between our sender and our listener.

use std::fs;
use std::process::Command;

use super::frames::{self, Listener};
use super::messages::json;
use super::tally::Tally;
use super::work_folder::{WorkFolder, kept};
use super::{Exchange, Peer};
use crate::Result;
use crate::child::{Child, wait_for};
use crate::process::{capture, execute};

pub(super) const PEER: Peer = Peer {
    name: "rsyslog",
    available,
    exchanges: &[Exchange { direction: "us -> rsyslog -> us", transport: "TCP, 0x17", run }],
};

const FRAMING: &str = "delim:0x17";
const COUNT: usize = 10_000;

/// apt installs one log daemon only, and syslog-ng is a peer too: rsyslog's package is therefore
/// unpacked into a folder of its own, once.
fn available() -> Result {
    let folder = kept("rsyslog")?;
    let program = folder.join(PROGRAM);
    if !program.is_file() {
        fs::create_dir_all(&folder).map_err(|error| format!("no {}: {error}", folder.display()))?;
        execute(Command::new("sh").args(["-c", UNPACK]).current_dir(&folder))?;
    }
    // It also needs libraries, which apt must have installed.
    capture(Command::new(program).arg("-v")).map(drop)
}

const PROGRAM: &str = "rsyslogd";

/// The program comes last: where it is missing, all is done again.
const UNPACK: &str = "rm -rf ./* && apt-get download --quiet rsyslog && dpkg-deb -x *.deb all \
    && mv all/usr/lib/*/rsyslog modules && mv all/usr/sbin/rsyslogd . && rm -rf all *.deb";

fn run() -> Result<Tally> {
    let messages = json(COUNT);
    let listener = Listener::receive(FRAMING)?;
    let rsyslog = Rsyslog::before(&listener.port)?;
    frames::send(FRAMING, &rsyslog.port, &messages)?;
    listener.compare(&messages)
}

/// A running rsyslog that passes messages on.
pub(super) struct Rsyslog {
    // In this order, the program has ended when its folder is removed.
    _child: Child,
    _folder: WorkFolder,
    pub(super) port: String,
}

impl Rsyslog {
    /// Passes messages on to this port.
    pub(super) fn before(port: &str) -> Result<Self> {
        let folder = WorkFolder::new("rsyslog")?;
        let values = [("folder", &*folder.text()), ("port", port)];
        let config = include_str!("../../interop/rsyslog.conf");
        let config = folder.write("rsyslog.conf", config, &values)?;
        let program = kept("rsyslog")?;
        let mut command = Command::new(program.join(PROGRAM));
        command.arg("-M").arg(program.join("modules")).arg("-f").arg(config);
        // In the foreground and without a file for its process id.
        let child = Child::start(command.args(["-n", "-i", "NONE"]))?;
        let file = folder.path().join("port");
        let port = wait_for("rsyslog's port", || {
            fs::read_to_string(&file).ok().filter(|port| !port.is_empty())
        })?;
        Ok(Self { _child: child, _folder: folder, port })
    }
}
