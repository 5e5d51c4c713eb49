//! The crates and files of this workspace.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::json::Json;
use crate::process::{capture, cargo};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// What `cargo metadata` says about the workspace.
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
}

/// A crate of the workspace.
#[derive(Debug, PartialEq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    /// With `default` and the features that optional dependencies imply.
    pub(crate) features: Vec<String>,
    /// The crates that its manifest names, optional ones too, but not those for tests only.
    pub(crate) dependencies: Vec<String>,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        let mut metadata = cargo(["metadata", "--no-deps", "--format-version", "1"]);
        Self::parse(&capture(&mut metadata)?)
    }

    /// Every crate but this one.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.name != env!("CARGO_PKG_NAME"))
    }

    pub(crate) fn package(&self, name: &str) -> Result<&Package> {
        let package = self.packages.iter().find(|package| package.name == name);
        package.ok_or_else(|| format!("the workspace has no crate `{name}`"))
    }

    fn parse(metadata: &str) -> Result<Self> {
        let metadata = Json::parse(metadata)?;
        let packages = metadata.member("packages")?.items();
        Ok(Self {
            packages: packages.iter().map(Package::read).collect::<Result<_>>()?,
            target: text(&metadata, "target_directory")?.into(),
        })
    }
}

impl Package {
    fn read(json: &Json) -> Result<Self> {
        let mut dependencies = Vec::new();
        for dependency in json.member("dependencies")?.items() {
            // A dependency without a kind is a normal one.
            if dependency.member("kind")?.text() != Some("dev") {
                dependencies.push(text(dependency, "name")?);
            }
        }
        Ok(Self {
            name: text(json, "name")?,
            manifest: text(json, "manifest_path")?.into(),
            features: json.member("features")?.members().map(|(name, _)| name.clone()).collect(),
            dependencies,
        })
    }
}

/// A Rust file of the repository.
pub(crate) struct RustFile {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every Rust file below `folder`, without what cargo built and what git keeps.
pub(crate) fn rust_files(folder: &Path) -> Result<Vec<RustFile>> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)
        .map_err(|error| format!("could not read the files of {}: {error}", folder.display()))?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<RustFile>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(root, &path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            files.push(RustFile { path: parts.join("/"), text: fs::read_to_string(&path)? });
        }
    }
    Ok(())
}

fn text(json: &Json, member: &str) -> Result<String> {
    let value = json.member(member)?.text();
    value.map(str::to_owned).ok_or_else(|| format!("`{member}` is not a text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read() {
        let workspace = Workspace::parse(
            r#"{"packages": [{"name": "a", "manifest_path": "/w/a/Cargo.toml",
                "features": {"default": ["x"], "x": ["dep:bytes"]},
                "dependencies": [{"name": "bytes", "kind": null, "optional": true},
                                 {"name": "cc", "kind": "build"},
                                 {"name": "proptest", "kind": "dev"}]},
               {"name": "xtask", "manifest_path": "/w/xtask/Cargo.toml",
                "features": {}, "dependencies": []}],
               "target_directory": "/w/target", "version": 1}"#,
        )
        .unwrap();
        let a = Package {
            name: "a".to_owned(),
            manifest: "/w/a/Cargo.toml".into(),
            features: vec!["default".to_owned(), "x".to_owned()],
            dependencies: vec!["bytes".to_owned(), "cc".to_owned()],
        };
        assert_eq!(workspace.libraries().collect::<Vec<_>>(), [&a]);
        assert_eq!(workspace.target, Path::new("/w/target"));
    }

    #[test]
    fn this_file_is_among_the_files() {
        let files = rust_files(root()).unwrap();
        assert!(files.iter().any(|file| file.path == "xtask/src/workspace.rs"));
        assert!(files.iter().all(|file| !file.path.starts_with("target/")));
    }
}
