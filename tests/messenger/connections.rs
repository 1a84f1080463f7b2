//! HTTP over real connections: idle connections are closed, invalid requests refused, answers compressed.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::{Client, header::HeaderMap};
use server::{messenger::Policy, origin::Origins};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::stage::{Stage, unlimited};

/// Longer than the server waits for a silent connection.
const SOON: Duration = Duration::from_secs(15);

/// Sends these bytes and reads until the server closes the connection.
async fn exchange(stage: &Stage, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut received = Vec::new();
    // A reset closes the connection, too.
    let _ = stream.read_to_end(&mut received).await;
    String::from_utf8_lossy(&received).into_owned()
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let stage = Stage::new().await;
    let begun = Instant::now();
    let kinds: [&[u8]; 8] = [
        b"",
        b"G",
        b"PRI * HTTP/2.0\r\n\r\nS",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        b"GET /entry HTTP/1.1\r\nHost: x\r\nA",
        b"GET /entry HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/language HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 90\r\n\r\nla",
        b"GET /usersServerEndpoint HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n",
    ];
    timeout(SOON, join_all(kinds.map(|request| exchange(&stage, request)))).await.expect("all are let go");
    assert!(begun.elapsed() > Duration::from_secs(5), "who is slow still has a while");
}

#[tokio::test]
async fn a_request_names_its_host_exactly_once() {
    let stage = Stage::new().await;
    for (head, status) in [
        ("GET /offline HTTP/1.1\r\n", "400"),
        ("GET /offline HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\nHost: a b\r\n", "400"),
        ("GET /offline HTTP/1.1\r\nHost: chat.example.org:3000\r\n", "200"),
        ("GET /healthz HTTP/1.0\r\n", "200"),
    ] {
        let answer = exchange(&stage, format!("{head}Connection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn a_public_https_address_sends_strict_transport_security() {
    let public = Origins::new(Some("https://chat.example.org".parse().unwrap()), None);
    for (stage, is_https) in [(Stage::behind(public).await, true), (Stage::new().await, false)] {
        for path in ["/sign_in", "/favicon.svg", "/usersServerEndpoint", "/nothing"] {
            let answer = Client::new().get(format!("http://{}{path}", stage.address)).send().await.unwrap();
            assert_eq!(answer.headers().contains_key("strict-transport-security"), is_https, "{path}");
        }
    }
}

/// The headers of the main page, and its bytes as sent.
pub(crate) async fn main_page(stage: &Stage, token: &str, headers: &[(&'static str, &str)]) -> (HeaderMap, usize) {
    let request = Client::new().get(format!("http://{}/", stage.address)).bearer_auth(token);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.unwrap();
    (answer.headers().clone(), answer.bytes().await.unwrap().len())
}

#[tokio::test]
async fn pages_are_compressed_as_the_browser_prefers() {
    let stage = Stage::with(Policy { registration_open: false, ..unlimited() }).await;
    let minsu = stage.person("minsu", "김민수").await;
    let rows: String = (0..500).map(|n| format!("login{n},사람{n},본부/과{}\n", n % 20)).collect();
    stage.import(&format!("login,name,department\n{rows}")).await;
    let page = async |headers: &[(&'static str, &str)]| main_page(&stage, &minsu.token, headers).await;
    let (plain_headers, plain) = page(&[]).await;
    assert!(!plain_headers.contains_key("content-encoding") && plain > 20_000);
    for (accepted, encoding) in
        [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("gzip;q=1, br;q=0.1", "gzip")]
    {
        let (headers, compressed) = page(&[("accept-encoding", accepted)]).await;
        assert_eq!(headers["content-encoding"], encoding, "{accepted}");
        assert!(headers["vary"].to_str().unwrap().contains("accept-encoding"));
        assert!(compressed * 3 < plain, "{accepted}: {compressed} of {plain}");
    }
    for (accepted, site) in
        [("identity", "same-origin"), ("br;q=0", "none"), ("br", "cross-site"), ("gzip", "same-site")]
    {
        let (headers, _) = page(&[("accept-encoding", accepted), ("sec-fetch-site", site)]).await;
        assert!(!headers.contains_key("content-encoding"), "{accepted} {site}");
    }
}

#[tokio::test]
async fn the_language_is_the_one_that_the_browser_prefers() {
    let stage = Stage::new().await;
    for (accepted, lang) in [
        ("en;q=0.3, ko;q=0.9", "ko"),
        ("ko;q=0, en", "en"),
        ("kok, en-GB;q=0.8", "en"),
        ("fr, KO-kr;q=0.1", "ko"),
        ("ko;q=0", "ko"),
    ] {
        let request =
            Client::new().get(format!("http://{}/sign_in", stage.address)).header("accept-language", accepted);
        let page = request.send().await.unwrap().text().await.unwrap();
        assert!(page.contains(&format!("lang=\"{lang}\"")), "{accepted}");
    }
}
