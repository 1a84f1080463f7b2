//! Signing in while others guess passwords, from behind proxies, and with other servers on the same host.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, header::HeaderMap, redirect::Policy as Redirects};
use server::{messenger::Policy, origin::Origins};

use crate::stage::{PASSWORD, Person, Stage, refused, unlimited};

const WRONG: &str = "a wrong guess";

fn browser() -> Client {
    Client::builder().redirect(Redirects::none()).cookie_store(true).build().unwrap()
}

fn sign_in(stage: &Stage, browser: &Client, login: &str, password: &str) -> RequestBuilder {
    let request = browser.post(format!("http://{}/api/sign_in", stage.address));
    request.form(&[("login", login), ("password", password)])
}

/// Signs in as a program, which receives a status.
async fn status(stage: &Stage, login: &str, password: &str, from: &str) -> (u16, HeaderMap) {
    let request = sign_in(stage, &Client::new(), login, password).header("x-forwarded-for", from);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.headers().clone())
}

/// Signs in as a browser; returns the redirect.
async fn leads_to(stage: &Stage, browser: &Client, login: &str, password: &str) -> String {
    let response = sign_in(stage, browser, login, password).header("accept", "text/html").send().await.unwrap();
    response.headers()["location"].to_str().unwrap().to_owned()
}

async fn limited(sign_ins_per_minute: u32) -> Stage {
    let stage = Stage::with(Policy { sign_ins_per_minute, ..unlimited() }).await;
    for login in ["minsu", "younghee"] {
        stage.messenger.accounts().add(login, "이름", PASSWORD, false).await.unwrap();
    }
    stage
}

#[tokio::test]
async fn on_a_known_device_the_owner_signs_in_while_others_guess_from_the_same_address() {
    let stage = limited(3).await;
    let (own, strange) = (browser(), browser());
    assert_eq!(leads_to(&stage, &own, "minsu", PASSWORD).await, "/");
    own.post(format!("http://{}/api/sign_out", stage.address)).send().await.unwrap();
    for _ in 0..3 {
        assert!(leads_to(&stage, &strange, "minsu", WRONG).await.contains("credentials"));
    }
    assert!(leads_to(&stage, &strange, "minsu", PASSWORD).await.contains("too_fast"));
    assert_eq!(leads_to(&stage, &own, "minsu", PASSWORD).await, "/");
    assert!(leads_to(&stage, &own, "younghee", WRONG).await.contains("credentials"), "the address is not locked");
}

#[tokio::test]
async fn a_device_is_known_only_for_accounts_that_signed_in_on_it() {
    let stage = limited(3).await;
    let own = browser();
    assert_eq!(leads_to(&stage, &own, "minsu", PASSWORD).await, "/");
    for _ in 0..3 {
        leads_to(&stage, &browser(), "younghee", WRONG).await;
    }
    assert!(leads_to(&stage, &own, "younghee", PASSWORD).await.contains("too_fast"));
}

#[tokio::test]
async fn an_attempt_above_the_limit_is_delayed_when_the_delay_is_short() {
    let stage = limited(60).await;
    for _ in 0..60 {
        assert_eq!(status(&stage, "minsu", WRONG, "198.51.100.1").await.0, 401);
    }
    let too_many = async || status(&stage, "minsu", WRONG, "198.51.100.1").await.0;
    let mut statuses = Vec::new();
    while !statuses.contains(&429) {
        statuses.push(too_many().await);
    }
    assert_eq!(status(&stage, "minsu", PASSWORD, "198.51.100.1").await.0, 200, "the owner waits a second");
}

#[tokio::test]
async fn one_password_for_many_logins_is_refused_with_retry_after() {
    let stage = limited(3).await;
    let mut refusal = None;
    for n in 0..20 {
        let (status, headers) = status(&stage, &format!("nobody{n}"), WRONG, "2001:db8:9:9::1").await;
        refusal = refusal.or((status == 429).then_some((n, headers)));
    }
    let (after, headers) = refusal.expect("a refusal");
    assert_eq!(after, 12);
    assert!(headers.contains_key("retry-after"));
    assert_eq!(status(&stage, "minsu", PASSWORD, "2001:db8:9:9:ff::2").await.0, 429, "the /64 counts together");
    assert_eq!(status(&stage, "minsu", PASSWORD, "2001:db8:9:a::1").await.0, 200);
}

#[tokio::test]
async fn the_page_of_a_refused_attempt_has_the_status_429() {
    let stage = Stage::new().await;
    for (lang, text) in [("ko", "너무 잦습니다"), ("en", "Too many attempts")] {
        let page = browser().get(format!("http://{}/sign_in?error=too_fast", stage.address));
        let response = page.header("accept-language", lang).send().await.unwrap();
        assert_eq!(response.status(), 429);
        assert!(response.headers().contains_key("retry-after"));
        assert!(response.text().await.unwrap().contains(text));
    }
    let page = browser().get(format!("http://{}/sign_in?error=unavailable", stage.address)).send().await.unwrap();
    assert_eq!(page.status(), 503);
    assert!(page.text().await.unwrap().contains("로그인하는 사람이 많습니다"));
    let page = browser().get(format!("http://{}/sign_in?error=credentials", stage.address)).send().await.unwrap();
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn abandoned_sign_ins_keep_nobody_waiting() {
    let stage = Stage::new().await;
    stage.person("minsu", "김민수").await;
    let client = Client::builder().timeout(Duration::from_millis(5)).build().unwrap();
    for n in 0..200 {
        let request = sign_in(&stage, &client, "minsu", WRONG).header("x-forwarded-for", format!("198.51.100.{n}"));
        let _ = request.send().await;
    }
    let own = status(&stage, "minsu", PASSWORD, "203.0.113.1");
    assert_eq!(tokio::time::timeout(Duration::from_secs(3), own).await.expect("an answer in time").0, 200);
}

#[tokio::test]
async fn two_servers_on_one_host_keep_their_sessions() {
    let (one, two) = (Stage::new().await, Stage::new().await);
    one.person("minsu", "김민수").await;
    two.person("jiwoo", "최지우").await;
    let browser = browser();
    assert_eq!(leads_to(&one, &browser, "minsu", PASSWORD).await, "/");
    assert_eq!(leads_to(&two, &browser, "jiwoo", PASSWORD).await, "/");
    for stage in [&one, &two] {
        assert_eq!(session(stage, &browser).await.status(), 204);
    }
    browser.post(format!("http://{}/api/sign_out", two.address)).send().await.unwrap();
    assert_eq!(session(&one, &browser).await.status(), 204);
    assert_eq!(session(&two, &browser).await.status(), 401);
}

async fn session(stage: &Stage, browser: &Client) -> Response {
    browser.get(format!("http://{}/api/session", stage.address)).send().await.unwrap()
}

#[tokio::test]
async fn a_cookie_without_a_port_in_its_name_is_accepted_and_renewed() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    for name in ["daehwa", "daehwa-1"] {
        let request = Client::new().get(format!("http://{}/api/session", stage.address));
        let response = request.header("cookie", format!("{name}={}", minsu.token)).send().await.unwrap();
        assert_eq!(response.status(), 204);
        let renewed = response.headers()["set-cookie"].to_str().unwrap();
        assert!(renewed.starts_with(&format!("daehwa-{}={}", stage.address.port(), minsu.token)), "{renewed}");
        assert!(renewed.contains("HttpOnly"), "{renewed}");
    }
    let both = format!("daehwa={}; daehwa-{}={}", minsu.token, stage.address.port(), "0".repeat(64));
    let signing_out = browser().post(format!("http://{}/api/sign_out", stage.address)).header("cookie", &both);
    let response = signing_out.send().await.unwrap();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 1, "the removal is not undone");
    let request = Client::new().get(format!("http://{}/api/session", stage.address)).header("cookie", both);
    assert_eq!(request.send().await.unwrap().status(), 401, "every session that the browser sent has ended");
}

#[tokio::test]
async fn addresses_behind_a_proxy_are_distinguished_in_every_notation() {
    let stage = Stage::with(Policy { max_sockets_per_address: 1, ..unlimited() }).await;
    let minsu = stage.person("minsu", "김민수").await;
    let mut open = Vec::new();
    for named in ["203.0.113.1:50000", "[2001:db8::1]:443", "2001:db8::2", "198.51.100.1, 203.0.113.2", "203.0.113.3,"]
    {
        let from = |minsu: &Person| {
            let mut request = minsu.own_request("/usersServerEndpoint");
            request.headers_mut().insert("x-forwarded-for", named.parse().unwrap());
            request
        };
        open.push(crate::stage::Socket::open(from(&minsu)).await);
        assert_eq!(refused(from(&minsu)).await, 429, "{named} is one address");
    }
}

#[tokio::test]
async fn a_sign_in_over_another_host_than_the_public_one_gets_the_public_cookie() {
    let stage = Stage::behind(Origins::new(Some("https://chat.example.org:8443".parse().unwrap()), None)).await;
    stage.person("minsu", "김민수").await;
    let request = sign_in(&stage, &browser(), "minsu", PASSWORD).header("origin", "https://chat.example.org:8443");
    let response = request.header("accept", "text/html").send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-daehwa-8443=") && cookie.contains("Secure"), "{cookie}");
}
