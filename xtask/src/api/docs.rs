//! The JSON that rustdoc writes about a crate.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::execute;
use crate::result::Result;
use crate::workspace::{Package, Workspace, cargo};

/// The layout of the JSON that this program reads; rustdoc may change it with each release.
const FORMAT: u64 = 57;

pub(super) const FLAGS: [&str; 4] =
    ["-Zunstable-options", "--output-format=json", "--document-private-items", "--cap-lints=allow"];

/// All items of a crate, private ones included.
pub(super) struct Docs {
    json: Value,
    /// The number of each item by its path, for instance `influx_framing::frame::Frame`.
    numbers: HashMap<String, Value>,
}

/// Documents a crate of the workspace with all its features.
pub(super) fn build(workspace: &Workspace, package: &Package) -> Result<Docs> {
    let mut rustdoc = cargo(["rustdoc", "--quiet", "--lib", "--all-features", "-p", &package.name]);
    execute(rustdoc.arg("--").args(FLAGS).env("RUSTDOC", unstable_rustdoc(&workspace.target)?))?;
    let name = format!("{}.json", package.name.replace('-', "_"));
    Docs::read(&workspace.target.join("doc").join(name))
}

/// A stable rustdoc refuses the flags without `RUSTC_BOOTSTRAP`. If cargo itself had the variable, it
/// would compile all dependencies again.
fn unstable_rustdoc(target: &Path) -> Result<PathBuf> {
    let script = target.join("unstable-rustdoc");
    let write = || {
        use std::os::unix::fs::PermissionsExt;
        fs::write(&script, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n")?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
    };
    write().map_err(|error| format!("could not write {}: {error}", script.display()))?;
    Ok(script)
}

impl Docs {
    pub(super) fn read(file: &Path) -> Result<Self> {
        let failure = |error: String| format!("could not read {}: {error}", file.display());
        let text = fs::read_to_string(file).map_err(|error| failure(error.to_string()))?;
        let json: Value =
            serde_json::from_str(&text).map_err(|error| failure(error.to_string()))?;
        if json["format_version"] != FORMAT {
            return Err(failure(format!(
                "rustdoc writes version {} of its JSON, and xtask reads version {FORMAT}. Compare \
                 the versions in the changelog of the crate `rustdoc-types`, adapt \
                 xtask/src/api/ and set FORMAT in docs.rs",
                json["format_version"]
            )));
        }
        let mut docs = Self { json, numbers: HashMap::new() };
        for (number, summary) in docs.json["paths"].as_object().into_iter().flatten() {
            let number = number.parse::<u64>().map_err(|error| failure(error.to_string()))?;
            docs.numbers.insert(join(&summary["path"]), number.into());
        }
        Ok(docs)
    }

    /// The crate's name as code spells it.
    pub(super) fn name(&self) -> &str {
        self.item(self.root()).and_then(|root| root["name"].as_str()).unwrap_or_default()
    }

    pub(super) fn root(&self) -> &Value {
        &self.json["root"]
    }

    /// An item of this crate.
    pub(super) fn item(&self, number: &Value) -> Option<&Value> {
        self.json["index"].get(number.to_string())
    }

    /// An item of this crate by its path.
    pub(super) fn find(&self, path: &str) -> Option<&Value> {
        self.numbers.get(path)
    }

    /// The path where an item of this crate or of another is defined; modules in it may be private.
    pub(super) fn path(&self, number: &Value) -> Option<String> {
        self.json["paths"].get(number.to_string()).map(|summary| join(&summary["path"]))
    }

    pub(super) fn is_module(&self, number: &Value) -> bool {
        self.json["paths"].get(number.to_string()).is_some_and(|it| it["kind"] == "module")
    }
}

/// The kind of an item, such as `struct`, and the contents of that kind.
pub(super) fn contents(item: &Value) -> (&str, &Value) {
    let inner = item["inner"].as_object().and_then(|inner| inner.iter().next());
    inner.map_or(("", &Value::Null), |(kind, contents)| (kind, contents))
}

/// The values of a list; none of anything else.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn join(path: &Value) -> String {
    list(path).filter_map(Value::as_str).collect::<Vec<_>>().join("::")
}
