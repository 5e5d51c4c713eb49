//! Every request of the Python client `influxdb.influxdb08` 5.3.2: our calls can send it.

use super::exchanges::Sameness::{self, Differs, NoRoute, NotExpressible, Same};
use super::exchanges::compare;
use super::recorded::Recorded;
use crate::fixtures::exchanges;

/// The requests that our calls do not repeat, why, and the Python call that made them
/// with the number of its request.
const EXCEPTIONS: &[(Sameness, &str, &[&str])] = &[
    (
        NoRoute,
        "no 0.8 server has these routes",
        &[
            "write({'database':'x','points':[]}) #1",
            "write('raw text') #1",
            "write(None) #1",
            "request('foo', method='PUT', params={'a':[1,2],'u':'mine'}, data='d', expected_response_code=202) #1",
            "request('foo', params=p) then p #1",
        ],
    ),
    (
        NoRoute,
        "a name with a slash goes astray: a database's users, a path that does not exist",
        &["delete_database('old db/ü?#') #1", "delete_points('a/b?c=d#e%20') #1"],
    ),
    (
        Differs,
        "a name with a space, which the server refuses unless it is quoted, as ours is",
        &["delete_series('old series') #1"],
    ),
    (
        Differs,
        "the client had lost its password by changing its permissions",
        &["alter_database_user(<own name>, permissions=..) then query #2"],
    ),
    (
        NotExpressible,
        "NaN and Infinity are not JSON; the server refuses them",
        &["write_points(unicode/NaN/inf points) #1"],
    ),
    (
        NotExpressible,
        "an object where the server wants an array",
        &["write_points({'single':'dict'}) #1"],
    ),
];

/// Where a fake server sent the Python client, which followed 30 times.
const REDIRECTED: &str = "/elsewhere?x=1";

#[test]
fn every_request_is_ours_or_a_listed_exception() {
    let (mut same, mut exceptions) = (0, 0);
    for request in exchanges("python_client_requests.jsonl") {
        let text = |key: &str| request[key].as_str().unwrap_or_default();
        if request["target"].is_null() || text("target") == REDIRECTED {
            continue;
        }
        // The client was set up with a database `my db/ü`, whose slash leads to another route.
        let target = text("target").replacen("/db/my%20db/%C3%BC", "/db/my%20db-%C3%BC", 1);
        let recorded = Recorded::new(text("method"), &target, text("body").as_bytes());
        let number = request["request_no"].as_u64().unwrap_or(1);
        let call = format!("{} #{number}", text("call"));
        let listed = EXCEPTIONS.iter().find(|(_, _, calls)| calls.contains(&&*call));
        let expected = listed.map_or(Same, |(outcome, _, _)| *outcome);
        assert_eq!(compare(&recorded), expected, "{call}");
        if expected == Same {
            same += 1;
        } else {
            exceptions += 1;
        }
    }
    let listed: usize = EXCEPTIONS.iter().map(|(_, _, calls)| calls.len()).sum();
    assert_eq!((same, exceptions), (71, listed));
}
