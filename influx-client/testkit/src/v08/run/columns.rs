//! The columns that a select reads and answers.

use super::filter::Filter;
use crate::v08::query::{Expression, Select};
use crate::v08::refusal::Refusal;
use crate::v08::store::{PointKey, Table};

impl Select {
    /// Error: the server's text for a column that the series lacks, or that a condition cannot read.
    pub(super) fn check_columns(
        &self,
        series: &str,
        table: &Table,
        filter: &Filter<'_>,
    ) -> Result<(), Refusal> {
        let mut columns = filter.columns();
        if let Some(key) = columns.iter().find(|column| PointKey::is_column(column)) {
            return Err(Refusal::invalid(format!(
                "Error while filtering points: Cannot find column {key} [query = {self}]"
            )));
        }
        self.columns.iter().for_each(|column| column.value.add_columns(&mut columns));
        self.group_by.columns().for_each(|key| key.add_columns(&mut columns));
        let known = |name: &str| table.columns().iter().any(|column| column == name);
        match columns.into_iter().find(|column| !PointKey::is_column(column) && !known(column)) {
            Some(column) => {
                let text = format!("Field {column} doesn't exist in series {series}");
                Err(Refusal::invalid(text))
            }
            None => Ok(()),
        }
    }

    /// The columns of a raw answer with their titles: computed ones are called `expr0`, `expr1`, ...
    ///
    /// Columns of a `group by` are answered too, although nothing is grouped.
    pub(super) fn outputs(&self, known: &[String]) -> Vec<(String, Expression)> {
        let mut outputs = Vec::new();
        if self.columns.iter().any(|column| column.value == Expression::Wildcard) {
            let column = |name: &String| (name.clone(), Expression::Column(name.clone()));
            outputs.extend(known.iter().map(column));
        }
        let mut computed = 0;
        let columns = self.columns.iter().map(|column| &column.value);
        for column in columns.chain(self.group_by.columns()).cloned() {
            match &column {
                Expression::Wildcard => {}
                // Keys are part of every point already.
                Expression::Column(name) if PointKey::is_column(name) => {}
                Expression::Column(name) => {
                    if !outputs.iter().any(|(title, _)| title == name) {
                        outputs.push((name.clone(), column));
                    }
                }
                _ => {
                    outputs.push((format!("expr{computed}"), column));
                    computed += 1;
                }
            }
        }
        outputs
    }
}
