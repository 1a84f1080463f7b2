//! The two pages that live in the browser, and the document around every page.

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*, task::spawn_local};
use serde::Serialize;

use crate::{
    client::{
        clock::provide_clock,
        components::window::TOUCHED_KEY,
        decode::{as_parsed, decode},
        later::{fetch, fetch_all},
        live::effect,
        pages::{aside::Aside, main::MainWindow, room::RoomWindow},
        platform,
        settings::{MOTION, PLACE, SIZE, THEME},
        text::{Lang, lang, room_name},
    },
    protocol::{
        ids::UserId,
        lobby::LobbySnapshot,
        room::{Member, RoomSnapshot},
    },
};

/// "Somebody is here" is noted no oftener.
const TOUCH_EVERY_MS: i64 = 10_000;

/// A live page, with all that it shows at first: the same types that its socket would send. The server
/// provides it by context; the browser reads it from the page.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "page", rename_all = "snake_case")]
pub enum Page {
    /// The list, and perhaps a conversation beside it.
    Main { lobby: LobbySnapshot, room: Option<RoomSnapshot> },
    /// One conversation in a window of its own.
    Room { me: UserId, room: RoomSnapshot },
    /// Beside a page that needs no program.
    Aside { lobby: LobbySnapshot },
}

/// The page as JSON; it is written on the server only.
#[derive(Clone)]
pub struct PageText(pub String);

impl Page {
    /// What the browser's tab says.
    pub fn title(&self, lang: Lang) -> String {
        match self {
            Self::Main { .. } | Self::Aside { .. } => lang.words().product.to_owned(),
            Self::Room { me, room } => {
                let others = room.members.iter().filter(|member| member.id != *me && !member.has_left);
                let names: Vec<String> = others.map(Member::called).collect();
                as_parsed(&room_name(lang.words(), room.title.as_ref(), &names))
            }
        }
    }
}

/// The build's files: browsers keep them for good, because their address names the build.
#[derive(Clone)]
pub struct Build {
    /// The build's part of an address.
    pub version: String,
    /// The files of the part with conversations; none where the program is one file (built without `--split`).
    pub chat_parts: Vec<String>,
}

/// The settings' cookie, by which a page is rendered.
#[derive(Clone, Default)]
pub struct Look(pub String);

/// The document of a live page.
pub fn live_document(page: &Page) -> impl IntoView + use<> {
    let title = page.title(lang());
    let has_chat = matches!(page, Page::Room { .. } | Page::Main { room: Some(_), .. });
    let program = view! { <Program has_chat /> }.into_any();
    view! {
        <Document title program>
            <App />
        </Document>
    }
}

/// A page that needs no program, and beside it the messenger, which stays in touch.
pub fn aside_document(title: String, body: AnyView) -> impl IntoView + use<> {
    let program = view! { <Program has_chat=false /> }.into_any();
    view! {
        <Document title program>
            <div id=platform::ASIDE><App /></div>
            {body}
        </Document>
    }
}

/// The whole document around a page; `program` is what loads the program, where the browser runs it.
#[component]
pub fn Document(title: String, #[prop(optional)] program: Option<AnyView>, children: Children) -> impl IntoView {
    let Look(look) = use_context().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang=lang().code() data-theme=THEME.of(&look) data-size=SIZE.of(&look) data-motion=MOTION.of(&look) data-place=PLACE.of(&look)>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1b1f24" />
                <meta name="color-scheme" content="light dark" />
                <title>{title}</title>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <link rel="apple-touch-icon" href="/icon-192.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <link rel="stylesheet" href=asset("daehwa.css") />
                {program}
                <AutoReload options=LeptosOptions::builder().output_name("daehwa").build() />
            </head>
            <body>{children()}</body>
        </html>
    }
}

/// A file that does not lead to others.
fn asset(name: &str) -> String {
    format!("/pkg/{name}?v={}", expect_context::<Build>().version)
}

/// The program's files find each other beside them: the build is in their path.
fn program(name: &str) -> String {
    format!("/pkg/{}/{name}", expect_context::<Build>().version)
}

/// Loads what a page with a conversation needs before it comes alive.
pub async fn prepare() {
    if platform::is_there(".chat") {
        fetch(false).await;
    }
}

/// Loads this build's program, which then hydrates the page. A page with a conversation preloads that part, too.
#[component]
fn Program(has_chat: bool) -> impl IntoView {
    let parts = expect_context::<Build>().chat_parts;
    let (script, main) = (program("daehwa.js"), program("daehwa.wasm"));
    let start = format!(
        "import(\"{script}\").then(module => module.default({{ module_or_path: \"{main}\" }}).then(() => module.hydrate())).catch(error => {{ delete document.documentElement.dataset.starts; throw error; }});navigator.serviceWorker?.register(\"/sw.js\")"
    );
    view! {
        // Before anything is drawn: until the program lives, the page shows what it will show then.
        <script nonce=use_nonce()>"document.documentElement.dataset.starts = ''"</script>
        <link rel="modulepreload" href=script nonce=use_nonce() />
        {(!parts.is_empty()).then(|| view! { <link rel="modulepreload" href=program("__wasm_split.______________________.js") nonce=use_nonce() /> })}
        <link rel="preload" href=main r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        {parts.iter().filter(|_| has_chat).map(|part| view! { <link rel="preload" href=program(part) r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }).collect_view()}
        <script type="module" nonce=use_nonce()>{start}</script>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_context(lang());
    provide_clock();
    effect(|| {
        platform::mark_hydrated();
        spawn_local(fetch_all());
        platform::note_touches(TOUCHED_KEY, TOUCH_EVERY_MS);
        let looking = window_event_listener(leptos::ev::focus, |_| platform::follow_look());
        on_cleanup(move || looking.remove());
    });
    // As text: what reads it is our own, and small.
    let page = SharedValue::new_str(|| expect_context::<PageText>().0);
    match decode(&page.into_inner()) {
        Some(Page::Main { lobby, room }) => view! { <MainWindow lobby room /> }.into_any(),
        Some(Page::Room { me, room }) => view! { <RoomWindow me room /> }.into_any(),
        Some(Page::Aside { lobby }) => view! { <Aside lobby /> }.into_any(),
        None => ().into_any(),
    }
}
