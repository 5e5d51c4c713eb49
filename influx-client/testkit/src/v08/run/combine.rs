//! The combinations of the rows of several functions.

use crate::StoredValue;

/// Every combination of one row of each function, the first function changing fastest.
///
/// The server has a fault that is imitated here, since answers show it (measured on 0.8.9): it
/// appends to rows that share their memory, so that where there is spare room, all rows get the
/// values of the last one: `mode(host)` as the tenth function gives `h0` three times.
pub(super) fn combinations(mut functions: Vec<Vec<Vec<StoredValue>>>) -> Vec<Vec<StoredValue>> {
    if functions.len() == 1 {
        return functions.pop().unwrap_or_default();
    }
    let mut combined = vec![Vec::new()];
    let (mut length, mut room) = (0, 0);
    for rows in functions {
        let added = rows.first().map_or(0, Vec::len);
        let shares = length + added <= room;
        while room < length + added {
            room = (room * 2).max(1);
        }
        length += added;
        let last = rows.last().cloned().unwrap_or_default();
        let rows = rows.iter().map(|row| if shares { &last } else { row });
        combined = rows
            .flat_map(|row| combined.iter().map(|left| [left.as_slice(), row.as_slice()].concat()))
            .collect();
    }
    combined
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the combinations of functions that each give some whole numbers.
    fn check(functions: &[&[i64]], expected: &[&[i64]]) {
        let functions = functions.iter().map(|rows| rows.iter().map(|&row| vec![row.into()]));
        let found = combinations(functions.map(Iterator::collect).collect());
        let expected: Vec<Vec<StoredValue>> =
            expected.iter().map(|row| row.iter().map(|&value| value.into()).collect()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_first_function_changes_fastest() {
        check(&[&[1, 2], &[3, 4]], &[&[1, 3], &[2, 3], &[1, 4], &[2, 4]]);
        check(&[&[1, 2], &[]], &[]);
        check(&[&[1, 2, 3]], &[&[1], &[2], &[3]]);
    }

    #[test]
    fn rows_share_their_memory_where_there_is_room() {
        check(&[&[1], &[2], &[3, 4]], &[&[1, 2, 3], &[1, 2, 4]]);
        check(&[&[1], &[2], &[3], &[4, 5]], &[&[1, 2, 3, 5], &[1, 2, 3, 5]]);
        check(&[&[1], &[2], &[3], &[4], &[5, 6]], &[&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 6]]);
    }
}
