//! Names that must not occur in the code, or only in some files.

use super::{LIBRARIES, Violation};
use crate::result::Result;
use crate::source::{starts_with, tokens, without_tests};
use crate::workspace::{File, Workspace, files, root};

struct Rule {
    /// Each breaks the rule.
    names: &'static [&'static str],
    /// Starts of the paths where the rule holds.
    within: &'static [&'static str],
    /// Starts of the paths inside those where the names are at home.
    home: &'static [&'static str],
    /// Does the rule hold in the test module at a file's end too?
    in_tests: bool,
    why: &'static str,
}

const EVERYWHERE: &[&str] = &[""];
const PURE: &[&str] = &["influx-proto/src/", "influx-framing/src/"];

const RULES: &[Rule] = &[
    Rule {
        names: &["hyper::", "hyper_util::"],
        within: LIBRARIES,
        home: &["influx-transport/src/http/"],
        in_tests: false,
        why: "the HTTP engine can only be exchanged while one folder knows it",
    },
    Rule {
        names: &["socket2::"],
        within: LIBRARIES,
        home: &[
            // Sets the options, and makes the sockets that need them before they connect or bind.
            "influx-transport/src/socket.rs",
            // Apply the options to the connections that they accept, and bind for both families.
            "influx-transport/src/tcp/",
            "influx-transport/src/udp/",
            // Resets connections, which only a socket option can do.
            "influx-transport/src/test_util/",
        ],
        in_tests: false,
        why: "settings of a system's sockets stay beside the options that we document",
    },
    Rule {
        names: &["quinn_udp"],
        within: LIBRARIES,
        home: &["influx-transport/src/udp/"],
        in_tests: false,
        why: "only the UDP transport knows how a system takes many datagrams at once",
    },
    Rule {
        names: &["rustls", "tokio_rustls", "rustls_pki_types", "rustls_platform_verifier"],
        within: LIBRARIES,
        home: &["influx-transport/src/tls"],
        in_tests: false,
        why: "a reviewer of the certificate checks must not have to look elsewhere",
    },
    Rule {
        names: &[
            "std::net",
            "std::fs",
            "std::thread",
            "std::process",
            "SystemTime::now",
            "Instant::now",
            ".elapsed()",
        ],
        within: PURE,
        home: &[],
        in_tests: false,
        why: "the pure crates take bytes and time as arguments, so that every test is repeatable",
    },
    Rule {
        // clippy.toml refuses the queue of tokio.
        names: &["unbounded(", "mpsc::channel()"],
        within: LIBRARIES,
        home: &[],
        in_tests: false,
        why: "a queue without a limit fills the memory when its reader is slow",
    },
    Rule {
        names: &["unsafe"],
        within: EVERYWHERE,
        // The benches count allocations, and an allocator cannot be written without it.
        home: &["benches/src/alloc.rs"],
        in_tests: true,
        why: "no speed gained here is worth a memory fault in a user's program",
    },
    Rule {
        names: &["#[ignore", "todo!", "unimplemented!", "dbg!"],
        within: EVERYWHERE,
        home: &[],
        in_tests: true,
        why: "unfinished code is not committed, and an ignored test checks nothing",
    },
];

pub(super) fn check(_: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in files(root(), "rs")? {
        violations.extend(breaks(RULES, &file)?);
    }
    Ok(violations)
}

fn breaks(rules: &[Rule], file: &File) -> Result<Vec<Violation>> {
    let all = tokens(&file.text).map_err(|error| format!("{}: {error}", file.path))?;
    let mut violations = Vec::new();
    for rule in rules.iter().filter(|rule| rule.holds_in(&file.path)) {
        let tokens = if rule.in_tests { &all } else { without_tests(&all) };
        for (at, token) in tokens.iter().enumerate() {
            let rest = tokens.get(at..).unwrap_or_default();
            let names = rule.names.iter().filter(|name| starts_with(rest, name));
            violations.extend(names.map(|name| Violation {
                place: format!("{}:{}", file.path, token.line),
                rule: format!("`{name}` must not stand {}", rule.where_not()),
                why: rule.why,
            }));
        }
    }
    Ok(violations)
}

impl Rule {
    fn holds_in(&self, path: &str) -> bool {
        let under = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
        under(self.within) && !under(self.home)
    }

    fn where_not(&self) -> String {
        if self.home.is_empty() {
            return "here".to_owned();
        }
        format!("outside {}", self.home.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let found: Vec<String> = breaks(RULES, &file)
            .unwrap()
            .iter()
            .map(|v| format!("{}: {}", v.place, v.rule))
            .collect();
        assert_eq!(found, expected, "{path}: {text}");
    }

    #[test]
    fn engines_stay_in_their_folder() {
        let hyper = "//! x\nuse hyper::Request;\n";
        check("influx-transport/src/http/pool.rs", hyper, &[]);
        check(
            "influx-transport/src/error.rs",
            hyper,
            &[
                "influx-transport/src/error.rs:2: `hyper::` must not stand outside influx-transport/src/http/",
            ],
        );
        check("influx-client/tests/it/main.rs", hyper, &[]);
        check("influx-transport/src/tcp/listener.rs", "use socket2::Socket;", &[]);
        check("influx-transport/src/tls.rs", "use rustls::ClientConfig;", &[]);
        check("influx-transport/src/tls/roots.rs", "use rustls::ClientConfig;", &[]);
        check(
            "influx-client/src/config.rs",
            "f(rustls::x)",
            &[
                "influx-client/src/config.rs:1: `rustls` must not stand outside influx-transport/src/tls",
            ],
        );
    }

    #[test]
    fn pure_crates_read_no_clock_outside_their_tests() {
        check("influx-proto/src/a.rs", "// Instant::now() is forbidden", &[]);
        check("influx-proto/src/a.rs", "f()\n#[cfg(test)]\nmod tests {\nInstant::now();\n}", &[]);
        check("influx-transport/src/a.rs", "std::time::Instant::now()", &[]);
        check(
            "influx-framing/src/a.rs",
            "std::time::Instant::now()",
            &["influx-framing/src/a.rs:1: `Instant::now` must not stand here"],
        );
    }

    #[test]
    fn some_names_must_not_stand_anywhere() {
        let place = "benches/src/a.rs";
        let block = "fn f() { unsafe { g() } }";
        for (text, name, place_of_name) in [
            (block, "unsafe", "outside benches/src/alloc.rs"),
            ("fn f() { todo!() }", "todo!", "here"),
            ("#[cfg(test)]\nmod tests {\n#[ignore = \"slow\"]\n}", "#[ignore", "here"),
        ] {
            let line = text.lines().count().min(3);
            let expected = format!("{place}:{line}: `{name}` must not stand {place_of_name}");
            check(place, text, &[&expected]);
        }
        check("benches/src/alloc.rs", block, &[]);
        check(
            "influx-client/src/a.rs",
            "let (a, b) = mpsc::channel();",
            &["influx-client/src/a.rs:1: `mpsc::channel()` must not stand here"],
        );
        check("influx-client/src/a.rs", "let (a, b) = mpsc::channel(16);", &[]);
    }
}
