//! Riemann's client for Ruby.

use std::process::Command;

use super::riemann::event;
use super::riemann_script::ScriptedClient;
use super::{Exchange, Peer, installed};
use crate::Result;
use crate::process::capture;
use crate::workspace::root;

pub(super) const PEER: Peer = Peer {
    name: "ruby-riemann-client",
    available,
    exchanges: &[
        Exchange {
            direction: "its client -> us",
            transport: "Riemann over TCP",
            run: || CLIENT.by_tcp(),
        },
        Exchange {
            direction: "its client -> us",
            transport: "Riemann over UDP",
            run: || CLIENT.by_udp(),
        },
        Exchange {
            direction: "its client asks us",
            transport: "Riemann over TCP",
            run: || CLIENT.asks(),
        },
    ],
};

const CLIENT: ScriptedClient = ScriptedClient { script: || Ok(script()), event: numbered };

fn available() -> Result {
    installed("ruby", "ruby")?;
    let library = capture(Command::new("ruby").args(["-e", "require 'riemann/client'"]));
    library.map(drop).map_err(|error| {
        format!("there is no library; it is in the Debian package ruby-riemann-client\n{error}")
    })
}

fn script() -> Command {
    let mut ruby = Command::new("ruby");
    ruby.arg(root().join("xtask/interop/riemann.rb"));
    ruby
}

/// The client sends every metric as `metric_f` too, for old servers.
fn numbered(n: usize) -> String {
    let metric = format!("{:?}", f64::from(u32::try_from(n).unwrap_or_default()) / 8.0);
    event(&[
        ("time", &(1_700_000_000 + n).to_string()),
        ("state", "\"ok\""),
        ("service", "\"ruby\""),
        ("host", "\"web-1\""),
        ("description", &format!("\"number {n}, ü\"")),
        ("tags", r#"["a","b"]"#),
        ("ttl", "60.0"),
        ("attributes", r#"[{"key":"k","value":"v"}]"#),
        ("metric_d", &metric),
        ("metric_f", &metric),
    ])
}
