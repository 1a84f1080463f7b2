//! What stands on the page: focus, clicks, fields, places, the clipboard.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, Event, HtmlDialogElement, HtmlDocument, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent,
    KeyboardEventInit, MouseEvent, NodeList, ScrollIntoViewOptions, ScrollLogicalPosition,
};

use crate::client::platform::focused;

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

/// Shows all of the text before a button, and takes the button away; its row has the focus then.
pub fn unfold(button: &Element) {
    if let Some(text) = button.previous_element_sibling() {
        let _ = text.class_list().remove_1("folded");
    }
    let _ = button.set_attribute("hidden", "");
    let row = button.closest("[data-id]").ok().flatten().and_then(|row| row.dyn_into::<HtmlElement>().ok());
    let _ = row.map(|row| row.focus());
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

/// Whether the page has an element of a selector.
pub fn is_there(selector: &str) -> bool {
    document().query_selector(selector).ok().flatten().is_some()
}

/// Whether somebody points at an element of a selector, or moves in it by keys. A finger that was lifted points
/// at nothing any more, and in a window behind others nobody moves.
pub fn is_attended(selector: &str) -> bool {
    (can_hover() && is_there(&format!("{selector}:hover")))
        || (document().has_focus().unwrap_or_default() && is_there(&format!("{selector}:focus-within")))
}

/// Whether one points with a mouse or the like. Where one does not, a field with the focus calls a keyboard up.
pub fn can_hover() -> bool {
    is_so("(hover: hover)")
}

/// Whether a media query holds.
pub fn is_so(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|media| media.matches())
}

/// Where the page says that its program is.
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

/// Those of the elements that can be seen.
fn seen(found: Result<NodeList, JsValue>) -> Vec<HtmlElement> {
    let Ok(found) = found else { return Vec::new() };
    let found = (0..found.length()).filter_map(|place| found.get(place)?.dyn_into::<HtmlElement>().ok());
    found.filter(|element| element.offset_height() > 0).collect()
}

/// The arrow keys, Home and End move the focus among the elements of a selector. `columns`: how many stand in a
/// row. Where somebody writes, the keys that move in the text are left to it.
pub fn rove(event: &KeyboardEvent, selector: &str, columns: i32) {
    let is_free = !is_in(event, "input:not([type=checkbox]), textarea, select");
    let step = match event.key().as_str() {
        "ArrowDown" => columns,
        "ArrowUp" => -columns,
        "ArrowRight" if is_free => 1,
        "ArrowLeft" if is_free => -1,
        "Home" if is_free => i32::MIN,
        "End" if is_free => i32::MAX,
        _ => return,
    };
    if !event.default_prevented() && !event.ctrl_key() && !event.meta_key() && !event.alt_key() {
        move_focus(event, selector, step);
    }
}

/// Moves the focus among the elements of a selector that can be seen, around the ends; by `i32::MIN` to the first,
/// by `i32::MAX` to the last.
pub fn move_focus(event: &KeyboardEvent, selector: &str, step: i32) {
    event.prevent_default();
    let (found, active) = (seen(document().query_selector_all(selector)), focused());
    let count = found.len() as i32;
    let place = found.iter().position(|element| active.as_ref() == Some(element));
    let next = match (place, step) {
        (_, i32::MIN) => 0,
        (None, _) if step > 0 && step < i32::MAX => 0,
        (None, _) | (_, i32::MAX) => count - 1,
        (Some(place), _) => (place as i32 + step).rem_euclid(count),
    };
    let _ = found.get(next as usize).map(|next| next.focus());
}

/// Before Tab moves on: every list (`data-list`: the selector of what can be focused in it) is one stop, at the row
/// that had the focus last.
pub fn make_lists_one_stop() {
    let active = focused();
    for list in seen(document().query_selector_all("[data-list]")) {
        let items = seen(list.query_selector_all(&list.get_attribute("data-list").unwrap_or_default()));
        let row = |item: &HtmlElement| item.closest(".row-item").ok().flatten().unwrap_or_else(|| item.clone().into());
        let is_stop = |item: &&HtmlElement| item.get_attribute("tabindex").as_deref() == Some("0");
        let stop = items.iter().find(|item| active.as_ref() == Some(item)).or_else(|| items.iter().find(is_stop));
        let stop = stop.or(items.first()).map(row);
        items.iter().for_each(|item| item.set_tab_index(if Some(row(item)) == stop { 0 } else { -1 }));
    }
}

/// Whether a key was pressed where somebody writes.
pub fn is_writing(event: &KeyboardEvent) -> bool {
    is_in(event, "input, textarea, select")
}

/// Whether something happened in an element of a selector.
pub fn is_in(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Moves the focus to the next part of the page that can be seen: the list, a conversation's header, its messages,
/// where somebody writes, notices.
pub fn move_region(event: &KeyboardEvent, step: i32) {
    event.prevent_default();
    let (regions, active) = (seen(document().query_selector_all("[data-region]")), focused());
    let holds = |region: &HtmlElement| region.contains(active.as_deref().map(AsRef::as_ref));
    let (count, place) = (regions.len() as i32, regions.iter().position(holds));
    let next =
        place.map_or(if step > 0 { 0 } else { count - 1 }, |place| (place as i32 + step).rem_euclid(count.max(1)));
    let Some(region) = regions.get(next as usize) else { return };
    // A part that cannot be focused itself hands it to its field, or else to its first button.
    let first = |selector: &str| seen(region.query_selector_all(selector)).into_iter().next();
    let is_stop = region.has_attribute("tabindex") || region.tag_name() == "TEXTAREA";
    let inner = (!is_stop).then(|| first("input").or_else(|| first("button, summary"))).flatten();
    let _ = inner.as_ref().unwrap_or(region).focus();
}

/// Hands the focused element an Enter that no input method has.
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

/// Writes into the focused field as if it were typed, so that it can be undone.
pub fn type_text(text: &str) {
    let document = document().unchecked_into::<HtmlDocument>();
    let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
}

/// Puts a menu beside what opened it, within the window.
pub fn place_menu(menu: &str, beside: &str) {
    let find = |selector: &str| document().query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok();
    let (Some(menu), Some(beside), Some(html)) = (find(menu), find(beside), document().document_element()) else {
        return;
    };
    let beside = beside.get_bounding_client_rect();
    let (top, bottom) = (beside.top() as i32, beside.bottom() as i32 + 4);
    let (width, height) =
        (html.client_width() - menu.offset_width() - 8, html.client_height() - menu.offset_height() - 8);
    let top = if bottom > height { top - menu.offset_height() - 4 } else { bottom };
    let style = menu.style();
    // Whole pixels: writing floats would bring a formatter of its own along.
    let _ = style.set_property("left", &format!("{}px", (beside.left() as i32).min(width).max(8)));
    let _ = style.set_property("top", &format!("{}px", top.min(height).max(8)));
}

/// The `data-id` of the first row of a scrolled element that is in sight, and how far below its upper edge.
pub fn first_in_sight(scrolled: &HtmlElement) -> Option<(String, i32)> {
    let (rows, top) = (scrolled.children(), scrolled.scroll_top());
    let row = |place: u32| rows.item(place)?.dyn_into::<HtmlElement>().ok();
    let is_above = |place: u32| row(place).is_some_and(|row| row.offset_top() + row.offset_height() <= top);
    let (mut first, mut end) = (0, rows.length());
    while first < end {
        let middle = first.midpoint(end);
        if is_above(middle) { first = middle + 1 } else { end = middle }
    }
    let mut in_sight = (first..rows.length()).filter_map(row);
    in_sight.find_map(|row| Some((row.get_attribute("data-id")?, row.offset_top() - top)))
}

/// How far below the upper edge of a scrolled element a row is now.
pub fn top_of(scrolled: &HtmlElement, id: &str) -> Option<i32> {
    let row = scrolled.query_selector(&format!("[data-id=\"{id}\"]")).ok()??.dyn_into::<HtmlElement>().ok()?;
    Some(row.offset_top() - scrolled.scroll_top())
}

/// Brings a row into the middle and focuses it.
pub fn show(selector: &str) -> bool {
    let row = document().query_selector(selector).ok().flatten();
    let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) else { return false };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    row.scroll_into_view_with_scroll_into_view_options(&options);
    let _ = row.focus();
    true
}

/// Marks the row of a selector, and no other.
pub fn mark(selector: &str) {
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    while let Some(row) = find(".shown") {
        let _ = row.class_list().remove_1("shown");
    }
    if let Some(row) = find(selector) {
        let _ = row.class_list().add_1("shown");
    }
}
