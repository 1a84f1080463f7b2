//! Functions that run while a page is rendered, for the browser.

use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;

use protocol::page::LivePage;

/// `None`, because the browser decodes the page from the document.
pub fn served_page() -> Option<LivePage> {
    None
}

/// Never called, because the document contains it.
pub fn served_json() -> String {
    String::new()
}

/// The language of the page that the server rendered.
pub fn page_language() -> String {
    document().document_element().and_then(|html| html.get_attribute("lang")).unwrap_or_default()
}

/// The tab that the server rendered as chosen: its id without `tab-`; empty without tabs.
pub fn rendered_tab() -> String {
    let tab = document().query_selector("[role=tab][aria-selected=true]").ok().flatten();
    tab.map(|tab| tab.id().trim_start_matches("tab-").to_owned()).unwrap_or_default()
}

/// The path and query of the page.
pub fn here() -> String {
    let location = window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// The time, UTC milliseconds.
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Minutes east of UTC in the browser's time zone, at a time in UTC milliseconds.
pub fn utc_offset(ms: i64) -> i32 {
    let date = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    -(date.get_timezone_offset() as i32)
}
