//! Who is let in, and whom a node trusts.

use std::{fs, path::PathBuf};

use server::{
    bus::{BusAccess, BusConfig, BusServers},
    model::{BusFault, Fault},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    nats_server::NatsServer,
    node::{BusNode, SECRET, within},
};

/// The first byte of TLS.
const HANDSHAKE: u8 = 0x16;
pub(crate) const USER: &str = "authorization: { user: daehwa, password: geheim }";

pub(crate) fn user(password: &str) -> BusAccess {
    BusAccess { user: Some("daehwa".into()), password: Some(password.into()), ..BusAccess::default() }
}

fn file(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// The certificate of the tests of files, valid for 127.0.0.1 and trusted by nobody, and its key.
fn tls() -> (PathBuf, PathBuf) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/messenger/files/tls");
    (folder.join("certificate.pem"), folder.join("key.pem"))
}

pub(crate) async fn exchange(server: &NatsServer, urls: &str, access: &BusAccess) {
    let mut a = BusNode::with(urls, access, SECRET).await;
    a.meet(&mut BusNode::with(urls, access, SECRET).await).await;
    assert!(!server.log().contains("geheim"));
}

#[tokio::test]
async fn a_password_lets_in_and_a_wrong_one_does_not() {
    let server = NatsServer::start(USER);
    let wrong = BusNode::begin(&server.url(), &user("falsch"), SECRET).await;
    server.wait_for_log("authentication error").await;
    exchange(&server, &server.url(), &user("geheim")).await;
    let (_folder, path) = file("geheim\n");
    let by_file = BusAccess { user: Some("daehwa".into()), password_file: Some(path), ..BusAccess::default() };
    exchange(&server, &server.url(), &by_file).await;
    assert!(!wrong.bus.is_connected());
}

#[tokio::test]
async fn a_password_without_a_user_is_a_token() {
    let server = NatsServer::start("authorization: { token: geheim }");
    exchange(&server, &server.url(), &BusAccess { password: Some("geheim".into()), ..BusAccess::default() }).await;
}

#[tokio::test]
async fn tls_needs_a_certificate_that_the_settings_trust() {
    let (certificate, key) = tls();
    let settings = format!("tls: {{ cert_file: {certificate:?}, key_file: {key:?} }}\n{USER}");
    let server = NatsServer::start(&settings);
    let urls = server.url().replace("nats://", "tls://");
    let stranger = BusNode::begin(&urls, &user("geheim"), SECRET).await;
    server.wait_for_log("TLS handshake error").await;
    let trusting = BusAccess { ca: Some(certificate), ..user("geheim") };
    exchange(&server, &urls, &trusting).await;
    exchange(&server, &server.url(), &trusting).await;
    assert!(!stranger.bus.is_connected());
}

/// What a node sends to a server that speaks NATS without TLS and wants a password. `others`: more of its servers.
async fn first_words(access: &BusAccess, others: &str) -> Vec<u8> {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let urls = format!("nats://{}{others}", plain.local_addr().unwrap());
    let _node = BusNode::begin(&urls, access, SECRET).await;
    let (mut stream, _) = within("a client", plain.accept()).await.unwrap();
    stream.write_all(b"INFO {\"server_id\":\"x\",\"max_payload\":1024,\"auth_required\":true}\r\n").await.unwrap();
    let mut words = vec![0; 4_096];
    let count = within("its words", stream.read(&mut words)).await.unwrap();
    words.truncate(count);
    words
}

#[tokio::test]
async fn no_password_goes_to_a_server_without_tls_where_tls_is_asked_for() {
    let words = String::from_utf8(first_words(&user("geheim"), "").await).unwrap();
    assert!(words.starts_with("CONNECT") && words.contains("geheim"), "nobody asked for TLS: {words}");
    let ca = BusAccess { ca: Some(tls().0), ..user("geheim") };
    for (access, others) in [(ca, ""), (user("geheim"), ",tls://127.0.0.1:1")] {
        let words = first_words(&access, others).await;
        assert_eq!(words[0], HANDSHAKE, "{:?}", String::from_utf8_lossy(&words));
    }
}

#[test]
fn wrong_settings_are_refused_without_what_they_hide() {
    let (_folder, secret) = file("geheim");
    let read = |urls: &str, access: BusAccess| BusConfig::read(&urls.parse::<BusServers>().unwrap(), &access);
    let refused = |urls: &str, access: BusAccess| match read(urls, access).unwrap_err() {
        Fault::Bus(fault) => fault,
        other => panic!("{other}"),
    };
    let nobody = BusAccess::default;
    assert_eq!(refused("127.0.0.1:4222", nobody()), BusFault::Servers);
    assert_eq!(refused("nats://daehwa:geheim@127.0.0.1", nobody()), BusFault::SecretInAddress);
    assert_eq!(refused("nats://a", BusAccess { user: Some("daehwa".into()), ..nobody() }), BusFault::NoPassword);
    assert_eq!(refused("nats://a", user("")), BusFault::NoPassword);
    let credentials = BusAccess { credentials: Some(secret.clone()), ..nobody() };
    assert_eq!(
        refused("nats://a", BusAccess { user: Some("daehwa".into()), ..credentials.clone() }),
        BusFault::TwoSecrets
    );
    assert_eq!(
        refused("nats://a", BusAccess { password: Some("x".into()), ..credentials.clone() }),
        BusFault::TwoSecrets
    );
    assert_eq!(refused("nats://a", credentials), BusFault::Credentials(secret.clone()));
    assert_eq!(refused("nats://a", BusAccess { ca: Some(secret.clone()), ..nobody() }), BusFault::Certificate(secret));
    let missing = BusAccess { ca: Some("/nowhere/ca.pem".into()), ..nobody() };
    assert!(matches!(read("nats://a", missing), Err(Fault::File { path, .. }) if path.ends_with("ca.pem")));
    let shown = format!("{:?}", read("nats://a,tls://b", user("geheim")).unwrap());
    assert!(shown.contains("nats://a,tls://b") && !shown.contains("geheim"), "{shown}");
}
