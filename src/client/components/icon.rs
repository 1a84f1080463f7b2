//! The few drawings, in strokes of the text's colour. They are decoration: names stand beside them.

use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    Back,
    Close,
    Down,
    Search,
    SignOut,
}

impl Drawing {
    fn path(self) -> &'static str {
        match self {
            Self::Back => "M15 5l-7 7 7 7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Search => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
            Self::SignOut => "M14 4h5v16h-5M4 12h11M11 8l4 4-4 4",
        }
    }
}

#[component]
pub fn Icon(drawing: Drawing) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=drawing.path() />
        </svg>
    }
}
