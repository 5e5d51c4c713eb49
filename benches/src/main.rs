//! Our crates and their best peers, measured side by side. `README.md` says how to read the tables.

mod alloc;
mod callgrind;
mod compare;
mod decode;
mod encode;
mod fanout;
mod frame;
mod generate;
mod harness;
mod report;
mod stream;
mod tally;

use std::env;
use std::io::{Error, Result};
use std::path::PathBuf;
use std::process::ExitCode;

use self::alloc::Allocations;
use self::harness::{Case, Measurement, Scale, Workload};
use self::report::Report;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

const USAGE: &str = "\
Usage: influx-benches [CASE]... [OPTION]...

A CASE is a part of the cases' names, such as `decode/cells`; none: all.

  --only NAME   only contenders whose name contains NAME; may be repeated
  --rounds N    how often each contender runs [default: 9]
  --once        only check the contenders, with little data
  --callgrind   count instructions, with little data; needs valgrind
  --out FILE    append the results to a file of comma-separated values
  --compare BEFORE AFTER
                only compare two such files of instructions
  --list        print the names and run nothing
  --help        print this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(&arguments) {
        Ok(options) => options,
        Err(complaint) => {
            eprint!("error: {complaint}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options, &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Options {
    cases: Vec<String>,
    only: Vec<String>,
    rounds: usize,
    mode: Mode,
    out: Option<PathBuf>,
    compared: Option<[PathBuf; 2]>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Mode {
    #[default]
    Measure,
    Once,
    Callgrind,
    List,
}

impl Options {
    fn parse(arguments: &[String]) -> std::result::Result<Self, String> {
        let mut options = Self { rounds: 9, ..Self::default() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| format!("{argument} needs a value after it"));
            match argument.as_str() {
                "--callgrind" => options.mode = Mode::Callgrind,
                "--compare" => options.compared = Some([value()?.into(), value()?.into()]),
                "--list" => options.mode = Mode::List,
                "--once" => options.mode = Mode::Once,
                "--only" => options.only.push(value()?.clone()),
                "--out" => options.out = Some(value()?.into()),
                "--rounds" => {
                    let rounds = value()?.parse().ok().filter(|rounds| *rounds > 0);
                    options.rounds = rounds.ok_or("--rounds needs a number above 0")?;
                }
                option if option.starts_with('-') => {
                    return Err(format!("unknown option {option}"));
                }
                case => options.cases.push(case.to_owned()),
            }
        }
        Ok(options)
    }

    fn selects(&self, case: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|part| case.contains(part))
    }

    fn build(&self, workload: &Workload) -> Case {
        let scale = if self.mode == Mode::Measure { Scale::Full } else { Scale::Small };
        let mut case = (workload.build)(scale);
        if !self.only.is_empty() {
            case.contenders.retain(|one| self.only.iter().any(|part| one.title().contains(part)));
        }
        if self.mode == Mode::Callgrind {
            case.contenders.retain(|one| one.pass.seconds_elsewhere().is_none());
        }
        case
    }
}

fn run(options: &Options, arguments: &[String]) -> Result<()> {
    if let Some([before, after]) = &options.compared {
        return compare::print(before, after);
    }
    let workloads = decode::workloads()
        .chain(encode::workloads())
        .chain(frame::workloads())
        .chain(stream::workloads())
        .chain(fanout::workloads());
    let mut instructions = match options.mode {
        Mode::Callgrind => callgrind::count(&once(arguments))?,
        _ => Vec::new(),
    }
    .into_iter();
    let mut found = false;
    for workload in workloads.filter(|workload| options.selects(&workload.name)) {
        let mut case = options.build(&workload);
        if !case.contenders.is_empty() {
            run_case(options, &workload.name, &mut case, &mut instructions)?;
            found = true;
        }
    }
    if found { Ok(()) } else { Err(Error::other("nothing has these names; --list prints all")) }
}

fn run_case(
    options: &Options,
    name: &str,
    case: &mut Case,
    instructions: &mut impl Iterator<Item = f64>,
) -> Result<()> {
    match options.mode {
        Mode::List => case.contenders.iter().for_each(|one| println!("{name}: {}", one.title())),
        Mode::Once => {
            harness::check(case);
            println!("{name}: {} contenders are correct", case.contenders.len());
        }
        Mode::Callgrind => {
            let count = case.contenders.len();
            let measurements: Vec<_> = instructions.take(count).map(counted).collect();
            if measurements.len() < count {
                return Err(Error::other("callgrind did not see all passes"));
            }
            let report = Report::new(name, case, &measurements);
            report.print_instructions();
            if let Some(path) = &options.out {
                report.append_instructions_to(path)?;
            }
        }
        Mode::Measure => {
            let measurements = harness::measure(case, options.rounds);
            let report = Report::new(name, case, &measurements);
            report.print();
            if let Some(path) = &options.out {
                report.append_to(path)?;
            }
        }
    }
    Ok(())
}

/// The arguments of the run that callgrind watches.
fn once(arguments: &[String]) -> Vec<String> {
    let mode =
        |argument: &String| if argument == "--callgrind" { "--once" } else { argument }.to_owned();
    arguments.iter().map(mode).collect()
}

fn counted(instructions: f64) -> Measurement {
    Measurement { costs: vec![instructions], allocations: Allocations::default() }
}
