//! Our side of the exchanges with clients of Riemann: the example `riemann_peer` of influx-transport.

use std::ffi::OsString;

use super::ours::example;
use super::tally::Tally;
use super::work_folder::WorkFolder;
use crate::child::Child;
use crate::result::Result;

/// The example listening on a free port of loopback.
pub(super) struct Listener {
    child: Child,
    pub(super) port: String,
}

impl Listener {
    /// Listens by `tcp`, `udp` or `tls`.
    pub(super) fn start(way: &str, options: &[OsString]) -> Result<Self> {
        let mut program = example("riemann_peer")?;
        let mut child = Child::start(program.args(["listen", way, "127.0.0.1:0"]).args(options))?;
        let port = child.port()?;
        Ok(Self { child, port })
    }

    /// Listens by TLS to clients with a certificate. Puts `ca.pem`, `client.pem` and
    /// `client.key` into the folder.
    pub(super) fn start_tls(folder: &WorkFolder) -> Result<Self> {
        folder.certificates()?;
        let options = [("cert", "server.pem"), ("key", "server.key"), ("ca", "ca.pem")];
        let option = |(name, file)| format!("--{name}={}/{file}", folder.text()).into();
        Self::start("tls", &options.map(option))
    }

    /// Compares the events that come with those that were sent.
    pub(super) fn compare(self, sent: &[String]) -> Result<Tally> {
        let mut received = self.child.lines(sent.len())?;
        // The example ends with a summary.
        if received.last().is_some_and(|line| line.starts_with("messages: ")) {
            received.pop();
        }
        Ok(Tally::compare(sent, &received))
    }
}

/// An event as the example prints it: these fields with their JSON, all others absent.
pub(super) fn event(fields: &[(&str, &str)]) -> String {
    let member = |(name, absent): &(&str, &str)| {
        let field = fields.iter().find(|(given, _)| given == name);
        format!("\"{name}\":{}", field.map_or(*absent, |(_, json)| json))
    };
    format!("{{{}}}", FIELDS.iter().map(member).collect::<Vec<_>>().join(","))
}

/// The fields of an event, each with the value that stands for an absent one.
const FIELDS: &[(&str, &str)] = &[
    ("time", "null"),
    ("state", "null"),
    ("service", "null"),
    ("host", "null"),
    ("description", "null"),
    ("tags", "[]"),
    ("ttl", "null"),
    ("attributes", "[]"),
    ("time_micros", "null"),
    ("metric_sint64", "null"),
    ("metric_d", "null"),
    ("metric_f", "null"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_all_fields_in_order() {
        let text = r#"{"time":1,"state":null,"service":"a","host":null,"description":null,"tags":[],"ttl":null,"attributes":[],"time_micros":null,"metric_sint64":null,"metric_d":0.5,"metric_f":null}"#;
        assert_eq!(event(&[("metric_d", "0.5"), ("service", "\"a\""), ("time", "1")]), text);
    }
}
