//! The chat window: header, log, composer, and what lies over them.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{
        components::{
            composer::Composer,
            header::ChatHeader,
            log::Log,
            lost::Lost,
            panel::PanelView,
            session::{Jump, Session},
        },
        live::{effect, live, when},
        platform,
        state::conversation::Conversation,
        text::{with_name, words},
    },
    protocol::ids::RoomId,
};

/// How often it is looked whether somebody is still writing.
const TYPING_TICK: Duration = Duration::from_secs(1);

/// `is_beside`: shown beside the list rather than in a window of its own. `on_enter` leads to another
/// conversation.
#[component]
pub fn Chat(
    conversation: Conversation,
    on_leave: Callback<()>,
    on_enter: Callback<RoomId>,
    is_beside: bool,
) -> impl IntoView {
    let session = Session::new(conversation, on_enter);
    provide_context(session);
    effect(move || {
        session.keep();
        session.target.set(platform::asked("at"));
        session.connect();
        session.is_visible.set(platform::is_visible());
    });
    follow_jumps(session);
    effect(move || {
        if session.has_left() {
            on_leave.run(());
        }
    });
    let looking =
        window_event_listener_untyped("visibilitychange", move |_| session.is_visible.set(platform::is_visible()));
    let sizing = window_event_listener(leptos::ev::resize, move |_| session.resized.notify());
    on_cleanup(move || [looking, sizing].into_iter().for_each(|listener| listener.remove()));
    let words = words();
    view! {
        <div class="chat">
            <a class="skip" href="#composer" rel="external">{words.to_composer}</a>
            <ChatHeader on_leave is_beside />
            <Lost link=session.link />
            <p class="lost" role="alert" hidden=live(move || session.refusal.get().is_none())>
                {live(move || session.refusal.get().map(|refusal| words.refusal(refusal)))}
            </p>
            <Log />
            <TypingLine />
            {when(move || session.link.is_over(), move || view! { <p class="over" role="alert">{words.no_longer_a_member}</p> }.into_any())}
            {when(move || !session.link.is_over(), || view! { <Composer /> }.into_any())}
            <PanelView />
        </div>
    }
}

/// A hit of a search leads into a conversation that is shown already.
fn follow_jumps(session: Session) {
    let Some(Jump(jump)) = use_context::<Jump>() else { return };
    effect(move || {
        if let Some((room, seq)) = jump.get()
            && room == session.room()
        {
            jump.set(None);
            session.jump(seq);
        }
    });
}

/// Who is writing; the place for it is always there, so that nothing jumps.
#[component]
fn TypingLine() -> impl IntoView {
    let session = Session::current();
    let now = RwSignal::new(0);
    effect(move || {
        now.set(platform::now_ms());
        let ticking = set_interval(move || now.set(platform::now_ms()), TYPING_TICK);
        on_cleanup(move || drop(ticking.map(|ticking| ticking.clear())));
    });
    let line = move || {
        session.conversation.with(|chat| {
            let names: Vec<&str> = chat.typing(now.get()).iter().map(|member| member.name.as_str()).collect();
            if names.is_empty() { String::new() } else { with_name(words().typing, &names.join(", ")) }
        })
    };
    view! { <p class="typing" aria-live="off">{live(line)}</p> }
}
