//! Just enough JSON to read `cargo metadata`: this crate has no dependencies.

use std::collections::BTreeMap;

use crate::Result;

/// A JSON value. Nobody here asks for numbers, booleans or null, so they are one case.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
    Other,
    Text(String),
}

impl Json {
    /// Reads the JSON value that `text` consists of.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader { rest: text };
        let value = reader.value()?;
        reader.skip_space();
        if reader.rest.is_empty() { Ok(value) } else { Err(reader.unexpected("the end")) }
    }

    /// The member `name` of an object.
    pub(crate) fn member(&self, name: &str) -> Result<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
        .ok_or_else(|| format!("`cargo metadata` has no `{name}` where one is expected"))
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&String, &Self)> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
        .into_iter()
        .flatten()
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Json> {
        self.skip_space();
        if self.eat("{") {
            return self.object();
        }
        if self.eat("[") {
            return self.list();
        }
        if self.eat("\"") {
            return self.text().map(Json::Text);
        }
        let scalar = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let after = self.rest.trim_start_matches(scalar);
        if after.len() == self.rest.len() {
            return Err(self.unexpected("a value"));
        }
        self.rest = after;
        Ok(Json::Other)
    }

    fn object(&mut self) -> Result<Json> {
        let mut members = BTreeMap::new();
        self.skip_space();
        if self.eat("}") {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            self.expect("\"")?;
            let name = self.text()?;
            self.skip_space();
            self.expect(":")?;
            members.insert(name, self.value()?);
            self.skip_space();
            if self.eat("}") {
                return Ok(Json::Object(members));
            }
            self.expect(",")?;
        }
    }

    fn list(&mut self) -> Result<Json> {
        let mut items = Vec::new();
        self.skip_space();
        if self.eat("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.eat("]") {
                return Ok(Json::List(items));
            }
            self.expect(",")?;
        }
    }

    /// The string whose opening quote has been read.
    fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => {
                    self.rest = characters.as_str();
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some('u') => {
                        let digits: String = characters.by_ref().take(4).collect();
                        let code = u32::from_str_radix(&digits, 16).unwrap_or_default();
                        // Cargo escapes control characters only, so there are no surrogate pairs.
                        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    Some(escaped) => text.push(escaped),
                    None => break,
                },
                plain => text.push(plain),
            }
        }
        Err("a string in the JSON of `cargo metadata` does not end".to_owned())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        let after = self.rest.strip_prefix(token);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn expect(&mut self, token: &str) -> Result {
        if self.eat(token) { Ok(()) } else { Err(self.unexpected(token)) }
    }

    fn unexpected(&self, expected: &str) -> String {
        let found: String = self.rest.chars().take(20).collect();
        format!("the JSON of `cargo metadata` has `{found}` where {expected} is expected")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let json = Json::parse(
            r#" {"a": ["x", 1, -2.5e3, true, null, []], "b\"\\\n\u0041": {}, "c": {"d": "é"}} "#,
        )
        .unwrap();
        let a = json.member("a").unwrap().items();
        assert_eq!(a.first().and_then(Json::text), Some("x"));
        assert_eq!(a.get(1..), Some(&[OTHER, OTHER, OTHER, OTHER, Json::List(Vec::new())][..]));
        assert_eq!(json.members().map(|(name, _)| name.as_str()).nth(1), Some("b\"\\\nA"));
        let d = json.member("c").unwrap().member("d").unwrap();
        assert_eq!(d.text(), Some("é"));
    }

    const OTHER: Json = Json::Other;

    #[test]
    fn broken_json_is_an_error() {
        for text in
            ["", "{", "[1", "[1,]", r#"{"a" 1}"#, r#"{"a":}"#, r#""a"#, r#""a\"#, "1 2", "]"]
        {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_missing_member_is_named() {
        let failure = Json::parse("{}").unwrap().member("packages").unwrap_err();
        assert!(failure.contains("`packages`"), "{failure}");
    }
}
