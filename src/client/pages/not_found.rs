//! Every address that is none, and every room that is not this person's.

use leptos::prelude::*;

use crate::client::{components::card::Card, text::page::page_words};

#[component]
pub fn NotFound() -> impl IntoView {
    let words = page_words();
    view! {
        <Card title=words.not_found_title>
            <p class="card-text">{words.not_found}</p>
            <a class="button primary wide" href="/">{words.to_main}</a>
        </Card>
    }
}
