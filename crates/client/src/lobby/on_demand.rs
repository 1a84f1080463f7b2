//! People on demand, as the rest of the main window sees it. Its code is in a part of the program that only large
//! organisations load.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    lobby::frame::LobbyInput,
    state::{lobby::Lobby, notice::Notice},
};
use protocol::{ids::UserId, user::User};

/// The users of a picker.
#[derive(Clone, Copy)]
pub struct PickSource {
    /// `None` until they are loaded.
    pub users: Signal<Option<Vec<User>>>,
    /// Whether `users` are some of the users, in a large organisation.
    pub is_partial: Signal<bool>,
    /// The departments of which everybody is in `users`, if those are partial.
    pub whole: StoredValue<Vec<String>>,
    /// Searches for a query among all users. What it finds comes into `users`.
    pub find: Option<Callback<String>>,
}

impl PickSource {
    /// Everybody.
    pub fn all(users: Signal<Option<Vec<User>>>) -> Self {
        Self { users, is_partial: Signal::stored(false), whole: StoredValue::default(), find: None }
    }
}

/// What the window asks of the part for large organisations.
pub trait OnDemand: Send + Sync {
    /// Applies a frame to the lobby and to the organisation; returns the resulting notices.
    fn apply(&self, lobby: &mut Lobby, frame: LobbyInput) -> Vec<Notice>;

    /// The users that the palette's query finds: known ones at once, then the server's.
    fn found(&self, query: RwSignal<String>) -> Signal<Vec<UserId>>;

    /// The users for a new group.
    fn pick(&self) -> PickSource;
}

/// The part for large organisations; `None` in a small one, and until it is loaded.
pub type OnDemandSlot = StoredValue<Option<Arc<dyn OnDemand>>>;
