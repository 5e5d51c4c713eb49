//! The crates and files of this workspace.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use crate::process::capture;
use crate::result::Result;

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Cargo, in the root of the workspace.
pub(crate) fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root());
    command
}

/// The workspace as `cargo metadata` describes it.
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    /// The folder for cargo's output.
    pub(crate) target: PathBuf,
}

/// A crate of the workspace.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    /// With `default` and the features that optional dependencies imply.
    pub(crate) features: Vec<String>,
    /// The crates in its manifest, optional ones too, without those for tests only.
    pub(crate) dependencies: Vec<String>,
    pub(crate) has_library: bool,
    pub(crate) programs: Vec<Program>,
}

/// An executable that cargo builds from a crate.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Program {
    /// `bin` or `example`.
    pub(crate) kind: String,
    pub(crate) name: String,
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
        let metadata: Value = serde_json::from_str(metadata)
            .map_err(|error| format!("`cargo metadata` does not write JSON: {error}"))?;
        Ok(Self {
            packages: list(&metadata, "packages").map(Package::read).collect::<Result<_>>()?,
            target: text(&metadata, "target_directory")?.into(),
        })
    }
}

impl Package {
    fn read(json: &Value) -> Result<Self> {
        // A dependency without a kind is a normal one.
        let dependencies = list(json, "dependencies").filter(|it| it["kind"] != "dev");
        let targets = || {
            list(json, "targets")
                .flat_map(|target| list(target, "kind").map(move |kind| (kind, target)))
        };
        let programs = targets().filter(|(kind, _)| *kind == "bin" || *kind == "example");
        Ok(Self {
            name: text(json, "name")?,
            manifest: text(json, "manifest_path")?.into(),
            features: json["features"]
                .as_object()
                .into_iter()
                .flat_map(Map::keys)
                .cloned()
                .collect(),
            dependencies: dependencies.map(|it| text(it, "name")).collect::<Result<_>>()?,
            has_library: targets().any(|(kind, _)| kind == "lib"),
            programs: programs.map(Program::read).collect::<Result<_>>()?,
        })
    }
}

impl Program {
    fn read((kind, target): (&Value, &Value)) -> Result<Self> {
        Ok(Self { kind: kind.as_str().unwrap_or_default().to_owned(), name: text(target, "name")? })
    }
}

/// A text file of the repository.
pub(crate) struct File {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every file of this kind, such as `rs`, in `root` and below, without build output and git's own.
pub(crate) fn files(root: &Path, kind: &str) -> Result<Vec<File>> {
    let mut files = collect(root, kind)
        .map_err(|error| format!("could not read the files of {}: {error}", root.display()))?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(root: &Path, kind: &str) -> std::io::Result<Vec<File>> {
    let (mut folders, mut files) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.is_file() && path.extension().is_some_and(|found| found == kind) {
                let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
                let text = fs::read_to_string(&path)?;
                files.push(File { path: relative.replace('\\', "/"), text });
            }
        }
    }
    Ok(files)
}

pub(crate) fn list<'a>(json: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    json[member].as_array().into_iter().flatten()
}

pub(crate) fn text(json: &Value, member: &str) -> Result<String> {
    let text = json[member].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("`cargo metadata` has no text `{member}` where one is expected"))
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
                                 {"name": "proptest", "kind": "dev"}],
                "targets": [{"kind": ["lib"], "name": "a"}, {"kind": ["test"], "name": "it"},
                            {"kind": ["example"], "name": "echo"}]},
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
            has_library: true,
            programs: vec![Program { kind: "example".to_owned(), name: "echo".to_owned() }],
        };
        assert_eq!(workspace.libraries().collect::<Vec<_>>(), [&a]);
        assert_eq!(workspace.target, Path::new("/w/target"));
    }

    #[test]
    fn this_file_is_among_the_files() {
        let files = files(root(), "rs").unwrap();
        assert!(files.iter().any(|file| file.path == "xtask/src/workspace.rs"));
        assert!(files.iter().all(|file| !file.path.starts_with("target/")));
    }
}
