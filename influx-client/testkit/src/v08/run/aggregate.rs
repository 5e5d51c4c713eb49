//! The aggregate functions.
//!
//! They see the values in the order of the query, which is the newest first unless it says `order asc`:
//! `first` is then the newest value, and `difference` counts backwards (measured on 0.8.9).

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::evaluate::compare;
use crate::StoredValue;
use crate::v08::query::Expression;
use crate::v08::refusal::Refusal;

/// A call of an aggregate function.
pub(super) struct Aggregate<'a> {
    name: &'static str,
    compute: Compute,
    /// The argument that the function is applied to.
    pub(super) argument: &'a Expression,
    /// Whether `distinct` is applied to the argument first.
    distinct: bool,
    /// The second argument, if the function has one.
    parameter: f64,
}

/// A value and its time in microseconds.
pub(super) type Sample = (i64, StoredValue);

/// The input of a function.
struct Input<'a> {
    samples: &'a [Sample],
    /// The values of the samples, each only once after `distinct`.
    values: Vec<&'a StoredValue>,
    /// The numbers among the values.
    numbers: Vec<f64>,
    parameter: f64,
}

type Compute = fn(&Input<'_>) -> Vec<Vec<StoredValue>>;

/// The functions with their numbers of arguments.
const FUNCTIONS: [(&str, RangeInclusive<usize>, Compute); 17] = [
    ("bottom", 2..=2, |input| ranked(input, |order| order)),
    ("count", 1..=1, |input| {
        one(StoredValue::Int(i64::try_from(input.values.len()).unwrap_or(i64::MAX)))
    }),
    ("derivative", 1..=1, |input| one(derivative(input.samples))),
    ("difference", 1..=1, |input| one(difference(&input.numbers))),
    ("distinct", 1..=1, |input| rows(tally(&input.values).into_iter().map(|(value, _)| value))),
    ("first", 1..=1, |input| one(input.values.first().copied().cloned().unwrap_or_default())),
    ("histogram", 1..=2, |input| histogram(&input.numbers, input.parameter)),
    ("last", 1..=1, |input| one(input.values.last().copied().cloned().unwrap_or_default())),
    ("max", 1..=1, |input| one(extreme(&input.numbers, f64::max))),
    ("mean", 1..=1, |input| one(StoredValue::Float(mean(&input.numbers)))),
    ("median", 1..=1, |input| one(percentile(&input.numbers, 50.0))),
    ("min", 1..=1, |input| one(extreme(&input.numbers, f64::min))),
    ("mode", 1..=1, |input| mode(&input.values)),
    ("percentile", 2..=2, |input| one(percentile(&input.numbers, input.parameter))),
    ("stddev", 1..=1, |input| one(StoredValue::Float(standard_deviation(&input.numbers)))),
    ("sum", 1..=1, |input| one(StoredValue::Float(input.numbers.iter().sum()))),
    ("top", 2..=2, |input| ranked(input, Ordering::reverse)),
];

impl<'a> Aggregate<'a> {
    /// Error: the server's text if the function is unknown or its arguments are wrong.
    pub(super) fn new(name: &str, arguments: &'a [Expression]) -> Result<Self, Refusal> {
        let Some((name, arity, compute)) =
            FUNCTIONS.into_iter().find(|(known, ..)| name.eq_ignore_ascii_case(known))
        else {
            return Err(Refusal::invalid(format!("Unknown function {name}")));
        };
        let ([argument, parameters @ ..], true) = (arguments, arity.contains(&arguments.len()))
        else {
            let count = if arity == (2..=2) { "two arguments" } else { "one argument" };
            return Err(Refusal::invalid(format!("function {name}() requires exactly {count}")));
        };
        if *argument == Expression::Wildcard {
            let text = format!("function {name}() doesn't work with wildcards");
            return Err(Refusal::invalid(text));
        }
        let parameter = match parameters {
            [] => Some(1.0),
            [Expression::Constant(value), ..] => value.as_f64(),
            _ => None,
        };
        let parameter = parameter.ok_or_else(|| {
            let text = parameters.first().map(Expression::to_string).unwrap_or_default();
            Refusal::invalid(format!("Cannot parse {text} into a float"))
        })?;
        let aggregate = Self { name, compute, argument, distinct: false, parameter };
        match argument {
            Expression::Call { function: inner, arguments }
                if inner.eq_ignore_ascii_case("distinct") =>
            {
                let argument = Self::new(inner, arguments)?.argument;
                Ok(Self { argument, distinct: true, ..aggregate })
            }
            _ => Ok(aggregate),
        }
    }

    /// The columns of the result.
    pub(super) fn columns(&self) -> &[&'static str] {
        match self.name {
            "histogram" => &["bucket_start", "count"],
            _ => std::slice::from_ref(&self.name),
        }
    }

    /// The rows that the function makes of the samples, which are not null.
    pub(super) fn rows(&self, samples: &[Sample]) -> Vec<Vec<StoredValue>> {
        let mut values: Vec<&StoredValue> = samples.iter().map(|(_, value)| value).collect();
        if self.distinct {
            values = tally(&values).into_iter().map(|(value, _)| value).collect();
        }
        let numbers = values.iter().filter_map(|value| value.as_f64()).collect();
        (self.compute)(&Input { samples, values, numbers, parameter: self.parameter })
    }
}

fn one(value: StoredValue) -> Vec<Vec<StoredValue>> {
    vec![vec![value]]
}

fn rows<'a>(values: impl IntoIterator<Item = &'a StoredValue>) -> Vec<Vec<StoredValue>> {
    values.into_iter().map(|value| vec![value.clone()]).collect()
}

fn extreme(numbers: &[f64], better: fn(f64, f64) -> f64) -> StoredValue {
    numbers.iter().copied().reduce(better).map_or(StoredValue::Null, StoredValue::Float)
}

fn difference(numbers: &[f64]) -> StoredValue {
    match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) => StoredValue::Float(last - first),
        _ => StoredValue::Null,
    }
}

fn mean(numbers: &[f64]) -> f64 {
    if numbers.is_empty() {
        return 0.0;
    }
    numbers.iter().sum::<f64>() / count(numbers)
}

// Of the whole population: it divides by n, not by n - 1.
fn standard_deviation(numbers: &[f64]) -> f64 {
    let mean = mean(numbers);
    let squares: Vec<f64> = numbers.iter().map(|number| (number - mean).powi(2)).collect();
    self::mean(&squares).sqrt()
}

fn percentile(numbers: &[f64], percent: f64) -> StoredValue {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (count(numbers) * percent / 100.0 + 0.5).floor() - 1.0;
    if rank < 0.0 {
        return StoredValue::Null;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a rank beyond the last has no value")]
    #[expect(clippy::cast_sign_loss, reason = "checked above")]
    sorted.get(rank as usize).map_or(StoredValue::Null, |&number| StoredValue::Float(number))
}

/// The change per second between the first and the last sample.
fn derivative(samples: &[Sample]) -> StoredValue {
    let (Some((from, first)), Some((to, last))) = (samples.first(), samples.last()) else {
        return StoredValue::Null;
    };
    #[expect(clippy::cast_precision_loss, reason = "times are below 2^53 microseconds")]
    let seconds = (to - from) as f64 / 1e6;
    match (first.as_f64(), last.as_f64()) {
        (Some(first), Some(last)) if seconds != 0.0 => StoredValue::Float((last - first) / seconds),
        _ => StoredValue::Null,
    }
}

/// Every most frequent value, all as the type that the server makes of them.
fn mode(values: &[&StoredValue]) -> Vec<Vec<StoredValue>> {
    let tally = tally(values);
    let most = tally.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let mut modes: Vec<StoredValue> = tally
        .into_iter()
        .filter(|(_, count)| *count == most)
        .map(|(value, _)| value.as_f64().map_or_else(|| value.clone(), StoredValue::Float))
        .collect();
    // A fault of the server: tied texts all come out as the last of them (measured on 0.8.9).
    if let Some(last @ StoredValue::String(_)) = modes.last().cloned() {
        modes.fill(last);
    }
    modes.into_iter().map(|mode| vec![mode]).collect()
}

fn histogram(numbers: &[f64], width: f64) -> Vec<Vec<StoredValue>> {
    let start = |number: &f64| StoredValue::Float((number / width).floor() * width);
    let starts: Vec<StoredValue> = numbers.iter().map(start).collect();
    let tally = tally(&starts.iter().collect::<Vec<_>>());
    tally.into_iter().map(|(start, count)| vec![start.clone(), StoredValue::Int(count)]).collect()
}

fn ranked(input: &Input<'_>, direction: fn(Ordering) -> Ordering) -> Vec<Vec<StoredValue>> {
    let mut values = input.values.clone();
    values.sort_by(|left, right| direction(compare(left, right).unwrap_or(Ordering::Equal)));
    #[expect(clippy::cast_possible_truncation, reason = "a number of rows")]
    #[expect(clippy::cast_sign_loss, reason = "a negative limit means 0")]
    rows(values.into_iter().take(input.parameter as usize))
}

/// The different values in the order in which they first appear, each with its frequency.
fn tally<'a>(values: &[&'a StoredValue]) -> Vec<(&'a StoredValue, i64)> {
    let mut positions = HashMap::new();
    let mut tally: Vec<(&StoredValue, i64)> = Vec::new();
    for &value in values {
        let position = *positions.entry(format!("{value:?}")).or_insert(tally.len());
        match tally.get_mut(position) {
            Some((_, count)) => *count += 1,
            None => tally.push((value, 1)),
        }
    }
    tally
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 points")]
fn count(numbers: &[f64]) -> f64 {
    numbers.len() as f64
}
