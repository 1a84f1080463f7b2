//! The rows of the log in the DOM: focus and touch.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use crate::platform::{focus, is_there, move_focus};

/// The `data-id` of the row that has or contains the focus.
pub fn row_with_focus() -> Option<String> {
    id_of(&document().active_element()?)
}

fn id_of(element: &Element) -> Option<String> {
    element.closest(".log [data-id]").ok()??.get_attribute("data-id")
}

/// Moves the focus from a message to the composer; `false` if no message has it, or there is no composer.
pub fn leave_message() -> bool {
    let is_message = is_there(".said:focus");
    if is_message {
        focus("#composer");
    }
    is_message && is_there("#composer:focus")
}

/// The selector of the row of a message.
pub fn row_selector(id: &str) -> String {
    format!(".log [data-id=\"{id}\"]")
}

/// The focus within the log as selectors: the element, its row, the log.
pub fn focus_selectors() -> Option<[String; 3]> {
    let active = document().active_element()?;
    active.closest(".log").ok()??;
    let row = row_selector(&id_of(&active).unwrap_or_default());
    let part =
        ["data-file", "data-emoji", "data-act"].into_iter().find_map(|name| Some((name, active.get_attribute(name)?)));
    let itself = part.map_or_else(|| row.clone(), |(name, value)| format!("{row} [{name}=\"{value}\"]"));
    Some([itself, row, ".log".to_owned()])
}

/// Restores a lost focus to the first of these elements that exists.
pub fn focus_again(selectors: &[String; 3]) {
    if !is_there(":focus") {
        focus_first(selectors);
    }
}

/// Focuses the first of these elements that exists.
pub fn focus_first(selectors: &[String; 3]) {
    selectors.iter().find_map(|selector| document().query_selector(selector).ok()?).into_iter().for_each(focus_on);
}

fn focus_on(element: Element) {
    if let Ok(element) = element.dyn_into::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Moves the focus among the rows, without wrap-around. From outside the log, one step moves to the row with the id
/// `first`, or to the last one; more steps are counted from there.
pub fn move_row(event: &KeyboardEvent, step: i32, first: Option<&str>) {
    event.prevent_default();
    let Ok(rows) = document().query_selector_all(".log .said") else { return };
    let id_at = |index: i32| rows.get(index as u32)?.dyn_into::<Element>().ok()?.get_attribute("data-id");
    let find = |id: &str| (0..rows.length() as i32).find(|index| id_at(*index).as_deref() == Some(id));
    let last = rows.length() as i32 - 1;
    let index = match row_with_focus().and_then(|id| find(&id)) {
        Some(present) => present + step,
        None => first.and_then(find).unwrap_or(last) + if step.abs() > 1 { step } else { 0 },
    };
    rows.get(index.clamp(0, last.max(0)) as u32).and_then(|row| row.dyn_into().ok()).into_iter().for_each(focus_on);
}

/// Moves the focus among the links and buttons of its row.
pub fn move_in_row(event: &KeyboardEvent, step: i32) {
    if let Some(id) = row_with_focus() {
        move_focus(event, &format!(".log [data-id=\"{id}\"] :is(a, button:not([hidden]))"), step);
    }
}

/// The `data-id` of the bubble of an event, and whether the event is on a link, for which the browser has a menu. A
/// picture is no such link: it opens in the viewer.
pub fn bubble_at(event: &Event) -> Option<(String, bool)> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let is_link = target.closest("a:not(.picture)").ok()?.is_some();
    Some((id_of(&target.closest(".bubble").ok()??)?, is_link))
}
