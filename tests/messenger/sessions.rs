//! The account of a window, the ends of sessions, and the close codes of their sockets.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use protocol::{ended::Ended, lobby_socket::LobbyEvent};
use reqwest::{Client, redirect::Policy};
use server::hub::{CloseReason, Owner, Subscription};
use tokio::time::{sleep, timeout};

use crate::stage::{PASSWORD, Person, Stage, refused};

/// A socket closes within this time after its session ended.
const SOON: Duration = Duration::from_secs(2);

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Sends a form from the browser of a signed-in user; returns the new token.
async fn new_token(person: &Person, path: &str, fields: &[(&str, &str)]) -> String {
    let request = client().post(format!("http://{}{path}", person.address)).header("accept", "text/html");
    let request = request.header("cookie", format!("daehwa={}", person.token));
    let response = request.form(fields).send().await.unwrap();
    assert_eq!(response.status(), 303);
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    cookie.split(['=', ';']).nth(1).unwrap().to_owned()
}

async fn probe(person: &Person, query: &str) -> (u16, Option<String>) {
    let request = client().get(format!("http://{}/api/session{query}", person.address));
    let response = request.header("cookie", format!("daehwa={}", person.token)).send().await.unwrap();
    let user = response.headers().get("daehwa-user").map(|user| user.to_str().unwrap().to_owned());
    (response.status().as_u16(), user)
}

#[tokio::test]
async fn a_window_of_another_account_gets_no_socket() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    for path in ["/usersServerEndpoint".to_owned(), format!("/chat/{room}")] {
        for request in [Person::request, Person::own_request] {
            let asks = |user: &str| refused(request(&minsu, &format!("{path}?as={user}")));
            assert_eq!(asks(&minsu.id.to_string()).await, 101);
            assert_eq!(asks(&younghee.id.to_string()).await, 409);
            assert_eq!(asks("minsu").await, 409);
        }
    }
}

#[tokio::test]
async fn a_window_can_ask_for_the_account_of_the_session() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let me = Some(minsu.id.to_string());
    assert_eq!(probe(&minsu, "").await, (204, me.clone()));
    assert_eq!(probe(&minsu, &format!("?as={}&room={room}", minsu.id)).await, (204, me.clone()));
    assert_eq!(probe(&minsu, &format!("?as={}", younghee.id)).await, (409, me));
    let nobody = Person { token: "0".repeat(64), ..minsu };
    assert_eq!(probe(&nobody, &format!("?as={}", younghee.id)).await, (401, None));
}

#[tokio::test]
async fn signing_in_over_another_account_closes_its_windows() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let elsewhere = stage.sign_in("minsu").await;
    let (mut list, mut window, mut other) = (minsu.lobby().await, minsu.chat(room).await, elsewhere.lobby().await);
    new_token(&minsu, "/api/sign_in", &[("login", "younghee"), ("password", PASSWORD)]).await;
    for socket in [&mut list, &mut window] {
        assert_eq!(socket.close().await, (4009, "other_account".into()));
    }
    assert_eq!(probe(&minsu, "").await.0, 401, "the replaced token is invalid");
    other.settle().await;
}

#[tokio::test]
async fn a_browser_that_changed_its_password_has_the_new_cookie_before_its_windows_close() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let mut window = minsu.chat(room).await;
    let begun = Instant::now();
    let fields = [("password", PASSWORD), ("new_password", "another password")];
    let token = new_token(&minsu, "/api/password", &fields).await;
    assert_eq!(probe(&Person { token, ..minsu.clone() }, "").await.0, 204);
    assert_eq!(probe(&minsu, "").await.0, 401, "the old token is invalid at once");
    window.settle().await;
    assert_eq!(window.close().await, (4001, "password_changed".into()));
    assert!(begun.elapsed() < SOON + Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_socket_closes_when_its_session_expires() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut list, mut window, mut others) = (minsu.lobby().await, minsu.chat(room).await, younghee.chat(room).await);
    let mut egov = minsu.egov_lobby().await;
    let hex = minsu.id.uuid().simple().to_string();
    stage.sql(&format!("UPDATE sessions SET expires_at = unixepoch() * 1000 WHERE user = x'{hex}'")).await;
    let begun = Instant::now();
    for socket in [&mut list, &mut window, &mut egov] {
        assert_eq!(socket.close().await, (4001, "expired".into()));
    }
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    others.settle().await;
    assert_eq!(probe(&minsu, "").await.0, 401);
}

#[tokio::test]
async fn a_socket_that_connects_right_after_its_session_ended_is_closed() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let (user, session) = stage.messenger.accounts().session(&minsu.token).await.unwrap();
    let owner = Owner { user, session: session.0, address: Ipv4Addr::LOCALHOST.into() };
    let connect = || stage.messenger.people().enter_lobby(owner).unwrap();
    let is_closed = async |window: Subscription<LobbyEvent>| {
        while window.outbox.ended().is_none() {
            sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(window.outbox.ended(), Some(CloseReason::SessionEnded(Ended::SignedOut)));
    };
    let window = connect();
    stage.sql(&format!("DELETE FROM sessions WHERE id = x'{session}'")).await;
    timeout(2 * SOON, is_closed(window)).await.unwrap();
    // This handshake began before the session ended.
    timeout(2 * SOON, is_closed(connect())).await.unwrap();
}

#[tokio::test]
async fn a_session_that_another_process_ends_closes_its_sockets_alone() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let elsewhere = stage.sign_in("minsu").await;
    let (mut list, mut other) = (minsu.lobby().await, elsewhere.lobby().await);
    let (_, session) = stage.messenger.accounts().session(&minsu.token).await.unwrap();
    stage.sql(&format!("DELETE FROM sessions WHERE id = x'{session}'")).await;
    assert_eq!(list.close().await, (4001, "signed_out".into()));
    other.settle().await;
}

#[tokio::test]
async fn the_sign_in_page_gives_the_reason_of_the_ended_session() {
    let stage = Stage::new().await;
    let page = async |why: &str, lang: &str| {
        let request = client().get(format!("http://{}/sign_in?next=%2Frooms%2F1&why={why}", stage.address));
        request.header("accept-language", lang).send().await.unwrap().text().await.unwrap()
    };
    for why in Ended::ALL.map(Ended::code) {
        for lang in ["ko", "en"] {
            let page = page(why, lang).await;
            assert!(page.contains("form-notice") && page.contains("/rooms/1"), "{why} {lang}");
        }
    }
    assert!(page("password_changed", "ko").await.contains("비밀번호가 바뀌어"));
    assert!(!page("%3Cb%3E", "ko").await.contains("form-notice"), "no other words");
}

#[tokio::test]
async fn a_form_of_another_accounts_page_is_not_carried_out() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let post = async |path: &str, account: &str, accept: &str| {
        let request = client().post(format!("http://{}{path}", minsu.address)).header("accept", accept);
        let request = request.header("cookie", format!("daehwa={}", minsu.token));
        let user = younghee.id.to_string();
        let fields =
            [("as", account), ("name", "다른 이름"), ("user", &user), ("password", "x"), ("new_password", "y")];
        request.form(&fields).send().await.unwrap()
    };
    let (me, other) = (minsu.id.to_string(), younghee.id.to_string());
    for path in ["/api/name", "/api/password", "/api/end_session", "/api/open_direct", "/api/sign_out"] {
        assert_eq!(post(path, &other, "application/json").await.status(), 409, "{path}");
        let page = post(path, &other, "text/html").await;
        assert_eq!(page.headers()["location"], format!("/switched?was={other}"), "{path}");
    }
    let name = || stage.messenger.people().user(minsu.id).unwrap().name;
    assert_eq!(name(), "김민수");
    assert_eq!(post("/api/name", &me, "application/json").await.status(), 204);
    assert_eq!(name(), "다른 이름");
    assert_eq!(post("/api/sign_out", &me, "text/html").await.headers()["location"], "/sign_in");
}
