//! `/switched`: the page of a window whose browser is signed in with another account. It shows nothing of either
//! account.

use leptos::prelude::*;

use crate::{
    components::card::CardPage,
    text::{page::page_words, with_name},
};
use protocol::user::User;

/// `was`: the account of the window; `now`: the account that is signed in.
#[component]
pub fn SwitchedPage(was: User, now: User) -> impl IntoView {
    let words = page_words();
    // Isolated (UAX #9): a name may be right-to-left.
    let full = |user: User| format!("\u{2068}{} ({})\u{2069}", user.name, user.login);
    let (was, now) = (full(was), full(now));
    let say = move |text: &str| text.split("{other}").map(|part| with_name(part, &was)).collect::<Vec<_>>().join(&now);
    view! {
        <CardPage title=words.switched>
            <p class="card-text" role="alert">{say(words.switched_who)}</p>
            <p class="card-text">{say(words.switched_kept)}</p>
            <a class="button primary wide" href="/">{say(words.switched_go_on)}</a>
        </CardPage>
    }
}
