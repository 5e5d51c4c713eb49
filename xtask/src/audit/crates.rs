//! The crates of a workspace, its own and other people's, as `cargo metadata` lists them.

use std::path::Path;

use serde_json::Value;

use crate::process::capture;
use crate::result::Result;
use crate::workspace::{cargo, list, root, text};

/// A crate in one version.
#[derive(Debug, PartialEq)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    /// An SPDX expression, if the manifest has one.
    pub(super) licence: Option<String>,
    pub(super) source: Source,
}

#[derive(Debug, PartialEq)]
pub(super) enum Source {
    /// In this repository.
    Ours,
    /// A folder elsewhere, a registry or a repository, as cargo names it.
    Other(String),
}

/// Every crate that a build of the workspace can contain: on any platform, with any feature, for
/// tests too.
pub(super) fn crates(workspace: &str) -> Result<Vec<Crate>> {
    let mut metadata = cargo(["metadata", "--locked", "--all-features", "--format-version", "1"]);
    metadata.arg("--manifest-path").arg(root().join(workspace).join("Cargo.toml"));
    parse(&capture(&mut metadata)?, root())
}

/// Reads the output of `cargo metadata`; `root` is the folder of the repository.
pub(super) fn parse(metadata: &str, root: &Path) -> Result<Vec<Crate>> {
    let metadata: Value = serde_json::from_str(metadata)
        .map_err(|error| format!("`cargo metadata` does not write JSON: {error}"))?;
    let crates = list(&metadata, "packages").map(|package| {
        let manifest = text(package, "manifest_path")?;
        let source = match package["source"].as_str() {
            Some(source) => Source::Other(source.to_owned()),
            None if Path::new(&manifest).starts_with(root) => Source::Ours,
            None => Source::Other(manifest),
        };
        Ok(Crate {
            name: text(package, "name")?,
            version: text(package, "version")?,
            licence: package["license"].as_str().map(str::to_owned),
            source,
        })
    });
    let crates = crates.collect::<Result<Vec<_>>>()?;
    if crates.is_empty() { Err("`cargo metadata` lists no crate".to_owned()) } else { Ok(crates) }
}
