//! The rows of a list: which are visible, and how arrow keys move between them.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::platform::{after_render, focus, give_back, is_in, is_there, is_writing};

/// The stops of the arrow keys.
const STOP: &str = ".row, .fold:not(:disabled), .find-more";
/// The search field while it marks the first match.
const CHOSEN: &str = ".side:has(.panel:not(.other) .row) .search input:focus:not(:placeholder-shown)";
/// Rows are rendered in chunks of this size.
const CHUNK: usize = 8;

/// How often a key waits at one row for the next one.
const TRIES: u8 = 20;

/// The minimum margin of rendered rows above and below the visible rows, in pixels.
const MARGIN: f64 = 600.0;

/// The range of rows to render, in a list of equally high rows in a panel: the visible rows and a page above and below.
/// `None` while the list is hidden.
pub fn rows_in_sight(list: &str, count: usize) -> Option<(usize, usize)> {
    let list = document().get_element_by_id(list)?;
    let panel = list.closest(".panel").ok()??.get_bounding_client_rect();
    let list = list.get_bounding_client_rect();
    if list.height() <= 0.0 {
        return None;
    }
    // In a low window the panel is higher than the window, and scrolls with everything above it.
    let height = document().document_element().map_or(0, |html| html.client_height());
    let (top, bottom) = (panel.top().max(0.0), panel.bottom().min(f64::from(height)));
    let margin = (bottom - top).max(MARGIN);
    let index = |y: f64| (((y - list.top()) / list.height()).clamp(0.0, 1.0) * count as f64) as usize;
    let (from, until) = (index(top - margin), index(bottom + margin));
    if until <= from {
        return Some((from, from));
    }
    Some((from - from % CHUNK, until.next_multiple_of(CHUNK).min(count)))
}

/// The users whose rows are rendered, as texts of their ids.
pub fn drawn_users() -> Vec<String> {
    let Ok(found) = document().query_selector_all(".row-item input[name=user]") else { return Vec::new() };
    let inputs = (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<HtmlInputElement>().ok());
    inputs.map(|input| input.value()).collect()
}

/// The departments of which a part is in sight in the list: those above the headings that are, each once.
pub fn drawn_departments() -> Vec<String> {
    let Some(panel) = document().query_selector("#panel-people").ok().flatten() else { return Vec::new() };
    let sight = panel.get_bounding_client_rect();
    let sections = all(&panel, "[data-path]").into_iter().filter(|section| {
        let section = section.get_bounding_client_rect();
        section.height() > 0.0 && section.bottom() >= sight.top() && section.top() <= sight.bottom()
    });
    let paths = sections.filter_map(|section| section.get_attribute("data-path"));
    let mut above: Vec<String> = paths.map(|path| path.rsplit_once('/').unwrap_or_default().0.to_owned()).collect();
    above.dedup();
    above
}

/// The keys in a list: up and down, to its ends, and right and left between a row and its buttons.
pub fn walk(event: &KeyboardEvent) {
    step(event, None);
}

/// `waited`: the row at which this key waits, and how many tries are left.
fn step(event: &KeyboardEvent, waited: Option<(HtmlElement, u8)>) {
    let Some(panel) = document().query_selector(".panel:not(.other)").ok().flatten() else { return };
    let rows = all(&panel, STOP);
    let active = focused();
    let row = active.as_ref().and_then(|active| active.closest(".row-item").ok().flatten());
    let active = row.and_then(|row| first(&row, ".row")).or(active);
    let index = rows.iter().position(|row| active.as_ref() == Some(row));
    let is_writing = is_writing(event);
    let next = match event.key().as_str() {
        "ArrowDown" => index.map_or_else(|| first_below(&rows, &panel, is_writing), |index| index + 1),
        "ArrowUp" => index.map_or(0, |index| index.saturating_sub(1)),
        "Home" | "End" if !is_writing => return to_end(event, panel),
        "ArrowRight" | "ArrowLeft" if !is_writing => return step_aside(event),
        _ => return,
    };
    event.prevent_default();
    if let Some(row) = active.filter(|row| is_beside_unrendered(row, event.key() == "ArrowDown")) {
        return wait_for_row(row, event.clone(), waited);
    }
    if index == Some(0) && event.key() == "ArrowUp" {
        return focus(".search input");
    }
    if let Some(row) = rows.get(next) {
        let _ = row.focus();
    }
}

/// The row after this one is not rendered yet: scrolls, and tries again two frames later. Keys within one frame wait
/// together; each continues where the previous one ended.
fn wait_for_row(row: HtmlElement, event: KeyboardEvent, waited: Option<(HtmlElement, u8)>) {
    row.scroll_into_view_with_bool(event.key() == "ArrowUp");
    let tries = waited.filter(|(at, _)| *at == row).map_or(TRIES, |(_, tries)| tries);
    if let Some(tries) = tries.checked_sub(1) {
        after_render(move || step(&event, Some((row, tries))));
    }
}

/// Whether the next row in this direction is not rendered yet: keys can be faster than frames.
fn is_beside_unrendered(row: &HtmlElement, is_down: bool) -> bool {
    let Some(item) = row.closest(".row-item").ok().flatten() else { return false };
    let (next, spacer) =
        if is_down { (item.next_element_sibling(), "--after") } else { (item.previous_element_sibling(), "--before") };
    let list = item.parent_element().and_then(|list| list.dyn_into::<HtmlElement>().ok());
    let left_out = list.and_then(|list| list.style().get_property_value(spacer).ok());
    next.is_none() && left_out.is_some_and(|rows| !matches!(rows.trim(), "" | "0"))
}

/// The first visible row. From the search field the first row of all; the second one if the first is the match that Enter
/// opens.
fn first_below(rows: &[HtmlElement], panel: &Element, is_writing: bool) -> usize {
    let has_other_match = rows.get(1).is_some_and(|row| row.matches(".row") == Ok(true));
    if is_writing && has_other_match && is_there(CHOSEN) {
        return 1;
    }
    let top = panel.get_bounding_client_rect().top();
    let is_below = |row: &HtmlElement| is_writing || row.get_bounding_client_rect().top() >= top;
    rows.iter().position(is_below).unwrap_or_default()
}

/// Moves to the first or last row, which may have to be rendered before it can be focused.
fn to_end(event: &KeyboardEvent, panel: Element) {
    event.prevent_default();
    let is_end = event.key() == "End";
    for scrolled in [Some(panel.clone()), panel.parent_element()].into_iter().flatten() {
        scrolled.set_scroll_top(if is_end { scrolled.scroll_height() } else { 0 });
    }
    after_render(move || {
        let mut rows = all(&panel, STOP);
        let row = if is_end { rows.pop() } else { rows.into_iter().next() };
        let _ = row.map(|row| row.focus());
    });
}

/// Right opens a department, or moves from a row to its button; left moves back, and to the heading.
fn step_aside(event: &KeyboardEvent) {
    let Some(active) = focused() else { return };
    let is_right = event.key() == "ArrowRight";
    let within = |outer: &str, inner: &str| first(&active.closest(outer).ok()??, inner);
    if is_in(event, ".fold") {
        if active.get_attribute("aria-expanded").is_some_and(|open| (open == "true") != is_right) {
            active.click();
        }
        return event.prevent_default();
    }
    let next = match (is_right, is_in(event, ".act")) {
        (true, false) => within(".row-item", ".act"),
        (false, true) => within(".row-item", ".row"),
        (false, false) => within(".people-group", ".fold"),
        _ => None,
    };
    if let Some(next) = next {
        event.prevent_default();
        let _ = next.focus();
    }
}

/// The selectors of the row of a room that has the focus, or of its button, and of the rows next to it.
pub fn focused_row() -> Option<Vec<String>> {
    let active = focused()?;
    let item = active.closest(".rows > li").ok()??;
    let selector = |item: &Element| {
        let row = first(item, ".row[href]")?;
        Some((format!(".rows .row[href=\"{}\"]", row.get_attribute("href")?), row))
    };
    let (own, row) = selector(&item)?;
    let own = if active == row { own } else { own + " ~ .act" };
    let near = [item.next_element_sibling(), item.previous_element_sibling()];
    let near = near.into_iter().flatten().filter_map(|item| Some(selector(&item)?.0));
    Some(std::iter::once(own).chain(near).collect())
}

/// Focuses a row again if its replacement lost the focus, or the first of the other selectors that exists.
pub fn focus_lost_row(selectors: &[String]) {
    for selector in selectors {
        if !is_there(":focus") {
            focus(selector);
        }
    }
    if !is_there(":focus") {
        give_back(None);
    }
}

/// Moves the focus away from the item of a list that is about to be removed: to the next item, or else the previous
/// one. `otherwise`: the target if it was the last item.
pub fn focus_neighbour(event: &Event, otherwise: &str) {
    let item = event.target().and_then(|target| target.dyn_into::<Element>().ok()?.closest("li").ok()?);
    let next = item.and_then(|item| item.next_element_sibling().or_else(|| item.previous_element_sibling()));
    match next.and_then(|next| first(&next, "a, button")) {
        Some(next) => drop(next.focus()),
        None => focus(otherwise),
    }
}

fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

fn first(within: &Element, selector: &str) -> Option<HtmlElement> {
    within.query_selector(selector).ok()??.dyn_into().ok()
}

fn all(within: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}
