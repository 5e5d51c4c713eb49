//! Points of JSON messages, by configuration.

use bytes::Bytes;
use influx_proto::{Precision, Value};
use serde_json::{Map, Value as Json};

use super::{Mapping, Points, Unmapped};

/// Makes a point of each JSON object, or of each object in an array of them.
///
/// By default every member becomes a column, and the time is that of the message's arrival.
/// A member of an object inside is named by its path, as in `wind.speed`. A null is left out,
/// since InfluxDB 0.8 would delete a cell by it. An array cannot be mapped, except as the whole
/// message.
///
/// ```
/// use influx_client::Precision;
/// use influx_client::relay::JsonMapping;
///
/// // {"device": "roof", "ts": 1700000000, "wind": {"speed": 3.5}}
/// // becomes, in the series `weather`, device = "roof", wind.speed = 3.5.
/// let mapping = JsonMapping::new("weather").tag("device").time("ts", Precision::Seconds);
/// ```
#[derive(Clone, Debug)]
pub struct JsonMapping {
    series: String,
    series_field: Option<String>,
    tags: Vec<String>,
    values: Option<Vec<String>>,
    time: Option<(String, Precision)>,
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

    /// This member is the time: a number in this unit since 1970, possibly with a fraction.
    #[must_use]
    pub fn time(mut self, field: impl Into<String>, precision: Precision) -> Self {
        self.time = Some((field.into(), precision));
        self
    }

    fn point(&self, object: Map<String, Json>, points: &mut Points<'_>) -> Result<(), Unmapped> {
        let mut point = Point { mapping: self, series: None, cells: Vec::new(), has_value: false };
        for (name, json) in object {
            point.member(name, json)?;
        }
        if !point.has_value {
            return Err(Unmapped::new("it has no value"));
        }
        points.push(point.series.as_deref().unwrap_or(&self.series), point.cells)
    }
}

impl Mapping<Json> for JsonMapping {
    fn map(&mut self, message: Json, points: &mut Points<'_>) -> Result<(), Unmapped> {
        let one = |message, points: &mut Points<'_>| match message {
            Json::Object(object) => self.point(object, points),
            other => Err(Unmapped::new(format!("{} is no object", kind(&other)))),
        };
        match message {
            Json::Array(all) => all.into_iter().try_for_each(|message| one(message, points)),
            message => one(message, points),
        }
    }
}

/// The JSON text of a message.
impl Mapping<Bytes> for JsonMapping {
    fn map(&mut self, message: Bytes, points: &mut Points<'_>) -> Result<(), Unmapped> {
        let message: Json = serde_json::from_slice(&message).map_err(Unmapped::of)?;
        self.map(message, points)
    }
}

/// One point under construction.
struct Point<'a> {
    mapping: &'a JsonMapping,
    series: Option<String>,
    cells: Vec<(String, Value)>,
    has_value: bool,
}

impl Point<'_> {
    fn member(&mut self, name: String, json: Json) -> Result<(), Unmapped> {
        let mapping = self.mapping;
        if name.len() > MAX_NAME {
            return Err(Unmapped::new(format!("a name is longer than {MAX_NAME} bytes")));
        }
        if let Some((_, precision)) = mapping.time.as_ref().filter(|(field, _)| *field == name) {
            let time = microseconds(&json, *precision).ok_or_else(|| unfit(&name, "time"))?;
            self.cells.push(("time".to_owned(), time.into()));
            return Ok(());
        }
        match json {
            Json::Null => {}
            Json::Object(members) => {
                for (member, json) in members {
                    self.member(format!("{name}.{member}"), json)?;
                }
            }
            Json::String(series) if mapping.series_field.as_ref() == Some(&name) => {
                self.series = Some(series);
            }
            json if mapping.tags.contains(&name) => {
                let text = text(json).ok_or_else(|| unfit(&name, "tag"))?;
                self.cells.push((name, text.into()));
            }
            json if mapping.values.as_ref().is_none_or(|values| values.contains(&name)) => {
                let value = value(json).ok_or_else(|| unfit(&name, "value"))?;
                self.cells.push((name, value));
                self.has_value = true;
            }
            _ => {}
        }
        Ok(())
    }
}

fn text(json: Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text),
        Json::Bool(_) | Json::Number(_) => Some(json.to_string()),
        _ => None,
    }
}

fn value(json: Json) -> Option<Value> {
    match json {
        Json::Bool(value) => Some(value.into()),
        Json::String(value) => Some(value.into()),
        Json::Number(number) => {
            let integer = number.as_i64().map(Value::from);
            let integer = integer.or_else(|| number.as_u64().map(Value::from));
            integer.or_else(|| number.as_f64().map(Value::from))
        }
        _ => None,
    }
}

/// The time in microseconds, if it is a number in the range that 64 bits can hold.
fn microseconds(json: &Json, precision: Precision) -> Option<i64> {
    let unit = precision.microseconds();
    if let Some(whole) = json.as_i64() {
        return whole.checked_mul(unit);
    }
    #[expect(clippy::cast_precision_loss, reason = "a unit is at most a million")]
    let exact = (json.as_f64()? * unit as f64).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    (exact.abs() < 2_f64.powi(63)).then_some(exact as i64)
}

fn unfit(name: &str, role: &str) -> Unmapped {
    Unmapped::new(format!("{name:?} cannot be a {role}"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v08::Identities;

    /// The points as JSON, without the sequence numbers. The message came at 99 µs.
    fn check(mut mapping: JsonMapping, message: &str, expected: &str) {
        let identities = Identities::new();
        let mut points = Points::new(99, &identities);
        let found = match mapping.map(Bytes::from(message.to_owned()), &mut points) {
            Err(unmapped) => unmapped.to_string(),
            Ok(()) => points.into_series().iter().map(super::super::points::shown).collect(),
        };
        assert_eq!(found, expected, "{message}");
    }

    fn all() -> JsonMapping {
        JsonMapping::new("s")
    }

    #[test]
    fn members_become_columns() {
        check(
            all(),
            r#"{"a":1,"b":"x","c":true,"d":0.5}"#,
            r#"s["a", "b", "c", "d", "time"][[1,"x",true,0.5,99]]"#,
        );
        check(
            all(),
            r#"{"a":18446744073709551615}"#,
            r#"s["a", "time"][[18446744073709551615,99]]"#,
        );
        check(all(), r#"{"a":{"b":{"c":1},"d":2}}"#, r#"s["a.b.c", "a.d", "time"][[1,2,99]]"#);
        check(all(), r#"[{"a":1},{"a":2}]"#, r#"s["a", "time"][[1,99],[2,99]]"#);
        check(all(), r#"{"a":1,"b":null}"#, r#"s["a", "time"][[1,99]]"#);
        check(all(), "[]", "");
    }

    #[test]
    fn members_are_what_the_mapping_says() {
        let mapping = all().tag("id").value("v").time("at", Precision::Seconds);
        check(
            mapping.clone(),
            r#"{"id":7,"v":1,"at":2,"more":[3]}"#,
            r#"s["id", "v", "time"][["7",1,2000000]]"#,
        );
        check(mapping.clone(), r#"{"v":1,"at":1.0000005}"#, r#"s["v", "time"][[1,1000001]]"#);
        check(mapping.clone(), r#"{"id":"x","at":2}"#, "it has no value");
        check(mapping, r#"{"v":1,"at":"noon"}"#, r#""at" cannot be a time"#);
        let mapping = all().series_field("name");
        check(mapping.clone(), r#"{"name":"t","v":1}"#, r#"t["v", "time"][[1,99]]"#);
        check(mapping, r#"{"v":1}"#, r#"s["v", "time"][[1,99]]"#);
    }

    #[test]
    fn what_is_no_point_is_refused() {
        check(all(), "{}", "it has no value");
        check(all(), "1", "a number is no object");
        check(all(), "[[]]", "an array is no object");
        check(all(), r#"{"a":[1]}"#, r#""a" cannot be a value"#);
        check(all().tag("a"), r#"{"a":[1],"b":1}"#, r#""a" cannot be a tag"#);
        check(all(), "{", "EOF while parsing an object at line 1 column 1");
        for time in ["9223372036854775807", "1e300", "-1e300"] {
            let mapping = all().time("t", Precision::Seconds);
            check(mapping, &format!(r#"{{"v":1,"t":{time}}}"#), r#""t" cannot be a time"#);
        }
    }

    #[test]
    fn a_deep_message_takes_no_more_than_its_size() {
        let name = "n".repeat(600);
        let message = format!(r#"{{"{name}":{{"{name}":1}}}}"#);
        check(all(), &message, "a name is longer than 1024 bytes");
        check(
            all(),
            &format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200)),
            "recursion limit exceeded at line 1 column 636",
        );
    }
}
