//! What the windows know: plain data with `apply(event)`, without a browser. Tested natively.

pub mod address_book;
pub mod composing;
pub mod conversation;
pub mod excerpt;
pub mod keystrokes;
pub mod link;
pub mod lobby;
pub mod markup;
pub mod pending;
pub mod people;
pub mod timeline;
pub mod toast;
pub mod trail;
