//! The points that one message stands for.

use influx_proto::{Series, Value};

use super::Unmapped;
use crate::v08::Identities;

/// Takes the points that one message stands for.
///
/// They go on together or not at all: if the mapping fails after some, none is kept.
#[derive(Debug)]
pub struct Points<'a> {
    /// When the message came, in microseconds since 1970.
    arrival: i64,
    identities: &'a Identities,
    series: Vec<Series>,
}

impl<'a> Points<'a> {
    pub(super) fn new(arrival: i64, identities: &'a Identities) -> Self {
        Self { arrival, identities, series: Vec::new() }
    }

    /// Adds a point to a series.
    ///
    /// Its time is the column `time`, in microseconds since 1970; without one, or with a null,
    /// it is the moment at which the message came. The column `sequence_number` is not for the
    /// mapping: it makes a repeated write harmless.
    ///
    /// # Errors
    ///
    /// [`Unmapped`] if the server would refuse the point, and with it all that are sent along:
    /// without a name or a column of its own, with a column twice, with a `time` that is no
    /// integer, with a number that is not finite.
    pub fn push<C: Into<String>>(
        &mut self,
        series: &str,
        cells: impl IntoIterator<Item = (C, Value)>,
    ) -> Result<(), Unmapped> {
        let mut time = Value::Null;
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for (column, value) in cells {
            let column = column.into();
            match (column.as_str(), &value) {
                (TIME, Value::Int(_) | Value::Null) => time = value,
                (TIME | SEQUENCE_NUMBER, _) => return Err(unfit(&column)),
                (_, Value::Float(number)) if !number.is_finite() => return Err(unfit(&column)),
                _ => {
                    columns.push(column);
                    values.push(value);
                }
            }
        }
        if series.is_empty() || columns.is_empty() {
            return Err(Unmapped::new("a point needs the name of a series and a column"));
        }
        if time.is_null() {
            time = self.arrival.into();
        }
        columns.extend([TIME, SEQUENCE_NUMBER].map(str::to_owned));
        values.extend([time, self.identities.next().into()]);
        self.add(series, columns, values)
    }

    fn add(
        &mut self,
        series: &str,
        columns: Vec<String>,
        values: Vec<Value>,
    ) -> Result<(), Unmapped> {
        let last = self.series.last_mut();
        if let Some(last) = last.filter(|last| last.name() == series && last.columns() == columns) {
            return last.push(values).map_err(Unmapped::of);
        }
        let mut new = Series::new(series, columns).map_err(Unmapped::of)?;
        new.push(values).map_err(Unmapped::of)?;
        self.series.push(new);
        Ok(())
    }

    pub(super) fn into_series(self) -> Vec<Series> {
        self.series
    }
}

fn unfit(column: &str) -> Unmapped {
    Unmapped::new(format!("the column {column:?} cannot have this value"))
}

const TIME: &str = "time";
const SEQUENCE_NUMBER: &str = "sequence_number";

/// What the server would get of a series, without the sequence numbers.
#[cfg(test)]
pub(super) fn shown(series: &Series) -> String {
    let width = series.columns().len() - 1;
    assert_eq!(series.columns()[width], SEQUENCE_NUMBER);
    let points: Vec<_> = series.points().map(|point| &point[..width]).collect();
    let points = serde_json::to_string(&points).unwrap();
    format!("{}{:?}{points}", series.name(), &series.columns()[..width])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the server would get, without the sequence numbers.
    fn check(points: &[(&str, &[(&str, Value)])], expected: &str) {
        let identities = Identities::new();
        let mut taken = Points::new(99, &identities);
        let all =
            points.iter().try_for_each(|(series, cells)| taken.push(series, cells.iter().cloned()));
        let found = match all {
            Err(unmapped) => unmapped.to_string(),
            Ok(()) => taken.into_series().iter().map(shown).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(found, expected, "{points:?}");
    }

    #[test]
    fn points_of_one_shape_share_a_series() {
        let load: &[_] = &[("load", 1.into())];
        check(&[("cpu", load), ("cpu", load)], r#"cpu["load", "time"][[1,99],[1,99]]"#);
        check(
            &[("a", load), ("b", load)],
            r#"a["load", "time"][[1,99]] b["load", "time"][[1,99]]"#,
        );
    }

    #[test]
    fn the_time_is_the_points_own_or_that_of_the_message() {
        check(&[("s", &[("time", 7.into()), ("v", true.into())])], r#"s["v", "time"][[true,7]]"#);
        check(&[("s", &[("time", Value::Null), ("v", "x".into())])], r#"s["v", "time"][["x",99]]"#);
    }

    #[test]
    fn what_the_server_would_refuse_is_refused_here() {
        let nothing = "a point needs the name of a series and a column";
        check(&[("s", &[])], nothing);
        check(&[("s", &[("time", 7.into())])], nothing);
        check(&[("", &[("v", 1.into())])], nothing);
        for value in [f64::NAN, f64::INFINITY] {
            check(&[("s", &[("v", value.into())])], r#"the column "v" cannot have this value"#);
        }
        check(&[("s", &[("time", 0.5.into())])], r#"the column "time" cannot have this value"#);
        check(
            &[("s", &[("v", 1.into()), ("v", 2.into())])],
            r#"series "s" has the column "v" twice"#,
        );
    }
}
