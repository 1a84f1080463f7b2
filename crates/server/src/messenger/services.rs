//! The domain layer by subject. Each service borrows the messenger.

use crate::messenger::{inner::Messenger, uploads::Uploads};

/// Rooms: open, enter, read as a whole, and change.
#[derive(Clone, Copy)]
pub struct Rooms<'m>(pub(super) &'m Messenger);

/// Messages: post and change them, read pages, move the read mark.
#[derive(Clone, Copy)]
pub struct Messages<'m>(pub(super) &'m Messenger);

/// Users as others see them, the main window, and the settings of users.
#[derive(Clone, Copy)]
pub struct People<'m>(pub(super) &'m Messenger);

/// Accounts: registration, passwords, sign-ins, sessions, import.
#[derive(Clone, Copy)]
pub struct Accounts<'m>(pub(super) &'m Messenger);

/// Search over the rooms of a user, and collections of their messages.
#[derive(Clone, Copy)]
pub struct Search<'m>(pub(super) &'m Messenger);

/// Files: who may read one, and the removal of bytes that no file names.
#[derive(Clone, Copy)]
pub struct Files<'m>(pub(super) &'m Messenger);

impl Messenger {
    pub fn files(&self) -> Files<'_> {
        Files(self)
    }

    pub fn uploads(&self) -> Uploads<'_> {
        Uploads(self)
    }

    pub fn rooms(&self) -> Rooms<'_> {
        Rooms(self)
    }

    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }

    pub fn people(&self) -> People<'_> {
        People(self)
    }

    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }

    pub fn search(&self) -> Search<'_> {
        Search(self)
    }
}
