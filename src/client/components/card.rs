//! The calm page around a form or a sentence: everything outside the messenger itself.

use leptos::prelude::*;

use crate::client::{
    components::language::LanguageSwitch,
    text::{page::page_words, words},
};

#[component]
pub fn Card(title: &'static str, children: Children) -> impl IntoView {
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

/// Where nobody has an account: what to do first.
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
