//! Runs other programs, shows their command lines, and names the one that failed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use crate::result::Result;

/// Runs a command that writes to the terminal itself.
pub(crate) fn execute(command: &mut Command) -> Result {
    let line = command_line(command);
    println!("$ {line}");
    let status = command.status().map_err(|error| format!("could not start `{line}`: {error}"))?;
    verdict(&line, status)
}

/// Runs a command, shows its standard output at once, and gives every line to `each`.
pub(crate) fn execute_lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result {
    let line = command_line(command);
    println!("$ {line}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("could not start `{line}`: {error}"))?;
    if let Some(output) = child.stdout.take() {
        // An unreadable line ends the reading too.
        for text in BufReader::new(output).split(b'\n').map_while(std::io::Result::ok) {
            let text = String::from_utf8_lossy(&text);
            println!("{text}");
            each(&text);
        }
    }
    let status = child.wait().map_err(|error| format!("could not wait for `{line}`: {error}"))?;
    verdict(&line, status)
}

/// Runs a command silently and returns its standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let line = command_line(command);
    let output = command.output().map_err(|error| format!("could not start `{line}`: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{line}` failed: {}\n{}", output.status, complaint.trim_end()))
}

/// The command as a shell takes it.
pub(crate) fn command_line(command: &Command) -> String {
    let environment = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quoted(value?))));
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(quoted);
    environment.chain(words).collect::<Vec<_>>().join(" ")
}

fn verdict(line: &str, status: ExitStatus) -> Result {
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed: {status}")) }
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |character: char| character.is_alphanumeric() || "-_./:=,+@".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_pasted_into_a_shell() {
        let mut command = Command::new("cargo");
        command.args(["doc", "it's", "", "-D warnings"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            command_line(&command),
            r"RUSTDOCFLAGS='-D warnings' cargo doc 'it'\''s' '' '-D warnings'"
        );
    }

    #[test]
    fn a_failure_names_the_command_line() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo complaint >&2; exit 3"]);
        let failure = capture(&mut command).unwrap_err();
        assert!(failure.starts_with("`sh -c 'echo out;"), "{failure}");
        assert!(failure.contains("exit status: 3") && failure.ends_with("complaint"), "{failure}");
        assert!(execute_lines(&mut command, |_| ()).unwrap_err().contains("exit status: 3"));
        let missing = execute(&mut Command::new("/no/such/program")).unwrap_err();
        assert!(missing.starts_with("could not start `/no/such/program`"), "{missing}");
    }

    #[test]
    fn lines_arrive_in_order_and_the_last_needs_no_newline() {
        let mut lines = Vec::new();
        let mut command = Command::new("printf");
        command.arg(r"one\ntwo");
        execute_lines(&mut command, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two"]);
    }
}
