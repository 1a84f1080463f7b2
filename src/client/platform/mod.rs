//! The seam to the browser. What a page's rendering asks has a second body for the server; everything
//! else is only ever called from effects and event handlers, which run in the browser alone.

#[cfg(feature = "hydrate")]
#[path = "rendering_browser.rs"]
mod rendering;
#[cfg(not(feature = "hydrate"))]
#[path = "rendering_server.rs"]
mod rendering;

mod element;
mod layer;
mod log;
mod notice;
mod rows;
mod storage;
mod trail;

use std::time::Duration;

use gloo_timers::callback::Timeout;
use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, Response, VisibilityState, Window};

use crate::protocol::ids::RoomId;

pub use element::*;
pub use layer::*;
pub use log::*;
pub use notice::*;
pub use rendering::*;
pub use rows::*;
pub use storage::*;
pub use trail::*;

/// Korea's, which is assumed until the browser says otherwise.
pub const DEFAULT_OFFSET: i32 = 9 * 60;

/// Between 0 and 1.
pub fn random() -> f64 {
    js_sys::Math::random()
}

pub fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// A phone: its screen has no room for windows beside each other. A narrow window on a large screen does.
pub fn is_small() -> bool {
    let width = window().screen().ok().and_then(|screen| screen.width().ok());
    width.is_some_and(|width| width < 640)
}

/// Whether there is room for a conversation beside the list. The style has the same width.
pub fn is_wide() -> bool {
    is_so("(min-width: 1200px)")
}

/// Whether the page has room for the list or a conversation, not for both (side.css).
pub fn is_narrow() -> bool {
    is_so("(max-width: 759.98px)")
}

/// Says, for whoever waits for it, that clicks are heard from now on.
pub fn mark_hydrated() {
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("data-hydrated", "");
    }
}

/// The id of the element that the program lives in, where the rest of the page needs none.
pub const ASIDE: &str = "aside";

/// What the program takes over: all of the page, or the element beside it.
pub fn root() -> HtmlElement {
    let aside = document().get_element_by_id(ASIDE).and_then(|aside| aside.dyn_into().ok());
    aside.unwrap_or_else(leptos::tachys::dom::body)
}

/// Puts a count before the page's title, in place of the last one.
pub fn count_title(count: u32) {
    let title = document().title();
    let bare = title.strip_prefix('(').and_then(|rest| rest.split_once(") ")).map_or(&*title, |(_, bare)| bare);
    set_title(&if count == 0 { bare.to_owned() } else { format!("({count}) {bare}") });
}

pub fn set_title(title: &str) {
    document().set_title(title);
}

/// `ws://` or `wss://` and the host this page came from.
pub fn socket_origin() -> String {
    let location = window().location();
    let scheme = if location.protocol().as_deref() == Ok("https:") { "wss" } else { "ws" };
    format!("{scheme}://{}", location.host().unwrap_or_default())
}

/// Leaves for another page of ours, or loads this one again.
pub fn go(path: &str) {
    let _ = window().location().set_href(path);
}

/// To a page (an address with a query) that leads back to here.
pub fn leave_for(address: &str) {
    go(&format!("{address}&next={}", String::from(js_sys::encode_uri_component(&here()))));
}

/// A number that the page's address names, like `at` in `?at=7`.
pub fn asked(name: &str) -> Option<u64> {
    let search = window().location().search().ok()?;
    let pairs = search.strip_prefix('?')?.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?.1.parse().ok()
}

/// Midnight of a day as `<input type="date">` writes it, where this person is, UTC milliseconds.
pub fn midnight(day: &str) -> Option<i64> {
    let ms = js_sys::Date::parse(&format!("{day}T00:00"));
    ms.is_finite().then_some(ms as i64)
}

/// What the server answers at an address of ours; 0 when it cannot be asked.
pub async fn status(path: &str) -> u16 {
    let answer = JsFuture::from(window().fetch_with_str(path)).await;
    let response = answer.ok().and_then(|response| response.dyn_into::<Response>().ok());
    response.map_or(0, |response| response.status())
}

/// A chat window, by its name.
pub struct ChatWindow {
    window: Window,
    pub name: String,
}

impl ChatWindow {
    /// Opens the window, or finds it when it is open already; none when the browser allows none.
    /// To be called from a person's own click only.
    pub fn open(name: String) -> Option<Self> {
        let features = "popup,width=420,height=640";
        let window = window().open_with_url_and_target_and_features("", &name, features).ok().flatten()?;
        Some(Self { window, name })
    }

    /// Whether it shows this conversation, or any where none is named. It may be new, or show something else by
    /// now: the sign-in page, or the group that grew out of a conversation.
    pub fn shows(&self, room: Option<RoomId>) -> bool {
        let path = self.window.location().pathname().unwrap_or_default();
        path.strip_prefix("/rooms/").is_some_and(|shown| room.is_none_or(|room| shown == room.to_string()))
    }

    pub fn show(&self, path: &str) {
        let _ = self.window.location().set_href(path);
    }

    pub fn focus(&self) {
        let _ = self.window.focus();
    }
}

/// Closes this window when a script opened it; otherwise goes back to the main window.
pub fn leave_window() {
    let has_opener = window().opener().is_ok_and(|opener| !opener.is_null() && !opener.is_undefined());
    if has_opener {
        let _ = window().close();
    }
    // Where closing is not allowed, the person is at least back at the list, and "back" leads further.
    let _ = window().location().replace("/");
}

/// Does something later, once. It outlasts what began it: an effect that runs again takes nothing back.
pub fn after(duration: Duration, action: impl FnOnce() + 'static) {
    Timeout::new(duration.as_millis() as u32, action).forget();
}

/// Does something when the page has been drawn anew.
pub fn next_frame(action: impl FnOnce() + 'static) {
    let _ = request_animation_frame(action);
}
