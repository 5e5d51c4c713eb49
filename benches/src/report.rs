//! Results, as a table for people and as lines for the record.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use crate::harness::{Case, Kind, Measurement};

/// The costs of one case's contenders, in relation to one another.
pub(crate) struct Report<'a> {
    name: &'a str,
    case: &'a Case,
    measurements: &'a [Measurement],
    best_peer: Option<usize>,
    best_timed_peer: Option<usize>,
    limit: Option<usize>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(name: &'a str, case: &'a Case, measurements: &'a [Measurement]) -> Self {
        let of = |kind| (0..measurements.len()).filter(move |&i| case.contenders[i].kind == kind);
        let cost = |index: &usize| median(measurements[*index].costs.iter().copied());
        let best = |kind| of(kind).min_by(|a, b| cost(a).total_cmp(&cost(b)));
        let (best_peer, best_timed_peer) = (best(Kind::Peer), best(Kind::TimedPeer));
        let limit = of(Kind::Limit).next();
        Self { name, case, measurements, best_peer, best_timed_peer, limit }
    }

    /// Prints the table of a run by the clock.
    pub(crate) fn print(&self) {
        let (bytes, points) = (self.case.bytes, self.case.points);
        println!("\n{}: {bytes} bytes, {points} points", self.name);
        let head = ["MB/s", "ns/point", "allocs/point", "peak KiB"];
        self.print_table(&head, |index| {
            let line = self.line(index);
            vec![
                format!("{:.0}", bytes as f64 / line.nanoseconds_a_point / points as f64 * 1e3),
                format!("{:.1}", line.nanoseconds_a_point),
                format!("{:.3}", line.allocations_a_point),
                (line.peak >> 10).to_string(),
            ]
        });
    }

    /// Prints the table of a run that counted instructions.
    pub(crate) fn print_instructions(&self) {
        println!("\n{}: instructions", self.name);
        self.print_table(&["instr/point"], |index| {
            let cost = median(self.measurements[index].costs.iter().copied());
            vec![format!("{:.1}", cost / self.case.points as f64)]
        });
    }

    /// Appends one line for each contender to a file of comma-separated values.
    pub(crate) fn append_to(&self, path: &Path) -> io::Result<()> {
        let mut file = open(path, HEAD)?;
        let (date, machine) = (today()?, machine());
        for (index, contender) in self.case.contenders.iter().enumerate() {
            let Line { nanoseconds_a_point, allocations_a_point, peak } = self.line(index);
            write!(file, "{date},\"{machine}\",{},\"{}\",", self.name, contender.title())?;
            write!(file, "{nanoseconds_a_point:.1},{allocations_a_point:.4},{peak},")?;
            let [best_peer, limit] = self.ratios(index);
            writeln!(file, "{best_peer},{limit}")?;
        }
        Ok(())
    }

    /// Appends the lines of a run that counted instructions.
    pub(crate) fn append_instructions_to(&self, path: &Path) -> io::Result<()> {
        let mut file = open(path, "case,contender,instructions_per_point")?;
        for (contender, measurement) in self.case.contenders.iter().zip(self.measurements) {
            let cost = median(measurement.costs.iter().copied()) / self.case.points as f64;
            writeln!(file, "{},\"{}\",{cost:.1}", self.name, contender.title())?;
        }
        Ok(())
    }

    fn print_table(&self, head: &[&str], cells: impl Fn(usize) -> Vec<String>) {
        let line = |kind: &str, name: &str, cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| format!("{cell:>12}")).collect();
            println!("| {kind:<5} | {name:<50} | {} |", cells.join(" | "));
        };
        let ratios = ["x best peer", "x limit"];
        let titles: Vec<_> = head.iter().chain(&ratios).map(|&title| title.to_owned()).collect();
        line("", "", &titles);
        println!("|-------|-{:-<50}-{}|", "", "|-------------:".repeat(titles.len()));
        for (index, contender) in self.case.contenders.iter().enumerate() {
            let mut cells = cells(index);
            cells.extend(self.ratios(index));
            let kind = match contender.kind {
                Kind::Limit => "limit",
                Kind::Peer | Kind::TimedPeer => "peer",
                Kind::Ours | Kind::TimedOurs => "OURS",
            };
            line(kind, &contender.title(), &cells);
        }
    }

    fn line(&self, index: usize) -> Line {
        let Measurement { costs, allocations } = &self.measurements[index];
        let points = self.case.points as f64;
        Line {
            nanoseconds_a_point: median(costs.iter().copied()) * 1e9 / points,
            allocations_a_point: allocations.count as f64 / points,
            peak: allocations.peak,
        }
    }

    /// The speed of a contender in relation to its best peer and to the limit.
    fn ratios(&self, index: usize) -> [String; 2] {
        let costs = |index: usize| self.measurements[index].costs.iter();
        let best_peer = match self.case.contenders[index].kind {
            Kind::TimedOurs => self.best_timed_peer,
            _ => self.best_peer,
        };
        [best_peer, self.limit].map(|other| {
            let Some(other) = other else { return String::new() };
            // Round by round: a slow moment of the machine slows down both.
            let ratios = costs(other).zip(costs(index)).map(|(other, own)| other / own);
            format!("{:.2}", median(ratios))
        })
    }
}

struct Line {
    nanoseconds_a_point: f64,
    allocations_a_point: f64,
    /// In bytes.
    peak: usize,
}

const HEAD: &str = "date,machine,case,contender,ns_per_point,allocations_per_point,peak_bytes,\
                    x_best_peer,x_limit";

/// Opens the file to append to it; a new one begins with `head`.
fn open(path: &Path, head: &str) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    if file.metadata()?.len() == 0 {
        writeln!(file, "{head}")?;
    }
    Ok(file)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

fn today() -> io::Result<String> {
    let output = Command::new("date").args(["-u", "+%F"]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// The processor's name, where the system tells it.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or("unknown", |(_, name)| name).to_owned()
}
