//! The names of users for one legacy client. Its page treats a name that equals the user's own as the user, so no other
//! user is sent under that name.

use html_escape::encode_quoted_attribute;

use crate::{
    messenger::{Directory, Messenger},
    text,
};
use protocol::ids::UserId;

pub(super) struct LegacyNames {
    pub(super) me: UserId,
    /// The user's name when the connection began; the page does not update it.
    own_name: String,
}

impl LegacyNames {
    pub(super) fn new(messenger: &Messenger, me: UserId) -> Self {
        let own_name =
            messenger.people().directory().account(me).map(|account| account.name.clone()).unwrap_or_default();
        Self { me, own_name }
    }

    /// The name of a user in the list, where it becomes an HTML attribute and an id.
    pub(super) fn row(&self, directory: &Directory, user: UserId) -> Option<String> {
        let is_own = user == self.me && text::identifier(&self.own_name) == self.own_name && self.is_unique(directory);
        if is_own { Some(self.own_name.clone()) } else { directory.label(&self.own_name, user).map(str::to_owned) }
    }

    /// The name of a user in a room, where it is only text.
    pub(super) fn name(&self, directory: &Directory, user: UserId) -> String {
        let is_text = encode_quoted_attribute(&self.own_name) == self.own_name && !self.own_name.contains('\\');
        if user == self.me && is_text && self.is_unique(directory) {
            return self.own_name.clone();
        }
        directory.label(&self.own_name, user).unwrap_or_default().to_owned()
    }

    /// Whether no other user has the user's own name as a label.
    fn is_unique(&self, directory: &Directory) -> bool {
        directory.by_label(&self.own_name).is_none_or(|owner| owner == self.me)
    }
}
