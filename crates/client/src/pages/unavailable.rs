//! The page of a failed request, such as when the store did not answer.

use leptos::prelude::*;

use crate::{
    components::card::CardPage,
    text::{page::page_words, words as common_words},
};

#[component]
pub fn UnavailablePage() -> impl IntoView {
    let words = page_words();
    view! {
        <CardPage title=common_words().product>
            <p class="card-text" role="alert">{words.could_not_load}</p>
            <a class="button primary wide" href="">{words.try_again}</a>
        </CardPage>
    }
}
