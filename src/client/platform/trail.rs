//! The browser's history: its entries are numbered, so that "back" is told from "forward".

use std::cell::Cell;

use leptos::prelude::window;
use wasm_bindgen::JsValue;

use crate::client::platform::here;

thread_local! {
    /// The number of the entry where the page stands: twice the entries of ours below it, and one more for an
    /// entry that only stands for a layer.
    static PLACE: Cell<i32> = const { Cell::new(0) };
}

/// The number of the entry that the browser came to.
fn number() -> i32 {
    window().history().ok().and_then(|history| history.state().ok()?.as_f64()).unwrap_or_default() as i32
}

fn write(number: i32, path: Option<&str>, replaces: bool) {
    PLACE.set(number);
    let state = JsValue::from_f64(f64::from(number));
    if let Ok(history) = window().history() {
        let _ = if replaces {
            history.replace_state_with_url(&state, "", path)
        } else {
            history.push_state_with_url(&state, "", path)
        };
    }
}

/// Makes an address the page's own, without loading it: "back" leads to the one before. `replaces`: the entry of
/// the same level is given up for it.
pub fn push_address(path: &str, replaces: bool) {
    let number = PLACE.get();
    let is_layer = number % 2 == 1;
    write(if is_layer { number - 1 } else { number + 2 * i32::from(!replaces) }, Some(path), replaces || is_layer);
}

/// Makes an address the page's own in place of the one that is left.
pub fn replace_address(path: &str) {
    write(PLACE.get() & !1, Some(path), true);
}

/// An entry for what lies over the page now: "back" closes it.
pub(super) fn push_layer() {
    let number = PLACE.get();
    if number % 2 == 0 {
        write(number + 3, None, false);
    }
}

/// Takes up the number of a page that was loaded again.
pub fn begin_trail() {
    PLACE.set(number());
}

/// Whether the browser went back since this was last asked; none when it only jumped within the page.
pub fn went_back() -> Option<bool> {
    let is_within = window().location().hash().is_ok_and(|hash| !hash.is_empty());
    if is_within {
        write(PLACE.get(), Some(&here()), true);
        return None;
    }
    let before = PLACE.replace(number());
    Some(PLACE.get() < before)
}

/// Goes on to the entry before.
pub fn go_back() {
    let _ = window().history().and_then(|history| history.back());
}
