//! `/offline`: kept by the browser, for when the server cannot be reached.

use leptos::{nonce::use_nonce, prelude::*};

use crate::client::{components::card::Card, text::page::page_words};

#[component]
pub fn Offline() -> impl IntoView {
    let words = page_words();
    view! {
        <Card title=words.offline>
            <p class="card-text" role="alert">{words.offline_hint}</p>
            // The address that was asked for stays: the same again is what helps.
            <a class="button primary wide" href="">{words.try_again}</a>
            <script nonce=use_nonce()>"addEventListener('online',()=>location.reload())"</script>
        </Card>
    }
}
