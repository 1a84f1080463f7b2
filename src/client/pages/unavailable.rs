//! What any page is when what it is about cannot be had just now.

use leptos::prelude::*;

use crate::client::{
    components::card::Card,
    text::{page::page_words, words as common_words},
};

#[component]
pub fn Unavailable() -> impl IntoView {
    let words = page_words();
    view! {
        <Card title=common_words().product>
            <p class="card-text" role="alert">{words.could_not_load}</p>
            <a class="button primary wide" href="">{words.try_again}</a>
        </Card>
    }
}
