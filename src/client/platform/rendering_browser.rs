//! What a page's rendering asks, answered in the browser.

use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;

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
