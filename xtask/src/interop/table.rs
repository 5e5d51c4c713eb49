//! The table at the end, and the verdict for the build.

use super::tally::Tally;
use crate::result::Result;

/// The outcome of one exchange with a peer.
pub(super) struct Row {
    pub(super) peer: &'static str,
    pub(super) direction: &'static str,
    pub(super) transport: &'static str,
    pub(super) outcome: Outcome,
}

#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Failed(String),
    Ran(Tally),
    Skipped(String),
}

/// The rows as text, a line each.
pub(super) fn text(rows: &[Row]) -> String {
    let title = ["peer", "direction", "transport", "sent", "received", "equal", "result"];
    let title = title.map(str::to_owned);
    std::iter::once(title).chain(rows.iter().map(Row::cells)).map(line).collect()
}

/// An error unless all exchanges are good. A skipped one is bad where everything must run.
pub(super) fn verdict(rows: &[Row], must_run: bool) -> Result {
    let bad = rows.iter().filter(|row| row.outcome.is_bad(must_run)).count();
    match bad {
        0 => Ok(()),
        _ => Err(format!("{bad} of {} exchanges failed, or are missing where CI=true", rows.len())),
    }
}

impl Row {
    fn cells(&self) -> [String; 7] {
        let (tally, result) = match &self.outcome {
            Outcome::Failed(failure) => (None, format!("FAILED: {}", first_line(failure))),
            Outcome::Ran(tally) if tally.is_good() => (Some(tally), "ok".to_owned()),
            Outcome::Ran(tally) => (Some(tally), "FAILED: not all arrived as they were".to_owned()),
            Outcome::Skipped(missing) => (None, format!("SKIPPED: {}", first_line(missing))),
        };
        let count = |count: fn(&Tally) -> usize| {
            tally.map_or_else(String::new, |tally| count(tally).to_string())
        };
        [
            self.peer.to_owned(),
            self.direction.to_owned(),
            self.transport.to_owned(),
            count(|tally| tally.sent),
            count(|tally| tally.received),
            count(|tally| tally.equal),
            result,
        ]
    }
}

impl Outcome {
    fn is_bad(&self, must_run: bool) -> bool {
        match self {
            Self::Failed(_) => true,
            Self::Ran(tally) => !tally.is_good(),
            Self::Skipped(_) => must_run,
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn line([peer, direction, transport, sent, received, equal, result]: [String; 7]) -> String {
    format!(
        "{peer:<26} | {direction:<26} | {transport:<18} | {sent:>6} | {received:>8} | {equal:>6} | {result}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `line` is the end of the row's text.
    fn check(outcome: Outcome, line: &str, is_bad: bool, is_bad_in_ci: bool) {
        let rows = [Row { peer: "a peer", direction: "it -> us", transport: "TCP", outcome }];
        let text = text(&rows);
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("a peer ") && last.ends_with(line), "{last}");
        let verdicts = (verdict(&rows, false).is_err(), verdict(&rows, true).is_err());
        assert_eq!(verdicts, (is_bad, is_bad_in_ci), "{line}");
    }

    #[test]
    fn only_an_exchange_in_which_all_arrived_is_good() {
        let ran = |sent, received, equal| Outcome::Ran(Tally { sent, received, equal });
        check(ran(3, 3, 3), "|      3 |        3 |      3 | ok", false, false);
        let failure = "FAILED: not all arrived as they were";
        check(ran(3, 2, 2), &format!("|      3 |        2 |      2 | {failure}"), true, true);
        check(Outcome::Failed("refused\nat once".into()), "| FAILED: refused", true, true);
    }

    #[test]
    fn a_skipped_exchange_is_bad_only_in_ci() {
        check(Outcome::Skipped("no gawk".into()), "| SKIPPED: no gawk", false, true);
    }

    #[test]
    fn the_verdict_counts() {
        let row = |outcome| Row { peer: "a", direction: "b", transport: "c", outcome };
        let good = row(Outcome::Ran(Tally::of_checks(1)));
        let bad = || row(Outcome::Failed(String::new()));
        let failure = verdict(&[good, bad(), bad()], false).unwrap_err();
        assert!(failure.starts_with("2 of 3 exchanges failed"), "{failure}");
    }
}
