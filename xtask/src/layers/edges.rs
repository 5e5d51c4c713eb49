//! Which crate may depend on which.

use super::Violation;
use super::tree::Tree;
use crate::Result;
use crate::workspace::{Package, Workspace};

/// What must not be compiled into a crate, by any path and with any feature but the bridges.
struct Closed {
    package: &'static str,
    /// Features whose very purpose is to implement a trait of what is forbidden.
    bridges: &'static [&'static str],
    /// Names of crates; a `*` at the end stands for any rest.
    forbidden: &'static [&'static str],
    why: &'static str,
}

const CLOSED: &[Closed] = &[
    Closed {
        package: "influx-proto",
        bridges: &[],
        forbidden: &["tokio", "hyper", "socket2", "rustls", "influx-*"],
        why: "influx-proto is pure data: every HTTP client and every runtime can use it",
    },
    Closed {
        package: "influx-framing",
        // tokio-util depends on tokio, for its traits over sockets.
        bridges: &["tokio-util"],
        forbidden: &["tokio", "hyper", "socket2", "rustls", "influx-*"],
        why: "influx-framing turns bytes into frames and knows neither sockets nor series",
    },
    Closed {
        package: "influx-transport",
        bridges: &[],
        forbidden: &["influx-proto", "influx-client"],
        why: "a transport carries anybody's messages; only influx-client knows both sides",
    },
    Closed {
        package: "xtask",
        bridges: &[],
        forbidden: &["*"],
        why: "xtask is compiled before everything else and must be quick",
    },
];

/// What only some crates may name in their manifest.
struct Reserved {
    dependencies: &'static [&'static str],
    packages: &'static [&'static str],
    why: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved {
        dependencies: &["hyper", "hyper-util", "rustls", "tokio-rustls", "socket2"],
        packages: &["influx-transport"],
        why: "the engine below the transports can only be exchanged while one crate knows it",
    },
    Reserved {
        dependencies: &["tokio"],
        packages: &["influx-transport", "influx-client"],
        why: "the pure crates work in every runtime, and without one",
    },
];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for closed in CLOSED {
        let package = workspace.package(closed.package)?;
        let features = closed.features(package).join(",");
        let tree = Tree::of(closed.package, &["--no-default-features", "--features", &features])?;
        violations.extend(breaks_closed(closed, &tree));
    }
    for reserved in RESERVED {
        violations.extend(workspace.packages.iter().flat_map(|p| breaks_reserved(reserved, p)));
    }
    Ok(violations)
}

impl Closed {
    /// All the features that must keep the rule.
    fn features<'a>(&self, package: &'a Package) -> Vec<&'a str> {
        let features = package.features.iter().map(String::as_str);
        features.filter(|feature| !self.bridges.contains(feature)).collect()
    }
}

fn breaks_closed(closed: &Closed, tree: &Tree) -> Vec<Violation> {
    let forbidden = |name: &str| closed.forbidden.iter().any(|pattern| matches(pattern, name));
    tree.names()
        .filter(|name| *name != closed.package && forbidden(name))
        .map(|name| Violation {
            place: format!("`cargo tree -p {} --all-features -e normal -i {name}`", closed.package),
            rule: format!("{} must not depend on {name}, directly or not", closed.package),
            why: closed.why,
        })
        .collect()
}

fn breaks_reserved(reserved: &Reserved, package: &Package) -> Vec<Violation> {
    if reserved.packages.contains(&package.name.as_str()) {
        return Vec::new();
    }
    let named = package.dependencies.iter();
    named
        .filter(|name| reserved.dependencies.contains(&name.as_str()))
        .map(|name| Violation {
            place: package.manifest.display().to_string(),
            rule: format!("only {} may name {name}", reserved.packages.join(" and ")),
            why: reserved.why,
        })
        .collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE: Closed = Closed {
        package: "influx-proto",
        bridges: &["bridge"],
        forbidden: &["tokio", "influx-*"],
        why: "it is pure",
    };

    fn package(name: &str, features: &[&str], dependencies: &[&str]) -> Package {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Package {
            name: name.to_owned(),
            manifest: "Cargo.toml".into(),
            features: owned(features),
            dependencies: owned(dependencies),
        }
    }

    #[test]
    fn a_forbidden_crate_is_found_anywhere_in_the_tree() {
        let check = |tree: &str, expected: &[&str]| {
            let found = breaks_closed(&PURE, &Tree::parse(tree));
            let rules: Vec<_> = found.iter().map(|violation| violation.rule.as_str()).collect();
            assert_eq!(rules, expected, "{tree}");
        };
        check("influx-proto v0.1.0 (/w)\nserde v1.0.0\ntokio-util v0.7.0", &[]);
        check(
            "influx-proto v0.1.0 (/w)\ninflux-framing v0.1.0 (/w)\nbytes v1.0.0\ntokio v1.0.0",
            &[
                "influx-proto must not depend on influx-framing, directly or not",
                "influx-proto must not depend on tokio, directly or not",
            ],
        );
    }

    #[test]
    fn every_feature_but_a_bridge_keeps_the_rule() {
        let package = package("influx-proto", &["bridge", "default", "http"], &[]);
        assert_eq!(PURE.features(&package), ["default", "http"]);
    }

    #[test]
    fn only_the_named_crates_may_use_a_reserved_one() {
        let reserved =
            Reserved { dependencies: &["hyper"], packages: &["a"], why: "of the engine" };
        let check = |name: &str, dependency: &str, broken: usize| {
            let package = package(name, &[], &[dependency]);
            assert_eq!(breaks_reserved(&reserved, &package).len(), broken, "{name} {dependency}");
        };
        check("a", "hyper", 0);
        check("b", "hyper", 1);
        check("b", "hyper-util", 0);
    }

    #[test]
    fn a_star_stands_for_any_rest() {
        assert!(matches("*", "anything"));
        assert!(matches("influx-*", "influx-client"));
        assert!(!matches("influx-*", "influxdb"));
        assert!(!matches("hyper", "hyper-util"));
    }
}
