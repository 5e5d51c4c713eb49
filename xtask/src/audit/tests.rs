//! Planted violations, each in metadata of its own.

use std::path::Path;

use super::crates::parse;
use super::*;

const TABLE: &str = r#"
[licenses]
allow = [
    "MIT",
]
[bans]
skip = [
    { crate = "syn@2", reason = "of an old macro" },
]
deny = [
    { crate = "url", reason = "heavy" },
    { crate = "time:<0.3.47", reason = "RUSTSEC-2026-0009: a long date exhausts the stack" },
]
[sources]
allow-registry = [
    "https://registry",
]
"#;

/// Crates that need every row of the table, and break no rule.
const GOOD: &str = r#"
    {"name": "ours", "version": "0.1.0", "license": "MIT OR Apache-2.0", "source": null,
     "manifest_path": "/w/ours/Cargo.toml"},
    {"name": "time", "version": "0.3.47", "license": "MIT", "source": "registry+https://registry",
     "manifest_path": "/cache/time/Cargo.toml"},
    {"name": "syn", "version": "2.0.1", "license": "MIT", "source": "registry+https://registry",
     "manifest_path": "/cache/syn-2/Cargo.toml"},
    {"name": "syn", "version": "3.0.9", "license": "MIT", "source": "registry+https://registry",
     "manifest_path": "/cache/syn-3/Cargo.toml"}"#;

const OWN: Workspace = Workspace { folder: "", has_peers: false };
const PEERS: Workspace = Workspace { folder: "benches", has_peers: true };

fn rules(violations: &[Violation]) -> Vec<&str> {
    violations.iter().map(|it| it.rule.as_str()).collect()
}

/// The rules that the packages break, and the rows that they do not need.
fn audit(table: &str, workspace: &Workspace, packages: &str) -> (Vec<Violation>, Vec<Violation>) {
    let table = Table::parse(table).unwrap();
    let metadata = format!(r#"{{"packages": [{packages}]}}"#);
    let mut audit = Audit::new(&table);
    let violations = audit.check(workspace, &parse(&metadata, Path::new("/w")).unwrap()).unwrap();
    (violations, audit.stale())
}

#[test]
fn good_crates_need_every_row() {
    assert_eq!(audit(TABLE, &OWN, GOOD), (vec![], vec![]));
}

#[test]
fn each_planted_violation_is_refused() {
    let check = |found: &str, planted: &str, expected: &str| {
        let packages = GOOD.replacen(found, planted, 1);
        assert_ne!(packages, GOOD, "{found}");
        let (violations, _) = audit(TABLE, &OWN, &packages);
        assert_eq!(rules(&violations), [expected], "{planted}");
    };
    let time = r#""time", "version": "0.3.47", "license": "MIT""#;
    let with_licence =
        |licence: &str| format!(r#""time", "version": "0.3.47", "license": {licence}"#);
    check(time, &with_licence(r#""GPL-3.0""#), "the licence `GPL-3.0` is not in deny.toml");
    check(
        time,
        &with_licence(r#""MIT AND GPL-3.0""#),
        "the licence `MIT AND GPL-3.0` is not in deny.toml",
    );
    check(
        time,
        &with_licence(r#""MIT WITH LLVM-exception""#),
        "the licence `MIT WITH LLVM-exception` is not in deny.toml",
    );
    check(time, &with_licence(r#""MIT,ISC""#), "`MIT,ISC` is not an SPDX expression");
    check(time, &with_licence("null"), "its manifest names no licence");

    let registry = "registry+https://registry";
    check(
        registry,
        "registry+https://other",
        "`registry+https://other` is not a source in deny.toml",
    );
    check(registry, "git+https://registry", "`git+https://registry` is not a source in deny.toml");
    check(
        "/w/ours/",
        "/elsewhere/ours/",
        "`/elsewhere/ours/Cargo.toml` is not a source in deny.toml",
    );

    check(
        "0.3.47",
        "0.3.45",
        "time <0.3.47 must not be compiled in: RUSTSEC-2026-0009: a long date exhausts the stack",
    );
    check(r#""ours""#, r#""url""#, "url must not be compiled in: heavy");
    // The exception is for one version, not for the crate.
    check(r#""version": "2.0.1""#, r#""version": "1.0.9""#, "3.0.9 is compiled in too");
    check(
        r#""ours", "version": "0.1.0""#,
        r#""time", "version": "0.3.50""#,
        "0.3.47 is compiled in too",
    );
}

#[test]
fn peers_may_be_heavy_but_not_unsafe() {
    let doubles = GOOD.replace(r#""version": "2.0.1""#, r#""version": "1.0.9""#);
    assert_eq!(rules(&audit(TABLE, &PEERS, &doubles).0), [""; 0]);
    assert_eq!(rules(&audit(TABLE, &PEERS, &GOOD.replace("ours\", ", "url\", ")).0), [""; 0]);
    assert_eq!(audit(TABLE, &PEERS, &GOOD.replace("0.3.47", "0.3.45")).0.len(), 1);
    assert_eq!(audit(TABLE, &PEERS, &GOOD.replace("Apache-2.0", "A")).0.len(), 0);
    assert_eq!(audit(TABLE, &PEERS, &GOOD.replace("MIT OR Apache-2.0", "A")).0.len(), 1);
    assert_eq!(audit(TABLE, &PEERS, &GOOD.replace("registry+", "git+")).0.len(), 3);
}

#[test]
fn a_row_that_fits_no_crate_is_stale() {
    let check = |row: &str, with: &str, expected: &str| {
        let (violations, stale) = audit(&TABLE.replace(row, with), &OWN, GOOD);
        assert_eq!(rules(&violations), [""; 0], "{with}");
        assert_eq!(rules(&stale), [expected], "{with}");
    };
    check(r#""MIT","#, "\"MIT\",\n\"ISC\",", "the row `ISC` fits no crate");
    check(
        r#""https://registry","#,
        "\"https://registry\",\n\"https://other\",",
        "the row `https://other` fits no crate",
    );
    let double = "skip = [";
    let syn_1 = "skip = [\n{ crate = \"syn@1\", reason = \"of an older macro\" },";
    check(double, syn_1, "the row `syn =1` fits no crate");
    // A crate in one version needs no exception.
    let time = "skip = [\n{ crate = \"time@0.3\", reason = \"of a date\" },";
    check(double, time, "the row `time =0.3` fits no crate");
    let advisory = "deny = [\n{ crate = \"rand:<0.9.3\", reason = \"RUSTSEC-2026-0097\" },";
    check("deny = [", advisory, "the row `rand <0.9.3` fits no crate");
    let ban = "deny = [\n{ crate = \"tower\", reason = \"heavy\" },";
    assert_eq!(audit(&TABLE.replace("deny = [", ban), &OWN, GOOD).1, vec![]);
}

#[test]
fn a_broken_version_or_an_empty_list_is_an_error() {
    assert!(parse(r#"{"packages": []}"#, Path::new("/w")).is_err());
    let table = Table::parse(&TABLE.replace("<0.3.47", "~0.3.47")).unwrap();
    let crates = parse(&format!(r#"{{"packages": [{GOOD}]}}"#), Path::new("/w")).unwrap();
    assert!(Audit::new(&table).check(&OWN, &crates).is_err());
}

#[test]
fn each_row_of_this_repository_says_what_it_is_for() {
    let table = Table::load().unwrap();
    for ban in table.bans.iter().filter(|ban| !ban.versions.is_empty()) {
        assert!(ban.reason.starts_with("RUSTSEC-"), "{ban:?}");
    }
    for double in &table.doubles {
        assert!(!double.versions.is_empty(), "{double:?} would allow every version");
    }
}
