//! The program that the browser loads. It is a separate crate, because Leptos' features for the browser and for the
//! server exclude each other.

#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered. The page's script calls it.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    client::app::prepare().await;
    leptos::mount::hydrate_from(client::platform::root(), client::app::App).forget();
}
