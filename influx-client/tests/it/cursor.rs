//! Points of an answer, read one by one.

use influx_client::{Error, ErrorKind};

use crate::memory::replying;

const DSN: &str = "influxdb://u:p@h/db";

/// The points of an answer with the series' names, and how it ends.
async fn read(body: &'static str) -> (Vec<String>, Option<Error>) {
    let client = replying(DSN, [(200, body)]);
    let mut rows = client.db().query("select v from /.*/").rows::<(i64, String)>().await.unwrap();
    assert_eq!(rows.series_name(), None);
    let mut lines = Vec::new();
    loop {
        match rows.next().await {
            Ok(Some((time, text))) => {
                lines.push(format!("{} {time} {text}", rows.series_name().unwrap()));
            }
            Ok(None) => return (lines, None),
            Err(error) if matches!(error.kind(), ErrorKind::Row { .. }) => {
                lines.push(error.to_string());
            }
            Err(error) => {
                assert!(rows.next().await.unwrap().is_none(), "there is one error at most");
                return (lines, Some(error));
            }
        }
    }
}

#[tokio::test]
async fn a_point_that_does_not_fit_is_skipped() {
    let (lines, end) = read(
        r#"{"name":"a","columns":["time","v"],"points":[[1,"x"],[2,3],[3,"z"]]}{"name":"b","columns":["time","v"],"points":[[4,"é\n"]]}"#,
    )
    .await;
    let wrong = "h:8086: a row of series \"a\" does not fit: column \"v\": integer `3` where a string was expected";
    // Microseconds travel.
    assert_eq!(lines, ["a 1000 x", wrong, "a 3000 z", "b 4000 é\n"]);
    assert!(end.is_none(), "{end:?}");
}

#[tokio::test]
async fn what_came_before_an_error_is_handed_out() {
    let refusal = r#"{"name":"a","columns":["time","v"],"points":[[1,"x"]]}late refusal"#;
    let (lines, end) = read(refusal).await;
    assert_eq!(lines, ["a 1000 x"]);
    assert!(end.as_ref().is_some_and(|end| end.server().is_some()), "{end:?}");

    // In the middle of a document, too.
    let broken = r#"{"name":"a","columns":["time","v"],"points":[[1,"x"],[2,"y"],[;"#;
    let (lines, end) = read(broken).await;
    assert_eq!(lines, ["a 1000 x", "a 2000 y"]);
    let is_response = |end: &Error| matches!(end.kind(), ErrorKind::Response(_));
    assert!(end.as_ref().is_some_and(is_response), "{end:?}");

    let (lines, end) = read(r#"{"error":"of a newer server"}"#).await;
    assert!(lines.is_empty() && end.as_ref().is_some_and(|end| end.server().is_some()), "{end:?}");
}

#[tokio::test]
async fn an_answer_above_its_limit_is_one_error_however_it_is_collected() {
    const BODY: &str = r#"[{"name":"a","columns":["time","v"],"points":[[1,"x"],[2,"y"]]}]"#;
    for (limit, fits) in [(BODY.len() - 1, false), (BODY.len(), true), (BODY.len() + 1, true)] {
        let dsn = format!("{DSN}?max_response={limit}");
        let client = replying(&dsn, [(200, BODY), (200, BODY)]);
        let query = || client.db().query("select v from a");
        let rows = query().rows::<(i64, String)>().await.unwrap().collect().await;
        for found in [query().all().await.map(drop), rows.map(drop)] {
            let Err(error) = found else {
                assert!(fits, "{limit}");
                continue;
            };
            let ErrorKind::TooLarge { limit: named, .. } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((*named, fits), (limit, false));
            assert!(error.to_string().starts_with("h:8086: the answer is larger"), "{error}");
            assert!(error.hint().unwrap().contains("max_response"));
        }
    }
}
