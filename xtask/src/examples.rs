//! `cargo xtask examples`: each example of a README builds as in a project of its reader.
//!
//! A section has a `toml` block with the dependencies of its `rust` blocks. The main example runs
//! twice against the embedded server, since a reader does that too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child::Child;
use crate::process::execute;
use crate::result::Result;
use crate::workspace::{Workspace, cargo, root};

/// The section whose examples run against a server.
const MAIN: &str = "influx-client";

/// The server's address in the examples.
const ADDRESS: &str = "localhost:8086";

pub(crate) fn run() -> Result {
    let workspace = Workspace::load()?;
    let mut readmes = vec![root().join("README.md")];
    readmes.extend(workspace.packages.iter().map(|it| it.manifest.with_file_name("README.md")));
    let mut examples = Vec::new();
    for readme in readmes.iter().filter(|readme| readme.is_file()) {
        let name = readme.strip_prefix(root()).unwrap_or(readme).display().to_string();
        let text = fs::read_to_string(readme).map_err(|e| format!("could not read {name}: {e}"))?;
        examples.extend(read(&name, &text)?);
    }
    let (main, others): (Vec<_>, Vec<_>) = examples.iter().partition(|it| it.section == MAIN);
    for example in others {
        example.named(|| {
            let program = example.build(&workspace, &example.code)?;
            if example.must_run { execute(&mut Command::new(program)) } else { Ok(()) }
        })?;
    }
    let (_server, address) = serve(&workspace)?;
    for example in &main {
        example.named(|| example.run_twice(&workspace, &address))?;
    }
    match main.len() {
        0 => Err(format!("README.md has no `rust` block in a section `{MAIN}`, which would run")),
        _ => Ok(()),
    }
}

/// A `rust` block of a README.
#[derive(Debug, PartialEq)]
struct Example {
    /// File and line.
    place: String,
    section: String,
    /// The `toml` block of the section.
    manifest: String,
    code: String,
    /// False after `no_run`.
    must_run: bool,
}

/// Reads the examples of a README.
fn read(name: &str, text: &str) -> Result<Vec<Example>> {
    let mut examples = Vec::new();
    let (mut section, mut manifest) = ("", None);
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let place = format!("{name}:{number}");
        if line.starts_with('#') {
            section = line.trim_matches(['#', ' ', '`']);
            manifest = None;
        }
        let Some(kind) = line.strip_prefix("```") else { continue };
        let block = lines.by_ref().map(|(line, _)| line).take_while(|line| *line != "```");
        let block: Vec<_> = block.collect();
        match kind {
            "toml" => manifest = Some(block.join("\n")),
            "rust" | "rust,no_run" => examples.push(Example {
                section: section.to_owned(),
                manifest: manifest.clone().ok_or_else(|| {
                    format!("{place}: a `toml` block in section `{section}` names the dependencies")
                })?,
                code: program(&block),
                must_run: kind == "rust",
                place,
            }),
            other if other.starts_with("rust") => {
                return Err(format!(
                    "{place}: an example is `rust` or `rust,no_run`, not `{other}`"
                ));
            }
            _ => {}
        }
    }
    Ok(examples)
}

/// The whole program of a block, in which rustdoc hides lines that start with `# ` and lets `main`
/// out.
fn program(block: &[&str]) -> String {
    let visible = |line: &&str| line.strip_prefix("# ").unwrap_or(line).to_owned();
    let code = block.iter().map(visible).collect::<Vec<_>>().join("\n");
    if code.contains("fn main()") {
        return code;
    }
    let (output, end) = if code.contains("Ok::<()") {
        (" -> Result<(), impl std::fmt::Debug>", ".unwrap()")
    } else {
        ("", "")
    };
    format!("fn main() {{\n    example(){end}\n}}\n\nfn example(){output} {{\n{code}\n}}\n")
}

impl Example {
    /// An error of `f` with the place of this example.
    fn named(&self, f: impl FnOnce() -> Result) -> Result {
        println!("--- {}, section `{}` ---", self.place, self.section);
        f().map_err(|error| {
            format!("{}: the example fails as its reader has it: {error}", self.place)
        })
    }

    fn run_twice(&self, workspace: &Workspace, address: &str) -> Result {
        if !self.code.contains(ADDRESS) {
            return Err(format!("its server is at `{ADDRESS}`, which this check replaces"));
        }
        let program = self.build(workspace, &self.code.replace(ADDRESS, address))?;
        for time in ["the first", "the second"] {
            let lines = Child::start(&mut Command::new(&program))?.run(Vec::new());
            let lines = lines.map_err(|error| format!("{time} run: {error}"))?;
            if lines.is_empty() {
                return Err(format!("{time} run prints nothing, though it reads what it wrote"));
            }
            println!("{}", lines.join("\n"));
        }
        Ok(())
    }

    /// Builds a crate outside of the workspace and returns the program.
    fn build(&self, workspace: &Workspace, code: &str) -> Result<PathBuf> {
        let name = self.place.replace(|c: char| !c.is_ascii_alphanumeric(), "-").to_lowercase();
        let folder = workspace.target.join("readme").join(&name);
        let lock = folder.join("Cargo.lock");
        let write = || {
            fs::create_dir_all(folder.join("src"))?;
            fs::write(folder.join("src/main.rs"), code)?;
            fs::write(folder.join("Cargo.toml"), manifest(&name, &self.manifest))?;
            fs::copy(root().join("Cargo.lock"), &lock)
        };
        write().map_err(|error| format!("could not write {}: {error}", folder.display()))?;
        // This target folder holds the builds of the other checks.
        let mut build = cargo(["build", "--quiet", "--offline", "--manifest-path"]);
        build.arg(folder.join("Cargo.toml")).arg("--target-dir").arg(&workspace.target);
        execute(&mut build).map_err(|error| {
            format!("{error}\nIt can use only crates that Cargo.lock of the workspace has")
        })?;
        let mut unknown = &packages(&lock)? - &packages(&root().join("Cargo.lock"))?;
        unknown.retain(|package| !package.starts_with(&name));
        match unknown.first() {
            Some(package) => Err(format!("Cargo.lock of the workspace does not have {package}")),
            None => Ok(workspace.target.join("debug").join(name)),
        }
    }
}

/// The manifest of a reader's crate, with our crates in this checkout.
fn manifest(name: &str, dependencies: &str) -> String {
    let path = format!("path = \"{}/", root().display());
    format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [lints.rust]\nwarnings = \"deny\"\n\n{}\n",
        dependencies.replace("path = \"", &path)
    )
}

/// Names and versions in a lock file.
fn packages(lock: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(lock)
        .map_err(|error| format!("could not read {}: {error}", lock.display()))?;
    let value = |line: &str, key: &str| {
        line.strip_prefix(key)?.strip_prefix(" = ").map(|value| value.trim_matches('"').to_owned())
    };
    let mut names = text.lines().filter_map(|line| value(line, "name"));
    // The first version in the file is that of its format.
    let versions = text.lines().filter_map(|line| value(line, "version")).skip(1);
    Ok(versions.filter_map(|version| Some(format!("{} {version}", names.next()?))).collect())
}

/// Starts the embedded server, which stops when it is dropped, and returns its address.
fn serve(workspace: &Workspace) -> Result<(Child, String)> {
    let example = "serve_v08";
    execute(&mut cargo(["build", "--workspace", "--all-features", "--example", example]))?;
    let program = workspace.target.join("debug/examples").join(example);
    let mut server = Child::start(&mut Command::new(program))?;
    let address = server.address()?;
    let address = address.rsplit('/').next().unwrap_or_default().to_owned();
    Ok((server, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(line: usize, section: &str, manifest: &str, code: &str, must_run: bool) -> Example {
        Example {
            place: format!("README.md:{line}"),
            section: section.to_owned(),
            manifest: manifest.to_owned(),
            code: code.to_owned(),
            must_run,
        }
    }

    #[test]
    fn examples_have_the_dependencies_of_their_section() {
        let text = "# a\n```toml\nx = 1\n```\n```rust\nfn main() {}\n```\n```sh\nls\n```\n\
                    ## `b`\n```toml\ny = 1\n```\ntext\n```rust,no_run\nfn main() {\n# a();\n}\n```\n";
        let expected = [
            example(5, "a", "x = 1", "fn main() {}", true),
            example(16, "b", "y = 1", "fn main() {\na();\n}", false),
        ];
        assert_eq!(read("README.md", text).unwrap(), expected);
    }

    #[test]
    fn faults_of_a_readme_are_named() {
        let check = |text: &str, expected: &str| {
            assert_eq!(read("README.md", text).unwrap_err(), expected);
        };
        check(
            "# a\n```toml\n```\n## b\n```rust\n```\n",
            "README.md:5: a `toml` block in section `b` names the dependencies",
        );
        check(
            "# a\n```toml\n```\n```rust,ignore\n```\n",
            "README.md:4: an example is `rust` or `rust,no_run`, not `rust,ignore`",
        );
    }

    #[test]
    fn a_block_without_main_becomes_a_program() {
        let check = |block: &[&str], expected: &str| assert_eq!(program(block), expected);
        check(&["f();"], "fn main() {\n    example()\n}\n\nfn example() {\nf();\n}\n");
        check(
            &["f()?;", "# Ok::<(), E>(())"],
            "fn main() {\n    example().unwrap()\n}\n\n\
             fn example() -> Result<(), impl std::fmt::Debug> {\nf()?;\nOk::<(), E>(())\n}\n",
        );
    }

    #[test]
    fn paths_lead_to_this_checkout() {
        let manifest = manifest("a", "[dependencies]\nb = { path = \"b\" }");
        let path = root().join("b");
        assert!(
            manifest.ends_with(&format!("b = {{ path = \"{}\" }}\n", path.display())),
            "{manifest}"
        );
    }

    #[test]
    fn a_lock_file_has_versions() {
        let packages = packages(&root().join("Cargo.lock")).unwrap();
        assert!(packages.contains("xtask 0.1.0"), "{packages:?}");
    }
}
