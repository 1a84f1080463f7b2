//! A room: header, log, typing indicator, tray, composer, dialogs.

use std::time::Duration;

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    components::{
        announcement::AnnouncementBar, attach::TraySlot, composer::Composer, connection_lost::ConnectionLost,
        find::open_find, header::ChatHeader, log::RoomLog, panel::PanelView, schedule_slot::ScheduledMark,
    },
    dialogs::{Dialog, FilesView, dialog},
    lobby::navigation::JumpRequest,
    platform,
    room::session::RoomSession,
    state::conversation::Conversation,
    text::{with_name, words},
    view::{clicked, derived, effect, when},
};
use protocol::ids::RoomId;

/// How often expired typing indicators are removed.
const TYPING_TICK: Duration = Duration::from_secs(1);

/// `on_enter` opens another room.
#[component]
pub fn RoomView(
    conversation: Conversation,
    on_leave: Callback<()>,
    on_enter: Callback<RoomId>,
    is_beside: bool,
) -> impl IntoView {
    let session = RoomSession::new(conversation, on_enter);
    provide_context(session);
    effect(move || {
        session.drafts.start();
        session.history.target.set(platform::query_number("at"));
        session.connect();
        session.is_visible.set(platform::is_visible());
    });
    follow_jumps(session);
    follow_find(session);
    effect(move || {
        if session.has_left() {
            on_leave.run(());
        }
    });
    let visibility = platform::on_window("visibilitychange", move |_| session.is_visible.set(platform::is_visible()));
    let resizing = platform::on_window("resize", move |_| session.resized.notify());
    on_cleanup(move || [visibility, resizing].into_iter().for_each(|listener| listener.remove()));
    let words = words();
    let done = move || if session.forwards.is_waiting() { words.sending.to_owned() } else { session.feedback.line() };
    view! {
        <div class="chat">
            <a class="skip" href="#composer" rel="external">{words.to_composer}</a>
            <ChatHeader on_leave is_beside />
            <ConnectionLost link=session.link />
            <p class="lost" role="alert" hidden=derived(move || session.refusal.get().is_none())>
                {derived(move || session.refusal.get().map(|refusal| words.refusal(refusal)))}
            </p>
            {when(move || session.search.with(Option::is_some), || dialog(Dialog::Find))}
            <AnnouncementBar />
            <RoomLog />
            <TypingLine />
            <div class="done" role="status">{when(move || !done().is_empty(), move || view! { <p>{derived(done)}</p> }.into_any())}</div>
            {when(move || session.link.is_over(), move || view! {
                <p class="over" role="alert">{words.no_longer_a_member}" "{(!is_beside).then(|| view! {
                    <button class="button" type="button" on:click=clicked(move |_| on_leave.run(()))>{words.back}</button>
                })}</p>
            }.into_any())}
            {when(move || session.selection.is_open(), || dialog(Dialog::Selection))}
            {when(move || !session.link.is_over(), || view! { <ScheduledMark /> <TraySlot /> <Composer /> }.into_any())}
            <PanelView />
            {when(move || session.viewer.get().is_some(), || dialog(Dialog::Files(FilesView::Viewer)))}
        </div>
    }
}

/// Follows jumps to search hits in a room that is shown already.
fn follow_jumps(session: RoomSession) {
    let Some(JumpRequest(jump)) = use_context::<JumpRequest>() else { return };
    effect(move || {
        if let Some((room, seq)) = jump.get()
            && room == session.room()
        {
            jump.set(None);
            session.history.jump(seq);
        }
    });
}

/// Ctrl+F opens the search of the room. Within its field the browser's own search opens.
fn follow_find(session: RoomSession) {
    let on_key = move |event: KeyboardEvent| {
        let is_find = matches!(event.key().as_str(), "f" | "F") && (event.ctrl_key() || event.meta_key());
        let is_free = !event.default_prevented() && !event.shift_key() && !event.alt_key();
        if is_find && is_free && !platform::is_in(&event, ".find") && !platform::is_there("dialog[open]") {
            event.prevent_default();
            open_find(session);
        }
    };
    let listener = window_event_listener(leptos::ev::keydown, on_key);
    on_cleanup(move || listener.remove());
}

/// The typing indicator. Its line always exists, so that the page does not move.
#[component]
fn TypingLine() -> impl IntoView {
    let session = RoomSession::current();
    let now = RwSignal::new(0);
    effect(move || {
        now.set(platform::now_ms());
        let ticking = set_interval(move || now.set(platform::now_ms()), TYPING_TICK);
        on_cleanup(move || drop(ticking.map(|ticking| ticking.clear())));
    });
    let line = move || {
        session.conversation.with(|conversation| {
            let names: Vec<&str> = conversation.typing(now.get()).iter().map(|member| member.name.as_str()).collect();
            if names.is_empty() { String::new() } else { with_name(words().typing, &names.join(", ")) }
        })
    };
    view! { <p class="typing" aria-live="off">{derived(line)}</p> }
}
