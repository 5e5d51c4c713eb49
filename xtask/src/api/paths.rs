//! The items that a program can name through a crate.

use std::collections::BTreeSet;

use serde_json::Value;

use super::docs::{Docs, contents, list};

#[derive(Default)]
pub(super) struct Paths {
    /// Where the items are defined, in this crate or in another.
    named: BTreeSet<String>,
    /// Modules and whole crates of other people that are re-exported.
    modules: Vec<String>,
    /// The numbers of the crate's own items.
    pub(super) own: Vec<Value>,
    /// All re-exports: where they stand, and the path of their target.
    pub(super) exports: Vec<(String, String)>,
}

impl Paths {
    /// Follows the public modules and re-exports of a crate, through `crates` too.
    pub(super) fn of(docs: &Docs, crates: &[Docs]) -> Self {
        let mut walk = Walk { crates, paths: Self::default(), seen: BTreeSet::new() };
        walk.module(docs, docs.root(), true);
        walk.paths
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        let below = |module: &String| {
            path.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with("::"))
        };
        self.named.contains(path) || self.modules.iter().any(below)
    }
}

struct Walk<'a> {
    crates: &'a [Docs],
    paths: Paths,
    /// Modules may re-export each other.
    seen: BTreeSet<String>,
}

impl Walk<'_> {
    /// `own` is true in the crate itself and false in those that it re-exports.
    fn module(&mut self, docs: &Docs, number: &Value, own: bool) {
        let path = docs.path(number).unwrap_or_default();
        let Some(item) = docs.item(number) else { return };
        if !self.seen.insert(path.clone()) {
            return;
        }
        for number in list(&contents(item).1["items"]) {
            let Some(item) = docs.item(number) else { continue };
            if item["visibility"] != "public" {
                continue;
            }
            match contents(item) {
                ("module", _) => {
                    self.paths.named.extend(docs.path(number));
                    self.module(docs, number, own);
                }
                ("use", export) => {
                    let target = docs.path(&export["id"]).unwrap_or_default();
                    if own {
                        self.paths.exports.push((path.clone(), target));
                    }
                    let is_glob = export["is_glob"] == true;
                    self.export(docs, &export["id"], is_glob, own);
                }
                (kind, contents) => self.name(docs, number, kind, contents, own),
            }
        }
    }

    fn export(&mut self, docs: &Docs, number: &Value, is_glob: bool, own: bool) {
        let Some(path) = docs.path(number) else { return };
        if let Some(item) = docs.item(number) {
            if docs.is_module(number) {
                self.module(docs, number, own);
            } else if !is_glob {
                let (kind, contents) = contents(item);
                self.name(docs, number, kind, contents, own);
            }
            return;
        }
        let name = path.split("::").next().unwrap_or_default();
        let home = self.crates.iter().find(|docs| docs.name() == name);
        match home.and_then(|home| Some((home, home.find(&path)?))) {
            Some((home, number)) if docs.is_module(number) || home.is_module(number) => {
                self.module(home, number, false);
            }
            None if docs.is_module(number) => self.paths.modules.push(path.clone()),
            _ => {}
        }
        self.paths.named.insert(path);
    }

    fn name(&mut self, docs: &Docs, number: &Value, kind: &str, contents: &Value, own: bool) {
        self.paths.named.extend(docs.path(number));
        if kind == "type_alias" {
            // An alias names its target.
            self.paths.named.extend(docs.path(&contents["type"]["resolved_path"]["id"]));
        }
        if own && !self.paths.own.contains(number) {
            self.paths.own.push(number.clone());
        }
    }
}
