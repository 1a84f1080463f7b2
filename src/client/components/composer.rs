//! Where one writes. What Enter means is decided in `state::composing`; this carries it out.

use std::time::Duration;

use leptos::{
    ev::{CompositionEvent, KeyboardEvent},
    html,
    prelude::*,
};

use crate::{
    client::{
        components::{
            emoji::EmojiButton,
            icon::{Drawing, Icon},
            keys::{composition, enter, is_enter},
            session::{Mode, Session},
        },
        live::{clicked, composed, effect, live, moved, part, pressed, submitted, when},
        platform,
        settings::ENTER,
        state::composing::{Composing, Input, Reaction},
        text::{with_count, with_name, words},
    },
    protocol::limit::BODY_CHARS,
};

/// "Is writing" is said no oftener.
const TYPING_EVERY_MS: i64 = 3_000;
/// From so few characters left on, they are counted.
const COUNTED_FROM: usize = 200;

#[derive(Clone, Copy)]
struct Writing {
    session: Session,
    input: NodeRef<html::Textarea>,
    composing: StoredValue<Composing>,
    length: RwSignal<usize>,
    typing_said_at: StoredValue<i64>,
    /// The draft as it was last looked at.
    drafted: StoredValue<String>,
}

impl Writing {
    fn apply(self, input: Input) -> Reaction {
        let reaction = self.composing.try_update_value(|composing| composing.apply(input)).unwrap_or(Reaction::Nothing);
        match reaction {
            Reaction::Send => self.send(),
            // One task later the element holds the finished syllable.
            Reaction::Settle => platform::after(Duration::ZERO, move || self.tell(Input::Settled)),
            Reaction::Nothing | Reaction::PreventDefault => {}
        }
        reaction
    }

    fn tell(self, input: Input) {
        let _ = self.apply(input);
    }

    fn on_key(self, event: &KeyboardEvent) {
        let is_new = self.session.mode.with_untracked(|mode| *mode == Mode::New);
        match event.key().as_str() {
            "ArrowUp" if is_new && self.length.get_untracked() == 0 => return self.edit_newest(event),
            _ if !is_enter(event) => return self.tell(Input::OtherKey),
            _ => {}
        }
        let has_ctrl = event.ctrl_key() || event.meta_key();
        let breaks = event.shift_key() || (platform::setting(ENTER) == "break" && !has_ctrl);
        let reaction = self.apply(enter(event, breaks));
        if matches!(reaction, Reaction::Send | Reaction::PreventDefault) {
            event.prevent_default();
        }
    }

    /// The button: what an input method still holds is finished first, as with Enter.
    fn press(self) {
        self.tell(Input::Enter { shift: false, is_taken: false });
        if let Some(input) = self.input.get_untracked() {
            let _ = input.focus();
        }
    }

    /// The arrow up, where there is nothing to move in, leads to what one said last.
    fn edit_newest(self, event: &KeyboardEvent) {
        let newest = self.session.conversation.with_untracked(|chat| chat.my_newest().map(|message| message.id));
        if let Some(id) = newest {
            event.prevent_default();
            self.session.mode.set(Mode::Edit(id));
        }
    }

    fn send(self) {
        let Some(input) = self.input.get_untracked() else { return };
        if self.composing.with_value(Composing::is_composing) {
            // Leaving the field ends it; cleared under composition, a phone's keyboard would write the word again.
            let _ = input.blur();
            let _ = input.focus();
        }
        let is_edit = self.is_edit();
        if !self.session.post(&input.value()) {
            return;
        }
        self.typing_said_at.set_value(0);
        // After an edit, the message that it interrupted is there again.
        if !is_edit {
            self.session.draft.set(String::new());
        }
        self.show(&self.session.draft.get_untracked());
    }

    fn is_edit(self) -> bool {
        self.session.mode.with_untracked(|mode| matches!(mode, Mode::Edit(_)))
    }

    fn show(self, text: &str) {
        if let Some(input) = self.input.get_untracked() {
            input.set_value(text);
            self.measure();
        }
    }

    /// Shows what is to be written now: another text for a message, or the message that is not sent yet.
    fn follow_mode(self, was_edit: bool) -> bool {
        let text = match self.session.mode.get() {
            Mode::Edit(id) => self.session.message(id).map(|message| message.body),
            Mode::New | Mode::Reply(_) => was_edit.then(|| self.session.draft.get_untracked()),
        };
        if let Some(text) = text {
            self.show(&text);
        }
        // The bar above the field takes its place from the log.
        self.session.resized.notify();
        let is_edit = self.is_edit();
        if let Some(input) =
            self.input.get_untracked().filter(|_| is_edit || self.session.mode.get_untracked() != Mode::New)
        {
            let _ = input.focus();
        }
        is_edit
    }

    /// What is written or sent in another window of this browser, unless something else stands here: what was sent
    /// there must not be sent again from here.
    fn follow_draft(self) {
        let draft = self.session.draft.get();
        let drafted = self.drafted.get_value();
        self.drafted.set_value(draft.clone());
        let Some(input) = self.input.get_untracked() else { return };
        let value = input.value();
        if value == drafted && value != draft && !self.is_edit() {
            self.show(&draft);
        }
    }

    fn on_input(self) {
        self.measure();
        if let Some(input) = self.input.get_untracked().filter(|_| !self.is_edit()) {
            self.session.draft.set(input.value());
        }
        let now = platform::now_ms();
        let is_due = now - self.typing_said_at.get_value() > TYPING_EVERY_MS;
        if is_due && self.length.get_untracked() > 0 {
            self.typing_said_at.set_value(now);
            self.session.say_typing();
        }
    }

    /// Counts what is there, and makes the field as high as it needs.
    fn measure(self) {
        let Some(input) = self.input.get_untracked() else { return };
        self.length.set(input.value().chars().count());
        let style = web_sys::HtmlElement::style(&input);
        let _ = style.set_property("height", "auto");
        let _ = style.set_property("height", &format!("{}px", input.scroll_height() + 2));
        self.session.resized.notify();
    }

    /// Puts back what was left unsent, and is ready to be written into where that calls no keyboard up.
    fn begin(self) {
        let Some(input) = self.input.get_untracked() else { return };
        // What was typed before the program ran is newer than what was kept.
        match input.value() {
            typed if typed.is_empty() => input.set_value(&self.session.draft.get_untracked()),
            typed => self.session.draft.set(typed),
        }
        self.measure();
        if platform::can_hover() {
            let _ = input.focus();
        }
    }
}

#[component]
pub fn Composer() -> impl IntoView {
    let words = words();
    let writing = Writing {
        session: Session::current(),
        input: NodeRef::new(),
        composing: StoredValue::new(Composing::default()),
        length: RwSignal::new(0),
        typing_said_at: StoredValue::new(0),
        drafted: StoredValue::new(String::new()),
    };
    effect(move || writing.begin());
    let mut was_edit = false;
    effect(move || was_edit = writing.follow_mode(was_edit));
    effect(move || {
        let mode = writing.session.mode;
        if mode.get() != Mode::New {
            platform::open_layer("", move || mode.set(Mode::New));
        }
    });
    effect(move || writing.follow_draft());
    let left = move || BODY_CHARS as i64 - writing.length.get() as i64;
    let can_send = move || writing.length.get() > 0 && left() >= 0;
    view! {
        <ModeBar />
        <form class="composer" on:submit=submitted(move |event| { event.prevent_default(); writing.press(); })>
            <EmojiButton />
            <WritingField writing />
            {when(move || left() < COUNTED_FROM as i64, move || view! {
                <p class="left" class:over=live(move || left() < 0) role="status">{live(move || with_count(words.characters_left, left()))}</p>
            }.into_any())}
            <button class="button primary send" type="submit" aria-disabled=live(move || (!can_send()).to_string())>
                {live(move || if matches!(writing.session.mode.get(), Mode::Edit(_)) { words.edit } else { words.send })}
            </button>
        </form>
    }
}

/// Says what is written when it is no new message, and leaves that.
#[component]
fn ModeBar() -> impl IntoView {
    let session = Session::current();
    let words = words();
    let line = move || match session.mode.get() {
        Mode::New => None,
        Mode::Edit(_) => Some((words.editing.to_owned(), String::new())),
        Mode::Reply(quote) => {
            let name = session.conversation.with_untracked(|chat| chat.name_of(quote.author).to_owned());
            Some((with_name(words.answers, &name), quote.body))
        }
    };
    let view = move |(what, text): (String, String)| {
        view! {
            <p class="mode-text"><b>{what}</b>" "<span dir="auto">{text}</span></p>
            <button class="plain" type="button" aria-label=words.cancel on:click=clicked(move |_| { session.mode.set(Mode::New); platform::focus("#composer"); })>
                <Icon drawing=Drawing::Close />
            </button>
        }
        .into_any()
    };
    view! { <div class="mode" hidden=live(move || session.mode.get() == Mode::New)>{part(move || line().map_or_else(|| ().into_any(), view))}</div> }
}

#[component]
fn WritingField(writing: Writing) -> impl IntoView {
    let words = words();
    let compose = move |event: CompositionEvent| writing.tell(composition(&event));
    view! {
        <textarea
            id="composer"
            class="composer-input"
            data-region
            rows="1"
            autocomplete="off"
            enterkeyhint="send"
            aria-label=words.message
            placeholder=words.message_hint
            node_ref=writing.input
            on:keydown=pressed(move |event| writing.on_key(&event))
            on:input=moved(move |_| writing.on_input())
            on:compositionstart=composed(compose)
            on:compositionupdate=composed(compose)
            on:compositionend=composed(compose)
        ></textarea>
    }
}
