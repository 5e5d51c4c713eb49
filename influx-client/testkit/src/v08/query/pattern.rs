//! Regular expressions in queries.

use regex::{Error, Regex, RegexBuilder};

use crate::v08::refusal::Refusal;

/// The most bytes of a compiled expression; the server has no limit.
const MAX_COMPILED: usize = 1 << 20;

/// A regular expression as a query gives it: `/pattern/` or `/pattern/i`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    any_case: bool,
    regex: Regex,
}

impl Pattern {
    /// Error: the server's text if the pattern is malformed, a 500 if it is too large.
    pub(crate) fn new(pattern: &str, any_case: bool) -> Result<Self, Refusal> {
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(any_case)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .build()
            .map_err(|error| match error {
                Error::CompiledTooBig(_) => Refusal::internal(format!(
                    "The embedded server takes {MAX_COMPILED} bytes a compiled regular expression"
                )),
                error => Refusal::invalid(describe(pattern, &error)),
            })?;
        Ok(Self { text: pattern.to_owned(), any_case, regex })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The text of the expression as the server compiles it.
    pub(super) fn source(&self) -> String {
        format!("{}{}", if self.any_case { "(?i)" } else { "" }, self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.any_case) == (&other.text, other.any_case)
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/{}/{}", self.text, if self.any_case { "i" } else { "" })
    }
}

/// The server's text for a malformed pattern; those of rare faults are not exact.
fn describe(pattern: &str, error: &Error) -> String {
    let text = error.to_string();
    let fault = match pattern.find('[') {
        Some(start) if text.contains("unclosed character class") => {
            let class = pattern.get(start..).unwrap_or_default();
            format!("missing closing ]: `{class}`")
        }
        _ if text.contains("unclosed group") => format!("missing closing ): `{pattern}`"),
        _ => format!("`{pattern}`"),
    };
    format!("error parsing regexp: {fault}")
}
