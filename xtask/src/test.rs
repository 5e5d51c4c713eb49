//! `cargo xtask test`: every test of the workspace, and the total of all results at the end.

use std::time::Instant;

use crate::process::execute_lines;
use crate::result::Result;
use crate::workspace::cargo;

pub(crate) fn run(arguments: &[String]) -> Result {
    let started = Instant::now();
    let mut totals = Totals::default();
    // Without --no-fail-fast, the total would not include the tests after the first failure.
    let mut test = cargo(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    let outcome = execute_lines(test.args(arguments), |line| totals.add(line));
    println!("\nafter {:.1} s", started.elapsed().as_secs_f64());
    println!("{} passed, {} failed", totals.passed, totals.failed);
    outcome?;
    totals.verdict()
}

/// The sum of the lines `test result: ok. 3 passed; 0 failed; 0 ignored; ...`.
#[derive(Debug, Default, PartialEq)]
struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Totals {
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let words: Vec<&str> = result.split([' ', ';']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let [count, what] = pair else { continue };
            let Ok(count) = count.parse::<u64>() else { continue };
            match *what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }

    fn verdict(&self) -> Result {
        match self {
            Self { failed: 1.., .. } => Err(format!("{} tests failed", self.failed)),
            Self { ignored: 1.., .. } => {
                Err(format!("{} tests are ignored; an ignored test checks nothing", self.ignored))
            }
            Self { passed: 0, .. } => Err("no test ran".to_owned()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(lines: &[&str]) -> Totals {
        let mut totals = Totals::default();
        for line in lines {
            totals.add(line);
        }
        totals
    }

    #[test]
    fn results_add_up() {
        let totals = total(&[
            "running 5 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test a::b ... FAILED",
            "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 4 filtered out; finished in 1.00s",
            "note: test result: ok. 100 passed; 0 failed",
        ]);
        assert_eq!(totals, Totals { passed: 15, failed: 2, ignored: 1 });
    }

    #[test]
    fn only_a_run_with_tests_and_without_gaps_is_good() {
        let check = |line: &str, expected: Result<(), &str>| {
            assert_eq!(total(&[line]).verdict(), expected.map_err(str::to_owned), "{line}");
        };
        check("test result: ok. 1 passed; 0 failed; 0 ignored", Ok(()));
        check("test result: ok. 0 passed; 0 failed; 0 ignored", Err("no test ran"));
        check("", Err("no test ran"));
        check("test result: FAILED. 1 passed; 2 failed; 1 ignored", Err("2 tests failed"));
        check(
            "test result: ok. 1 passed; 0 failed; 3 ignored",
            Err("3 tests are ignored; an ignored test checks nothing"),
        );
    }
}
