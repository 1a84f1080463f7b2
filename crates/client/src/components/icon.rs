//! Icons, drawn in the colour of the text. They are decoration: each has a label next to it.

use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    Again,
    Back,
    Bookmark,
    Clip,
    Clock,
    Close,
    Down,
    Download,
    Group,
    Minus,
    More,
    Muted,
    Next,
    Note,
    Pin,
    Plus,
    Search,
    Settings,
    SignOut,
    Smile,
    Up,
}

impl Drawing {
    fn path(self) -> &'static str {
        match self {
            Self::Again => "M5 12a7 7 0 1 1 2 5M5 6v6h6",
            Self::Back => "M15 5l-7 7 7 7",
            Self::Bookmark => "M7 4h10v16l-5-4-5 4z",
            Self::Clip => "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 5 5l-8.6 8.5a1.7 1.7 0 0 1-2.4-2.4L15 7",
            Self::Clock => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Download => "M12 4v11M7 10l5 5 5-5M4 20h16",
            Self::Group => {
                "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 6"
            }
            Self::Minus => "M5 12h14",
            Self::More => "M5 12h.01M12 12h.01M19 12h.01",
            Self::Muted => "M4 9v6h4l5 4V5L8 9zM17 9l5 6M22 9l-5 6",
            Self::Next => "M9 5l7 7-7 7",
            Self::Note => "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
            Self::Pin => "M9 4h6l-1 6 4 4H6l4-4zM12 14v6",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Search => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
            Self::Settings => {
                "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM9 14.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z"
            }
            Self::Smile => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 14a4.5 4.5 0 0 0 8 0M9 9.5h.01M15 9.5h.01",
            Self::Up => "M12 19V5M6 11l6-6 6 6",
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
