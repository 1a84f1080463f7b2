//! The browser's history. Its entries are numbered, so that "back" and "forward" can be distinguished.

use std::cell::Cell;

use leptos::prelude::window;
use wasm_bindgen::JsValue;

use crate::{platform::here, state::browser_history::Direction};

thread_local! {
    /// The number of the current entry: twice the number of our entries below it, plus one for an entry of a layer.
    static ENTRY: Cell<i32> = const { Cell::new(0) };
}

/// The number of the entry to which the browser moved.
fn number() -> i32 {
    window().history().ok().and_then(|history| history.state().ok()?.as_f64()).unwrap_or_default() as i32
}

/// The entry of the browser's history that gets an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BrowserHistoryEntry {
    New,
    Present,
}

fn write(number: i32, path: Option<&str>, entry: BrowserHistoryEntry) {
    ENTRY.set(number);
    let state = JsValue::from_f64(f64::from(number));
    if let Ok(history) = window().history() {
        let _ = match entry {
            BrowserHistoryEntry::New => history.push_state_with_url(&state, "", path),
            BrowserHistoryEntry::Present => history.replace_state_with_url(&state, "", path),
        };
    }
}

/// Sets the page's address without loading it, in a new entry ("back" leads to the previous address) or, for an address
/// of the same level, in the current one. The entry of an open layer is always replaced.
pub fn set_address(path: &str, entry: BrowserHistoryEntry) {
    let number = ENTRY.get();
    match entry {
        _ if number % 2 == 1 => write(number - 1, Some(path), BrowserHistoryEntry::Present),
        BrowserHistoryEntry::New => write(number + 2, Some(path), entry),
        BrowserHistoryEntry::Present => write(number, Some(path), entry),
    }
}

/// Sets the page's address in the current entry.
pub fn replace_address(path: &str) {
    write(ENTRY.get() & !1, Some(path), BrowserHistoryEntry::Present);
}

/// Adds an entry for a layer: "back" closes it.
pub(super) fn push_layer() {
    let number = ENTRY.get();
    if number % 2 == 0 {
        write(number + 3, None, BrowserHistoryEntry::New);
    }
}

/// Restores the number after a reload.
pub fn begin_browser_history() {
    ENTRY.set(number());
}

/// The direction of the move since the last call; `None` after a jump within the page.
pub fn browser_history_direction() -> Option<Direction> {
    let is_within = window().location().hash().is_ok_and(|hash| !hash.is_empty());
    if is_within {
        write(ENTRY.get(), Some(&here()), BrowserHistoryEntry::Present);
        return None;
    }
    let before = ENTRY.replace(number());
    Some(if ENTRY.get() < before { Direction::Back } else { Direction::Forward })
}

/// Goes to the previous entry.
pub fn go_back() {
    let _ = window().history().and_then(|history| history.back());
}
