//! Asks whether the system may notify of new messages, before the browser's own question, so that the user expects that
//! one.

use leptos::{prelude::*, task::spawn_local};

use crate::{lobby::session::LobbySession, platform, settings::NOTICES, text::dialog::dialog_words, view::clicked};

#[component]
pub fn NoticeQuestion() -> impl IntoView {
    let is_asking = LobbySession::current().notices.is_asking;
    let words = dialog_words();
    let allow = move |_| {
        is_asking.set(false);
        spawn_local(async {
            let is_allowed = platform::ask_to_notify().await;
            platform::choose_setting(NOTICES, if is_allowed { "on" } else { "off" });
        });
    };
    let refuse = move |_| {
        is_asking.set(false);
        platform::choose_setting(NOTICES, "off");
    };
    view! {
        <div class="toast question">
            <div class="toast-text"><b>{words.ask_notices}</b><p>{words.ask_notices_hint}</p></div>
            <button class="button primary" type="button" on:click=clicked(allow)>{words.allow_notices}</button>
            <button class="button" type="button" on:click=clicked(refuse)>{words.refuse_notices}</button>
        </div>
    }
}
