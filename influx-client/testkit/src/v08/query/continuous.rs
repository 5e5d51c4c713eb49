//! The rules for continuous queries.

use super::ast::{Select, Statement};
use super::parser::parse;
use super::source::Source;
use crate::v08::refusal::Refusal;

impl Select {
    /// The continuous query that the server makes of the select: it prints it and reads that again.
    /// Error: 400 if the text does not read back, or if the query cannot run at intervals.
    pub(crate) fn registered(&self, now: i64) -> Result<Self, Refusal> {
        let text = self.to_string();
        let failed = || Refusal::invalid(format!("Failed to parse continuous query: {text}"));
        let select = match parse(&text, now) {
            Err(Refusal::Abandoned) => return Err(Refusal::Abandoned),
            Ok(mut statements) => match statements.pop() {
                Some(Statement::Select(select)) if select.is_continuous() => *select,
                _ => return Err(failed()),
            },
            Err(_) => return Err(failed()),
        };
        let keys = &select.group_by.keys;
        if !keys.is_empty() && !keys.iter().any(|key| key.name() == "time") {
            return Err(Refusal::invalid(
                "Continuous queries with a group by clause must include time(...) as one of the \
                 elements",
            ));
        }
        if select.may_recurse() {
            return Err(Refusal::invalid(
                "Continuous queries with :series_name interpolation must use a regular expression \
                 in the from clause that prevents recursion",
            ));
        }
        match &select.group_by.time {
            Ok(_) => Ok(select),
            Err(Refusal::Answer(_, text)) => {
                let text = format!("Couldn't get group by time for continuous query: {text}");
                Err(Refusal::invalid(text))
            }
            Err(other) => Err(other.clone()),
        }
    }

    /// Whether the series that the query writes might be among those that it reads, as far as the
    /// server looks.
    fn may_recurse(&self) -> bool {
        let (Source::Pattern(pattern), Some(into)) = (&self.from, &self.into) else { return false };
        let (pattern, target) = (pattern.source(), &into.name);
        let prevents = pattern.starts_with('^') && !target.starts_with(":series_name")
            || pattern.ends_with('$') && !target.ends_with(":series_name");
        target.contains(":series_name") && !prevents
    }
}
