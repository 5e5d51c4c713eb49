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
                Some(time) => {
                    found.time = Some(time);
                    Ok(())
                }
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
                found.series = Some(series);
                Ok(())
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
            Unfit::Refuse => return Err(Unmapped::new(format!("{name:?} cannot be {role}"))),
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

    /// No member is the time, or decides about a point's identity, by its name alone.
    #[test]
    fn only_the_named_member_is_the_time() {
        let seconds = |name| all().time(name, TimeUnit::Seconds);
        let v = || s().field("v", 2);
        let at = |seconds| v().time(Time::from_seconds(seconds).unwrap());
        let refused = r#""time" cannot be a value"#;
        for message in [
            r#"{"time":1700000000123,"v":2}"#,
            r#"{"time":"2014-05-13T16:53:29Z","v":2}"#,
            r#"{"time":1,"at":3,"v":2}"#,
            r#"{"v":2,"at":3,"time":1}"#,
        ] {
            check_refused(all(), message, refused);
            check_refused(seconds("at"), message, refused);
        }
        check_refused(
            all(),
            r#"{"sequence_number":7,"v":2}"#,
            r#""sequence_number" cannot be a value"#,
        );
        check_refused(all().tag("time"), r#"{"time":7,"v":2}"#, r#""time" cannot be a tag"#);
        check_refused(all().value("time"), r#"{"time":7,"v":2}"#, refused);
        check(all().value("v"), r#"{"time":7,"v":2}"#, &[v()]);
        check(all(), r#"{"time":null,"v":2}"#, &[v()]);
        check(all(), r#"{"a":{"time":1},"v":2}"#, &[s().field("a.time", 1).field("v", 2)]);
        check(seconds("time"), r#"{"time":3,"v":2}"#, &[at(3)]);
        check(seconds("time"), r#"{"v":2}"#, &[v()]);
        check(seconds("time"), r#"{"time":null,"v":2}"#, &[v()]);
        check(seconds("time"), r#"{"time":"1970-01-01T01:00:05+01:00","v":2}"#, &[at(5)]);
        check(seconds("a.time"), r#"{"a":{"time":3},"v":2}"#, &[at(3)]);
        let omit = seconds("at").unfit(Unfit::Omit);
        check(omit.clone(), r#"{"time":1,"at":3,"v":2}"#, &[at(3)]);
        check(omit, r#"{"v":2,"at":3,"time":1}"#, &[at(3)]);
    }

    #[test]
    fn the_rest_of_a_message_is_stored_by_the_chosen_rule() {
        let named = || all().time("at", TimeUnit::Seconds).tag("id");
        let v = || s().field("v", 2);
        for (message, refused, text) in [
            (
                r#"{"time":"x","v":2}"#,
                r#""time" cannot be a value"#,
                s().field("time_", "x").field("v", 2),
            ),
            (r#"{"time":{},"time_":"y","v":2}"#, "", s().field("time_", "y").field("v", 2)),
            (
                r#"{"sequence_number":7,"v":2}"#,
                r#""sequence_number" cannot be a value"#,
                s().field("sequence_number_", "7").field("v", 2),
            ),
            (
                r#"{"a":[1,"x",{"b":null}],"v":2}"#,
                r#""a" cannot be a value"#,
                s().field("a", r#"[1,"x",{"b":null}]"#).field("v", 2),
            ),
            (
                r#"{"a":{"b":[]},"v":2}"#,
                r#""a.b" cannot be a value"#,
                s().field("a.b", "[]").field("v", 2),
            ),
            (
                r#"{"at":"noon","v":2}"#,
                r#""at" cannot be a time"#,
                s().field("at", "noon").field("v", 2),
            ),
            (
                r#"{"at":1e300,"v":2}"#,
                r#""at" cannot be a time"#,
                s().field("at", "1e+300").field("v", 2),
            ),
            (
                r#"{"at":{"a":1},"v":2}"#,
                r#""at" cannot be a time"#,
                s().field("at", r#"{"a":1}"#).field("v", 2),
            ),
            (r#"{"id":[7],"v":2}"#, r#""id" cannot be a tag"#, s().field("v", 2).tag("id", "[7]")),
        ] {
            check(named().unfit(Unfit::Text), message, &[text.clone()]);
            if refused.is_empty() {
                continue;
            }
            check_refused(named(), message, refused);
            check_refused(named().unfit(Unfit::Refuse), message, refused);
            check(named().unfit(Unfit::Omit), message, &[v()]);
        }
        check_refused(named().unfit(Unfit::Omit), r#"{"a":[1]}"#, "it has no value");
        check(
            named().unfit(Unfit::Text).tag("time"),
            r#"{"time":7,"v":2}"#,
            &[v().tag("time_", "7")],
        );
        check(named().unfit(Unfit::Text).value("v"), r#"{"a":[1],"v":2}"#, &[v()]);
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        check(all(), "\u{feff}{\"v\":1}", &[s().field("v", 1)]);
        check_refused(all(), "\u{feff}", "EOF while parsing a value at line 1 column 0");
    }

    #[test]
    fn reasons_show_no_character_that_could_disturb() {
        check_refused(all(), "{\"a\u{202e}\":[1]}", r#""a\u{202e}" cannot be a value"#);
        let unmapped = Unmapped::new("\u{1b}[31m\u{2028}ü");
        assert_eq!(unmapped.to_string(), r"\u{1b}[31m\u{2028}ü");
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
