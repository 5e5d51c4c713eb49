//! Measures contenders side by side: in rounds, in rotating order, by the thread's CPU time.

use std::time::Duration;

use cpu_time::ThreadTime;
use tokio::time::sleep;

use crate::alloc::{self, Allocations};

/// A named case, whose data is made only when it is selected.
pub(crate) struct Workload {
    /// A path such as `proto/decode/cells/200x1000`.
    pub(crate) name: String,
    pub(crate) build: Box<dyn Fn(Scale) -> Case>,
}

/// The amount of data of a case.
#[derive(Clone, Copy)]
pub(crate) enum Scale {
    Full,
    /// Enough for a smoke test, and for an instruction count, which does not scatter.
    Small,
}

impl Scale {
    /// The most points of a case.
    pub(crate) fn points(self) -> usize {
        match self {
            Self::Full => 200_000,
            Self::Small => 5_000,
        }
    }
}

/// One set of data and its contenders.
pub(crate) struct Case {
    /// The bytes read or written in one pass.
    pub(crate) bytes: usize,
    /// The points read or written in one pass.
    pub(crate) points: usize,
    pub(crate) contenders: Vec<Contender>,
}

pub(crate) struct Contender {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) pass: Box<dyn Work>,
}

/// The work of a contender: mostly a closure, whose cost is this thread's CPU time.
pub(crate) trait Work {
    /// Works on all of the case's data once.
    fn run(&mut self, pass: Pass);

    /// The CPU time of the last pass if it is not that of this thread: another process did the work,
    /// or not all of it counts. Such a pass cannot be counted in instructions.
    fn seconds_elsewhere(&self) -> Option<f64> {
        None
    }
}

impl<F: FnMut(Pass)> Work for F {
    fn run(&mut self, pass: Pass) {
        self(pass);
    }
}

impl Contender {
    /// The name in tables and records.
    pub(crate) fn title(&self) -> String {
        let suffix = if self.kind == Kind::TimedPeer { " + a pending timer" } else { "" };
        format!("{}{suffix}", self.name)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A part of the work that cannot be left out. A case's first is the reference of `x limit`.
    Limit,
    /// Another project's crate.
    Peer,
    /// The same while a timer is pending, which makes every wait of the runtime dearer.
    TimedPeer,
    Ours,
    /// Ours with time limits, so with a pending timer: its peers are the [`Kind::TimedPeer`]s.
    TimedOurs,
}

/// Runs the work, beside a pending timer for a [`Kind::TimedPeer`].
pub(crate) async fn with_timer<T>(kind: Kind, work: impl Future<Output = T>) -> T {
    let timer = (kind == Kind::TimedPeer).then(|| tokio::spawn(sleep(Duration::from_secs(30))));
    let result = work.await;
    if let Some(timer) = timer {
        timer.abort();
    }
    result
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pass {
    /// Every value is compared with the data it came from. A contender that is wrong panics.
    Checked,
    /// The work alone.
    Timed,
}

/// The costs of a contender's passes.
pub(crate) struct Measurement {
    /// Seconds of CPU time or instructions, one number for each round.
    pub(crate) costs: Vec<f64>,
    pub(crate) allocations: Allocations,
}

/// Checks every contender once.
pub(crate) fn check(case: &mut Case) {
    for contender in &mut case.contenders {
        contender.pass.run(Pass::Checked);
        if contender.pass.seconds_elsewhere().is_none() {
            measured(&mut *contender.pass);
        }
    }
}

/// Checks every contender, then measures them in interleaved rounds, in the order of the case.
pub(crate) fn measure(case: &mut Case, rounds: usize) -> Vec<Measurement> {
    let contenders = &mut case.contenders;
    let mut measurements: Vec<Measurement> = contenders
        .iter_mut()
        .map(|Contender { pass, .. }| {
            pass.run(Pass::Checked);
            let allocations = alloc::count(|| pass.run(Pass::Timed));
            Measurement { costs: Vec::with_capacity(rounds), allocations }
        })
        .collect();
    for round in 0..rounds {
        // Rotated, so that the first place and slow moments of the machine go round.
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let work = &mut *contenders[index].pass;
            let start = ThreadTime::now();
            measured(work);
            let here = start.elapsed().as_secs_f64();
            measurements[index].costs.push(work.seconds_elsewhere().unwrap_or(here));
        }
    }
    measurements
}

/// Callgrind counts inside of this function, which it knows by its name.
#[inline(never)]
fn measured(work: &mut dyn Work) {
    work.run(Pass::Timed);
}
