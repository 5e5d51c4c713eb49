//! Words and sentences that a reader has to read twice.

use super::text::{Paragraph, Word};
use crate::violation::Violation;

const PRONOUNS: &[&str] = &["nobody", "nobody's", "whom", "whomever", "whoever", "whoever's"];
const BE: &[&str] = &["is", "are", "was", "were", "be", "been", "being"];

/// After these, `no` does not deny a noun.
const COMPARATIVES: &[&str] = &[
    "better",
    "different",
    "earlier",
    "faster",
    "fewer",
    "later",
    "less",
    "longer",
    "more",
    "slower",
    "worse",
];

/// The most words in a heading of a table, such as `what it is`.
const MAX_HEADING: usize = 4;

pub(super) fn check(path: &str, paragraphs: &[Paragraph]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for paragraph in paragraphs {
        for at in 0..paragraph.len() {
            let (before, rest) = paragraph.split_at(at);
            let found = word(before, rest).or_else(|| clause(before, rest));
            violations.extend(found.map(|words| Violation {
                place: format!("{path}:{}", rest.first().map_or(0, |(_, line)| *line)),
                rule: format!("say it without `{words}`"),
                why: "a reader must never have to read a sentence twice",
            }));
        }
    }
    violations
}

/// A puzzling word, or several, at the start of `rest`.
fn word(before: &[Word], rest: &[Word]) -> Option<String> {
    let words: Vec<_> = rest.iter().take(3).map(|(word, _)| plain(word)).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let found = match words[..] {
        ["so", "many", ..] => 2,
        [pronoun, ..] if PRONOUNS.contains(&pronoun) => 1,
        [be, "no", noun] if BE.contains(&be) && !COMPARATIVES.contains(&noun) => {
            // A statement that something does not exist is plain.
            let there = before
                .iter()
                .rev()
                .take(2)
                .any(|(word, _)| plain(word).trim_matches('`') == "there");
            if there { 0 } else { 3 }
        }
        _ => 0,
    };
    let found = words.get(..found)?.join(" ");
    (!found.is_empty()).then_some(found)
}

/// `What` or `Who` at the start of a sentence that is not a question.
fn clause(before: &[Word], rest: &[Word]) -> Option<String> {
    let (first, _) = rest.first()?;
    // Error texts and the cells of tables begin with a small letter, and so do headings of tables.
    let is_clause = match first.trim_start_matches(['"', '(', '*', '_']) {
        "What" | "Who" => true,
        "what" | "who" => before.is_empty() && rest.len() > MAX_HEADING,
        _ => false,
    };
    let begins = before.last().is_none_or(|(word, _)| ends(word));
    let last = rest.iter().map(|(word, _)| *word).find(|word| ends(word));
    let is_question = last.is_some_and(|word| word.contains('?'));
    let is_one_word = rest.len() == 1;
    (is_clause && begins && !is_question && !is_one_word).then(|| format!("{first} ..."))
}

/// The word without the punctuation around it, in small letters.
fn plain(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '`').to_lowercase()
}

/// Does a sentence end with this word?
fn ends(word: &str) -> bool {
    word.trim_end_matches(['"', '\'', ')', '*', '_', '`']).ends_with(['.', '!', '?'])
}

#[cfg(test)]
mod tests {
    use super::super::text::of_markdown;
    use super::*;

    #[test]
    fn every_puzzle_is_found_and_nothing_else() {
        let found = |sentence: &str| check("a.md", &of_markdown(sentence)).len();
        // They stand in a file of their own because this check reads string literals too.
        for line in include_str!("sentences.txt").lines() {
            let (expected, sentence) = line.split_once(' ').unwrap();
            assert_eq!(found(&sentence.replace('/', "\n")).to_string(), expected, "{sentence}");
        }
    }

    #[test]
    fn a_violation_names_the_line() {
        let found = check("a.md", &of_markdown("One.\nHere is\nno\nroom"));
        let found: Vec<_> = found.iter().map(|v| (v.place.as_str(), v.rule.as_str())).collect();
        assert_eq!(found, [("a.md:2", "say it without `is no room`")]);
    }
}
