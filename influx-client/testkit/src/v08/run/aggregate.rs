//! The aggregate functions of a select, and their arguments.

use super::evaluate::evaluate;
use super::state::State;
use crate::StoredValue;
use crate::v08::query::{Column, Expression};
use crate::v08::refusal::Refusal;
use crate::v08::store::Point;

/// A call of an aggregate function.
pub(super) struct Aggregate<'a> {
    function: Function,
    argument: Argument<'a>,
    /// The columns of the result.
    pub(super) titles: Vec<String>,
    /// The value of a group without points or, for some functions, without numbers.
    default: StoredValue,
}

enum Argument<'a> {
    Value(&'a Expression),
    /// The results of another function are counted.
    Results(Box<Aggregate<'a>>),
}

/// A function with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Bottom(usize),
    Count,
    Derivative,
    Difference,
    Distinct,
    First,
    Histogram { size: f64, start: Option<f64>, last: Option<i64> },
    Last,
    Max,
    Mean,
    Min,
    Mode,
    Percentile(f64),
    Stddev,
    Sum,
    Top(usize),
}

impl<'a> Aggregate<'a> {
    /// The function of a column, if it calls one.
    /// Error: the server's text if the function is unknown or its arguments are wrong.
    pub(super) fn new(column: &'a Column, default: &StoredValue) -> Result<Option<Self>, Refusal> {
        let Expression::Call { function, arguments } = &column.value else { return Ok(None) };
        let mut aggregate = Self::of_call(function, arguments, default)?;
        if let Some(alias) = &column.alias {
            aggregate.titles = match aggregate.function {
                Function::Histogram { .. } => {
                    vec![format!("{alias}_bucket_start"), format!("{alias}_count")]
                }
                _ => vec![alias.clone()],
            };
        }
        Ok(Some(aggregate))
    }

    /// Whether the function has a value for a group without points.
    pub(super) fn has_default(&self) -> bool {
        !matches!(self.function, Function::Histogram { .. })
    }

    fn of_call(
        name: &str,
        arguments: &'a [Expression],
        default: &StoredValue,
    ) -> Result<Self, Refusal> {
        let lower = name.to_ascii_lowercase();
        let function = Function::new(&lower, name, arguments)?;
        // The server takes the first argument of `distinct()` without a look at their number.
        let first = arguments.first().ok_or(Refusal::Abandoned)?;
        let argument = match (function, first) {
            (Function::Count, Expression::Column(_)) => Argument::Value(first),
            (Function::Count, Expression::Call { function, arguments }) => {
                let name = function.to_ascii_lowercase();
                Argument::Results(Box::new(Self::of_call(&name, arguments, default)?))
            }
            (Function::Count, other) => {
                let name = other.name().to_ascii_lowercase();
                return Err(Refusal::invalid(format!("Unknown function {name}")));
            }
            _ => Argument::Value(first),
        };
        let titles = match function {
            Function::Histogram { .. } => vec!["bucket_start".to_owned(), "count".to_owned()],
            _ => vec![lower],
        };
        Ok(Self { function, argument, titles, default: default.clone() })
    }

    /// Adds a point to the state of a group; `first` is the position of the first column that the
    /// query reads.
    /// Error: the server's text for an argument that it cannot evaluate.
    pub(super) fn add(
        &self,
        state: &mut Option<State>,
        point: Point<'_>,
        first: usize,
    ) -> Result<(), Refusal> {
        match &self.argument {
            Argument::Value(argument) => {
                let value = match self.function {
                    // The server counts points, whatever their values are.
                    Function::Count => StoredValue::Null,
                    _ => evaluate(argument, point).map_err(Refusal::invalid)?,
                };
                State::add(state, self.function, point.key.time, &value, point.at(first));
                Ok(())
            }
            Argument::Results(inner) => inner.add(state, point, first),
        }
    }

    /// The rows that the function makes of a group: some functions make none, some several.
    pub(super) fn rows(&self, state: Option<State>) -> Vec<Vec<StoredValue>> {
        match &self.argument {
            Argument::Value(_) => State::rows(state, self.function, &self.default),
            Argument::Results(inner) => {
                if state.is_none() {
                    return State::rows(None, self.function, &self.default);
                }
                let mut outer = None;
                for _ in inner.rows(state) {
                    let null = StoredValue::Null;
                    State::add(&mut outer, self.function, 0, &null, &null);
                }
                State::rows(outer, self.function, &self.default)
            }
        }
    }
}

impl Function {
    fn new(lower: &str, name: &str, arguments: &[Expression]) -> Result<Self, Refusal> {
        let refuse = |text: &str| Err(Refusal::invalid(text));
        let counted = |count: bool, text: &str| {
            let text = format!("function {lower}() {text}");
            if count { Ok(()) } else { Err(Refusal::invalid(text)) }
        };
        let exactly_one = || counted(arguments.len() == 1, "requires exactly one argument");
        let is_wild = arguments.first() == Some(&Expression::Wildcard);
        let not_wild = || counted(!is_wild, "doesn't work with wildcards");
        Ok(match lower {
            "max" | "min" | "sum" => {
                if arguments.len() != 1 {
                    return refuse("function max() requires only one argument");
                }
                match lower {
                    "max" => Self::Max,
                    "min" => Self::Min,
                    _ => Self::Sum,
                }
            }
            "count" | "stddev" | "derivative" | "difference" => {
                exactly_one()?;
                not_wild()?;
                match lower {
                    "count" => Self::Count,
                    "stddev" => Self::Stddev,
                    "derivative" => Self::Derivative,
                    _ => Self::Difference,
                }
            }
            "mean" | "median" | "first" | "last" => {
                exactly_one()?;
                match lower {
                    "mean" => Self::Mean,
                    "median" => Self::Percentile(50.0),
                    "first" => Self::First,
                    _ => Self::Last,
                }
            }
            "mode" => {
                counted(!arguments.is_empty(), "requires at least one argument")?;
                counted(arguments.len() == 1, "takes at most one arguments")?;
                Self::Mode
            }
            "distinct" => Self::Distinct,
            "histogram" => {
                counted(!arguments.is_empty(), "requires at least one arguments")?;
                counted(arguments.len() <= 4, "takes at most four arguments")?;
                not_wild()?;
                histogram(arguments.get(1..).unwrap_or_default())?
            }
            "percentile" => {
                let [argument, percent] = arguments else {
                    return refuse("function percentile() requires exactly two arguments");
                };
                if *argument == Expression::Wildcard {
                    return refuse("wildcard cannot be used with percentile");
                }
                match percent.name().parse::<f64>().ok() {
                    Some(percent) if percent > 0.0 && percent < 100.0 => Self::Percentile(percent),
                    _ => {
                        return refuse(
                            "function percentile() requires a numeric second argument \
                             between 0 and 100",
                        );
                    }
                }
            }
            "top" | "bottom" => {
                counted(arguments.len() == 2, "requires at exactly 2 arguments")?;
                let limit = match arguments.get(1) {
                    Some(Expression::Constant(StoredValue::Int(limit))) => Some(*limit),
                    _ => None,
                };
                counted(limit.is_some(), "second parameter expect int")?;
                let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
                counted(limit > 0, "second parameter must be > 0")?;
                if lower == "top" { Self::Top(limit) } else { Self::Bottom(limit) }
            }
            _ => return refuse(&format!("Unknown function {name}")),
        })
    }
}

/// The histogram of a size of buckets, their start and their end.
fn histogram(parameters: &[Expression]) -> Result<Function, Refusal> {
    let numbers = parameters.iter().map(|parameter| {
        let text = || format!("Cannot parse {} into a float", parameter.name());
        constant(parameter).ok_or_else(|| Refusal::invalid(text()))
    });
    let numbers: Vec<f64> = numbers.collect::<Result<_, _>>()?;
    let (size, start) = (numbers.first().copied().unwrap_or(1.0), numbers.get(1).copied());
    #[expect(clippy::cast_possible_truncation, reason = "the server's conversion, but saturating")]
    let last = numbers.get(2).map(|end| ((end - start.unwrap_or(0.0)) / size).floor() as i64);
    Ok(Function::Histogram { size, start, last })
}

fn constant(expression: &Expression) -> Option<f64> {
    if let Expression::Constant(value) = expression { value.as_f64() } else { None }
}
