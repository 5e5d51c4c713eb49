//! Compares two records of instructions, contender by contender.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Error, Result};
use std::path::Path;

/// A contender that needs this many times the instructions of before is slower.
const SLOWER: f64 = 1.03;

/// Prints the contenders of both records, with the ratio of their instructions.
///
/// Fails if one needs more than 3 % more instructions than before.
pub(crate) fn print(before: &Path, after: &Path) -> Result<()> {
    let (mut before, after) = (read(before)?, read(after)?);
    let mut slower = 0;
    println!("|     before |      after | ratio | contender");
    for (contender, count) in after {
        let Some(old) = before.remove(&contender) else {
            println!("|          - | {count:>10.1} |     - | {contender}");
            continue;
        };
        let ratio = count / old;
        let mark = if ratio > SLOWER { " SLOWER" } else { "" };
        slower += usize::from(ratio > SLOWER);
        println!("| {old:>10.1} | {count:>10.1} | {ratio:>5.3} | {contender}{mark}");
    }
    for (contender, count) in before {
        println!("| {count:>10.1} |          - |     - | {contender}");
    }
    match slower {
        0 => Ok(()),
        _ => Err(Error::other(format!("{slower} contenders need over 3 % more instructions"))),
    }
}

/// The instructions per point, by case and contender.
fn read(path: &Path) -> Result<BTreeMap<String, f64>> {
    let text = fs::read_to_string(path)?;
    let parse = |line: &str| {
        let (contender, count) = line.rsplit_once(',')?;
        Some((contender.to_owned(), count.parse().ok()?))
    };
    text.lines()
        .skip(1)
        .map(|line| parse(line).ok_or_else(|| Error::other(format!("not a record: {line}"))))
        .collect()
}
