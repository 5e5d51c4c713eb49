//! A place that breaks a rule, and how a command reports all of them.

use std::fmt;

#[derive(Debug, PartialEq)]
pub(crate) struct Violation {
    pub(crate) place: String,
    pub(crate) rule: String,
    /// Why the rule exists.
    pub(crate) why: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    because {}", self.place, self.rule, self.why)
    }
}

/// Prints the outcome of a check, and returns how many places break its rules.
pub(crate) fn report(check: &str, violations: &[Violation]) -> usize {
    println!("{} {check}", if violations.is_empty() { "ok    " } else { "BROKEN" });
    for violation in violations {
        println!("  {violation}");
    }
    violations.len()
}

/// The verdict of a command that found this many violations.
pub(crate) fn verdict(broken: usize) -> crate::result::Result {
    if broken == 0 { Ok(()) } else { Err(format!("{broken} places break the rules above")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_names_place_rule_and_reason() {
        let violation =
            Violation { place: "a.rs:7".to_owned(), rule: "no x".to_owned(), why: "x is slow" };
        assert_eq!(violation.to_string(), "a.rs:7: no x\n    because x is slow");
    }
}
