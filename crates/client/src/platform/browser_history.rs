//! The browser's history. Its entries are numbered, so that "back" and "forward" can be distinguished.

use std::cell::Cell;

use leptos::prelude::window;
use wasm_bindgen::JsValue;

use crate::{platform::here, state::browser_history::Direction};

thread_local! {
    /// The number of the current entry: twice the number of our entries below it, plus one for an entry of a layer.
    static ENTRY: Cell<i32> = const { Cell::new(0) };
    /// The number of the entry that was added for the room next to the list; 0 if there is none.
    static ROOM: Cell<i32> = const { Cell::new(0) };
    /// The room's entry that the page itself leaves, until the browser has arrived below it.
    static LEAVING: Cell<Option<i32>> = const { Cell::new(None) };
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
    if entry == BrowserHistoryEntry::New {
        mark_room();
    }
}

/// The current entry is that of the room next to the list.
pub fn mark_room() {
    ROOM.set(ENTRY.get() & !1);
}

/// Goes below the entry of the room, and of the layers over it, so that no entry of a closed room is left for "back".
/// `false` if the page added no entry for the room. The browser arrives later: [`Direction::Own`].
pub fn leave_room() -> bool {
    let room = ROOM.replace(0);
    let steps = (ENTRY.get() - room) / 2 + 1;
    let is_ours = room > 0 && steps > 0;
    if is_ours {
        LEAVING.set(Some(room));
        let _ = window().history().and_then(|history| history.go_with_delta(-steps));
    }
    is_ours
}

/// Stops expecting the browser below the room that the page left. Returns whether it did not arrive.
pub fn stop_leaving() -> bool {
    LEAVING.take().is_some()
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
    if here().contains("?room=") {
        mark_room();
    }
}

/// The direction of the move since the last call; `None` after a jump within the page.
pub fn browser_history_direction() -> Option<Direction> {
    let is_within = window().location().hash().is_ok_and(|hash| !hash.is_empty());
    if is_within {
        write(ENTRY.get(), Some(&here()), BrowserHistoryEntry::Present);
        return None;
    }
    let before = ENTRY.replace(number());
    // A room that was opened meanwhile may have an entry above the one that the page leaves.
    let is_own = LEAVING.take().is_some_and(|room| ENTRY.get() <= room);
    Some(match ENTRY.get() < before {
        _ if is_own => Direction::Own,
        true => Direction::Back,
        false => Direction::Forward,
    })
}

/// Goes to the previous entry.
pub fn go_back() {
    let _ = window().history().and_then(|history| history.back());
}
