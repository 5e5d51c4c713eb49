//! `cargo xtask audit`: licences, sources and versions of other people's crates.
//!
//! The rules are those of `deny.toml`, which `cargo deny check licenses bans sources` reads too; this
//! command needs nothing but cargo.

mod crates;
mod licence;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use self::crates::{Crate, Source, crates};
use self::licence::is_allowed;
use self::versions::is_in;
use crate::deny::{Entry, Table};
use crate::result::Result;
use crate::violation::{Violation, report, verdict};

/// A workspace of this repository.
struct Workspace {
    /// Empty: the root.
    folder: &'static str,
    /// Whether it compares us with other people's crates, which have dependencies of their choice:
    /// these must be safe, but may be heavy.
    has_peers: bool,
}

const WORKSPACES: &[Workspace] = &[
    Workspace { folder: "", has_peers: false },
    Workspace { folder: "benches", has_peers: true },
    Workspace { folder: "fuzz", has_peers: false },
];

pub(crate) fn run() -> Result {
    let table = Table::load()?;
    let mut audit = Audit::new(&table);
    let mut broken = 0;
    for workspace in WORKSPACES {
        let crates = crates(workspace.folder)?;
        let violations = audit.check(workspace, &crates)?;
        let name = if workspace.folder.is_empty() { "the root" } else { workspace.folder };
        broken += report(&format!("{} crates of {name}", crates.len()), &violations);
    }
    broken += report("each row of deny.toml is needed", &audit.stale());
    verdict(broken)
}

/// The rules, and what the crates that were checked have used of them.
struct Audit<'a> {
    table: &'a Table,
    licences: BTreeSet<String>,
    registries: BTreeSet<&'a str>,
    names: BTreeSet<String>,
    /// Places in the list of doubles.
    doubles: BTreeSet<usize>,
}

impl<'a> Audit<'a> {
    fn new(table: &'a Table) -> Self {
        Self {
            table,
            licences: BTreeSet::new(),
            registries: BTreeSet::new(),
            names: BTreeSet::new(),
            doubles: BTreeSet::new(),
        }
    }

    fn check(&mut self, workspace: &Workspace, crates: &[Crate]) -> Result<Vec<Violation>> {
        let mut violations = Vec::new();
        for it in crates {
            self.names.insert(it.name.clone());
            let mut rules = Vec::new();
            rules.extend(self.breaks_licence(it));
            rules.extend(self.breaks_source(it));
            rules.extend(self.breaks_ban(it, workspace.has_peers)?);
            violations
                .extend(rules.into_iter().map(|(rule, why)| violation(workspace, it, rule, why)));
        }
        if !workspace.has_peers {
            for (it, rule) in self.doubles(crates)? {
                let why = "two versions cost twice the time, and their types do not fit each other";
                violations.push(violation(workspace, it, rule, why));
            }
        }
        Ok(violations)
    }

    fn breaks_licence(&mut self, it: &Crate) -> Option<(String, &'static str)> {
        let verdict = match &it.licence {
            Some(licence) => is_allowed(licence, &self.table.licences, &mut self.licences),
            None => Err("its manifest names no licence".to_owned()),
        };
        let rule = match verdict {
            Ok(true) => return None,
            Ok(false) => format!(
                "the licence `{}` is not in deny.toml",
                it.licence.as_deref().unwrap_or_default()
            ),
            Err(problem) => problem,
        };
        Some((rule, "our users must be able to keep to the licences of all that they compile"))
    }

    fn breaks_source(&mut self, it: &Crate) -> Option<(String, &'static str)> {
        let Source::Other(source) = &it.source else { return None };
        let registry = source.strip_prefix("registry+");
        let allowed = self.table.registries.iter().find(|it| Some(it.as_str()) == registry);
        self.registries.extend(allowed.map(String::as_str));
        match allowed {
            Some(_) => None,
            None => Some((
                format!("`{source}` is not a source in deny.toml"),
                "only a registry keeps every version, unchanged",
            )),
        }
    }

    fn breaks_ban(&self, it: &Crate, has_peers: bool) -> Result<Option<(String, &'static str)>> {
        for ban in self.table.bans.iter().filter(|ban| ban.name == it.name) {
            let is_advisory = !ban.versions.is_empty();
            if !is_in(&it.version, &ban.versions)? || has_peers && !is_advisory {
                continue;
            }
            let rule = format!("{} must not be compiled in: {}", shown(ban), ban.reason);
            let why = if is_advisory {
                "this version has a known fault; `cargo update` selects one without it"
            } else {
                "its part is done by less, by our own code, or by a maintained crate"
            };
            return Ok(Some((rule, why)));
        }
        Ok(None)
    }

    /// The crates that have another version, unless an exception covers all but one of them.
    fn doubles<'b>(&mut self, crates: &'b [Crate]) -> Result<Vec<(&'b Crate, String)>> {
        let mut versions: BTreeMap<&str, Vec<&Crate>> = BTreeMap::new();
        for it in crates {
            versions.entry(&it.name).or_default().push(it);
        }
        let mut doubles = Vec::new();
        for (name, versions) in versions.into_iter().filter(|(_, versions)| versions.len() > 1) {
            let mut unexcused = Vec::new();
            for it in versions {
                let mut is_excused = false;
                for (at, entry) in self.table.doubles.iter().enumerate() {
                    if entry.name == name && is_in(&it.version, &entry.versions)? {
                        self.doubles.insert(at);
                        is_excused = true;
                    }
                }
                if !is_excused {
                    unexcused.push(it);
                }
            }
            let [first, others @ ..] = &*unexcused else { continue };
            let rule = |it: &&'b Crate| format!("{} is compiled in too", it.version);
            doubles.extend(others.iter().map(|it| (*first, rule(it))));
        }
        Ok(doubles)
    }

    /// The rows of the table that no crate needed. A ban by name is meant never to be needed.
    fn stale(&self) -> Vec<Violation> {
        let licences = self.table.licences.iter().filter(|it| !self.licences.contains(*it));
        let registries =
            self.table.registries.iter().filter(|it| !self.registries.contains(it.as_str()));
        let doubles = self.table.doubles.iter().enumerate();
        let doubles = doubles.filter(|(at, _)| !self.doubles.contains(at)).map(|(_, it)| shown(it));
        let advisories = self.table.bans.iter();
        let advisories = advisories
            .filter(|it| !it.versions.is_empty() && !self.names.contains(&it.name))
            .map(shown);
        let rows = licences.chain(registries).cloned().chain(doubles).chain(advisories);
        rows.map(|row| Violation {
            place: "deny.toml".to_owned(),
            rule: format!("the row `{row}` fits no crate"),
            why: "an exception that is no longer needed would hide the next fault",
        })
        .collect()
    }
}

fn violation(workspace: &Workspace, it: &Crate, rule: String, why: &'static str) -> Violation {
    let (name, version) = (&it.name, &it.version);
    let folder = if workspace.folder.is_empty() { "." } else { workspace.folder };
    Violation {
        place: format!(
            "`cargo tree --manifest-path {folder}/Cargo.toml --target all -i {name}@{version}`"
        ),
        rule,
        why,
    }
}

fn shown(entry: &Entry) -> String {
    if entry.versions.is_empty() {
        return entry.name.clone();
    }
    format!("{} {}", entry.name, entry.versions)
}

#[cfg(test)]
mod tests;
