//! What a poll of the feed reads.

use std::time::Duration;

use server::{model::OpenMode, store::Store, supervisor::Supervisor};
use sqlx::{Connection, PgConnection};
use tokio::time::sleep;

use crate::test_server::TestServer;

/// Ten minutes of a busy node.
const ROWS: i64 = 50_000;

/// How many entries of its index were read so far.
async fn read(connection: &mut PgConnection) -> i64 {
    let sql = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'feed_pkey'";
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_reads_the_end_of_a_long_feed_alone() {
    let url = TestServer::get().new_database();
    let open = async || {
        let directory = tempfile::tempdir().unwrap();
        Store::open_shared(directory.path(), &url, OpenMode::Serve, &Supervisor::default()).await.unwrap()
    };
    let (first, _committed) = open().await;
    let mut connection = PgConnection::connect(url.secret()).await.unwrap();
    for sql in [
        format!("INSERT INTO nodes (id, beat_at, first, top) VALUES (gen_random_uuid(), 9e15, 0, {ROWS})"),
        format!(
            "INSERT INTO feed (writer, seq, changes) SELECT n.id, nth, '' FROM nodes AS n, generate_series(1, {ROWS}) AS nth \
              WHERE n.top = {ROWS}"
        ),
        "ANALYZE feed".to_owned(),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    let (second, _of_second) = open().await;
    // Its start looks for the end of each node's rows. The server reports what was read once a second.
    sleep(Duration::from_secs(2)).await;
    let before = read(&mut connection).await;
    sleep(Duration::from_secs(3)).await;
    let entries = read(&mut connection).await - before;
    assert!(entries < ROWS, "{entries} entries in some thirty polls of two nodes");
    first.close().await;
    second.close().await;
}
