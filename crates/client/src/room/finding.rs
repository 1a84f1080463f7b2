//! The search for users in a large organisation, for the dialogs that invite and forward.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    platform,
    room::session::{Panel, RoomSession},
};
use protocol::{room_socket::RoomCommand, user::User};

/// Searches are debounced by this time.
const FIND_AFTER: Duration = Duration::from_millis(80);

impl RoomSession {
    /// Opens the dialog that invites users.
    pub fn open_invite(self) {
        self.invitable.set(None);
        self.send(&RoomCommand::People);
        self.panel.set(Some(Panel::Invite));
    }

    /// Searches for users on the server, once nothing more is typed; `outside`: not the members. Those who are found come
    /// to the known ones of the open dialog.
    pub fn find_people(self, query: String, outside: bool) {
        let query = query.trim().to_owned();
        self.finding.set_value(query.clone());
        platform::after(FIND_AFTER, move || {
            let is_last = self.finding.try_with_value(|typed| *typed == query) == Some(true);
            if is_last && !query.is_empty() && self.is_partial.get_untracked() {
                self.link.send(&RoomCommand::FindPeople { query, outside, after: None });
            }
        });
    }

    pub(super) fn add_found(self, found: &[User]) {
        let add = |users: &mut Vec<User>| {
            let new: Vec<User> =
                found.iter().filter(|user| users.iter().all(|known| known.id != user.id)).cloned().collect();
            users.extend(new);
        };
        self.invitable.update(|users| users.iter_mut().for_each(add));
        self.targets.update(|targets| targets.iter_mut().for_each(|(_, users)| add(users)));
    }
}
