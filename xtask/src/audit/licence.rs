//! Licences of crates: expressions of SPDX, such as `(MIT OR Apache-2.0) AND Unicode-3.0`.

use std::collections::BTreeSet;

use crate::result::Result;

/// Whether the allowed licences satisfy an expression; each that it names is added to `named`.
///
/// `WITH` binds before `AND`, and `AND` before `OR`. A licence with an exception is allowed only
/// together with it. `A/B`, which crates.io once wrote, is `A OR B`, and `A+` is satisfied by `A`.
pub(super) fn is_allowed(
    expression: &str,
    allowed: &[String],
    named: &mut BTreeSet<String>,
) -> Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words = spaced.split_whitespace().collect::<Vec<_>>();
    let mut parser = Parser { words: &words, allowed, named, depth: 0 };
    let verdict = parser.any().filter(|_| parser.words.is_empty());
    verdict.ok_or_else(|| format!("`{expression}` is not an SPDX expression"))
}

/// An expression nests no deeper than this: the parser calls itself.
const MAX_DEPTH: usize = 16;

struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
    named: &'a mut BTreeSet<String>,
    depth: usize,
}

impl Parser<'_> {
    /// Terms with `OR` between them.
    fn any(&mut self) -> Option<bool> {
        let mut verdict = self.all()?;
        while self.takes("OR") {
            verdict |= self.all()?;
        }
        Some(verdict)
    }

    /// Terms with `AND` between them.
    fn all(&mut self) -> Option<bool> {
        let mut verdict = self.term()?;
        while self.takes("AND") {
            verdict &= self.term()?;
        }
        Some(verdict)
    }

    fn term(&mut self) -> Option<bool> {
        if self.takes("(") {
            self.depth += 1;
            let verdict = if self.depth > MAX_DEPTH { None } else { self.any() };
            self.depth -= 1;
            return verdict.filter(|_| self.takes(")"));
        }
        let mut term = self.identifier()?.trim_end_matches('+').to_owned();
        if self.takes("WITH") {
            term = format!("{term} WITH {}", self.identifier()?);
        }
        let is_allowed = self.allowed.contains(&term);
        self.named.insert(term);
        Some(is_allowed)
    }

    fn identifier(&mut self) -> Option<String> {
        let (first, rest) = self.words.split_first()?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-.+".contains(c);
        let is_operator = ["AND", "OR", "WITH"].contains(first);
        (!is_operator && first.chars().all(is_part)).then(|| {
            self.words = rest;
            (*first).to_owned()
        })
    }

    fn takes(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(expression: &str) -> Result<bool> {
        let allowed = ["MIT", "ISC", "Apache-2.0", "GPL-2.0 WITH Classpath"].map(str::to_owned);
        is_allowed(expression, &allowed, &mut BTreeSet::new())
    }

    #[test]
    fn operators_bind_as_spdx_says() {
        let check = |expression: &str, expected: bool| {
            assert_eq!(judge(expression), Ok(expected), "{expression}");
        };
        check("MIT", true);
        check("GPL-3.0", false);
        check("MIT OR GPL-3.0", true);
        check("GPL-3.0 OR MIT", true);
        check("MIT AND GPL-3.0", false);
        check("MIT AND ISC", true);
        // AND before OR.
        check("MIT OR GPL-3.0 AND GPL-2.0", true);
        check("GPL-3.0 AND GPL-2.0 OR MIT", true);
        check("(MIT OR GPL-3.0) AND GPL-2.0", false);
        check("(MIT OR GPL-3.0) AND (GPL-2.0 OR ISC)", true);
        check("((MIT))", true);
        // An exception is allowed by its own name only.
        check("GPL-2.0", false);
        check("GPL-2.0 WITH Classpath", true);
        check("Apache-2.0 WITH LLVM-exception", false);
        check("Apache-2.0 WITH LLVM-exception OR MIT", true);
        check("MIT/Apache-2.0", true);
        check("GPL-3.0/GPL-2.0", false);
        check("Apache-2.0+", true);
        check("LGPL-2.1-or-later", false);
    }

    #[test]
    fn a_broken_expression_is_not_a_verdict() {
        for expression in [
            "",
            "OR",
            "MIT OR",
            "MIT ISC",
            "MIT AND AND ISC",
            "(MIT",
            "MIT)",
            "()",
            "MIT WITH",
            "WITH MIT",
            "MIT or ISC",
            "MIT, ISC",
            "non-standard (see LICENSE)",
        ] {
            assert!(judge(expression).is_err(), "{expression}");
        }
        let nested = |depth: usize| format!("{}MIT{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(judge(&nested(MAX_DEPTH)), Ok(true));
        assert!(judge(&nested(MAX_DEPTH + 1)).is_err());
    }

    #[test]
    fn every_named_licence_is_noted() {
        let mut named = BTreeSet::new();
        is_allowed("(A OR B WITH C) AND D+", &[], &mut named).unwrap();
        assert!(named.iter().eq(["A", "B WITH C", "D"]), "{named:?}");
    }
}
