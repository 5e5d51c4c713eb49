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
    let mut check = Check { docs, paths, place: String::new(), violations: Vec::new() };
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
                for bound in list(&contents["bounds"]) {
                    // A hidden trait as a bound of a trait seals it: programs need not name it.
                    if !self.is_hidden(&bound["trait_bound"]["trait"]["id"]) {
                        self.signature(bound);
                    }
                }
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
                for part in ["generics", "for"] {
                    self.signature(&contents[part]);
                }
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
        self.violations.push(Violation {
            place: self.place.clone(),
            rule: format!("{path} has no public path in {}", self.docs.name()),
            why: "a program can name all that a signature contains through the crate that has it",
        });
        // The bounds of a hidden trait are as public as the signature.
        if let Some(("trait", hidden)) = self.docs.item(number).map(contents) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::docs::plant;
    use crate::workspace::Workspace;

    /// Stands for an engine.
    const HYPER: &str = "pub struct Body; pub trait Service {}";

    /// Stands for a crate of ours below the one that is checked.
    const LOWER: &str = "mod a { pub struct Frame; pub trait Codec {} } pub use a::Codec;
        pub mod frames { pub use crate::a::Frame; }";

    /// Checks a crate with a module for each case. `expected` names the items that must not stand in
    /// the signatures of the module, in the order of the alphabet.
    fn check_all(folder: &str, cases: &[(&str, &[&str])]) {
        let folder = Workspace::load().unwrap().target.join("planted").join(folder);
        let modules = cases
            .iter()
            .enumerate()
            .map(|(n, (source, _))| format!("pub mod case{n} {{ {source} }} "));
        let crates = [
            plant(&folder, "hyper", HYPER),
            plant(&folder, "lower", LOWER),
            plant(&folder, "upper", &modules.collect::<String>()),
        ];
        let upper = crates.last().unwrap();
        let violations = check(upper, &Paths::of(upper, &crates));
        for (n, (source, expected)) in cases.iter().enumerate() {
            let case = format!("case{n}");
            let violations = violations
                .iter()
                .filter(|violation| violation.place.split([' ', ':']).any(|word| word == case));
            let mut found: Vec<_> = violations
                .map(|violation| {
                    violation.rule.split(' ').next().unwrap().replace(&format!("upper::{case}"), "")
                })
                .collect();
            found.sort();
            assert_eq!(found, *expected, "{source}");
        }
    }

    #[test]
    fn engines_are_found_in_every_part_of_a_signature() {
        let body: &[&str] = &["hyper::Body"];
        let service: &[&str] = &["hyper::Service"];
        check_all(
            "engines",
            &[
                ("pub type Body = hyper::Body;", body),
                ("pub use hyper::Body;", body),
                ("pub use hyper;", &["hyper"]),
                ("pub use hyper::*;", &["hyper"]),
                ("mod a { pub use hyper::Body; } pub use a::*;", body),
                ("pub fn f(a: &[Option<hyper::Body>]) {}", body),
                ("pub fn f() -> Result<(), hyper::Body> { Ok(()) }", body),
                ("pub async fn f() -> hyper::Body { hyper::Body }", body),
                ("pub fn f<T: hyper::Service>() {}", service),
                ("pub fn f<T>() where T: hyper::Service {}", service),
                ("pub fn f(a: impl hyper::Service) {}", service),
                ("pub fn f(a: Box<dyn hyper::Service>) {}", service),
                ("pub struct A { pub a: hyper::Body }", body),
                ("pub struct A(pub hyper::Body);", body),
                ("pub enum A { B(hyper::Body) }", body),
                ("pub enum A { B { c: hyper::Body } }", body),
                ("pub trait A: hyper::Service {}", service),
                ("pub trait A { type B: hyper::Service; }", service),
                ("pub trait A { fn b(&self) -> hyper::Body; }", body),
                ("pub struct A; impl hyper::Service for A {}", service),
                (
                    "pub struct A; impl From<hyper::Body> for A { fn from(_: hyper::Body) -> A { A } }",
                    body,
                ),
                (
                    "pub struct A; impl Iterator for A { type Item = hyper::Body;
                fn next(&mut self) -> Option<hyper::Body> { None } }",
                    body,
                ),
                ("pub struct A; impl A { pub fn b(&self) -> hyper::Body { hyper::Body } }", body),
                ("pub const A: hyper::Body = hyper::Body;", body),
                ("mod a { pub type B = hyper::Body; } pub fn f(b: a::B) {}", body),
                (
                    "mod a { pub trait B: hyper::Service {} } pub fn f(b: impl a::B) {}",
                    &["::a::B", "hyper::Service"],
                ),
                (
                    "pub struct A { a: hyper::Body } impl A { fn b() -> hyper::Body { hyper::Body } }",
                    &[],
                ),
                ("mod a { pub fn f() -> hyper::Body { hyper::Body } }", &[]),
                ("fn f() -> hyper::Body { hyper::Body }", &[]),
            ],
        );
    }

    #[test]
    fn a_signature_contains_only_what_the_crate_names() {
        let hidden: &[&str] = &["::a::B"];
        check_all(
            "names",
            &[
                ("mod a { pub struct B; } pub fn f() -> a::B { a::B }", hidden),
                ("mod a { pub struct B; } pub fn f() -> a::B { a::B } pub use a::B;", &[]),
                (
                    "mod a { pub struct B; } pub fn f() -> a::B { a::B } pub mod c { pub use super::a::*; }",
                    &[],
                ),
                (
                    "mod a { pub struct B; } #[doc(hidden)] pub use a::B; pub fn f() -> B { B }",
                    hidden,
                ),
                (
                    "mod a { pub struct B<T>(T); } pub fn f(b: a::B<u8>) {} pub type C = a::B<u8>;",
                    &[],
                ),
                (
                    "mod a { pub struct B; impl B { pub fn c(&self) {} } } pub struct D(pub a::B);",
                    hidden,
                ),
                (
                    "mod a { pub trait B {} } pub trait C: a::B {} impl a::B for u8 {} impl C for u8 {}",
                    &[],
                ),
                ("mod a { pub trait B {} } pub fn f(b: impl a::B) {}", hidden),
                ("mod a { pub struct B; } pub trait A { fn f(&self, b: a::B); }", hidden),
                (
                    "mod a { pub struct B; } pub struct C; impl From<a::B> for C { fn from(_: a::B) -> C { C } }",
                    &[],
                ),
                (
                    "pub fn f() -> lower::frames::Frame { lower::frames::Frame }",
                    &["lower::a::Frame"],
                ),
                ("pub fn f(c: impl lower::Codec) {}", &["lower::a::Codec"]),
                ("pub fn f() -> std::io::Result<Vec<String>> { Ok(vec![]) }", &[]),
                (
                    "use std::collections::HashMap; pub struct A { pub b: HashMap<u8, Box<dyn Fn(u8)>> }",
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn a_lower_crate_is_named_by_a_reexport() {
        let uses = "pub fn f(f: lower::frames::Frame, c: &dyn lower::Codec) {}";
        let check = |folder: &str, export: &str, expected: &[&str]| {
            check_all(folder, &[(uses, expected), (export, &[])]);
        };
        check("crate", "pub use lower;", &[]);
        check("glob", "pub use lower::*;", &[]);
        check("module", "pub use lower::frames as f;", &["lower::a::Codec"]);
        check("item", "pub use lower::Codec;", &["lower::a::Frame"]);
    }
}
