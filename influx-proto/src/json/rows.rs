//! Serializable structs as the body of a write request, without a `Series` between.

#![expect(clippy::inline_always, reason = "a call would move a large result through memory")]

use std::{mem, ptr};

use serde::ser::Serialize;

use super::cell::{CellSerializer, Failure};
use super::encode::{NonFinite, write_head};
use crate::{EncodeError, RowError, Series, SeriesError};

/// Appends the rows, structs with named fields, to `out` as one JSON array with one series.
///
/// The body is what [`encode_series`](super::encode_series) writes for a
/// [`Series`] of these rows, but nothing is allocated for a point.
/// The first row decides on the columns. A later one that lacks some has nulls there;
/// it cannot add any, nor have them in another order, which the rows of one struct never do.
/// A field that serde skips in the first row is a column too, of nulls until a row has it; a
/// `Series` does not get that column.
///
/// ```
/// use influx_proto::json::{NonFinite, encode_rows};
///
/// #[derive(serde::Serialize)]
/// struct Cpu<'a> {
///     host: &'a str,
///     value: f64,
/// }
/// let rows = [Cpu { host: "web-1", value: 1.0 }, Cpu { host: "web-2", value: 0.5 }];
/// let mut body = Vec::new();
/// encode_rows("cpu", &rows, NonFinite::Error, &mut body)?;
/// assert_eq!(
///     body,
///     br#"[{"name":"cpu","columns":["host","value"],"points":[["web-1",1.0],["web-2",0.5]]}]"#
/// );
/// # Ok::<(), influx_proto::EncodeError>(())
/// ```
///
/// # Errors
///
/// [`EncodeError::Series`] if a row is no struct, has a cell that a column cannot hold or a column
/// that the first row does not have, or if there are no rows or no columns;
/// [`EncodeError::NonFinite`] and [`EncodeError::Unnamed`]. `out` is as before then.
pub fn encode_rows<T: Serialize>(
    name: &str,
    rows: impl IntoIterator<Item = T>,
    non_finite: NonFinite,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let before = out.len();
    let result = write_rows(name, rows, non_finite, out);
    if result.is_err() {
        out.truncate(before);
    }
    result
}

fn write_rows<T: Serialize>(
    name: &str,
    rows: impl IntoIterator<Item = T>,
    non_finite: NonFinite,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut rows = rows.into_iter();
    let Some(first) = rows.next() else {
        return Err(SeriesError::NoColumns { series: name.to_owned() }.into());
    };
    // The columns stand before the first row's cells and become known by them.
    let mut cells = Vec::new();
    let mut table =
        Table { columns: Vec::new(), is_first: true, next: 0, non_finite, out: &mut cells };
    table.write(&first).map_err(|failure| failure.into_error(name, 0))?;
    let columns = mem::take(&mut table.columns);
    out.push(b'[');
    write_head(&Series::new(name, columns.iter().copied())?, out)?;
    out.extend_from_slice(&cells);
    let mut table = Table { columns, is_first: false, next: 0, non_finite, out };
    for (index, row) in rows.enumerate() {
        table.out.push(b',');
        table.write(&row).map_err(|failure| failure.into_error(name, index + 1))?;
    }
    out.extend_from_slice(b"]}]");
    Ok(())
}

/// Rows of one type, whose columns become known with the first row.
pub(super) struct Table<'o> {
    columns: Vec<&'static str>,
    is_first: bool,
    /// The column that is expected next.
    next: usize,
    pub(super) non_finite: NonFinite,
    pub(super) out: &'o mut Vec<u8>,
}

impl Table<'_> {
    /// Begins the cell of a column.
    #[inline(always)]
    pub(super) fn begin_cell(&mut self, column: &'static str) -> Result<(), Failure> {
        // Rows of one struct have the very same names in the same order.
        if !self.columns.get(self.next).is_some_and(|expected| ptr::eq(*expected, column)) {
            self.find(column)?;
        }
        self.separate();
        Ok(())
    }

    fn write(&mut self, row: &impl Serialize) -> Result<(), Failure> {
        self.next = 0;
        row.serialize(CellSerializer { table: self, column: None })?;
        if self.next < self.columns.len() {
            self.fill(self.columns.len());
        }
        self.out.push(b']');
        Ok(())
    }

    #[cold]
    fn find(&mut self, column: &'static str) -> Result<(), Failure> {
        if self.is_first {
            self.columns.push(column);
            return Ok(());
        }
        let later = self.columns.iter().skip(self.next).position(|name| *name == column);
        let Some(distance) = later else {
            let reason = "the first row has no such column, or not in this order";
            return Err(RowError::of_column(column, reason).into());
        };
        self.fill(self.next + distance);
        Ok(())
    }

    /// Writes nulls up to a column.
    #[cold]
    fn fill(&mut self, column: usize) {
        while self.next < column {
            self.separate();
            self.out.extend_from_slice(b"null");
        }
    }

    #[inline]
    fn separate(&mut self) {
        self.out.push(if self.next == 0 { b'[' } else { b',' });
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Checks the body, which is that of a series of the rows.
    fn check<T: Serialize>(rows: &[T], expected: Result<&str, &str>) {
        let mut out = b"before".to_vec();
        let result = encode_rows("m", rows, NonFinite::Error, &mut out);
        let text = String::from_utf8(out).unwrap();
        match expected {
            Ok(points) => {
                assert_eq!(result, Ok(()));
                assert_eq!(text, format!("before[{{\"name\":\"m\",{points}}}]"));
            }
            Err(expected) => {
                let error = result.unwrap_err();
                let source = std::error::Error::source(&error).map(ToString::to_string);
                assert_eq!(source.unwrap_or_else(|| error.to_string()), expected);
                assert_eq!(text, "before");
            }
        }
    }

    #[derive(Clone, Copy, serde::Serialize)]
    struct Row<'a> {
        time: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        zone: Option<char>,
        host: &'a str,
        state: State,
        load: f32,
        unit: (),
    }

    #[derive(Clone, Copy, serde::Serialize)]
    enum State {
        Up,
        Since(i64),
    }

    #[derive(serde::Serialize)]
    struct One<T> {
        value: T,
    }

    #[derive(serde::Serialize)]
    #[serde(untagged)]
    enum Either {
        A { one: bool, two: u64 },
        B { two: u64 },
        C { two: u64, one: bool },
    }

    const ROW: Row<'_> =
        Row { time: 1, zone: None, host: "a\"b", state: State::Up, load: 0.5, unit: () };

    #[test]
    fn structs_become_points() {
        check(
            &[ROW, Row { zone: Some('é'), time: i64::MIN, ..ROW }],
            Ok(concat!(
                r#""columns":["time","zone","host","state","load","unit"],"#,
                r#""points":[[1,null,"a\"b","Up",0.5,null],"#,
                r#"[-9223372036854775808,"é","a\"b","Up",0.5,null]]"#
            )),
        );
        check(
            &[Some(&One { value: u64::MAX })],
            Ok(r#""columns":["value"],"points":[[18446744073709551615]]"#),
        );
        check(
            &[Either::A { one: true, two: 1 }, Either::B { two: 2 }],
            Ok(r#""columns":["one","two"],"points":[[true,1],[null,2]]"#),
        );
    }

    #[test]
    fn the_body_is_that_of_a_series() {
        let rows = [ROW, ROW, Row { host: "\u{1}", load: -0.0, ..ROW }];
        let series =
            Series::from_rows("m", rows.map(|row| Row { zone: Some('z'), ..row })).unwrap();
        let (mut expected, mut body) = (Vec::new(), Vec::new());
        crate::json::encode_series([&series], NonFinite::Error, &mut expected).unwrap();
        let rows = rows.map(|row| Row { zone: Some('z'), ..row });
        encode_rows("m", rows, NonFinite::Error, &mut body).unwrap();
        assert_eq!(body, expected);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        check(
            &[Row { state: State::Since(1), ..ROW }],
            Err("column \"state\": a column holds a number, boolean or text only"),
        );
        check(
            &[One { value: vec![1] }],
            Err("column \"value\": a column holds a number, boolean or text only"),
        );
        check(
            &[One { value: f64::NAN }],
            Err("point 0 of series \"m\": column \"value\" is NaN, which JSON cannot carry; \
             leave it out or choose `NonFinite::Null`"),
        );
        let unordered = "column \"one\": the first row has no such column, or not in this order";
        check(&[Either::B { two: 1 }, Either::C { two: 2, one: true }], Err(unordered));
        check(&[Either::A { one: true, two: 1 }, Either::C { two: 2, one: true }], Err(unordered));
        let no_row = Err("row: only a struct is a row");
        check(&[1], no_row);
        check(&[None::<i64>], no_row);
        check(&[BTreeMap::from([("a", 1)])], no_row);
        check::<One<i64>>(&[], Err("series \"m\" has no columns"));
    }

    #[test]
    fn an_infinity_may_become_null() {
        let mut out = Vec::new();
        encode_rows("m", [One { value: f64::INFINITY }], NonFinite::Null, &mut out).unwrap();
        assert_eq!(out, br#"[{"name":"m","columns":["value"],"points":[[null]]}]"#);
        let unnamed = encode_rows("", [One { value: 1 }], NonFinite::Error, &mut out).unwrap_err();
        assert_eq!(unnamed, EncodeError::Unnamed);
    }
}
