//! `/switched`: what a window shows when another account signed in, in its browser. Nothing of it is either account's.

use leptos::prelude::*;

use crate::{
    client::{
        components::card::Card,
        text::{page::page_words, with_name},
    },
    protocol::user::User,
};

/// `was`: whose window it was; `now`: who is signed in.
#[component]
pub fn Switched(was: User, now: User) -> impl IntoView {
    let words = page_words();
    // Isolated (UAX #9): a name may be written from right to left.
    let full = |user: User| format!("\u{2068}{} ({})\u{2069}", user.name, user.login);
    let (was, now) = (full(was), full(now));
    let say = move |text: &str| text.split("{other}").map(|part| with_name(part, &was)).collect::<Vec<_>>().join(&now);
    view! {
        <Card title=words.switched>
            <p class="card-text" role="alert">{say(words.switched_who)}</p>
            <p class="card-text">{say(words.switched_kept)}</p>
            <a class="button primary wide" href="/">{say(words.switched_go_on)}</a>
        </Card>
    }
}
