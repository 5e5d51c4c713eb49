//! Versions of crates, and the ranges of them in `deny.toml`.

use crate::result::Result;

/// The three numbers, and whether it is a release: `1.2.0-rc.1` comes before `1.2.0`.
type Version = ([u64; 3], bool);

/// Whether a version is in a range such as `>=0.9.0,<0.9.3`; every version is in an empty one.
///
/// `=0.52` stands for every `0.52.x`, as it does for cargo.
pub(super) fn is_in(version: &str, range: &str) -> Result<bool> {
    let found = parse_version(version).ok_or_else(|| format!("`{version}` is not a version"))?;
    let mut is_in = true;
    for comparison in range.split(',').filter(|comparison| !comparison.is_empty()) {
        is_in &= holds(found, comparison.trim())
            .ok_or_else(|| format!("`{comparison}` does not compare versions"))?;
    }
    Ok(is_in)
}

fn holds(found: Version, comparison: &str) -> Option<bool> {
    let at = comparison.find(|c: char| c.is_ascii_digit())?;
    let (operator, bound) = comparison.split_at(at);
    let (numbers, given) = parse_numbers(bound)?;
    let bound = (numbers, true);
    match operator {
        "<" => Some(found < bound),
        "<=" => Some(found <= bound),
        ">" => Some(found > bound),
        ">=" => Some(found >= bound),
        "=" => Some(found.0.iter().zip(numbers).take(given).all(|(a, b)| *a == b)),
        _ => None,
    }
}

fn parse_version(version: &str) -> Option<Version> {
    // The part after a plus sign does not take part in comparisons.
    let version = version.split('+').next()?;
    let (numbers, is_release) = match version.split_once('-') {
        Some((numbers, _)) => (numbers, false),
        None => (version, true),
    };
    let (numbers, given) = parse_numbers(numbers)?;
    (given == 3).then_some((numbers, is_release))
}

/// Up to three numbers and their count; a missing one is 0.
fn parse_numbers(text: &str) -> Option<([u64; 3], usize)> {
    let mut numbers = [0; 3];
    let parts = text.split('.').collect::<Vec<_>>();
    for (at, part) in parts.iter().enumerate() {
        *numbers.get_mut(at)? = part.parse().ok()?;
    }
    Some((numbers, parts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_numbers() {
        let check = |version: &str, range: &str, expected: bool| {
            assert_eq!(is_in(version, range), Ok(expected), "{version} in {range}");
        };
        check("0.3.45", "<0.3.47", true);
        check("0.3.47", "<0.3.47", false);
        check("0.3.100", "<0.3.47", false);
        check("0.3.47-rc.1", "<0.3.47", true);
        check("1.0.0+a.7", "<=1.0.0", true);
        check("1.0.1", "<=1.0.0", false);
        check("1.0.0", ">1", false);
        check("0.9.2", ">=0.9.0,<0.9.3", true);
        check("0.9.3", ">=0.9.0, <0.9.3", false);
        check("0.8.9", ">=0.9.0,<0.9.3", false);
        check("0.52.6", "=0.52", true);
        check("0.53.0", "=0.52", false);
        check("2.0.119", "=2", true);
        check("0.10.0", "=0.10.0", true);
        check("0.10.1", "=0.10.0", false);
        check("7.0.0", "", true);
    }

    #[test]
    fn anything_else_is_refused() {
        for (version, range) in [
            ("1", ""),
            ("1.2", "<2"),
            ("a", "<1"),
            ("1.2.3", "1"),
            ("1.2.3", "~1"),
            ("1.2.3", "<"),
            ("1.2.3", "<1.2.3.4"),
            ("1.2.3", "<1.x"),
        ] {
            assert!(is_in(version, range).is_err(), "{version} in {range}");
        }
    }
}
