//! The answer of a statement.

use crate::StoredValue;
use crate::v08::json::Printer;

/// Points of one series, which the server sends as one object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) series: String,
    /// The columns besides `time` and `sequence_number`.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Microseconds since 1970; 0 for an aggregate over all times.
    pub(crate) time: i64,
    /// `None` in a computed row.
    pub(crate) sequence: Option<u64>,
    /// One value for each column.
    pub(crate) values: Vec<StoredValue>,
}

impl Row {
    /// A row that is not a stored point.
    pub(super) fn computed(time: i64, values: Vec<StoredValue>) -> Self {
        Self { time, sequence: None, values }
    }
}

impl Block {
    /// Prints the block as the server does, its times in units of this many microseconds.
    ///
    /// An answer without rows has a `sequence_number` column, also where a filled one has none.
    pub(crate) fn print(&self, unit: i64, printer: &mut Printer) {
        let numbered = self.rows.first().is_none_or(|row| row.sequence.is_some());
        let sequence_number = numbered.then_some("sequence_number");
        let keys = ["time"].into_iter().chain(sequence_number);
        let columns: Vec<&str> = keys.chain(self.columns.iter().map(String::as_str)).collect();
        printer.list('{', '}', &["name", "columns", "points"], |printer, name| {
            printer.name(name);
            match *name {
                "name" => printer.string(&self.series),
                "columns" => printer.list('[', ']', &columns, |printer, name| printer.string(name)),
                _ => printer.list('[', ']', &self.rows, |printer, row| {
                    let time = StoredValue::Int(row.time / unit);
                    let sequence = StoredValue::from(row.sequence.unwrap_or_default());
                    let keys = [&time].into_iter().chain(numbered.then_some(&sequence));
                    let cells: Vec<&StoredValue> = keys.chain(&row.values).collect();
                    printer.list('[', ']', &cells, |printer, cell| printer.stored(cell));
                }),
            }
        });
    }

    /// Appends the rows of a block of the same series, whose columns may be others.
    pub(crate) fn merge(&mut self, other: Self) {
        if self.columns == other.columns {
            self.rows.extend(other.rows);
            return;
        }
        for column in &other.columns {
            if !self.columns.contains(column) {
                self.columns.push(column.clone());
                self.rows.iter_mut().for_each(|row| row.values.push(StoredValue::Null));
            }
        }
        let positions: Vec<Option<usize>> = self
            .columns
            .iter()
            .map(|column| other.columns.iter().position(|known| known == column))
            .collect();
        self.rows.extend(other.rows.into_iter().map(|row| {
            let value = |position: &Option<usize>| {
                position.and_then(|position| row.values.get(position)).cloned().unwrap_or_default()
            };
            Row { values: positions.iter().map(value).collect(), ..row }
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_one_series_are_merged_by_column() {
        let block = |columns: &[&str], values: &[i64]| Block {
            series: "s".to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            rows: vec![Row::computed(1_000, values.iter().map(|&value| value.into()).collect())],
        };
        let mut merged = block(&["a", "b"], &[1, 2]);
        merged.merge(block(&["b", "a"], &[3, 4]));
        merged.merge(block(&["c"], &[5]));
        let expected = r#"{"name":"s","columns":["time","a","b","c"],"points":[[1,1,2,null],[1,4,3,null],[1,null,null,5]]}"#;
        let mut printer = Printer::new(false);
        merged.print(1_000, &mut printer);
        assert_eq!(printer.into_text(), expected);
    }
}
