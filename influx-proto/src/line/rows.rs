//! Serializable structs as points.

use serde::ser::Serialize;

use super::cell::{CellSerializer, Failure};
use super::encode::LineEncoder;
use super::error::{LineEncodeError, LinePosition, LineProblem};
use super::schema::{Column, LineSchema, RowWriter};

impl LineEncoder {
    /// Writes each row, a struct with named fields, as a line.
    ///
    /// The struct's fields are the table's columns. An `Option` that is `None` leaves its tag or
    /// field out. An enum's variant without data is written as its name.
    /// Tags stand in the order of the struct's fields; sorted by name, the server is fastest.
    ///
    /// ```
    /// use influx_proto::line::{LineEncoder, LineSchema};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Cpu<'a> {
    ///     time: i64,
    ///     host: &'a str,
    ///     load: f64,
    ///     idle: Option<f64>,
    /// }
    /// let rows = [
    ///     Cpu { time: 1, host: "a", load: 0.5, idle: None },
    ///     Cpu { time: 2, host: "b", load: 0.7, idle: Some(0.1) },
    /// ];
    /// let schema = LineSchema::new("cpu").tags(["host"]).time("time");
    /// let mut encoder = LineEncoder::new();
    /// encoder.rows(&schema, &rows)?;
    /// assert_eq!(encoder.as_bytes(), b"cpu,host=a load=0.5 1\ncpu,host=b load=0.7,idle=0.1 2\n");
    /// # Ok::<(), influx_proto::line::LineEncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`LineEncodeError`] if a row is no struct with named fields or lacks a column that the
    /// schema names, a name or a value cannot be written, or a point has no field.
    /// The points before it stay written.
    pub fn rows<R: Serialize>(
        &mut self,
        schema: &LineSchema,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), LineEncodeError> {
        let writer = RowWriter::new(self, schema)?;
        let mut table = Table { schema, writer, columns: Vec::new() };
        for (number, row) in rows.into_iter().enumerate() {
            table.writer.begin();
            row.serialize(CellSerializer { table: &mut table, column: None })
                .map_err(|failure| table.error(None, failure))?;
            if number == 0 {
                table.check_complete()?;
            }
            table.writer.end()?;
        }
        Ok(())
    }
}

/// Rows of one type, whose columns become known with the first row.
pub(super) struct Table<'t> {
    schema: &'t LineSchema,
    pub(super) writer: RowWriter<'t>,
    pub(super) columns: Vec<Column>,
}

impl Table<'_> {
    /// The position of a column, which is the expected one in all rows but the first,
    /// since rows of one type have the same columns in the same order.
    #[inline]
    pub(super) fn position(
        &mut self,
        name: &str,
        expected: usize,
    ) -> Result<usize, LineEncodeError> {
        match self.columns.get(expected) {
            Some(column) if column.name == name => Ok(expected),
            _ => self.find(name, expected),
        }
    }

    #[cold]
    fn find(&mut self, name: &str, expected: usize) -> Result<usize, LineEncodeError> {
        match self.columns.iter().position(|column| column.name == name) {
            None => {
                let column = self.writer.column(self.schema, name)?;
                self.columns.insert(expected, column);
                Ok(expected)
            }
            Some(position) if position > expected => Ok(position),
            Some(_) => Err(self.column_error(name, LineProblem::Duplicate)),
        }
    }

    /// Checks that the columns that the schema names are there.
    fn check_complete(&self) -> Result<(), LineEncodeError> {
        match self.schema.missing(&self.columns.iter().map(|column| column.name.as_str())) {
            None => Ok(()),
            Some(name) => Err(self.column_error(name, LineProblem::Missing)),
        }
    }

    fn column_error(&self, name: &str, problem: LineProblem) -> LineEncodeError {
        self.writer.encoder.error(LinePosition::Column, "", name, problem)
    }

    /// Says where serialization failed.
    pub(super) fn error(&self, column: Option<usize>, failure: Failure) -> LineEncodeError {
        let column = column.and_then(|index| self.columns.get(index));
        match (failure, column) {
            (Failure::Line(error), _) => error,
            (Failure::Message(reason), Some(column)) => {
                self.column_error(&column.name, LineProblem::Unsupported { reason })
            }
            (Failure::Message(reason), None) => {
                self.writer.line_error(LineProblem::Unsupported { reason })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check<R: Serialize>(rows: &[R], expected: Result<&str, &str>) {
        let schema = LineSchema::new("m").tags(["host", "zone"]).time("time");
        let mut encoder = LineEncoder::new();
        let result = encoder.rows(&schema, rows).map_err(|error| error.to_string());
        let lines = String::from_utf8(encoder.take()).unwrap();
        match expected {
            Ok(expected) => assert_eq!((result, &*lines), (Ok(()), expected)),
            Err(expected) => assert_eq!(result, Err(expected.to_owned())),
        }
    }

    #[derive(Clone, Copy, serde::Serialize)]
    struct Row<'a> {
        load: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        zone: Option<char>,
        time: Option<u64>,
        #[serde(rename = "my count")]
        count: Option<u8>,
        host: Host<'a>,
        state: Option<State>,
        text: Option<&'a str>,
        unit: (),
    }

    #[derive(Clone, Copy, serde::Serialize)]
    #[serde(untagged)]
    enum Host<'a> {
        Name(&'a str),
        Number(i16),
    }

    #[derive(Clone, Copy, serde::Serialize)]
    enum State {
        Up,
    }

    const SPARSE: Row<'_> = Row {
        load: 0.0,
        zone: None,
        time: None,
        count: None,
        host: Host::Number(-1),
        state: None,
        text: None,
        unit: (),
    };

    const FULL: Row<'_> = Row {
        load: 0.5,
        zone: Some('é'),
        time: Some(7),
        count: Some(8),
        host: Host::Name("web 1"),
        state: Some(State::Up),
        text: Some("a\nb"),
        unit: (),
    };

    #[derive(serde::Serialize)]
    struct Four<T> {
        time: i64,
        host: &'static str,
        zone: &'static str,
        value: T,
    }

    #[derive(serde::Serialize)]
    struct NoZone {
        time: i64,
        host: &'static str,
        value: i64,
    }

    fn four<T>(value: T) -> Four<T> {
        Four { time: 1, host: "a", zone: "b", value }
    }

    #[test]
    fn fields_of_a_struct_become_tags_fields_and_the_timestamp() {
        let sparse = "m,host=-1 load=0.0\n";
        let full = "m,zone=é,host=web\\ 1 load=0.5,my\\ count=8i,state=\"Up\",text=\"a\nb\" 7\n";
        check(&[SPARSE, FULL, SPARSE], Ok(&[sparse, full, sparse].concat()));
        check(&[FULL, SPARSE], Ok(&[full, sparse].concat()));
        check(&[Some(&Box::new(four(1)))], Ok("m,host=a,zone=b value=1i 1\n"));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let unsupported = r#"point 0: column "value" is no number, boolean or text"#;
        check(&[four(vec![1])], Err(unsupported));
        check(&[four((1, 2))], Err(unsupported));
        check(&[four(four(1))], Err(unsupported));
        check(&[four(1_i128)], Err(r#"point 0: column "value" i128 is not supported"#));
        check(
            &[four(1), Four { host: "", ..four(1) }],
            Err(r#"point 1: tag value of "host" "" is empty"#),
        );
        check(
            &[Row { time: Some(u64::MAX), ..FULL }],
            Err("point 0: timestamp of \"time\" \"18446744073709551615\" is no integer between \
                 -9223372036854775806 and 9223372036854775806"),
        );
        check(&[four(None::<i64>)], Err(r#"point 0: line "m,host=a,zone=b" has no field"#));
        check(
            &[NoZone { time: 1, host: "a", value: 1 }],
            Err(r#"point 0: column "zone" is in the schema but not in the table"#),
        );
    }

    #[test]
    fn only_a_struct_is_a_row() {
        let expected = Err(r#"point 0: line "m" is no struct with named fields"#);
        check(&[(1, 2)], expected);
        check(&[1], expected);
        check(&[None::<i64>], expected);
        check(&[BTreeMap::from([("v", 1)])], expected);
        check::<i64>(&[], Ok(""));
    }
}
