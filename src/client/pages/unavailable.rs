//! What any page is when what it is about cannot be had just now.

use leptos::prelude::*;

use crate::client::{components::card::Card, text::words};

#[component]
pub fn Unavailable() -> impl IntoView {
    let words = words();
    view! {
        <Card title=words.product>
            <p class="card-text" role="alert">{words.could_not_load}</p>
            <a class="button primary wide" href="">{words.try_again}</a>
        </Card>
    }
}
