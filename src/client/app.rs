//! The two pages that live in the browser, and the document around every page.

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use serde::Serialize;

use crate::{
    client::{
        clock::provide_clock,
        components::window::TOUCHED_KEY,
        decode::decode,
        live::effect,
        pages::{main::MainWindow, room::RoomWindow},
        platform,
        settings::{MOTION, SIZE, THEME},
        text::{Lang, lang},
    },
    protocol::{ids::UserId, lobby::LobbySnapshot, room::RoomSnapshot},
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
}

/// The page as JSON; it is written on the server only.
#[derive(Clone)]
pub struct PageText(pub String);

impl Page {
    /// What the browser's tab says.
    pub fn title(&self, lang: Lang) -> String {
        match self {
            Self::Main { .. } => lang.words().product.to_owned(),
            Self::Room { me, room } => {
                let others = room.members.iter().filter(|member| member.id != *me && !member.has_left);
                let names = || others.map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ");
                room.title.clone().unwrap_or_else(names)
            }
        }
    }
}

/// Names the build's files, so that browsers keep them for good and still get new ones.
#[derive(Clone)]
pub struct AssetVersion(pub String);

/// The settings' cookie, by which a page is rendered.
#[derive(Clone, Default)]
pub struct Look(pub String);

/// The document of a live page.
pub fn live_document(page: &Page) -> impl IntoView + use<> {
    let title = page.title(lang());
    view! {
        <Document title program=true>
            <App />
        </Document>
    }
}

/// The whole document around a page; `program` says whether the browser runs it.
#[component]
pub fn Document(title: String, program: bool, children: Children) -> impl IntoView {
    let Look(look) = use_context().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang=lang().code() data-theme=THEME.of(&look) data-size=SIZE.of(&look) data-motion=MOTION.of(&look)>
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
                {program.then(|| view! { <Program /> })}
                <AutoReload options=LeptosOptions::builder().output_name("daehwa").build() />
            </head>
            <body>{children()}</body>
        </html>
    }
}

fn asset(name: &str) -> String {
    let AssetVersion(version) = expect_context();
    format!("/pkg/{name}?v={version}")
}

/// Loads this build's program and lets it take over the page.
#[component]
fn Program() -> impl IntoView {
    let (script, program) = (asset("daehwa.js"), asset("daehwa.wasm"));
    let start = format!(
        "import(\"{script}\").then(module => module.default({{ module_or_path: \"{program}\" }}).then(() => module.hydrate()));navigator.serviceWorker?.register(\"/sw.js\")"
    );
    view! {
        <link rel="modulepreload" href=script nonce=use_nonce() />
        <link rel="preload" href=program r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=use_nonce()>{start}</script>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_context(lang());
    provide_clock();
    effect(|| {
        platform::mark_hydrated();
        platform::note_touches(TOUCHED_KEY, TOUCH_EVERY_MS);
        let looking = window_event_listener(leptos::ev::focus, |_| platform::follow_look());
        on_cleanup(move || looking.remove());
    });
    // As text: what reads it is our own, and small.
    let page = SharedValue::new_str(|| expect_context::<PageText>().0);
    match decode(&page.into_inner()) {
        Some(Page::Main { lobby, room }) => view! { <MainWindow lobby room /> }.into_any(),
        Some(Page::Room { me, room }) => view! { <RoomWindow me room /> }.into_any(),
        None => ().into_any(),
    }
}
