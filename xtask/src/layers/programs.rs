//! Programs of the workspace have names of their own.

use std::collections::BTreeMap;

use super::Violation;
use crate::result::Result;
use crate::workspace::{Package, Workspace};

#[expect(clippy::unnecessary_wraps, reason = "the checks share one signature")]
pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    Ok(namesakes(&workspace.packages))
}

fn namesakes(packages: &[Package]) -> Vec<Violation> {
    let mut owners: BTreeMap<_, &str> = BTreeMap::new();
    let mut violations = Vec::new();
    for package in packages {
        for program in &package.programs {
            let Some(owner) = owners.insert(program, &package.name) else { continue };
            violations.push(Violation {
                place: package.manifest.display().to_string(),
                rule: format!("the {} `{}` is one of {owner} too", program.kind, program.name),
                why: "crates of a workspace build into one folder, where the last program replaces \
                      another of its name",
            });
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Program;

    fn package(name: &str, programs: &[(&str, &str)]) -> Package {
        let program = |(kind, name): &(&str, &str)| Program {
            kind: (*kind).to_owned(),
            name: (*name).to_owned(),
        };
        Package {
            name: name.to_owned(),
            programs: programs.iter().map(program).collect(),
            ..Package::default()
        }
    }

    #[test]
    fn a_name_belongs_to_one_program_of_its_kind() {
        let check = |packages: &[Package], expected: &[&str]| {
            let found = namesakes(packages);
            let rules: Vec<_> = found.iter().map(|violation| violation.rule.as_str()).collect();
            assert_eq!(rules, expected, "{packages:?}");
        };
        let a = || package("a", &[("example", "echo"), ("bin", "a")]);
        check(&[], &[]);
        check(&[a(), package("b", &[("example", "frames"), ("bin", "b")])], &[]);
        // Examples have a folder of their own.
        check(&[a(), package("b", &[("example", "a"), ("bin", "echo")])], &[]);
        check(
            &[a(), package("b", &[("example", "echo")])],
            &["the example `echo` is one of a too"],
        );
        check(&[a(), package("b", &[("bin", "a")])], &["the bin `a` is one of a too"]);
        check(
            &[a(), package("b", &[]), a()],
            &["the example `echo` is one of a too", "the bin `a` is one of a too"],
        );
    }
}
