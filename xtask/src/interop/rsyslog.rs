//! rsyslog between our sender and our listener.

use std::fs;
use std::process::Command;

use super::messages::json;
use super::ours::{Listener, send_frames};
use super::tally::Tally;
use super::work_folder::{WorkFolder, kept};
use super::{Peer, exchange};
use crate::child::{Child, wait_for};
use crate::process::{capture, execute};
use crate::result::Result;

pub(super) const PEER: Peer = Peer {
    name: "rsyslog",
    available,
    exchanges: &[exchange("us -> rsyslog -> us", "TCP, 0x17", run)],
};

const FRAMING: &str = "delim:0x17";
const COUNT: usize = 10_000;

/// Unpacks the package into a folder once: apt installs only one log daemon, and that is syslog-ng.
fn available() -> Result {
    let folder = kept("rsyslog")?;
    let program = folder.join(PROGRAM);
    if !program.is_file() {
        fs::create_dir_all(&folder).map_err(|error| format!("no {}: {error}", folder.display()))?;
        execute(Command::new("sh").args(["-c", UNPACK]).current_dir(&folder))?;
    }
    // Its libraries come from apt.
    capture(Command::new(program).arg("-v")).map(drop)
}

const PROGRAM: &str = "rsyslogd";

/// Moves the program last: without it, the next run starts again.
const UNPACK: &str = "rm -rf ./* && apt-get download --quiet rsyslog && dpkg-deb -x *.deb all \
    && mv all/usr/lib/*/rsyslog modules && mv all/usr/sbin/rsyslogd . && rm -rf all *.deb";

fn run() -> Result<Tally> {
    let messages = json(COUNT);
    let listener = Listener::receive(FRAMING)?;
    let rsyslog = Rsyslog::before(&listener.port)?;
    send_frames(FRAMING, &rsyslog.port, &messages)?;
    listener.compare(&messages)
}

/// A running rsyslog that passes messages on.
pub(super) struct Rsyslog {
    // Fields are dropped in this order: the program ends before its folder is removed.
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
        // Stays in the foreground and writes no file with its process id.
        let child = Child::start(command.args(["-n", "-i", "NONE"]))?;
        let file = folder.path().join("port");
        let port = wait_for("rsyslog's port", || {
            fs::read_to_string(&file).ok().filter(|port| !port.is_empty())
        })?;
        Ok(Self { _child: child, _folder: folder, port })
    }
}
