//! The chat window: header, log, composer, and the socket that keeps them true.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{
        components::{
            avatar::Avatar,
            composer::Composer,
            icon::{Drawing, Icon},
            log::Log,
        },
        kept::Kept,
        platform,
        socket::{Link, Verdict},
        state::conversation::Conversation,
        text::{with_name, words},
    },
    protocol::{
        chat::{ChatCommand, ChatEvent},
        error::Refusal,
        ids::MessageId,
        room::Member,
    },
};

/// How long to wait with what the server found too fast.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// How often it is looked whether somebody is still writing.
const TYPING_TICK: Duration = Duration::from_secs(1);

/// What the parts of a chat window share.
#[derive(Clone, Copy)]
pub struct Session {
    pub conversation: RwSignal<Conversation>,
    /// Whether the person can see this window.
    pub is_visible: RwSignal<bool>,
    /// The composer's text, as it was last kept.
    pub draft: RwSignal<String>,
    /// Told whenever the log may have another height: what was at its end stays there.
    pub resized: Trigger,
    /// The `seq` before which an earlier page was asked for; none while none is awaited.
    pub earlier_before: StoredValue<Option<u64>>,
    link: Link,
    /// What was last said to be read.
    read: StoredValue<u64>,
}

impl Session {
    pub fn current() -> Self {
        expect_context()
    }

    fn new(conversation: Conversation) -> Self {
        Self {
            conversation: RwSignal::new(conversation),
            is_visible: RwSignal::new(false),
            draft: RwSignal::new(String::new()),
            resized: Trigger::new(),
            earlier_before: StoredValue::new(None),
            link: Link::default(),
            read: StoredValue::new(0),
        }
    }

    /// Takes up what was left here, and from now on keeps what is not sent.
    fn keep(self) {
        let (me, room) = self.conversation.with_untracked(|chat| (chat.me, chat.room));
        let Kept { draft, pending } = Kept::load(me, room);
        self.draft.set(draft);
        if !pending.is_empty() {
            self.conversation.update(|chat| chat.restore(pending));
        }
        let pending = Memo::new(move |_| self.conversation.with(|chat| chat.pending().to_vec()));
        Effect::new(move || Kept { draft: self.draft.get(), pending: pending.get() }.save(me, room));
    }

    /// Whether something would be lost if this window went away now.
    fn is_waiting(self) -> bool {
        self.conversation.with_untracked(|chat| !chat.unacknowledged().is_empty())
    }

    fn connect(self) {
        let path =
            move || self.conversation.with_untracked(|chat| format!("/chat/{}?since={}", chat.room, chat.cursor()));
        self.link.connect(path, move |event| self.hear(event));
    }

    fn hear(self, event: ChatEvent) -> Verdict {
        let is_beginning = matches!(event, ChatEvent::Welcome(_) | ChatEvent::Resumed { .. });
        let is_unanswered = matches!(event, ChatEvent::Refused { id: None, .. });
        let is_passing =
            matches!(event, ChatEvent::Refused { error: Refusal::TooFast | Refusal::Unavailable, id: Some(_) });
        let now = platform::now_ms();
        let needs_resync = self.conversation.try_update(|chat| {
            chat.apply(event, now);
            chat.needs_resync()
        });
        if is_beginning {
            self.read.set_value(0);
            self.send_unacknowledged();
        }
        if is_beginning || is_unanswered {
            self.earlier_before.set_value(None);
        }
        if is_passing {
            platform::after(AGAIN_AFTER, move || self.send_unacknowledged());
        }
        if needs_resync == Some(true) { Verdict::Reconnect } else { Verdict::GoOn }
    }

    fn send_unacknowledged(self) {
        let commands = self.conversation.try_with_untracked(Conversation::unacknowledged).unwrap_or_default();
        for command in commands {
            self.link.send(&command);
        }
    }

    /// Puts a text on its way; `false` when it is none that can be sent.
    pub fn post(self, body: &str) -> bool {
        let command = self.conversation.try_update(|chat| chat.post(body, platform::now_ms())).flatten();
        if let Some(command) = &command {
            self.link.send(command);
        }
        command.is_some()
    }

    pub fn retry(self, id: MessageId) {
        if let Some(command) = self.conversation.try_update(|chat| chat.retry(id)).flatten() {
            self.link.send(&command);
        }
    }

    pub fn discard(self, id: MessageId) {
        self.conversation.update(|chat| chat.discard(id));
    }

    /// Asks for the page before what is known, once.
    pub fn ask_earlier(self) -> bool {
        let before = self.conversation.with_untracked(|chat| chat.oldest().filter(|_| chat.has_earlier));
        let Some(before) = before.filter(|before| self.earlier_before.get_value() != Some(*before)) else {
            return false;
        };
        let is_asked = self.link.send(&ChatCommand::Earlier { before });
        if is_asked {
            self.earlier_before.set_value(Some(before));
        }
        is_asked
    }

    pub fn say_typing(self) {
        self.link.send(&ChatCommand::Typing);
    }

    /// Says that everything there is was read, once.
    pub fn mark_read(self) {
        let unread = self.conversation.with_untracked(Conversation::unread);
        if let Some(seq) = unread.filter(|seq| *seq > self.read.get_value())
            && self.link.send(&ChatCommand::Read { seq })
        {
            self.read.set_value(seq);
        }
    }
}

/// `is_beside`: shown beside the list rather than in a window of its own.
#[component]
pub fn Chat(conversation: Conversation, on_leave: Callback<()>, #[prop(optional)] is_beside: bool) -> impl IntoView {
    let session = Session::new(conversation);
    provide_context(session);
    Effect::new(move || {
        session.keep();
        session.connect();
        session.is_visible.set(platform::is_visible());
    });
    let looking =
        window_event_listener_untyped("visibilitychange", move |_| session.is_visible.set(platform::is_visible()));
    let sizing = window_event_listener(leptos::ev::resize, move |_| session.resized.notify());
    let leaving = window_event_listener(leptos::ev::beforeunload, move |event| {
        if session.is_waiting() {
            event.prevent_default();
        }
    });
    on_cleanup(move || [looking, sizing, leaving].into_iter().for_each(|listener| listener.remove()));
    let words = words();
    view! {
        <div class="chat">
            <a class="skip" href="#composer" rel="external">{words.to_composer}</a>
            <Show when=move || session.link.is_lost()>
                <p class="lost" role="status">{words.lost}</p>
            </Show>
            <ChatHeader on_leave is_beside />
            <Log />
            <TypingLine />
            <Composer />
        </div>
    }
}

/// Everybody else's names.
fn names(chat: &Conversation) -> String {
    chat.others().map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[component]
fn ChatHeader(on_leave: Callback<()>, is_beside: bool) -> impl IntoView {
    let session = Session::current();
    let words = words();
    // Without a connection nobody can be reached, whoever was here last.
    let is_here = move |member: &Member| member.here && !session.link.is_lost();
    let other = Memo::new(move |_| session.conversation.with(|chat| chat.others().next().cloned()));
    let name = move || session.conversation.with(names);
    let line = move || match other.get() {
        Some(member) if is_here(&member) => with_name(words.talking_with, &name()),
        Some(_) => words.nobody_here.to_owned(),
        None => String::new(),
    };
    let face = move || {
        let presence = other.get().map(|member| (is_here(&member), member));
        presence.map(|(is_here, member)| view! { <Avatar user=member.id name=member.name presence=Some(is_here) /> })
    };
    view! {
        <header class="bar">
            {is_beside.then(|| view! {
                <button class="plain back" type="button" aria-label=words.back on:click=move |_| on_leave.run(())>
                    <Icon drawing=Drawing::Back />
                </button>
            })}
            {face}
            <div class="bar-text"><h1><bdi>{name}</bdi></h1><p role="status">{line}</p></div>
            <button class="button leave" type="button" on:click=move |_| on_leave.run(())>{words.leave}</button>
        </header>
    }
}

/// Who is writing; the place for it is always there, so that nothing jumps.
#[component]
fn TypingLine() -> impl IntoView {
    let session = Session::current();
    let now = RwSignal::new(0);
    Effect::new(move || {
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
    view! { <p class="typing" aria-live="off">{line}</p> }
}
