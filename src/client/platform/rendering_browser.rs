//! What a page's rendering asks, answered in the browser.

use std::cmp::Ordering;

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};

/// The language of the page that the server rendered.
pub fn page_language() -> String {
    document().document_element().and_then(|html| html.get_attribute("lang")).unwrap_or_default()
}

/// The path and query of this page.
pub fn here() -> String {
    let location = window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// The clock, in UTC milliseconds.
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Minutes east of UTC where this person is, at a moment in UTC milliseconds.
pub fn utc_offset(ms: i64) -> i32 {
    let date = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    -(date.get_timezone_offset() as i32)
}

/// A text in lower case. The browser's own: Rust's would bring its tables along.
pub fn lower(text: &str) -> String {
    String::from(js_sys::JsString::from(text).to_lower_case())
}

/// A text in lower case whose letters are taken apart (NFKD): syllables into jamo, accents beside their letters,
/// wide letters as plain ones.
pub fn decomposed(text: &str) -> String {
    String::from(js_sys::JsString::from(text).normalize("NFKD").to_lower_case())
}

/// How an address book in Korean orders two names.
pub fn compare_names(one: &str, other: &str) -> Ordering {
    // A plain string and no options: then browsers keep the collator for the next time.
    let (locale, options) = (JsValue::from_str("ko").unchecked_into(), JsValue::UNDEFINED.unchecked_into());
    js_sys::JsString::from(one).locale_compare(other, &locale, &options).cmp(&0)
}
