//! What a statement answers.

use influx_proto::{Precision, Value};

use crate::testkit::json::Json;

/// Points of one series: what the server sends as one object.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) struct Block {
    pub(in crate::testkit) series: String,
    /// The columns besides `time` and `sequence_number`.
    pub(in crate::testkit) columns: Vec<String>,
    pub(in crate::testkit) rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::testkit) struct Row {
    /// Microseconds since 1970; 0 for an aggregate over all times.
    pub(in crate::testkit) time: i64,
    /// Only stored points have one.
    pub(in crate::testkit) sequence: Option<u64>,
    /// One value for each column.
    pub(in crate::testkit) values: Vec<Value>,
}

impl Row {
    /// A row that is not a stored point.
    pub(super) fn computed(time: i64, values: Vec<Value>) -> Self {
        Self { time, sequence: None, values }
    }
}

impl Block {
    /// The block as the server prints it, its times in the unit of the request.
    ///
    /// An answer without rows has a `sequence_number` column, also where a filled one has none.
    pub(in crate::testkit) fn to_json(&self, precision: Precision) -> Json {
        let numbered = self.rows.first().is_none_or(|row| row.sequence.is_some());
        let sequence_number = numbered.then_some("sequence_number");
        let keys = ["time"].into_iter().chain(sequence_number);
        let columns = keys.chain(self.columns.iter().map(String::as_str)).map(Json::from).collect();
        let row = |row: &Row| {
            let time = Json::from(row.time / precision.microseconds());
            let sequence = numbered.then(|| row.sequence.map_or(Json::Null, Json::from));
            let values = row.values.iter().map(Json::from);
            Json::Array([time].into_iter().chain(sequence).chain(values).collect())
        };
        Json::object([
            ("name", Json::from(self.series.as_str())),
            ("columns", Json::Array(columns)),
            ("points", Json::Array(self.rows.iter().map(row).collect())),
        ])
    }

    /// Appends the rows of a block of the same series, whose columns may be others.
    pub(in crate::testkit) fn merge(&mut self, other: Self) {
        for column in &other.columns {
            if !self.columns.contains(column) {
                self.columns.push(column.clone());
                self.rows.iter_mut().for_each(|row| row.values.push(Value::Null));
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
        assert_eq!(merged.to_json(Precision::Milliseconds).print(false), expected);
    }
}
