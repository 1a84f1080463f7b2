//! What a page's rendering asks, answered on the server: what holds until the browser says otherwise.

use crate::client::platform::DEFAULT_OFFSET;

pub fn page_language() -> String {
    String::new()
}

pub fn here() -> String {
    "/".to_owned()
}

pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

pub fn utc_offset(_: i64) -> i32 {
    DEFAULT_OFFSET
}

pub fn lower(text: &str) -> String {
    text.to_lowercase()
}
