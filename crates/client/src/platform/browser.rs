//! The window and its document: title, address, visibility, timers.

use std::{cell::Cell, time::Duration};

use gloo_timers::callback::Timeout;
use leptos::prelude::{
    WindowListenerHandle, document, on_cleanup, request_animation_frame, window, window_event_listener_untyped,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, HtmlElement, MouseEvent, Response, VisibilityState};

use crate::platform::{here, is_so};

/// Korea's offset, in minutes east of UTC, until the browser reports its own.
pub const DEFAULT_OFFSET: i32 = 9 * 60;

thread_local! {
    /// The count before the document's title. A title may begin like one.
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Whether a click has no modifier key, with which it would open another window.
pub fn is_plain_click(event: &MouseEvent) -> bool {
    !(event.ctrl_key() || event.meta_key() || event.shift_key())
}

/// A random number between 0 and 1.
pub fn random() -> f64 {
    js_sys::Math::random()
}

pub fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// Whether the screen, not the window, is a phone's: too narrow for two windows.
pub fn is_small() -> bool {
    let width = window().screen().ok().and_then(|screen| screen.width().ok());
    width.is_some_and(|width| width < 640)
}

/// Whether the window is wide enough for a room next to the list. The same width as in the style sheet.
pub fn is_wide() -> bool {
    is_so("(min-width: 1200px)")
}

/// Whether the window is only wide enough for the list or a room. The same width as in side.css.
pub fn is_narrow() -> bool {
    is_so("(max-width: 759.98px)")
}

/// Marks the page as hydrated, for tests.
pub fn mark_hydrated() {
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("data-hydrated", "");
    }
}

/// The id of the program's element on a page that works without the program.
pub const ASIDE: &str = "aside";

/// The element that the program hydrates: the body, or the one with the id [`ASIDE`].
pub fn root() -> HtmlElement {
    let aside = document().get_element_by_id(ASIDE).and_then(|aside| aside.dyn_into().ok());
    aside.unwrap_or_else(leptos::tachys::dom::body)
}

/// Shows a count before the document's title.
pub fn count_title(count: u32) {
    let title = document().title();
    let name = title.strip_prefix(&shown_count()).unwrap_or(&title);
    COUNT.set(count);
    set_title(name);
}

/// Changes the document's title, but not the count before it.
pub fn set_title(name: &str) {
    document().set_title(&(shown_count() + name));
}

/// The count before the title, as the title shows it.
fn shown_count() -> String {
    let count = COUNT.get();
    if count == 0 { String::new() } else { format!("({count}) ") }
}

/// `ws://` or `wss://` with the host of the page.
pub fn socket_origin() -> String {
    let location = window().location();
    let scheme = if location.protocol().as_deref() == Ok("https:") { "wss" } else { "ws" };
    format!("{scheme}://{}", location.host().unwrap_or_default())
}

/// The scheme, host and port of the page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Loads another page of this server, or this one again.
pub fn go(path: &str) {
    let _ = window().location().set_href(path);
}

/// Loads a page that returns to this one afterwards. `address` has a query.
pub fn leave_for(address: &str) {
    go(&format!("{address}&next={}", String::from(js_sys::encode_uri_component(&here()))));
}

/// A number in the query of the page's address, such as `at` in `?at=7`.
pub fn query_number(name: &str) -> Option<u64> {
    let search = window().location().search().ok()?;
    let pairs = search.strip_prefix('?')?.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?.1.parse().ok()
}

/// The midnight of a day in the browser's time zone, UTC milliseconds. `day`: the value of an `<input type="date">`.
pub fn midnight(day: &str) -> Option<i64> {
    moment(&format!("{day}T00:00"))
}

/// A time of the browser's time zone in UTC milliseconds. `value`: that of an `<input type="datetime-local">`.
pub fn moment(value: &str) -> Option<i64> {
    let ms = js_sys::Date::parse(value);
    ms.is_finite().then_some(ms as i64)
}

/// The HTTP status of a path; 0 if the request fails.
pub async fn status(path: &str) -> u16 {
    let answer = JsFuture::from(window().fetch_with_str(path)).await;
    let response = answer.ok().and_then(|response| response.dyn_into::<Response>().ok());
    response.map_or(0, |response| response.status())
}

/// Listens to an event of the window.
pub fn on_window(name: &str, act: impl Fn(Event) + 'static) -> WindowListenerHandle {
    let act: Box<dyn Fn(Event)> = Box::new(act);
    window_event_listener_untyped(name, act)
}

/// Lets the browser ask before the page is left, while a condition holds.
pub fn ask_before_leaving(condition: impl Fn() -> bool + 'static) {
    let listener = on_window("beforeunload", move |event| {
        if condition() {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// Closes the window if a script opened it, otherwise loads the main page.
pub fn leave_window() {
    let has_opener = window().opener().is_ok_and(|opener| !opener.is_null() && !opener.is_undefined());
    if has_opener {
        let _ = window().close();
    }
    // If the browser does not allow closing the window, it shows the list.
    let _ = window().location().replace("/");
}

/// Runs an action once after a time. The owner's cleanup does not cancel it.
pub fn after(duration: Duration, action: impl FnOnce() + 'static) {
    run_after(duration, Box::new(action));
}

// Not generic: code for every closure type is a part of the download.
fn run_after(duration: Duration, action: Box<dyn FnOnce()>) {
    Timeout::new(duration.as_millis() as u32, action).forget();
}

/// Runs an action in the next animation frame.
pub fn next_frame(action: impl FnOnce() + 'static) {
    run_in_frame(Box::new(action));
}

fn run_in_frame(action: Box<dyn FnOnce()>) {
    let _ = request_animation_frame(action);
}

/// Runs an action two frames later, when the rows that a change caused are rendered.
pub fn after_render(action: impl FnOnce() + 'static) {
    let action: Box<dyn FnOnce()> = Box::new(action);
    next_frame(move || run_in_frame(action));
}
