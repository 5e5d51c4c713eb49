//! `cargo xtask features`: each crate alone, without features, with each feature alone, and with all.
//!
//! A workspace build joins the features that its crates ask for, which hides a missing one.

use crate::process::execute;
use crate::result::Result;
use crate::workspace::{Workspace, cargo};

/// Tests without features, or with few: of the crates that others embed alone, of the client's errors
/// where a feature is missing, and of datagrams without `udp-batch`.
const TESTED_ALONE: &[&[&str]] = &[
    &["-p", "influx-proto", "--lib"],
    &["-p", "influx-framing", "--lib"],
    &["-p", "influx-client", "--lib", "--test", "it"],
    &["-p", "influx-transport", "--features", "framed,http-server,test-util,tls", "--test", "it"],
];

pub(crate) fn run() -> Result {
    for package in Workspace::load()?.libraries() {
        for set in feature_sets(&package.features) {
            // Code that is dead without some feature is an error too, and clippy denies warnings
            // without rebuilding dependencies.
            let mut clippy = cargo(["clippy", "--quiet", "--no-deps", "-p", &package.name]);
            execute(clippy.args(set).args(["--", "-D", "warnings"]))?;
        }
    }
    for tests in TESTED_ALONE {
        execute(cargo(["test", "--no-default-features"]).args(*tests))?;
    }
    Ok(())
}

/// The flags of every set of features to build: none, each alone, all.
fn feature_sets(features: &[String]) -> Vec<Vec<&str>> {
    let alone = features
        .iter()
        .filter(|feature| *feature != "default")
        .map(|feature| vec!["--no-default-features", "--features", feature]);
    let mut sets = vec![vec!["--no-default-features"]];
    sets.extend(alone);
    sets.push(vec!["--all-features"]);
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_is_built_alone() {
        let features = ["default", "http", "stream"].map(str::to_owned);
        let sets: Vec<String> =
            feature_sets(&features).iter().map(|flags| flags.join(" ")).collect();
        assert_eq!(
            sets,
            [
                "--no-default-features",
                "--no-default-features --features http",
                "--no-default-features --features stream",
                "--all-features",
            ]
        );
    }
}
