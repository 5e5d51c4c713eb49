//! Riemann's client for JavaScript.

use super::riemann::event;
use super::riemann_script::ScriptedClient;
use super::{Exchange, Peer, node};

pub(super) const PEER: Peer = Peer {
    name: "riemann 2.2.0 (npm)",
    available: || node::available("riemann", "2.2.0"),
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

const CLIENT: ScriptedClient =
    ScriptedClient { script: || node::script("riemann.js"), event: numbered };

/// The client sends every metric as `metric_f`.
fn numbered(n: usize) -> String {
    event(&[
        ("time", &(1_700_000_000 + n).to_string()),
        ("state", "\"ok\""),
        ("service", "\"node\""),
        ("host", "\"web-1\""),
        ("description", &format!("\"number {n}, ü\"")),
        ("tags", r#"["a","b"]"#),
        ("ttl", "60.5"),
        ("attributes", r#"[{"key":"k","value":"v"}]"#),
        ("metric_f", &format!("{n}.5")),
    ])
}
