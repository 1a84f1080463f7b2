//! The settings over the main window: the sections of `/settings`, as the server renders them. Choices apply at once;
//! the other forms are sent without leaving the window.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use leptos::{
    ev::{Event, SubmitEvent},
    prelude::*,
    task::spawn_local,
};
use serde_json::Value;
use web_sys::HtmlFormElement;

use crate::{
    clock::{Clock, clock},
    components::modal::ModalDialog,
    decode::Decode,
    dialogs::OPENS_SETTINGS,
    lobby::session::LobbySession,
    platform::{self, FormRequest},
    text::{date, dialog::dialog_words as words, lang},
    view::{clicked, derived, effect, moved, submitted},
};
use protocol::error::Refusal;

/// The sections of the settings, without the page around them.
const SECTIONS: &str = "/settings?part=1";
const FORM_OF_CHOICES: &str = "form[action=\"/api/settings\"]";
const END_SESSION: &str = "/api/end_session";
const FORM_OF_LANGUAGE: &str = "form[action=\"/api/language\"]";
/// The chosen language, which has the focus after it was changed.
const CHOSEN_LANGUAGE: &str = ".settings form[action=\"/api/language\"] [aria-pressed=true]";
/// The link in the list that opens the settings.
const OPENER: &str = ".side > .bar [href=\"/settings\"]";
/// The field that names the changed choice (`settings::CHANGED`).
const CHANGED_FIELD: &str = ".settings [name=changed]";
/// The setting that needs the browser's permission.
const NOTICES_ON: &str = "[name=notices][value=on]";

/// Changed choices without an answer; the first one is being sent. Each answer is a new value of the settings cookie,
/// derived from the last one, so of two concurrent requests one choice would be lost. The queue outlives the dialog.
#[derive(Clone, Default)]
struct UnsentChoices(Arc<Mutex<VecDeque<FormRequest>>>);

impl UnsentChoices {
    /// Adds a choice. Returns whether it is the only one, so that it is sent now.
    fn push(&self, choice: FormRequest) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_back(choice);
        waiting.len() == 1
    }

    fn first(&self) -> Option<FormRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).front().cloned()
    }

    fn remove_first(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    }
}

#[derive(Clone, Copy)]
struct Sections {
    clock: Clock,
    html: RwSignal<String>,
    /// The result of the last form.
    note: RwSignal<&'static str>,
    choices: StoredValue<UnsentChoices>,
}

impl Sections {
    /// Loads the sections; `then` is the selector that gets the focus afterwards.
    fn load(self, then: Option<String>) {
        spawn_local(async move {
            let page = platform::read_page(SECTIONS).await;
            let Some(html) = page.as_deref().and_then(sections) else { return platform::go("/settings") };
            self.html.try_set(html.to_owned());
            platform::write_times(".settings [data-at]", &|at| {
                let time = self.clock.local(at);
                format!("{} {}", date::long_day(time, lang()), date::clock(time))
            });
            then.into_iter().for_each(|button| platform::after(Duration::ZERO, move || platform::focus(&button)));
        });
    }

    /// Shows a result. A screen reader repeats an equal text only if it was cleared in between.
    fn tell(self, note: &'static str) {
        self.note.try_set("");
        platform::after(Duration::ZERO, move || {
            self.note.try_set(note);
        });
    }

    /// Sends the choices, one after the other. They then apply to every window of the browser.
    fn choose(self, form: &HtmlFormElement) {
        let choices = self.choices.get_value();
        if !choices.push(platform::form_request(form)) {
            return;
        }
        spawn_local(async move {
            while let Some(choice) = choices.first() {
                let note = outcome(&platform::send_form(&choice).await);
                choices.remove_first();
                platform::spread_settings();
                self.tell(note);
            }
        });
    }

    /// Sends a form. The focus returns to its button, which is rendered again; not to one that ends a session, because
    /// a held Enter would end the next one.
    fn send(self, form: HtmlFormElement) {
        spawn_local(async move {
            let answer = platform::send_form(&platform::form_request(&form)).await;
            self.tell(outcome(&answer));
            if answer.0 < 300 && answer.0 > 0 {
                let action = form.get_attribute("action").filter(|action| action != END_SESSION);
                platform::focus(".settings h2");
                self.load(action.map(|action| format!(".settings form[action=\"{action}\"] [type=submit]")));
            }
        });
    }

    /// Asks for the permission to notify, within the user's own click.
    fn ask_to_notify(self) {
        spawn_local(async move {
            if !platform::ask_to_notify().await {
                self.tell(words().not_allowed);
            }
        });
    }
}

/// The content of `<main>`; `None` for another page, such as the sign-in.
fn sections(page: &str) -> Option<&str> {
    let (_, main) = page.split_once("<main class=\"sheet\">")?;
    Some(main.split_once("</main>")?.0)
}

/// The feedback for an answer.
fn outcome((status, body): &(u16, String)) -> &'static str {
    let refusal = || Refusal::decode(serde_json::from_str::<Value>(body).ok()?.get("error")?);
    match status {
        200..=299 => words().saved,
        // Another account is signed in.
        409 => {
            platform::go("/");
            ""
        }
        _ => refusal().map_or(words().not_saved, |refusal| words().refusal(refusal)),
    }
}

/// Whether the page was loaded after a change of the language. Its address then loses the sign of that, so that the
/// settings open once, and the link that opens them has the focus, so that it returns there.
fn after_language() -> bool {
    let here = platform::here();
    let Some(address) = here.strip_suffix(OPENS_SETTINGS) else { return false };
    platform::replace_address(address.trim_end_matches(['?', '&']));
    platform::focus(OPENER);
    true
}

#[component]
pub fn SettingsDialog() -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let sections = Sections {
        clock: clock(),
        html: RwSignal::new(String::new()),
        note: RwSignal::new(words.loading),
        choices: StoredValue::default(),
    };
    let close = Callback::new(move |()| session.settings.set(false));
    let language = after_language().then(|| CHOSEN_LANGUAGE.to_owned());
    effect(move || {
        sections.load(language.clone());
        sections.note.set("");
    });
    let on_change = move |event: Event| {
        if !platform::is_in(&event, FORM_OF_CHOICES) {
            return;
        }
        if platform::is_in(&event, NOTICES_ON) {
            sections.ask_to_notify();
        }
        platform::set_value(CHANGED_FIELD, &platform::chosen(&event, "name").unwrap_or_default());
        platform::form_around(&event).into_iter().for_each(|form| sections.choose(&form));
    };
    let on_submit = move |event: SubmitEvent| {
        if platform::is_in(&event, FORM_OF_LANGUAGE) {
            // The page in the other language replaces this one.
            let here = platform::here();
            let separator = if here.contains('?') { '&' } else { '?' };
            return platform::set_value(".settings [name=next]", &format!("{here}{separator}{OPENS_SETTINGS}"));
        }
        event.prevent_default();
        platform::set_value(CHANGED_FIELD, "");
        platform::form_around(&event).into_iter().for_each(|form| sections.send(form));
    };
    view! {
        <ModalDialog label=words.settings.to_owned() close>
            <div class="settings" on:change=moved(on_change) on:submit=submitted(on_submit)>
                <header class="settings-head">
                    <h2 tabindex="-1">{words.settings}</h2>
                    <p class="note" role="status">{derived(move || sections.note.get())}</p>
                    <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button>
                </header>
                <div inner_html=move || sections.html.get()></div>
            </div>
        </ModalDialog>
    }
}
