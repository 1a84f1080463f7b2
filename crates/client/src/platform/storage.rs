//! The browser's storage, and the cookie of the settings.

use leptos::prelude::{document, on_cleanup, window, window_event_listener};
use wasm_bindgen::JsCast;
use web_sys::{Event, EventInit, HtmlDocument, StorageEvent};

use crate::{
    platform::{is_there, now_ms, on_window, page_language, socket_origin},
    settings::{APPEARANCE, LANGUAGE_COOKIE, SETTINGS, SETTINGS_COOKIE, Setting, adopted, settings_cookie},
    text::Lang,
};

/// The key whose change shows the browser's other windows that the settings changed.
const CHANGED_KEY: &str = "daehwa.settings";
/// The key with the language of the page that loaded last.
const LANGUAGE_KEY: &str = "daehwa.lang";
/// What the user would lose if the page were loaded again: a dialog, a text, an edit, a selection, a password,
/// the page itself.
const UNSAVED: &str = "dialog[open], #composer:not(:placeholder-shown), .mode:not([hidden]), .selection-bar, .connection:not(:empty), [type=password]";
/// The lifetime of a setting's cookie, in seconds.
const YEAR: u32 = 365 * 24 * 3600;

pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// `None` removes the key. If the storage is full or forbidden, nothing is stored; that is not an error.
pub fn store(key: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// The value of a setting. It is read each time, because another window may have changed it.
pub fn setting(setting: Setting) -> &'static str {
    setting.of(&settings())
}

fn settings() -> String {
    cookie(SETTINGS_COOKIE)
}

fn cookie(name: &str) -> String {
    let cookies = document().unchecked_into::<HtmlDocument>().cookie().unwrap_or_default();
    let mut cookies = cookies.split("; ").filter_map(|cookie| cookie.split_once('='));
    cookies.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// Sets a cookie of this browser for a year. The server sets the same ones in `http/preference.rs`.
pub fn set_cookie(name: &str, value: &str) {
    let secure = if socket_origin().starts_with("wss") { "; secure" } else { "" };
    let cookie = format!("{name}={value}; path=/; max-age={YEAR}; samesite=lax{secure}");
    let _ = document().unchecked_into::<HtmlDocument>().set_cookie(&cookie);
}

/// Whether a setting was ever chosen in this browser.
pub fn is_chosen(setting: Setting) -> bool {
    setting.chosen(&settings()).is_some()
}

/// Chooses the value of a setting of this browser.
pub fn choose_setting(setting: Setting, value: &'static str) {
    let before = settings();
    let chosen = |name: &str| {
        let known = SETTINGS.iter().find(|known| known.name == name)?;
        if name == setting.name { Some(value) } else { known.chosen(&before) }
    };
    set_cookie(SETTINGS_COOKIE, &settings_cookie(chosen));
}

/// Replaces the account's settings in the cookie by those that the account keeps.
pub fn adopt_settings(account: &str) {
    let before = settings();
    let after = adopted(&before, account);
    if after != before && !account.is_empty() {
        set_cookie(SETTINGS_COOKIE, &after);
        spread_settings();
    }
}

/// Applies changed settings to this window and to the others of the browser.
pub fn spread_settings() {
    apply_appearance();
    store(CHANGED_KEY, Some(&now_ms().to_string()));
}

/// Follows changes by other windows of the browser, until the current owner is cleaned up.
pub fn follow_settings() {
    store(LANGUAGE_KEY, Some(&page_language()));
    on_stored(|key| match key.as_str() {
        CHANGED_KEY => apply_appearance(),
        LANGUAGE_KEY => follow_language(),
        _ => {}
    });
    let looking = on_window("focus", |_| {
        apply_appearance();
        follow_language();
    });
    on_cleanup(move || looking.remove());
}

/// Loads the page again if another window chose another language. If that would lose something, the page keeps its
/// language until it gets the focus again.
fn follow_language() {
    let chosen = cookie(LANGUAGE_COOKIE);
    // Pages are in no other language, so another value would load the page for ever.
    if Lang::from_code(&chosen).is_none() || chosen == page_language() || is_there(UNSAVED) {
        return;
    }
    // The browser would ask the user for these; such as files that are being sent.
    let leaving = EventInit::new();
    leaving.set_cancelable(true);
    let leaving = Event::new_with_event_init_dict("beforeunload", &leaving);
    if leaving.is_ok_and(|leaving| window().dispatch_event(&leaving) == Ok(true)) {
        let _ = window().location().reload();
    }
}

/// Applies the appearance, which another window may have changed.
pub fn apply_appearance() {
    let (settings, html) = (settings(), document().document_element());
    for setting in APPEARANCE {
        let name = format!("data-{}", setting.name);
        let _ = html.as_ref().map(|html| html.set_attribute(&name, setting.of(&settings)));
    }
}

pub fn stored_keys() -> Vec<String> {
    let Ok(Some(storage)) = window().local_storage() else { return Vec::new() };
    (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok()?).collect()
}

/// Whether an event of the storage concerns this key.
pub fn is_about(event: &Event, key: &str) -> bool {
    event.dyn_ref::<StorageEvent>().and_then(StorageEvent::key).is_some_and(|changed| changed == key)
}

/// Calls `on_change` with each key that another window of the browser changed, until the current owner is cleaned up.
pub fn on_stored(on_change: impl Fn(String) + 'static) {
    let listener = window_event_listener(leptos::ev::storage, move |event| {
        if let Some(key) = event.key() {
            on_change(key);
        }
    });
    on_cleanup(move || listener.remove());
}
