//! The log's rows on the page: which has the focus, where it goes, what a finger rests on.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use crate::client::platform::{is_there, move_focus};

/// The `data-id` of the row that has the focus, or that holds what has it.
pub fn row_with_focus() -> Option<String> {
    id_of(&document().active_element()?)
}

fn id_of(element: &Element) -> Option<String> {
    element.closest(".log [data-id]").ok()??.get_attribute("data-id")
}

/// What of the log has the focus, as selectors: itself, its row, the log.
pub fn place_of_focus() -> Option<[String; 3]> {
    let active = document().active_element()?;
    active.closest(".log").ok()??;
    let row = format!(".log [data-id=\"{}\"]", id_of(&active).unwrap_or_default());
    let part = ["data-emoji", "data-act"].into_iter().find_map(|name| Some((name, active.get_attribute(name)?)));
    let itself = part.map_or_else(|| row.clone(), |(name, value)| format!("{row} [{name}=\"{value}\"]"));
    Some([itself, row, ".log".to_owned()])
}

/// Gives the focus back to the first of these that is there, where the page has lost it.
pub fn focus_again(places: &[String; 3]) {
    if !is_there(":focus")
        && let Some(element) = places.iter().find_map(|place| document().query_selector(place).ok()?)
    {
        focus_on(element);
    }
}

fn focus_on(element: Element) {
    if let Ok(element) = element.dyn_into::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Moves the focus among rows, no further than their ends; from outside of them to the one with this id, or to
/// the last one.
pub fn move_row(event: &KeyboardEvent, step: i32, first: Option<&str>) {
    event.prevent_default();
    let Ok(rows) = document().query_selector_all(".log .said") else { return };
    let id_at = |place: i32| rows.get(place as u32)?.dyn_into::<Element>().ok()?.get_attribute("data-id");
    let find = |id: &str| (0..rows.length() as i32).find(|place| id_at(*place).as_deref() == Some(id));
    let last = rows.length() as i32 - 1;
    let here = row_with_focus().and_then(|id| find(&id)).map(|place| place + step);
    let place = here.unwrap_or_else(|| first.and_then(find).unwrap_or(last)).clamp(0, last.max(0));
    rows.get(place as u32).and_then(|row| row.dyn_into().ok()).into_iter().for_each(focus_on);
}

/// Moves the focus among what can be pressed in its row.
pub fn move_in_row(event: &KeyboardEvent, step: i32) {
    if let Some(id) = row_with_focus() {
        move_focus(event, &format!(".log [data-id=\"{id}\"] :is(a, button:not([hidden]))"), step);
    }
}

/// The `data-id` of the bubble at which something happened, beside its links and buttons.
pub fn bubble_at(event: &Event) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    if target.closest("a, button").ok()?.is_some() {
        return None;
    }
    id_of(&target.closest(".bubble").ok()??)
}
