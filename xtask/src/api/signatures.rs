//! The types and traits in public signatures.

use serde_json::Value;

use super::docs::{Docs, contents, list};
use super::paths::Paths;
use crate::violation::Violation;

/// Crates below our transports, which no program should have to know.
const ENGINES: &[&str] = &[
    "hyper",
    "hyper_util",
    "quinn_udp",
    "rustls",
    "rustls_pki_types",
    "socket2",
    "tokio_rustls",
    "wide",
];

/// Crates that are part of our API, and that a program names itself.
const SHARED: &[&str] =
    &["alloc", "bytes", "core", "futures_core", "http", "http_body", "serde", "serde_core", "std"];

/// The same for parts of a crate.
const SHARED_ITEMS: &[&str] = &[
    "tokio::io::async_read::AsyncRead",
    "tokio::io::async_write::AsyncWrite",
    // The streams of our connectors and listeners.
    "tokio::io::util::mem::DuplexStream",
    "tokio::net::tcp::stream::TcpStream",
    "tokio::net::unix::stream::UnixStream",
];

pub(super) fn check(docs: &Docs, paths: &Paths) -> Vec<Violation> {
    let mut check =
        Check { docs, paths, place: String::new(), may_seal: false, violations: Vec::new() };
    for (module, target) in &paths.exports {
        check.place = format!("a re-export in {module}");
        check.engine(target);
    }
    for number in &paths.own {
        check.place = docs.path(number).unwrap_or_default();
        check.item(number);
    }
    let mut violations = check.violations;
    violations.sort_by(|a, b| (&a.place, &a.rule).cmp(&(&b.place, &b.rule)));
    violations.dedup();
    violations
}

struct Check<'a> {
    docs: &'a Docs,
    paths: &'a Paths,
    /// The item whose signature is read.
    place: String,
    /// May a hidden trait stand in the signature?
    may_seal: bool,
    violations: Vec<Violation>,
}

impl Check<'_> {
    fn item(&mut self, number: &Value) {
        let Some(item) = self.docs.item(number) else { return };
        let (kind, contents) = contents(item);
        match kind {
            "struct" | "union" => {
                self.signature(&contents["generics"]);
                self.fields(&contents["kind"]["tuple"], true);
                self.fields(&contents["kind"]["plain"]["fields"], true);
                self.fields(&contents["fields"], true);
                self.implementations(&contents["impls"]);
            }
            "enum" => {
                self.signature(&contents["generics"]);
                for variant in list(&contents["variants"]) {
                    let Some(variant) = self.docs.item(variant) else { continue };
                    let kind = &variant["inner"]["variant"]["kind"];
                    self.fields(&kind["tuple"], false);
                    self.fields(&kind["struct"]["fields"], false);
                }
                self.implementations(&contents["impls"]);
            }
            "trait" => {
                self.signature(&contents["generics"]);
                self.bounds(&contents["bounds"]);
                self.members(&contents["items"], |_| true);
            }
            _ => self.signature(contents),
        }
    }

    fn fields(&mut self, fields: &Value, need_public: bool) {
        self.members(fields, |field| !need_public || field["visibility"] == "public");
    }

    fn implementations(&mut self, numbers: &Value) {
        for number in list(numbers) {
            let Some(item) = self.docs.item(number) else { continue };
            let contents = contents(item).1;
            if contents["is_synthetic"] == true || !contents["blanket_impl"].is_null() {
                continue;
            }
            let implemented = &contents["trait"];
            if implemented.is_null() {
                self.signature(&contents["generics"]);
                self.members(&contents["items"], |item| item["visibility"] == "public");
            } else if !self.is_internal(implemented) && !self.is_internal(&contents["for"]) {
                // A program that uses the trait has the trait's crate.
                if let Some(path) = self.docs.path(&implemented["id"]) {
                    self.engine(&path);
                }
                self.bounds(&contents["generics"]);
                self.signature(&contents["for"]);
                self.signature(&implemented["args"]);
                self.members(&contents["items"], |item| !item["inner"]["assoc_type"].is_null());
            }
        }
    }

    /// Does this JSON contain a type or trait of this crate that a program cannot name?
    ///
    /// A program cannot use a trait that is implemented for such a type, or with one as its argument.
    fn is_internal(&self, json: &Value) -> bool {
        match json {
            Value::Array(values) => values.iter().any(|value| self.is_internal(value)),
            Value::Object(members) => {
                members.get("id").is_some_and(|number| self.is_hidden(number))
                    || members.values().any(|value| self.is_internal(value))
            }
            _ => false,
        }
    }

    /// The signatures of those members of an item that a program sees.
    fn members(&mut self, numbers: &Value, is_visible: impl Fn(&Value) -> bool) {
        for number in list(numbers) {
            let Some(item) = self.docs.item(number).filter(|item| is_visible(item)) else {
                continue;
            };
            let owner = self.place.clone();
            self.place = format!("{owner}::{}", item["name"].as_str().unwrap_or_default());
            self.signature(contents(item).1);
            self.place = owner;
        }
    }

    /// The bounds of a trait or of its implementation. A hidden trait among them seals it: a program
    /// need not name that one.
    fn bounds(&mut self, json: &Value) {
        self.may_seal = true;
        self.signature(json);
        self.may_seal = false;
    }

    /// Looks for types and traits anywhere in this JSON: they have a path, a number and arguments.
    fn signature(&mut self, json: &Value) {
        match json {
            Value::Array(values) => values.iter().for_each(|value| self.signature(value)),
            Value::Object(members) => {
                if let (Some(number), Some(_), Some(_)) =
                    (members.get("id"), members.get("path"), members.get("args"))
                {
                    self.named(number);
                }
                members.values().for_each(|value| self.signature(value));
            }
            _ => {}
        }
    }

    fn named(&mut self, number: &Value) {
        let Some(path) = self.docs.path(number) else { return };
        let home = path.split("::").next().unwrap_or_default();
        self.engine(&path);
        let is_known = ENGINES.contains(&home)
            || SHARED.contains(&home)
            || SHARED_ITEMS.contains(&path.as_str())
            || self.paths.contains(&path);
        if is_known {
            return;
        }
        let hidden_trait = match self.docs.item(number).map(contents) {
            Some(("trait", contents)) => Some(contents),
            _ => None,
        };
        if hidden_trait.is_none() || !self.may_seal {
            self.violations.push(Violation {
                place: self.place.clone(),
                rule: format!("{path} has no public path in {}", self.docs.name()),
                why: "a program can name all that a signature contains through the crate that has it",
            });
        }
        // The bounds of a hidden trait are as public as the signature.
        if let Some(hidden) = hidden_trait {
            self.signature(&hidden["bounds"]);
        }
    }

    fn engine(&mut self, path: &str) {
        if ENGINES.contains(&path.split("::").next().unwrap_or_default()) {
            self.violations.push(Violation {
                place: self.place.clone(),
                rule: format!("{path} must not be public"),
                why: "an engine in the API cannot be exchanged, and its major versions become ours",
            });
        }
    }

    /// Is this an item of this crate that a program cannot name?
    fn is_hidden(&self, number: &Value) -> bool {
        let is_own = self.docs.item(number).is_some();
        is_own && self.docs.path(number).is_some_and(|path| !self.paths.contains(&path))
    }
}
