//! The page of an unknown address, and of a room of which the user is not a member.

use leptos::prelude::*;

use crate::{components::card::CardPage, text::page::page_words};

#[component]
pub fn NotFoundPage() -> impl IntoView {
    let words = page_words();
    view! {
        <CardPage title=words.not_found_title>
            <p class="card-text">{words.not_found}</p>
            <a class="button primary wide" href="/">{words.to_main}</a>
        </CardPage>
    }
}
