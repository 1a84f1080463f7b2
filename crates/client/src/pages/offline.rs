//! `/offline`: cached by the browser, and shown when the server cannot be reached.

use leptos::{nonce::use_nonce, prelude::*};

use crate::{components::card::CardPage, text::page::page_words};

#[component]
pub fn OfflinePage() -> impl IntoView {
    let words = page_words();
    view! {
        <CardPage title=words.offline>
            <p class="card-text" role="alert">{words.offline_hint}</p>
            // The address of the page stays, so that the link loads it again.
            <a class="button primary wide" href="">{words.try_again}</a>
            <script nonce=use_nonce()>"addEventListener('online',()=>location.reload())"</script>
        </CardPage>
    }
}
