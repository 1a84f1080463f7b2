//! A modal dialog: a layer that Escape, "back" and the phone's back gesture close.

use leptos::{ev::Event, prelude::*};

use crate::{
    platform,
    view::{effect, moved},
};

/// A modal dialog. Its content shows the label as its title.
#[component]
pub fn ModalDialog(label: String, close: Callback<()>, children: Children) -> impl IntoView {
    effect(move || {
        platform::open_layer("", move || close.run(()));
        platform::show_modal(".panel-over:not([open])");
    });
    // The phone's back gesture: a question in the dialog is closed before the dialog.
    let on_cancel = move |event: Event| {
        event.prevent_default();
        platform::close_layer();
    };
    view! { <dialog class="panel-over" aria-label=label on:cancel=moved(on_cancel)>{children()}</dialog> }
}
