//! Functions that run while a page is rendered, for the server: defaults that the browser replaces after hydration.

use std::sync::Arc;

use leptos::prelude::use_context;

use crate::{
    platform::DEFAULT_OFFSET,
    served_page::{LastTab, ServedPage},
};
use protocol::page::LivePage;

/// The page that is being rendered.
pub fn served_page() -> Option<LivePage> {
    use_context::<ServedPage>().map(|served| Arc::unwrap_or_clone(served.page))
}

/// The JSON that the document embeds.
pub fn served_json() -> String {
    use_context::<ServedPage>().map(|served| served.json.to_string()).unwrap_or_default()
}

pub fn page_language() -> String {
    String::new()
}

/// The last open tab of the browser; empty if there was none.
pub fn rendered_tab() -> String {
    use_context::<LastTab>().map(|LastTab(tab)| tab).unwrap_or_default()
}

pub fn here() -> String {
    "/".to_owned()
}

pub fn now_ms() -> i64 {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since_epoch.map_or(0, |since_epoch| since_epoch.as_millis() as i64)
}

pub fn utc_offset(_: i64) -> i32 {
    DEFAULT_OFFSET
}
