//! Regular expressions in queries.

use regex::{Regex, RegexBuilder};

/// A regular expression as a query gives it: `/pattern/` or `/pattern/i`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Error: the server's text if the pattern is malformed.
    pub(crate) fn new(pattern: &str, any_case: bool) -> Result<Self, String> {
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(any_case)
            .build()
            .map_err(|error| describe(pattern, &error))?;
        let flags = if any_case { "i" } else { "" };
        Ok(Self { text: format!("/{pattern}/{flags}"), regex })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The server's text for a malformed pattern; only the one for an open bracket is exact.
fn describe(pattern: &str, error: &regex::Error) -> String {
    let text = error.to_string();
    match pattern.find('[') {
        Some(start) if text.contains("unclosed character class") => {
            let class = pattern.get(start..).unwrap_or_default();
            format!("error parsing regexp: missing closing ]: `{class}`")
        }
        _ => format!("error parsing regexp: `{pattern}`"),
    }
}
