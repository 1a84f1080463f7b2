//! The page around a form or a message outside the messenger, such as the sign-in.

use leptos::{nonce::use_nonce, prelude::*};

use crate::{
    components::language::LanguageSwitch,
    text::{page::page_words, with_name, words},
};
use protocol::user::User;

/// "Back" from the messenger does not show the form by which the user entered it: the page is replaced at once. A page
/// that the user asks for, to sign in with another account, stays.
const RETURN_SCRIPT: &str = "if(performance.getEntriesByType('navigation')[0]?.type==='back_forward')location.replace(document.currentScript.previousElementSibling.querySelector('a').href)";

#[component]
pub fn CardPage(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <main class="card-page">
            <section class="card">
                <p class="brand"><img src="/favicon.svg" alt="" width="28" height="28" />{words().product}</p>
                <h1>{title}</h1>
                {children()}
            </section>
            <LanguageSwitch />
        </main>
    }
}

/// On a server without accounts: the link that creates the first one.
#[component]
pub fn FirstAccount() -> impl IntoView {
    let words = page_words();
    view! {
        <div class="first-account">
            <p>{words.nobody_yet}</p>
            <a class="button primary wide" href="/register">{words.make_first}</a>
        </div>
    }
}

/// Above a form for another account: the account that is signed in, and the link that continues to `next`.
#[component]
pub fn SignedInNotice(user: User, next: String) -> impl IntoView {
    let words = page_words();
    // Never to another server, which `//` and `/\\` begin.
    let is_own = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    let next = if is_own { next } else { "/".to_owned() };
    view! {
        <p class="form-notice" role="status">{with_name(words.signed_in_as, &user.name)}" "<a href=next rel="external">{words.go_on}</a></p>
        <script nonce=use_nonce()>{RETURN_SCRIPT}</script>
    }
}
