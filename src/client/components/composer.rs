//! Where one writes. What Enter means is decided in `state::composing`; this carries it out.

use std::time::Duration;

use leptos::{ev::KeyboardEvent, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::CompositionEvent;

use crate::{
    client::{
        components::chat::Session,
        platform,
        state::composing::{Composing, Input, Reaction},
        text::{with_count, words},
    },
    protocol::limit::BODY_CHARS,
};

/// "Is writing" is said no oftener.
const TYPING_EVERY_MS: i64 = 3_000;
/// From so few characters left on, they are counted.
const COUNTED_FROM: usize = 200;
/// The key code of a key that the input method has taken (UI Events, legacy).
const PROCESS_KEY: u32 = 229;

#[derive(Clone, Copy)]
struct Writing {
    session: Session,
    input: NodeRef<html::Textarea>,
    composing: StoredValue<Composing>,
    length: RwSignal<usize>,
    typing_said_at: StoredValue<i64>,
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
        if !is_enter(event) {
            return;
        }
        let is_composing = event.is_composing() || event.key_code() == PROCESS_KEY;
        let reaction = self.apply(Input::Enter { shift: event.shift_key(), is_composing });
        if matches!(reaction, Reaction::Send | Reaction::PreventDefault) {
            event.prevent_default();
        }
    }

    /// The button: what an input method still holds is finished first, as with Enter.
    fn press(self) {
        self.apply(Input::Enter { shift: false, is_composing: false });
        if let Some(input) = self.input.get_untracked() {
            let _ = input.focus();
        }
    }

    fn send(self) {
        let Some(input) = self.input.get_untracked() else { return };
        if self.session.post(&input.value()) {
            input.set_value("");
            self.typing_said_at.set_value(0);
            self.session.draft.set(String::new());
            self.measure();
        }
    }

    fn on_input(self) {
        self.measure();
        if let Some(input) = self.input.get_untracked() {
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
        if !platform::is_small() {
            let _ = input.focus();
        }
    }
}

/// Browsers name a key that the input method took "Process"; which one it was stands in `code`.
fn is_enter(event: &KeyboardEvent) -> bool {
    event.key() == "Enter" || matches!(event.code().as_str(), "Enter" | "NumpadEnter")
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
    };
    Effect::new(move || writing.begin());
    let left = move || BODY_CHARS as i64 - writing.length.get() as i64;
    let can_send = move || writing.length.get() > 0 && left() >= 0;
    view! {
        <form class="composer" on:submit=move |event| { event.prevent_default(); writing.press(); }>
            <WritingField writing />
            <Show when=move || left() < COUNTED_FROM as i64>
                <p class="left" class:over=move || left() < 0 role="status">{move || with_count(words.characters_left, left())}</p>
            </Show>
            <button class="button primary send" type="submit" aria-disabled=move || (!can_send()).to_string()>{words.send}</button>
        </form>
    }
}

#[component]
fn WritingField(writing: Writing) -> impl IntoView {
    let words = words();
    let data = |event: &CompositionEvent| event.data().unwrap_or_default();
    view! {
        <textarea
            id="composer"
            class="composer-input"
            rows="1"
            enterkeyhint="send"
            aria-label=words.message
            placeholder=words.message_hint
            node_ref=writing.input
            on:keydown=move |event| writing.on_key(&event)
            on:input=move |_| writing.on_input()
            on:compositionstart=move |_| writing.tell(Input::CompositionStart)
            on:compositionupdate=move |event| writing.tell(Input::CompositionUpdate(data(event.unchecked_ref())))
            on:compositionend=move |event| writing.tell(Input::CompositionEnd(data(event.unchecked_ref())))
        ></textarea>
    }
}
