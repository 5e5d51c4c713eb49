//! A point that is built ad hoc.

use crate::{Time, Value};

/// A point that is built ad hoc: a name, tags, fields and a time.
///
/// The builder accepts everything; an encoder checks the point and names what it refuses.
/// A tag or field that is [`Value::Null`] (or `None`) is left out.
/// In series JSON, tags and fields are columns.
///
/// ```
/// use influx_proto::encode::EncodeOptions;
/// use influx_proto::{Format, Point, Time};
///
/// let point = Point::new("cpu")
///     .tag("host", "web 1")
///     .field("load", 0.5)
///     .field("cores", 8)
///     .time(Time::from_nanos(1_700_000_000_000_000_000));
/// let bodies = Format::Lines.encode(&point, &EncodeOptions::default(), None)?;
/// assert_eq!(bodies[0].bytes, "cpu,host=web\\ 1 load=0.5,cores=8i 1700000000000000000\n");
/// # Ok::<(), influx_proto::EncodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a point is not written until it is passed to an encoder or to `write`"]
pub struct Point {
    pub(crate) name: String,
    pub(crate) tags: Vec<(String, Value)>,
    pub(crate) fields: Vec<(String, Value)>,
    pub(crate) time: Option<Time>,
}

impl Point {
    /// A point without tags, fields and time.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), tags: Vec::new(), fields: Vec::new(), time: None }
    }

    /// Adds a tag. In line protocol, numbers and booleans become text.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Adds a field.
    pub fn field(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.push((key.into(), value.into()));
        self
    }

    /// Sets the time. Without one, the point gets that of
    /// [`EncodeOptions`](crate::encode::EncodeOptions) or that of its arrival at the server.
    pub fn time(mut self, time: impl Into<Time>) -> Self {
        self.time = Some(time.into());
        self
    }

    /// Sets the time of a point that does not have one.
    pub fn or_time(mut self, time: impl Into<Time>) -> Self {
        self.time.get_or_insert_with(|| time.into());
        self
    }

    /// The name of the measurement or series.
    pub fn name(&self) -> &str {
        &self.name
    }
}
