//! No password and no hash is shown by anything but the request that carries it.

use std::fmt::Debug;

use http::StatusCode;
use influx_proto::{
    CredentialPlacement, Credentials, Operation, RequestError, Secret, Target, v08,
};

const CANARY: &str = "CANARY-7f3a";

fn check(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

#[test]
fn calls_and_targets_hide_passwords() {
    let password = Secret::new(CANARY);
    let credentials = Credentials::new("root", CANARY);
    check(&credentials);
    check(&v08::CreateClusterAdmin::new("x", &password));
    check(&v08::UpdateClusterAdmin::new("x", &password));
    check(&v08::CreateDatabaseUser::new("x", "x", &password));
    check(&v08::UpdateDatabaseUser::new("x", "x").password(&password));
    for placement in [CredentialPlacement::Auto, CredentialPlacement::Query] {
        let target = Target::new("http://h".parse().unwrap()).unwrap();
        check(&target.with_credentials(credentials.clone()).with_placement(placement));
    }
}

#[test]
fn a_header_is_marked_as_sensitive() {
    let target = Target::new("http://h".parse().unwrap()).unwrap();
    let target = target.with_credentials(Credentials::new("root", CANARY));
    let request = v08::ListDatabases.request(&target).unwrap();
    check(&request);
    let value = request.headers()[http::header::AUTHORIZATION].to_str().unwrap();
    assert!(!format!("{request:?}").contains(value));
}

#[test]
fn errors_hide_passwords() {
    let base = format!("http://root:{CANARY}@h").parse().unwrap();
    let error = Target::new(base).unwrap_err();
    assert!(matches!(error, RequestError::BadBase { .. }));
    check(&error);
    assert!(!error.to_string().contains(CANARY));

    // Too long for an address, with the password in the query string.
    let target = Target::new("http://h".parse().unwrap())
        .unwrap()
        .with_credentials(Credentials::new("root", CANARY.repeat(10_000)))
        .with_placement(CredentialPlacement::Query);
    let error = v08::ListDatabases.request(&target).unwrap_err();
    assert!(matches!(error, RequestError::AddressTooLong { .. }));
    check(&error);
}

#[test]
fn the_configuration_hides_its_hashes() {
    let body = format!(r#"{{"Admins":{{"root":{{"common":{{"hash":"{CANARY}"}}}}}}}}"#);
    let answer = v08::ShowConfiguration.response(StatusCode::OK, body.as_bytes()).unwrap();
    check(&answer);
    assert_eq!(answer.expose(), body);
}
