//! Layers over the page, the top one last: menus, dialogs, a reply in the composer. Escape and "back" close the top
//! layer, a click or a focus outside closes menus, and otherwise the focus returns to the opener.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::prelude::on_cleanup;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusEvent, HtmlElement};

use crate::platform::{after, can_hover, focus, focused, now_ms, push_layer};

/// The layer of a question before an action that cannot be undone.
pub const QUESTION: &str = ".sure";
/// Escapes closer together than this are one burst.
const BURST_MS: i64 = 500;

struct Layer {
    number: u32,
    close: Rc<dyn Fn()>,
    /// A click or a focus outside this selector closes it; an empty selector is a dialog, which neither closes.
    within: &'static str,
    opener: Option<HtmlElement>,
}

thread_local! {
    static LAYERS: RefCell<Vec<Layer>> = const { RefCell::new(Vec::new()) };
    /// When a layer last closed, or an Escape found no layer, UTC milliseconds.
    static CLOSED_AT: Cell<i64> = const { Cell::new(0) };
}

/// Opens a layer until the current owner is cleaned up. Call it before the focus moves to the layer.
pub fn open_layer(within: &'static str, close: impl Fn() + 'static) {
    let layer = Layer { number: 0, close: Rc::new(close), within, opener: focused() };
    let number = LAYERS.with_borrow_mut(|layers| {
        let number = layers.last().map_or(1, |layer| layer.number + 1);
        layers.push(Layer { number, ..layer });
        number
    });
    push_layer();
    on_cleanup(move || leave(number));
}

fn leave(number: u32) {
    let index = |layers: &Vec<Layer>| layers.iter().position(|layer| layer.number == number);
    let left = LAYERS.with_borrow_mut(|layers| index(layers).map(|index| layers.remove(index)));
    if let Some(layer) = left {
        CLOSED_AT.set(now_ms());
        // One task later the layer has left the page.
        after(Duration::ZERO, move || {
            pass_on(layer.opener.as_ref());
            give_back(layer.opener.as_ref());
        });
    }
}

/// Layers that were opened from a closed layer get its opener.
fn pass_on(opener: Option<&HtmlElement>) {
    LAYERS.with_borrow_mut(|layers| {
        let is_gone = |layer: &&mut Layer| layer.opener.as_ref().is_some_and(|opener| !opener.is_connected());
        layers.iter_mut().filter(is_gone).for_each(|layer| layer.opener = opener.cloned());
    });
}

/// Returns the focus, unless another element has it: to the opener, or, if that has left the page, near it. Not to a
/// text field on a phone, which would open the on-screen keyboard.
pub fn give_back(opener: Option<&HtmlElement>) {
    let is_search = |opener: &&HtmlElement| opener.closest(".search").is_ok_and(|found| found.is_some());
    if focused().is_none() {
        let _ = opener.filter(|opener| can_hover() || !is_search(opener)).map(|opener| opener.focus());
    }
    let near = if can_hover() { ["#composer", ".search input"] } else { [".log", ".tabs [aria-selected=true]"] };
    for selector in near {
        if focused().is_none() {
            focus(selector);
        }
    }
}

/// Closes the top layer; `false` if there is none.
pub fn close_layer() -> bool {
    let close = LAYERS.with_borrow(|layers| layers.last().map(|layer| layer.close.clone()));
    close.as_ref().map(|close| close()).is_some()
}

/// Whether an Escape that closed no layer may close the room: nothing was closed just before, and no Escape of the same
/// burst preceded it.
pub fn is_calm() -> bool {
    let now = now_ms();
    now - CLOSED_AT.replace(now) > BURST_MS
}

/// Closes the top layer for "back"; its entry in the browser's history then belongs to the layer below.
pub fn close_layer_by_back() -> bool {
    let is_last = LAYERS.with_borrow(|layers| layers.len() < 2);
    let is_closed = close_layer();
    if !is_last {
        push_layer();
    }
    is_closed
}

/// Closes the menus that the focus has left, by Tab or F6, and leaves it where it went. One task later, because what
/// moved the focus may close its menu itself.
pub fn focus_outside(event: &Event) {
    let left = event.dyn_ref::<FocusEvent>().and_then(FocusEvent::related_target);
    let Some(left) = left.and_then(|left| left.dyn_into::<Element>().ok()) else { return };
    after(Duration::ZERO, move || {
        let Some(active) = focused() else { return };
        let is_in = |element: &Element, layer: &Layer| element.closest(layer.within).is_ok_and(|found| found.is_some());
        let is_left = |layer: &&Layer| {
            let is_menu = !layer.within.is_empty() && layer.opener.as_ref() != Some(&active);
            is_menu && !is_in(&active, layer) && (layer.within == QUESTION || is_in(&left, layer))
        };
        let closes: Vec<_> = LAYERS.with_borrow(|layers| {
            let mut closed: Vec<&Layer> = layers.iter().rev().take_while(is_left).collect();
            // A question closes only with its menu.
            while closed.last().is_some_and(|layer| layer.within == QUESTION) {
                closed.pop();
            }
            closed.into_iter().map(|layer| layer.close.clone()).collect()
        });
        if !closes.is_empty() {
            closes.iter().for_each(|close| close());
            let _ = active.focus();
        }
    });
}

/// Closes the menus that a click was outside of.
pub fn click_outside(event: &Event) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let is_outside =
        |layer: &&Layer| !layer.within.is_empty() && target.closest(layer.within).is_ok_and(|found| found.is_none());
    // The click may have removed its own target.
    if target.is_connected() {
        let closes: Vec<_> = LAYERS.with_borrow(|layers| {
            layers.iter().rev().take_while(is_outside).map(|layer| layer.close.clone()).collect()
        });
        closes.iter().for_each(|close| close());
    }
}
