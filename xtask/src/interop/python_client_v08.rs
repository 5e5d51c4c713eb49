//! The official Python client of InfluxDB 0.8 against our embedded server.

use super::examples::example;
use super::tally::Tally;
use super::{Exchange, Peer, python};
use crate::Result;
use crate::child::Child;

pub(super) const PEER: Peer = Peer {
    name: "influxdb 5.3.2 (Python)",
    available: || python::available("influxdb", "5.3.2"),
    exchanges: &[Exchange { direction: "its client -> our server", transport: "HTTP", run }],
};

fn run() -> Result<Tally> {
    // It serves until its input ends.
    let mut server = Child::start(&mut example("serve_v08")?)?;
    let mut script = python::script("python_client_v08.py")?;
    let lines = Child::start(script.arg(server.address()?))?.run(Vec::new())?;
    server.run(Vec::new())?;
    passed(lines.last().map_or("", String::as_str)).map(Tally::of_checks)
}

/// Reads the script's closing line.
fn passed(line: &str) -> Result<usize> {
    let count = line.strip_suffix(" checks passed").and_then(|count| count.parse().ok());
    count.ok_or_else(|| format!("the script closed with `{line}`, not with `N checks passed`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_closing_line_counts() {
        assert_eq!(passed("42 checks passed"), Ok(42));
        for line in ["", "ok create_database", "checks passed", "42 checks passed, 1 failed"] {
            assert!(passed(line).is_err(), "{line}");
        }
    }
}
