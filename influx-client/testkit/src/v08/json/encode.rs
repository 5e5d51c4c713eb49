//! Prints JSON as the server does: doubles as `1e+06`, and `<`, `>` and `&` escaped.

use std::fmt::Write;

use super::value::Json;
use crate::StoredValue;

impl Json {
    /// The text: on one line, or indented by four spaces.
    pub(crate) fn print(&self, pretty: bool) -> String {
        let mut printer = Printer::new(pretty);
        printer.value(self);
        printer.into_text()
    }
}

/// A text in double quotes, as a query can name it.
pub(crate) fn quoted(text: &str) -> String {
    let mut printer = Printer::new(false);
    printer.string(text);
    printer.into_text()
}

/// A double in the shortest form that reads back the same,
/// with an exponent below 1e-4 and from 1e6 (measured on 0.8.9).
pub(crate) fn number(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.abs())
        }
        _ => value.to_string(),
    }
}

/// A text of JSON in progress.
pub(crate) struct Printer {
    text: String,
    pretty: bool,
    depth: usize,
}

impl Printer {
    pub(crate) fn new(pretty: bool) -> Self {
        Self { text: String::new(), pretty, depth: 0 }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// A value of a point; null for a double without a JSON form.
    pub(crate) fn stored(&mut self, value: &StoredValue) {
        match value {
            StoredValue::String(text) => self.string(text),
            StoredValue::Float(value) if value.is_finite() => self.text.push_str(&number(*value)),
            StoredValue::Null | StoredValue::Float(_) => self.text.push_str("null"),
            // Writing to a String cannot fail.
            StoredValue::Bool(value) => _ = write!(self.text, "{value}"),
            StoredValue::Int(value) => _ = write!(self.text, "{value}"),
            StoredValue::UInt(value) => _ = write!(self.text, "{value}"),
        }
    }

    /// The name of a member of an object.
    pub(crate) fn name(&mut self, name: &str) {
        self.string(name);
        self.text.push_str(if self.pretty { ": " } else { ":" });
    }

    fn value(&mut self, value: &Json) {
        match value {
            Json::Null => self.text.push_str("null"),
            Json::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Json::Number(text) => self.text.push_str(text),
            Json::String(text) => self.string(text),
            Json::Array(elements) => self.list('[', ']', elements, Self::value),
            Json::Object(members) => self.list('{', '}', members, |printer, (name, value)| {
                printer.name(name);
                printer.value(value);
            }),
        }
    }

    /// An array or an object.
    pub(crate) fn list<T>(
        &mut self,
        open: char,
        close: char,
        items: &[T],
        item: impl Fn(&mut Self, &T),
    ) {
        self.text.push(open);
        self.depth += 1;
        for (index, each) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.new_line();
            item(self, each);
        }
        self.depth -= 1;
        if !items.is_empty() {
            self.new_line();
        }
        self.text.push(close);
    }

    fn new_line(&mut self) {
        if self.pretty {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("    ", self.depth));
        }
    }

    pub(crate) fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => self.text.extend(['\\', character]),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.text, "\\u{:04x}", u32::from(character));
                }
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_printed_as_the_server_prints_them() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (3.0, "3"),
            (123_456.5, "123456.5"),
            (1e5, "100000"),
            (1e6, "1e+06"),
            (2.1e7, "2.1e+07"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1e22, "1e+22"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (0.300_000_000_000_000_04, "0.30000000000000004"),
        ] {
            assert_eq!(number(value), expected);
        }
        let mut printer = Printer::new(false);
        printer.stored(&StoredValue::Float(f64::INFINITY));
        assert_eq!(printer.into_text(), "null");
    }

    #[test]
    fn text_is_escaped_as_the_server_escapes_it() {
        let text = Json::from("\"\\/\t\n\r\u{1}\u{7f}<&>\u{2028}é😀");
        let expected = "\"\\\"\\\\/\\u0009\\n\\r\\u0001\u{7f}\\u003c\\u0026\\u003e\\u2028é😀\"";
        assert_eq!(text.print(false), expected);
    }

    #[test]
    fn pretty_is_indented_by_four_spaces() {
        let value = Json::object([
            ("a", Json::Array(vec![true.into(), Json::Null])),
            ("b", Json::Array(vec![])),
        ]);
        assert_eq!(value.print(false), r#"{"a":[true,null],"b":[]}"#);
        let pretty = "{\n    \"a\": [\n        true,\n        null\n    ],\n    \"b\": []\n}";
        assert_eq!(value.print(true), pretty);
    }
}
