//! `/design`: every component in every state, for whoever works on the look. The components are the real ones,
//! rendered with people and messages made up here.

use leptos::prelude::*;

use crate::{
    client::{
        clock::provide_clock,
        components::{
            avatar::Avatar,
            field::{Field, FormError},
            icon::{Drawing, Icon},
            language::LanguageSwitch,
            log::Log,
            people::People,
            rooms::{Badge, Rooms},
            session::Session,
            tabs::Tab,
            window::Window,
        },
        state::{conversation::Conversation, pending::Pending},
        text::words,
    },
    protocol::{
        cursor::Cursor,
        error::Refusal,
        ids::{MessageId, RoomId, UserId},
        lobby::LobbySnapshot,
        message::{Line, Message, Quote, Reaction, Recalled},
        room::{Member, Room, RoomSnapshot},
        user::{Presence, Profile, User},
    },
};

/// 2026-11-22, 14:31 in Seoul.
const NOW: i64 = 1_795_325_460_000;
/// The colours by their meanings, as values.css names them.
const COLOURS: [&str; 21] = [
    "surface",
    "canvas",
    "sunken",
    "hover",
    "line",
    "edge",
    "text",
    "text-2",
    "text-3",
    "accent",
    "accent-text",
    "accent-soft",
    "mine",
    "mine-pending",
    "theirs",
    "here",
    "idle",
    "away",
    "danger",
    "warning-text",
    "warning-soft",
];

#[component]
pub fn Design() -> impl IntoView {
    provide_clock();
    let people = people();
    let faces = people.iter().cloned().map(face).collect_view();
    provide_context(Window::new(lobby(&people), None));
    view! {
        <main class="sheet design">
            <header class="sheet-head"><h1>"Design"</h1><LanguageSwitch /></header>
            <Part title="Colours"><div class="swatches">{COLOURS.map(swatch).collect_view()}</div></Part>
            <Part title="Text">
                <p style="font-size:var(--text-xl)">"다람쥐 헌 쳇바퀴에 타고파 xl"</p>
                <p style="font-size:var(--text-l)">"다람쥐 헌 쳇바퀴에 타고파 l"</p>
                <p>"다람쥐 헌 쳇바퀴에 타고파 m"</p>
                <p style="font-size:var(--text-s)">"다람쥐 헌 쳇바퀴에 타고파 s"</p>
                <p style="font-size:var(--text-xs)">"다람쥐 헌 쳇바퀴에 타고파 xs"</p>
            </Part>
            <Part title="Controls"><Controls /></Part>
            <Part title="Avatars"><div class="swatches">{faces}</div></Part>
            <Part title="People"><People query=RwSignal::new(String::new()) chosen=RwSignal::new(Tab::People) scrolled=Trigger::new() /></Part>
            <Part title="Nobody found"><People query=RwSignal::new("zzz".to_owned()) chosen=RwSignal::new(Tab::People) scrolled=Trigger::new() /></Part>
            <Part title="Conversations"><Rooms query=RwSignal::new(String::new()) /></Part>
            <Part title="Messages"><Messages people /></Part>
            <Part title="Notices">
                <p class="lost">{words().lost}</p>
                <p class="saved">"저장했습니다."</p>
                <FormError refused=Some(Refusal::Credentials) />
            </Part>
        </main>
    }
}

#[component]
fn Part(title: &'static str, children: Children) -> impl IntoView {
    view! { <section class="sheet-part"><h2>{title}</h2>{children()}</section> }
}

fn swatch(name: &'static str) -> impl IntoView {
    view! { <div class="swatch"><span style=format!("background:var(--{name})")></span><code>{name}</code></div> }
}

fn face(user: User) -> impl IntoView {
    view! { <Avatar user=user.id name=user.name presence=Some(user.presence) /> }
}

#[component]
fn Controls() -> impl IntoView {
    let drawings = [
        Drawing::Back,
        Drawing::Close,
        Drawing::Down,
        Drawing::Group,
        Drawing::More,
        Drawing::Muted,
        Drawing::Pin,
        Drawing::Search,
        Drawing::Settings,
        Drawing::SignOut,
        Drawing::Smile,
    ];
    view! {
        <div class="swatches">
            <button class="button primary" type="button">"보내기"</button>
            <button class="button" type="button">"나가기"</button>
            <button class="plain labelled" type="button"><Icon drawing=Drawing::SignOut />"로그아웃"</button>
            <button class="chip" type="button" aria-pressed="true">"👍 2"</button>
            <button class="chip" type="button" aria-pressed="false">"❤️ 1"</button>
            <Badge count=3 /><Badge count=1200 /><Badge count=7 is_quiet=true />
            <kbd>"Ctrl K"</kbd>
        </div>
        <div class="swatches">{drawings.map(|drawing| view! { <Icon drawing /> }).collect_view()}</div>
        <Field name="login" label="아이디" autocomplete="off" rule="영문 소문자나 숫자로 시작하는 2~32자" refused=None />
        <Field name="password" label="비밀번호" autocomplete="off" refused=Some(Refusal::Credentials) />
    }
}

#[component]
fn Messages(people: Vec<User>) -> impl IntoView {
    let (me, other, third) = (people[0].id, people[1].id, people[2].id);
    let member = |user: &User| Member {
        id: user.id,
        login: user.login.clone(),
        name: user.name.clone(),
        is_ambiguous: false,
        here: user.presence.is_here(),
        last_read: 3,
        has_left: false,
        is_disabled: false,
    };
    let snapshot = RoomSnapshot {
        room: RoomId::new(),
        is_group: true,
        title: Some("정보화기획과 주간".to_owned()),
        is_muted: false,
        members: people.iter().take(3).map(member).collect(),
        messages: messages(me, other, third),
        cursor: Cursor { epoch: uuid::Uuid::nil(), version: 9 },
        has_earlier: false,
        has_later: false,
    };
    let mut conversation = Conversation::new(me, snapshot);
    conversation.post("그리고 지우님도 같이 갑니다", None, NOW);
    let refused = Pending {
        id: MessageId::new(),
        body: "보내지 못한 글".to_owned(),
        reply_to: None,
        is_edit: false,
        sent_at: NOW,
        refused: Some(Refusal::BodyTooLong),
    };
    conversation.restore(vec![refused]);
    provide_context(Session::new(conversation, Callback::new(|_| ())));
    view! { <Log /> }
}

fn messages(me: UserId, other: UserId, third: UserId) -> Vec<Message> {
    let mut seq = 0;
    let mut said = |author: UserId, body: &str| {
        seq += 1;
        Message::new(MessageId::new(), seq, author, body.to_owned(), NOW - 600_000 + seq as i64 * 30_000)
    };
    let made = Message { line: Some(Line::Made), ..said(me, "") };
    let asked = said(other, "민수님, 오후 회의 시간 바뀐 거 보셨어요?");
    let place = said(other, "장소도 같이 바뀌었습니다.");
    let what = said(me, "아직이요! 몇 시로 됐나요?");
    let quote = Some(Quote::of(&what));
    let text = "네, **3시 회의실 B**로 옮겼어요 🙂 자료는 `\\\\share\\회의`에 있습니다.\n- 초안\n- *일정*\n> 인용\n```\nlet x = 1;\n```\nhttps://example.org";
    let reactions = vec![Reaction { emoji: "👍".to_owned(), users: vec![me, third] }];
    let answer = Message { reply_to: quote, reactions, ..said(other, text) };
    let edited = Message { edited_at: Some(NOW), ..said(me, "확인했습니다. 초안 가지고 갈게요.") };
    let gone = |recalled, message: Message| Message { recalled: Some(recalled), ..message };
    let long = said(third, &"긴 글입니다. ".repeat(160));
    vec![
        made,
        asked,
        place,
        what,
        answer,
        edited,
        gone(Recalled::BeforeRead, said(other, "")),
        gone(Recalled::AfterRead, said(me, "")),
        long,
    ]
}

fn people() -> Vec<User> {
    let person =
        |(login, name, presence, department, title, status): (&str, &str, Presence, &str, &str, Option<&str>)| User {
            id: UserId::new(),
            login: login.to_owned(),
            name: name.to_owned(),
            is_ambiguous: false,
            presence,
            profile: Profile {
                department: Some(department.to_owned()),
                title: Some(title.to_owned()),
                email: None,
                status: status.map(str::to_owned),
                order: None,
            },
        };
    [
        ("minsu", "김민수", Presence::Here, "기획국/정보화기획과", "주무관", None),
        ("younghee", "이영희", Presence::Busy, "총무과", "팀장", Some("회의 중 ~ 15:00")),
        ("jiwoo", "최지우", Presence::Idle, "기획국/정보화기획과", "과장", None),
        ("ada", "Ada Lovelace", Presence::Away, "총무과", "사무관", None),
    ]
    .map(person)
    .into()
}

fn lobby(people: &[User]) -> LobbySnapshot {
    let last = Message::new(MessageId::new(), 1, people[1].id, "네, 3시 회의실 B로 옮겼어요 🙂".to_owned(), NOW);
    let room = |other: usize, unread, is_pinned, is_muted| Room {
        id: RoomId::new(),
        is_group: false,
        title: None,
        others: vec![people[other].id],
        size: 2,
        last: Some(last.clone()),
        unread,
        active_at: NOW,
        is_muted,
        is_hidden: false,
        is_pinned,
    };
    let group = Room {
        is_group: true,
        title: Some("정보화기획과 주간".to_owned()),
        size: 12,
        last: None,
        ..room(2, 0, false, false)
    };
    let rooms = vec![room(1, 2, true, false), room(2, 0, false, false), room(3, 5, false, true), group];
    let favourites = vec![people[1].id];
    LobbySnapshot {
        me: people[0].id,
        cursor: Cursor::default(),
        since: None,
        users: people.to_vec(),
        rooms,
        favourites,
    }
}
