//! Points of JSON messages, by configuration.

use bytes::Bytes;
use influx_proto::{Point, Time, TimeUnit, Value};
use serde_json::Value as Json;

use super::{Mapping, Unmapped};

/// Makes a point of each JSON object, or of each object in an array of them.
///
/// By default every member becomes a column, and the time is that of the message's arrival.
/// A member of an object inside is named by its path, as in `wind.speed`. A null is left out,
/// since InfluxDB 0.8 would delete a cell by it. An array cannot be mapped, except as the whole
/// message.
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
    pub fn time(mut self, field: impl Into<String>, unit: TimeUnit) -> Self {
        self.time = Some((field.into(), unit));
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
        if let Some((_, unit)) = self.time.as_ref().filter(|(field, _)| *field == name) {
            found.time = Some(time(&json, *unit).ok_or_else(|| unfit(&name, "time"))?);
            return Ok(());
        }
        match json {
            Json::Null => {}
            Json::Object(members) => {
                for (member, json) in members {
                    self.member(format!("{name}.{member}"), json, found)?;
                }
            }
            Json::String(series) if self.series_field.as_ref() == Some(&name) => {
                found.series = Some(series);
            }
            json if self.tags.contains(&name) => {
                let text = text(json).ok_or_else(|| unfit(&name, "tag"))?;
                found.tags.push((name, text));
            }
            json if self.values.as_ref().is_none_or(|values| values.contains(&name)) => {
                let value = value(json).ok_or_else(|| unfit(&name, "value"))?;
                found.fields.push((name, value));
            }
            _ => {}
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

/// The JSON text of a message.
impl Mapping<Bytes> for JsonMapping {
    fn map(&mut self, message: Bytes) -> Result<Vec<Point>, Unmapped> {
        let message: Json = serde_json::from_slice(&message).map_err(Unmapped::of)?;
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

/// A number in this unit, possibly with a fraction, if 64 bits can hold its nanoseconds.
fn time(json: &Json, unit: TimeUnit) -> Option<Time> {
    if let Some(whole) = json.as_i64() {
        return Time::from_unit(whole, unit);
    }
    #[expect(clippy::cast_precision_loss, reason = "a unit is at most 10^9")]
    let exact = (json.as_f64()? * unit.nanos() as f64).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    (exact.abs() < 2_f64.powi(63)).then_some(Time::from_nanos(exact as i64))
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

    /// The points as they are shown, with their times in nanoseconds.
    fn check(mut mapping: JsonMapping, message: &str, expected: &[Point]) {
        let found = mapping.map(Bytes::from(message.to_owned()));
        assert_eq!(found.as_deref(), Ok(expected), "{message}");
    }

    fn check_refused(mut mapping: JsonMapping, message: &str, expected: &str) {
        let unmapped = mapping.map(Bytes::from(message.to_owned())).unwrap_err();
        assert_eq!(unmapped.to_string(), expected, "{message}");
    }

    fn s() -> Point {
        Point::new("s")
    }

    fn all() -> JsonMapping {
        JsonMapping::new("s")
    }

    #[test]
    fn members_become_fields() {
        let point = s().field("a", 1).field("b", "x").field("c", true).field("d", 0.5);
        check(all(), r#"{"a":1,"b":"x","c":true,"d":0.5}"#, &[point]);
        check(all(), r#"{"a":18446744073709551615}"#, &[s().field("a", u64::MAX)]);
        let point = s().field("a.b.c", 1).field("a.d", 2);
        check(all(), r#"{"a":{"b":{"c":1},"d":2}}"#, &[point]);
        check(all(), r#"[{"a":1},{"a":2}]"#, &[s().field("a", 1), s().field("a", 2)]);
        check(all(), r#"{"a":1,"b":null}"#, &[s().field("a", 1)]);
        check(all(), "[]", &[]);
    }

    #[test]
    fn members_are_what_the_mapping_says() {
        let at = |nanos| s().field("v", 1).time(Time::from_nanos(nanos));
        let mapping = all().tag("id").value("v").time("at", TimeUnit::Seconds);
        let tagged = at(2_000_000_000).tag("id", "7");
        check(mapping.clone(), r#"{"id":7,"v":1,"at":2,"more":[3]}"#, &[tagged]);
        check(mapping.clone(), r#"{"v":1,"at":1.0000005}"#, &[at(1_000_000_500)]);
        check_refused(mapping.clone(), r#"{"id":"x","at":2}"#, "it has no value");
        check_refused(mapping, r#"{"v":1,"at":"noon"}"#, r#""at" cannot be a time"#);
        let mapping = all().series_field("name");
        check(mapping.clone(), r#"{"name":"t","v":1}"#, &[Point::new("t").field("v", 1)]);
        check(mapping, r#"{"v":1}"#, &[s().field("v", 1)]);
    }

    #[test]
    fn other_messages_are_refused() {
        check_refused(all(), "{}", "it has no value");
        check_refused(all(), "1", "a number is not an object");
        check_refused(all(), "[[]]", "an array is not an object");
        check_refused(all(), r#"{"a":[1]}"#, r#""a" cannot be a value"#);
        check_refused(all().tag("a"), r#"{"a":[1],"b":1}"#, r#""a" cannot be a tag"#);
        check_refused(all(), "{", "EOF while parsing an object at line 1 column 1");
        for time in ["9223372036854775807", "1e300", "-1e300"] {
            let mapping = all().time("t", TimeUnit::Seconds);
            check_refused(mapping, &format!(r#"{{"v":1,"t":{time}}}"#), r#""t" cannot be a time"#);
        }
    }

    #[test]
    fn a_deep_message_takes_no_more_than_its_size() {
        let name = "n".repeat(600);
        let message = format!(r#"{{"{name}":{{"{name}":1}}}}"#);
        check_refused(all(), &message, "a name is longer than 1024 bytes");
        check_refused(
            all(),
            &format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200)),
            "recursion limit exceeded at line 1 column 636",
        );
    }
}
