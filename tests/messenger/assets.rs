//! Parts of the program of another build, which a page asks a node for while the nodes of a cluster are upgraded.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Response;
use server::model::{Asset, DatabaseUrl};

use crate::{
    cut_off::{DatabaseGate, Way},
    stage::Stage,
    test_server::TestServer,
};

const OTHER: &str = "0123456789abcdef";
const FORMS: [(&str, &[u8]); 4] =
    [("later.wasm", b"plain"), ("later.wasm.br", b"brotli"), ("later.wasm.gz", b"gzip"), ("daehwa.css", b"style")];

/// A build of which another node has started.
async fn start_other(url: &DatabaseUrl, build: &str) {
    let node = Stage::node(url).await.messenger;
    let asset = |(name, content): (&str, &'static [u8])| Asset { name: name.into(), content: content.into() };
    node.share_build(build, FORMS.map(asset).into()).await.unwrap();
    node.close().await;
}

async fn get(stage: &Stage, path: &str, encodings: &str) -> Response {
    let request = reqwest::Client::new().get(format!("http://{}{path}", stage.address));
    request.header("accept-encoding", encodings).send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_serves_the_parts_of_another_build() {
    let url = TestServer::get().new_database();
    let stage = Stage::node(&url).await;
    let path = format!("/pkg/{OTHER}/later.wasm");
    assert_eq!(get(&stage, &path, "br").await.status(), 404, "no node of this build has started");
    start_other(&url, OTHER).await;
    for (encodings, encoding, bytes) in
        [("gzip, br", "br", "brotli"), ("gzip", "gzip", "gzip"), ("identity", "", "plain")]
    {
        let response = get(&stage, &path, encodings).await;
        assert_eq!(response.status(), 200, "{encodings}");
        let headers = ["content-encoding", "content-type", "vary", "cache-control", "x-content-type-options"];
        assert_eq!(
            headers.map(|name| header(&response, name)),
            [encoding, "application/wasm", "accept-encoding", "public, max-age=31536000, immutable", "nosniff"]
        );
        let etag = header(&response, "etag");
        assert_eq!(response.text().await.unwrap(), bytes);
        let again = reqwest::Client::new().get(format!("http://{}{path}", stage.address));
        let again = again.header("accept-encoding", encodings).header("if-none-match", etag).send().await.unwrap();
        assert_eq!(again.status(), 304);
    }
    let style = get(&stage, &format!("/pkg/daehwa.css?v={OTHER}"), "br").await;
    assert_eq!(
        (header(&style, "content-type"), style.text().await.unwrap()),
        ("text/css; charset=utf-8".into(), "style".into())
    );
    assert_eq!(get(&stage, &format!("/pkg/{OTHER}/other.wasm"), "br").await.status(), 404);
    assert_eq!(get(&stage, "/pkg/0000000000000000/later.wasm", "br").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_three_builds_are_served() {
    let url = TestServer::get().new_database();
    // An operator returns to the second build.
    for build in ["1", "2", "3", "4", "2", "5"] {
        start_other(&url, build).await;
    }
    let stage = Stage::node(&url).await;
    let mut served = Vec::new();
    for build in ["1", "2", "3", "4", "5"] {
        served.push(get(&stage, &format!("/pkg/{build}/later.wasm"), "br").await.status().as_u16());
    }
    assert_eq!(served, [404, 200, 404, 200, 200]);
}

#[tokio::test]
async fn strangers_who_ask_for_builds_that_do_not_exist_cost_one_query_a_second() {
    let url = TestServer::get().new_database();
    let stage = Stage::node(&url).await;
    assert_eq!(get(&stage, "/pkg/first/later.wasm", "br").await.status(), 404);
    let begun = Instant::now();
    let paths: Vec<String> = (0..50).map(|build| format!("/pkg/{build}/later.wasm")).collect();
    let asked = futures::future::join_all(paths.iter().map(|path| get(&stage, path, "br"))).await;
    assert!(asked.iter().all(|response| response.status() == 404));
    let waited = begun.elapsed();
    let second = Duration::from_secs(1);
    assert!(second / 2 < waited && waited < 5 * second, "{waited:?} for one query that all of them share");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_for_unknown_builds_wait_together_for_a_database_that_does_not_answer() {
    let gate = DatabaseGate::start();
    let url = TestServer::get().new_database_behind(gate.folder.path());
    let stage = Stage::node(&url).await;
    // A connection that was not used for a second is tested first.
    tokio::time::sleep(Duration::from_secs(2)).await;
    gate.set(Way::Silent);
    let begun = Instant::now();
    let ask = |number: u32| {
        let stage = &stage;
        async move { get(stage, &format!("/pkg/{number:016x}/later.wasm"), "br").await.status().as_u16() }
    };
    let statuses = join_all((0..8).map(ask)).await;
    assert!(begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
    assert_eq!(statuses, [503; 8]);
    gate.set(Way::Open);
}
