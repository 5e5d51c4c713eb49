//! Which crate may depend on which.

use super::Violation;
use super::tree::Tree;
use crate::result::Result;
use crate::workspace::{Package, Workspace};

/// The crates that may be compiled into one of ours, by any path, with any feature but the bridges.
struct Layer {
    package: &'static str,
    /// Our crates that may be compiled in.
    below: &'static [&'static str],
    /// Other people's crates that must not be compiled in.
    forbidden: &'static [&'static str],
    why: &'static str,
}

/// Features whose purpose is to implement a trait of a forbidden crate.
const BRIDGES: &[(&str, &str)] = &[("influx-framing", "tokio-util")];

/// Every crate of the workspace has a row; a row may come before its crate.
const LAYERS: &[Layer] = &[
    Layer {
        package: "influx-proto",
        below: &[],
        forbidden: &["tokio", "hyper", "socket2", "rustls"],
        why: "influx-proto is pure data: every HTTP client and every runtime can use it",
    },
    Layer {
        package: "influx-framing",
        below: &[],
        forbidden: &["tokio", "hyper", "socket2", "rustls"],
        why: "influx-framing turns bytes into frames and knows neither sockets nor series",
    },
    Layer {
        package: "influx-transport",
        below: &["influx-framing"],
        forbidden: &[],
        why: "a transport carries anybody's messages; only influx-client knows both sides",
    },
    Layer {
        package: "influx-testkit",
        below: &["influx-framing", "influx-transport"],
        forbidden: &[],
        why: "a test server that shares code with the client would share its mistakes",
    },
    Layer {
        package: "influx-client",
        below: &["influx-framing", "influx-proto", "influx-transport"],
        forbidden: &[],
        why: "a test server is for tests only, and the command line stands above the client",
    },
    Layer {
        package: "influx-arrow",
        below: &["influx-proto"],
        forbidden: &["tokio", "hyper", "socket2", "rustls"],
        why: "influx-arrow converts columns and does no I/O",
    },
    Layer {
        package: "influx-cli",
        below: &[
            "influx-arrow",
            "influx-client",
            "influx-framing",
            "influx-proto",
            "influx-transport",
        ],
        forbidden: &[],
        why: "the command line is a user of the client",
    },
    Layer {
        package: "xtask",
        below: &[],
        forbidden: &["tokio", "hyper", "syn"],
        why: "xtask is compiled before everything else and must be quick",
    },
];

/// Crates that only some of ours may name in their manifest: those crates, ours, and the reason.
type Reserved = (&'static [&'static str], &'static [&'static str], &'static str);

const RESERVED: &[Reserved] = &[
    (
        &["hyper", "hyper-util", "rustls", "tokio-rustls", "socket2"],
        &["influx-transport"],
        "the engine below the transports can only be exchanged while one crate knows it",
    ),
    (
        &["tokio"],
        &["influx-transport", "influx-testkit", "influx-client", "influx-cli"],
        "the pure crates work in every runtime, and without one",
    ),
];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for package in &workspace.packages {
        match LAYERS.iter().find(|layer| layer.package == package.name) {
            Some(layer) => {
                let features = closed_features(package).join(",");
                let flags = ["--no-default-features", "--features", &features];
                violations.extend(breaks_layer(layer, &Tree::of(layer.package, &flags)?));
            }
            None => violations.push(Violation {
                place: package.manifest.display().to_string(),
                rule: format!("xtask/src/layers/edges.rs has no row for {}", package.name),
                why: "a crate without a layer may depend on anything",
            }),
        }
        violations.extend(RESERVED.iter().flat_map(|it| breaks_reserved(it, package)));
    }
    Ok(violations)
}

/// All the features of a crate that must keep the rule.
fn closed_features(package: &Package) -> Vec<&str> {
    let is_bridge = |feature: &&str| BRIDGES.contains(&(&package.name, feature));
    package.features.iter().map(String::as_str).filter(|feature| !is_bridge(feature)).collect()
}

fn breaks_layer(layer: &Layer, tree: &Tree) -> Vec<Violation> {
    let is_ours = |name: &str| LAYERS.iter().any(|layer| layer.package == name);
    let allowed = |name: &str| {
        name == layer.package
            || layer.below.contains(&name)
            || !is_ours(name) && !layer.forbidden.contains(&name)
    };
    tree.names()
        .filter(|name| !allowed(name))
        .map(|name| Violation {
            place: format!("`cargo tree -p {} --all-features -e normal -i {name}`", layer.package),
            rule: format!("{} must not depend on {name}, directly or not", layer.package),
            why: layer.why,
        })
        .collect()
}

fn breaks_reserved((dependencies, ours, why): &Reserved, package: &Package) -> Vec<Violation> {
    let may_name = ours.contains(&package.name.as_str());
    let named = package.dependencies.iter();
    named
        .filter(|name| !may_name && dependencies.contains(&name.as_str()))
        .map(|name| Violation {
            place: package.manifest.display().to_string(),
            rule: format!("only {} may name {name}", ours.join(" and ")),
            why,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE: Layer = Layer {
        package: "influx-client",
        below: &["influx-transport"],
        forbidden: &["tokio"],
        why: "it is pure",
    };

    fn package(name: &str, features: &[&str], dependencies: &[&str]) -> Package {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Package {
            name: name.to_owned(),
            features: owned(features),
            dependencies: owned(dependencies),
            ..Package::default()
        }
    }

    #[test]
    fn a_forbidden_crate_is_found_anywhere_in_the_tree() {
        let check = |tree: &str, expected: &[&str]| {
            let found = breaks_layer(&PURE, &Tree::parse(tree));
            let rules: Vec<_> = found.iter().map(|violation| violation.rule.as_str()).collect();
            assert_eq!(rules, expected, "{tree}");
        };
        check("influx-client v0.1.0 (/w)\ninflux-transport v0.1.0 (/w)\ntokio-util v0.7.0", &[]);
        check(
            "influx-client v0.1.0 (/w)\ninflux-testkit v0.1.0 (/w/t)\nbytes v1.0.0\ntokio v1.0.0",
            &[
                "influx-client must not depend on influx-testkit, directly or not",
                "influx-client must not depend on tokio, directly or not",
            ],
        );
    }

    #[test]
    fn every_feature_but_a_bridge_keeps_the_rule() {
        let package = package("influx-framing", &["default", "json", "tokio-util"], &[]);
        assert_eq!(closed_features(&package), ["default", "json"]);
    }

    #[test]
    fn only_the_named_crates_may_use_a_reserved_one() {
        let reserved: Reserved = (&["hyper"], &["a"], "of the engine");
        let check = |name: &str, dependency: &str, broken: usize| {
            let package = package(name, &[], &[dependency]);
            assert_eq!(breaks_reserved(&reserved, &package).len(), broken, "{name} {dependency}");
        };
        check("a", "hyper", 0);
        check("b", "hyper", 1);
        check("b", "hyper-util", 0);
    }

    #[test]
    fn only_crates_below_are_in_a_row() {
        for (at, layer) in LAYERS.iter().enumerate() {
            let before = LAYERS.get(..at).unwrap();
            let is_before = |name: &&&str| before.iter().any(|layer| layer.package == **name);
            assert_eq!(layer.below.iter().find(|name| !is_before(name)), None, "{}", layer.package);
        }
    }
}
