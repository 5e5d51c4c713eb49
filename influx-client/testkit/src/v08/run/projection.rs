//! From points to the rows of a raw select.

use super::block::{Block, Row};
use super::budget::Budget;
use super::evaluate::evaluate;
use super::random::Random;
use crate::v08::query::{Expression, Select};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Columns, Point};

/// The columns of a block and how they come from a point.
pub(super) struct Projection<'a> {
    titles: Vec<String>,
    values: Vec<Value<'a>>,
    /// Whether rows keep the sequence numbers of their points.
    is_numbered: bool,
}

enum Value<'a> {
    At(usize),
    Of(&'a Expression),
}

impl<'a> Projection<'a> {
    /// The columns of a select, if one of them has an operator: expressions without an alias are
    /// called `expr` and their position. The server leaves their order to chance.
    pub(super) fn of_expressions(select: &'a Select, random: &Random) -> Option<Self> {
        let is_operation = |value: &Expression| matches!(value, Expression::Operation { .. });
        if !select.columns.iter().any(|column| is_operation(&column.value)) {
            return None;
        }
        let mut outputs: Vec<(String, &Expression)> = Vec::new();
        for (index, column) in select.columns.iter().enumerate() {
            let title = match &column.value {
                Expression::Operation { .. } => {
                    column.alias.clone().unwrap_or_else(|| format!("expr{index}"))
                }
                Expression::Column(name) => name.clone(),
                _ => continue,
            };
            outputs.retain(|(known, _)| *known != title);
            outputs.push((title, &column.value));
        }
        random.shuffle(&mut outputs);
        let (titles, values) =
            outputs.into_iter().map(|(title, value)| (title, Value::Of(value))).unzip();
        Some(Self { titles, values, is_numbered: true })
    }

    /// Columns by their positions.
    pub(super) fn of_positions(columns: &Columns, positions: &[usize]) -> Self {
        let title = |&position: &usize| columns.names().get(position).cloned().unwrap_or_default();
        let values = positions.iter().map(|&position| Value::At(position));
        let titles = positions.iter().map(title).collect();
        Self { titles, values: values.collect(), is_numbered: true }
    }

    /// The same, but without sequence numbers.
    pub(super) fn unnumbered(self) -> Self {
        Self { is_numbered: false, ..self }
    }

    pub(super) fn is_numbered(&self) -> bool {
        self.is_numbered
    }

    /// The rows of points.
    /// Error: the server's text for an expression that it cannot evaluate.
    pub(super) fn block(
        &self,
        series: &str,
        points: &[Point<'_>],
        budget: &Budget,
    ) -> Result<Block, Refusal> {
        let row = |point: &Point<'_>| {
            let values = self.values.iter().map(|value| match value {
                Value::At(position) => Ok(point.at(*position).clone()),
                Value::Of(expression) => evaluate(expression, *point),
            });
            let values = values.collect::<Result<_, _>>().map_err(Refusal::invalid)?;
            let sequence = self.is_numbered.then_some(point.key.sequence);
            let row = Row { time: point.key.time, sequence, values };
            budget.row(&row)?;
            Ok(row)
        };
        let rows = points.iter().map(row).collect::<Result<_, Refusal>>()?;
        Ok(Block { series: series.to_owned(), columns: self.titles.clone(), rows })
    }
}
