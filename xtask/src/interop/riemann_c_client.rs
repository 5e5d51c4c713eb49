//! riemann-c-client, the client of Riemann that is written in C.

use std::process::Command;

use super::messages::lines;
use super::riemann::{Listener, event};
use super::tally::Tally;
use super::work_folder::WorkFolder;
use super::{Peer, exchange, installed};
use crate::child::Child;
use crate::result::Result;

pub(super) const PEER: Peer = Peer {
    name: "riemann-c-client",
    available: || {
        installed("riemann-client", "riemann-c-client")?;
        installed("openssl", "openssl")
    },
    exchanges: &[
        exchange(SENDS, "Riemann over TCP", || {
            send(Listener::start("tcp", &[])?, "tcp", &[], COUNT)
        }),
        // The system surely keeps 200 datagrams while the listener is busy.
        exchange(SENDS, "Riemann over UDP", || send(Listener::start("udp", &[])?, "udp", &[], 200)),
        exchange(SENDS, "Riemann, TLS 1.2", || by_tls("1.2")),
        exchange(SENDS, "Riemann, TLS 1.3", || by_tls("1.3")),
        exchange("its client asks us", "Riemann over TCP", asks),
        exchange("we refuse its client", "Riemann over TCP", refused),
    ],
};

const SENDS: &str = "its client -> us";
const COUNT: usize = 2_000;

/// Both sides have a certificate: without its own, the client does not read the authority's either.
fn by_tls(version: &str) -> Result<Tally> {
    let folder = WorkFolder::new("riemann-c-client")?;
    let listener = Listener::start_tls(&folder)?;
    let file = |name, file| format!("--option={name}={}/{file}", folder.text());
    let options = [
        file("cafile", "ca.pem"),
        file("certfile", "client.pem"),
        file("keyfile", "client.key"),
        format!("--option=priorities=NORMAL:-VERS-ALL:+VERS-TLS{version}"),
    ];
    send(listener, "tls", &options, COUNT)
}

fn send(listener: Listener, way: &str, options: &[String], count: usize) -> Result<Tally> {
    send_to(&listener, way, options, count)?;
    listener.compare(&(0..count).map(sent).collect::<Vec<_>>())
}

/// Starts the client, which sends an event for each line of its input.
fn send_to(listener: &Listener, way: &str, options: &[String], count: usize) -> Result {
    let mut client = Command::new("riemann-client");
    client.arg("send").arg(format!("--{way}")).args(options).args(FIELDS);
    let client = Child::start(client.args(["--stdin", "127.0.0.1", &listener.port]))?;
    let metrics: Vec<String> = (0..count).map(|n| format!("{n}.5 state {n}")).collect();
    client.run(lines(&metrics)).map(drop)
}

/// The client asks for the events that it sent.
fn asks() -> Result<Tally> {
    let listener = Listener::start("tcp", &[])?;
    send_to(&listener, "tcp", &[], COUNT)?;
    let mut client = Command::new("riemann-client");
    client.args(["query", "service = \"c\"", "--json", "127.0.0.1", &listener.port]);
    let answer = Child::start(&mut client)?.run(Vec::new())?.concat();
    let answer = answer.trim_start_matches("[{").trim_end_matches("}]");
    let received: Vec<String> = answer.split("},{").map(str::to_owned).collect();
    Ok(Tally::compare(&(0..COUNT).map(answered).collect::<Vec<_>>(), &received))
}

/// The client prints our reason and exits with status 1.
fn refused() -> Result<Tally> {
    let listener = Listener::start("tcp", &[])?;
    let cases = [
        (["send", "--service=c", "--metric-d=nan"], "the metric of c is NaN"),
        (["query", "tagged \"a\"", "--tcp"], "parse error: tagged \"a\""),
    ];
    let mut received = Vec::new();
    for (arguments, _) in cases {
        let script = "riemann-client \"$@\" 2>&1; echo status $?";
        let mut client = Command::new("sh");
        client.args(["-c", script, "sh"]).args(arguments).args(["127.0.0.1", &listener.port]);
        received.push(Child::start(&mut client)?.run(Vec::new())?.join("; "));
    }
    let refusal = |(_, reason)| format!("Message receipt failed: {reason}; status 1");
    Ok(Tally::compare(&cases.map(refusal), &received))
}

const FIELDS: [&str; 5] =
    ["--service=c", "--host=web-1", "--description=a \"quoted\" ü", "--tag=a", "--attribute=k=v"];

fn sent(n: usize) -> String {
    event(&[
        ("state", &format!("\"state {n}\"")),
        ("service", "\"c\""),
        ("host", "\"web-1\""),
        ("description", r#""a \"quoted\" ü""#),
        ("tags", r#"["a"]"#),
        (
            "attributes",
            r#"[{"key":"x-client","value":"riemann-c-client"},{"key":"k","value":"v"}]"#,
        ),
        ("metric_d", &format!("{n}.5")),
    ])
}

/// The same event as the client prints it, without the braces.
fn answered(n: usize) -> String {
    let about = r#""service":"c","host":"web-1","description":"a \"quoted\" ü""#;
    let tags = r#""tags":["a"],"attributes":{"x-client":"riemann-c-client","k":"v"}"#;
    format!(r#""state":"state {n}",{about},"metric_d":{n}.5,{tags}"#)
}
