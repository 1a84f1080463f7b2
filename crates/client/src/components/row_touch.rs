//! A long press on a row of a list opens the row's menu, as its button and a right click do. Part of the dialogs, which
//! load last.

use std::{cell::Cell, rc::Rc};

use leptos::prelude::document;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, PointerEvent};

use crate::{components::log_keys::PRESS, platform};

/// The press on the touch screen.
#[derive(Default)]
struct Press {
    /// Changes with each press and each end of one.
    number: Cell<u32>,
    /// Whether a finger or a pen presses, or pressed last.
    is_touch: Cell<bool>,
    /// Its release does nothing, because a menu is open.
    is_held: Cell<bool>,
}

impl Press {
    /// Opens the menu of the row, if it has one.
    fn open(&self, event: &Event) {
        self.is_held.set(platform::open_menu_of_list_row(event));
    }

    fn begin(self: Rc<Self>, number: u32, event: Event) {
        // A mouse has another button for menus.
        self.is_touch.set(event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() != "mouse"));
        if self.is_touch.get() {
            platform::after(PRESS, move || {
                if self.number.get() == number {
                    self.open(&event);
                }
            });
        }
    }
}

/// Follows presses until the page is left. Phones report a long press as `contextmenu`, or not at all.
pub fn follow_row_touch() {
    let press = Rc::new(Press::default());
    let on_event = move |event: Event| match event.type_().as_str() {
        "touchend" | "contextmenu" if press.is_held.get() => event.prevent_default(),
        "touchend" => {}
        _ if platform::can_hover() => {}
        kind => {
            let number = press.number.get() + 1;
            press.number.set(number);
            // `pointerup` comes before the `touchend` that must not become a click.
            if kind != "pointerup" {
                press.is_held.set(false);
            }
            match kind {
                "pointerdown" => press.clone().begin(number, event),
                "contextmenu" if press.is_touch.get() => {
                    press.open(&event);
                    if press.is_held.get() {
                        event.prevent_default();
                    }
                }
                _ => {}
            }
        }
    };
    let listener = Rc::new(on_event);
    for kind in ["pointerdown", "pointerup", "pointercancel", "touchend"] {
        let listener = listener.clone();
        let _ = platform::on_window(kind, move |event| listener(event));
    }
    // On the document, before the listener of the window that opens the menu of a right click.
    let listener = Closure::<dyn Fn(Event)>::new(move |event| listener(event));
    let _ = document().add_event_listener_with_callback("contextmenu", listener.as_ref().unchecked_ref());
    listener.forget();
}
