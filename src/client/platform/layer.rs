//! What lies over the page, the innermost last: menus, dialogs, a reply that is being written. Escape and "back"
//! close the innermost, a click elsewhere closes menus, and the focus returns to where it came from.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::prelude::{document, on_cleanup};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use crate::client::platform::{after, can_hover, focus, push_layer};

struct Layer {
    number: u32,
    close: Rc<dyn Fn()>,
    /// A click outside of this selector closes it; none closes a dialog.
    within: &'static str,
    opener: Option<HtmlElement>,
}

thread_local! {
    static LAYERS: RefCell<Vec<Layer>> = const { RefCell::new(Vec::new()) };
}

/// The element that has the focus, if any has.
pub fn focused() -> Option<HtmlElement> {
    let element = document().active_element()?.dyn_into::<HtmlElement>().ok()?;
    (element.tag_name() != "BODY").then_some(element)
}

/// Lays something over the page until the current owner is cleaned up. To be called before the focus moves there.
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
    let place = |layers: &Vec<Layer>| layers.iter().position(|layer| layer.number == number);
    let left = LAYERS.with_borrow_mut(|layers| place(layers).map(|place| layers.remove(place)));
    if let Some(layer) = left {
        // One task later what was closed is gone from the page.
        after(Duration::ZERO, move || give_back(layer.opener.as_ref()));
    }
}

/// Gives the focus back, if nothing else has taken it: to this element, or, where that is gone, near it.
pub fn give_back(opener: Option<&HtmlElement>) {
    if focused().is_none() {
        let _ = opener.map(|opener| opener.focus());
    }
    if focused().is_none() && can_hover() {
        focus("#composer");
    }
    if focused().is_none() && can_hover() {
        focus(".search input");
    }
}

/// Closes the innermost; `false` when there is none.
pub fn close_layer() -> bool {
    let close = LAYERS.with_borrow(|layers| layers.last().map(|layer| layer.close.clone()));
    close.as_ref().map(|close| close()).is_some()
}

/// "Back" closes the innermost, and then stands for the one below.
pub fn close_layer_by_back() -> bool {
    let is_last = LAYERS.with_borrow(|layers| layers.len() < 2);
    let is_closed = close_layer();
    if !is_last {
        push_layer();
    }
    is_closed
}

/// Closes the menus that a click was not for.
pub fn click_elsewhere(event: &Event) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let is_elsewhere =
        |layer: &&Layer| !layer.within.is_empty() && target.closest(layer.within).is_ok_and(|found| found.is_none());
    // What was clicked may be gone by its own click.
    if target.is_connected() {
        let closes: Vec<_> = LAYERS.with_borrow(|layers| {
            layers.iter().rev().take_while(is_elsewhere).map(|layer| layer.close.clone()).collect()
        });
        closes.iter().for_each(|close| close());
    }
}
