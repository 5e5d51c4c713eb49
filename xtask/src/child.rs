//! Another program as a child process: every wait for it has a limit, and it never outlives its owner.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::command_line;
use crate::result::Result;

/// The time for a program's first output.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The time for all messages of one exchange.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(60);

/// The time for a program to end after its input has ended.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A running program. Dropping it ends it.
pub(crate) struct Child {
    process: process::Child,
    /// The command line, for errors.
    line: String,
    output: Receiver<String>,
}

impl Child {
    /// Starts a program with pipes for its input and output; its complaints go to the terminal.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let line = command_line(command);
        println!("$ {line}");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("could not start `{line}`: {error}"))?;
        let (sender, output) = mpsc::channel();
        if let Some(stdout) = process.stdout.take() {
            // A thread can wait for a line without end; it ends with the program's output.
            thread::spawn(move || forward(stdout, &sender));
        }
        Ok(Self { process, line, output })
    }

    /// Has the program ended?
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// Writes to the program's input in the background, and then closes it.
    pub(crate) fn feed(&mut self, input: Vec<u8>) {
        if let Some(mut stdin) = self.process.stdin.take() {
            // A program that ends before it has read all of its input shows that in its output.
            thread::spawn(move || drop(stdin.write_all(&input)));
        }
    }

    /// The address that the program prints first.
    pub(crate) fn address(&mut self) -> Result<String> {
        let line = self.output.recv_timeout(START_LIMIT).unwrap_or_default();
        let address = line.strip_prefix("listening on ").unwrap_or(&line);
        match address.rsplit_once(':') {
            Some(_) => Ok(address.to_owned()),
            None => Err(format!("`{}` did not say where it listens: `{line}`", self.line)),
        }
    }

    /// The port of that address.
    pub(crate) fn port(&mut self) -> Result<String> {
        let address = self.address()?;
        Ok(address.rsplit(':').next().unwrap_or_default().to_owned())
    }

    /// The next `count` lines, and those after the end of the input. After the time limit, the lines
    /// until then.
    pub(crate) fn lines(self, count: usize) -> Result<Vec<String>> {
        let deadline = Instant::now() + EXCHANGE_LIMIT;
        let mut lines = Vec::new();
        while lines.len() < count {
            match self.output.recv_timeout(until(deadline)) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => return Ok(lines),
            }
        }
        lines.extend(self.end(STOP_LIMIT)?);
        Ok(lines)
    }

    /// All lines of a program that ends by itself after it has read this input.
    pub(crate) fn run(mut self, input: Vec<u8>) -> Result<Vec<String>> {
        self.feed(input);
        self.end(EXCHANGE_LIMIT)
    }

    /// Closes the input, and waits until the program ends with success.
    fn end(mut self, limit: Duration) -> Result<Vec<String>> {
        drop(self.process.stdin.take());
        let deadline = Instant::now() + limit;
        let mut lines = Vec::new();
        while let Ok(line) = self.output.recv_timeout(until(deadline)) {
            lines.push(line);
        }
        loop {
            let status = self.process.try_wait();
            match status.map_err(|error| format!("could not wait for `{}`: {error}", self.line))? {
                Some(status) if status.success() => return Ok(lines),
                Some(status) => return Err(format!("`{}` failed: {status}", self.line)),
                None if Instant::now() > deadline => {
                    return Err(format!("`{}` went on for {limit:?}", self.line));
                }
                None => thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only for a program that has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks repeatedly until there is an answer.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> Result<T> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        if Instant::now() > deadline {
            return Err(format!("{what} did not come about in {START_LIMIT:?}"));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn forward(output: impl Read, lines: &Sender<String>) {
    for line in BufReader::new(output).split(b'\n').map_while(std::io::Result::ok) {
        if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Child {
        Child::start(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn lines_come_until_the_program_ends_with_its_input() {
        let mut child = shell("echo listening on http://x:1; echo x:2; cat; printf 'the last'");
        assert_eq!(child.address().unwrap(), "http://x:1");
        assert_eq!(child.port().unwrap(), "2");
        child.feed(b"a\nb\n".to_vec());
        assert_eq!(child.lines(2).unwrap(), ["a", "b", "the last"]);
        assert_eq!(shell("echo a; cat").lines(1).unwrap(), ["a"]);
        assert_eq!(shell("echo a").lines(2).unwrap(), ["a"]);
        assert_eq!(shell("cat").run(b"a\nb".to_vec()).unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_program_that_fails_at_the_end_is_noticed() {
        let failure = shell("echo a; cat; exit 3").lines(1).unwrap_err();
        assert_eq!(failure, "`sh -c 'echo a; cat; exit 3'` failed: exit status: 3");
        let failure = shell("echo a").address().unwrap_err();
        assert_eq!(failure, "`sh -c 'echo a'` did not say where it listens: `a`");
    }

    #[test]
    fn a_program_that_goes_on_is_ended() {
        let failure = shell("exec sleep 1000").end(Duration::from_millis(1)).unwrap_err();
        assert_eq!(failure, "`sh -c 'exec sleep 1000'` went on for 1ms");
    }

    #[test]
    fn a_question_is_repeated_until_its_answer() {
        let mut answers = [None, None, Some(3)].into_iter();
        assert_eq!(wait_for("an answer", || answers.next()?), Ok(3));
    }
}
