//! The program that a bridge replaces: the `SocketDataFilter` of datalogd 0.4.2, in Python.
//!
//! It runs as a child process, which sends on command and reports its CPU time.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tokio::runtime::{Builder, Runtime};

use super::peers::{Peers, Received};
use super::{Job, messages};
use crate::harness::{Contender, Kind, Pass, Work};

/// Names the interpreter, instead of the one of `cargo xtask interop`.
const INTERPRETER: &str = "DATALOGD_PYTHON";

/// None, and a warning, if this machine lacks it: the benches run without Python.
pub(super) fn contender(job: Job) -> Option<Contender> {
    let python = interpreter();
    if let Some((program, port)) = Program::start(&python, job.peers) {
        let pass = Box::new(Datalogd::connect(program, port, job));
        return Some(Contender {
            kind: Kind::Peer,
            name: "datalogd 0.4.2, a Python process",
            pass,
        });
    }
    eprintln!(
        "WARNING: {} has no datalogd 0.4.2, so nothing is compared with it; \
         `cargo xtask interop` installs it, and {INTERPRETER} can name another interpreter",
        python.display()
    );
    None
}

/// The filter and its peers.
struct Datalogd {
    program: Program,
    /// All but the peer that connected last.
    others: Peers,
    last: Peers,
    job: Job,
    expected: Received,
    runtime: Runtime,
    /// The CPU time of the last pass, as the program says it.
    seconds: f64,
}

impl Datalogd {
    fn connect(program: Program, port: u16, job: Job) -> Self {
        let server = ([127, 0, 0, 1], port).into();
        Self {
            program,
            others: Peers::connect(server, job.peers - 1),
            last: Peers::connect(server, 1),
            job,
            expected: Received::of(messages(job.messages)),
            runtime: Builder::new_current_thread().build().unwrap(),
            seconds: 0.0,
        }
    }
}

impl Work for Datalogd {
    fn run(&mut self, _: Pass) {
        // It writes each delimiter to the peer that connected last, and to no other: the rest
        // receive the same messages with nothing between them.
        let undelimited = self.expected.without_delimiters();
        self.others.read(undelimited.bytes);
        self.last.read(self.expected.bytes);
        writeln!(self.program.commands, "{}", self.job.messages).unwrap();
        self.runtime.block_on(async {
            for _ in 1..self.job.peers {
                assert_eq!(self.others.received().await, undelimited);
            }
            assert_eq!(self.last.received().await, self.expected);
        });
        self.seconds = self.program.answer().parse().unwrap();
    }

    fn seconds_elsewhere(&self) -> Option<f64> {
        Some(self.seconds)
    }
}

/// `peers/socket_data_filter.py`, which ends when this is dropped.
struct Program {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Program {
    /// The program and the port on which it listens.
    fn start(python: &Path, peers: usize) -> Option<(Self, u16)> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/socket_data_filter.py");
        let mut command = Command::new(python);
        command.args([script, &peers.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().ok()?;
        let commands = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut program = Self { process, commands, answers };
        // It says `missing` without datalogd. Under valgrind even a missing interpreter starts.
        let port = program.answer().parse().ok()?;
        Some((program, port))
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn interpreter() -> PathBuf {
    if let Some(interpreter) = env::var_os(INTERPRETER) {
        return interpreter.into();
    }
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"));
    target.join("interop/venv/bin/python")
}
