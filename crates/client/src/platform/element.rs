//! Elements of the page: focus, clicks, fields, geometry, the clipboard.

use leptos::{
    prelude::{document, on_cleanup, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, Event, FocusEvent, HtmlCollection, HtmlDialogElement, HtmlDocument, HtmlElement, HtmlInputElement,
    HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit, NodeList, ScrollIntoViewOptions, ScrollLogicalPosition,
};

use crate::{
    platform::BrowserValue,
    state::grid::{self, Cell, GridStep},
};

/// The element with the focus.
pub fn focused() -> Option<HtmlElement> {
    let element = document().active_element()?.dyn_into::<HtmlElement>().ok()?;
    (element.tag_name() != "BODY").then_some(element)
}

/// The element from which a `focusin` took the focus, if the focus moved into an element of a selector from outside it.
pub fn left_for(event: &Event, selector: &str) -> Option<HtmlElement> {
    let left = event.dyn_ref::<FocusEvent>()?.related_target()?.dyn_into::<HtmlElement>().ok()?;
    (is_in(event, selector) && left.closest(selector).ok()?.is_none()).then_some(left)
}

/// Copies a text to the clipboard; `on_end` receives whether that worked. Call it in a click handler.
pub fn copy(text: &str, on_end: impl FnOnce(bool) + 'static) {
    if !window().is_secure_context() {
        return on_end(copy_selected(text));
    }
    let written = JsFuture::from(window().navigator().clipboard().write_text(text));
    spawn_local(async move { on_end(written.await.is_ok()) });
}

/// The text of the element before a button.
pub fn text_beside(button: &Element) -> String {
    button.previous_element_sibling().and_then(|element| element.text_content()).unwrap_or_default()
}

/// Unfolds the text before a button and removes the button; the focus moves to its row.
pub fn unfold(button: &Element) {
    if let Some(text) = button.previous_element_sibling() {
        let _ = text.class_list().remove_1("folded");
    }
    let _ = button.set_attribute("hidden", "");
    let row = button.closest("[data-id]").ok().flatten().and_then(|row| row.dyn_into::<HtmlElement>().ok());
    let _ = row.map(|row| row.focus());
}

/// Copies by a selection, because without TLS browsers have no clipboard API. Returns whether that worked.
fn copy_selected(text: &str) -> bool {
    let field =
        document().create_element("textarea").ok().and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok());
    let (Some(field), Some(body)) = (field, document().body()) else { return false };
    field.set_value(text);
    let _ = body.append_child(&field);
    field.select();
    let is_copied = document().unchecked_into::<HtmlDocument>().exec_command("copy");
    field.remove();
    is_copied == Ok(true)
}

/// Whether an element matches a selector.
pub fn is_there(selector: &str) -> bool {
    document().query_selector(selector).ok().flatten().is_some()
}

/// The text of the first element of a selector.
pub fn text_of(selector: &str) -> String {
    document().query_selector(selector).ok().flatten().and_then(|element| element.text_content()).unwrap_or_default()
}

/// Whether the pointer or the keyboard focus is on an element of a selector. Touch leaves no pointer, and a background
/// window has no keyboard focus.
pub fn is_attended(selector: &str) -> bool {
    (can_hover() && is_there(&format!("{selector}:hover")))
        || (document().has_focus().unwrap_or_default() && is_there(&format!("{selector}:focus-within")))
}

/// Whether the pointing device can hover. On other devices a focused field opens an on-screen keyboard.
pub fn can_hover() -> bool {
    is_so("(hover: hover)")
}

/// Whether a media query matches.
pub fn is_so(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|media| media.matches())
}

/// Whether the browser says that there is no network.
pub fn is_offline() -> bool {
    !window().navigator().on_line()
}

/// The address of the program, from the page.
pub fn program_address() -> String {
    let link = document().query_selector("link[rel=modulepreload]").ok().flatten();
    link.and_then(|link| link.get_attribute("href")).unwrap_or_default()
}

/// Focuses the first element of a selector.
pub fn focus(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Names a dialog by its title.
pub fn name_dialog(selector: &str) {
    let title = text_of(&format!("{selector} h2"));
    let dialog = document().query_selector(selector).ok().flatten().filter(|_| !title.is_empty());
    let _ = dialog.map(|dialog| dialog.set_attribute("aria-label", &title));
}

/// Opens a modal dialog. If its first button is "close", its title gets the focus.
pub fn show_modal(selector: &str) {
    let dialog = document().query_selector(selector).ok().flatten();
    if let Some(dialog) = dialog.and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok()) {
        let _ = dialog.show_modal();
        // Browsers focus a part that scrolls before the first button in it.
        if is_there("dialog :focus:not(a, button, input, textarea, select, summary, [tabindex])") {
            focus("dialog[open] :is(a, button, input, textarea)");
        }
        let title = dialog.query_selector("h2").ok().flatten().filter(|_| is_there(".ask-end :focus"));
        if let Some(title) = title.and_then(|title| title.dyn_into::<HtmlElement>().ok()) {
            title.set_tab_index(-1);
            let _ = title.focus();
        }
    }
}

/// The value of an attribute of an event's target, or of the nearest ancestor that has it.
pub fn chosen(event: &Event, attribute: &str) -> Option<String> {
    near(event, attribute)?.get_attribute(attribute)
}

/// The target of an event, or its nearest ancestor, that has an attribute.
pub fn near(event: &Event, attribute: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(&format!("[{attribute}]")).ok()?
}

/// The value of a field; empty if the field does not exist.
pub fn value_of(selector: &str) -> String {
    let field = document().query_selector(selector).ok().flatten();
    let value = |field: Element| match field.dyn_into::<HtmlInputElement>() {
        Ok(input) => Some(input.value()),
        Err(field) => field.dyn_into::<HtmlTextAreaElement>().ok().map(|text| text.value()),
    };
    field.and_then(value).unwrap_or_default()
}

/// The values of the checked boxes.
pub fn checked(selector: &str) -> Vec<String> {
    let Ok(found) = document().query_selector_all(&format!("{selector}:checked")) else { return Vec::new() };
    let fields = (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<HtmlInputElement>().ok());
    fields.map(|field| field.value()).collect()
}

/// The visible elements among these.
fn seen(found: Result<NodeList, JsValue>) -> Vec<HtmlElement> {
    let Ok(found) = found else { return Vec::new() };
    let found = (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<HtmlElement>().ok());
    found.filter(|element| element.offset_height() > 0).collect()
}

/// The arrow keys, Home and End move the focus among the elements of a selector, by rows on the screen. In a text field
/// the keys that move the caret keep their meaning.
pub fn rove(event: &KeyboardEvent, selector: &str) {
    let Some(step) = GridStep::of_key(&event.key()) else { return };
    let is_of_field =
        !matches!(step, GridStep::Up | GridStep::Down) && is_in(event, "input:not([type=checkbox]), textarea, select");
    if is_of_field || event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    event.prevent_default();
    let (found, active) = (seen(document().query_selector_all(selector)), focused());
    let cell = |element: &HtmlElement| {
        let bounds = element.get_bounding_client_rect();
        Cell { left: bounds.left() as i32, top: bounds.top() as i32 }
    };
    let cells: Vec<Cell> = found.iter().map(cell).collect();
    let from = found.iter().position(|element| active.as_ref() == Some(element));
    if let Some(next) = grid::next(&cells, from, step).and_then(|next| found.get(next)) {
        let _ = next.focus();
    }
}

/// Moves the focus to the next of the visible elements of a selector, with wrap-around.
pub fn move_focus(event: &KeyboardEvent, selector: &str, step: i32) {
    event.prevent_default();
    let (found, active) = (seen(document().query_selector_all(selector)), focused());
    let count = found.len() as i32;
    let index = found.iter().position(|element| active.as_ref() == Some(element));
    let start = if step > 0 { 0 } else { count - 1 };
    let next = index.map_or(start, |index| (index as i32 + step).rem_euclid(count));
    let _ = found.get(next as usize).map(|next| next.focus());
}

/// Makes every list one tab stop, at the row that last had the focus; with `data-first`, at the first row. `data-list` is
/// the selector of the list's focusable elements. Call it before Tab moves the focus.
pub fn make_lists_one_stop() {
    let active = focused();
    for list in seen(document().query_selector_all("[data-list]")) {
        let items = seen(list.query_selector_all(&list.get_attribute("data-list").unwrap_or_default()));
        let row = |item: &HtmlElement| item.closest(".row-item").ok().flatten().unwrap_or_else(|| item.clone().into());
        let is_first = list.has_attribute("data-first");
        let is_stop = |item: &&HtmlElement| !is_first && item.get_attribute("tabindex").as_deref() == Some("0");
        let stop = items.iter().find(|item| active.as_ref() == Some(item)).or_else(|| items.iter().find(is_stop));
        let stop = stop.or(items.first()).map(row);
        items.iter().for_each(|item| item.set_tab_index(if Some(row(item)) == stop { 0 } else { -1 }));
    }
}

/// Whether a key was pressed in a text field.
pub fn is_writing(event: &KeyboardEvent) -> bool {
    is_in(event, "input, textarea, select")
}

/// Whether the target of an event is in an element of a selector.
pub fn is_in(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Moves the focus to the next visible region of the page: the list, a room's header, its log, the composer, toasts.
pub fn move_region(event: &KeyboardEvent, step: i32) {
    event.prevent_default();
    let (regions, active) = (seen(document().query_selector_all("[data-region]")), focused());
    let holds = |region: &HtmlElement| region.contains(active.as_deref().map(AsRef::as_ref));
    let (count, index) = (regions.len() as i32, regions.iter().position(holds));
    let next =
        index.map_or(if step > 0 { 0 } else { count - 1 }, |index| (index as i32 + step).rem_euclid(count.max(1)));
    let Some(region) = regions.get(next as usize) else { return };
    // A region that is not focusable passes the focus to its field, or else to its first button.
    let first = |selector: &str| seen(region.query_selector_all(selector)).into_iter().next();
    let is_stop = region.has_attribute("tabindex") || region.tag_name() == "TEXTAREA";
    let inner = (!is_stop).then(|| first("input").or_else(|| first("button, summary"))).flatten();
    let _ = inner.as_ref().unwrap_or(region).focus();
}

/// Dispatches an Enter to the focused element that no input method handles. Call it in a task of its own: a listener of
/// Enter must not be called while it runs.
pub fn press_enter() {
    let init = KeyboardEventInit::new();
    init.set_key("Enter");
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init);
    if let (Some(element), Ok(event)) = (document().active_element(), event) {
        let _ = element.dispatch_event(&event);
    }
}

/// Clicks the first element of a selector.
pub fn click(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Calls `act` with every event of a pointer and of the wheel on an element, until the current owner is cleaned up.
pub fn on_pointer(element: HtmlElement, act: impl Fn(Event) + 'static) {
    let act: Closure<dyn Fn(Event)> = Closure::new(act);
    for kind in POINTER_EVENTS {
        let _ = element.add_event_listener_with_callback(kind, act.as_ref().unchecked_ref());
    }
    let listening = BrowserValue::new((element, act));
    on_cleanup(move || {
        let Some((element, act)) = listening.take() else { return };
        for kind in POINTER_EVENTS {
            let _ = element.remove_event_listener_with_callback(kind, act.as_ref().unchecked_ref());
        }
    });
}

const POINTER_EVENTS: [&str; 6] = ["pointerdown", "pointermove", "pointerup", "pointercancel", "wheel", "dblclick"];

/// Downloads a file of this server under a name. Call it in a click handler.
pub fn download(address: &str, name: &str) {
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        let _ = link.set_attribute("href", address);
        let _ = link.set_attribute("download", name);
        link.click();
    }
}

/// Inserts a text into the focused field like typed text, so that it can be undone.
pub fn type_text(text: &str) {
    let document = document().unchecked_into::<HtmlDocument>();
    let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
}

/// The `data-id` of the first visible row of a scrolled element, and its distance from the upper edge, in pixels.
pub fn first_in_sight(scrolled: &HtmlElement) -> Option<(String, i32)> {
    let (rows, top) = (scrolled.children(), scrolled.scroll_top());
    let row = |index: u32| rows.item(index)?.dyn_into::<HtmlElement>().ok();
    let mut in_sight = (rows_above(&rows, top)..rows.length()).filter_map(row);
    in_sight.find_map(|row| Some((row.get_attribute("data-id")?, row.offset_top() - top)))
}

/// The `data-seq` of the last row of a scrolled element whose end is visible, or above.
pub fn last_shown(scrolled: &HtmlElement) -> Option<u64> {
    let rows = scrolled.children();
    let end = rows_above(&rows, scrolled.scroll_top() + scrolled.client_height());
    (0..end).rev().find_map(|index| rows.item(index)?.get_attribute("data-seq")?.parse().ok())
}

/// How many rows end above a height, in pixels.
fn rows_above(rows: &HtmlCollection, height: i32) -> u32 {
    let is_above = |index: u32| {
        let row = rows.item(index).and_then(|row| row.dyn_into::<HtmlElement>().ok());
        row.is_some_and(|row| row.offset_top() + row.offset_height() <= height)
    };
    let (mut first, mut end) = (0, rows.length());
    while first < end {
        let middle = first.midpoint(end);
        if is_above(middle) { first = middle + 1 } else { end = middle }
    }
    first
}

/// The distance of a row from the upper edge of a scrolled element, in pixels.
pub fn top_of(scrolled: &HtmlElement, id: &str) -> Option<i32> {
    let row = scrolled.query_selector(&format!("[data-id=\"{id}\"]")).ok()??.dyn_into::<HtmlElement>().ok()?;
    Some(row.offset_top() - scrolled.scroll_top())
}

/// Scrolls a row to the middle, and focuses it unless `keeps_focus`.
pub fn show(selector: &str, keeps_focus: bool) -> bool {
    let row = document().query_selector(selector).ok().flatten();
    let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) else { return false };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    row.scroll_into_view_with_scroll_into_view_options(&options);
    if !keeps_focus {
        let _ = row.focus();
    }
    true
}

/// Marks the row of a selector as the target of a jump, and no other row.
pub fn mark(selector: &str) {
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    while let Some(row) = find(".shown") {
        let _ = row.class_list().remove_1("shown");
    }
    if let Some(row) = find(selector) {
        let _ = row.class_list().add_1("shown");
    }
}
