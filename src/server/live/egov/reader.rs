//! How one client of the original's is told of people. Its pages take whoever has the reader's own name for the reader:
//! so the reader is told by it, and nobody else is.

use crate::{
    protocol::ids::UserId,
    server::{
        live::egov::escape,
        messenger::{Directory, Messenger},
        text,
    },
};

pub(super) struct Reader {
    pub(super) me: UserId,
    /// As it was when the connection began; the page keeps it as long.
    own: String,
}

impl Reader {
    pub(super) fn new(messenger: &Messenger, me: UserId) -> Self {
        let own = messenger.directory().account(me).map(|account| account.name.clone()).unwrap_or_default();
        Self { me, own }
    }

    /// A person's row in the list: there a name becomes an attribute and an id.
    pub(super) fn row(&self, directory: &Directory, user: UserId) -> Option<String> {
        let is_own = user == self.me && text::identifier(&self.own) == self.own && self.is_mine(directory);
        if is_own { Some(self.own.clone()) } else { directory.label(&self.own, user).map(str::to_owned) }
    }

    /// A person in a conversation: there a name is only text.
    pub(super) fn name(&self, directory: &Directory, user: UserId) -> String {
        let is_text = escape(&self.own) == self.own && !self.own.contains('\\');
        if user == self.me && is_text && self.is_mine(directory) {
            return self.own.clone();
        }
        directory.label(&self.own, user).unwrap_or_default().to_owned()
    }

    /// Whether the own name is nobody else's label.
    fn is_mine(&self, directory: &Directory) -> bool {
        directory.by_label(&self.own).is_none_or(|owner| owner == self.me)
    }
}
