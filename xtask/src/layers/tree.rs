//! The crates of a build, as `cargo tree` lists them.

use std::collections::BTreeSet;

use crate::process::capture;
use crate::result::Result;
use crate::workspace::cargo;

/// Every crate of a build, without those for tests or build scripts only.
pub(super) struct Tree {
    /// Name and version.
    crates: BTreeSet<(String, String)>,
}

impl Tree {
    /// The tree of `package`, itself included; `features` are cargo's flags.
    pub(super) fn of(package: &str, features: &[&str]) -> Result<Self> {
        let flags = ["tree", "-e", "normal", "--prefix", "none", "--format", "{p}", "-p", package];
        Ok(Self::parse(&capture(cargo(flags).args(features))?))
    }

    /// Reads lines such as `serde_derive v1.0.2 (proc-macro)`.
    pub(super) fn parse(text: &str) -> Self {
        let crates = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        });
        Self { crates: crates.collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.crates.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.crates.iter().map(|(name, _)| name.as_str())
    }

    /// Names with more than one version. Cargo joins compatible ones, so the major versions differ.
    pub(super) fn twice(&self) -> BTreeSet<&str> {
        self.names().zip(self.names().skip(1)).filter(|(a, b)| a == b).map(|(a, _)| a).collect()
    }

    pub(super) fn join(mut self, other: Self) -> Self {
        self.crates.extend(other.crates);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_once_per_crate_and_version() {
        let tree = Tree::parse(
            "a v0.1.0 (/src/a)\nserde_derive v1.0.2 (proc-macro)\nserde v1.0.2\nserde v1.0.2 (*)\n\n",
        )
        .join(Tree::parse("syn v2.0.1\nsyn v3.0.9\na v0.1.0 (/src/a)"));
        assert_eq!(tree.len(), 5);
        assert_eq!(tree.names().collect::<Vec<_>>(), ["a", "serde", "serde_derive", "syn", "syn"]);
        assert_eq!(tree.twice(), BTreeSet::from(["syn"]));
    }
}
