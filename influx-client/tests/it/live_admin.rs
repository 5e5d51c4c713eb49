//! Users, administrators and refusals: the client against the embedded server.

use influx_client::v08::{Permissions, Refusal, ShardSpace};
use influx_client::{Auth, ErrorKind};
use influx_proto::v08::UpdateShardSpace;

use crate::live::{check_refusal, counter, with_server};

#[tokio::test]
async fn refusals_say_what_to_do() {
    with_server(async |server, client, db| {
        let stranger = client.with_auth(Auth::basic("root", "wrong"));
        let error = stranger.databases().await.unwrap_err();
        assert!(error.hint().unwrap().contains("user and password"), "{error:?}");
        check_refusal(stranger.databases().await, Refusal::InvalidCredentials);

        let error = client.database("nosuch").write(counter("s", 1)).await.unwrap_err();
        assert!(error.hint().unwrap().contains("create the database"), "{error:?}");

        check_refusal(client.create_database("db").await, Refusal::DatabaseExists);
        check_refusal(client.drop_database("nosuch").await, Refusal::DatabaseNotFound);
        check_refusal(db.query("select * from nosuch").all().await, Refusal::SeriesNotFound);
        check_refusal(db.query("selekt").all().await, Refusal::Syntax);

        server.stop().await;
        let error = client.ping().await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert!(error.hint().unwrap().contains("start the server"));
    })
    .await;
}

#[tokio::test]
async fn users_have_their_rights_and_no_others() {
    with_server(async |_server, client, _db| {
        let db = client.database("db");
        db.create_user("paul", "laup").await.unwrap();
        db.set_permissions("paul", Permissions { read_from: "^r", write_to: "^w" }).await.unwrap();
        let user = db.user("paul").await.unwrap();
        assert_eq!((user.read_from.as_deref(), user.write_to.as_deref()), (Some("^r"), Some("^w")));
        assert!(!user.is_admin);

        let as_paul = client.with_auth(Auth::basic("paul", "laup"));
        as_paul.database("db").authenticate().await.unwrap();
        let paul = as_paul.database("db");
        paul.write(counter("w1", 1)).await.unwrap();
        let denied = paul.write(counter("x1", 1)).await;
        check_refusal(denied, Refusal::PermissionDenied);
        check_refusal(as_paul.databases().await, Refusal::InvalidCredentials);

        db.set_admin("paul", true).await.unwrap();
        assert!(db.users().await.unwrap().iter().all(|user| user.is_admin));
        // A colon cannot travel in the header of a 0.8 server.
        db.set_password("paul", "la:up").await.unwrap();
        check_refusal(as_paul.database("db").authenticate().await, Refusal::InvalidCredentials);
        let as_paul = client.with_auth(Auth::basic("paul", "la:up"));
        as_paul.database("db").authenticate().await.unwrap();

        db.drop_user("paul").await.unwrap();
        check_refusal(db.drop_user("paul").await, Refusal::UserNotFound);
        assert_eq!(db.users().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn cluster_administrators_come_and_go() {
    with_server(async |_server, client, _db| {
        let cluster = client.cluster();
        cluster.create_admin("paul", "laup").await.unwrap();
        check_refusal(cluster.create_admin("paul", "laup").await, Refusal::UserExists);
        check_refusal(cluster.create_admin("p", "abc").await, Refusal::InvalidPassword);
        let mut admins = cluster.admins().await.unwrap();
        admins.sort();
        assert_eq!(admins, ["paul", "root"]);

        let as_paul = client.with_auth(Auth::basic("paul", "laup")).cluster();
        as_paul.authenticate().await.unwrap();
        cluster.set_admin_password("paul", "other").await.unwrap();
        check_refusal(as_paul.authenticate().await, Refusal::InvalidCredentials);
        cluster.drop_admin("paul").await.unwrap();
        assert_eq!(cluster.admins().await.unwrap(), ["root"]);
        assert!(cluster.is_in_sync().await.unwrap());
        cluster.force_compaction().await.unwrap();
        assert_eq!(cluster.servers().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn series_and_continuous_queries_are_listed_and_dropped() {
    with_server(async |_server, client, _db| {
        let db = client.database("db");
        assert_eq!(db.series_names().await.unwrap(), [""; 0]);
        db.write(&[counter("cpu", 1), counter("two words", 1)]).await.unwrap();
        assert_eq!(db.series_names().await.unwrap(), ["cpu", "two words"]);
        db.drop_series("two words").await.unwrap();
        assert_eq!(db.series_names().await.unwrap(), ["cpu"]);

        db.create_continuous_query("select * from cpu into cpu.copy").await.unwrap();
        let queries = db.continuous_queries().await.unwrap();
        assert_eq!(queries.len(), 1);
        db.drop_continuous_query(queries[0].id).await.unwrap();
        assert_eq!(db.continuous_queries().await.unwrap(), []);
    })
    .await;
}

/// The settings that a change leaves out stay as they are.
#[tokio::test]
async fn a_shard_space_is_changed_as_a_whole() {
    with_server(async |_server, client, _db| {
        let cluster = client.cluster();
        let space = ShardSpace::new("raw", "/^raw/").retention_policy("30d").shard_duration("1d");
        let space = space.replication_factor(2).split(3);
        cluster.create_shard_space("db", &space).await.unwrap();
        cluster.update_shard_space("db", &ShardSpace::new("raw", "/^r/").split(4)).await.unwrap();
        let spaces = cluster.shard_spaces().await.unwrap();
        let found = spaces.iter().find(|space| space.name == "raw").unwrap().clone();
        let mut expected = ShardSpace::new("raw", "/^r/").split(4).or(&space);
        expected.database = Some("db".to_owned());
        assert_eq!(found, expected);

        for broken in [
            ShardSpace::new("raw", "/x/").split(0),
            ShardSpace::new("raw", "/x/").replication_factor(0),
        ] {
            let error = cluster.update_shard_space("db", &broken).await.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Request(_)), "{error:?}");
        }
        let whole = ShardSpace::new("raw", "/x/").split(1);
        client.execute(&UpdateShardSpace::new("db", &whole)).await.unwrap_err();
        let missing = cluster.update_shard_space("db", &ShardSpace::new("no", "/x/")).await;
        check_refusal(missing, Refusal::ShardSpaceNotFound);
    })
    .await;
}
