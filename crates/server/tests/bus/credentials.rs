//! The credentials of NATS: an operator signs an account, the account a user, who shows the server their JWT and signs
//! its challenge.

use std::fs;

use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use serde_json::{Value, json};
use server::bus::BusAccess;

use crate::{
    nats_server::NatsServer,
    node::{BusNode, SECRET},
};

/// A JWT of NATS about a key.
fn jwt(signer: &KeyPair, subject: &KeyPair, about: Value) -> String {
    let part = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let claims = json!({
        "jti": subject.public_key(), "iat": 1_600_000_000, "iss": signer.public_key(), "name": "daehwa",
        "sub": subject.public_key(), "nats": about,
    });
    let signed = format!("{}.{}", part(json!({ "typ": "JWT", "alg": "ed25519-nkey" })), part(claims));
    let signature = BASE64URL_NOPAD.encode(&signer.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

#[tokio::test]
async fn credentials_let_in() {
    let (operator, account, user) = (KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_user());
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
    });
    let trusted = jwt(&operator, &operator, json!({ "type": "operator", "version": 2 }));
    let known = jwt(&operator, &account, json!({ "type": "account", "version": 2, "limits": limits }));
    let may = json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": {}, "sub": {} });
    let shown = jwt(&account, &user, may);
    let server = NatsServer::start(&format!(
        "operator: {trusted}\nresolver: MEMORY\nresolver_preload: {{ {}: {known} }}",
        account.public_key()
    ));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus.creds");
    let seed = user.seed().unwrap();
    let file = format!(
        "-----BEGIN NATS USER JWT-----\n{shown}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    fs::write(&path, file).unwrap();
    let stranger = BusNode::begin(&server.url(), &BusAccess::default(), SECRET).await;
    server.wait_for_log("authentication error").await;
    let access = BusAccess { credentials: Some(path), ..BusAccess::default() };
    let mut a = BusNode::with(&server.url(), &access, SECRET).await;
    a.meet(&mut BusNode::with(&server.url(), &access, SECRET).await).await;
    assert!(!stranger.bus.is_connected());
}
