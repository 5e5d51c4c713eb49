//! Every kept input passes its check, on the stable compiler.

use std::fs;
use std::path::{Path, PathBuf};

use influx_fuzz::CHECKS;

/// The greatest size of a kept input in bytes, which is also what the fuzzer tries.
const MAX_LEN: u64 = 4096;
/// The greatest number of inputs in one folder.
const MAX_FILES: usize = 50;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The entries of a folder, sorted; none if there is no such folder.
fn entries(folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn stems(folder: &str) -> Vec<String> {
    let stem = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries(folder).iter().map(stem).collect()
}

#[test]
fn every_input_passes() {
    for check in CHECKS {
        let corpus = entries(&format!("corpus/{}", check.name));
        assert!(!corpus.is_empty(), "{} has no corpus", check.name);
        for input in corpus.into_iter().chain(entries(&format!("regressions/{}", check.name))) {
            // The test's output is shown if it fails: its last line names the input.
            println!("{}", input.display());
            (check.run)(&fs::read(&input).unwrap());
        }
        (check.run)(b"");
    }
}

#[test]
fn every_check_has_a_target_and_every_folder_a_check() {
    let names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
    assert!(names.is_sorted());
    assert_eq!(stems("fuzz_targets"), names);
    for folder in ["corpus", "regressions"] {
        for stem in stems(folder) {
            assert!(names.contains(&stem.as_str()), "{folder}/{stem} belongs to no check");
        }
    }
}

#[test]
fn inputs_are_small_and_few() {
    for check in CHECKS {
        for folder in ["corpus", "regressions"] {
            let inputs = entries(&format!("{folder}/{}", check.name));
            assert!(
                inputs.len() <= MAX_FILES,
                "{folder}/{} has {} files",
                check.name,
                inputs.len()
            );
            for input in inputs {
                let len = fs::metadata(&input).unwrap().len();
                assert!(len <= MAX_LEN, "{} has {len} bytes", input.display());
            }
        }
    }
}
