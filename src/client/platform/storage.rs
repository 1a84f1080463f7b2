//! What this browser keeps: its storage, and the settings' cookie.

use leptos::prelude::{document, on_cleanup, window, window_event_listener};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDocument, StorageEvent};

use crate::client::settings::{LOOK, SETTINGS_COOKIE, Setting};

pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// None forgets it. A storage that is full or forbidden keeps nothing, and nothing else goes wrong.
pub fn store(key: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// What was chosen for this browser: read anew each time, for another window may have changed it.
pub fn setting(setting: Setting) -> &'static str {
    setting.of(&settings())
}

fn settings() -> String {
    let cookies = document().unchecked_into::<HtmlDocument>().cookie().unwrap_or_default();
    let mut cookies = cookies.split("; ").filter_map(|cookie| cookie.split_once('='));
    cookies.find(|(name, _)| *name == SETTINGS_COOKIE).map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// Lets the page look as it was chosen; it may have been chosen in another window since.
pub fn follow_look() {
    let (settings, html) = (settings(), document().document_element());
    for setting in LOOK {
        let name = format!("data-{}", setting.name);
        let _ = html.as_ref().map(|html| html.set_attribute(&name, setting.of(&settings)));
    }
}

pub fn stored_keys() -> Vec<String> {
    let Ok(Some(storage)) = window().local_storage() else { return Vec::new() };
    (0..storage.length().unwrap_or(0)).filter_map(|place| storage.key(place).ok()?).collect()
}

/// Whether an event of the storage is about this key.
pub fn is_about(event: &Event, key: &str) -> bool {
    event.dyn_ref::<StorageEvent>().and_then(StorageEvent::key).is_some_and(|changed| changed == key)
}

/// Tells of keys that another window of this browser changed, until the current owner is cleaned up.
pub fn on_stored(act: impl Fn(String) + 'static) {
    let listener = window_event_listener(leptos::ev::storage, move |event| {
        if let Some(key) = event.key() {
            act(key);
        }
    });
    on_cleanup(move || listener.remove());
}
