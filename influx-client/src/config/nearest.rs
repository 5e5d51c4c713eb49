//! The known word that was probably meant by an unknown one.

/// The nearest known word, if at most a third of the characters differ.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().replace('-', "_").chars().take(MAX_WORD).collect();
    let distances = known.map(|known| (distance(&word, known), known));
    let (distance, known) = distances.min()?;
    (distance * 3 <= known.len()).then_some(known)
}

/// The number of characters to insert, delete or replace (Levenshtein).
fn distance(word: &[char], known: &str) -> usize {
    // The distances of each beginning of `word` to the beginning of `known` so far.
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (index, character) in known.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (above, other) in row.iter_mut().skip(1).zip(word) {
            let replaced = diagonal + usize::from(*other != character);
            diagonal = *above;
            left = replaced.min(left + 1).min(*above + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Longer than any known word, in characters.
const MAX_WORD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_near_if_most_of_it_is_the_same() {
        let known = || ["attempts", "call_timeout", "gzip", "max_points", "policy"].into_iter();
        for (word, expected) in [
            ("attempts", Some("attempts")),
            ("attemps", Some("attempts")),
            ("Attempt", Some("attempts")),
            ("call-timeout", Some("call_timeout")),
            ("calltimeout", Some("call_timeout")),
            ("callTimeout", Some("call_timeout")),
            ("zip", Some("gzip")),
            ("max_point", Some("max_points")),
            ("maxpoints", Some("max_points")),
            ("polici", Some("policy")),
            ("org", None),
            ("", None),
            ("zzzz", None),
            ("u:CANARY", None),
        ] {
            assert_eq!(nearest(word, known()), expected, "{word}");
        }
        assert_eq!(nearest("x", [].into_iter()), None);
        assert_eq!(nearest(&"x".repeat(10_000), known()), None);
        let chars = |word: &str| word.chars().collect::<Vec<_>>();
        for (word, known, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
            ("abc", "abc", 0),
            ("abxc", "abc", 1),
        ] {
            assert_eq!(distance(&chars(word), known), expected, "{word} {known}");
        }
    }
}
