//! The aggregate functions.
//!
//! They see the values in the order of the query, which is the newest first unless it says `order asc`:
//! `first` is then the newest value, and `difference` counts backwards (measured on 0.8.9).

use std::cmp::Ordering;

use influx_proto::Value;

use super::ast::Expression;
use super::filter::compare;
use crate::testkit::refusal::Refusal;

/// A call of an aggregate function.
#[derive(Debug)]
pub(super) struct Aggregate<'a> {
    function: Function,
    /// What the function is applied to.
    pub(super) argument: &'a Expression,
    /// Whether `distinct` is applied to the argument first.
    distinct: bool,
    /// The second argument of those that have one.
    parameter: f64,
}

/// A value and its time in microseconds.
pub(super) type Sample = (i64, Value);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Bottom,
    Count,
    Derivative,
    Difference,
    Distinct,
    First,
    Histogram,
    Last,
    Max,
    Mean,
    Median,
    Min,
    Mode,
    Percentile,
    Stddev,
    Sum,
    Top,
}

const FUNCTIONS: [(&str, Function); 17] = [
    ("bottom", Function::Bottom),
    ("count", Function::Count),
    ("derivative", Function::Derivative),
    ("difference", Function::Difference),
    ("distinct", Function::Distinct),
    ("first", Function::First),
    ("histogram", Function::Histogram),
    ("last", Function::Last),
    ("max", Function::Max),
    ("mean", Function::Mean),
    ("median", Function::Median),
    ("min", Function::Min),
    ("mode", Function::Mode),
    ("percentile", Function::Percentile),
    ("stddev", Function::Stddev),
    ("sum", Function::Sum),
    ("top", Function::Top),
];

impl<'a> Aggregate<'a> {
    /// # Errors
    ///
    /// The server's text if the function is unknown or its arguments are wrong.
    pub(super) fn new(name: &str, arguments: &'a [Expression]) -> Result<Self, Refusal> {
        let Some((_, function)) = FUNCTIONS.into_iter().find(|(known, _)| *known == name) else {
            return Err(Refusal::invalid(format!("Unknown function {name}")));
        };
        let (argument, parameter) = match (function, arguments) {
            (Function::Bottom | Function::Percentile | Function::Top, [argument, parameter]) => {
                (argument, Some(parameter))
            }
            (Function::Bottom | Function::Percentile | Function::Top, _) => {
                let text = format!("function {name}() requires exactly two arguments");
                return Err(Refusal::invalid(text));
            }
            (Function::Histogram, [argument, parameter]) => (argument, Some(parameter)),
            (_, [argument]) => (argument, None),
            _ => {
                let text = format!("function {name}() requires exactly one argument");
                return Err(Refusal::invalid(text));
            }
        };
        if *argument == Expression::Wildcard {
            let text = format!("function {name}() doesn't work with wildcards");
            return Err(Refusal::invalid(text));
        }
        let parameter = match parameter {
            None => 1.0,
            Some(Expression::Constant(value)) if value.as_f64().is_some() => {
                value.as_f64().unwrap_or_default()
            }
            Some(other) => {
                return Err(Refusal::invalid(format!("Cannot parse {other} into a float")));
            }
        };
        match argument {
            Expression::Call { function: inner, arguments } if inner == "distinct" => {
                let inner = Self::new(inner, arguments)?;
                Ok(Self { function, argument: inner.argument, distinct: true, parameter })
            }
            _ => Ok(Self { function, argument, distinct: false, parameter }),
        }
    }

    /// The columns of the result.
    pub(super) fn columns(&self) -> &'static [&'static str] {
        match self.function {
            Function::Bottom => &["bottom"],
            Function::Count => &["count"],
            Function::Derivative => &["derivative"],
            Function::Difference => &["difference"],
            Function::Distinct => &["distinct"],
            Function::First => &["first"],
            Function::Histogram => &["bucket_start", "count"],
            Function::Last => &["last"],
            Function::Max => &["max"],
            Function::Mean => &["mean"],
            Function::Median => &["median"],
            Function::Min => &["min"],
            Function::Mode => &["mode"],
            Function::Percentile => &["percentile"],
            Function::Stddev => &["stddev"],
            Function::Sum => &["sum"],
            Function::Top => &["top"],
        }
    }

    /// The rows that the function makes of the samples, which are not null.
    pub(super) fn rows(&self, samples: &[Sample]) -> Vec<Vec<Value>> {
        let mut values: Vec<&Value> = samples.iter().map(|(_, value)| value).collect();
        if self.distinct {
            values = tally(&values).into_iter().map(|(value, _)| value).collect();
        }
        let numbers: Vec<f64> = values.iter().filter_map(|value| value.as_f64()).collect();
        match self.function {
            Function::Count => one(Value::Int(i64::try_from(values.len()).unwrap_or(i64::MAX))),
            Function::Derivative => one(derivative(samples)),
            Function::Difference => one(match (numbers.first(), numbers.last()) {
                (Some(first), Some(last)) => Value::Float(last - first),
                _ => Value::Null,
            }),
            Function::Distinct => {
                tally(&values).into_iter().map(|(value, _)| vec![value.clone()]).collect()
            }
            Function::First => one(values.first().map(|&value| value.clone()).unwrap_or_default()),
            Function::Last => one(values.last().map(|&value| value.clone()).unwrap_or_default()),
            Function::Histogram => histogram(&numbers, self.parameter),
            Function::Max => one(extreme(&numbers, f64::max)),
            Function::Min => one(extreme(&numbers, f64::min)),
            Function::Mean => one(Value::Float(mean(&numbers))),
            Function::Median => one(percentile(&numbers, 50.0)),
            Function::Percentile => one(percentile(&numbers, self.parameter)),
            Function::Mode => mode(&values),
            Function::Stddev => one(Value::Float(standard_deviation(&numbers))),
            Function::Sum => one(Value::Float(numbers.iter().sum())),
            Function::Top => ranked(values, self.parameter, Ordering::reverse),
            Function::Bottom => ranked(values, self.parameter, |order| order),
        }
    }
}

fn one(value: Value) -> Vec<Vec<Value>> {
    vec![vec![value]]
}

fn extreme(numbers: &[f64], better: fn(f64, f64) -> f64) -> Value {
    numbers.iter().copied().reduce(better).map_or(Value::Null, Value::Float)
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

fn percentile(numbers: &[f64], percent: f64) -> Value {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (count(numbers) * percent / 100.0 + 0.5).floor() - 1.0;
    if rank < 0.0 {
        return Value::Null;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a rank beyond the last has no value")]
    #[expect(clippy::cast_sign_loss, reason = "checked above")]
    sorted.get(rank as usize).map_or(Value::Null, |&number| Value::Float(number))
}

/// The change per second between the first and the last sample.
fn derivative(samples: &[Sample]) -> Value {
    let (Some((from, first)), Some((to, last))) = (samples.first(), samples.last()) else {
        return Value::Null;
    };
    #[expect(clippy::cast_precision_loss, reason = "times are below 2^53 microseconds")]
    let seconds = (to - from) as f64 / 1e6;
    match (first.as_f64(), last.as_f64()) {
        (Some(first), Some(last)) if seconds != 0.0 => Value::Float((last - first) / seconds),
        _ => Value::Null,
    }
}

/// Every most frequent value, all as the type that the server makes of them.
fn mode(values: &[&Value]) -> Vec<Vec<Value>> {
    let tally = tally(values);
    let most = tally.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let mut modes: Vec<Value> = tally
        .into_iter()
        .filter(|(_, count)| *count == most)
        .map(|(value, _)| value.as_f64().map_or_else(|| value.clone(), Value::Float))
        .collect();
    // A fault of the server: tied texts all come out as the last of them (measured on 0.8.9).
    if let Some(last @ Value::String(_)) = modes.last().cloned() {
        modes.fill(last);
    }
    modes.into_iter().map(|mode| vec![mode]).collect()
}

fn histogram(numbers: &[f64], width: f64) -> Vec<Vec<Value>> {
    let starts: Vec<Value> =
        numbers.iter().map(|number| Value::Float((number / width).floor() * width)).collect();
    let tally = tally(&starts.iter().collect::<Vec<_>>());
    tally.into_iter().map(|(start, count)| vec![start.clone(), Value::Int(count)]).collect()
}

fn ranked(
    mut values: Vec<&Value>,
    limit: f64,
    direction: fn(Ordering) -> Ordering,
) -> Vec<Vec<Value>> {
    values.sort_by(|left, right| direction(compare(left, right).unwrap_or(Ordering::Equal)));
    #[expect(clippy::cast_possible_truncation, reason = "a number of rows")]
    #[expect(clippy::cast_sign_loss, reason = "a negative limit is none")]
    values.into_iter().take(limit as usize).map(|value| vec![value.clone()]).collect()
}

/// The different values in the order in which they first appear, with how often they do.
fn tally<'a>(values: &[&'a Value]) -> Vec<(&'a Value, i64)> {
    let mut positions = std::collections::HashMap::new();
    let mut tally: Vec<(&Value, i64)> = Vec::new();
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
