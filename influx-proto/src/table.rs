//! The schema of rows.

use serde::ser::Serialize;

use crate::{Series, TimeUnit};

/// The schema of serde rows: the name of the table, the tag columns and the time column.
///
/// All other columns are fields. Without [`time`](Self::time), a column named `time` is the time.
/// A time is an integer, a [`Time`](crate::Time), a `SystemTime` or an RFC 3339 text, which is
/// how serde writes `chrono::DateTime<Utc>` and `jiff::Timestamp`.
/// A column without a value (`None`) is left out of line protocol and null in series JSON;
/// a time without a value is left out of both. A `SystemTime` before 1970 is an error of serde:
/// use [`Time`](crate::Time) there.
///
/// ```
/// use influx_proto::encode::EncodeOptions;
/// use influx_proto::{Format, Table};
///
/// #[derive(serde::Serialize)]
/// struct Cpu<'a> {
///     time: i64,
///     host: &'a str,
///     load: f64,
///     idle: Option<f64>,
/// }
/// let rows = [
///     Cpu { time: 1_000, host: "a", load: 0.5, idle: None },
///     Cpu { time: 2_000, host: "b", load: 0.7, idle: Some(0.1) },
/// ];
/// let options = EncodeOptions::default();
/// let cpu = Table::new("cpu").tag("host");
///
/// let lines = Format::Lines.encode(&cpu.rows(&rows), &options, None)?;
/// assert_eq!(lines[0].bytes, "cpu,host=a load=0.5 1000\ncpu,host=b load=0.7,idle=0.1 2000\n");
///
/// let json = Format::SeriesJson.encode(&cpu.rows(&rows), &options, None)?;
/// assert_eq!(
///     json[0].bytes,
///     concat!(
///         r#"[{"name":"cpu","columns":["time","host","load","idle"],"#,
///         r#""points":[[1,"a",0.5,null],[2,"b",0.7,0.1]]}]"#
///     )
/// );
/// # Ok::<(), influx_proto::EncodeError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    name: String,
    tags: Vec<String>,
    time: Option<String>,
    unit: TimeUnit,
}

impl Table {
    /// A table without tag columns, whose column `time` is the time.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), tags: Vec::new(), time: None, unit: TimeUnit::default() }
    }

    /// Adds a tag column. In line protocol, numbers and booleans in it become text.
    #[must_use]
    pub fn tag(mut self, column: impl Into<String>) -> Self {
        self.tags.push(column.into());
        self
    }

    /// Adds tag columns.
    #[must_use]
    pub fn tags<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.tags.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Names the time column. In series JSON it is called `time`.
    #[must_use]
    pub fn time(mut self, column: impl Into<String>) -> Self {
        self.time = Some(column.into());
        self
    }

    /// Sets the unit of integers in the time column. Default: nanoseconds since 1970.
    #[must_use]
    pub fn time_unit(mut self, unit: TimeUnit) -> Self {
        self.unit = unit;
        self
    }

    /// Rows of this table. The first row decides on the columns; a later one may lack some, but
    /// cannot add any to series JSON, nor have them in another order.
    ///
    /// In line protocol, tags stand in the order of the struct's fields; sorted by name, the
    /// server is fastest.
    pub fn rows<'a, T: Serialize>(&'a self, rows: &'a [T]) -> TableRows<'a, T> {
        TableRows { table: self, rows }
    }

    /// A series with the tag columns and the time column of this table. Its own name is written.
    pub fn series<'a>(&'a self, series: &'a Series) -> TableSeries<'a> {
        TableSeries { table: self, series }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn unit(&self) -> TimeUnit {
        self.unit
    }

    pub(crate) fn role(&self, column: &str) -> Role {
        if column == self.time.as_deref().unwrap_or("time") {
            Role::Time
        } else if self.tags.iter().any(|tag| tag == column) {
            Role::Tag
        } else {
            Role::Field
        }
    }

    /// A column that is named here and is not among those of the data.
    pub(crate) fn missing<'a>(
        &self,
        columns: &(impl Iterator<Item = &'a str> + Clone),
    ) -> Option<&str> {
        let mut named = self.tags.iter().chain(&self.time).map(String::as_str);
        named.find(|name| columns.clone().all(|column| column != *name))
    }
}

/// The meaning of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    Tag,
    Field,
    Time,
}

/// Rows of a table; made by [`Table::rows`].
#[derive(Debug)]
pub struct TableRows<'a, T> {
    pub(crate) table: &'a Table,
    pub(crate) rows: &'a [T],
}

/// A series of a table; made by [`Table::series`].
#[derive(Debug)]
pub struct TableSeries<'a> {
    pub(crate) table: &'a Table,
    pub(crate) series: &'a Series,
}
