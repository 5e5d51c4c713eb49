//! The states of the aggregate functions for one group of points.
//!
//! They see the points in the order of the query, which is the newest first unless it says `order asc`:
//! `first` is then the newest value, and `difference` counts backwards (measured on 0.8.9).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::aggregate::Function;
use super::evaluate::compare;
use super::key::Key;
use crate::StoredValue;

/// The points of a group as one function remembers them.
pub(super) enum State {
    Count(i64),
    /// A sum, a least or a greatest number.
    Fold(f64),
    Mean {
        mean: f64,
        count: f64,
    },
    Deviation {
        count: f64,
        sum: f64,
        squares: f64,
    },
    /// The first and the last number, with their times in microseconds.
    Ends {
        first: (i64, f64),
        last: Option<(i64, f64)>,
    },
    /// The buckets of a histogram in the order in which they first appeared.
    Buckets {
        positions: BTreeMap<i64, usize>,
        counts: Vec<(i64, i64)>,
    },
    Numbers(Vec<f64>),
    /// The different values in the order in which they first appeared, and their frequencies.
    Tally {
        positions: BTreeMap<Key, usize>,
        values: Vec<(StoredValue, i64)>,
    },
    Value(StoredValue),
    /// The best values so far, the best first.
    Ranked(Vec<StoredValue>),
}

impl State {
    /// Adds a value and its time to the state of a function; some functions pass over a value
    /// that is not a number, others take it as 0 (as 0.8.9 does). `first` is the value of the first
    /// column that the query reads.
    pub(super) fn add(
        state: &mut Option<Self>,
        function: Function,
        time: i64,
        value: &StoredValue,
        first: &StoredValue,
    ) {
        let number = value.as_f64();
        let or_zero = number.unwrap_or_default();
        match function {
            Function::Count => {
                let Self::Count(count) = state.get_or_insert(Self::Count(0)) else { return };
                *count += 1;
            }
            Function::Sum => fold(state, 0.0, |sum| sum + or_zero),
            Function::Max => fold(state, f64::MIN, |max| number.map_or(max, |new| max.max(new))),
            Function::Min => fold(state, f64::MAX, |min| number.map_or(min, |new| min.min(new))),
            Function::Mean => {
                let empty = Self::Mean { mean: 0.0, count: 0.0 };
                let Self::Mean { mean, count } = state.get_or_insert(empty) else { return };
                *count += 1.0;
                *mean = *mean * (*count - 1.0) / *count + or_zero / *count;
            }
            Function::Histogram { size, start, last } => {
                let empty = Self::Buckets { positions: BTreeMap::new(), counts: Vec::new() };
                let Self::Buckets { positions, counts } = state.get_or_insert(empty) else {
                    return;
                };
                #[expect(clippy::cast_possible_truncation, reason = "the server's conversion")]
                let bucket = ((or_zero - start.unwrap_or(0.0)) / size).floor() as i64;
                if last.is_some_and(|last| bucket > last) {
                    return;
                }
                let position = *positions.entry(bucket).or_insert(counts.len());
                match counts.get_mut(position) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((bucket, 1)),
                }
            }
            Function::Mode | Function::Distinct => {
                let empty = Self::Tally { positions: BTreeMap::new(), values: Vec::new() };
                let Self::Tally { positions, values } = state.get_or_insert(empty) else { return };
                let value = number.map_or_else(|| value.clone(), StoredValue::Float);
                let position = *positions.entry(Key(value.clone())).or_insert(values.len());
                match values.get_mut(position) {
                    Some((_, count)) => *count += 1,
                    None => values.push((value, 1)),
                }
            }
            Function::First => {
                state.get_or_insert_with(|| Self::Value(value.clone()));
            }
            Function::Last => *state = Some(Self::Value(value.clone())),
            Function::Top(limit) => rank(state, value, first, limit, Ordering::is_gt),
            Function::Bottom(limit) => rank(state, value, first, limit, Ordering::is_lt),
            Function::Stddev
            | Function::Percentile(_)
            | Function::Derivative
            | Function::Difference => {
                if let Some(number) = number {
                    Self::add_number(state, function, time, number);
                }
            }
        }
    }

    fn add_number(state: &mut Option<Self>, function: Function, time: i64, number: f64) {
        match (function, state) {
            (Function::Stddev, state) => {
                let empty = Self::Deviation { count: 0.0, sum: 0.0, squares: 0.0 };
                let Self::Deviation { count, sum, squares } = state.get_or_insert(empty) else {
                    return;
                };
                *count += 1.0;
                *sum += number;
                *squares += number * number;
            }
            (Function::Percentile(_), state) => {
                let empty = Self::Numbers(Vec::new());
                let Self::Numbers(numbers) = state.get_or_insert(empty) else { return };
                numbers.push(number);
            }
            (_, Some(Self::Ends { last, .. })) => *last = Some((time, number)),
            (_, state) => *state = Some(Self::Ends { first: (time, number), last: None }),
        }
    }

    /// The rows of a function for a group; `default` is the value of a group without a state.
    pub(super) fn rows(
        state: Option<Self>,
        function: Function,
        default: &StoredValue,
    ) -> Vec<Vec<StoredValue>> {
        let one = |value| vec![vec![value]];
        let Some(state) = state else {
            return match function {
                Function::Histogram { .. } => vec![vec![StoredValue::Null, 0_i64.into()]],
                _ => one(default.clone()),
            };
        };
        match (state, function) {
            (Self::Count(count), _) => one(count.into()),
            (Self::Fold(number) | Self::Mean { mean: number, .. }, _) => one(number.into()),
            (Self::Deviation { count, sum, squares }, _) => {
                let mean = sum / count;
                one((squares / count - mean * mean).sqrt().into())
            }
            (Self::Ends { first, last: Some(last) }, Function::Derivative) => {
                #[expect(clippy::cast_precision_loss, reason = "times are below 2^53")]
                let seconds = (last.0 - first.0) as f64 / 1e6;
                one(((last.1 - first.1) / seconds).into())
            }
            (Self::Ends { .. }, Function::Derivative) => Vec::new(),
            (Self::Ends { first, last: Some(last) }, _) => one((last.1 - first.1).into()),
            (Self::Ends { .. }, _) => one(default.clone()),
            (Self::Buckets { positions, counts }, Function::Histogram { size, start, last }) => {
                let empty = 0..=last.unwrap_or(-1).min(MAX_EMPTY_BUCKETS);
                let empty = empty.filter(|bucket| !positions.contains_key(bucket));
                let buckets = counts.into_iter().chain(empty.map(|bucket| (bucket, 0)));
                let row = |(bucket, count): (i64, i64)| {
                    #[expect(clippy::cast_precision_loss, reason = "as the server does")]
                    let begin = bucket as f64 * size + start.unwrap_or(0.0);
                    (start.is_none_or(|start| begin >= start))
                        .then(|| vec![begin.into(), count.into()])
                };
                buckets.filter_map(row).collect()
            }
            (Self::Numbers(numbers), Function::Percentile(percent)) => {
                one(percentile(numbers, percent).into())
            }
            (Self::Tally { values, .. }, Function::Mode) => {
                let most = values.iter().map(|(_, count)| *count).max();
                let modes = values.into_iter().filter(|(_, count)| Some(*count) == most);
                modes.map(|(mode, _)| vec![mode]).collect()
            }
            (Self::Tally { values, .. }, _) => {
                let different = values.into_iter().map(|(value, _)| value);
                different.filter(|value| !value.is_null()).map(|value| vec![value]).collect()
            }
            (Self::Value(value), _) => one(value),
            (Self::Ranked(values), _) => values.into_iter().map(|value| vec![value]).collect(),
            (Self::Buckets { .. } | Self::Numbers(_), _) => Vec::new(),
        }
    }
}

fn fold(state: &mut Option<State>, initial: f64, step: impl Fn(f64) -> f64) {
    if let State::Fold(number) = state.get_or_insert(State::Fold(initial)) {
        *number = step(*number);
    }
}

/// Takes a value if it is better than the last one, or if there is room. The server ranks values
/// of one kind only, and takes a truth value as null (measured on 0.8.9).
///
/// The server has a fault here: a full list compares the value, but then stores the first column of
/// the point. Both are the same only in a query of one column (measured on 0.8.9).
fn rank(
    state: &mut Option<State>,
    value: &StoredValue,
    first: &StoredValue,
    limit: usize,
    better: fn(Ordering) -> bool,
) {
    let empty = State::Ranked(Vec::new());
    let State::Ranked(values) = state.get_or_insert(empty) else { return };
    let value = if matches!(value, StoredValue::Bool(_)) { &StoredValue::Null } else { value };
    let is_better = |value: &StoredValue, known| order(value, known).is_some_and(better);
    let is_top = better(Ordering::Greater);
    let taken = match values.last().map(|last| order(value, last)) {
        _ if values.len() < limit => value,
        Some(Some(Ordering::Greater)) if is_top => first,
        Some(order) if !is_top && order != Some(Ordering::Greater) => first,
        _ => return,
    };
    let place = values.iter().rposition(|known| !is_better(taken, known)).map_or(0, |it| it + 1);
    values.insert(place, taken.clone());
    values.truncate(limit);
}

/// The order of two values of one kind.
fn order(left: &StoredValue, right: &StoredValue) -> Option<Ordering> {
    let is_one_kind = std::mem::discriminant(left) == std::mem::discriminant(right);
    compare(left, right).filter(|_| is_one_kind)
}

// A rank outside of the numbers gives 0 (measured on 0.8.9).
fn percentile(mut numbers: Vec<f64>, percent: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 points")]
    let rank = (numbers.len() as f64 * percent / 100.0 + 0.5).floor() - 1.0;
    #[expect(clippy::cast_possible_truncation, reason = "a number of points")]
    #[expect(clippy::cast_sign_loss, reason = "checked by the condition")]
    let number = if rank >= 0.0 { numbers.get(rank as usize) } else { None };
    number.copied().unwrap_or_default()
}

/// Empty buckets that a histogram lists at most; the real server has no limit.
const MAX_EMPTY_BUCKETS: i64 = 100_000;
