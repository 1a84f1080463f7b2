//! Menus of rows: opened by their button or by a right click on the row, and positioned within the window.

use std::cell::Cell;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, MouseEvent};

use crate::platform::{can_hover, is_in};

/// Rows with a button (`.act`) that opens their menu or card.
const ROW: &str = ".row-item, .said";
/// The rows of lists.
const LIST_ROW: &str = ".row-item";
/// Elements on which the browser's own menu is more useful.
const OWN_MENU: &str = "a:not(.row), input, textarea, img, audio, video, summary";

thread_local! {
    /// The position at which a right click opened the current menu.
    static POINT: Cell<Option<(i32, i32)>> = const { Cell::new(None) };
}

/// Opens the menu of a row on a right click or the menu key, as its button does. With Shift, on links, pictures and
/// fields, and on selected text the browser's own menu opens.
pub fn open_menu_of_row(event: &Event) {
    let Some(mouse) = event.dyn_ref::<MouseEvent>() else { return };
    // Touch screens open the menu of a message by a long press in the log.
    let is_left = mouse.shift_key() || event.default_prevented() || is_in(event, OWN_MENU) || has_selection();
    if is_left || (!can_hover() && is_in(event, ".said")) {
        return;
    }
    if let Some(button) = button_of(event, ROW) {
        event.prevent_default();
        // The menu key has no position.
        POINT.set((mouse.button() == 2).then(|| (mouse.client_x(), mouse.client_y())));
        press(&button);
    }
}

/// Opens the menu of a row of a list, next to its button. Returns whether the event is on a row with a menu.
pub fn open_menu_of_list_row(event: &Event) -> bool {
    let button = button_of(event, LIST_ROW);
    POINT.set(None);
    button.iter().for_each(press);
    button.is_some()
}

/// The button of the row of an event.
fn button_of(event: &Event, row: &str) -> Option<HtmlElement> {
    let row = event.target()?.dyn_into::<Element>().ok()?.closest(row).ok()??;
    row.query_selector(".row.me, .act").ok()??.dyn_into().ok()
}

fn press(button: &HtmlElement) {
    let _ = button.focus();
    button.click();
}

/// Makes the next menu open at its button again, after a key or a click of the user.
pub fn clear_point(event: &Event) {
    // A click on the button of a row may be the program's own.
    if event.is_trusted() {
        POINT.set(None);
    }
}

fn has_selection() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}

/// Moves a menu that has grown beyond the window back into it.
pub fn keep_in_window(menu: &str) {
    let menu = document().query_selector(menu).ok().flatten().and_then(|menu| menu.dyn_into::<HtmlElement>().ok());
    let (Some(menu), Some(html)) = (menu, document().document_element()) else { return };
    let (right, bottom) =
        (html.client_width() - menu.offset_width() - 8, html.client_height() - menu.offset_height() - 8);
    let (bounds, style) = (menu.get_bounding_client_rect(), menu.style());
    let _ = style.set_property("left", &format!("{}px", (bounds.left() as i32).min(right).max(8)));
    let _ = style.set_property("top", &format!("{}px", (bounds.top() as i32).min(bottom).max(8)));
}

/// Positions a menu at the pointer that opened it, or next to its button, within the window.
pub fn position_menu(menu: &str, beside: &str) {
    let find = |selector: &str| document().query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok();
    let (Some(menu), Some(beside), Some(html)) = (find(menu), find(beside), document().document_element()) else {
        return;
    };
    let beside = beside.get_bounding_client_rect();
    let (left, top, bottom) = POINT.get().map_or_else(
        || (beside.left() as i32, beside.top() as i32 - 4, beside.bottom() as i32 + 4),
        |(left, top)| (left, top, top),
    );
    let (width, height) =
        (html.client_width() - menu.offset_width() - 8, html.client_height() - menu.offset_height() - 8);
    let top = if bottom > height { top - menu.offset_height() } else { bottom };
    let style = menu.style();
    // Whole pixels: formatting floats would add to the download.
    let _ = style.set_property("left", &format!("{}px", left.min(width).max(8)));
    let _ = style.set_property("top", &format!("{}px", top.min(height).max(8)));
}
