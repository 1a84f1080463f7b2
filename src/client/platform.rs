//! The seam to the browser. What a page's rendering asks has a second body for the server; everything
//! else is only ever called from effects and event handlers, which run in the browser alone.

use std::time::Duration;

use leptos::prelude::{document, on_cleanup, request_animation_frame, set_timeout, window, window_event_listener};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioContext, Element, Event, HtmlDialogElement, HtmlDocument, HtmlElement, HtmlInputElement, HtmlTextAreaElement,
    KeyboardEvent, MouseEvent, Notification, NotificationOptions, NotificationPermission, Response,
    ScrollIntoViewOptions, ScrollLogicalPosition, VisibilityState, Window,
};

use crate::client::settings::{MOTION, SETTINGS_COOKIE, SIZE, Setting, THEME};

/// Korea's, which is assumed until the browser says otherwise.
pub const DEFAULT_OFFSET: i32 = 9 * 60;

/// The language of the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn page_language() -> String {
    document().document_element().and_then(|html| html.get_attribute("lang")).unwrap_or_default()
}

#[cfg(not(feature = "hydrate"))]
pub fn page_language() -> String {
    String::new()
}

/// The path and query of this page.
#[cfg(feature = "hydrate")]
pub fn here() -> String {
    let location = window().location();
    format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

#[cfg(not(feature = "hydrate"))]
pub fn here() -> String {
    "/".to_owned()
}

/// The clock, in UTC milliseconds.
#[cfg(feature = "hydrate")]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

#[cfg(not(feature = "hydrate"))]
pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

/// Minutes east of UTC where this person is, at a moment in UTC milliseconds.
#[cfg(feature = "hydrate")]
pub fn utc_offset(ms: i64) -> i32 {
    let date = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    -(date.get_timezone_offset() as i32)
}

#[cfg(not(feature = "hydrate"))]
pub fn utc_offset(_: i64) -> i32 {
    DEFAULT_OFFSET
}

/// A text in lower case. The browser's own: Rust's would bring its tables along.
#[cfg(feature = "hydrate")]
pub fn lower(text: &str) -> String {
    String::from(js_sys::JsString::from(text).to_lower_case())
}

#[cfg(not(feature = "hydrate"))]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

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

/// Says, for whoever waits for it, that clicks are heard from now on.
pub fn mark_hydrated() {
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("data-hydrated", "");
    }
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

/// To the sign-in page, and from there back to here.
pub fn go_to_sign_in() {
    go(&format!("/sign_in?next={}", String::from(js_sys::encode_uri_component(&here()))));
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

/// Puts a text where "paste" finds it. To be called in a person's own click.
pub fn copy(text: &str) {
    if window().is_secure_context() {
        // A refusal by the browser is its own answer to the person.
        let _ = window().navigator().clipboard().write_text(text);
    } else {
        copy_selected(text);
    }
}

/// Copies what stands before a button.
pub fn copy_beside(button: &Element) {
    let text = button.previous_element_sibling().and_then(|element| element.text_content());
    copy(&text.unwrap_or_default());
}

/// Shows all of the text before a button, and takes the button away.
pub fn unfold(button: &Element) {
    if let Some(text) = button.previous_element_sibling() {
        let _ = text.class_list().remove_1("folded");
    }
    let _ = button.set_attribute("hidden", "");
}

/// Without TLS, as inside many a closed network, browsers have no clipboard but the selected text's.
fn copy_selected(text: &str) {
    let field =
        document().create_element("textarea").ok().and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok());
    let (Some(field), Some(body)) = (field, document().body()) else { return };
    field.set_value(text);
    let _ = body.append_child(&field);
    field.select();
    let _ = document().unchecked_into::<HtmlDocument>().exec_command("copy");
    field.remove();
}

/// Focuses the first element of a selector.
pub fn focus(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Opens a dialog over the page.
pub fn show_modal(selector: &str) {
    let dialog = document().query_selector(selector).ok().flatten();
    if let Some(dialog) = dialog.and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok()) {
        let _ = dialog.show_modal();
    }
}

/// What was clicked, by an attribute of it or of what it is in.
pub fn chosen(event: &MouseEvent, attribute: &str) -> Option<String> {
    near(event, attribute)?.get_attribute(attribute)
}

/// The element with this attribute that was clicked, or that holds what was clicked.
pub fn near(event: &MouseEvent, attribute: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(&format!("[{attribute}]")).ok()?
}

/// Folds up every open `<details>`.
pub fn close_details() {
    while let Ok(Some(details)) = document().query_selector("details[open]") {
        let _ = details.remove_attribute("open");
    }
}

/// What stands in a field; nothing when there is none.
pub fn value_of(selector: &str) -> String {
    let field = document().query_selector(selector).ok().flatten();
    field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()).map(|field| field.value()).unwrap_or_default()
}

/// The values of the boxes that are checked.
pub fn checked(selector: &str) -> Vec<String> {
    let Ok(found) = document().query_selector_all(&format!("{selector}:checked")) else { return Vec::new() };
    let fields = (0..found.length()).filter_map(|place| found.get(place)?.dyn_into::<HtmlInputElement>().ok());
    fields.map(|field| field.value()).collect()
}

/// Moves the focus among the elements of a selector, around the ends.
pub fn move_focus(event: &KeyboardEvent, selector: &str, step: i32) {
    event.prevent_default();
    let Ok(found) = document().query_selector_all(selector) else { return };
    let (count, active) = (found.length() as i32, document().active_element());
    let is_active = |place: &i32| found.get(*place as u32).as_ref() == active.as_deref();
    let place = (0..count).find(is_active).unwrap_or(-step);
    let next = found.get((place + step).rem_euclid(count.max(1)) as u32);
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        let _ = next.focus();
    }
}

/// Whether a key was pressed where one writes.
pub fn is_writing(event: &KeyboardEvent) -> bool {
    is_in(event, "input, textarea, select")
}

/// Whether a key was pressed in an element of a selector.
pub fn is_in(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Moves the focus to the next part of the page that can be seen: the list, the messages, where one writes.
pub fn move_region(event: &KeyboardEvent, step: i32) {
    event.prevent_default();
    let Ok(found) = document().query_selector_all("[data-region]") else { return };
    let regions = (0..found.length()).filter_map(|place| found.get(place)?.dyn_into::<HtmlElement>().ok());
    let regions: Vec<HtmlElement> = regions.filter(|region| region.offset_height() > 0).collect();
    let active = document().active_element();
    let holds = |region: &HtmlElement| region.contains(active.as_ref().map(AsRef::as_ref));
    let (count, place) = (regions.len() as i32, regions.iter().position(holds));
    let next =
        place.map_or(if step > 0 { 0 } else { count - 1 }, |place| (place as i32 + step).rem_euclid(count.max(1)));
    let Some(region) = regions.get(next as usize) else { return };
    let inner = region.query_selector("input").ok().flatten().and_then(|inner| inner.dyn_into().ok());
    let _ = inner.unwrap_or_else(|| region.clone()).focus();
}

/// Clicks the first element of a selector.
pub fn click(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Writes into the focused field as if it were typed, so that it can be undone.
pub fn type_text(text: &str) {
    let document = document().unchecked_into::<HtmlDocument>();
    let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
}

/// Puts a menu beside what opened it, within the element that holds the menu.
pub fn place_menu(menu: &str, beside: &str) {
    let find = |selector: &str| document().query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok();
    let (Some(menu), Some(beside)) = (find(menu), find(beside)) else { return };
    let Some(frame) = menu.offset_parent() else { return };
    let (frame, beside) = (frame.get_bounding_client_rect(), beside.get_bounding_client_rect());
    let (width, height) = (f64::from(menu.offset_width()), f64::from(menu.offset_height()));
    let left = (beside.left() - frame.left()).min(frame.width() - width - 8.0).max(8.0);
    let below = beside.bottom() - frame.top() + 4.0;
    let top =
        if below + height > frame.height() { (beside.top() - frame.top() - height - 4.0).max(8.0) } else { below };
    let style = menu.style();
    // Whole pixels: writing floats would bring a formatter of its own along.
    let _ = style.set_property("left", &format!("{}px", left as i32));
    let _ = style.set_property("top", &format!("{}px", top as i32));
}

/// The `data-id` of the first row of a scrolled element that is in sight, and how far below its upper edge.
pub fn first_in_sight(scrolled: &HtmlElement) -> Option<(String, i32)> {
    let (rows, top) = (scrolled.children(), scrolled.scroll_top());
    let rows = (0..rows.length()).filter_map(|place| rows.item(place)?.dyn_into::<HtmlElement>().ok());
    let mut in_sight = rows.filter(|row| row.offset_top() + row.offset_height() > top);
    in_sight.find_map(|row| Some((row.get_attribute("data-id")?, row.offset_top() - top)))
}

/// How far below the upper edge of a scrolled element a row is now.
pub fn top_of(scrolled: &HtmlElement, id: &str) -> Option<i32> {
    let row = scrolled.query_selector(&format!("[data-id=\"{id}\"]")).ok()??.dyn_into::<HtmlElement>().ok()?;
    Some(row.offset_top() - scrolled.scroll_top())
}

/// Brings a row into the middle, focuses it and lets it flash.
pub fn show(selector: &str) -> bool {
    let row = document().query_selector(selector).ok().flatten();
    let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) else { return false };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    row.scroll_into_view_with_scroll_into_view_options(&options);
    let _ = row.focus();
    let _ = row.class_list().add_1("shown");
    after(Duration::from_secs(2), move || drop(row.class_list().remove_1("shown")));
    true
}

/// Waits its turn to be the one window of this browser that sounds, and stays it until it is closed.
/// Where windows cannot agree, each takes itself for it.
pub fn on_elected(act: impl FnOnce() + 'static) {
    let locks = js_sys::Reflect::get(&window().navigator(), &"locks".into()).unwrap_or_default();
    let request = js_sys::Reflect::get(&locks, &"request".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
    let Ok(request) = request else { return act() };
    let elected = Closure::once_into_js(move || {
        act();
        // A promise that is never kept holds the lock as long as the window lives.
        js_sys::Promise::new(&mut |_, _| {})
    });
    let _ = request.call2(&locks, &"daehwa.sound".into(), &elected);
}

/// A short tone of our own: two notes, soft, a third of a second.
pub fn sound() {
    let play = || -> Result<(), JsValue> {
        let context = AudioContext::new()?;
        let (tone, loudness) = (context.create_oscillator()?, context.create_gain()?);
        let now = context.current_time();
        tone.frequency().set_value_at_time(660.0, now)?;
        tone.frequency().set_value_at_time(880.0, now + 0.12)?;
        loudness.gain().set_value_at_time(0.12, now)?;
        loudness.gain().exponential_ramp_to_value_at_time(0.001, now + 0.35)?;
        tone.connect_with_audio_node(&loudness)?;
        loudness.connect_with_audio_node(&context.destination())?;
        tone.start()?;
        tone.stop_with_when(now + 0.35)?;
        // Each holds a part of the machine's sound until it is closed.
        after(Duration::from_secs(1), move || drop(context.close()));
        Ok(())
    };
    // A browser that has not been clicked in yet makes no sound.
    let _ = play();
}

/// Makes an address the page's own, without loading it: "back" leads to the one before.
pub fn push_address(path: &str) {
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(path));
    }
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

    /// Whether nothing is shown in it yet.
    pub fn is_fresh(&self) -> bool {
        self.window.location().href().is_ok_and(|href| href == "about:blank")
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
    // Where closing is not allowed, one is at least back at the list.
    go("/");
}

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
    for setting in [THEME, SIZE, MOTION] {
        let name = format!("data-{}", setting.name);
        let _ = html.as_ref().map(|html| html.set_attribute(&name, setting.of(&settings)));
    }
}

pub fn stored_keys() -> Vec<String> {
    let Ok(Some(storage)) = window().local_storage() else { return Vec::new() };
    (0..storage.length().unwrap_or(0)).filter_map(|place| storage.key(place).ok()?).collect()
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

/// Notes now and then, for all windows of this browser, that somebody is here.
pub fn note_touches(key: &'static str, every_ms: i64) {
    let noted_at = std::cell::Cell::new(0);
    let touch: Closure<dyn Fn()> = Closure::new(move || {
        let now = now_ms();
        if now - noted_at.get() > every_ms {
            noted_at.set(now);
            store(key, Some(&now.to_string()));
            let _ = Event::new("daehwa-touched").map(|event| window().dispatch_event(&event));
        }
    });
    store(key, Some(&now_ms().to_string()));
    for what in ["pointermove", "pointerdown", "keydown", "focus"] {
        let _ = window().add_event_listener_with_callback(what, touch.as_ref().unchecked_ref());
    }
    // As long as the page.
    touch.forget();
}

/// Has the system show something, when the person allowed it; a click on it leads back here.
pub fn notify_system(title: &str, body: &str, tag: &str, on_click: impl FnOnce() + 'static) {
    // Some browsers have none at all, which only asking for the name can tell without an exception.
    let is_known = js_sys::Reflect::has(&window(), &"Notification".into()) == Ok(true);
    if !is_known || Notification::permission() != NotificationPermission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(&body.chars().take(120).collect::<String>());
    options.set_tag(tag);
    options.set_icon("/icon.svg");
    // Where it cannot be made so (phones), the toast inside is all there is.
    if let Ok(notification) = Notification::new_with_options(title, &options) {
        let clicked = Closure::once_into_js(move || {
            let _ = window().focus();
            on_click();
        });
        notification.set_onclick(Some(clicked.unchecked_ref()));
    }
}

/// How much is unread, on the icon of the installed program.
pub fn set_badge(count: u32) {
    let navigator = window().navigator();
    let set = js_sys::Reflect::get(&navigator, &"setAppBadge".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
    if let Ok(set) = set {
        let _ = set.call1(&navigator, &count.into());
    }
}

/// Does something later, once.
pub fn after(duration: Duration, action: impl FnOnce() + 'static) {
    // It fails only where there is no browser.
    let _ = set_timeout(action, duration);
}

/// Does something when the page has been drawn anew.
pub fn next_frame(action: impl FnOnce() + 'static) {
    let _ = request_animation_frame(action);
}
