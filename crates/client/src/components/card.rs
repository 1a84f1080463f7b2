//! The page around a form or a message outside the messenger, such as the sign-in.

use leptos::prelude::*;

use crate::{
    components::language::LanguageSwitch,
    text::{page::page_words, words},
};

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
