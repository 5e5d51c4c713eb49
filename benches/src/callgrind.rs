//! Counts instructions with valgrind: they are the same in every run, on a busy machine too.

use std::ffi::OsString;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, process};

/// Runs this program with `arguments` under callgrind.
/// Returns the instructions of each timed pass, in their order.
pub(crate) fn count(arguments: &[String]) -> Result<Vec<f64>> {
    let folder = env::temp_dir().join(format!("influx-benches-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let counts = run(arguments, &folder).and_then(|()| read_dumps(&folder));
    fs::remove_dir_all(&folder)?;
    counts
}

fn run(arguments: &[String], folder: &Path) -> Result<()> {
    let mut out = OsString::from("--callgrind-out-file=");
    out.push(folder.join("dump"));
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--collect-atstart=no"])
        .args([format!("--toggle-collect={MEASURED}"), format!("--dump-after={MEASURED}")])
        .arg(out)
        .arg(env::current_exe()?)
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .map_err(|error| Error::new(error.kind(), format!("could not start valgrind: {error}")))?;
    if status.success() { Ok(()) } else { Err(Error::other(format!("valgrind failed: {status}"))) }
}

/// The function around every timed pass, as valgrind spells it.
const MEASURED: &str = concat!(env!("CARGO_CRATE_NAME"), "::harness::measured");

/// Callgrind writes one file for each pass, and one more when the program ends.
fn read_dumps(folder: &Path) -> Result<Vec<f64>> {
    let mut counts = Vec::new();
    for number in 1.. {
        let text = match fs::read_to_string(folder.join(format!("dump.{number}"))) {
            Err(error) if error.kind() == ErrorKind::NotFound => break,
            text => text?,
        };
        if text.contains("desc: Trigger: --dump-after") {
            let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
            let total = total.and_then(|total| total.parse().ok());
            counts.push(total.ok_or_else(|| Error::other("a dump of callgrind has no total"))?);
        }
    }
    Ok(counts)
}
