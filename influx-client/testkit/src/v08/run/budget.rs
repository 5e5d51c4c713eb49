//! The limits of one query.

use std::cell::Cell;

use super::block::Row;
use crate::v08::refusal::Refusal;
use crate::{Limits, StoredValue};

/// The work of a query so far, within its limits.
pub(super) struct Budget {
    limits: Limits,
    read: Cell<usize>,
    rows: Cell<usize>,
    values: Cell<usize>,
    bytes: Cell<usize>,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        let zero = || Cell::new(0);
        Self { limits, read: zero(), rows: zero(), values: zero(), bytes: zero() }
    }

    /// Counts values before they are read, and places where they could be.
    pub(super) fn read(&self, values: usize) -> Result<(), Refusal> {
        charge(&self.read, values, self.limits.max_values, "reads", "values")
    }

    /// Checks that rows of this number of columns would fit, before functions make them.
    pub(super) fn fits(&self, rows: usize, columns: usize) -> Result<(), Refusal> {
        let copy = |spent: &Cell<usize>| Cell::new(spent.get());
        let values = rows.saturating_mul(width(columns));
        charge(&copy(&self.rows), rows, self.limits.max_rows, "answers", "rows")?;
        charge(&copy(&self.values), values, self.limits.max_values, "answers", "values")
    }

    /// Counts a row that functions have made.
    pub(super) fn computed(&self, row: &Row) -> Result<(), Refusal> {
        charge(&self.rows, 1, self.limits.max_rows, "answers", "rows")?;
        self.row(row)
    }

    /// Counts the values of a row.
    pub(super) fn row(&self, row: &Row) -> Result<(), Refusal> {
        let columns = row.values.len();
        let added = width(columns);
        charge(&self.values, added, self.limits.max_values, "answers", "values")?;
        let texts = row.values.iter().filter_map(StoredValue::as_str).map(str::len);
        let bytes = texts.sum::<usize>().saturating_add(8 * added);
        charge(&self.bytes, bytes, self.limits.max_answer, "answers", "bytes")
    }
}

/// The values of a row: its columns, its time and its sequence number.
fn width(columns: usize) -> usize {
    columns.saturating_add(2)
}

fn charge(
    spent: &Cell<usize>,
    added: usize,
    max: usize,
    verb: &str,
    unit: &str,
) -> Result<(), Refusal> {
    spent.set(spent.get().saturating_add(added));
    if spent.get() <= max {
        return Ok(());
    }
    Err(Refusal::internal(format!("The embedded server {verb} at most {max} {unit}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the result of some work within limits of 10 with a text, or with success.
    fn check(work: impl Fn(&Budget) -> Result<(), Refusal>, expected: &str) {
        let mut limits = Limits::default();
        (limits.max_values, limits.max_rows, limits.max_answer) = (10, 10, 100);
        let found = work(&Budget::new(limits));
        let expected = if expected.is_empty() {
            Ok(())
        } else {
            Err(Refusal::internal(format!("The embedded server {expected}")))
        };
        assert_eq!(found, expected);
    }

    fn row(values: usize, text: &str) -> Row {
        Row::computed(0, vec![StoredValue::from(text); values])
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        check(|budget| budget.read(4).and_then(|()| budget.read(6)), "");
        check(|budget| budget.read(4).and_then(|()| budget.read(7)), "reads at most 10 values");
        check(|budget| budget.fits(3, 1), "");
        check(|budget| budget.fits(2, 4), "answers at most 10 values");
        check(|budget| budget.fits(usize::MAX, usize::MAX), "answers at most 10 rows");
        check(|budget| budget.row(&row(8, "")), "");
        check(|budget| budget.row(&row(9, "")), "answers at most 10 values");
        check(|budget| budget.row(&row(1, &"x".repeat(76))), "");
        check(|budget| budget.row(&row(1, &"x".repeat(77))), "answers at most 100 bytes");
    }
}
