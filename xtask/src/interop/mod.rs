//! `cargo xtask interop`: other people's programs against ours.
//!
//! A peer that is not installed is skipped loudly; where `CI=true`, that is a failure.

mod carbon;
mod collectd;
mod datalogd;
mod framings;
mod influxdb;
mod messages;
mod node;
mod ours;
mod ports;
mod python;
mod riemann;
mod riemann_c_client;
mod riemann_scripts;
mod rsyslog;
mod shells;
mod syslog;
mod syslog_ng;
mod table;
mod tally;
mod work_folder;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::result::Result;
use table::{Outcome, Row};
use tally::Tally;

/// All peers, in the order in which they run.
const PEERS: &[Peer] = &[
    shells::GAWK,
    shells::BASH,
    rsyslog::PEER,
    carbon::PEER,
    datalogd::PEER,
    datalogd::READERS,
    riemann_c_client::PEER,
    riemann_scripts::RUBY,
    riemann_scripts::NODE,
    collectd::PEER,
    syslog_ng::PEER,
    syslog::LOGGER,
    syslog::SYSLOG_NG,
    framings::PEER,
    python::PEER,
    influxdb::PEER,
];

/// Someone else's program that exchanges messages with ours.
struct Peer {
    name: &'static str,
    /// Makes the peer ready to run; the error says what to install.
    available: fn() -> Result,
    exchanges: &'static [Exchange],
}

/// Messages between a peer and us in one direction.
struct Exchange {
    /// The sender and the receiver, as in `gawk -> us`.
    direction: &'static str,
    transport: &'static str,
    run: fn() -> Result<Tally>,
}

pub(crate) fn run() -> Result {
    let must_run = std::env::var("CI").is_ok_and(|value| value == "true");
    let started = Instant::now();
    let rows: Vec<Row> = PEERS.iter().flat_map(rows).collect();
    print!("\n{}", table::text(&rows));
    println!("after {:.1} s", started.elapsed().as_secs_f64());
    table::verdict(&rows, must_run)
}

/// An exchange in a table.
const fn exchange(
    direction: &'static str,
    transport: &'static str,
    run: fn() -> Result<Tally>,
) -> Exchange {
    Exchange { direction, transport, run }
}

/// Runs all exchanges with a peer.
fn rows(peer: &Peer) -> Vec<Row> {
    println!("\n--- {} ---", peer.name);
    let available = (peer.available)();
    if let Err(missing) = &available {
        println!("!!! SKIPPED: {missing}");
    }
    let run = |exchange: &Exchange| match &available {
        Err(missing) => Outcome::Skipped(missing.clone()),
        Ok(()) => (exchange.run)().map_or_else(failed, Outcome::Ran),
    };
    let row = |exchange: &Exchange| Row {
        peer: peer.name,
        direction: exchange.direction,
        transport: exchange.transport,
        outcome: run(exchange),
    };
    peer.exchanges.iter().map(row).collect()
}

/// Prints all of a failure: the table shows only its first line.
fn failed(failure: String) -> Outcome {
    println!("!!! FAILED: {failure}");
    Outcome::Failed(failure)
}

/// Looks for a program; the error names its Debian package.
fn installed(program: &str, package: &str) -> Result {
    let missing = || format!("there is no {program}; it is in the Debian package {package}");
    find(program).map(drop).ok_or_else(missing)
}

/// A program that is installed, to be started.
fn daemon(program: &str) -> Command {
    find(program).map_or_else(|| Command::new(program), Command::new)
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Daemons stand in a folder that is only in root's PATH.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCHANGES: &[Exchange] = &[
        exchange("it -> us", "TCP", || Ok(Tally::of_checks(3))),
        exchange("us -> it", "TCP", || Err("refused".into())),
    ];

    fn check(available: fn() -> Result, expected: &[(&str, Outcome)]) {
        let rows = rows(&Peer { name: "a peer", available, exchanges: EXCHANGES });
        let found = rows.into_iter().map(|row| (row.direction, row.outcome));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_exchange_has_a_row_whether_it_runs_or_not() {
        let ran = Outcome::Ran(Tally::of_checks(3));
        let failed = Outcome::Failed("refused".to_owned());
        check(|| Ok(()), &[("it -> us", ran), ("us -> it", failed)]);
        let skipped = || Outcome::Skipped("no gawk".to_owned());
        check(|| Err("no gawk".into()), &[("it -> us", skipped()), ("us -> it", skipped())]);
    }

    #[test]
    fn a_missing_program_is_named_with_its_package() {
        assert_eq!(installed("sh", "dash"), Ok(()));
        let missing = "there is no such-program; it is in the Debian package such-package";
        assert_eq!(installed("such-program", "such-package"), Err(missing.to_owned()));
    }
}
