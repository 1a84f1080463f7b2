//! Daehwa (대화, "conversation"): a web messenger in one binary.
//!
//! The reading map. Data flows one way, from the ground floor up:
//! [`protocol`] is what both sides say; `server` keeps and routes it (start at
//! `server::messenger`, the sentences of the product); [`client`] is what a person sees (start at
//! `client::app`).
//! The only two feature switches of the crate are in this file.

#![recursion_limit = "512"]

pub mod client;
pub mod protocol;

#[cfg(feature = "ssr")]
pub mod server;

/// Entered by the page's script in the browser: takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    client::app::prepare().await;
    leptos::mount::hydrate_from(client::platform::root(), client::app::App).forget();
}
