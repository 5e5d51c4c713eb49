//! The rows of a table as points.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use serde::ser::Serialize;

use super::encode::LineEncoder;
use super::keys::KeyText;
use super::value::{shown, write_field, write_tag};
use crate::encode::{EncodeError, Failure, PointPart, PointProblem, read_time};
use crate::row::{RowSink, write_row};
use crate::table::Role;
use crate::text::room::Buffer;
use crate::{Cell, Series, SeriesError, Table, Time};

/// Writes rows, whose names are checked and escaped once for all of them.
pub(super) struct RowWriter<'e, 't> {
    encoder: &'e mut LineEncoder,
    table: &'t Table,
    name: &'t str,
    measurement: KeyText,
    columns: Vec<Column<'t>>,
    /// The column whose cell comes now.
    current: usize,
    /// The column that is expected after it.
    next: usize,
    /// The end of measurement and tags, as far as they are written.
    series_end: usize,
    /// The end of the fields: behind the tags, or in `side`.
    fields_end: usize,
    /// The row's fields, if a tag may come behind them.
    side: Buffer,
    tags_first: bool,
    /// The length of the row's longest field key, as written.
    longest_key: usize,
    time: Option<Time>,
}

struct Column<'t> {
    name: &'t str,
    role: Role,
    /// Empty for the timestamp.
    text: KeyText,
}

impl<'e, 't> RowWriter<'e, 't> {
    pub(super) fn new(
        encoder: &'e mut LineEncoder,
        table: &'t Table,
        name: &'t str,
    ) -> Result<Self, EncodeError> {
        let mut measurement = KeyText::default();
        measurement
            .set_measurement(name, &mut encoder.keys.scratch)
            .map_err(|problem| encoder.measurement_error(name, problem))?;
        Ok(Self {
            encoder,
            table,
            name,
            measurement,
            columns: Vec::new(),
            current: 0,
            next: 0,
            series_end: 0,
            fields_end: 0,
            side: Buffer::default(),
            tags_first: true,
            longest_key: 0,
            time: None,
        })
    }

    pub(super) fn rows<T: Serialize>(mut self, rows: &[T]) -> Result<(), EncodeError> {
        for (number, row) in rows.iter().enumerate() {
            let start = self.encoder.complete;
            self.begin_row();
            write_row(row, &mut self).map_err(|failure| self.of_row(*failure.0))?;
            if number == 0 {
                self.check_complete()?;
            }
            self.end_row()?;
            if number == 0 {
                let len = (self.encoder.complete - start).saturating_mul(rows.len());
                self.encoder.buffer.expect(start, len);
            }
        }
        Ok(())
    }

    /// The tags are written sorted, with which the server is fastest.
    pub(super) fn series(mut self, series: &'t Series) -> Result<(), EncodeError> {
        if let Err(SeriesError::DuplicateColumn { column, .. }) = series.check_columns() {
            return Err(self.column_error(&column, PointProblem::Duplicate));
        }
        let mut order: Vec<_> = series.columns().iter().enumerate().collect();
        order.sort_by_key(|(_, name)| match self.table.role(name) {
            Role::Tag => (0, name.as_str()),
            Role::Field | Role::Time => (1, ""),
        });
        for (index, (_, name)) in order.iter().enumerate() {
            self.add_column(index, name).map_err(|failure| self.of_row(*failure.0))?;
        }
        self.check_complete()?;
        for point in series.points() {
            self.begin_row();
            for (current, (index, _)) in order.iter().enumerate() {
                self.current = current;
                let cell = point.get(*index).map(Cell::from).unwrap_or_default();
                self.cell(cell).map_err(|failure| self.of_row(*failure.0))?;
            }
            self.end_row()?;
        }
        Ok(())
    }

    #[inline(always)]
    fn begin_row(&mut self) {
        let buffer = &mut self.encoder.buffer;
        self.series_end = self.measurement.write(buffer, self.encoder.complete);
        self.fields_end = if self.tags_first { self.series_end } else { 0 };
        self.next = 0;
        self.longest_key = 0;
        self.time = None;
    }

    #[inline(always)]
    fn end_row(&mut self) -> Result<(), EncodeError> {
        let Self { series_end, longest_key, .. } = *self;
        self.encoder.check_key_len(series_end, "", series_end, longest_key)?;
        if !self.tags_first {
            let fields = self.side.until(self.fields_end);
            self.fields_end = self.encoder.buffer.write(series_end, fields);
        }
        self.encoder.end(self.fields_end, series_end, self.time)
    }

    /// Finds a column that is not the expected one: the first row adds all of its columns, a
    /// later one those that its first fields had left out.
    #[cold]
    #[inline(never)]
    fn find(&mut self, name: &'static str) -> Result<usize, Failure> {
        let expected = self.next;
        match self.columns.iter().position(|column| column.name == name) {
            None => self.add_column(expected, name).map(|()| expected),
            Some(position) if position > expected => Ok(position),
            Some(_) => Err(Failure::new(PointPart::Column, "", name, PointProblem::Duplicate)),
        }
    }

    fn add_column(&mut self, index: usize, name: &'t str) -> Result<(), Failure> {
        let role = self.table.role(name);
        let mut text = KeyText::default();
        let part = match role {
            Role::Tag => Some(PointPart::TagKey),
            Role::Field => Some(PointPart::FieldKey),
            Role::Time => None,
        };
        if let Some(part) = part {
            text.set(name, part, &mut self.encoder.keys.scratch)
                .map_err(|problem| Failure::new(part, "", name, problem))?;
        }
        self.columns.insert(index, Column { name, role, text });
        let roles = self.columns.iter().map(|column| column.role);
        let fields = roles.skip_while(|role| *role != Role::Field);
        if self.tags_first && fields.clone().any(|role| role == Role::Tag) {
            self.tags_first = false;
            let written = self.encoder.buffer.until(self.fields_end);
            let fields = written.get(self.series_end..).unwrap_or_default();
            self.fields_end = self.side.write(0, fields);
        }
        Ok(())
    }

    /// Checks that the columns that the table names are there.
    fn check_complete(&self) -> Result<(), EncodeError> {
        match self.table.missing(&self.columns.iter().map(|column| column.name)) {
            None => Ok(()),
            Some(name) => Err(self.column_error(name, PointProblem::Missing)),
        }
    }

    fn column_error(&self, name: &str, problem: PointProblem) -> EncodeError {
        self.of_row(EncodeError::new(PointPart::Column, "", name, problem))
    }

    #[cold]
    fn of_row(&self, error: EncodeError) -> EncodeError {
        error.of(self.encoder.points(), self.name)
    }

    #[inline(always)]
    fn field(&mut self, value: Cell<'_>) -> Result<(), PointProblem> {
        let Some(column) = self.columns.get(self.current) else { return Ok(()) };
        let buffer = if self.tags_first { &mut self.encoder.buffer } else { &mut self.side };
        let at = column.text.write(buffer, self.fields_end);
        if let Some(end) = write_field(buffer, at, value, &self.encoder.options)? {
            self.fields_end = end;
            self.longest_key = self.longest_key.max(column.text.name_len());
        }
        Ok(())
    }

    #[inline(always)]
    fn tag(&mut self, value: Cell<'_>) -> Result<(), PointProblem> {
        let Some(column) = self.columns.get(self.current) else { return Ok(()) };
        if value != Cell::Null {
            let buffer = &mut self.encoder.buffer;
            let at = column.text.write(buffer, self.series_end);
            self.series_end = write_tag(buffer, at, value)?;
            if self.tags_first {
                self.fields_end = self.series_end;
            }
        }
        Ok(())
    }
}

impl RowSink for RowWriter<'_, '_> {
    type Error = Failure;

    #[inline(always)]
    fn begin(&mut self, columns: usize) {
        if self.columns.is_empty() {
            self.columns.reserve_exact(columns);
        }
    }

    #[inline(always)]
    fn column(&mut self, name: &'static str) -> Result<(), Failure> {
        self.current = match self.columns.get(self.next) {
            Some(column) if column.name == name => self.next,
            _ => self.find(name)?,
        };
        self.next = self.current + 1;
        Ok(())
    }

    #[inline(always)]
    fn cell(&mut self, cell: Cell<'_>) -> Result<(), Failure> {
        let Some(column) = self.columns.get(self.current) else { return Ok(()) };
        let (part, written) = match column.role {
            Role::Tag => (PointPart::TagValue, self.tag(cell)),
            Role::Field => (PointPart::FieldValue, self.field(cell)),
            Role::Time => {
                let time = read_time(cell, self.table.unit());
                (PointPart::Timestamp, time.map(|time| self.time = time))
            }
        };
        match written {
            Ok(()) => Ok(()),
            Err(problem) => {
                let name = self.columns.get(self.current).map_or("", |column| column.name);
                Err(Failure::new(part, name, &shown(cell), problem))
            }
        }
    }

    #[cold]
    fn locate(&self, failure: Failure) -> Failure {
        let column = self.columns.get(self.current);
        failure.in_column(column.map_or("", |column| column.name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Points, Value};

    fn check<R: Serialize>(rows: &[R], expected: Result<&str, &str>) {
        let table = Table::new("m").tags(["host", "zone"]).time("time");
        let mut encoder = LineEncoder::new();
        let result = table.rows(rows).encode(&mut encoder).map_err(|error| error.to_string());
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
        let refused =
            |what| format!(r#"point 0 of "m": column "value": a column cannot hold {what}"#);
        check(&[four(vec![1])], Err(&refused("a sequence")));
        check(&[four((1, 2))], Err(&refused("a tuple")));
        check(&[four(four(1))], Err(&refused("a struct")));
        let wide = r#"point 0 of "m": column "value": 1e38 does not fit into 64 bits"#;
        let digits = "1".to_owned() + &"0".repeat(38);
        check(&[four(10_i128.pow(38))], Err(&wide.replace("1e38", &digits)));
        check(&[four(1_i128)], Ok("m,host=a,zone=b value=1i 1\n"));
        check(
            &[four(1), Four { host: "", ..four(1) }],
            Err(r#"point 1 of "m": tag value of "host" "" is empty"#),
        );
        check(
            &[Row { time: Some(u64::MAX), ..FULL }],
            Err("point 0 of \"m\": timestamp of \"time\" \"18446744073709551615\" \
                 is not between the years 1677 and 2262"),
        );
        check(&[four(None::<i64>)], Err(r#"point 0 of "m" has no field"#));
        check(
            &[NoZone { time: 1, host: "a", value: 1 }],
            Err(
                r#"point 0 of "m": column "zone" is named by the table, but the data do not have it"#,
            ),
        );
    }

    #[test]
    fn only_a_struct_is_a_row() {
        let expected = Err(r#"point 0 of "m": only a struct or a map is a row"#);
        check(&[(1, 2)], expected);
        check(&[1], expected);
        check(&[None::<i64>], expected);
        let map = Err(r#"point 0 of "m": only a struct is a row"#);
        check(&[BTreeMap::from([("v", 1)])], map);
        check::<i64>(&[], Ok(""));
    }

    fn check_series(
        table: &Table,
        columns: &[&str],
        point: &[Value],
        expected: Result<&str, &str>,
    ) {
        let mut series = Series::new(table.name(), columns.iter().copied()).unwrap();
        series.push(point.iter().cloned()).unwrap();
        let mut encoder = LineEncoder::new();
        let result = table.series(&series).encode(&mut encoder).map_err(|error| error.to_string());
        let line = String::from_utf8(encoder.take()).unwrap();
        assert_eq!(result.map(|()| line), expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn columns_become_tags_fields_and_the_timestamp() {
        let table = Table::new("my cpu").tags(["host", "a tag"]).time("at");
        let columns = ["value", "host", "at", "a tag", "text", "n"];
        let point =
            [0.5.into(), 7.into(), 1_700.into(), "x=y".into(), "a \"b\"".into(), Value::Int(3)];
        check_series(
            &table,
            &columns,
            &point,
            Ok("my\\ cpu,a\\ tag=x\\=y,host=7 value=0.5,text=\"a \\\"b\\\"\",n=3i 1700\n"),
        );
        let sparse =
            [Value::Null, Value::Null, Value::Null, Value::Null, Value::Null, false.into()];
        check_series(&table, &columns, &sparse, Ok("my\\ cpu n=false\n"));
        check_series(
            &table,
            &columns,
            &[Value::Null, "h".into(), 1.into(), Value::Null, Value::Null, Value::Null],
            Err("point 0 of \"my cpu\" has no field"),
        );
    }

    #[test]
    fn a_column_that_does_not_fit_is_named() {
        let table = Table::new("m").tags(["host"]).time("time");
        let columns = ["time", "host", "v"];
        for (columns, point, expected) in [
            (
                columns,
                [1.5.into(), "a".into(), 1.into()],
                "point 0 of \"m\": timestamp of \"time\" \"1.5\" \
                 is not an integer, an RFC 3339 text or another form of a time",
            ),
            (
                columns,
                [1.into(), "".into(), 1.into()],
                "point 0 of \"m\": tag value of \"host\" \"\" is empty",
            ),
            (
                columns,
                [1.into(), "a".into(), f64::NAN.into()],
                "point 0 of \"m\": field value of \"v\" \"NaN\" is not finite; \
                 leave it out or choose `NonFinite::Omit`",
            ),
            (
                ["time", "hsot", "v"],
                [1.into(), "a".into(), 1.into()],
                "point 0 of \"m\": column \"host\" is named by the table, but the data do not have it",
            ),
            (
                ["time", "host", "a\nb"],
                [1.into(), "a".into(), 1.into()],
                "point 0 of \"m\": field key \"a\\nb\" contains a line feed, carriage return or NUL",
            ),
        ] {
            check_series(&table, &columns, &point, Err(expected));
        }
        let other_time = Table::new("m").tags(["host"]).time("v");
        check_series(
            &other_time,
            &columns,
            &[1.into(), "a".into(), 1.into()],
            Err("point 0 of \"m\": field key \"time\" is reserved for the timestamp"),
        );
    }

    #[test]
    fn the_points_before_a_bad_one_stay() {
        let mut series = Series::new("m", ["v"]).unwrap();
        for value in [1.0, 2.0, f64::NAN, 4.0] {
            series.push([value.into()]).unwrap();
        }
        let mut encoder = LineEncoder::new();
        let error = series.encode(&mut encoder).unwrap_err();
        assert_eq!((error.point, error.part), (2, PointPart::FieldValue));
        assert_eq!(encoder.as_bytes(), b"m v=1.0\nm v=2.0\n");
    }
}
