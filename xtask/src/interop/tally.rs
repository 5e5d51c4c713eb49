//! The counts of an exchange: messages sent, received and equal.

use crate::result::Result;

/// Numbers of messages; a message is equal if it was sent and received in the same place.
#[derive(Debug, PartialEq)]
pub(super) struct Tally {
    pub(super) sent: usize,
    pub(super) received: usize,
    pub(super) equal: usize,
}

impl Tally {
    /// Compares message for message, in order, and shows the first that differs.
    pub(super) fn compare(sent: &[String], received: &[String]) -> Self {
        let pairs = || sent.iter().zip(received);
        if let Some((sent, received)) = pairs().find(|(sent, received)| sent != received) {
            println!("the first that differs\n  sent:     {sent}\n  received: {received}");
        }
        let equal = pairs().filter(|(sent, received)| sent == received).count();
        Self { sent: sent.len(), received: received.len(), equal }
    }

    /// Reads three counts from the last line of a program that compares by itself.
    pub(super) fn read(lines: &[String]) -> Result<Self> {
        let last = lines.last().map_or("", String::as_str);
        let counts: Vec<usize> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
        match counts[..] {
            [sent, received, equal] => Ok(Self { sent, received, equal }),
            _ => Err(format!("the program closed with `{last}`, not with three counts")),
        }
    }

    /// Reads the closing line of a program that checks by itself: `N checks passed`.
    pub(super) fn passed(lines: &[String]) -> Result<Self> {
        let last = lines.last().map_or("", String::as_str);
        let count = last.strip_suffix(" checks passed").and_then(|count| count.parse().ok());
        let count = count.ok_or_else(|| {
            format!("the program closed with `{last}`, not with `N checks passed`")
        })?;
        Ok(Self::of_checks(count))
    }

    /// `count` checks that passed in a program of its own.
    pub(super) fn of_checks(count: usize) -> Self {
        Self { sent: count, received: count, equal: count }
    }

    /// The sum of both.
    pub(super) fn and(self, other: &Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            received: self.received + other.received,
            equal: self.equal + other.equal,
        }
    }

    /// Were there messages, and did exactly these arrive, unchanged?
    pub(super) fn is_good(&self) -> bool {
        self.sent > 0 && self.received == self.sent && self.equal == self.sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sent: &[&str], received: &[&str], equal: usize, is_good: bool) {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let tally = Tally::compare(&texts(sent), &texts(received));
        let counts = Tally { sent: sent.len(), received: received.len(), equal };
        assert_eq!(tally, counts);
        assert_eq!(tally.is_good(), is_good, "{tally:?}");
    }

    #[test]
    fn only_the_same_messages_in_order_are_good() {
        check(&["a", "b"], &["a", "b"], 2, true);
        check(&["a", "b"], &["b", "a"], 0, false);
        check(&["a", "b"], &["a"], 1, false);
        check(&["a"], &["a", "a"], 1, false);
        check(&["a", "b"], &["a", "B"], 1, false);
        check(&[], &[], 0, false);
    }

    #[test]
    fn only_the_closing_line_tells_the_checks_that_passed() {
        let passed = |line: &str| Tally::passed(&["1 checks passed".to_owned(), line.to_owned()]);
        assert_eq!(passed("42 checks passed"), Ok(Tally::of_checks(42)));
        for line in ["", "ok create_database", "checks passed", "42 checks passed, 1 failed"] {
            assert!(passed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn only_the_last_line_counts() {
        let read = |lines: &[&str]| {
            Tally::read(&lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read(&["1 1 1", "3 2 1"]), Ok(Tally { sent: 3, received: 2, equal: 1 }));
        for lines in [&[][..], &["1 1 1", ""], &["1 1"], &["1 1 1 1"], &["Traceback"]] {
            assert!(read(lines).is_err(), "{lines:?}");
        }
    }
}
