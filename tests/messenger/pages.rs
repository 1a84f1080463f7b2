//! Rendered pages, their headers, and the addresses of the original.

use reqwest::{Client, Response, redirect::Policy};
use server::origin::Origins;

use crate::stage::{PASSWORD, Person, Stage, TEST_TIMEOUT, refused};

async fn get(stage: &Stage, person: Option<&Person>, path: &str, language: &str) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let request = client.get(format!("http://{}{path}", stage.address)).header("accept-language", language);
    let cookie = person.map(|person| format!("daehwa={}", person.token)).unwrap_or_default();
    request.header("cookie", cookie).send().await.unwrap()
}

fn location(response: &Response) -> &str {
    assert_eq!(response.status(), 303);
    response.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn the_main_window_is_rendered_with_its_people_in_both_languages() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    for (language, lang, mark) in
        [("ko-KR,ko;q=0.9", "ko", "(나)"), ("en-US,en;q=0.9,ko;q=0.8", "en", "(me!)"), ("fr", "ko", "(나)")]
    {
        let page = get(&stage, Some(&minsu), "/", language).await;
        assert_eq!(page.status(), 200);
        let html = page.text().await.unwrap();
        for expected in [format!("lang=\"{lang}\""), "이영희".into(), mark.into(), room.to_string()] {
            assert!(html.contains(&expected), "{expected} in {language}");
        }
    }
}

#[tokio::test]
async fn a_room_is_rendered_with_its_messages_as_text() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let body = "<script>alert(1)</script></textarea>";
    stage.post(&minsu, room, body).await;
    let html = get(&stage, Some(&younghee), &format!("/rooms/{room}"), "ko").await.text().await.unwrap();
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "the message is there, as text");
    assert!(!html.contains("<script>alert(1)"), "and nowhere as markup");
}

/// A link opens at the message for users who see the message; all others get 404.
#[tokio::test]
async fn a_link_opens_at_its_message_for_whoever_sees_it() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let jiwoo = stage.person("jiwoo", "최지우").await;
    let rooms = stage.messenger.rooms();
    let room = rooms.open_group(minsu.actor(), vec![younghee.id], None).await.unwrap();
    for number in 0..120 {
        stage.post(&minsu, room, &format!("{number}번째 보고")).await;
    }
    rooms.invite(minsu.actor(), room, vec![jiwoo.id], false, None).await.unwrap();
    let seq = stage.post(&minsu, room, "지우님도 보는 글").await;
    let seq = younghee.chat(room).await.welcome().await.messages.iter().find(|message| message.id == seq).unwrap().seq;

    let html = async |person, path: &str| {
        let page = get(&stage, Some(person), path, "ko").await;
        (page.status().as_u16(), page.text().await.unwrap())
    };
    // The first post has the seq 2, after the system event.
    let (status, old) = html(&younghee, &format!("/rooms/{room}?at=12")).await;
    assert!(status == 200 && old.contains("10번째 보고") && !old.contains("119번째 보고"));
    let (_, beside) = html(&younghee, &format!("/?room={room}&at=12")).await;
    assert!(beside.contains("10번째 보고"));
    assert_eq!(html(&jiwoo, &format!("/rooms/{room}?at={seq}")).await.0, 200);
    let unknown = html(&jiwoo, &format!("/rooms/{}?at=12", protocol::ids::RoomId::new())).await;
    assert_eq!(unknown.0, 404);
    let stranger = stage.person("cheolsu", "박철수").await;
    for (person, path) in [
        (&jiwoo, format!("/rooms/{room}?at=12")),
        (&stranger, format!("/rooms/{room}?at={seq}")),
        (&younghee, format!("/rooms/{room}?at=9999")),
        (&jiwoo, format!("/?room={room}&at=12")),
        (&stranger, format!("/?room={room}")),
        (&younghee, "/?room=unknown".to_owned()),
    ] {
        let (status, page) = html(person, &path).await;
        assert_eq!((status, text_of(&page)), (404, text_of(&unknown.1)), "{path}");
    }
    let to = location(&get(&stage, None, &format!("/rooms/{room}?at=12"), "ko").await).to_owned();
    assert_eq!(to, format!("/sign_in?next=%2Frooms%2F{room}%3Fat%3D12"));
}

/// The text of a page, without the address to which the choice of the language returns.
fn text_of(html: &str) -> &str {
    let body = html.split_once("<main").unwrap().1;
    body.split("<form").next().unwrap()
}

#[tokio::test]
async fn strangers_see_no_room_and_visitors_are_sent_to_sign_in() {
    let stage = Stage::new().await;
    let (_, _, room) = stage.pair().await;
    let stranger = stage.person("jiwoo", "최지우").await;
    let path = format!("/rooms/{room}");
    let page = get(&stage, Some(&stranger), &path, "ko").await;
    assert_eq!(page.status(), 404);
    let html = page.text().await.unwrap();
    assert!(!html.contains("이영희"), "not even who is in it");
    assert_eq!(get(&stage, Some(&stranger), "/rooms/abcdefgh", "ko").await.status(), 404);
    let to = format!("/sign_in?next={}", path.replace('/', "%2F"));
    assert_eq!(location(&get(&stage, None, &path, "ko").await), to);
    assert_eq!(location(&get(&stage, None, "/", "ko").await), "/sign_in");
}

#[tokio::test]
async fn the_entry_page_keeps_the_seeds_words() {
    let stage = Stage::new().await;
    let (minsu, _, _) = stage.pair().await;
    let signed_in = get(&stage, Some(&minsu), "/entry", "ko").await.text().await.unwrap();
    assert!(signed_in.contains("메신저에 접속 합니다.") && signed_in.contains("메신저 접속"));
    let visitor = get(&stage, None, "/entry", "ko").await.text().await.unwrap();
    assert!(visitor.contains("접속 후 가능한 메뉴입니다.") && visitor.contains("로그인 후 이용해주시기 바랍니다."));
}

#[tokio::test]
async fn the_originals_addresses_redirect_to_these_pages() {
    let stage = Stage::new().await;
    let (_, _, room) = stage.pair().await;
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let at = |path: &str| format!("http://{}/cop/msg/{path}", stage.address);
    for (path, leads_to) in [("websocketMessengerView.do", "/entry"), ("websocketMessengerMain.do", "/")] {
        assert_eq!(location(&client.get(at(path)).send().await.unwrap()), leads_to);
        assert_eq!(location(&client.post(at(path)).send().await.unwrap()), leads_to);
    }
    let popup = at("websocketMessengePopup.do");
    let fields = [("roomId", room.to_string()), ("username", "김민수".into())];
    let posted = client.post(&popup).form(&fields).send().await.unwrap();
    assert_eq!(location(&posted), format!("/rooms/{room}"));
    let from_portal =
        client.post(&popup).header("origin", "http://portal.example.org").form(&fields).send().await.unwrap();
    assert_eq!(location(&from_portal), format!("/rooms/{room}"));
    let asked = client.get(format!("{popup}?roomId={room}&username=x")).send().await.unwrap();
    assert_eq!(location(&asked), format!("/rooms/{room}"));
    for nonsense in ["", "?roomId=", "?roomId=//evil.test"] {
        assert_eq!(location(&client.get(format!("{popup}{nonsense}")).send().await.unwrap()), "/");
    }
}

#[tokio::test]
async fn a_page_may_run_only_its_own_scripts() {
    let stage = Stage::new().await;
    let page = get(&stage, None, "/sign_in", "ko").await;
    let headers = page.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert!(nonce.len() >= 16);
    for part in
        ["'strict-dynamic'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]
    {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["cache-control"], "no-store");
    assert!(headers.contains_key("referrer-policy"));
    let html = page.text().await.unwrap();
    for script in html.split("<script").skip(1) {
        assert!(script.split('>').next().unwrap().contains(&nonce), "a script without the nonce: {script:.80}");
    }
    let again = get(&stage, None, "/sign_in", "ko").await;
    assert!(!again.headers()["content-security-policy"].to_str().unwrap().contains(&nonce), "a nonce is used once");
}

#[tokio::test]
async fn only_the_named_portal_may_frame_a_page() {
    let stage = Stage::behind(Origins::new(None, Some("https://portal.example.org".parse().unwrap()))).await;
    let page = get(&stage, None, "/sign_in", "ko").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("frame-ancestors https://portal.example.org"), "{policy}");
}

#[tokio::test]
async fn behind_https_cookies_are_secure_and_only_the_public_origin_is_accepted() {
    let stage = Stage::behind(Origins::new(Some("https://chat.example.org".parse().unwrap()), None)).await;
    let minsu = stage.person("minsu", "김민수").await;
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let request = client.post(format!("http://{}/api/sign_in", stage.address)).header("accept", "text/html");
    let request = request.header("origin", "https://chat.example.org");
    let response = request.form(&[("login", "minsu"), ("password", PASSWORD)]).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-daehwa=") && cookie.contains("Secure"), "{cookie}");

    let mut request = minsu.own_request("/usersServerEndpoint");
    request.headers_mut().insert("cookie", format!("__Host-daehwa={}", minsu.token).parse().unwrap());
    assert_eq!(refused(request.clone()).await, 403, "the inner address is not the public one");
    request.headers_mut().insert("origin", "https://chat.example.org".parse().unwrap());
    assert_eq!(refused(request).await, 101);
}

#[tokio::test]
async fn the_language_can_be_chosen_and_stays() {
    let stage = Stage::new().await;
    let browser = Client::builder().redirect(Policy::none()).cookie_store(true).build().unwrap();
    let at = |path: &str| format!("http://{}{path}", stage.address);
    let chosen = browser.post(at("/api/language")).form(&[("lang", "en"), ("next", "/sign_in")]).send().await.unwrap();
    assert_eq!(location(&chosen), "/sign_in");
    let page = browser.get(at("/sign_in")).header("accept-language", "ko").send().await.unwrap();
    assert!(page.text().await.unwrap().contains("lang=\"en\""));
}

#[tokio::test]
async fn healthz_answers_whether_the_store_works() {
    let stage = Stage::new().await;
    assert_eq!(get(&stage, None, "/healthz", "ko").await.status(), 200);
    assert_eq!(get(&stage, None, "/no/such/page", "ko").await.status(), 404);
    stage.messenger.close().await;
    // The last result is reused for a second.
    let unwell = async { while get(&stage, None, "/healthz", "ko").await.status() != 503 {} };
    tokio::time::timeout(TEST_TIMEOUT, unwell).await.expect("503 in time");
}
