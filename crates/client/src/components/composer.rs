//! The composer: writes new messages, replies and edits. `state::composing` decides what Enter does.

use std::time::Duration;

use leptos::{
    ev::{CompositionEvent, KeyboardEvent},
    html,
    prelude::*,
};

use crate::{
    components::{
        attach::AttachButton,
        emoji::EmojiButton,
        icon::{Drawing, Icon},
        schedule_slot::ScheduleSlot,
        send_menu::{RequestBar, SendMenuButton},
        shortcuts::{composition, enter, is_enter},
    },
    dialogs::{Dialog, dialog},
    platform,
    room::{ComposerMode, session::RoomSession},
    settings::ENTER,
    state::composing::{Composing, Input, InputAction, breaks_line, shows_keyboard},
    text::{with_count, words},
    view::{clicked, composed, derived, effect, moved, part, pressed, submitted, when},
};
use protocol::limit::BODY_CHARS;

/// The shortest time between two typing indicators.
const TYPING_EVERY_MS: i64 = 3_000;
/// The composer shows the number of characters left when it is below this.
const COUNTED_FROM: usize = 200;

#[derive(Clone, Copy)]
struct ComposerField {
    session: RoomSession,
    input: NodeRef<html::Textarea>,
    composing: StoredValue<Composing>,
    length: RwSignal<usize>,
    typing_sent_at: StoredValue<i64>,
    /// The draft after its last change.
    last_draft: StoredValue<String>,
    /// Enter chose a name during a syllable: the name is inserted when the syllable is complete.
    picks_after: StoredValue<bool>,
    /// Enter chose a name and is still held: input methods report the key twice.
    has_picked: StoredValue<bool>,
    /// A key has shown that there is a keyboard, which matters on a touch screen.
    has_keyboard: StoredValue<bool>,
}

impl ComposerField {
    fn apply(self, input: Input) -> InputAction {
        let action =
            self.composing.try_update_value(|composing| composing.apply(input)).unwrap_or(InputAction::Nothing);
        match action {
            InputAction::Send => self.send(),
            // One task later, when the element holds the complete syllable.
            InputAction::Settle => platform::after(Duration::ZERO, move || {
                self.apply(Input::Settled);
            }),
            InputAction::Nothing | InputAction::PreventDefault => {}
        }
        action
    }

    fn breaks_line(self) -> bool {
        breaks_line(platform::setting(ENTER), platform::is_so("(pointer: coarse)"), self.has_keyboard.get_value())
    }

    fn on_key(self, event: &KeyboardEvent) {
        let has_ctrl = event.ctrl_key() || event.meta_key();
        if shows_keyboard(&event.key(), has_ctrl || event.alt_key()) {
            self.has_keyboard.set_value(true);
        }
        let is_new = self.session.mode.with_untracked(|mode| *mode == ComposerMode::New);
        if self.on_mention_key(event) {
            return event.prevent_default();
        }
        match event.key().as_str() {
            "ArrowUp" if is_new && self.length.get_untracked() == 0 => return self.edit_newest(event),
            _ if !is_enter(event) => {
                self.apply(Input::OtherKey);
                return;
            }
            _ => {}
        }
        let breaks = event.shift_key() || (!has_ctrl && self.breaks_line());
        let action = self.apply(enter(event, breaks));
        if matches!(action, InputAction::Send | InputAction::PreventDefault) {
            event.prevent_default();
        }
    }

    /// Whether a key is for the list of names. During a composition in other languages Enter is for the input method.
    fn on_mention_key(self, event: &KeyboardEvent) -> bool {
        if is_enter(event) && (self.has_picked.get_value() || self.picks_after.get_value()) {
            return true;
        }
        let mentioning = self.session.mentioning;
        let holds_enter = self.composing.with_value(Composing::holds_enter);
        if holds_enter || !untrack(move || mentioning.is_open()) {
            return false;
        }
        match event.code().as_str() {
            "ArrowDown" => mentioning.step(1),
            "ArrowUp" => mentioning.step(-1),
            "Enter" | "NumpadEnter" | "Tab" if !event.shift_key() => self.choose_mention(),
            _ if event.key() == "Enter" && !event.shift_key() => self.choose_mention(),
            _ => return false,
        }
        true
    }

    fn choose_mention(self) {
        self.has_picked.set_value(true);
        if self.composing.with_value(Composing::is_composing) {
            self.picks_after.set_value(true);
        } else {
            self.pick(self.session.mentioning.chosen.get_untracked());
        }
    }

    /// Replaces the text after the "@" before the caret by a name.
    fn pick(self, index: usize) {
        self.picks_after.set_value(false);
        let (Some(input), Some(name)) = (self.input.get_untracked(), self.session.mentioning.name(index)) else {
            return;
        };
        let _ = input.focus();
        let before = before_caret(&input);
        if let Some(at) = before.rfind('@') {
            let length = |text: &str| text.encode_utf16().count() as u32;
            let _ = input.set_selection_range(length(&before[..at]), length(&before));
            platform::type_text(&format!("@{name} "));
        }
    }

    /// The send button. Like Enter, it ends a composition first.
    fn press_send(self) {
        self.apply(Input::Enter { shift: false, is_taken: false });
        if let Some(input) = self.input.get_untracked() {
            let _ = input.focus();
        }
    }

    /// Arrow up in an empty field edits the user's newest message.
    fn edit_newest(self, event: &KeyboardEvent) {
        let newest =
            self.session.conversation.with_untracked(|conversation| conversation.my_newest().map(|message| message.id));
        if let Some(id) = newest {
            event.prevent_default();
            self.session.mode.set(ComposerMode::Edit(id));
            // The focus stays, so screen readers say nothing by themselves.
            self.session.status.set(words().editing.to_owned());
        }
    }

    fn send(self) {
        let Some(input) = self.input.get_untracked() else { return };
        if self.composing.with_value(Composing::is_composing) {
            // Leaving the field ends the composition. If the field were cleared during one, a phone would insert the
            // word again.
            let _ = input.blur();
            let _ = input.focus();
        }
        let is_edit = self.is_edit();
        if !self.session.post(&input.value()) {
            return;
        }
        self.typing_sent_at.set_value(0);
        // An edit interrupts a new message, whose draft returns.
        if !is_edit {
            self.session.drafts.draft.set(String::new());
        }
        self.show(&self.session.drafts.draft.get_untracked());
    }

    fn is_edit(self) -> bool {
        untrack(|| self.session.is_editing())
    }

    fn show(self, text: &str) {
        if let Some(input) = self.input.get_untracked() {
            input.set_value(text);
            self.measure();
        }
    }

    /// Shows the text of the mode: the message to edit, or the draft after an edit.
    fn follow_mode(self, was_edit: bool) -> bool {
        let text = match self.session.mode.get() {
            ComposerMode::Edit(id) => self.session.message(id).map(|message| message.body),
            ComposerMode::New | ComposerMode::Reply(_) => was_edit.then(|| self.session.drafts.draft.get_untracked()),
        };
        if let Some(text) = text {
            self.show(&text);
        }
        // The bar above the field shrinks the log.
        self.session.resized.notify();
        let is_edit = self.is_edit();
        // A screen reader repeats an equal text only if it was cleared in between.
        let words = words();
        let is_over = |status: &String| status == words.edited || (!is_edit && status == words.editing);
        if self.session.status.with_untracked(is_over) {
            self.session.status.set(String::new());
        }
        if let Some(input) =
            self.input.get_untracked().filter(|_| is_edit || self.session.mode.get_untracked() != ComposerMode::New)
        {
            let _ = input.focus();
        }
        is_edit
    }

    /// Takes over the draft of another window, unless this window has another text: a text that was sent there must not
    /// be sent again here.
    fn follow_draft(self) {
        let draft = self.session.drafts.draft.get();
        let last_draft = self.last_draft.get_value();
        self.last_draft.set_value(draft.clone());
        let Some(input) = self.input.get_untracked() else { return };
        let value = input.value();
        if value == last_draft && value != draft && !self.is_edit() {
            self.show(&draft);
        }
    }

    fn on_input(self) {
        self.measure();
        if let Some(input) = self.input.get_untracked() {
            self.session.mentioning.look(&before_caret(&input));
        }
        if let Some(input) = self.input.get_untracked().filter(|_| !self.is_edit()) {
            self.session.drafts.draft.set(input.value());
        }
        let now = platform::now_ms();
        let is_due = now - self.typing_sent_at.get_value() > TYPING_EVERY_MS;
        if is_due && self.length.get_untracked() > 0 {
            self.typing_sent_at.set_value(now);
            self.session.send_typing();
        }
    }

    /// Counts the characters, and fits the field's height to its text.
    fn measure(self) {
        let Some(input) = self.input.get_untracked() else { return };
        self.length.set(input.value().chars().count());
        let style = web_sys::HtmlElement::style(&input);
        let _ = style.set_property("height", "auto");
        let _ = style.set_property("height", &format!("{}px", input.scroll_height() + 2));
        self.session.resized.notify();
    }

    /// Restores the draft, and focuses the field unless that would open an on-screen keyboard.
    fn start(self) {
        let Some(input) = self.input.get_untracked() else { return };
        // A text typed before hydration is newer than the saved draft.
        match input.value() {
            typed if typed.is_empty() => input.set_value(&self.session.drafts.draft.get_untracked()),
            typed => self.session.drafts.draft.set(typed),
        }
        self.measure();
        let _ = input.set_attribute("enterkeyhint", if self.breaks_line() { "enter" } else { "send" });
        if platform::can_hover() {
            let _ = input.focus();
        } else if !platform::is_there("#composer:focus") {
            // The row of the list that opened the room is hidden.
            platform::focus(".log");
        }
    }
}

/// The text before the caret, without a selection.
fn before_caret(input: &web_sys::HtmlTextAreaElement) -> String {
    let caret = input.selection_end().ok().flatten().unwrap_or_default();
    let before: Vec<u16> = input.value().encode_utf16().take(caret as usize).collect();
    String::from_utf16_lossy(&before)
}

#[component]
pub fn Composer() -> impl IntoView {
    let words = words();
    let field = ComposerField {
        session: RoomSession::current(),
        input: NodeRef::new(),
        composing: StoredValue::new(Composing::default()),
        length: RwSignal::new(0),
        typing_sent_at: StoredValue::new(0),
        last_draft: StoredValue::new(String::new()),
        picks_after: StoredValue::new(false),
        has_picked: StoredValue::new(false),
        has_keyboard: StoredValue::new(false),
    };
    effect(move || field.start());
    let mut was_edit = false;
    effect(move || was_edit = field.follow_mode(was_edit));
    effect(move || {
        let mode = field.session.mode;
        if mode.get() != ComposerMode::New {
            platform::open_layer("", move || mode.set(ComposerMode::New));
        }
    });
    effect(move || field.follow_draft());
    let left = move || BODY_CHARS as i64 - field.length.get() as i64;
    let can_send = move || (field.length.get() > 0 || field.session.attaching.count.get() > 0) && left() >= 0;
    view! {
        <ModeBar />
        <RequestBar />
        <form class="composer" aria-busy=derived(move || field.session.drafts.draft.with(|draft| field.session.scheduling.holds(draft)).to_string()) on:submit=submitted(move |event| { event.prevent_default(); field.press_send(); })>
            <AttachButton />
            <EmojiButton />
            <ComposerInput field />
            {mention_list(field)}
            {when(move || left() < COUNTED_FROM as i64, move || view! {
                <p class="left" class:over=derived(move || left() < 0) role="status">{derived(move || with_count(words.characters_left, left()))}</p>
            }.into_any())}
            <SendMenuButton />
            <ScheduleSlot />
            <button class="button primary send" type="submit" aria-disabled=derived(move || (!can_send()).to_string())>
                {derived(move || if field.session.is_editing() { words.edit } else { words.send })}
            </button>
        </form>
    }
}

/// Shows the mode, unless it is a new message, with a button that ends it.
#[component]
fn ModeBar() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let line = move || {
        let mode = session.mode.get();
        let title = session.conversation.with_untracked(|conversation| mode.title(conversation));
        let text = if let ComposerMode::Reply(quote) = &mode { session.quote_line(quote) } else { String::new() };
        (mode != ComposerMode::New).then_some((title, text))
    };
    let view = move |(mode, text): (String, String)| {
        view! {
            <p class="mode-text" id="mode-text"><b>{mode}</b>" "<span dir="auto">{text}</span></p>
            <button class="plain" type="button" aria-label=words.cancel on:click=clicked(move |_| { session.mode.set(ComposerMode::New); platform::focus("#composer"); })>
                <Icon drawing=Drawing::Close />
            </button>
        }
        .into_any()
    };
    view! { <div class="mode" hidden=derived(move || session.mode.get() == ComposerMode::New)>{part(move || line().map_or_else(|| ().into_any(), view))}</div> }
}

fn mention_list(field: ComposerField) -> AnyView {
    let mentioning = field.session.mentioning;
    let on_pick = Callback::new(move |index| field.pick(index));
    when(move || mentioning.is_open(), move || dialog(Dialog::Mentions(mentioning, on_pick)))
}

#[component]
fn ComposerInput(field: ComposerField) -> impl IntoView {
    let words = words();
    let compose = move |event: CompositionEvent| {
        field.apply(composition(&event));
        if event.type_() == "compositionend" && field.picks_after.get_value() {
            platform::after(Duration::ZERO, move || field.pick(field.session.mentioning.chosen.get_untracked()));
        }
    };
    let resizing = platform::on_window("resize", move |_| field.measure());
    on_cleanup(move || resizing.remove());
    let (session, mentioning) = (field.session, field.session.mentioning);
    // Screen readers say what the next message is: a reply, an edit, a request.
    let described = move || {
        let (mode, asks) = (session.mode.read(), session.asks.get());
        match &*mode {
            ComposerMode::New => asks.then_some("request-text"),
            ComposerMode::Reply(_) if asks => Some("mode-text request-text"),
            ComposerMode::Reply(_) | ComposerMode::Edit(_) => Some("mode-text"),
        }
    };
    let active = move || mentioning.is_open().then(|| format!("mention-{}", mentioning.chosen.get()));
    view! {
        <textarea
            id="composer"
            class="composer-input"
            data-region
            rows="1"
            autocomplete="off"
            aria-label=words.message
            aria-describedby=derived(described)
            placeholder=words.message_hint
            aria-autocomplete="list"
            aria-controls=derived(move || mentioning.is_open().then_some("mention-list"))
            aria-activedescendant=derived(active)
            node_ref=field.input
            on:keydown=pressed(move |event| field.on_key(&event))
            on:keyup=pressed(move |_| field.has_picked.set_value(false))
            on:input=moved(move |_| field.on_input())
            on:compositionstart=composed(compose)
            on:compositionupdate=composed(compose)
            on:compositionend=composed(compose)
        ></textarea>
    }
}
