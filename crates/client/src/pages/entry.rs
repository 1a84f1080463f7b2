//! `/entry`: the first page of the original component, from which a portal links to the messenger.

use leptos::prelude::*;

use crate::{
    components::card::{CardPage, FirstAccount},
    pages::Visit,
    text::{page::page_words, with_name, words as common_words},
};

#[component]
pub fn EntryPage(visit: Visit) -> impl IntoView {
    let words = page_words();
    let welcome = match visit.user {
        Some(user) => view! {
            <p class="card-text">{with_name(words.entry_signed_in, &user.name)}</p>
            <a class="button primary wide" href="/">{words.entry_button}</a>
        }
        .into_any(),
        None if visit.is_first_account => view! { <FirstAccount /> }.into_any(),
        None => view! {
            <p class="card-text">{words.entry_visitor}</p>
            <p class="card-text">{words.entry_please_sign_in}</p>
            <a class="button primary wide" href="/sign_in">{words.sign_in}</a>
        }
        .into_any(),
    };
    view! { <CardPage title=common_words().messenger>{welcome}</CardPage> }
}
