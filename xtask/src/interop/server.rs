//! Our embedded server as a child process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::process::{cargo, command_line, execute};
use crate::workspace::Workspace;

const START_DEADLINE: Duration = Duration::from_secs(30);
const STOP_DEADLINE: Duration = Duration::from_secs(10);

/// The example `serve_v08`: it prints its address and serves until its standard input ends.
pub(super) struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(super) address: String,
}

impl Server {
    /// Builds the server and starts it on a free port.
    pub(super) fn start() -> Result<Self> {
        let example = "serve_v08";
        let mut build = cargo(["build", "-p", "influx-client", "--features", "testkit"]);
        execute(build.args(["--example", example]))?;
        let program = Workspace::load()?.target.join("debug/examples").join(example);
        Self::spawn(&mut Command::new(program), START_DEADLINE)
    }

    fn spawn(command: &mut Command, deadline: Duration) -> Result<Self> {
        let line = command_line(command);
        println!("$ {line}");
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("could not start `{line}`: {error}"))?;
        // From here on the child has an owner that ends it on every path.
        let mut server = Self { child, address: String::new() };
        server.address = server.read_address(deadline)?;
        Ok(server)
    }

    /// Ends the server's standard input and expects that it stops by itself.
    pub(super) fn stop(mut self) -> Result {
        drop(self.child.stdin.take());
        match self.wait(STOP_DEADLINE)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("the server ended with {status}")),
            None => Err(format!("the server went on {STOP_DEADLINE:?} after its input had ended")),
        }
    }

    fn read_address(&mut self, deadline: Duration) -> Result<String> {
        let output = self.child.stdout.take().ok_or("the server has no standard output")?;
        let (sender, receiver) = mpsc::channel();
        // A thread can wait for a line and be given up on; it ends with the server's output.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(std::io::Result::ok) {
                println!("server: {line}");
                if let Some(address) = line.strip_prefix("listening on ") {
                    // Nobody takes the address once the deadline has passed.
                    let _ = sender.send(address.to_owned());
                }
            }
        });
        let address = receiver.recv_timeout(deadline);
        address.map_err(|_| format!("the server printed no `listening on` line in {deadline:?}"))
    }

    fn wait(&mut self, deadline: Duration) -> Result<Option<ExitStatus>> {
        let started = Instant::now();
        loop {
            let status = self.child.try_wait();
            let status =
                status.map_err(|error| format!("could not wait for the server: {error}"))?;
            if status.is_some() || started.elapsed() > deadline {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a child that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, deadline: Duration) -> Result<Server> {
        Server::spawn(Command::new("sh").args(["-c", script]), deadline)
    }

    #[test]
    fn a_server_that_ends_with_its_input_is_good() {
        let server = shell("echo hello; echo listening on x:1; cat", START_DEADLINE).unwrap();
        assert_eq!(server.address, "x:1");
        server.stop().unwrap();
    }

    #[test]
    fn a_server_that_fails_at_the_end_is_noticed() {
        let server = shell("echo listening on x:1; cat; exit 3", START_DEADLINE).unwrap();
        assert_eq!(server.stop().unwrap_err(), "the server ended with exit status: 3");
    }

    #[test]
    fn a_server_without_an_address_is_an_error_and_is_ended() {
        let failure = shell("echo hello", START_DEADLINE).err().unwrap();
        assert!(failure.starts_with("the server printed no `listening on` line"), "{failure}");
        let failure = shell("exec sleep 1000", Duration::from_millis(1)).err().unwrap();
        assert!(failure.ends_with("in 1ms"), "{failure}");
    }
}
