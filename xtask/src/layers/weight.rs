//! The number of crates that a user compiles, each in one version.

use super::Violation;
use super::tree::Tree;
use crate::result::Result;
use crate::workspace::Workspace;

const CLIENT: &str = "influx-client";
const MAX_PLAIN: usize = 40;
const MAX_TLS: usize = 60;
const MAX_XTASK: usize = 10;

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    violations.extend(too_heavy("influx-client by default", &Tree::of(CLIENT, &[])?, MAX_PLAIN));
    if workspace.package(CLIENT)?.features.iter().any(|feature| feature == "tls") {
        let tree = Tree::of(CLIENT, &["--features", "tls"])?;
        violations.extend(too_heavy("influx-client with TLS", &tree, MAX_TLS));
    }
    // It is compiled before every other check.
    violations.extend(too_heavy("xtask", &Tree::of("xtask", &[])?, MAX_XTASK));
    let mut everything = Tree::parse("");
    for library in workspace.libraries() {
        everything = everything.join(Tree::of(&library.name, &["--all-features"])?);
    }
    violations.extend(doubles(&everything));
    Ok(violations)
}

fn too_heavy(build: &str, tree: &Tree, max: usize) -> Option<Violation> {
    println!("       {build}: {} crates of at most {max}", tree.len());
    (tree.len() > max).then(|| Violation {
        place: build.to_owned(),
        rule: format!("at most {max} crates, found {}", tree.len()),
        why: "every crate takes time to build and to audit",
    })
}

fn doubles(tree: &Tree) -> Vec<Violation> {
    let violation = |name| Violation {
        place: format!("`cargo tree --workspace --all-features -e normal -i {name}`"),
        rule: format!("{name} is compiled in two versions"),
        why: "two versions cost twice the time, and their types do not fit each other",
    };
    tree.twice().into_iter().map(violation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_allowed() {
        let tree = Tree::parse("a v1.0.0\nb v1.0.0\n");
        assert_eq!(too_heavy("in a test", &tree, 2), None);
        assert!(too_heavy("in a test", &tree, 1).is_some_and(|v| v.rule.contains("found 2")));
    }

    #[test]
    fn double_crates_are_found() {
        let check = |tree: &str, expected: &[&str]| {
            let found = doubles(&Tree::parse(tree));
            let rules: Vec<_> = found.iter().map(|violation| violation.rule.as_str()).collect();
            assert_eq!(rules, expected, "{tree}");
        };
        check("a v1.0.0\nb v1.0.0\nhttp v1.0.0\ntower-service v0.3.0", &[]);
        check("a v1.0.0\na v2.0.0\na v3.0.0", &["a is compiled in two versions"]);
    }
}
