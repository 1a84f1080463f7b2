//! The tabs "people" and "conversations". Without the program both lists are shown.

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    platform,
    view::{clicked, derived, pressed},
};

/// The cookie with the last open tab. The server renders the main window with it.
pub const TAB_COOKIE: &str = "daehwa_tab";

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

    /// The initial tab: the last one of this browser. Without one, unread messages open the conversations.
    pub fn first(has_unread: bool) -> Self {
        match platform::rendered_tab().as_str() {
            "rooms" => Self::Rooms,
            "people" => Self::People,
            _ if has_unread => Self::Rooms,
            _ => Self::People,
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
    let choose = move |tab: Tab| {
        chosen.set(tab);
        platform::set_cookie(TAB_COOKIE, tab.id());
    };
    // The arrow keys move the focus, too.
    let follow = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
            event.prevent_default();
            choose(tab.other());
            focus_tab(tab.other());
        }
    };
    view! {
        <button
            type="button"
            role="tab"
            id=format!("tab-{}", tab.id())
            aria-controls=format!("panel-{}", tab.id())
            aria-selected=derived(move || is_chosen().to_string())
            tabindex=derived(move || if is_chosen() { "0" } else { "-1" })
            on:click=clicked(move |_| choose(tab))
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
