//! Registration, sign-in and sign-out by plain forms, and the ends of sessions.

use protocol::{ids::RoomId, lobby_socket::LobbyEvent, room_socket::RoomEvent};
use reqwest::{Client, Response, redirect::Policy as Redirects};
use server::messenger::Policy;

use crate::stage::{PASSWORD, Person, Stage, refused, unlimited};

/// A browser without the program: it keeps cookies and does not follow redirects.
fn browser() -> Client {
    Client::builder().redirect(Redirects::none()).cookie_store(true).build().unwrap()
}

async fn post(stage: &Stage, browser: &Client, path: &str, fields: &[(&str, &str)]) -> Response {
    let request = browser.post(format!("http://{}{path}", stage.address)).header("accept", "text/html");
    request.form(fields).send().await.unwrap()
}

fn location(response: &Response) -> &str {
    assert_eq!(response.status(), 303, "a form is answered by a redirect");
    response.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn the_first_visitor_creates_the_first_account_and_then_registration_is_closed() {
    let stage = Stage::with(Policy { registration_open: false, ..unlimited() }).await;
    let fields = [("login", "Minsu"), ("name", "김민수"), ("password", PASSWORD)];
    let browser = browser();
    let response = post(&stage, &browser, "/api/register", &fields).await;
    assert_eq!(location(&response), "/");
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let page = browser.get(format!("http://{}/", stage.address)).send().await.unwrap();
    assert_eq!(page.status(), 200, "registering signs in");

    let second = [("login", "younghee"), ("name", "이영희"), ("password", PASSWORD)];
    let response = post(&stage, &self::browser(), "/api/register", &second).await;
    assert!(location(&response).starts_with("/register?error=registration_closed"));
}

#[tokio::test]
async fn an_invalid_registration_names_its_fault_and_keeps_the_typed_fields() {
    let stage = Stage::new().await;
    stage.person("minsu", "김민수").await;
    for (login, name, password, code) in [
        ("minsu", "다른 사람", PASSWORD, "login_taken"),
        ("MINSU", "다른 사람", PASSWORD, "login_taken"),
        ("1", "이영희", PASSWORD, "invalid_login"),
        ("mіnsu", "키릴 문자", PASSWORD, "invalid_login"),
        ("younghee", "\u{200b}", PASSWORD, "invalid_name"),
        ("younghee", "이\u{202e}영희", PASSWORD, "invalid_name"),
        ("younghee", "이영희", "short", "invalid_password"),
    ] {
        let fields = [("login", login), ("name", name), ("password", password)];
        let response = post(&stage, &browser(), "/api/register", &fields).await;
        let location = location(&response);
        assert!(location.starts_with(&format!("/register?error={code}")), "{location}");
        assert!(!location.contains("password="), "a password never goes into an address");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_get_the_same_answer() {
    let stage = Stage::new().await;
    stage.person("minsu", "김민수").await;
    for (login, password) in
        [("minsu", "wrong password"), ("nobody", PASSWORD), ("", ""), ("minsu", &"x".repeat(10_000))]
    {
        let response = post(&stage, &browser(), "/api/sign_in", &[("login", login), ("password", password)]).await;
        assert!(location(&response).starts_with("/sign_in?error=credentials"));
        assert!(!response.headers().contains_key("set-cookie"));
    }
    let program = browser().post(format!("http://{}/api/sign_in", stage.address));
    let response = program.form(&[("login", "minsu"), ("password", "wrong password")]).send().await.unwrap();
    assert_eq!(response.status(), 401, "a program gets a status");
}

#[tokio::test]
async fn signing_in_redirects_to_own_paths_only() {
    let stage = Stage::new().await;
    stage.person("minsu", "김민수").await;
    for (next, leads_to) in
        [("", "/"), ("/entry", "/entry"), ("//evil.test", "/"), ("https://evil.test", "/"), ("/\\evil.test", "/")]
    {
        let fields = [("login", "minsu"), ("password", PASSWORD), ("next", next)];
        assert_eq!(location(&post(&stage, &browser(), "/api/sign_in", &fields).await), leads_to);
    }
}

#[tokio::test]
async fn guessing_is_slowed_without_locking_out_the_owner_elsewhere() {
    let stage = Stage::with(Policy { sign_ins_per_minute: 3, ..unlimited() }).await;
    stage.messenger.accounts().add("minsu", "김민수", PASSWORD, false).await.unwrap();
    let wrong = [("login", "minsu"), ("password", "a wrong guess")];
    for _ in 0..3 {
        assert!(location(&post(&stage, &browser(), "/api/sign_in", &wrong).await).contains("credentials"));
    }
    let right = [("login", "minsu"), ("password", PASSWORD)];
    assert!(location(&post(&stage, &browser(), "/api/sign_in", &right).await).contains("too_fast"));
    let elsewhere = browser().post(format!("http://{}/api/sign_in", stage.address)).header("accept", "text/html");
    let elsewhere = elsewhere.header("x-forwarded-for", "203.0.113.9").form(&right).send().await.unwrap();
    assert_eq!(location(&elsewhere), "/");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_closes_its_sockets_only() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let other_device = stage.sign_in("minsu").await;
    let (mut list, mut window, mut elsewhere) =
        (minsu.lobby().await, minsu.chat(room).await, other_device.lobby().await);
    let request = browser().post(format!("http://{}/api/sign_out", stage.address));
    let response = request.header("cookie", format!("daehwa={}", minsu.token)).send().await.unwrap();
    assert_eq!(location(&response), "/sign_in");
    for socket in [&mut list, &mut window] {
        assert_eq!(socket.close().await, (4001, "signed_out".into()));
    }
    elsewhere.settle().await;
    assert_eq!(refused(minsu.own_request("/usersServerEndpoint")).await, 401);
}

#[tokio::test]
async fn disabling_an_account_closes_all_its_sockets() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut list, mut others) = (minsu.lobby().await, younghee.chat(room).await);
    stage.messenger.accounts().set_disabled("minsu", true).await.unwrap();
    assert_eq!(list.close().await, (4001, "disabled".into()));
    for (password, error) in [(PASSWORD, "error=disabled"), ("a wrong one", "error=credentials")] {
        let fields = [("login", "minsu"), ("password", password)];
        assert!(location(&post(&stage, &browser(), "/api/sign_in", &fields).await).contains(error));
    }
    let html = page(&stage, &browser(), "/sign_in?error=disabled&login=minsu").await;
    assert!(html.contains("사용이 중지된 계정입니다"), "the page says why");
    others.settle().await;
    assert_eq!(refused(minsu.own_request(&format!("/chat/{room}"))).await, 401);
}

#[tokio::test]
async fn a_new_password_signs_everybody_out() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let mut list = minsu.lobby().await;
    stage.messenger.accounts().set_password("minsu", "another password").await.unwrap();
    assert_eq!(list.close().await, (4001, "password_changed".into()));
    let fields = [("login", "minsu"), ("password", "another password")];
    assert_eq!(location(&post(&stage, &browser(), "/api/sign_in", &fields).await), "/");
}

#[tokio::test]
async fn foreign_pages_cannot_send_forms() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    for (path, fields) in [
        ("/api/open_direct", vec![("user", younghee.id.to_string())]),
        ("/api/sign_out", vec![]),
        ("/api/settings", vec![("theme", "dark".into())]),
        ("/api/name", vec![("name", "다른 이름".into())]),
        ("/api/password", vec![("password", PASSWORD.into()), ("new_password", "another password".into())]),
        ("/api/end_session", vec![]),
        ("/api/sign_in", vec![("login", "minsu".into()), ("password", PASSWORD.into())]),
    ] {
        let request = browser().post(format!("http://{}{path}", stage.address)).header("origin", "http://evil.test");
        let request =
            request.header("sec-fetch-site", "cross-site").header("cookie", format!("daehwa={}", minsu.token));
        assert_eq!(request.form(&fields).send().await.unwrap().status(), 403, "{path}");
    }
    assert_eq!(refused(minsu.own_request("/usersServerEndpoint")).await, 101, "still signed in");
}

#[tokio::test]
async fn opening_a_conversation_by_form_leads_to_its_window() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let open = async |user: String| {
        let request = browser().post(format!("http://{}/api/open_direct", stage.address)).header("accept", "text/html");
        let request = request.header("cookie", format!("daehwa={}", minsu.token));
        location(&request.form(&[("user", user)]).send().await.unwrap()).to_owned()
    };
    assert_eq!(open(younghee.id.to_string()).await, format!("/rooms/{room}"));
    assert_eq!(open(RoomId::new().to_string()).await, "/?error=not_found");
    let notes = open(minsu.id.to_string()).await;
    assert!(notes.starts_with("/rooms/") && notes != format!("/rooms/{room}"));
    assert_eq!(open(minsu.id.to_string()).await, notes, "the same notes, each time");
    assert_eq!(open("x".into()).await, "/?error=malformed");
}

/// A browser that signed in by the form.
async fn signed_in(stage: &Stage, login: &str) -> Client {
    let browser = browser();
    let fields = [("login", login), ("password", PASSWORD)];
    assert_eq!(location(&post(stage, &browser, "/api/sign_in", &fields).await), "/");
    browser
}

async fn page(stage: &Stage, browser: &Client, path: &str) -> String {
    let request = browser.get(format!("http://{}{path}", stage.address)).header("accept-language", "ko");
    request.send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn the_settings_of_a_browser_shape_its_pages() {
    let stage = Stage::new().await;
    stage.person("minsu", "김민수").await;
    let browser = signed_in(&stage, "minsu").await;
    assert!(page(&stage, &browser, "/").await.contains(r#"data-theme="auto""#));
    let chosen = [("theme", "contrast"), ("size", "4"), ("motion", "<b>"), ("unknown", "x")];
    assert_eq!(location(&post(&stage, &browser, "/api/settings", &chosen).await), "/settings?saved=1");
    for path in ["/", "/settings", "/sign_in", "/shortcuts"] {
        let page = page(&stage, &browser, path).await;
        for look in [r#"data-theme="contrast""#, r#"data-size="4""#, r#"data-motion="on""#] {
            assert!(page.contains(look), "{path} {look}");
        }
    }
}

/// The settings that an account keeps.
async fn settings_of(stage: &Stage, person: &Person) -> String {
    stage.messenger.people().lobby(person.actor(), None).await.unwrap().settings
}

#[tokio::test]
async fn whoever_signs_in_next_at_a_browser_has_the_settings_of_its_device_alone() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let choose = async |browser: &Client, fields: &[(&str, &str)]| {
        assert_eq!(location(&post(&stage, browser, "/api/settings", fields).await), "/settings?saved=1");
    };
    let fields = [("login", "younghee"), ("password", PASSWORD)];
    // With and without a sign-out of the former user.
    for signs_out in [true, false] {
        let browser = signed_in(&stage, "minsu").await;
        choose(&browser, &[("theme", "dark"), ("size", "4"), ("enter", "break")]).await;
        if signs_out {
            assert_eq!(location(&post(&stage, &browser, "/api/sign_out", &[]).await), "/sign_in");
            let page = page(&stage, &browser, "/sign_in").await;
            assert!(page.contains(r#"data-theme="auto""#) && page.contains(r#"data-size="4""#), "{page}");
        }
        assert_eq!(location(&post(&stage, &browser, "/api/sign_in", &fields).await), "/");
        let main = page(&stage, &browser, "/").await;
        assert!(main.contains(r#"data-theme="auto""#) && main.contains(r#"data-size="4""#));
        choose(&browser, &[("sound", "off")]).await;
        assert_eq!(settings_of(&stage, &younghee).await, "");
        let again = signed_in(&stage, "minsu").await;
        assert!(page(&stage, &again, "/").await.contains(r#"data-theme="dark""#), "the account keeps them");
        assert_eq!(settings_of(&stage, &minsu).await, "theme.dark&enter.break");
    }
}

#[tokio::test]
async fn an_old_form_of_settings_changes_only_what_was_changed_in_it() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let (one, other) = (signed_in(&stage, "minsu").await, signed_in(&stage, "minsu").await);
    post(&stage, &one, "/api/settings", &[("theme", "dark"), ("enter", "send"), ("size", "1")]).await;
    // Rendered before the theme was dark.
    let old = [("theme", "auto"), ("enter", "break"), ("size", "2"), ("changed", "enter")];
    post(&stage, &other, "/api/settings", &old).await;
    assert_eq!(settings_of(&stage, &minsu).await, "theme.dark&enter.break");
    let page = page(&stage, &other, "/settings").await;
    assert!(page.contains(r#"data-theme="dark""#) && page.contains(r#"data-size="2""#));
}

#[tokio::test]
async fn settings_are_refused_when_the_session_has_ended() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let account = minsu.id.to_string();
    let form = [("as", account.as_str()), ("theme", "dark")];
    assert_eq!(location(&post(&stage, &browser(), "/api/settings", &form).await), "/sign_in?error=signed_out");
    let program = browser().post(format!("http://{}/api/settings", stage.address)).form(&form);
    let answer = program.send().await.unwrap();
    assert!(answer.status() == 401 && !answer.headers().contains_key("set-cookie"));
    assert_eq!(settings_of(&stage, &minsu).await, "");
}

#[tokio::test]
async fn the_settings_of_a_person_follow_them_to_their_other_browser_and_those_of_a_device_stay() {
    let stage = Stage::new().await;
    let (minsu, _, _) = stage.pair().await;
    let [first, second, hers] =
        [signed_in(&stage, "minsu").await, signed_in(&stage, "minsu").await, signed_in(&stage, "younghee").await];
    post(&stage, &second, "/api/settings", &[("theme", "light"), ("size", "1")]).await;
    post(&stage, &first, "/api/settings", &[("theme", "dark"), ("size", "5"), ("notices", "on")]).await;
    assert_eq!(stage.messenger.people().settings(minsu.id).await.unwrap(), "theme.dark");
    let open = async |browser: &Client| browser.get(format!("http://{}/", stage.address)).send().await.unwrap();
    let opened = open(&second).await;
    let cookie = opened.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("daehwa_settings=theme.dark&size.1;"), "{cookie}");
    let page = opened.text().await.unwrap();
    assert!(page.contains(r#"data-theme="dark""#) && page.contains(r#"data-size="1""#));
    assert!(!open(&second).await.headers().contains_key("set-cookie"), "it is up to date");
    assert!(open(&hers).await.text().await.unwrap().contains(r#"data-theme="auto""#), "another person's stay");
}

#[tokio::test]
async fn settings_over_their_budget_are_refused_and_leave_the_browsers_cookie_as_it_is() {
    let stage = Stage::with(Policy { messages_per_second: 1_000, ..unlimited() }).await;
    let minsu = stage.person("minsu", "김민수").await;
    let browser = signed_in(&stage, "minsu").await;
    while stage.messenger.people().change_settings(minsu.actor(), "theme.dark").await.is_ok() {}
    let refused = post(&stage, &browser, "/api/settings", &[("theme", "contrast")]).await;
    assert_eq!(location(&refused), "/settings?error=too_fast");
    assert!(!refused.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn a_new_name_is_sent_to_everybody_and_an_invalid_one_is_refused() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut lobby, mut window) = (younghee.lobby().await, younghee.chat(room).await);
    window.settle().await;
    let browser = signed_in(&stage, "minsu").await;
    let refused = post(&stage, &browser, "/api/name", &[("name", "\u{200b}")]).await;
    assert_eq!(location(&refused), "/settings?error=invalid_name");
    post(&stage, &browser, "/api/name", &[("name", "김 민수")]).await;
    let renamed = |event| match event {
        LobbyEvent::UsersChanged { users, .. } => {
            users.into_iter().find(|user| user.id == minsu.id && user.name == "김 민수")
        }
        _ => None,
    };
    lobby.lobby_event(renamed).await;
    let named = |event| match event {
        RoomEvent::MembersChanged { members } => members.into_iter().find(|member| member.name == "김 민수"),
        _ => None,
    };
    assert_eq!(window.chat_event(named).await.id, minsu.id);
}

#[tokio::test]
async fn changing_the_password_needs_the_old_one_and_keeps_only_this_device() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    let mut elsewhere = minsu.lobby().await;
    let browser = signed_in(&stage, "minsu").await;
    let wrong = [("password", "not it"), ("new_password", "another password")];
    assert_eq!(location(&post(&stage, &browser, "/api/password", &wrong).await), "/settings?error=credentials");
    let short = [("password", PASSWORD), ("new_password", "short")];
    assert_eq!(location(&post(&stage, &browser, "/api/password", &short).await), "/settings?error=invalid_password");
    elsewhere.settle().await;
    let right = [("password", PASSWORD), ("new_password", "another password")];
    assert_eq!(location(&post(&stage, &browser, "/api/password", &right).await), "/settings?saved=1");
    assert_eq!(elsewhere.close_code().await, 4001);
    assert!(page(&stage, &browser, "/settings").await.contains("지금 쓰는 기기"), "this device signed in again");
}

#[tokio::test]
async fn devices_are_listed_and_can_be_signed_out() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (mut elsewhere, mut others) = (minsu.lobby().await, younghee.lobby().await);
    let browser = signed_in(&stage, "minsu").await;
    let settings = page(&stage, &browser, "/settings").await;
    assert!(settings.contains("지금 쓰는 기기"));
    let key = settings.split(r#"name="session" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let stranger = signed_in(&stage, "younghee").await;
    post(&stage, &stranger, "/api/end_session", &[("session", key)]).await;
    elsewhere.settle().await;
    post(&stage, &browser, "/api/end_session", &[("session", key)]).await;
    assert_eq!(elsewhere.close_code().await, 4001);
    others.settle().await;
    assert!(page(&stage, &browser, "/settings").await.contains("지금 쓰는 기기"), "this device stays");
}
