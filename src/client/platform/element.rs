//! What stands on the page: focus, clicks, fields, places, the clipboard.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{
    Element, HtmlDialogElement, HtmlDocument, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent,
    MouseEvent, ScrollIntoViewOptions, ScrollLogicalPosition,
};

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
