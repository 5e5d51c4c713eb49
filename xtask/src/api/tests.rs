//! Planted crates whose signatures are good or bad.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::docs::{Docs, FLAGS};
use super::paths::Paths;
use super::signatures::check;
use crate::process::capture;
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
    let modules =
        cases.iter().enumerate().map(|(n, (source, _))| format!("pub mod case{n} {{ {source} }} "));
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
                "mod a { pub struct B; } pub fn f(b: a::B) {} pub mod c { pub use super::a::*; }",
                &[],
            ),
            ("mod a { pub struct B; } #[doc(hidden)] pub use a::B; pub fn f() -> B { B }", hidden),
            ("mod a { pub struct B<T>(T); } pub fn f(b: a::B<u8>) {} pub type C = a::B<u8>;", &[]),
            (
                "mod a { pub struct B; impl B { pub fn c(&self) {} } } pub struct D(pub a::B);",
                hidden,
            ),
            ("mod a { pub trait B {} } pub trait C: a::B {} impl a::B for u8 {}", &[]),
            (
                "mod a { pub trait B {} } pub trait C {} pub struct D; impl<T: a::B> C for (T, D) {}",
                &[],
            ),
            ("mod a { pub trait B {} } pub fn f(b: impl a::B) {}", hidden),
            ("mod a { pub struct B; } pub trait A { fn f(&self, b: a::B); }", hidden),
            (
                "mod a { pub struct B; } pub struct C; impl PartialEq<a::B> for C {
                    fn eq(&self, _: &a::B) -> bool { true } }",
                &[],
            ),
            ("pub fn f() -> lower::frames::Frame { lower::frames::Frame }", &["lower::a::Frame"]),
            ("pub fn f(c: impl lower::Codec) {}", &["lower::a::Codec"]),
            ("pub fn f() -> std::io::Result<Vec<String>> { Ok(vec![]) }", &[]),
            ("pub struct A { pub b: std::collections::HashMap<u8, Box<dyn Fn(u8)>> }", &[]),
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

/// Documents a planted crate, which may use `hyper` and `lower` if they were planted before.
fn plant(folder: &Path, name: &str, source: &str) -> Docs {
    fs::create_dir_all(folder).unwrap();
    let file = folder.join(format!("{name}.rs"));
    fs::write(&file, source).unwrap();
    let run = |program: &str, flags: &[&str]| {
        let mut command = Command::new(program);
        command.args(["--edition=2024", "--crate-type=lib", "--crate-name", name, "-L"]);
        command.arg(folder).arg("--out-dir").arg(folder).args(flags).arg(&file);
        capture(command.env("RUSTC_BOOTSTRAP", "1")).unwrap();
    };
    let used: &[&str] = if name == "upper" {
        &["--extern=hyper", "--extern=lower"]
    } else {
        run("rustc", &["--emit=metadata"]);
        &[]
    };
    run("rustdoc", &[&FLAGS, used].concat());
    Docs::read(&folder.join(format!("{name}.json"))).unwrap()
}
