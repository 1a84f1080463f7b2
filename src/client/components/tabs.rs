//! People or conversations: tabs that arrow keys move between. Without our program both lists show.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::client::live::{clicked, live, pressed};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    People,
    Rooms,
}

impl Tab {
    pub fn id(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Rooms => "rooms",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::People => Self::Rooms,
            Self::Rooms => Self::People,
        }
    }
}

/// One tab; its panel has the id `panel-{tab}`.
#[component]
pub fn TabButton(tab: Tab, chosen: RwSignal<Tab>, children: Children) -> impl IntoView {
    let is_chosen = move || chosen.get() == tab;
    // Focus follows the arrow keys, but never comes by itself.
    let follow = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
            event.prevent_default();
            chosen.set(tab.other());
            focus_tab(tab.other());
        }
    };
    view! {
        <button
            type="button"
            role="tab"
            id=format!("tab-{}", tab.id())
            aria-controls=format!("panel-{}", tab.id())
            aria-selected=live(move || is_chosen().to_string())
            tabindex=live(move || if is_chosen() { "0" } else { "-1" })
            on:click=clicked(move |_| chosen.set(tab))
            on:keydown=pressed(follow)
        >
            {children()}
        </button>
    }
}

fn focus_tab(tab: Tab) {
    use wasm_bindgen::JsCast;
    let element = document().get_element_by_id(&format!("tab-{}", tab.id()));
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
