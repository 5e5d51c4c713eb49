//! A `Series` as points.

use super::encode::LineEncoder;
use super::error::{LineEncodeError, LinePosition, LineProblem};
use super::schema::{Column, LineSchema, Role, RowWriter};
use super::value::FieldValue;
use crate::{Series, SeriesError};

impl LineEncoder {
    /// Writes each point of a series as a line; a null leaves its tag or field out.
    ///
    /// Tags are written sorted, which is what the server is fastest with.
    ///
    /// ```
    /// use influx_proto::line::{LineEncoder, LineSchema};
    /// use influx_proto::{Series, Value};
    ///
    /// let mut cpu = Series::new("cpu", ["time", "load", "region", "host"])?;
    /// cpu.push([1.into(), 0.5.into(), "eu".into(), "a".into()])?;
    /// cpu.push([2.into(), 0.7.into(), Value::Null, "b".into()])?;
    ///
    /// let schema = LineSchema::new(cpu.name()).tags(["host", "region"]).time("time");
    /// let mut encoder = LineEncoder::new();
    /// encoder.table(&schema, &cpu)?;
    /// assert_eq!(encoder.as_bytes(), b"cpu,host=a,region=eu load=0.5 1\ncpu,host=b load=0.7 2\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`LineEncodeError`] if the schema names a column that the series lacks,
    /// a column appears twice, a name or a value cannot be written, or a point has no field.
    /// The points before it stay written.
    pub fn table(&mut self, schema: &LineSchema, series: &Series) -> Result<(), LineEncodeError> {
        let mut writer = RowWriter::new(self, schema)?;
        let columns = resolve(&writer, schema, series)?;
        for point in series.points() {
            writer.begin();
            for (index, column) in &columns {
                if let Some(value) = point.get(*index).and_then(FieldValue::from_cell) {
                    writer.cell(column, &value)?;
                }
            }
            writer.end()?;
        }
        Ok(())
    }
}

/// The columns with their positions, tags first and sorted.
fn resolve(
    writer: &RowWriter<'_>,
    schema: &LineSchema,
    series: &Series,
) -> Result<Vec<(usize, Column)>, LineEncodeError> {
    let error = |column: &str, problem| {
        Err(writer.encoder.error(LinePosition::Column, "", column, problem))
    };
    if let Err(SeriesError::DuplicateColumn { column, .. }) = series.check_columns() {
        return error(&column, LineProblem::Duplicate);
    }
    if let Some(column) = schema.missing(&series.columns().iter().map(String::as_str)) {
        return error(column, LineProblem::Missing);
    }
    let names = series.columns().iter().enumerate();
    let mut columns = names
        .map(|(index, name)| Ok((index, writer.column(schema, name)?)))
        .collect::<Result<Vec<_>, LineEncodeError>>()?;
    columns.sort_by(|(_, one), (_, other)| match (one.role, other.role) {
        (Role::Tag, Role::Tag) => one.name.cmp(&other.name),
        (one, other) => (one != Role::Tag).cmp(&(other != Role::Tag)),
    });
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn check(schema: &LineSchema, columns: &[&str], point: &[Value], expected: Result<&str, &str>) {
        let mut series = Series::new("ignored", columns.iter().copied()).unwrap();
        series.push(point.iter().cloned()).unwrap();
        let mut encoder = LineEncoder::new();
        let result = encoder.table(schema, &series).map_err(|error| error.to_string());
        let line = String::from_utf8(encoder.take()).unwrap();
        assert_eq!(result.map(|()| line), expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn columns_become_tags_fields_and_the_timestamp() {
        let schema = LineSchema::new("my cpu").tags(["host", "a tag"]).time("at");
        let columns = ["value", "host", "at", "a tag", "text", "n"];
        let point =
            [0.5.into(), 7.into(), 1_700.into(), "x=y".into(), "a \"b\"".into(), Value::Int(3)];
        check(
            &schema,
            &columns,
            &point,
            Ok("my\\ cpu,a\\ tag=x\\=y,host=7 value=0.5,text=\"a \\\"b\\\"\",n=3i 1700\n"),
        );
        let sparse =
            [Value::Null, Value::Null, Value::Null, Value::Null, Value::Null, false.into()];
        check(&schema, &columns, &sparse, Ok("my\\ cpu n=false\n"));
        check(
            &schema,
            &columns,
            &[Value::Null, "h".into(), 1.into(), Value::Null, Value::Null, Value::Null],
            Err("point 0: line \"my\\\\ cpu,host=h\" has no field"),
        );
    }

    #[test]
    fn a_column_that_does_not_fit_is_named() {
        let schema = LineSchema::new("m").tags(["host"]).time("time");
        let columns = ["time", "host", "v"];
        for (columns, point, expected) in [
            (
                columns,
                [1.5.into(), "a".into(), 1.into()],
                "point 0: timestamp of \"time\" \"1.5\" is no integer between \
                 -9223372036854775806 and 9223372036854775806",
            ),
            (
                columns,
                [1.into(), "".into(), 1.into()],
                "point 0: tag value of \"host\" \"\" is empty",
            ),
            (
                columns,
                [1.into(), "a".into(), f64::NAN.into()],
                "point 0: field value of \"v\" \"NaN\" is not finite; \
                 leave it out or choose `NonFinite::OmitField`",
            ),
            (
                ["time", "hsot", "v"],
                [1.into(), "a".into(), 1.into()],
                "point 0: column \"host\" is in the schema but not in the table",
            ),
            (
                ["time", "host", "a\nb"],
                [1.into(), "a".into(), 1.into()],
                "point 0: field key \"a\\nb\" contains a line feed, carriage return or NUL",
            ),
        ] {
            check(&schema, &columns, &point, Err(expected));
        }
        let untimed = LineSchema::new("m").tags(["host"]);
        check(
            &untimed,
            &columns,
            &[1.into(), "a".into(), 1.into()],
            Err("point 0: field key \"time\" is reserved for the timestamp"),
        );
    }

    #[test]
    fn the_points_before_a_bad_one_stay() {
        let mut series = Series::new("m", ["v"]).unwrap();
        for value in [1.0, 2.0, f64::NAN, 4.0] {
            series.push([value.into()]).unwrap();
        }
        let mut encoder = LineEncoder::new();
        let error = encoder.table(&LineSchema::new("m"), &series).unwrap_err();
        assert_eq!((error.point, error.position), (2, LinePosition::FieldValue));
        assert_eq!(encoder.as_bytes(), b"m v=1.0\nm v=2.0\n");
    }
}
