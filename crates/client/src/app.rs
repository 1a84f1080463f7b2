//! The pages that hydrate in the browser, and the document around every page.

use std::collections::BTreeSet;

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*, task::spawn_local};

use crate::{
    clock::provide_clock,
    decode::decode,
    dialogs::ShowDialog,
    lobby::TOUCHED_KEY,
    pages::{aside::Aside, main::MainWindow, room::RoomWindow},
    platform,
    settings::{MOTION, OPEN_IN, SIZE, THEME},
    split::{ProgramPart, fetch, fetch_all, show_dialog},
    text::{Lang, lang},
    view::effect,
};
use protocol::{
    ids::UserId,
    page::LivePage,
    room::{Member, RoomSnapshot},
};

/// The shortest interval between two records of user activity.
const TOUCH_EVERY_MS: i64 = 10_000;

/// The title of the browser's tab.
pub fn title(page: &LivePage, lang: Lang) -> String {
    match page {
        LivePage::Main { lobby, room: Some(room) } => room_title(lobby.me, room, lang),
        LivePage::Main { room: None, .. } | LivePage::Aside { .. } => lang.words().product.to_owned(),
        LivePage::Room { me, room } => room_title(*me, room, lang),
    }
}

fn room_title(me: UserId, room: &RoomSnapshot, lang: Lang) -> String {
    let others = room.details.members.iter().filter(|member| member.id != me && !member.has_left);
    let names: Vec<String> = others.map(Member::display_name).collect();
    lang.words().room_name(room.is_group, room.details.title.as_ref(), &names)
}

/// The files of this build. Their addresses name the build, so browsers cache them forever.
#[derive(Clone)]
pub struct Build {
    /// The segment of an address that names the build.
    pub version: String,
    /// The WASM files of the part for rooms; empty when the program was built without `--split`.
    pub chat_parts: Vec<String>,
    /// Those of the part for large organisations.
    pub organisation_parts: Vec<String>,
}

/// The value of the settings cookie; empty without one.
#[derive(Clone, Default)]
pub struct SettingsText(pub String);

/// The document of a live page.
pub fn live_document(page: &LivePage) -> impl IntoView + use<> {
    let title = title(page, lang());
    let has_chat = matches!(page, LivePage::Room { .. } | LivePage::Main { room: Some(_), .. });
    let is_large = matches!(page, LivePage::Main { lobby, .. } if lobby.people.is_some());
    let program = view! { <Program has_chat is_large /> }.into_any();
    view! {
        <Document title program>
            <App />
        </Document>
    }
}

/// A static page that also contains the messenger, which stays connected.
pub fn aside_document(title: String, body: AnyView) -> impl IntoView + use<> {
    let program = view! { <Program has_chat=false is_large=false /> }.into_any();
    view! {
        <Document title program>
            <div id=platform::ASIDE><App /></div>
            {body}
        </Document>
    }
}

/// The document around a page; `program` loads the WASM program of a live page.
#[component]
pub fn Document(title: String, #[prop(optional)] program: Option<AnyView>, children: Children) -> impl IntoView {
    let SettingsText(settings) = use_context().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang=lang().code() data-theme=THEME.of(&settings) data-size=SIZE.of(&settings) data-motion=MOTION.of(&settings) data-place=OPEN_IN.of(&settings)>
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

/// The address of a file that imports no other file.
fn asset(name: &str) -> String {
    format!("/pkg/{name}?v={}", expect_context::<Build>().version)
}

/// The address of a file that imports others by relative paths, so that the build is a segment of the path.
fn program(name: &str) -> String {
    format!("/pkg/{}/{name}", expect_context::<Build>().version)
}

/// Loads the parts that a page shows before it hydrates.
pub async fn prepare() {
    // A loop, because each `fetch` in the text would be compiled into the first part.
    for (shown, part) in [(".chat", ProgramPart::Rooms), (".organisation", ProgramPart::Organisation)] {
        if platform::is_there(shown) {
            fetch(part).await;
        }
    }
}

/// Loads the program, which hydrates the page. A page with a room preloads that part, too, and
/// that of a large organisation its own.
#[component]
fn Program(has_chat: bool, is_large: bool) -> impl IntoView {
    let Build { chat_parts, organisation_parts, .. } = expect_context();
    let is_split = !chat_parts.is_empty();
    let parts = chat_parts.into_iter().filter(|_| has_chat);
    // A part that both share is loaded once.
    let parts: BTreeSet<String> = parts.chain(organisation_parts.into_iter().filter(|_| is_large)).collect();
    let (script, main) = (program("daehwa.js"), program("daehwa.wasm"));
    let start = format!(
        "import(\"{script}\").then(module => module.default({{ module_or_path: \"{main}\" }}).then(() => module.hydrate())).catch(error => {{ delete document.documentElement.dataset.starts; throw error; }});navigator.serviceWorker?.register(\"/sw.js\")"
    );
    view! {
        // Before the first paint: until hydration, the page already looks as it will afterwards.
        <script nonce=use_nonce()>"document.documentElement.dataset.starts = ''"</script>
        <link rel="modulepreload" href=script nonce=use_nonce() />
        {is_split.then(|| view! { <link rel="modulepreload" href=program("__wasm_split.______________________.js") nonce=use_nonce() /> })}
        <link rel="preload" href=main r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        {parts.iter().map(|part| view! { <link rel="preload" href=program(part) r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }).collect_view()}
        <script type="module" nonce=use_nonce()>{start}</script>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_context(lang());
    provide_context(ShowDialog(show_dialog));
    provide_clock();
    effect(|| {
        platform::mark_hydrated();
        spawn_local(fetch_all());
        platform::note_touches(TOUCHED_KEY, TOUCH_EVERY_MS);
        platform::follow_settings();
    });
    // As text: serde's derived parsers would be a fifth of the download.
    let json = SharedValue::new_str(platform::served_json);
    match platform::served_page().or_else(|| decode(&json.into_inner())) {
        Some(LivePage::Main { lobby, room }) => view! { <MainWindow lobby room /> }.into_any(),
        Some(LivePage::Room { me, room }) => view! { <RoomWindow me room /> }.into_any(),
        Some(LivePage::Aside { lobby }) => view! { <Aside lobby /> }.into_any(),
        None => ().into_any(),
    }
}
