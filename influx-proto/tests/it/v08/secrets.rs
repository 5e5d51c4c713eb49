//! No password and no hash is shown by anything but the request that carries it.

use std::fmt::Debug;

use influx_proto::{Auth, Operation, Placement, RequestError, Secret, Target, v08};

use super::recorded::reply;

const CANARY: &str = "CANARY-7f3a";

fn check(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

/// The canary in each kind of credentials, last in the query string.
fn auths() -> Vec<Auth> {
    let in_query = Auth::Basic {
        user: "root".to_owned(),
        password: CANARY.into(),
        placement: Placement::Query,
    };
    let bearer = Auth::bearer(|| Some(CANARY.into()));
    vec![Auth::basic("root", CANARY), Auth::Token(CANARY.into()), bearer, in_query]
}

#[test]
fn calls_and_targets_hide_passwords() {
    let password = Secret::new(CANARY);
    check(&v08::CreateClusterAdmin::new("x", &password));
    check(&v08::UpdateClusterAdmin::new("x", &password));
    check(&v08::CreateDatabaseUser::new("x", "x", &password));
    check(&v08::UpdateDatabaseUser::new("x", "x").password(&password));
    for auth in auths() {
        check(&auth);
        check(&Target::new("http://h".parse().unwrap()).unwrap().with_auth(auth));
    }
}

#[test]
fn a_header_is_marked_as_sensitive() {
    for auth in auths() {
        let target = Target::new("http://h".parse().unwrap()).unwrap().with_auth(auth);
        let request = v08::ListDatabases.request(&target).unwrap();
        check(&request);
        let Some(value) = request.headers().get(http::header::AUTHORIZATION) else { continue };
        assert!(!format!("{request:?}").contains(value.to_str().unwrap()));
    }
}

/// Neither the address of a request nor its body, with which a call sets a password.
#[test]
fn a_request_hides_passwords() {
    let password = Secret::new(CANARY);
    for auth in auths() {
        let target = Target::new("http://h/base".parse().unwrap()).unwrap().with_auth(auth);
        check(&v08::RunQuery::new("x", "select u from p").request(&target).unwrap());
        check(&v08::CreateDatabaseUser::new("x", "x", &password).request(&target).unwrap());
    }
    let target = Target::new("http://h".parse().unwrap()).unwrap().with_auth(auths().remove(3));
    let request = v08::RunQuery::new("x", "p").request(&target).unwrap();
    let shown = format!("{request:?}");
    assert!(shown.contains("http://h/db/x/series?q=p&u=[redacted]&p=[redacted]"), "{shown}");
}

#[test]
fn errors_hide_passwords() {
    let base = format!("http://root:{CANARY}@h").parse().unwrap();
    let error = Target::new(base).unwrap_err();
    assert!(matches!(error, RequestError::BadBase { .. }));
    check(&error);
    assert!(!error.to_string().contains(CANARY));

    // Too long for an address, with the password in the query string.
    let target = Target::new("http://h".parse().unwrap()).unwrap().with_auth(Auth::Basic {
        user: "root".to_owned(),
        password: CANARY.repeat(10_000).into(),
        placement: Placement::Query,
    });
    let error = v08::ListDatabases.request(&target).unwrap_err();
    assert!(matches!(error, RequestError::TooLarge { .. }));
    check(&error);
}

#[test]
fn the_configuration_hides_its_hashes() {
    let body = format!(r#"{{"Admins":{{"root":{{"common":{{"hash":"{CANARY}"}}}}}}}}"#);
    let reply = reply(200, &body);
    check(&reply);
    let answer = v08::ShowConfiguration.response(&reply).unwrap();
    check(&answer);
    assert_eq!(answer.expose(), body);
}
