//! The form of the user's own status: frequent statuses, a text, and its end.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    clock::clock,
    lobby::session::LobbySession,
    platform,
    state::status_end::StatusEnd,
    text::{
        date,
        dialog::{DialogWords, dialog_words},
        lang, with_name,
    },
    view::{clicked, derived, moved, submitted, when},
};
use protocol::{
    limit::PROFILE_CHARS,
    lobby_socket::LobbyCommand,
    user::{Presence, User},
};

const TEXT: &str = "#status-text";
const SAVE: &str = ".status-form [type=submit]";
const UNTIL: &str = "#status-until";

/// The content of the form until it is saved.
#[derive(Clone, Copy)]
struct Draft {
    text: RwSignal<String>,
    is_busy: RwSignal<bool>,
    end: RwSignal<StatusEnd>,
    /// Whether the entered end is in the past.
    is_past: RwSignal<bool>,
}

impl Draft {
    fn of(user: &User) -> Self {
        let end = if user.profile.status_until.is_some() { StatusEnd::Own } else { StatusEnd::Never };
        Self {
            text: RwSignal::new(user.profile.status.clone().unwrap_or_default()),
            is_busy: RwSignal::new(user.presence == Presence::Busy),
            end: RwSignal::new(end),
            is_past: RwSignal::new(false),
        }
    }

    /// The command; `None` while the entered end is in the past.
    fn command(self) -> Option<LobbyCommand> {
        let now = platform::now_ms();
        let own = platform::moment(&platform::value_of(UNTIL));
        let end = self.end.get_untracked();
        let until = end.at(now, platform::utc_offset(now), own);
        let is_past = end != StatusEnd::Never && until.is_none_or(|until| until <= now);
        let text = Some(self.text.get_untracked()).filter(|text| !text.trim().is_empty());
        (!is_past).then_some(LobbyCommand::Status { busy: self.is_busy.get_untracked(), text, until })
    }
}

/// Frequent statuses: the text, whether it means busy, and when it usually ends.
fn presets(words: &DialogWords) -> [(&'static str, bool, StatusEnd); 5] {
    [
        (words.status_meeting, true, StatusEnd::Hour),
        (words.status_out, false, StatusEnd::Today),
        (words.status_meal, false, StatusEnd::Hour),
        (words.status_home, false, StatusEnd::Today),
        (words.status_leave, false, StatusEnd::Today),
    ]
}

/// "15:30까지", with the day unless it is today.
pub fn until(at: i64) -> String {
    let (time, now) = (clock().local(at), clock().local(platform::now_ms()));
    let text = if time.day == now.day {
        date::clock(time)
    } else {
        format!("{} {}", date::in_list(time, now, lang()), date::clock(time))
    };
    with_name(dialog_words().status_until, &text)
}

#[component]
pub fn StatusForm(user: User, close: Callback<()>) -> impl IntoView {
    let session = LobbySession::current();
    let words = dialog_words();
    let draft = Draft::of(&user);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        match draft.command() {
            Some(command) => {
                session.send_with_feedback(&command, words.saved);
                close.run(());
            }
            None => {
                draft.is_past.set(true);
                platform::focus(UNTIL);
            }
        }
    };
    let clear = move |_| {
        session.send_with_feedback(&LobbyCommand::Status { busy: false, text: None, until: None }, words.cleared);
        close.run(());
    };
    let has_status = user.presence == Presence::Busy || user.profile.status.is_some();
    view! {
        <form class="form status-form" on:submit=submitted(send)>
            <div class="options" role="group" aria-label=words.status_presets>{presets(words).map(|preset| preset_button(draft, preset)).collect_view()}</div>
            <label class="check" for="status-text">{words.status}</label>
            <input type="text" id="status-text" maxlength=PROFILE_CHARS.to_string() prop:value=draft.text placeholder=words.status_hint autocomplete="off"
                on:input=moved(move |event| draft.text.set(event_target_value(&event))) />
            <label class="check"><input type="checkbox" id="status-busy" prop:checked=draft.is_busy
                on:change=moved(move |event| draft.is_busy.set(event_target_checked(&event))) />{words.busy}</label>
            {ends(draft, user.profile.status_until)}
            <button class="button primary" type="submit">{words.save}</button>
            {has_status.then(|| view! { <button class="button" type="button" on:click=clicked(clear)>{words.clear_status}</button> })}
        </form>
    }
}

fn preset_button(draft: Draft, (text, is_busy, end): (&'static str, bool, StatusEnd)) -> AnyView {
    let fill = move |_| {
        draft.text.set(text.to_owned());
        draft.is_busy.set(is_busy);
        draft.end.set(end);
        // On a phone the focus of the field opens the keyboard.
        // There the button, which may be below the fold, comes into sight.
        platform::focus(if platform::can_hover() { TEXT } else { SAVE });
    };
    view! { <button class="button" type="button" on:click=clicked(fill)>{text}</button> }.into_any()
}

/// The choice of the end, and the field for a custom end.
fn ends(draft: Draft, until: Option<i64>) -> AnyView {
    let words = dialog_words();
    let labels = [words.end_never, words.end_half_hour, words.end_hour, words.end_today, words.end_own];
    let option = move |(end, label): (StatusEnd, &'static str)| {
        view! {
            <label class="option">
                <input type="radio" name="status-end" prop:checked=derived(move || draft.end.get() == end) on:change=moved(move |_| draft.end.set(end)) />
                <span>{label}</span>
            </label>
        }
    };
    let field = move || {
        view! {
            <label class="check" for="status-until">{words.end_time}</label>
            <input type="datetime-local" id="status-until" value=until.map(field_value)
                aria-invalid=derived(move || draft.is_past.get().then_some("true")) aria-describedby=derived(move || draft.is_past.get().then_some("status-error")) />
            {when(move || draft.is_past.get(), move || view! { <p class="failed" id="status-error" role="alert">{words.end_past}</p> }.into_any())}
        }
        .into_any()
    };
    view! {
        <fieldset class="choice-row">
            <legend class="choice-label">{words.status_end}</legend>
            <div class="options">{StatusEnd::ALL.into_iter().zip(labels).map(option).collect_view()}</div>
        </fieldset>
        {when(move || draft.end.get() == StatusEnd::Own, field)}
    }
    .into_any()
}

/// A time in the format of `<input type="datetime-local">`.
fn field_value(ms: i64) -> String {
    let time = clock().local(ms);
    let (year, month, day) = time.date();
    format!("{year}-{month:02}-{day:02}T{}", date::clock(time))
}
