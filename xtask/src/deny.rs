//! The table in `deny.toml`, which cargo-deny reads too.
//!
//! The file keeps to a small part of TOML, one entry on each line. Any other line is an error, so
//! that no rule is overlooked.

use crate::result::Result;

const TEXT: &str = include_str!("../../deny.toml");

/// The rules for other people's crates.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    /// Terms of SPDX, such as `MIT` or `Apache-2.0 WITH LLVM-exception`.
    pub(crate) licences: Vec<String>,
    /// Versions that may stand beside another of their crate.
    pub(crate) doubles: Vec<Entry>,
    /// Crates, or versions of them, that must not be compiled in.
    pub(crate) bans: Vec<Entry>,
    /// Addresses of registries.
    pub(crate) registries: Vec<String>,
}

/// A crate, perhaps in some versions only.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Comparisons with commas between them, such as `>=0.9.0,<0.9.3`; empty: every version.
    pub(crate) versions: String,
    pub(crate) reason: String,
}

impl Table {
    /// The table of this repository.
    pub(crate) fn load() -> Result<Self> {
        Self::parse(TEXT).map_err(|error| format!("deny.toml:{error}"))
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut table = Self::default();
        let (mut section, mut list) = ("", "");
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            let read = match line {
                "" | "]" => {
                    list = "";
                    Some(())
                }
                comment if comment.starts_with('#') => Some(()),
                item if !list.is_empty() => table.add(section, list, item),
                line => match (line.strip_prefix('['), line.split_once(" = ")) {
                    (Some(name), _) => name.strip_suffix(']').map(|name| section = name),
                    (None, Some((name, "["))) => {
                        list = name;
                        Some(())
                    }
                    // A setting of cargo-deny alone.
                    (None, Some((_, value))) => (!value.starts_with('[')).then_some(()),
                    (None, None) => None,
                },
            };
            read.ok_or_else(|| format!("{number}: `{line}` cannot be read"))?;
        }
        Ok(table)
    }

    fn add(&mut self, section: &str, list: &str, item: &str) -> Option<()> {
        let item = item.strip_suffix(',').unwrap_or(item);
        match (section, list) {
            ("licenses", "allow") => self.licences.push(quoted(item)?),
            ("bans", "skip") => self.doubles.push(Entry::parse(item)?),
            ("bans", "deny") => self.bans.push(Entry::parse(item)?),
            ("sources", "allow-registry") => self.registries.push(quoted(item)?),
            _ => return None,
        }
        Some(())
    }
}

impl Entry {
    /// Reads `{ crate = "a@1.2", reason = "..." }` or `{ crate = "a:<1.2.3", reason = "..." }`.
    fn parse(item: &str) -> Option<Self> {
        let members = item.strip_prefix("{ crate = ")?.strip_suffix(" }")?;
        let (name, reason) = members.split_once(", reason = ")?;
        let (name, reason) = (quoted(name)?, quoted(reason)?);
        let (name, versions) = match name.split_once(['@', ':']) {
            // After `@`, cargo-deny takes the version as `=VERSION`.
            Some((part, version)) if name.contains('@') => (part.to_owned(), format!("={version}")),
            Some((part, versions)) => (part.to_owned(), versions.to_owned()),
            None => (name, String::new()),
        };
        Some(Self { name, versions, reason })
    }
}

/// The text between quotation marks.
fn quoted(text: &str) -> Option<String> {
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    (!text.is_empty() && !text.contains(['"', '\\'])).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_settings_are_left_to_cargo_deny() {
        let entry = |name: &str, versions: &str| Entry {
            name: name.to_owned(),
            versions: versions.to_owned(),
            reason: "of a test".to_owned(),
        };
        let text = "# a comment\n[graph]\nall-features = true\n\n[licenses]\nallow = [\n    \"MIT\",\n    \
            # why\n    \"A WITH B\",\n]\n[bans]\nwildcards = \"deny\"\nskip = [\n    \
            { crate = \"a@0.52\", reason = \"of a test\" },\n]\ndeny = [\n    \
            { crate = \"b\", reason = \"of a test\" },\n    \
            { crate = \"c:>=1,<1.2.3\", reason = \"of a test\" },\n]\n\
            [sources]\nallow-registry = [\n    \"https://x\",\n]\n";
        let expected = Table {
            licences: vec!["MIT".to_owned(), "A WITH B".to_owned()],
            doubles: vec![entry("a", "=0.52")],
            bans: vec![entry("b", ""), entry("c", ">=1,<1.2.3")],
            registries: vec!["https://x".to_owned()],
        };
        assert_eq!(Table::parse(text), Ok(expected));
    }

    #[test]
    fn a_line_that_could_hide_a_rule_is_refused() {
        let check = |lines: &str, number: usize| {
            let error = Table::parse(lines).unwrap_err();
            assert!(error.starts_with(&format!("{number}: `")), "{lines}: {error}");
        };
        check("[licenses]\nallow = [\"MIT\"]", 2);
        check("[licenses]\nallow = [\n  MIT,\n]", 3);
        check("[licenses]\nexceptions = [\n  \"MIT\",\n]", 3);
        check("[bans]\ndeny = [\n  { crate = \"a\" },\n]", 3);
        check("[bans]\ndeny = [\n  { crate = \"a\", reason = \"\" },\n]", 3);
        check("[bans\n", 1);
        check("bans", 1);
    }

    #[test]
    fn the_table_of_this_repository_has_every_list() {
        let table = Table::load().unwrap();
        assert!(!table.licences.is_empty() && !table.registries.is_empty());
        assert!(table.bans.iter().any(|entry| entry.versions.is_empty()));
        assert!(table.bans.iter().any(|entry| !entry.versions.is_empty()));
    }
}
