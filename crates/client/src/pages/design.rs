//! `/design`: every component in every state, for work on the style. The components are the real ones, with invented
//! users and messages.

use leptos::prelude::*;

use crate::{
    clock::provide_clock,
    components::{
        avatar::Avatar,
        field::{Field, FormError},
        icon::{Drawing, Icon},
        language::LanguageSwitch,
        log::RoomLog,
        people::PeopleList,
        rooms::{Badge, RoomList},
        tabs::Tab,
    },
    dialogs::ShowDialog,
    lobby::session::LobbySession,
    pages::organisation_states::{OrganisationInState, OrganisationState},
    room::session::RoomSession,
    split::show_dialog,
    state::{conversation::Conversation, unsent_message::UnsentMessage},
    text::words,
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    file::{Attachment, PreviewSize},
    ids::{FileId, MessageId, RoomId, UserId},
    lobby_socket::LobbySnapshot,
    message::{Message, Quote, Reaction, Recalled, SystemEvent},
    room::{Member, RoomDetails, RoomSnapshot, RoomSummary},
    user::{Absence, Presence, Profile, User},
};

/// 2026-11-22, 14:31 in Seoul.
const NOW: i64 = 1_795_325_460_000;
/// The names of the colours in values.css.
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
pub fn DesignPage() -> impl IntoView {
    provide_clock();
    let people = people();
    let faces = people.iter().cloned().map(face).collect_view();
    provide_context(ShowDialog(show_dialog));
    provide_context(LobbySession::new(lobby(&people), None));
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
            <Part title="People"><PeopleList query=RwSignal::new(String::new()) chosen=RwSignal::new(Tab::People) scrolled=Trigger::new() /></Part>
            <Part title="Nobody found"><PeopleList query=RwSignal::new("zzz".to_owned()) chosen=RwSignal::new(Tab::People) scrolled=Trigger::new() /></Part>
            {OrganisationState::ALL.map(|state| view! { <section class="sheet-part"><h2>{format!("A large organisation: {state:?}")}</h2><OrganisationInState state /></section> }).collect_view()}
            <Part title="Conversations"><RoomList query=RwSignal::new(String::new()) /></Part>
            <Part title="Messages"><MessageStates people /></Part>
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
        Drawing::Again,
        Drawing::Back,
        Drawing::Bookmark,
        Drawing::Clip,
        Drawing::Close,
        Drawing::Down,
        Drawing::Download,
        Drawing::Group,
        Drawing::Minus,
        Drawing::More,
        Drawing::Muted,
        Drawing::Next,
        Drawing::Pin,
        Drawing::Plus,
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
fn MessageStates(people: Vec<User>) -> impl IntoView {
    let (me, other, third) = (people[0].id, people[1].id, people[2].id);
    let member = |user: &User| Member {
        is_present: user.presence.is_connected(),
        last_read: 3,
        ..Member::new(user.id, user.login.clone(), user.name.clone())
    };
    let members = people.iter().take(3).map(member).collect();
    let details = RoomDetails::new(members, Cursor { epoch: uuid::Uuid::nil(), version: 9 });
    let snapshot = RoomSnapshot {
        room: RoomId::new(),
        is_group: true,
        details: RoomDetails { title: Some("정보화기획과 주간".to_owned()), ..details },
        messages: messages(me, other, third),
        has_earlier: false,
        has_later: false,
    };
    let mut conversation = Conversation::new(me, snapshot);
    conversation.post("그리고 지우님도 같이 갑니다", None, NOW);
    let refused = UnsentMessage {
        id: MessageId::new(),
        body: "보내지 못한 글".to_owned(),
        reply_to: None,
        files: Vec::new(),
        is_edit: false,
        mentions: Default::default(),
        asks_confirmation: false,
        sent_at: NOW,
        refused: Some(Refusal::BodyTooLong),
    };
    conversation.restore(vec![refused]);
    provide_context(RoomSession::new(conversation, Callback::new(|_| ())));
    view! { <RoomLog /> }
}

fn messages(me: UserId, other: UserId, third: UserId) -> Vec<Message> {
    let mut seq = 0;
    let mut message = |author: UserId, body: &str| {
        seq += 1;
        Message::new(MessageId::new(), seq, author, body.to_owned(), NOW - 600_000 + seq as i64 * 30_000)
    };
    let made = Message { system_event: Some(SystemEvent::Made), ..message(me, "") };
    let asked = message(other, "민수님, 오후 회의 시간 바뀐 거 보셨어요?");
    let location = message(other, "장소도 같이 바뀌었습니다.");
    let what = message(me, "아직이요! 몇 시로 됐나요?");
    let quote = Some(Quote::of(&what));
    let text = "네, **3시 회의실 B**로 옮겼어요 🙂 자료는 `\\\\share\\회의`에 있습니다.\n- 초안\n- *일정*\n> 인용\n```\nlet x = 1;\n```\nhttps://example.org";
    let reactions = vec![Reaction { emoji: "👍".to_owned(), users: vec![me, third] }];
    let answer = Message { reply_to: quote, reactions, ..message(other, text) };
    let edited = Message { edited_at: Some(NOW), ..message(me, "확인했습니다. 초안 가지고 갈게요.") };
    let gone = |recalled, message: Message| Message { recalled: Some(recalled), ..message };
    let long = message(third, &"긴 글입니다. ".repeat(160));
    vec![
        made,
        asked,
        location,
        what,
        answer,
        edited,
        Message {
            confirmations: Some(vec![other]), ..message(me, "금요일 안전 교육 안내입니다. 확인해 주세요.")
        },
        Message { confirmations: Some(vec![]), ..message(third, "보안 점검 일정을 확인해 주세요.") },
        Message { confirmations: Some(vec![me]), ..message(third, "휴가 계획을 확인해 주세요.") },
        gone(Recalled::BeforeRead, message(other, "")),
        gone(Recalled::AfterRead, message(me, "")),
        long,
        Message { files: vec![picture("야유회.jpg", 640, 480)], ..message(other, "") },
        Message { files: vec![picture("세로.png", 480, 1_600); 3], ..message(me, "세 장입니다.") },
        Message { files: vec![picture("사진.jpg", 640, 480); 5], ..message(other, "") },
        Message {
            files: vec![
                file("2026년 상반기 정보화기획과 예산 요구서(최종 수정본).hwp", "application/x-hwp", 48_211),
                file("회의록.pdf", "application/pdf", 1_300_000),
                file("عرض الميزانية.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 20_480),
            ],
            ..message(me, "확인 부탁드립니다.")
        },
        Message {
            files: vec![file("안내.mp3", "audio/mpeg", 900_000), file("현장.mp4", "video/mp4", 9_000_000)],
            ..message(other, "")
        },
    ]
}

fn file(name: &str, media_type: &str, size: u64) -> Attachment {
    Attachment {
        id: FileId::new(),
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        size,
        preview: None,
        text: None,
    }
}

fn picture(name: &str, width: u32, height: u32) -> Attachment {
    Attachment { preview: Some(PreviewSize { width, height }), ..file(name, "image/jpeg", 400_000) }
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
                status_until: None,
                order: None,
            },
            absence: (login == "ada").then_some(Absence {
                from: NOW,
                until: NOW + 432_000_000,
                text: None,
                is_now: true,
            }),
        };
    [
        ("minsu", "김민수", Presence::Online, "기획국/정보화기획과", "주무관", None),
        ("younghee", "이영희", Presence::Busy, "총무과", "팀장", Some("회의 중 ~ 15:00")),
        ("jiwoo", "최지우", Presence::Idle, "기획국/정보화기획과", "과장", None),
        ("ada", "Ada Lovelace", Presence::Offline, "총무과", "사무관", None),
    ]
    .map(person)
    .into()
}

fn lobby(people: &[User]) -> LobbySnapshot {
    let last = Message::new(MessageId::new(), 1, people[1].id, "네, 3시 회의실 B로 옮겼어요 🙂".to_owned(), NOW);
    let room = |other: usize, unread, is_pinned, is_muted| RoomSummary {
        id: RoomId::new(),
        is_group: false,
        title: None,
        others: vec![people[other].id],
        size: 2,
        last: Some(last.clone()),
        unread,
        active_at: NOW,
        mentioned: (unread > 2).then_some(3),
        is_muted,
        mentions_only: false,
        is_hidden: false,
        is_pinned,
    };
    let group = RoomSummary {
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
        resumed_from: None,
        people: None,
        users: people.to_vec(),
        departments: Vec::new(),
        rooms,
        favourites,
        settings: String::new(),
        unsent: Vec::new(),
    }
}
