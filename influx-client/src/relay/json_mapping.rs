//! Points of JSON messages, by configuration.

use bytes::Bytes;
use influx_proto::{Point, Time, TimeUnit, Value};
use serde_json::Value as Json;

use super::mapping::without_mark;
use super::{Mapping, Unmapped};

/// Makes a point of each JSON object, or of each object in an array of them.
///
/// By default every member becomes a column, and the time is that of the message's arrival: no
/// member is the time unless [`JsonMapping::time`] names it.
/// A member of an object inside is named by its path, as in `wind.speed`. A null is left out,
/// since InfluxDB 0.8 would delete a cell by it.
///
/// [`Unfit`] decides about a member that cannot be a column.
///
/// ```
/// use influx_client::TimeUnit;
/// use influx_client::relay::JsonMapping;
///
/// // {"device": "roof", "ts": 1700000000, "wind": {"speed": 3.5}}
/// // becomes, in the series `weather`, device = "roof", wind.speed = 3.5.
/// let mapping = JsonMapping::new("weather").tag("device").time("ts", TimeUnit::Seconds);
/// ```
#[derive(Clone, Debug)]
pub struct JsonMapping {
    series: String,
    series_field: Option<String>,
    tags: Vec<String>,
    values: Option<Vec<String>>,
    time: Option<(String, TimeUnit)>,
    unfit: Unfit,
}

/// The treatment of a member that cannot be a column: an array; a member named `time` or
/// `sequence_number`, names that databases keep for themselves; and a member that
/// [`JsonMapping::time`] names, but that does not say a time.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Unfit {
    /// The message is refused, with the name of the member.
    #[default]
    Refuse,
    /// The member is left out, and the rest of the message is stored.
    Omit,
    /// The member is stored as a text, an array as its JSON. A name that databases keep for
    /// themselves gets an underscore behind it, as in `time_`.
    Text,
}

impl JsonMapping {
    /// All points go to this series.
    pub fn new(series: impl Into<String>) -> Self {
        Self {
            series: series.into(),
            series_field: None,
            tags: Vec::new(),
            values: None,
            time: None,
            unfit: Unfit::default(),
        }
    }

    /// The text of this member names the series, where it is there.
    #[must_use]
    pub fn series_field(mut self, field: impl Into<String>) -> Self {
        self.series_field = Some(field.into());
        self
    }

    /// This member is a tag: it becomes a text, whatever its type.
    #[must_use]
    pub fn tag(mut self, field: impl Into<String>) -> Self {
        self.tags.push(field.into());
        self
    }

    /// This member is a value. Once one is named, members that are neither a value nor a tag are
    /// left out, and a message without any value cannot be mapped.
    #[must_use]
    pub fn value(mut self, field: impl Into<String>) -> Self {
        self.values.get_or_insert_default().push(field.into());
        self
    }

    /// This member is the time: a number in this unit since 1970, possibly with a fraction, or a
    /// text in the form of RFC 3339, such as `2014-05-13T16:53:29Z`. A message without it, or with a
    /// null, has the time of its arrival.
    #[must_use]
    pub fn time(mut self, field: impl Into<String>, unit: TimeUnit) -> Self {
        self.time = Some((field.into(), unit));
        self
    }

    /// Sets the treatment of members that cannot be a column. Default: the message is refused.
    #[must_use]
    pub fn unfit(mut self, unfit: Unfit) -> Self {
        self.unfit = unfit;
        self
    }

    fn point(&self, message: Json) -> Result<Point, Unmapped> {
        let Json::Object(object) = message else {
            return Err(Unmapped::new(format!("{} is not an object", kind(&message))));
        };
        let mut found = Found::default();
        for (name, json) in object {
            self.member(name, json, &mut found)?;
        }
        if found.fields.is_empty() {
            return Err(Unmapped::new("it has no value"));
        }
        let mut point = Point::new(found.series.as_deref().unwrap_or(&self.series));
        for (name, text) in found.tags {
            point = point.tag(name, text);
        }
        for (name, value) in found.fields {
            point = point.field(name, value);
        }
        Ok(match found.time {
            Some(time) => point.time(time),
            None => point,
        })
    }

    fn member(&self, name: String, json: Json, found: &mut Found) -> Result<(), Unmapped> {
        if name.len() > MAX_NAME {
            return Err(Unmapped::new(format!("a name is longer than {MAX_NAME} bytes")));
        }
        if json.is_null() {
            return Ok(());
        }
        if let Some((_, unit)) = self.time.as_ref().filter(|(field, _)| *field == name) {
            return match time(&json, *unit) {
                Some(time) => once(&name, found.time.replace(time).is_none()),
                None => self.unfit_member(name, json, "a time", found),
            };
        }
        match json {
            Json::Object(members) => {
                for (member, json) in members {
                    self.member(format!("{name}.{member}"), json, found)?;
                }
                Ok(())
            }
            Json::String(series) if self.series_field.as_ref() == Some(&name) => {
                once(&name, found.series.replace(series).is_none())
            }
            json if self.tags.contains(&name) => match text(json) {
                Ok(text) if !is_reserved(&name) => {
                    found.tags.push((name, text));
                    Ok(())
                }
                Ok(text) => self.unfit_member(name, text.into(), "a tag", found),
                Err(json) => self.unfit_member(name, json, "a tag", found),
            },
            _ if self.values.as_ref().is_some_and(|values| !values.contains(&name)) => Ok(()),
            json if is_reserved(&name) => self.unfit_member(name, json, "a value", found),
            json => match value(json) {
                Ok(value) => {
                    found.fields.push((name, value));
                    Ok(())
                }
                Err(json) => self.unfit_member(name, json, "a value", found),
            },
        }
    }

    fn unfit_member(
        &self,
        mut name: String,
        json: Json,
        role: &str,
        found: &mut Found,
    ) -> Result<(), Unmapped> {
        match self.unfit {
            Unfit::Refuse => {
                let why = if is_reserved(&name) { ": databases keep the name" } else { "" };
                return Err(Unmapped::new(format!("{name:?} cannot be {role}{why}")));
            }
            Unfit::Omit => return Ok(()),
            Unfit::Text => {}
        }
        if is_reserved(&name) {
            name.push('_');
        }
        let text = text(json).unwrap_or_else(|json| json.to_string());
        if self.tags.contains(&name) || role == "a tag" {
            found.tags.push((name, text));
        } else {
            found.fields.push((name, text.into()));
        }
        Ok(())
    }
}

impl Mapping<Json> for JsonMapping {
    fn map(&mut self, message: Json) -> Result<Vec<Point>, Unmapped> {
        match message {
            Json::Array(all) => all.into_iter().map(|message| self.point(message)).collect(),
            message => Ok(vec![self.point(message)?]),
        }
    }
}

/// The JSON text of a message; a byte order mark at its beginning is dropped.
impl Mapping<Bytes> for JsonMapping {
    fn map(&mut self, message: Bytes) -> Result<Vec<Point>, Unmapped> {
        let message: Json = serde_json::from_slice(without_mark(&message)).map_err(Unmapped::of)?;
        self.map(message)
    }
}

/// The members of one object, by what they are.
#[derive(Default)]
struct Found {
    series: Option<String>,
    tags: Vec<(String, String)>,
    fields: Vec<(String, Value)>,
    time: Option<Time>,
}

/// Two members can have one path, as in `{"a": {"b": 1}, "a.b": 2}`; none of them is better.
fn once(name: &str, is_first: bool) -> Result<(), Unmapped> {
    if is_first { Ok(()) } else { Err(Unmapped::new(format!("{name:?} appears twice"))) }
}

/// Whether a database keeps this name for the identity of a point.
fn is_reserved(name: &str) -> bool {
    matches!(name, "time" | "sequence_number")
}

/// The text of a member that is one value; any other comes back.
fn text(json: Json) -> Result<String, Json> {
    match json {
        Json::String(text) => Ok(text),
        Json::Bool(_) | Json::Number(_) => Ok(json.to_string()),
        other => Err(other),
    }
}

/// The value of a member that is one; any other comes back.
fn value(json: Json) -> Result<Value, Json> {
    match json {
        Json::Bool(value) => Ok(value.into()),
        Json::String(value) => Ok(value.into()),
        Json::Number(number) => {
            let integer = number.as_i64().map(Value::from);
            let integer = integer.or_else(|| number.as_u64().map(Value::from));
            let value = integer.or_else(|| number.as_f64().map(Value::from));
            value.ok_or(Json::Number(number))
        }
        other => Err(other),
    }
}

/// An RFC 3339 text, or a number in this unit, possibly with a fraction, if 64 bits can hold its
/// nanoseconds.
fn time(json: &Json, unit: TimeUnit) -> Option<Time> {
    if let Json::String(text) = json {
        return text.parse().ok();
    }
    if let Some(whole) = json.as_i64() {
        return Time::from_unit(whole, unit);
    }
    #[expect(clippy::cast_precision_loss, reason = "a unit is at most 10^9")]
    let exact = (json.as_f64()? * unit.nanos() as f64).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    (exact.abs() < 2_f64.powi(63)).then_some(Time::from_nanos(exact as i64))
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

/// The longest name of a column, in bytes: the paths of a deep message would otherwise take many
/// times its own size.
const MAX_NAME: usize = 1024;
